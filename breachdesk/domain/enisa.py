"""ENISA's severity of a breach: SE = DPC x EI + CB, its tables as data.

DPC is the context of the data (1 to 4), EI the ease of identification (0.25 to 1), CB the
circumstances of the breach (0 to 2). The score informs and does not decide: the document
predates the GDPR and sets no threshold for any duty.

Source: ENISA, Recommendations for a methodology of the assessment of severity of personal
data breaches, working document v1.0, December 2013, doi 10.2824/27590.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DataContext(StrEnum):
    """ENISA's four classes of data. Credentials have none: they take what they open."""

    SIMPLE = "simple"
    BEHAVIOURAL = "behavioural"
    FINANCIAL = "financial"
    SENSITIVE = "sensitive"


class Level(StrEnum):
    """The bands of the score."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


BASE_SCORES: Mapping[DataContext, int] = {
    DataContext.SIMPLE: 1,
    DataContext.BEHAVIOURAL: 2,
    DataContext.FINANCIAL: 3,
    DataContext.SENSITIVE: 4,
}
LOWEST_CONTEXT, HIGHEST_CONTEXT = 1, 4

# Annex 1. Each adjustment has its code, for it must be explained.
# On "sensitive, no insight" the document prints "decreased by 1" beside the score 1, which
# is three less than 4: the score is meant.
ADJUSTMENTS: Mapping[DataContext, Mapping[str, int]] = {
    DataContext.SIMPLE: {
        "social_or_financial_status": 1,
        "sensitive_assumptions": 2,
        "personal_safety": 3,
    },
    DataContext.BEHAVIOURAL: {
        "no_insight": -1,
        "detailed_profile": 1,
        "sensitive_profile": 2,
    },
    DataContext.FINANCIAL: {
        "no_insight": -2,
        "little_insight": -1,
        "fraud_or_detailed_profile": 1,
    },
    DataContext.SENSITIVE: {
        "no_insight": -3,
        "general_assumptions": -2,
        "sensitive_assumptions": -1,
    },
}

# Section 3.1.3: points of the circumstances.
CONFIDENTIALITY: Mapping[str, float] = {
    "exposed": 0.0,
    "known_recipients": 0.25,
    "unknown_recipients": 0.5,
}
INTEGRITY: Mapping[str, float] = {
    "no_misuse": 0.0,
    "misused_recoverable": 0.25,
    "misused_unrecoverable": 0.5,
}
AVAILABILITY: Mapping[str, float] = {
    "easily_recovered": 0.0,
    "temporary": 0.25,
    "full": 0.5,
}
MALICIOUS_INTENT = 0.5

# Lower bounds of the bands, highest first.
LEVEL_BOUNDS: tuple[tuple[float, Level], ...] = (
    (4, Level.VERY_HIGH),
    (3, Level.HIGH),
    (2, Level.MEDIUM),
    (0, Level.LOW),
)

# Flag "more than 100 individuals": it changes no score.
MANY_INDIVIDUALS = 100


@dataclass(frozen=True)
class Circumstances:
    """CB, by its four elements; `total` is at most 2."""

    confidentiality: float = 0.0
    integrity: float = 0.0
    availability: float = 0.0
    malicious: float = 0.0

    @property
    def total(self) -> float:
        """The sum of the four elements."""
        return self.confidentiality + self.integrity + self.availability + self.malicious


def context_score(context: DataContext, *adjustments: str) -> int:
    """DPC of one class of data with its adjustments, kept from 1 to 4.

    Raises:
        KeyError: the class knows no such adjustment.
    """
    score = BASE_SCORES[context] + sum(ADJUSTMENTS[context][code] for code in adjustments)
    return min(max(score, LOWEST_CONTEXT), HIGHEST_CONTEXT)


def severity_score(context: int, identification: float, circumstances: Circumstances) -> float:
    """SE, from 0.25 to 6."""
    return context * identification + circumstances.total


def level_of(score: float) -> Level:
    """The band of a score; a bound belongs to the band above it."""
    return next(level for bound, level in LEVEL_BOUNDS if score >= bound)
