"""A case's journal as a file: what a dossier holds of it, and how it is read back.

    {"format": "breachdesk-journal/1", "chain": "incident:7", "lines": [
        {"sequence": 1, "at": "2026-11-24T12:00:00.000000+00:00", "actor": 3,
         "actor_name": "Anne Delmas", "code": "opened", "parameters": {},
         "commitment": "", "previous": "000…", "hash": "3f2a…",
         "reason": null, "salt": null, "state": "kept"}, …]}

The hashes cover what `domain.journal.line_hash` names: not the name beside `actor`, and of
the text only the commitment. `docs/dossier-format.md` says it to who reads the file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn

from breachdesk.domain.dossier_files import JOURNAL_FORMAT, JournalHead
from breachdesk.domain.journal import FIRST_LINK, Line, commitment_to

_HEX = frozenset("0123456789abcdef")
_HASH_LETTERS = 64


class TextState(StrEnum):
    """What became of a line's text. KEPT also of a line that never had one.

    ERASED: its time was up, or somebody had the right to it; the commitment stays. REMOVED:
    left out of a redacted copy alone.
    """

    KEPT = "kept"
    ERASED = "erased"
    REMOVED = "removed"


@dataclass(frozen=True)
class FiledLine:
    """A line with what lies beside it. `actor_name` is empty for the desk itself."""

    line: Line
    hash: str
    actor_name: str = ""
    reason: str | None = None
    salt: str | None = None
    state: TextState = TextState.KEPT

    @property
    def is_text_as_committed(self) -> bool:
        """Whether the text is the one committed to; else whether it is gone."""
        if not self.line.commitment or self.state is not TextState.KEPT:
            is_gone = self.reason is None and self.salt is None
            return is_gone and (bool(self.line.commitment) or self.state is TextState.KEPT)
        if self.reason is None or self.salt is None:
            return False
        return commitment_to(self.reason, self.salt) == self.line.commitment


@dataclass(frozen=True)
class JournalFile:
    """A journal as it was read from a file; nothing of it is checked yet but its shape."""

    chain: str
    lines: tuple[FiledLine, ...]

    @property
    def head(self) -> JournalHead:
        """How many lines there are, and the hash that the last bears."""
        last = self.lines[-1].hash if self.lines else FIRST_LINK
        return JournalHead(self.chain, len(self.lines), last)


class UnreadableJournal(ValueError):
    """A file is no journal. `line` is the place of the line at fault, from 1; 0: the whole."""

    def __init__(self, line: int, what: str) -> None:
        self.line, self.what = line, what
        super().__init__(f"line {line}: {what}" if line else what)


def state_of_text(commitment: str, reason: str | None) -> TextState:
    """Whether a line still has its text: an empty one where something was committed to is gone."""
    return TextState.ERASED if commitment and reason is None else TextState.KEPT


def journal_as_json(chain: str, lines: Iterable[FiledLine]) -> dict[str, object]:
    """The journal as a JSON value; `lines` are those of the chain, in order of sequence."""
    return {"format": JOURNAL_FORMAT, "chain": chain, "lines": [_as_json(each) for each in lines]}


def _as_json(filed: FiledLine) -> dict[str, object]:
    line = filed.line
    return {
        "sequence": line.sequence,
        "at": _instant_text(line.at),
        "actor": line.actor_id,
        "actor_name": filed.actor_name,
        "code": line.code,
        "parameters": dict(line.parameters),
        "commitment": line.commitment,
        "previous": line.previous,
        "hash": filed.hash,
        "reason": filed.reason,
        "salt": filed.salt,
        "state": filed.state.value,
    }


def _instant_text(at: datetime) -> str:
    # As `line_hash` writes it.
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# --- Reading --------------------------------------------------------------------------------


def strict_json(content: bytes) -> object:
    """A JSON value that can be read one way only: no key twice, no NaN, UTF-8.

    Raises:
        ValueError: it is not; also of one nested too deep to be ours.
    """
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_each_key_once, parse_constant=_no_constant
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def read_journal_file(content: bytes) -> JournalFile:
    """Read a journal back.

    Raises:
        UnreadableJournal: it has another shape than `journal_as_json` gives.
    """
    try:
        value = strict_json(content)
    except ValueError as error:
        raise UnreadableJournal(0, "not JSON") from error
    if not isinstance(value, dict) or set(value) != {"format", "chain", "lines"}:
        raise UnreadableJournal(0, "not a journal")
    chain, lines = value["chain"], value["lines"]
    if value["format"] != JOURNAL_FORMAT:
        raise UnreadableJournal(0, "format")
    if not isinstance(chain, str) or not isinstance(lines, list):
        raise UnreadableJournal(0, "not a journal")
    return JournalFile(chain, tuple(_read(chain, at, line) for at, line in enumerate(lines, 1)))


_SHAPE: Mapping[str, tuple[type, ...]] = {
    "sequence": (int,),
    "at": (str,),
    "actor": (int, type(None)),
    "actor_name": (str,),
    "code": (str,),
    "parameters": (dict,),
    "commitment": (str,),
    "previous": (str,),
    "hash": (str,),
    "reason": (str, type(None)),
    "salt": (str, type(None)),
    "state": (str,),
}


def _read(chain: str, place: int, value: object) -> FiledLine:
    if not isinstance(value, dict) or set(value) != set(_SHAPE):
        raise UnreadableJournal(place, "not a line")
    for name, kinds in _SHAPE.items():
        # Of a type, not of one below it: True is an int.
        if type(value[name]) not in kinds:
            raise UnreadableJournal(place, name)
    for name in ("commitment", "previous", "hash"):
        if not _is_hash(value[name]) and not (name == "commitment" and value[name] == ""):
            raise UnreadableJournal(place, name)
    return FiledLine(
        Line(
            chain=chain,
            sequence=value["sequence"],
            at=_instant(place, value["at"]),
            actor_id=value["actor"],
            code=value["code"],
            parameters=value["parameters"],
            commitment=value["commitment"],
            previous=value["previous"],
        ),
        hash=value["hash"],
        actor_name=value["actor_name"],
        reason=value["reason"],
        salt=value["salt"],
        state=_state(place, value["state"]),
    )


def _is_hash(text: str) -> bool:
    return len(text) == _HASH_LETTERS and set(text) <= _HEX


def _instant(place: int, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableJournal(place, "at") from error
    # One moment, one text.
    if at.tzinfo is None or _instant_text(at) != text:
        raise UnreadableJournal(place, "at")
    return at.astimezone(UTC)


def _state(place: int, text: str) -> TextState:
    try:
        return TextState(text)
    except ValueError as error:
        raise UnreadableJournal(place, "state") from error
