"""What is expected of a running installation."""

from datetime import datetime, timedelta

# A worker beats every two seconds, and writes it down no more often than this.
WORKER_NOTED_EVERY = timedelta(seconds=30)
# Heard of less long ago than this, a worker is at work: one long batch may take minutes.
WORKER_SILENCE = timedelta(minutes=10)
# A backup older than this is worth a word.
BACKUP_EXPECTED_WITHIN = timedelta(days=7)


def is_worker_at_work(seen_at: datetime | None, *, now: datetime) -> bool:
    """Whether a worker was heard of lately."""
    return seen_at is not None and now - seen_at < WORKER_SILENCE


def is_backup_recent(backed_up_at: datetime | None, *, now: datetime) -> bool:
    """Whether the last backup is recent enough to be of use."""
    return backed_up_at is not None and now - backed_up_at < BACKUP_EXPECTED_WITHIN
