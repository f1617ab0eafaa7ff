"""Sending everything that is due, each way for itself.

The mail of one server is a lane. Lanes run side by side in one loop, and all that is
written goes through one session between two awaits: a server that is dead or slow holds up
the mail of its own lane and no other.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.deliveries import FIRST_PAUSE, LEASE, DeliveryState
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.letters import Letter
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery
from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import (
    Round,
    claim_due,
    finish_notices,
    record_answers,
    release,
    renew_leases,
)
from breachdesk.services.letters import compose_letters
from breachdesk.services.mail_routes import MailRoutes, read_routes
from breachdesk.services.visibility import withhold_mails

RECORD_SIZE = 50
# A slow server's answers are recorded, and our leases renewed, long before these run out.
RECORD_WITHIN = LEASE / 5
# While lanes are busy: how often we look for mail of the others, and whether a way has changed.
LOOK_AGAIN_SECONDS = 1.0
# A recipient, or our own password, sealed under another key: the operator gave a wrong one.
UNREADABLE = Answer(Outcome.MISCONFIGURED, None, "recipient_sealed_under_another_key")
NO_PASSWORD = Answer(Outcome.MISCONFIGURED, None, "password_sealed_under_another_key")


def deliver_due(
    session: Session,
    desk: Desk,
    *,
    worker: str,
    clock: Callable[[], datetime],
    before_each_batch: Callable[[], object] = lambda: None,
) -> Round:
    """Send everything that is due, batch by batch, until nothing is.

    Args:
        worker: names who claims; a lease that runs out passes to any other.
        clock: tells the time of each claim and record: a long run outlives one instant.
        before_each_batch: does what must not wait until a long run is over.
    """
    return asyncio.run(_Sending(session, desk, worker, clock, before_each_batch).run())


@dataclass
class _Lane:
    """One batch on its way through one server.

    Args:
        letters: with the delivery and the organisation that each is of.
        fingerprints: what `MailRoutes.fingerprint` gave of each organisation in it.
    """

    key: Hashable
    server: MailServer | None
    letters: list[tuple[int, int | None, Letter]] = field(default_factory=list)
    fingerprints: dict[int | None, Hashable] = field(default_factory=dict)
    called_off: set[int | None] = field(default_factory=set)

    def wanted(self) -> Iterator[Letter]:
        """The letters, one by one as they are sent; those called off meanwhile are left out."""
        for _, organisation_id, letter in self.letters:
            if organisation_id not in self.called_off:
                yield letter

    def call_off_changed(self, routes: MailRoutes) -> None:
        """Stop what would leave by a way that has changed since it was written."""
        for organisation_id, fingerprint in self.fingerprints.items():
            if routes.fingerprint(organisation_id) != fingerprint:
                self.called_off.add(organisation_id)


class _Sending:
    def __init__(
        self,
        session: Session,
        desk: Desk,
        worker: str,
        clock: Callable[[], datetime],
        before_each_batch: Callable[[], object],
    ) -> None:
        self._session = session
        self._desk = desk
        self._worker = worker
        self._clock = clock
        self._before_each_batch = before_each_batch
        self._lanes: dict[Hashable, _Lane] = {}
        self._tasks: dict[asyncio.Task[bool], Hashable] = {}
        # Lanes whose server could not be reached, and until when they are left alone.
        self._resting: dict[Hashable, datetime] = {}
        self._done = Round()

    async def run(self) -> Round:
        """Send until nothing is due that could leave."""
        try:
            self._look()
            while self._tasks:
                await asyncio.wait(
                    self._tasks,
                    timeout=LOOK_AGAIN_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._close_finished()
                self._look()
        finally:
            await self._abandon()
        return self._done

    def _look(self) -> None:
        """Claim what can leave by lanes that are free, and send it on its way."""
        self._before_each_batch()
        routes = read_routes(self._session, self._desk)
        for lane in self._lanes.values():
            lane.call_off_changed(routes)
        has_begun = False
        while claimed := self._claim(routes):
            self._begin(claimed, routes)
            has_begun = True
        if not has_begun:
            # The notice of one lane need not wait for the end of the others.
            finish_notices(self._session, now=self._clock())
        self._session.commit()

    def _claim(self, routes: MailRoutes) -> list[int]:
        now = self._clock()
        resting = {lane for lane, until in self._resting.items() if now < until}
        closed = resting | self._lanes.keys()
        if not routes.has_other_lanes(closed):
            return []
        return claim_due(self._session, routes.can_leave(closed), worker=self._worker, now=now)

    def _begin(self, claimed: Sequence[int], routes: MailRoutes) -> None:
        for lane in self._lanes_of(claimed, routes):
            self._lanes[lane.key] = lane
            self._tasks[asyncio.create_task(self._send(lane))] = lane.key

    def _lanes_of(self, claimed: Sequence[int], routes: MailRoutes) -> Collection[_Lane]:
        """Claimed mails, written and told apart by the way they go."""
        session, now = self._session, self._clock()
        withhold_mails(session, claimed, now=now)
        deliveries = _load(session, claimed)
        letters = compose_letters(session, self._desk, deliveries, routes=routes, now=now)
        lanes: dict[Hashable, _Lane] = {}
        for delivery in deliveries:
            if delivery.id not in letters:
                continue
            route = routes.of(delivery.organisation)
            lane = lanes.setdefault(route.lane, _Lane(route.lane, route.server))
            owner = delivery.organisation_id
            lane.letters.append((delivery.id, owner, letters[delivery.id]))
            lane.fingerprints[owner] = routes.fingerprint(owner)
        unreadable = [each.id for each in deliveries if each.id not in letters]
        session.commit()
        self._postpone(unreadable, UNREADABLE)
        return lanes.values()

    def _postpone(self, ids: Sequence[int], answer: Answer) -> None:
        """Put off what could not be written or sent; somebody must mend the settings."""
        if ids:
            self._done.add(
                record_answers(self._session, [(id_, answer) for id_ in ids], now=self._clock())
            )

    async def _send(self, lane: _Lane) -> bool:
        """Send one lane and record every answer; False when its server was not reached."""
        if lane.server is None:
            self._postpone([id_ for id_, _, _ in lane.letters], NO_PASSWORD)
            return False
        recorder = _Recorder(self._session, lane, self._done, self._clock)
        await self._desk.mailer.deliver(
            lane.server, lane.wanted(), recorder.take, connections=self._desk.connections
        )
        recorder.finish()
        return not recorder.was_unreachable

    def _close_finished(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            lane = self._tasks.pop(task)
            del self._lanes[lane]
            if not task.result():
                self._resting[lane] = self._clock() + FIRST_PAUSE

    async def _abandon(self) -> None:
        """Stop what is still on its way: another worker takes it over when its lease ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _load(session: Session, ids: Iterable[int]) -> Sequence[Delivery]:
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


class _Recorder:
    """Takes the answers to one lane and records them some at a time."""

    def __init__(
        self, session: Session, lane: _Lane, done: Round, clock: Callable[[], datetime]
    ) -> None:
        self._session = session
        self._ids = {letter.message_id: id_ for id_, _, letter in lane.letters}
        self._done = done
        self._clock = clock
        self._answers: list[tuple[int, Answer]] = []
        self._flush_by = clock() + RECORD_WITHIN
        self.was_unreachable = False

    def take(self, letter: Letter, answer: Answer) -> None:
        """Keep an answer; called once for each letter that was tried."""
        self._answers.append((self._ids.pop(letter.message_id), answer))
        if len(self._answers) >= RECORD_SIZE or self._clock() >= self._flush_by:
            self._flush()

    def finish(self) -> None:
        """Record what is left to record, and put back what was called off."""
        self._flush()
        if self._ids:
            release(self._session, self._ids.values(), now=self._clock())

    def _flush(self) -> None:
        if not self._answers:
            return
        now = self._clock()
        self._flush_by = now + RECORD_WITHIN
        renew_leases(self._session, self._ids.values(), now=now)
        self._done.add(record_answers(self._session, self._answers, now=now))
        self.was_unreachable |= any(answer.is_about_us for _, answer in self._answers)
        self._answers = []
