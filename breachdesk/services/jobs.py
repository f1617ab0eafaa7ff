"""Large pieces of work that people asked for (`job_requests`): claimed, done, recorded.

What a job makes and the record that it is done are one transaction: a worker that is
killed has either done both or neither, and whoever takes over makes nothing twice.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.domain.access import demand
from breachdesk.domain.column_mapping import ColumnMapping
from breachdesk.domain.errors import DeskError, DocumentFailed
from breachdesk.domain.jobs import (
    ACTION_OF,
    JOB_LEASE,
    JOBS_KEPT_FOR,
    MOST_ATTEMPTS,
    RENEW_EVERY,
    WORK_FAILED,
    pause_before_next,
)
from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Incident, Job, User
from breachdesk.services.acting import Acting, Desk, seats_of
from breachdesk.services.cases import find_case
from breachdesk.services.dossiers import RedactedCopy, make_dossier
from breachdesk.services.faults import kind_of, trace_of
from breachdesk.services.job_requests import UNDER_WAY
from breachdesk.services.recipients import ImportResult, confirm_recipients
from breachdesk.services.strangers import IS_OUR_JOB

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Overtaken(Exception):
    """The lease ran out and another worker has the job: what was done here is thrown away."""


# --- Doing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claim:
    """A job in our hands; `attempts` tells this claim from every other of the same job."""

    id: int
    worker: str
    attempts: int

    @property
    def is_ours(self) -> Any:
        """The condition that nobody took it over."""
        return (
            (Job.id == self.id)
            & (Job.state == JobState.RUNNING)
            & (Job.claimed_by == self.worker)
            & (Job.attempts == self.attempts)
        )


def do_next_job(session: Session, desk: Desk, *, worker: str, clock: Clock) -> bool:
    """Claim the job that is due first and do it; False where none is.

    Raises:
        sqlalchemy.exc.DBAPIError: the database is gone; the lease will run out.
    """
    claim = _claim(session, worker=worker, now=clock())
    if claim is None:
        return False
    if claim.attempts > MOST_ATTEMPTS:
        _fail(session, claim, WORK_FAILED, {}, now=clock())
        return True
    try:
        with _lease_kept(session, claim, clock):
            _do(session, desk, claim, clock)
    except Overtaken:
        session.rollback()
        log.warning("Job %s was taken over; what was done here is thrown away", claim.id)
    except DocumentFailed as error:
        _postpone(session, claim, error.code, _sayable(error), clock=clock)
    except DeskError as error:
        session.rollback()
        _fail(session, claim, error.code, _sayable(error), now=clock())
    except Exception as error:
        _log(claim, error)
        _postpone(session, claim, WORK_FAILED, {}, clock=clock)
    return True


def _claim(session: Session, *, worker: str, now: datetime) -> _Claim | None:
    """Claim what is due first, in one statement, and commit.

    While it runs a job is next due when its lease ends: one condition finds what is queued
    and what a dead worker left.
    """
    due = (
        select(Job.id)
        .where(Job.state.in_(UNDER_WAY), Job.next_attempt_at <= now, IS_OUR_JOB)
        .order_by(Job.next_attempt_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    chosen = due.cte("due")
    row = session.execute(
        update(Job)
        .where(Job.id.in_(select(chosen.c.id)))
        .values(
            state=JobState.RUNNING,
            claimed_by=worker,
            lease_until=now + JOB_LEASE,
            next_attempt_at=now + JOB_LEASE,
            attempts=Job.attempts + 1,
        )
        .returning(Job.id, Job.attempts),
        execution_options={"synchronize_session": False},
    ).first()
    session.commit()
    return _Claim(row.id, worker, row.attempts) if row else None


@contextmanager
def _lease_kept(session: Session, claim: _Claim, clock: Clock) -> Iterator[None]:
    """Renew the lease while the work is done, on a connection of its own."""
    engine, is_over = session.get_bind().engine, threading.Event()

    def keep() -> None:
        while not is_over.wait(RENEW_EVERY.total_seconds()):
            until = clock() + JOB_LEASE
            renewal = (
                update(Job).where(claim.is_ours).values(lease_until=until, next_attempt_at=until)
            )
            try:
                with engine.begin() as connection:
                    connection.execute(renewal)
            except DBAPIError as fault:
                # On SQLite the work itself holds the only lock; no other worker is there then.
                log.info("The lease of job %s was not renewed (%s)", claim.id, type(fault).__name__)

    keeper = threading.Thread(target=keep, name=f"lease of job {claim.id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _do(session: Session, desk: Desk, claim: _Claim, clock: Clock) -> None:
    job = session.get_one(Job, claim.id, populate_existing=True)
    seat = _seat_of_asker(session, job)
    reference = session.get_one(Incident, job.incident_id).reference
    case = find_case(session, [seat], reference)
    _WORK[job.kind](session, desk, case.incident, job.parameters, seat, claim, clock)


def _seat_of_asker(session: Session, job: Job) -> Acting:
    """Who asked, with the roles they hold now. Raises NotAllowed where they hold none."""
    active = select(User.id).where(User.id == job.asked_by_id, User.is_active)
    for seat in seats_of(session, session.scalar(active) or 0):
        if seat.organisation.id == job.organisation_id:
            return seat
    demand((), ACTION_OF[job.kind])
    raise AssertionError("unreachable")


def _make_dossier(
    session: Session,
    desk: Desk,
    incident: Incident,
    parameters: Mapping[str, Any],
    seat: Acting,
    claim: _Claim,
    clock: Clock,
) -> None:
    make_dossier(
        session,
        desk,
        incident,
        by=seat,
        now=clock(),
        locale=parameters["locale"],
        copy=RedactedCopy.from_record(parameters["copy"]) if "copy" in parameters else None,
        with_it=lambda made: _record(session, claim, {"number": made.number}, now=clock()),
    )


def _take_in_recipients(
    session: Session,
    desk: Desk,
    incident: Incident,
    parameters: Mapping[str, Any],
    seat: Acting,
    claim: _Claim,
    clock: Clock,
) -> None:
    def record(found: ImportResult) -> None:
        result = {"added": found.added, "bad": found.bad, "duplicates": found.duplicates}
        _record(session, claim, result, now=clock())

    mapping = parameters["mapping"]
    confirm_recipients(
        session,
        desk,
        incident,
        parameters["import_id"],
        ColumnMapping.from_record(mapping) if mapping else None,
        by=seat,
        now=clock(),
        with_it=record,
    )


_WORK: Mapping[JobKind, Callable[..., None]] = {
    JobKind.DOSSIER: _make_dossier,
    JobKind.RECIPIENTS: _take_in_recipients,
}


# --- Recording -------------------------------------------------------------------------------


def _record(session: Session, claim: _Claim, result: Mapping[str, int], *, now: datetime) -> None:
    """Write down that it is done, with what was made; does not commit."""
    _close(session, claim, state=JobState.DONE, finished_at=now, result=dict(result), problem="")


def _fail(
    session: Session,
    claim: _Claim,
    problem: str,
    said: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    """Give up, with the reason that whoever asked will read; commit."""
    try:
        _close(
            session,
            claim,
            state=JobState.FAILED,
            finished_at=now,
            problem=problem,
            result=dict(said),
        )
    except Overtaken:
        session.rollback()
        return
    session.commit()
    log.warning("Job %s failed for good: %s", claim.id, problem)


def _postpone(
    session: Session, claim: _Claim, problem: str, said: Mapping[str, object], *, clock: Clock
) -> None:
    """Put back what may succeed a little later, or give up; commit."""
    session.rollback()
    pause = pause_before_next(claim.attempts)
    if pause is None:
        _fail(session, claim, problem, said, now=clock())
        return
    try:
        _close(session, claim, state=JobState.QUEUED, next_attempt_at=clock() + pause)
    except Overtaken:
        session.rollback()
        return
    session.commit()
    log.warning("Job %s will be tried again: %s", claim.id, problem)


def _close(session: Session, claim: _Claim, **values: Any) -> None:
    """Let go of a job that is still ours. Raises Overtaken."""
    ours = session.scalars(
        update(Job)
        .where(claim.is_ours)
        .values(lease_until=None, claimed_by="", **values)
        .returning(Job.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not ours:
        raise Overtaken


def _sayable(error: DeskError) -> dict[str, object]:
    """Those parameters of an error that are numbers: nothing that a person has typed."""
    return {name: value for name, value in error.parameters.items() if isinstance(value, int)}


def _log(claim: _Claim, error: Exception) -> None:
    """Where it failed, without the message: that may hold what a file holds."""
    log.error("Job %s failed with %s at:\n%s", claim.id, kind_of(error), trace_of(error))


def sweep_jobs(session: Session, *, now: datetime) -> None:
    """Throw away jobs that ended long ago; does not commit."""
    session.execute(delete(Job).where(Job.finished_at <= now - JOBS_KEPT_FOR))
