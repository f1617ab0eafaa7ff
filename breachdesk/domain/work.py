"""Who does what is due, and the large pieces of work that people ask for."""

from datetime import datetime, timedelta
from enum import StrEnum

from breachdesk.domain.codes import GrowingCode

# A worker writes down that it lives no more often than this.
HEARTBEAT_EVERY = timedelta(seconds=10)
# Silent for longer than this, it is held to be gone: what it had claimed may be taken over.
WORKER_GONE_AFTER = timedelta(seconds=60)
# A worker that ended, or fell silent, is listed for this long.
KEPT_AFTER_SILENCE = timedelta(days=1)
# With something due and no worker alive for this long, every page says so.
SILENCE_IS_SAID_AFTER = timedelta(minutes=5)
# Work that a living worker leaves for this long needs a person.
LATE_AFTER = timedelta(minutes=5)
# A certificate that ends sooner is to be replaced: whoever receives dossiers must be told.
SEAL_RENEWED_BEFORE = timedelta(days=30)
# A mail server out of reach for this long needs a person: reminders cannot leave.
UNREACHABLE_IS_LONG = timedelta(minutes=10)
# A server that answers and takes nothing of what our own people wait for needs one too.
# Greylisting takes a quarter of an hour.
PUT_OFF_IS_LONG = timedelta(minutes=30)
# A monitor not called for this many of its intervals is not called any more.
INTERVALS_MISSED = 3


class Runner(GrowingCode):
    """What decides who runs and when; the claim on a row keeps it neither lost nor doubled."""

    EMBEDDED = "embedded"
    PROCRASTINATE = "procrastinate"


class WorkKind(StrEnum):
    """What a worker does."""

    REMINDERS = "reminders"
    DELIVERIES = "deliveries"
    JOBS = "jobs"


class Trouble(StrEnum):
    """What needs a person, from what hurts most to what hurts least."""

    NO_WORKER = "no_worker"
    WORK_IS_LATE = "work_is_late"
    MAIL_UNREACHABLE = "mail_unreachable"
    MAIL_PUT_OFF = "mail_put_off"
    MAIL_HAS_NO_WAY = "mail_has_no_way"
    SEAL_IS_OVER = "seal_is_over"
    OF_ANOTHER_VERSION = "of_another_version"
    MONITOR_NOT_TOLD = "monitor_not_told"
    SEAL_ENDS_SOON = "seal_ends_soon"


class JobKind(GrowingCode):
    """A large piece of work that a person asked for."""

    DOSSIER = "dossier"
    RECIPIENTS = "recipients"


class JobState(StrEnum):
    """QUEUED and RUNNING are under way; the others are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


def is_alive(seen_at: datetime, stopped_at: datetime | None, *, now: datetime) -> bool:
    """Whether a worker is held to be at work.

    A heartbeat from further ahead than a worker may be silent says nothing: a clock was wrong.
    """
    return stopped_at is None and -WORKER_GONE_AFTER <= now - seen_at < WORKER_GONE_AFTER


def stopped_since(
    last_seen_at: datetime | None, due_since: datetime | None, *, now: datetime
) -> datetime | None:
    """Since when nobody does what is due, once that is worth a word on every page; else None.

    Args:
        last_seen_at: when any worker was last heard of; None: none ever was. One from further
            ahead than a worker may be silent is as good as none: a clock was wrong.
        due_since: when the oldest work fell due, or will; None: there is none.
    """
    if due_since is None or due_since > now:
        return None
    is_known = last_seen_at is not None and last_seen_at <= now + WORKER_GONE_AFTER
    since = last_seen_at if is_known and last_seen_at else due_since
    return since if now - since >= SILENCE_IS_SAID_AFTER else None
