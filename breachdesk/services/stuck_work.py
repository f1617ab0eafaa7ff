"""Whether what our own people wait for is stuck: then the monitor outside must hear nothing.

Asked by a worker before it says that all is well, and by nothing else.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import Session, aliased

from breachdesk.domain.deliveries import FIRST_PRIORITY, UNDER_WAY, DeliveryState
from breachdesk.domain.work import LATE_AFTER, PUT_OFF_IS_LONG, UNREACHABLE_IS_LONG
from breachdesk.models import Delivery, Reminder
from breachdesk.services.acting import Desk
from breachdesk.services.mail_routes import read_routes

# Refusals "for now" that concern us and not one person: the service is away (RFC 5321,
# 4.2.2), or cannot check who we are (RFC 4954, 4.7.3).
_FOR_ALL = (421, 454)


def is_work_stuck(session: Session, desk: Desk, *, now: datetime) -> bool:
    """Whether a reminder, or a mail to our own people, is overdue; two statements, no commit.

    A reminder is, once it has been due for `LATE_AFTER`. A mail is, once nobody has tried it
    for as long, or once it has waited for `UNREACHABLE_IS_LONG` though no server has said of
    it "not now": none can be reached, it takes nothing from us, or we fail ourselves; or once
    a server has said "not now" for `PUT_OFF_IS_LONG` and took nothing else of that organisation.

    Three things are no alarm. Mail of an organisation without any mail server goes nowhere
    until somebody names one: that may be never, and every page of that organisation says it.
    One person's mailbox that is full for days says nothing of all others. And large pieces
    of work, and communications to the people affected, have their own pages.
    """
    late = now - LATE_AFTER
    reminder = select(Reminder.id).where(
        Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None), Reminder.remind_at <= late
    )
    mail = select(Delivery.id).where(
        Delivery.state.in_(UNDER_WAY),
        Delivery.priority == FIRST_PRIORITY,
        read_routes(session, desk).can_leave(()),
        or_(
            _is_left_alone(late),
            _is_held_up(now - UNREACHABLE_IS_LONG),
            _is_put_off(now - PUT_OFF_IS_LONG),
        ),
    )
    return bool(session.scalar(select(or_(exists(reminder), exists(mail)))))


def _is_left_alone(since: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Delivery.state == DeliveryState.QUEUED, Delivery.next_attempt_at <= since),
        and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until <= since),
    )


def _is_held_up(since: datetime) -> ColumnElement[bool]:
    """By `queued_at`: each attempt, and each fault of ours, makes the next one lie ahead."""
    code = Delivery.answer_code
    # A refusal for good that is tried again all the same was about us.
    is_for_all = or_(code.is_(None), code >= 500, code.in_(_FOR_ALL))
    return and_(Delivery.queued_at <= since, is_for_all)


def _is_put_off(since: datetime) -> ColumnElement[bool]:
    """One person's mailbox may be full for days: nobody else's mail was taken meanwhile either."""
    taken = aliased(Delivery)
    others = select(taken.id).where(
        taken.organisation_id.is_not_distinct_from(Delivery.organisation_id),
        taken.state == DeliveryState.SENT,
        taken.finished_at >= Delivery.queued_at,
    )
    return and_(
        Delivery.queued_at <= since,
        Delivery.answer_code.between(400, 499),
        not_(exists(others.correlate(Delivery))),
    )
