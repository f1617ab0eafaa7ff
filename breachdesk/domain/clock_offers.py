"""Which clocks a case calls for: offered with the reasons, started by a person.

Nothing here starts a clock. What is said of a regime in its file is held against what is
known; what is not known calls for nothing, and can be started all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.facts import Answer
from breachdesk.domain.regimes import Circumstance, FactCondition, Regime, StartEvent
from breachdesk.domain.vocabulary import ProcessingRole

# A regime whose clock ended like this may be called for again: its question is still open.
_LEFT_OPEN = frozenset({StopReason.CORRECTED, StopReason.NOT_A_BREACH})
# What these count from is of a breach alone: without one there is nothing to count.
OF_A_BREACH = frozenset({StartEvent.AWARE, StartEvent.INITIAL_FILED})
# Stopped like this, what a clock asked for was done.
_DONE_BY = frozenset({StopReason.DONE, StopReason.FILED, StopReason.COMMUNICATED})


class Because(StrEnum):
    """Why a regime is called for."""

    # The organisation said so of itself: `code` is the trait.
    TRAIT = "trait"
    # What it is in this processing: `code` is the role.
    ROLE = "role"
    # The same, where nobody has said what it is: a controller, until somebody does.
    ROLE_ASSUMED = "role_assumed"
    # What is known of the incident: `code` is the fact, `values` what it is known to be.
    FACT = "fact"
    CIRCUMSTANCE = "circumstance"
    # What it counts from has come about, and asks for it by itself: `code` is the event.
    EVENT = "event"


@dataclass(frozen=True)
class OfferReason:
    """One reason; see `Because` for what `code` and `values` are."""

    because: Because
    code: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClockSeen:
    """A clock of the case, as far as it bears on what is offered."""

    regime: str
    is_running: bool
    stop_reason: StopReason | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True)
class Situation:
    """What is known of a case and has come about in it.

    Args:
        facts: by key, as they stand.
        traits: what the organisation has said of itself.
        is_breach: None until somebody qualifies the incident.
        came_about: see `Circumstance`.
        moments: when each start event came about, as far as the desk knows (UTC).
        clocks: every clock there is or was, the first one first.
        refused: the regimes that a person said are not owed.
    """

    facts: Mapping[str, Answer]
    moments: Mapping[StartEvent, datetime]
    traits: frozenset[str] = frozenset()
    is_breach: bool | None = None
    came_about: frozenset[Circumstance] = frozenset()
    clocks: tuple[ClockSeen, ...] = ()
    refused: frozenset[str] = frozenset()

    @property
    def role(self) -> str:
        """What the organisation is in this processing; a controller until somebody says."""
        answer = self.facts.get("role")
        if answer is None or not answer.is_known:
            return ProcessingRole.CONTROLLER.value
        return str(answer.value)

    @property
    def is_role_known(self) -> bool:
        """Whether somebody has said what the organisation is in this processing."""
        answer = self.facts.get("role")
        return answer is not None and answer.is_known

    def known_values(self, condition: FactCondition) -> tuple[str, ...]:
        """Of a condition, the values that are known to hold."""
        answer = self.facts.get(condition.key)
        if answer is None or not answer.is_known:
            return ()
        held = answer.value if isinstance(answer.value, list) else [answer.value]
        return tuple(str(value) for value in condition.any_of if value in held)


@dataclass(frozen=True)
class ClockOffer:
    """A regime that can be started.

    Args:
        reasons: why it is called for; none where it is not.
        starts_at: what it would count from, to correct; None where only a person knows.
    """

    regime: Regime
    reasons: tuple[OfferReason, ...] = ()
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Offers:
    """What a case calls for, and what else can be started; each in the order of the files."""

    called_for: tuple[ClockOffer, ...] = ()
    others: tuple[ClockOffer, ...] = ()

    def of(self, regime: str) -> ClockOffer | None:
        """The offer of a regime; None where it cannot be started."""
        both = (*self.called_for, *self.others)
        return next((offer for offer in both if offer.regime.code == regime), None)


def offers_for(situation: Situation, regimes: Iterable[Regime]) -> Offers:
    """Every regime that can be started in this situation, parted by whether it is called for."""
    called_for: list[ClockOffer] = []
    others: list[ClockOffer] = []
    for regime in regimes:
        if regime.offer.by_desk or _is_running(regime.code, situation):
            continue
        refused = regime.code in situation.refused
        starts_at = starts_at_of(regime, situation)
        reasons = () if refused or _is_over(regime.code, situation) else _why(regime, situation)
        offer = ClockOffer(regime, reasons, starts_at)
        (called_for if reasons else others).append(offer)
    return Offers(tuple(called_for), tuple(others))


def starts_at_of(regime: Regime, situation: Situation) -> datetime | None:
    """When what a regime counts from came about, as far as the desk knows.

    Before an incident is qualified, awareness can turn out to be no earlier than the first
    notice: the strictest start, to be corrected. So it is of an attack, until somebody says.
    """
    moments, event = situation.moments, regime.starts_with
    if event is StartEvent.OTHER_DONE:
        done = [
            clock.stopped_at
            for clock in situation.clocks
            if clock.regime == regime.after and clock.stop_reason in _DONE_BY
        ]
        return done[-1] if done else None
    if event in (StartEvent.AWARE, StartEvent.ATTACK_KNOWN):
        return moments.get(event) or moments.get(StartEvent.NOTICED)
    return moments.get(event)


def _why(regime: Regime, situation: Situation) -> tuple[OfferReason, ...]:
    """Every reason, or none where anything that the file asks for does not hold."""
    if regime.starts_with in OF_A_BREACH and situation.is_breach is False:
        return ()
    if starts_at_of(regime, situation) is None:
        return ()
    parts = (
        _of_trait(regime, situation),
        _of_role(regime, situation),
        _of_facts(regime, situation),
        _of_any_fact(regime, situation),
        _of_circumstances(regime, situation),
        _of_event(regime),
    )
    if any(part is None for part in parts):
        return ()
    return tuple(reason for part in parts for reason in part or ())


_Part = tuple[OfferReason, ...] | None


def _of_trait(regime: Regime, situation: Situation) -> _Part:
    trait = regime.offer.trait
    if not trait:
        return ()
    return (OfferReason(Because.TRAIT, trait),) if trait in situation.traits else None


def _of_role(regime: Regime, situation: Situation) -> _Part:
    if not regime.is_for_roles:
        return ()
    role = situation.role
    because = Because.ROLE if situation.is_role_known else Because.ROLE_ASSUMED
    return (OfferReason(because, role),) if role in regime.is_for_roles else None


def _of_facts(regime: Regime, situation: Situation) -> _Part:
    found = [(each.key, situation.known_values(each)) for each in regime.offer.facts]
    if any(not values for _, values in found):
        return None
    return tuple(OfferReason(Because.FACT, key, values) for key, values in found)


def _of_any_fact(regime: Regime, situation: Situation) -> _Part:
    found = [(each.key, situation.known_values(each)) for each in regime.offer.any_fact]
    reasons = tuple(OfferReason(Because.FACT, key, values) for key, values in found if values)
    return None if found and not reasons else reasons


def _of_circumstances(regime: Regime, situation: Situation) -> _Part:
    needs = regime.offer.needs
    if not situation.came_about.issuperset(needs):
        return None
    return tuple(OfferReason(Because.CIRCUMSTANCE, need.value) for need in needs)


def _of_event(regime: Regime) -> _Part:
    """An event that asks for something by itself: a first filing, another regime's end."""
    if regime.starts_with in (StartEvent.INITIAL_FILED, StartEvent.OTHER_DONE):
        return (OfferReason(Because.EVENT, regime.starts_with.value),)
    return ()


def _is_running(regime: str, situation: Situation) -> bool:
    return any(clock.regime == regime and clock.is_running for clock in situation.clocks)


def _is_over(regime: str, situation: Situation) -> bool:
    """Whether its last clock has answered it."""
    ended = [clock for clock in situation.clocks if clock.regime == regime]
    return bool(ended) and ended[-1].stop_reason not in _LEFT_OPEN
