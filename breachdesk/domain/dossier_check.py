"""What a check of a sealed file found: codes, which `wording.dossier_check` says in words.

A check says what it looked at and no more: what was not looked at is listed too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Subject(StrEnum):
    """What is looked at, in the order in which it is."""

    ARCHIVE = "archive"
    SEAL = "seal"
    ORIGIN = "origin"
    TIME = "time"
    FILES = "files"
    JOURNAL = "journal"
    TEXTS = "texts"
    CASE = "case"
    HEAD = "head"


class Outcome(StrEnum):
    """HOLDS and FAILS are proven; OPEN says what the file alone cannot tell."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"


class Verdict(StrEnum):
    """The whole in one word.

    PROVEN: intact, and sealed by whom the reader trusts. INTACT: as it was sealed, by nobody
    knows whom. OTHER_ORIGIN: intact, and sealed by somebody else than the reader trusts.
    CONTRADICTED: as it was sealed, but what it holds does not agree, with itself or with what
    the reader was given. BROKEN: altered, or no dossier.
    """

    PROVEN = "proven"
    INTACT = "intact"
    OTHER_ORIGIN = "other_origin"
    CONTRADICTED = "contradicted"
    BROKEN = "broken"


class Limit(StrEnum):
    """What no check of a file looks at, or what this one could not."""

    # Where the seal does not hold, nothing inside is worth a word.
    CONTENT = "content"
    ORIGIN = "origin"
    IDENTITY = "identity"
    AUTHORITY = "authority"
    CLOCK = "clock"
    PAGES = "pages"
    NAMES = "names"
    TRUTH = "truth"
    LATER = "later"
    RECORDS = "records"
    # Of a filing's own PDF.
    REST_OF_JOURNAL = "rest_of_journal"
    RECEIVED = "received"


@dataclass(frozen=True)
class Finding:
    """One thing found. `code` names the sentence, `parameters` fill it."""

    subject: Subject
    outcome: Outcome
    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """As a JSON value."""
        return {
            "subject": self.subject.value,
            "outcome": self.outcome.value,
            "code": self.code,
            "parameters": dict(self.parameters),
        }


@dataclass(frozen=True)
class DossierCheck:
    """Everything that a check found, and what it did not look at."""

    findings: tuple[Finding, ...]
    not_checked: tuple[Limit, ...]

    @property
    def verdict(self) -> Verdict:
        """The whole in one word."""
        if not self._has(Subject.SEAL, Outcome.HOLDS):
            return Verdict.BROKEN
        subjects = {each.subject for each in self.failures}
        if subjects - {Subject.ORIGIN}:
            return Verdict.CONTRADICTED
        if subjects:
            return Verdict.OTHER_ORIGIN
        is_proven = self._has(Subject.ORIGIN, Outcome.HOLDS)
        return Verdict.PROVEN if is_proven else Verdict.INTACT

    @property
    def holds(self) -> bool:
        """Whether nothing failed, and the seal was found to hold."""
        return self.verdict in (Verdict.PROVEN, Verdict.INTACT)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What does not hold."""
        return tuple(each for each in self.findings if each.outcome is Outcome.FAILS)

    def _has(self, subject: Subject, outcome: Outcome) -> bool:
        return any(each.subject is subject and each.outcome is outcome for each in self.findings)

    def as_json(self) -> dict[str, object]:
        """As a JSON value; `from_json` reads it back."""
        return {
            "verdict": self.verdict.value,
            "holds": self.holds,
            "findings": [each.as_json() for each in self.findings],
            "not_checked": [each.value for each in self.not_checked],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> "DossierCheck":
        """Read a check back. Raises ValueError or KeyError: it is none."""
        findings, limits = value["findings"], value["not_checked"]
        if not isinstance(findings, list) or not isinstance(limits, list):
            raise ValueError("no check")
        return cls(
            tuple(
                Finding(
                    Subject(each["subject"]),
                    Outcome(each["outcome"]),
                    str(each["code"]),
                    each["parameters"],
                )
                for each in findings
            ),
            tuple(Limit(each) for each in limits),
        )


class Findings:
    """Gathers what is found, in order."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def holds(self, subject: Subject, code: str, /, **parameters: object) -> None:
        """Something is as it must be."""
        self.found.append(Finding(subject, Outcome.HOLDS, code, parameters))

    def fails(self, subject: Subject, code: str, /, **parameters: object) -> None:
        """Something is not."""
        self.found.append(Finding(subject, Outcome.FAILS, code, parameters))

    def open(self, subject: Subject, code: str, /, **parameters: object) -> None:
        """Something that the file alone cannot tell, or that is merely said."""
        self.found.append(Finding(subject, Outcome.OPEN, code, parameters))

    def is_well(self, *subjects: Subject) -> bool:
        """Whether nothing failed of these; of anything where none is named."""
        return not any(
            each.outcome is Outcome.FAILS and (not subjects or each.subject in subjects)
            for each in self.found
        )


# A hash as somebody types it: spaces, colons and capitals are as one likes.
_HASH_LETTERS = 64


def read_hash(typed: str) -> str | None:
    """A SHA-256 hash as a person wrote it, in our form; None where it is none."""
    bare = "".join(typed.split()).replace(":", "").lower()
    is_hash = len(bare) == _HASH_LETTERS and set(bare) <= set("0123456789abcdef")
    return bare if is_hash else None
