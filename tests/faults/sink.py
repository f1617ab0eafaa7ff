"""A mail server that misbehaves by chance, and keeps a record of what it took.

It listens on a port for each worker, so that it knows who hands in what. It speaks just
enough SMTP for that, by itself: a library's server does not stall in the middle of a text.
"""

import asyncio
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from tests.faults.observed import Taken, Yes

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0
LARGEST_TEXT = 10_000_000
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.I | re.M)
GREETING, CLOSED = b"220 sink.example ESMTP", b"421 4.3.2 Not now"
OK, LATER, BYE, UNKNOWN = b"250 OK", b"451 4.3.0 Try later", b"221 Bye", b"500 What?"


class Misdeed(StrEnum):
    """How a server can fail whoever hands in a letter."""

    CLOSED = "connection refused"
    SENDER_LATER = "sender refused for now"
    RECIPIENT_LATER = "recipient refused for now"
    TEXT_LATER = "text refused for now"
    STALL_IN_TEXT = "stalled in the middle of the text"
    STALL_AFTER_TEXT = "took the text and stalled"
    DROP_IN_TEXT = "dropped in the middle of the text"
    DROP_AFTER_TEXT = "took the text and dropped"
    SLOW = "slower than a lease"


# Out of a hundred letters; CLOSED is of connections.
CHANCES: Mapping[Misdeed, float] = {
    Misdeed.CLOSED: 5,
    Misdeed.SENDER_LATER: 2,
    Misdeed.RECIPIENT_LATER: 4,
    Misdeed.TEXT_LATER: 2,
    Misdeed.STALL_IN_TEXT: 0.5,
    Misdeed.STALL_AFTER_TEXT: 0.5,
    Misdeed.DROP_IN_TEXT: 1,
    Misdeed.DROP_AFTER_TEXT: 1,
    Misdeed.SLOW: 0.5,
}
LETTER_MISDEEDS = [misdeed for misdeed in Misdeed if misdeed is not Misdeed.CLOSED]
# However few the letters, each happens once: these are dealt out first, so many in a hundred.
OF_THOSE_SURE_TO_HAPPEN = 10


class Dropped(Exception):
    """The line was cut on purpose."""


@dataclass
class _Letter:
    began_at: float
    misdeed: Misdeed | None
    recipient: str = ""


class FaultySink:
    """The mail server of all workers.

    Args:
        slots: for so many workers.
        slow_seconds: how long the slow answer takes.
        unhurried_seconds: how long a good one takes at most.
        on_yes: called in the server's thread right after each yes, with the slot.
    """

    def __init__(
        self,
        slots: int,
        *,
        seed: int,
        slow_seconds: float,
        unhurried_seconds: float,
        chances: Mapping[Misdeed, float] = CHANCES,
        on_yes: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.taken: list[Taken] = []
        self.misdeeds: Counter[str] = Counter()
        self.ports: list[int] = [0] * slots
        self.is_faulty = bool(chances)
        self._chance = random.Random(seed)
        self._chances = chances
        self._slow_seconds = slow_seconds
        self._unhurried_seconds = unhurried_seconds
        self._on_yes = on_yes
        self._at_least = self._chance.sample(LETTER_MISDEEDS, len(LETTER_MISDEEDS))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sink", daemon=True)
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._in_loop(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._in_loop(self._close(ends_talks=True))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()

    @property
    def arrived(self) -> int:
        """How many messages have arrived, each counted once."""
        return len({each.message_id for each in list(self.taken)})

    def be_away(self, seconds: float) -> None:
        """Refuse every connection for a while; those that stand go on."""
        self.misdeeds["listened to nobody for a while"] += 1
        self._in_loop(self._close(ends_talks=False))
        time.sleep(seconds)
        self._in_loop(self._open())

    def _in_loop(self, doing) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result(PATIENCE_SECONDS)

    async def _open(self) -> None:
        for slot, port in enumerate(self.ports):
            server = await asyncio.start_server(
                self._answerer(slot), HOST, port, limit=LARGEST_TEXT
            )
            self.ports[slot] = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _close(self, *, ends_talks: bool) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        if ends_talks:
            talks = asyncio.all_tasks() - {asyncio.current_task()}
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    def _answerer(self, slot: int):
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._talk(slot, reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, Dropped):
                pass
            finally:
                writer.transport.abort()

        return answer

    # --- One connection ----------------------------------------------------------------------

    async def _talk(
        self, slot: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._draw(Misdeed.CLOSED) is not None:
            await _say(writer, CLOSED)
            return
        await _say(writer, GREETING)
        letter = _Letter(0.0, None)
        while True:
            line = (await reader.readuntil(b"\r\n")).rstrip()
            verb = line[:4].upper()
            if verb == b"MAIL":
                letter = _Letter(time.time(), self._draw())
                refused = letter.misdeed is Misdeed.SENDER_LATER
                await _say(writer, LATER if refused else OK)
            elif verb == b"RCPT":
                letter.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                refused = letter.misdeed is Misdeed.RECIPIENT_LATER
                await _say(writer, LATER if refused else OK)
            elif verb == b"DATA":
                await self._take_text(slot, letter, reader, writer)
            elif verb == b"QUIT":
                await _say(writer, BYE)
                return
            else:
                await _say(writer, OK if verb in (b"EHLO", b"RSET", b"NOOP") else UNKNOWN)

    def _draw(self, only: Misdeed | None = None) -> Misdeed | None:
        """What goes wrong now, if anything does: with a connection, or with a letter."""
        if not self.is_faulty:
            return None
        at = self._chance.random() * 100
        if only is None and self._at_least and at < OF_THOSE_SURE_TO_HAPPEN:
            return self._do(self._at_least.pop())
        for misdeed in [only] if only else LETTER_MISDEEDS:
            at -= self._chances[misdeed]
            if at < 0:
                return self._do(misdeed)
        return None

    def _do(self, misdeed: Misdeed) -> Misdeed:
        self.misdeeds[misdeed.value] += 1
        return misdeed

    async def _take_text(
        self,
        slot: int,
        letter: _Letter,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        await _say(writer, b"354 Go on")
        if letter.misdeed in (Misdeed.STALL_IN_TEXT, Misdeed.DROP_IN_TEXT):
            await reader.readuntil(b"\r\n")
            if letter.misdeed is Misdeed.STALL_IN_TEXT:
                await _until_gone(reader)
            raise Dropped
        text = await reader.readuntil(b"\r\n.\r\n")
        if letter.misdeed is Misdeed.TEXT_LATER:
            await _say(writer, LATER)
            return
        found = MESSAGE_ID.search(text)
        message_id = found.group(1).decode() if found else "<none>"
        read_at = time.time()

        def keep(yes: Yes) -> None:
            at = time.time()
            self.taken.append(
                Taken(message_id, letter.recipient, slot, letter.began_at, read_at, at, yes)
            )

        if letter.misdeed is Misdeed.DROP_AFTER_TEXT:
            keep(Yes.DROPPED)
            raise Dropped
        if letter.misdeed is Misdeed.STALL_AFTER_TEXT:
            keep(Yes.STALLED)
            await _until_gone(reader)
            raise Dropped
        is_slow = letter.misdeed is Misdeed.SLOW
        await asyncio.sleep(
            self._slow_seconds if is_slow else self._chance.random() * self._unhurried_seconds
        )
        if reader.at_eof() or writer.is_closing():
            keep(Yes.UNHEARD)
            raise Dropped
        keep(Yes.SAID)
        writer.write(OK + b"\r\n")
        self._on_yes(slot)
        await writer.drain()


async def _say(writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(line + b"\r\n")
    await writer.drain()


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Hold the line until the other side gives up."""
    while await reader.read(65_536):
        pass
