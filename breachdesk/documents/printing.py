"""From a case to its dossier as bytes, in one call."""

from collections.abc import Sequence

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.dossier_bundle import dossier_files
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.dossier_files import DossierFile
from breachdesk.wording import wording_for


def print_dossier(
    record: CaseRecord, locale: str, files: Sequence[DossierFile] | None = None
) -> bytes:
    """The dossier of a case as PDF/A-3, with its files inside.

    Args:
        locale: "fr" or "en".
        files: embedded as they are; None: those of the record, without any attachment's bytes.
    """
    wording = wording_for(locale)
    held = dossier_files(record, {}, wording) if files is None else files
    return typeset_dossier(lay_out_dossier(record, wording), held, record.made_at)
