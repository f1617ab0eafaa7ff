"""Nothing typed is lost: a session that is over, a proof that is asked for."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import IDLE_LIMIT, PROOF_LASTS
from breachdesk.models import Incident, KeptForm, User
from breachdesk.services.cases import latest_facts
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.web.reading import form_of, plain

STORY = (
    "Un ordinateur <portable> a été volé dans le train.\r\n\r\n« Paris » & 'Lyon' \"vite\"\n"
    + "Il contenait la liste des clients. " * 300
)
MINUTE = timedelta(minutes=1)
NEW_CASE = "/organisations/GIR/incidents/new"


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        make_organisation(work, "VID", now=MONDAY_NINE)


def report(**changed):
    return {"description": STORY, "noticed_at": "2026-03-02T09:30"} | changed


def incidents(app):
    with at_desk(app) as work:
        return work.session.query(Incident).count()


def continued(visitor, address):
    """Press the button of the page that offers to go on."""
    page = visitor.get(address).text
    action = unescape(re.search(r'<form method="post" class="form" action="([^"]+)"', page)[1])
    return visitor.post(action, data=form_of(page))


def credentials(role=Role.REPORTER, code="GIR"):
    return {"email": address_of(role, code), "password": PASSWORD}


# --- A session that is over ------------------------------------------------------------------


def test_what_was_written_through_a_long_hour_is_sent_after_signing_in_again(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT

    refused = reporter.post(NEW_CASE, data=report())
    assert refused.location == "/sign-in"
    page = reporter.get(refused.location)
    assert "Ce que vous avez écrit est gardé" in page.text
    assert "ordinateur" not in page.text
    assert incidents(app) == 0

    answer = reporter.post("/sign-in", data=credentials())
    assert answer.location.startswith("/continue/")
    sent = continued(reporter, answer.location)

    assert sent.status_code == 302
    with at_desk(app) as work:
        facts = latest_facts(work.session, work.session.query(Incident).one())
        written = facts["description"].value
        assert work.session.query(KeptForm).count() == 0
    assert written.split() == STORY.split()
    assert reporter.get(answer.location).status_code == 404


def test_another_person_at_the_same_browser_gets_nothing_of_it(app, as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    browser.post(NEW_CASE, data=report())

    answer = browser.post("/sign-in", data=credentials(Role.HANDLER))

    assert answer.location == "/"
    with at_desk(app) as work:
        kept = work.session.query(KeptForm).one().id
    assert browser.get(f"/continue/{kept}").status_code == 404
    assert browser.post(f"/continue/{kept}/discard").status_code == 404
    browser.post("/sign-out")
    assert browser.post("/sign-in", data=credentials()).location == f"/continue/{kept}"


def test_what_is_given_up_is_erased(app, as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    browser.post(NEW_CASE, data=report())
    address = browser.post("/sign-in", data=credentials()).location

    assert browser.post(f"{address}/discard").location == "/"

    assert incidents(app) == 0
    with at_desk(app) as work:
        assert work.session.query(KeptForm).count() == 0


def test_a_form_that_is_refused_when_sent_again_shows_what_was_written(as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    browser.post(NEW_CASE, data=report(noticed_at=""))
    address = browser.post("/sign-in", data=credentials()).location

    page = continued(browser, address)

    assert page.status_code == 422
    typed = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.S)[1])
    assert typed.split() == STORY.split()


def test_files_are_named_and_asked_for_again(as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    files = {"files": [(io.BytesIO(b"x"), "capture <1>.png"), (io.BytesIO(b"y"), "liste.csv")]}
    browser.post(NEW_CASE, data=report() | files)

    page = browser.get(browser.post("/sign-in", data=credentials()).location).text

    assert "Les fichiers ne sont pas gardés" in page
    assert "capture &lt;1&gt;.png, liste.csv" in page


def test_what_is_kept_is_escaped_and_goes_to_a_page_of_ours(app, as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    hostile = '"><script>alert(1)</script>'
    browser.post(f"{NEW_CASE}?x={hostile}", data=report(description=hostile) | {hostile: hostile})

    page = browser.get(browser.post("/sign-in", data=credentials()).location).text

    assert "<script>alert" not in page
    assert re.findall(r'class="form" action="([^"]+)"', page)[0].startswith(NEW_CASE + "?x=")


def test_a_visitor_without_a_session_has_nothing_kept(app, client):
    answer = client.post(NEW_CASE, data=report())

    assert answer.location == "/sign-in"
    with at_desk(app) as work:
        assert work.session.query(KeptForm).count() == 0


def test_passwords_are_asked_anew_and_never_kept(app, as_role, clock):
    browser = as_role(Role.REPORTER)
    clock.now += IDLE_LIMIT
    typed = {"current": PASSWORD, "new": "x" * 20, "again": "x" * 20}

    assert browser.post("/account/password", data=typed).location == "/sign-in"

    with at_desk(app) as work:
        assert work.session.query(KeptForm).count() == 0


# --- Forgery ---------------------------------------------------------------------------------


def token_in(page):
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]


def signed_in_with_tokens(visitor, **who):
    token = token_in(visitor.get("/sign-in").text)
    answer = visitor.post("/sign-in", data=credentials(**who) | {"csrf_token": token})
    assert answer.status_code == 302, answer.text
    return answer


def test_a_form_of_a_session_ended_at_another_page_is_kept(with_csrf, client):
    signed_in_with_tokens(client)
    stale = token_in(client.get(NEW_CASE).text)
    client.post("/sign-out", data={"csrf_token": stale})

    answer = client.post(NEW_CASE, data=report() | {"csrf_token": stale})

    assert answer.location == "/sign-in"
    assert signed_in_with_tokens(client).location.startswith("/continue/")


def test_a_form_of_before_the_last_sign_in_is_kept_for_the_same_person(with_csrf, client):
    signed_in_with_tokens(client)
    stale = token_in(client.get(NEW_CASE).text)
    client.post("/sign-out", data={"csrf_token": stale})
    signed_in_with_tokens(client)

    answer = client.post(NEW_CASE, data=report() | {"csrf_token": stale})

    assert answer.location.startswith("/continue/")
    assert continued(client, answer.location).status_code == 302
    assert incidents(with_csrf) == 1


def test_a_form_shown_to_another_is_refused(with_csrf, client):
    signed_in_with_tokens(client, role=Role.HANDLER)
    stale = token_in(client.get(NEW_CASE).text)
    client.post("/sign-out", data={"csrf_token": stale})
    signed_in_with_tokens(client)

    answer = client.post(NEW_CASE, data=report() | {"csrf_token": stale})

    assert answer.status_code == 400
    with at_desk(with_csrf) as work:
        assert work.session.query(KeptForm).count() == 0


@pytest.mark.parametrize("token", ["", "x", "ImFiYyI.aa.bb"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_forged_form_is_refused_and_not_kept(with_csrf, client, token, is_signed_in):
    if is_signed_in:
        signed_in_with_tokens(client)

    answer = client.post(NEW_CASE, data=report() | {"csrf_token": token})

    assert answer.status_code == 400
    with at_desk(with_csrf) as work:
        assert work.session.query(KeptForm).count() == 0


# --- A fresh proof ---------------------------------------------------------------------------


def details(**changed):
    return {"name": "Lucie", "locale": "fr", "second_email": "lucie@home.example"} | changed


def stay(visitor, clock, span):
    """Use the desk for a while, so that the session does not run out."""
    until = clock.now + span
    while clock.now < until:
        clock.now = min(until, clock.now + IDLE_LIMIT - MINUTE)
        assert visitor.post("/account/alive").status_code == 204


def second_address(app):
    with at_desk(app) as work:
        email = address_of(Role.REPORTER)
        return work.session.query(User).filter_by(email=email).one().second_email


def test_within_the_hour_no_proof_is_asked_for(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS)

    assert reporter.post("/account", data=details()).location == "/account"
    assert reporter.get("/confirm?back=/account").location == "/account"


def test_past_the_hour_a_proof_is_asked_for_and_the_form_is_sent_after_it(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS + MINUTE)

    asked = reporter.post("/account", data=details())
    assert asked.location.startswith("/confirm?back=/continue/")
    assert "Confirmez que c’est bien vous" in reporter.get(asked.location).text
    assert second_address(app) == ""
    proven = reporter.post(asked.location, data={"password": PASSWORD})
    answer = continued(reporter, proven.location)

    assert answer.location == "/account"
    assert second_address(app) == "lucie@home.example"
    assert reporter.post("/account", data=details(second_email="")).location == "/account"


def test_a_wrong_password_is_no_proof_and_is_throttled(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS + MINUTE)
    asked = reporter.post("/account", data=details()).location

    answers = [reporter.post(asked, data={"password": "non"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert reporter.post(asked, data={"password": PASSWORD}).status_code == 429
    assert second_address(app) == ""


def test_after_the_proof_one_goes_back_only_to_a_page_of_ours(as_role, clock):
    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS + MINUTE)

    answer = reporter.post("/confirm?back=//evil.example/", data={"password": PASSWORD})

    assert answer.location == "/"


def test_going_straight_to_the_page_of_the_form_proves_nothing(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS + MINUTE)
    asked = reporter.post("/account", data=details()).location

    again = continued(reporter, asked.partition("back=")[2])

    assert again.location.startswith("/confirm")
    assert second_address(app) == ""
    proven = reporter.post(again.location, data={"password": PASSWORD})
    assert continued(reporter, proven.location).location == "/account"


def test_whoever_came_through_their_organisation_is_not_asked_for_a_password(app, as_role, clock):
    from breachdesk.domain.sign_in import SignInMethod
    from breachdesk.models import UserSession

    reporter = as_role(Role.REPORTER)
    stay(reporter, clock, PROOF_LASTS + MINUTE)
    with at_desk(app) as work:
        kept = work.session.query(UserSession).one()
        kept.method = SignInMethod.SINGLE_SIGN_ON
        kept.organisation_id = cases.organisation(work).id
        work.session.commit()

    page = reporter.get("/confirm?back=/account")

    assert page.status_code == 200
    assert 'type="password"' not in plain(page.text)
    assert reporter.post("/confirm", data={"password": PASSWORD}).status_code == 422
