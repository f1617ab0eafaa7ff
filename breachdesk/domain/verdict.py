"""How the factors combine: one page, from a situation without unknowns to the duties.

Confidentiality is weighed as harm against exposure (recital 76: severity and likelihood),
availability and integrity by what they do to people, and what has been seen to happen
counts by itself. The gravest of these is the risk. Numbers tip a scale that already
hangs in the balance and never decide alone (EDPB 9/2022, section IV.B).
"""

from dataclasses import dataclass
from enum import StrEnum

from breachdesk.domain.risk_factors import (
    Exposure,
    Harm,
    Risk,
    alteration,
    exposure,
    harm,
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
    """What tips a cell that hangs in the balance to the graver side."""

    MANY = "many"  # more than MANY_PERSONS
    VERY_MANY = "very_many"  # more than VERY_MANY_PERSONS, or the intruder published


_U, _R, _H = Risk.UNLIKELY, Risk.RISK, Risk.HIGH_RISK
# Rows: Harm. Columns: Exposure, from NONE to HOSTILE.
#   none contained recalled known open adverse hostile
CONFIDENTIALITY: dict[Harm, tuple[Risk, ...]] = {
    Harm.NIL: (_U, _U, _U, _U, _U, _U, _U),
    Harm.MINIMAL: (_U, _U, _U, _U, _U, _R, _R),
    Harm.SMALL: (_U, _U, _U, _U, _R, _R, _R),
    Harm.NOTABLE: (_U, _U, _R, _R, _R, _R, _H),
    Harm.SERIOUS: (_U, _U, _R, _R, _H, _H, _H),
    Harm.GRAVE: (_U, _R, _R, _H, _H, _H, _H),
}
# The cells that numbers tip: one step up.
IN_THE_BALANCE: dict[tuple[Harm, Exposure], Scale] = {
    (Harm.MINIMAL, Exposure.OPEN): Scale.MANY,
    (Harm.SMALL, Exposure.HOSTILE): Scale.VERY_MANY,
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
    scale = IN_THE_BALANCE.get((data_harm, data_exposure))
    if scale is not None and tips(situation, scale):
        return Risk(risk + 1)
    return risk


def tips(situation: Situation, scale: Scale) -> bool:
    """Whether the number of persons, or publication by the intruder, tips the balance."""
    if scale is Scale.MANY:
        return situation.n_subjects > MANY_PERSONS
    published = situation.exfiltration == Rank.PUBLISHED
    return published or situation.n_subjects > VERY_MANY_PERSONS


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
