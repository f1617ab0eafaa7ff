"""Hand letters to an SMTP server over a few reused connections, and say what it answered.

aiosmtplib connects, greets, secures and signs in; the letters themselves go out as plain
commands, because its `sendmail` parses every address anew.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable

import aiosmtplib

from breachdesk.domain.errors import InvalidInput
from breachdesk.mail.answers import Answer, Outcome, answer_of
from breachdesk.mail.connection import (
    CLOSING,
    OWN_NAME,
    Connection,
    ConnectionBroken,
    NoConnection,
    tls_context_for,
)
from breachdesk.mail.door import Door
from breachdesk.mail.letters import Letter, serialise
from breachdesk.mail.mailer import MailServer, OnAnswer, StillWanted, always

# Connections that break one after the other, with no answer in between, before we stop.
MOST_BREAKS = 3
FIRST_PAUSE_SECONDS = 0.1


class SmtpMailer:
    """Sends over SMTP."""

    async def deliver(
        self,
        server: MailServer,
        letters: Iterable[Letter],
        on_answer: OnAnswer,
        *,
        still_wanted: StillWanted = always,
        connections: int = 4,
        messages_per_connection: int = 100,
        per_second: float | None = None,
    ) -> None:
        """Hand in every letter and call `on_answer` exactly once for each.

        Letters are taken from the iterable as they are sent. `on_answer` runs in the
        caller's thread; what it raises ends the sending and comes out here, with the
        letters then in flight unanswered.

        Args:
            still_wanted: asked once more right before the text of a letter leaves.
            connections: how many at once; no more are opened than there are letters.
            messages_per_connection: then a new one is made, as many servers ask.
            per_second: the most letters a second over all connections; None for no limit.
        """
        dispatch = _Dispatch(
            server, letters, on_answer, still_wanted, messages_per_connection, per_second
        )
        try:
            await dispatch.run(connections)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


class _Dispatch:
    """One call of `deliver`: letters to go, and why no more of them can."""

    def __init__(
        self,
        server: MailServer,
        letters: Iterable[Letter],
        on_answer: OnAnswer,
        still_wanted: StillWanted,
        messages_per_connection: int,
        per_second: float | None,
    ) -> None:
        self._server = server
        self._letters = iter(letters)
        self._put_back: deque[Letter] = deque()
        self._on_answer = on_answer
        self._still_wanted = still_wanted
        self._messages_per_connection = messages_per_connection
        self._pace = _Pace(per_second)
        self._door = Door(server)
        self._tls: ssl.SSLContext | None = None
        self._refused_senders: dict[str, Answer] = {}
        self._was_reached = False
        self._verdict = Answer(Outcome.UNREACHABLE)
        self._is_over = False

    async def run(self, connections: int) -> None:
        """Send with so many connections, then answer for what could not be tried."""
        if self._can_secure():
            async with asyncio.TaskGroup() as group:
                for _ in range(max(connections, 1)):
                    group.create_task(self._work())
        while (letter := self._next()) is not None:
            self._on_answer(letter, self._verdict)
        # Sockets that were hung up are freed in the loop's next turn.
        await asyncio.sleep(0)

    def _can_secure(self) -> bool:
        try:
            self._tls = tls_context_for(self._server)
        except OSError as error:
            self._verdict = answer_of(Outcome.MISCONFIGURED, None, str(error))
            return False
        return True

    def _next(self) -> Letter | None:
        return self._put_back.popleft() if self._put_back else next(self._letters, None)

    async def _work(self) -> None:
        """Send over one connection, made anew when it breaks or has carried enough."""
        connection = Connection(
            self._client,
            self._door,
            most_messages=self._messages_per_connection,
            text_timeout=self._server.text_timeout,
        )
        breaks = 0
        try:
            while not self._is_over and breaks < MOST_BREAKS:
                letter = self._next()
                if letter is None:
                    return
                breaks = await self._hand_in(connection, letter, breaks)
                if 0 < breaks < MOST_BREAKS:
                    await asyncio.sleep(FIRST_PAUSE_SECONDS * 2 ** (breaks - 1))
        finally:
            await connection.leave()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            # Of the certificate; where the server stands, the door knows.
            hostname=server.host,
            username=server.username or None,
            password=server.password if server.username else None,
            local_hostname=OWN_NAME,
            timeout=server.timeout,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls,
        )

    async def _hand_in(self, connection: Connection, letter: Letter, breaks: int) -> int:
        """Send one letter and answer for it; return the breaks in a row so far."""
        answer = self._refused_senders.get(letter.sender_address)
        if answer is not None:
            self._on_answer(letter, answer)
            return breaks
        try:
            raw = serialise(letter)
        except InvalidInput as error:
            self._on_answer(letter, Answer(Outcome.PERMANENT, None, error.code))
            return breaks
        await self._pace.wait()
        return await self._hand_over(connection, letter, raw, breaks)

    async def _hand_over(
        self, connection: Connection, letter: Letter, raw: bytes, breaks: int
    ) -> int:
        try:
            await connection.ensure()
            self._was_reached = True
            answer = await connection.deliver(letter, raw, self._still_wanted)
        except NoConnection as failure:
            self._put_back.append(letter)
            return self._cannot_connect(failure.answer, breaks)
        except ConnectionBroken as broken:
            self._verdict = Answer(Outcome.UNREACHABLE, None, broken.answer.text)
            self._on_answer(letter, broken.answer)
            return breaks + 1
        if connection.sender_was_refused:
            self._refused_senders[letter.sender_address] = answer
        self._on_answer(letter, answer)
        return breaks + 1 if answer.code == CLOSING else 0

    def _cannot_connect(self, answer: Answer, breaks: int) -> int:
        """Give up at once where trying again cannot help: no server there, or not for us.

        While another connection stands, this one is only one too many for the server.
        """
        self._verdict = answer
        if self._was_reached:
            return breaks + 1
        self._is_over = answer.outcome is Outcome.MISCONFIGURED
        return MOST_BREAKS


class _Pace:
    """Spreads letters evenly over time, all connections together."""

    def __init__(self, per_second: float | None) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._next_at = 0.0

    async def wait(self) -> None:
        if not self._interval:
            return
        now = asyncio.get_running_loop().time()
        turn = max(self._next_at, now)
        self._next_at = turn + self._interval
        await asyncio.sleep(turn - now)
