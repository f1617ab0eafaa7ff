"""What the forms ask of the breach itself, made from the facts: dates, reach, cause, risk."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from breachdesk.domain.authority_case_values import (
    GIVEN,
    MISSING,
    UNKNOWN,
    CaseValue,
    CaseView,
)
from breachdesk.domain.authority_form import Undeterminable
from breachdesk.domain.case_record import AssessmentRecord, DecisionRecord
from breachdesk.domain.form_layout import FieldSource, FieldStatus, SourceKind
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.domain.vocabulary import (
    AccessState,
    Exfiltration,
    KeyCompromise,
    RecipientScope,
    Unintelligibility,
)

UNDETERMINABLE = "undeterminable"

# When it occurred.
ONE_DAY, FROM_TO, ONGOING = "one_day", "from_to", "ongoing"
OCCURRENCES = (ONE_DAY, FROM_TO, ONGOING, UNDETERMINABLE)
# Whether data left, or were seen.
DISCLOSED, LIKELY, NOT_DISCLOSED = "disclosed", "likely", "not_disclosed"
DISCLOSURES = (DISCLOSED, LIKELY, NOT_DISCLOSED, UNDETERMINABLE)
# Whether whoever has the data can read them.
INTACT, WEAKENED, READABLE = "intact", "weakened", "readable"
UNINTELLIGIBILITIES = (INTACT, WEAKENED, READABLE, UNDETERMINABLE)
TEMPORARY, PERMANENT = "temporary", "permanent"
EXACT, APPROXIMATE = "exact", "approximate"
HIGH, RISK, UNLIKELY = "high_risk", "risk", "unlikely"
RISKS = (HIGH, RISK, UNLIKELY)


def _never_known(view: CaseView, what: Undeterminable) -> bool:
    said = view.fact("never_known").value
    return isinstance(said, list) and what.value in said


def _undeterminable(view: CaseView, what: Undeterminable, like: CaseValue) -> CaseValue:
    """As it stands; where it is open, and will stay so: that."""
    if not like and _never_known(view, what):
        return view.fact("never_known").given(UNDETERMINABLE)
    return like


# --- Dates -----------------------------------------------------------------------------------


def _is_ongoing(view: CaseView) -> bool:
    # "Sans objet" is how the form of facts says that it has not ended.
    endless = view.fact("occurred_until").status is FieldStatus.NOT_APPLICABLE
    return endless or view.fact("access").value == AccessState.ONGOING


def occurrence(view: CaseView) -> CaseValue:
    """On a day, over days, or going on; as open as its beginning or its end is."""
    begun, ended = view.fact("occurred_from"), view.fact("occurred_until")
    if begun and _is_ongoing(view):
        return begun.given(ONGOING)
    if begun and ended:
        zone = zone_or_utc(view.record.organisation.timezone)
        days = {
            datetime.fromisoformat(str(each.value)).astimezone(zone).date()
            for each in (begun, ended)
        }
        return begun.given(ONE_DAY if len(days) == 1 else FROM_TO)
    return _undeterminable(view, Undeterminable.DATES, ended if begun else begun)


def period_known(view: CaseView) -> CaseValue:
    """Whether the breach has a beginning and an end, or goes on."""
    found = occurrence(view)
    if found:
        return found.given(found.value != UNDETERMINABLE)
    return found.given(False) if found.status is UNKNOWN else found


def ongoing(view: CaseView) -> CaseValue:
    """Whether it goes on."""
    access = view.fact("access")
    if access:
        return access.as_value(access.value == AccessState.ONGOING)
    ended = view.fact("occurred_until")
    if _is_ongoing(view) or ended:
        return ended.given(_is_ongoing(view))
    return access


def dates_estimated(view: CaseView) -> CaseValue:
    """Whether a date of the breach is an estimate."""
    dates = [view.fact(key) for key in ("occurred_from", "occurred_until")]
    known = [each for each in dates if each]
    if not known:
        return dates[0]
    return known[0].given(any(each.is_estimated for each in known))


def told_by_other_at(view: CaseView) -> CaseValue:
    """When somebody else told of it: the processor's report, else the first sign."""
    outside = view.record.outside
    if outside is not None:
        author = outside.processor
        source = FieldSource(SourceKind.FACT, "noticed_at", author, outside.reported_at)
        return CaseValue(GIVEN, outside.reported_at.isoformat(), source)
    return view.fact("noticed_at")


# --- Reach -----------------------------------------------------------------------------------

_LEFT: Mapping[str, str] = {
    Exfiltration.EXCLUDED: NOT_DISCLOSED,
    # Not excluded and not shown: the template's "likely … (no evidence)" is the cautious one.
    Exfiltration.POSSIBLE: LIKELY,
    Exfiltration.LIKELY: LIKELY,
    Exfiltration.CONFIRMED: DISCLOSED,
    Exfiltration.PUBLISHED: DISCLOSED,
}
_REACHED: Mapping[str, str] = {
    RecipientScope.NONE: NOT_DISCLOSED,
    RecipientScope.ONE_KNOWN: DISCLOSED,
    RecipientScope.FEW_KNOWN: DISCLOSED,
    RecipientScope.MANY_KNOWN: DISCLOSED,
    RecipientScope.UNIDENTIFIED: LIKELY,
    RecipientScope.PUBLIC: DISCLOSED,
}


def disclosure(view: CaseView) -> CaseValue:
    """Whether data left or were seen, by what is known of either: the graver counts."""
    left, reached = view.fact("exfiltration"), view.fact("recipients")
    found = [
        each.given(said[str(each.value)])
        for each, said in ((left, _LEFT), (reached, _REACHED))
        if each and str(each.value) in said
    ]
    if found:
        return min(found, key=lambda each: DISCLOSURES.index(str(each.value)))
    return _undeterminable(view, Undeterminable.DISCLOSURE, _most_open((left, reached)))


def unintelligibility(view: CaseView) -> CaseValue:
    """Whether the data's protection holds: it does while its key is safe."""
    unreadable, key = view.fact("data_unintelligible"), view.fact("key_compromised")
    what = Undeterminable.UNINTELLIGIBILITY
    if not unreadable:
        return _undeterminable(view, what, unreadable)
    if unreadable.value == Unintelligibility.NO:
        return unreadable.given(READABLE)
    if unreadable.value == Unintelligibility.PARTLY or key.value == KeyCompromise.YES:
        return unreadable.given(WEAKENED)
    if key or key.status is FieldStatus.NOT_APPLICABLE:
        return unreadable.given(INTACT)
    return _undeterminable(view, what, key)


def availability(view: CaseView) -> CaseValue:
    """Whether data are lost for good."""
    lost = view.fact("permanent_loss")
    return lost.as_value(PERMANENT if lost.value else TEMPORARY)


def cause(view: CaseView) -> CaseValue:
    """The cause, or that it will stay unknown."""
    return _undeterminable(view, Undeterminable.CAUSE, view.fact("cause"))


def subjects_count(view: CaseView) -> CaseValue:
    """How sure the number of data subjects is."""
    return _counted(view, "n_subjects", Undeterminable.SUBJECTS)


def records_count(view: CaseView) -> CaseValue:
    """How sure the number of records is."""
    return _counted(view, "n_records", Undeterminable.RECORDS)


def _counted(view: CaseView, key: str, what: Undeterminable) -> CaseValue:
    count = view.fact(key)
    sure = APPROXIMATE if count.is_estimated else EXACT
    return _undeterminable(view, what, count.as_value(sure))


def _most_open(values: Sequence[CaseValue]) -> CaseValue:
    """Of values that are not given: one that is missing, else one not known yet."""
    order = (MISSING, UNKNOWN)
    open_ends = [each for status in order for each in values if each.status is status]
    return open_ends[0] if open_ends else values[0]


# --- Risk and measures -----------------------------------------------------------------------

# Conditions of Art. 34(3) under which data subjects need not be told of a high risk.
PROTECTED, AVERTED, DISPROPORTIONATE = "protected", "averted", "disproportionate"
EXEMPTIONS = (PROTECTED, AVERTED, DISPROPORTIONATE)


def exemptions(view: CaseView) -> CaseValue:
    """The conditions of Art. 34(3) that the facts meet."""
    averted = view.fact("later_measures_remove_high_risk")
    effort = view.fact("direct_contact_disproportionate")
    met = [
        *([PROTECTED] if unintelligibility(view).value == INTACT else []),
        *([AVERTED] if averted.value is True else []),
        *([DISPROPORTIONATE] if effort.value is True else []),
    ]
    # An exemption is the controller's to show: one that nobody showed is missing.
    return averted.given(met) if met else CaseValue(MISSING, None, averted.source)


def risk(view: CaseView) -> CaseValue:
    """What the latest assessment found, or what a signed decision concluded against it.

    While the assessment leaves the risk open no level is claimed, whatever was decided: to
    notify out of caution says nothing of how high the risk is.
    """
    if not view.record.assessments:
        return CaseValue(MISSING, None, FieldSource(SourceKind.ASSESSMENT))
    latest = view.record.assessments[-1]
    source = FieldSource(SourceKind.ASSESSMENT, "", latest.made_by, latest.made_at)
    found = _level(latest)
    if found is None:
        return CaseValue(UNKNOWN, None, source)
    decision = view.decision
    # A decision answers for the level that it was signed on.
    if decision is None or found not in map(_level, _signed_on(view, decision)):
        return CaseValue(GIVEN, found, source)
    concluded = _concluded(found, decision, is_exempt=bool(exemptions(view)))
    if concluded != found:
        source = FieldSource(SourceKind.DECISION, "", decision.decided_by, decision.decided_at)
    return CaseValue(GIVEN, concluded, source)


def _level(assessment: AssessmentRecord) -> str | None:
    """The risk that it found; None: undetermined."""
    found = str(assessment.result.get("risk"))
    return found if found in RISKS else None


def _signed_on(view: CaseView, decision: DecisionRecord) -> Sequence[AssessmentRecord]:
    version = decision.assessment_version
    return [each for each in view.record.assessments if each.version == version]


def _concluded(found: str, decision: DecisionRecord, *, is_exempt: bool) -> str:
    """The level that a decision says by law, where it departs from the one found; else that.

    Not to notify: a risk is unlikely (Art. 33(1)). Data subjects must be told: it is high
    (Art. 34(1)). They need not be, with none of the conditions of Art. 34(3): it is not.
    """
    if not decision.decided_notify:
        return UNLIKELY
    if decision.decided_communicate == Communicate.OWED:
        return HIGH
    return RISK if found == HIGH and not is_exempt else found


def risk_reasons(view: CaseView) -> CaseValue:
    """Why: what was written for the authority, else with the decision or the advice."""
    written, last = view.fact("risk_details"), view.decision
    if written or last is None:
        return written
    decided = FieldSource(SourceKind.DECISION, "", last.decided_by, last.decided_at)
    advised = FieldSource(SourceKind.DECISION, "", last.advised_by, last.advised_at)
    for reason, source in ((last.decision_reason, decided), (last.advice_reason, advised)):
        if reason.strip():
            return CaseValue(GIVEN, reason, source)
    return written


def measures(view: CaseView) -> CaseValue:
    """What was done and what is planned, as one text; as open as what was done."""
    taken, planned = view.fact("measures_taken"), view.fact("measures_planned")
    if taken and planned:
        return taken.as_value(f"{taken.value}\n\n{planned.value}")
    return taken
