"""The guided questionnaire in words: what an answer moves, why the exemptions are asked."""

from collections.abc import Mapping, Sequence

from breachdesk.domain.answers import Answer
from breachdesk.domain.open_questions import OpenQuestion
from breachdesk.domain.questionnaire import CLAIMS, Move
from breachdesk.wording import N_, Wording
from breachdesk.wording.assessment_questions import WHY_IT_MATTERS
from breachdesk.wording.labels import fact_label

# The duties and the three answers, as used within a sentence.
DUTIES: Mapping[str, str] = {
    "notify_authority": N_("notifier la CNIL"),
    "communicate_to_data_subjects": N_("informer les personnes"),
    "inform_controllers": N_("prévenir les responsables"),
}
ANSWERS: Mapping[Answer, str] = {
    Answer.YES: N_("oui"),
    Answer.NO: N_("non"),
    Answer.DEPENDS: N_("cela dépend"),
}
_CLAIMS: Mapping[str, str] = {
    CLAIMS[0]: N_(
        "Un risque élevé écarté depuis dispense d’informer les personnes, si vous pouvez le "
        "démontrer (RGPD, art. 34(3)(b))."
    ),
    CLAIMS[1]: N_(
        "Une communication publique remplace alors les messages individuels (RGPD, art. 34(3)(c))."
    ),
}
_MOVED = N_("Votre réponse a fait passer %(duties)s de « %(was)s » à « %(becomes)s ».")
_WOULD_MOVE = N_("Avec cette réponse, %(duties)s passerait de « %(was)s » à « %(becomes)s ».")
_WOULD_MOVE_SEVERAL = N_(
    "Avec cette réponse, %(duties)s passeraient de « %(was)s » à « %(becomes)s »."
)
_QUOTED = N_("« %(duty)s »")
_AND = N_(" et ")
_UNMOVED = N_("Votre dernière réponse ne change pas ce qui est dû.")
_WOULD_NOT_MOVE = N_("Cette réponse ne change pas ce qui est dû.")


def why_it_matters(fact: str, wording: Wording) -> str:
    """Why a question is asked, in one sentence."""
    return wording.text(_CLAIMS[fact] if fact in _CLAIMS else WHY_IT_MATTERS[fact])


def effect_text(moves: Sequence[Move], spared: int, wording: Wording, *, is_done: bool) -> str:
    """What an answer moves, or that it moves nothing, and the questions it spares.

    Args:
        moves: the duties that it moves.
        spared: how many other questions it spares.
        is_done: whether the answer is recorded; else it is only chosen.
    """
    steps = dict.fromkeys((move.was, move.becomes) for move in moves)
    said = [_step_text(step, moves, wording, is_done=is_done) for step in steps]
    if not moves:
        said = [wording.text(_UNMOVED if is_done else _WOULD_NOT_MOVE)]
    if spared:
        said.append(
            wording.plural(
                "Une autre question n’a plus à être posée.",
                "%(n)s autres questions n’ont plus à être posées.",
                spared,
            )
        )
    return " ".join(said)


def _step_text(
    step: tuple[Answer, Answer], moves: Sequence[Move], wording: Wording, *, is_done: bool
) -> str:
    """One sentence for the duties that take the same step."""
    duties = [
        wording.text(_QUOTED, duty=wording.text(DUTIES[move.duty]))
        for move in moves
        if (move.was, move.becomes) == step
    ]
    would_move = _WOULD_MOVE if len(duties) == 1 else _WOULD_MOVE_SEVERAL
    was, becomes = (wording.text(ANSWERS[answer]) for answer in step)
    return wording.text(
        _MOVED if is_done else would_move,
        duties=wording.text(_AND).join(duties),
        was=was,
        becomes=becomes,
    )


def point_text(point: OpenQuestion, wording: Wording) -> dict[str, str]:
    """An open question for a list: its fact, what it is called, why, what it can change."""
    return {
        "fact": point.fact,
        "label": fact_label(point.fact, wording),
        "why": why_it_matters(point.fact, wording),
        "changes": ", ".join(wording.text(DUTIES[duty]) for duty in point.would_change),
    }
