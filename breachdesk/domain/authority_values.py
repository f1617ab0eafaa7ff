"""The values that forms are filled from, by name: `fact.…`, `organisation.…`, `case.…`.

`definition_of` says what shape a name has and which codes it can take, so that a form's file
is checked when it is read; `value_of` makes it from a case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from breachdesk.domain import authority_breach_values as breach
from breachdesk.domain import authority_filing_values as filing
from breachdesk.domain import authority_form as words
from breachdesk.domain.authority_case_values import CaseValue, CaseView, Maker
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.form_layout import ValueKind
from breachdesk.domain.organisation_details import DETAILS
from breachdesk.domain.vocabulary import Cause

_TEXT, _YES_NO, _INSTANT = ValueKind.TEXT, ValueKind.YES_NO, ValueKind.INSTANT
_CHOICE, _CHOICES, _NUMBER = ValueKind.CHOICE, ValueKind.CHOICES, ValueKind.NUMBER
# What stands for itself in the code tables of a yes/no question.
YES, NO = "yes", "no"

_SHAPES: Mapping[FactKind, ValueKind] = {
    FactKind.LINE: _TEXT,
    FactKind.TEXT: _TEXT,
    FactKind.CHOICE: _CHOICE,
    FactKind.CHOICES: _CHOICES,
    FactKind.COUNT: _NUMBER,
    FactKind.HOURS: _NUMBER,
    FactKind.DAYS: _NUMBER,
    FactKind.YES_NO: _YES_NO,
    FactKind.INSTANT: _INSTANT,
}


@dataclass(frozen=True)
class ValueDefinition:
    """The shape of a value, and the codes that it can take where it is a choice."""

    kind: ValueKind
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Made:
    definition: ValueDefinition
    make: Maker


def _made(make: Maker, kind: ValueKind, *codes: str) -> _Made:
    return _Made(ValueDefinition(kind, codes), make)


_COUNTED = (breach.EXACT, breach.APPROXIMATE, breach.UNDETERMINABLE)
_MADE: Mapping[str, _Made] = {
    "kind": _made(filing.kind, _CHOICE, *words.NotificationKind),
    "newness": _made(filing.newness, _CHOICE, filing.NEW, filing.FOLLOW_UP),
    "extent": _made(filing.extent, _CHOICE, filing.COMPLETE, filing.INCOMPLETE, filing.WITHDRAW),
    "withdrawal_reason": _made(filing.withdrawal_reason, _TEXT),
    "previous_number": _made(filing.previous_number, _TEXT),
    "reference": _made(filing.reference, _TEXT),
    "reasons_for_delay": _made(filing.reasons_for_delay, _TEXT),
    "identifier_type": _made(filing.identifier_type, _CHOICE, filing.COMPANY_ID, filing.VAT),
    "identifier": _made(filing.identifier, _TEXT),
    "organisation_contact": _made(filing.organisation_contact, _TEXT),
    "street": _made(filing.street, _TEXT),
    "postal_code": _made(filing.postal_code, _TEXT),
    "city": _made(filing.city, _TEXT),
    "representative_title": _made(filing.representative_title, _TEXT),
    "representative_name": _made(filing.representative_name, _TEXT),
    "contact_title": _made(filing.contact_title, _TEXT),
    "contact_person": _made(filing.contact_person, _TEXT),
    "contact_details": _made(filing.contact_details, _TEXT),
    "contact_role": _made(filing.contact_role, _CHOICE, filing.DPO, filing.LEGAL, filing.OTHER),
    "has_dpo": _made(filing.has_dpo, _YES_NO),
    "dpo_name": _made(filing.dpo_name, _TEXT),
    "dpo_contact": _made(filing.dpo_contact, _TEXT),
    "information_contact": _made(
        filing.information_contact, _CHOICE, filing.DPO, filing.REPORTING_PERSON
    ),
    "others_involved": _made(filing.others_involved, _YES_NO),
    "others_role": _made(
        filing.others_role, _CHOICE, filing.PROCESSOR, filing.JOINT_CONTROLLER, filing.CONTROLLER
    ),
    "attachments": _made(filing.attachments, _TEXT),
    "attachment_kinds": _made(
        filing.attachment_kinds, _CHOICES, filing.COMMUNICATION, filing.OTHER
    ),
    "other_authorities_told": _made(filing.other_authorities_told, _YES_NO),
    "eu_authorities_told": _made(filing.eu_authorities_told, _YES_NO),
    "communication": _made(filing.communication, _CHOICE, *filing.COMMUNICATION_STATES),
    "communicated_at": _made(filing.communicated_at, _INSTANT),
    "communication_date": _made(filing.communication_date, _INSTANT),
    "communicated_count": _made(filing.communicated_count, _NUMBER),
    "all_told": _made(filing.all_told, _CHOICE, filing.ALL, filing.NOT_ALL),
    "communication_means": _made(filing.communication_means, _CHOICES, *words.CommunicationMeans),
    "communication_content": _made(filing.communication_content, _TEXT),
    "no_communication_reason": _made(filing.no_communication_reason, _TEXT),
    "exemptions": _made(breach.exemptions, _CHOICES, *breach.EXEMPTIONS),
    "aware_at": _made(lambda view: view.aware, _INSTANT),
    "occurrence": _made(breach.occurrence, _CHOICE, *breach.OCCURRENCES),
    "period_known": _made(breach.period_known, _YES_NO),
    "ongoing": _made(breach.ongoing, _YES_NO),
    "dates_estimated": _made(breach.dates_estimated, _YES_NO),
    "told_by_other_at": _made(breach.told_by_other_at, _INSTANT),
    "disclosure": _made(breach.disclosure, _CHOICE, *breach.DISCLOSURES),
    "unintelligibility": _made(breach.unintelligibility, _CHOICE, *breach.UNINTELLIGIBILITIES),
    "availability": _made(breach.availability, _CHOICE, breach.TEMPORARY, breach.PERMANENT),
    "cause": _made(breach.cause, _CHOICE, *Cause, breach.UNDETERMINABLE),
    "subjects_count": _made(breach.subjects_count, _CHOICE, *_COUNTED),
    "records_count": _made(breach.records_count, _CHOICE, *_COUNTED),
    "risk": _made(breach.risk, _CHOICE, *breach.RISKS),
    "risk_reasons": _made(breach.risk_reasons, _TEXT),
    "measures": _made(breach.measures, _TEXT),
}


def definition_of(name: str) -> ValueDefinition | None:
    """What shape the value of that name has; None where there is none of that name."""
    family, _, key = name.partition(".")
    if family == "fact" and key in FACTS:
        fact = FACTS[key]
        codes = tuple(code.value for code in fact.options or ())
        return ValueDefinition(_SHAPES[fact.kind], codes)
    if family == "organisation" and key in DETAILS:
        return ValueDefinition(_TEXT)
    if family == "case" and key in _MADE:
        return _MADE[key].definition
    return None


def value_of(name: str, view: CaseView) -> CaseValue:
    """The value of that name in a case. Raises KeyError for a name without definition."""
    family, _, key = name.partition(".")
    return _FAMILIES[family](key, view)


_FAMILIES: Mapping[str, Callable[[str, CaseView], CaseValue]] = {
    "fact": lambda key, view: view.fact(key),
    "organisation": lambda key, view: view.organisation(key),
    "case": lambda key, view: _MADE[key].make(view),
}

CASE_VALUES: tuple[str, ...] = tuple(f"case.{key}" for key in _MADE)
