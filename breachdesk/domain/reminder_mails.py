"""What a mail about a clock tells, as codes and instants: nothing that anybody wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.regimes import GDPR_ART_33, Regime, StopEvent, regime_of
from breachdesk.domain.reminders import ReminderChannel

# Mails that a reminder of a clock, or its start, has caused.
CLOCK_MAILS = frozenset(
    {
        MailKind.CHASE,
        MailKind.REMINDER,
        MailKind.ESCALATION,
        MailKind.LATE,
        MailKind.CLOCK_STARTED,
        MailKind.CLOCKS_CALLED_OFF,
    }
)
# Those of them that carry a calendar.
WITH_CALENDAR = frozenset({MailKind.CLOCK_STARTED, MailKind.CLOCKS_CALLED_OFF})
# A mail is read on a telephone: a longer list is on the pages of the case.
MOST_MISSING = 5
# A link that nobody needed in this time confirms nothing that matters.
ACKNOWLEDGE_WITHIN = timedelta(days=14)

# What a notification must say at least, in the order of GDPR Art. 33(3): the nature of the
# breach, whose data and how many, the likely consequences, the measures.
NOTIFICATION_FACTS = (
    "breach_types",
    "cause",
    "occurred_from",
    "data",
    "data_subjects",
    "n_subjects",
    "n_records",
    "harms",
    "gravity",
    "measures_taken",
)
# Clocks that end with a filing, or with saying whether there is one to make: what is not
# known of the incident holds these up. A complaint to the police does not wait for it.
_ENDS_BY_WHAT_IS_KNOWN = frozenset(
    {StopEvent.QUALIFIED, StopEvent.FILED, StopEvent.FOLLOW_UP_FILED}
)
_KNOWN = frozenset({FactState.KNOWN, FactState.ESTIMATED, FactState.NOT_APPLICABLE})


@dataclass(frozen=True)
class PlannedTelling:
    """One reminder of a plan: when, to the holders of which roles, by which way.

    Args:
        at: when it rings by what is known now.
        is_held: quiet hours hold it until then.
    """

    at: datetime
    roles: tuple[str, ...]
    channel: ReminderChannel = ReminderChannel.MAIL
    is_held: bool = False


@dataclass(frozen=True)
class ClockTold:
    """A clock as a mail about it needs it.

    Args:
        link: the page of the case, behind the sign-in.
        regime: a code; its file may be gone.
        due_at: None where the regime gives no figure.
        missing: keys of facts that are not known yet.
        roles: codes: as what the reader is told; empty where that was not kept.
        stands_in: some of these roles are not the reader's own.
        unread: when the reminder was sent that nobody said to have read.
        missed: when reminders of it were planned that an outage swallowed.
        acknowledge_link: opens the page that confirms; empty: there is nothing to confirm.
        plan: of a clock that has just started, what will be sent.
        is_correction: it counts in the place of one whose start was wrong.
        notify_link: the page of the notification, behind the sign-in.
        others: clocks of the same case that the same mail tells of.
        takes_over: the other regime in whose place it counts, such as the provisional one.
        called_off: clocks that have stopped, by regime, each with why.
    """

    reference: str
    organisation: str
    timezone: str
    link: str
    regime: str
    started_at: datetime | None = None
    due_at: datetime | None = None
    next_step: NextStep = NextStep.NOTHING
    missing: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    stands_in: bool = False
    unread: datetime | None = None
    missed: tuple[datetime, ...] = ()
    acknowledge_link: str = ""
    acknowledge_until: datetime | None = None
    plan: tuple[PlannedTelling, ...] = ()
    is_correction: bool = False
    takes_over: str = ""
    notify_link: str = ""
    others: tuple["ClockTold", ...] = ()
    called_off: tuple[tuple[str, StopReason], ...] = ()

    @property
    def is_to_decide(self) -> bool:
        """Whether it is open yet that the authority is notified at all (Art. 33(1))."""
        return self.regime == GDPR_ART_33 and self.next_step is not NextStep.NOTIFY_AUTHORITY

    @property
    def every_missed(self) -> tuple[datetime, ...]:
        """What an outage swallowed of it, and of the others that the mail tells of, in order."""
        return tuple(sorted(each for told in (self, *self.others) for each in told.missed))

    @property
    def rules(self) -> Regime | None:
        """The regime, unless its file is gone."""
        return regime_of(self.regime)


def told_together(plan: Iterable[PlannedTelling]) -> tuple[PlannedTelling, ...]:
    """A plan as it rings, in order: what quiet hours hold until one moment is told once, to all."""
    found: dict[tuple[datetime, ReminderChannel], PlannedTelling] = {}
    for each in plan:
        key = each.at, each.channel
        before = found.get(key)
        if before is not None:
            roles = tuple(dict.fromkeys((*before.roles, *each.roles)))
            each = replace(before, roles=roles, is_held=before.is_held or each.is_held)
        found[key] = each
    return tuple(found.values())


def clocks_told(parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """The ids of the clocks that a mail tells of, by what its delivery keeps."""
    first = parameters.get("clock_id")
    others = [each["clock_id"] for each in parameters.get("also", ())]
    return (*([] if first is None else [first]), *others, *parameters.get("clock_ids", ()))


def reminders_told(parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """The ids of the reminders that a mail tells beside its own."""
    return tuple(each["reminder_id"] for each in parameters.get("also", ()))


def missed_of(parameters: Mapping[str, Any], clock_id: int | None) -> tuple[datetime, ...]:
    """When reminders of a clock were planned that an outage swallowed, in order.

    Of all clocks that the mail tells of, for the first one, where it was queued by a desk that
    kept them together.
    """
    others = {each["clock_id"]: each for each in parameters.get("also", ())}
    kept = others.get(clock_id, parameters)
    return tuple(sorted(datetime.fromisoformat(each) for each in kept.get("missed", ())))


def most_urgent_first(told: ClockTold) -> tuple[bool, datetime | None, str, str]:
    """Sorts clocks: what is due soonest, or late the longest, before what has no figure."""
    # Where one has no figure, the first part already tells it from all that have.
    return told.due_at is None, told.due_at, told.reference, told.regime


def still_missing(
    regime: Regime | None,
    answers: Mapping[str, Answer],
    open_questions: Iterable[str] = (),
    *,
    most: int = MOST_MISSING,
) -> tuple[str, ...]:
    """The facts not known yet that hold a clock up, what could change a duty first.

    None for a clock that ends by an act of its own, such as a complaint.

    Args:
        answers: what is known of the incident.
        open_questions: the facts that the latest assessment asks for, gravest first.
    """
    if regime is None or regime.stops_with not in _ENDS_BY_WHAT_IS_KNOWN:
        return ()
    wanted = dict.fromkeys((*open_questions, *NOTIFICATION_FACTS))
    missing = [key for key in wanted if key not in answers or answers[key].state not in _KNOWN]
    return tuple(missing[:most])
