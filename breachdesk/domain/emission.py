"""What a tick makes of the reminders of one clock: told, held, followed by what.

Pure: the tick reads the rows of many clocks, asks for each of them, and writes down the
answers together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from breachdesk.domain.access import Role
from breachdesk.domain.escalation import escalation_after, reaching_somebody_new
from breachdesk.domain.quiet_hours import held_until
from breachdesk.domain.reminder_planning import PlannedReminder, in_line, reminders_ahead
from breachdesk.domain.reminder_plans import ReminderPlan
from breachdesk.domain.reminders import (
    ReminderCause,
    ReminderChannel,
    ReminderKind,
    kind_of_reminder,
)
from breachdesk.domain.standing_in import (
    Capacity,
    Duty,
    capacity_of,
    people_told,
    told_on_duty,
)

# Emitted later than this after it fell due, a reminder was missed, and the mail says so.
MISSED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OpenReminder:
    """A reminder of the ledger, neither emitted nor called off."""

    id: int
    planned: PlannedReminder
    remind_at: datetime


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs, with what is due of it and what is planned to go up, in time order.

    Args:
        has_more: whether anything of its plan lies ahead, beside what goes up.
        is_read: whether anybody has confirmed that they had read a reminder of its plan.
    """

    regime: str
    started_at: datetime
    due_at: datetime | None
    reminders: tuple[OpenReminder, ...]
    has_more: bool
    is_read: bool = False


@dataclass(frozen=True)
class Surroundings:
    """Where and among whom clocks run: one for all cases that the same people may know of.

    Args:
        holders: who holds each role, of those who may know.
    """

    plan: ReminderPlan
    timezone: str
    holders: Mapping[Role, list[int]]
    duty: Duty
    # What was worked out once for many clocks, or for one asked about twice.
    _told: dict[tuple[Role, ...], dict[int, tuple[Role, ...]]] = field(
        default_factory=dict, init=False, compare=False
    )
    _capacities: dict[tuple[int, tuple[Role, ...], bool], Capacity] = field(
        default_factory=dict, init=False, compare=False
    )
    _quiet: dict[datetime, bool] = field(default_factory=dict, init=False, compare=False)

    def is_quiet(self, now: datetime) -> bool:
        """Whether people are to be left alone."""
        found = self._quiet.get(now)
        if found is None:
            found = self._quiet[now] = self.plan.quiet.holds(now, self.timezone)
        return found

    def lets_unread_through(self, now: datetime) -> bool:
        """Whether what nobody has read of waits for nothing: by day, whatever the day."""
        return self.plan.quiet.unread_end_after(now, self.timezone) <= now

    def on_duty(self, roles: tuple[Role, ...], now: datetime) -> dict[int, tuple[Role, ...]]:
        """Who is on duty, in quiet hours; nobody outside of them."""
        return told_on_duty(roles, self.holders, self.duty) if self.is_quiet(now) else {}

    def on_duty_from(self) -> datetime | None:
        """When somebody who is not now may be there on duty; None: nobody will, as things are.

        When the next shift begins; and where those on duty cannot be told, being away or not
        allowed to know, when people come back or go away: a deputy may take their place.
        """
        duty = self.duty
        moments = [duty.next_shift_at, duty.absences_change_at if duty.on_duty else None]
        return min((moment for moment in moments if moment is not None), default=None)

    def told(self, roles: tuple[Role, ...]) -> dict[int, tuple[Role, ...]]:
        """Who is told what is for these roles, whatever the hour."""
        if roles not in self._told:
            self._told[roles] = people_told(roles, self.holders, self.duty.away)
        return self._told[roles]

    def capacities(
        self, told: Mapping[int, tuple[Role, ...]], now: datetime
    ) -> dict[int, Capacity]:
        """In what capacity each of those told is told at an instant."""
        is_quiet = self.is_quiet(now)
        return {person: self._capacity(person, roles, is_quiet) for person, roles in told.items()}

    def _capacity(self, person: int, roles: tuple[Role, ...], is_quiet: bool) -> Capacity:
        key = person, roles, is_quiet
        if key not in self._capacities:
            duty = self.duty if is_quiet else replace(self.duty, on_duty=())
            self._capacities[key] = capacity_of(person, roles, self.holders, duty)
        return self._capacities[key]


@dataclass(frozen=True, slots=True)
class Emission:
    """One reminder told to people now, for itself and for what fell due with it.

    Args:
        told: who is told, with the roles they are told for; nobody on the quiet channel.
        covers: the ids of what fell due with it, and is not told again.
        missed: the moments, of all of these, that an outage swallowed.
    """

    reminder: OpenReminder
    roles: tuple[Role, ...]
    told: Mapping[int, tuple[Role, ...]]
    covers: tuple[int, ...] = ()
    missed: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a clock's reminders in one tick.

    Args:
        emission: None where everything due is held.
        held: until when each is held, by id.
        following: what is planned because of the emission.
        raised: the escalation already planned that now stands for a later reminder, if any,
            with the roles it is for now.
        called_off: the ids of escalations that another in `following` comes before.
    """

    emission: Emission | None = None
    held: Mapping[int, datetime] = field(default_factory=dict)
    following: tuple[PlannedReminder, ...] = ()
    raised: tuple[int, tuple[Role, ...]] | None = None
    called_off: tuple[int, ...] = ()


def step_of(clock: RunningClock, around: Surroundings, *, now: datetime) -> Step:
    """Decide what is told, to whom, and what is planned next.

    Of several reminders due, one is told: the last of those that go out by mail, to everybody
    whom any of them is for. In quiet hours whoever is on duty is told: instead of the others,
    or beside them if it is urgent, or if it goes up by day: who is on duty did not answer.
    """
    due = [reminder for reminder in clock.reminders if reminder.remind_at <= now]
    if not due:
        return Step()
    by_mail = [each for each in due if each.planned.channel is ReminderChannel.MAIL]
    roles = due[0].planned.roles
    if len(due) > 1:
        roles = in_line(role for each in due for role in each.planned.roles)
    if not by_mail:
        # On the desk's own pages alone: it disturbs nobody, so it waits for nothing.
        emission = Emission(due[-1], roles, {}, covers=tuple(each.id for each in due[:-1]))
        return Step(emission, following=_next_of_plan(clock, around, now))
    on_duty = around.on_duty(roles, now)
    is_urgent = _is_urgent(clock, around, now)
    if around.is_quiet(now) and not is_urgent and not on_duty:
        until = _held_until(clock, around, now)
        if until > now:
            return Step(held={each.id: until for each in due})
    is_for_all = is_urgent or (_goes_up(due) and around.lets_unread_through(now))
    emission = Emission(
        by_mail[-1],
        roles,
        on_duty if on_duty and not is_for_all else {**on_duty, **around.told(roles)},
        covers=tuple(each.id for each in due if each is not by_mail[-1]),
        missed=tuple(
            each.planned.planned_for for each in by_mail if now - each.remind_at > MISSED_AFTER
        ),
    )
    return _followed(clock, around, emission, now)


def kind_for(clock: RunningClock, roles: tuple[Role, ...], *, now: datetime) -> ReminderKind:
    """What the mail says to a person told because of these roles."""
    return kind_of_reminder(clock.regime, roles, due_at=clock.due_at, at=now)


def _is_urgent(clock: RunningClock, around: Surroundings, now: datetime) -> bool:
    return clock.due_at is not None and now >= clock.due_at - around.plan.quiet_yields


def _goes_up(due: Iterable[OpenReminder]) -> bool:
    return any(each.planned.cause is ReminderCause.ESCALATION for each in due)


def _held_until(clock: RunningClock, around: Surroundings, now: datetime) -> datetime:
    return held_until(
        now,
        quiet=around.plan.quiet,
        timezone=around.timezone,
        due_at=clock.due_at,
        yields_before=around.plan.quiet_yields,
        on_duty_from=around.on_duty_from(),
        is_read=clock.is_read,
    )


def _followed(clock: RunningClock, around: Surroundings, emission: Emission, now: datetime) -> Step:
    """What is planned because a reminder was told: what comes next, and what goes up."""
    done = {emission.reminder.id, *emission.covers}
    following = _next_of_plan(clock, around, now)
    pending = next(
        (
            each
            for each in clock.reminders
            if each.planned.cause is ReminderCause.ESCALATION and each.id not in done
        ),
        None,
    )
    wanted = escalation_after(
        around.plan,
        emission.roles,
        due_at=clock.due_at,
        now=now,
        pending=pending.planned if pending else None,
    )
    wanted = reaching_somebody_new(wanted, emission.told, around.told)
    if pending is None:
        return Step(emission, following=(*following, wanted))
    if wanted.planned_for < pending.planned.planned_for:
        return Step(emission, following=(*following, wanted), called_off=(pending.id,))
    is_higher = wanted.roles != pending.planned.roles
    return Step(
        emission, following=following, raised=(pending.id, wanted.roles) if is_higher else None
    )


def _next_of_plan(
    clock: RunningClock, around: Surroundings, now: datetime
) -> tuple[PlannedReminder, ...]:
    """Where nothing of the plan is left ahead: the next of those that go on without end."""
    if clock.has_more:
        return ()
    return tuple(
        reminders_ahead(
            around.plan,
            regime=clock.regime,
            started_at=clock.started_at,
            due_at=clock.due_at,
            after=now,
        )
    )
