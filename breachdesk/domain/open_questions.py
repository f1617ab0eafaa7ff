"""What is not known yet and could change a duty, gravest question first.

A fact matters if there is a completion of the others in which knowing it moves a duty.
We look at each from standpoints: all else at its mildest, all else at its gravest, and
ordinary stories. Then we walk from the mildest case to the gravest, one fact at a
time: where the two ends differ a step of the walk must differ, so a duty that depends
always has its question.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from breachdesk.domain.risk_factors import LONG_WITHOUT_HOURS
from breachdesk.domain.situation import Range, Rank, Situation
from breachdesk.domain.verdict import VERY_MANY_PERSONS, Judgement
from breachdesk.domain.vocabulary import BreachType
from breachdesk.domain.vocabulary import DataCategory as Data

Judge = Callable[[Situation], Judgement]
Values = list[object]

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
    "context_reveals_sensitive": ("data",),
    "n_subjects": ("data",),
}


def open_questions(span: Range, judge: Judge) -> tuple[OpenQuestion, ...]:
    """The facts worth finding out, in the order of what they could change."""
    ends = judge(span.best), judge(span.worst)
    if ends[0].risk == ends[1].risk:
        return ()
    changes: dict[str, list[str]] = {}
    for fact, duty in (*_from_standpoints(span, ends, judge), *_along_the_walk(span, judge)):
        changes.setdefault(fact, []).append(duty)
    return tuple(
        OpenQuestion(fact, tuple(duty for duty in (NOTIFY, COMMUNICATE) if duty in changes[fact]))
        for fact in sorted(changes, key=lambda fact: _weight(changes[fact]))
    )


def _weight(duties: list[str]) -> tuple[int, int]:
    # First what moves most duties, then what moves them from most standpoints.
    return -len(set(duties)), -len(duties)


def _from_standpoints(
    span: Range, ends: tuple[Judgement, Judgement], judge: Judge
) -> Iterator[tuple[str, str]]:
    spread = [_told(span, story) for story in (_ORDINARY, _SERIOUS)]
    without = [_told(span, _OUT_OF_REACH)]
    for fact in span.open_facts:
        place = _POSITION[fact]
        mild, grave = span.best[place], span.worst[place]
        alone = judge(_with(list(span.best), place, grave))
        yield from ((fact, duty) for duty in _moved(ends[0], alone))
        if len(span.open_facts) <= FEW:
            spared = judge(_with(list(span.worst), place, mild))
            yield from ((fact, duty) for duty in _moved(spared, ends[1]))
        for story in without if fact in _ABOUT_ACCESS_TO_DATA else spread:
            others = _without_rivals(story, fact, span)
            milder, graver = (judge(_with(others, place, value)) for value in (mild, grave))
            yield from ((fact, duty) for duty in _moved(milder, graver))


def _told(span: Range, story: Mapping[str, object]) -> Values:
    """The facts as known, and as the story has them where they are open."""
    values: Values = list(span.best)
    for fact in span.open_facts:
        if fact in story:
            place = _POSITION[fact]
            told, known = story[fact], span.best[place]
            # A list known in part keeps what is known.
            values[place] = told | known if isinstance(known, frozenset) else told  # type: ignore[operator]
    return values


def _without_rivals(story: Values, fact: str, span: Range) -> Values:
    values = story.copy()
    for rival in _RIVALS.get(fact, ()):
        values[_POSITION[rival]] = span.best[_POSITION[rival]]
    return values


def _along_the_walk(span: Range, judge: Judge) -> Iterator[tuple[str, str]]:
    values: Values = list(span.best)
    here = judge(span.best)
    for fact in span.open_facts:
        place = _POSITION[fact]
        there = judge(_with(values, place, span.worst[place]))
        yield from ((fact, duty) for duty in _moved(here, there))
        here = there
        if here.must_communicate:
            return


def _with(values: Values, place: int, value: object) -> Situation:
    """The situation of these values with one of them set, in place."""
    values[place] = value
    return Situation._make(values)


def _moved(mild: Judgement, grave: Judgement) -> Iterator[str]:
    if mild.must_notify != grave.must_notify:
        yield NOTIFY
    if mild.must_communicate != grave.must_communicate:
        yield COMMUNICATE
