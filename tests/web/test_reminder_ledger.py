"""The ledger of reminders on the page of the clocks, and saying that one has read them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.reminders import ReminderCause, ReminderChannel
from breachdesk.models import Acknowledgement, Delivery, Reminder
from breachdesk.services.clocks import main_clock
from breachdesk.services.reminders import emit_due_reminders
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain, queries_of

HOUR = timedelta(hours=1)
# The first chase of an incident that nobody has qualified is 68 hours before its deadline.
FIRST = MONDAY_NINE + 4 * HOUR
DESK = "/organisations/GIR"
READ = "J’ai lu ce rappel"


@pytest.fixture
def reference(app) -> str:
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


def emit(app, clock, now) -> None:
    """What is due then is emitted, and then it is."""
    clock.now = now
    with at_desk(app) as work:
        emit_due_reminders(work.session, now=now)


def page_of(reference: str) -> str:
    return f"/incidents/{reference}/clocks"


def button_of(reference: str) -> str:
    return f"/incidents/{reference}/reminders/acknowledgement"


def make_quiet(app, reference: str, at=FIRST) -> None:
    """A reminder shown on the desk alone, emitted then."""
    with at_desk(app) as work:
        clock = main_clock(work.session, cases.incident(work, reference))
        work.session.add(
            Reminder(
                clock_id=clock.id,
                incident_id=clock.incident_id,
                cause=ReminderCause.PLANNED,
                channel=ReminderChannel.DESK,
                planned_for=at - HOUR,
                remind_at=at - HOUR,
                roles=["handler"],
                emitted_at=at - HOUR,
            )
        )
        work.session.commit()


# --- The ledger ------------------------------------------------------------------------------


def test_before_anything_is_sent_the_page_shows_what_is_planned(reference, as_role):
    page = plain(as_role(Role.HANDLER).get(page_of(reference)).text)

    assert "Rappels et escalades" in page
    assert "rappels à venir" in page
    assert "02/03/2026 14:00" in page
    assert READ not in page


def test_what_was_sent_shows_who_was_told_and_waits_for_somebody(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    handler = as_role(Role.HANDLER)

    page = plain(handler.get(page_of(reference)).text)

    assert "Un rappel attend que quelqu’un dise l’avoir lu" in page
    assert "Handler GIR" in page
    assert "Dpo GIR" in page
    assert "En attente" in page
    assert READ in page


def test_nobody_is_said_to_leave_unread_what_has_not_left(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    handler = as_role(Role.HANDLER)

    waiting = plain(handler.get(page_of(reference)).text)
    mails_become(app, DeliveryState.REFUSED)
    refused = plain(handler.get(page_of(reference)).text)
    mails_become(app, DeliveryState.SENT)
    sent = plain(handler.get(page_of(reference)).text)

    assert "Pas encore parti" in waiting
    assert "Sans réponse" not in waiting
    assert "Remis à personne" in refused
    assert "Sans réponse" not in refused
    assert "Sans réponse" in sent


def test_what_an_example_kept_here_is_not_said_to_be_sent(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    mails_become(app, DeliveryState.SENT, "250 Kept as 17")

    page = plain(as_role(Role.HANDLER).get(page_of(reference)).text)

    assert "non envoyé" in page
    assert "envoyé le" not in page
    assert "retenu ici depuis le" in page


def mails_become(app, state: DeliveryState, answer: str = "") -> None:
    code, _, words = answer.partition(" ")
    with at_desk(app) as work:
        for mail in work.session.scalars(select(Delivery).where(Delivery.reminder_id.is_not(None))):
            mail.state, mail.finished_at = state, FIRST
            mail.answer_code, mail.answer = int(code) if code else None, words
        work.session.commit()


def late_reminder(app, reference, *, planned, due, emitted=None) -> None:
    with at_desk(app) as work:
        clock = main_clock(work.session, cases.incident(work, reference))
        work.session.add(
            Reminder(
                clock_id=clock.id,
                incident_id=clock.incident_id,
                cause=ReminderCause.PLANNED,
                planned_for=planned,
                remind_at=due,
                roles=["handler"],
                emitted_at=emitted,
            )
        )
        work.session.commit()


def test_a_held_reminder_shows_when_it_leaves_first_then_when_it_was_wanted(
    app, clock, reference, as_role
):
    # Wanted on Monday at 22:30, held until Tuesday at 07:00.
    night = MONDAY_NINE + 12.5 * HOUR
    late_reminder(app, reference, planned=night, due=night + 8.5 * HOUR)

    shown = plain(as_role(Role.HANDLER).get(page_of(reference)).text)

    assert re.search(
        r"03/03/2026 07:00</time><br><span class=\"soft\">voulu le "
        r"<time[^>]*>02/03/2026 22:30</time>, retenu par les heures calmes",
        shown,
    )
    assert "Retenu" in shown


def test_what_should_have_left_is_said_while_nothing_runs(app, clock, reference, as_role):
    clock.now = FIRST + timedelta(minutes=4)
    handler = as_role(Role.HANDLER)
    assert "aurait dû partir" not in handler.get(page_of(reference)).text

    clock.now = FIRST + timedelta(minutes=6)

    shown = plain(handler.get(page_of(reference)).text)
    assert "Un rappel aurait dû partir le" in shown
    assert "rien ne tourne qui l’enverrait" in shown
    assert "Prochain rappel" not in shown


def test_the_words_of_the_server_are_folded_away(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    with at_desk(app) as work:
        for mail in work.session.query(Delivery).filter(Delivery.reminder_id.is_not(None)):
            mail.state, mail.answer_code, mail.answer = DeliveryState.SENT, 250, "2.0.0 queued"
        work.session.commit()

    shown = plain(as_role(Role.HANDLER).get(page_of(reference)).text)

    fold = shown.index("Réponse du serveur")
    assert shown.rindex("<details", 0, fold) > shown.rindex("<tr", 0, fold)
    assert shown.index("Handler GIR : 250 2.0.0 queued") > fold


def test_one_press_says_that_it_is_read_and_by_whom(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    dpo = as_role(Role.DPO)

    answer = dpo.post(button_of(reference), data={"back": page_of(reference)})

    assert answer.location == page_of(reference)
    page = plain(dpo.get(page_of(reference)).text)
    assert "l’escalade s’arrête" in page
    assert READ not in page
    assert "Dpo GIR, sur ce service," in page
    with at_desk(app) as work:
        assert work.session.query(Acknowledgement).count() == 1


def test_a_second_press_says_that_nothing_waited(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    dpo = as_role(Role.DPO)
    dpo.post(button_of(reference))

    dpo.post(button_of(reference))

    assert "Rien n’attendait" in dpo.get(page_of(reference)).text
    with at_desk(app) as work:
        assert work.session.query(Acknowledgement).count() == 1


def test_left_unread_it_goes_up_and_the_page_says_whose_answer_it_wants(
    app, clock, reference, as_role
):
    emit(app, clock, FIRST)
    emit(app, clock, FIRST + 4 * HOUR)
    manager = as_role(Role.MANAGER)

    page = plain(manager.get(page_of(reference)).text)

    assert "Escalade, faute de réponse" in page
    assert re.search(r"faute de réponse, rappel du <time[^>]*>02/03/2026 14:00<", page)
    assert "Decider GIR" in page
    # The two say the same: one line above, both in the ledger.
    assert page.count("attend que quelqu’un") == 1
    # With the mail of the clock that started.
    assert "3 rappels passés" in page


def test_who_may_not_say_so_reads_who_may(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    auditor = as_role(Role.AUDITOR)

    page = plain(auditor.get(page_of(reference)).text)

    assert READ not in page
    assert "Peut le dire : Gestionnaire ou" in page
    assert auditor.post(button_of(reference)).status_code == 403


def test_a_case_of_another_organisation_has_no_such_button(app, client, sign_in, reference):
    with at_desk(app) as work:
        cases.make_organisation(work, "VID", now=MONDAY_NINE)
    sign_in(client, cases.address_of(Role.DPO, "VID"))

    assert client.post(button_of(reference)).status_code == 404


def test_an_address_elsewhere_is_not_gone_back_to(app, reference, as_role):
    answer = as_role(Role.DPO).post(
        button_of(reference), data={"back": "https://elsewhere.example"}
    )

    assert answer.location == page_of(reference)


def test_a_long_ledger_is_read_in_pages_with_as_many_queries(app, clock, reference, as_role):
    emit(app, clock, FIRST)
    handler = as_role(Role.HANDLER)
    few = queries_of(app, handler, page_of(reference))
    with at_desk(app) as work:
        clock_id = main_clock(work.session, cases.incident(work, reference)).id
        incident_id = cases.incident(work, reference).id
        work.session.add_all(
            Reminder(
                clock_id=clock_id,
                incident_id=incident_id,
                cause=ReminderCause.LATE,
                planned_for=FIRST + number * HOUR,
                remind_at=FIRST + number * HOUR,
                roles=["handler"],
                emitted_at=FIRST + number * HOUR,
            )
            for number in range(1, 120)
        )
        work.session.commit()

    assert queries_of(app, handler, page_of(reference)) == few
    first, last = (handler.get(f"{page_of(reference)}?reminders={n}").text for n in (1, 3))
    assert "Page 1 sur 3" in plain(first)
    assert "02/03/2026 14:00" in last
    assert len(first.encode()) < 100_000


# --- On the desk -----------------------------------------------------------------------------


def test_a_quiet_reminder_stands_on_the_desk_with_its_button(app, clock, reference, as_role):
    handler = as_role(Role.HANDLER)
    make_quiet(app, reference)

    page = plain(handler.get(DESK).text)

    assert "Un rappel à lire" in page
    assert READ in page
    assert "pour : Gestionnaire" in page
    answer = handler.post(button_of(reference), data={"back": DESK})
    assert answer.location == DESK
    assert "Un rappel à lire" not in handler.get(DESK).text


def test_the_desk_asks_one_query_for_them_however_many(app, clock, reference, as_role):
    handler = as_role(Role.HANDLER)
    make_quiet(app, reference)
    few = queries_of(app, handler, DESK)
    for number in range(2, 6):
        make_quiet(app, reference, FIRST + number * HOUR)

    assert queries_of(app, handler, DESK) == few


def test_without_any_the_desk_says_nothing_of_it(reference, as_role):
    assert "à lire" not in as_role(Role.HANDLER).get(DESK).text


# --- Quiet hours ahead -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noticed", "waits"),
    [
        # Chased four hours after: by day, and at half past one.
        pytest.param(MONDAY_NINE, "", id="by day it leaves when it is planned"),
        pytest.param(MONDAY_NINE + 11.5 * HOUR, "03/03/2026 07:00", id="a night holds it"),
    ],
)
def test_the_next_reminder_is_not_promised_for_the_middle_of_the_night(
    app, clock, as_role, noticed, waits
):
    clock.now = noticed
    with at_desk(app) as work:
        cases.make_organisation(work, now=noticed)
        made = cases.open_case(work, now=noticed)

    page = plain(as_role(Role.HANDLER).get(page_of(made)).text)

    following = page[page.index("Prochain rappel") : page.index("rappels à venir")]
    assert ("heures calmes" in following) is bool(waits)
    assert waits in following
