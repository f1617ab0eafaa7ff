"""The authorities' forms as data, and laying one out from a case.

Each form is a file under `forms/`: its sections and fields in its own order and words, where
each value comes from, and its conditions as rules (`authority_form_rules`). Laying it out
fills it from the case's values (`authority_values`) and keeps what is visible.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from breachdesk.domain.authority_case_values import (
    AT_FILING,
    CaseValue,
    CaseView,
    FilingAnswers,
)
from breachdesk.domain.authority_form_files import form_named as form_named
from breachdesk.domain.authority_form_files import forms as forms
from breachdesk.domain.authority_form_model import CNIL_2023 as CNIL_2023
from breachdesk.domain.authority_form_model import EDPB_1_0 as EDPB_1_0
from breachdesk.domain.authority_form_model import AuthorityForm, FormField, FormOption
from breachdesk.domain.authority_form_rules import ALWAYS, Standing
from breachdesk.domain.authority_values import NO, YES, value_of
from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.fact_schema import UNKNOWN as UNKNOWN_CODE
from breachdesk.domain.form_layout import (
    FieldSource,
    FieldStatus,
    FormLayout,
    LaidField,
    LaidSection,
    ValueKind,
)
from breachdesk.domain.time_zones import zone_or_utc


@dataclass(frozen=True)
class _Answer:
    """What a field holds: `known` are the options that it holds for certain."""

    status: FieldStatus
    value: object
    source: FieldSource
    known: Collection[str] = field(default=())


def lay_out(
    form: AuthorityForm, record: CaseRecord, filing: FilingAnswers | None = None
) -> FormLayout:
    """The form filled in from a case as it stands, or as it is being filed.

    Whether it is complete follows from itself: while a field that it demands is missing, or
    any is not known yet, the notification is an incomplete one.
    """
    first = CaseView(record, filing or FilingAnswers())
    sections = _sections(form, first)
    if not _has_open_ends(sections):
        sections = _sections(form, replace(first, has_open_ends=False))
    return FormLayout(
        form=form.code,
        name=form.name,
        authority=form.authority,
        languages=form.languages,
        sections=sections,
    )


def _has_open_ends(sections: Sequence[LaidSection]) -> bool:
    return any(each.is_open_end for section in sections for each in section.fields)


def _sections(form: AuthorityForm, view: CaseView) -> tuple[LaidSection, ...]:
    answers: dict[str, Collection[str]] = {}
    standing = Standing(answers, view.circumstances)
    sections = []
    for section in form.sections:
        laid = []
        for each in section.fields:
            # A hidden field holds nothing: what depends on it is hidden too.
            if not (each.visible_if or ALWAYS).holds(standing):
                continue
            answer = _answer(each, view, standing)
            answers[each.code] = answer.known
            laid.append(_laid(each, answer, standing))
        sections.append(LaidSection(section.code, section.number, section.label, tuple(laid)))
    return tuple(section for section in sections if section.fields)


def _laid(each: FormField, answer: _Answer, standing: Standing) -> LaidField:
    return LaidField(
        code=each.code,
        number=each.number,
        label=each.label,
        kind=each.kind,
        value=answer.value,
        status=answer.status,
        source=answer.source,
        options={option.code: option.label for option in _on_offer(each, standing)},
        is_mandatory=each.required_if is not None and each.required_if.holds(standing),
        law=each.law,
        cites=each.cites,
        help=each.help,
    )


def _on_offer(each: FormField, standing: Standing) -> list[FormOption]:
    return [option for option in each.options if (option.only_if or ALWAYS).holds(standing)]


def _answer(each: FormField, view: CaseView, standing: Standing) -> _Answer:
    if not each.sources:
        return _Answer(AT_FILING.status, None, AT_FILING.source)
    found = [(name, value_of(name, view)) for name in each.sources]
    if each.kind not in (ValueKind.CHOICE, ValueKind.CHOICES):
        return _plain(each, _first(found)[1], view)
    offered = [option.code for option in _on_offer(each, standing)]
    return _choice(each, found, offered)


def _first(found: Sequence[tuple[str, CaseValue]]) -> tuple[str, CaseValue]:
    """The first source that says something; else that says most of why it does not."""
    order = (FieldStatus.GIVEN, FieldStatus.UNKNOWN, FieldStatus.NOT_APPLICABLE)
    for status in order:
        for name, value in found:
            if value.status is status:
                return name, value
    return found[0]


def _plain(each: FormField, value: CaseValue, view: CaseView) -> _Answer:
    shown = value.value
    if value and each.kind is ValueKind.DATE:
        zone = zone_or_utc(view.record.organisation.timezone)
        shown = datetime.fromisoformat(str(shown)).astimezone(zone).date().isoformat()
    if value and each.kind is ValueKind.YES_NO:
        return _Answer(value.status, shown, value.source, (YES if shown is True else NO,))
    known = (str(shown),) if value else ()
    return _Answer(value.status, shown if value else None, value.source, known)


def _choice(
    each: FormField, found: Sequence[tuple[str, CaseValue]], offered: Sequence[str]
) -> _Answer:
    name, value = _first(found)
    chosen = found if each.is_together else [(name, value)]
    ours = [(source, code) for source, said in chosen if said for code in _codes_of(said.value)]
    theirs = {_option(each, source, code) for source, code in ours}
    known = [code for code in offered if code in theirs]
    status = value.status
    if status is FieldStatus.NOT_APPLICABLE and each.when_not_applicable in offered:
        return _held(each, FieldStatus.GIVEN, [each.when_not_applicable], value.source)
    if any(code == UNKNOWN_CODE for _, code in ours) or status is FieldStatus.UNKNOWN:
        # Perhaps more: what is known stands beside the box that says so.
        box = [each.when_unknown] if each.when_unknown in offered else []
        held = known + box if each.kind is ValueKind.CHOICES else known or box
        return replace(_held(each, FieldStatus.UNKNOWN, held, value.source), known=known)
    if status is FieldStatus.GIVEN and not known:
        # What is known has no box here, such as data of no special category; or the option is
        # not on offer, or is retired.
        fits = any(_option(each, source, code) == "" for source, code in ours)
        status = FieldStatus.NOT_APPLICABLE if fits else FieldStatus.MISSING
    return _held(each, status, known, value.source)


def _held(each: FormField, status: FieldStatus, codes: list[str], source: FieldSource) -> _Answer:
    value: object = codes if each.kind is ValueKind.CHOICES else next(iter(codes), None)
    return _Answer(status, value or None, source, codes)


def _codes_of(value: object) -> list[str]:
    if isinstance(value, bool):
        return [YES if value else NO]
    return [str(code) for code in value] if isinstance(value, list) else [str(value)]


def _option(each: FormField, source: str, code: str) -> str | None:
    """The form's option for a code of ours; empty: no box; None: a code nobody knows."""
    if source in each.codes:
        return each.codes[source].get(code)
    return code
