"""The verdict on a run: what was lost, what was doubled, and whether that had to be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from tests.faults.observed import Observed, SeenDelivery, Taken, Yes

SENT = "sent"


class Cause(StrEnum):
    """Why a message was sent again. Between the server's yes and its record there was…"""

    KILL = "kill"
    DROP = "drop"
    STALL = "stall"
    TIMEOUT = "timeout"
    # The lease ended although the worker lived: nobody could make it longer.
    HOLD_UP = "worker held up"
    OUTAGE = "long outage"


@dataclass(frozen=True)
class Allowed:
    """What a worker is allowed, in seconds.

    Args:
        record: between a server's yes and its record: `sending.RECORD_WITHIN_SECONDS` on a
            machine that is busy with the whole run.
        text_timeout: after which a worker hangs up on a server that owes it an answer.
        lease: how long it is; what is left of one when renewal fails is more than a half.
    """

    record: float = 2.0
    text_timeout: float = 8.0
    lease: float = 4.0


@dataclass(frozen=True)
class Verdict:
    """What a run shows. `faults` are sentences; a run without any has passed."""

    faults: tuple[str, ...]
    doubled: dict[Cause, int] = field(default_factory=dict)

    @property
    def has_passed(self) -> bool:
        """Whether nothing was lost, and doubled only what could not be helped."""
        return not self.faults


def judge(seen: Observed, allowed: Allowed) -> Verdict:
    """Judge a run."""
    arrivals: dict[str, list[Taken]] = defaultdict(list)
    # As they were sent: what a slow server keeps of a dead worker comes after its second time.
    for taken in sorted(seen.taken, key=lambda each: each.began_at):
        arrivals[taken.message_id].append(taken)
    doubled: Counter[Cause] = Counter()
    faults = [
        *_about_the_ledger(seen),
        *_about_deliveries(seen.deliveries, arrivals),
        *_about_doubles(seen, arrivals, allowed, doubled),
        *(f"A worker ended by itself: {last_words}" for last_words in seen.crashes),
    ]
    return Verdict(tuple(faults), dict(doubled))


def _about_the_ledger(seen: Observed) -> Iterator[str]:
    mails: Counter[int | None] = Counter(each.reminder_id for each in seen.deliveries)
    for reminder in seen.reminders:
        name = f"Reminder {reminder.id}"
        if not reminder.was_due:
            if reminder.is_emitted:
                yield f"{name} was emitted before it was due."
            continue
        if not reminder.is_emitted:
            yield f"{name} is lost: it was due and was never emitted."
        if reminder.lines != int(reminder.is_emitted):
            yield f"{name} has {reminder.lines} lines in the journal."
        if reminder.is_emitted and mails[reminder.id] != reminder.people:
            yield f"{name} has {mails[reminder.id]} mails for {reminder.people} people."


def _about_deliveries(
    deliveries: Iterable[SeenDelivery], arrivals: Mapping[str, Sequence[Taken]]
) -> Iterator[str]:
    ids: dict[str, int] = {}
    owed: dict[tuple[int | None, int | None], int] = {}
    for delivery in deliveries:
        name = f"Delivery {delivery.id}"
        if delivery.state != SENT:
            yield f"{name} is lost: it was left {delivery.state}."
        if delivery.message_id not in arrivals:
            yield f"{name} is lost: {delivery.message_id} never arrived."
        if delivery.message_id in ids:
            yield f"{name} has the Message-ID of delivery {ids[delivery.message_id]}."
        ids[delivery.message_id] = delivery.id
        told = (delivery.reminder_id, delivery.user_id)
        if delivery.reminder_id is not None and told in owed:
            yield f"{name} is doubled under another Message-ID: see delivery {owed[told]}."
        owed[told] = delivery.id
    for message_id in arrivals:
        if message_id not in ids:
            yield f"{message_id} arrived and is of no delivery."


def _about_doubles(
    seen: Observed,
    arrivals: Mapping[str, Sequence[Taken]],
    allowed: Allowed,
    doubled: Counter[Cause],
) -> Iterator[str]:
    recorded = {each.message_id: each.recorded_at for each in seen.deliveries}
    for message_id, all_taken in arrivals.items():
        for earlier, later in pairwise(all_taken):
            cause = _cause_of_another(earlier, later, seen, allowed)
            if cause is None:
                yield _without_need(earlier, later, recorded.get(message_id, ()), seen)
            elif any(at < later.began_at for at in recorded.get(message_id, ())):
                yield f"{message_id} was sent again after it was written down as sent."
            else:
                doubled[cause] += 1


def _without_need(taken: Taken, later: Taken, recorded_at: Iterable[float], seen: Observed) -> str:
    """All that is known of it, in seconds after the message was first begun."""
    began_at = taken.began_at
    kills = [kill.at for kill in seen.kills if kill.slot == taken.slot]
    return (
        f"{taken.message_id} was sent again by worker {later.slot} without need: worker "
        f"{taken.slot} began it, had handed in its text after {taken.read_at - began_at:.3f} s "
        f"and had a yes ({taken.yes}) after {taken.at - began_at:.3f}; it was begun again after "
        f"{later.began_at - began_at:.3f}, written down as sent after "
        f"{[round(at - began_at, 3) for at in recorded_at]}; worker {taken.slot} was killed after "
        f"{[round(at - began_at, 3) for at in kills]}."
    )


def _cause_of_another(taken: Taken, later: Taken, seen: Observed, allowed: Allowed) -> Cause | None:
    """What kept a worker from writing down that a message was taken; None where nothing did."""
    if taken.yes is Yes.DROPPED:
        return Cause.DROP
    if taken.yes is Yes.STALLED:
        return Cause.STALL
    # While the database is away nothing can be written down.
    until = taken.at + allowed.record
    for outage in sorted(seen.outages, key=lambda each: each.began_at):
        if outage.began_at <= until and outage.ended_at >= taken.at:
            until = max(until, outage.ended_at + allowed.record)
    if any(kill.slot == taken.slot and taken.began_at <= kill.at <= until for kill in seen.kills):
        return Cause.KILL
    if taken.yes is Yes.UNHEARD and taken.at - taken.read_at >= allowed.text_timeout:
        return Cause.TIMEOUT
    return _why_the_lease_ended(taken, later, seen, allowed)


def _why_the_lease_ended(
    taken: Taken, later: Taken, seen: Observed, allowed: Allowed
) -> Cause | None:
    for hold_up in seen.hold_ups:
        is_theirs = hold_up.slot == taken.slot
        if is_theirs and _overlap(hold_up.began_at, hold_up.ended_at, taken, later):
            return Cause.HOLD_UP
    for outage in seen.outages:
        is_long = outage.ended_at - outage.began_at >= allowed.lease / 2
        if is_long and _overlap(outage.began_at, outage.ended_at, taken, later):
            return Cause.OUTAGE
    return None


def _overlap(began_at: float, ended_at: float, taken: Taken, later: Taken) -> bool:
    """Whether something fell between the first time that a message was begun and the next."""
    return began_at <= later.at and ended_at >= taken.began_at
