"""One connection to a mail server: made when needed, used many times, left politely."""

import asyncio
import re
import ssl
from collections.abc import Callable
from functools import partial

import aiosmtplib

from breachdesk.mail.answers import Answer, Outcome, answer_of
from breachdesk.mail.door import Door, PrivateAddress
from breachdesk.mail.letters import Letter, ascii_address
from breachdesk.mail.mailer import MailServer, StillWanted, always

# The machine's own name is nobody's business, and looking it up can be slow.
OWN_NAME = "[127.0.0.1]"
# Kept as the answer where a server stands in an inner network and must not.
PRIVATE_ADDRESS = "private_address"
OK = 250
CLOSING = 421  # "Service not available, closing transmission channel" (RFC 5321, 4.2.3)
RECIPIENT_TAKEN = (250, 251)  # 251: "User not local; will forward"
BAD_SEQUENCE = 503
GOODBYE_SECONDS = 1.0
TOO_LARGE = 552
# Authentication required, mechanism too weak, credentials invalid, encryption required
# (RFC 4954, 6): our account is at fault, whatever command met the refusal.
ABOUT_OUR_ACCOUNT = (530, 534, 535, 538)
# "Relay access denied", "Unable to relay": no code tells it from an unknown recipient.
_RELAYING = re.compile(r"\brelay", re.I)
_MESSAGE_TOO_BIG = re.compile(r"\b5\.(?:3\.4|2\.3)\b")  # RFC 3463


class ConnectionFailed(Exception):
    """No letter could be handed over; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


class NoConnection(ConnectionFailed):
    """The server was not there, or did not let us in: no letter was begun."""


class ConnectionBroken(ConnectionFailed):
    """The connection broke or stalled with a letter in flight."""


class Connection:
    """One connection at a time, made anew after a break or after enough messages."""

    def __init__(
        self,
        make: Callable[[], aiosmtplib.SMTP],
        door: Door,
        *,
        most_messages: int,
        text_timeout: float,
    ) -> None:
        self._make = make
        self._door = door
        self._text_timeout = text_timeout
        self._most_messages = most_messages
        self._client: aiosmtplib.SMTP | None = None
        self._messages = 0
        self.sender_was_refused = False

    async def ensure(self) -> None:
        """Be connected, greeted, secured and signed in.

        Raises:
            NoConnection: the server is not there (unreachable) or refuses us
                (misconfigured).
        """
        if self._client is not None and self._messages >= self._most_messages:
            await self.leave()
        if self._client is not None and self._client.is_connected:
            return
        client = self._make()
        try:
            await connect(client, self._door)
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, PrivateAddress) as error:
            hang_up(client)
            raise NoConnection(_why_no_connection(error)) from error
        self._client, self._messages = client, 0

    async def deliver(
        self, letter: Letter, raw: bytes, still_wanted: StillWanted = always
    ) -> Answer:
        """Hand over one serialised letter.

        Args:
            still_wanted: asked before its text leaves: the commands before may take minutes.

        Raises:
            ConnectionBroken: the connection was lost or the server fell silent.
        """
        client = self._client
        assert client is not None, "ensure() comes first"
        self._messages += 1
        transaction = _Transaction(client, letter, raw, self._text_timeout, still_wanted)
        try:
            answer = await transaction.run()
            if answer.outcome is not Outcome.ACCEPTED:
                await self._start_afresh(client)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            words = str(error) or "the server fell silent"
            broken = answer_of(Outcome.UNREACHABLE, None, words, letter.recipient_address)
            raise ConnectionBroken(broken) from error
        self.sender_was_refused = transaction.sender_was_refused
        return answer

    async def _start_afresh(self, client: aiosmtplib.SMTP) -> None:
        """Take back a refused envelope; without that, a server refuses the next one too."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            # The refusal stands; only the connection is lost.
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            hang_up(self._client)
        self._client = None

    async def leave(self) -> None:
        """Say goodbye, if there is anyone to say it to."""
        client, self._client = self._client, None
        if client is None:
            return
        transport = client.transport
        try:
            if client.is_connected:
                await client.quit(timeout=GOODBYE_SECONDS)
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            hang_up(client, transport)


async def connect(client: aiosmtplib.SMTP, door: Door) -> aiosmtplib.SMTPResponse:
    """Connect a client through a door; what the server said first."""
    opened = await door.open()
    try:
        return await client.connect(sock=opened)
    except BaseException:
        opened.close()
        raise


def tls_context_for(server: MailServer) -> ssl.SSLContext | None:
    """What a server's certificate is held to; None where the account asks for no protection.

    Raises:
        OSError: the authorities to trust cannot be read.
    """
    if server.security == "none":
        return None
    context = ssl.create_default_context()
    if server.certificate_authorities:
        context.load_verify_locations(server.certificate_authorities)
    return context


def hang_up(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None = None) -> None:
    """Free the socket at once: under TLS, a mere close waits for the other side."""
    transport = transport or client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


class _Transaction:
    """MAIL, RCPT, DATA for one letter."""

    def __init__(
        self,
        client: aiosmtplib.SMTP,
        letter: Letter,
        raw: bytes,
        text_timeout: float,
        still_wanted: StillWanted,
    ) -> None:
        self._client = client
        self._is_wanted = partial(still_wanted, letter)
        self._text_timeout = text_timeout
        self._raw = raw
        self._sender = ascii_address(letter.sender_address).encode()
        self._recipient = ascii_address(letter.recipient_address).encode()
        self.sender_was_refused = False

    async def run(self) -> Answer:
        size = (b"SIZE=%d" % len(self._raw),) if self._client.supports_extension("size") else ()
        mail = await self._client.execute_command(b"MAIL", b"FROM:<%s>" % self._sender, *size)
        if mail.code != OK:
            return self._sender_refused(mail.code, mail.message)
        rcpt = await self._client.execute_command(b"RCPT", b"TO:<%s>" % self._recipient)
        if rcpt.code not in RECIPIENT_TAKEN:
            return self._recipient_refused(rcpt.code, rcpt.message)
        if not self._is_wanted():
            return Answer(Outcome.WITHDRAWN)
        return await self._hand_over_text()

    async def _hand_over_text(self) -> Answer:
        try:
            taken = await self._client.data(self._raw, timeout=self._text_timeout)
        except aiosmtplib.SMTPDataError as refusal:
            if refusal.code == CLOSING:
                self._client.close()
            return self._answer(_outcome_of(refusal.code), refusal.code, refusal.message)
        return self._answer(Outcome.ACCEPTED, taken.code, taken.message)

    def _sender_refused(self, code: int, words: str) -> Answer:
        """A sender refused for good is our account's fault, unless the letter is too big."""
        outcome = _outcome_of(code)
        is_too_big = code == TOO_LARGE or bool(_MESSAGE_TOO_BIG.search(words))
        if code == BAD_SEQUENCE:
            self._client.close()
            outcome = Outcome.TEMPORARY
        elif outcome is Outcome.PERMANENT and not is_too_big:
            outcome = Outcome.MISCONFIGURED
        self.sender_was_refused = outcome is Outcome.MISCONFIGURED
        return self._answer(outcome, code, words)

    def _recipient_refused(self, code: int, words: str) -> Answer:
        outcome = _outcome_of(code)
        if outcome is Outcome.PERMANENT and _RELAYING.search(words):
            outcome = Outcome.MISCONFIGURED
        return self._answer(outcome, code, words)

    def _answer(self, outcome: Outcome, code: int, words: str) -> Answer:
        return answer_of(outcome, code, words, self._recipient.decode())


def _outcome_of(code: int) -> Outcome:
    """What a refusal means. Source: RFC 5321, 4.2.1."""
    if code in ABOUT_OUR_ACCOUNT:
        return Outcome.MISCONFIGURED
    return Outcome.PERMANENT if 500 <= code < 600 else Outcome.TEMPORARY


def _why_no_connection(error: Exception) -> Answer:
    if isinstance(error, PrivateAddress):
        return Answer(Outcome.MISCONFIGURED, None, PRIVATE_ADDRESS)
    code = getattr(error, "code", None)
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500:
        outcome = Outcome.MISCONFIGURED
    elif is_about_security(error) or type(error) is aiosmtplib.SMTPException:
        # The bare exception says what the server does not offer: STARTTLS, a way to sign in.
        outcome = Outcome.MISCONFIGURED
    else:
        outcome = Outcome.UNREACHABLE
    words = str(getattr(error, "message", "") or error) or type(error).__name__
    return answer_of(outcome, code if isinstance(code, int) else None, words)


def is_about_security(error: BaseException | None) -> bool:
    """Whether TLS itself failed, and not the line under it."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        error = error.__cause__
    return False
