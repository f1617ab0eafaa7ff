"""Which mails an example organisation kept here: the catcher took them, they went nowhere."""

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import KEPT_HERE, DeliveryState
from breachdesk.models import Delivery, Incident, Notice

# As a delivery keeps the answer: its code, then its words.
_CODE, _, _WORDS = KEPT_HERE.partition(" ")


def stayed_here() -> ColumnElement[bool]:
    """Whether a delivery that counts as sent stayed on the desk; see `is_kept_here`."""
    return and_(
        Delivery.state == DeliveryState.SENT,
        func.coalesce(Delivery.answer_code, 0) == int(_CODE),
        Delivery.answer.startswith(_WORDS),
    )


def kept_of_notice(session: Session, notice: Notice) -> int:
    """How many mails of a communication stayed here; asked of example organisations alone."""
    if not notice.incident.organisation.is_example:
        return 0
    kept = select(func.count(Delivery.id)).where(Delivery.notice_id == notice.id, stayed_here())
    return session.scalar(kept) or 0


def no_mail_left(session: Session, incident: Incident) -> bool:
    """Whether the case is an example's, and none of its mails went further than the desk."""
    if not incident.organisation.is_example:
        return False
    of_case = select(Notice.id).where(Notice.incident_id == incident.id)
    left = select(Delivery.id).where(
        (Delivery.incident_id == incident.id) | Delivery.notice_id.in_(of_case),
        Delivery.state == DeliveryState.SENT,
        not_(stayed_here()),
    )
    return session.scalar(left.limit(1)) is None
