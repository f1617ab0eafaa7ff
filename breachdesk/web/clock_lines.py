"""Clocks and what a case calls for, as the templates show them: in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from breachdesk.domain.access import Action
from breachdesk.domain.clock_offers import ClockOffer
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.regimes import Binding, Regime, Rule, Said, authorities, regime_of
from breachdesk.models import Clock, Organisation
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.clock_changes import may_correct, may_stop_by_hand
from breachdesk.services.clocks import rule_counted_by
from breachdesk.web.language import wording
from breachdesk.web.request import now
from breachdesk.wording import clock_words


@dataclass(frozen=True)
class RegimeLine:
    """What its file says of a regime, in words. `source` says how sure it is.

    `website`: the addressee's, a host and path; empty where it has none for this.
    `condition`: what a person must answer yes to before it is owed; empty where nothing.
    """

    name: str
    article: str
    explanation: str
    counted_from: str
    addressee: str
    website: str
    binding: str
    length: str
    source: str
    certainty: str
    read_on: str
    condition: str = ""


@dataclass(frozen=True)
class ClockLine:
    """A clock with its regime; `told` is None where the regime's file is gone.

    Args:
        was_started_at: since when it counted before its start was corrected.
    """

    clock: Clock
    deadline: Deadline
    told: RegimeLine | None
    may_stop: bool
    may_correct: bool
    was_started_at: datetime | None = None


@dataclass(frozen=True)
class OfferLine:
    """A regime that can be started, and why it is called for.

    Args:
        deadline: as it would stand if it were started from the time proposed; None where the
            desk knows of none.
    """

    offer: ClockOffer
    told: RegimeLine
    reasons: list[str]
    deadline: Deadline | None = None

    @property
    def urgency(self) -> tuple[bool, float]:
        """What orders offers: the one that would be due first stands first."""
        due_at = self.deadline.due_at if self.deadline else None
        return due_at is None, due_at.timestamp() if due_at else 0


def offer_line(offer: ClockOffer, seat: Acting) -> OfferLine:
    """What can be started in a case, by the rule of today."""
    reasons = [clock_words.reason_sentence(offer.regime, each, wording()) for each in offer.reasons]
    told = told_today(offer.regime, seat.organisation)
    return OfferLine(offer, told, reasons, _deadline_if_owed(offer, seat.organisation))


def _deadline_if_owed(offer: ClockOffer, organisation: Organisation) -> Deadline | None:
    """What would run if it were owed, from the start that is proposed."""
    if offer.starts_at is None:
        return None
    try:
        rule = rule_counted_by(offer.regime, organisation, offer.starts_at)
    except LookupError:
        return None
    due_at = rule.due_at(offer.starts_at, organisation.timezone)
    return Deadline(offer.regime.code, offer.starts_at, due_at, now())


def clock_line(clock: Clock, case: Case, seat: Acting, others: Iterable[Clock] = ()) -> ClockLine:
    """A clock as it stands, and what the person may do about it.

    Args:
        others: those of the case, among them the one whose start was corrected into this one.
    """
    regime = regime_of(clock.regime)
    deadline = case.seen(clock, now())
    assert deadline is not None
    is_open = case.incident.closed_at is None
    may_manage = is_open and seat.may(Action.MANAGE_CLOCKS)
    return ClockLine(
        clock,
        deadline,
        _told_of_clock(regime, clock) if regime else None,
        may_stop=may_manage and may_stop_by_hand(clock),
        may_correct=may_manage and may_correct(clock, seat),
        was_started_at=next(
            (
                other.started_at
                for other in others
                if (other.id, other.regime) == (clock.replaces_id, clock.regime)
            ),
            None,
        ),
    )


def _told_of_clock(regime: Regime, clock: Clock) -> RegimeLine:
    """The regime by the rule that the clock was started under, and as long as it was given."""
    rule = regime.rule(clock.rule_version)
    length = clock_words.rule_length(rule, wording())
    if regime.binding is Binding.TARGET and clock.due_at is not None:
        length = clock_words.span_label(clock.due_at - clock.started_at, wording())
    return _line(regime, rule, length)


def told_today(regime: Regime, organisation: Organisation) -> RegimeLine:
    """The regime by the rule of today, with the organisation's own target."""
    rule = rule_counted_by(regime, organisation, now())
    length = clock_words.rule_length(rule, wording())
    return _line(regime, rule, length, on_condition=regime.condition is not None)


def _line(
    regime: Regime, rule: Rule | None, length: str, *, on_condition: bool = False
) -> RegimeLine:
    return RegimeLine(
        name=_said(regime.name),
        article=_said(regime.article),
        explanation=_said(regime.explanation),
        counted_from=_said(regime.counted_from),
        addressee=clock_words.addressee(regime, wording()),
        website=authorities()[regime.authority].website,
        binding=clock_words.binding_label(
            regime.binding,
            wording(),
            has_figure=rule is None or rule.has_figure,
            on_condition=on_condition,
        ),
        length=length,
        source=_said(rule.source) if rule else "",
        certainty=clock_words.certainty_label(rule.certainty, wording()) if rule else "",
        read_on=f"{rule.read_on:%d/%m/%Y}" if rule else "",
        condition=_said(regime.condition) if regime.condition and on_condition else "",
    )


def _said(text: Said) -> str:
    return clock_words.said(text, wording())
