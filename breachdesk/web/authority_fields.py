"""An authority's form as the assistant's page shows it: section by section, to be copied.

The form's words stay in the form's language, whatever the reader's: people look for them on
the authority's site.
"""

from dataclasses import dataclass

from flask import url_for

from breachdesk.domain.access import Action
from breachdesk.domain.authority_forms import CNIL_2023, forms
from breachdesk.domain.facts import FACTS
from breachdesk.domain.form_layout import (
    FieldStatus,
    FormLayout,
    LaidField,
    LaidSection,
    SourceKind,
)
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.web.facts import may_record
from breachdesk.web.language import timezone, wording
from breachdesk.wording import Wording, wording_for
from breachdesk.wording.authority import (
    field_status_label,
    field_value_text,
    form_words,
    source_text,
)

# What is mended elsewhere than among the facts and in the organisation's details.
MENDED_AT = {
    SourceKind.QUALIFICATION: "qualification.form",
    SourceKind.ASSESSMENT: "assessments.show",
    SourceKind.DECISION: "assessments.show",
    SourceKind.NOTICE: "notices.draft",
    SourceKind.ATTACHMENTS: "attachments.listing",
}


@dataclass(frozen=True)
class FieldShown:
    """A field as the page shows it.

    Args:
        gloss: the label in the reader's language, where the form's own is in another.
        text: what to enter; empty where there is nothing.
        source: where that comes from, or comes from once it is known.
        law: the point of the GDPR that demands it; empty for none.
        cites: the articles that the form itself prints beside it; empty for none.
        mend_url: empty where nothing here can mend it.
        mended_in: "facts", "organisation" or "" for another page.
    """

    code: str
    number: str
    label: str
    gloss: str
    help: str
    text: str
    status: str
    status_words: str
    source: str
    is_mandatory: bool
    law: str
    cites: str
    mend_url: str
    mended_in: str


@dataclass(frozen=True)
class SectionShown:
    """A section of the form as the page shows it. `anchor` is unique on the page."""

    anchor: str
    number: str
    heading: str
    gloss: str
    fields: list[FieldShown]
    missing: list[FieldShown]
    unknown: list[FieldShown]


@dataclass(frozen=True)
class FormChoice:
    """A form, in a language of its own, that the page can show instead."""

    label: str
    url: str
    is_shown: bool


@dataclass(frozen=True)
class FormShown:
    """A form as the page shows it.

    Args:
        language: the form's words' own, such as "fr".
        credit: who is to be credited for it; empty for nobody.
        is_own: the form of the téléservice on which this authority is notified today.
    """

    code: str
    name: str
    language: str
    source: str
    credit: str
    is_own: bool
    sections: list[SectionShown]


def chosen_form(code: str, language: str) -> tuple[str, str] | None:
    """The form and the language asked for; None for what there is not.

    Without a form the CNIL's is shown; without a language the reader's, where the form
    speaks it, else the form's own.
    """
    form = forms().get(code or CNIL_2023)
    if form is None or (language and language not in form.languages):
        return None
    own = wording().locale if wording().locale in form.languages else form.languages[0]
    return form.code, language or own


def form_choices(reference: str, shown: tuple[str, str]) -> list[FormChoice]:
    """Every form in each language of its own, the one shown marked."""
    return [
        FormChoice(
            label=_choice_label(form.name[wording().locale], language, len(form.languages) > 1),
            url=url_for(
                "authority.assistant", reference=reference, form=form.code, language=language
            ),
            is_shown=(form.code, language) == shown,
        )
        for form in forms().values()
        for language in sorted(form.languages, reverse=True)
    ]


# Each language by its own name.
_LANGUAGES = {"fr": "français", "en": "English"}


def _choice_label(name: str, language: str, is_one_of_several: bool) -> str:
    return f"{name}, {_LANGUAGES[language]}" if is_one_of_several else name


def form_shown(layout: FormLayout, language: str, case: Case, seat: Acting) -> FormShown:
    """A form laid out, in its own language, for a reader."""
    form = forms()[layout.form]
    page = _Page(case, seat, wording_for(language))
    return FormShown(
        code=form.code,
        name=form_words(form.name, wording()),
        language=language,
        source=form_words(form.source, wording()),
        credit=form_words(form.credit, wording()),
        is_own=form.code == CNIL_2023,
        sections=[page.section(section) for section in layout.sections],
    )


class _Page:
    """Shows sections and fields to a reader, the form's words in the form's language."""

    def __init__(self, case: Case, seat: Acting, own: Wording) -> None:
        self._case, self._seat, self._own = case, seat, own
        self._may_record = may_record(case, seat)

    def section(self, section: LaidSection) -> SectionShown:
        fields = [self._field(field) for field in section.fields]
        pairs = zip(section.fields, fields, strict=True)
        asked = [(laid, shown) for laid, shown in pairs if laid.is_asked]
        return SectionShown(
            anchor=f"section-{section.code}",
            number=section.number,
            heading=form_words(section.label, self._own),
            gloss=self._gloss(form_words(section.label, wording())),
            fields=fields,
            missing=[shown for laid, shown in asked if laid.status is FieldStatus.MISSING],
            unknown=[shown for laid, shown in asked if laid.status is FieldStatus.UNKNOWN],
        )

    def _gloss(self, said: str) -> str:
        return "" if wording().locale == self._own.locale else said

    def _field(self, field: LaidField) -> FieldShown:
        url, place = self._mended_at(field)
        return FieldShown(
            code=f"field-{field.code}",
            number=field.number,
            label=form_words(field.label, self._own),
            gloss=self._gloss(form_words(field.label, wording())),
            help=form_words(field.help, wording()),
            text=field_value_text(field, self._own, timezone()),
            status=field.status.value,
            status_words=field_status_label(field, wording()),
            source=source_text(field.source, wording(), timezone()),
            is_mandatory=field.is_mandatory,
            law=field.law,
            cites=field.cites,
            mend_url=url,
            mended_in=place,
        )

    def _mended_at(self, field: LaidField) -> tuple[str, str]:
        """The page where the value is mended, and what is there; both may be empty."""
        kind, key = field.source.kind, field.source.key
        reference = self._case.incident.reference
        if kind is SourceKind.FACT and key in FACTS:
            if not self._may_record:
                return "", ""
            section, place = FACTS[key].section.value, f"ask-{key}"
            return (
                url_for("facts.section", reference=reference, section=section, _anchor=place),
                "facts",
            )
        if kind is SourceKind.ORGANISATION and key == "dpo":
            return self._people_page(), ""
        if kind is SourceKind.ORGANISATION:
            return self._organisation_page(key), "organisation"
        if kind is SourceKind.PHASE and key == "reasons_for_delay" and not field.source.author:
            may_file = self._seat.may(Action.RECORD_FILING)
            return (url_for("authority.filing", reference=reference), "") if may_file else ("", "")
        page = MENDED_AT.get(kind)
        return (url_for(page, reference=reference), "") if page else ("", "")

    def _people_page(self) -> str:
        if not self._seat.may(Action.MANAGE_PEOPLE):
            return ""
        return url_for("people.listing", code=self._seat.organisation.code)

    def _organisation_page(self, key: str) -> str:
        code = self._seat.organisation.code
        back = url_for("authority.assistant", reference=self._case.incident.reference)
        return url_for("organisation.details", code=code, back=back, _anchor=key)


def proposed_kind_of(layout: FormLayout) -> str:
    """The kind of filing that the case as it stands calls for, in the CNIL's codes."""
    return str(next(each.value for each in layout.fields() if each.code == "notification_kind"))
