"""The mail after an outage on its way: what it takes along, and what becomes of that.

What waits aside (see `outage_mails`) is bound to one mail, `claimed_by`, when that mail is first
claimed, and stays bound: sent again after a crash it is the same mail, under the same
Message-ID, less what has been called off since. The answer it gets is that of all it told.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased, joinedload

from breachdesk.domain.deliveries import FIRST_PRIORITY, UNDER_WAY, DeliveryState, MailKind
from breachdesk.models import Delivery
from breachdesk.services.many_rows import among, as_json
from breachdesk.services.outage_mails import ASIDE, ASIDE_FOR
from breachdesk.services.visibility import withhold_mails

# Where a mail keeps the ids of the deliveries that it told when it was last written.
TELLS = "tells"
# The answer kept of a mail that could not be written: what it tells is then told case by case.
UNWRITABLE = "letter_could_not_be_written"
# What such a mail is about, in its Message-ID.
CAUGHT_UP = "caught-up"
_BOUND = "with:"
# A database takes no more parameters than so many in one statement.
_AT_ONCE = 10_000

_deliveries: Any = Delivery.__table__


def _waits_aside(now: datetime) -> ColumnElement[bool]:
    """By the index of what is due: nothing else is put off for years."""
    return and_(
        # Written out: only then may a database use a partial index.
        text("delivery.state IN ('queued', 'sending')"),
        Delivery.state == DeliveryState.QUEUED,
        Delivery.priority == FIRST_PRIORITY,
        Delivery.next_attempt_at > now + ASIDE_FOR / 2,
    )


def bound_to(delivery_id: int) -> str:
    """As which worker is held what a mail tells of."""
    return f"{_BOUND}{delivery_id}"


def mail_of(claimed_by: str) -> int | None:
    """The id of the mail that a delivery is, or was, told in; None: it is a mail itself."""
    return int(claimed_by.removeprefix(_BOUND)) if claimed_by.startswith(_BOUND) else None


def take_in_hand(session: Session, claimed: Collection[int], *, now: datetime) -> None:
    """The last look before mail is written: what each mail may tell, of claimed deliveries.

    Withholds what would tell of a case somebody who may not know of it, takes along what waits
    aside, and calls off mails that have nothing left to tell. As many statements for one as for
    hundreds; does not commit.
    """
    mails = session.execute(
        select(Delivery.id, Delivery.organisation_id, Delivery.user_id, Delivery.parameters)
        .where(Delivery.id.in_(claimed), Delivery.kind == MailKind.CAUGHT_UP)
        .order_by(Delivery.id)
    ).all()
    if not mails:
        withhold_mails(session, claimed, now=now)
        return
    _bind(session, [mail.id for mail in mails if TELLS not in mail.parameters], now)
    told = _told_in(session, [mail.id for mail in mails], now)
    every = [*claimed, *(each for ids in told.values() for each in ids)]
    for start in range(0, len(every), _AT_ONCE):
        withhold_mails(session, every[start : start + _AT_ONCE], now=now)
    told = _told_in(session, [mail.id for mail in mails], now)
    session.execute(
        update(Delivery),
        [{"id": mail.id, "parameters": {TELLS: told.get(mail.id, [])}} for mail in mails],
    )
    _call_off(session, [mail.id for mail in mails if mail.id not in told], now)


def _bind(session: Session, mails: Collection[int], now: datetime) -> None:
    """Bind what waits aside for these people to the first of these mails to each of them."""
    if not mails:
        return
    mail = aliased(Delivery)
    to_them = (
        mail.id.in_(mails),
        mail.user_id == Delivery.user_id,
        mail.organisation_id == Delivery.organisation_id,
    )
    # Another worker may have a mail to the same person in hand: each row goes with one of them.
    free = session.scalars(
        select(Delivery.id)
        .where(
            _waits_aside(now),
            Delivery.claimed_by == ASIDE,
            select(mail.id).where(*to_them).exists(),
        )
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
    first = select(func.min(mail.id)).where(*to_them).correlate(_deliveries).scalar_subquery()
    _change(session, free, claimed_by=_name_of(first))


def _told_in(session: Session, mails: Collection[int], now: datetime) -> dict[int, list[int]]:
    """The ids of what each mail has to tell now."""
    told: dict[int, list[int]] = {}
    for key, claimed_by in session.execute(
        select(Delivery.id, Delivery.claimed_by)
        .where(_waits_aside(now), Delivery.claimed_by.in_([bound_to(mail) for mail in mails]))
        .order_by(Delivery.id)
    ):
        told.setdefault(mail_of(claimed_by) or 0, []).append(key)
    return told


def _call_off(session: Session, mails: Collection[int], now: datetime) -> None:
    gone = {"state": DeliveryState.CANCELLED, "finished_at": now}
    where = Delivery.state.in_(UNDER_WAY)
    _change(session, mails, where, **gone, lease_until=None, claimed_by="")


def told_together(
    session: Session, deliveries: Sequence[Delivery]
) -> dict[int, Sequence[Delivery]]:
    """What each mail after an outage, of a batch taken in hand, tells; by its id. One query."""
    ids = {
        key: each.id
        for each in deliveries
        if each.kind is MailKind.CAUGHT_UP
        for key in each.parameters.get(TELLS, ())
    }
    if not ids:
        return {}
    told: dict[int, list[Delivery]] = {}
    for row in session.scalars(
        select(Delivery)
        .where(among(Delivery.id, "ids"))
        .order_by(Delivery.id)
        .options(joinedload(Delivery.user), joinedload(Delivery.organisation))
        .execution_options(populate_existing=True),
        {"ids": as_json(list(ids))},
    ):
        told.setdefault(ids[row.id], []).append(row)
    return dict(told)


def out_of_date(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these mails, in hand, tell of what has been called off since; two queries.

    Such as of a case that was restricted to others. Written anew they tell of it no more.
    """
    mails = session.execute(
        select(Delivery.id, Delivery.parameters).where(
            Delivery.id.in_(ids), Delivery.kind == MailKind.CAUGHT_UP
        )
    ).all()
    if not mails:
        return set()
    told = {mail.id: set(mail.parameters.get(TELLS, ())) for mail in mails}
    gone = set(
        session.scalars(
            select(Delivery.id).where(
                among(Delivery.id, "ids"), Delivery.state != DeliveryState.QUEUED
            ),
            {"ids": as_json(sorted(each for every in told.values() for each in every))},
        )
    )
    return {mail for mail, every in told.items() if every & gone}


def pass_on(session: Session, changes: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Write down of what mails after an outage told what was answered to them; does not commit.

    An acceptance is a fact whatever became of a delivery meanwhile. A mail that could not be
    written is given up, and what it was to tell leaves case by case.

    Args:
        changes: as `services.deliveries` has written them, of such mails alone.
    """
    tells = {
        row.id: row.parameters.get(TELLS, ())
        for row in session.execute(
            select(Delivery.id, Delivery.parameters).where(
                Delivery.id.in_([change["id"] for change in changes])
            )
        )
    }
    waits = Delivery.state == DeliveryState.QUEUED
    for change in changes:
        theirs = tells.get(change["id"], ())
        if change["state"] is DeliveryState.QUEUED and change["answer"] == UNWRITABLE:
            _call_off(session, [change["id"]], now)
            _change(session, theirs, waits, claimed_by="", next_attempt_at=now)
            continue
        said = {key: change[key] for key in ("answer_code", "answer")}
        if change["state"] is not DeliveryState.QUEUED:
            said |= {key: change[key] for key in ("state", "finished_at")}
        is_accepted = change["state"] is DeliveryState.SENT
        where = true() if is_accepted else waits
        _change(session, theirs, where, attempts=Delivery.attempts + 1, **said)


def free_what_waits_for_nothing(session: Session, *, now: datetime) -> int:
    """Let leave by itself what waits aside for a mail that is not under way; return how many.

    None should be: a mail and what it tells are written, and answered for, together. Commits.
    """
    mail = aliased(Delivery)
    under_way = select(mail.id).where(
        mail.kind == MailKind.CAUGHT_UP,
        mail.state.in_(UNDER_WAY),
        mail.organisation_id == Delivery.organisation_id,
        mail.user_id == Delivery.user_id,
        # What is bound waits for its own.
        or_(
            Delivery.claimed_by == ASIDE,
            Delivery.claimed_by == _name_of(mail.id),
        ),
    )
    left = session.scalars(
        select(Delivery.id)
        .where(_waits_aside(now), ~under_way.exists())
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
    _change(session, left, claimed_by="", next_attempt_at=now)
    session.commit()
    return len(left)


def _name_of(mail_id: Any) -> ColumnElement[str]:
    """As `bound_to`, of a column."""
    return literal(_BOUND).concat(cast(mail_id, String))


def _change(
    session: Session, ids: Collection[int], *where: ColumnElement[bool], **values: Any
) -> None:
    """Change some deliveries, by their ids, of which there may be thousands."""
    if ids:
        session.flush()
        changed = update(_deliveries).where(among(_deliveries.c.id, "ids"), *where).values(**values)
        session.connection().execute(changed, {"ids": as_json(list(ids))})
