"""The journal of an organisation itself: who came in, who changed its settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.models import Invitation, JournalEntry, User
from breachdesk.services.acting import Acting
from breachdesk.services.journal import first_broken_entry, journal_of


@dataclass(frozen=True)
class OrganisationJournal:
    """The lines of an organisation's chain, in order.

    Args:
        broken: the number of the first line that was altered; None where all hold.
        whom: by line number, the name of the person whom a line is about.
    """

    entries: Sequence[JournalEntry]
    broken: int | None
    whom: Mapping[int, str]


def read_organisation_journal(session: Session, *, by: Acting) -> OrganisationJournal:
    """Every line with whether the chain holds; three queries.

    The lines hold ids alone: the names come from the rows that may change and be erased.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.SEE_ORGANISATION_JOURNAL)
    entries = journal_of(session, by.organisation)
    users = _names(session, User, (entry.parameters.get("user") for entry in entries))
    guests = _names(session, Invitation, (entry.parameters.get("invitation") for entry in entries))
    whom = {
        entry.sequence: users.get(entry.parameters.get("user"), "")
        or guests.get(entry.parameters.get("invitation"), "")
        for entry in entries
    }
    return OrganisationJournal(entries, first_broken_entry(entries), whom)


def _names(
    session: Session, model: type[User] | type[Invitation], ids: Iterable[object]
) -> dict[object, str]:
    wanted = {number for number in ids if isinstance(number, int)}
    rows = session.execute(select(model.id, model.name).where(model.id.in_(wanted)))
    return {number: name for number, name in rows}
