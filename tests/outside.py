"""People without an account, for the tests: what they report, and how a form of theirs is met."""

import hashlib
import re
from datetime import datetime, timedelta
from html import unescape

from breachdesk.domain.access import Role
from breachdesk.domain.reporting import secret_of
from breachdesk.domain.robot_check import PROOF_BITS, PROOF_PIECES
from breachdesk.services.acting import Stranger as Stranger
from breachdesk.services.attachments import Upload as Upload
from breachdesk.services.incidents import Report
from breachdesk.services.outside_reports import Identity, Received, report_publicly
from breachdesk.services.processor_links import (
    Declaration,
    declare,
    find_link,
    make_link,
    revoke_link,
)
from breachdesk.services.report_messages import ask_reporter as ask_reporter
from breachdesk.services.report_messages import complete_report
from breachdesk.services.reporting import close_reporting as close_reporting
from breachdesk.services.reporting import open_reporting
from breachdesk.wording import FRENCH
from breachdesk.wording.robot_check import part_word
from tests.cases import Work, organisation, seat
from tests.web.reading import plain

# As the page says them, in order.
NUMBERS = [part_word(number, FRENCH) for number in range(21)]
TICKET = "0123456789abcdef0123456789abcdef"
PUBLIC = "maison-girandole"


def open_form(work: Work, *, now: datetime, code: str = "GIR", chosen: str | None = PUBLIC) -> str:
    """Open an organisation's public form; its address."""
    return open_reporting(work.session, chosen, by=seat(work, Role.DPO, code), now=now)


def report(
    work: Work,
    *,
    now: datetime,
    code: str = "GIR",
    description: str = "Un fichier de clients traîne sur l’imprimante.",
    identity: Identity | None = None,
    accuses: bool = False,
    ticket: str = TICKET,
    address: str = "192.0.2.7",
    **more: object,
) -> Received:
    """Report without an account."""
    return report_publicly(
        work.session,
        work.desk,
        organisation(work, code),
        Report(description, now, **more),  # type: ignore[arg-type]
        identity=identity or Identity(),
        accuses=accuses,
        ticket=ticket,
        address=address,
        now=now,
    )


def invite(
    work: Work,
    *,
    now: datetime,
    code: str = "GIR",
    processor: str = "Nuage Hébergement",
    days: int = 30,
) -> str:
    """Make a link for a processor; its token."""
    by = seat(work, Role.HANDLER, code)
    return make_link(work.session, processor, by=by, now=now, lasts=timedelta(days=days))


def declared(
    work: Work, token: str, *, now: datetime, ticket: str = TICKET, **more: object
) -> Received:
    """Declare by a link: known at the processor's for five hours."""
    declaration = Declaration(
        Report("Un disque de sauvegarde a été copié.", now, **more),  # type: ignore[arg-type]
        now - timedelta(hours=5),
        Identity("Nora Petit", "nora@nuage.example"),
    )
    link = find_link(work.session, token)
    return declare(work.session, work.desk, link, declaration, ticket=ticket, now=now)


def proof_of(ticket: str) -> str:
    """What a browser's script would reckon."""
    return ".".join(str(_piece(ticket, place)) for place in range(PROOF_PIECES))


def _piece(ticket: str, place: int) -> int:
    nonce = 0
    while True:
        digest = hashlib.sha256(f"{ticket}:{place}:{nonce}".encode()).digest()
        if int.from_bytes(digest) >> (256 - PROOF_BITS) == 0:
            return nonce
        nonce += 1


def ticket_on(page: str) -> str:
    """The ticket of a page's form."""
    found = re.search(r'data-ticket="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def secret_on(page: str) -> str:
    """The secret that a page shows."""
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found, page
    return found[1]


def secret_for(ticket: str = TICKET) -> str:
    """The secret of the report sent with a ticket."""
    return secret_of(ticket)


def sample_reports(work: Work, now: datetime) -> dict[str, str]:
    """What there is to see of reports without an account, by the names of `places`."""
    hours = {name: now - timedelta(hours=name) for name in (2, 3, 4, 30)}
    open_form(work, now=hours[30])
    by_nobody = report(
        work,
        now=hours[4],
        description="Une clé USB avec des bulletins de paie a disparu du bureau 12.",
        identity=Identity("Samir", "06 00 00 00 00"),
        ticket="1" * 32,
    )
    incident = by_nobody.outside.incident
    ask = "Savez-vous depuis quand la clé n’y est plus ? Était-elle chiffrée ?"
    ask_reporter(work.session, incident, ask, by=seat(work, Role.HANDLER), now=hours[3])
    said = "Elle y était vendredi soir. Je ne sais pas si elle est chiffrée."
    by = Stranger(incident.organisation)
    complete_report(work.session, work.desk, incident, said, by=by, now=hours[2])
    used, opened = (invite(work, now=hours[30]) for _ in range(2))
    processors = declared(work, used, now=hours[3], ticket="2" * 32)
    invite(work, now=now - timedelta(days=3), processor="Routage & Fils", days=1)
    revoked = invite(work, now=hours[4], processor="Ancien prestataire")
    link = find_link(work.session, revoked)
    revoke_link(work.session, link.id, by=seat(work, Role.HANDLER), now=hours[3])
    return {
        "outside": incident.reference,
        "declared": processors.outside.incident.reference,
        "link_open": opened,
        "link_used": used,
        "link_revoked": revoked,
        "secret": by_nobody.secret,
    }


def question_on(page: str) -> str:
    """The question that a page asks, with ordinary spaces."""
    found = re.search(r'id="answer-question">([^<]+)<', page)
    assert found
    return plain(unescape(found[1]))


def answer_to(question: str) -> str:
    """What a person answers, by reading."""
    listed = question.split(":")[-1].strip(" ?").split(", ")
    if question.startswith("Combien font"):
        one, other = question.removeprefix("Combien font ").strip(" ?").split(" plus ")
        return str(NUMBERS.index(one) + NUMBERS.index(other))
    if "plus grand" in question:
        return max(listed, key=NUMBERS.index)
    if "mot de cette liste" in question:
        places = ["premier", "deuxième", "troisième", "quatrième"]
        return listed[next(n for n, word in enumerate(places) if f" {word} " in question)]
    if "Quel jour" in question:
        days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
        day = question.removeprefix("Quel jour vient après ").strip(" ?")
        return days[(days.index(day) + 1) % 7]
    animals = {"chat", "chien", "cheval", "vache", "lapin", "lion"}
    return next(word for word in listed if word not in animals)
