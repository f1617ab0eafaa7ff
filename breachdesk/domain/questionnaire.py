"""The guided questionnaire: which question comes next, and what an answer has moved.

A walk asks a short base first, then whatever can still change a duty, gravest first; it
never asks what cannot. Whatever was asked in this walk and left open stays listed, and is
not asked twice. All of it follows from the facts: leaving and coming back loses nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from breachdesk.domain.answers import Answer
from breachdesk.domain.duties import AssessmentResult
from breachdesk.domain.fact_schema import UNKNOWN, is_known
from breachdesk.domain.facts import ASSESSED_FACTS
from breachdesk.domain.open_questions import (
    COMMUNICATE,
    INFORM_CONTROLLERS,
    NOTIFY,
    OpenQuestion,
)

# What any story of a breach begins with, asked first where it can matter.
BASE = ("role", "breach_types", "data", "recipients", "data_unintelligible")
# GDPR Art. 34(3)(b) and (c): the controller's to claim and to show, and only of use where
# telling people is, or may be, due. Unclaimed they weigh nothing, so the rules do not ask.
CLAIMS = ("later_measures_remove_high_risk", "direct_contact_disproportionate")


def open_points(facts: Mapping[str, object], result: AssessmentResult) -> tuple[OpenQuestion, ...]:
    """Everything open that could change a duty or how it is done, gravest first.

    Args:
        facts: as `duties.assess` takes them.
        result: their assessment.
    """
    return (*result.open_questions, *_claims(facts, result))


def _claims(facts: Mapping[str, object], result: AssessmentResult) -> Iterator[OpenQuestion]:
    if result.communicate_to_data_subjects is Answer.NO:
        return
    for claim in CLAIMS:
        if not is_known(facts.get(claim)):
            yield OpenQuestion(claim, (COMMUNICATE,))


def questions_left(points: Collection[OpenQuestion], asked: Collection[str]) -> tuple[str, ...]:
    """The facts still to ask for, the next one first: the base, then as `points` has them.

    Args:
        points: as `open_points` gives them.
        asked: what this walk has asked already and was left open.
    """
    open_facts = [point.fact for point in points if point.fact not in asked]
    return (
        *(fact for fact in BASE if fact in open_facts),
        *(fact for fact in open_facts if fact not in BASE),
    )


def known_in_part(facts: Mapping[str, object]) -> frozenset[str]:
    """The lists that say "perhaps more": answered, and open all the same."""
    return frozenset(
        key
        for key in ASSESSED_FACTS
        if isinstance(value := facts.get(key), list | tuple) and UNKNOWN in value
    )


@dataclass(frozen=True)
class Move:
    """A duty that an answer has moved."""

    duty: str
    was: Answer
    becomes: Answer


def moves_between(before: AssessmentResult, after: AssessmentResult) -> tuple[Move, ...]:
    """The duties that two assessments say differently of."""
    pairs = zip(_duties(before), _duties(after), strict=True)
    return tuple(Move(duty, was, becomes) for (duty, was), (_, becomes) in pairs if was != becomes)


def _duties(result: AssessmentResult) -> tuple[tuple[str, Answer], ...]:
    return (
        (NOTIFY, result.notify_authority),
        (COMMUNICATE, result.communicate_to_data_subjects),
        (INFORM_CONTROLLERS, result.inform_controllers),
    )
