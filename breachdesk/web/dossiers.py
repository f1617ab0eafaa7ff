"""The dossiers of a case: asking for the next one, listing and downloading them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from breachdesk.domain.access import Action
from breachdesk.domain.dossier_files import DossierKind
from breachdesk.domain.dossier_retention import kept_until
from breachdesk.domain.errors import NotFound
from breachdesk.domain.lifecycle import NextStep, next_step
from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Dossier, Job
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.dossiers import dossiers_of, read_dossier, zip_of
from breachdesk.services.job_requests import ask_for_dossier, jobs_of
from breachdesk.web.case_pages import StepShown, case_page, next_step_of
from breachdesk.web.job_state import asked_job, coming_again, failure, is_unfinished
from breachdesk.web.language import say, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session

pages = Blueprint("dossiers", __name__, url_prefix="/incidents/<reference>/dossiers")


@pages.route("", methods=["GET", "POST"])
def listing(reference: str) -> AnyResponse:
    """The dossiers made so far; a POST asks for the next one, the page says when it is there."""
    case, seat = case_or_404(reference)
    if request.method == "GET":
        return _page(case, seat)
    seat.demand(Action.MAKE_DOSSIER)
    demand_recent_proof()
    job = ask_for_dossier(session(), case.incident, wording().locale, by=seat, now=now())
    return redirect(url_for("dossiers.listing", reference=reference, job=job.id))


def _page(case: Case, seat: Acting) -> AnyResponse:
    jobs = jobs_of(session(), case.incident, JobKind.DOSSIER)
    asked = asked_job(jobs)
    if asked is not None and asked.state is JobState.DONE:
        return _is_made(case, asked)
    waits = jobs[0] if jobs and is_unfinished(jobs[0]) else None
    dossiers = list(reversed(dossiers_of(session(), case.incident)))
    page = case_page(
        "dossiers/listing.html",
        case,
        seat,
        dossiers=dossiers,
        waits=waits,
        fault=failure(_failed(jobs, dossiers, seat), case.incident),
        may_make=seat.may(Action.MAKE_DOSSIER),
        closing=_closing(case, seat),
        kept_until=_kept_until(case, dossiers),
        has_files=any(dossier.stored_as for dossier in dossiers),
    )
    return coming_again(page, waits) if waits else make_response(page)


def _closing(case: Case, seat: Acting) -> StepShown | None:
    """To close the case, where nothing else is left and the reader may."""
    step = next_step_of(case, seat)
    is_last = next_step(case.progress) is NextStep.CLOSE and step and step.get("url")
    return step if is_last else None


def _kept_until(case: Case, dossiers: Sequence[Dossier]) -> datetime | None:
    """When the last file of the case goes."""
    closed_at, months = case.incident.closed_at, case.incident.organisation.dossiers_kept_months
    last = max((dossier.made_at for dossier in dossiers), default=None)
    return kept_until(closed_at, months, last)


def _is_made(case: Case, job: Job) -> AnyResponse:
    reference, number = case.incident.reference, job.result["number"]
    flash(
        {  # type: ignore[arg-type]
            "text": say("Le dossier n° %(number)s est établi.", number=number),
            "next_url": url_for("dossiers.download", reference=reference, number=number),
            "next_label": say("Le télécharger"),
        }
    )
    return redirect(url_for("dossiers.listing", reference=reference))


def _failed(jobs: Sequence[Job], dossiers: Sequence[Dossier], seat: Acting) -> Job | None:
    """The person's last wish, where it came to nothing and no dossier was made since."""
    if not jobs or jobs[0].state is not JobState.FAILED or jobs[0].asked_by_id != seat.user.id:
        return None
    was_made_since = dossiers and jobs[0].finished_at and dossiers[0].made_at > jobs[0].finished_at
    return None if was_made_since else jobs[0]


@pages.get("/<int:number>.pdf")
def download(reference: str, number: int) -> Response:
    """A dossier as it was made, byte for byte."""
    return _file(reference, number, "pdf", lambda pdf: pdf)


@pages.get("/<int:number>.zip")
def download_zip(reference: str, number: int) -> Response:
    """The dossier with the files it holds laid beside it."""
    return _file(reference, number, "zip", zip_of)


def _file(reference: str, number: int, kind: str, made: Callable[[bytes], bytes]) -> Response:
    case, _ = case_or_404(reference)
    demand_recent_proof()
    try:
        dossier, pdf = read_dossier(session(), desk(), case.incident, number)
    except FileNotFoundError:
        raise NotFound("unknown_dossier", number=number) from None
    # Whoever gets both sees by their names which is the copy for somebody else.
    word = say("copie") if dossier.kind is DossierKind.REDACTED else say("dossier")
    name = f"{case.incident.reference}-{word}-{number}.{kind}"
    answer = Response(made(pdf), mimetype=f"application/{kind}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
