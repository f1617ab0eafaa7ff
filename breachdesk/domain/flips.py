"""What would flip the decision: the smallest change of a fact that moves a duty.

Steps are those that a DPO would count: an ordered answer moves one place along the
vocabulary's order of gravity (`vocabulary.GRAVITY_ORDER`), a yes becomes a no, one
category comes or goes; a figure takes a step each time it doubles or halves. A change is
the smallest of its fact: one place less, or a figure nearer by one, and the duty stays. Of
the categories that all do, it is the one that changes the weight of the data least.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import log2
from typing import cast

from breachdesk.domain.answers import Answer
from breachdesk.domain.fact_schema import UNKNOWN, is_known
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.open_questions import COMMUNICATE, NOTIFY
from breachdesk.domain.risk_factors import Risk
from breachdesk.domain.rule_sets import GDPR, RuleSet
from breachdesk.domain.situation import Range, Situation, range_of
from breachdesk.domain.verdict import Judgement, judge
from breachdesk.domain.vocabulary import Cause

MOST_FLIPS = 3
# Art. 34(3)(b): the controller's to show, so a case that is silent does not claim it.
EXEMPTION = "later_measures_remove_high_risk"

# A year of hours, a century of days, more persons than France has: no figure is tried beyond.
_FIGURES: Mapping[str, range] = {
    "unavailable_hours": range(8_760 + 1),
    "undetected_days": range(36_500 + 1),
    "n_subjects": range(100_000_000 + 1),
}
# The same cause, meant and not meant: what was done from inside was not done from outside.
_OTHER_INTENT: Mapping[object, str] = {
    Cause.EXTERNAL_ACCIDENTAL: Cause.EXTERNAL_MALICIOUS.value,
    Cause.INTERNAL_ACCIDENTAL: Cause.INTERNAL_MALICIOUS.value,
    Cause.EXTERNAL_MALICIOUS: Cause.EXTERNAL_ACCIDENTAL.value,
    Cause.INTERNAL_MALICIOUS: Cause.INTERNAL_ACCIDENTAL.value,
    Cause.OTHER: Cause.EXTERNAL_MALICIOUS.value,
}

# A value of a fact, in the shape facts take, and how the rules read it.
_Step = tuple[object, object]


@dataclass(frozen=True)
class Flip:
    """A change of one fact (or, with `also`, of two) and what a duty then becomes.

    `value` is in the shape that facts take; for a list it is the whole new list. `becomes`
    is YES or NO, or DEPENDS where facts not known yet leave nothing surer in reach.
    """

    duty: str
    fact: str
    value: object
    becomes: Answer
    also: tuple[tuple[str, object], ...] = ()


def flips_of(facts: Mapping[str, object], rules: RuleSet = GDPR) -> tuple[Flip, ...]:
    """The smallest changes of known facts that move the duties which are certain.

    For each such duty: at most three changes of one fact to the other certain answer,
    smallest first; else changes that make it depend; else the smallest change of two facts;
    else none. A duty that depends has none: its open questions say what would move it.

    Args:
        facts: as `duties.assess` takes them, and valid.
        rules: the law to apply.
    """
    span = range_of(facts)
    low, high = judge(span.best).risk, judge(span.worst).risk
    exempt = facts.get(EXEMPTION) is True
    found: list[Flip] = []
    for duty, least, spared in (
        (NOTIFY, rules.notify_from, False),
        (COMMUNICATE, Risk.HIGH_RISK, exempt),
    ):
        answer = Answer.between(low >= least and not spared, high >= least and not spared)
        if answer is not Answer.DEPENDS:
            found += _for_duty(duty, least, answer, facts, span)
    return tuple(found)


def _for_duty(
    duty: str, least: Risk, answer: Answer, facts: Mapping[str, object], span: Range
) -> Sequence[Flip]:
    graver = answer is Answer.NO
    other = Answer.YES if graver else Answer.NO
    surely = _Search(duty, least, graver, other, facts, span.best if graver else span.worst)
    found = surely.single_flips()
    if not found and span.open_facts:
        side = span.worst if graver else span.best
        found = _Search(duty, least, graver, Answer.DEPENDS, facts, side).single_flips()
    return found or surely.pair()


@dataclass(frozen=True)
class _Way:
    """How far one fact can go in one direction.

    `values` and their `readings` (as `Situation` has them) are nearest first where
    `ordered`; `bound` is a reading as far as the farthest of them.
    """

    fact: str
    place: int
    values: Sequence[object]
    readings: Sequence[object]
    bound: object
    ordered: bool = True

    def size(self, index: int, start: object) -> float:
        """How many steps a DPO would count to the value at an index."""
        if not self.ordered:
            return 1
        if isinstance(self.values, range):
            return _doublings(start, self.values[index])
        return index + 1


_PLACES: Mapping[str, int] = {
    **{key: place for place, key in enumerate(Situation._fields)},
    EXEMPTION: len(Situation._fields),
}


class _Search:
    """The changes that carry one duty over, looked for at one end of the open facts."""

    def __init__(
        self,
        duty: str,
        least: Risk,
        graver: bool,
        becomes: Answer,
        facts: Mapping[str, object],
        side: Situation,
    ) -> None:
        self.duty, self.becomes = duty, becomes
        self._least, self._graver = least, graver
        self._state: tuple[object, ...] = (*side, _is_exempt(duty, facts))
        self._ways = tuple(_ways(duty, facts, self._state, graver))

    def single_flips(self) -> list[Flip]:
        """The changes of one fact that do, smallest first."""
        found = []
        for way in self._ways:
            index = self._nearest(way, self._state)
            if index is not None:
                found.append((way.size(index, self._state[way.place]), way, index))
        found.sort(key=lambda each: each[0])
        return [
            Flip(self.duty, way.fact, way.values[index], self.becomes)
            for _, way, index in found[:MOST_FLIPS]
        ]

    def pair(self) -> list[Flip]:
        """The smallest change of two facts that does, if there is one."""
        found = [each for ways in combinations(self._ways, 2) for each in self._pairs(*ways)]
        if not found:
            return []
        _, (first, one), (second, two) = min(found, key=lambda each: each[0])
        also = ((second.fact, second.values[two]),)
        return [Flip(self.duty, first.fact, first.values[one], self.becomes, also)]

    def _pairs(
        self, first: _Way, second: _Way
    ) -> Iterator[tuple[float, tuple[_Way, int], tuple[_Way, int]]]:
        """For each step of the first the least of the second, where both together do."""
        far = _with(self._state, second.place, second.bound)
        if not self._reaches(_with(far, first.place, first.bound)):
            return
        start = self._nearest(first, far)
        if start is None:
            return
        tried = [start] if isinstance(first.values, range) else range(len(first.values))
        for one in tried:
            two = self._nearest(second, _with(self._state, first.place, first.readings[one]))
            if two is not None:
                size = first.size(one, self._state[first.place])
                size += second.size(two, self._state[second.place])
                yield size, (first, one), (second, two)

    def _nearest(self, way: _Way, state: tuple[object, ...]) -> int | None:
        """The index of the least change along a way that does, from a state."""

        def does(reading: object) -> bool:
            return self._reaches(_with(state, way.place, reading))

        if not does(way.bound):
            return None
        if way.ordered:
            # The rules are monotone: what does not do comes first.
            return bisect_left(way.readings, True, key=does)
        doing = [index for index, reading in enumerate(way.readings) if does(reading)]
        return min(doing, key=lambda index: self._weight(way, index, state), default=None)

    def _weight(self, way: _Way, index: int, state: tuple[object, ...]) -> int:
        judged = _judged(_with(state, way.place, way.readings[index]))
        return judged.harm if self._graver else -judged.harm

    def _reaches(self, state: tuple[object, ...]) -> bool:
        owed = not state[-1] and _judged(state).risk >= self._least
        return owed is self._graver


def _is_exempt(duty: str, facts: Mapping[str, object]) -> bool:
    return duty == COMMUNICATE and facts.get(EXEMPTION) is True


def _with(state: tuple[object, ...], place: int, reading: object) -> tuple[object, ...]:
    return (*state[:place], reading, *state[place + 1 :])


def _judged(state: tuple[object, ...]) -> Judgement:
    return judge(Situation._make(state[:-1]))


def _doublings(start: object, end: object) -> float:
    """How often a figure doubles or halves on its way; a small change is a part of a step."""
    # Logarithms apart: a count may be longer than a division takes.
    return abs(log2(cast(float, end) + 1) - log2(cast(float, start) + 1))


def _ways(
    duty: str, facts: Mapping[str, object], state: tuple[object, ...], graver: bool
) -> Iterator[_Way]:
    """The ways of all known facts, in the order of the registry."""
    for fact in _IN_ORDER:
        if fact == EXEMPTION:
            if duty == COMMUNICATE and state[-1] is graver:
                yield _along(fact, [(not graver, not graver)])
        elif is_known(facts.get(fact)):
            way = _way(fact, facts[fact], state[_PLACES[fact]], graver)
            if way.values:
                yield way


def _way(fact: str, value: object, reading: object, graver: bool) -> _Way:
    if FACTS[fact].kind is FactKind.CHOICES:
        return _by_category(fact, value, reading, graver)  # type: ignore[arg-type]
    if fact in _FIGURES:
        # The rules are monotone: figures on the near side of this one never do.
        figures = _FIGURES[fact] if graver else _FIGURES[fact][::-1]
        return _Way(fact, _PLACES[fact], figures, figures, figures[-1])
    steps = [step for step in _ladder(fact) if _lies_beyond(step[1], reading, graver)]
    if fact == "cause":
        steps = [step for step in steps if step[0] == _OTHER_INTENT[value]]
    return _along(fact, steps if graver else steps[::-1])


def _lies_beyond(there: object, here: object, graver: bool) -> bool:
    beyond: bool = there > here if graver else there < here  # type: ignore[operator]
    return beyond


def _along(fact: str, steps: list[_Step]) -> _Way:
    readings = [reading for _, reading in steps]
    bound = readings[-1] if readings else None
    return _Way(fact, _PLACES[fact], [value for value, _ in steps], readings, bound)


def _by_category(fact: str, value: Sequence[str], reading: frozenset[str], graver: bool) -> _Way:
    """One category more, or one less; never none at all, for that says nothing yet."""
    known = [code for code in value if code != UNKNOWN]
    if graver:
        codes = [code.value for code in FACTS[fact].options or () if code != UNKNOWN]
        lists = [[*value, code] for code in codes if code not in known]
    else:
        lists = [[code for code in value if code != gone] for gone in known if len(known) > 1]
    # At its gravest a list known in part holds everything, whatever is said of it.
    settled = reading == frozenset(known)
    readings = [frozenset(each) - {UNKNOWN} if settled else reading for each in lists]
    if not readings:
        bound: object = reading
    else:
        bound = frozenset.union(*readings) if graver else frozenset.intersection(*readings)
    return _Way(fact, _PLACES[fact], lists, readings, bound, ordered=False)


@cache
def _ladder(fact: str) -> tuple[_Step, ...]:
    """The values of a fact with their readings, mildest first."""
    options = FACTS[fact].options
    values = [False, True] if options is None else [each.value for each in options]
    read = [(value, range_of({fact: value}).best[_PLACES[fact]]) for value in values]
    return tuple(sorted(read, key=lambda step: cast(int, step[1])))


_IN_ORDER = tuple(fact for fact in FACTS if fact in _PLACES)
