"""What was filed with the authority: each filing as it was, what changed, as files to take away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response

from breachdesk.domain.access import Action
from breachdesk.domain.authority_forms import CNIL_2023, form_named
from breachdesk.domain.errors import NotFound
from breachdesk.domain.form_layout import FieldStatus
from breachdesk.domain.phase_document import Change, FieldAsFiled, OlderField, fields_as_filed
from breachdesk.services.authority import stands
from breachdesk.services.filed_phases import (
    ReadPhase,
    SinceThen,
    print_filing,
    read_filing,
    read_since_then,
)
from breachdesk.web.case_pages import case_page
from breachdesk.web.language import say, timezone, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording.filed_fields import (
    field_label,
    field_names,
    filed_text,
    form_words,
    older_heading,
    older_label,
    older_text,
)

pages = Blueprint(
    "filings", __name__, url_prefix="/incidents/<reference>/notification/filings/<int:number>"
)


@dataclass(frozen=True)
class FieldShown:
    """A field of a filing in words."""

    label: str
    text: str
    is_given: bool


@dataclass(frozen=True)
class ChangeShown:
    """A field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class SectionShown:
    """A section of the form with its fields."""

    heading: str
    fields: list[FieldShown]


@dataclass(frozen=True)
class FormShown:
    """A form as it was filed."""

    name: str
    sections: list[SectionShown]


@pages.get("")
def show(reference: str, number: int) -> str:
    """One filing: what it said, what it changed, and what has changed since."""
    case, seat = case_or_404(reference)
    filing = read_filing(session(), case.incident, number, by=seat)
    since = (
        read_since_then(session(), case.incident, filing, CNIL_2023, by=seat, now=now())
        if filing.is_last and filing.content and stands(case) and case.incident.closed_at is None
        else None
    )
    names = _names(filing, since)
    return case_page(
        "filings/show.html",
        case,
        seat,
        filing=filing.row,
        before=filing.before,
        is_kept_whole=bool(filing.content),
        fingerprint=desk().seal.shown_fingerprint,
        forms=[_form(filing.content, code) for code in filing.content.get("forms", {})],
        older=_older(filing.older_fields),
        is_comparable=filing.is_comparable,
        changed=[_change(each, names) for each in filing.changes(CNIL_2023)],
        since=[_change(each, names) for each in since.changes] if since else [],
        still_unknown=_open_names(since, FieldStatus.UNKNOWN, names),
        still_missing=_open_names(since, FieldStatus.MISSING, names),
        may_complete=case.progress.owes_follow_up and seat.may(Action.RECORD_FILING),
    )


def _open_names(
    since: SinceThen | None, status: FieldStatus, names: Mapping[str, str]
) -> list[str]:
    fields = since.still_open if since else ()
    return [names[each.code] for each in fields if each.status is status]


def _names(filing: ReadPhase, since: SinceThen | None) -> dict[str, str]:
    """What to call a field of the CNIL's form in a list, by code: two may be called the same."""
    form = form_named(CNIL_2023)
    changes = (*filing.changes(CNIL_2023), *(since.changes if since else ()))
    fields = (
        *fields_as_filed(filing.content, CNIL_2023),
        *(side for each in changes for side in (each.before, each.after) if side),
        *(since.still_open if since else ()),
    )
    headings = {each.section: each.section for each in fields}
    headings |= {each.code: form_words(each.label, wording()) for each in form.sections}
    return field_names(fields, headings, wording())


def _form(content: object, code: str) -> FormShown:
    assert isinstance(content, dict)
    form = content["forms"][code]
    fields = fields_as_filed(content, code)
    return FormShown(
        form_words(form["name"], wording()),
        [
            SectionShown(
                ". ".join(filter(None, (each["number"], form_words(each["label"], wording())))),
                [_field(field) for field in fields if field.section == each["code"]],
            )
            for each in form["sections"]
        ],
    )


def _older(fields: tuple[OlderField, ...]) -> list[SectionShown]:
    """What an older version kept of the CNIL's form, which has other fields since."""
    form = form_named(CNIL_2023)
    return [
        SectionShown(
            older_heading(code, form, wording()),
            [
                FieldShown(
                    older_label(each, form, wording()),
                    older_text(each, form, wording(), timezone()),
                    each.status is FieldStatus.GIVEN,
                )
                for each in held
            ],
        )
        for code, held in groupby(fields, key=lambda each: each.section)
    ]


def _field(field: FieldAsFiled) -> FieldShown:
    is_given = field.value is not None
    return FieldShown(
        field_label(field, wording()), filed_text(field, wording(), timezone()), is_given
    )


def _change(change: Change, names: Mapping[str, str]) -> ChangeShown:
    name = names[change.field.code]
    return ChangeShown(name, _side(change.before), _side(change.after))


def _side(field: FieldAsFiled | None) -> str:
    return filed_text(field, wording(), timezone()) if field else say("Pas demandé")


@pages.get("/notification.json")
def as_json(reference: str, number: int) -> Response:
    """The filing as it was frozen; `static/schemas/notification-1.json` is its schema."""
    case, seat = case_or_404(reference)
    demand_recent_proof()
    filing = read_filing(session(), case.incident, number, by=seat)
    if not filing.content:
        raise NotFound("unknown_phase", number=number)
    text = json.dumps(filing.content, ensure_ascii=False, indent=2)
    return _download(text.encode("utf-8", "replace"), "application/json", reference, number, "json")


@pages.get("/notification.pdf")
def as_pdf(reference: str, number: int) -> Response:
    """The filing printed and sealed, its JSON inside."""
    case, seat = case_or_404(reference)
    demand_recent_proof()
    filing = read_filing(session(), case.incident, number, by=seat)
    pdf = print_filing(
        session(), desk(), case.incident, filing, wording().locale, by=seat, now=now()
    )
    return _download(pdf, "application/pdf", reference, number, "pdf")


def _download(
    content: bytes, media_type: str, reference: str, number: int, suffix: str
) -> Response:
    answer = Response(content, mimetype=media_type)
    name = f"{reference}-notification-{number}.{suffix}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
