"""Trying an account step by step, to say which one fails and in whose words."""

import asyncio
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

import aiosmtplib

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_accounts import (
    TEST_WITHIN,
    AccountTest,
    Step,
    StepResult,
    StepState,
)
from breachdesk.mail.answers import HIDDEN, without_addresses
from breachdesk.mail.connection import (
    OK,
    OWN_NAME,
    RECIPIENT_TAKEN,
    hang_up,
    is_about_security,
    tls_context_for,
)
from breachdesk.mail.door import Door, NameNotFound, PrivateAddress
from breachdesk.mail.letters import Letter, ascii_address, serialise
from breachdesk.mail.mailer import MailServer

SIGN_IN_WANTED = 530
# OpenSSL's X509_V_ERR_…: expired, not yet valid; no chain to an authority; another name.
_OUT_OF_DATE = (9, 10)
_UNTRUSTED = (18, 19, 20, 21)
_OTHER_NAME = (62, 64)


def try_account(server: MailServer, letter: Letter, *, sends: bool) -> AccountTest:
    """Connect, secure, sign in and offer a letter, within `TEST_WITHIN`.

    Args:
        letter: whose sender and recipient are offered.
        sends: hand it over as well; without, the server is asked and nothing is sent.
    """
    return asyncio.run(_Trial(server, letter, sends).run())


class _Failed(Exception):
    """A step failed, for a reason that we know."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass
class _Trial:
    server: MailServer
    letter: Letter
    sends: bool
    step: Step = Step.NAME
    results: dict[Step, StepResult] = field(default_factory=dict)
    client: aiosmtplib.SMTP | None = None
    opened: socket.socket | None = None

    async def run(self) -> AccountTest:
        """Every step, up to the first that fails."""
        try:
            async with asyncio.timeout(TEST_WITHIN.total_seconds()):
                await self._go()
        except TimeoutError:
            self._fail(self._what_took_so_long())
        finally:
            if self.client is not None:
                hang_up(self.client)
            if self.opened is not None:
                self.opened.close()
            await asyncio.sleep(0)
        states = {step: StepResult(step, StepState.NOT_REACHED) for step in Step}
        if not self.sends:
            states[Step.MAIL] = StepResult(Step.MAIL, StepState.NOT_NEEDED)
        return AccountTest(tuple((states | self.results).values()))

    async def _go(self) -> None:
        try:
            await self._reach()
            await self._secure()
            await self._sign_in()
            await self._offer()
        except _Failed as failure:
            self._fail(failure.code, failure.words)
        except (aiosmtplib.SMTPException, OSError, PrivateAddress) as error:
            self._fail(_reason(error, self.step), _words_of(error))

    def _what_took_so_long(self) -> str:
        if self.step is not Step.CONNECTION:
            return "too_slow"
        return "not_there" if self.opened is None else "no_greeting"

    def _pass(self, words: str = "", state: StepState = StepState.PASSED) -> None:
        self.results[self.step] = StepResult(self.step, state, "", self._told(words))

    def _fail(self, code: str, words: str = "") -> None:
        self.results[self.step] = StepResult(self.step, StepState.FAILED, code, self._told(words))

    def _told(self, words: str) -> str:
        """A server's words, without what it should not have said."""
        for secret in _forms_of(self.server):
            words = words.replace(secret, HIDDEN)
        return without_addresses(words, self.letter.recipient_address)

    # --- The steps ---------------------------------------------------------------------------

    async def _reach(self) -> None:
        door = Door(self.server)
        found = await door.addresses()
        self._pass(", ".join(dict.fromkeys(map(str, found))))
        self.step = Step.CONNECTION
        self.client = self._made()
        self.opened = await door.open()
        if self.server.security == "tls":
            # Nothing is said before the line is secured.
            self._pass()
            self.step = Step.CERTIFICATE
        greeting = await self.client.connect(sock=self.opened)
        if self.step is Step.CONNECTION:
            self._pass(f"{greeting.code} {greeting.message}")
        await self.client.ehlo()

    def _made(self) -> aiosmtplib.SMTP:
        try:
            context = tls_context_for(self.server)
        except OSError as fault:
            raise _Failed("no_authorities", str(fault)) from None
        return aiosmtplib.SMTP(
            hostname=self.server.host,
            local_hostname=OWN_NAME,
            timeout=self.server.timeout,
            use_tls=self.server.security == "tls",
            start_tls=False,
            tls_context=context,
        )

    async def _secure(self) -> None:
        self.step = Step.CERTIFICATE
        client = self._connected()
        if self.server.security == "none":
            return self._pass(state=StepState.NOT_NEEDED)
        if self.server.security == "starttls":
            if not client.supports_extension("starttls"):
                raise _Failed("no_starttls")
            await client.starttls()
            await client.ehlo()
        secured = client.get_transport_info("ssl_object")
        return self._pass(secured.version() if secured else "")

    async def _sign_in(self) -> None:
        self.step = Step.SIGN_IN
        if not self.server.username:
            return self._pass(state=StepState.NOT_NEEDED)
        client = self._connected()
        if not client.supports_extension("auth"):
            raise _Failed("sign_in_not_offered")
        answer = await client.login(self.server.username, self.server.password)
        return self._pass(f"{answer.code} {answer.message}")

    async def _offer(self) -> None:
        self.step = Step.SENDER
        client = self._connected()
        sender = ascii_address(self.letter.sender_address)
        mail = await client.execute_command(b"MAIL", b"FROM:<%s>" % sender.encode())
        if mail.code != OK:
            code = "sign_in_wanted" if mail.code == SIGN_IN_WANTED else "sender_refused"
            raise _Failed(code, f"{mail.code} {mail.message}")
        # Many servers look at the sender only once they know the recipient.
        try:
            to = ascii_address(self.letter.recipient_address)
        except InvalidInput:
            return self._pass(f"{mail.code} {mail.message}")
        rcpt = await client.execute_command(b"RCPT", b"TO:<%s>" % to.encode())
        if rcpt.code not in RECIPIENT_TAKEN:
            code = "sign_in_wanted" if rcpt.code == SIGN_IN_WANTED else "recipient_refused"
            raise _Failed(code, f"{rcpt.code} {rcpt.message}")
        self._pass(f"{mail.code} {mail.message}")
        return await self._hand_over(client)

    async def _hand_over(self, client: aiosmtplib.SMTP) -> None:
        if not self.sends:
            await client.rset()
            return
        self.step = Step.MAIL
        taken = await client.data(serialise(self.letter))
        self._pass(f"{taken.code} {taken.message}")

    def _connected(self) -> aiosmtplib.SMTP:
        assert self.client is not None, "_reach() comes first"
        return self.client


def _forms_of(server: MailServer) -> list[str]:
    """The password in every form in which a server might say it back, the longest first."""
    if not server.password:
        return []
    name, password = server.username, server.password
    pair = b"\0%s\0%s" % (name.encode(), password.encode())
    forms = {password, quote(password), b64encode(password.encode()).decode()}
    forms |= {b64encode(pair).decode(), b64encode(name.encode()).decode()}
    return sorted((form for form in forms if form), key=len, reverse=True)


Reason = Literal[
    "name_unknown",
    "private_address",
    "not_there",
    "greeting_refused",
    "certificate_untrusted",
    "certificate_other_name",
    "certificate_out_of_date",
    "no_tls_there",
    "sign_in_refused",
    "mail_refused",
    "broken",
]


def _reason(error: Exception, step: Step) -> Reason:
    if isinstance(error, PrivateAddress):
        return "private_address"
    if isinstance(error, NameNotFound):
        return "name_unknown"
    if is_about_security(error):
        return _certificate_reason(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _refusal(step)
    return "not_there" if step is Step.CONNECTION else "broken"


def _refusal(step: Step) -> Reason:
    if step is Step.SIGN_IN:
        return "sign_in_refused"
    return "mail_refused" if step in (Step.SENDER, Step.MAIL) else "greeting_refused"


def _certificate_reason(error: BaseException) -> Reason:
    found = _cause(error, ssl.SSLCertVerificationError)
    code = found.verify_code if isinstance(found, ssl.SSLCertVerificationError) else 0
    if code in _OTHER_NAME:
        return "certificate_other_name"
    if code in _OUT_OF_DATE:
        return "certificate_out_of_date"
    return "certificate_untrusted" if code in _UNTRUSTED or code else "no_tls_there"


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__
    return error


def _words_of(error: Exception) -> str:
    verified = _cause(error, ssl.SSLCertVerificationError)
    if isinstance(verified, ssl.SSLCertVerificationError):
        return verified.verify_message
    if isinstance(error, PrivateAddress):
        return ""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error)
