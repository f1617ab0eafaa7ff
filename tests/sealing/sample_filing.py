"""A filing's own PDF as the desk makes it: its data, the journal's line, and the seal."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from breachdesk.documents.phase_document import PhasePaper, print_phase
from breachdesk.domain.dossier_files import DossierFile
from breachdesk.domain.filing_files import LINE_NAME, filing_name
from breachdesk.domain.journal import Entry, Line, line_hash
from breachdesk.domain.journal_file import FiledLine, TextState, journal_as_json
from breachdesk.domain.phase_document import content_hash
from tests.documents.sample_case import MADE
from tests.sealing.sample_dossier import CHAIN, SALT, bare, chained_case, sealed

BEFORE = "4b" * 32


def sample_filing() -> dict[str, Any]:
    """The first filing of the sample case, as it was frozen."""
    return dict(chained_case().phases[0].content)


def line_that_attests(content: Mapping[str, Any], **other: object) -> FiledLine:
    """The journal's line that was written with a filing, with other parameters where asked."""
    said = {"sequence": content["sequence"], "content": content_hash(content), **other}
    line = Line(CHAIN, 34, MADE, 3, Entry.PHASE_FILED, said, SALT * 2, BEFORE)
    return FiledLine(line, line_hash(line), state=TextState.REMOVED)


def with_code(filed: FiledLine, code: str) -> FiledLine:
    """The line as one of another kind, its hash worked out anew."""
    line = replace(filed.line, code=code)
    return replace(filed, line=line, hash=line_hash(line))


def filing_files(content: Mapping[str, Any], filed: FiledLine) -> dict[str, bytes]:
    """The files inside its PDF."""
    return {
        filing_name(content["sequence"]): json.dumps(content).encode(),
        LINE_NAME: json.dumps(journal_as_json(CHAIN, [filed])).encode(),
    }


def sealed_with(files: Mapping[str, bytes]) -> bytes:
    """A small PDF that holds these files, under the sample's seal."""
    return sealed(
        bare(DossierFile(name, "application/json", held, "") for name, held in files.items())
    )


@cache
def sample_filing_pdf() -> bytes:
    """A filing that holds, printed whole."""
    content = sample_filing()
    paper = PhasePaper(
        content=content,
        before={},
        authority="CNIL",
        title="",
        timezone="Europe/Paris",
        made_at=MADE,
        made_by="Karim Benali",
        line=line_that_attests(content),
        fingerprint="5a5a 5a5a",
    )
    return sealed(print_phase(paper, "fr"))
