"""ENISA's score for the facts of an incident, computed on what is known.

A number cannot say "perhaps", the verdict can (`duties`). So a fact not known yet is
assumed, and named in `assumed`: ordinary insight (no adjustment), the highest ease of
identification (ENISA keeps the highest), and everything else at its mildest.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from breachdesk.domain import enisa
from breachdesk.domain.enisa import Circumstances, DataContext, Level
from breachdesk.domain.risk_factors import LONG_WITHOUT_HOURS, MEANS_OF_PAYMENT, SPECIAL_CATEGORIES
from breachdesk.domain.situation import Range, Rank, Situation
from breachdesk.domain.vocabulary import DataCategory as Data


@dataclass(frozen=True)
class Adjustment:
    """Why a category's score differs from its class's base score."""

    category: str
    context: DataContext
    code: str
    points: int


@dataclass(frozen=True)
class Severity:
    """ENISA's severity: dpc 1-4, ei 0.25-1, cb 0-2, score 0.25-6."""

    dpc: int
    ei: float
    cb: Circumstances
    score: float
    level: Level
    flags: Mapping[str, bool]
    adjustments: tuple[Adjustment, ...]
    assumed: tuple[str, ...]

    def as_record(self) -> dict[str, object]:
        """JSON-safe: codes and numbers."""
        return {
            "dpc": self.dpc,
            "ei": self.ei,
            "cb": asdict(self.cb),
            "score": self.score,
            "level": self.level.value,
            "flags": dict(self.flags),
            "adjustments": [
                {**asdict(each), "context": each.context.value} for each in self.adjustments
            ],
            "assumed": list(self.assumed),
        }


CONTEXTS: Mapping[str, DataContext] = {
    **dict.fromkeys(
        (Data.LOCATION, Data.BEHAVIOUR, Data.PURCHASE_HISTORY, Data.COMMUNICATIONS),
        DataContext.BEHAVIOURAL,
    ),
    **dict.fromkeys(
        (
            Data.PAYMENT_CARD,
            Data.PAYMENT_CARD_PARTIAL,
            Data.BANK_ACCOUNT,
            Data.ECONOMIC,
            Data.TRANSACTIONS,
        ),
        DataContext.FINANCIAL,
    ),
    **dict.fromkeys(SPECIAL_CATEGORIES, DataContext.SENSITIVE),
}

# Identifiability, from negligible to direct, on ENISA's four levels.
EASE_OF_IDENTIFICATION = (0.25, 0.5, 0.75, 1.0)

# What bears on the score; the other facts bear on the duties alone.
SCORED_FACTS = frozenset(
    {
        "breach_types",
        "cause",
        "malicious_intent",
        "data",
        "data_insight",
        "vulnerable_subjects",
        "data_subjects",
        "identifiability",
        "context_reveals_sensitive",
        "exfiltration",
        "recipients",
        "backup",
        "unavailable_hours",
        "permanent_loss",
        "integrity_outcome",
        "misuse_observed",
    }
)


def severity_of(span: Range) -> Severity:
    """Score the facts, assuming what is not known as the module says."""
    situation = _assumed(span)
    score, adjustments = _highest_context(situation)
    ease = EASE_OF_IDENTIFICATION[situation.identifiability]
    circumstances = circumstances_of(situation)
    total = enisa.severity_score(score, ease, circumstances)
    return Severity(
        dpc=score,
        ei=ease,
        cb=circumstances,
        score=total,
        level=enisa.level_of(total),
        flags=_flags(situation, span),
        adjustments=adjustments,
        assumed=tuple(key for key in span.open_facts if key in SCORED_FACTS),
    )


def _assumed(span: Range) -> Situation:
    assumed = {"data_insight": Rank.ORDINARY, "identifiability": Rank.DIRECT}
    return span.best._replace(
        **{key: value for key, value in assumed.items() if key in span.open_facts}  # type: ignore[arg-type]
    )


def _highest_context(situation: Situation) -> tuple[int, tuple[Adjustment, ...]]:
    """DPC over all categories, with the adjustments of those that reach it."""
    scored = [_scored(category, situation) for category in sorted(situation.data)]
    best = max((score for score, _ in scored), default=enisa.LOWEST_CONTEXT)
    reached = tuple(
        adjustment for score, adjustment in scored if score == best and adjustment is not None
    )
    return best, reached


def _scored(category: str, situation: Situation) -> tuple[int, Adjustment | None]:
    context = _opened(situation) if category == Data.ACCESS_CREDENTIALS else _class_of(category)
    code = _ADJUST[context](category, situation)
    if code is None:
        return enisa.context_score(context), None
    points = enisa.ADJUSTMENTS[context][code]
    return enisa.context_score(context, code), Adjustment(category, context, code, points)


def _class_of(category: str) -> DataContext:
    return CONTEXTS.get(category, DataContext.SIMPLE)


def _opened(situation: Situation) -> DataContext:
    """Credentials take the class of what they open: the gravest of the other data."""
    opened = [_class_of(each) for each in situation.data if each != Data.ACCESS_CREDENTIALS]
    return max(opened, key=enisa.context_score, default=DataContext.SIMPLE)


def _adjust_simple(_: str, situation: Situation) -> str | None:
    exposed = situation.context_reveals_sensitive
    if exposed and situation.has_special_characteristics:
        return "personal_safety"
    if exposed:
        return "sensitive_assumptions"
    detailed = situation.data_insight == Rank.DETAILED
    return "social_or_financial_status" if detailed else None


def _adjust_behavioural(_: str, situation: Situation) -> str | None:
    if situation.context_reveals_sensitive:
        return "sensitive_profile"
    if situation.data_insight == Rank.DETAILED:
        return "detailed_profile"
    return "no_insight" if situation.data_insight <= Rank.LIMITED else None


def _adjust_financial(category: str, situation: Situation) -> str | None:
    if situation.data_insight == Rank.TRIVIAL:
        return "no_insight"
    if _can_pay(category, situation) or situation.data_insight == Rank.DETAILED:
        return "fraud_or_detailed_profile"
    bare = category in (Data.PAYMENT_CARD_PARTIAL, Data.BANK_ACCOUNT)
    return "little_insight" if bare or situation.data_insight == Rank.LIMITED else None


def _can_pay(category: str, situation: Situation) -> bool:
    """A usable card; or the way into an account, where transfers are possible."""
    opens = category == Data.ACCESS_CREDENTIALS and not situation.data.isdisjoint(MEANS_OF_PAYMENT)
    return category == Data.PAYMENT_CARD or opens


def _adjust_sensitive(_: str, situation: Situation) -> str | None:
    if situation.data_insight == Rank.TRIVIAL:
        return "no_insight"
    return "general_assumptions" if situation.data_insight == Rank.LIMITED else None


_ADJUST = {
    DataContext.SIMPLE: _adjust_simple,
    DataContext.BEHAVIOURAL: _adjust_behavioural,
    DataContext.FINANCIAL: _adjust_financial,
    DataContext.SENSITIVE: _adjust_sensitive,
}


def circumstances_of(situation: Situation) -> Circumstances:
    """CB of a situation, element by element."""
    return Circumstances(
        confidentiality=enisa.CONFIDENTIALITY[_spread(situation)],
        integrity=enisa.INTEGRITY[_altered(situation)],
        availability=enisa.AVAILABILITY[_unavailable(situation)],
        malicious=enisa.MALICIOUS_INTENT if situation.is_malicious else 0.0,
    )


def _spread(situation: Situation) -> str:
    left = situation.exfiltration >= Rank.LIKELY
    if Rank.ONE <= situation.recipients <= Rank.MANY and situation.exfiltration < Rank.PUBLISHED:
        return "known_recipients"
    if situation.recipients == Rank.PUBLIC or left:
        return "unknown_recipients"
    # Lost or stolen, or open to an intruder: exposed, until someone is seen to have used it.
    seen = situation.recipients == Rank.UNIDENTIFIED and (
        situation.misuse_observed or situation.exfiltration == Rank.POSSIBLE
    )
    return "unknown_recipients" if seen else "exposed"


def _altered(situation: Situation) -> str:
    if not situation.harms_integrity:
        return "no_misuse"
    return ("no_misuse", "misused_recoverable", "misused_unrecoverable")[
        situation.integrity_outcome
    ]


def _unavailable(situation: Situation) -> str:
    if not situation.harms_availability:
        return "easily_recovered"
    if situation.permanent_loss:
        return "full"
    slow = situation.unavailable_hours >= LONG_WITHOUT_HOURS
    return "temporary" if slow or situation.backup > Rank.AVAILABLE else "easily_recovered"


def _flags(situation: Situation, span: Range) -> Mapping[str, bool]:
    return {
        "over_100_individuals": situation.n_subjects > enisa.MANY_INDIVIDUALS,
        # At its best an unknown protection would be sure: claim it only where it is.
        "data_unintelligible": span.worst.is_unreadable,
    }
