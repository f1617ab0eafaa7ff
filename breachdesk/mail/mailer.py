"""What a mailer is, and the server it hands letters to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from breachdesk.mail.answers import Answer
from breachdesk.mail.letters import Letter

Security = Literal["none", "starttls", "tls"]
Reach = Literal["anywhere", "private", "public"]
OnAnswer = Callable[[Letter, Answer], None]
StillWanted = Callable[[Letter], bool]


def always(_letter: Letter) -> bool:
    """Whoever hands in a letter has nothing to say of it afterwards."""
    return True


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in, and as whom.

    Args:
        security: "starttls" and "tls" check the certificate against the host name; neither
            ever falls back to plain text.
        timeout: seconds to wait for a connection, and for each answer.
        text_timeout: seconds to wait for the answer to a whole message. RFC 5321, 4.5.3.2.6
            asks for ten minutes, for whoever gives up early sends a message twice; but all
            that time a server that stalls keeps a reminder from its next attempt.
        certificate_authorities: a PEM file trusted besides the system's own authorities.
        reach: where it may stand: "anywhere" for the operator's own; for one that an
            organisation names only in "public", or also in the desk's own network ("private").
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    security: Security = "none"
    timeout: float = 30.0
    text_timeout: float = 120.0
    certificate_authorities: str = ""
    reach: Reach = "anywhere"


class Mailer(Protocol):
    """Whoever takes letters and answers for each; the desk's own is `SmtpMailer`."""

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

        Args:
            still_wanted: asked once more right before the text of a letter leaves; where it
                says no, the answer is WITHDRAWN.
        """
