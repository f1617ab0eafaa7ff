"""What can be known of an incident: each fact's kind, options and place.

One registry serves the forms, the assessment, the authority's form and the dossier.
A fact is stored as a versioned row (`models.incidents.Fact`); here is what its key means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breachdesk.domain import authority_form as form
from breachdesk.domain import vocabulary as words


class FactState(StrEnum):
    """How sure a fact is. "Not known yet" is an answer; "not asked" is the lack of one."""

    NOT_ASKED = "not_asked"
    NOT_KNOWN_YET = "not_known_yet"
    ESTIMATED = "estimated"
    KNOWN = "known"
    NOT_APPLICABLE = "not_applicable"


class FactKind(StrEnum):
    """The shape of a fact's value, in Python and in JSON.

    LINE and TEXT: str; CHOICE: one code; CHOICES: list of codes; COUNT: int >= 0;
    HOURS and DAYS: number >= 0; YES_NO: bool; INSTANT: ISO 8601 string in UTC.
    """

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    COUNT = "count"
    HOURS = "hours"
    DAYS = "days"
    YES_NO = "yes_no"
    INSTANT = "instant"


class Section(StrEnum):
    """The pages of the case file, in order."""

    STORY = "story"
    DATES = "dates"
    NATURE = "nature"
    DATA = "data"
    PERSONS = "persons"
    PROTECTION = "protection"
    SPREAD = "spread"
    AVAILABILITY = "availability"
    EFFECTS = "effects"
    MEASURES = "measures"
    OTHERS = "others"
    FILING = "filing"


@dataclass(frozen=True)
class FactDefinition:
    """One fact: `assessed` facts are those the assessment takes (facts.schema.json)."""

    key: str
    kind: FactKind
    section: Section
    options: type[StrEnum] | None = None
    assessed: bool = False
    may_not_apply: bool = False


def _assessed(
    key: str,
    kind: FactKind,
    section: Section,
    options: type[StrEnum] | None = None,
    *,
    may_not_apply: bool = False,
) -> FactDefinition:
    return FactDefinition(key, kind, section, options, True, may_not_apply)


_K, _S = FactKind, Section

FACTS: Mapping[str, FactDefinition] = {
    definition.key: definition
    for definition in (
        FactDefinition("description", _K.TEXT, _S.STORY),
        FactDefinition("system", _K.LINE, _S.STORY),
        FactDefinition("discovery", _K.TEXT, _S.STORY),
        FactDefinition("noticed_at", _K.INSTANT, _S.DATES),
        FactDefinition("occurred_from", _K.INSTANT, _S.DATES),
        FactDefinition("occurred_until", _K.INSTANT, _S.DATES, may_not_apply=True),
        # Art. 33(2): a processor notifies the controller after having become aware.
        FactDefinition("processor_aware_at", _K.INSTANT, _S.DATES, may_not_apply=True),
        FactDefinition("dates_comment", _K.TEXT, _S.DATES),
        _assessed("access", _K.CHOICE, _S.DATES, words.AccessState, may_not_apply=True),
        _assessed("undetected_days", _K.DAYS, _S.DATES),
        _assessed("role", _K.CHOICE, _S.NATURE, words.ProcessingRole),
        _assessed("breach_types", _K.CHOICES, _S.NATURE, words.BreachType),
        FactDefinition("origins", _K.CHOICES, _S.NATURE, form.Origin),
        _assessed("cause", _K.CHOICE, _S.NATURE, words.Cause),
        _assessed("vector", _K.CHOICE, _S.NATURE, words.Vector),
        _assessed("malicious_intent", _K.YES_NO, _S.NATURE),
        _assessed("data", _K.CHOICES, _S.DATA, words.DataCategory),
        FactDefinition("data_details", _K.TEXT, _S.DATA),
        FactDefinition("n_records", _K.COUNT, _S.DATA),
        _assessed("data_insight", _K.CHOICE, _S.DATA, words.DataInsight),
        _assessed(
            "credentials_protection",
            _K.CHOICE,
            _S.DATA,
            words.CredentialsProtection,
            may_not_apply=True,
        ),
        _assessed("data_subjects", _K.CHOICES, _S.PERSONS, words.DataSubjectCategory),
        _assessed("n_subjects", _K.COUNT, _S.PERSONS),
        _assessed("vulnerable_subjects", _K.YES_NO, _S.PERSONS),
        _assessed("identifiability", _K.CHOICE, _S.PERSONS, words.Identifiability),
        _assessed("context_reveals_sensitive", _K.YES_NO, _S.PERSONS),
        FactDefinition("security_before", _K.TEXT, _S.PROTECTION),
        _assessed("data_unintelligible", _K.CHOICE, _S.PROTECTION, words.Unintelligibility),
        _assessed(
            "key_compromised", _K.CHOICE, _S.PROTECTION, words.KeyCompromise, may_not_apply=True
        ),
        _assessed("exfiltration", _K.CHOICE, _S.SPREAD, words.Exfiltration, may_not_apply=True),
        _assessed("recipients", _K.CHOICE, _S.SPREAD, words.RecipientScope),
        _assessed(
            "recipient_trust", _K.CHOICE, _S.SPREAD, words.RecipientTrust, may_not_apply=True
        ),
        _assessed(
            "deletion_confirmed",
            _K.CHOICE,
            _S.SPREAD,
            words.DeletionConfirmation,
            may_not_apply=True,
        ),
        _assessed("backup", _K.CHOICE, _S.AVAILABILITY, words.Backup, may_not_apply=True),
        _assessed("unavailable_hours", _K.HOURS, _S.AVAILABILITY),
        _assessed("permanent_loss", _K.YES_NO, _S.AVAILABILITY),
        _assessed(
            "integrity_outcome",
            _K.CHOICE,
            _S.AVAILABILITY,
            words.IntegrityOutcome,
            may_not_apply=True,
        ),
        _assessed("effect_on_persons", _K.CHOICE, _S.EFFECTS, words.EffectOnPersons),
        _assessed("misuse_observed", _K.YES_NO, _S.EFFECTS),
        FactDefinition(
            "confidentiality_consequences", _K.CHOICES, _S.EFFECTS, form.ConfidentialityConsequence
        ),
        FactDefinition("integrity_consequences", _K.CHOICES, _S.EFFECTS, form.IntegrityConsequence),
        FactDefinition(
            "availability_consequences", _K.CHOICES, _S.EFFECTS, form.AvailabilityConsequence
        ),
        FactDefinition("harms", _K.CHOICES, _S.EFFECTS, form.Harm),
        FactDefinition("harms_details", _K.TEXT, _S.EFFECTS),
        FactDefinition("gravity", _K.CHOICE, _S.EFFECTS, form.Gravity),
        FactDefinition("measures_taken", _K.TEXT, _S.MEASURES),
        FactDefinition("measures_planned", _K.TEXT, _S.MEASURES),
        _assessed("later_measures_remove_high_risk", _K.YES_NO, _S.MEASURES),
        _assessed("direct_contact_disproportionate", _K.YES_NO, _S.MEASURES),
        FactDefinition("processors_involved", _K.TEXT, _S.OTHERS, may_not_apply=True),
        FactDefinition("cross_border", _K.YES_NO, _S.OTHERS),
        FactDefinition("cross_border_countries", _K.LINE, _S.OTHERS, may_not_apply=True),
        FactDefinition("eu_authorities", _K.LINE, _S.OTHERS, may_not_apply=True),
        FactDefinition("other_authorities", _K.TEXT, _S.OTHERS, may_not_apply=True),
        FactDefinition("police_report", _K.YES_NO, _S.OTHERS),
        # Asked by an authority's form alone, most of them by the EDPB's template.
        FactDefinition("discovered_by", _K.CHOICE, _S.FILING, form.Discovery),
        FactDefinition("subjects_details", _K.TEXT, _S.FILING),
        FactDefinition("security_measures", _K.CHOICES, _S.FILING, form.SecurityMeasure),
        FactDefinition("consequences_details", _K.TEXT, _S.FILING, may_not_apply=True),
        FactDefinition("risk_details", _K.TEXT, _S.FILING),
        FactDefinition("preventive_measures", _K.CHOICES, _S.FILING, form.SecurityMeasure),
        FactDefinition("communication_planned_on", _K.INSTANT, _S.FILING, may_not_apply=True),
        FactDefinition(
            "communication_means",
            _K.CHOICES,
            _S.FILING,
            form.CommunicationMeans,
            may_not_apply=True,
        ),
        FactDefinition("communication_details", _K.TEXT, _S.FILING, may_not_apply=True),
        FactDefinition("lead_authority", _K.LINE, _S.FILING, may_not_apply=True),
        FactDefinition("establishment_countries", _K.LINE, _S.FILING, may_not_apply=True),
        FactDefinition("persons_by_country", _K.TEXT, _S.FILING, may_not_apply=True),
        FactDefinition(
            "never_known", _K.CHOICES, _S.FILING, form.Undeterminable, may_not_apply=True
        ),
    )
}

ASSESSED_FACTS: tuple[str, ...] = tuple(key for key, fact in FACTS.items() if fact.assessed)


@dataclass(frozen=True)
class Answer:
    """A fact as it stands: its state, and its value where there is one."""

    state: FactState
    value: object = None

    @property
    def is_known(self) -> bool:
        """Whether there is a value to rely on, exact or estimated."""
        return self.state in (FactState.KNOWN, FactState.ESTIMATED)


def facts_for_assessment(answers: Mapping[str, Answer]) -> dict[str, object]:
    """The answers as the assessment takes them (the shape of facts.schema.json).

    A fact not asked is left out; one not known yet is None; one that does not apply
    is "not_applicable".
    """
    facts: dict[str, object] = {}
    for key in ASSESSED_FACTS:
        answer = answers.get(key)
        if answer is None or answer.state is FactState.NOT_ASKED:
            continue
        if answer.state is FactState.NOT_APPLICABLE:
            facts[key] = "not_applicable"
        else:
            facts[key] = answer.value if answer.is_known else None
    return facts
