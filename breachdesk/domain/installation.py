"""What is expected of a running installation."""

from datetime import datetime, timedelta

# A backup older than this is worth a word.
BACKUP_EXPECTED_WITHIN = timedelta(days=7)


def is_backup_recent(backed_up_at: datetime | None, *, now: datetime) -> bool:
    """Whether the last backup is recent enough to be of use."""
    return backed_up_at is not None and now - backed_up_at < BACKUP_EXPECTED_WITHIN
