"""A lane: one batch of letters on its way through one mail server, and what is ours of it."""

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from breachdesk.domain.deliveries import LEASE
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.letters import Letter
from breachdesk.mail.mailer import MailServer
from breachdesk.services.mail_routes import MailRoutes

# Renewed so early, a lease outlives several turns of the loop that failed.
RENEW_AFTER = LEASE / 5


@dataclass
class Lane:
    """One batch on its way through one server.

    The mailer takes letters from it and gives answers to it; the loop that owns it writes
    both down. Nothing here touches the database, so that no letter in flight is lost to it.

    Args:
        leased_at: when its deliveries were claimed, or their leases last renewed.
        letters: by delivery, with the organisation that each is of.
        fingerprints: what `MailRoutes.fingerprint` gave of each organisation in it.
    """

    key: Hashable
    server: MailServer | None
    leased_at: datetime
    clock: Callable[[], datetime]
    letters: dict[int, tuple[int | None, Letter]] = field(default_factory=dict)
    fingerprints: dict[int | None, Hashable] = field(default_factory=dict)
    # Answered and not yet written down.
    answers: list[tuple[int, Answer]] = field(default_factory=list)
    is_paused: bool = False
    is_handed_out: bool = False
    # By the process's own clock, which knows no jumps, unlike that of `leased_at`.
    _held_since: float = field(default_factory=monotonic)
    _got_through: bool = False
    _broke: bool = False
    _called_off: set[int | None] = field(default_factory=set)
    _lost: set[int] = field(default_factory=set)
    _in_flight: dict[str, int] = field(default_factory=dict)
    _unanswered: set[int] = field(default_factory=set)

    def add(self, delivery_id: int, owner: int | None, letter: Letter, way: Hashable) -> None:
        """Put a letter in the lane, with the fingerprint of the way it goes."""
        self.letters[delivery_id] = (owner, letter)
        self.fingerprints[owner] = way
        self._unanswered.add(delivery_id)

    def wanted(self) -> Iterator[Letter]:
        """The letters, one by one as they are sent, as long as they are surely ours.

        Left out are those called off meanwhile. A process that was held up for longer than
        the lease sends no more: another may have taken over.
        """
        for delivery_id, (owner, letter) in self.letters.items():
            if self.is_paused or self._is_lease_over():
                break
            if owner not in self._called_off and delivery_id not in self._lost:
                self._in_flight[letter.message_id] = delivery_id
                yield letter
        self.is_handed_out = True

    def _is_lease_over(self) -> bool:
        """By either clock: one may have been set back, the other sleeps with the machine."""
        is_over = monotonic() >= self._held_since + LEASE.total_seconds()
        return is_over or self.clock() >= self.leased_at + LEASE

    def is_still_wanted(self, letter: Letter) -> bool:
        """Whether a letter handed out is ours still, right before its text leaves."""
        delivery_id = self._in_flight[letter.message_id]
        owner, _ = self.letters[delivery_id]
        is_ours = delivery_id not in self._lost and not self._is_lease_over()
        return is_ours and owner not in self._called_off

    def take(self, letter: Letter, answer: Answer) -> None:
        """Keep an answer; called once for each letter that was tried.

        What was withdrawn has none: it is put back as what was never handed out.
        """
        delivery_id = self._in_flight.pop(letter.message_id)
        if answer.outcome is Outcome.WITHDRAWN:
            return
        self._unanswered.discard(delivery_id)
        self.answers.append((delivery_id, answer))
        self._broke |= answer.is_about_us
        self._got_through |= not answer.is_about_us

    @property
    def was_unreachable(self) -> bool:
        """Whether nobody's letter got through: one connection that breaks is no outage."""
        return self._broke and not self._got_through

    def answer_all(self, answer: Answer) -> None:
        """Give every letter the same answer, untried."""
        for letter in self.wanted():
            self.take(letter, answer)

    @property
    def unanswered(self) -> Collection[int]:
        """The deliveries that wait for their turn or for an answer."""
        return self._unanswered

    @property
    def in_flight(self) -> int:
        """How many letters are with the server now."""
        return len(self._in_flight)

    def needs_renewal(self) -> bool:
        """Whether its leases are to be made longer."""
        return self.clock() >= self.leased_at + RENEW_AFTER

    def keep_only(self, ours: Collection[int], *, leased_at: datetime) -> None:
        """After a renewal: what is no longer ours, cancelled or taken over, is not sent.

        Nor is it put back at the end: this worker may have it in hand again, in another batch.
        """
        self.leased_at, self._held_since = leased_at, monotonic()
        self._lost |= self._unanswered - set(ours)
        self._unanswered -= self._lost

    def call_off_changed(self, routes: MailRoutes) -> None:
        """Stop what would leave by a way that has changed since it was written."""
        for owner, fingerprint in self.fingerprints.items():
            if routes.fingerprint(owner) != fingerprint:
                self._called_off.add(owner)
