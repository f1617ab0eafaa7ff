"""Which cases of their organisations a person may know of: all but restricted ones.

Every query that leads from a person to cases takes this condition: lists, counts,
searches, references. Whoever is told of a case without asking is chosen in `standing_in`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.visibility import TELLING
from breachdesk.models import Delivery, Incident, Membership, NamedPerson, User


def is_visible_to(user_id: Any) -> ColumnElement[bool]:
    """That an incident may be known to a person; `user_id` may be a bound parameter."""
    return or_(Incident.is_restricted.is_(False), _is_named(user_id))


def _is_named(user_id: Any) -> ColumnElement[bool]:
    return (
        select(NamedPerson.id)
        .where(NamedPerson.incident_id == Incident.id, NamedPerson.user_id == user_id)
        .correlate(Incident)
        .exists()
    )


def tells_of_hidden_case(organisation_id: Any, user_id: Any) -> ColumnElement[bool]:
    """That a delivery is about a case of the organisation that a person may not know of.

    The hidden cases are looked up once, not for each of a million mails that wait.
    """
    hidden = select(Incident.id).where(
        Incident.organisation_id == organisation_id, not_(is_visible_to(user_id))
    )
    return and_(Delivery.incident_id.is_not(None), Delivery.incident_id.in_(hidden))


def named_in(session: Session, incident: Incident) -> set[int]:
    """The ids of the people named in a case."""
    return set(
        session.scalars(select(NamedPerson.user_id).where(NamedPerson.incident_id == incident.id))
    )


def withhold_mails(session: Session, ids: Collection[int], *, now: datetime) -> None:
    """Cancel, of these deliveries, what would tell of a case somebody who may not know of it.

    Of a restricted case: who is not named in it. Of any: who is here no more, or holds no
    role there but that of a reporter. Admins are told where nobody else is left to tell, so
    theirs may stand. The last look before mail is written, whatever was queued when. Does
    not commit.
    """
    told = (
        select(NamedPerson.id)
        .where(
            NamedPerson.incident_id == Delivery.incident_id,
            NamedPerson.user_id == Delivery.user_id,
        )
        .correlate(Delivery)
        .exists()
    )
    works_there = (
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id == Delivery.organisation_id,
            Membership.user_id == Delivery.user_id,
            Membership.role != Role.REPORTER,
            Membership.ended_at.is_(None),
            User.is_active,
        )
        .correlate(Delivery)
        .exists()
    )
    restricted = select(Incident.id).where(Incident.is_restricted)
    session.execute(
        update(Delivery)
        .where(
            Delivery.id.in_(ids),
            Delivery.kind.in_(TELLING),
            or_(and_(Delivery.incident_id.in_(restricted), not_(told)), not_(works_there)),
        )
        .values(state=DeliveryState.CANCELLED, finished_at=now, lease_until=None, claimed_by=""),
        execution_options={"synchronize_session": False},
    )
