"""What is put right every few minutes: what has had its time goes, lost plans are made again."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from breachdesk.domain.sign_in import ABSOLUTE_LIMIT
from breachdesk.models import PasswordReset, UserSession
from breachdesk.services.caught_up_mails import free_what_waits_for_nothing
from breachdesk.services.clock_jumps import bring_back
from breachdesk.services.jobs import sweep_jobs
from breachdesk.services.kept_forms import sweep_kept_forms
from breachdesk.services.reminder_planning import plan_forgotten_clocks
from breachdesk.services.strangers import log_strangers
from breachdesk.services.throttling import sweep_attempts
from breachdesk.services.workers import sweep_workers

SWEEP_EVERY = timedelta(minutes=5)
# How long one may still ask from where somebody had signed in; then the address goes.
ENDED_KEPT_FOR = timedelta(days=30)


def sweep(session: Session, *, now: datetime) -> None:
    """Throw away whatever is over, see that every clock that runs still rings, and commit."""
    plan_forgotten_clocks(session, now=now)
    bring_back(session, now=now)
    free_what_waits_for_nothing(session, now=now)
    sweep_attempts(session, now=now)
    sweep_kept_forms(session, now=now)
    sweep_workers(session, now=now)
    sweep_jobs(session, now=now)
    log_strangers(session, now=now)
    over = now - ENDED_KEPT_FOR
    session.execute(delete(UserSession).where(UserSession.started_at <= over - ABSOLUTE_LIMIT))
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= over))
    session.commit()
