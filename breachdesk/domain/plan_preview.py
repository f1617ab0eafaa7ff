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
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminder_planning import PlannedReminder, plan_reminders
from breachdesk.domain.reminder_plans import MOST_NOTICES, PlannedNotice, ReminderPlan
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel
from breachdesk.domain.standing_in import Duty

FRIDAY = 4
EVENING = time(18)
# So near its deadline a reminder waits for nothing.
URGENT = timedelta(hours=1)
# A plan whose first mail comes later than this after the start leaves a day of the 72 hours
# unheard: our own measure, no law says it.
FIRST_WITHIN = timedelta(hours=24)
HOUR = timedelta(hours=1)
HOURS_OF_A_WEEK = 7 * 24
# What to add to a plan that begins too late: tried in turn, before the deadline.
FIRST_NOTICES = (timedelta(hours=64), timedelta(hours=68), timedelta(hours=72))
# The lists of a plan, each with a regime that follows it.
REGIMES: Mapping[str, str] = {"notices": GDPR_ART_33, "chase": PROVISIONAL}

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

    @property
    def first_mail(self) -> Ring:
        """The first that goes out by mail: the deadline itself always does."""
        return next(ring for ring in self.answered if ring.channel is ReminderChannel.MAIL)


@dataclass(frozen=True)
class LateFirst:
    """A list of a plan that first rings too long after a start, at the worst of starts.

    Args:
        name: of the list, a field of `ReminderPlan`.
        known_at, rings_at: the worst start of the week, and the first mail after it.
        mend: a reminder this long before the deadline, added, is heard in time; None: quiet
            hours would hold that as well.
    """

    name: str
    known_at: datetime
    rings_at: datetime
    mend: timedelta | None


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
    answered = tuple(rings_of(around, GDPR_ART_33, known_at, due_at, is_answered=True))
    unanswered = []
    for ring in rings_of(around, GDPR_ART_33, known_at, due_at, is_answered=False):
        unanswered.append(ring)
        if ring.roles == LINE:
            break
    return PlanPreview(known_at, due_at, answered, tuple(unanswered))


def late_firsts(around: Surroundings, *, now: datetime) -> list[LateFirst]:
    """Which lists of the plan first ring by mail later than `FIRST_WITHIN` after a start.

    Tried for a start at every hour of the week from the coming Friday on, nobody on duty.
    """
    around = replace(around, duty=Duty())
    friday = friday_evening(now, around.timezone)
    return [late for name in REGIMES if (late := _late_first(around, name, friday))]


def _late_first(around: Surroundings, name: str, friday: datetime) -> LateFirst | None:
    known_at, rings_at = _latest_first(around, name, friday)
    if rings_at - known_at <= FIRST_WITHIN:
        return None
    for before in FIRST_NOTICES:
        notice = PlannedNotice(before, LINE[:1])
        notices = (notice, *_others(around.plan, name, before))
        mended: ReminderPlan = replace(around.plan, **{name: notices})  # type: ignore[arg-type]
        start, first = _latest_first(replace(around, plan=mended), name, friday)
        if first - start <= FIRST_WITHIN:
            return LateFirst(name, known_at, rings_at, before)
    return LateFirst(name, known_at, rings_at, None)


def _others(plan: ReminderPlan, name: str, before: timedelta) -> list[PlannedNotice]:
    notices = [notice for notice in getattr(plan, name) if notice.before != before]
    return notices[: MOST_NOTICES - 1]


def _latest_first(around: Surroundings, name: str, friday: datetime) -> tuple[datetime, datetime]:
    """The start after which the first mail comes last, and when it comes."""
    starts = (friday + hours * HOUR for hours in range(HOURS_OF_A_WEEK))
    firsts = ((start, first_mail_at(around, REGIMES[name], start)) for start in starts)
    return max(firsts, key=lambda each: each[1] - each[0])


def first_mail_at(around: Surroundings, regime: str, known_at: datetime) -> datetime:
    """When the first mail of a plan goes out, of 72 hours that start at an instant."""
    due_at = authority_notification_due_at(known_at)
    wanted = plan_reminders(
        around.plan, regime=regime, started_at=known_at, due_at=due_at, planned_at=known_at
    )
    # The deadline itself always rings, by mail.
    first = next(each for each in wanted if each.channel is ReminderChannel.MAIL)
    at = first.planned_for
    held = step_of(_clock(known_at, due_at, {0: _opened(0, first)}, at), around, now=at).held
    return held.get(0, at)


def rings_of(
    around: Surroundings, regime: str, known_at: datetime, due_at: datetime, *, is_answered: bool
) -> Iterator[Ring]:
    """Everything that rings of a clock of 72 hours until the deadline, in order of time."""
    wanted = plan_reminders(
        around.plan, regime=regime, started_at=known_at, due_at=due_at, planned_at=known_at
    )
    waiting = {number: _opened(number, each) for number, each in enumerate(wanted)}
    is_read = False
    while waiting:
        at = min(each.remind_at for each in waiting.values())
        if at > due_at:
            return
        clock = _clock(known_at, due_at, waiting, at, is_read=is_read)
        step = step_of(clock, around, now=at)
        for key, until in step.held.items():
            waiting[key] = replace(waiting[key], remind_at=until)
        if step.emission is not None:
            yield _ring(step, waiting, at)
            _follow(step, waiting, is_answered)
            is_read = is_answered


def _opened(number: int, planned: PlannedReminder) -> OpenReminder:
    return OpenReminder(number, planned, planned.planned_for)


def _clock(
    known_at: datetime,
    due_at: datetime | None,
    waiting: Mapping[int, OpenReminder],
    at: datetime,
    *,
    is_read: bool = False,
) -> RunningClock:
    """The clock as a tick at that instant reads it: what is due, and what is to go up."""

    def goes_up(each: OpenReminder) -> bool:
        return each.planned.cause is ReminderCause.ESCALATION

    in_order = sorted(waiting.values(), key=lambda each: (each.remind_at, each.id))
    seen = [each for each in in_order if each.remind_at <= at or goes_up(each)]
    has_more = any(each.remind_at > at and not goes_up(each) for each in in_order)
    return RunningClock(GDPR_ART_33, known_at, due_at, tuple(seen), has_more, is_read)


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
        calm: whom one that is not urgent would go to; nobody where it would wait.
        quiet_until: until when what is not urgent would wait, of a clock of which somebody has
            read a reminder; None: it would go out.
        unread_until: the same of a clock of which nobody has.
    """

    urgent: Told
    then: tuple[Told, ...]
    calm: Told
    quiet_until: datetime | None
    unread_until: datetime | None = None


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
    unread = _one(LINE[:1], None, now)
    calm = step_of(replace(unread, is_read=True), around, now=now)
    calmly = calm.emission.told if calm.emission else {}
    unread_until = step_of(unread, around, now=now).held.get(0)
    return RightNow(steps[0], tuple(then), calmly, calm.held.get(0), unread_until)


def _told_now(around: Surroundings, roles: tuple[Role, ...], now: datetime) -> Told:
    emission = step_of(_one(roles, now + URGENT, now), around, now=now).emission
    return emission.told if emission else {}


def _one(roles: tuple[Role, ...], due_at: datetime | None, now: datetime) -> RunningClock:
    """A clock with one reminder, due now."""
    return _clock(now, due_at, {0: _opened(0, PlannedReminder(now, roles))}, now)
