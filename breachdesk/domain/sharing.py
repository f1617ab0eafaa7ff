"""One event, several organisations: which facts they share, and which are each one's own.

What happened at a shared processor is the same for all; whose data it was, and how many,
is for each controller to establish (Art. 33(3)(a) speaks of *their* breach).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from breachdesk.domain.facts import FACTS, Answer, FactState

# Each controller's own, whatever happened elsewhere.
APART = frozenset(
    {
        "description",
        "noticed_at",
        "discovery",
        "role",
        "n_records",
        "n_subjects",
        "data_subjects",
        "harms",
        "harms_details",
        "gravity",
        "later_measures_remove_high_risk",
        "direct_contact_disproportionate",
        "cross_border",
        "cross_border_countries",
        "other_authorities",
    }
)
# Offered, in the order of the case file.
SHAREABLE = tuple(key for key in FACTS if key not in APART)


@dataclass(frozen=True)
class HeldFact:
    """A fact as a case holds it; `is_shared`: as it came with the event, not amended since."""

    answer: Answer
    is_shared: bool = False


class Sharing(StrEnum):
    """What sharing a fact would do in another case of the event."""

    TOLD = "told"
    SAME = "same"
    AMENDED_APART = "amended_apart"


def sharing_of(mine: Answer, theirs: HeldFact | None) -> Sharing:
    """What becomes of a fact in another case when it is shared.

    Where somebody there has said otherwise since, theirs stays: each controller answers
    for its own file.
    """
    if theirs is None or theirs.answer.state is FactState.NOT_ASKED:
        return Sharing.TOLD
    if theirs.answer == mine:
        return Sharing.SAME
    nothing_known = theirs.answer.state is FactState.NOT_KNOWN_YET
    return Sharing.TOLD if theirs.is_shared or nothing_known else Sharing.AMENDED_APART


def may_be_shared(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Of what is known of a case, what can be shared: known or estimated, and not apart."""
    return {key: answers[key] for key in SHAREABLE if key in answers and answers[key].is_known}


@dataclass(frozen=True)
class SharedFact:
    """One fact that can be shared, and in how many of the other cases it would do what."""

    key: str
    answer: Answer
    outcomes: Mapping[Sharing, int] = field(default_factory=dict)

    @property
    def is_news(self) -> bool:
        """Whether sharing it would tell any other case anything."""
        return self.outcomes.get(Sharing.TOLD, 0) > 0


def plan_sharing(
    answers: Mapping[str, Answer], others: list[Mapping[str, HeldFact]]
) -> tuple[SharedFact, ...]:
    """What could be shared of a case with the other cases of its event.

    Args:
        answers: what is known of the case in hand.
        others: what each of the other cases holds, by fact.
    """
    planned = []
    for key, answer in may_be_shared(answers).items():
        outcomes: dict[Sharing, int] = {}
        for other in others:
            outcome = sharing_of(answer, other.get(key))
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        planned.append(SharedFact(key, answer, outcomes))
    return tuple(planned)
