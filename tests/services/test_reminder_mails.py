"""The mails about clocks as they leave: what they say of a case, and the calendar they carry."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.epoch import microseconds
from breachdesk.domain.reminder_ledger import Standing
from breachdesk.domain.reminder_plans import DEFAULT_PLAN
from breachdesk.domain.reminders import ReminderCause
from breachdesk.models import Assessment, Clock, Delivery, Reminder
from breachdesk.services.acknowledging import LinkState, acknowledge_by_link, look_at_link
from breachdesk.services.clock_calendars import PersonalHours, calendar_clock
from breachdesk.services.clock_changes import correct_start
from breachdesk.services.clocks import start_clock, stop_clock
from breachdesk.services.duty import add_shift
from breachdesk.services.letters import compose_letters
from breachdesk.services.mail_routes import read_routes
from breachdesk.services.qualification import qualify_as_no_breach
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
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
    assert "Personne n’a confirmé la lecture du message envoyé le mardi 3 mars 2026 à 10 h 00" in (
        plain(letters[0].text)
    )


def test_an_outage_is_told_once(work, breach):
    let_work(work, NOW + timedelta(hours=65))

    (letter,) = letters_to(work, Role.HANDLER)
    assert "n’ont pas pu partir : notre service était interrompu" in plain(letter.text)


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
    # The DPO has started it: nobody has to say that it is known.
    assert "acknowledge" not in letter.text
    (file_,) = letter.attachments
    assert file_.name == f"{reference}.ics"
    calendar = Calendar.from_ical(file_.content)
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    deadline = events[uid_of(clock)]
    assert deadline["dtstart"].dt == clock.due_at == NOW + timedelta(hours=72)
    planned = work.session.scalars(
        select(Reminder).where(
            Reminder.clock_id == clock.id,
            Reminder.cause == ReminderCause.PLANNED,
            Reminder.remind_at < clock.due_at,
        )
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
    assert "Il remplace celui qui courait" in plain(letter.text)


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
    assert "Il prend la suite du délai provisoire" in plain(second.text)
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


def qualify_not(work, reference, *, now) -> None:
    qualify_as_no_breach(
        work.session,
        incident(work, reference),
        reason="Le fichier ne contenait aucune donnée personnelle.",
        by=seat(work, Role.DPO),
        now=now,
    )


def acknowledge_link_of(letter) -> str:
    return re.search(r"https://desk\.example/acknowledge/(\S+)", letter.text)[1]


def rows(work, *conditions) -> list[Reminder]:
    return list(work.session.scalars(select(Reminder).where(*conditions).order_by(Reminder.id)))


GOING_UP = (
    Reminder.cause == ReminderCause.ESCALATION,
    Reminder.emitted_at.is_(None),
    Reminder.cancelled_at.is_(None),
)


def test_a_report_that_nobody_reads_goes_up(work):
    make_organisation(work, now=NOW, roles=(*TEAM, Role.REPORTER))
    open_case(work, now=NOW, by=Role.REPORTER)
    let_work(work, NOW)
    (going_up,) = rows(work, *GOING_UP)
    (start,) = rows(work, Reminder.cause == ReminderCause.START)
    assert going_up.escalates_id == start.id
    assert going_up.roles == ["handler", "dpo", "decider"]
    work.desk.mailer.letters.clear()

    let_work(work, going_up.remind_at)

    (letter,) = letters_to(work, Role.DECIDER)
    assert "Personne n’a confirmé la lecture du message envoyé" in plain(letter.text)


def test_whoever_confirms_the_mail_of_a_start_keeps_it_from_going_up(work):
    make_organisation(work, now=NOW, roles=(*TEAM, Role.REPORTER))
    open_case(work, now=NOW, by=Role.REPORTER)
    let_work(work, NOW)
    (letter,) = letters_to(work, Role.HANDLER)
    later = NOW + timedelta(hours=1)

    acknowledge_by_link(
        work.session, work.desk, acknowledge_link_of(letter), address="192.0.2.1", now=later
    )

    assert rows(work, *GOING_UP) == []
    (start,) = rows(work, Reminder.cause == ReminderCause.START)
    assert start.acknowledged_at == later


def test_what_somebody_of_the_team_starts_is_known_and_the_ledger_says_by_whom(work, breach):
    assert rows(work, *GOING_UP) == []

    ledger = read_ledger(work.session, incident(work, breach))
    started_lines = [line for line in ledger.past if line.cause == "start"]
    dpo = seat(work, Role.DPO).user.name
    assert [(line.read.by, line.read.via) for line in started_lines][-1] == (dpo, "start")
    assert {each.name for each in started_lines[-1].told} >= {dpo}


def test_a_late_case_tells_everybody_once_and_the_ledger_says_what_was_told_with_it(work):
    make_organisation(work, now=NOW, roles=(*TEAM, Role.REPORTER))
    noticed_at = NOW - timedelta(hours=80)
    reference = open_case(work, now=NOW, by=Role.REPORTER, noticed_at=noticed_at)

    for minute in range(3):
        let_work(work, NOW + timedelta(minutes=minute))

    for role in TEAM:
        (letter,) = letters_to(work, role)
        assert "nouveau signalement à qualifier tout de suite" in plain(letter.subject)
    ledger = read_ledger(work.session, incident(work, reference))
    assert [line.standing for line in ledger.past if line.cause == "planned"] == [Standing.JOINED]
    late = rows(work, Reminder.cause == ReminderCause.LATE, Reminder.emitted_at.is_(None))
    assert [row.remind_at for row in late] == [noticed_at + timedelta(hours=84)]


def test_without_a_breach_one_mail_calls_off_what_calendars_hold(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    let_work(work, NOW)
    handler = address_of(Role.HANDLER)
    (first,) = [each for each in started(work) if each.recipient_address == handler]
    work.desk.mailer.letters.clear()

    qualify_not(work, reference, now=NOW + timedelta(hours=1))
    let_work(work, NOW + timedelta(hours=1))

    assert {each.recipient_address for each in started(work)} == {address_of(role) for role in TEAM}
    (letter,) = letters_to(work, Role.HANDLER)
    gone = list(Calendar.from_ical(letter.attachments[0].content).walk("VEVENT"))
    assert {event["status"] for event in gone} == {"CANCELLED"}
    kept = Calendar.from_ical(first.attachments[0].content).walk("VEVENT")
    assert {str(event["uid"]) for event in gone} == {str(event["uid"]) for event in kept}
    assert "acknowledge" not in letter.text


def cancelled_in(letter) -> set[str]:
    events = Calendar.from_ical(letter.attachments[0].content).walk("VEVENT")
    return {str(event["uid"]) for event in events if event.get("status") == "CANCELLED"}


def test_what_is_filed_rings_on_in_no_calendar_and_is_called_off_once(work, breach):
    let_work(work, NOW)
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    work.desk.mailer.letters.clear()
    filed_at = NOW + timedelta(hours=5)

    file(work, breach, now=filed_at)
    file(work, breach, now=filed_at, kind=NotificationKind.FOLLOW_UP)
    let_work(work, filed_at)

    (letter,) = [
        each for each in letters_to(work, Role.HANDLER) if uid_of(clock) in cancelled_in(each)
    ]
    assert "délai arrêté, à retirer de votre agenda – Notification à la CNIL" in plain(
        letter.subject
    )
    assert "– Notification à la CNIL. Notification déposée." in plain(letter.text)
    assert {each.recipient_address for each in work.desk.mailer.letters} == {
        address_of(role) for role in TEAM
    }


def test_of_a_clock_that_has_rung_for_the_last_time_nothing_is_called_off(work, breach):
    let_work(work, NOW)
    work.desk.mailer.letters.clear()
    late = NOW + timedelta(hours=80)

    file(work, breach, now=late, reasons_for_delay="La sauvegarde a été trouvée trop tard.")
    deliver_due(work.session, work.desk, worker="w", clock=lambda: late)

    assert letters_to(work, Role.HANDLER) == []


def test_a_clock_started_late_rings_each_day_until_it_is_called_off(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW, noticed_at=NOW - timedelta(hours=80))
    let_work(work, NOW)
    (first,) = [each for each in letters_to(work, Role.HANDLER) if each.attachments]
    held = {
        str(event["uid"])
        for event in Calendar.from_ical(first.attachments[0].content).walk("VEVENT")
    }
    assert any("-late" in uid for uid in held)
    work.desk.mailer.letters.clear()

    qualify_not(work, reference, now=NOW + timedelta(hours=1))
    let_work(work, NOW + timedelta(hours=1))

    (letter,) = letters_to(work, Role.HANDLER)
    assert held <= cancelled_in(letter)


def test_a_file_that_left_late_is_called_off_with_the_line_of_each_day(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    # The mail server was down for days: the file that left says late.
    late = NOW + timedelta(hours=73)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: late)
    (first,) = [each for each in letters_to(work, Role.HANDLER) if each.attachments]
    held = {
        str(event["uid"])
        for event in Calendar.from_ical(first.attachments[0].content).walk("VEVENT")
    }
    assert any("-late" in uid for uid in held)
    work.desk.mailer.letters.clear()

    qualify(work, reference, now=late, aware_at=late, reason="Appris par le prestataire ce jour.")
    let_work(work, late)

    (letter,) = [each for each in letters_to(work, Role.HANDLER) if each.attachments]
    assert held <= cancelled_in(letter)


def test_without_a_breach_nobody_is_written_to_whose_calendar_holds_nothing(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    qualify_not(work, reference, now=NOW)

    let_work(work, NOW)

    assert started(work) == []


def test_a_correction_before_the_first_mail_left_calls_off_the_provisional_calendar(work):
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    let_work(work, NOW)
    provisional = work.session.scalars(select(Clock)).one()
    later = NOW + timedelta(hours=2)
    qualify(work, reference, now=later, aware_at=later)
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    correct_start(
        work.session,
        incident(work, reference),
        clock.id,
        started_at=NOW + timedelta(hours=1),
        reason="L’appel est arrivé une heure plus tôt que ce qui avait été noté.",
        by=seat(work, Role.DPO),
        now=later,
    )
    work.desk.mailer.letters.clear()

    let_work(work, later)

    (letter,) = letters_to(work, Role.HANDLER)
    gone = {
        str(event["uid"])
        for event in Calendar.from_ical(letter.attachments[0].content).walk("VEVENT")
        if event.get("status") == "CANCELLED"
    }
    assert {uid_of(provisional), uid_of(clock)} <= gone


# --- After an outage: one mail for all the clocks of a case ----------------------------------


@pytest.fixture
def two_clocks(work, breach):
    """The breach with the clock of the communication beside its own; both are known."""
    start_clock(
        work.session,
        incident(work, breach),
        "gdpr_art_34",
        started_at=NOW,
        by=seat(work, Role.DPO).user,
        now=NOW,
    )
    work.session.commit()
    let_work(work, NOW)
    work.desk.mailer.letters.clear()
    return breach


BACK = NOW + timedelta(hours=50)


def test_after_an_outage_one_mail_tells_of_every_clock_of_a_case(work, two_clocks):
    let_work(work, BACK)

    (letter,) = letters_to(work, Role.HANDLER)
    said = plain(letter.text)
    assert "2 délais à suivre, rappels manqués pendant une interruption" in plain(letter.subject)
    assert "– Notification à la CNIL. Échéance : " in said
    assert "– Communication aux personnes" in said
    ledger = read_ledger(work.session, incident(work, two_clocks))
    told = [line for line in ledger.past if line.emitted_at == BACK]
    assert {line.regime for line in told} == {"gdpr_art_33", "gdpr_art_34"}
    handler = seat(work, Role.HANDLER).user.name
    for line in told:
        assert handler in {each.name for each in line.told}
        assert {each.state for each in line.told} == {"sent"}


def test_what_falls_due_together_in_time_is_a_mail_for_each_clock(work, two_clocks):
    ahead = rows(work, Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))

    let_work(work, min(row.remind_at for row in ahead))

    assert len(letters_to(work, Role.HANDLER)) == 2


def test_one_link_answers_for_every_clock_that_the_mail_tells_of(work, two_clocks):
    let_work(work, BACK)
    (letter,) = letters_to(work, Role.HANDLER)
    token = acknowledge_link_of(letter)
    seen = look_at_link(work.session, work.desk, token, now=BACK)
    assert {clock.regime for clock in seen.clocks} == {"gdpr_art_33", "gdpr_art_34"}
    assert len(rows(work, *GOING_UP)) == 2

    acknowledge_by_link(work.session, work.desk, token, address="192.0.2.1", now=BACK)

    assert rows(work, *GOING_UP) == []
    state = look_at_link(work.session, work.desk, token, now=BACK).state
    assert state is LinkState.READ_BY_YOU


def test_a_mail_about_two_clocks_leaves_for_the_one_that_still_runs(work, two_clocks):
    emit_due_reminders(work.session, now=BACK)
    file(work, two_clocks, now=BACK)
    let_work(work, BACK)

    (letter,) = [each for each in letters_to(work, Role.HANDLER) if "acknowledge" in each.text]
    assert "Communication aux personnes" in plain(letter.subject)
    assert "Notification à la CNIL" not in plain(letter.text)
    token = acknowledge_link_of(letter)
    assert look_at_link(work.session, work.desk, token, now=BACK).state is LinkState.OPEN


def test_a_mail_about_two_clocks_that_both_stopped_is_not_sent(work, two_clocks):
    emit_due_reminders(work.session, now=BACK)
    beside = work.session.scalars(select(Clock).where(Clock.regime == "gdpr_art_34")).one()
    file(work, two_clocks, now=BACK)
    stop_clock(
        work.session,
        incident(work, two_clocks),
        StopReason.DONE,
        stopped_at=BACK,
        by=None,
        now=BACK,
        clock=beside,
    )
    work.session.commit()
    let_work(work, BACK)

    assert [each for each in letters_to(work, Role.HANDLER) if "acknowledge" in each.text] == []


# --- What quiet hours hold -------------------------------------------------------------------

# Monday at 18:00 in Paris: the first reminder of the plan falls at 2:00 on Tuesday.
EVENING = NOW + timedelta(hours=8)
AT_TWO = EVENING + timedelta(hours=8)
AT_SEVEN = EVENING + timedelta(hours=13)
# Six hours before the deadline of Thursday at 18:00, and three: nothing holds the last day.
LAST_NIGHT = EVENING + timedelta(hours=60)


def start_in_the_evening(work) -> None:
    make_organisation(work, now=NOW)
    reference = open_case(work, now=EVENING)
    qualify(work, reference, now=EVENING)


def start_mail(work, role: Role):
    """What somebody is told of the main clock's start: the text, and when its calendar rings."""
    *_, letter = [each for each in letters_to(work, role) if each.attachments]
    events = Calendar.from_ical(letter.attachments[0].content).walk("VEVENT")
    rings = [
        event["dtstart"].dt
        for event in events
        if str(event.get("status")) != "CANCELLED" and event.walk("VALARM")
    ]
    return plain(letter.text), rings


def test_the_mail_of_a_start_gives_the_hour_at_which_quiet_hours_let_a_reminder_ring(work):
    start_in_the_evening(work)
    let_work(work, EVENING)

    said, rings = start_mail(work, Role.HANDLER)

    assert "– mardi 3 mars 2026 à 7 h 00 : Gestionnaire" in said
    assert "mardi 3 mars 2026 à 2 h 00" not in said
    assert "donnés à l’heure où ils partiront" in said
    assert AT_SEVEN in rings
    assert AT_TWO not in rings
    assert LAST_NIGHT in rings
    assert len(rings) == len(set(rings))


def test_whoever_is_on_duty_is_told_in_quiet_hours_and_their_calendar_rings_then(work):
    start_in_the_evening(work)
    add_shift(
        work.session,
        user_id=seat(work, Role.DPO).user.id,
        starts_at=AT_TWO - timedelta(hours=4),
        ends_at=AT_SEVEN,
        by=seat(work, Role.DPO),
        now=EVENING,
    )
    let_work(work, EVENING)

    (said, rings), (_, others) = start_mail(work, Role.DPO), start_mail(work, Role.HANDLER)

    assert AT_TWO in rings
    assert "– mardi 3 mars 2026 à 2 h 00" in said
    assert AT_TWO not in others
    assert AT_SEVEN in others


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
        hours = PersonalHours(DEFAULT_PLAN, "Europe/Paris")
        read = calendar_clock(work.desk, clock, breach, hours, planned)
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
