"""The mails about clocks as they leave: what they say of a case, and the calendar they carry."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.epoch import microseconds
from breachdesk.models import Assessment, Clock, Delivery, Reminder
from breachdesk.services.clock_calendars import calendar_clock
from breachdesk.services.clocks import start_clock
from breachdesk.services.letters import compose_letters
from breachdesk.services.mail_routes import read_routes
from breachdesk.wording import FRENCH
from breachdesk.wording.labels import fact_label
from tests.cases import (
    FACTS_OF_THE_SHOP,
    MONDAY_NINE,
    address_of,
    assess,
    file,
    incident,
    know,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.services.desks import counting_statements, let_work

NOW = MONDAY_NINE
TEAM = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)


@pytest.fixture
def breach(work):
    """A breach of GIR, qualified a moment ago; its first mails have left."""
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    know(work, reference, now=NOW, **FACTS_OF_THE_SHOP)
    qualify(work, reference, now=NOW)
    let_work(work, NOW)
    work.desk.mailer.letters.clear()
    return reference


def letters_to(work, role: Role) -> list:
    return [each for each in work.desk.mailer.letters if each.recipient_address == address_of(role)]


def uid_of(clock: Clock, row: str = "") -> str:
    """The name of an event: of a row, and of when its clock was recorded."""
    return f"{row or f'clock-{clock.id}'}-{microseconds(clock.created_at)}@desk.example"


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_reminder_says_what_is_missing_of_its_case(work, breach):
    let_work(work, NOW + timedelta(hours=24))

    (letter,) = letters_to(work, Role.HANDLER)
    said = plain(letter.text)
    assert "Prochaine étape du dossier : Évaluer le risque." in said
    assert "pas encore :\n– " in said
    assert "Nombre de personnes" not in said
    assert "Mesures" in said
    assert "sauvegarde" not in said


def test_what_the_assessment_asks_for_comes_first(work, breach):
    know(work, breach, now=NOW, n_subjects=None, exfiltration=None)
    assess(work, breach, now=NOW)
    assessed = work.session.scalars(select(Assessment)).one()
    asked = [question["fact"] for question in assessed.result["open_questions"]]

    let_work(work, NOW + timedelta(hours=24))

    (letter,) = letters_to(work, Role.HANDLER)
    said = plain(letter.text)
    assert "Prochaine étape du dossier : Rendre l’avis." in said
    assert asked
    assert f"pas encore :\n– {plain(fact_label(asked[0], FRENCH))}\n" in said


def test_a_reminder_carries_a_link_that_the_desk_can_read(work, breach):
    let_work(work, NOW + timedelta(hours=24))

    (letter,) = letters_to(work, Role.HANDLER)
    token = re.search(r"https://desk\.example/acknowledge/(\S+)", letter.text)[1]
    delivery = work.session.get(Delivery, work.desk.links.read(token, now=NOW).delivery_id)
    assert delivery.user.email == address_of(Role.HANDLER)
    assert delivery.kind is MailKind.REMINDER
    assert letter.attachments == ()


def test_a_mail_sent_again_is_the_same_to_the_last_word(work, breach):
    let_work(work, NOW + timedelta(hours=24))
    deliveries = [
        delivery
        for delivery in work.session.scalars(select(Delivery))
        if delivery.reminder_id is not None
    ]

    first, again = (
        compose_letters(
            work.session,
            work.desk,
            deliveries,
            routes=read_routes(work.session, work.desk),
            now=NOW + timedelta(hours=25),
        )
        for _ in range(2)
    )

    assert first == again


def test_what_nobody_read_is_handed_on_by_name_of_its_moment(work, breach):
    let_work(work, NOW + timedelta(hours=24))
    later = NOW + timedelta(hours=30)
    let_work(work, later)

    letters = letters_to(work, Role.DPO)
    assert letters, "nobody was told further up"
    assert "Personne n’a confirmé la lecture du rappel envoyé le mardi 3 mars 2026 à 10 h 00" in (
        plain(letters[0].text)
    )


def test_an_outage_is_told_once(work, breach):
    let_work(work, NOW + timedelta(hours=65))

    (letter,) = letters_to(work, Role.HANDLER)
    assert "n’ont pas pu partir, faute de service" in plain(letter.text)


# --- The calendar of a start -----------------------------------------------------------------


def started(work) -> list:
    return [each for each in work.desk.mailer.letters if each.attachments]


def test_when_a_clock_starts_everybody_of_its_plan_is_sent_the_whole_of_it(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    let_work(work, NOW)

    told = {
        letter.recipient_address: letter
        for letter in started(work)
        if "Notification à la CNIL" in letter.subject
    }
    assert set(told) == {address_of(role) for role in TEAM}
    letter = told[address_of(Role.HANDLER)]
    assert "acknowledge" not in letter.text
    (file_,) = letter.attachments
    assert file_.name == f"{reference}.ics"
    calendar = Calendar.from_ical(file_.content)
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    deadline = events[uid_of(clock)]
    assert deadline["dtstart"].dt == clock.due_at == NOW + timedelta(hours=72)
    planned = work.session.scalars(
        select(Reminder).where(Reminder.clock_id == clock.id, Reminder.remind_at < clock.due_at)
    ).all()
    assert planned
    for reminder in planned:
        assert events[uid_of(clock, f"reminder-{reminder.id}")]["dtstart"].dt == reminder.remind_at
    running = [each for each in events.values() if each.get("status") != "CANCELLED"]
    assert len(planned) + 1 == len(running)
    for reminder in planned:
        local = f"{reminder.remind_at.hour + 1} h {reminder.remind_at:%M}"
        assert local in plain(letter.text)


def test_a_corrected_start_calls_off_what_the_former_calendar_said(work, breach):
    case = incident(work, breach)
    old = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    handler = seat(work, Role.HANDLER).user
    new = start_clock(
        work.session,
        case,
        old.regime,
        started_at=NOW - timedelta(hours=2),
        by=handler,
        now=NOW,
        replaces=old,
    )
    work.session.commit()
    let_work(work, NOW)

    letter = next(each for each in started(work) if each.recipient_address == handler.email)
    events = {
        str(event["uid"]): event
        for event in Calendar.from_ical(letter.attachments[0].content).walk("VEVENT")
    }
    assert "status" not in events[uid_of(new)]
    gone = events[uid_of(old)]
    assert (gone["status"], int(gone["sequence"])) == ("CANCELLED", 2)
    assert not gone.walk("VALARM")
    assert "Elle remplace celle qui courait" in plain(letter.text)


def test_a_qualification_calls_off_the_calendar_of_the_provisional_clock(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    let_work(work, NOW)
    old = work.session.scalars(select(Clock)).one()
    later = NOW + timedelta(hours=1)
    qualify(work, reference, now=later)
    let_work(work, later)

    handler = seat(work, Role.HANDLER).user
    first, second = [each for each in started(work) if each.recipient_address == handler.email]
    gone = {
        str(event["uid"]): event
        for event in Calendar.from_ical(second.attachments[0].content).walk("VEVENT")
        if event.get("status") == "CANCELLED"
    }
    kept = {str(e["uid"]) for e in Calendar.from_ical(first.attachments[0].content).walk("VEVENT")}
    assert set(gone) == kept
    assert uid_of(old) in gone
    assert not any(event.walk("VALARM") for event in gone.values())
    assert "Elle prend la suite de l’horloge provisoire" in plain(second.text)
    assert "corrigé" not in second.text
    assert "prend la suite" not in first.text


def test_of_a_clock_that_stopped_before_its_mail_left_nothing_is_sent(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    file(work, reference, now=NOW)
    let_work(work, NOW)

    assert [each for each in started(work) if "Notification à la CNIL" in each.subject] == []
    kinds = work.session.execute(
        select(Delivery.state).where(Delivery.kind == MailKind.CLOCK_STARTED)
    ).scalars()
    assert DeliveryState.CANCELLED in set(kinds)


# --- After a restore: numbers are given again -------------------------------------------------


def test_a_mail_under_a_number_given_again_is_another_mail_to_whoever_reads_it(work, breach):
    let_work(work, NOW + timedelta(hours=24))
    every_kind = list(work.session.scalars(select(Delivery)))
    assert {each.incident_id is None for each in every_kind} == {False}

    def ids() -> set[str]:
        routes = read_routes(work.session, work.desk)
        letters = compose_letters(work.session, work.desk, every_kind, routes=routes, now=NOW)
        return {letter.message_id for letter in letters.letters.values()}

    before = ids()
    assert before == ids()
    for each in every_kind:
        each.queued_at += timedelta(microseconds=1)
    assert len(before) == len(every_kind)
    assert not before & ids()


def test_a_clock_under_a_number_given_again_is_another_one_in_a_calendar(work, breach):
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    planned = work.session.scalars(select(Reminder).where(Reminder.clock_id == clock.id)).all()

    def uids() -> set[str]:
        read = calendar_clock(work.desk, clock, breach, "Europe/Paris", planned)
        return {read.uid, *(each.uid for each in read.reminders)}

    before = uids()
    assert before == uids()
    clock.created_at += timedelta(microseconds=1)
    assert len(before) == len(planned) + 1
    assert not before & uids()


# --- What it costs ---------------------------------------------------------------------------


def test_a_batch_is_read_in_as_many_queries_as_one_mail(work, engine, breach):
    for _ in range(5):
        more = open_case(work, now=NOW)
        know(work, more, now=NOW, **FACTS_OF_THE_SHOP)
        qualify(work, more, now=NOW)
        assess(work, more, now=NOW)
        know(work, more, now=NOW, n_subjects=12)
    let_work(work, NOW + timedelta(hours=24))
    # As the worker loads what it has claimed.
    about_clocks = (
        select(Delivery)
        .where(Delivery.kind.in_([MailKind.REMINDER, MailKind.ESCALATION, MailKind.CLOCK_STARTED]))
        .options(joinedload(Delivery.user), joinedload(Delivery.organisation))
        .execution_options(populate_existing=True)
    )
    routes = read_routes(work.session, work.desk)
    deliveries = list(work.session.scalars(about_clocks))
    later = NOW + timedelta(hours=25)

    def asked_for(batch) -> int:
        with counting_statements(engine) as seen:
            letters = compose_letters(work.session, work.desk, batch, routes=routes, now=later)
        assert len(letters.letters) == len(batch)
        return len(seen)

    assert len(deliveries) > 10
    one_of_each = [
        next(each for each in deliveries if each.kind is kind and each.incident_id == last)
        for last in [deliveries[-1].incident_id]
        for kind in (MailKind.REMINDER, MailKind.CLOCK_STARTED)
    ]
    assert asked_for(deliveries) == asked_for(one_of_each)
