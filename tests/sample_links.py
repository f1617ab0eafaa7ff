"""What the sample desk in use has behind links that open without sign-in: one in each state."""

from datetime import datetime, timedelta

from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.reminder_mails import ACKNOWLEDGE_WITHIN
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause
from breachdesk.models import Acknowledgement, Clock, Delivery, Reminder, User
from breachdesk.services.ack_links import LinkedMail
from breachdesk.services.calendar_feeds import MOST_FEEDS, feeds_of, make_feed, note_read
from tests.cases import Work, incident, seat

# Who has as many addresses of calendars as one may have.
MANY_FEEDS = "manager@gir.example"


def sample_links(work: Work, by_all_roles: str, now: datetime, **cases: str) -> dict[str, str]:
    """Tokens by what their page says, and addresses of calendars.

    Args:
        cases: the references of one whose clock runs, one whose clock has stopped, one that
            is restricted.
    """
    everything = work.session.scalars(select(User).where(User.email == by_all_roles)).one()
    handler, reporter = seat(work, Role.HANDLER).user, seat(work, Role.REPORTER).user
    earlier, then = now - timedelta(hours=3), now - timedelta(hours=2)
    running = cases["running"]
    places = {
        "ack_open": _mailed(work, running, handler, then),
        "ack_read": _mailed(work, running, handler, earlier, read_by=everything),
        "ack_mine": _mailed(work, running, handler, then, read_by=handler),
        "ack_stopped": _mailed(work, cases["stopped"], handler, then),
        "ack_over": _mailed(work, running, handler, now - ACKNOWLEDGE_WITHIN),
        # Somebody whose role lets them see no case any more.
        "ack_left": _mailed(work, running, reporter, then),
        "ack_hidden": _mailed(work, cases["restricted"], handler, then),
        "feed": make_feed(work.session, work.desk, everything, now=then),
    }
    make_feed(work.session, work.desk, everything, now=then)
    note_read(work.session, feeds_of(work.session, everything)[1].id, now=now)
    manager = seat(work, Role.MANAGER).user
    for _ in range(MOST_FEEDS):
        make_feed(work.session, work.desk, manager, now=then)
    return places


def _mailed(
    work: Work, reference: str, to: User, sent_at: datetime, *, read_by: User | None = None
) -> str:
    """The token of the link in a reminder that was sent."""
    case = incident(work, reference)
    clock = work.session.scalars(
        select(Clock).where(Clock.incident_id == case.id, Clock.is_main)
    ).one()
    count = len(work.session.scalars(select(Reminder.id)).all())
    reminder = Reminder(
        clock_id=clock.id,
        incident_id=case.id,
        cause=ReminderCause.PLANNED,
        # Unlike any that the plan wants.
        planned_for=sent_at - timedelta(seconds=count),
        remind_at=sent_at,
        roles=["handler"],
        emitted_at=sent_at,
        acknowledged_at=sent_at if read_by else None,
    )
    work.session.add(reminder)
    work.session.flush()
    delivery = Delivery(
        organisation_id=case.organisation_id,
        incident_id=case.id,
        kind=MailKind.REMINDER,
        dedup_key=f"reminder:{reminder.id}:{to.id}",
        user_id=to.id,
        reminder_id=reminder.id,
        state=DeliveryState.SENT,
        queued_at=sent_at,
        next_attempt_at=sent_at,
        finished_at=sent_at,
    )
    work.session.add(delivery)
    if read_by is not None:
        work.session.add(
            Acknowledgement(
                incident_id=case.id,
                clock_id=clock.id,
                reminder_id=reminder.id,
                user_id=read_by.id,
                via=AcknowledgedVia.LINK,
                at=sent_at,
            )
        )
    work.session.flush()
    until = sent_at + ACKNOWLEDGE_WITHIN
    token = work.desk.links.token(LinkedMail.of(delivery), expires_at=until)
    work.session.commit()
    return token
