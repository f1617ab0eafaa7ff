"""From a laid-out document to a PDF, by Typst.

Text reaches the template as a JSON file and never as markup. Every compile runs in a child
process: a compile cannot be cancelled, and its cache is given back only when its process
ends. Starting the child costs about 60 ms; one path for small and large cases is worth it.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from breachdesk.documents.content import DossierContent
from breachdesk.documents.glyphs import FONTS, one_line, printable
from breachdesk.domain.dossier_files import ATTACHMENTS_FOLDER, DossierFile
from breachdesk.domain.errors import DocumentFailed

TEMPLATE = Path(__file__).resolve().parent / "templates" / "dossier.typ"
PROCESS = Path(__file__).resolve().parent / "typst_process.py"

# Ten times what the longest printed case takes on two busy processors (5 s).
TIME_LIMIT = timedelta(seconds=60)
# Bytes: four times what 10,000 journal lines and 20 MB of attachments take (see `make bench`).
MEMORY_LIMIT = 2 * 1024**3

# What the compiler takes for a media type (RFC 6838, 4.2), without parameters.
_NAME_OF_TYPE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_NAME_OF_TYPE}/{_NAME_OF_TYPE}")
ANY_TYPE = "application/octet-stream"


def typeset_dossier(
    content: DossierContent,
    files: Sequence[DossierFile],
    made_at: datetime,
    *,
    time_limit: timedelta = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> bytes:
    """Print a dossier as PDF/A-3a and PDF/UA-1, with its files embedded.

    The same content and files give the same bytes.

    Args:
        files: embedded byte for byte, in this order, under their names.
        made_at: the instant the document bears (timezone-aware).
        time_limit: after which the compile is stopped.
        memory_limit: in bytes; the compile fails rather than take more.

    Raises:
        DocumentFailed: ``typesetting_failed``: the compiler refused, or ran out of memory;
            ``typesetting_too_long``: it was stopped.

    Source: ISO 19005-3:2012 (PDF/A-3), ISO 14289-1:2014 (PDF/UA-1).
    """
    request = typesetting_request(content, files, made_at, memory_limit=memory_limit)
    return _compile(request, time_limit)


def typesetting_request(
    content: DossierContent,
    files: Sequence[DossierFile],
    made_at: datetime,
    *,
    memory_limit: int = MEMORY_LIMIT,
) -> bytes:
    """What the compiling process reads: one line of JSON, then the bytes of each file in turn.

    No file is written to the disk for it: they may be secret, and are kept encrypted.
    """
    printed = _printed(content)
    printed["title"] = one_line(content.title)
    printed["files"] = [_embedded(place, file) for place, file in enumerate(files)]
    read = {
        "dossier": json.dumps(printed, ensure_ascii=False).encode(),
        **{_source_of(place): file.content for place, file in enumerate(files)},
    }
    header = {
        "template": TEMPLATE.read_text(encoding="utf-8"),
        "files": [[name, len(held)] for name, held in read.items()],
        "fonts": str(FONTS),
        "memory": memory_limit,
        "timestamp": int(made_at.astimezone(UTC).timestamp()),
    }
    return b"".join((json.dumps(header).encode(), b"\n", *read.values()))


def _source_of(place: int) -> str:
    """What the template asks for a file by: its own name could be that of another source."""
    return f"embedded/{place}"


def _embedded(place: int, file: DossierFile) -> dict[str, str]:
    """How the template embeds a file."""
    is_data = file.media_type == "application/json" and not file.name.startswith(
        f"{ATTACHMENTS_FOLDER}/"
    )
    return {
        "source": _source_of(place),
        "name": file.name,
        "media_type": file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else ANY_TYPE,
        "title": one_line(file.title) or file.name,
        # ISO 32000-2, 7.11.3: what the pages were made from; what stands beside them.
        "relationship": "data" if is_data else "supplement",
    }


def _printed(value: Any) -> Any:
    """A document's part as JSON values, with every string made printable."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, tuple | list):
        return [_printed(item) for item in value]
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: _printed(getattr(value, name)) for name in _fields(kind)}
    return value


# A journal says the same names and sentences again and again.
_printable = lru_cache(maxsize=4096)(printable)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _compile(request: bytes, time_limit: timedelta) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(PROCESS)],
            input=request,
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
