"""A filing as it was kept before the forms were frozen whole: rows written as that version did.

It kept the CNIL's form alone, by section, each field by its code with a state and a value,
and its line in the journal had no hash of them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.journal import Entry
from breachdesk.models import AuthorityPhase, User
from breachdesk.services.cases import refresh_stage
from breachdesk.services.journal import write_journal
from tests.cases import Work, incident


def _field(status: str, value: object = None) -> dict[str, object]:
    return {"status": status, "value": value}


# As that version's `notification_as_json` wrote it.
CONTENT: dict[str, Any] = {
    "kind": {"notification_kind": _field("given", "initial")},
    "organisation": {
        "organisation_name": _field("given", "Boutique en ligne La Girandole"),
        "siren": _field("missing"),
        "vat_number": _field("at_filing"),
        "address": _field("given", "3 rue des Lilas, 69003 Lyon"),
    },
    "dates": {
        "occurred_from": _field("given", "2026-11-20T18:30:00+00:00"),
        "access": _field("given", "ongoing"),
        "aware_at": _field("given", "2026-11-23T08:00:00+00:00"),
        "dates_comment": _field("missing"),
    },
    "breach": {
        "breach_types": _field("given", ["confidentiality"]),
        "origins": _field("unknown"),
        "description": _field("given", "Un partage ouvert."),
    },
    "data": {
        "data_natures": _field("given", ["contact", "of_another_day"]),
        "sensitive_natures": _field("not_applicable"),
        "n_subjects": _field("unknown"),
    },
    "measures": {"measures_taken": _field("given", "Le partage est fermé.")},
    "communication": {"communication_state": _field("given", "undecided")},
    "attachments": {"attachments": _field("given", 2)},
}


def file_as_an_older_version(
    work: Work, reference: str, *, now: datetime, sequence: int = 1
) -> None:
    """A filing made at `now`, kept in the older shape."""
    found = incident(work, reference)
    person = work.session.query(User).order_by(User.id).first()
    assert person is not None
    work.session.execute(
        insert(AuthorityPhase.__table__).values(  # type: ignore[arg-type]
            incident_id=found.id,
            authority="CNIL",
            sequence=sequence,
            kind=NotificationKind.INITIAL.value,
            filed_at=now,
            number="N-2026-000123",
            reasons_for_delay="",
            withdrawal_reason="",
            is_complete=None,
            was_late=False,
            receipt_id=None,
            content=CONTENT,
            recorded_by_id=person.id,
            recorded_at=now,
        )
    )
    write_journal(
        work.session,
        found,
        Entry.PHASE_FILED,
        by=person,
        at=now,
        authority="CNIL",
        kind=NotificationKind.INITIAL.value,
        sequence=sequence,
        filed_at=now.isoformat(),
        was_late=False,
    )
    refresh_stage(work.session, found)
    work.session.commit()
