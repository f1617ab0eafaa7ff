"""What a machine's clock that ran ahead has put off, once it is set right.

A mail queued by a clock that was a day ahead would wait for a day, and a lease taken by it
would outlive its worker by as much. Nothing lies so far ahead by rule.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import LEASE, LONGEST_PAUSE, DeliveryState
from breachdesk.domain.jobs import JOB_LEASE, PAUSES
from breachdesk.domain.work import JobState
from breachdesk.models import Delivery, Job
from breachdesk.services.due_work import PRIORITIES

log = logging.getLogger(__name__)

# Between machines, seconds of difference are no fault: one lease of them is not looked at.
SLACK = LEASE


def bring_back(session: Session, *, now: datetime) -> None:
    """Make due what waits longer than anything ever does; does not commit.

    What was in hand is left to its worker for one lease more: if that one lives, it renews it.
    """
    in_hand = Delivery.state == DeliveryState.SENDING, Delivery.lease_until > now + LEASE + SLACK
    queued = (
        Delivery.state == DeliveryState.QUEUED,
        # Bound to another mail, a mail waits for that one and not for its moment.
        Delivery.claimed_by == "",
        Delivery.priority.in_(PRIORITIES),
        Delivery.next_attempt_at > now + LONGEST_PAUSE + SLACK,
    )
    running = Job.state == JobState.RUNNING, Job.next_attempt_at > now + JOB_LEASE + SLACK
    waiting = Job.state == JobState.QUEUED, Job.next_attempt_at > now + max(PAUSES) + SLACK
    ends_at = now + JOB_LEASE
    brought_back = [
        _change(session, Delivery, in_hand, lease_until=now + LEASE),
        _change(session, Delivery, queued, next_attempt_at=now),
        _change(session, Job, running, lease_until=ends_at, next_attempt_at=ends_at),
        _change(session, Job, waiting, next_attempt_at=now),
    ]
    if any(brought_back):
        log.warning(
            "A clock was ahead and has been set back: %s mails and jobs waited for a moment that"
            " was never meant, and are due now",
            sum(brought_back),
        )


def _change(session: Session, table: Any, conditions: Any, **values: Any) -> int:
    changed: Any = session.execute(
        update(table).where(*conditions).values(**values),
        execution_options={"synchronize_session": False},
    )
    return int(changed.rowcount)
