"""Asking for a large piece of work, and reading what became of it; `jobs` does it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.column_mapping import ColumnMapping
from breachdesk.domain.errors import DeskError, NotFound
from breachdesk.domain.jobs import ACTION_OF, LINES_AT_ONCE
from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Incident, Job, Notice, RecipientImport
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.cases import lock_case
from breachdesk.services.dossiers import RedactedCopy
from breachdesk.services.posting import Piece, post
from breachdesk.services.recipients import ImportResult, confirm_recipients

UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


def ask_for_dossier(
    session: Session,
    incident: Incident,
    locale: str,
    *,
    by: Acting,
    now: datetime,
    copy: RedactedCopy | None = None,
) -> Job:
    """Ask for the next dossier of a case; where the same is being made, that one is meant.

    Args:
        copy: what is removed from it, and for whom; None: nothing.

    Raises:
        NotAllowed: the person's roles do not permit it.
        InvalidInput: a copy for nobody, or with nothing removed.
    """
    by.demand(ACTION_OF[JobKind.DOSSIER])
    parameters: dict[str, Any] = {"locale": locale}
    if copy is not None:
        parameters["copy"] = copy.checked().as_record()
    return _ask(session, JobKind.DOSSIER, incident, parameters, by=by, now=now)


def _ask(
    session: Session,
    kind: JobKind,
    incident: Incident,
    parameters: Mapping[str, Any],
    *,
    by: Acting,
    now: datetime,
) -> Job:
    """Queue a job, unless the same is under way, and commit.

    What it is about are ids and codes, and of a redacted copy who it is for and why.
    """
    lock_case(session, incident)
    job = next(
        (
            each
            for each in jobs_of(session, incident, kind)
            if each.state in UNDER_WAY and each.parameters == dict(parameters)
        ),
        None,
    )
    if job is None:
        job = Job(
            kind=kind,
            organisation_id=incident.organisation_id,
            incident_id=incident.id,
            parameters=dict(parameters),
            asked_by_id=by.user.id,
            queued_at=now,
            next_attempt_at=now,
        )
        session.add(job)
        post(session, Piece.JOB)
    session.commit()
    return job


def jobs_of(session: Session, incident: Incident, kind: JobKind) -> Sequence[Job]:
    """The jobs of a case of one kind, the latest first."""
    return session.scalars(
        select(Job).where(Job.incident_id == incident.id, Job.kind == kind).order_by(Job.id.desc())
    ).all()


def latest_job_of_list(session: Session, incident: Incident, import_id: int) -> Job | None:
    """The last job that was asked to take in this list of recipients."""
    jobs = jobs_of(session, incident, JobKind.RECIPIENTS)
    return next((job for job in jobs if job.parameters["import_id"] == import_id), None)


def lists_being_taken_in(session: Session, incident: Incident) -> set[int]:
    """The ids of the lists of recipients that a job takes in: not all of them are there yet."""
    jobs = jobs_of(session, incident, JobKind.RECIPIENTS)
    return {job.parameters["import_id"] for job in jobs if job.state in UNDER_WAY}


def problem_of(job: Job, incident: Incident) -> DeskError:
    """Why a job of a case has failed, as the error that wording can say."""
    return DeskError(job.problem, **{"reference": incident.reference, **job.result})


def take_in_recipients(
    session: Session,
    desk: Desk,
    incident: Incident,
    import_id: int,
    mapping: ColumnMapping | None,
    *,
    by: Acting,
    now: datetime,
) -> ImportResult | Job:
    """Take in a short list at once; ask for the job that takes in a long one.

    Raises:
        WrongStep: the communication has been sent (of a long list, its job says so).
        NotFound: no such list, or it has been taken in already.
    """
    by.demand(ACTION_OF[JobKind.RECIPIENTS])
    counts = session.execute(
        select(RecipientImport.good, RecipientImport.bad, RecipientImport.duplicates)
        .join(Notice, Notice.id == RecipientImport.notice_id)
        .where(
            RecipientImport.id == import_id,
            Notice.incident_id == incident.id,
            RecipientImport.content.is_not(None),
        )
    ).first()
    if counts is None:
        raise NotFound("unknown_import")
    if sum(counts) <= LINES_AT_ONCE:
        return confirm_recipients(session, desk, incident, import_id, mapping, by=by, now=now)
    parameters = {"import_id": import_id, "mapping": mapping.as_record() if mapping else None}
    return _ask(session, JobKind.RECIPIENTS, incident, parameters, by=by, now=now)
