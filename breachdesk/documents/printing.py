"""From a case to its dossier as bytes, in one call."""

import json
from collections.abc import Sequence

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.dossier_files import CASE_NAME, DossierFile
from breachdesk.wording import Wording, wording_for


def print_dossier(
    record: CaseRecord, locale: str, files: Sequence[DossierFile] | None = None
) -> bytes:
    """The dossier of a case as PDF/A-3, with its files inside.

    Args:
        locale: "fr" or "en".
        files: embedded as they are; None: the case as JSON alone.
    """
    wording = wording_for(locale)
    held = (case_file(record, wording),) if files is None else tuple(files)
    return typeset_dossier(lay_out_dossier(record, wording), held, record.made_at)


def case_file(record: CaseRecord, wording: Wording) -> DossierFile:
    """The whole case as JSON: readable; valid UTF-8 even where a text holds half a character."""
    case = record.as_json()
    try:
        content = json.dumps(case, ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:
        content = json.dumps(case, indent=2).encode()
    title = wording.text("Toute l’affaire, en données (JSON)")
    return DossierFile(CASE_NAME, "application/json", content, title)
