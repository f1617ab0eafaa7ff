"""Codes by the minute, recovery codes, what demands a factor, and how all of them are reset."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotFound, TooManyAttempts, WrongStep
from breachdesk.models import Delivery, JournalEntry, Passkey, RecoveryCode, UserSession
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.passkeys import remove_passkey
from breachdesk.services.recovery_codes import give_recovery_code, make_recovery_codes
from breachdesk.services.second_factor import (
    factors_of,
    has_second_factor,
    reset_second_factor,
)
from breachdesk.services.totp import (
    confirm_totp,
    give_totp,
    offer_again,
    offer_totp,
    remove_totp,
)
from tests.people import MONDAY_NINE as NOW
from tests.people import Work, make_organisation, organisation
from tests.services.desks import meeting_before
from tests.services.factors import (
    code_at,
    enrol_passkey,
    enrol_totp,
    person,
    signed_in,
    told_changes,
)

STEP = timedelta(seconds=30)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ines(work):
    """Somebody who has no second factor yet."""
    make_organisation(work, now=NOW)
    return person(work)


def refusal(work, user, code, now):
    """With which code a code by the minute is refused; empty where it is taken."""
    try:
        give_totp(work.session, work.desk, user, code, now=now)
    except InvalidInput as fault:
        return fault.code
    return ""


# --- Setting up codes by the minute ----------------------------------------------------------


def test_nothing_counts_before_the_first_code_was_right(work, ines):
    kept = signed_in(work, ines, now=NOW)
    offer = offer_totp(work.desk, ines, now=NOW)
    wrong = code_at(offer.secret, NOW + timedelta(hours=2))

    with pytest.raises(InvalidInput) as refused:
        confirm_totp(work.session, work.desk, ines, offer, wrong, through=kept, now=NOW)

    assert (refused.value.code, refused.value.field) == ("wrong_code", "code")
    assert not has_second_factor(work.session, ines)
    assert told_changes(work, ines) == []


def test_the_right_code_sets_it_up_and_the_session_counts_as_proven(work, ines):
    kept = signed_in(work, ines, now=NOW - timedelta(minutes=50))
    offer = offer_totp(work.desk, ines, now=NOW)

    confirm_totp(
        work.session, work.desk, ines, offer, code_at(offer.secret, NOW), through=kept, now=NOW
    )

    assert has_second_factor(work.session, ines)
    assert kept.has_second_factor
    assert kept.proven_at == NOW
    assert told_changes(work, ines) == ["second_factor_added"]


def test_the_secret_is_sealed_and_lies_in_no_row_as_it_is(work, ines):
    secret = enrol_totp(work, ines, now=NOW)

    assert secret.encode() not in ines.totp_secret
    assert work.desk.vault.open(ines.totp_secret).decode() == secret
    assert len(secret) == 32


def test_an_application_is_told_whose_codes_they_are(work, ines):
    offer = offer_totp(work.desk, ines, now=NOW)

    assert offer.uri.startswith("otpauth://totp/breachdesk:dpo%40gir.example?")
    assert f"secret={offer.secret}" in offer.uri
    assert "issuer=breachdesk" in offer.uri


def test_an_offer_comes_back_as_it_went(work, ines):
    offer = offer_totp(work.desk, ines, now=NOW)

    assert offer_again(work.desk, ines, offer.sealed, now=NOW + timedelta(minutes=20)) == offer


@pytest.mark.parametrize(
    ("whose", "after", "change"),
    [
        pytest.param(Role.DECIDER, timedelta(), None, id="made for another"),
        pytest.param(Role.DPO, timedelta(minutes=31), None, id="left open too long"),
        pytest.param(Role.DPO, timedelta(seconds=-1), None, id="from the future"),
        pytest.param(Role.DPO, timedelta(), lambda text: text[:-8], id="cut short"),
        pytest.param(Role.DPO, timedelta(), lambda text: "", id="nothing"),
        pytest.param(Role.DPO, timedelta(), lambda text: "é" * 40, id="no base 64"),
        pytest.param(Role.DPO, timedelta(), lambda text: text[::-1], id="altered"),
    ],
)
def test_an_offer_that_is_not_theirs_or_too_old_is_none(work, ines, whose, after, change):
    sealed = offer_totp(work.desk, ines, now=NOW).sealed

    with pytest.raises(InvalidInput, match="totp_offer_over"):
        offer_again(
            work.desk, person(work, whose), change(sealed) if change else sealed, now=NOW + after
        )


def test_a_new_telephone_replaces_the_old_one(work, ines):
    old = enrol_totp(work, ines, now=NOW)
    new = enrol_totp(work, ines, now=LATER)

    later = LATER + timedelta(minutes=5)
    assert refusal(work, ines, code_at(old, later), later) == "wrong_code"
    assert refusal(work, ines, code_at(new, later), later) == ""


# --- Giving a code ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drift", "taken"),
    [
        pytest.param(0, True, id="clocks agree"),
        pytest.param(-1, True, id="the telephone is half a minute slow"),
        pytest.param(1, True, id="the telephone is half a minute fast"),
        pytest.param(-2, False, id="a minute slow is too much"),
        pytest.param(2, False, id="a minute fast is too much"),
    ],
)
def test_clocks_may_differ_by_one_step(work, ines, drift, taken):
    secret = enrol_totp(work, ines, now=NOW)

    assert (refusal(work, ines, code_at(secret, LATER + drift * STEP), LATER) == "") is taken


def test_the_code_that_set_it_up_signs_nobody_in(work, ines):
    secret = enrol_totp(work, ines, now=NOW)

    assert refusal(work, ines, code_at(secret, NOW), NOW) == "wrong_code"


def test_a_code_is_good_once(work, ines):
    secret = enrol_totp(work, ines, now=NOW)
    code = code_at(secret, LATER)

    assert refusal(work, ines, code, LATER) == ""
    assert refusal(work, ines, code, LATER) == "wrong_code"
    assert refusal(work, ines, code, LATER + STEP) == "wrong_code"


def test_an_older_code_is_not_taken_after_a_newer_one(work, ines):
    secret = enrol_totp(work, ines, now=NOW)

    assert refusal(work, ines, code_at(secret, LATER), LATER) == ""
    assert refusal(work, ines, code_at(secret, LATER - STEP), LATER) == "wrong_code"
    assert refusal(work, ines, code_at(secret, LATER + STEP), LATER) == ""


def test_the_same_code_at_the_same_moment_passes_once(work, ines, engine, at_once):
    secret = enrol_totp(work, ines, now=NOW)
    code = code_at(secret, LATER)

    def give(other):
        give_totp(other.session, other.desk, person(other), code, now=LATER)

    work.session.rollback()
    with meeting_before(engine, "UPDATE users SET totp_last_step"):
        results = at_once(give, give)

    assert sorted(type(each).__name__ for each in results) == ["InvalidInput", "NoneType"]


def test_without_codes_by_the_minute_no_code_is_right(work, ines):
    assert refusal(work, ines, "123456", NOW) == "wrong_code"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_refused_and_breaks_nothing(work, ines, typed):
    if ines.totp_confirmed_at is None:
        enrol_totp(work, ines, now=NOW)

    with pytest.raises((InvalidInput, TooManyAttempts)):
        give_totp(work.session, work.desk, ines, typed, now=LATER)


def test_when_a_code_was_given_last_is_shown_to_half_a_minute(work, ines):
    secret = enrol_totp(work, ines, now=NOW)
    assert factors_of(work.session, ines).totp_used_at is None

    give_totp(work.session, work.desk, ines, code_at(secret, LATER), now=LATER)

    work.session.refresh(ines)
    assert LATER - STEP < factors_of(work.session, ines).totp_used_at <= LATER


# --- Guessing --------------------------------------------------------------------------------


def exhaust(work, user, now=LATER):
    for _ in range(5):
        assert refusal(work, user, "000000", now) == "wrong_code"


def test_the_sixth_guess_in_a_quarter_of_an_hour_is_not_looked_at(work, ines):
    secret = enrol_totp(work, ines, now=NOW)
    exhaust(work, ines)

    with pytest.raises(TooManyAttempts) as refused:
        give_totp(work.session, work.desk, ines, code_at(secret, LATER), now=LATER)

    assert refused.value.parameters["until"] == LATER + timedelta(minutes=15)


def test_after_a_quarter_of_an_hour_codes_are_taken_again(work, ines):
    secret = enrol_totp(work, ines, now=NOW)
    exhaust(work, ines)
    later = LATER + timedelta(minutes=15)

    assert refusal(work, ines, code_at(secret, later), later) == ""


def test_a_right_code_clears_the_wrong_ones_before_it(work, ines):
    secret = enrol_totp(work, ines, now=NOW)
    for minute in range(6):
        now = LATER + timedelta(minutes=minute)
        assert refusal(work, ines, "000000", now) == "wrong_code"
        assert refusal(work, ines, code_at(secret, now), now) == ""


def test_the_owner_is_told_once_when_guesses_are_stopped(work, ines):
    enrol_totp(work, ines, now=NOW)
    exhaust(work, ines)
    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            give_totp(work.session, work.desk, ines, "000000", now=LATER)

    assert told_changes(work, ines).count("sign_in_throttled") == 1


def test_guesses_made_at_once_are_all_counted(work, ines, at_once):
    enrol_totp(work, ines, now=NOW)

    def guess(other):
        give_totp(other.session, other.desk, person(other), "000000", now=LATER)

    results = at_once(*[guess] * 8)

    kinds = [type(each) for each in results]
    assert kinds.count(InvalidInput) == 5
    assert kinds.count(TooManyAttempts) == 3


def test_guesses_at_one_account_do_not_stop_another(work, ines):
    enrol_totp(work, ines, now=NOW)
    decider = person(work, Role.DECIDER)
    secret = enrol_totp(work, decider, now=NOW)
    exhaust(work, ines)

    assert refusal(work, decider, code_at(secret, LATER), LATER) == ""


# --- Recovery codes --------------------------------------------------------------------------


@pytest.fixture
def codes(work, ines):
    """Ten codes of somebody with codes by the minute."""
    enrol_totp(work, ines, now=NOW)
    return make_recovery_codes(work.session, work.desk, ines, now=NOW)


def give_recovery(work, user, code, now=LATER):
    return give_recovery_code(work.session, work.desk, user, code, now=now)


def test_there_are_ten_codes_and_none_lies_in_a_row(work, ines, codes):
    kept = work.session.scalars(select(RecoveryCode.code_hash)).all()

    assert len(set(codes)) == len(set(kept)) == 10
    for code in codes:
        assert not any(code in each or code.replace("-", "") in each for each in kept)
    assert factors_of(work.session, ines).codes_left == 10


def test_each_recovery_code_is_good_once_and_the_owner_is_told(work, ines, codes):
    assert give_recovery(work, ines, codes[3]) == 9

    with pytest.raises(InvalidInput, match="wrong_recovery_code"):
        give_recovery(work, ines, codes[3])
    assert give_recovery(work, ines, codes[4].upper().replace("-", " ")) == 8
    assert told_changes(work, ines).count("recovery_code_used") == 2


def test_the_same_recovery_code_at_the_same_moment_passes_once(work, ines, codes, engine, at_once):
    work.session.rollback()
    with meeting_before(engine, "UPDATE recovery_code"):
        results = at_once(*[lambda other: give_recovery(other, person(other), codes[0])] * 2)

    assert sorted(type(each).__name__ for each in results) == ["InvalidInput", "int"]


def test_new_codes_make_the_old_ones_worthless(work, ines, codes):
    new = make_recovery_codes(work.session, work.desk, ines, now=LATER)

    with pytest.raises(InvalidInput):
        give_recovery(work, ines, codes[0])
    assert give_recovery(work, ines, new[0]) == 9
    assert told_changes(work, ines).count("recovery_codes_made") == 2


def test_codes_made_twice_at_once_are_ten_all_the_same(work, ines, codes, at_once):
    def make(other):
        return make_recovery_codes(other.session, other.desk, person(other), now=LATER)

    work.session.rollback()
    results = at_once(make, make)

    assert all(isinstance(each, list) for each in results), results
    assert work.session.scalars(select(RecoveryCode)).all().__len__() == 10


def test_anothers_recovery_code_opens_nothing(work, ines, codes):
    decider = person(work, Role.DECIDER)
    enrol_totp(work, decider, now=NOW)

    with pytest.raises(InvalidInput):
        give_recovery(work, decider, codes[0])
    assert give_recovery(work, ines, codes[0]) == 9


def test_codes_stand_in_for_something(work, ines):
    with pytest.raises(WrongStep, match="no_second_factor"):
        make_recovery_codes(work.session, work.desk, ines, now=NOW)


def test_guesses_are_limited_apart_from_those_at_the_minutes_codes(work, ines, codes):
    exhaust(work, ines)

    assert give_recovery(work, ines, codes[0]) == 9
    for _ in range(5):
        with pytest.raises(InvalidInput):
            give_recovery(work, ines, "0000-0000-0000-0000")
    with pytest.raises(TooManyAttempts):
        give_recovery(work, ines, codes[1])


# --- Removing, where one is demanded ---------------------------------------------------------


def demand(work, code="GIR"):
    organisation(work, code).demands_second_factor = True
    work.session.commit()


def test_removing_it_leaves_nothing_and_tells(work, ines, codes):
    remove_totp(work.session, work.desk, ines, now=LATER)

    assert not has_second_factor(work.session, ines)
    assert ines.totp_secret is None
    assert factors_of(work.session, ines).codes_left == 0
    assert told_changes(work, ines)[-1] == "second_factor_removed"


def test_removing_what_is_not_there_says_nothing(work, ines):
    remove_totp(work.session, work.desk, ines, now=LATER)

    assert told_changes(work, ines) == []


def test_the_last_factor_stays_where_an_organisation_demands_one(work, ines, codes):
    demand(work)

    with pytest.raises(WrongStep) as refused:
        remove_totp(work.session, work.desk, ines, now=LATER)

    work.session.rollback()
    assert refused.value.code == "second_factor_demanded"
    assert refused.value.parameters["organisation"] == "Maison GIR"
    assert has_second_factor(work.session, ines)
    assert factors_of(work.session, ines).codes_left == 10


def test_one_of_two_may_go_and_the_codes_stay(work, ines, codes):
    enrol_passkey(work, ines, now=NOW)
    demand(work)

    remove_totp(work.session, work.desk, ines, now=LATER)

    assert has_second_factor(work.session, ines)
    assert factors_of(work.session, ines).codes_left == 10


def test_of_two_factors_removed_at_once_one_stays_where_it_is_demanded(work, ines, engine, at_once):
    enrol_totp(work, ines, now=NOW)
    _, passkey = enrol_passkey(work, ines, now=NOW)
    number = passkey.id
    demand(work)

    results = at_once(
        lambda other: remove_totp(other.session, other.desk, person(other), now=LATER),
        lambda other: remove_passkey(other.session, other.desk, person(other), number, now=LATER),
    )

    assert sorted(type(each).__name__ for each in results) == ["NoneType", "WrongStep"]
    work.session.expire_all()
    assert has_second_factor(work.session, person(work))


def test_an_organisation_one_has_left_demands_nothing(work, ines):
    enrol_totp(work, ines, now=NOW)
    demand(work)
    for membership in ines.memberships:
        membership.ended_at = NOW
    work.session.commit()

    remove_totp(work.session, work.desk, ines, now=LATER)

    assert not has_second_factor(work.session, ines)


# --- Everything lost: the operator's command -------------------------------------------------


def test_a_reset_takes_every_factor_ends_sessions_and_tells(work, ines, codes):
    enrol_passkey(work, ines, now=NOW)
    kept = signed_in(work, ines, now=NOW)

    reset_second_factor(work.session, work.desk, " DPO@gir.example ", now=LATER)

    assert not has_second_factor(work.session, ines)
    assert work.session.scalars(select(Passkey)).all() == []
    assert work.session.scalars(select(RecoveryCode)).all() == []
    assert work.session.get(UserSession, kept.id).ended_at == LATER
    assert told_changes(work, ines)[-1] == "second_factor_reset"


def test_a_reset_leaves_a_line_in_the_journal_of_each_organisation(work, ines):
    enrol_totp(work, ines, now=NOW)

    reset_second_factor(work.session, work.desk, ines.email, now=LATER)

    owner = organisation(work)
    line = journal_of(work.session, owner)[-1]
    assert (line.code, line.actor_id) == ("sign_in_rule_changed", None)
    assert line.parameters == {"user": ines.id, "rules": ["second_factor_reset"]}
    assert first_broken_entry(journal_of(work.session, owner)) is None


def test_a_reset_touches_nobody_else(work, ines):
    decider = person(work, Role.DECIDER)
    enrol_totp(work, decider, now=NOW)
    kept = signed_in(work, decider, now=NOW)

    reset_second_factor(work.session, work.desk, ines.email, now=LATER)

    assert has_second_factor(work.session, decider)
    assert work.session.get(UserSession, kept.id).ended_at is None


def test_a_reset_for_an_unknown_address_changes_nothing(work, ines):
    before = len(work.session.scalars(select(JournalEntry)).all())

    with pytest.raises(NotFound):
        reset_second_factor(work.session, work.desk, "nobody@gir.example", now=LATER)

    assert len(work.session.scalars(select(JournalEntry)).all()) == before


def test_a_notice_of_a_new_factor_leaves_by_the_only_organisation_where_there_is_no_other_server(
    work,
):
    """Left to a server that the installation does not have, it would wait for ever."""
    bare = Work(work.session, replace(work.desk, mail_server=None))
    make_organisation(bare, now=NOW)

    enrol_totp(bare, person(bare, Role.DPO), now=NOW)

    notice = work.session.scalars(
        select(Delivery).where(Delivery.kind == MailKind.ACCOUNT_NOTICE)
    ).one()
    assert notice.organisation_id == organisation(work).id
