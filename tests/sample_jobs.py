"""Work that waits for a worker, and some that came to nothing."""

from datetime import datetime, timedelta

from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Job
from breachdesk.services.acting import seats_of_address
from tests import cases
from tests.cases import Work

# The number of a list as its page's address has it.
LIST = 1


def sample_jobs(work: Work, now: datetime, *, waiting: str, failed: str, by: str) -> None:
    """A dossier and a long list under way; a dossier that could not be typeset.

    Args:
        waiting: the reference of the case of the first two.
        failed: that of the other.
        by: the address of who asked for it.
    """
    (seat,) = seats_of_address(work.session, by)
    for reference, kind, parameters, outcome in (
        (waiting, JobKind.DOSSIER, {"locale": "fr"}, {}),
        (waiting, JobKind.RECIPIENTS, {"import_id": LIST, "mapping": None}, {}),
        (failed, JobKind.DOSSIER, {"locale": "fr"}, _FAILED | {"finished_at": now}),
    ):
        case = cases.incident(work, reference)
        job = Job(
            kind=kind,
            organisation_id=case.organisation_id,
            incident_id=case.id,
            parameters=parameters,
            asked_by_id=seat.user.id,
            queued_at=now - timedelta(minutes=1),
            next_attempt_at=now,
            **outcome,
        )
        work.session.add(job)
    work.session.commit()


_FAILED = {
    "state": JobState.FAILED,
    "problem": "typesetting_too_long",
    "result": {"seconds": 60},
    "attempts": 4,
}
