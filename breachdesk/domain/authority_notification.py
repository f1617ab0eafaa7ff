"""The CNIL's notification form laid out from a case: value, or what is missing.

The sections and fields are those of the form (July 2023), in its order. "Unknown" is an
honest answer of an initial notification and becomes the follow-up's list; "missing" is
a question that nobody has answered here; "at filing" is answered on the authority's site.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breachdesk.domain import authority_form as form
from breachdesk.domain.case_record import CaseRecord, FactRecord
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.vocabulary import BreachType, DataCategory, Vector


class FormSection(StrEnum):
    """The form's sections, in its order."""

    KIND = "kind"
    ORGANISATION = "organisation"
    LEGAL_REPRESENTATIVE = "legal_representative"
    CONTACT = "contact"
    OTHER_BODIES = "other_bodies"
    DATES = "dates"
    BREACH = "breach"
    DATA = "data"
    SECURITY_BEFORE = "security_before"
    CONSEQUENCES = "consequences"
    HARMS = "harms"
    MEASURES = "measures"
    COMMUNICATION = "communication"
    CROSS_BORDER = "cross_border"
    ATTACHMENTS = "attachments"


class FieldStatus(StrEnum):
    """Whether a field of the form can be filled in."""

    GIVEN = "given"
    UNKNOWN = "unknown"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    AT_FILING = "at_filing"


@dataclass(frozen=True)
class FormField:
    """One field of the form.

    `code` names it (labels: `wording.authority`). `value` is a JSON value: text, a
    number, an ISO 8601 instant, a code or a list of codes; `fact` names the fact whose
    kind and labels it has, `vocabulary` the enum of its codes where it has no fact.
    """

    code: str
    value: object = None
    status: FieldStatus = FieldStatus.MISSING
    fact: str = ""
    vocabulary: type[StrEnum] | None = None
    is_instant: bool = False


@dataclass(frozen=True)
class FormPart:
    """One section of the form with its fields."""

    section: FormSection
    fields: tuple[FormField, ...]

    @property
    def missing(self) -> tuple[FormField, ...]:
        """The fields nobody has answered."""
        return tuple(field for field in self.fields if field.status is FieldStatus.MISSING)


def lay_out_notification(record: CaseRecord) -> tuple[FormPart, ...]:
    """The form filled in from a case, section by section."""
    facts = {fact.key: fact for fact in record.facts}
    parts: dict[FormSection, tuple[FormField, ...]] = {
        section: tuple(fields) for section, fields in _sections(record, facts).items()
    }
    answers = [field for fields in parts.values() for field in fields if field.fact]
    parts[FormSection.KIND] = (_kind(record, answers),)
    return tuple(FormPart(section, parts[section]) for section in FormSection)


def _sections(
    record: CaseRecord, facts: Mapping[str, FactRecord]
) -> Mapping[FormSection, Iterable[FormField]]:
    """Every section but the first, which depends on the others."""
    return {
        FormSection.ORGANISATION: _organisation(record),
        FormSection.LEGAL_REPRESENTATIVE: (
            _own("legal_representative", record.organisation.legal_representative),
        ),
        FormSection.CONTACT: _contact(record),
        FormSection.OTHER_BODIES: (_fact("processors_involved", facts),),
        FormSection.DATES: _dates(record, facts),
        FormSection.BREACH: _breach(facts),
        FormSection.DATA: _data(facts),
        FormSection.SECURITY_BEFORE: (_fact("security_before", facts),),
        FormSection.CONSEQUENCES: _consequences(facts),
        FormSection.HARMS: [_fact(key, facts) for key in ("harms", "harms_details", "gravity")],
        FormSection.MEASURES: [_fact(key, facts) for key in ("measures_taken", "measures_planned")],
        FormSection.COMMUNICATION: _communication(record),
        FormSection.CROSS_BORDER: _cross_border(facts),
        FormSection.ATTACHMENTS: (
            _own("attachments", len(record.attachments), empty=FieldStatus.GIVEN),
        ),
    }


def notification_as_json(parts: Iterable[FormPart]) -> dict[str, object]:
    """The form as JSON values, to be frozen with a filing."""
    return {
        part.section.value: {
            field.code: {"status": field.status.value, "value": field.value}
            for field in part.fields
        }
        for part in parts
    }


_STATUS = {
    FactState.NOT_ASKED: FieldStatus.MISSING,
    FactState.NOT_KNOWN_YET: FieldStatus.UNKNOWN,
    FactState.ESTIMATED: FieldStatus.GIVEN,
    FactState.KNOWN: FieldStatus.GIVEN,
    FactState.NOT_APPLICABLE: FieldStatus.NOT_APPLICABLE,
}


def _fact(key: str, facts: Mapping[str, FactRecord]) -> FormField:
    fact = facts.get(key)
    if fact is None:
        return FormField(key, fact=key)
    return FormField(key, fact.value, _STATUS[FactState(fact.state)], fact=key)


def _own(
    code: str, value: object, *, empty: FieldStatus = FieldStatus.MISSING, instant: bool = False
) -> FormField:
    """A field filled from what the desk itself knows."""
    status = FieldStatus.GIVEN if value not in (None, "", 0) else empty
    return FormField(code, value, status, is_instant=instant)


def _codes(code: str, values: list[str], vocabulary: type[StrEnum], like: FormField) -> FormField:
    """A field whose codes are derived from a fact: it is as known as that fact is."""
    status = like.status if not values else FieldStatus.GIVEN
    return FormField(code, values or None, status, vocabulary=vocabulary)


def _kind(record: CaseRecord, answers: Iterable[FormField]) -> FormField:
    """Initial while an answer is missing or not known yet; a follow-up once one was filed."""
    open_ends = (FieldStatus.MISSING, FieldStatus.UNKNOWN)
    if record.phases:
        kind = form.NotificationKind.FOLLOW_UP
    elif any(field.status in open_ends for field in answers):
        kind = form.NotificationKind.INITIAL
    else:
        kind = form.NotificationKind.COMPLETE
    return FormField(
        "notification_kind", kind.value, FieldStatus.GIVEN, vocabulary=form.NotificationKind
    )


def _organisation(record: CaseRecord) -> list[FormField]:
    own = record.organisation
    return [
        _own("organisation_name", own.name),
        _own("siren", own.siren),
        _own("vat_number", own.vat_number, empty=FieldStatus.AT_FILING),
        _own("sector", own.sector),
        _own("headcount", own.headcount),
        _own("address", own.address),
        _own("country", own.country),
    ]


def _contact(record: CaseRecord) -> list[FormField]:
    own = record.organisation
    return [
        _own("contact_name", own.contact_name),
        _own("contact_function", own.contact_function),
        _own("contact_email", own.contact_email),
        _own("contact_phone", own.contact_phone),
    ]


def _dates(record: CaseRecord, facts: Mapping[str, FactRecord]) -> list[FormField]:
    aware_at = _aware_at(record)
    fields = [_fact(key, facts) for key in ("occurred_from", "occurred_until", "access")]
    fields.append(_own("aware_at", aware_at.isoformat() if aware_at else None, instant=True))
    fields += [_fact("dates_comment", facts), _fact("discovery", facts)]
    if _is_late(record):
        reasons = record.phases[0].reasons_for_delay if record.phases else ""
        fields.append(_own("reasons_for_delay", reasons))
    return fields


def _aware_at(record: CaseRecord) -> datetime | None:
    """The awareness that the running clock counts from: the breach's, or of what changed."""
    if record.reopenings:
        # Where its start was corrected since, the clock says it.
        again = [each for each in record.clocks if each.regime == GDPR_ART_33]
        return again[-1].started_at if again else record.reopenings[-1].aware_at
    return next((q.aware_at for q in reversed(record.qualifications) if q.aware_at), None)


def _is_late(record: CaseRecord) -> bool:
    """Whether the first filing came, or would come now, after the deadline (Art. 33(1))."""
    if record.phases:
        return record.phases[0].was_late
    due = [
        clock.due_at
        for clock in record.clocks
        if clock.regime in (GDPR_ART_33, PROVISIONAL) and clock.due_at is not None
    ]
    return bool(due) and record.made_at > due[-1]


def _breach(facts: Mapping[str, FactRecord]) -> list[FormField]:
    origins = _fact("origins", facts)
    vector = _fact("vector", facts)
    if origins.status is FieldStatus.MISSING and vector.value:
        origin = form.ORIGIN_OF.get(Vector(str(vector.value)), form.Origin.OTHER)
        origins = FormField("origins", [origin.value], FieldStatus.GIVEN, fact="origins")
    return [
        _fact("breach_types", facts),
        origins,
        _fact("cause", facts),
        _fact("description", facts),
    ]


def _data(facts: Mapping[str, FactRecord]) -> list[FormField]:
    data = _fact("data", facts)
    categories = [DataCategory(code) for code in _as_list(data.value)]
    natures = [nature.value for nature in form.data_natures(categories)]
    sensitive = [nature.value for nature in form.sensitive_natures(categories)]
    none_sensitive = FormField(
        "sensitive_natures", None, FieldStatus.NOT_APPLICABLE, vocabulary=form.SensitiveNature
    )
    return [
        _codes("data_natures", natures, form.DataNature, data),
        _codes("sensitive_natures", sensitive, form.SensitiveNature, data)
        if sensitive or not categories
        else none_sensitive,
        *(_fact(key, facts) for key in ("data_details", "n_records")),
        *(_fact(key, facts) for key in ("data_subjects", "n_subjects")),
    ]


def _consequences(facts: Mapping[str, FactRecord]) -> list[FormField]:
    """One block for each nature of breach ticked; all of them while that is not known."""
    types = set(_as_list(_fact("breach_types", facts).value))
    known = types - {BreachType.UNKNOWN.value}
    blocks = {
        BreachType.CONFIDENTIALITY: "confidentiality_consequences",
        BreachType.INTEGRITY: "integrity_consequences",
        BreachType.AVAILABILITY: "availability_consequences",
    }
    return [_fact(key, facts) for kind, key in blocks.items() if not known or kind.value in known]


def _communication(record: CaseRecord) -> list[FormField]:
    sent = [notice for notice in record.notices if notice.first_sent_at is not None]
    state = form.CommunicationState.UNDECIDED
    if sent:
        state = form.CommunicationState.DONE
    elif record.decisions:
        wanted = record.decisions[-1].decided_communicate != Communicate.NONE
        planned = form.CommunicationState
        state = planned.PLANNED if wanted else planned.NOT_PLANNED
    fields = [
        FormField(
            "communication_state",
            state.value,
            FieldStatus.GIVEN,
            vocabulary=form.CommunicationState,
        )
    ]
    if sent:
        told = sum(notice.deliveries.get("sent", 0) for notice in sent)
        first = sent[0].first_sent_at
        fields += [
            _own("communication_date", first.isoformat() if first else None, instant=True),
            _own("communication_means", "email"),
            _own("communication_count", told),
            _own("communication_content", sent[-1].body),
        ]
    elif state is form.CommunicationState.NOT_PLANNED:
        fields.append(_own("communication_reason", record.decisions[-1].decision_reason))
    elif state is form.CommunicationState.PLANNED:
        fields.append(FormField("communication_date", status=FieldStatus.AT_FILING))
    return fields


def _cross_border(facts: Mapping[str, FactRecord]) -> list[FormField]:
    return [
        _fact(key, facts) for key in ("cross_border", "cross_border_countries", "other_authorities")
    ]


def _as_list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def unanswered(parts: Iterable[FormPart]) -> tuple[list[FormField], list[FormField]]:
    """What is missing, and what is not known yet, over the whole form."""
    fields = [field for part in parts for field in part.fields]
    return (
        [field for field in fields if field.status is FieldStatus.MISSING],
        [field for field in fields if field.status is FieldStatus.UNKNOWN],
    )
