"""What is due first is the next step, be it done in the desk or outside it."""

from datetime import datetime, timedelta

import pytest

from breachdesk.domain.clock_turns import task_before
from breachdesk.domain.deadlines import Deadline, StopReason
from breachdesk.domain.lifecycle import NextStep

NOW = datetime.fromisoformat("2026-03-02T09:00+00:00")


def runs(regime: str, hours: float | None) -> Deadline:
    """A clock with so many hours left; None: without a figure."""
    due_at = None if hours is None else NOW + timedelta(hours=hours)
    return Deadline(regime, NOW - timedelta(hours=10), due_at, NOW)


def stopped(regime: str) -> Deadline:
    return Deadline(
        regime, NOW - timedelta(hours=10), NOW + timedelta(hours=62), NOW, NOW, StopReason.FILED
    )


MAIN = runs("gdpr_art_33", 62)
WARNING = "nis2_early_warning"


@pytest.mark.parametrize(
    ("step", "ahead", "main", "comes_first"),
    [
        pytest.param(NextStep.ASSESS, runs(WARNING, 14), MAIN, True, id="due before the CNIL's"),
        pytest.param(NextStep.ASSESS, runs(WARNING, -1), MAIN, True, id="late already"),
        pytest.param(NextStep.ASSESS, runs(WARNING, 62), MAIN, False, id="due with the CNIL's"),
        pytest.param(NextStep.QUALIFY, runs(WARNING, 14), runs("provisional", 62), True, id="new"),
        pytest.param(NextStep.ASSESS, MAIN, MAIN, False, id="the CNIL's own"),
        pytest.param(
            NextStep.ASSESS, runs("telecom_611", 2), MAIN, False, id="answered by a filing here"
        ),
        pytest.param(
            NextStep.DRAFT_NOTICE,
            runs("nis2_final_report", 600),
            stopped("gdpr_art_33"),
            False,
            id="in weeks, when people wait to be told",
        ),
        pytest.param(
            NextStep.DRAFT_NOTICE, runs(WARNING, 3), stopped("gdpr_art_33"), True, id="today"
        ),
        pytest.param(
            NextStep.ASSESS,
            runs("gdpr_art_33_2", None),
            stopped("provisional"),
            True,
            id="no figure: at once",
        ),
        pytest.param(
            NextStep.SETTLE_CLOCKS,
            runs("nis2_final_report", 600),
            stopped("gdpr_art_33"),
            True,
            id="nothing else is left",
        ),
        pytest.param(NextStep.NOTHING, runs(WARNING, 3), None, False, id="closed"),
        pytest.param(NextStep.CLOSE, stopped(WARNING), None, False, id="done"),
        pytest.param(NextStep.CLOSE, None, None, False, id="no clock"),
        pytest.param(NextStep.ASSESS, runs("gone", 3), MAIN, False, id="its file is gone"),
    ],
)
def test_what_is_due_first_is_the_next_step(step, ahead, main, comes_first):
    assert (task_before(step, ahead, main) is not None) is comes_first
