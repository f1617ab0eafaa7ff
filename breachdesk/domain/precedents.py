"""The nearest published cases, by what matters in law and not by how it happened.

Two cases are near when the same kind of person holds the same kind of power over people:
who has the data, what can be done with them, whether they can be read, what people went
without. Where the features of a case are not known yet, nothing is claimed about them.

Where the risks differ, the decisive difference is the one that makes them differ: with this
feature as in the precedent, and all else as here, the case has the precedent's risk. It is
found by judging the case so changed, never by a table of opinions.
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
Risks = tuple[Risk, Risk]


@dataclass(frozen=True)
class Difference:
    """A feature in which a case and a precedent part."""

    feature: str
    here: str
    there: str

    def as_record(self) -> dict[str, str]:
        """JSON-safe: codes only."""
        return {"feature": self.feature, "here": self.here, "there": self.there}


@dataclass(frozen=True)
class Resemblance:
    """How a case resembles a precedent; differences gravest first.

    `same_risk` is whether the risk is the same (or spans the same): the duties follow from
    it, the exemptions of Art. 34(3) and the law of the day aside. `decisive` is the difference
    that alone makes it another, a side that is not known being NOT_SAID; None where the risk
    is the same, where only several differences together explain it, or where too much of the
    case is open to tell.
    """

    precedent: Precedent
    shared: tuple[tuple[str, str], ...]
    differs: tuple[Difference, ...]
    same_risk: bool
    decisive: Difference | None

    def as_record(self) -> dict[str, object]:
        """JSON-safe: codes only."""
        return {
            "id": self.precedent.id,
            "verdict": {
                "notify_authority": self.precedent.notify_authority.value,
                "communicate_to_data_subjects": self.precedent.communicate_to_data_subjects.value,
            },
            "shared": [{"feature": name, "value": value} for name, value in self.shared],
            "differs": [each.as_record() for each in self.differs],
            "same_risk": self.same_risk,
            "decisive": self.decisive and self.decisive.as_record(),
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


@dataclass(frozen=True)
class _Feature:
    """A feature: how it is read, its weight in law, and the facts it rests on."""

    name: str
    read: Callable[[Situation, Judgement], str]
    weight: int
    facts: tuple[str, ...]


_INTENT = ("cause", "malicious_intent")
_HOLDER = ("recipients", "recipient_trust", "deletion_confirmed", "exfiltration", "access")
_POTENTIAL = ("data", "data_insight", "credentials_protection", "context_reveals_sensitive")
_FEATURES: tuple[_Feature, ...] = (
    _Feature(
        "holder",
        lambda s, j: j.exposure.name.lower(),
        5,
        (*_HOLDER, *_INTENT, "undetected_days"),
    ),
    _Feature("potential", _potential, 5, _POTENTIAL),
    _Feature(
        "readable",
        lambda s, j: "no" if s.is_unreadable else "yes",
        5,
        ("data_unintelligible", "key_compromised"),
    ),
    _Feature("time", _time, 4, ("unavailable_hours", "permanent_loss", "backup")),
    _Feature("nature", _nature, 3, ("breach_types",)),
    _Feature("effect", _effect, 3, ("effect_on_persons",)),
    _Feature(
        "recognisable",
        lambda s, j: "no" if s.identifiability == Rank.NEGLIGIBLE else "yes",
        3,
        ("identifiability",),
    ),
    _Feature("intent", lambda s, j: "malicious" if s.is_malicious else "accidental", 2, _INTENT),
    _Feature("misuse", lambda s, j: "yes" if s.misuse_observed else "no", 2, ("misuse_observed",)),
    _Feature(
        "persons",
        lambda s, j: "protected" if s.has_special_characteristics else "ordinary",
        1,
        ("data_subjects", "vulnerable_subjects"),
    ),
    _Feature("scale", _scale, 1, ("n_subjects",)),
)
_WEIGHTS: Mapping[str, int] = {each.name: each.weight for each in _FEATURES}
# A feature that open facts leave undecided, in a case or in a precedent.
NOT_SAID = "not_said"
# With more features undecided than this no single one decides, and looking takes long.
MOST_UNDECIDED = 4


@dataclass(frozen=True)
class Profile:
    """A case as it is compared: both readings of its facts, and its features in law.

    A feature is None where open facts leave it undecided.
    """

    best: Situation
    worst: Situation
    risks: Risks
    features: Features


def features_of(
    best: Situation, worst: Situation, judged_best: Judgement, judged_worst: Judgement
) -> Profile:
    """The profile of a case, from both readings of its facts and their judgements."""
    features: dict[str, str | None] = {}
    for each in _FEATURES:
        value = each.read(best, judged_best)
        features[each.name] = value if value == each.read(worst, judged_worst) else None
    return Profile(best, worst, (judged_best.risk, judged_worst.risk), features)


@cache
def _of_precedents() -> tuple[tuple[Precedent, Profile], ...]:
    return tuple((precedent, _profile(precedent)) for precedent in PRECEDENTS)


def _profile(precedent: Precedent) -> Profile:
    span = range_of(precedent.facts)
    return features_of(span.best, span.worst, judge(span.best), judge(span.worst))


def nearest(case: Profile, count: int) -> tuple[Resemblance, ...]:
    """The precedents that part least from a case, nearest first."""
    here = case.features
    ranked = sorted(
        _of_precedents(), key=lambda each: (_distance(here, each[1].features), each[0].id)
    )
    return tuple(_resemblance(case, *each) for each in ranked[:count])


def _distance(here: Features, there: Features) -> int:
    """Weights of what parts them; half where the case does not know its side yet.

    A feature that the precedent leaves open counts in full: it teaches nothing about it.
    """
    distance = 0
    for name, mine in here.items():
        if mine != there[name]:
            distance += _WEIGHTS[name] * (1 if mine is None else 2)
    return distance


def _resemblance(here: Profile, precedent: Precedent, there: Profile) -> Resemblance:
    pairs = [(name, mine, there.features[name]) for name, mine in here.features.items()]
    same = here.risks == there.risks
    return Resemblance(
        precedent,
        tuple((name, mine) for name, mine, theirs in pairs if mine is not None and mine == theirs),
        tuple(
            Difference(name, mine, theirs)
            for name, mine, theirs in pairs
            if mine is not None and theirs is not None and mine != theirs
        ),
        same,
        None if same else _decisive(here, there),
    )


def _decisive(here: Profile, there: Profile) -> Difference | None:
    """The first difference that alone, set as in the precedent, gives its risk."""
    if list(here.features.values()).count(None) > MOST_UNDECIDED:
        return None
    for feature in _FEATURES:
        mine, theirs = here.features[feature.name], there.features[feature.name]
        if mine == theirs and mine is not None:
            continue
        best = _set_as(here.best, there.best, feature.facts)
        least = judge(best).risk
        if least is not there.risks[0]:
            continue
        worst = _set_as(here.worst, there.worst, feature.facts)
        most = least if worst == best else judge(worst).risk
        if most is there.risks[1]:
            return Difference(feature.name, mine or NOT_SAID, theirs or NOT_SAID)
    return None


def _set_as(here: Situation, there: Situation, facts: tuple[str, ...]) -> Situation:
    return here._replace(**{fact: getattr(there, fact) for fact in facts})
