"""What a run leaves to be judged: seen from outside, by the mail server and in the database.

Instants are seconds since 1970 by this machine's clock, one clock for all.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Yes(StrEnum):
    """What became of a server's yes to a text that it has taken.

    SAID: it was written to the line. STALLED: never said, the line held open. DROPPED: the
    line was cut instead. UNHEARD: there was nobody left on the line to hear it.
    """

    SAID = "said"
    STALLED = "stalled"
    DROPPED = "dropped"
    UNHEARD = "unheard"


@dataclass(frozen=True)
class Taken:
    """A message that the mail server took; what is taken has arrived, whatever was answered.

    Args:
        slot: the worker that handed it in: each has a port of its own.
        began_at: when its MAIL command came.
        read_at: when its text was complete.
        at: when the yes was said, or would have been.
    """

    message_id: str
    recipient: str
    slot: int
    began_at: float
    read_at: float
    at: float
    yes: Yes


@dataclass(frozen=True)
class Kill:
    """A worker killed with SIGKILL."""

    slot: int
    at: float


@dataclass(frozen=True)
class Outage:
    """A restart of the database, from the order until it took connections again."""

    began_at: float
    ended_at: float


@dataclass(frozen=True)
class HoldUp:
    """A worker that got no turn for a quarter of a lease or longer, as its own log says."""

    slot: int
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class SeenReminder:
    """A reminder of the ledger at the end of a run.

    Args:
        lines: how many lines of the journal say that it was sent.
        people: to how many people it is owed.
    """

    id: int
    was_due: bool
    is_emitted: bool
    lines: int
    people: int


@dataclass(frozen=True)
class SeenDelivery:
    """A delivery at the end of a run.

    Args:
        recorded_at: each time that it was written down as sent.
    """

    id: int
    reminder_id: int | None
    user_id: int | None
    message_id: str
    state: str
    recorded_at: tuple[float, ...] = ()


@dataclass(frozen=True)
class Observed:
    """Everything that is judged."""

    reminders: tuple[SeenReminder, ...] = ()
    deliveries: tuple[SeenDelivery, ...] = ()
    taken: tuple[Taken, ...] = ()
    kills: tuple[Kill, ...] = ()
    outages: tuple[Outage, ...] = ()
    hold_ups: tuple[HoldUp, ...] = ()
    # How often the mail server misbehaved, by the name of what it did.
    misdeeds: dict[str, int] = field(default_factory=dict)
    # Workers that ended without being killed or told to.
    crashes: tuple[str, ...] = ()
    # How often a worker was stopped for longer than its lease.
    pauses: int = 0
