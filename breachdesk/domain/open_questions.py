"""What is not known yet and could change a duty, gravest question first.

A fact matters if there is a completion of the others in which knowing it moves a duty.
We look at each from standpoints: all else at its mildest, all else at its gravest, and
ordinary stories. Then we walk from the mildest case to the gravest, one fact at a
time: where the two ends differ a step of the walk must differ, so a duty that depends
always has its question.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from breachdesk.domain.risk_factors import LONG_WITHOUT_HOURS, Risk
from breachdesk.domain.situation import Range, Rank, Situation
from breachdesk.domain.verdict import VERY_MANY_PERSONS, Judgement
from breachdesk.domain.vocabulary import BreachType
from breachdesk.domain.vocabulary import DataCategory as Data

Judge = Callable[[Situation], Judgement]
Values = list[object]
# A fact, and the risk with it at its mildest and at its gravest.
_Step = tuple[str, Risk, Risk]

NOTIFY = "notify_authority"
COMMUNICATE = "communicate_to_data_subjects"
INFORM_CONTROLLERS = "inform_controllers"


@dataclass(frozen=True)
class OpenQuestion:
    """A fact not known yet, and the duties that knowing it could change."""

    fact: str
    would_change: tuple[str, ...]


_POSITION: Mapping[str, int] = {key: place for place, key in enumerate(Situation._fields)}

# With more facts open than this, each would be hidden at the gravest end by the others.
FEW = 8

# An ordinary story: data in the open, of many people, no ill will. Facts not named are at
# their mildest.
_ORDINARY: Mapping[str, object] = {
    "data": frozenset({Data.CIVIL_STATUS, Data.CONTACT}),
    "data_insight": Rank.ORDINARY,
    "identifiability": Rank.DIRECT,
    "data_unintelligible": Rank.READABLE,
    "recipients": Rank.UNIDENTIFIED,
    "recipient_trust": Rank.NEUTRAL,
    "n_subjects": VERY_MANY_PERSONS + 1,
}
# The same with graver data.
_SERIOUS: Mapping[str, object] = {**_ORDINARY, "data": frozenset({Data.ECONOMIC})}
# Nobody has the data; half a copy, a day without.
_OUT_OF_REACH: Mapping[str, object] = {
    "breach_types": frozenset({BreachType.AVAILABILITY}),
    "backup": Rank.PARTIAL,
    "unavailable_hours": LONG_WITHOUT_HOURS,
}
_ABOUT_ACCESS_TO_DATA = frozenset({"breach_types", "backup", "unavailable_hours"})

# Facts that say the same by another way: left as they are they would hide each other.
_RIVALS: Mapping[str, tuple[str, ...]] = {
    "recipients": ("exfiltration", "access"),
    "exfiltration": ("recipients", "access"),
    "access": ("recipients", "exfiltration"),
    "cause": ("malicious_intent",),
    "malicious_intent": ("cause",),
    "key_compromised": ("data_unintelligible",),
    "context_reveals_sensitive": ("data", "n_subjects"),
    # Of very many persons even addresses are a risk: that would hide what else they are.
    "data": ("n_subjects",),
    "data_insight": ("n_subjects",),
    "n_subjects": ("data",),
}


def open_questions(
    span: Range, judge: Judge, notify_from: Risk = Risk.RISK
) -> tuple[OpenQuestion, ...]:
    """The facts worth finding out, in the order of what they could change.

    Args:
        span: the facts between their mildest and their gravest reading.
        judge: weighs a situation.
        notify_from: the least risk that the authority is told of (`rule_sets`).
    """
    ends = judge(span.best).risk, judge(span.worst).risk
    if ends[0] == ends[1]:
        return ()
    changes: dict[str, list[str]] = {}
    for fact, mild, grave in (
        *_from_the_ends(span, ends, judge),
        *_from_stories(span, judge),
        *_along_the_walk(span, ends[0], judge),
    ):
        if mild != grave:
            changes.setdefault(fact, []).extend(_moved(mild, grave, notify_from))
    return tuple(
        OpenQuestion(fact, tuple(duty for duty in (NOTIFY, COMMUNICATE) if duty in changes[fact]))
        for fact in sorted(changes, key=lambda fact: _weight(fact, changes[fact]))
        if changes[fact]
    )


def _weight(fact: str, duties: list[str]) -> tuple[int, int, int]:
    # First what moves most duties, then what moves them from most standpoints.
    return -len(set(duties)), -len(duties), _POSITION[fact]


def _moved(mild: Risk, grave: Risk, notify_from: Risk) -> Iterator[str]:
    if mild < notify_from <= grave:
        yield NOTIFY
    if mild < Risk.HIGH_RISK <= grave:
        yield COMMUNICATE


def _from_the_ends(span: Range, ends: tuple[Risk, Risk], judge: Judge) -> Iterator[_Step]:
    """All else at its mildest; and, where few facts are open, all else at its gravest."""
    for fact, risk in _movers(span.open_facts, span.best, span.worst, ends[0], judge):
        yield fact, ends[0], risk
    if len(span.open_facts) <= FEW:
        for fact, risk in _movers(span.open_facts, span.worst, span.best, ends[1], judge):
            yield fact, risk, ends[1]


def _movers(
    facts: Sequence[str], here: Situation, there: Situation, risk: Risk, judge: Judge
) -> Iterator[tuple[str, Risk]]:
    """The facts that alone, set as there, move the risk from what it is here.

    Halved and halved again: the rules are monotone, so where many facts together move
    nothing, none of them does.
    """
    values: Values = list(here)
    for fact in facts:
        values[_POSITION[fact]] = there[_POSITION[fact]]
    moved = judge(Situation._make(values)).risk
    if moved is risk:
        return
    if len(facts) == 1:
        yield facts[0], moved
        return
    middle = len(facts) // 2
    yield from _movers(facts[:middle], here, there, risk, judge)
    yield from _movers(facts[middle:], here, there, risk, judge)


def _from_stories(span: Range, judge: Judge) -> Iterator[_Step]:
    spread = [_Story(span, told, judge) for told in (_ORDINARY, _SERIOUS)]
    without = [_Story(span, _OUT_OF_REACH, judge)]
    for fact in span.open_facts:
        for story in without if fact in _ABOUT_ACCESS_TO_DATA else spread:
            yield fact, *story.risks_of(fact)


class _Story:
    """The facts as known, and as a story has them where they are open."""

    def __init__(self, span: Range, told: Mapping[str, object], judge: Judge) -> None:
        self._span, self._judge = span, judge
        self._values: Values = list(span.best)
        for fact in span.open_facts:
            if fact in told:
                place = _POSITION[fact]
                said, known = told[fact], span.best[place]
                # A list known in part keeps what is known.
                self._values[place] = said | known if isinstance(known, frozenset) else said  # type: ignore[operator]
        self._risk = judge(Situation._make(self._values)).risk

    def risks_of(self, fact: str) -> tuple[Risk, Risk]:
        """The risk of the story with a fact at its mildest, and at its gravest."""
        place = _POSITION[fact]
        values = self._values.copy()
        for rival in _RIVALS.get(fact, ()):
            values[_POSITION[rival]] = self._span.best[_POSITION[rival]]
        mild = self._with(values, place, self._span.best[place])
        if mild is Risk.HIGH_RISK:
            # Monotone: no graver fact can raise it, and none lowers it.
            return mild, mild
        return mild, self._with(values, place, self._span.worst[place])

    def _with(self, values: Values, place: int, value: object) -> Risk:
        values[place] = value
        # Most facts stand in the story as they are asked for: it was judged once.
        if values == self._values:
            return self._risk
        return self._judge(Situation._make(values)).risk


def _along_the_walk(span: Range, start: Risk, judge: Judge) -> Iterator[_Step]:
    """From the mildest to the gravest, one fact at a time: the steps at which the risk rises."""
    gone, here = 0, start
    while here < Risk.HIGH_RISK and gone < len(span.open_facts):
        gone += bisect_right(
            range(gone + 1, len(span.open_facts)),
            here,
            key=lambda steps: _risk_after(steps, span, judge),
        )
        there = _risk_after(gone + 1, span, judge)
        yield span.open_facts[gone], here, there
        gone, here = gone + 1, there


def _risk_after(steps: int, span: Range, judge: Judge) -> Risk:
    values: Values = list(span.best)
    for fact in span.open_facts[:steps]:
        values[_POSITION[fact]] = span.worst[_POSITION[fact]]
    return judge(Situation._make(values)).risk
