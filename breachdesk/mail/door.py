"""The way to a mail server: its name looked up once, its addresses judged, a socket opened.

What is judged is the address that is then connected to: a name that answers differently the
second time cannot lead us elsewhere.
"""

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from breachdesk.domain.outside_addresses import may_be_called
from breachdesk.domain.spf import Address
from breachdesk.mail.mailer import MailServer

# The rest is what `socket.getaddrinfo` gives: family and address to connect to.
Place = tuple[int, tuple[Any, ...]]


class NameNotFound(OSError):
    """The host's name has no address, or nobody answers for it."""


class PrivateAddress(Exception):
    """The host stands where a server that an organisation names may not stand."""


class Door:
    """The way to one server, for as many connections as are wanted."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._lookup: asyncio.Future[list[Place]] | None = None

    async def addresses(self) -> list[Address]:
        """Where the server stands.

        Raises:
            NameNotFound: it stands nowhere.
            PrivateAddress: it stands where it must not.
        """
        return [ip_address(place[0].partition("%")[0]) for _, place in await self._known_places()]

    async def _known_places(self) -> list[Place]:
        if self._lookup is None:
            self._lookup = asyncio.ensure_future(self._look_up())
        return await asyncio.shield(self._lookup)

    async def _look_up(self) -> list[Place]:
        host, port = self._server.host, self._server.port
        try:
            found = await asyncio.wait_for(_addresses_of(host, port), self._server.timeout)
        except TimeoutError:
            raise NameNotFound(f"{host}: no answer") from None
        except (OSError, UnicodeError) as fault:
            reason = getattr(fault, "strerror", None) or type(fault).__name__
            raise NameNotFound(f"{host}: {reason}") from fault
        places: list[Place] = [(family, place) for family, _, _, _, place in found]
        if not all(self._may_be_called(place) for _, place in places):
            raise PrivateAddress(host)
        return places

    def _may_be_called(self, place: tuple[Any, ...]) -> bool:
        reach = self._server.reach
        return reach == "anywhere" or may_be_called(place[0], private_too=reach == "private")

    async def open(self) -> socket.socket:
        """A connection to the first address that takes one.

        Raises:
            PrivateAddress: the server stands where it must not.
            OSError: there is no way to it.
        """
        places = await self._known_places()
        patience = self._server.timeout / len(places)
        for place in places[:-1]:
            try:
                return await self._connected(place, patience)
            except OSError:
                continue
        return await self._connected(places[-1], patience)

    async def _connected(self, place: Place, patience: float) -> socket.socket:
        family, address = place
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setblocking(False)
        where = f"{self._server.host}:{self._server.port}"
        try:
            connecting = asyncio.get_running_loop().sock_connect(opened, address)
            await asyncio.wait_for(connecting, patience)
        except TimeoutError:
            opened.close()
            raise TimeoutError(f"{where}: no answer") from None
        except OSError as fault:
            opened.close()
            raise OSError(f"{where}: {fault.strerror or fault}") from fault
        except BaseException:
            opened.close()
            raise
        return opened


async def _addresses_of(host: str, port: int) -> Any:
    """What `socket.getaddrinfo` gives, asked in a thread that nobody waits for.

    The loop has few threads of its own and waits for them at its end: names that nobody
    answers for would hold up all others.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def ask() -> None:
        try:
            found, fault = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), None
        except Exception as raised:
            found, fault = [], raised
        # Too late: the loop has gone.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, answer, found, fault)

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    return await answer


def _settle(answer: asyncio.Future[Any], found: object, fault: Exception | None) -> None:
    if answer.done():
        return
    if fault is None:
        answer.set_result(found)
    else:
        answer.set_exception(fault)
