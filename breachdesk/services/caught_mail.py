"""The mail of an example organisation that stayed here, read by its own people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.mail.catcher import (
    CaughtLetter,
    CaughtMessage,
    caught_messages,
    count_caught,
    read_caught,
)
from breachdesk.mail.letters import mail_key, message_id_for
from breachdesk.models import Delivery, Incident
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.caught_up_mails import CAUGHT_UP, mail_of
from breachdesk.services.visibility import tells_of_hidden_case

PER_PAGE = 50


@dataclass(frozen=True)
class CaughtPage:
    """One page of what was caught, newest first, and how much there is."""

    messages: Sequence[CaughtMessage]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


def list_caught_mail(session: Session, desk: Desk, seat: Acting, *, page: int = 1) -> CaughtPage:
    """The messages kept back for the organisation; a page past the last is the last.

    Those that tell of a case which the person may not know of are left out.

    Raises:
        NotFound: the organisation's mail is not caught.
    """
    folder, sender = _kept_under(desk, seat)
    hidden = _hidden_messages(session, seat)
    total = count_caught(folder, sender)
    if not hidden:
        page = _page_within(page, total)
        found = caught_messages(folder, sender, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        return CaughtPage(found, total, page)
    # Only now is every file opened: an example keeps few.
    shown = [
        message
        for message in caught_messages(folder, sender, limit=total)
        if _key_of(message.message_id) not in hidden
    ]
    page = _page_within(page, len(shown))
    return CaughtPage(shown[(page - 1) * PER_PAGE :][:PER_PAGE], len(shown), page)


def _page_within(page: int, total: int) -> int:
    return min(max(1, page), max(1, -(-total // PER_PAGE)))


def read_caught_mail(session: Session, desk: Desk, seat: Acting, message_id: str) -> CaughtLetter:
    """One message kept back for the organisation.

    Raises:
        NotFound: the organisation's mail is not caught, or it has no such message for them.
    """
    letter = read_caught(*_kept_under(desk, seat), message_id)
    if _key_of(letter.message_id) in _hidden_messages(session, seat):
        raise NotFound("unknown_message")
    return letter


def _hidden_messages(session: Session, seat: Acting) -> set[str]:
    """What the Message-IDs of mail about cases hidden from somebody begin with.

    What was sent to themselves, such as the receipt of their own report, they may read.
    """
    rows = session.execute(
        select(Incident.reference, Delivery.dedup_key, Delivery.queued_at, Delivery.claimed_by)
        .join(Incident, Delivery.incident_id == Incident.id)
        .where(
            tells_of_hidden_case(seat.organisation.id, seat.user.id),
            or_(Delivery.user_id.is_(None), Delivery.user_id != seat.user.id),
        )
    ).all()
    hidden = set()
    for key, queued_at in _told_in_others(session, [row.claimed_by for row in rows]):
        hidden.add(_key_of(message_id_for(mail_key(CAUGHT_UP, key, queued_at), "x.example")))
    for reference, key, queued_at, _ in rows:
        # The second: as it was named before the moment was part of the name.
        for name in (mail_key(reference, key, queued_at), f"{reference}:{key}"):
            hidden.add(_key_of(message_id_for(name, "x.example")))
    return hidden


def _told_in_others(session: Session, claims: Iterable[str]) -> Sequence[Any]:
    """The names of the mails after an outage that tell of deliveries so bound."""
    ids = {mail for claim in claims if (mail := mail_of(claim)) is not None}
    if not ids:
        return ()
    return session.execute(
        select(Delivery.dedup_key, Delivery.queued_at).where(Delivery.id.in_(ids))
    ).all()


def _key_of(message_id: str) -> str:
    """The part of a Message-ID that names the mail, whatever domain it was sent from."""
    return message_id.partition("@")[0]


def _kept_under(desk: Desk, seat: Acting) -> tuple[Path, str]:
    """The folder of what was caught, and the address the organisation's mail comes from."""
    seat.demand(Action.SEE_CAUGHT_MAIL)
    if desk.caught_mail is None or not desk.catches_for(seat.organisation):
        raise NotFound("unknown_message")
    return desk.caught_mail, desk.catcher_sender(seat.organisation)
