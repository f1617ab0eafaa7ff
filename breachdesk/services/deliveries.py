"""Every mail of the desk: queued with what caused it, claimed, sent, recorded.

Nothing is mailed inside a request. A crash between the server's yes and the record can
repeat a mail, under the same Message-ID; it can never lose one.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import (
    FIRST_PRIORITY,
    LEASE,
    LONGEST_FIRST_PAUSE,
    LONGEST_OUTAGE_PAUSE,
    LONGEST_PAUSE,
    NOTICE_PRIORITY,
    UNDER_WAY,
    DeliveryState,
    MailKind,
    next_attempt_at,
    pause_before_retry,
    with_kept_apart,
)
from breachdesk.domain.journal import Entry
from breachdesk.domain.notices import NoticeState
from breachdesk.mail.answers import LONGEST_ANSWER, Answer, Outcome
from breachdesk.models import Delivery, Incident, Notice, User
from breachdesk.services.caught_up_mails import out_of_date, pass_on
from breachdesk.services.journal import write_journal
from breachdesk.services.kept_mail import kept_of_notice
from breachdesk.services.posting import Piece, post
from breachdesk.services.strangers import IS_OUR_MAIL

log = logging.getLogger(__name__)

CLAIM_SIZE = 500


def queue_to_user(
    session: Session,
    incident: Incident,
    user_id: int,
    kind: MailKind,
    *,
    key: str,
    now: datetime,
    reminder_id: int | None = None,
    **parameters: Any,
) -> Delivery:
    """Queue one mail to one of our own people; does not commit.

    Args:
        key: names the mail; the same key is never queued twice.
    """
    delivery = Delivery(
        organisation_id=incident.organisation_id,
        incident_id=incident.id,
        kind=kind,
        dedup_key=key,
        priority=FIRST_PRIORITY,
        user_id=user_id,
        reminder_id=reminder_id,
        parameters=parameters,
        queued_at=now,
        next_attempt_at=now,
    )
    session.add(delivery)
    post(session, Piece.DELIVERIES)
    return delivery


@dataclass
class Round:
    """What one round of sending did, by outcome."""

    sent: int = 0
    refused: int = 0
    postponed: int = 0

    @property
    def handled(self) -> int:
        """How many mails were claimed and answered for."""
        return self.sent + self.refused + self.postponed

    def add(self, other: "Round") -> None:
        """Count what another did as well."""
        self.sent += other.sent
        self.refused += other.refused
        self.postponed += other.postponed


def claim_due(
    session: Session, can_leave: ColumnElement[bool], *, worker: str, now: datetime
) -> list[int]:
    """Claim what is due with a lease, in one statement, and commit.

    Args:
        can_leave: which deliveries have a way to go, see `mail_routes`.
    """
    due = (
        select(Delivery.id)
        .where(can_leave, _is_due(now))
        .order_by(Delivery.priority, Delivery.next_attempt_at, Delivery.id)
        .limit(CLAIM_SIZE)
        .with_for_update(skip_locked=True)
    )
    # As a CTE it is evaluated once; a plain subquery PostgreSQL might evaluate again.
    chosen = due.cte("due")
    claimed = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(select(chosen.c.id)))
        .values(
            state=DeliveryState.SENDING,
            claimed_by=worker,
            lease_until=now + LEASE,
            attempts=Delivery.attempts + 1,
        )
        .returning(Delivery.id),
        execution_options={"synchronize_session": False},
    ).all()
    session.commit()
    return list(claimed)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """What is due and ours to send: another version's mail waits for a worker of that one."""
    return and_(
        or_(
            and_(Delivery.state == DeliveryState.QUEUED, Delivery.next_attempt_at <= now),
            and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now),
        ),
        IS_OUR_MAIL,
    )


def count_due(
    session: Session, can_leave: ColumnElement[bool], *, now: datetime, at_most: int
) -> int:
    """How many deliveries could be claimed, counted no further than `at_most`."""
    found = select(Delivery.id).where(can_leave, _is_due(now)).limit(at_most).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def renew_leases(
    session: Session, ids: Collection[int], *, worker: str, now: datetime
) -> Collection[int]:
    """Make the leases of a worker longer, and commit; which of these deliveries are its still.

    Not among them: what was cancelled, or taken over by another after a lease ran out; and what
    is out of date, which is written anew by whoever claims it when its lease ends.
    """
    wanted = set(ids) - out_of_date(session, ids)
    ours = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(wanted), *_in_hands_of(worker))
        .values(lease_until=now + LEASE)
        .returning(Delivery.id),
        execution_options={"synchronize_session": False},
    ).all()
    session.commit()
    return ours


def _in_hands_of(worker: str) -> tuple[ColumnElement[bool], ...]:
    return Delivery.state == DeliveryState.SENDING, Delivery.claimed_by == worker


def release(session: Session, ids: Collection[int], *, worker: str, now: datetime) -> None:
    """Put back, untried, what a worker claimed and will not send this way after all; commit."""
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), *_in_hands_of(worker))
        .values(
            state=DeliveryState.QUEUED,
            next_attempt_at=now,
            lease_until=None,
            claimed_by="",
            attempts=Delivery.attempts - 1,
        ),
        execution_options={"synchronize_session": False},
    )
    session.commit()


def record_answers(
    session: Session, answers: Sequence[tuple[int, Answer]], *, worker: str, now: datetime
) -> Round:
    """Record what the mail server said of each delivery (by id) to a worker, and commit.

    Only an acceptance is a fact in any state. Any other answer counts where the delivery is
    still that worker's: it undoes no final state, and takes nothing from whoever has taken
    the delivery over.
    """
    done = Round()
    tried = {
        row.id: row
        for row in session.execute(
            select(
                Delivery.id,
                Delivery.kind,
                Delivery.state,
                Delivery.claimed_by,
                Delivery.attempts,
                Delivery.queued_at,
                Delivery.priority,
            )
            .where(Delivery.id.in_([delivery_id for delivery_id, _ in answers]))
            .order_by(Delivery.id)
            .with_for_update()
        )
    }
    changes = [
        {"id": delivery_id, **_after(answer, tried[delivery_id], now)}
        for delivery_id, answer in answers
        if answer.outcome is Outcome.ACCEPTED or _is_in_hands(tried[delivery_id], worker)
    ]
    if changes:
        session.execute(update(Delivery), changes)
    caught_up = [c for c in changes if tried[c["id"]].kind is MailKind.CAUGHT_UP]
    if caught_up:
        pass_on(session, caught_up, now=now)
    session.commit()
    for change in changes:
        if change["state"] is DeliveryState.SENT:
            done.sent += 1
        elif change["state"] is DeliveryState.QUEUED:
            done.postponed += 1
        else:
            done.refused += 1
    return done


def _is_in_hands(tried: Any, worker: str) -> bool:
    return tried.state is DeliveryState.SENDING and bool(tried.claimed_by == worker)


def _after(answer: Answer, tried: Any, now: datetime) -> dict[str, Any]:
    """What an answer makes of a delivery. A server we cannot reach is tried for ever."""
    change: dict[str, Any] = {
        "answer_code": answer.code,
        "answer": answer.text[:LONGEST_ANSWER],
        "lease_until": None,
        "claimed_by": "",
        "finished_at": now,
        "next_attempt_at": now,
    }
    if answer.outcome is Outcome.ACCEPTED:
        return change | {"state": DeliveryState.SENT, "sealed": None}
    if answer.outcome is Outcome.PERMANENT:
        return change | {"state": DeliveryState.REFUSED, "sealed": None}
    if answer.is_about_us:
        pause = pause_before_retry(tried.attempts, longest=LONGEST_OUTAGE_PAUSE)
        later: datetime | None = now + pause
    else:
        is_first = tried.priority == FIRST_PRIORITY
        later = next_attempt_at(
            tried.attempts,
            queued_at=tried.queued_at,
            now=now,
            longest=LONGEST_FIRST_PAUSE if is_first else LONGEST_PAUSE,
        )
    if later is None:
        return change | {"state": DeliveryState.FAILED, "sealed": None}
    return change | {
        "state": DeliveryState.QUEUED,
        "finished_at": None,
        "next_attempt_at": later,
    }


def finish_notices(session: Session, *, now: datetime) -> None:
    """Close every notice whose last delivery has its final state, with its counts.

    Clocks that waited for the communication stop with it.
    """
    # Clocks queue mails in their turn: imported here, for they import this module.
    from breachdesk.services.cases import lock_case
    from breachdesk.services.clock_calendars import call_off_calendars
    from breachdesk.services.clocks import stop_what_is_communicated

    under_way = select(Delivery.id).where(
        Delivery.notice_id == Notice.id, Delivery.state.in_(UNDER_WAY)
    )
    finished = session.scalars(
        select(Notice)
        .where(Notice.state == NoticeState.SENDING, ~under_way.exists())
        .with_for_update(skip_locked=True)
    ).all()
    for notice in finished:
        notice.state, notice.sending_finished_at = NoticeState.SENT, now
        kept = kept_of_notice(session, notice)
        counts = with_kept_apart(delivery_counts(session, notice), kept)
        write_journal(
            session, notice.incident, Entry.SENDING_FINISHED, by=None, at=now, counts=counts
        )
        lock_case(session, notice.incident)
        stop_what_is_communicated(session, notice.incident, at=now)
        call_off_calendars(session, notice.incident, now=now)
        log.info("Notice of incident %s sent: %s", notice.incident.reference, counts)
    session.commit()


def delivery_counts(session: Session, notice: Notice) -> dict[str, int]:
    """How many deliveries of a notice are in each state."""
    rows = session.execute(
        select(Delivery.state, func.count(Delivery.id))
        .where(Delivery.notice_id == notice.id)
        .group_by(Delivery.state)
    )
    return {state.value: count for state, count in rows}


@dataclass(frozen=True)
class ServerAnswer:
    """One answer of the mail server, how many deliveries got it, where they stand.

    The text is kept without the address it was about.
    """

    state: DeliveryState
    code: int | None
    text: str
    count: int


def answers_to_notice(session: Session, notice: Notice, *, limit: int = 50) -> list[ServerAnswer]:
    """What the server said of the mails of a notice it did not take, the commonest first.

    Those refused for now and to be tried again are among them, as QUEUED.
    """
    count = func.count(Delivery.id)
    rows = session.execute(
        select(Delivery.state, Delivery.answer_code, Delivery.answer, count)
        .where(
            Delivery.notice_id == notice.id,
            Delivery.state != DeliveryState.SENT,
            or_(
                Delivery.state.in_((DeliveryState.REFUSED, DeliveryState.FAILED)),
                Delivery.answer != "",
            ),
        )
        .group_by(Delivery.state, Delivery.answer_code, Delivery.answer)
        .order_by(count.desc(), Delivery.state, Delivery.answer)
        .limit(limit)
    )
    return [ServerAnswer(*row) for row in rows]


def mails_to_users(session: Session, incident: Incident) -> Sequence[tuple[Delivery, User]]:
    """Every mail of a case to our own people, in order of queueing."""
    rows = session.execute(
        select(Delivery, User)
        .join(User, Delivery.user_id == User.id)
        .where(Delivery.incident_id == incident.id)
        .order_by(Delivery.queued_at, Delivery.id)
    )
    return [(row[0], row[1]) for row in rows]


__all__ = [
    "NOTICE_PRIORITY",
    "Round",
    "ServerAnswer",
    "answers_to_notice",
    "claim_due",
    "count_due",
    "delivery_counts",
    "finish_notices",
    "mails_to_users",
    "queue_to_user",
    "record_answers",
    "release",
    "renew_leases",
]
