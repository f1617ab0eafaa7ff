"""Absences with deputies and who is on duty: recorded, cancelled, and heard when it rings."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound
from breachdesk.domain.reminders import AcknowledgedVia
from breachdesk.models import Delivery, Reminder, User
from breachdesk.services import case_access, duty
from breachdesk.services.acknowledgements import acknowledge_case
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.standing_in import duties_of
from breachdesk.wording import FRENCH
from breachdesk.wording.addressees import addressee_label
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Role,
    Work,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)

NOW = MONDAY_NINE
TODAY = NOW.date()
DUE = NOW + timedelta(hours=72)
HOUR = timedelta(hours=1)


def _person(work: Work, role: Role) -> int:
    return seat(work, role).user.id


def _away(work: Work, role: Role, deputy: Role | None, *, by: Role | None = None, days=(0, 7)):
    return duty.record_absence(
        work.session,
        user_id=_person(work, role),
        deputy_id=_person(work, deputy) if deputy else None,
        starts_on=TODAY + timedelta(days=days[0]),
        ends_on=TODAY + timedelta(days=days[1]),
        by=seat(work, by or role),
        now=NOW,
    )


def _shift(work: Work, role: Role, starts_at, ends_at, *, by: Role = Role.DPO):
    return duty.add_shift(
        work.session,
        user_id=_person(work, role),
        starts_at=starts_at,
        ends_at=ends_at,
        by=seat(work, by),
        now=NOW,
    )


def _reminded(work: Work) -> set[str]:
    people = work.session.scalars(
        select(User.email).join(Delivery, Delivery.user_id == User.id).where(OF_REMINDERS)
    )
    return {email.split("@")[0] for email in people}


@pytest.fixture
def breach(work: Work) -> str:
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    return reference


# --- Heard when it rings -----------------------------------------------------------------------


def test_what_is_meant_for_somebody_away_goes_to_their_deputy(work, breach):
    _away(work, Role.HANDLER, Role.MANAGER)

    emit_due_reminders(work.session, now=DUE - 48 * HOUR)

    assert _reminded(work) == {"manager"}


def test_whoever_is_back_is_told_themselves(work, breach):
    _away(work, Role.HANDLER, Role.MANAGER, days=(0, 0))

    emit_due_reminders(work.session, now=DUE - 48 * HOUR)

    assert _reminded(work) == {"handler"}


def test_a_day_begins_where_the_organisation_is(work, breach):
    own = organisation(work)
    _away(work, Role.HANDLER, Role.DPO, days=(1, 1))
    away = {_person(work, Role.HANDLER): _person(work, Role.DPO)}
    # Half past eleven in the evening in London is half past midnight in Paris.
    late = NOW.replace(hour=23, minute=30)

    zones = {own.id: own.timezone}
    assert duties_of(work.session, zones, now=NOW)[own.id].away == {}
    assert duties_of(work.session, zones, now=late)[own.id].away == away


def test_the_ledger_keeps_for_whom_a_deputy_was_told_whatever_comes_after(work, breach):
    absence = _away(work, Role.HANDLER, Role.MANAGER)
    emit_due_reminders(work.session, now=DUE - 48 * HOUR)

    duty.cancel_absence(work.session, absence.id, by=seat(work, Role.HANDLER), now=NOW)

    ledger = read_ledger(work.session, incident(work, breach))
    said = {
        addressee_label(each.addressee, FRENCH)
        for line in ledger.past
        if line.cause != "start"
        for each in line.told
    }
    assert said == {"Manager GIR, remplace Handler GIR (gestionnaire)"}


def test_the_mail_of_a_start_says_who_stands_in_as_well(work):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))

    reference = open_case(work, now=NOW)

    start, *_ = read_ledger(work.session, incident(work, reference)).past
    assert {addressee_label(each.addressee, FRENCH) for each in start.told} == {
        "Handler GIR (gestionnaire)",
        "Decider GIR (décideur), en l’absence de délégué, de direction",
    }


def test_a_cancelled_absence_counts_no_more(work, breach):
    absence = _away(work, Role.HANDLER, Role.MANAGER)

    duty.cancel_absence(work.session, absence.id, by=seat(work, Role.HANDLER), now=NOW)

    emit_due_reminders(work.session, now=DUE - 48 * HOUR)
    assert _reminded(work) == {"handler"}


def test_a_new_report_is_told_to_the_deputy_as_well(work):
    make_organisation(work, now=NOW)
    _away(work, Role.HANDLER, Role.MANAGER)

    open_case(work, now=NOW, by=Role.REPORTER)

    mails = work.session.scalars(
        select(Delivery).where(Delivery.kind == MailKind.CLOCK_STARTED)
    ).all()
    told = {mail.user_id: mail.parameters["roles"] for mail in mails}
    assert told[_person(work, Role.MANAGER)] == ["handler", "manager"]
    assert _person(work, Role.DPO) in told


def test_at_night_whoever_is_on_duty_is_told_at_once_and_nobody_else(work):
    make_organisation(work, now=NOW)
    at_night = NOW + 15 * HOUR
    qualify(work, open_case(work, now=at_night), now=at_night)
    _shift(work, Role.MANAGER, NOW, NOW + timedelta(days=3))

    emit_due_reminders(work.session, now=at_night + 24 * HOUR)

    assert _reminded(work) == {"manager"}


def test_what_who_is_on_duty_leaves_unread_reaches_the_others_once_it_is_day(work):
    make_organisation(work, now=NOW)
    # A Friday at six in the evening in Paris.
    friday = NOW + timedelta(days=4, hours=8)
    qualify(work, open_case(work, now=friday), now=friday)
    _shift(work, Role.MANAGER, friday, friday + timedelta(days=3))

    emit_due_reminders(work.session, now=friday + 8 * HOUR)
    emit_due_reminders(work.session, now=friday + 12 * HOUR)
    assert _reminded(work) == {"manager"}

    # Saturday, ten in the morning.
    emit_due_reminders(work.session, now=friday + 16 * HOUR)
    assert {"manager", "handler", "dpo"} <= _reminded(work)


def test_once_read_the_weekend_holds_the_next_and_unread_it_does_not(work):
    make_organisation(work, now=NOW)
    friday = NOW + timedelta(days=4, hours=8)
    read, unread = (open_case(work, now=friday) for _ in range(2))
    for reference in (read, unread):
        qualify(work, reference, now=friday)
    saturday_nine = friday + 15 * HOUR
    emit_due_reminders(work.session, now=saturday_nine)
    acknowledge_case(
        work.session,
        incident(work, read),
        by=seat(work, Role.HANDLER).user,
        via=AcknowledgedVia.PAGE,
        now=saturday_nine,
    )

    # Planned for six in the evening.
    emit_due_reminders(work.session, now=friday + 24 * HOUR)

    rang = work.session.scalars(
        select(Reminder).where(Reminder.emitted_at == friday + 24 * HOUR)
    ).all()
    assert {each.incident.reference for each in rang} == {unread}


def test_a_shift_that_begins_in_the_night_ends_the_waiting(work):
    make_organisation(work, now=NOW)
    evening = NOW + 7 * HOUR
    qualify(work, open_case(work, now=evening), now=evening)
    begins = evening + 10 * HOUR
    _shift(work, Role.MANAGER, begins, begins + 8 * HOUR)

    emit_due_reminders(work.session, now=evening + 8 * HOUR)
    assert _reminded(work) == set()
    held = work.session.scalars(
        select(Reminder).where(Reminder.remind_at != Reminder.planned_for)
    ).one()
    assert held.remind_at == begins

    emit_due_reminders(work.session, now=begins)
    assert _reminded(work) == {"manager"}


def test_of_a_restricted_case_no_deputy_is_told_who_may_not_know_of_it(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    named = {_person(work, Role.HANDLER), _person(work, Role.DPO)}
    case_access.restrict_case(
        work.session,
        incident(work, reference),
        sorted(named),
        seen=[],
        reason="Un collègue est concerné par cette affaire.",
        by=seat(work, Role.DPO),
        now=NOW,
    )
    _away(work, Role.HANDLER, Role.MANAGER)

    emit_due_reminders(work.session, now=DUE - 48 * HOUR)

    assert _reminded(work) == {"dpo"}


# --- Recording ---------------------------------------------------------------------------------


def test_absences_and_shifts_are_listed_while_they_last_and_journaled(work, breach):
    own = organisation(work)
    absence = _away(work, Role.HANDLER, Role.DPO, by=Role.DPO)
    shift = _shift(work, Role.DPO, NOW, NOW + 12 * HOUR)

    assert list(duty.absences_ahead(work.session, own, now=NOW)) == [absence]
    assert list(duty.absences_ahead(work.session, own, now=NOW + timedelta(days=9))) == []
    assert list(duty.shifts_ahead(work.session, own, now=NOW)) == [shift]
    assert list(duty.shifts_ahead(work.session, own, now=NOW + 12 * HOUR)) == []
    duty.cancel_shift(work.session, shift.id, by=seat(work, Role.DPO), now=NOW)
    duty.cancel_absence(work.session, absence.id, by=seat(work, Role.DPO), now=NOW)
    duty.cancel_absence(work.session, absence.id, by=seat(work, Role.DPO), now=NOW)
    assert list(duty.absences_ahead(work.session, own, now=NOW)) == []
    assert list(duty.shifts_ahead(work.session, own, now=NOW)) == []
    lines = journal_of(work.session, own)
    assert [line.code for line in lines][-4:] == [
        "absence_recorded",
        "duty_shift_added",
        "duty_shift_cancelled",
        "absence_cancelled",
    ]
    assert first_broken_entry(lines) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_on": TODAY - timedelta(days=1)}, "absence_ends_before_start"),
        (
            {"starts_on": date(2026, 2, 1), "ends_on": TODAY - timedelta(days=1)},
            "absence_is_over",
        ),
        ({"ends_on": TODAY + timedelta(days=400)}, "absence_too_long"),
        ({"deputy": Role.HANDLER}, "deputy_is_absent_person"),
        ({"deputy": Role.REPORTER}, "cannot_stand_in"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(work, breach, change, code):
    asked = {"starts_on": TODAY, "ends_on": TODAY, "deputy": Role.DPO} | change
    deputy = _person(work, asked.pop("deputy"))

    with pytest.raises(InvalidInput, match=code):
        duty.record_absence(
            work.session,
            user_id=_person(work, Role.HANDLER),
            deputy_id=deputy,
            by=seat(work, Role.HANDLER),
            now=NOW,
            **asked,
        )


@pytest.mark.parametrize(
    ("role", "hours", "code"),
    [
        (Role.DPO, (2, 2), "shift_ends_before_start"),
        (Role.DPO, (-9, -1), "shift_is_over"),
        (Role.DPO, (0, 24 * 32), "shift_too_long"),
        (Role.REPORTER, (0, 8), "cannot_stand_in"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(work, breach, role, hours, code):
    with pytest.raises(InvalidInput, match=code):
        _shift(work, role, NOW + hours[0] * HOUR, NOW + hours[1] * HOUR)


def test_everybody_says_when_they_are_away_and_few_say_it_of_others(work, breach):
    _away(work, Role.REPORTER, None)

    with pytest.raises(NotAllowed):
        _away(work, Role.DPO, None, by=Role.HANDLER)
    with pytest.raises(NotAllowed):
        _shift(work, Role.HANDLER, NOW, NOW + HOUR, by=Role.HANDLER)


def test_another_organisation_s_absences_and_shifts_are_not_there(work, breach):
    absence = _away(work, Role.HANDLER, None)
    shift = _shift(work, Role.DPO, NOW, NOW + HOUR)
    make_organisation(work, code="AUT", now=NOW)
    other = seat(work, Role.DPO, "AUT")

    with pytest.raises(NotFound):
        duty.cancel_absence(work.session, absence.id, by=other, now=NOW)
    with pytest.raises(NotFound):
        duty.cancel_shift(work.session, shift.id, by=other, now=NOW)
    with pytest.raises(NotFound):
        duty.record_absence(
            work.session,
            user_id=_person(work, Role.HANDLER),
            deputy_id=None,
            starts_on=TODAY,
            ends_on=TODAY,
            by=other,
            now=NOW,
        )


def test_who_can_stand_in_are_those_who_can_say_that_they_have_read(work, breach):
    people = duty.people_who_can_stand_in(work.session, organisation(work))

    assert {user.email.split("@")[0] for user in people} == {
        "handler",
        "dpo",
        "decider",
        "manager",
    }
