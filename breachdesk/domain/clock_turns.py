"""Whether what a clock asks for comes before the next step of its case.

The desk steers the way to the authority and to the people; a complaint or an early warning
is done elsewhere, and somebody says so here. A page has one next step: the one due first.
"""

from breachdesk.domain.deadlines import ClockState, Deadline
from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.regimes import Said, regime_of

# What a step without a deadline of its own gives way to.
_PRESSING = frozenset({ClockState.SOON, ClockState.LATE, ClockState.OPEN_ENDED})


def task_before(step: NextStep, ahead: Deadline | None, main: Deadline | None) -> Said | None:
    """What is to be done before a step, as an order; None where the step comes first.

    A clock that runs beside the main one comes first where it ends earlier. Once the main
    one has stopped, the step has no deadline of its own: it gives way to a clock that ends
    within a day, or whose law gives no figure and so asks to act at once.

    Args:
        ahead: the clock of the case that is due next.
        main: its main clock.
    """
    regime = regime_of(ahead.regime) if ahead and ahead.stopped_at is None else None
    if ahead is None or regime is None or regime.task is None or step is NextStep.NOTHING:
        return None
    if step is NextStep.SETTLE_CLOCKS:
        return regime.task
    if main is not None and main.stopped_at is None and main.due_at is not None:
        is_first = ahead.due_at is not None and ahead.due_at < main.due_at
    else:
        is_first = ahead.state in _PRESSING
    return regime.task if is_first else None
