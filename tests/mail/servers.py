"""Real SMTP servers that misbehave in the ways servers do."""

import asyncio
import ssl
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from breachdesk.mail.answers import Answer
from breachdesk.mail.letters import Letter
from breachdesk.mail.local_server import LocalSmtpServer
from breachdesk.mail.mailer import MailServer, OnAnswer
from breachdesk.mail.smtp import SmtpMailer

SENT_AT = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
PASSWORD = "correct horse"


def letter(number: int = 1, **changes: Any) -> Letter:
    """A letter to its own recipient."""
    values: dict[str, Any] = {
        "message_id": f"<{number}@boutique.example>",
        "sender_name": "Boutique Girolle",
        "sender_address": "desk@boutique.example",
        "recipient_name": f"Hélène {number}",
        "recipient_address": f"client{number}@client.example",
        "subject": f"Message n° {number}",
        "text": f".\n..\nBonjour {number}, voilà.\n.fin\n",
        "sent_at": SENT_AT,
    }
    return Letter(**values | changes)


class Answers(list[tuple[Letter, Answer]]):
    """Collects what `on_answer` is told."""

    def __call__(self, letter: Letter, answer: Answer) -> None:
        self.append((letter, answer))

    def outcomes(self) -> list[str]:
        """The outcomes in order of the letters' own numbers."""
        ordered = sorted(self, key=lambda pair: int(pair[0].message_id[1:].split("@")[0]))
        return [answer.outcome.value for _, answer in ordered]


class Sink:
    """A server's handler: takes everything, unless told otherwise by address.

    Args:
        refusals: reply line by recipient, given to RCPT.
        after_text: what to do instead of taking a text, by recipient.
        senders: reply line by sender, given to MAIL.
    """

    def __init__(
        self,
        refusals: dict[str, str] | None = None,
        after_text: dict[str, Callable[[Any], Any]] | None = None,
        senders: dict[str, str] | None = None,
    ) -> None:
        self.refusals = refusals or {}
        self.after_text = after_text or {}
        self.senders = senders or {}
        self.taken: list[tuple[str, bytes]] = []
        self.connections: set[Any] = set()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.senders:
            return self.senders[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.connections.add(session.peer)
        misbehave = self.after_text.get(envelope.rcpt_tos[0])
        if misbehave is not None:
            reply = await misbehave(server)
            if reply:
                return reply
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return "250 Kept"


async def stall(server: Any) -> None:
    """Fall silent after the text."""
    await asyncio.sleep(60)


async def hang_up(server: Any) -> str:
    """Drop the connection after the text."""
    server.transport.abort()
    return "250 never heard"


def hand_in(
    server: MailServer,
    letters: Iterable[Letter],
    on_answer: OnAnswer,
    **options: Any,
) -> None:
    """`SmtpMailer.deliver`, where no loop runs."""
    asyncio.run(SmtpMailer().deliver(server, letters, on_answer, **options))


@contextmanager
def serving(handler: Any, **options: Any) -> Iterator[MailServer]:
    """A running server and how to reach it."""
    security = options.pop("security", "none")
    with warnings.catch_warnings():
        # aiosmtpd warns that AUTH without TLS is unsafe; here nothing leaves the machine.
        warnings.simplefilter("ignore")
        with LocalSmtpServer(handler, **options) as server:
            yield MailServer(
                server.host, server.port, security=security, timeout=1.0, text_timeout=1.0
            )


def check_password(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
    """aiosmtpd's authenticator: one right password."""
    right = getattr(given, "password", b"") == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


def self_made_certificate(folder: Path, *, for_ip: str = "127.0.0.1") -> tuple[Path, Path]:
    """Write a certificate and its key for an address of this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "breachdesk test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(for_ip))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_path, key_path


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server shows who asks for TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
