"""One clock at one tick: who is told, what waits, what goes up."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.emission import (
    Emission,
    OpenReminder,
    RunningClock,
    Step,
    Surroundings,
    step_of,
)
from breachdesk.domain.escalation import escalation_after, level_of, patience
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.domain.reminder_planning import PlannedReminder, plan_reminders
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, ReminderPlan
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel
from breachdesk.domain.standing_in import Away, Duty, Shift, duty_at, told_on_duty
from tests.domain.any_plan import NO_QUIET, any_plan

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HANDLER, DPO, DECIDER, MANAGER = LINE
ONE_OF_EACH = {HANDLER: [1], DPO: [2], DECIDER: [3], MANAGER: [4], Role.AUDITOR: [5]}
# A Friday at noon in Paris.
FRIDAY = datetime(2026, 3, 6, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
CALM = replace(DEFAULT_PLAN, quiet=NO_QUIET)


def around(plan: ReminderPlan = DEFAULT_PLAN, duty: Duty | None = None) -> Surroundings:
    return Surroundings(plan, "Europe/Paris", ONE_OF_EACH, duty or Duty())


def reminder(
    number: int,
    at: datetime,
    roles: tuple[Role, ...] = (HANDLER,),
    cause=ReminderCause.PLANNED,
    channel=ReminderChannel.MAIL,
) -> OpenReminder:
    return OpenReminder(number, PlannedReminder(at, roles, cause, channel), at)


def clock(
    *reminders: OpenReminder, due_at: datetime | None, has_more: bool = True, is_read: bool = False
):
    start = min(each.planned.planned_for for each in reminders)
    return RunningClock(GDPR_ART_33, start, due_at, reminders, has_more, is_read)


# --- Quiet hours and who is on duty ---------------------------------------------------------


def step_at_night(left: timedelta, duty: Duty | None = None) -> Step:
    due_at = NIGHT + left
    return step_of(clock(reminder(1, NIGHT), due_at=due_at), around(duty=duty), now=NIGHT)


def test_what_is_not_urgent_waits_for_the_morning():
    step = step_at_night(60 * HOUR)

    assert (step.emission, step.held) == (None, {1: MORNING})


def test_it_waits_no_longer_than_the_deadline_allows():
    assert step_at_night(26 * HOUR).held == {1: NIGHT + 2 * HOUR}


def test_near_the_deadline_nothing_waits():
    assert step_at_night(24 * HOUR).emission.told == {1: (HANDLER,)}


def test_whoever_is_on_duty_is_told_at_once_instead():
    assert step_at_night(60 * HOUR, Duty(on_duty=(4,))).emission.told == {4: (HANDLER,)}


def test_what_is_urgent_is_told_to_both():
    told = step_at_night(3 * HOUR, Duty(on_duty=(4,))).emission.told

    assert told == {4: (HANDLER,), 1: (HANDLER,)}


def test_by_day_who_is_on_duty_is_left_alone():
    step = step_of(
        clock(reminder(1, FRIDAY), due_at=FRIDAY + 60 * HOUR),
        around(duty=Duty(on_duty=(4,))),
        now=FRIDAY,
    )

    assert set(step.emission.told) == {1}


def test_it_waits_no_longer_than_until_somebody_comes_on_duty():
    step = step_at_night(60 * HOUR, Duty(next_shift_at=NIGHT + HOUR))

    assert step.held == {1: NIGHT + HOUR}


def test_somebody_on_duty_who_may_not_know_of_the_case_is_not_told_of_it():
    assert step_at_night(60 * HOUR, Duty(on_duty=(9,))).held == {1: MORNING}
    midnight = NIGHT + HOUR
    with_change = Duty(on_duty=(9,), absences_change_at=midnight)
    assert step_at_night(60 * HOUR, with_change).held == {1: midnight}


def test_a_clock_without_a_figure_waits_for_the_morning_too():
    step = step_of(clock(reminder(1, NIGHT), due_at=None), around(), now=NIGHT)

    assert step.held == {1: MORNING}


def test_what_is_only_shown_on_the_desk_waits_for_nothing_and_is_mailed_to_nobody():
    shown = reminder(1, NIGHT, channel=ReminderChannel.DESK)
    step = step_of(clock(shown, due_at=NIGHT + 60 * HOUR), around(), now=NIGHT)

    assert (step.emission.reminder, step.emission.told, step.following) == (shown, {}, ())


def test_once_late_no_night_is_quiet():
    step = step_of(clock(reminder(1, NIGHT, LINE), due_at=NIGHT - HOUR), around(), now=NIGHT)

    assert set(step.emission.told) == {1, 2, 3, 4}


# --- A weekend -------------------------------------------------------------------------------

# By the wall clock of Paris: noon, and nine on the Sunday.
SATURDAY = FRIDAY + 24 * HOUR
SUNDAY_NINE = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
MONDAY_SEVEN = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)


def on_a_weekend(
    at: datetime, duty: Duty | None = None, cause=ReminderCause.PLANNED, is_read: bool = False
) -> Step:
    running = clock(reminder(1, at, cause=cause), due_at=at + 200 * HOUR, is_read=is_read)
    return step_of(running, around(duty=duty), now=at)


def test_by_day_what_nobody_has_read_of_waits_for_no_weekend():
    assert on_a_weekend(SATURDAY).emission.told == {1: (HANDLER,)}


def test_at_night_it_waits_for_the_morning_of_the_sunday():
    assert on_a_weekend(SATURDAY + 11 * HOUR).held == {1: SUNDAY_NINE}


def test_once_somebody_has_read_of_it_it_waits_for_the_monday():
    assert on_a_weekend(SATURDAY, is_read=True).held == {1: MONDAY_SEVEN}


def test_what_goes_up_past_who_is_on_duty_reaches_the_others_by_day():
    step = on_a_weekend(SATURDAY, Duty(on_duty=(4,)), ReminderCause.ESCALATION)

    assert step.emission.told == {4: (HANDLER,), 1: (HANDLER,)}


def test_at_night_what_goes_up_is_told_to_who_is_on_duty_alone():
    step = on_a_weekend(SATURDAY + 11 * HOUR, Duty(on_duty=(4,)), ReminderCause.ESCALATION)

    assert step.emission.told == {4: (HANDLER,)}


# --- An outage -------------------------------------------------------------------------------


def test_after_an_outage_one_mail_stands_for_all_and_says_what_was_missed():
    due = [
        reminder(1, FRIDAY - 30 * HOUR),
        reminder(2, FRIDAY - 6 * HOUR, (DPO,)),
        reminder(3, FRIDAY, (MANAGER,), channel=ReminderChannel.DESK),
    ]

    emission = step_of(clock(*due, due_at=FRIDAY + HOUR), around(), now=FRIDAY).emission

    assert (emission.reminder.id, emission.covers) == (2, (1, 3))
    assert emission.missed == (FRIDAY - 30 * HOUR, FRIDAY - 6 * HOUR)
    assert emission.told == {1: (HANDLER,), 2: (DPO,), 4: (MANAGER,)}


@pytest.mark.parametrize(
    ("behind", "is_missed"),
    [(timedelta(0), False), (5 * MINUTE, False), (6 * MINUTE, True)],
)
def test_a_tick_or_two_is_no_outage(behind, is_missed):
    due = clock(reminder(1, FRIDAY - behind), due_at=FRIDAY + 30 * HOUR)

    assert bool(step_of(due, around(), now=FRIDAY).emission.missed) is is_missed


def test_what_quiet_hours_held_was_not_missed():
    held = replace(reminder(1, NIGHT), remind_at=MORNING)

    assert (
        step_of(clock(held, due_at=NIGHT + 60 * HOUR), around(), now=MORNING).emission.missed == ()
    )


# --- What goes up ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "waits"),
    [
        pytest.param(48 * HOUR, 4 * HOUR, id="far from the deadline"),
        pytest.param(24 * HOUR, HOUR, id="near"),
        pytest.param(-24 * HOUR, HOUR, id="just late"),
        pytest.param(-25 * HOUR, 4 * HOUR, id="late by more than a day"),
        pytest.param(None, 4 * HOUR, id="without a deadline"),
    ],
)
def test_how_long_a_reminder_may_stay_unread(left, waits):
    due_at = None if left is None else FRIDAY + left

    assert patience(DEFAULT_PLAN, due_at=due_at, now=FRIDAY) == waits


@pytest.mark.parametrize(
    ("told", "then"),
    [
        pytest.param((HANDLER,), (HANDLER, DPO), id="the DPO next"),
        pytest.param((HANDLER, DPO), (HANDLER, DPO, DECIDER), id="then who decides"),
        pytest.param((HANDLER, DPO, DECIDER), LINE, id="then the manager"),
        pytest.param(LINE, LINE, id="at the top it is repeated"),
        pytest.param((MANAGER,), LINE, id="whoever was told alone"),
    ],
)
def test_what_nobody_reads_goes_up_a_step(told, then):
    next_up = escalation_after(DEFAULT_PLAN, told, due_at=None, now=FRIDAY)

    assert (next_up.roles, next_up.cause) == (then, ReminderCause.ESCALATION)
    assert next_up.planned_for == FRIDAY + 4 * HOUR


def test_a_reminder_of_the_plan_neither_puts_off_nor_lowers_what_goes_up():
    pending = reminder(7, FRIDAY + HOUR, LINE, ReminderCause.ESCALATION)
    step = step_of(
        clock(reminder(1, FRIDAY), pending, due_at=FRIDAY + 60 * HOUR), around(), now=FRIDAY
    )

    assert (step.following, step.raised, step.called_off) == ((), None, ())


def test_a_reminder_to_more_people_raises_what_goes_up():
    pending = reminder(7, FRIDAY + HOUR, (HANDLER, DPO), ReminderCause.ESCALATION)
    step = step_of(
        clock(reminder(1, FRIDAY, (HANDLER, DPO)), pending, due_at=FRIDAY + 60 * HOUR),
        around(),
        now=FRIDAY,
    )

    assert step.raised == (7, (HANDLER, DPO, DECIDER))


def test_near_the_deadline_what_goes_up_is_brought_forward():
    pending = reminder(7, FRIDAY + 3 * HOUR, LINE, ReminderCause.ESCALATION)
    step = step_of(
        clock(reminder(1, FRIDAY), pending, due_at=FRIDAY + 20 * HOUR), around(), now=FRIDAY
    )

    assert step.called_off == (7,)
    assert [(each.planned_for, each.roles) for each in step.following] == [(FRIDAY + HOUR, LINE)]


@pytest.mark.parametrize(
    ("holders", "then"),
    [
        pytest.param(ONE_OF_EACH, (HANDLER, DPO), id="a step up is somebody else"),
        pytest.param(
            {HANDLER: [1], DPO: [1], DECIDER: [3]}, (HANDLER, DPO, DECIDER), id="one has two roles"
        ),
        pytest.param({HANDLER: [1], MANAGER: [4]}, (HANDLER, DPO), id="a role nobody holds"),
        pytest.param({HANDLER: [1]}, LINE, id="nobody else is there"),
    ],
)
def test_a_step_that_would_tell_the_same_people_again_is_passed_over(holders, then):
    place = Surroundings(DEFAULT_PLAN, "Europe/Paris", holders, Duty())

    step = step_of(clock(reminder(1, FRIDAY), due_at=FRIDAY + 60 * HOUR), place, now=FRIDAY)

    assert [each.roles for each in step.following] == [then]


# --- Whatever the plan, whoever is there -------------------------------------------------------


@dataclass
class Life:
    """A clock lived through tick by tick, answered by nobody."""

    plan: ReminderPlan
    duty: Duty
    due_at: datetime | None
    started_at: datetime
    # What was told because nobody had answered, by itself or within another; and when.
    gone_up: list[Emission] = field(default_factory=list)
    went_up_or_began: list[datetime] = field(default_factory=list)
    longest_hold: timedelta = timedelta(0)

    def run(self, ticks: int, outages: Iterator[timedelta]) -> list[tuple[datetime, Step]]:
        """Every step of it, in time order."""
        place = Surroundings(self.plan, "Europe/Paris", ONE_OF_EACH, self.duty)
        wanted = plan_reminders(
            self.plan,
            regime=GDPR_ART_33,
            started_at=self.started_at,
            due_at=self.due_at,
            planned_at=self.started_at,
        )
        waiting = {n: OpenReminder(n, each, each.planned_for) for n, each in enumerate(wanted)}
        lived = []
        for _ in range(ticks):
            now = min(each.remind_at for each in waiting.values()) + next(outages)
            seen = tuple(
                each
                for each in sorted(waiting.values(), key=lambda each: each.remind_at)
                if each.remind_at <= now or each.planned.cause is ReminderCause.ESCALATION
            )
            more = any(
                each.remind_at > now and each.planned.cause is not ReminderCause.ESCALATION
                for each in waiting.values()
            )
            running = RunningClock(GDPR_ART_33, self.started_at, self.due_at, seen, more)
            step = step_of(running, place, now=now)
            lived.append((now, step))
            for key, until in step.held.items():
                self.longest_hold = max(self.longest_hold, until - waiting[key].planned.planned_for)
                waiting[key] = replace(waiting[key], remind_at=until)
            if step.emission is not None:
                self._note(step.emission, waiting, now)
                gone = (step.emission.reminder.id, *step.emission.covers, *step.called_off)
                waiting = {key: each for key, each in waiting.items() if key not in gone}
                for each in step.following:
                    key = max(waiting, default=0) + 1_000
                    waiting[key] = OpenReminder(key, each, each.planned_for)
                if step.raised:
                    key, roles = step.raised
                    raised = replace(waiting[key].planned, roles=roles)
                    waiting[key] = replace(waiting[key], planned=raised)
            assert waiting, "A clock that runs always has something planned."
        return lived

    def _note(self, emission: Emission, waiting: dict[int, OpenReminder], now: datetime) -> None:
        done = [waiting[key].planned for key in (emission.reminder.id, *emission.covers)]
        is_by_mail = emission.reminder.planned.channel is ReminderChannel.MAIL
        if any(each.cause is ReminderCause.ESCALATION for each in done):
            self.gone_up.append(emission)
            self.went_up_or_began.append(now)
        elif is_by_mail and not self.went_up_or_began:
            self.went_up_or_began.append(now)


people = st.integers(1, 5)
duties = st.builds(
    Duty,
    away=st.dictionaries(people, st.none() | people),
    on_duty=st.lists(people, max_size=2).map(tuple),
)
lives = st.builds(
    Life,
    plan=any_plan(),
    duty=duties,
    due_at=st.none() | st.integers(1, 200).map(lambda hours: FRIDAY + hours * HOUR),
    started_at=st.just(FRIDAY),
)
delays = st.lists(
    st.sampled_from([timedelta(0), MINUTE, 7 * HOUR, 50 * HOUR]), min_size=40, max_size=40
)


@given(lives, delays)
def test_a_clock_that_nobody_answers_never_falls_silent(life, outages):
    lived = life.run(40, iter(outages))

    told = [step.emission for _, step in lived if step.emission]
    by_mail = [e for e in told if e.reminder.planned.channel is ReminderChannel.MAIL]
    # Whoever is away or on duty, every mail goes to somebody; and it goes up, to the top.
    assert all(emission.told for emission in by_mail)
    assert by_mail
    # The first thing that goes up is for the second step of the line, the third for the top.
    levels = [level_of(emission.roles) for emission in life.gone_up]
    assert levels == sorted(levels)
    assert all(level >= min(place, len(LINE) - 1) for place, level in enumerate(levels, start=1))
    # And nothing that comes between puts it off.
    waits = [after - before for before, after in pairwise(life.went_up_or_began)]
    longest = life.plan.escalate_after + max(outages)
    assert all(wait <= longest + life.longest_hold for wait in waits)


@given(lives, delays)
def test_nothing_is_held_past_where_quiet_hours_yield(life, outages):
    for now, step in life.run(40, iter(outages)):
        for until in step.held.values():
            assert until > now
            if life.due_at is not None:
                assert until <= life.due_at - life.plan.quiet_yields


@given(lives.filter(lambda life: life.due_at is not None))
def test_the_deadline_always_rings_by_mail_at_its_own_minute(life):
    lived = life.run(60, iter([timedelta(0)] * 60))

    past = [now for now, _ in lived if now >= life.due_at]
    if past:
        _, step = next(each for each in lived if each[0] == life.due_at)
        assert step.emission.told


@given(lives, delays)
def test_the_same_clock_gives_the_same_reminders(life, outages):
    assert life.run(20, iter(outages)) == life.run(20, iter(outages))


@given(lives, delays)
def test_of_what_is_due_at_once_one_is_told_and_the_rest_is_covered(life, outages):
    for now, step in life.run(40, iter(outages)):
        if step.emission is not None:
            assert step.emission.reminder.remind_at <= now
            assert step.emission.reminder.id not in step.emission.covers
            assert not step.held


def test_an_unread_reminder_climbs_the_line_and_stays_at_the_top():
    life = Life(CALM, Duty(), None, FRIDAY)

    told = [set(step.emission.told) for _, step in life.run(6, iter([timedelta(0)] * 6))]

    assert told[:3] == [{1, 2}, {1, 2, 3}, {1, 2, 3, 4}]
    assert told[3:] == [{1, 2, 3, 4}] * 3


def test_a_weekend_of_the_proposed_plan_without_anybody_on_duty():
    # Six in the evening: the first reminder is wanted at two in the night.
    evening = FRIDAY + 6 * HOUR
    life = Life(DEFAULT_PLAN, Duty(), evening + 72 * HOUR, evening)

    lived = life.run(8, iter([timedelta(0)] * 8))

    saturday_nine = SUNDAY_NINE - 24 * HOUR
    assert lived[0][1].held == {0: saturday_nine}
    assert [now for now, step in lived if step.emission][:3] == [
        saturday_nine,
        saturday_nine + 4 * HOUR,
        saturday_nine + 8 * HOUR,
    ]


def test_a_night_that_never_ends_still_yields():
    always = QuietHours(time(0), time(23, 59), weekends=True)
    life = Life(replace(DEFAULT_PLAN, quiet=always), Duty(), FRIDAY + 72 * HOUR, FRIDAY)

    rang = [now for now, step in life.run(12, iter([timedelta(0)] * 12)) if step.emission]

    assert rang[0] <= FRIDAY + 48 * HOUR


# --- Whoever comes on duty, or back ------------------------------------------------------------

# Few people, so that who is on duty is often away.
_few = st.sampled_from([1, 1, 2, 6])
_shifts = st.lists(
    st.builds(
        lambda person, start, length: Shift(
            person, FRIDAY + start * HOUR, FRIDAY + (start + length) * HOUR
        ),
        _few,
        st.integers(-40, 120),
        st.integers(1, 90),
    ),
    min_size=1,
    max_size=3,
).map(lambda shifts: sorted(shifts, key=lambda shift: shift.starts_at))
_absences = st.lists(
    st.builds(
        lambda person, deputy, first, days: Away(
            person,
            deputy,
            FRIDAY.date() + timedelta(days=first),
            FRIDAY.date() + timedelta(days=first + days),
        ),
        _few,
        st.none() | _few,
        st.integers(-2, 6),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300)
# On duty from the Friday on, and back from an absence at midnight: the quiet lasts until Monday.
@example(
    DEFAULT_PLAN,
    [Shift(1, FRIDAY, FRIDAY + 80 * HOUR)],
    [Away(1, None, FRIDAY.date(), FRIDAY.date())],
    10,
    None,
    True,
    "Europe/Paris",
)
@given(
    any_plan() | st.just(DEFAULT_PLAN),
    _shifts,
    _absences,
    st.integers(0, 96),
    st.none() | st.integers(1, 200),
    st.booleans(),
    st.sampled_from(["Europe/Paris", "America/Montreal", "Indian/Reunion"]),
)
def test_nothing_is_held_past_the_moment_at_which_somebody_on_duty_could_be_told(
    plan, shifts, absences, later, due_in, is_read, timezone
):
    now = FRIDAY + later * HOUR
    due_at = None if due_in is None else now + due_in * HOUR
    place = Surroundings(plan, timezone, ONE_OF_EACH, duty_at(shifts, absences, timezone, now))

    step = step_of(clock(reminder(1, now), due_at=due_at, is_read=is_read), place, now=now)

    for until in step.held.values():
        assert until > now
        moment = now
        while moment < until:
            there = duty_at(shifts, absences, timezone, moment)
            assert not told_on_duty((HANDLER,), ONE_OF_EACH, there), moment
            moment += HOUR / 2
