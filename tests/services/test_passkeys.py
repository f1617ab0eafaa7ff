"""Passkeys against an authenticator in software: the right answer, and every wrong one."""

import base64
import copy
import json
import os
from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.models import Passkey
from breachdesk.services import passkeys
from breachdesk.services.second_factor import factors_of, has_second_factor
from tests.authenticator import Authenticator
from tests.people import MONDAY_NINE as NOW
from tests.people import Work, make_organisation, organisation
from tests.services.desks import meeting_before
from tests.services.factors import enrol_passkey, person, signed_in, told_changes

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ines(work):
    """Somebody who has no passkey yet."""
    make_organisation(work, now=NOW)
    return person(work)


def register(work, user, authenticator, name="Téléphone", change=lambda answer: answer, **other):
    """Set up a passkey as a browser would; `other` as `Authenticator.register` takes it."""
    challenge = os.urandom(32)
    options = passkeys.registration_options(work.session, work.desk, user, challenge)
    return passkeys.add_passkey(
        work.session,
        work.desk,
        user,
        change(authenticator.register(options, **other)),
        challenge,
        name,
        through=signed_in(work, user, now=NOW),
        now=NOW,
    )


def sign_in(work, authenticator, *, now=LATER, change=lambda answer: answer, **other):
    """Sign in by a passkey alone, as a browser would."""
    challenge = os.urandom(32)
    answer = change(authenticator.sign(passkeys.sign_in_options(work.desk, challenge), **other))
    return passkeys.sign_in_by_passkey(work.session, work.desk, answer, challenge, now=now)


def give(work, user, authenticator, *, now=LATER, **other):
    """Give a passkey after the password."""
    challenge = os.urandom(32)
    options = passkeys.proof_options(work.session, work.desk, user, challenge)
    answer = authenticator.sign(options, **other)
    passkeys.give_passkey(work.session, work.desk, user, answer, challenge, now=now)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


# --- Setting one up --------------------------------------------------------------------------


def test_a_passkey_is_kept_and_the_session_counts_as_proven(work, ines):
    authenticator, kept = enrol_passkey(work, ines, now=NOW, name="  Clé   bleue ")

    assert has_second_factor(work.session, ines)
    assert (kept.name, kept.created_at, kept.last_used_at) == ("Clé bleue", NOW, None)
    assert kept.credential_id == authenticator.credential_id
    assert kept.transports == ["internal", "usb"]
    assert told_changes(work, ines) == ["second_factor_added"]


def test_the_session_in_which_it_is_set_up_goes_on_as_one_with_a_second_factor(work, ines):
    kept = signed_in(work, ines, now=NOW - timedelta(minutes=50))
    challenge = os.urandom(32)
    options = passkeys.registration_options(work.session, work.desk, ines, challenge)
    answer = Authenticator().register(options)

    passkeys.add_passkey(
        work.session, work.desk, ines, answer, challenge, "Clé", through=kept, now=NOW
    )

    assert kept.has_second_factor
    assert kept.proven_at == NOW


def test_an_authenticator_is_told_nothing_of_the_person_but_what_it_shows(work, ines):
    options = passkeys.registration_options(work.session, work.desk, ines, b"c" * 32)

    assert options["rp"] == {"id": "desk.example", "name": "breachdesk"}
    assert options["user"]["name"] == "dpo@gir.example"
    assert len(base64.urlsafe_b64decode(options["user"]["id"] + "==")) == 8
    assert options["attestation"] == "none"


def test_a_device_that_holds_a_passkey_is_not_asked_for_a_second_one(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)

    options = passkeys.registration_options(work.session, work.desk, ines, b"c" * 32)

    assert [each["id"] for each in options["excludeCredentials"]] == [
        encoded(authenticator.credential_id)
    ]


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"origin": "https://desk.example.evil"}, id="a look-alike"),
        pytest.param({"origin": "http://desk.example"}, id="without https"),
        pytest.param({"origin": "https://desk.example:8443"}, id="another port"),
        pytest.param({"challenge": encoded(b"x" * 32)}, id="another challenge"),
        pytest.param({"rp_id": "other.example"}, id="another domain"),
        pytest.param({"type": "webauthn.get"}, id="an answer to something else"),
    ],
)
def test_a_passkey_made_elsewhere_is_not_kept(work, ines, otherwise):
    with pytest.raises(InvalidInput, match="passkey_refused"):
        register(work, ines, Authenticator(), **otherwise)

    assert not has_second_factor(work.session, ines)


def test_nobody_can_register_anothers_passkey(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    decider = person(work, Role.DECIDER)

    with pytest.raises(InvalidInput, match="passkey_known"):
        register(work, decider, authenticator)

    assert sign_in(work, replace(authenticator, handle=ines.id.to_bytes(8))).id == ines.id


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("", "passkey_name_missing", id="nothing"),
        pytest.param(" \t\u00a0 ", "passkey_name_missing", id="spaces"),
        pytest.param("\x00\u200b\ud800", "passkey_name_missing", id="nothing one can see"),
        pytest.param("a" * 81, "text_too_long", id="too long"),
    ],
)
def test_a_passkey_has_a_name(work, ines, name, code):
    with pytest.raises(InvalidInput) as refused:
        register(work, ines, Authenticator(), name=name)

    assert (refused.value.code, refused.value.field) == (code, "name")


def test_there_is_a_bound_to_how_many(work, ines):
    for number in range(passkeys.MOST_PASSKEYS):
        enrol_passkey(work, ines, now=NOW, name=f"Clé {number}")

    with pytest.raises(InvalidInput, match="too_many_passkeys"):
        register(work, ines, Authenticator())


def test_at_an_address_without_a_name_there_are_no_passkeys(work, ines):
    desk = replace(work.desk, public_url="http://127.0.0.1:8000")

    assert not passkeys.takes_passkeys(desk)
    with pytest.raises(WrongStep, match="no_passkeys_here"):
        passkeys.registration_options(work.session, desk, ines, b"c" * 32)
    with pytest.raises(WrongStep, match="no_passkeys_here"):
        passkeys.sign_in_options(desk, b"c" * 32)


# --- Signing in by a passkey alone -----------------------------------------------------------


def test_a_passkey_alone_signs_its_owner_in(work, ines):
    authenticator, kept = enrol_passkey(work, ines, now=NOW)

    assert sign_in(work, authenticator).id == ines.id
    assert sign_in(work, authenticator, now=LATER + timedelta(hours=1)).id == ines.id

    work.session.refresh(kept)
    assert kept.sign_count == 2
    assert kept.last_used_at == LATER + timedelta(hours=1)


def test_a_passkey_that_counts_nothing_signs_in_as_often_as_one_likes(work, ines):
    authenticator = Authenticator(counts=False)
    enrol_passkey(work, ines, authenticator, now=NOW)

    assert [sign_in(work, authenticator).id for _ in range(3)] == [ines.id] * 3


def test_a_count_of_all_its_32_bits_is_taken(work, ines):
    authenticator = Authenticator(count=2**32 - 3)
    enrol_passkey(work, ines, authenticator, now=NOW)

    assert sign_in(work, authenticator).id == ines.id


def test_the_browser_is_asked_to_verify_the_owner(work, ines):
    options = passkeys.sign_in_options(work.desk, b"c" * 32)

    assert options["userVerification"] == "required"
    assert options["rpId"] == "desk.example"
    assert not options.get("allowCredentials")


def test_without_its_owner_verified_a_passkey_alone_opens_nothing(work, ines):
    authenticator = Authenticator(verifies=False)
    enrol_passkey(work, ines, authenticator, now=NOW)

    with pytest.raises(InvalidInput, match="passkey_refused"):
        sign_in(work, authenticator)
    # Beside the password it is enough that somebody touched it.
    give(work, ines, authenticator)


WRONG = [
    pytest.param({"origin": "https://desk.example.evil"}, "passkey_refused", id="a look-alike"),
    pytest.param({"origin": "http://desk.example"}, "passkey_refused", id="without https"),
    pytest.param({"challenge": encoded(b"x" * 32)}, "passkey_refused", id="another challenge"),
    pytest.param({"rp_id": "other.example"}, "passkey_refused", id="another domain"),
    pytest.param({"type": "webauthn.create"}, "passkey_refused", id="another kind of answer"),
    pytest.param({"handle": b"\x00" * 8}, "passkey_unknown", id="says it is another's"),
]


@pytest.mark.parametrize(("otherwise", "code"), WRONG)
def test_a_signature_made_for_something_else_opens_nothing(work, ines, otherwise, code):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)

    with pytest.raises(InvalidInput, match=code):
        sign_in(work, authenticator, **otherwise)
    with pytest.raises(InvalidInput, match=code):
        give(work, ines, authenticator, **otherwise)


def test_a_passkey_that_does_not_say_whose_it_is_is_a_second_factor_only(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)

    with pytest.raises(InvalidInput, match="passkey_unknown"):
        sign_in(work, authenticator, handle=None)
    give(work, ines, authenticator, handle=None)


def test_another_key_under_the_same_name_opens_nothing(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    forged = Authenticator(credential_id=authenticator.credential_id, handle=authenticator.handle)

    with pytest.raises(InvalidInput, match="passkey_refused"):
        sign_in(work, forged)


def test_a_passkey_nobody_registered_opens_nothing(work, ines):
    with pytest.raises(InvalidInput, match="passkey_unknown"):
        sign_in(work, Authenticator(handle=ines.id.to_bytes(8)))


def test_a_removed_passkey_opens_nothing(work, ines):
    authenticator, kept = enrol_passkey(work, ines, now=NOW)
    passkeys.remove_passkey(work.session, work.desk, ines, kept.id, now=LATER)

    with pytest.raises(InvalidInput, match="passkey_unknown"):
        sign_in(work, authenticator)


def test_somebody_who_has_left_is_not_signed_in(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    ines.is_active = False
    work.session.commit()

    with pytest.raises(InvalidInput, match="passkey_unknown"):
        sign_in(work, authenticator)


def test_a_challenge_is_answered_once_even_by_a_passkey_that_counts_nothing(work, ines):
    authenticator = Authenticator(counts=False)
    enrol_passkey(work, ines, authenticator, now=NOW)
    challenge = os.urandom(32)
    answer = authenticator.sign(passkeys.sign_in_options(work.desk, challenge))

    first = passkeys.sign_in_by_passkey(work.session, work.desk, answer, challenge, now=LATER)

    assert first.id == ines.id
    with pytest.raises(InvalidInput, match="passkey_refused"):
        passkeys.sign_in_by_passkey(work.session, work.desk, answer, challenge, now=LATER)


def test_the_same_answer_given_twice_at_once_signs_in_once(work, ines, at_once):
    authenticator = Authenticator(counts=False)
    enrol_passkey(work, ines, authenticator, now=NOW)
    challenge = os.urandom(32)
    answer = authenticator.sign(passkeys.sign_in_options(work.desk, challenge))

    def play(other: Work) -> int:
        return passkeys.sign_in_by_passkey(
            other.session, other.desk, answer, challenge, now=LATER
        ).id

    work.session.rollback()
    results = at_once(play, play)

    assert sorted(type(each).__name__ for each in results) == ["InvalidInput", "int"]


# --- Copies ----------------------------------------------------------------------------------


def test_a_copy_whose_count_lags_behind_is_refused_and_its_owner_told(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    copied = copy.copy(authenticator)
    sign_in(work, authenticator)
    sign_in(work, authenticator)

    with pytest.raises(InvalidInput, match="passkey_copied"):
        sign_in(work, copied)

    assert told_changes(work, ines)[-1] == "passkey_copied"
    assert sign_in(work, authenticator).id == ines.id


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        pytest.param(8, True, id="the next one"),
        pytest.param(2**32 - 1, True, id="used elsewhere in between"),
        pytest.param(7, False, id="the same again"),
        pytest.param(3, False, id="a copy that lags behind"),
        pytest.param(0, False, id="one that says it counts no more"),
    ],
)
def test_a_count_that_does_not_go_up_tells_of_a_copy(work, ines, told, taken):
    authenticator, kept = enrol_passkey(work, ines, Authenticator(counts=False, count=7), now=NOW)
    assert kept.sign_count == 7
    authenticator.count = told

    if taken:
        assert sign_in(work, authenticator).id == ines.id
    else:
        with pytest.raises(InvalidInput, match="passkey_copied"):
            sign_in(work, authenticator)


def test_two_copies_used_at_once_do_not_both_pass(work, ines, engine, at_once):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    one, two = copy.copy(authenticator), copy.copy(authenticator)

    work.session.rollback()
    with meeting_before(engine, "UPDATE passkey SET"):
        results = at_once(
            lambda other: sign_in(other, one).id, lambda other: sign_in(other, two).id
        )

    assert sorted(type(each).__name__ for each in results) == ["InvalidInput", "int"]


def test_a_bad_signature_does_not_pass_for_a_copy(work, ines):
    authenticator, _ = enrol_passkey(work, ines, now=NOW)
    sign_in(work, authenticator)
    forged = Authenticator(credential_id=authenticator.credential_id, handle=authenticator.handle)
    forged.count = -1

    with pytest.raises(InvalidInput, match="passkey_refused"):
        sign_in(work, forged)

    assert "passkey_copied" not in told_changes(work, ines)


# --- After the password ----------------------------------------------------------------------


def test_only_ones_own_passkeys_are_asked_for_after_the_password(work, ines):
    own, _ = enrol_passkey(work, ines, now=NOW)
    enrol_passkey(work, person(work, Role.DECIDER), now=NOW)

    options = passkeys.proof_options(work.session, work.desk, ines, b"c" * 32)

    assert [each["id"] for each in options["allowCredentials"]] == [encoded(own.credential_id)]


def test_anothers_passkey_is_no_second_factor(work, ines):
    enrol_passkey(work, ines, now=NOW)
    others, _ = enrol_passkey(work, person(work, Role.DECIDER), now=NOW)

    with pytest.raises(InvalidInput, match="passkey_unknown"):
        give(work, ines, others)
    with pytest.raises(InvalidInput, match="passkey_unknown"):
        give(work, ines, others, handle=None)


def test_whoever_has_no_passkey_is_asked_for_none(work, ines):
    with pytest.raises(WrongStep):
        passkeys.proof_options(work.session, work.desk, ines, b"c" * 32)


# --- Names, and removing ---------------------------------------------------------------------


def test_a_passkey_is_renamed(work, ines):
    _, kept = enrol_passkey(work, ines, now=NOW)

    passkeys.rename_passkey(work.session, ines, kept.id, "Clé du bureau")

    assert [each.name for each in factors_of(work.session, ines).passkeys] == ["Clé du bureau"]


def test_nobody_renames_or_removes_anothers_passkey(work, ines):
    _, kept = enrol_passkey(work, ines, now=NOW)
    number = kept.id
    decider = person(work, Role.DECIDER)

    with pytest.raises(NotFound):
        passkeys.rename_passkey(work.session, decider, number, "Le mien")
    with pytest.raises(NotFound):
        passkeys.remove_passkey(work.session, work.desk, decider, number, now=LATER)

    work.session.rollback()
    assert [each.name for each in factors_of(work.session, ines).passkeys] == ["Téléphone"]


def test_the_last_passkey_stays_where_an_organisation_demands_a_second_factor(work, ines):
    _, kept = enrol_passkey(work, ines, now=NOW)
    _, other = enrol_passkey(work, ines, now=NOW)
    organisation(work).demands_second_factor = True
    work.session.commit()
    passkeys.remove_passkey(work.session, work.desk, ines, kept.id, now=LATER)

    with pytest.raises(WrongStep, match="second_factor_demanded"):
        passkeys.remove_passkey(work.session, work.desk, ines, other.id, now=LATER)


# --- Hostile input ---------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PARTS = ("id", "rawId", "type", "response")
INNER = (
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
    "transports",
)
NONSENSE = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(PARTS[:3], JSON),
        "response": JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(INNER, JSON)),
    },
)
quickly = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quickly
@given(answer=NONSENSE)
def test_nonsense_is_refused_and_breaks_nothing(work, ines, answer):
    with pytest.raises(InvalidInput):
        register(work, ines, Authenticator(), change=lambda _: answer)
    with pytest.raises(InvalidInput):
        sign_in(work, Authenticator(), change=lambda _: answer)


@quickly
@given(part=st.sampled_from(INNER[:5]), value=JSON | st.binary(max_size=60).map(encoded))
def test_a_right_answer_with_one_wrong_part_is_refused(work, ines, part, value):
    authenticator = Authenticator()
    if not factors_of(work.session, ines).passkeys:
        authenticator, _ = enrol_passkey(work, ines, now=NOW)
        work.session.info["authenticator"] = authenticator
    authenticator = work.session.info["authenticator"]

    def change(answer):
        if part not in answer["response"] or answer["response"][part] == value:
            answer["response"] = {}
        answer["response"][part] = value
        return answer

    with pytest.raises(InvalidInput):
        sign_in(work, authenticator, change=change)


@pytest.mark.parametrize(
    "attestation",
    [
        pytest.param(cbor2.dumps({"fmt": "none"}), id="half an attestation"),
        pytest.param(cbor2.dumps([1, 2, 3]), id="another shape"),
        pytest.param(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}), id="empty data"),
        pytest.param(
            cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": bytes(400)}), id="zeros"
        ),
        pytest.param(
            cbor2.dumps({"fmt": "tpm", "attStmt": {"ver": 1}, "authData": bytes(37)}),
            id="a statement nobody asked for",
        ),
        pytest.param(b"\xa1" * 2000, id="maps in maps in maps"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_broken_attestation_is_refused(work, ines, attestation):
    def change(answer):
        answer["response"]["attestationObject"] = encoded(attestation)
        return answer

    with pytest.raises(InvalidInput, match="passkey_refused"):
        register(work, ines, Authenticator(), change=change)


def test_words_of_next_years_browsers_are_no_fault(work, ines):
    def change(answer):
        answer["response"]["transports"] = ["telepathy", "internal", 7]
        return answer | {"authenticatorAttachment": "implanted", "clientExtensionResults": {"x": 1}}

    kept = register(work, ines, Authenticator(), change=change)

    assert kept.transports == ["internal"]
    assert json.dumps(passkeys.proof_options(work.session, work.desk, ines, b"c" * 32))


def test_a_credential_name_longer_than_any_is_refused(work, ines):
    with pytest.raises(InvalidInput):
        register(work, ines, Authenticator(credential_id=os.urandom(1024)))

    assert work.session.scalars(select(Passkey)).all() == []
