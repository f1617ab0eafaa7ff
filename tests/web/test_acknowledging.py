"""The page behind the link of a reminder: one button, nothing opened, nothing done by looking."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.reminder_mails import ACKNOWLEDGE_WITHIN
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Acknowledgement, Delivery
from breachdesk.services.ack_links import LinkedMail
from breachdesk.services.case_access import restrict_case
from breachdesk.services.clocks import start_clock
from breachdesk.services.people import change_roles
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Work,
    address_of,
    at_desk,
    file,
    incident,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.mail.memory import MemoryMailer
from tests.services.desks import let_work
from tests.web.reading import plain

REMINDED = MONDAY_NINE + timedelta(hours=24)


@pytest.fixture
def link(app, clock) -> str:
    """The path of the link in the handler's first reminder."""
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        reference = open_case(work, now=MONDAY_NINE)
        qualify(work, reference, now=MONDAY_NINE)
        emit_due_reminders(work.session, now=REMINDED)
        sent = work.session.scalars(select(Delivery).where(OF_REMINDERS))
        delivery = next(each for each in sent if each.user.email == address_of(Role.HANDLER))
        until = REMINDED + ACKNOWLEDGE_WITHIN
        token = work.desk.links.token(LinkedMail.of(delivery), expires_at=until)
    clock.now = REMINDED + timedelta(hours=1)
    return f"/acknowledge/{token}"


def confirmed(app) -> int:
    with at_desk(app) as work:
        return len(work.session.scalars(select(Acknowledgement)).all())


def test_opening_the_link_in_whatever_way_changes_nothing(app, client, link):
    prefetch = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}

    for answer in (
        client.get(link),
        client.head(link),
        client.get(link, headers=prefetch),
        client.options(link),
        client.get(f"{link}?confirm=1"),
    ):
        assert answer.status_code == 200
    assert confirmed(app) == 0


def test_the_page_says_what_is_due_and_has_one_button(client, link):
    page = client.get(link).text

    assert "GIR-2026-0001" in page
    assert "Notification à la CNIL" in page
    assert "jeudi 5 mars 2026 à 10" in page
    assert "Il reste 47 h 00" in plain(page)
    assert page.count("<button") == 1
    assert "csrf" not in page
    # What the case is about, who works on it and for whom stays behind the sign-in.
    for secret in ("sauvegarde", "Maison GIR", "Handler GIR", "@gir.example"):
        assert secret not in page


@pytest.fixture
def link_to_two(app, clock) -> str:
    """That in a mail after an outage, about two clocks of a case."""
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        reference = open_case(work, now=MONDAY_NINE)
        qualify(work, reference, now=MONDAY_NINE)
        case, dpo = incident(work, reference), seat(work, Role.DPO).user
        start_clock(
            work.session, case, "gdpr_art_34", started_at=MONDAY_NINE, by=dpo, now=MONDAY_NINE
        )
        work.session.commit()
        back = MONDAY_NINE + timedelta(hours=50)
        emit_due_reminders(work.session, now=back)
        sent = work.session.scalars(select(Delivery).where(OF_REMINDERS))
        delivery = next(each for each in sent if each.user.email == address_of(Role.HANDLER))
        token = work.desk.links.token(LinkedMail.of(delivery), expires_at=back + ACKNOWLEDGE_WITHIN)
    clock.now = back + timedelta(hours=1)
    return f"/acknowledge/{token}"


def test_of_two_clocks_the_page_says_which_runs_and_which_has_stopped(
    app, client, clock, link_to_two
):
    both = client.get(link_to_two).text
    with at_desk(app) as work:
        file(work, "GIR-2026-0001", now=clock.now)
    one = client.get(link_to_two).text

    assert "ces délais sont connus" in both
    assert both.count("<button") == 1
    assert "Ce délai est arrêté" not in both
    assert "<strong>Notification à la CNIL</strong><br>Ce délai est arrêté</li>" in one
    assert "<strong>Communication aux personnes</strong><br>" in one
    assert plain(one).count("Il reste 21 h 00") == 1
    assert "ces délais" not in one


def test_the_page_says_for_how_long_a_deadline_has_been_over(client, clock, link):
    clock.now = MONDAY_NINE + timedelta(hours=73)

    page = plain(client.get(link).text)

    assert "En retard de 1 h 00" in page
    assert 'data-state="late"' in page


def test_the_button_confirms_without_signing_in_and_opens_nothing(app, client, with_csrf, link):
    answer = client.post(link)

    assert (answer.status_code, answer.location) == (303, link)
    assert confirmed(app) == 1
    page = client.get(link)
    assert page.status_code == 200
    assert "vous avez lu ce rappel" in page.text
    assert "Vous l’avez confirmé le" in page.text
    assert "<button" not in page.text
    assert client.get("/incidents/GIR-2026-0001").location.startswith("/sign-in")
    assert client.get("/").location.startswith("/sign-in")


def test_pressing_it_again_is_no_fault(app, client, link):
    client.post(link)

    assert client.post(link).status_code == 303
    assert confirmed(app) == 1


def test_it_acts_for_whom_it_was_sent_to_whoever_is_signed_in(app, as_role, link):
    as_role(Role.DPO).post(link)

    with at_desk(app) as work:
        made = work.session.scalars(select(Acknowledgement)).one()
        assert made.user.email == address_of(Role.HANDLER)


def test_a_link_that_has_ended_says_so(app, client, clock, link):
    clock.now = REMINDED + ACKNOWLEDGE_WITHIN

    answer = client.get(link)

    assert answer.status_code == 410
    assert "Ce lien a expiré" in answer.text
    assert "GIR-2026" not in answer.text
    client.post(link)
    assert confirmed(app) == 0


def test_of_a_stopped_clock_the_page_says_that_it_stopped(app, client, clock, link):
    with at_desk(app) as work:
        file(work, "GIR-2026-0001", now=clock.now)

    answer = client.get(link)

    assert answer.status_code == 410
    assert "Ce délai est arrêté" in answer.text
    client.post(link)
    assert confirmed(app) == 0


def test_whoever_has_left_is_told_that_and_no_more(app, client, link):
    with at_desk(app) as work:
        seat(work, Role.HANDLER).user.is_active = False
        work.session.commit()

    answer = client.get(link)

    assert answer.status_code == 403
    assert "n’avez plus accès" in answer.text
    assert "GIR-2026" not in answer.text
    client.post(link)
    assert confirmed(app) == 0


def test_a_handler_turned_auditor_is_told_that_they_can_confirm_no_more(app, client, link):
    with at_desk(app) as work:
        handler, admin = seat(work, Role.HANDLER).user, seat(work, Role.ADMIN)
        change_roles(work.session, work.desk, handler.id, [Role.AUDITOR], by=admin, now=REMINDED)

    answer = client.get(link)

    assert answer.status_code == 403
    assert "GIR-2026" not in answer.text
    client.post(link)
    assert confirmed(app) == 0


def test_of_a_case_restricted_since_the_page_tells_nothing(app, client, clock, link):
    with at_desk(app) as work:
        dpo = seat(work, Role.DPO)
        case = incident(work, "GIR-2026-0001")
        restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=clock.now)

    answer = client.get(link)

    assert answer.status_code == 404
    assert "GIR-2026" not in answer.text
    client.post(link)
    assert confirmed(app) == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["nothing", "a.b", "%00", "é" * 500, "x" * 5000])
def test_a_link_of_nobody_s_making_is_not_found(client, app, token, method):
    answer = client.open(f"/acknowledge/{token}", method=method)

    assert answer.status_code == 404


def test_guessing_is_stopped_after_a_while(client, app):
    for _ in range(LIMITS[Attempt.SECRET].most):
        client.post("/acknowledge/nothing")

    assert client.post("/acknowledge/nothing").status_code == 429


@pytest.mark.parametrize("end", ["", "x"])
def test_the_address_is_told_to_nobody_and_kept_nowhere(client, link, end):
    answer = client.get(link + end)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert '<meta name="referrer" content="no-referrer">' in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text
    # Whatever else the page loads is our own.
    assert "//" not in answer.text.replace("https://desk", "").replace("<!doctype", "")


# --- Of a mail after an outage, about several cases ------------------------------------------


@pytest.fixture
def link_to_cases(app, clock) -> str:
    """That in the handler's mail after an outage, about three cases, one with two clocks."""
    back = MONDAY_NINE + timedelta(hours=50)
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        for number in range(3):
            known_at = MONDAY_NINE + timedelta(hours=number - 3)
            qualify(work, open_case(work, now=known_at), now=known_at)
        case, dpo = incident(work, "GIR-2026-0002"), seat(work, Role.DPO).user
        start_clock(
            work.session, case, "quebec_cai", started_at=MONDAY_NINE, by=dpo, now=MONDAY_NINE
        )
        work.session.commit()
        server = MailServer("mail.example", 25)
        sending = replace(work.desk, mail_server=server, mailer=MemoryMailer())
        let_work(Work(work.session, sending), back)
        sent = work.session.scalars(select(Delivery).where(Delivery.kind == MailKind.CAUGHT_UP))
        delivery = next(each for each in sent if each.user.email == address_of(Role.HANDLER))
        token = work.desk.links.token(LinkedMail.of(delivery), expires_at=back + ACKNOWLEDGE_WITHIN)
    clock.now = back + timedelta(hours=1)
    return f"/acknowledge/{token}"


def test_of_several_cases_the_page_lists_the_clocks_that_its_one_button_confirms(
    app, client, clock, with_csrf, link_to_cases
):
    page = client.get(link_to_cases).text

    places = [page.index(f"<h2>GIR-2026-000{number}</h2>") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert page.count("<button") == 1
    assert "confirmer ces 4 délais" in page
    assert page.count("/incidents/GIR-2026-000") == 3
    assert confirmed(app) == 0
    with at_desk(app) as work:
        dpo = seat(work, Role.DPO)
        hidden = incident(work, "GIR-2026-0002")
        restrict_case(work.session, hidden, [dpo.user.id], seen=[], by=dpo, now=clock.now)
    page = client.get(link_to_cases).text
    assert "GIR-2026-0002" not in page
    assert "confirmer ces 2 délais" in page

    client.post(link_to_cases)

    assert confirmed(app) == 2
    done = client.get(link_to_cases).text
    assert "vous avez lu ce rappel" in done
    assert "Ces délais courent toujours" in done
    assert "GIR-2026-0002" not in done
    assert "<button" not in done
