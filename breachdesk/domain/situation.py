"""The facts as the rules read them, at their best and at their worst.

Every rule is monotone: a graver fact never lowers a verdict. So the whole range of what
is not known yet lies between two situations, one with every unknown fact at its mildest
and one with every unknown fact at its gravest, and the verdict is certain where both
agree. "Not applicable" reads as a value between the two (the comments say which).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import NamedTuple

from breachdesk.domain import vocabulary as words
from breachdesk.domain.fact_schema import NOT_APPLICABLE, UNKNOWN, is_known
from breachdesk.domain.vocabulary import GRAVITY_ORDER

Codes = frozenset[str]


class Situation(NamedTuple):
    """Facts with nothing left open. Ordered facts are ranks: 0 is the mildest.

    Field names are the keys of the facts; `cause` is who meant it (Rank.NOT_MEANT ...).
    """

    breach_types: Codes
    cause: int
    malicious_intent: bool
    data: Codes
    data_insight: int
    credentials_protection: int
    data_subjects: Codes
    n_subjects: float
    vulnerable_subjects: bool
    identifiability: int
    context_reveals_sensitive: bool
    data_unintelligible: int
    key_compromised: bool
    exfiltration: int
    recipients: int
    recipient_trust: int
    deletion_confirmed: int
    access: bool
    undetected_days: float
    backup: int
    unavailable_hours: float
    permanent_loss: bool
    integrity_outcome: int
    effect_on_persons: int
    misuse_observed: bool

    @property
    def is_malicious(self) -> bool:
        """Whether someone meant harm: the intent as stated, or a malicious cause."""
        return self.malicious_intent or self.cause > Rank.NOT_MEANT

    @property
    def harms_integrity(self) -> bool:
        """Whether data were altered."""
        return words.BreachType.INTEGRITY in self.breach_types

    @property
    def harms_availability(self) -> bool:
        """Whether data were lost or out of reach."""
        return words.BreachType.AVAILABILITY in self.breach_types

    @property
    def has_special_characteristics(self) -> bool:
        """Whether the persons need more protection than most (recitals 38 and 75)."""
        return self.vulnerable_subjects or not self.data_subjects.isdisjoint(PROTECTED_PERSONS)

    @property
    def is_unreadable(self) -> bool:
        """Whether nobody who has the data can read them: encrypted, the key safe, no misuse.

        Misuse seen proves that what was thought unreadable has been read.
        """
        return not (self.data_unintelligible or self.key_compromised or self.misuse_observed)


# Recitals 38 and 75: children, vulnerable persons; soldiers for their physical safety
# (ENISA 2013, contextual factors of simple data).
PROTECTED_PERSONS: Codes = frozenset(
    {
        words.DataSubjectCategory.MINORS,
        words.DataSubjectCategory.VULNERABLE,
        words.DataSubjectCategory.MILITARY,
    }
)


class Rank:
    """The ranks that rules compare with; the orders are `vocabulary.GRAVITY_ORDER`."""

    # Ours, for the vocabulary orders no causes: an insider had lawful access and is known.
    NOT_MEANT, INSIDER, OUTSIDER = range(3)
    TRIVIAL, LIMITED, ORDINARY, DETAILED = range(4)
    STRONG_HASH, WEAK_HASH, NO_HASH = range(3)
    NEGLIGIBLE, HARDLY, INDIRECT, DIRECT = range(4)
    UNREADABLE, PARTLY_READABLE, READABLE = range(3)
    # No intruder: whether data left is then for the recipients to say.
    NO_INTRUDER, EXCLUDED, POSSIBLE, LIKELY, CONFIRMED, PUBLISHED = range(-1, 5)
    NOBODY, ONE, FEW, MANY, UNIDENTIFIED, PUBLIC = range(6)
    TRUSTED, NEUTRAL, HOSTILE = range(3)
    DELETED, KEPT = range(2)
    AVAILABLE, PARTIAL, NO_COPY = range(3)
    UNTOUCHED, MISUSED_RECOVERABLE, MISUSED_FOR_GOOD = range(3)
    NO_EFFECT, MINOR, SIGNIFICANT, CRITICAL = range(4)


@dataclass(frozen=True)
class _Reading:
    """How one fact is read, and its mildest and gravest values."""

    read: Callable[[object], object]
    mildest: object
    gravest: object


def _ranked(order: type[StrEnum], not_applicable: int = 0) -> _Reading:
    ranks: dict[object, int] = {code: rank for rank, code in enumerate(GRAVITY_ORDER[order])}
    ranks[NOT_APPLICABLE] = not_applicable
    return _Reading(ranks.__getitem__, 0, len(GRAVITY_ORDER[order]) - 1)


def _one_of(*grave: str) -> _Reading:
    return _Reading(lambda value: value in grave, False, True)


def _any_of(options: type[StrEnum]) -> _Reading:
    def known(value: object) -> Codes:
        return frozenset(value) - {UNKNOWN}  # type: ignore[call-overload, no-any-return]

    return _Reading(known, frozenset(), frozenset(options) - {UNKNOWN})


_MEANT_BY: Mapping[object, int] = {
    words.Cause.INTERNAL_MALICIOUS: Rank.INSIDER,
    words.Cause.EXTERNAL_MALICIOUS: Rank.OUTSIDER,
}

_FLAG = _Reading(bool, False, True)
_AMOUNT = _Reading(lambda value: value, 0, inf)

_READINGS: Mapping[str, _Reading] = {
    "breach_types": _any_of(words.BreachType),
    "cause": _Reading(
        lambda value: _MEANT_BY.get(value, Rank.NOT_MEANT), Rank.NOT_MEANT, Rank.OUTSIDER
    ),
    "malicious_intent": _FLAG,
    "data": _any_of(words.DataCategory),
    "data_insight": _ranked(words.DataInsight),
    # Credentials without a stored hash: whoever got them has them in clear.
    "credentials_protection": _ranked(words.CredentialsProtection, Rank.NO_HASH),
    "data_subjects": _any_of(words.DataSubjectCategory),
    "n_subjects": _AMOUNT,
    "vulnerable_subjects": _FLAG,
    "identifiability": _ranked(words.Identifiability),
    "context_reveals_sensitive": _FLAG,
    "data_unintelligible": _ranked(words.Unintelligibility),
    "key_compromised": _one_of(words.KeyCompromise.YES),
    "exfiltration": _ranked(words.Exfiltration, Rank.NO_INTRUDER),
    "recipients": _ranked(words.RecipientScope),
    "recipient_trust": _ranked(words.RecipientTrust, Rank.NEUTRAL),
    "deletion_confirmed": _ranked(words.DeletionConfirmation, Rank.KEPT),
    "access": _one_of(words.AccessState.ONGOING),
    "undetected_days": _AMOUNT,
    "backup": _ranked(words.Backup),
    "unavailable_hours": _AMOUNT,
    "permanent_loss": _FLAG,
    "integrity_outcome": _ranked(words.IntegrityOutcome),
    "effect_on_persons": _ranked(words.EffectOnPersons),
    "misuse_observed": _FLAG,
}


@dataclass(frozen=True)
class Range:
    """Where the truth lies: between `best` and `worst`, which differ in `open_facts`."""

    best: Situation
    worst: Situation
    open_facts: tuple[str, ...]


def range_of(facts: Mapping[str, object]) -> Range:
    """Read valid facts (see `fact_schema.faults_of`) into their best and worst situations."""
    best: list[object] = []
    worst: list[object] = []
    open_facts: list[str] = []
    for key, reading in _READINGS.items():
        value = facts.get(key)
        if not is_known(value):
            mild, grave = reading.mildest, reading.gravest
        else:
            mild = grave = reading.read(value)
            if isinstance(value, list | tuple) and UNKNOWN in value:
                grave = reading.gravest
        best.append(mild)
        worst.append(grave)
        if mild != grave:
            open_facts.append(key)
    return Range(Situation(*best), Situation(*worst), tuple(open_facts))  # type: ignore[arg-type]
