"""A person's own pages: setting factors up, giving one where it is demanded, removing."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import segno
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import Passkey, RecoveryCode, UserSession
from breachdesk.services.recovery_codes import make_recovery_codes
from breachdesk.services.second_factor import factors_of
from breachdesk.services.sessions import begin_session
from tests.authenticator import Authenticator
from tests.cases import MONDAY_NINE, address_of, at_desk, make_organisation, organisation
from tests.queries import counted_queries
from tests.services.factors import (
    code_at,
    enrol_passkey,
    enrol_totp,
    person,
    told_changes,
)

LISTING = "/account/second-factor"
TOTP = f"{LISTING}/application"
CODES = f"{LISTING}/recovery-codes"
PROOF = f"{LISTING}/proof"
NEW_PASSKEY = f"{LISTING}/passkeys/new"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(app):
    """A desk whose address has a name, as passkeys demand."""
    app.extensions["desk"] = replace(app.extensions["desk"], public_url="https://desk.example")
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    return app


@pytest.fixture
def ines(client, sign_in):
    """The client, signed in by password as somebody without a second factor."""
    return sign_in(client, address_of(Role.DPO))


@pytest.fixture
def demanded(app):
    """Their organisation demands a second factor."""
    with at_desk(app) as work:
        organisation(work).demands_second_factor = True
        work.session.commit()


def secret_on(page):
    """The secret that the page shows to type."""
    return re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")


def offer_on(page):
    return re.search(r'name="offer"[^>]*value="([^"]+)"', page.text)[1]


def install(client, now):
    """Set codes by the minute up through the page; the secret and the answer."""
    page = client.get(TOTP)
    secret = secret_on(page)
    sent = {"offer": offer_on(page), "code": code_at(secret, now)}
    return secret, client.post(TOTP, data=sent)


def codes_on(page):
    return re.findall(r"<li>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</li>", page.text)


def next_step(page):
    """Where the one primary button leads."""
    assert page.text.count("button--primary") == 1
    return re.search(r'button--primary" href="([^"]+)"', page.text)[1]


# --- Setting up an application of codes ------------------------------------------------------


def test_from_nothing_to_recovery_codes_in_three_pages(ines, clock):
    assert next_step(ines.get(LISTING)) == TOTP

    _, answer = install(ines, clock.now)
    assert answer.location == CODES
    assert "L’application de codes est installée" in ines.get(CODES).text
    shown = ines.post(CODES)

    assert len(codes_on(shown)) == 10
    listing = ines.get(LISTING)
    assert "10 codes de secours" in listing.text
    assert "button--primary" not in listing.text


def test_the_page_shows_a_code_to_scan_without_any_style_of_its_own(ines):
    page = ines.get(TOTP)

    picture = re.search(r"<svg.*?</svg>", page.text, re.S)[0]
    assert "style" not in picture
    assert "<title>Code QR de votre application de codes</title>" in picture
    assert 'fill="#fff"' in picture
    assert 'stroke="#000"' in picture


def test_the_code_to_scan_holds_what_the_link_beside_it_holds(ines):
    page = ines.get(TOTP)

    uri = unescape(re.search(r'href="(otpauth:[^"]+)"', page.text)[1])
    modules = segno.make(uri, error="m", micro=False)
    lines = re.search(r'stroke="#000" d="([^"]+)"', page.text)[1]
    assert f"secret={secret_on(page)}" in uri
    assert drawn_modules(lines) == sum(sum(row) for row in modules.matrix)
    assert f'd="{lines}"' in modules.svg_inline(border=4)


def drawn_modules(lines):
    """How many black squares the strokes of a picture cover."""
    return sum(int(length) for length in re.findall(r"h(\d+)", lines))


def test_each_visit_offers_another_secret_and_keeps_none(app, ines):
    one, two = secret_on(ines.get(TOTP)), secret_on(ines.get(TOTP))

    assert one != two
    with at_desk(app) as work:
        assert person(work).totp_secret is None


@pytest.mark.parametrize("code", ["", "12345", "000000", "abcdef", "\x00", "💥" * 50, "1" * 5000])
def test_a_wrong_code_keeps_the_secret_on_the_page(app, ines, code):
    page = ines.get(TOTP)

    answer = ines.post(TOTP, data={"offer": offer_on(page), "code": code})

    assert answer.status_code == 422
    assert secret_on(answer) == secret_on(page)
    assert "Rien n’est encore changé" in answer.text
    with at_desk(app) as work:
        assert person(work).totp_confirmed_at is None


@pytest.mark.parametrize("offer", ["", "x", "é", "A" * 400])
def test_an_offer_that_is_not_ours_gives_a_new_secret(ines, offer):
    answer = ines.post(TOTP, data={"offer": offer, "code": "123456"})

    assert answer.status_code == 422
    assert "nouveau code QR" in answer.text
    assert len(secret_on(answer)) == 32


def test_anothers_offer_cannot_be_confirmed(app, ines, sign_in, clock):
    other = sign_in(app.test_client(), address_of(Role.DECIDER))
    page = other.get(TOTP)
    sent = {"offer": offer_on(page), "code": code_at(secret_on(page), clock.now)}

    assert ines.post(TOTP, data=sent).status_code == 422
    with at_desk(app) as work:
        assert person(work).totp_confirmed_at is None


def test_the_owner_is_told_by_mail(app, ines, clock):
    install(ines, clock.now)

    with at_desk(app) as work:
        assert told_changes(work, person(work)) == ["second_factor_added"]


# --- Recovery codes --------------------------------------------------------------------------


def test_codes_are_shown_once_and_new_ones_replace_them(app, ines, clock):
    install(ines, clock.now)
    first = codes_on(ines.post(CODES))

    assert not codes_on(ines.get(CODES))
    assert "10 codes qui vous restent ne vaudront plus rien" in ines.get(CODES).text
    second = codes_on(ines.post(CODES))

    assert not set(first) & set(second)
    with at_desk(app) as work:
        assert len(work.session.scalars(select(RecoveryCode)).all()) == 10


def test_without_a_second_factor_there_are_no_codes(ines):
    assert ines.get(CODES).location == LISTING
    assert ines.post(CODES).location == LISTING


# --- Passkeys --------------------------------------------------------------------------------


def make_passkey(client, authenticator=None, name="Téléphone"):
    """Make a passkey as the script does; what the desk answers."""
    authenticator = authenticator or Authenticator()
    options = client.post(f"{NEW_PASSKEY}/options", json={}).json
    sent = {"credential": authenticator.register(options), "name": name}
    return authenticator, client.post(NEW_PASSKEY, json=sent)


def test_a_passkey_is_made_by_the_script_and_led_to_recovery_codes(app, ines):
    _, answer = make_passkey(ines, name="Clé bleue")

    assert answer.json == {"next": CODES}
    assert "Clé bleue" in ines.get(LISTING).text
    with at_desk(app) as work:
        assert factors_of(work.session, person(work)).count == 1


def test_what_is_refused_is_said_in_words(ines):
    _, answer = make_passkey(ines, name=" ")

    assert answer.status_code == 422
    assert answer.json["fault"].startswith("Donnez un nom")


def test_a_challenge_serves_once_and_for_five_minutes(ines, clock):
    authenticator = Authenticator()
    options = ines.post(f"{NEW_PASSKEY}/options", json={}).json
    sent = {"credential": authenticator.register(options), "name": "Clé"}
    assert ines.post(NEW_PASSKEY, json=sent).status_code == 200
    assert ines.post(NEW_PASSKEY, json=sent).status_code == 422

    options = ines.post(f"{NEW_PASSKEY}/options", json={}).json
    clock.now += 5 * MINUTE + timedelta(seconds=1)
    late = {"credential": Authenticator().register(options), "name": "Clé"}
    assert ines.post(NEW_PASSKEY, json=late).status_code == 422


def test_a_challenge_to_prove_does_not_serve_to_set_up_another_passkey(ines):
    make_passkey(ines)
    shown = ines.post(f"{NEW_PASSKEY}/options", json={}).json
    asked = ines.post(f"{PROOF}/passkey/options", json={}).json
    answer = Authenticator().register(shown | {"challenge": asked["challenge"]})

    sent = ines.post(NEW_PASSKEY, json={"credential": answer, "name": "Clé"})

    assert sent.status_code == 422


def test_a_cookie_played_back_brings_no_challenge_back(app, ines):
    authenticator = Authenticator()
    options = ines.post(f"{NEW_PASSKEY}/options", json={}).json
    kept = ines.get_cookie("breachdesk").value
    sent = {"credential": authenticator.register(options), "name": "Clé"}
    assert ines.post(NEW_PASSKEY, json=sent).status_code == 200
    with at_desk(app) as work:
        work.session.delete(work.session.scalars(select(Passkey)).one())
        work.session.commit()

    ines.set_cookie("breachdesk", kept)

    assert ines.post(NEW_PASSKEY, json=sent).status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"json": []}, id="a list"),
        pytest.param({"json": {"credential": "x", "name": {"a": 1}}}, id="other shapes"),
        pytest.param({"data": b"{", "content_type": "application/json"}, id="no JSON"),
        pytest.param({"data": b"[" * 60_000, "content_type": "application/json"}, id="deep"),
        pytest.param({"data": b"x" * 70_000, "content_type": "application/json"}, id="large"),
        pytest.param({"data": {"credential": "x"}}, id="a form"),
    ],
)
def test_whatever_is_sent_in_place_of_an_answer_is_refused(ines, sent):
    ines.post(f"{NEW_PASSKEY}/options", json={})

    answer = ines.post(NEW_PASSKEY, **sent)

    assert answer.status_code == 422
    assert answer.json["fault"]


def test_a_passkey_is_renamed_and_removed(app, ines):
    make_passkey(ines)
    with at_desk(app) as work:
        number = work.session.scalars(select(Passkey.id)).one()
    page = f"{LISTING}/passkeys/{number}"

    assert ines.post(page, data={"name": " "}).status_code == 422
    assert ines.post(page, data={"name": "Clé <b>verte</b>"}).location == LISTING
    assert "Clé &lt;b&gt;verte&lt;/b&gt;" in ines.get(LISTING).text
    assert "dernier second facteur" in ines.get(f"{page}/removal").text
    assert ines.post(f"{page}/removal").location == LISTING

    assert next_step(ines.get(LISTING)) == TOTP
    assert ines.get(page).status_code == 404


def test_nobody_sees_or_touches_anothers_passkey(app, ines):
    with at_desk(app) as work:
        _, kept = enrol_passkey(work, person(work, Role.DECIDER), now=MONDAY_NINE)
        number = kept.id

    for path in (f"/passkeys/{number}", f"/passkeys/{number}/removal"):
        assert ines.get(LISTING + path).status_code == 404
        assert ines.post(LISTING + path, data={"name": "x"}).status_code == 404
    with at_desk(app) as work:
        assert work.session.get(Passkey, number).name == "Téléphone"


def test_where_browsers_take_no_passkeys_nothing_leads_to_them(app, ines):
    app.extensions["desk"] = replace(app.extensions["desk"], public_url="http://127.0.0.1:8000")

    assert "passkeys" not in ines.get(LISTING).text
    assert "nom de domaine" in ines.get(NEW_PASSKEY).text
    assert ines.post(f"{NEW_PASSKEY}/options", json={}).status_code == 422


# --- Changes demand a proof ------------------------------------------------------------------

CHANGES = [
    pytest.param("GET", TOTP, id="install"),
    pytest.param("POST", TOTP, id="confirm"),
    pytest.param("GET", f"{TOTP}/removal", id="ask to remove"),
    pytest.param("POST", f"{TOTP}/removal", id="remove"),
    pytest.param("GET", CODES, id="ask for codes"),
    pytest.param("POST", CODES, id="make codes"),
    pytest.param("GET", NEW_PASSKEY, id="add a passkey"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_an_old_sign_in_changes_nothing(app, ines, clock, method, path):
    install(ines, clock.now)
    for _ in range(3):
        clock.now += 25 * MINUTE
        ines.get(LISTING)

    answer = ines.open(path, method=method)

    assert answer.status_code == 302
    assert answer.location.startswith("/confirm")
    with at_desk(app) as work:
        assert person(work).totp_confirmed_at is not None
        assert work.session.scalars(select(RecoveryCode)).all() == []


def test_the_script_is_led_to_the_proof_too(ines, clock):
    for _ in range(3):
        clock.now += 25 * MINUTE
        ines.get(LISTING)

    assert ines.post(f"{NEW_PASSKEY}/options", json={}).json == {"next": NEW_PASSKEY}
    assert ines.post(NEW_PASSKEY, json={}).json == {"next": NEW_PASSKEY}


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_password_alone_takes_no_factor_away(app, ines, method, path):
    with at_desk(app) as work:
        enrol_totp(work, person(work), now=MONDAY_NINE)

    answer = ines.open(path, method=method)

    assert answer.location.startswith(PROOF)
    with at_desk(app) as work:
        assert person(work).totp_confirmed_at is not None


# --- An organisation demands one -------------------------------------------------------------


def test_where_it_is_demanded_everything_leads_to_setting_one_up(ines, demanded):
    for path in ("/", "/organisations/GIR", "/organisations/GIR/register"):
        assert ines.get(path).location == f"{LISTING}?back={path}"

    page = ines.get(f"{LISTING}?back=/organisations/GIR/register")
    assert "Maison GIR demande un second facteur" in page.text
    assert next_step(page) == TOTP


def test_once_set_up_the_person_goes_on_at_once_to_where_they_were_going(ines, clock, demanded):
    ines.get(ines.get("/organisations/GIR/register").location)
    install(ines, clock.now)

    assert ines.get("/organisations/GIR/register").status_code == 200
    assert next_step(ines.post(CODES)) == "/organisations/GIR/register"


def test_a_passkey_will_do_as_well(ines, demanded):
    make_passkey(ines)

    assert ines.get("/organisations/GIR").status_code == 200


def test_nothing_can_be_posted_past_the_demand(ines, demanded):
    answer = ines.post("/organisations/GIR/incidents/new", data={"description": "x"})

    assert answer.location == LISTING


def test_signing_out_stays_possible(ines, demanded):
    assert ines.post("/sign-out").location.startswith("/sign-in")


def test_whoever_has_one_elsewhere_must_give_it(app, ines, clock, demanded):
    with at_desk(app) as work:
        secret = enrol_totp(work, person(work), now=MONDAY_NINE)

    page = ines.get(ines.get("/organisations/GIR").location)
    assert next_step(page).startswith(PROOF)
    assert ines.post(PROOF, data={"code": "000000"}).status_code == 422
    assert ines.get("/organisations/GIR").status_code == 302

    clock.now += MINUTE
    given = ines.post(f"{PROOF}?back=/organisations/GIR", data={"code": code_at(secret, clock.now)})
    assert given.location == "/organisations/GIR"
    assert ines.get("/organisations/GIR").status_code == 200


def test_an_old_sign_in_can_still_prove_itself_where_a_factor_is_demanded(ines, clock, demanded):
    for _ in range(3):
        clock.now += 25 * MINUTE
        ines.get(LISTING)

    asked = ines.get(TOTP)

    assert asked.location.startswith("/confirm")
    assert ines.get(asked.location).status_code == 200


def test_the_last_one_cannot_be_removed(app, ines, clock, demanded):
    install(ines, clock.now)

    page = ines.get(f"{TOTP}/removal")
    assert "Ajoutez-en un autre avant" in page.text
    assert "Retirer maintenant" not in page.text
    assert ines.post(f"{TOTP}/removal").status_code == 409
    with at_desk(app) as work:
        assert person(work).totp_confirmed_at is not None


def test_a_single_sign_on_without_a_second_factor_is_asked_for_one(app, client, demanded):
    with at_desk(app) as work:
        token = begin_session(
            work.session,
            person(work),
            method=SignInMethod.SINGLE_SIGN_ON,
            organisation_id=organisation(work).id,
            now=MONDAY_NINE,
        )
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token

    assert client.get("/organisations/GIR").location.startswith(LISTING)


# --- A second factor as the proof ------------------------------------------------------------


@pytest.fixture
def old_sign_in(app, ines, clock):
    """Signed in with a second factor more than an hour ago; the secret of the codes."""
    secret, _ = install(ines, clock.now)
    for _ in range(3):
        clock.now += 25 * MINUTE
        ines.get(LISTING)
    return secret


def test_the_page_that_asks_for_a_proof_offers_the_second_factor(ines, old_sign_in):
    page = ines.get(ines.get(CODES).location)

    assert f"{PROOF}?back=" in page.text.replace("&amp;", "&")


def test_a_code_is_a_proof(ines, clock, old_sign_in):
    given = ines.post(f"{PROOF}?back={CODES}", data={"code": code_at(old_sign_in, clock.now)})

    assert given.location == CODES
    assert ines.get(CODES).status_code == 200


def test_a_passkey_is_a_proof(app, ines, clock, old_sign_in):
    with at_desk(app) as work:
        authenticator, _ = enrol_passkey(work, person(work), now=MONDAY_NINE)
    options = ines.post(f"{PROOF}/passkey/options", json={}).json

    given = ines.post(
        f"{PROOF}/passkey?back={CODES}", json={"credential": authenticator.sign(options)}
    )

    assert given.json == {"next": CODES}
    assert ines.get(CODES).status_code == 200


def test_a_recovery_code_is_a_proof_and_is_used_up(app, ines, clock, old_sign_in):
    with at_desk(app) as work:
        codes = make_recovery_codes(work.session, work.desk, person(work), now=clock.now)
    path = f"{PROOF}/recovery-code?back={CODES}"

    assert ines.post(path, data={"recovery_code": codes[0]}).location == CODES
    assert ines.post(path, data={"recovery_code": codes[0]}).status_code == 422


def test_a_proof_leads_nowhere_but_to_our_own_pages(ines, clock, old_sign_in):
    given = ines.post(
        f"{PROOF}?back=https://evil.example/", data={"code": code_at(old_sign_in, clock.now)}
    )

    assert given.location == "/"


def test_guessing_a_proof_is_stopped(ines, clock, old_sign_in):
    for _ in range(5):
        assert ines.post(PROOF, data={"code": "000000"}).status_code == 422

    answer = ines.post(PROOF, data={"code": code_at(old_sign_in, clock.now)})

    assert answer.status_code == 429
    assert "Trop de codes faux" in answer.text


# --- What it costs ---------------------------------------------------------------------------


def test_the_listing_asks_no_more_for_ten_passkeys_than_for_one(app, ines):
    def asked():
        ines.get(LISTING)
        with counted_queries(app) as statements:
            ines.get(LISTING)
        return len(statements)

    with at_desk(app) as work:
        enrol_passkey(work, person(work), now=MONDAY_NINE)
    one = asked()
    with at_desk(app) as work:
        for _ in range(9):
            enrol_passkey(work, person(work), now=MONDAY_NINE)

    assert asked() == one <= 6


def test_a_session_that_set_one_up_is_marked(app, ines, clock):
    install(ines, clock.now)

    with at_desk(app) as work:
        assert [kept.has_second_factor for kept in work.session.scalars(select(UserSession))] == [
            True
        ]
