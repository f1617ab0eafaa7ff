"""The nearest published cases, by what matters in law and not by how it happened.

Two cases are near when the same kind of person holds the same kind of power over people:
who has the data, what can be done with them, whether they can be read, what people went
without. Where the features of a case are not known yet, nothing is claimed about them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from breachdesk.domain.published_cases import PRECEDENTS, Precedent
from breachdesk.domain.risk_factors import (
    IDENTITY_PROOF,
    MEANS_OF_PAYMENT,
    REVEALS,
    SPECIAL_CATEGORIES,
    Harm,
    Risk,
    highest_of,
    loss,
    time_without,
)
from breachdesk.domain.situation import Rank, Situation, range_of
from breachdesk.domain.verdict import MANY_PERSONS, Judgement, judge
from breachdesk.domain.vocabulary import DataCategory as Data

Features = Mapping[str, str | None]


@dataclass(frozen=True)
class Difference:
    """A feature in which a case and a precedent part."""

    feature: str
    here: str
    there: str


@dataclass(frozen=True)
class Resemblance:
    """How a case resembles a precedent; differences gravest first."""

    precedent: Precedent
    shared: tuple[tuple[str, str], ...]
    differs: tuple[Difference, ...]

    def as_record(self) -> dict[str, object]:
        """JSON-safe: codes only."""
        return {
            "id": self.precedent.id,
            "verdict": {
                "notify_authority": self.precedent.notify_authority.value,
                "communicate_to_data_subjects": self.precedent.communicate_to_data_subjects.value,
            },
            "shared": [{"feature": name, "value": value} for name, value in self.shared],
            "differs": [
                {"feature": each.feature, "here": each.here, "there": each.there}
                for each in self.differs
            ],
        }


def _nature(s: Situation, _: Judgement) -> str:
    return "+".join(sorted(s.breach_types)) or "none"


def _potential(s: Situation, _: Judgement) -> str:
    """The worst that the kinds of data allow."""
    if not s.data.isdisjoint(SPECIAL_CATEGORIES) and s.data_insight > Rank.TRIVIAL:
        return "special"
    if s.context_reveals_sensitive:
        return "special"
    if not s.data.isdisjoint(IDENTITY_PROOF):
        return "identity_theft"
    if not s.data.isdisjoint(MEANS_OF_PAYMENT):
        return "fraud"
    if Data.ACCESS_CREDENTIALS in s.data:
        return "credentials"
    level = highest_of(REVEALS, s.data)
    if level >= Harm.SERIOUS and s.data_insight > Rank.TRIVIAL:
        return "private_life"
    return "personal_life" if level == Harm.NOTABLE else "everyday"


def _time(s: Situation, _: Judgement) -> str:
    if not s.harms_availability:
        return "nothing_lost"
    if loss(s) > Risk.UNLIKELY:
        return "lost"
    return "long" if time_without(s) > Risk.UNLIKELY else "brief"


def _effect(s: Situation, _: Judgement) -> str:
    felt = s.effect_on_persons
    return "serious" if felt >= Rank.SIGNIFICANT else "slight" if felt == Rank.MINOR else "none"


def _scale(s: Situation, _: Judgement) -> str:
    return "one" if s.n_subjects <= 1 else "many" if s.n_subjects > MANY_PERSONS else "some"


# Feature, how it is read, and its weight in law.
_FEATURES: tuple[tuple[str, Callable[[Situation, Judgement], str], int], ...] = (
    ("holder", lambda s, j: j.exposure.name.lower(), 5),
    ("potential", _potential, 5),
    ("readable", lambda s, j: "no" if s.is_unreadable else "yes", 5),
    ("time", _time, 4),
    ("nature", _nature, 3),
    ("effect", _effect, 3),
    ("recognisable", lambda s, j: "no" if s.identifiability == Rank.NEGLIGIBLE else "yes", 3),
    ("intent", lambda s, j: "malicious" if s.is_malicious else "accidental", 2),
    ("misuse", lambda s, j: "yes" if s.misuse_observed else "no", 2),
    ("persons", lambda s, j: "protected" if s.has_special_characteristics else "ordinary", 1),
    ("scale", _scale, 1),
)
_WEIGHTS: Mapping[str, int] = {name: weight for name, _, weight in _FEATURES}


def features_of(
    best: Situation, worst: Situation, judged_best: Judgement, judged_worst: Judgement
) -> Features:
    """The features of a case in law; None where its open facts leave one undecided."""
    found: dict[str, str | None] = {}
    for name, read, _ in _FEATURES:
        value = read(best, judged_best)
        found[name] = value if value == read(worst, judged_worst) else None
    return found


@cache
def _of_precedents() -> tuple[tuple[Precedent, Features], ...]:
    return tuple((precedent, _features(precedent)) for precedent in PRECEDENTS)


def _features(precedent: Precedent) -> Features:
    span = range_of(precedent.facts)
    return features_of(span.best, span.worst, judge(span.best), judge(span.worst))


def nearest(features: Features, count: int) -> tuple[Resemblance, ...]:
    """The precedents that part least from these features, nearest first."""
    ranked = sorted(_of_precedents(), key=lambda each: (_distance(features, each[1]), each[0].id))
    return tuple(_resemblance(features, *each) for each in ranked[:count])


def _distance(here: Features, there: Features) -> int:
    """Weights of what parts them; half where one side is not known."""
    distance = 0
    for name, mine in here.items():
        theirs = there[name]
        if mine != theirs:
            distance += _WEIGHTS[name] * (1 if mine is None or theirs is None else 2)
    return distance


def _resemblance(here: Features, precedent: Precedent, there: Features) -> Resemblance:
    known = [
        (name, mine, theirs)
        for name, mine in here.items()
        if mine is not None and (theirs := there[name]) is not None
    ]
    return Resemblance(
        precedent,
        tuple((name, mine) for name, mine, theirs in known if mine == theirs),
        tuple(Difference(name, mine, theirs) for name, mine, theirs in known if mine != theirs),
    )
