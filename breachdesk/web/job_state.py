"""How a page shows work that somebody asked for: it comes again by itself until it is done."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Response, make_response, request

from breachdesk.domain.work import JobState
from breachdesk.models import Incident, Job
from breachdesk.services.job_requests import UNDER_WAY, problem_of
from breachdesk.web.language import wording
from breachdesk.web.request import now
from breachdesk.wording.errors import error_sentence
from breachdesk.wording.job_errors import WORK_FAILED_SENTENCE

# A header, so that it works without a script; nobody is interrupted while they type.
SOON, LATER = "2", "10"
SOON_LASTS = timedelta(seconds=30)


def is_unfinished(job: Job | None) -> bool:
    """Whether the job is still to be done."""
    return job is not None and job.state in UNDER_WAY


def coming_again(page: str, job: Job) -> Response:
    """The page, to be asked for again in a moment; less often when it takes long."""
    answer = make_response(page)
    answer.headers["Refresh"] = SOON if now() - job.queued_at < SOON_LASTS else LATER
    return answer


def asked_job(jobs: Sequence[Job]) -> Job | None:
    """The one of these jobs that the address names: what the person has just asked for."""
    wanted = request.args.get("job", 0, int)
    return next((job for job in jobs if job.id == wanted), None)


def failure(job: Job | None, incident: Incident) -> str:
    """Why a job has failed and what to do, in a sentence; empty where it has not."""
    if job is None or job.state is not JobState.FAILED:
        return ""
    try:
        return error_sentence(problem_of(job, incident), wording())
    except KeyError:
        # A sentence that wants what somebody typed: a job does not keep that.
        return wording().text(WORK_FAILED_SENTENCE)
