"""A form of an authority as data: sections, fields, options, corrections; see `forms/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from breachdesk.domain.authority_form_rules import Rule
from breachdesk.domain.form_layout import LocalText, ValueKind
from breachdesk.domain.law_words import Certainty

CNIL_2023, EDPB_1_0 = "cnil_2023", "edpb_1_0"
# In the order in which they are offered.
FORM_CODES = (CNIL_2023, EDPB_1_0)


@dataclass(frozen=True)
class FormOption:
    """One option of a choice. `only_if`: when it is on offer."""

    code: str
    label: LocalText
    only_if: Rule | None = None
    certainty: Certainty | None = None


@dataclass(frozen=True)
class FormField:
    """One field of a form.

    Args:
        sources: names of case values (`authority_values`), the first that says something
            counts; none: it is answered at filing alone.
        is_together: of a list of options, every source adds its own.
        codes: by source, our code to the form's option; empty: it has no box here.
        when_unknown: the option that says "not known yet", where the form has one.
        when_not_applicable: the option that says what does not apply.
        visible_if, required_if: None: always; never.
        law: the point of Art. 33(3) GDPR that demands it, such as "33(3)(a)"; else empty.
        cites: the articles that the form itself prints beside it.
    """

    code: str
    number: str
    label: LocalText
    kind: ValueKind
    sources: tuple[str, ...]
    is_together: bool
    options: tuple[FormOption, ...]
    codes: Mapping[str, Mapping[str, str]]
    when_unknown: str
    when_not_applicable: str
    visible_if: Rule | None
    required_if: Rule | None
    law: str
    cites: str
    help: LocalText
    certainty: Certainty


@dataclass(frozen=True)
class FormSection:
    """One section of a form."""

    code: str
    number: str
    label: LocalText
    fields: tuple[FormField, ...]


@dataclass(frozen=True)
class Correction:
    """What a form prints wrongly, how we read it and why. `number`: the field's, or its code."""

    number: str
    printed: str
    read_as: str
    why: str


@dataclass(frozen=True)
class Counterpart:
    """The field of another form that asks for the same, with the options that correspond.

    Args:
        codes: an option of the other form to those of ours, any of which agrees with it.
    """

    form: str
    their_field: str
    our_field: str
    codes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class AuthorityForm:
    """One form.

    Args:
        authority: the code of the addressee (`domain.regimes.authorities`).
        languages: those that the form's own words are in, ours last.
        source, credit: where its words come from; whom to credit, empty for nobody.
    """

    code: str
    name: LocalText
    version: str
    authority: str
    languages: tuple[str, ...]
    source: LocalText
    credit: LocalText
    certainty: Certainty
    read_on: date
    sections: tuple[FormSection, ...]
    corrections: tuple[Correction, ...] = ()
    counterparts: tuple[Counterpart, ...] = ()

    def fields(self) -> tuple[FormField, ...]:
        """Every field, in the form's order."""
        return tuple(each for section in self.sections for each in section.fields)
