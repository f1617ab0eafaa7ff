"""From a laid-out document to a PDF, by Typst.

Text reaches the template as a JSON file and never as markup. Every compile runs in a child
process: a compile cannot be cancelled, and its cache is given back only when its process
ends. Starting the child costs about 60 ms; one path for small and large cases is worth it.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from breachdesk.documents.content import DossierContent
from breachdesk.documents.glyphs import FONTS, one_line, printable
from breachdesk.domain.errors import DocumentFailed

TEMPLATE = Path(__file__).resolve().parent / "templates" / "dossier.typ"
PROCESS = Path(__file__).resolve().parent / "typst_process.py"

# Ten times what the longest printed case takes on two busy processors (5 s).
TIME_LIMIT = timedelta(seconds=60)


def typeset_dossier(
    content: DossierContent,
    record_json: dict[str, object],
    made_at: datetime,
    *,
    time_limit: timedelta = TIME_LIMIT,
) -> bytes:
    """Print a dossier as PDF/A-3a and PDF/UA-1, with the case attached as JSON.

    The same content and record give the same bytes.

    Args:
        record_json: the case, `CaseRecord.as_json()`; attached as it is.
        made_at: the instant the document bears (timezone-aware).
        time_limit: after which the compile is stopped.

    Raises:
        DocumentFailed: ``typesetting_failed``: the compiler refused;
            ``typesetting_too_long``: it was stopped.

    Source: ISO 19005-3:2012 (PDF/A-3), ISO 14289-1:2014 (PDF/UA-1).
    """
    printed = _printed(content.as_json())
    printed["title"] = one_line(content.title)
    files = {
        "main.typ": TEMPLATE.read_text(encoding="utf-8"),
        "dossier.json": json.dumps(printed, ensure_ascii=False),
        "case.json": _attached(record_json),
    }
    return _compile(files, made_at, time_limit)


def _printed(value: Any) -> Any:
    """The same JSON value with every string made printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printed(item) for key, item in value.items()}
    return [_printed(item) for item in value] if isinstance(value, list | tuple) else value


def _attached(record_json: dict[str, object]) -> str:
    """The attached case: readable, and valid UTF-8 even where a text holds half a character."""
    text = json.dumps(record_json, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(record_json, indent=2)
    return text


def _compile(files: dict[str, str], made_at: datetime, time_limit: timedelta) -> bytes:
    request = {
        "files": files,
        "fonts": str(FONTS),
        "timestamp": int(made_at.astimezone(UTC).timestamp()),
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(PROCESS)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=time_limit.total_seconds(),
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        seconds = int(time_limit.total_seconds())
        raise DocumentFailed("typesetting_too_long", seconds=seconds) from late
    if done.returncode != 0:
        raise DocumentFailed("typesetting_failed", details=done.stderr.decode(errors="replace"))
    return done.stdout
