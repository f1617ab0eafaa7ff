"""What the assessment takes as facts, and every fault of what it is given.

The shape follows from the registry (`domain.facts.FACTS`) and the vocabulary: no second
schema to keep. A key left out, null or "unknown" means: not known yet. In a list,
"unknown" among others means: perhaps more; an empty list says nothing yet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from breachdesk.domain.facts import ASSESSED_FACTS, FACTS, FactDefinition, FactKind

UNKNOWN = "unknown"
NOT_APPLICABLE = "not_applicable"


class FaultKind(StrEnum):
    """What is wrong with a fact."""

    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_KEY = "unknown_key"
    MAY_NOT_BE_NOT_APPLICABLE = "may_not_be_not_applicable"
    NOT_AN_OPTION = "not_an_option"
    NOT_A_LIST = "not_a_list"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_A_COUNT = "not_a_count"
    NOT_A_DURATION = "not_a_duration"


@dataclass(frozen=True)
class FactFault:
    """One fault: the key it is about, its kind, the value given (as text, cut short)."""

    key: str
    kind: FaultKind
    value: str = ""


def is_known(value: object) -> bool:
    """Whether there is an answer at all. A list that also says "unknown" is one, in part."""
    return value is not None and value != UNKNOWN and value != []


def faults_of(facts: object) -> tuple[FactFault, ...]:
    """Every fault of the facts at once, in the order of the registry, strangers last."""
    if not isinstance(facts, Mapping):
        return (FactFault("(facts)", FaultKind.NOT_AN_OBJECT, _short(facts)),)
    found = [
        FactFault(key, kind, _short(facts[key]))
        for key in ASSESSED_FACTS
        if key in facts and (kind := _fault(FACTS[key], facts[key])) is not None
    ]
    strangers = sorted(str(key) for key in facts if key not in _ASSESSED)
    return (*found, *(FactFault(key, FaultKind.UNKNOWN_KEY) for key in strangers))


_ASSESSED = frozenset(ASSESSED_FACTS)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _fault(definition: FactDefinition, value: object) -> FaultKind | None:
    if not is_known(value):
        return None
    if value == NOT_APPLICABLE:
        return None if definition.may_not_apply else FaultKind.MAY_NOT_BE_NOT_APPLICABLE
    return _CHECKS[definition.kind](definition, value)


def _choice(definition: FactDefinition, value: object) -> FaultKind | None:
    return None if value in _codes(definition) else FaultKind.NOT_AN_OPTION


def _choices(definition: FactDefinition, value: object) -> FaultKind | None:
    if not isinstance(value, list | tuple):
        return FaultKind.NOT_A_LIST
    codes = _codes(definition)
    return None if all(item in codes for item in value) else FaultKind.NOT_AN_OPTION


def _codes(definition: FactDefinition) -> tuple[str, ...]:
    return _CODES[definition.key]


# Tuples, not sets: a value from a file may be unhashable.
_CODES: Mapping[str, tuple[str, ...]] = {
    key: tuple(code.value for code in FACTS[key].options or ()) for key in ASSESSED_FACTS
}


def _yes_no(_: FactDefinition, value: object) -> FaultKind | None:
    return None if isinstance(value, bool) else FaultKind.NOT_YES_OR_NO


def _count(_: FactDefinition, value: object) -> FaultKind | None:
    # JSON knows one kind of number: 12.0 is the integer 12. A boolean is none.
    if isinstance(value, float):
        return None if value >= 0 and value.is_integer() else FaultKind.NOT_A_COUNT
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if whole else FaultKind.NOT_A_COUNT


def _duration(_: FactDefinition, value: object) -> FaultKind | None:
    return None if _is_number(value) else FaultKind.NOT_A_DURATION


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value) and value >= 0
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_CHECKS: Mapping[FactKind, Callable[[FactDefinition, object], FaultKind | None]] = {
    FactKind.CHOICE: _choice,
    FactKind.CHOICES: _choices,
    FactKind.YES_NO: _yes_no,
    FactKind.COUNT: _count,
    FactKind.HOURS: _duration,
    FactKind.DAYS: _duration,
}
