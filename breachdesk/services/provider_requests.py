"""Asking an identity provider: https, briefly, and never inside the operator's network.

What this stops of request forgery (OWASP ASVS 4.0.3, V12.6.1), where the server is named by
the administrator of one organisation among others: an address of the desk's own network or
machine is refused before anything is sent, the connection goes to the very address that was
checked (a name may change its mind in between), no redirect is followed, no proxy of the
environment is used, no more than `LONGEST_ANSWER` is read, and all is over within `LONGEST`,
however slowly the other side speaks. What it does not stop: a public server may be asked for
its public pages.
"""

import http.client
import io
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from breachdesk.domain.outside_addresses import may_be_called
from breachdesk.domain.single_sign_on import ProviderFault, is_safe_url

LONGEST = timedelta(seconds=8)
LONGEST_CONNECTING = timedelta(seconds=4)
LONGEST_ANSWER = 512 * 1024
_HEADERS = {"Accept": "application/json", "User-Agent": "breachdesk"}


@dataclass(frozen=True)
class Answer:
    """What a provider answered, whatever its status."""

    status: int
    content: bytes

    def json(self) -> Any:
        """The answer as JSON. Raises ProviderFault when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise ProviderFault("provider_not_json") from None


def fetch_json(url: str, *, private_too: bool) -> Any:
    """A document of a provider.

    Raises:
        ProviderFault: with a code for each way in which it cannot be had.
    """
    answer = ask(url, private_too=private_too)
    if 300 <= answer.status < 400:
        raise ProviderFault("provider_redirects", status=answer.status)
    if answer.status != http.HTTPStatus.OK:
        raise ProviderFault("provider_status", status=answer.status)
    return answer.json()


def ask(
    url: str,
    *,
    private_too: bool,
    plain_too: bool = False,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask a provider something: a GET, or the POST of a form.

    Args:
        private_too: the operator lets the desk call addresses of its own network.
        plain_too: the answer is signed and the question no secret: http will do.

    Raises:
        ProviderFault: nothing was asked, or no answer came.
    """
    secured = f"https{url.removeprefix('http')}" if plain_too and url.startswith("http:") else url
    if not is_safe_url(secured, private_too=private_too):
        raise ProviderFault("provider_endpoint_unsafe", name=urlsplit(url).hostname or "")
    over_at = monotonic() + LONGEST.total_seconds()
    try:
        return _ask(url, over_at, private_too, body, {**_HEADERS, **(headers or {})})
    except (socket.gaierror, UnicodeError):
        # A label of more than 63 letters is no name either.
        raise ProviderFault("provider_name_unknown", host=urlsplit(url).hostname) from None
    except ssl.SSLCertVerificationError as fault:
        raise ProviderFault("provider_certificate", reason=fault.verify_message) from None
    except ssl.SSLError:
        raise ProviderFault("provider_without_tls") from None
    except TimeoutError:
        raise ProviderFault("provider_too_slow") from None
    except OSError:
        raise ProviderFault("provider_unreachable", host=urlsplit(url).hostname) from None
    except (http.client.HTTPException, ValueError):
        raise ProviderFault("provider_not_http") from None


def _ask(
    url: str, over_at: float, private_too: bool, body: bytes | None, headers: Mapping[str, str]
) -> Answer:
    parts = urlsplit(url)
    host, is_plain = parts.hostname or "", parts.scheme == "http"
    raw = _connected(host, parts.port or (80 if is_plain else 443), over_at, private_too)
    # The wrapper takes the socket over: only the last one is to be closed.
    with raw if is_plain else _encrypted(raw, host, over_at) as sock:
        line = http.client.HTTPConnection(parts.netloc)
        line.sock = _TimedSocket(sock, over_at)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST" if body is not None else "GET", path, body, dict(headers))
        response = line.getresponse()
        content = response.read(LONGEST_ANSWER + 1)
    if len(content) > LONGEST_ANSWER:
        raise ProviderFault("provider_too_long", limit_kb=LONGEST_ANSWER // 1024)
    return Answer(response.status, content)


def _connected(host: str, port: int, over_at: float, private_too: bool) -> socket.socket:
    """A connection to one of a name's addresses; to none if one of them is closed to us."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not all(may_be_called(address, private_too=private_too) for address in addresses):
        raise ProviderFault("provider_address_closed", host=host)
    fault: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(min(_left(over_at), LONGEST_CONNECTING.total_seconds()))
        try:
            sock.connect(address)
        except OSError as refused:
            sock.close()
            fault = refused
        else:
            return sock
    raise fault


def _encrypted(sock: socket.socket, host: str, over_at: float) -> ssl.SSLSocket:
    sock.settimeout(_left(over_at))
    try:
        return _tls().wrap_socket(sock, server_hostname=host)
    except Exception:
        sock.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    """Certificates as the machine knows them: an operator may add their own authority there."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _left(over_at: float) -> float:
    """The seconds left. Raises TimeoutError when there are none."""
    left = over_at - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _TimedSocket:
    """A socket whose every use ends at one moment; a timeout alone begins anew each byte."""

    def __init__(self, sock: socket.socket, over_at: float) -> None:
        self._sock, self._over_at = sock, over_at

    def sendall(self, content: bytes) -> None:
        self._sock.settimeout(_left(self._over_at))
        self._sock.sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._over_at))

    def close(self) -> None:
        """Closed by whoever opened it, once everything is read."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, over_at: float) -> None:
        self._sock, self._over_at = sock, over_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._over_at))
        return self._sock.recv_into(buffer)
