"""What is at work and what waits, for the operator: counts and moments, never a case.

A fixed number of statements, however many organisations, cases or mails there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import FIRST_PRIORITY, UNDER_WAY, DeliveryState, MailKind
from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import JobState, WorkKind, is_alive
from breachdesk.domain.work_state import (
    Answered,
    Backlog,
    WaitingMail,
    WayState,
    WorkerState,
    WorkState,
)
from breachdesk.models import Delivery, Installation, Job, Organisation, Reminder, Worker
from breachdesk.services.acting import Desk
from breachdesk.services.mail_routes import MailRoutes, read_routes
from breachdesk.services.monitor import Monitor
from breachdesk.services.strangers import IS_OUR_JOB, IS_OUR_MAIL, IS_OUR_REMINDER


@dataclass(frozen=True)
class WorkFound:
    """The state of the work; beside it the organisations by name, and the mail of each.

    `mail_of[None]` is the installation's own; an owner without waiting mail is not in it.
    """

    state: WorkState
    organisations: Sequence[Organisation]
    mail_of: Mapping[int | None, WaitingMail]


def work_state(
    session: Session, desk: Desk, monitor: Monitor | None, *, now: datetime
) -> WorkFound:
    """What is at work and what waits; seven statements, and no commit."""
    mail = _waiting_mail(session, now)
    organisations = {
        row.Organisation.id: (row.Organisation, Answered(*row[1:]))
        for row in session.execute(_answered_of_organisations())
    }
    routes = read_routes(session, desk)
    pinged_at, ping_problem, *own = session.execute(_installations_own()).one()
    ways = _ways(routes, organisations, mail, Answered(*own))
    (reminders, jobs), strangers = _reminders_and_jobs(session, now)
    state = WorkState(
        at=now,
        workers=_workers(session, now),
        backlog=[reminders, _deliveries(ways), jobs],
        ways=ways,
        monitor_every=monitor.every if monitor else None,
        strangers=strangers + sum(each.strangers for each in mail.values()),
        pinged_at=pinged_at,
        ping_problem=ping_problem or "",
        seal_ends_at=desk.seal.ends_at,
    )
    return WorkFound(state, [each for each, _ in organisations.values()], mail)


def _workers(session: Session, now: datetime) -> list[WorkerState]:
    rows = session.execute(
        select(
            Worker.name, Worker.runner, Worker.started_at, Worker.seen_at, Worker.stopped_at
        ).order_by(Worker.seen_at.desc(), Worker.id)
    )
    return [
        WorkerState(*row, is_alive=is_alive(row.seen_at, row.stopped_at, now=now)) for row in rows
    ]


def _reminders_and_jobs(session: Session, now: datetime) -> tuple[tuple[Backlog, Backlog], int]:
    """Both backlogs, and how much of them only another version of the desk can do."""
    falls_due = and_(Reminder.remind_at <= now, IS_OUR_REMINDER)
    planned = select(
        func.count().filter(not_(IS_OUR_REMINDER)),
        func.count().filter(falls_due),
        func.min(Reminder.remind_at).filter(falls_due),
        func.count(),
        func.min(Reminder.remind_at).filter(Reminder.remind_at > now),
    ).where(Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))
    is_due = and_(Job.next_attempt_at <= now, IS_OUR_JOB)
    jobs = select(
        func.count().filter(not_(IS_OUR_JOB)),
        func.count().filter(is_due),
        func.min(Job.next_attempt_at).filter(is_due),
        func.count(),
    ).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    of_reminders: Any = session.execute(planned).one()
    of_jobs: Any = session.execute(jobs).one()
    backlogs = (
        Backlog(WorkKind.REMINDERS, *of_reminders[1:]),
        Backlog(WorkKind.JOBS, *of_jobs[1:]),
    )
    return backlogs, of_reminders[0] + of_jobs[0]


# --- Mail ------------------------------------------------------------------------------------


def _waiting_mail(session: Session, now: datetime) -> dict[int | None, WaitingMail]:
    is_queued = Delivery.state == DeliveryState.QUEUED
    due_at = case((is_queued, Delivery.next_attempt_at), else_=Delivery.lease_until)
    is_due = and_(
        or_(
            and_(is_queued, Delivery.next_attempt_at <= now),
            and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now),
        ),
        IS_OUR_MAIL,
    )
    # In a worker's hands it was tried once for now; what came of it is not known yet.
    was_tried = and_(is_queued, Delivery.attempts > 0)
    got_no_answer = and_(was_tried, Delivery.answer_code.is_(None))
    is_put_off = and_(
        was_tried, Delivery.answer_code.is_not(None), Delivery.priority == FIRST_PRIORITY
    )
    # What a mail after an outage tells of waits beside it, case by case, and is counted.
    is_counted = Delivery.kind != MailKind.CAUGHT_UP
    rows = session.execute(
        select(
            Delivery.organisation_id,
            func.count().filter(is_counted),
            func.min(Delivery.queued_at),
            func.count().filter(is_due),
            func.min(due_at).filter(is_due),
            func.count().filter(was_tried, is_counted),
            func.max(Delivery.answer_code).filter(was_tried),
            func.min(Delivery.queued_at).filter(got_no_answer),
            func.min(Delivery.queued_at).filter(is_put_off),
            func.count().filter(not_(IS_OUR_MAIL)),
        )
        .where(Delivery.state.in_(UNDER_WAY))
        .group_by(Delivery.organisation_id)
    )
    return {owner: WaitingMail(*rest) for owner, *rest in rows}


def _answered_columns(is_owners: Any) -> list[Any]:
    """The columns of Answered, each found by one step into `ix_delivery_answered`."""
    last = select(Delivery.finished_at).where(is_owners, Delivery.finished_at.is_not(None))
    moments = [
        last.where(Delivery.state == state)
        .order_by(Delivery.finished_at.desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
        for state in (DeliveryState.SENT, DeliveryState.REFUSED)
    ]
    code = (
        last.with_only_columns(Delivery.answer_code)
        .where(Delivery.state == DeliveryState.REFUSED)
        .order_by(Delivery.finished_at.desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )
    return [*moments, code]


def _answered_of_organisations() -> Any:
    of_theirs = Delivery.organisation_id == Organisation.id
    return select(Organisation, *_answered_columns(of_theirs)).order_by(
        func.lower(Organisation.name)
    )


def _installations_own() -> Any:
    """The monitor, and what servers answered to mail that belongs to no organisation."""
    row = select(func.max(Installation.pinged_at)).scalar_subquery()
    problem = select(func.max(Installation.ping_problem)).scalar_subquery()
    return select(row, problem, *_answered_columns(Delivery.organisation_id.is_(None)))


def _ways(
    routes: MailRoutes,
    organisations: Mapping[int, tuple[Organisation, Answered]],
    mail: Mapping[int | None, WaitingMail],
    own: Answered,
) -> list[WayState]:
    """The ways in use: the installation's first, then those of organisations by name."""
    found: dict[tuple[Way, str], list[tuple[WaitingMail, Answered]]] = {
        (routes.of(None).way, ""): [(mail.get(None, WaitingMail()), own)]
    }
    for organisation, answered in organisations.values():
        way = routes.of(organisation).way
        owner = organisation.name if way in (Way.FIRST, Way.SECOND) else ""
        of_this = found.setdefault((way, owner), [])
        of_this.append((mail.get(organisation.id, WaitingMail()), answered))
    return [
        WayState(way, owner, _mail_together(parts), _answers_together(parts))
        for (way, owner), parts in found.items()
    ]


def _mail_together(parts: Sequence[tuple[WaitingMail, Answered]]) -> WaitingMail:
    mails = [mail for mail, _ in parts]
    return WaitingMail(
        sum(mail.count for mail in mails),
        _earliest(mail.since for mail in mails),
        sum(mail.due for mail in mails),
        _earliest(mail.due_since for mail in mails),
        sum(mail.tried for mail in mails),
        max((mail.code for mail in mails if mail.code), default=None),
        _earliest(mail.unreachable_since for mail in mails),
        _earliest(mail.put_off_since for mail in mails),
    )


def _answers_together(parts: Sequence[tuple[WaitingMail, Answered]]) -> Answered:
    accepted = [each.accepted_at for _, each in parts if each.accepted_at]
    refused = [(each.refused_at, each.refusal_code) for _, each in parts if each.refused_at]
    refused_at, code = max(refused, key=lambda each: each[0], default=(None, None))
    return Answered(max(accepted, default=None), refused_at, code)


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _deliveries(ways: Iterable[WayState]) -> Backlog:
    """Mail without a way out is due in vain: it is counted as waiting, and said by itself."""
    ways = list(ways)
    with_way = [each.mail for each in ways if each.way is not Way.NONE]
    return Backlog(
        WorkKind.DELIVERIES,
        sum(mail.due for mail in with_way),
        _earliest(mail.due_since for mail in with_way),
        sum(each.mail.count for each in ways),
    )
