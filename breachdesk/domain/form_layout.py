"""An authority's form laid out from a case: what each field holds, and where that comes from.

A form is data (`domain.authority_forms`); laying it out gives these values, which the
assistant's page, a filed phase, its PDF and its JSON all read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# In French and in English, by language.
LocalText = Mapping[str, str]


class FieldStatus(StrEnum):
    """Whether a field can be filled in.

    UNKNOWN is an honest answer of an initial notification, and the follow-up's list; MISSING
    is a question that nobody has answered here; AT_FILING is answered on the authority's
    site alone; NOT_APPLICABLE was answered: it does not apply to this case.
    """

    GIVEN = "given"
    UNKNOWN = "unknown"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    AT_FILING = "at_filing"


class SourceKind(StrEnum):
    """What a value comes from; the page that mends it follows from this."""

    FACT = "fact"
    ORGANISATION = "organisation"
    QUALIFICATION = "qualification"
    ASSESSMENT = "assessment"
    DECISION = "decision"
    NOTICE = "notice"
    ATTACHMENTS = "attachments"
    PHASE = "phase"
    AT_FILING = "at_filing"


@dataclass(frozen=True)
class FieldSource:
    """Where a value comes from.

    Args:
        key: the fact's key, the organisation's field; empty where the kind says it all.
        author, at: who gave it and when, where that is known.
    """

    kind: SourceKind
    key: str = ""
    author: str = ""
    at: datetime | None = None


class ValueKind(StrEnum):
    """The shape of a field's value, in JSON.

    TEXT: a string; NUMBER: a number; YES_NO: a boolean; INSTANT: an ISO 8601 instant in UTC;
    DATE: an ISO 8601 date; CHOICE: the code of an option; CHOICES: a list of them.
    """

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    INSTANT = "instant"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class LaidField:
    """One field of the form, as it stands for a case. Only visible fields are laid out.

    Args:
        code: stable, such as `reasons_for_delay`; unique in its form.
        number: the form's own number, such as "49"; empty where it has none.
        label: the form's own words.
        value: see `ValueKind`; None where there is none.
        options: the words of the codes of a choice, in the form's order.
        is_mandatory: whether the form demands it as things stand.
        law: the point of Art. 33(3) GDPR that demands it, such as "33(3)(a)"; else empty.
        cites: the articles that the form itself prints beside it.
    """

    code: str
    number: str
    label: LocalText
    kind: ValueKind
    value: object
    status: FieldStatus
    source: FieldSource
    options: Mapping[str, LocalText] = field(default_factory=dict)
    is_mandatory: bool = False
    law: str = ""
    cites: str = ""
    help: LocalText = field(default_factory=dict)

    @property
    def is_asked(self) -> bool:
        """Whether the case owes an answer, or has one: not what may be left out."""
        if self.status is FieldStatus.MISSING:
            return self.is_mandatory
        return self.status is not FieldStatus.AT_FILING

    @property
    def is_open_end(self) -> bool:
        """Whether the authority asks for it and the case has no answer yet.

        What is said only as a notification is filed, such as why it is late, is no such gap.
        """
        if self.source.kind in (SourceKind.PHASE, SourceKind.AT_FILING):
            return False
        is_demanded = self.is_mandatory and self.status is FieldStatus.MISSING
        return is_demanded or self.status is FieldStatus.UNKNOWN


@dataclass(frozen=True)
class LaidSection:
    """One section of the form with the fields that are visible."""

    code: str
    number: str
    label: LocalText
    fields: tuple[LaidField, ...]


@dataclass(frozen=True)
class Completeness:
    """How much of a form is answered; `law_…` counts what Art. 33(3) makes mandatory alone.

    Unknown counts as answered in neither. An optional field that nobody answered is not asked.
    """

    answered: int
    asked: int
    law_answered: int
    law_asked: int
    missing: tuple[LaidField, ...]
    unknown: tuple[LaidField, ...]


@dataclass(frozen=True)
class FormLayout:
    """A form laid out from a case.

    Args:
        form: its code, such as `cnil_2023` or `edpb_1_0`.
    """

    form: str
    name: LocalText
    authority: str
    languages: tuple[str, ...]
    sections: tuple[LaidSection, ...]

    def fields(self) -> Iterator[LaidField]:
        """Every visible field, in the form's order."""
        for section in self.sections:
            yield from section.fields

    def open_ends(self) -> tuple[LaidField, ...]:
        """What a notification leaves open, and its follow-up owes; none: it is a whole one."""
        return tuple(each for each in self.fields() if each.is_open_end)

    def completeness(self) -> Completeness:
        """How much of it is answered."""
        asked = [each for each in self.fields() if each.is_asked]
        done = (FieldStatus.GIVEN, FieldStatus.NOT_APPLICABLE)
        law = [each for each in asked if each.law and each.is_mandatory]
        return Completeness(
            answered=sum(each.status in done for each in asked),
            asked=len(asked),
            law_answered=sum(each.status in done for each in law),
            law_asked=len(law),
            missing=tuple(each for each in asked if each.status is FieldStatus.MISSING),
            unknown=tuple(each for each in asked if each.status is FieldStatus.UNKNOWN),
        )
