"""The duties of a breach: to notify the authority, to tell the people.

`verdict.judge` weighs a situation; the facts not known yet span a best and a worst one,
and a duty is certain where both agree. Everything returned is codes and values:
`wording.assessment` says them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from breachdesk.domain.answers import Answer
from breachdesk.domain.authority_form import Gravity
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.fact_schema import faults_of, is_known
from breachdesk.domain.findings import Effect, Factor, Reason
from breachdesk.domain.open_questions import (
    COMMUNICATE,
    INFORM_CONTROLLERS,
    OpenQuestion,
    open_questions,
)
from breachdesk.domain.precedents import Resemblance, features_of, nearest
from breachdesk.domain.reasons import reasons_for
from breachdesk.domain.risk_factors import Exposure, Harm, Risk
from breachdesk.domain.rule_sets import GDPR, RuleSet
from breachdesk.domain.severity import Severity, severity_of
from breachdesk.domain.situation import Range, Rank, Situation, range_of
from breachdesk.domain.verdict import Judgement, judge, unavailability
from breachdesk.domain.vocabulary import DataCategory, ProcessingRole

# Our rules on the risk, as they stand; a case keeps the version it was assessed with. What
# the law asks for a risk has versions of its own: `rule_sets`.
RULES_VERSION = "2026-11-22.2"

NEAREST_PRECEDENTS = 3

# Practice after ENISA 2013, which sets no threshold itself: the score from which many
# notify the authority, and from which many tell people.
ENISA_PRACTICE_NOTIFY = 2
ENISA_PRACTICE_COMMUNICATE = 3

UNDETERMINED = "undetermined"

_RISKS: Mapping[Risk, str] = {
    Risk.UNLIKELY: "unlikely",
    Risk.RISK: "risk",
    Risk.HIGH_RISK: "high_risk",
}
# The CNIL's scale of gravity, and the same four steps for likelihood.
_SCALE = tuple(Gravity)
_HARM_ON_SCALE: Mapping[Harm, int] = {
    Harm.NIL: 0,
    Harm.MINIMAL: 0,
    Harm.SMALL: 1,
    Harm.NOTABLE: 1,
    Harm.SERIOUS: 2,
    Harm.GRAVE: 3,
}
_EXPOSURE_ON_SCALE: Mapping[Exposure, int] = {
    Exposure.NONE: 0,
    Exposure.CONTAINED: 1,
    Exposure.RECALLED: 1,
    Exposure.KNOWN: 1,
    Exposure.OPEN: 2,
    Exposure.ADVERSE: 3,
    Exposure.HOSTILE: 3,
}


@dataclass(frozen=True)
class AssessmentResult:
    """A verdict and all that supports it. `risk` is "undetermined" where facts decide it."""

    severity: Severity
    risk: str
    gravity: str
    likelihood: str
    notify_authority: Answer
    communicate_to_data_subjects: Answer
    communication_form: str
    communication_advised_anyway: bool
    inform_controllers: Answer
    reasons: tuple[Reason, ...]
    open_questions: tuple[OpenQuestion, ...]
    precedents: tuple[Resemblance, ...]
    rules_version: str = RULES_VERSION
    law: str = GDPR.version

    def as_record(self) -> dict[str, object]:
        """JSON-safe: codes and values, no sentence. This is what a case keeps."""
        return {
            "severity": self.severity.as_record(),
            "risk": self.risk,
            "gravity": self.gravity,
            "likelihood": self.likelihood,
            "notify_authority": self.notify_authority.value,
            "communicate_to_data_subjects": self.communicate_to_data_subjects.value,
            "communication_form": self.communication_form,
            "communication_advised_anyway": self.communication_advised_anyway,
            "inform_controllers": self.inform_controllers.value,
            "reasons": [each.as_record() for each in self.reasons],
            "open_questions": [
                {"fact": each.fact, "code": each.fact, "would_change": list(each.would_change)}
                for each in self.open_questions
            ],
            "precedents": [each.as_record() for each in self.precedents],
            "rules_version": self.rules_version,
            "law": self.law,
        }


def assess(facts: Mapping[str, object], rules: RuleSet = GDPR) -> AssessmentResult:
    """Assess the facts of an incident. Pure and deterministic.

    Args:
        facts: codes and values in the shape that `fact_schema.faults_of` accepts.
        rules: the law to apply (`rule_sets.rule_set_on`): from which risk to notify.

    Returns:
        The risk, the duties, the reasons, and what is still to be found out. For a
        processor the two duties are those that the controllers will face.

    Raises:
        InvalidInput: the facts break the schema; `field` is the first key at fault.

    Source: GDPR Art. 33 and 34; EDPB Guidelines 9/2022 and 01/2021.
    """
    _demand_valid(facts)
    span = range_of(facts)
    best, worst = judge(span.best), judge(span.worst)
    severity = severity_of(span)
    notify = Answer.between(rules.asks_to_notify(best.risk), rules.asks_to_notify(worst.risk))
    exempt = facts.get("later_measures_remove_high_risk") is True
    communicate = Answer.between(
        best.must_communicate and not exempt, worst.must_communicate and not exempt
    )
    advised = communicate is not Answer.YES and not exempt and _telling_is_wise(span.best, best)
    features = features_of(span.best, span.worst, best, worst)
    return AssessmentResult(
        severity=severity,
        risk=_RISKS[best.risk] if best.risk is worst.risk else UNDETERMINED,
        gravity=_between(_gravity(span.best, best), _gravity(span.worst, worst)),
        likelihood=_between(_likelihood(span.best, best), _likelihood(span.worst, worst)),
        notify_authority=notify,
        communicate_to_data_subjects=communicate,
        communication_form=_form(facts, communicate),
        communication_advised_anyway=advised,
        inform_controllers=_inform_controllers(facts),
        reasons=(
            _conclusion(best, worst, rules),
            *_on_duties(facts, notify, communicate, advised),
            *_exemptions(facts, span, worst),
            *reasons_for(span, best, worst),
            *_on_severity(severity, best, worst, rules),
        ),
        open_questions=tuple(_questions(facts, span, exempt, rules)),
        precedents=nearest(features, NEAREST_PRECEDENTS),
        law=rules.version,
    )


def _demand_valid(facts: Mapping[str, object]) -> None:
    faults = faults_of(facts)
    if faults:
        first = faults[0]
        raise InvalidInput(
            "fact_not_understood", field=first.key, key=first.key, faults=len(faults)
        )


def _between(least: int, most: int) -> str:
    return _SCALE[least].value if least == most else UNDETERMINED


def _gravity(situation: Situation, judgement: Judgement) -> int:
    """The CNIL's gravity: of what the data allow, of what people go without or suffer."""
    return max(
        _HARM_ON_SCALE[judgement.harm],
        situation.effect_on_persons,
        int(unavailability(situation)),
    )


def _likelihood(situation: Situation, judgement: Judgement) -> int:
    """Four steps: by who has the data; certain where harm has been seen."""
    seen = situation.effect_on_persons >= Rank.SIGNIFICANT or situation.misuse_observed
    gone = unavailability(situation) > Risk.UNLIKELY
    return len(_SCALE) - 1 if seen or gone else _EXPOSURE_ON_SCALE[judgement.exposure]


def _form(facts: Mapping[str, object], communicate: Answer) -> str:
    """How people are told: GDPR Art. 34(3)(c) replaces letters by a public communication."""
    if communicate is Answer.NO:
        return "none"
    return "public" if facts.get("direct_contact_disproportionate") is True else "direct"


def _telling_is_wise(situation: Situation, judgement: Judgement) -> bool:
    """Whether people could protect themselves if they knew (01/2021, cases 6 and 8)."""
    useful = judgement.risk > Risk.UNLIKELY or DataCategory.ACCESS_CREDENTIALS in situation.data
    return judgement.exposure >= Exposure.OPEN and useful


def _inform_controllers(facts: Mapping[str, object]) -> Answer:
    """GDPR Art. 33(2): a processor tells the controllers, whatever the risk."""
    role = facts.get("role")
    if not is_known(role):
        return Answer.DEPENDS
    return Answer.YES if role == ProcessingRole.PROCESSOR else Answer.NO


def _conclusion(best: Judgement, worst: Judgement, rules: RuleSet) -> Reason:
    code = f"risk_{_RISKS[best.risk]}" if best.risk is worst.risk else "risk_undetermined"
    if best.risk is worst.risk is Risk.RISK and not rules.asks_to_notify(Risk.RISK):
        return Reason(Factor.CONCLUSION, Effect.DECIDES, "risk_not_notified", (rules.version,), {})
    sources = ("gdpr_34_1",) if best.risk is Risk.HIGH_RISK else ("gdpr_33_1",)
    parameters = {"least": _RISKS[best.risk], "most": _RISKS[worst.risk]}
    return Reason(Factor.CONCLUSION, Effect.DECIDES, code, sources, parameters)


def _on_duties(
    facts: Mapping[str, object], notify: Answer, communicate: Answer, advised: bool
) -> Iterator[Reason]:
    if notify is Answer.DEPENDS:
        yield Reason(Factor.CONCLUSION, Effect.NEUTRAL, "in_doubt_notify", ("cnil_notify",), {})
    if communicate is Answer.DEPENDS:
        yield Reason(Factor.CONCLUSION, Effect.NEUTRAL, "telling_depends", ("gdpr_34_1",), {})
    if advised:
        yield Reason(
            Factor.CONCLUSION, Effect.NEUTRAL, "telling_is_wise", ("edpb_01_06", "edpb_01_08"), {}
        )
    role = facts.get("role")
    if role == ProcessingRole.PROCESSOR:
        yield Reason(Factor.ROLE, Effect.DECIDES, "processor_informs", ("gdpr_33_2",), {})
    if role == ProcessingRole.JOINT_CONTROLLER:
        yield Reason(Factor.ROLE, Effect.NEUTRAL, "joint_arrangement", ("gdpr_26",), {})


def _exemptions(facts: Mapping[str, object], span: Range, worst: Judgement) -> Iterator[Reason]:
    """GDPR Art. 34(3), each limb where it changes something."""
    readable = span.worst._replace(data_unintelligible=Rank.READABLE)
    would_be_owed = judge(readable).must_communicate and not worst.must_communicate
    if span.worst.is_unreadable and would_be_owed:
        yield Reason(Factor.EXEMPTION, Effect.DECIDES, "exempt_unreadable", ("gdpr_34_3_a",), {})
    if not worst.must_communicate:
        return
    if facts.get("later_measures_remove_high_risk") is True:
        yield Reason(Factor.EXEMPTION, Effect.DECIDES, "exempt_measures", ("gdpr_34_3_b",), {})
    elif facts.get("direct_contact_disproportionate") is True:
        yield Reason(Factor.EXEMPTION, Effect.DECIDES, "public_instead", ("gdpr_34_3_c",), {})


def _on_severity(
    severity: Severity, best: Judgement, worst: Judgement, rules: RuleSet
) -> Iterator[Reason]:
    """Say where ENISA's arithmetic and the verdict part, so that nobody has to notice."""
    score, notified = severity.score, rules.asks_to_notify(worst.risk)
    if best.risk is not worst.risk:
        code = "enisa_informs"
    elif (notified and score < ENISA_PRACTICE_NOTIFY) or (
        worst.must_communicate and score < ENISA_PRACTICE_COMMUNICATE
    ):
        code = "enisa_lower"
    elif (not notified and score >= ENISA_PRACTICE_NOTIFY) or (
        not worst.must_communicate and score >= ENISA_PRACTICE_COMMUNICATE
    ):
        code = "enisa_higher"
    else:
        code = "enisa_agrees"
    parameters = {"score": score, "level": severity.level.value}
    yield Reason(Factor.SEVERITY, Effect.NEUTRAL, code, ("enisa",), parameters)


def _questions(
    facts: Mapping[str, object], span: Range, exempt: bool, rules: RuleSet
) -> Iterator[OpenQuestion]:
    for question in open_questions(span, judge, rules.notify_from):
        duties = tuple(d for d in question.would_change if not (exempt and d == COMMUNICATE))
        if duties:
            yield OpenQuestion(question.fact, duties)
    if not is_known(facts.get("role")):
        yield OpenQuestion("role", (INFORM_CONTROLLERS,))
