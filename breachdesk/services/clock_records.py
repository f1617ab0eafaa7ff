"""The clocks of a case as the dossier keeps them, and what was refused."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.case_record import ClockRecord, RefusalRecord
from breachdesk.domain.deadlines import hour_rounded_due_at
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, regime_of
from breachdesk.models import Clock, ClockRefusal, Incident, User

# Those whose other reading, by whole hours, the dossier gives as a note.
_ROUNDED = frozenset({GDPR_ART_33, PROVISIONAL})


def clock_records(session: Session, incident: Incident) -> tuple[ClockRecord, ...]:
    """Every clock there is or was, the first one first; one query."""
    clocks = session.scalars(
        select(Clock)
        .where(Clock.incident_id == incident.id)
        .order_by(Clock.id)
        .options(joinedload(Clock.started_by), joinedload(Clock.stopped_by))
    ).all()
    # By regime: what takes over from another regime's corrects nothing.
    number = {(clock.id, clock.regime): place for place, clock in enumerate(clocks, start=1)}
    return tuple(_record(clock, number) for clock in clocks)


def _record(clock: Clock, number: dict[tuple[int, str], int]) -> ClockRecord:
    regime = regime_of(clock.regime)
    return ClockRecord(
        regime=clock.regime,
        started_at=clock.started_at,
        due_at=clock.due_at,
        rounded_due_at=hour_rounded_due_at(clock.started_at) if clock.regime in _ROUNDED else None,
        stopped_at=clock.stopped_at,
        stop_reason=clock.stop_reason.value if clock.stop_reason else "",
        rule_version=clock.rule_version,
        authority=regime.authority if regime else "",
        binding=regime.binding.value if regime else "",
        stop_remark=clock.stop_remark,
        started_by=_name_of(clock.started_by),
        stopped_by=_name_of(clock.stopped_by),
        replaces=number.get((clock.replaces_id or 0, clock.regime)),
    )


def refusal_records(session: Session, incident: Incident) -> tuple[RefusalRecord, ...]:
    """Every regime that a person said is not owed; one query."""
    refusals = session.scalars(
        select(ClockRefusal)
        .where(ClockRefusal.incident_id == incident.id)
        .order_by(ClockRefusal.id)
        .options(joinedload(ClockRefusal.by))
    )
    return tuple(RefusalRecord(row.regime, row.reason, row.by.name, row.at) for row in refusals)


def _name_of(user: User | None) -> str:
    return user.name if user else ""
