"""Where the guided questionnaire of a case stands: read from the facts, kept nowhere else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from breachdesk.domain.duties import AssessmentResult, assess
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.facts import ASSESSED_FACTS, Answer, FactState, facts_for_assessment
from breachdesk.domain.open_questions import OpenQuestion
from breachdesk.domain.questionnaire import known_in_part, open_points, questions_left
from breachdesk.models import Fact, Incident
from breachdesk.services.cases import Case, answers_from, latest_facts
from breachdesk.services.facts import NOT_ASKED, fact_histories


@dataclass(frozen=True)
class Standing:
    """The assessed facts as they stand, what they say, and what is still to ask.

    Args:
        rows: the latest version of each fact that somebody has spoken of.
        asked: what this walk has asked already and was left open.
    """

    rows: Mapping[str, Fact]
    asked: Collection[str]

    @cached_property
    def facts(self) -> dict[str, object]:
        """The facts as the assessment takes them."""
        return facts_for_assessment(answers_from(self.rows))

    @cached_property
    def result(self) -> AssessmentResult:
        """Their assessment, as it would be kept now."""
        return assess(self.facts)

    @cached_property
    def points(self) -> tuple[OpenQuestion, ...]:
        """Everything open that could change a duty, gravest first."""
        return open_points(self.facts, self.result)

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The questions still to ask in this walk, the next one first."""
        return questions_left(self.points, self.asked)

    @property
    def answered(self) -> list[Fact]:
        """What somebody has answered, "not known yet" included, in the order of answering."""
        said = [
            fact
            for key, fact in self.rows.items()
            if key in ASSESSED_FACTS and fact.state is not FactState.NOT_ASKED
        ]
        return sorted(said, key=lambda fact: (fact.recorded_at, fact.id))

    def answer_to(self, key: str) -> Answer:
        """The answer to a question as it stands."""
        fact = self.rows.get(key)
        return Answer(fact.state, fact.value) if fact else NOT_ASKED

    def is_answered(self, key: str) -> bool:
        """Whether a question has an answer beyond "not known yet"."""
        return self.answer_to(key).state not in (FactState.NOT_ASKED, FactState.NOT_KNOWN_YET)

    def with_answer(self, key: str, answer: Answer) -> "Standing":
        """Where things would stand with another answer to one question; stores nothing."""
        return _Supposed(self.rows, self.asked, key, answer)


@dataclass(frozen=True)
class _Supposed(Standing):
    key: str
    answer: Answer

    @cached_property
    def facts(self) -> dict[str, object]:
        return facts_for_assessment({**answers_from(self.rows), self.key: self.answer})


def standing_of(session: Session, case: Case, *, passed: Collection[str] = ()) -> Standing:
    """Where the walk through a case's questions stands; one query.

    A walk begins with the qualification, and again with every assessment kept: what was
    not known yet before it is asked again.

    Args:
        passed: left open in this walk by saying "not known yet" once more.
    """
    rows = latest_facts(session, case.incident)
    since = _walk_began_at(case)
    left_open = {
        key
        for key, fact in rows.items()
        if fact.state is FactState.NOT_KNOWN_YET and (since is None or fact.recorded_at >= since)
    }
    in_part = known_in_part(facts_for_assessment(answers_from(rows)))
    return Standing(rows, left_open | in_part | set(passed))


def _walk_began_at(case: Case) -> datetime | None:
    moments = [each.at for each in (case.qualification,) if each]
    moments += [each.made_at for each in (case.assessment,) if each]
    return max(moments, default=None)


def standing_before(
    session: Session, incident: Incident, standing: Standing, key: str
) -> Standing | None:
    """Where things stood before a fact's latest answer, all else being as it is now.

    One query where the fact had an answer before; None where nobody has spoken of it.
    """
    latest = standing.rows.get(key)
    if latest is None:
        return None
    before = NOT_ASKED
    if latest.version > 1:
        before = fact_histories(session, incident, [key])[key].answer_at(latest.version - 1)
    return standing.with_answer(key, before)


def demand_open_breach(case: Case) -> None:
    """Refuse to go on where there is nothing to assess.

    Raises:
        WrongStep: the case is closed, or not qualified as a breach.
    """
    if case.incident.closed_at is not None:
        raise WrongStep("case_closed", reference=case.incident.reference)
    if not case.progress.is_breach:
        raise WrongStep("not_qualified_as_breach", reference=case.incident.reference)
