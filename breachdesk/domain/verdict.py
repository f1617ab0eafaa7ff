"""How the factors combine: one page, from a situation without unknowns to the duties.

Confidentiality is weighed as harm against exposure (recital 76: severity and likelihood),
availability and integrity by what they do to people, and what has been seen to happen
counts by itself. The gravest of these is the risk. Numbers tip a scale that already
hangs in the balance and never decide alone (EDPB 9/2022, section IV.B).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from breachdesk.domain.risk_factors import (
    Exposure,
    Harm,
    Risk,
    alteration,
    exposure,
    harm,
    holders,
    is_telling,
    loss,
    time_without,
)
from breachdesk.domain.situation import Rank, Situation

# ENISA 2013, flag: more than 100 individuals. 9/2022 Annex B x: "a large number".
# Both figures are our choice.
MANY_PERSONS = 100
# The CNIL's widest band of persons concerned; 01/2021, case 11: over 100,000.
VERY_MANY_PERSONS = 5000


class Scale(StrEnum):
    """What tips a cell that hangs in the balance to the graver side, one step each."""

    MANY = "many"  # more than MANY_PERSONS
    VERY_MANY = "very_many"  # more than VERY_MANY_PERSONS, or everyone can read them
    ABROAD = "abroad"  # more than a short list among known people
    COVETED = "coveted"  # unknown ill will, perhaps, over more than VERY_MANY_PERSONS
    TELLING = "telling"  # the harm lies in knowing the data: no ill will is needed


_U, _R, _H = Risk.UNLIKELY, Risk.RISK, Risk.HIGH_RISK
# Rows: Harm. Columns: Exposure, from NONE to HOSTILE.
#   none contained recalled known open adverse hostile
CONFIDENTIALITY: dict[Harm, tuple[Risk, ...]] = {
    Harm.NIL: (_U, _U, _U, _U, _U, _U, _U),
    Harm.MINIMAL: (_U, _U, _U, _U, _U, _R, _R),
    Harm.SMALL: (_U, _U, _U, _U, _U, _R, _R),
    Harm.NOTABLE: (_U, _U, _U, _U, _R, _R, _H),
    Harm.SERIOUS: (_U, _U, _R, _R, _H, _H, _H),
    Harm.GRAVE: (_U, _U, _R, _R, _H, _H, _H),
}
IN_THE_BALANCE: dict[tuple[Harm, Exposure], tuple[Scale, ...]] = {
    (Harm.MINIMAL, Exposure.OPEN): (Scale.MANY,),
    (Harm.SMALL, Exposure.OPEN): (Scale.ABROAD, Scale.COVETED),
    (Harm.SMALL, Exposure.HOSTILE): (Scale.VERY_MANY,),
    (Harm.NOTABLE, Exposure.RECALLED): (Scale.TELLING,),
    (Harm.NOTABLE, Exposure.KNOWN): (Scale.TELLING,),
    (Harm.NOTABLE, Exposure.OPEN): (Scale.COVETED,),
    (Harm.GRAVE, Exposure.CONTAINED): (Scale.TELLING,),
    (Harm.GRAVE, Exposure.KNOWN): (Scale.TELLING,),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A situation judged: the two weights of confidentiality, and the risk over all."""

    harm: Harm
    exposure: Exposure
    risk: Risk

    @property
    def must_notify(self) -> bool:
        """GDPR Art. 33(1): unless the breach is unlikely to result in a risk."""
        return self.risk > Risk.UNLIKELY

    @property
    def must_communicate(self) -> bool:
        """GDPR Art. 34(1): where a high risk is likely. Exemptions are `duties`' matter."""
        return self.risk >= Risk.HIGH_RISK


def judge(situation: Situation) -> Judgement:
    """Weigh a situation: the gravest of five findings is its risk."""
    data_harm, data_exposure = harm(situation), exposure(situation)
    risk = max(
        disclosure(situation, data_harm, data_exposure),
        unavailability(situation),
        corruption(situation),
        effects_seen(situation),
        misuse_seen(situation),
    )
    return Judgement(data_harm, data_exposure, risk)


def disclosure(situation: Situation, data_harm: Harm, data_exposure: Exposure) -> Risk:
    """What people risk because others have, or may have, their data."""
    risk = CONFIDENTIALITY[data_harm][data_exposure]
    for scale in IN_THE_BALANCE.get((data_harm, data_exposure), ()):
        if TIPS[scale](situation):
            risk = Risk(risk + 1)
    return risk


def are_very_many(situation: Situation) -> bool:
    """Whether the data of very many people, or for everyone to read, are in ill hands."""
    return situation.n_subjects > VERY_MANY_PERSONS or holders(situation) == Rank.PUBLIC


def are_abroad(situation: Situation) -> bool:
    """Whether the data went beyond a short list shown among known people.

    9/2022 Annex B x: an open copy that reveals a minor number of addresses. Ill will, an
    exposure still open or a recipient nobody trusts is no such circle.
    """
    return (
        situation.n_subjects > MANY_PERSONS
        or situation.is_malicious
        or situation.access
        or situation.recipient_trust == Rank.HOSTILE
        or holders(situation) >= Rank.UNIDENTIFIED
    )


def are_coveted(situation: Situation) -> bool:
    """Whether unknown ill will may reach very many people at once (01/2021, case 11)."""
    return (
        situation.is_malicious
        and situation.n_subjects > VERY_MANY_PERSONS
        and situation.exfiltration >= Rank.POSSIBLE
        and holders(situation) >= Rank.UNIDENTIFIED
    )


TIPS: Mapping[Scale, Callable[[Situation], bool]] = {
    Scale.MANY: lambda situation: situation.n_subjects > MANY_PERSONS,
    Scale.VERY_MANY: are_very_many,
    Scale.ABROAD: are_abroad,
    Scale.COVETED: are_coveted,
    Scale.TELLING: is_telling,
}


def unavailability(situation: Situation) -> Risk:
    """What people risk because data are lost or out of reach, where they are."""
    if not situation.harms_availability:
        return Risk.UNLIKELY
    return max(loss(situation), time_without(situation))


def corruption(situation: Situation) -> Risk:
    """What people risk because data were altered, where they were."""
    return alteration(situation) if situation.harms_integrity else Risk.UNLIKELY


def effects_seen(situation: Situation) -> Risk:
    """Significant effects on people are no likelihood: they are there (recital 85)."""
    seen = situation.effect_on_persons >= Rank.SIGNIFICANT
    return Risk.HIGH_RISK if seen else Risk.UNLIKELY


def misuse_seen(situation: Situation) -> Risk:
    """Data in use against their purpose: the risk has come about (01/2021, case 8)."""
    return Risk.RISK if situation.misuse_observed else Risk.UNLIKELY
