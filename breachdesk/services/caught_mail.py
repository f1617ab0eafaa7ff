"""The mail of an example organisation that stayed here, read by its own people."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.mail.catcher import (
    CaughtLetter,
    CaughtMessage,
    caught_messages,
    count_caught,
    read_caught,
)
from breachdesk.services.acting import Acting, Desk

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


def list_caught_mail(desk: Desk, seat: Acting, *, page: int = 1) -> CaughtPage:
    """The messages kept back for the organisation; a page past the last is the last.

    Raises:
        NotFound: the organisation's mail is not caught.
    """
    folder, sender = _kept_under(desk, seat)
    total = count_caught(folder, sender)
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    found = caught_messages(folder, sender, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return CaughtPage(found, total, page)


def read_caught_mail(desk: Desk, seat: Acting, message_id: str) -> CaughtLetter:
    """One message kept back for the organisation.

    Raises:
        NotFound: the organisation's mail is not caught, or it has no such message.
    """
    return read_caught(*_kept_under(desk, seat), message_id)


def _kept_under(desk: Desk, seat: Acting) -> tuple[Path, str]:
    """The folder of what was caught, and the address the organisation's mail comes from."""
    seat.demand(Action.SEE_CAUGHT_MAIL)
    if desk.caught_mail is None or not desk.catches_for(seat.organisation):
        raise NotFound("unknown_message")
    return desk.caught_mail, desk.sender_for(seat.organisation)
