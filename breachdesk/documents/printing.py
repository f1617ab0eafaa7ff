"""From a case to its dossier as bytes, in one call."""

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.domain.case_record import CaseRecord
from breachdesk.wording import wording_for


def print_dossier(record: CaseRecord, locale: str) -> bytes:
    """The dossier of a case as PDF/A-3, with the case as JSON inside.

    Args:
        locale: "fr" or "en".
    """
    content = lay_out_dossier(record, wording_for(locale))
    return typeset_dossier(content, record.as_json(), record.made_at)
