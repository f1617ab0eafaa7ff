"""What the forms ask of the filing, the organisation and what was told to whom."""

import re
from collections.abc import Sequence
from datetime import datetime

from breachdesk.domain.answers import Answer
from breachdesk.domain.authority_breach_values import HIGH, exemptions, risk
from breachdesk.domain.authority_case_values import (
    AT_FILING,
    GIVEN,
    MISSING,
    UNKNOWN,
    CaseValue,
    CaseView,
)
from breachdesk.domain.authority_form import CommunicationMeans, NotificationKind
from breachdesk.domain.case_record import NoticeRecord
from breachdesk.domain.form_layout import FieldSource, FieldStatus, SourceKind
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.vocabulary import ProcessingRole

NEW, FOLLOW_UP = "new", "follow_up"
COMPLETE, INCOMPLETE, WITHDRAW = "complete", "incomplete", "withdraw"
COMPANY_ID, VAT = "company_id", "vat_number"
DPO, LEGAL, REPORTING_PERSON, OTHER = "dpo", "legal_representative", "reporting_person", "other"
PROCESSOR, JOINT_CONTROLLER, CONTROLLER = "processor", "joint_controller", "controller"
COMMUNICATION = "communication"
ALL, NOT_ALL = "all", "not_all"

DONE, PLANNED_ON, PLANNED = "done", "planned_on", "planned"
NO_HIGH_RISK, EXEMPT = "no_high_risk", "exempt"
# Decided while the assessment leaves open whether the risk is high: no ground can be claimed.
NOT_TOLD = "not_told"
COMMUNICATION_STATES = (DONE, PLANNED_ON, PLANNED, NO_HIGH_RISK, EXEMPT, NOT_TOLD)

_PHASE = FieldSource(SourceKind.PHASE)


def _here(value: object, source: FieldSource) -> CaseValue:
    return CaseValue(GIVEN, value, source) if value else CaseValue(MISSING, None, source)


# --- The notification itself -----------------------------------------------------------------


def kind(view: CaseView) -> CaseValue:
    """Complete, initial, follow-up or withdrawal."""
    return _here(view.kind.value, _PHASE)


_FIRST = (NotificationKind.INITIAL, NotificationKind.COMPLETE)


def newness(view: CaseView) -> CaseValue:
    """New, or following up on an earlier one, as a withdrawal does."""
    return _here(NEW if view.kind in _FIRST else FOLLOW_UP, _PHASE)


def extent(view: CaseView) -> CaseValue:
    """Complete, incomplete, or withdrawing."""
    if view.kind is NotificationKind.WITHDRAWAL:
        return _here(WITHDRAW, _PHASE)
    return _here(INCOMPLETE if view.is_incomplete else COMPLETE, _PHASE)


def withdrawal_reason(view: CaseView) -> CaseValue:
    """Why an earlier notification is withdrawn."""
    return _here(view.filing.withdrawal_reason.strip(), _PHASE)


def previous_number(view: CaseView) -> CaseValue:
    """The authority's number of the notification filed before, where somebody kept it."""
    numbered = [phase for phase in view.record.phases if phase.number]
    if not numbered:
        return AT_FILING
    last = numbered[-1]
    source = FieldSource(SourceKind.PHASE, "number", last.recorded_by, last.recorded_at)
    return CaseValue(GIVEN, last.number, source)


def reference(view: CaseView) -> CaseValue:
    """Our own number of the case."""
    return _here(view.record.reference, FieldSource(SourceKind.PHASE, "reference"))


def reasons_for_delay(view: CaseView) -> CaseValue:
    """Why the notification is late, as said when it was filed."""
    if view.filing.reasons_for_delay.strip():
        return _here(view.filing.reasons_for_delay.strip(), _PHASE)
    given = [phase for phase in view.standing_phases if phase.reasons_for_delay]
    if not given:
        return _here("", FieldSource(SourceKind.PHASE, "reasons_for_delay"))
    first = given[0]
    source = FieldSource(
        SourceKind.PHASE, "reasons_for_delay", first.recorded_by, first.recorded_at
    )
    return CaseValue(GIVEN, first.reasons_for_delay, source)


# --- The organisation ------------------------------------------------------------------------


def identifier_type(view: CaseView) -> CaseValue:
    """Which number names the organisation."""
    siren, vat = view.organisation("siren"), view.organisation("vat_number")
    return vat.given(VAT) if vat and not siren else siren.as_value(COMPANY_ID)


def identifier(view: CaseView) -> CaseValue:
    """The SIREN, else the VAT number."""
    siren, vat = view.organisation("siren"), view.organisation("vat_number")
    return vat if vat and not siren else siren


def organisation_contact(view: CaseView) -> CaseValue:
    """Where the organisation is reached."""
    return view.joined(("address", "country", "contact_email", "contact_phone"))


# Five digits and a town, the last of an address, as French ones are written.
_TOWN = re.compile(r"^(?P<street>.*)\b(?P<code>\d{5})\s+(?P<city>[^\W\d][^\n,;]*)", re.DOTALL)


def street(view: CaseView) -> CaseValue:
    """The address without postal code and town; whole where it names none."""
    return _part_of_address(view, "street", otherwise=view.organisation("address"))


def postal_code(view: CaseView) -> CaseValue:
    """The postal code, where the address shows one."""
    return _part_of_address(view, "code", otherwise=AT_FILING)


def city(view: CaseView) -> CaseValue:
    """The town, where the address shows one."""
    return _part_of_address(view, "city", otherwise=AT_FILING)


def _part_of_address(view: CaseView, part: str, *, otherwise: CaseValue) -> CaseValue:
    address = view.organisation("address")
    if not address:
        return address
    found = _TOWN.match(str(address.value))
    text = found.group(part).strip(" \t\r\n,;–-") if found else ""
    return address.given(text) if text else otherwise


_TITLE = re.compile(r"^(?P<title>M\.|Mr|Mme|Monsieur|Madame)\s+(?P<name>\S.*)$")


def representative_title(view: CaseView) -> CaseValue:
    """How the legal representative is addressed, where their name says it."""
    return _title(view.organisation("legal_representative"))


def representative_name(view: CaseView) -> CaseValue:
    """The legal representative's name, and function if it was given with it."""
    return _name(view.organisation("legal_representative"))


def contact_title(view: CaseView) -> CaseValue:
    """How the person to contact is addressed, where their name says it."""
    return _title(view.organisation("contact_name"))


def contact_person(view: CaseView) -> CaseValue:
    """The name of the person to contact."""
    return _name(view.organisation("contact_name"))


def _title(name: CaseValue) -> CaseValue:
    found = _TITLE.match(str(name.value)) if name else None
    return name.given(found.group("title")) if found else AT_FILING


def _name(name: CaseValue) -> CaseValue:
    found = _TITLE.match(str(name.value)) if name else None
    return name.given(found.group("name")) if found else name


def contact_details(view: CaseView) -> CaseValue:
    """Where the person to contact is reached."""
    return view.joined(("contact_email", "contact_phone"))


_DPO_WORDS = re.compile(
    r"\b(dpo|dpd|d[ée]l[ée]gu[ée]e? [àa] la protection des donn[ée]es|data protection officer)\b",
    re.IGNORECASE,
)


def contact_role(view: CaseView) -> CaseValue:
    """Whether the person to contact is the DPO, the legal representative, or somebody else."""
    function, own = view.organisation("contact_function"), view.record.organisation
    if _DPO_WORDS.search(own.contact_function):
        return function.given(DPO)
    name = contact_person(view).value
    if name and str(name) in own.legal_representative:
        return function.given(LEGAL)
    return function.as_value(OTHER)


def has_dpo(view: CaseView) -> CaseValue:
    """Whether a DPO is designated: somebody here is, or the contact is one."""
    named = view.record.organisation.has_dpo or contact_role(view).value == DPO
    return CaseValue(GIVEN, named, FieldSource(SourceKind.ORGANISATION, "dpo"))


def dpo_name(view: CaseView) -> CaseValue:
    """Who the DPO is."""
    source = FieldSource(SourceKind.ORGANISATION, "dpo")
    return _here(view.record.organisation.dpo_name, source)


def dpo_contact(view: CaseView) -> CaseValue:
    """Where the DPO is reached."""
    source = FieldSource(SourceKind.ORGANISATION, "dpo")
    return _here(view.record.organisation.dpo_email, source)


def information_contact(view: CaseView) -> CaseValue:
    """Whom the authority may ask: the DPO where there is one, else whoever reports."""
    there_is = has_dpo(view)
    return there_is.given(DPO if there_is.value else REPORTING_PERSON)


# --- Other parties and authorities -----------------------------------------------------------


def others_involved(view: CaseView) -> CaseValue:
    """Whether processors or joint controllers are involved."""
    named = _told(view, "processors_involved")
    outside = view.record.outside
    is_joint = view.fact("role").value == ProcessingRole.JOINT_CONTROLLER
    if named.value is not True and (is_joint or (outside is not None and outside.processor)):
        return named.given(True)
    return named


def others_role(view: CaseView) -> CaseValue:
    """What the other party is, as far as our own role says it."""
    role = view.fact("role")
    if role.value == ProcessingRole.PROCESSOR:
        return role.given(CONTROLLER)
    if role.value == ProcessingRole.JOINT_CONTROLLER:
        return role.given(JOINT_CONTROLLER)
    return role.as_value(PROCESSOR)


def other_authorities_told(view: CaseView) -> CaseValue:
    """Whether another authority or body was told."""
    return _told(view, "other_authorities")


def eu_authorities_told(view: CaseView) -> CaseValue:
    """Whether another European data protection authority was notified."""
    return _told(view, "eu_authorities")


def _told(view: CaseView, key: str) -> CaseValue:
    """Yes where the fact names one, no where it does not apply."""
    named = view.fact(key)
    if named.status is FieldStatus.NOT_APPLICABLE:
        return named.given(False)
    return named.as_value(True)


# --- Data subjects ---------------------------------------------------------------------------


def _sent(view: CaseView) -> Sequence[NoticeRecord]:
    return [notice for notice in view.record.notices if notice.first_sent_at is not None]


def _by_notice(notice: NoticeRecord, value: object) -> CaseValue:
    source = FieldSource(SourceKind.NOTICE, "", notice.approved_by, notice.first_sent_at)
    return _here(value, source)


def communication(view: CaseView) -> CaseValue:
    """Whether data subjects were told, will be, or will not be and why; unknown till decided."""
    sent = _sent(view)
    if sent:
        return _by_notice(sent[0], DONE)
    last = view.decision
    if last is None:
        return CaseValue(UNKNOWN, None, FieldSource(SourceKind.DECISION))
    source = FieldSource(SourceKind.DECISION, "", last.decided_by, last.decided_at)
    if last.decided_communicate != Communicate.NONE:
        on_a_day = bool(view.fact("communication_planned_on"))
        return CaseValue(GIVEN, PLANNED_ON if on_a_day else PLANNED, source)
    if risk(view).value == HIGH and exemptions(view):
        return CaseValue(GIVEN, EXEMPT, source)
    return CaseValue(GIVEN, NOT_TOLD if _is_high_risk_open(view) else NO_HIGH_RISK, source)


def _is_high_risk_open(view: CaseView) -> bool:
    """Whether the latest assessment leaves open that data subjects must be told (Art. 34(1))."""
    latest = view.record.assessments[-1:]
    return any(each.result.get("communicate_to_data_subjects") == Answer.DEPENDS for each in latest)


def communicated_at(view: CaseView) -> CaseValue:
    """When the first of them was told."""
    sent = _sent(view)
    if not sent:
        return CaseValue(MISSING, None, FieldSource(SourceKind.NOTICE))
    return _by_notice(sent[0], _iso(sent[0].first_sent_at))


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def communication_date(view: CaseView) -> CaseValue:
    """When they were told, else when they will be."""
    return communicated_at(view) if _sent(view) else view.fact("communication_planned_on")


def communicated_count(view: CaseView) -> CaseValue:
    """How many messages a mail server took."""
    sent = _sent(view)
    if not sent:
        return CaseValue(MISSING, None, FieldSource(SourceKind.NOTICE))
    told = sum(notice.deliveries.get("sent", 0) for notice in sent)
    return _by_notice(sent[-1], "told").given(told)


def all_told(view: CaseView) -> CaseValue:
    """Whether every data subject was told: each message went out, as many as people."""
    count, people = communicated_count(view), view.fact("n_subjects")
    if not count:
        return count
    undelivered = sum(
        number
        for notice in _sent(view)
        for state, number in notice.deliveries.items()
        if state not in ("sent", "cancelled")
    )
    told = count.value if isinstance(count.value, int) else 0
    everyone = not isinstance(people.value, int) or told >= people.value
    return count.given(ALL if everyone and not undelivered else NOT_ALL)


def communication_means(view: CaseView) -> CaseValue:
    """How they were told: by messages from here, and by what was done elsewhere."""
    said, sent = view.fact("communication_means"), _sent(view)
    elsewhere = set(said.value) if isinstance(said.value, list) else set()
    if not sent:
        return said
    used = elsewhere | {CommunicationMeans.INDIVIDUAL.value}
    return _by_notice(sent[-1], [each.value for each in CommunicationMeans if each.value in used])


def communication_content(view: CaseView) -> CaseValue:
    """What they were told."""
    sent = _sent(view)
    if not sent:
        return CaseValue(MISSING, None, FieldSource(SourceKind.NOTICE))
    return _by_notice(sent[-1], sent[-1].body)


def no_communication_reason(view: CaseView) -> CaseValue:
    """Why they will not be told, as decided."""
    last = view.decision
    if last is None:
        return CaseValue(MISSING, None, FieldSource(SourceKind.DECISION))
    source = FieldSource(SourceKind.DECISION, "", last.decided_by, last.decided_at)
    reasons = (last.decision_reason, last.advice_reason)
    return _here(next((text for text in reasons if text.strip()), ""), source)


# --- Attachments -----------------------------------------------------------------------------


def attachments(view: CaseView) -> CaseValue:
    """The names of the case's files, one a line; receipts of earlier filings are not filed."""
    receipts = {phase.receipt_name for phase in view.record.phases}
    files = [each for each in view.record.attachments if each.name not in receipts]
    if not files:
        source = FieldSource(SourceKind.ATTACHMENTS)
        return CaseValue(FieldStatus.NOT_APPLICABLE, None, source)
    source = FieldSource(SourceKind.ATTACHMENTS, "", files[-1].added_by, files[-1].added_at)
    return CaseValue(GIVEN, "\n".join(each.name for each in files), source)


def attachment_kinds(view: CaseView) -> CaseValue:
    """The communication where one was sent; other files as they are."""
    files, sent = attachments(view), _sent(view)
    kinds = [*([COMMUNICATION] if sent else []), *([OTHER] if files else [])]
    return files.given(kinds) if kinds else files
