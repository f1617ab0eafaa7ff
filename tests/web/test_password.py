"""A new password by mail: one answer for everybody, a link good once."""

import re
from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Delivery
from tests.cases import MONDAY_NINE, address_of, at_desk, make_organisation
from tests.web.reading import plain
from tests.web.test_throttling import attempt, fill

NEW = "quatorze prunes vertes"
DPO = address_of(Role.DPO)


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)


def asked(visitor, email=DPO):
    return visitor.post("/password/forgotten", data={"email": email})


def link(app) -> str:
    """The path in the newest mail."""
    with at_desk(app) as work:
        mail = work.session.query(Delivery).order_by(Delivery.id.desc()).first()
        return re.search(r"/password/\S+", work.desk.vault.open_json(mail.sealed)["link"])[0]


def chosen(**changed):
    return {"password": NEW, "again": NEW} | changed


def test_the_link_sets_the_password_and_ends_every_session(app, client, as_role, sign_in):
    signed_in = as_role(Role.DPO)
    visitor = app.test_client()
    asked(visitor)
    path = link(app)

    assert visitor.get(path).status_code == 200
    answer = visitor.post(path, data=chosen())

    assert answer.location == "/sign-in"
    assert signed_in.get("/organisations/GIR").status_code == 302
    sign_in(visitor, DPO, NEW)
    assert app.test_client().post(path, data=chosen()).status_code == 404


def test_looking_at_the_page_does_not_use_the_link_up(app, client):
    asked(client)
    path = link(app)

    for _ in range(3):
        assert client.get(path).status_code == 200
    assert client.post(path, data=chosen()).status_code == 302


def test_the_answer_is_the_same_whether_or_not_there_is_an_account(app):
    nobody = "x" * (len(DPO) - len("@gir.example")) + "@gir.example"
    answers = []
    for email in (DPO, nobody):
        visitor = app.test_client()
        visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
        answer = asked(visitor, email)
        headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
        answers.append((answer.status_code, headers, answer.text.replace(email, "X")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert "Si cette adresse est celle d’un compte" in answers[0][2]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"again": NEW + "s"}, "ne sont pas les mêmes", id="mistyped"),
        pytest.param({"password": "", "again": ""}, "Choisissez un mot de passe", id="none"),
        pytest.param(
            {"password": "motdepasse1234", "again": "motdepasse1234"}, "plus courants", id="common"
        ),
    ],
)
def test_a_password_that_is_refused_leaves_the_link_good(app, client, changed, said):
    asked(client)
    path = link(app)

    page = client.post(path, data=chosen(**changed))

    assert page.status_code == 422
    assert said in plain(page.text)
    assert NEW not in page.text
    assert client.post(path, data=chosen()).status_code == 302


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", "é", "a" * 300])
def test_what_is_no_link_of_ours_leads_to_asking_for_one(client, method, token):
    page = client.open(f"/password/{token}", method=method, data=chosen())

    assert page.status_code == 404
    assert 'href="/password/forgotten"' in page.text


def test_a_link_is_over_after_an_hour(app, client, clock):
    asked(client)
    path = link(app)
    clock.now += timedelta(hours=1)

    assert client.get(path).status_code == 404
    assert client.post(path, data=chosen()).status_code == 404


def test_too_many_questions_from_one_address_are_refused_with_the_time(app, client):
    for number in range(LIMITS[Attempt.RESET_ADDRESS].most):
        assert asked(client, f"{number}@gir.example").status_code == 200

    page = asked(client)

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "3600"
    assert "lundi 2 mars 2026 à 11 h" in plain(page.text)


def test_the_owner_gets_in_by_mail_while_somebody_guesses(app, client):
    fill(app)
    asked(client)
    client.post(link(app), data=chosen())

    assert attempt(client, password=NEW).status_code == 302
    assert attempt(app.test_client(), password=NEW).status_code == 429


def test_the_address_of_the_page_is_told_to_no_other_site(app, client):
    asked(client)

    page = client.get(link(app))

    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(href|src|action)="https?://', page.text)


def test_the_token_is_in_no_log(app, client, caplog):
    caplog.set_level("DEBUG")
    asked(client)
    path = link(app)

    client.get(path)
    client.post(path, data=chosen())

    assert path.rpartition("/")[2] not in caplog.text
    assert DPO not in caplog.text
