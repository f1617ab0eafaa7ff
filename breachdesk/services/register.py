"""The register of an organisation's incidents, and a person's own reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import SOON
from breachdesk.domain.lifecycle import Stage
from breachdesk.models import AuthorityPhase, Clock, Incident
from breachdesk.services.acting import Acting
from breachdesk.services.case_at_a_glance import later_clocks
from breachdesk.services.cases import next_due_clock
from breachdesk.services.visibility import is_visible_to


@dataclass(frozen=True)
class RegisterFilter:
    """Which incidents to list. `clock` is one of "", "running", "soon", "late"."""

    stage: Stage | None = None
    clock: str = ""
    text: str = ""
    sort: str = "-opened_at"
    page: int = 1
    per_page: int = 50


@dataclass(frozen=True)
class RegisterPage:
    """One page of the register, and how many incidents there are.

    Each with the clock that is due next, or the main one where none runs, and with those that
    are named after it: see `later_clocks`. Last, when what was filed in it was taken back.
    """

    rows: Sequence[tuple[Incident, Clock | None, Sequence[Clock], datetime | None]]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))


SORTS = {
    "reference": Incident.id,
    "opened_at": Incident.opened_at,
    "due_at": Clock.due_at,
    "stage": Incident.stage,
}


def list_register(
    session: Session, seat: Acting, wanted: RegisterFilter, *, now: datetime
) -> RegisterPage:
    """A page of an organisation's register. Two queries, however many incidents there are.

    Raises:
        NotAllowed: the person's roles do not let them see the register.
    """
    seat.demand(Action.SEE_REGISTER)
    conditions = _register_conditions(seat, wanted, now)
    counted = select(func.count(Incident.id)).where(*conditions)
    if wanted.clock:
        counted = counted.join(Clock, Clock.id == shown_clock())
    total = session.scalar(counted) or 0
    page = min(max(1, wanted.page), max(1, -(-total // wanted.per_page)))
    column = SORTS.get(wanted.sort.lstrip("-"), Incident.opened_at)
    order = column.desc() if wanted.sort.startswith("-") else column.asc()
    # The ids first: the clock of a case is looked up for these alone, where it is not what
    # they are chosen or sorted by.
    ids = select(Incident.id).where(*conditions)
    if wanted.clock or column is Clock.due_at:
        ids = ids.outerjoin(Clock, Clock.id == shown_clock())
    ids = (
        ids.order_by(order.nulls_last(), Incident.id.desc())
        .limit(wanted.per_page)
        .offset((page - 1) * wanted.per_page)
        .correlate(None)
    )
    then, main = aliased(Clock), aliased(Clock)
    rows = session.execute(
        select(Incident, Clock, then, main, withdrawn_at())
        .select_from(Incident)
        .outerjoin(Clock, Clock.id == shown_clock())
        .outerjoin(then, then.id == next_due_clock(1))
        .outerjoin(main, and_(main.incident_id == Incident.id, main.is_main))
        .where(Incident.id.in_(ids))
        .order_by(order.nulls_last(), Incident.id.desc())
    ).all()
    shown = [(row[0], row[1], later_clocks(*row[1:4]), row[4]) for row in rows]
    return RegisterPage(shown, total, page, wanted.per_page)


def shown_clock() -> Any:
    """The id of the clock that a case is listed with: see `RegisterPage`."""
    main = aliased(Clock)
    own = select(main.id).where(main.incident_id == Incident.id, main.is_main)
    return func.coalesce(next_due_clock(), own.correlate(Incident).scalar_subquery())


def withdrawn_at() -> Any:
    """When a case's last filing took back what was notified, as a column; None: it did not."""
    phase, other = aliased(AuthorityPhase), aliased(AuthorityPhase)
    newest = select(func.max(other.id)).where(other.incident_id == Incident.id)
    return (
        select(phase.filed_at)
        .where(
            phase.id == newest.correlate(Incident).scalar_subquery(),
            phase.kind == NotificationKind.WITHDRAWAL,
        )
        .correlate(Incident)
        .scalar_subquery()
    )


def _register_conditions(seat: Acting, wanted: RegisterFilter, now: datetime) -> list[Any]:
    conditions: list[Any] = [
        Incident.organisation_id == seat.organisation.id,
        is_visible_to(seat.user.id),
    ]
    if wanted.stage is not None:
        conditions.append(Incident.stage == wanted.stage)
    if wanted.text.strip():
        text = wanted.text.strip()
        conditions.append(
            or_(
                Incident.reference.icontains(text, autoescape=True),
                Incident.title.icontains(text, autoescape=True),
            )
        )
    if wanted.clock:
        conditions.append(Clock.stopped_at.is_(None))
    if wanted.clock == "late":
        conditions.append(Clock.due_at < now)
    if wanted.clock == "soon":
        conditions += [Clock.due_at >= now, Clock.due_at <= now + SOON]
    return conditions


def list_own_reports(session: Session, seat: Acting) -> Sequence[Incident]:
    """The incidents a person opened here, latest first: what a reporter may see.

    Restricted ones among them: it is their own report, not the file.
    """
    return session.scalars(
        select(Incident)
        .where(
            Incident.organisation_id == seat.organisation.id,
            Incident.opened_by_id == seat.user.id,
        )
        .order_by(Incident.id.desc())
    ).all()


def find_own_report(
    session: Session, seats: Iterable[Acting], reference: str
) -> tuple[Incident, Acting] | None:
    """What a person reported themselves, and their seat there; None where they did not.

    Also where the case is restricted to others: reporters follow their own report.
    """
    by_organisation = {seat.organisation.id: seat for seat in seats}
    if not by_organisation:
        return None
    (user_id,) = {seat.user.id for seat in by_organisation.values()}
    incident = session.scalars(
        select(Incident)
        .where(
            Incident.reference == reference.upper(),
            Incident.organisation_id.in_(by_organisation),
            Incident.opened_by_id == user_id,
        )
        .options(joinedload(Incident.organisation))
    ).first()
    return (incident, by_organisation[incident.organisation_id]) if incident else None
