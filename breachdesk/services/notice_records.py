"""Reading a case's communications for its dossier: counted by the database, however many mails."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Result,
    Select,
    String,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from breachdesk.domain.case_record import NoticeRecord
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.delivery_course import DeliveryChange, DeliveryCourse, course_of
from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.models import (
    Delivery,
    Incident,
    Notice,
    NoticeApproval,
    NoticeVersion,
    User,
)
from breachdesk.services.kept_mail import stayed_here
from breachdesk.services.letters import body_of

# What stands for a state where a mail was merely queued.
_QUEUED = ""


@dataclass
class _Sent:
    """What became of the mails of one communication so far."""

    counts: dict[str, int] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None
    kept_here: int = 0


def read_notices(
    session: Session, incident: Incident, *, over_time: bool
) -> tuple[NoticeRecord, ...]:
    """Each communication in its latest wording; three queries, however many there are.

    Args:
        over_time: with the course of its mails, which looks at each of them.
    """
    of_case = select(Notice.id).where(Notice.incident_id == incident.id)
    latest = (
        select(NoticeVersion.notice_id, func.max(NoticeVersion.version))
        .where(NoticeVersion.notice_id.in_(of_case))
        .group_by(NoticeVersion.notice_id)
    )
    rows = session.execute(
        select(Notice, NoticeVersion, NoticeApproval, User)
        .join(NoticeVersion, NoticeVersion.notice_id == Notice.id)
        .outerjoin(NoticeApproval, NoticeApproval.notice_version_id == NoticeVersion.id)
        .outerjoin(User, User.id == NoticeApproval.by_id)
        .where(tuple_(NoticeVersion.notice_id, NoticeVersion.version).in_(latest))
        .order_by(Notice.id)
    ).all()
    if not rows:
        return ()
    sent = _sent(session, of_case)
    courses = _courses(session, incident, of_case) if over_time else {}
    return tuple(
        _record(notice, version, approval, approver, sent[notice.id], courses.get(notice.id))
        for notice, version, approval, approver in rows
    )


def _record(
    notice: Notice,
    version: NoticeVersion,
    approval: NoticeApproval | None,
    approver: User | None,
    sent: _Sent,
    course: DeliveryCourse | None,
) -> NoticeRecord:
    return NoticeRecord(
        version=version.version,
        basis=notice.basis,
        subject=version.subject,
        body=body_of(version),
        approved_by=approver.name if approver else "",
        approved_at=approval.at if approval else None,
        waiver_reason=approval.waiver_reason if approval else "",
        first_sent_at=sent.first_at,
        last_sent_at=sent.last_at,
        deliveries=sent.counts,
        course=course,
        kept_here=sent.kept_here,
    )


def _sent(session: Session, of_case: Select[int]) -> Mapping[int, _Sent]:
    found: dict[int, _Sent] = defaultdict(_Sent)
    rows = session.execute(
        select(
            Delivery.notice_id,
            Delivery.state,
            func.count(Delivery.id),
            func.min(Delivery.finished_at),
            func.max(Delivery.finished_at),
            func.count(Delivery.id).filter(stayed_here()),
        )
        .where(Delivery.notice_id.in_(of_case))
        .group_by(Delivery.notice_id, Delivery.state)
        .order_by(Delivery.state)
    )
    for notice_id, state, count, first, last, kept in rows:
        assert notice_id is not None
        sent = found[notice_id]
        sent.counts[state.value] = count
        if state is DeliveryState.SENT:
            sent.first_at, sent.last_at, sent.kept_here = first, last, kept
    return found


# --- Over time -------------------------------------------------------------------------------


def _courses(
    session: Session, incident: Incident, of_case: Select[int]
) -> Mapping[int, DeliveryCourse]:
    """The course of each communication, by its id.

    The database counts by the minute: a hundred thousand mails of a day come as 1,440 rows at
    most for each state.
    """
    queued, finished = (
        _minute(session, moment) for moment in (Delivery.queued_at, Delivery.finished_at)
    )
    rows: Result[int, str, str, int] = session.execute(
        union_all(
            select(Delivery.notice_id, queued, literal(_QUEUED), func.count())
            .where(Delivery.notice_id.in_(of_case))
            .group_by(Delivery.notice_id, "minute"),
            select(Delivery.notice_id, finished, Delivery.state, func.count())
            .where(Delivery.notice_id.in_(of_case), Delivery.finished_at.is_not(None))
            .group_by(Delivery.notice_id, "minute", Delivery.state),
        )
    )
    changes: dict[int, list[DeliveryChange]] = defaultdict(list)
    for notice_id, minute, state, count in rows:
        at = datetime.fromisoformat(minute).replace(tzinfo=UTC)
        became = DeliveryState(state) if state else None
        changes[notice_id].append(DeliveryChange(at, became, count))
    zone = zone_or_utc(incident.organisation.timezone)
    courses = {notice_id: course_of(held, zone) for notice_id, held in changes.items()}
    return {notice_id: course for notice_id, course in courses.items() if course is not None}


def _minute(session: Session, moment: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The minute of a moment as text, in UTC."""
    if session.get_bind().dialect.name == "postgresql":
        in_utc = func.timezone("UTC", moment)
        return func.to_char(in_utc, "YYYY-MM-DD HH24:MI", type_=String).label("minute")
    # SQLite keeps it as text, in UTC.
    return func.substr(moment, 1, 16, type_=String).label("minute")
