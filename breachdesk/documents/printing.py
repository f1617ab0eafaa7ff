"""From a case to its dossier as bytes, in one call."""

from collections.abc import Mapping

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.dossier_bundle import dossier_files
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.domain.case_record import CaseRecord
from breachdesk.wording import wording_for


def print_dossier(
    record: CaseRecord, locale: str, attachments: Mapping[int, bytes] | None = None
) -> bytes:
    """The dossier of a case as PDF/A-3, with its files inside.

    Args:
        locale: "fr" or "en".
        attachments: the bytes of each that it holds, counted from 1 in the record's order.
    """
    wording = wording_for(locale)
    files = dossier_files(record, attachments or {}, wording)
    return typeset_dossier(lay_out_dossier(record, wording), files, record.made_at)
