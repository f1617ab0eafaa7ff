"""The clocks of a case, and which it calls for: read in one query, for every page of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.clock_offers import ClockSeen, Offers, Situation, offers_for
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.lifecycle import Communicate, FilingProgress
from breachdesk.domain.regimes import Circumstance, StartEvent, StopEvent, regimes
from breachdesk.models import AuthorityPhase, Clock, ClockRefusal, Fact
from breachdesk.services.cases import Case, answers_from, deadline_of


@dataclass(frozen=True)
class CaseClocks:
    """Every clock of a case, the first one first; what was refused; what can be started.

    Args:
        withdrawn_at: when the last filing took back what was notified.
    """

    clocks: tuple[Clock, ...]
    refusals: tuple[ClockRefusal, ...]
    offers: Offers
    withdrawn_at: datetime | None = None

    @property
    def running(self) -> tuple[Clock, ...]:
        """Those that run, the next due first, those without a figure last."""
        found = [clock for clock in self.clocks if clock.stopped_at is None]
        return tuple(sorted(found, key=lambda each: (each.due_at is None, each.due_at, each.id)))

    @property
    def stopped(self) -> tuple[Clock, ...]:
        """Those that run no more, the last one first."""
        return tuple(clock for clock in reversed(self.clocks) if clock.stopped_at is not None)

    def has_late_filing(self, now: datetime) -> bool:
        """Whether a clock beside the main one that a filing answers is past due."""
        return any(
            not clock.is_main and clock.due_at is not None and clock.due_at < now
            for clock in self.running
            if (regime := regimes().get(clock.regime)) is not None
            and regime.stops_with in (StopEvent.FILED, StopEvent.FOLLOW_UP_FILED)
        )

    @property
    def boxed(self) -> Clock | None:
        """The one that every page of the case shows first: what is due next.

        Where none runs, the main one, with what became of it.
        """
        mains = (clock for clock in self.clocks if clock.is_main)
        return next(iter(self.running), None) or next(mains, None)

    def beside(self, now: datetime) -> list[Deadline]:
        """The others that run, as they stand, the next due first; the main one in any case."""
        boxed, running = self.boxed, self.running
        mains = [clock for clock in self.clocks if clock.is_main and clock not in running]
        shown = [clock for clock in (*running, *mains) if clock is not boxed]
        seen = [deadline_of(clock, now, withdrawn_at=self.withdrawn_at) for clock in shown]
        return [each for each in seen if each is not None]


def read_case_clocks(session: Session, case: Case) -> CaseClocks:
    """The clocks of a case, and what it calls for as it stands; one query.

    A case that is closed calls for nothing.
    """
    rows = session.execute(_clocks_query(), {"incident_id": case.incident.id}).all()
    clocks = [row.Clock for row in rows if row.Clock is not None]
    refusals = [row.ClockRefusal for row in rows if row.ClockRefusal is not None]
    facts = {row.Fact.key: row.Fact for row in rows if row.Fact is not None}
    phases = [(row.phase_kind, row.filed_at) for row in rows if row.filed_at is not None]
    situation = Situation(
        facts=answers_from(facts),
        moments=_moments(case, phases),
        traits=frozenset(case.incident.organisation.traits),
        is_breach=case.progress.is_breach,
        came_about=_came_about(case),
        clocks=tuple(_seen(clock) for clock in clocks),
        refused=frozenset(refusal.regime for refusal in refusals),
    )
    is_closed = case.incident.closed_at is not None
    offers = Offers() if is_closed else offers_for(situation, regimes().values())
    return CaseClocks(tuple(clocks), tuple(refusals), offers, case.withdrawn_at)


def _moments(case: Case, phases: Sequence[tuple[str, datetime]]) -> dict[StartEvent, datetime]:
    """When what clocks count from came about; phases in their order."""
    incident = case.incident
    moments = {StartEvent.NOTICED: incident.noticed_at}
    if incident.aware_at is not None:
        moments[StartEvent.AWARE] = incident.aware_at
    # One that nothing was filed after: it still waits to be completed, whatever it was called.
    if phases and _is_to_complete(case, kind=phases[-1][0]):
        moments[StartEvent.INITIAL_FILED] = phases[-1][1]
    return moments


def _is_to_complete(case: Case, *, kind: str) -> bool:
    if kind == NotificationKind.COMPLETE:
        return case.progress.filing is FilingProgress.TO_COMPLETE
    return kind == NotificationKind.INITIAL


def _came_about(case: Case) -> frozenset[Circumstance]:
    progress = case.progress
    is_owed = progress.communicate is Communicate.OWED and not progress.is_told
    holds = {
        Circumstance.QUALIFIED: progress.is_breach is True,
        Circumstance.COMMUNICATION_OWED: is_owed,
    }
    return frozenset(code for code, is_so in holds.items() if is_so)


def _seen(clock: Clock) -> ClockSeen:
    return ClockSeen(clock.regime, clock.stopped_at is None, clock.stop_reason, clock.stopped_at)


@cache
def _fact_keys() -> tuple[str, ...]:
    """The facts that any regime asks for."""
    asked = {
        condition.key
        for regime in regimes().values()
        for condition in (*regime.offer.facts, *regime.offer.any_fact)
    }
    return ("role", *sorted(asked))


@cache
def _clocks_query() -> Any:
    """Rows of four kinds in one answer, without multiplying them: each row is of one kind."""
    kind = union_all(*(select(literal(number).label("kind")) for number in range(4))).subquery()
    incident_id: Any = bindparam("incident_id")
    other = aliased(Fact)
    newest = (
        select(func.max(other.version))
        .where(other.incident_id == Fact.incident_id, other.key == Fact.key)
        .scalar_subquery()
    )
    return (
        select(
            Clock,
            ClockRefusal,
            Fact,
            AuthorityPhase.kind.label("phase_kind"),
            AuthorityPhase.filed_at,
        )
        .select_from(kind)
        .outerjoin(Clock, and_(kind.c.kind == 0, Clock.incident_id == incident_id))
        .outerjoin(ClockRefusal, and_(kind.c.kind == 1, ClockRefusal.incident_id == incident_id))
        .outerjoin(
            Fact,
            and_(
                kind.c.kind == 2,
                Fact.incident_id == incident_id,
                Fact.key.in_(_fact_keys()),
                Fact.version == newest,
            ),
        )
        .outerjoin(
            AuthorityPhase, and_(kind.c.kind == 3, AuthorityPhase.incident_id == incident_id)
        )
        .order_by(kind.c.kind, Clock.id, ClockRefusal.id, AuthorityPhase.sequence)
    )
