"""Asking a server that somebody named: what is refused before, what ends it, what is said."""

import json
import socket
from datetime import timedelta
from time import monotonic

import pytest

from breachdesk.domain.single_sign_on import ProviderFault
from breachdesk.services import provider_requests
from breachdesk.services.provider_requests import ask, fetch_json
from tests.services.outside_servers import answer, answering, certificate, dripping

DOCUMENT = json.dumps({"issuer": "é"}).encode()
PUBLIC = "93.184.216.34"


def refusal(url: str, *, private_too: bool = True) -> ProviderFault:
    with pytest.raises(ProviderFault) as caught:
        fetch_json(url, private_too=private_too)
    return caught.value


@pytest.fixture
def in_haste(monkeypatch):
    """All is over within a second."""
    monkeypatch.setattr(provider_requests, "LONGEST", timedelta(seconds=1))


# --- What is sent, and what comes back -------------------------------------------------------


def test_a_document_is_fetched():
    with answering(answer("200 OK", DOCUMENT)) as server:
        found = fetch_json(f"http://127.0.0.1:{server.port}/a?b=c", private_too=True)

    assert found == {"issuer": "é"}


def test_a_form_is_posted_with_its_length_and_to_the_right_place():
    heard = []

    def listen(visitor, over):
        heard.append(b"")
        while not heard[0].endswith(b"a=b"):
            heard[0] += visitor.recv(65536)
        visitor.sendall(answer("200 OK", b"{}"))

    with answering(listen) as server:
        host = f"127.0.0.1:{server.port}"
        ask(f"http://{host}/token?x=1", private_too=True, body=b"a=b", headers={"X-Y": "z"})

    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token?x=1 HTTP/1.1\r\n")
    assert f"Host: {host}".encode() in head
    assert b"Content-Length: 3" in head
    assert b"X-Y: z" in head
    assert body == b"a=b"


def test_an_answer_in_pieces_is_put_together():
    chunked = (
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n5\r\na":1}\r\n0\r\n\r\n'
    )

    with answering(chunked) as server:
        assert fetch_json(f"http://127.0.0.1:{server.port}/", private_too=True) == {"a": 1}


# --- What is never asked ---------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_this_machine_is_not_even_connected_to(host):
    with answering(answer("200 OK", DOCUMENT)) as server:
        fault = refusal(f"https://{host}:{server.port}/", private_too=False)

    assert fault.code == "provider_address_closed"
    assert server.visits == []


def test_where_the_operator_opened_the_network_cloud_secrets_stay_closed():
    assert refusal("https://169.254.169.254/latest/").code == "provider_address_closed"


def test_a_name_with_one_closed_address_among_its_addresses_is_refused(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)

    assert refusal("https://id.example/", private_too=False).code == "provider_address_closed"


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch):
    """A name that changes its mind between two questions is asked only once."""
    asked = []
    with answering(answer("200 OK", DOCUMENT)) as server:
        real = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

        def once(*arguments, **_named):
            asked.append(arguments[0])
            return real

        monkeypatch.setattr(socket, "getaddrinfo", once)
        fetch_json(f"http://localhost:{server.port}/", private_too=True)
        assert asked == ["localhost"]


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with answering(answer("200 OK", DOCUMENT)) as server, answering(b"proxy") as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        fetch_json(f"http://127.0.0.1:{server.port}/", private_too=True)

    assert proxy.visits == []


def test_a_redirection_is_said_and_not_followed():
    with answering(b"secret") as inner:
        to = f"Location: http://127.0.0.1:{inner.port}/"
        with answering(answer("302 Found", b"", to)) as server:
            fault = refusal(f"http://127.0.0.1:{server.port}/")

    assert (fault.code, fault.parameters["status"]) == ("provider_redirects", 302)
    assert inner.visits == []


# --- What is said when it fails --------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param(answer("404 Not Found", b"{}"), "provider_status", id="a refusal"),
        pytest.param(answer("200 OK", b"<html>"), "provider_not_json", id="a page"),
        pytest.param(answer("200 OK", b"\xff\xfe\x00"), "provider_not_json", id="bytes"),
        pytest.param(answer("200 OK", b"[" * 200_000), "provider_not_json", id="too deep"),
        pytest.param(answer("200 OK", b"x" * 600_000), "provider_too_long", id="too long"),
        pytest.param(b"220 mail.example ESMTP\r\n", "provider_not_http", id="a mail server"),
        pytest.param(b"", "provider_unreachable", id="silence, then the end"),
    ],
)
def test_each_failure_has_its_name(said, code):
    with answering(said) as server:
        assert refusal(f"http://127.0.0.1:{server.port}/").code == code


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert refusal(f"http://127.0.0.1:{port}/").code == "provider_unreachable"


@pytest.mark.parametrize("host", ["no-such-name.invalid", "x" * 64 + ".example"])
def test_a_name_that_does_not_exist(host):
    fault = refusal(f"https://{host}/", private_too=False)

    assert (fault.code, fault.parameters["host"]) == ("provider_name_unknown", host)


@pytest.mark.parametrize(
    "speak",
    [
        pytest.param(dripping(b"", b""), id="says nothing"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), id="drips its headers"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"{"), id="drips its document"),
    ],
)
def test_a_slow_server_does_not_hold_us(in_haste, speak):
    began = monotonic()

    with answering(speak) as server:
        assert refusal(f"http://127.0.0.1:{server.port}/").code == "provider_too_slow"

    assert monotonic() - began < 5


def test_a_server_that_never_finishes_its_handshake_does_not_hold_us(in_haste):
    with answering(dripping(b"", b"")) as server:
        assert refusal(f"https://127.0.0.1:{server.port}/").code == "provider_too_slow"


# --- Certificates ----------------------------------------------------------------------------


def test_a_certificate_that_nobody_known_signed_is_refused(tmp_path):
    tls, _ = certificate(tmp_path, "127.0.0.1")

    with answering(answer("200 OK", DOCUMENT), tls) as server:
        fault = refusal(f"https://127.0.0.1:{server.port}/")

    assert fault.code == "provider_certificate"
    assert "self" in str(fault.parameters["reason"])


def test_an_authority_that_the_operator_added_is_believed_for_its_names_alone(
    tmp_path, monkeypatch
):
    tls, file = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    provider_requests._tls.cache_clear()
    try:
        with answering(answer("200 OK", DOCUMENT), tls) as server:
            assert fetch_json(f"https://127.0.0.1:{server.port}/", private_too=True)
            fault = refusal(f"https://localhost:{server.port}/")
    finally:
        provider_requests._tls.cache_clear()

    assert fault.code == "provider_certificate"
    assert "mismatch" in str(fault.parameters["reason"]).lower()


def test_a_server_without_encryption_is_told_from_one_with_a_bad_certificate():
    with answering(answer("400 Bad Request", b"")) as server:
        assert refusal(f"https://127.0.0.1:{server.port}/").code == "provider_without_tls"
