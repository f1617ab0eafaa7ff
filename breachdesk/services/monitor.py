"""The dead man's switch: a monitor outside is told that the work goes well, or hears nothing.

Three steps, as for all that reaches outside: claim the turn (commit), call without the
database, record what came of it (commit). One worker of all calls at each interval, and
again soon after a call that failed.
"""

import http
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.orm import Session

from breachdesk.domain.single_sign_on import ProviderFault
from breachdesk.models import Installation
from breachdesk.services.installation_row import THE_ROW, make_row
from breachdesk.services.provider_requests import ask

log = logging.getLogger(__name__)

# After a call that failed, where the interval is longer.
RETRY_AFTER = timedelta(seconds=30)
# The codes of `Installation.ping_problem`; empty: it heard us.
UNREACHABLE, REFUSED, UNTRUSTED = "monitor_unreachable", "monitor_refused", "monitor_untrusted"
_UNTRUSTED_FAULTS = frozenset({"provider_certificate", "provider_without_tls"})


@dataclass(frozen=True)
class Monitor:
    """Who is told, and how often. Whoever has the address may call it too: it is kept secret."""

    url: str = field(repr=False)
    every: timedelta


def tell_monitor(session: Session, monitor: Monitor, *, clock: Callable[[], datetime]) -> bool:
    """Tell the monitor that work goes well, if it is time to; commits. Whether it was called.

    A failure is noted for the status and raised to nobody.
    """
    if not _claim_turn(session, monitor, now=clock()):
        return False
    problem = call(monitor)
    if problem:
        log.warning("The monitor outside was not told that we work: %s", problem)
    session.execute(
        update(Installation).where(Installation.id == THE_ROW).values(ping_problem=problem),
        execution_options={"synchronize_session": False},
    )
    session.commit()
    return True


def _claim_turn(session: Session, monitor: Monitor, *, now: datetime) -> bool:
    """Whether it is time, and nobody else calls; the turn is then taken."""
    is_time = or_(
        Installation.pinged_at.is_(None),
        Installation.pinged_at <= now - monitor.every,
        # One call that failed, while the work goes well, is no reason for an alarm.
        and_(Installation.ping_problem != "", Installation.pinged_at <= now - RETRY_AFTER),
        # The clock was set back: else we would be silent until it has caught up.
        Installation.pinged_at > now,
    )
    make_row(session)
    taken = session.scalars(
        update(Installation)
        .where(Installation.id == THE_ROW, is_time)
        .values(pinged_at=now)
        .returning(Installation.id),
        execution_options={"synchronize_session": False},
    ).all()
    session.commit()
    return bool(taken)


def call(monitor: Monitor) -> str:
    """Call the monitor; what went wrong, as a code, or nothing."""
    try:
        answer = ask(monitor.url, private_too=True)
    except ProviderFault as fault:
        return UNTRUSTED if fault.code in _UNTRUSTED_FAULTS else UNREACHABLE
    is_heard = http.HTTPStatus.OK <= answer.status < http.HTTPStatus.MULTIPLE_CHOICES
    return "" if is_heard else REFUSED
