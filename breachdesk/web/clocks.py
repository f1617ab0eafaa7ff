"""The clocks of a case: all of them, what it calls for; start, refuse, stop, correct."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, StringField, TextAreaField

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import ClockState, StopReason
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.regimes import Regime, Said, regime_of
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.clock_changes import (
    correct_start,
    find_clock,
    may_correct,
    may_stop_by_hand,
    refuse,
    regime_to_start,
    start_by_hand,
    stop_by_hand,
)
from breachdesk.services.clock_offers import CaseClocks, read_case_clocks
from breachdesk.web.case_pages import StepShown, case_page, next_step_of, roles_for
from breachdesk.web.clock_lines import ClockLine, clock_line, offer_line, told_today
from breachdesk.web.forms import (
    AtMost,
    DeskForm,
    LocalTimeField,
    choices,
    faults_on,
    instant_of,
    local_text,
    second_time_field,
)
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.reminder_ledger import ledger_context
from breachdesk.web.request import case_or_404, now, session
from breachdesk.wording import N_, clock_words, labels

pages = Blueprint("clocks", __name__, url_prefix="/incidents/<reference>/clocks")

LONGEST_REASON = 10_000
LONGEST_NUMBER = 200
WHEN_STARTED = N_("Indiquez depuis quand ce délai court, comme 02/03/2026 14:30.")


@pages.app_template_filter("said")
def said(text: Said) -> str:
    """A text of a data file, as the reader's language has it."""
    return clock_words.said(text, wording())


@pages.app_template_filter("regime_name")
def regime_name(code: str) -> str:
    """What a clock counts, by the code of its regime."""
    return labels.regime_label(code, wording())


@pages.app_template_filter("counted_from")
def counted_from(code: str) -> str:
    """The event that a clock counts from, by the code of its regime."""
    regime = regime_of(code)
    return said(regime.counted_from) if regime else ""


class StartForm(DeskForm):
    """Since when a clock counts."""

    started_at = LocalTimeField(say_later("Depuis quand ?"), message=WHEN_STARTED)
    second_time = second_time_field()


class RefusalForm(DeskForm):
    """Why what is offered is not owed."""

    reason = TextAreaField(
        say_later("Pourquoi ce n’est pas dû"),
        [AtMost(LONGEST_REASON)],
        description=say_later("En une phrase. Elle est gardée, avec votre nom, et va au dossier."),
    )


class StopForm(DeskForm):
    """What became of it: done, and when; or not owed after all."""

    why = RadioField(
        say_later("Où en est-on ?"),
        choices=choices(
            (StopReason.DONE.value, say_later("C’est fait")),
            (StopReason.NOT_OWED.value, say_later("Ce n’est finalement pas dû")),
        ),
        validate_choice=False,
    )
    stopped_at = LocalTimeField(
        say_later("Quand cela a-t-il été fait ?"),
        message=N_("Indiquez quand cela a été fait, comme 02/03/2026 14:30."),
        description=say_later("Si c’est fait. L’avance ou le retard se compte à cette heure."),
    )
    second_time = second_time_field()
    number = StringField(
        say_later("Numéro de référence"),
        [AtMost(LONGEST_NUMBER)],
        description=say_later("Celui de la plainte, du dépôt ou de l’accusé de réception."),
        render_kw={"autocomplete": "off"},
    )
    has_no_number = BooleanField(say_later("Pas de numéro"))
    remark = TextAreaField(
        say_later("Remarque : ce qui a été fait, ou pourquoi ce n’est pas dû"),
        [AtMost(LONGEST_REASON)],
        description=say_later(
            "À donner si c’est fait en retard, avec les motifs, ou si ce n’est pas dû."
        ),
    )

    @property
    def reference_number(self) -> str:
        """What is kept of the number, in words; empty where nothing is said of one."""
        number = (self.number.data or "").strip()
        if self.has_no_number.data:
            return say("Pas de numéro")
        return say("N° %(number)s", number=number) if number else ""


class CorrectionForm(DeskForm):
    """The true start of a clock, and why it changes."""

    started_at = LocalTimeField(say_later("Depuis quand ?"), message=WHEN_STARTED)
    second_time = second_time_field()
    reason = TextAreaField(
        say_later("Pourquoi le départ change"),
        [AtMost(LONGEST_REASON)],
        description=say_later("En une phrase. Elle est gardée, avec votre nom, et va au dossier."),
    )


@pages.get("")
def listing(reference: str) -> str:
    """Every clock of the case, what it calls for, and the ledger of its reminders."""
    case, seat = case_or_404(reference)
    clocks = read_case_clocks(session(), case)
    started = {clock.regime for clock in clocks.running}
    refusals = [each for each in clocks.refusals if each.regime not in started]
    refused = {each.regime for each in refusals}
    called_for = [offer_line(offer, seat) for offer in clocks.offers.called_for]
    running = [clock_line(clock, case, seat, clocks.clocks) for clock in clocks.running]
    may_manage = seat.may(Action.MANAGE_CLOCKS)
    step = _step_here(case, seat)
    if called_for and may_manage and not _presses(step, running):
        step = None
    return case_page(
        "clocks/listing.html",
        case,
        seat,
        clocks=clocks,
        step=step,
        step_clock=_clock_of_step(step, running, reference),
        called_for=sorted(called_for, key=lambda line: line.urgency),
        others=[
            offer_line(offer, seat)
            for offer in clocks.offers.others
            if offer.regime.code not in refused
        ],
        running=running,
        stopped=[clock_line(clock, case, seat, clocks.clocks) for clock in clocks.stopped],
        refusals=refusals,
        may_manage=may_manage,
        managers=roles_for(Action.MANAGE_CLOCKS),
        **ledger_context(case, seat, clocks.clocks),
    )


def _step_here(case: Case, seat: Acting) -> StepShown | None:
    """The next step of the case, with the roles it waits for where it is not the reader's."""
    step = next_step_of(case, seat)
    if step and "action" in step:
        step["waits_for"] = roles_for(Action(step["action"]))
    return step


def _presses(step: StepShown | None, running: list[ClockLine]) -> bool:
    """Whether the reader's own step comes before offers to examine: what runs is due today."""
    is_theirs = step is not None and "url" in step
    return (
        is_theirs
        and bool(running)
        and running[0].deadline.state in (ClockState.SOON, ClockState.LATE)
    )


def _clock_of_step(step: StepShown | None, running: list[ClockLine], reference: str) -> int | None:
    """The clock to say something of, where that is the step; of several, the first due."""
    ids = [line.clock.id for line in running if line.may_stop]
    url = step.get("url") if step else None
    if url == url_for("clocks.listing", reference=reference):
        return next(iter(ids), None)
    stops = {url_for("clocks.stop", reference=reference, clock_id=each): each for each in ids}
    return stops.get(url or "")


@pages.route("/start/<regime>", methods=["GET", "POST"])
def start(reference: str, regime: str) -> str | Response | tuple[str, int]:
    """Say since when, then start the clock of a regime."""
    case, seat = case_or_404(reference, Action.MANAGE_CLOCKS)
    wanted = regime_to_start(regime)
    clocks = _open_to_change(case)
    asked = StartForm()
    if not asked.is_submitted():
        offer = clocks.offers.of(regime)
        if offer is None:
            raise WrongStep("clock_already_running", reference=reference)
        asked.started_at.data = local_text(offer.starts_at) if offer.starts_at else ""
        return _start_page(case, seat, clocks, wanted, asked)
    if asked.validate():
        with faults_on(asked) as attempt:
            start_by_hand(
                session(),
                case.incident,
                regime,
                started_at=instant_of(asked, "started_at"),
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            flash(say("Le délai court : « %(name)s ».", name=regime_name(regime)))
            return _to_listing(reference)
    return _start_page(case, seat, clocks, wanted, asked), 422


def _start_page(
    case: Case, seat: Acting, clocks: CaseClocks, regime: Regime, asked: StartForm
) -> str:
    offer = clocks.offers.of(regime.code)
    line = offer_line(offer, seat) if offer else None
    return case_page(
        "clocks/start.html",
        case,
        seat,
        clocks=clocks,
        form=asked,
        told=told_today(regime, seat.organisation),
        line=line,
    )


@pages.route("/refuse/<regime>", methods=["GET", "POST"], endpoint="refuse")
def refuse_offer(reference: str, regime: str) -> str | Response | tuple[str, int]:
    """Say why a regime is not owed; it is offered no more."""
    case, seat = case_or_404(reference, Action.MANAGE_CLOCKS)
    wanted = regime_to_start(regime)
    clocks = _open_to_change(case)
    asked = RefusalForm()
    status = 200
    if asked.is_submitted():
        status = 422
        if asked.validate():
            with faults_on(asked) as attempt:
                reason = asked.reason.data or ""
                refuse(session(), case.incident, regime, reason=reason, by=seat, now=now())
            if attempt.succeeded:
                flash(say("C’est noté : ce délai n’est plus proposé dans ce dossier."))
                return _to_listing(reference)
    told = told_today(wanted, seat.organisation)
    page = case_page("clocks/refuse.html", case, seat, clocks=clocks, form=asked, told=told)
    return page, status


@pages.route("/<int:clock_id>/stop", methods=["GET", "POST"])
def stop(reference: str, clock_id: int) -> str | Response | tuple[str, int]:
    """Say of a clock that what it asks for is done, or not owed after all."""
    case, seat = case_or_404(reference, Action.MANAGE_CLOCKS)
    clock = find_clock(session(), case.incident, clock_id)
    clocks = _open_to_change(case)
    asked = StopForm()
    status = 200
    if not asked.is_submitted():
        if not may_stop_by_hand(clock):
            raise WrongStep("clock_ends_otherwise", reference=reference)
        asked.stopped_at.data = local_text(now())
    else:
        status = 422
        if asked.why.data != StopReason.DONE:
            # Kept as typed, and not asked for: it is of what is done.
            asked.stopped_at.validators = ()
        if asked.validate():
            with faults_on(asked) as attempt:
                _stop(case, seat, clock_id, asked)
            if attempt.succeeded:
                flash(say("Le délai est arrêté : « %(name)s ».", name=regime_name(clock.regime)))
                return _to_listing(reference)
    asked.stopped_at.flags.required = None
    line = clock_line(clock, case, seat)
    return case_page("clocks/stop.html", case, seat, clocks=clocks, form=asked, line=line), status


def _stop(case: Case, seat: Acting, clock_id: int, asked: StopForm) -> None:
    why = next((each for each in StopReason if each == asked.why.data), StopReason.CORRECTED)
    is_done = why is StopReason.DONE
    stop_by_hand(
        session(),
        case.incident,
        clock_id,
        why=why,
        stopped_at=instant_of(asked, "stopped_at") if is_done else None,
        remark=asked.remark.data or "",
        number=asked.reference_number if is_done else "",
        by=seat,
        now=now(),
    )


@pages.route("/<int:clock_id>/correction", methods=["GET", "POST"])
def correct(reference: str, clock_id: int) -> str | Response | tuple[str, int]:
    """Say that a clock counts from another time: it is counted, and planned, anew."""
    case, seat = case_or_404(reference, Action.MANAGE_CLOCKS)
    clock = find_clock(session(), case.incident, clock_id)
    clocks = _open_to_change(case)
    asked = CorrectionForm()
    status = 200
    if not asked.is_submitted():
        if clock.is_main:
            seat.demand(Action.QUALIFY)
        if not may_correct(clock, seat):
            raise WrongStep("clock_ends_otherwise", reference=reference)
        asked.started_at.data = local_text(clock.started_at)
    else:
        status = 422
        if asked.validate():
            with faults_on(asked) as attempt:
                correct_start(
                    session(),
                    case.incident,
                    clock_id,
                    started_at=instant_of(asked, "started_at"),
                    reason=asked.reason.data or "",
                    by=seat,
                    now=now(),
                )
            if attempt.succeeded:
                flash(say("Le départ est corrigé : l’échéance et les rappels ont suivi."))
                return _to_listing(reference)
    line = clock_line(clock, case, seat)
    page = case_page("clocks/correct.html", case, seat, clocks=clocks, form=asked, line=line)
    return page, status


def _open_to_change(case: Case) -> CaseClocks:
    """The clocks of a case that is not closed. Raises WrongStep."""
    if case.incident.closed_at is not None:
        raise WrongStep("case_closed", reference=case.incident.reference)
    return read_case_clocks(session(), case)


def _to_listing(reference: str) -> Response:
    return redirect(url_for("clocks.listing", reference=reference))
