"""The ledger of a case's reminders as a value: what was planned, told to whom, read by whom.

The services read the rows into it; the case's page shows it and the dossier prints it, so it
holds names and codes only, no address. Instants are timezone-aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breachdesk.domain.deliveries import DeliveryState, is_kept_here
from breachdesk.domain.emission import MISSED_AFTER
from breachdesk.domain.standing_in import Addressee


class Standing(StrEnum):
    """Where a reminder stands.

    HELD: planned, and kept back by quiet hours. JOINED: told in another that went out with it.
    MISSED: nothing ran when it was due; a later one says so.
    """

    PLANNED = "planned"
    HELD = "held"
    UNREAD = "unread"
    READ = "read"
    JOINED = "joined"
    MISSED = "missed"
    CANCELLED = "cancelled"


# Still to come.
AHEAD = frozenset({Standing.PLANNED, Standing.HELD})


@dataclass(frozen=True)
class ToldRecord:
    """One of our people to whom a reminder was sent, with the mail server's answer.

    Args:
        state: a code of `DeliveryState`.
        answered_at: when the state became final; None while the mail is under way.
        answer: the server's own words, without the address; empty before it answered.
        capacity: in what capacity they were told; None: every role was taken for their own.
    """

    name: str
    roles: tuple[str, ...]
    state: str
    answered_at: datetime | None
    answer: str
    capacity: Addressee | None = None

    @property
    def addressee(self) -> Addressee:
        """Who it is, in what capacity: to be said by `wording.addressees`."""
        return self.capacity or Addressee(self.name, held=self.roles)

    @property
    def is_kept_here(self) -> bool:
        """Whether it stayed on the desk, as an example organisation's mails do."""
        return self.state == DeliveryState.SENT and is_kept_here(self.answer)


@dataclass(frozen=True)
class ReadRecord:
    """Who said that they had read a reminder. `via` is a code of `AcknowledgedVia`."""

    by: str
    via: str
    at: datetime


@dataclass(frozen=True)
class LedgerRecord:
    """One reminder. `regime`, `cause`, `channel` and `roles` are codes.

    Args:
        clock: counts from 1 in the clocks of the case.
        planned_for: when the plan wanted it.
        remind_at: when it falls due: later than planned where quiet hours held it.
        answers_to: of an escalation, when the reminder that nobody read was sent.
        told_at: when the other reminder was sent in which this one was told.
    """

    clock: int
    regime: str
    cause: str
    channel: str
    roles: tuple[str, ...]
    planned_for: datetime
    remind_at: datetime
    emitted_at: datetime | None = None
    cancelled_at: datetime | None = None
    answers_to: datetime | None = None
    told_at: datetime | None = None
    told: tuple[ToldRecord, ...] = ()
    read: ReadRecord | None = None
    # Its clock has stopped: there is nothing left to answer.
    is_over: bool = False

    @property
    def standing(self) -> Standing:
        """The word to show it by."""
        if self.told_at is not None:
            was_missed = self.told_at - self.remind_at > MISSED_AFTER
            return Standing.MISSED if was_missed else Standing.JOINED
        if self.cancelled_at is not None:
            return Standing.CANCELLED
        if self.emitted_at is not None:
            return Standing.READ if self.read else Standing.UNREAD
        return Standing.HELD if self.was_held else Standing.PLANNED

    @property
    def was_held(self) -> bool:
        """Whether quiet hours kept it back from when the plan wanted it."""
        return self.remind_at > self.planned_for

    @property
    def is_under_way(self) -> bool:
        """Whether no mail of it has left: nobody can have read what waits to be sent."""
        return bool(self.told) and all(person.answered_at is None for person in self.told)

    @property
    def is_kept_here(self) -> bool:
        """Whether what left of it stayed on the desk, so that nothing was sent to anybody."""
        left = [person for person in self.told if person.state == DeliveryState.SENT]
        return bool(left) and all(person.is_kept_here for person in left)

    @property
    def reached_nobody(self) -> bool:
        """Whether every mail of it was refused, given up or called off."""
        return bool(self.told) and all(
            person.answered_at is not None and person.state != DeliveryState.SENT
            for person in self.told
        )

    @property
    def was_late(self) -> bool:
        """Whether it was sent later than it fell due: nothing ran at that time."""
        return self.emitted_at is not None and self.emitted_at - self.remind_at > MISSED_AFTER

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have gone out by now: nothing runs that would send it."""
        return self.standing in AHEAD and now - self.remind_at > MISSED_AFTER

    @property
    def at(self) -> datetime:
        """When it happened, or is to happen: what the ledger is ordered by."""
        return self.emitted_at or self.remind_at


@dataclass(frozen=True)
class ReminderLedger:
    """Every reminder of a case, in the order of `LedgerRecord.at`."""

    lines: tuple[LedgerRecord, ...] = ()

    @property
    def unread(self) -> tuple[LedgerRecord, ...]:
        """Sent for a clock that runs, and read by nobody yet."""
        return tuple(
            line for line in self.lines if line.standing is Standing.UNREAD and not line.is_over
        )

    @property
    def ahead(self) -> tuple[LedgerRecord, ...]:
        """Still to come, the next first."""
        return tuple(line for line in self.lines if line.standing in AHEAD)

    @property
    def past(self) -> tuple[LedgerRecord, ...]:
        """What was told, or missed, the oldest first."""
        over = (*AHEAD, Standing.CANCELLED)
        return tuple(line for line in self.lines if line.standing not in over)

    @property
    def cancelled(self) -> tuple[LedgerRecord, ...]:
        """What was called off before it was told: a clock stopped, or a plan changed."""
        return tuple(line for line in self.lines if line.standing is Standing.CANCELLED)
