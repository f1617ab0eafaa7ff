"""Keeping what is said of an organisation, once it has been created."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.journal import Entry
from breachdesk.domain.organisation_details import DETAILS, checked_details
from breachdesk.models import Organisation
from breachdesk.services.acting import Acting
from breachdesk.services.journal import write_journal


def update_organisation(
    session: Session,
    organisation: Organisation,
    details: Mapping[str, str],
    *,
    by: Acting,
    now: datetime,
) -> list[str]:
    """Keep what is said of the organisation now; the journal tells which details changed.

    The journal's line holds their names alone: some of them are about a person.

    Args:
        details: any of `DETAILS` by name; what is left out stays as it is.

    Returns:
        The names of those that changed, in the order of `DETAILS`.

    Raises:
        NotAllowed: their roles do not permit it.
        InvalidInput: one cannot be kept; its `field` says which.
    """
    by.demand(Action.EDIT_ORGANISATION)
    kept = checked_details({name: details[name] for name in DETAILS if name in details})
    changed = [name for name, text in kept.items() if text != getattr(organisation, name)]
    if changed:
        entry = Entry.ORGANISATION_CHANGED
        write_journal(session, organisation, entry, by=by.user, at=now, fields=changed)
        for name in changed:
            setattr(organisation, name, kept[name])
    session.commit()
    return changed
