"""A case with a communication to many, ready to be sent; and a process that sends it.

    python -m tests.services.letters_to_many DATABASE_URL SMTP_PORT KEY FOLDER NOW

delivers what is due at NOW, once, and ends.
"""

import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.mail.mailer import MailServer
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.services.sending import deliver_due
from tests.cases import (
    FACTS_OF_THE_SHOP,
    MONDAY_NINE,
    Work,
    advise,
    approve_notice,
    assess,
    confirm_recipients,
    decide,
    draft_notice,
    know,
    make_organisation,
    open_case,
    qualify,
    upload_recipients,
)
from tests.services.desks import desk_in, engine_for


def recipient_list(count: int) -> bytes:
    """So many people, as a shop exports them."""
    rows = [f"Élise {number};client{number}@clients.example" for number in range(count)]
    return "\n".join(["Nom;Courriel", *rows]).encode()


def decided_case(work: Work, *, now: datetime = MONDAY_NINE) -> str:
    """A case where it is decided to tell people; its reference."""
    roles = (Role.HANDLER, Role.DPO, Role.DECIDER)
    make_organisation(work, now=now, roles=roles, contact_email="donnees@gir.example")
    reference = open_case(work, now=now)
    know(work, reference, now=now, **FACTS_OF_THE_SHOP)
    qualify(work, reference, now=now)
    assess(work, reference, now=now)
    advise(work, reference, now=now)
    decide(work, reference, now=now)
    return reference


def approved_notice(work: Work, count: int, *, now: datetime = MONDAY_NINE) -> str:
    """A case whose communication is approved, with so many recipients; its reference."""
    reference = decided_case(work, now=now)
    draft_notice(work, reference, now=now)
    kept = upload_recipients(work, reference, recipient_list(count), now=now)
    confirm_recipients(work, reference, kept, now=now)
    approve_notice(work, reference, now=now)
    return reference


def main(url: str, port: str, key: str, folder: str, now: str) -> None:
    """Deliver what is due."""
    server = MailServer("127.0.0.1", int(port))
    desk = desk_in(Path(folder), bytes.fromhex(key), mailer=SmtpMailer(), server=server)
    engine = engine_for(url)
    moment = datetime.fromisoformat(now)
    with Session(engine) as session:
        deliver_due(session, desk, worker="process", clock=lambda: moment)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
