"""Rows of a kind that only another version of the desk knows: left to it, and said.

During an upgrade an older worker meets what a newer web process has queued, and after a
downgrade such rows stay behind. This version neither does nor gives up what it does not
know: it passes it over, and it stays due for whoever knows it.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, literal_column, not_, select, type_coerce
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState
from breachdesk.domain.work import JobState
from breachdesk.models import Delivery, Incident, Job, Reminder

log = logging.getLogger(__name__)

# Of each table, in one look: the rest is as many lines of the same.
MOST_LOGGED = 20


def is_ours(*columns: Any) -> ColumnElement[bool]:
    """That this version knows the codes in these columns; written out, so that a plan is kept."""
    return and_(
        *(
            type_coerce(column, String).in_(
                [literal_column(f"'{member.value}'") for member in column.type.enum]
            )
            for column in columns
        )
    )


IS_OUR_MAIL = is_ours(Delivery.kind)
IS_OUR_REMINDER = is_ours(Reminder.cause, Reminder.channel)
IS_OUR_JOB = is_ours(Job.kind)


def log_strangers(session: Session, *, now: datetime) -> None:
    """Name in the log, by id and case, what is due and not ours to do; does not commit."""
    for what, row, code, condition in (
        (
            "Delivery",
            Delivery,
            Delivery.kind,
            and_(
                Delivery.state.in_(UNDER_WAY),
                Delivery.state == DeliveryState.QUEUED,
                Delivery.next_attempt_at <= now,
                not_(IS_OUR_MAIL),
            ),
        ),
        (
            "Reminder",
            Reminder,
            Reminder.cause,
            and_(
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
                Reminder.remind_at <= now,
                not_(IS_OUR_REMINDER),
            ),
        ),
        (
            "Job",
            Job,
            Job.kind,
            and_(
                Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
                Job.next_attempt_at <= now,
                not_(IS_OUR_JOB),
            ),
        ),
    ):
        found = session.execute(
            select(row.id, type_coerce(code, String), Incident.reference)
            .outerjoin(Incident, Incident.id == row.incident_id)
            .where(condition)
            .limit(MOST_LOGGED)
        )
        for id_, kind, reference in found:
            log.warning(
                "%s %s of incident %s is of a kind that this version does not know (%s): left"
                " to a newer one",
                what,
                id_,
                reference or "-",
                kind,
            )
