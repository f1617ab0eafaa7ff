"""When the next piece of work falls due: what a worker looks at, and every page.

Each question is answered by one step into an index, however much exists or waits. The
conditions are written out, not bound: only then may a database use a partial index.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, text
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import FIRST_PRIORITY, NOTICE_PRIORITY
from breachdesk.domain.work import WORKER_GONE_AFTER, stopped_since
from breachdesk.models import Delivery, Job, Reminder, Worker, reading

# Those of `ix_delivery_due`, which begins with them: the next one is found priority by priority.
PRIORITIES = (FIRST_PRIORITY, NOTICE_PRIORITY)
# Of `next_due_columns`: reminders, waiting deliveries by priority, those in hand, jobs.
COLUMNS = 3 + len(PRIORITIES)


@dataclass(frozen=True)
class NextDue:
    """When the first of each kind falls due, or fell due; None where there is none.

    Of what is in a worker's hands it is the moment when its lease runs out.
    """

    reminders: datetime | None
    deliveries: datetime | None
    jobs: datetime | None

    @property
    def first(self) -> datetime | None:
        """The earliest of all kinds."""
        moments = [each for each in (self.first_but_jobs, self.jobs) if each]
        return min(moments, default=None)

    @property
    def first_but_jobs(self) -> datetime | None:
        """The earliest of what a round does: reminders and deliveries."""
        moments = [each for each in (self.reminders, self.deliveries) if each]
        return min(moments, default=None)


def next_due(session: Session) -> NextDue:
    """When the next work of each kind falls due, in one statement; does not commit."""
    return read_next_due(session.execute(_next_due()).one())


def is_job_due(session: Session, *, now: datetime) -> bool:
    """Whether a large piece of work is due; ends its transaction, in which it only reads."""
    with reading():
        due_at = next_due(session).jobs
    session.rollback()
    return due_at is not None and due_at <= now


@cache
def _next_due() -> Any:
    return select(*next_due_columns())


def next_due_columns() -> list[Any]:
    """What `read_next_due` reads, as scalar subqueries for a statement of any kind."""
    return [
        _first_reminder(),
        *(_first_queued_delivery(priority) for priority in PRIORITIES),
        _first_expiring_delivery(),
        _first_job(),
    ]


def read_next_due(row: Any) -> NextDue:
    """What a row that ends with `next_due_columns` says."""
    reminder, *deliveries, job = row[-COLUMNS:]
    moments = [each for each in deliveries if each is not None]
    return NextDue(reminder, min(moments, default=None), job)


def stopped_columns() -> list[Any]:
    """What `read_stopped_since` reads: a page adds them to a statement it asks anyway.

    That statement is given `stopped_parameters`.
    """
    # One heartbeat of a clock that was wrong must not hide those of the workers that live.
    believed: Any = bindparam("believed_until", type_=Worker.seen_at.type)
    last_seen = select(func.max(Worker.seen_at)).where(Worker.seen_at <= believed)
    return [last_seen.correlate(None).scalar_subquery(), *next_due_columns()]


def stopped_parameters(now: datetime) -> dict[str, datetime]:
    """What a statement with `stopped_columns` is executed with."""
    return {"believed_until": now + WORKER_GONE_AFTER}


def read_stopped_since(row: Any, *, now: datetime) -> datetime | None:
    """Since when nobody does what is due, of a row that ends with `stopped_columns`."""
    last_seen_at = row[-COLUMNS - 1]
    return stopped_since(last_seen_at, read_next_due(row).first, now=now)


def work_stopped_since(session: Session, *, now: datetime) -> datetime | None:
    """Since when nobody does what is due, for pages of no organisation; one statement."""
    return read_stopped_since(session.execute(_stopped(), stopped_parameters(now)).one(), now=now)


@cache
def _stopped() -> Any:
    return select(*stopped_columns())


def _first_reminder() -> Any:
    """A clock that stops cancels its reminders in the same transaction: no clock is looked at."""
    return (
        select(func.min(Reminder.remind_at))
        .where(text("reminder.emitted_at IS NULL AND reminder.cancelled_at IS NULL"))
        .correlate(None)
        .scalar_subquery()
    )


def _first_queued_delivery(priority: int) -> Any:
    return (
        select(Delivery.next_attempt_at)
        .where(
            text("delivery.state IN ('queued', 'sending') AND delivery.state = 'queued'"),
            text(f"delivery.priority = {int(priority)}"),
        )
        .order_by(Delivery.next_attempt_at)
        .limit(literal_column("1"))
        .correlate(None)
        .scalar_subquery()
    )


def _first_expiring_delivery() -> Any:
    return (
        select(func.min(Delivery.lease_until))
        .where(text("delivery.state = 'sending'"))
        .correlate(None)
        .scalar_subquery()
    )


def _first_job() -> Any:
    """While it runs a job is next due when its lease ends: see `services.jobs`."""
    return (
        select(func.min(Job.next_attempt_at))
        .where(text("job.state IN ('queued', 'running')"))
        .correlate(None)
        .scalar_subquery()
    )
