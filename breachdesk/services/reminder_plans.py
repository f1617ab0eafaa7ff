"""The reminder plan of an organisation: read, and changed for every clock that runs."""

from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.journal import Entry
from breachdesk.domain.reminder_plans import DEFAULT_PLAN, ReminderPlan, plan_in_force
from breachdesk.models import Organisation
from breachdesk.services.acting import Acting
from breachdesk.services.journal import write_journal
from breachdesk.services.reminder_planning import hold_running_clocks, replan_clocks


def plan_of(organisation: Organisation) -> ReminderPlan:
    """The plan of an organisation, or the one we propose."""
    return plan_in_force(organisation.reminder_plan)


def change_plan(session: Session, plan: ReminderPlan, *, by: Acting, now: datetime) -> None:
    """Keep a plan and plan every running clock of the organisation anew; commit.

    The plan we propose is kept as none, so that it follows when we propose a better one.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_REMINDER_PLAN)
    if plan == plan_of(by.organisation):
        session.commit()
        return
    # The cases before the organisation: whoever emits reminders holds them in that order.
    clocks = hold_running_clocks(session, by.organisation)
    write_journal(session, by.organisation, Entry.REMINDER_PLAN_CHANGED, by=by.user, at=now)
    by.organisation.reminder_plan = {} if plan == DEFAULT_PLAN else plan.as_record()
    replan_clocks(session, clocks, plan, now=now)
    session.commit()
