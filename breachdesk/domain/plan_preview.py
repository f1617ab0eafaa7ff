"""A plan of reminders rehearsed: what it would ring on a Friday evening, and whom right now.

The Friday is the worst hour there is: the whole weekend lies inside the 72 hours. Everything
is asked of the same rules that the worker follows, so that nothing else can be promised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import authority_notification_due_at, instant_from_local
from breachdesk.domain.emission import OpenReminder, RunningClock, Step, Surroundings, step_of
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.domain.reminder_planning import PlannedReminder, plan_reminders
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel
from breachdesk.domain.standing_in import Duty

FRIDAY = 4
EVENING = time(18)
# So near its deadline a reminder waits for nothing.
URGENT = timedelta(hours=1)

Told = Mapping[int, tuple[Role, ...]]


@dataclass(frozen=True)
class Ring:
    """One reminder as it would go out.

    Args:
        planned_for: when the plan wanted it, and what goes out with it; held where earlier.
        told: who is told, by id, with the roles they are told for; nobody on the quiet channel.
    """

    at: datetime
    planned_for: tuple[datetime, ...]
    roles: tuple[Role, ...]
    channel: ReminderChannel
    told: Told

    @property
    def held(self) -> tuple[datetime, ...]:
        """When the plan wanted what quiet hours held until now."""
        return tuple(moment for moment in self.planned_for if moment < self.at)


@dataclass(frozen=True)
class PlanPreview:
    """What would ring for a breach known at `known_at` and due at `due_at`.

    Args:
        answered: where somebody says each time that they have read.
        unanswered: where nobody ever does, until the top of the line is told.
    """

    known_at: datetime
    due_at: datetime
    answered: tuple[Ring, ...]
    unanswered: tuple[Ring, ...]


def friday_evening(now: datetime, timezone: str) -> datetime:
    """The next Friday at 18:00 by the organisation's wall clock, in UTC."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    ahead = timedelta(days=(FRIDAY - today.weekday()) % 7)
    at = instant_from_local(datetime.combine(today + ahead, EVENING), timezone)
    if at > now:
        return at
    return instant_from_local(datetime.combine(today + ahead + timedelta(7), EVENING), timezone)


def preview(around: Surroundings, *, now: datetime) -> PlanPreview:
    """What the plan would do with a breach known on the coming Friday evening.

    With nobody away and nobody on duty: who is, is asked when something rings.
    """
    around = replace(around, duty=Duty())
    known_at = friday_evening(now, around.timezone)
    due_at = authority_notification_due_at(known_at)
    answered = tuple(_rings(around, known_at, due_at, is_answered=True))
    unanswered = []
    for ring in _rings(around, known_at, due_at, is_answered=False):
        unanswered.append(ring)
        if ring.roles == LINE:
            break
    return PlanPreview(known_at, due_at, answered, tuple(unanswered))


def _rings(
    around: Surroundings, known_at: datetime, due_at: datetime, *, is_answered: bool
) -> Iterator[Ring]:
    """Everything that rings until the deadline, in order of time."""
    wanted = plan_reminders(
        around.plan, regime=GDPR_ART_33, started_at=known_at, due_at=due_at, planned_at=known_at
    )
    waiting = {number: _opened(number, each) for number, each in enumerate(wanted)}
    while waiting:
        at = min(each.remind_at for each in waiting.values())
        if at > due_at:
            return
        clock = _clock(known_at, due_at, waiting, at)
        step = step_of(clock, around, now=at)
        for key, until in step.held.items():
            waiting[key] = replace(waiting[key], remind_at=until)
        if step.emission is not None:
            yield _ring(step, waiting, at)
            _follow(step, waiting, is_answered)


def _opened(number: int, planned: PlannedReminder) -> OpenReminder:
    return OpenReminder(number, planned, planned.planned_for)


def _clock(
    known_at: datetime, due_at: datetime | None, waiting: Mapping[int, OpenReminder], at: datetime
) -> RunningClock:
    """The clock as a tick at that instant reads it: what is due, and what is to go up."""

    def goes_up(each: OpenReminder) -> bool:
        return each.planned.cause is ReminderCause.ESCALATION

    in_order = sorted(waiting.values(), key=lambda each: (each.remind_at, each.id))
    seen = [each for each in in_order if each.remind_at <= at or goes_up(each)]
    has_more = any(each.remind_at > at and not goes_up(each) for each in in_order)
    return RunningClock(GDPR_ART_33, known_at, due_at, tuple(seen), has_more)


def _ring(step: Step, waiting: Mapping[int, OpenReminder], at: datetime) -> Ring:
    emission = step.emission
    assert emission is not None
    told = (emission.reminder.id, *emission.covers)
    moments = sorted(waiting[key].planned.planned_for for key in told)
    channel = emission.reminder.planned.channel
    return Ring(at, tuple(moments), emission.roles, channel, emission.told)


def _follow(step: Step, waiting: dict[int, OpenReminder], is_answered: bool) -> None:
    """Take away what rang; put in what follows from it."""
    assert step.emission is not None
    for key in (step.emission.reminder.id, *step.emission.covers, *step.called_off):
        del waiting[key]
    if step.raised is not None:
        key, roles = step.raised
        raised = replace(waiting[key].planned, roles=roles)
        waiting[key] = replace(waiting[key], planned=raised)
    for planned in step.following:
        if not is_answered or planned.cause is not ReminderCause.ESCALATION:
            number = max(waiting, default=0) + 1
            waiting[number] = _opened(number, planned)


# --- Right now -------------------------------------------------------------------------------


@dataclass(frozen=True)
class RightNow:
    """Who would be told at this instant.

    Args:
        urgent: whom an urgent reminder for the handler would go to.
        then: whom it would go up to, step by step, should nobody answer; who has been told
            already is left out, and a step that adds nobody too.
        quiet_until: until when what is not urgent would wait; None: it would go out.
    """

    urgent: Told
    then: tuple[Told, ...]
    quiet_until: datetime | None


def right_now(around: Surroundings, *, now: datetime) -> RightNow:
    """Whom a reminder would reach at this instant, absences and duty counted."""
    steps = [_told_now(around, LINE[: level + 1], now) for level in range(len(LINE))]
    told = set(steps[0])
    then = []
    for step in steps[1:]:
        added = {person: roles for person, roles in step.items() if person not in told}
        told |= set(added)
        if added:
            then.append(added)
    held = step_of(_one(LINE[:1], None, now), around, now=now).held
    return RightNow(steps[0], tuple(then), held.get(0))


def _told_now(around: Surroundings, roles: tuple[Role, ...], now: datetime) -> Told:
    emission = step_of(_one(roles, now + URGENT, now), around, now=now).emission
    return emission.told if emission else {}


def _one(roles: tuple[Role, ...], due_at: datetime | None, now: datetime) -> RunningClock:
    """A clock with one reminder, due now."""
    return _clock(now, due_at, {0: _opened(0, PlannedReminder(now, roles))}, now)
