"""Whom a provider vouches for, and what is kept of it: known people, by a name that stays."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk, jwt
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.errors import NotAllowed, NotFound
from breachdesk.domain.sign_in import PROOF_LASTS, SignInMethod, must_prove_again
from breachdesk.domain.single_sign_on import (
    ROUND_TRIP_WITHIN,
    Discovered,
    ProviderFault,
    Purpose,
    SignOnRefused,
    Vouched,
)
from breachdesk.models import ExternalIdentity, IdentityProvider, Membership, UserSession
from breachdesk.services.id_tokens import LONGEST_TOKEN, UnknownKey, signed_claims
from breachdesk.services.identity_providers import (
    Found,
    ProviderSettings,
    discover,
    found_of,
    keep_found,
    list_linked,
    save_provider,
    unlink,
)
from breachdesk.services.organisation_sign_in import (
    allow_local_sign_in,
    demand_second_factor,
    refuse_local_sign_in,
    rules_of,
)
from breachdesk.services.provider_client import Departure, depart, find_way
from breachdesk.services.sessions import begin_session, find_signed_in
from breachdesk.services.single_sign_on import proven_at, recognise
from tests import people
from tests.oidc_provider import asked_in
from tests.people import MONDAY_NINE, address_of, make_organisation

ISSUER = "https://id.maison.example"
ABOUT = Discovered(ISSUER, f"{ISSUER}/authorize", f"{ISSUER}/token", f"{ISSUER}/keys")
FOUND = Found(ABOUT, [{"kty": "RSA", "n": "x", "e": "AQAB"}], MONDAY_NINE)
SETTINGS = ProviderSettings(ISSUER, "desk", "a secret", is_enabled=True)
NOBODYS = UserSession(id=0, method=SignInMethod.PASSWORD, started_at=MONDAY_NINE)

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def gir(work):
    """GIR, which signs in through a provider, and VID, which does not."""
    make_organisation(work, now=MONDAY_NINE)
    make_organisation(work, "VID", now=MONDAY_NINE)
    save(work)
    return people.organisation(work)


def save(work, settings=SETTINGS, *, found=FOUND, code="GIR", role=Role.ADMIN, now=MONDAY_NINE):
    return save_provider(
        work.session,
        work.desk,
        settings,
        found=found,
        by=people.seat(work, role, code),
        in_hand=NOBODYS,
        now=now,
    )


DPO = address_of(Role.DPO)


def vouched(subject="7f3a", email=DPO, **more):
    usual = {"has_email": True, "has_second_factor": False, "proven_at": None}
    return Vouched(subject=subject, email=email, **usual | more)


def come(work, who=None, code="GIR", now=MONDAY_NINE):
    way = find_way(work.session, work.desk, code)
    return recognise(work.session, work.desk, way, who or vouched(), now=now)


# --- Signatures ------------------------------------------------------------------------------

KEYS = [jwk.RSAKey.generate_key(2048, {"kid": name}) for name in ("one", "two")]
PUBLIC = [key.as_dict(private=False) for key in KEYS]


def token(key=KEYS[0], algorithm="RS256", **header):
    said = {"alg": algorithm, "kid": key.kid, **header}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, {"sub": "7f3a"}, key, algorithms=[algorithm])


def test_a_signature_by_a_published_key_holds():
    assert signed_claims(token(KEYS[1]), PUBLIC) == {"sub": "7f3a"}
    assert signed_claims(token(algorithm="PS256"), PUBLIC) == {"sub": "7f3a"}


def test_without_a_name_every_key_is_tried_before_new_ones_are_asked_for():
    assert signed_claims(token(KEYS[1], kid=None), PUBLIC) == {"sub": "7f3a"}
    with pytest.raises(UnknownKey):
        signed_claims(token(KEYS[1], kid=None), PUBLIC[:1])


def test_a_key_published_for_one_algorithm_serves_no_other():
    only_ps = [{**PUBLIC[0], "alg": "PS256"}]

    assert signed_claims(token(algorithm="PS256"), only_ps)
    with pytest.raises(UnknownKey):
        signed_claims(token(), only_ps)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"n": ""}, id="no modulus"),
        pytest.param({"n": 7}, id="a number for a modulus"),
        pytest.param({"n": "é"}, id="no base 64"),
        pytest.param({"e": ""}, id="no exponent"),
        pytest.param({"kty": "EC"}, id="of another kind than it says"),
    ],
)
def test_a_broken_key_beside_a_good_one_does_no_harm(broken):
    keys = [{**PUBLIC[0], **broken}, PUBLIC[0]]

    assert signed_claims(token(), keys) == {"sub": "7f3a"}
    with pytest.raises((UnknownKey, SignOnRefused)):
        signed_claims(token(), keys[:1])


def test_one_changed_letter_breaks_a_signature():
    head, body, signature = token().split(".")
    other = base64.urlsafe_b64encode(json.dumps({"sub": "admin"}).encode()).decode().rstrip("=")

    for forged in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-8]}AAAAAAAA"):
        with pytest.raises(SignOnRefused) as caught:
            signed_claims(forged, PUBLIC)
        assert caught.value.parameters["why"] == "signature"


@given(st.one_of(st.text(), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
def test_whatever_comes_as_a_token_is_refused_by_name(text):
    with pytest.raises((SignOnRefused, UnknownKey)):
        signed_claims(text, PUBLIC)


def test_a_token_of_any_length_is_not_read():
    with pytest.raises(SignOnRefused) as caught:
        signed_claims(token() + "A" * LONGEST_TOKEN, PUBLIC)
    assert caught.value.parameters["why"] == "token"


# --- Leaving ---------------------------------------------------------------------------------


def test_the_way_is_found_by_the_code_however_it_is_typed(work, gir):
    way = find_way(work.session, work.desk, " gir ")

    assert (way.code, way.issuer, way.client_secret) == ("GIR", ISSUER, "a secret")
    assert way.redirect_uri == "https://desk.example/sign-in/organisation/GIR/callback"
    assert "a secret" not in repr(way)


@pytest.mark.parametrize("code", ["VID", "ZZZ", "", "GIR%"])
def test_there_is_no_way_into_another_organisation(work, gir, code):
    with pytest.raises(SignOnRefused, match="sign_on_no_way"):
        find_way(work.session, work.desk, code)


@one_engine
def test_what_the_browser_keeps_is_read_back_and_nothing_else_is(work, gir):
    way = find_way(work.session, work.desk, "GIR")
    left, url = depart(way, Purpose.PROOF, now=MONDAY_NINE)

    assert Departure.read(left.kept()) == left
    assert asked_in(url)["state"] == left.state
    for kept in (None, "", [], {}, {"state": "x"}, {**left.kept(), "left_at": "soon"}):
        assert Departure.read(kept) is None
    assert left.is_answered_by("GIR", left.state, now=MONDAY_NINE + ROUND_TRIP_WITHIN)
    for code, state in (("VID", left.state), ("GIR", ""), ("GIR", "é")):
        assert not left.is_answered_by(code, state, now=MONDAY_NINE)


# --- Who it is -------------------------------------------------------------------------------


def test_a_sign_in_opens_the_organisation_whose_provider_it_is_alone(work, gir):
    user = come(work)
    vidal = people.organisation(work, "VID")
    work.session.add(Membership(organisation_id=vidal.id, user_id=user.id, role=Role.DPO))
    begun = begin_session(
        work.session,
        user,
        method=SignInMethod.SINGLE_SIGN_ON,
        organisation_id=gir.id,
        now=MONDAY_NINE,
    )

    found = find_signed_in(work.session, begun, now=MONDAY_NINE)

    assert [seat.organisation.code for seat in found.seats] == ["GIR"]
    assert [closed.code for closed in found.closed] == ["VID"]
    assert not found.owns_account


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_whatever_their_role_a_member_is_known(work, gir, role):
    assert come(work, vouched(email=address_of(role))).email == address_of(role)


def test_two_browsers_of_one_person_may_come_back_at_once(work, gir, at_once):
    work.session.rollback()
    names = at_once(*[lambda own: come(own).email] * 4)

    assert names == [address_of(Role.DPO)] * 4
    assert len(work.session.scalars(select(ExternalIdentity)).all()) == 1


def test_two_accounts_that_claim_one_address_at_once_do_not_both_get_it(work, gir, at_once):
    work.session.rollback()
    came = at_once(*[lambda own, n=n: come(own, vouched(f"sub {n}")).email for n in range(3)])

    refused = [each for each in came if isinstance(each, SignOnRefused)]
    assert len(refused) == 2
    assert {each.code for each in refused} == {"sign_on_linked_to_another"}


def test_the_same_name_at_another_provider_is_somebody_else(work, gir):
    come(work)
    save(work, code="VID")

    other = come(work, vouched(email=address_of(Role.ADMIN, "VID")), code="VID")

    assert other.email == address_of(Role.ADMIN, "VID")


@pytest.mark.parametrize(
    ("ago", "asks_again"),
    [
        pytest.param(None, False, id="not told: the sign-in is the proof"),
        pytest.param(timedelta(0), False, id="just now"),
        pytest.param(PROOF_LASTS, False, id="within the hour"),
        pytest.param(PROOF_LASTS + timedelta(seconds=1), True, id="longer ago"),
        pytest.param(timedelta(days=9), True, id="last week"),
        pytest.param(-timedelta(minutes=1), False, id="by a clock ahead of ours"),
    ],
)
def test_a_sign_in_proves_as_much_as_the_provider_asked_for(ago, asks_again):
    at = None if ago is None else MONDAY_NINE - ago
    proof = proven_at(vouched(proven_at=at), now=MONDAY_NINE)

    assert must_prove_again(proof, now=MONDAY_NINE) is asks_again
    assert MONDAY_NINE - timedelta(hours=2) < proof <= MONDAY_NINE


# --- What is kept of a provider --------------------------------------------------------------


def test_who_may_not_rule_sign_ins_changes_nothing(work, gir):
    by = people.seat(work, Role.DPO)
    acts = (
        lambda: save(work, role=Role.DPO),
        lambda: list_linked(work.session, by),
        lambda: unlink(work.session, 1, by=by, now=MONDAY_NINE),
        lambda: rules_of(work.session, by, NOBODYS),
        lambda: demand_second_factor(work.session, demands=True, by=by, now=MONDAY_NINE),
        lambda: allow_local_sign_in(work.session, by=by, now=MONDAY_NINE),
        lambda: refuse_local_sign_in(
            work.session, break_glass_id=1, by=by, in_hand=NOBODYS, now=MONDAY_NINE
        ),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    "found",
    [None, Found(Discovered("https://o.example", "", "", ""), [], MONDAY_NINE)],
    ids=["never asked", "another answered"],
)
def test_a_provider_is_enabled_only_once_it_answered_itself(work, gir, found):
    other = ProviderSettings("https://new.example", "desk", is_enabled=True)

    with pytest.raises(ProviderFault) as caught:
        save(work, other, found=found)

    assert (caught.value.code, caught.value.field) == ("provider_not_asked", "issuer")
    work.session.rollback()
    assert work.session.scalars(select(IdentityProvider)).one().issuer == ISSUER


def test_what_an_old_provider_answers_late_is_not_kept_for_the_new_one(work, gir):
    provider = work.session.scalars(select(IdentityProvider)).one()
    new = Found(Discovered("https://new.example", "a", "t", "k"), [], MONDAY_NINE)
    save(work, ProviderSettings("https://new.example", "desk"), found=None)

    keep_found(work.session, provider.id, FOUND)
    assert found_of(provider) is None
    keep_found(work.session, provider.id, new)
    work.session.expire_all()
    assert found_of(provider) == new


def test_enabling_and_disabling_is_no_change_of_what_was_tried(work, gir):
    later = MONDAY_NINE + timedelta(days=1)
    provider = work.session.scalars(select(IdentityProvider)).one()

    assert save(work, ProviderSettings(ISSUER, "desk"), now=later) == ["is_enabled"]
    assert save(work, now=later) == ["is_enabled"]
    assert provider.changed_at == MONDAY_NINE
    secret = ProviderSettings(ISSUER, "desk", "new", is_enabled=True)
    assert save(work, secret, now=later) == ["client_secret"]
    assert provider.changed_at == later


def test_another_organisations_link_cannot_be_undone(work, gir):
    come(work)
    save(work, code="VID")
    identity = work.session.scalars(select(ExternalIdentity)).one()

    with pytest.raises(NotFound):
        unlink(work.session, identity.id, by=people.seat(work, Role.ADMIN, "VID"), now=MONDAY_NINE)


@one_engine
@pytest.mark.parametrize(
    "issuer", ["https://127.0.0.1:9", "https://localhost:9", "https://10.0.0.1", "https://[::1]:9"]
)
def test_a_provider_inside_the_desks_network_is_not_called(work, issuer):
    with pytest.raises(ProviderFault, match="provider_address_closed"):
        discover(work.desk, issuer, now=MONDAY_NINE)
