"""Checking that the case's data say what the journal committed to."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from breachdesk.domain.dossier_check import Findings, Subject
from breachdesk.domain.dossier_files import (
    ATTACHMENTS_FOLDER,
    CASE_NAME,
    PHASES_FOLDER,
    DossierKind,
)
from breachdesk.domain.journal import Entry, canonical_value, commitment_to
from breachdesk.domain.journal_file import FiledLine, JournalFile, TextState, strict_json
from breachdesk.domain.phase_document import PHASE_FORMAT, content_hash
from breachdesk.sealing.check_files import MOST_NAMED, Manifest

# What stands in the place of a removed text (`domain.redaction`).
MARK = "[…]"


def check_case(
    files: Mapping[str, bytes], manifest: Manifest, journal: JournalFile, found: Findings
) -> None:
    """Compare `case.json` with the manifest, the journal, the attachments and the filings."""
    if CASE_NAME not in files:
        return
    try:
        case: Any = strict_json(files[CASE_NAME])
        faults = list(_faults(case, files, manifest, journal))
    # Whatever is of another shape than ours: what is compared is then not there.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found.fails(Subject.CASE, "case_unreadable")
        return
    for code, parameters in faults[:MOST_NAMED]:
        found.fails(Subject.CASE, code, **parameters)
    if not faults:
        _say_what_agrees(case, found)


def _faults(
    case: Any, files: Mapping[str, bytes], manifest: Manifest, journal: JournalFile
) -> Iterator[tuple[str, dict[str, object]]]:
    stated = (case["reference"], case["dossier_number"], case["chain"])
    if stated != (manifest.reference, manifest.number, manifest.chain) or not _is_same_instant(
        case["made_at"], manifest.made_at
    ):
        yield "case_of_another", {}
    if [(each["what"], each["why"]) for each in case["removed"]] != list(manifest.removed):
        yield "removed_differs", {}
    for line in _lines_that_differ(case["journal"], journal):
        yield "line_differs", {"line": line}
    yield from _facts(case["facts"], manifest, journal)
    yield from _attachments(case["attachments"], files, manifest, journal)
    yield from _phases(case["phases"], files, manifest, journal)


def _is_same_instant(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def _lines_that_differ(told: list[Any], journal: JournalFile) -> Iterator[int]:
    for place, filed in enumerate(journal.lines):
        if place >= len(told) or not _is_line_same(told[place], filed):
            yield filed.line.sequence
    for place in range(len(journal.lines), len(told)):
        yield place + 1


def _is_line_same(told: Mapping[str, Any], filed: FiledLine) -> bool:
    line = filed.line
    if filed.state is TextState.KEPT:
        is_text_same = told["reason"] == (filed.reason or "")
    else:
        is_text_same = told["reason"] in ("", MARK)
    return (
        is_text_same
        and told["sequence"] == line.sequence
        and datetime.fromisoformat(told["at"]) == line.at
        and told["actor"] == filed.actor_name
        and told["actor_id"] == line.actor_id
        and told["code"] == line.code
        and _is_same(told["parameters"], line.parameters)
        and told["hash"] == filed.hash
    )


def _is_same(one: object, other: object) -> bool:
    """Whether two JSON values are one: 1, 1.0 and true are three."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# --- Facts ----------------------------------------------------------------------------------


def _facts(
    told: list[Any], manifest: Manifest, journal: JournalFile
) -> Iterator[tuple[str, dict[str, object]]]:
    committed = {
        str(line.parameters["key"]): line.parameters
        for line in (filed.line for filed in journal.lines)
        if line.code == Entry.FACT_RECORDED
    }
    by_key = {fact["key"]: fact for fact in told}
    if len(by_key) != len(told):
        yield "facts_twice", {}
    for key in sorted(set(committed) - set(by_key)):
        if not (manifest.kind is DossierKind.REDACTED and manifest.is_removed(f"facts/{key}")):
            yield "fact_missing", {"fact": key}
    for key, fact in sorted(by_key.items()):
        if key not in committed or not _is_fact_as_committed(fact, committed[key]):
            yield "fact_differs", {"fact": key}


def _is_fact_as_committed(fact: Mapping[str, Any], committed: Mapping[str, Any]) -> bool:
    """Of the latest version, and its value the one committed to, or gone."""
    if (fact["version"], fact["state"]) != (committed["version"], committed["state"]):
        return False
    if not fact["salt"]:
        return fact["value"] is None
    value = canonical_value(fact["value"])
    return bool(commitment_to(value, fact["salt"]) == committed["value"])


# --- Attachments and filings ----------------------------------------------------------------


def _attachments(
    told: list[Any], files: Mapping[str, bytes], manifest: Manifest, journal: JournalFile
) -> Iterator[tuple[str, dict[str, object]]]:
    committed = Counter(
        (filed.line.parameters["sha256"], filed.line.parameters["size"])
        for filed in journal.lines
        if filed.line.code == Entry.ATTACHMENT_ADDED
    )
    if Counter((each["sha256"], each["size"]) for each in told) != committed:
        yield "attachments_differ", {}
    held = {
        int(name.removeprefix(f"{ATTACHMENTS_FOLDER}/").partition("-")[0]): name
        for name in files
        if name.startswith(f"{ATTACHMENTS_FOLDER}/")
    }
    for number, each in enumerate(told, 1):
        name = held.pop(number, None)
        # The manifest, checked before, holds the hash of the file's bytes.
        if each["is_in_dossier"] != (name is not None):
            yield "attachment_missing", {"number": number}
        elif name is not None and manifest.files.get(name) != (each["size"], each["sha256"]):
            yield "attachment_differs", {"number": number, "name": name}
    for number, name in held.items():
        yield "attachment_differs", {"number": number, "name": name}


def _phases(
    told: list[Any], files: Mapping[str, bytes], manifest: Manifest, journal: JournalFile
) -> Iterator[tuple[str, dict[str, object]]]:
    filed = [each.line.parameters for each in journal.lines if each.line.code == Entry.PHASE_FILED]
    if len(told) != len(filed):
        yield "phases_differ", {}
    # A redacted copy leaves parts of them out; what an older version filed has no hash.
    is_whole = manifest.kind is DossierKind.WHOLE
    attested = {
        said["sequence"]: said["content"] for said in filed if is_whole and "content" in said
    }
    names = {name for name in files if name.startswith(f"{PHASES_FOLDER}/")}
    for number, phase in enumerate(told, 1):
        name = f"{PHASES_FOLDER}/{number}.json"
        is_held = name in names
        names.discard(name)
        # One filed before they were kept whole has no file of its own.
        is_owed = phase["content"].get("format") == PHASE_FORMAT
        is_attested = attested.get(number) in (None, content_hash(phase["content"]))
        is_same = not is_held or _is_same(strict_json(files[name]), phase["content"])
        if is_held != is_owed or not is_same or not is_attested:
            yield "phase_differs", {"number": number}
    for name in sorted(names):
        yield "file_unknown", {"name": name}


def _say_what_agrees(case: Any, found: Findings) -> None:
    erased = [fact["key"] for fact in case["facts"] if not fact["salt"]]
    left_out = [
        number for number, each in enumerate(case["attachments"], 1) if not each["is_in_dossier"]
    ]
    found.holds(
        Subject.CASE,
        "case_agrees",
        facts=len(case["facts"]) - len(erased),
        attachments=len(case["attachments"]) - len(left_out),
        phases=len(case["phases"]),
    )
    if erased:
        found.open(Subject.CASE, "facts_erased", facts=erased)
    if left_out:
        found.open(Subject.CASE, "attachments_left_out", numbers=left_out)
