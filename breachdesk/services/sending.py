"""Sending everything that is due, each way for itself.

The mail of one server is a lane. Lanes run side by side in one loop, and only the loop
writes: a server that is dead or slow holds up the mail of its own lane and no other. While a
server is slow the loop makes the leases of its lane longer; with the process they end.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.deliveries import FIRST_PAUSE, LEASE, DeliveryState
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.models import Delivery, Incident
from breachdesk.services.acting import Desk
from breachdesk.services.caught_up_mails import take_in_hand
from breachdesk.services.deliveries import (
    CLAIM_SIZE,
    Round,
    claim_due,
    count_due,
    finish_notices,
    record_answers,
    release,
    renew_leases,
)
from breachdesk.services.lanes import Lane
from breachdesk.services.letters import compose_letters
from breachdesk.services.mail_routes import MailRoutes, read_routes

log = logging.getLogger(__name__)

# What a process killed between a server's yes and its record may send again, in seconds.
RECORD_WITHIN_SECONDS = 0.1
# While lanes are busy: how often we look for mail of the others, and whether a way has changed.
LOOK_AGAIN_SECONDS = 1.0
# A batch whose last letters a server keeps waiting does not hold up the next one; so many at
# once share the connections of a lane.
MOST_BATCHES = 3
# A database that is being restarted is worth waiting for. In this time the leases end anyhow.
WAIT_FOR_DATABASE = timedelta(minutes=2)
# With answers in hand it is waited for longer: each yes that is forgotten is a mail sent twice.
WAIT_WITH_ANSWERS = timedelta(hours=1)
# Our own password, sealed under another key: the operator gave a wrong one.
# Of a row that another version of the desk, or a hand in the database, has written.
UNREADABLE = "row_cannot_be_read"
NO_PASSWORD = Answer(Outcome.MISCONFIGURED, None, "password_sealed_under_another_key")


def deliver_due(
    session: Session,
    desk: Desk,
    *,
    worker: str,
    clock: Callable[[], datetime],
    before_each_batch: Callable[[], object] = lambda: None,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Round:
    """Send everything that is due, batch by batch, until nothing is.

    A database that goes away meanwhile is waited for, and what servers answered is written
    down once it is back.

    Args:
        worker: names who claims; a lease that runs out passes to any other.
        clock: tells the time of each claim and record: a long run outlives one instant.
        before_each_batch: does what must not wait until a long run is over.
        may_go_on: asked before each claim; once it says no, what is in hand is the last.

    Raises:
        DBAPIError: the database does not answer, or is away for too long.
    """
    sending = _Sending(session, desk, worker, clock, before_each_batch, may_go_on)
    return asyncio.run(sending.run())


def batches_due(session: Session, desk: Desk, *, now: datetime, at_most: int) -> int:
    """How many batches of mail that can leave are due, counted no further than `at_most`."""
    can_leave = read_routes(session, desk).can_leave(())
    return -(-count_due(session, can_leave, now=now, at_most=at_most * CLAIM_SIZE) // CLAIM_SIZE)


class _Sending:
    def __init__(
        self,
        session: Session,
        desk: Desk,
        worker: str,
        clock: Callable[[], datetime],
        before_each_batch: Callable[[], object],
        may_go_on: Callable[[], bool],
    ) -> None:
        self._session = session
        self._desk = desk
        self._worker = worker
        self._clock = clock
        self._before_each_batch = before_each_batch
        self._may_go_on = may_go_on
        # A lane without a task has ended; it is kept until all it was told is written down.
        self._lanes: list[Lane] = []
        self._tasks: dict[asyncio.Task[None], Lane] = {}
        # Ways whose server could not be reached, and until when they are left alone.
        self._resting: dict[Hashable, datetime] = {}
        self._looked_at = 0.0
        self._turned_at = clock()
        self._away_since: datetime | None = None
        self._done = Round()

    async def run(self) -> Round:
        """Send until nothing is due that could leave."""
        try:
            self._look()
            while self._lanes:
                has_ended = await self._wait()
                self._keep_up(look_now=has_ended)
        finally:
            await self._abandon()
        return self._done

    async def _wait(self) -> bool:
        """Let the lanes go on for a moment; whether one has ended."""
        turn = min(RECORD_WITHIN_SECONDS, LOOK_AGAIN_SECONDS)
        if not self._tasks:
            await asyncio.sleep(turn if self._away_since else 0)
            return True
        ended, _ = await asyncio.wait(
            self._tasks, timeout=turn, return_when=asyncio.FIRST_COMPLETED
        )
        for task in ended:
            self._tasks.pop(task)
            task.result()
        return bool(ended)

    def _keep_up(self, *, look_now: bool) -> None:
        """Write down what was answered, keep what is ours, and look for more.

        While the database is away, no lane hands out another letter.
        """
        self._note_hold_up()
        try:
            self._record()
            self._renew()
            self._close_ended()
            is_time = asyncio.get_running_loop().time() >= self._looked_at + LOOK_AGAIN_SECONDS
            if look_now or is_time:
                self._look()
        except DBAPIError as fault:
            self._session.rollback()
            if not (isinstance(fault, OperationalError) or fault.connection_invalidated):
                raise
            self._note_absence(fault)
        else:
            self._away_since = None
        for lane in self._lanes:
            lane.is_paused = self._away_since is not None

    def _note_hold_up(self) -> None:
        """Tell the operator of a machine, or a database, too slow for what it is asked to do."""
        now = self._clock()
        if self._lanes:
            since = max(self._turned_at, min(lane.leased_at for lane in self._lanes))
            if now - since >= LEASE / 4:
                log.warning(
                    "This worker was held up for %.0f s; others may have taken over its mail",
                    (now - since).total_seconds(),
                )
        self._turned_at = now

    def _note_absence(self, fault: DBAPIError) -> None:
        now = self._clock()
        if self._away_since is None:
            log.warning("The database does not answer; will retry (%s)", fault.orig)
            self._away_since = now
        is_worth_it = self._may_go_on() and any(lane.answers for lane in self._lanes)
        longest = WAIT_WITH_ANSWERS if is_worth_it else WAIT_FOR_DATABASE
        if now - self._away_since >= longest:
            raise fault

    def _record(self) -> None:
        told = [answer for lane in self._lanes for answer in lane.answers]
        if told:
            self._done.add(self._recorded(told))
        for lane in self._lanes:
            lane.answers.clear()

    def _recorded(self, answers: Sequence[tuple[int, Answer]]) -> Round:
        return record_answers(self._session, answers, worker=self._worker, now=self._clock())

    def _renew(self) -> None:
        """A slow server must not make another worker take over what is in our hands."""
        for lane in self._lanes:
            if lane.unanswered and lane.needs_renewal():
                now = self._clock()
                ours = renew_leases(self._session, lane.unanswered, worker=self._worker, now=now)
                lane.keep_only(ours, leased_at=now)

    def _close_ended(self) -> None:
        """Let go of the lanes that have ended, and put back what they did not send."""
        at_work = list(self._tasks.values())
        for lane in [lane for lane in self._lanes if lane not in at_work]:
            # Answered since the last record.
            if lane.answers:
                continue
            if lane.unanswered:
                now = self._clock()
                release(self._session, lane.unanswered, worker=self._worker, now=now)
            if lane.was_unreachable:
                self._resting[lane.key] = self._clock() + FIRST_PAUSE
            self._lanes.remove(lane)

    def _look(self) -> None:
        """Claim what can leave by lanes that are free, and send it on its way."""
        self._looked_at = asyncio.get_running_loop().time()
        self._before_each_batch()
        routes = read_routes(self._session, self._desk)
        for lane in self._lanes:
            lane.call_off_changed(routes)
        has_begun = False
        while claimed := self._claim(routes, now := self._clock()):
            self._begin(claimed, routes, now)
            has_begun = True
        if not has_begun:
            # The notice of one lane need not wait for the end of the others.
            finish_notices(self._session, now=self._clock())
        self._session.commit()

    def _claim(self, routes: MailRoutes, now: datetime) -> list[int]:
        closed = self._busy() | {key for key, until in self._resting.items() if now < until}
        if not routes.has_other_lanes(closed) or not self._may_go_on():
            return []
        return claim_due(self._session, routes.can_leave(closed), worker=self._worker, now=now)

    def _busy(self) -> set[Hashable]:
        """The ways that have letters to hand out, or too many batches on their way."""
        batches = Counter(lane.key for lane in self._lanes)
        full = {key for key, count in batches.items() if count >= MOST_BATCHES}
        return full | {lane.key for lane in self._lanes if not lane.is_handed_out}

    def _begin(self, claimed: Sequence[int], routes: MailRoutes, claimed_at: datetime) -> None:
        for lane in self._lanes_of(claimed, routes, claimed_at):
            free = self._free_connections(lane)
            self._lanes.append(lane)
            self._tasks[asyncio.create_task(self._send(lane, free))] = lane

    def _free_connections(self, lane: Lane) -> int:
        taken = sum(other.in_flight for other in self._lanes if other.key == lane.key)
        return max(1, self._desk.connections - taken)

    def _lanes_of(
        self, claimed: Sequence[int], routes: MailRoutes, claimed_at: datetime
    ) -> Collection[Lane]:
        """Claimed mails, written and told apart by the way they go."""
        session, now = self._session, self._clock()
        _take_in_hand(session, claimed, now=now)
        deliveries = _load(session, claimed, now=now)
        composed = compose_letters(session, self._desk, deliveries, routes=routes, now=now)
        lanes: dict[Hashable, Lane] = {}
        for delivery in deliveries:
            if delivery.id not in composed.letters:
                continue
            route = routes.of(delivery.organisation)
            lane = lanes.setdefault(
                route.lane, Lane(route.lane, route.server, claimed_at, self._clock)
            )
            owner = delivery.organisation_id
            lane.add(delivery.id, owner, composed.letters[delivery.id], routes.fingerprint(owner))
        session.commit()
        if composed.faults:
            # Somebody must mend the settings, or the program.
            self._done.add(
                self._recorded(
                    [
                        (id_, Answer(Outcome.MISCONFIGURED, None, fault.value))
                        for id_, fault in composed.faults.items()
                    ]
                )
            )
        return lanes.values()

    async def _send(self, lane: Lane, connections: int) -> None:
        if lane.server is None:
            lane.answer_all(NO_PASSWORD)
        else:
            await self._desk.mailer.deliver(
                lane.server,
                lane.wanted(),
                lane.take,
                still_wanted=lane.is_still_wanted,
                connections=connections,
            )

    async def _abandon(self) -> None:
        """Stop what is still on its way: another worker takes it over when its lease ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(DBAPIError):
            self._session.rollback()
            self._record()


def _take_in_hand(session: Session, ids: Collection[int], *, now: datetime) -> None:
    """The last look before mail is written; one mail that defies it is set aside, see `_load`.

    Raises:
        DBAPIError: the database does not answer.
    """
    try:
        take_in_hand(session, ids, now=now)
    except DBAPIError:
        raise
    except Exception as fault:
        session.rollback()
        if len(ids) == 1:
            _set_aside(session, next(iter(ids)), fault, now)
        else:
            for one in ids:
                _take_in_hand(session, [one], now=now)
                # The next one's fault must not undo it.
                session.commit()


def _load(session: Session, ids: Collection[int], *, now: datetime) -> Sequence[Delivery]:
    """Claimed deliveries; one that cannot even be read is set aside, and the others go on.

    Raises:
        DBAPIError: the database does not answer.
    """
    try:
        return _read(session, ids)
    except DBAPIError:
        raise
    except Exception as fault:
        if len(ids) == 1:
            _set_aside(session, next(iter(ids)), fault, now)
            return []
        found = [each for one in ids for each in _load(session, [one], now=now)]
        return sorted(found, key=lambda delivery: (delivery.priority, delivery.id))


def _set_aside(session: Session, delivery_id: int, fault: Exception, now: datetime) -> None:
    """Give a delivery up, with the reason; trying again would read the same row."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.SENDING)
        .values(
            state=DeliveryState.FAILED,
            answer=UNREADABLE,
            finished_at=now,
            lease_until=None,
            claimed_by="",
        ),
        execution_options={"synchronize_session": False},
    )
    incident_id = session.scalar(select(Delivery.incident_id).where(Delivery.id == delivery_id))
    reference = session.scalar(select(Incident.reference).where(Incident.id == incident_id))
    # The type alone: a message could quote what is in the row.
    log.error(
        "Delivery %s of incident %s cannot be read and was set aside; mend its row, then set it"
        " to `queued` again: %s",
        delivery_id,
        reference,
        type(fault).__name__,
    )


def _read(session: Session, ids: Iterable[int]) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery)
        # What was cancelled since it was claimed is not sent.
        .where(Delivery.id.in_(ids), Delivery.state == DeliveryState.SENDING)
        .order_by(Delivery.priority, Delivery.id)
        .options(
            joinedload(Delivery.user),
            joinedload(Delivery.recipient),
            joinedload(Delivery.organisation),
        )
        .execution_options(populate_existing=True)
    ).all()
