"""Signing in with a second factor, or by a passkey alone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import Throttle, UserSession
from breachdesk.services.recovery_codes import make_recovery_codes
from tests.authenticator import Authenticator
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.services.factors import (
    code_at,
    enrol_passkey,
    enrol_totp,
    person,
    told_changes,
)

STEP = "/sign-in/second-step"
HOME = "/organisations/GIR"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(app):
    """A desk whose address has a name, as passkeys demand."""
    app.extensions["desk"] = replace(app.extensions["desk"], public_url="https://desk.example")
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    return app


@pytest.fixture
def secret(app, clock):
    """The DPO has an application of codes; its secret. A minute has passed since."""
    with at_desk(app) as work:
        made = enrol_totp(work, person(work), now=clock.now)
    clock.now += MINUTE
    return made


@pytest.fixture
def authenticator(app, clock):
    """The DPO has a passkey on this."""
    with at_desk(app) as work:
        return enrol_passkey(work, person(work), now=clock.now)[0]


def give_password(client, role=Role.DPO, back="", password=PASSWORD):
    url = f"/sign-in?back={back}" if back else "/sign-in"
    return client.post(url, data={"email": address_of(role), "password": password})


def give_code(client, code):
    return client.post(STEP, data={"code": code})


def is_in(client):
    return client.get(HOME).status_code == 200


def last_session(app):
    with at_desk(app) as work:
        kept = work.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
        work.session.expunge(kept)
        return kept


# --- After the password ----------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client, secret):
    answer = give_password(client)

    assert answer.location == STEP
    assert not is_in(client)
    assert client.get("/account/second-factor").location.startswith("/sign-in")


def test_the_code_completes_the_sign_in_and_leads_on(app, client, secret, clock):
    give_password(client, back="/organisations/GIR/register")

    answer = give_code(client, code_at(secret, clock.now))

    assert answer.location == "/organisations/GIR/register"
    assert is_in(client)
    kept = last_session(app)
    assert kept.has_second_factor
    assert kept.method is SignInMethod.PASSWORD


def test_the_token_of_the_half_way_opens_nothing_afterwards(app, client, secret, clock):
    give_password(client)
    with client.session_transaction() as cookie:
        half = cookie["half"]
    give_code(client, code_at(secret, clock.now))

    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = cookie["half"] = half

    assert not is_in(thief)
    assert thief.get(STEP).status_code == 302


def test_a_wrong_code_is_said_on_the_page_and_opens_nothing(client, secret):
    give_password(client)

    answer = give_code(client, "000000")

    assert answer.status_code == 422
    assert "Ce code ne convient pas" in answer.text
    assert not is_in(client)


@pytest.mark.parametrize("code", ["", " ", "\x00", "1" * 9999, "<script>", "💥"])
def test_whatever_is_typed_is_refused_and_not_repeated(client, secret, code):
    give_password(client)

    answer = give_code(client, code)

    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert 'value=""' in answer.text


def test_the_same_code_does_not_sign_in_a_second_browser(app, client, secret, clock):
    code = code_at(secret, clock.now)
    give_password(client)
    give_code(client, code)
    other = app.test_client()
    give_password(other)

    assert give_code(other, code).status_code == 422
    assert not is_in(other)


def test_the_second_step_waits_ten_minutes(client, secret, clock):
    give_password(client)
    clock.now += 10 * MINUTE + timedelta(seconds=1)

    answer = give_code(client, code_at(secret, clock.now))

    assert answer.location == "/sign-in"
    assert "Recommencez par votre mot de passe" in client.get("/sign-in").text
    assert not is_in(client)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", STEP),
        ("POST", STEP),
        ("POST", f"{STEP}/recovery-code"),
    ],
)
def test_without_the_password_there_is_no_second_step(client, secret, clock, method, path):
    answer = client.open(path, method=method, data={"code": code_at(secret, clock.now)})

    assert answer.location == "/sign-in"
    assert not is_in(client)


def test_the_script_without_the_password_is_led_to_it(client, authenticator):
    for path in ("options", ""):
        answer = client.post(f"{STEP}/passkey/{path}".rstrip("/"), json={})
        assert answer.json == {"next": "/sign-in"}


def test_guesses_are_stopped_for_the_account_whatever_the_browser(app, client, secret, clock):
    for number in range(5):
        browser = app.test_client()
        give_password(browser)
        assert give_code(browser, f"00000{number}").status_code == 422
    give_password(client)

    answer = give_code(client, code_at(secret, clock.now))

    assert answer.status_code == 429
    assert "Trop de codes faux" in answer.text
    assert not is_in(client)
    with at_desk(app) as work:
        assert "sign_in_throttled" in told_changes(work, person(work))


def test_who_guesses_is_counted_without_being_named(app, client, secret):
    give_password(client)
    give_code(client, "000000")

    with at_desk(app) as work:
        keys = work.session.scalars(select(Throttle.key)).all()
    assert keys
    assert all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)


def test_somebody_signed_in_has_no_second_step(client, secret, clock):
    give_password(client)
    give_code(client, code_at(secret, clock.now))

    assert client.get(STEP).location == "/"


def test_somebody_without_a_second_factor_goes_straight_in(client, secret):
    answer = give_password(client, Role.DECIDER)

    assert answer.location == "/"
    assert is_in(client)


# --- Recovery codes --------------------------------------------------------------------------


@pytest.fixture
def codes(app, secret, clock):
    """Ten recovery codes of the DPO."""
    with at_desk(app) as work:
        return make_recovery_codes(work.session, work.desk, person(work), now=clock.now)


def test_a_recovery_code_signs_in_once(app, client, codes):
    give_password(client)
    answer = client.post(f"{STEP}/recovery-code", data={"recovery_code": codes[0].upper()})
    assert answer.location == "/"
    assert "ne vaut plus rien" in client.get(HOME).text
    assert last_session(app).has_second_factor

    other = app.test_client()
    give_password(other)
    again = other.post(f"{STEP}/recovery-code", data={"recovery_code": codes[0]})
    assert again.status_code == 422
    assert not is_in(other)


def test_a_wrong_recovery_code_opens_its_fold_and_is_not_repeated(client, codes):
    give_password(client)

    answer = client.post(f"{STEP}/recovery-code", data={"recovery_code": "<b>7k3m</b>"})

    assert answer.status_code == 422
    assert '<details class="fold flow" open' in answer.text
    assert "7k3m</b>" not in answer.text


def test_anothers_recovery_code_opens_nothing(app, client, codes, clock):
    with at_desk(app) as work:
        enrol_totp(work, person(work, Role.DECIDER), now=clock.now)
    give_password(client, Role.DECIDER)

    answer = client.post(f"{STEP}/recovery-code", data={"recovery_code": codes[0]})

    assert answer.status_code == 422


# --- A passkey after the password ------------------------------------------------------------


def options_for(client, path):
    return client.post(f"{path}/options", json={}).json


def answer_with(client, path, authenticator, **otherwise):
    """Give a passkey as the script does."""
    credential = authenticator.sign(options_for(client, path), **otherwise)
    return client.post(path, json={"credential": credential})


def test_a_passkey_completes_the_sign_in(app, client, authenticator):
    give_password(client, back="/organisations/GIR/register")

    answer = answer_with(client, f"{STEP}/passkey", authenticator)

    assert answer.json == {"next": "/organisations/GIR/register"}
    assert is_in(client)
    assert last_session(app).has_second_factor


def test_anothers_passkey_does_not(app, client, authenticator, clock):
    with at_desk(app) as work:
        others, _ = enrol_passkey(work, person(work, Role.DECIDER), now=clock.now)
    give_password(client)

    answer = answer_with(client, f"{STEP}/passkey", others)

    assert answer.status_code == 422
    assert not is_in(client)


def test_a_challenge_of_one_person_is_none_of_another(app, client, authenticator, clock):
    with at_desk(app) as work:
        others, _ = enrol_passkey(work, person(work, Role.DECIDER), now=clock.now)
    give_password(client)
    options = options_for(client, f"{STEP}/passkey")
    with client.session_transaction() as cookie:
        challenge = cookie["passkey_challenge"]
    other = app.test_client()
    give_password(other, Role.DECIDER)
    with other.session_transaction() as cookie:
        cookie["passkey_challenge"] = challenge

    answer = other.post(f"{STEP}/passkey", json={"credential": others.sign(options)})

    assert answer.status_code == 422


# --- A passkey alone -------------------------------------------------------------------------

ALONE = "/sign-in/passkey"


def test_a_passkey_alone_signs_in_with_both_factors(app, client, authenticator):
    answer = answer_with(client, ALONE, authenticator)

    assert answer.json == {"next": "/"}
    assert is_in(client)
    kept = last_session(app)
    assert kept.method is SignInMethod.PASSKEY
    assert kept.has_second_factor


def test_it_leads_to_where_one_was_going_and_nowhere_else(app, client, authenticator):
    options = options_for(client, ALONE)
    sent = {"credential": authenticator.sign(options)}
    assert client.post(f"{ALONE}?back=/organisations/GIR/register", json=sent).json == {
        "next": "/organisations/GIR/register"
    }

    other = app.test_client()
    sent = {"credential": authenticator.sign(options_for(other, ALONE))}
    assert other.post(f"{ALONE}?back=https://evil.example", json=sent).json == {"next": "/"}


def test_without_its_owner_verified_it_opens_nothing(app, client, clock):
    touched = Authenticator(verifies=False)
    with at_desk(app) as work:
        enrol_passkey(work, person(work), touched, now=clock.now)

    assert answer_with(client, ALONE, touched).status_code == 422
    assert not is_in(client)


def test_a_challenge_for_the_second_step_does_not_serve_to_sign_in(client, authenticator):
    give_password(client)
    options = options_for(client, f"{STEP}/passkey")

    answer = client.post(ALONE, json={"credential": authenticator.sign(options)})

    assert answer.status_code == 422
    assert not is_in(client)


def test_an_unknown_passkey_is_refused_in_words_and_counted(app, client):
    answer = answer_with(client, ALONE, Authenticator(handle=b"\x00" * 8))

    assert answer.status_code == 422
    assert "n’ouvre aucun compte" in answer.json["fault"]
    with at_desk(app) as work:
        kinds = work.session.scalars(select(Throttle.kind)).all()
    assert "sign_in_address" in kinds


def test_an_address_that_fails_too_often_is_stopped(client, authenticator):
    for _ in range(50):
        client.post(ALONE, json={})

    answer = answer_with(client, ALONE, authenticator)

    assert answer.status_code == 429
    assert answer.json["fault"]
    assert not is_in(client)


def test_somebody_deactivated_is_not_let_in(app, client, authenticator):
    with at_desk(app) as work:
        person(work).is_active = False
        work.session.commit()

    assert answer_with(client, ALONE, authenticator).status_code == 422
    assert not is_in(client)


def test_a_sign_in_knows_nothing_of_the_cookie_before(client, authenticator):
    with client.session_transaction() as cookie:
        cookie["leftover"] = "x"

    answer_with(client, ALONE, authenticator)

    with client.session_transaction() as cookie:
        assert "leftover" not in cookie
        assert "passkey_challenge" not in cookie


# --- Forgery, and the sign-in page -----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        STEP,
        f"{STEP}/recovery-code",
        f"{STEP}/passkey/options",
        f"{STEP}/passkey",
        f"{ALONE}/options",
        ALONE,
        "/account/second-factor/application",
        "/account/second-factor/recovery-codes",
        "/account/second-factor/passkeys/new/options",
        "/account/second-factor/passkeys/new",
        "/account/second-factor/proof",
    ],
)
def test_nothing_is_taken_without_its_token(app, client, secret, path):
    give_password(client, Role.DECIDER)
    app.config["WTF_CSRF_ENABLED"] = True

    assert client.post(path, json={}).status_code == 400


def test_the_button_brings_a_token_that_the_script_sends_back(app, client, authenticator):
    app.config["WTF_CSRF_ENABLED"] = True
    page = client.get("/sign-in?back=/organisations/GIR/register").text
    box = re.search(r"<div[^>]*data-passkey=\"get\"[^>]*>", page)[0]
    marks = dict(re.findall(r'data-(\w+)="([^"]*)"', box))
    headers = {"X-CSRFToken": marks["token"]}

    options = client.post(marks["options"], json={}, headers=headers).json
    sent = {"credential": authenticator.sign(options)}
    answer = client.post(marks["verify"], json=sent, headers=headers)

    assert answer.json == {"next": "/organisations/GIR/register"}
    # Shown by the script alone, where the browser knows passkeys.
    assert " hidden" in box


def test_where_browsers_take_no_passkeys_the_sign_in_page_offers_none(app, client):
    app.extensions["desk"] = replace(app.extensions["desk"], public_url="http://127.0.0.1:8000")

    assert "data-passkey" not in client.get("/sign-in").text
