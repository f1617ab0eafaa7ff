"""What is not known yet and could change a duty, gravest question first.

A fact matters if, somewhere between the best and the worst case, knowing it moves a
duty. We look from the standpoints of `_STANDPOINTS` and along one walk from the best
case to the worst, changing one fact at a time: where the two ends differ, a step of that
walk must differ, so a duty that depends always has its question.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from breachdesk.domain.situation import Codes, Range, Situation
from breachdesk.domain.verdict import Judgement

Judge = Callable[[Situation], Judgement]

NOTIFY = "notify_authority"
COMMUNICATE = "communicate_to_data_subjects"
INFORM_CONTROLLERS = "inform_controllers"


@dataclass(frozen=True)
class OpenQuestion:
    """A fact not known yet, and the duties that knowing it could change."""

    fact: str
    would_change: tuple[str, ...]


_HARM = frozenset(
    {
        "data",
        "data_insight",
        "credentials_protection",
        "data_subjects",
        "vulnerable_subjects",
        "identifiability",
        "context_reveals_sensitive",
        "n_subjects",
    }
)
_EXPOSURE = frozenset(
    {
        "data_unintelligible",
        "key_compromised",
        "exfiltration",
        "recipients",
        "recipient_trust",
        "deletion_confirmed",
        "access",
        "undetected_days",
        "cause",
        "malicious_intent",
    }
)
_AVAILABILITY = frozenset({"breach_types", "backup", "unavailable_hours", "permanent_loss"})
_INTEGRITY = frozenset({"breach_types", "integrity_outcome"})
_EVERYTHING = frozenset(Situation._fields)
# From where we look: these facts at their worst, all others at their best.
_STANDPOINTS: tuple[Codes, ...] = (
    frozenset(),
    _EVERYTHING,
    _HARM | _EXPOSURE,
    _EXPOSURE,
    _HARM,
    _AVAILABILITY,
    _INTEGRITY | _HARM,
)
# Facts that say the same by another way: at their worst they would hide each other.
_RIVALS: dict[str, Codes] = {
    "recipients": frozenset({"exfiltration", "access", "misuse_observed"}),
    "exfiltration": frozenset({"recipients", "access", "misuse_observed"}),
    "access": frozenset({"recipients", "exfiltration", "misuse_observed"}),
    "cause": frozenset({"malicious_intent"}),
    "malicious_intent": frozenset({"cause"}),
    "data_unintelligible": frozenset({"key_compromised"}),
    "key_compromised": frozenset({"data_unintelligible"}),
    "data": frozenset({"context_reveals_sensitive"}),
    "data_insight": frozenset({"context_reveals_sensitive"}),
    "context_reveals_sensitive": frozenset({"data"}),
    "data_subjects": frozenset({"vulnerable_subjects"}),
    "vulnerable_subjects": frozenset({"data_subjects"}),
    "n_subjects": frozenset({"data", "exfiltration", "context_reveals_sensitive"}),
}
_NO_RIVALS: Codes = frozenset()


def open_questions(span: Range, judge: Judge) -> tuple[OpenQuestion, ...]:
    """The facts worth finding out, in the order of what they could change."""
    best, worst = judge(span.best), judge(span.worst)
    if best.risk == worst.risk:
        return ()
    at = _Judged(span, judge)
    changes: dict[str, list[str]] = {}
    for fact, duty in (*_from_standpoints(span, at), *_along_the_walk(span, at)):
        changes.setdefault(fact, []).append(duty)
    return tuple(
        OpenQuestion(fact, tuple(duty for duty in (NOTIFY, COMMUNICATE) if duty in changes[fact]))
        for fact in sorted(changes, key=lambda fact: _weight(changes[fact]))
    )


def _weight(duties: list[str]) -> tuple[int, int]:
    # First what moves most duties, then what moves them from most standpoints.
    return -len(set(duties)), -len(duties)


class _Judged:
    """Judgements of a range, each made once."""

    def __init__(self, span: Range, judge: Judge) -> None:
        self._span, self._judge = span, judge
        self._made: dict[Codes, Judgement] = {}

    def __call__(self, at_worst: Codes) -> Judgement:
        if at_worst not in self._made:
            self._made[at_worst] = self._judge(self._span.between(at_worst))
        return self._made[at_worst]


def _from_standpoints(span: Range, at: _Judged) -> Iterator[tuple[str, str]]:
    open_facts = frozenset(span.open_facts)
    standpoints = {standpoint & open_facts: None for standpoint in _STANDPOINTS}
    for fact in span.open_facts:
        for standpoint in standpoints:
            others = standpoint - _RIVALS.get(fact, _NO_RIVALS) - {fact}
            yield from ((fact, duty) for duty in _moved(at(others), at(others | {fact})))


def _along_the_walk(span: Range, at: _Judged) -> Iterator[tuple[str, str]]:
    known_worst: Codes = frozenset()
    for fact in span.open_facts:
        further = known_worst | {fact}
        yield from ((fact, duty) for duty in _moved(at(known_worst), at(further)))
        known_worst = further


def _moved(mild: Judgement, grave: Judgement) -> Iterator[str]:
    if mild.must_notify != grave.must_notify:
        yield NOTIFY
    if mild.must_communicate != grave.must_communicate:
        yield COMMUNICATE
