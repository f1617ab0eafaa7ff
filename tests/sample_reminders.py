"""Something behind the pages of reminders: an absence, a shift, one read, one to read."""

from datetime import datetime, timedelta

from breachdesk.domain.access import Role
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.models import Reminder
from breachdesk.services.acknowledgements import acknowledge_case
from breachdesk.services.clocks import main_clock
from breachdesk.services.duty import add_shift, record_absence
from tests import cases
from tests.cases import Work


def sample_reminders(work: Work, now: datetime, *, read: str, quiet: str) -> None:
    """In GIR the handler goes away next week and the decider is on duty over the weekend.

    Args:
        read: the reference of a case whose reminders the DPO has read.
        quiet: that of a case with a reminder on the desk alone.
    """
    leads, handler = cases.seat(work, Role.DPO), cases.seat(work, Role.HANDLER)
    monday = now.date() + timedelta(days=3)
    record_absence(
        work.session,
        user_id=handler.user.id,
        deputy_id=leads.user.id,
        starts_on=monday,
        ends_on=monday + timedelta(days=11),
        by=leads,
        now=now,
    )
    evening = now.replace(hour=20, minute=0)
    add_shift(
        work.session,
        user_id=cases.seat(work, Role.DECIDER).user.id,
        starts_at=evening,
        ends_at=evening + timedelta(days=2, hours=11),
        by=leads,
        now=now,
    )
    case = cases.incident(work, read)
    acknowledge_case(work.session, case, by=leads.user, via=AcknowledgedVia.LINK, now=now)
    _show_quietly(work, quiet, now - timedelta(minutes=20))


def _show_quietly(work: Work, reference: str, at: datetime) -> None:
    clock = main_clock(work.session, cases.incident(work, reference))
    assert clock is not None
    work.session.add(
        Reminder(
            clock_id=clock.id,
            incident_id=clock.incident_id,
            cause=ReminderCause.PLANNED,
            channel=ReminderChannel.DESK,
            planned_for=at,
            remind_at=at,
            roles=[Role.HANDLER.value],
            emitted_at=at,
        )
    )
    work.session.commit()
