"""Two assessments side by side, in words: what changed from the one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from breachdesk.domain.assessment_changes import AssessmentChanges, OutcomeChange
from breachdesk.domain.authority_form import Gravity
from breachdesk.web.language import labels, say, timezone, wording
from breachdesk.wording import N_
from breachdesk.wording.times import number

_OUTCOMES: Mapping[str, str] = {
    "risk": N_("Risque"),
    "notify_authority": N_("Notifier la CNIL"),
    "communicate_to_data_subjects": N_("Informer les personnes"),
    "inform_controllers": N_("Prévenir les responsables du traitement"),
    "gravity": N_("Gravité"),
    "likelihood": N_("Vraisemblance"),
}


@dataclass(frozen=True)
class Line:
    """One row of the comparison: what it is about, before, after."""

    label: str
    before: str
    after: str
    differs: bool = True


def fact_lines(changes: AssessmentChanges) -> list[Line]:
    """The facts that differ."""
    return [
        Line(
            labels.fact_label(change.key, wording()),
            fact_text(change.key, change.before),
            fact_text(change.key, change.after),
        )
        for change in changes.facts
    ]


def fact_text(key: str, value: object) -> str:
    """A fact as an assessment took it."""
    return labels.value_text(key, value, wording(), timezone()) or say("pas encore connu")


def outcome_lines(changes: AssessmentChanges) -> list[Line]:
    """What the rules conclude, changed or not; the rules themselves last."""
    said = [_outcome_line(each) for each in changes.outcomes if _is_worth_a_line(each)]
    score = changes.score
    return [
        *said,
        Line(
            say("Score de l’ENISA"),
            number(_score(score.before), wording()),
            number(_score(score.after), wording()),
            score.differs,
        ),
        Line(
            say("Version des règles"),
            str(changes.rules.before),
            str(changes.rules.after),
            changes.rules.differs,
        ),
    ]


def _is_worth_a_line(change: OutcomeChange) -> bool:
    """To tell the controllers is a processor's duty (Art. 33(2)), and nobody else's."""
    return change.name != "inform_controllers" or (change.before, change.after) != ("no", "no")


def _outcome_line(change: OutcomeChange) -> Line:
    before, after = (_outcome_text(change.name, code) for code in (change.before, change.after))
    return Line(say(_OUTCOMES[change.name]), before, after, change.differs)


def _outcome_text(name: str, code: object) -> str:
    if name == "risk":
        return labels.risk_label(str(code), wording())
    if name in ("gravity", "likelihood"):
        known = set(Gravity)
        return labels.code_label(Gravity, str(code), wording()) if code in known else "–"
    return labels.duty_label(str(code), wording())


def _score(value: object) -> float:
    return float(str(value))
