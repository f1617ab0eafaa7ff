"""What quiet hours hold is looked at again when who can be told changes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.models import Delivery, DutyShift, Reminder
from breachdesk.services import case_access, duty, held_reminders
from breachdesk.services.people import change_roles, readmit_person, remove_person
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Work,
    incident,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.services.desks import counting_statements, meeting_before

NOW = MONDAY_NINE
HOUR = timedelta(hours=1)
# Known at a quarter to two in the afternoon in Paris: the first reminder falls due at a quarter
# to ten in the evening, and is held until the morning.
KNOWN_AT = NOW + timedelta(hours=3, minutes=45)
RINGS_AT = KNOWN_AT + 8 * HOUR
TEN_PM = NOW + 12 * HOUR
MORNING = NOW + 21 * HOUR
TEAM = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER, Role.ADMIN, Role.AUDITOR)


def person(work: Work, role: Role) -> int:
    return seat(work, role).user.id


def on_duty(work: Work, role: Role, starts_at=TEN_PM, *, now=TEN_PM, hours: int = 10) -> DutyShift:
    return duty.add_shift(
        work.session,
        user_id=person(work, role),
        starts_at=starts_at,
        ends_at=starts_at + hours * HOUR,
        by=seat(work, Role.DPO),
        now=now,
    )


def away(work: Work, role: Role, deputy: Role | None = None, *, now=TEN_PM, days=(0, 3)):
    return duty.record_absence(
        work.session,
        user_id=person(work, role),
        deputy_id=person(work, deputy) if deputy else None,
        starts_on=NOW.date() + timedelta(days=days[0]),
        ends_on=NOW.date() + timedelta(days=days[1]),
        by=seat(work, Role.DPO),
        now=now,
    )


def held(work: Work) -> list[Reminder]:
    work.session.rollback()
    return list(
        work.session.scalars(
            select(Reminder).where(
                Reminder.remind_at != Reminder.planned_for,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        )
    )


def told(work: Work, now=TEN_PM) -> set[str]:
    emit_due_reminders(work.session, now=now)
    mails = work.session.scalars(select(Delivery).where(OF_REMINDERS)).all()
    assert all(mail.parameters["missed"] == [] for mail in mails)
    return {mail.user.email.split("@")[0] for mail in mails}


@pytest.fixture
def night(work: Work) -> str:
    """A case whose first reminder is held for the night, with nobody on duty."""
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=KNOWN_AT)
    qualify(work, reference, now=KNOWN_AT)
    emit_due_reminders(work.session, now=RINGS_AT)
    assert [each.remind_at for each in held(work)] == [MORNING]
    return reference


def test_who_is_called_to_duty_at_ten_in_the_evening_is_told_at_ten(work, night):
    assert told(work) == set()

    on_duty(work, Role.MANAGER)

    assert told(work) == {"manager"}
    (reminder,) = work.session.scalars(select(Reminder).where(Reminder.emitted_at == TEN_PM)).all()
    assert reminder.planned_for == RINGS_AT


def test_a_shift_that_begins_later_is_waited_for_and_one_cancelled_no_more(work, night):
    shift = on_duty(work, Role.MANAGER, TEN_PM + 3 * HOUR)
    assert told(work) == set()
    assert [each.remind_at for each in held(work)] == [TEN_PM + 3 * HOUR]

    duty.cancel_shift(work.session, shift.id, by=seat(work, Role.DPO), now=TEN_PM + HOUR)

    assert told(work, TEN_PM + HOUR) == set()
    assert [each.remind_at for each in held(work)] == [MORNING]


def test_who_is_on_duty_and_back_sooner_is_told_when_they_are(work, night):
    absence = away(work, Role.MANAGER)
    on_duty(work, Role.MANAGER)
    assert told(work) == set()

    duty.cancel_absence(work.session, absence.id, by=seat(work, Role.DPO), now=TEN_PM + HOUR)

    assert told(work, TEN_PM + HOUR) == {"manager"}


def test_who_is_on_duty_and_back_at_midnight_is_told_at_midnight(work, night):
    away(work, Role.MANAGER, days=(0, 0))
    on_duty(work, Role.MANAGER)
    assert told(work) == set()
    midnight = TEN_PM + 2 * HOUR
    assert [each.remind_at for each in held(work)] == [midnight]

    assert told(work, midnight) == {"manager"}


def test_a_deputy_named_for_who_is_on_duty_is_told_at_once(work, night):
    away(work, Role.MANAGER)
    on_duty(work, Role.MANAGER)
    assert told(work) == set()

    away(work, Role.MANAGER, Role.DECIDER)

    assert told(work) == {"decider"}


def test_who_is_on_duty_and_given_a_role_again_is_told(work, night):
    on_duty(work, Role.MANAGER, TEN_PM, now=RINGS_AT)
    user, admin = person(work, Role.MANAGER), seat(work, Role.ADMIN)
    change_roles(work.session, work.desk, user, [Role.AUDITOR], by=admin, now=RINGS_AT)
    assert told(work) == set()

    change_roles(work.session, work.desk, user, [Role.MANAGER], by=admin, now=TEN_PM + HOUR)

    assert told(work, TEN_PM + HOUR) == {"manager"}


def test_who_is_on_duty_and_let_in_again_is_told(work, night):
    on_duty(work, Role.MANAGER, TEN_PM, now=RINGS_AT)
    user, admin = person(work, Role.MANAGER), seat(work, Role.ADMIN)
    remove_person(work.session, work.desk, user, by=admin, now=RINGS_AT)
    assert told(work) == set()

    readmit_person(work.session, work.desk, user, [Role.MANAGER], by=admin, now=TEN_PM + HOUR)

    assert told(work, TEN_PM + HOUR) == {"manager"}


@pytest.mark.parametrize("way", ["named", "opened"])
def test_who_is_on_duty_is_told_of_a_case_once_they_may_know_of_it(work, night, way):
    dpo = seat(work, Role.DPO)
    case = incident(work, night)
    case_access.restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=RINGS_AT)
    on_duty(work, Role.MANAGER)
    assert told(work) == set()

    if way == "named":
        both = [dpo.user.id, person(work, Role.MANAGER)]
        case_access.restrict_case(
            work.session, case, both, seen=both[:1], by=dpo, now=TEN_PM + HOUR
        )
    else:
        why = "Le collègue a été entendu."
        case_access.open_case_to_all(work.session, case, reason=why, by=dpo, now=TEN_PM + HOUR)

    assert told(work, TEN_PM + HOUR) == {"manager"}


def test_elsewhere_and_ahead_nothing_moves(work, night):
    make_organisation(work, "FOL", now=NOW)
    there = open_case(work, now=KNOWN_AT, code="FOL")
    qualify(work, there, now=KNOWN_AT)
    emit_due_reminders(work.session, now=RINGS_AT)
    before = {
        each.id: each.remind_at
        for each in work.session.scalars(select(Reminder))
        if each.incident.reference == there or each.planned_for > TEN_PM
    }

    on_duty(work, Role.MANAGER)

    work.session.rollback()
    for key, moment in before.items():
        assert work.session.get(Reminder, key).remind_at == moment


def test_a_change_of_duty_costs_the_same_however_much_is_held(work, engine, night):
    counts = []
    for more in (0, 12):
        for _ in range(more):
            qualify(work, open_case(work, now=KNOWN_AT), now=KNOWN_AT)
        emit_due_reminders(work.session, now=RINGS_AT)
        assert len(held(work)) == 1 + more
        with counting_statements(engine) as asked:
            on_duty(work, Role.MANAGER, TEN_PM + 5 * HOUR, now=RINGS_AT)
        counts.append(len(asked))
        emit_due_reminders(work.session, now=RINGS_AT)

    assert counts[0] == counts[1] < 12


# On SQLite there is one writer at a time: whoever comes second reads what the first wrote.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("fragment", ["FROM duty_shift", "FOR UPDATE"])
def test_a_tick_at_the_same_instant_holds_nothing_past_it(work, at_once, engine, fragment):
    make_organisation(work, now=NOW, roles=TEAM)
    for _ in range(3):
        qualify(work, open_case(work, now=KNOWN_AT), now=KNOWN_AT)
    work.session.commit()

    with meeting_before(engine, fragment):
        results = at_once(
            lambda own: on_duty(own, Role.MANAGER, RINGS_AT - HOUR, now=RINGS_AT),
            lambda own: emit_due_reminders(own.session, now=RINGS_AT),
        )

    assert not [each for each in results if isinstance(each, Exception)]
    assert all(each.remind_at <= RINGS_AT for each in held(work))
    assert told(work, RINGS_AT) == {"manager"}
    assert held(work) == []


def test_what_is_looked_at_again_and_again_is_held_as_often_and_told_once(work, night):
    """A tick holds it, a change frees it, a tick holds it: no mail, and nothing stays due."""
    (first,) = held(work)
    first_id = first.id
    theirs = select(Delivery).where(Delivery.reminder_id == first_id)
    for number in range(5):
        now = TEN_PM + number * timedelta(seconds=10)
        held_reminders.look_again(work.session, incident(work, night), now=now)
        work.session.commit()
        assert emit_due_reminders(work.session, now=now) == 0
        assert [each.remind_at for each in held(work)] == [MORNING]
        assert work.session.scalars(theirs).all() == []

    emit_due_reminders(work.session, now=MORNING)

    deliveries = work.session.scalars(theirs).all()
    assert len({each.user_id for each in deliveries}) == len(deliveries) > 0
    assert all(each.parameters["missed"] == [] for each in deliveries)
