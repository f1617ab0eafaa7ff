"""What may be typed of a mail account, and which way mail goes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_accounts import (
    AccountTest,
    Step,
    StepResult,
    StepState,
    Way,
    checked_account,
    checked_password,
    way_of,
)

TYPED = {
    "host": "smtp.girandole.example",
    "port": "",
    "security": "starttls",
    "username": "",
    "sender": "desk@girandole.example",
    "reply_to": "",
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param({"host": " SMTP.Girandole.example. "}, {"host": TYPED["host"]}, id="tidied"),
        pytest.param({"host": "192.0.2.7"}, {"host": "192.0.2.7"}, id="an address"),
        pytest.param({"host": "[2001:DB8::7]"}, {"host": "2001:db8::7"}, id="of IPv6"),
        pytest.param({"host": "localhost"}, {"host": "localhost"}, id="this machine"),
        pytest.param({}, {"port": 587}, id="the usual port of STARTTLS"),
        pytest.param({"security": "tls"}, {"port": 465}, id="that of TLS"),
        pytest.param({"security": "none"}, {"port": 25}, id="that of neither"),
        pytest.param({"port": "2525"}, {"port": 2525}, id="another port"),
        pytest.param({"reply_to": "a@b.example "}, {"reply_to": "a@b.example"}, id="an answer"),
    ],
)
def test_an_account_is_kept_tidily(typed, kept):
    details = checked_account(TYPED | typed, has_password=False)

    for name, value in kept.items():
        assert getattr(details, name) == value


@pytest.mark.parametrize(
    ("typed", "has_password", "field", "code"),
    [
        pytest.param({"host": ""}, True, "host", "mail_host_missing", id="no host"),
        pytest.param({"host": "smtp"}, True, "host", "mail_host_invalid", id="a bare word"),
        pytest.param({"host": "smtp .x.fr"}, True, "host", "mail_host_invalid", id="a blank"),
        pytest.param({"host": "x.fr:25"}, True, "host", "mail_host_invalid", id="with its port"),
        pytest.param({"host": "https://x.fr"}, True, "host", "mail_host_invalid", id="a link"),
        pytest.param({"host": "x..fr"}, True, "host", "mail_host_invalid", id="an empty label"),
        pytest.param({"host": "1.2.3"}, True, "host", "mail_host_invalid", id="half an address"),
        pytest.param({"host": "a.\nb.fr"}, True, "host", "mail_host_invalid", id="two lines"),
        pytest.param({"port": "0"}, True, "port", "mail_port_invalid", id="port 0"),
        pytest.param({"port": "65536"}, True, "port", "mail_port_invalid", id="past the last"),
        pytest.param({"port": "smtp"}, True, "port", "mail_port_invalid", id="a word"),
        pytest.param({"port": "٥٨٧"}, True, "port", "mail_port_invalid", id="other figures"),
        pytest.param({"security": "ssl"}, True, "security", "choice_missing", id="no such kind"),
        pytest.param({"sender": ""}, True, "sender", "mail_sender_missing", id="no sender"),
        pytest.param({"sender": "x"}, True, "sender", "not_an_address", id="no address"),
        pytest.param({"reply_to": "x"}, True, "reply_to", "not_an_address", id="nor this"),
        pytest.param({"username": "a\nb"}, True, "username", "mail_username_invalid", id="lines"),
        pytest.param({"username": "a"}, False, "password", "mail_password_missing", id="half"),
        pytest.param(
            {"username": "a", "security": "none"},
            True,
            "security",
            "mail_password_in_clear",
            id="a password that could be read on its way",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(typed, has_password, field, code):
    with pytest.raises(InvalidInput) as refusal:
        checked_account(TYPED | typed, has_password=has_password)

    assert (refusal.value.field, refusal.value.code) == (field, code)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_to_this_machine_a_password_may_go_in_clear(host):
    typed = TYPED | {"host": host, "security": "none", "username": "a"}

    assert checked_account(typed, has_password=True).host == host


@pytest.mark.parametrize("text", ["a\nb", "a\0", "x" * 501])
def test_a_password_no_server_could_be_given_is_refused(text):
    with pytest.raises(InvalidInput, match="mail_password_invalid"):
        checked_password(text)


def test_a_password_is_kept_with_its_blanks():
    assert checked_password("  é « x » ") == "  é « x » "


@given(st.fixed_dictionaries({name: st.text(max_size=30) for name in TYPED}))
def test_whatever_is_typed_is_kept_or_refused_at_a_field(typed):
    try:
        details = checked_account(typed, has_password=True)
    except InvalidInput as refusal:
        if refusal.field not in TYPED:
            raise
        return
    assert 1 <= details.port <= 65535


# --- Which way -------------------------------------------------------------------------------

FLAGS = ("has_first", "has_second", "is_compromised", "has_installation", "is_caught")


@pytest.mark.parametrize(
    ("given", "way"),
    [
        pytest.param("has_first has_second has_installation", Way.FIRST, id="the usual"),
        pytest.param("has_second has_installation", Way.INSTALLATION, id="no account of ours"),
        pytest.param("has_second", Way.NONE, id="the second is kept for that night"),
        pytest.param("has_first has_second is_compromised", Way.SECOND, id="stolen"),
        pytest.param("has_second is_compromised has_installation", Way.SECOND, id="stolen too"),
        pytest.param("has_first is_compromised has_installation", Way.INSTALLATION, id="no second"),
        pytest.param("has_first is_compromised", Way.NONE, id="it waits rather"),
        pytest.param("is_caught", Way.CATCHER, id="an example"),
        pytest.param("has_first is_caught", Way.FIRST, id="an example with an account"),
        pytest.param("has_first is_compromised is_caught", Way.CATCHER, id="and a stolen one"),
        pytest.param("", Way.NONE, id="nothing"),
    ],
)
def test_the_way_that_mail_takes(given, way):
    assert way_of(**{flag: flag in given.split() for flag in FLAGS}) is way


def test_no_mail_ever_leaves_by_a_stolen_account_nor_by_one_that_is_not_there():
    for values in product((False, True), repeat=len(FLAGS)):
        flags = dict(zip(FLAGS, values, strict=True))
        way = way_of(**flags)

        if way is Way.FIRST:
            assert flags["has_first"]
            assert not flags["is_compromised"]
        if way is Way.SECOND:
            assert flags["has_second"]
            assert flags["is_compromised"]
        if way is Way.NONE:
            assert not flags["has_installation"]


# --- Tests -----------------------------------------------------------------------------------


def test_a_test_is_kept_and_read_again():
    results = (
        StepResult(Step.NAME, StepState.PASSED, "", "192.0.2.7"),
        StepResult(Step.CONNECTION, StepState.FAILED, "not_there", "refused"),
        StepResult(Step.CERTIFICATE, StepState.NOT_REACHED),
    )

    found = AccountTest.from_record(AccountTest(results).as_record())

    assert found == AccountTest(results)
    assert found.failure is not None
    assert found.failure.step is Step.CONNECTION
    assert not found.has_passed


def test_a_test_that_was_not_made_has_not_passed():
    assert not AccountTest().has_passed
    assert AccountTest().failure is None
