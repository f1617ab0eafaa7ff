"""How much mail of an organisation has not left yet."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, not_, select
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import UNDER_WAY, MailKind
from breachdesk.models import Delivery
from breachdesk.services.acting import Acting
from breachdesk.services.visibility import tells_of_hidden_case


@dataclass(frozen=True)
class WaitingMail:
    """How much mail of an organisation has not left yet, and since when."""

    count: int
    since: datetime | None


def waiting_mail(session: Session, seat: Acting) -> WaitingMail:
    """What still waits to leave, for the banner on every page.

    Mail about cases that the person may not know of is not counted: a number that rises
    would tell them.
    """
    of_theirs = {"organisation_id": seat.organisation.id, "user_id": seat.user.id}
    count, since = session.execute(waiting_query(), of_theirs).one()
    return WaitingMail(count, since)


@cache
def waiting_query() -> Any:
    """The columns of WaitingMail, of an `organisation_id` and as a `user_id` may know it."""
    organisation_id: Any = bindparam("organisation_id")
    return select(func.count(Delivery.id), func.min(Delivery.queued_at)).where(
        Delivery.organisation_id == organisation_id,
        Delivery.state.in_(UNDER_WAY),
        # What it tells of waits beside it, case by case, and is counted.
        Delivery.kind != MailKind.CAUGHT_UP,
        not_(tells_of_hidden_case(organisation_id, bindparam("user_id"))),
    )
