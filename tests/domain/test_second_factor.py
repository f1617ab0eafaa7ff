from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.second_factor import (
    RECOVERY_ALPHABET,
    RelyingParty,
    in_groups,
    is_recovery_code_of,
    new_recovery_code,
    recovery_code_hash,
    relying_party,
    step_begins_at,
    steps_accepted,
    totp_step,
    typed_recovery_code,
    typed_totp,
)

INSTANTS = st.datetimes(
    min_value=datetime(1980, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(UTC),
)


# --- Codes by the minute ---------------------------------------------------------------------


@given(INSTANTS)
def test_a_step_lasts_thirty_seconds(instant):
    assert totp_step(instant + timedelta(seconds=30)) == totp_step(instant) + 1


def test_the_steps_are_those_of_the_standard():
    # RFC 6238, appendix B: T = 0x23523EC at this second.
    assert totp_step(datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)) == 0x23523EC


@given(INSTANTS)
def test_an_instant_lies_in_its_step(instant):
    begins = step_begins_at(totp_step(instant))

    assert begins <= instant < begins + timedelta(seconds=30)


@given(INSTANTS)
def test_the_code_before_and_the_code_after_are_taken_too(instant):
    now = totp_step(instant)

    assert list(steps_accepted(instant)) == [now - 1, now, now + 1]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("123456", "123456", id="as it is"),
        pytest.param(" 123 456\n", "123456", id="in groups"),
        pytest.param("123\u202f456", "123456", id="with the spaces of a French keyboard"),
        pytest.param("12345", "", id="too short"),
        pytest.param("1234567", "", id="too long"),
        pytest.param("12345a", "", id="a letter"),
        pytest.param("١٢٣٤٥٦", "", id="figures of another script"),
        pytest.param("12345²", "", id="a figure above the line"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_six_figures_are_read_however_they_are_typed(typed, meant):
    assert typed_totp(typed) == meant


# --- Recovery codes --------------------------------------------------------------------------


def test_a_recovery_code_is_four_groups_of_letters_nobody_confuses():
    groups = new_recovery_code().split("-")

    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(RECOVERY_ALPHABET)
    assert not set(RECOVERY_ALPHABET) & set("oilu")


def test_no_two_recovery_codes_are_alike():
    assert len({new_recovery_code() for _ in range(2000)}) == 2000


@given(st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", " ", "-", ". "]))
def test_a_recovery_code_is_found_again_however_it_is_typed(case, separator):
    code = new_recovery_code()

    typed = case(code).replace("-", separator).replace("0", "O").replace("1", "l")

    assert is_recovery_code_of(recovery_code_hash(code), typed)


def test_no_other_code_fits():
    code, other = new_recovery_code(), new_recovery_code()

    assert not is_recovery_code_of(recovery_code_hash(code), other)


@given(st.text())
def test_what_is_no_recovery_code_fits_nothing_and_breaks_nothing(text):
    plain = typed_recovery_code(text)

    assert plain == "" or len(plain) == 16
    assert not is_recovery_code_of(recovery_code_hash("0000-0000-0000-0001"), text[:15])


def test_the_same_code_is_kept_differently_each_time():
    code = new_recovery_code()
    one, two = recovery_code_hash(code), recovery_code_hash(code)

    assert one != two
    assert len(one) == 64
    assert code.replace("-", "") not in one


def test_a_long_code_is_read_in_groups_of_four():
    assert in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"


# --- Passkeys --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "we"),
    [
        pytest.param(
            "https://desk.example", RelyingParty("desk.example", "https://desk.example"), id="https"
        ),
        pytest.param(
            "https://Desk.Example:443",
            RelyingParty("desk.example", "https://desk.example"),
            id="a browser's origin leaves the usual port and capitals out",
        ),
        pytest.param(
            "https://desk.example:8443",
            RelyingParty("desk.example", "https://desk.example:8443"),
            id="another port is part of the origin, not of the domain",
        ),
        pytest.param(
            "https://bureau-métier.fr",
            RelyingParty("xn--bureau-mtier-ieb.fr", "https://xn--bureau-mtier-ieb.fr"),
            id="a name with an accent",
        ),
        pytest.param(
            "http://localhost:8000",
            RelyingParty("localhost", "http://localhost:8000"),
            id="this machine needs no https",
        ),
        pytest.param("http://desk.example", None, id="no passkey without https"),
        pytest.param("http://127.0.0.1:8000", None, id="an address has no name"),
        pytest.param("https://192.0.2.7", None, id="an address has no name, https or not"),
        pytest.param("https://[2001:db8::1]", None, id="IPv6"),
        pytest.param("http://localhost.example", None, id="only looks like this machine"),
        pytest.param(f"https://{'a' * 64}.example", None, id="no such name can exist"),
    ],
)
def test_passkeys_are_bound_to_the_public_address(url, we):
    assert relying_party(url) == we
