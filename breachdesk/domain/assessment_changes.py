"""What changed from one assessment to another: facts, outcomes, reasons. Codes and values.

A fact that nobody was asked and one that is not known yet are the same to the rules: to
pass from the one to the other is no change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachdesk.domain.fact_schema import is_known
from breachdesk.domain.facts import ASSESSED_FACTS

Facts = Mapping[str, object]
Result = Mapping[str, Any]

# What an assessment concludes, in the order in which it is read.
OUTCOMES = (
    "risk",
    "notify_authority",
    "communicate_to_data_subjects",
    "inform_controllers",
    "gravity",
    "likelihood",
)


@dataclass(frozen=True)
class FactChange:
    """One fact, before and after; None: not known yet."""

    key: str
    before: object
    after: object


@dataclass(frozen=True)
class OutcomeChange:
    """One conclusion, before and after, changed or not."""

    name: str
    before: object
    after: object

    @property
    def differs(self) -> bool:
        """Whether it changed."""
        return self.before != self.after


@dataclass(frozen=True)
class AssessmentChanges:
    """Two assessments side by side. The reasons are the records that were handed in."""

    facts: tuple[FactChange, ...]
    outcomes: tuple[OutcomeChange, ...]
    score: OutcomeChange
    rules: OutcomeChange
    reasons_gone: tuple[Result, ...]
    reasons_come: tuple[Result, ...]


def changed_facts(before: Facts, after: Facts) -> tuple[str, ...]:
    """The keys of the facts that the rules would take otherwise, in the order of the file."""
    return tuple(key for key in ASSESSED_FACTS if _taken(before.get(key)) != _taken(after.get(key)))


def _taken(value: object) -> object:
    """A fact as the rules take it: of several choices, the order says nothing."""
    if not is_known(value):
        return None
    return frozenset(value) if isinstance(value, list) else value


def compare(
    before_facts: Facts, before: Result, after_facts: Facts, after: Result
) -> AssessmentChanges:
    """Set an assessment beside another one.

    Args:
        before, after: results as `AssessmentResult.as_record` gives them; what else they
            hold, such as sentences, is handed through with the reasons.
    """
    return AssessmentChanges(
        facts=tuple(
            FactChange(key, before_facts.get(key), after_facts.get(key))
            for key in changed_facts(before_facts, after_facts)
        ),
        outcomes=tuple(OutcomeChange(name, before.get(name), after.get(name)) for name in OUTCOMES),
        score=OutcomeChange("score", before["severity"]["score"], after["severity"]["score"]),
        rules=OutcomeChange("rules", before["rules_version"], after["rules_version"]),
        reasons_gone=_missing_from(after["reasons"], before["reasons"]),
        reasons_come=_missing_from(before["reasons"], after["reasons"]),
    )


def _missing_from(others: Sequence[Result], reasons: Sequence[Result]) -> tuple[Result, ...]:
    said = [_essence(other) for other in others]
    return tuple(reason for reason in reasons if _essence(reason) not in said)


def _essence(reason: Result) -> tuple[object, object, object]:
    """What makes two reasons the same: not the words they are said in."""
    return reason["code"], reason["effect"], reason["parameters"]
