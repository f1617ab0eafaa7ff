"""Signing in through one's organisation: who gets in, and every way in which nobody does."""

import logging
from datetime import timedelta
from html import unescape

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from breachdesk.domain.access import Role
from breachdesk.domain.single_sign_on import FOUND_LASTS, ROUND_TRIP_WITHIN
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Membership, Organisation, User, UserSession
from breachdesk.services.organisations import NewPerson, add_user
from tests import people
from tests.oidc_provider import CLIENT_ID, asked_in, ec_key, text, weak_key
from tests.people import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.services.factors import code_at, enrol_totp, told_changes
from tests.web.providers import (
    ADMIN,
    DPO,
    START,
    come,
    is_inside,
    kept_provider,
    leave,
    links,
    path_of,
    provider_fixture,  # noqa: F401 - a fixture
    use_provider,
)
from tests.web.reading import plain

CALLBACK = f"{START}/callback"


# What no database has a part in is asked on one engine.
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _gir(app, provider):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        make_organisation(work, "VID", now=MONDAY_NINE)
        use_provider(work, provider)


def change(app, **values):
    """Change something of GIR."""
    with at_desk(app) as work:
        own = people.organisation(work)
        for name, value in values.items():
            setattr(own, name, value)
        work.session.commit()


def dpo_of(work, code="GIR"):
    return people.seat(work, Role.DPO, code).user


def session_rows(app):
    with at_desk(app) as work:
        kept = work.session.scalars(select(UserSession).order_by(UserSession.id))
        return [
            (each.method, each.organisation_id, each.has_second_factor, each.ended_at)
            for each in kept
        ]


# --- Coming in -------------------------------------------------------------------------------


def test_a_person_comes_in_through_their_organisation(app, client, provider):
    answer = come(client, provider)

    assert (answer.status_code, answer.location) == (302, "/")
    assert is_inside(client)
    assert "Dpo GIR" in client.get("/organisations/GIR").text
    assert links(app) == [(address_of(Role.DPO), "sub-of-ines")]
    with at_desk(app) as work:
        gir = people.organisation(work).id
    assert session_rows(app) == [("single_sign_on", gir, False, None)]


def test_what_is_asked_of_the_provider_binds_the_answer_to_this_browser(client, provider):
    first, second = asked_in(leave(client)), asked_in(leave(client))

    assert first["redirect_uri"] == f"http://localhost{CALLBACK}"
    assert (first["response_type"], first["client_id"]) == ("code", CLIENT_ID)
    assert first["scope"].split() == ["openid", "email"]
    assert first["code_challenge_method"] == "S256"
    assert not {"prompt", "max_age"} & set(first)
    for secret in ("state", "nonce", "code_challenge"):
        assert len(first[secret]) >= 43
        assert first[secret] != second[secret]


def test_one_comes_back_to_the_page_that_was_asked_for(client, provider):
    answer = come(client, provider, start=f"{START}?back=/organisations/GIR/register")

    assert answer.location == "/organisations/GIR/register"


def test_one_is_never_led_elsewhere(client, provider):
    answer = come(client, provider, start=f"{START}?back=https://evil.example/")

    assert answer.location == "/"


def test_from_then_on_it_is_the_providers_name_that_counts(app, client, provider):
    come(client, provider)
    client.post("/sign-out")
    provider.people[DPO] |= {"email": address_of(Role.ADMIN)}

    come(client, provider)

    assert "Dpo GIR" in client.get("/organisations/GIR").text
    assert links(app) == [(address_of(Role.DPO), "sub-of-ines")]


def test_the_first_time_its_owner_is_told_by_mail(app, client, provider):
    come(client, provider)
    client.post("/sign-out")
    come(client, provider)

    with at_desk(app) as work:
        assert told_changes(work, dpo_of(work)) == ["single_sign_on_linked"]


def test_whoever_was_at_this_browser_before_is_signed_out(app, client, sign_in, provider):
    sign_in(client, address_of(Role.HANDLER))

    come(client, provider)

    assert [row[-1] for row in session_rows(app)] == [MONDAY_NINE, None]


# --- Which organisation ----------------------------------------------------------------------


def test_the_page_of_the_organisation_is_followed_by_one_that_leads_on(client, provider):
    answer = client.post("/sign-in/organisation", data={"code": " gir "})

    page = unescape(answer.text)
    assert answer.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={provider.issuer}/authorize?' in page
    url = page.split('button--primary" href="')[1].split('"')[0]
    assert client.get(path_of(provider.sign_in(url, DPO))).status_code == 302
    assert is_inside(client)


def test_nobody_learns_which_organisations_there_are(app, client):
    disabled = client.post("/sign-in/organisation", data={"code": "VID"})
    unknown = client.post("/sign-in/organisation", data={"code": "ZZZ"})

    assert (disabled.status_code, unknown.status_code) == (422, 422)
    assert disabled.text.replace("VID", "X") == unknown.text.replace("ZZZ", "X")
    assert "Aucune organisation de ce sigle ne se connecte ainsi" in unknown.text
    started = [client.get(f"/sign-in/organisation/{code}") for code in ("VID", "ZZZ")]
    assert [answer.status_code for answer in started] == [404, 404]
    assert started[0].text.replace("VID", "X") == started[1].text.replace("ZZZ", "X")


def test_a_provider_that_was_disabled_leads_nowhere_even_for_who_has_left(app, client, provider):
    back = path_of(provider.sign_in(leave(client), DPO))
    with at_desk(app) as work:
        use_provider(work, provider, is_enabled=False)

    assert client.get(START).status_code == 404
    assert client.get(back).status_code == 404
    assert not is_inside(client)


def test_the_sign_in_page_leads_there(client):
    assert 'href="/sign-in/organisation"' in client.get("/sign-in").text


# --- Attacks on the token --------------------------------------------------------------------


def shift(provider, **seconds):
    now = int(provider.clock().timestamp())
    return {name: now + value for name, value in seconds.items()}


ATTACKS = [
    pytest.param({"bend": lambda c: c | {"nonce": "other"}}, "nonce", id="wrong nonce"),
    pytest.param({"bend": lambda c: c | {"aud": "other"}}, "aud", id="wrong audience"),
    pytest.param({"bend": lambda c: c | {"azp": "other"}}, "azp", id="made for another"),
    pytest.param({"bend": lambda c: c | {"iss": "https://o.example"}}, "iss", id="other issuer"),
    pytest.param({"bend": lambda c: c | {"sub": ""}}, "sub", id="about nobody"),
    pytest.param({"alg": "none"}, "alg", id="not signed"),
    pytest.param({"alg": "HS256"}, "alg", id="signed with the public key"),
    pytest.param({"signs_with": RSAKey.generate_key(2048)}, "signature", id="another's key"),
    pytest.param({"header": {"kid": "unknown"}}, "kid", id="a key nobody published"),
    pytest.param({"header": {"kid": None}, "signs_with": RSAKey.generate_key(2048)}, "kid", id="?"),
    pytest.param({"alg": "none", "header": {"alg": "nOnE"}}, "alg", id="an algorithm spelt oddly"),
    pytest.param(
        {"alg": "none", "header": {"alg": ["RS256"]}}, "alg", id="an algorithm of no known form"
    ),
    pytest.param({"header": {"crit": ["exp"], "exp": 1}}, "signature", id="demands the unknown"),
]


@one_engine
@pytest.mark.parametrize(("knobs", "why"), ATTACKS)
def test_a_token_that_does_not_hold_lets_nobody_in(app, client, provider, knobs, why):
    for name, value in knobs.items():
        setattr(provider, name, value)

    answer = come(client, provider)

    assert answer.status_code == 403
    assert f"(contrôle « {why} »)" in plain(answer.text)
    assert not is_inside(client)
    assert links(app) == []
    assert session_rows(app) == []


@one_engine
@pytest.mark.parametrize(
    "bend",
    [
        pytest.param({"exp": -121}, id="expired"),
        pytest.param({"iat": 121}, id="made in the future"),
        pytest.param({"nbf": 121}, id="not valid yet"),
    ],
)
def test_a_token_of_another_time_lets_nobody_in(client, provider, bend):
    provider.bend = lambda claims: claims | shift(provider, **bend)

    answer = come(client, provider)

    assert answer.status_code == 403
    assert "l’heure du fournisseur et celle" in answer.text
    assert not is_inside(client)


def test_a_short_key_is_not_taken_even_if_it_is_published(client, provider):
    provider.rotate(weak_key())

    assert "(contrôle « kid »)" in plain(come(client, provider).text)
    assert not is_inside(client)


def test_a_key_inside_the_token_itself_is_not_looked_at(client, provider):
    own = RSAKey.generate_key(2048)
    provider.header = {"jwk": own.as_dict(private=False)}
    provider.signs_with = own

    assert come(client, provider).status_code == 403
    assert not is_inside(client)


def test_a_key_of_another_kind_may_sign(client, provider):
    provider.rotate(ec_key())
    provider.alg = "ES256"

    assert come(client, provider).status_code == 302


def test_headers_of_the_providers_own_are_let_be(client, provider):
    provider.header = {"x5t": "abc", "x-own": 1}

    assert come(client, provider).status_code == 302


# --- Keys change -----------------------------------------------------------------------------


def test_new_keys_are_fetched_once_when_a_token_names_one_we_do_not_know(client, provider):
    come(client, provider)
    provider.asked.clear()
    provider.rotate()

    assert come(client, provider).status_code == 302
    assert provider.asked.count("/keys") == 1
    provider.asked.clear()
    assert come(client, provider).status_code == 302
    assert provider.asked.count("/keys") == 0


def test_a_forged_token_makes_us_ask_for_keys_once_and_no_more(client, provider):
    provider.asked.clear()
    provider.header = {"kid": "unknown"}

    come(client, provider)

    assert provider.asked.count("/keys") == 1


def test_a_key_that_the_provider_withdrew_is_refused_within_the_hour(client, provider, clock):
    provider.signs_with = provider.keys[0]
    provider.header = {"kid": provider.keys[0].kid}
    assert come(client, provider).status_code == 302
    provider.rotate()

    clock.now += FOUND_LASTS

    assert come(client, provider).status_code == 403


# --- State and code --------------------------------------------------------------------------


def refused_as_lost(answer):
    return answer.status_code == 403 and "n’a pas commencé dans ce navigateur" in answer.text


def test_an_answer_is_of_no_use_in_another_browser(app, client, provider):
    back = path_of(provider.sign_in(leave(client), DPO))
    other = app.test_client()
    leave(other)

    assert refused_as_lost(other.get(back))
    assert refused_as_lost(app.test_client().get(back))
    assert not is_inside(other)


def test_an_answer_serves_once(client, provider):
    provider.reuses_codes = True
    back = path_of(provider.sign_in(leave(client), DPO))
    client.get(back)
    client.post("/sign-out")

    assert refused_as_lost(client.get(back))


def test_a_code_that_served_already_is_refused_by_the_provider(client, provider):
    spent = path_of(provider.sign_in(leave(client), DPO)).split("code=")[1].split("&")[0]
    come(client, provider)
    client.post("/sign-out")
    state = asked_in(leave(client))["state"]

    answer = client.get(f"{CALLBACK}?code={spent}&state={state}")

    assert "il ne sert qu’une fois" in answer.text
    assert not is_inside(client)


@one_engine
@pytest.mark.parametrize("question", ["", "?state=", "?code=x", "?state=x&code=x", "?error=x"])
def test_an_answer_that_nobody_asked_for_is_refused(client, question):
    assert refused_as_lost(client.get(f"{CALLBACK}{question}"))


@one_engine
@pytest.mark.parametrize("code", ["", "%0a", "é", "x" * 5000])
def test_an_answer_without_a_code_that_could_be_one_is_refused(client, provider, code):
    state = asked_in(leave(client))["state"]
    provider.asked.clear()

    assert client.get(f"{CALLBACK}?state={state}&code={code}").status_code == 403
    assert provider.asked == []


def test_a_round_trip_that_takes_too_long_is_refused(client, provider, clock):
    back = path_of(provider.sign_in(leave(client), DPO))

    clock.now += ROUND_TRIP_WITHIN + timedelta(seconds=1)

    assert refused_as_lost(client.get(back))


def test_an_answer_for_one_organisation_is_of_no_use_at_another(app, client, provider):
    with at_desk(app) as work:
        use_provider(work, provider, "VID")
    back = path_of(provider.sign_in(leave(client), DPO))

    assert refused_as_lost(client.get(back.replace("/GIR/", "/VID/")))


def test_an_answer_that_names_another_issuer_is_refused(client, provider):
    back = path_of(provider.sign_in(leave(client), DPO))
    provider.asked.clear()

    answer = client.get(back.replace("iss=http%3A", "iss=https%3A"))

    assert "(contrôle « iss »)" in plain(answer.text)
    assert "/token" not in provider.asked


# --- The provider says no, or nothing --------------------------------------------------------


@one_engine
@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "vous avez annulé"),
        ("login_required", "vous avez annulé"),
        ("server_error", "« server_error »"),
        ("<script>alert(1)</script>", "« error »"),
    ],
)
def test_a_refusal_is_said_with_what_to_do(client, provider, error, said):
    state = asked_in(leave(client))["state"]

    answer = client.get(CALLBACK, query_string={"state": state, "error": error})

    assert answer.status_code == 403
    assert said in plain(answer.text)
    assert "<script>" not in answer.text
    assert f'href="{START}"' in answer.text


@one_engine
@pytest.mark.parametrize(
    ("path", "instead", "said"),
    [
        pytest.param("/token", text("{}", 503), "répond par une erreur (503)", id="down"),
        pytest.param("/token", text("<html>"), "ce n’est pas du JSON", id="a page"),
        pytest.param("/token", text("[]"), "répond par une erreur (200)", id="a list"),
        pytest.param("/token", text("{}"), "(contrôle « id_token »)", id="no token"),
        pytest.param("/token", text('{"id_token": "a.b"}'), "(contrôle « token »)", id="no JWT"),
        pytest.param("/token", text('{"id_token": "W10.b.c"}'), "(contrôle « token »)", id="list"),
        pytest.param("/token", text("", 302, Location="/keys"), "pas du JSON", id="redirects"),
        pytest.param("/token", text("x" * 600_000), "dépasse 512", id="endless"),
    ],
)
def test_a_provider_that_answers_badly_is_named_as_the_cause(
    client,
    provider,
    path,
    instead,
    said,
):
    provider.answers[path] = instead

    answer = come(client, provider)

    assert answer.status_code in (403, 502)
    assert said in plain(answer.text)
    assert not is_inside(client)


def test_a_secret_that_the_provider_does_not_know_is_told_to_the_administrator(
    app,
    client,
    provider,
):
    with at_desk(app) as work:
        use_provider(work, provider, client_secret="an old one")

    assert "son identifiant client ou son secret a changé" in come(client, provider).text


def test_nobody_waits_for_us_while_the_provider_is_asked(app, client, provider):
    def write():
        with at_desk(app) as work:
            work.session.execute(select(Organisation.id).with_for_update())
            people.organisation(work).name = "Maison Neuve"
            work.session.commit()

    provider.answers["/token"] = write

    assert come(client, provider).status_code == 302
    with at_desk(app) as work:
        assert people.organisation(work).name == "Maison Neuve"


# --- Who it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        pytest.param({"email_verified": False}, "n’a pas confirmé que votre adresse", id="unsure"),
        pytest.param({"email_verified": None}, "n’a pas confirmé que votre adresse", id="unsaid"),
        pytest.param({"email": None}, "n’a pas dit votre adresse", id="no address"),
        pytest.param({"email": "personne@gir.example"}, "vous n’avez pas, ou plus", id="nobody"),
        pytest.param({"email": "dpo@vid.example"}, "vous n’avez pas, ou plus", id="another house"),
    ],
)
def test_only_a_member_with_a_confirmed_address_is_known_at_first(
    app,
    client,
    provider,
    claims,
    said,
):
    known = provider.people[DPO] | claims
    provider.people[DPO] = {name: value for name, value in known.items() if value is not None}

    answer = come(client, provider)

    assert answer.status_code == 403
    assert said in answer.text
    assert not is_inside(client)
    assert links(app) == []
    with at_desk(app) as work:
        people_there = work.session.scalar(select(func.count()).select_from(User))
    assert people_there == 14


def test_an_address_told_only_when_asked_for_is_taken(client, provider):
    provider.tells_email = False

    assert come(client, provider).status_code == 302
    assert "/userinfo" in provider.asked


def test_an_address_told_of_somebody_else_is_not(client, provider):
    provider.tells_email = False
    other = f'{{"sub": "x", "email": "{address_of(Role.DPO)}", "email_verified": true}}'
    provider.answers["/userinfo"] = text(other)

    assert "n’a pas dit votre adresse" in come(client, provider).text


def end_membership(work):
    for held in work.session.scalars(
        select(Membership).where(Membership.user_id == dpo_of(work).id)
    ):
        held.ended_at = MONDAY_NINE


def deactivate(work):
    dpo_of(work).is_active = False


@pytest.mark.parametrize("end", [end_membership, deactivate])
@pytest.mark.parametrize("is_linked", [True, False])
def test_whoever_has_left_cannot_come_in(app, client, provider, end, is_linked):
    if is_linked:
        come(client, provider)
        client.post("/sign-out")
    with at_desk(app) as work:
        end(work)
        work.session.commit()

    answer = come(client, provider)

    assert "vous n’avez pas, ou plus" in answer.text
    assert not is_inside(client)


def test_an_address_that_was_given_to_somebody_else_does_not_open_the_account(
    app,
    client,
    provider,
):
    come(client, provider)
    client.post("/sign-out")
    provider.people[DPO] |= {"sub": "a newcomer"}

    answer = come(client, provider)

    assert "déjà relié à une autre identité" in answer.text
    assert links(app) == [(address_of(Role.DPO), "sub-of-ines")]


def test_it_opens_the_organisation_whose_provider_it_is_and_no_other(app, client, provider):
    with at_desk(app) as work:
        vidal = people.organisation(work, "VID")
        user = dpo_of(work)
        work.session.add(Membership(organisation_id=vidal.id, user_id=user.id, role=Role.DPO))
        work.session.commit()

    come(client, provider)

    assert is_inside(client)
    there = client.get("/organisations/VID")
    assert there.status_code == 404
    assert "Pour ouvrir Maison VID, déconnectez-vous" in there.text
    assert client.get("/organisations/ZZZ").status_code == 404


@pytest.mark.parametrize("belongs", ["another organisation", "the installation", "nothing else"])
def test_it_changes_no_account_that_opens_more(app, client, provider, belongs):
    with at_desk(app) as work:
        user = dpo_of(work)
        if belongs == "another organisation":
            vidal = people.organisation(work, "VID")
            work.session.add(Membership(organisation_id=vidal.id, user_id=user.id, role=Role.DPO))
        user.is_operator = belongs == "the installation"
        work.session.commit()
    come(client, provider)

    ways = {
        "/account/second-factor/passkeys/new": client.get,
        "/account/second-factor/application": client.get,
        "/account/second-factor/passkeys/new/options": client.post,
        "/account/password": client.get,
        "/account": client.post,
    }
    answers = {path: ask(path).status_code for path, ask in ways.items()}
    refused = {path: status == 403 for path, status in answers.items()}

    assert set(refused.values()) == {belongs != "nothing else"}
    assert client.get("/account").status_code == 200
    assert client.get("/installation").status_code == (404 if belongs == "nothing else" else 403)
    assert "/installation" not in client.get("/organisations/GIR").text


# --- Second factor ---------------------------------------------------------------------------


def test_a_second_factor_of_the_providers_is_enough_where_it_says_so(app, client, provider):
    change(app, demands_second_factor=True)
    provider.people[DPO] |= {"amr": ["pwd", "mfa"]}

    come(client, provider)

    assert is_inside(client)


def test_where_it_does_not_say_so_the_desks_own_is_asked_for(app, client, provider, clock):
    change(app, demands_second_factor=True)
    with at_desk(app) as work:
        secret = enrol_totp(work, dpo_of(work), now=clock.now)
    clock.now += timedelta(minutes=1)

    answer = come(client, provider, start=f"{START}?back=/organisations/GIR/register")

    assert answer.location == "/sign-in/second-step"
    assert not is_inside(client)
    given = client.post("/sign-in/second-step", data={"code": code_at(secret, clock.now)})
    assert given.location == "/organisations/GIR/register"
    assert is_inside(client)


def test_whoever_has_none_is_led_to_where_they_get_one(app, client, provider):
    change(app, demands_second_factor=True)
    provider.people[DPO] |= {"amr": ["pwd"], "acr": "mfa"}

    come(client, provider)

    assert client.get("/organisations/GIR").location.startswith("/account/second-factor")


# --- Proving again ---------------------------------------------------------------------------

SENSITIVE = "/organisations/GIR/sign-in/second-factor"


def an_hour_later(client, clock):
    """Let an hour and more go by, in front of the desk."""
    for _ in range(4):
        clock.now += timedelta(minutes=20)
        assert is_inside(client)


def asked_to_prove(client):
    """Where the page that asks for a proof leads."""
    asked = client.get(SENSITIVE)
    assert asked.location.startswith("/confirm")
    page = unescape(client.get(asked.location).text)
    assert "Passer par votre organisation" in page
    return page.split(f'href="{START}')[1].split('"')[0]


def test_an_hour_later_the_provider_is_asked_again_and_one_goes_on(client, provider, clock):
    come(client, provider, ADMIN)
    assert client.get(SENSITIVE).status_code == 200
    an_hour_later(client, clock)

    start = START + asked_to_prove(client)
    asked = asked_in(leave(client, start))
    answer = come(client, provider, ADMIN, start)

    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert answer.location == SENSITIVE
    assert client.get(SENSITIVE).status_code == 200


@pytest.mark.parametrize(
    ("knobs", "name", "said"),
    [
        pytest.param({}, DPO, "n’est pas celle de cette session", id="somebody else"),
        pytest.param(
            {"bend": lambda c: c | {"auth_time": int(MONDAY_NINE.timestamp())}},
            ADMIN,
            "ne vous a pas demandé de nouveau",
            id="nobody was asked",
        ),
        pytest.param({"tells_auth_time": False}, ADMIN, "ne dit pas quand", id="nobody says when"),
    ],
)
def test_a_proof_that_is_none_opens_nothing(client, provider, clock, knobs, name, said):
    come(client, provider, ADMIN)
    come(client, provider, DPO)
    come(client, provider, ADMIN)
    an_hour_later(client, clock)
    for knob, value in knobs.items():
        setattr(provider, knob, value)

    answer = come(client, provider, name, START + asked_to_prove(client))

    assert answer.status_code == 403
    assert said in answer.text
    assert client.get(SENSITIVE).location.startswith("/confirm")
    assert "Admin GIR" in client.get("/organisations/GIR").text


def test_what_the_provider_remembered_of_this_morning_is_no_recent_proof(client, provider):
    earlier = int((MONDAY_NINE - timedelta(hours=3)).timestamp())
    provider.bend = lambda claims: claims | {"auth_time": earlier}

    come(client, provider, ADMIN)

    assert is_inside(client)
    assert client.get(SENSITIVE).location.startswith("/confirm")


def test_where_the_provider_does_not_say_when_the_sign_in_itself_is_the_proof(client, provider):
    provider.tells_auth_time = False

    come(client, provider, ADMIN)

    assert client.get(SENSITIVE).status_code == 200


def test_to_prove_again_one_must_be_signed_in(client, provider):
    assert "prompt" not in asked_in(leave(client, f"{START}?again=1"))


# --- Throttling and logs ---------------------------------------------------------------------


def test_failures_from_one_address_are_counted_and_then_refused(client, provider, clock):
    for _ in range(LIMITS[Attempt.SIGN_IN_ADDRESS].most):
        client.get(CALLBACK)

    assert client.get(START).status_code == 429
    assert client.get(CALLBACK).status_code == 429
    assert client.post("/sign-in/organisation", data={"code": "GIR"}).status_code == 429
    clock.now += LIMITS[Attempt.SIGN_IN_ADDRESS].window
    assert come(client, provider).status_code == 302


def test_guesses_at_codes_count_and_sign_ins_that_succeed_do_not(client, provider):
    for _ in range(LIMITS[Attempt.SIGN_IN_ADDRESS].most - 1):
        client.post("/sign-in/organisation", data={"code": "ZZZ"})
    for _ in range(3):
        assert come(client, provider).status_code == 302

    client.get("/sign-in/organisation/ZZZ")

    assert client.get(START).status_code == 429


def test_the_log_names_the_organisation_and_the_reason_and_nobody(client, provider, caplog):
    provider.people[DPO] |= {"email": "quelquun@ailleurs.example"}

    with caplog.at_level(logging.DEBUG):
        come(client, provider)

    assert "Single sign-on for GIR refused: sign_on_not_a_member" in caplog.text
    for personal in ("quelquun", "ailleurs", "sub-of", "127.0.0.1 ", "code="):
        assert personal not in caplog.text.replace("provider", "")


def test_what_the_provider_published_is_kept_once_it_was_asked_anew(app, client, provider, clock):
    clock.now += timedelta(hours=2)

    come(client, provider)

    assert kept_provider(app)["found"]["at"] == clock.now.isoformat()


def test_a_colleague_added_later_comes_in_too(app, client, provider):
    with at_desk(app) as work:
        new = NewPerson("Zoé", "zoe@gir.example", frozenset({Role.REPORTER}), PASSWORD)
        add_user(work.session, people.organisation(work), new, now=MONDAY_NINE)
    provider.add("zoe", email="Zoe@GIR.example", email_verified=True)

    assert come(client, provider, "zoe").status_code == 302
    assert is_inside(client)
