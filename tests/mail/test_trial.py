"""Trying an account against real servers, good and bad: which step fails, in whose words."""

import socket
import threading
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from breachdesk.domain.mail_accounts import AccountTest, Step, StepState
from breachdesk.mail import trial
from breachdesk.mail.mailer import MailServer
from breachdesk.mail.trial import try_account
from breachdesk.wording.mail_accounts import FAILURES
from tests.mail.servers import (
    PASSWORD,
    Sink,
    check_password,
    letter,
    self_made_certificate,
    server_context,
    serving,
)

SIGNS_IN = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}
TO_ME = letter(recipient_address="admin@boutique.example")


def states(found: AccountTest) -> dict[str, str]:
    return {each.step.value: each.state.value for each in found.results}


def failure(found: AccountTest) -> tuple[Step, str]:
    assert found.failure is not None, found
    assert found.failure.code in FAILURES
    after = [each.state for each in found.results][list(Step).index(found.failure.step) + 1 :]
    assert set(after) <= {StepState.NOT_REACHED, StepState.NOT_NEEDED}
    return found.failure.step, found.failure.code


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(trial, "TEST_WITHIN", timedelta(seconds=0.6))


def test_all_goes_well_and_nothing_is_sent():
    sink = Sink()

    with serving(sink, **SIGNS_IN) as server:
        found = try_account(replace(server, username="desk", password=PASSWORD), TO_ME, sends=False)

    assert found.has_passed
    assert states(found) == {
        "name": "passed",
        "connection": "passed",
        "certificate": "not_needed",
        "sign_in": "passed",
        "sender": "passed",
        "mail": "not_needed",
    }
    assert sink.taken == []


def test_the_mail_of_a_test_arrives():
    sink = Sink()

    with serving(sink) as server:
        found = try_account(server, TO_ME, sends=True)

    assert states(found)["mail"] == "passed"
    assert [address for address, _ in sink.taken] == ["admin@boutique.example"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_good_certificate_passes(tmp_path, security):
    certificate, key = self_made_certificate(tmp_path)
    context = server_context(certificate, key)

    with (
        serving_tls(context)
        if security == "tls"
        else serving(Sink(), tls_context=context, require_starttls=True) as server
    ):
        trusting = replace(server, security=security, certificate_authorities=str(certificate))
        found = try_account(replace(trusting, timeout=5.0), TO_ME, sends=False)

    assert found.has_passed, found
    assert "TLS" in found.results[2].words


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("for_ip", "is_trusted", "code"),
    [
        pytest.param("127.0.0.1", False, "certificate_untrusted", id="made by a stranger"),
        pytest.param("127.0.0.2", True, "certificate_other_name", id="made for another"),
    ],
)
def test_a_certificate_that_does_not_hold_is_told_from_others(
    tmp_path, security, for_ip, is_trusted, code
):
    certificate, key = self_made_certificate(tmp_path, for_ip=for_ip)
    context = server_context(certificate, key)
    authorities = str(certificate) if is_trusted else ""

    with (
        serving_tls(context)
        if security == "tls"
        else serving(Sink(), tls_context=context) as server
    ):
        server = replace(server, security=security, certificate_authorities=authorities)
        found = try_account(replace(server, timeout=5.0), TO_ME, sends=False)

    assert failure(found) == (Step.CERTIFICATE, code)


def serving_tls(context):
    """A server that speaks TLS from the first byte: a door before a plain one."""
    return _TlsServer(context)


class _TlsServer:
    def __init__(self, context) -> None:
        self._context = context
        self._door = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return MailServer("127.0.0.1", self._door.getsockname()[1], security="tls")

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def _serve(self) -> None:
        try:
            raw, _ = self._door.accept()
            with self._context.wrap_socket(raw, server_side=True) as visitor:
                visitor.sendall(b"220 ready\r\n")
                while line := visitor.recv(4096):
                    visitor.sendall(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 OK\r\n")
        except OSError:
            return


def test_starttls_that_is_not_offered_is_said():
    with serving(Sink(), security="starttls") as server:
        found = try_account(server, TO_ME, sends=False)

    assert failure(found) == (Step.CERTIFICATE, "no_starttls")


def test_tls_at_a_port_that_speaks_plainly_is_said():
    with serving(Sink(), security="tls") as server:
        found = try_account(replace(server, timeout=5.0), TO_ME, sends=False)

    assert failure(found) == (Step.CERTIFICATE, "no_tls_there")


def test_a_wrong_password_fails_at_the_sign_in_in_the_server_s_words():
    with serving(Sink(), **SIGNS_IN) as server:
        wrong = replace(server, username="desk", password="wrong one")
        found = try_account(wrong, TO_ME, sends=False)

    assert failure(found) == (Step.SIGN_IN, "sign_in_refused")
    assert found.failure.words.startswith("535 5.7.8")


def test_a_server_without_sign_in_is_said():
    with serving(Sink()) as server:
        found = try_account(replace(server, username="desk", password=PASSWORD), TO_ME, sends=False)

    assert failure(found) == (Step.SIGN_IN, "sign_in_not_offered")


def test_a_sign_in_that_is_wanted_is_said():
    with serving(Sink(), **SIGNS_IN) as server:
        found = try_account(server, TO_ME, sends=False)

    assert failure(found) == (Step.SENDER, "sign_in_wanted")


@pytest.mark.parametrize(
    ("sink", "code"),
    [
        pytest.param(
            Sink(senders={"desk@boutique.example": "553 5.7.1 not yours"}),
            "sender_refused",
            id="at MAIL",
        ),
        pytest.param(
            Sink(refusals={"admin@boutique.example": "553 5.7.1 not yours"}),
            "recipient_refused",
            id="at RCPT, as many do",
        ),
    ],
)
def test_a_sender_refused_is_said(sink, code):
    with serving(sink) as server:
        found = try_account(server, TO_ME, sends=True)

    assert failure(found) == (Step.SENDER, code)
    assert found.failure.words == "553 5.7.1 not yours"
    assert sink.taken == []


def test_a_text_refused_is_said():
    async def refuse(_server):
        return "554 5.7.1 looks like spam"

    with serving(Sink(after_text={"admin@boutique.example": refuse})) as server:
        found = try_account(server, TO_ME, sends=True)

    assert failure(found) == (Step.MAIL, "mail_refused")


def test_nobody_at_the_port_is_said():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    found = try_account(MailServer("127.0.0.1", port), TO_ME, sends=False)

    assert failure(found) == (Step.CONNECTION, "not_there")
    assert states(found)["name"] == "passed"


def test_a_name_that_leads_nowhere_is_said():
    found = try_account(MailServer("nowhere.invalid", 25, timeout=5.0), TO_ME, sends=False)

    assert failure(found) == (Step.NAME, "name_unknown")


def test_a_server_that_says_nothing_is_not_waited_for(patience):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1])
        found = try_account(server, TO_ME, sends=False)

    assert failure(found) == (Step.CONNECTION, "no_greeting")


def test_a_server_that_falls_silent_later_is_said(patience):
    async def stall(_server):
        import asyncio

        await asyncio.sleep(30)

    with serving(Sink(after_text={"admin@boutique.example": stall})) as server:
        found = try_account(replace(server, timeout=30.0), TO_ME, sends=True)

    assert failure(found) == (Step.MAIL, "too_slow")


@pytest.mark.parametrize("greeting", [b"554 5.3.2 go away\r\n", b"421 too many\r\n"])
def test_a_server_that_turns_us_away_is_said(greeting):
    with socket.create_server(("127.0.0.1", 0)) as door:

        def turn_away() -> None:
            visitor, _ = door.accept()
            with visitor:
                visitor.sendall(greeting)

        threading.Thread(target=turn_away, daemon=True).start()
        found = try_account(MailServer("127.0.0.1", door.getsockname()[1]), TO_ME, sends=False)

    assert failure(found) == (Step.CONNECTION, "greeting_refused")
    assert found.failure.words == greeting.decode().strip()


@pytest.mark.parametrize(
    ("reach", "host", "code"),
    [
        pytest.param("public", "127.0.0.1", "private_address", id="this machine"),
        pytest.param("public", "10.1.2.3", "private_address", id="an inner network"),
        pytest.param("public", "localhost", "private_address", id="a name of this machine"),
        pytest.param("public", "::ffff:127.0.0.1", "private_address", id="in IPv6 clothes"),
        pytest.param("private", "169.254.169.254", "private_address", id="where clouds tell all"),
    ],
)
def test_an_inner_network_is_not_looked_into(reach, host, code):
    with serving(Sink()) as server:
        found = try_account(replace(server, host=host, reach=reach), TO_ME, sends=False)

    assert failure(found) == (Step.NAME, code)
    assert found.failure.words == ""


class _Echo:
    """A server that says back everything it is told."""

    def __enter__(self) -> MailServer:
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        port = self._door.getsockname()[1]
        return MailServer("127.0.0.1", port, "desk user", "geheim/s secret+é")

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def _serve(self) -> None:
        visitor, _ = self._door.accept()
        with visitor:
            visitor.sendall(b"220 ready\r\n")
            while line := visitor.recv(4096):
                if line.startswith(b"EHLO"):
                    visitor.sendall(b"250-me\r\n250 AUTH PLAIN\r\n")
                else:
                    visitor.sendall(b"535 you said: " + line.strip() + b"\r\n")


def test_a_password_said_back_by_a_server_is_not_shown():
    with _Echo() as server:
        found = try_account(server, TO_ME, sends=False)

    assert failure(found) == (Step.SIGN_IN, "sign_in_refused")
    said = found.failure.words
    pair = b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
    assert "you said" in said
    assert "<…>" in said
    for secret in (server.password, pair, pair.rstrip("=")):
        assert secret not in said
