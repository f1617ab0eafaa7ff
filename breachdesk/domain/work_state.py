"""What is at work and what waits: counts and moments, and which of them need a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import (
    INTERVALS_MISSED,
    LATE_AFTER,
    PUT_OFF_IS_LONG,
    SEAL_RENEWED_BEFORE,
    UNREACHABLE_IS_LONG,
    WORKER_GONE_AFTER,
    Trouble,
    WorkKind,
)


@dataclass(frozen=True)
class WorkerState:
    """A worker; `is_alive` False: it ended at `stopped_at`, or fell silent."""

    name: str
    runner: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None
    is_alive: bool


@dataclass(frozen=True)
class Backlog:
    """Work of one kind.

    Args:
        due: how much should have been done by now; since when the oldest of it should. What
            only another version of the desk knows how to do is counted in `waiting` alone.
        waiting: how much there is to do, what is planned or to be tried again later included.
        next_at: when the next of what is not due yet falls due.
    """

    kind: WorkKind
    due: int = 0
    since: datetime | None = None
    waiting: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True)
class WaitingMail:
    """The mail of one organisation, or of the installation, that has not left yet.

    Args:
        since: when the oldest was queued.
        due, due_since: how much should be tried by now, and since when.
        tried: how much was tried already and not taken; `code`: a server's answer to it.
        unreachable_since: when the oldest was queued that no server answered to.
        put_off_since: when the oldest to our own people was queued that a server answered to
            and did not take: not now, or not from us.
        strangers: how much of it only another version of the desk can write.
    """

    count: int = 0
    since: datetime | None = None
    due: int = 0
    due_since: datetime | None = None
    tried: int = 0
    code: int | None = None
    unreachable_since: datetime | None = None
    put_off_since: datetime | None = None
    strangers: int = 0


@dataclass(frozen=True)
class Answered:
    """When a server last took mail of an owner, and when it last refused one for good."""

    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    refusal_code: int | None = None


@dataclass(frozen=True)
class WayState:
    """One way out for mail: a server, or none.

    Args:
        owner: whose own server it is; empty: the installation's, or none at all.
        unreachable_since: since when it took nothing, where no answer came to what waits.
    """

    way: Way
    owner: str
    mail: WaitingMail
    answered: Answered

    @property
    def unreachable_since(self) -> datetime | None:
        """The mail that waits may have been queued before the server was last there."""
        return self._since_it_took_nothing(self.mail.unreachable_since)

    @property
    def put_off_since(self) -> datetime | None:
        """Since when it took nothing, though it answered: one full mailbox is no such thing."""
        return self._since_it_took_nothing(self.mail.put_off_since)

    def _since_it_took_nothing(self, since: datetime | None) -> datetime | None:
        accepted_at = self.answered.accepted_at
        return max(since, accepted_at) if since and accepted_at else since


@dataclass(frozen=True)
class WorkState:
    """All of it, as it is at `at`."""

    at: datetime
    workers: Sequence[WorkerState]
    backlog: Sequence[Backlog]
    ways: Sequence[WayState]
    # None: no monitor is told.
    monitor_every: timedelta | None = None
    # Rows under way of a kind that this version does not know.
    strangers: int = 0
    pinged_at: datetime | None = None
    ping_problem: str = ""
    # When the certificate that seals dossiers ends: what it seals after that does not verify.
    seal_ends_at: datetime | None = None

    @property
    def is_seal_over(self) -> bool:
        """Whether the certificate that seals dossiers has ended."""
        return self.seal_ends_at is not None and self.seal_ends_at <= self.at

    @property
    def is_seal_to_renew(self) -> bool:
        """Whether that certificate ends soon, and has not yet."""
        if self.seal_ends_at is None or self.is_seal_over:
            return False
        return self.seal_ends_at - self.at < SEAL_RENEWED_BEFORE

    @property
    def alive(self) -> list[WorkerState]:
        """The workers at work."""
        return [worker for worker in self.workers if worker.is_alive]

    @property
    def last_seen_at(self) -> datetime | None:
        """When any worker was last heard of, by a clock that can be believed."""
        heard = [worker.seen_at for worker in self.workers]
        return max((at for at in heard if at <= self.at + WORKER_GONE_AFTER), default=None)

    @property
    def oldest(self) -> Backlog | None:
        """The kind of work of which something has been due for longest."""
        return min(
            (each for each in self.backlog if each.since),
            key=lambda each: each.since or self.at,
            default=None,
        )

    @property
    def troubles(self) -> list[Trouble]:
        """What needs a person; empty: all is well."""
        oldest = self.oldest
        is_late = oldest is not None and oldest.since and self.at - oldest.since >= LATE_AFTER
        found = {
            Trouble.NO_WORKER: not self.alive,
            Trouble.WORK_IS_LATE: is_late,
            Trouble.MAIL_UNREACHABLE: any(
                way.unreachable_since and self.at - way.unreachable_since >= UNREACHABLE_IS_LONG
                for way in self.ways
            ),
            Trouble.MAIL_PUT_OFF: any(
                way.put_off_since and self.at - way.put_off_since >= PUT_OFF_IS_LONG
                for way in self.ways
            ),
            Trouble.MAIL_HAS_NO_WAY: any(
                way.way is Way.NONE and way.mail.count for way in self.ways
            ),
            Trouble.SEAL_IS_OVER: self.is_seal_over,
            Trouble.OF_ANOTHER_VERSION: self.strangers > 0,
            Trouble.MONITOR_NOT_TOLD: self._is_monitor_left_out(),
            Trouble.SEAL_ENDS_SOON: self.is_seal_to_renew,
        }
        return [trouble for trouble in Trouble if found[trouble]]

    def _is_monitor_left_out(self) -> bool:
        if self.monitor_every is None:
            return False
        is_silent = (
            self.pinged_at is not None
            and self.at - self.pinged_at > self.monitor_every * INTERVALS_MISSED
        )
        return bool(self.ping_problem) or is_silent
