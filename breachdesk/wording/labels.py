"""The words for every code that a reader meets: facts, options, roles, states.

The tables lie in `fact_labels`, `vocabulary_labels`, `authority_labels` and `case_labels`;
here is how they are asked. A code nobody knows is said as it is: an old case must stay
readable after a code has been retired.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.codes import GrowingCode
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import KEPT_COUNT, DeliveryState, MailKind
from breachdesk.domain.facts import FACTS, FactKind, FactState, Section
from breachdesk.domain.lifecycle import Channel, Communicate, Stage
from breachdesk.domain.regimes import regime_of
from breachdesk.domain.reminder_ledger import ToldRecord
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.wording import N_, Wording
from breachdesk.wording.authority_labels import AUTHORITY_LABELS
from breachdesk.wording.case_labels import CASE_LABELS, DUTIES, OPERATOR, RISKS
from breachdesk.wording.fact_labels import FACT_WORDS, SECTION_LABELS
from breachdesk.wording.reminder_labels import KEPT_COUNTED, KEPT_HERE, REMINDER_LABELS
from breachdesk.wording.times import local_time, number
from breachdesk.wording.vocabulary_labels import VOCABULARY_LABELS

LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    **VOCABULARY_LABELS,
    **AUTHORITY_LABELS,
    **CASE_LABELS,
    **REMINDER_LABELS,
}

YES, NO = N_("Oui"), N_("Non")
OF_ANOTHER_VERSION = N_("Type inconnu de cette version")
# What the assessment's snapshot of facts says beside values (facts.schema.json).
_IN_PLACE_OF_A_VALUE = {
    "unknown": FactState.NOT_KNOWN_YET,
    "not_applicable": FactState.NOT_APPLICABLE,
}


def enum_label(member: StrEnum, wording: Wording) -> str:
    """The label of a member of any enum that users meet."""
    return wording.text(LABELS[type(member)][member])


def code_label(enum: type[StrEnum], code: str, wording: Wording) -> str:
    """The label of a code of this enum; the code itself where it is not one.

    Where other versions of the desk may have written it, it is said to be theirs. No code has
    no label.
    """
    said = {member.value: label for member, label in LABELS[enum].items()}
    if code in said:
        return wording.text(said[code])
    return wording.text(OF_ANOTHER_VERSION) if code and issubclass(enum, GrowingCode) else code


def fact_label(key: str, wording: Wording) -> str:
    """What a fact is called, in the case file and the dossier."""
    return wording.text(FACT_WORDS[key].label) if key in FACT_WORDS else key


def fact_question(key: str, wording: Wording) -> str:
    """The question the form asks for a fact."""
    return wording.text(FACT_WORDS[key].question)


def option_label(key: str, code: str, wording: Wording) -> str:
    """The label of one of a fact's options; the code itself where it is not one."""
    options = FACTS[key].options if key in FACTS else None
    if options is not None and code in LABELS[options]:
        return code_label(options, code, wording)
    state = _IN_PLACE_OF_A_VALUE.get(code)
    return state_label(state, wording) if state else code


def section_label(section: Section | str, wording: Wording) -> str:
    """The heading of a section of the case file."""
    return wording.text(SECTION_LABELS[Section(section)])


def state_label(state: FactState | str, wording: Wording) -> str:
    """How sure a fact is, in words."""
    return code_label(FactState, state, wording)


def role_label(code: str, wording: Wording) -> str:
    """A person's role in an organisation, or the installation's operator."""
    return wording.text(OPERATOR) if code == "operator" else code_label(Role, code, wording)


def risk_label(code: str, wording: Wording) -> str:
    """The risk to the rights and freedoms of natural persons (GDPR Art. 33-34)."""
    return wording.text(RISKS[code]) if code in RISKS else code


def duty_label(code: str, wording: Wording) -> str:
    """Whether a duty is owed: yes, no, or it depends."""
    return wording.text(DUTIES[code]) if code in DUTIES else code


def regime_label(code: str, wording: Wording) -> str:
    """Which rule a clock counts by; the code itself where its file is gone."""
    regime = regime_of(code)
    return wording.raw(regime.name.in_locale(wording.locale)) if regime else code


def stop_reason_label(code: str, wording: Wording) -> str:
    """Why a clock no longer runs."""
    return code_label(StopReason, code, wording)


def basis_label(code: str, wording: Wording) -> str:
    """Why data subjects are told: owed, voluntary; or that they are not."""
    return code_label(Communicate, code, wording)


def delivery_state_label(code: str, wording: Wording) -> str:
    """Where a delivery stands; `KEPT_COUNT` is what an example organisation kept."""
    if code == KEPT_COUNT:
        return wording.text(KEPT_COUNTED)
    return code_label(DeliveryState, code, wording)


def told_label(told: ToldRecord, wording: Wording) -> str:
    """What became of a reminder's mail to one person."""
    if told.is_kept_here:
        return wording.text(KEPT_HERE)
    return delivery_state_label(told.state, wording)


def mail_kind_label(code: str, wording: Wording) -> str:
    """What a mail is for: receipt, alert, reminder, escalation..."""
    return code_label(MailKind, code, wording)


def reminder_cause_label(code: str, wording: Wording) -> str:
    """Why a reminder is there: the plan, nobody's answer, a deadline missed."""
    return code_label(ReminderCause, code, wording)


def reminder_channel_label(code: str, wording: Wording) -> str:
    """By which way a reminder is told."""
    return code_label(ReminderChannel, code, wording)


def acknowledged_via_label(code: str, wording: Wording) -> str:
    """Where somebody said that they had read a reminder."""
    return code_label(AcknowledgedVia, code, wording)


def channel_label(code: str, wording: Wording) -> str:
    """How an incident came to the desk."""
    return code_label(Channel, code, wording)


def reporter_without_account(processor: str, wording: Wording) -> str:
    """Who said something without an account: a processor by name, or nobody by name."""
    if processor:
        return wording.text(N_("Sous-traitant : %(processor)s"), processor=processor)
    return wording.text(N_("Sans compte"))


def notification_kind_label(code: str, wording: Wording) -> str:
    """The type of a notification to the authority, in the CNIL's words."""
    return code_label(NotificationKind, code, wording)


def case_state_label(code: str, wording: Wording) -> str:
    """How far a case has come, as the register lists it."""
    return code_label(Stage, code, wording)


def value_text(key: str, value: object, wording: Wording, timezone: str) -> str:
    """A fact's JSON value in words; empty where there is none.

    Args:
        value: as `FactKind` describes it. Free text is given back untouched, and so is
            a value of the wrong shape, as text.
        timezone: the IANA zone in which instants are told.
    """
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return wording.text(YES if value else NO)
    if isinstance(value, list | tuple):
        return " · ".join(option_label(key, str(item), wording) for item in value)
    if isinstance(value, int | float):
        return number(value, wording)
    return _said(key, str(value), wording, timezone)


def _said(key: str, value: str, wording: Wording, timezone: str) -> str:
    kind = FACTS[key].kind if key in FACTS else FactKind.TEXT
    if kind is FactKind.INSTANT:
        return instant_text(value, wording, timezone)
    return value if kind in (FactKind.LINE, FactKind.TEXT) else option_label(key, value, wording)


def instant_text(value: str, wording: Wording, timezone: str) -> str:
    """An ISO 8601 instant in local time; the text itself where it is not one."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    # Instants are kept in UTC; a value read from elsewhere may leave it unsaid.
    return local_time(instant if instant.tzinfo else instant.replace(tzinfo=UTC), timezone, wording)
