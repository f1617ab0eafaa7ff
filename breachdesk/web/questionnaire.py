"""The guided questionnaire: one question a page, and beside it what the answers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput
from breachdesk.domain.facts import ASSESSED_FACTS, Answer, FactState
from breachdesk.domain.flips import flips_of
from breachdesk.domain.questionnaire import moves_between
from breachdesk.models import Fact, db
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.incidents import record_facts
from breachdesk.services.questionnaire import (
    Standing,
    demand_open_breach,
    standing_before,
    standing_of,
)
from breachdesk.web.case_pages import case_page
from breachdesk.web.language import timezone, wording
from breachdesk.web.questionnaire_form import QuestionForm, question_form
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import labels
from breachdesk.wording.assessment import describe, flip_text
from breachdesk.wording.questionnaire import effect_text, point_text, why_it_matters

pages = Blueprint("questionnaire", __name__, url_prefix="/incidents/<reference>/questions")

# Beside a question there is room for the weightiest; the assessment shows them all.
MOST_REASONS = 3
# What the panel shows by itself: the conclusion is its heading, ENISA's score decides nothing.
NOT_REASONS = frozenset({"conclusion", "severity"})


@dataclass(frozen=True)
class Given:
    """An answer given so far, as the page lists it."""

    fact: Fact

    @property
    def key(self) -> str:
        """The fact's key."""
        return self.fact.key

    @property
    def label(self) -> str:
        """What the fact is called."""
        return labels.fact_label(self.fact.key, wording())

    @property
    def value(self) -> str:
        """The answer in words; empty where there is only a state."""
        return labels.value_text(self.fact.key, self.fact.value, wording(), timezone())


# --- Asking ----------------------------------------------------------------------------------


@pages.route("", methods=["GET", "POST"])
def ask(reference: str) -> str | Response | tuple[str, int]:
    """Ask the next question, or the one of `?fact=`; a POST records the answer to one."""
    case, seat = case_or_404(reference, Action.RECORD_FACTS)
    if request.method == "POST":
        return _record(case, seat)
    if case.incident.closed_at is not None or not case.progress.is_breach:
        return case_page("questionnaire/not_here.html", case, seat)
    standing = standing_of(session(), case, passed=_passed())
    key = _known_key(request.args.get("fact"))
    if key is None and not standing.left:
        return _end(case, seat, standing)
    asked = question_form(key or standing.left[0])()
    return _question(case, seat, standing, _filled(asked, standing))


def _known_key(key: str | None) -> str | None:
    return key if key in ASSESSED_FACTS else None


def _passed() -> list[str]:
    """What this walk left open without recording anything, as the address carries it."""
    return [key for key in request.values.get("passed", "").split(".") if _known_key(key)]


def _filled(asked: QuestionForm, standing: Standing) -> QuestionForm:
    key = asked.definition.key
    row = standing.rows.get(key)
    asked.show(standing.answer_to(key), row.version if row else 0, _passed())
    return asked


def _question(
    case: Case,
    seat: Acting,
    standing: Standing,
    asked: QuestionForm,
    meanwhile: Fact | None = None,
) -> str:
    key = asked.definition.key
    given = [Given(fact) for fact in standing.answered]
    return case_page(
        "questionnaire/question.html",
        case,
        seat,
        form=asked,
        why=_why(key, standing),
        left=len(standing.left),
        is_left=key in standing.left,
        is_answered=standing.is_answered(key),
        given=given,
        previous=_previous(key, given),
        passed=".".join(_passed()),
        is_step=not {"after", "fact", "passed"}.isdisjoint(request.args),
        meanwhile=Given(meanwhile) if meanwhile else None,
        panel=_panel(standing, effect=_last_effect(case, standing)),
    )


def _why(key: str, standing: Standing) -> str:
    """Why it is asked; nothing where it can change nothing any more."""
    matters = key in {point.fact for point in standing.points}
    return why_it_matters(key, wording()) if matters else ""


def _previous(key: str, given: Sequence[Given]) -> str | None:
    """The question answered before this one."""
    keys = [each.key for each in given]
    earlier = keys[: keys.index(key)] if key in keys else keys
    return earlier[-1] if earlier else None


def _end(case: Case, seat: Acting, standing: Standing) -> str:
    """Nothing is left to ask: what stays open, and the verdict to keep."""
    kept = case.assessment
    return case_page(
        "questionnaire/end.html",
        case,
        seat,
        given=[Given(fact) for fact in standing.answered],
        is_kept=kept is not None
        and (kept.facts, kept.rules_version) == (standing.facts, standing.result.rules_version),
        may_assess=seat.may(Action.ASSESS),
        panel=_panel(standing, effect=_last_effect(case, standing)),
    )


# --- What the answers say --------------------------------------------------------------------


def _panel(standing: Standing, *, effect: str = "") -> Mapping[str, object]:
    """The verdict so far, why, what is open and what would flip it, in words."""
    said = describe(standing.result.as_record(), wording())
    reasons = [each for each in said["reasons"] if each["factor"] not in NOT_REASONS]  # type: ignore[attr-defined]
    flips = flips_of(standing.facts)
    return {
        **said,
        "risk_text": labels.risk_label(str(said["risk"]), wording()),
        "reasons": reasons[:MOST_REASONS],
        "points": [point_text(point, wording()) for point in standing.points],
        "flips": [flip_text(flip, standing.facts, wording()) for flip in flips],
        "effect": effect,
    }


def _last_effect(case: Case, standing: Standing) -> str:
    """What the answer just given has moved; nothing on the first page."""
    key = _known_key(request.args.get("after"))
    before = standing_before(session(), case.incident, standing, key) if key else None
    return _effect(key, before, standing, is_done=True) if key and before else ""


def _effect(key: str, before: Standing, after: Standing, *, is_done: bool) -> str:
    """What the answer to `key` moves, and how many other questions it spares."""
    moves = moves_between(before.result, after.result)
    was_open, is_open = ({point.fact for point in each.points} for each in (before, after))
    spared = was_open - is_open - {key}
    return effect_text(moves, len(spared), wording(), is_done=is_done)


@pages.post("/preview")
def preview(reference: str) -> str:
    """The panel as the answer chosen would make it; nothing is stored."""
    case, _ = case_or_404(reference, Action.RECORD_FACTS)
    demand_open_breach(case)
    standing = standing_of(session(), case, passed=_passed())
    key = _known_key(request.form.get("fact"))
    supposed = _supposed(standing, key) if key else None
    if key is None or supposed is None:
        return render_template("questionnaire/preview.html", panel=_panel(standing), effect="")
    effect = _effect(key, standing, supposed, is_done=False)
    return render_template("questionnaire/preview.html", panel=_panel(supposed), effect=effect)


def _supposed(standing: Standing, key: str) -> Standing | None:
    """As the answer chosen would have it; None while it cannot be read, or is the same."""
    try:
        answer = question_form(key)().given()
    except InvalidInput:
        return None
    return None if answer == standing.answer_to(key) else standing.with_answer(key, answer)


# --- Answering -------------------------------------------------------------------------------


def _record(case: Case, seat: Acting) -> Response | str | tuple[str, int]:
    demand_open_breach(case)
    key = _known_key(request.form.get("fact"))
    if key is None:
        return redirect(url_for("questionnaire.ask", reference=case.incident.reference))
    asked = question_form(key)()
    try:
        if not asked.validate():
            return _refused(case, seat, asked)
        answer = asked.given()
        changed = record_facts(
            session(),
            case.incident,
            {key: answer},
            seen_versions={key: asked.seen_version},
            by=seat,
            now=now(),
            source=(asked.source.data or "").strip(),
        )
    except InvalidInput as fault:
        asked.refuse(fault)
        return _refused(case, seat, asked)
    except ChangedMeanwhile:
        db.session.rollback()
        return _overtaken(case.incident.reference, asked)
    return redirect(_next_url(case.incident.reference, key, answer, changed))


def _refused(case: Case, seat: Acting, asked: QuestionForm) -> tuple[str, int]:
    standing = standing_of(session(), case, passed=_passed())
    return _question(case, seat, standing, asked), 422


def _overtaken(reference: str, asked: QuestionForm) -> tuple[str, int]:
    """What was chosen beside what somebody else recorded."""
    case, seat = case_or_404(reference, Action.RECORD_FACTS)
    standing = standing_of(session(), case, passed=_passed())
    row = standing.rows[asked.definition.key]
    asked.overtaken_by(row.version)
    return _question(case, seat, standing, asked, meanwhile=row), 409


def _next_url(reference: str, key: str, answer: Answer, changed: Sequence[str]) -> str:
    passed = _passed()
    if answer.state is FactState.NOT_KNOWN_YET and not changed and key not in passed:
        passed.append(key)
    carried = ".".join(passed) or None
    # What stays as it was has moved nothing: the next page says no effect of it.
    after = key if changed else None
    return url_for("questionnaire.ask", reference=reference, after=after, passed=carried)
