"""The verdict on a run: what was lost, what was doubled, and whether that had to be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from tests.faults.observed import Kill, Observed, Outage, SeenDelivery, Taken, Yes

SENT = "sent"


class Cause(StrEnum):
    """Why a message was sent again. Between the server's yes and its record there was…"""

    KILL = "kill"
    DROP = "drop"
    STALL = "stall"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Allowed:
    """What a worker is allowed, in seconds.

    Args:
        record: between a server's yes and its record: `sending.RECORD_WITHIN_SECONDS` on a
            machine that is busy with the whole run.
        text_timeout: after which a worker hangs up on a server that owes it an answer.
    """

    record: float = 2.0
    text_timeout: float = 8.0


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
    for taken in sorted(seen.taken, key=lambda each: each.at):
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
            cause = _cause_of_another(earlier, seen.kills, seen.outages, allowed)
            if cause is None:
                yield (
                    f"{message_id} was sent again by worker {later.slot} without need: worker "
                    f"{earlier.slot} had its yes at {earlier.at:.3f}, again at {later.at:.3f}."
                )
            elif any(at < later.began_at for at in recorded.get(message_id, ())):
                yield f"{message_id} was sent again after it was written down as sent."
            else:
                doubled[cause] += 1


def _cause_of_another(
    taken: Taken, kills: Iterable[Kill], outages: Iterable[Outage], allowed: Allowed
) -> Cause | None:
    """What kept a worker from writing down that a message was taken; None where nothing did."""
    if taken.yes is Yes.DROPPED:
        return Cause.DROP
    if taken.yes is Yes.STALLED:
        return Cause.STALL
    # While the database is away nothing can be written down.
    until = taken.at + allowed.record
    for outage in sorted(outages, key=lambda each: each.began_at):
        if outage.began_at <= until and outage.ended_at >= taken.at:
            until = max(until, outage.ended_at + allowed.record)
    if any(kill.slot == taken.slot and taken.began_at <= kill.at <= until for kill in kills):
        return Cause.KILL
    if taken.yes is Yes.UNHEARD and taken.at - taken.read_at >= allowed.text_timeout:
        return Cause.TIMEOUT
    return None
