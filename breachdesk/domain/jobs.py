"""Large pieces of work that a person asks for: how long a claim holds, when one gives up."""

from datetime import timedelta

from breachdesk.domain.access import Action
from breachdesk.domain.work import JobKind

# A claim outlives its worker by no more than this; a worker that lives renews it.
JOB_LEASE = timedelta(seconds=60)
RENEW_EVERY = JOB_LEASE / 4
# Before the second attempt, the third, the fourth: there is no fifth.
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
MOST_ATTEMPTS = len(PAUSES) + 1
# Said when no rule refused it: something failed again and again, or its worker always died.
WORK_FAILED = "work_failed"
# A list of recipients this short is taken in within the request: nobody need wait for a worker.
LINES_AT_ONCE = 2_000
# How long somebody may still read what became of a job; then its row goes.
JOBS_KEPT_FOR = timedelta(days=30)

# Whoever asks must be allowed to, when they ask and still when it is done.
ACTION_OF: dict[JobKind, Action] = {
    JobKind.DOSSIER: Action.MAKE_DOSSIER,
    JobKind.RECIPIENTS: Action.IMPORT_RECIPIENTS,
}


def pause_before_next(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts, or None to give up."""
    return PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None
