"""Reading cases: one case at a glance, what is known of it, what waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, literal, not_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.deadlines import Deadline
from breachdesk.domain.deliveries import UNDER_WAY
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.domain.facts import Answer
from breachdesk.domain.lifecycle import CaseProgress, Communicate, NoticeProgress, stage_of
from breachdesk.domain.notices import NoticeParts, NoticeState, missing_parts
from breachdesk.models import (
    Advice,
    Assessment,
    Attachment,
    AuthorityPhase,
    Clock,
    Decision,
    Delivery,
    Dossier,
    Fact,
    Incident,
    JournalEntry,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Qualification,
    Recipient,
    ReportMessage,
    User,
)
from breachdesk.services.acting import Acting
from breachdesk.services.visibility import is_visible_to, tells_of_hidden_case


@dataclass(frozen=True)
class Case:
    """A case at a glance: the latest row of each kind, and counts. Read in one query."""

    incident: Incident
    clock: Clock | None
    qualification: Qualification | None
    assessment: Assessment | None
    advice: Advice | None
    decision: Decision | None
    phase: AuthorityPhase | None
    notice: Notice | None
    notice_version: NoticeVersion | None
    approval: NoticeApproval | None
    counts: Mapping[str, int]
    seat: Acting | None = field(default=None)

    def deadline(self, now: datetime) -> Deadline | None:
        """The main clock as it stands at `now`."""
        return deadline_of(self.clock, now)

    @property
    def progress(self) -> CaseProgress:
        """What has been done, as the rules of the lifecycle take it."""
        decision = self.decision
        return CaseProgress(
            is_breach=self.qualification.is_breach if self.qualification else None,
            is_assessed=self.assessment is not None,
            is_advised=self.advice is not None,
            is_decided=decision is not None,
            must_notify=decision.notify if decision else False,
            communicate=Communicate(decision.communicate) if decision else Communicate.NONE,
            is_notified=self.phase is not None,
            notice=self._notice_progress,
            has_dossier=self.counts["dossiers"] > 0,
            is_closed=self.incident.closed_at is not None,
        )

    @property
    def _notice_progress(self) -> NoticeProgress:
        if self.notice is None or self.notice_version is None:
            return NoticeProgress.NOT_STARTED
        if self.notice.state is NoticeState.SENT:
            return NoticeProgress.SENT
        if self.notice.state is NoticeState.SENDING:
            return NoticeProgress.SENDING
        if missing_parts(NoticeParts.from_record(self.notice_version.parts)):
            return NoticeProgress.NOT_STARTED
        if not self.counts["recipients"]:
            return NoticeProgress.DRAFTED
        return NoticeProgress.APPROVED if self.approval else NoticeProgress.WITH_RECIPIENTS


def deadline_of(clock: Clock | None, now: datetime) -> Deadline | None:
    """A clock row as the rules see it at `now`."""
    if clock is None:
        return None
    return Deadline(
        clock.regime, clock.started_at, clock.due_at, now, clock.stopped_at, clock.stop_reason
    )


# The first columns of `_case_query`, in its order.
LATEST = (
    "incident",
    "clock",
    "qualification",
    "assessment",
    "advice",
    "decision",
    "phase",
    "notice",
    "notice_version",
    "approval",
)


def _latest(model: type[Any], owner: str, owner_id: Any) -> Any:
    """That a row is the latest of its kind, by a subquery correlated to its owner."""
    other = aliased(model)
    newest = select(func.max(other.id)).where(getattr(other, owner) == owner_id)
    return model.id == newest.scalar_subquery()


def _count(model: type[Any], owner: str, owner_id: Any, name: str) -> Any:
    """How many rows of a kind there are, as a column of that name."""
    other = aliased(model)
    counted = select(func.count(other.id)).where(getattr(other, owner) == owner_id)
    return counted.scalar_subquery().label(name)


@cache
def _case_query() -> Any:
    counts = [
        _count(Attachment, "incident_id", Incident.id, "attachments"),
        _count(AuthorityPhase, "incident_id", Incident.id, "phases"),
        _count(ReportMessage, "incident_id", Incident.id, "messages"),
        _count(Dossier, "incident_id", Incident.id, "dossiers"),
        _count(Recipient, "notice_id", Notice.id, "recipients"),
        _count(JournalEntry, "chain", literal("incident:") + cast(Incident.id, String), "journal"),
    ]
    opener, adviser, decider, assessor = (aliased(User) for _ in range(4))
    return (
        select(
            Incident,
            Clock,
            Qualification,
            Assessment,
            Advice,
            Decision,
            AuthorityPhase,
            Notice,
            NoticeVersion,
            NoticeApproval,
            *counts,
        )
        .join(Incident.organisation)
        .outerjoin(opener, Incident.opened_by)
        .outerjoin(Clock, and_(Clock.incident_id == Incident.id, Clock.is_main))
        .outerjoin(
            Qualification,
            _latest(Qualification, "incident_id", Incident.id),
        )
        .outerjoin(Assessment, _latest(Assessment, "incident_id", Incident.id))
        .outerjoin(assessor, Assessment.made_by)
        .outerjoin(Advice, _latest(Advice, "assessment_id", Assessment.id))
        .outerjoin(adviser, Advice.by)
        .outerjoin(Decision, Decision.advice_id == Advice.id)
        .outerjoin(decider, Decision.by)
        .outerjoin(
            AuthorityPhase,
            _latest(AuthorityPhase, "incident_id", Incident.id),
        )
        .outerjoin(Notice, _latest(Notice, "incident_id", Incident.id))
        .outerjoin(
            NoticeVersion,
            _latest(NoticeVersion, "notice_id", Notice.id),
        )
        .outerjoin(NoticeApproval, NoticeApproval.notice_version_id == NoticeVersion.id)
        .options(
            contains_eager(Incident.organisation),
            contains_eager(Incident.opened_by.of_type(opener)),
            contains_eager(Assessment.made_by.of_type(assessor)),
            contains_eager(Advice.by.of_type(adviser)),
            contains_eager(Decision.by.of_type(decider)),
        )
    )


# Building this statement takes longer than running it: each form of it is built once.


@cache
def _case_by_reference() -> Any:
    return _case_query().where(
        Incident.reference == bindparam("reference"),
        Incident.organisation_id.in_(bindparam("organisations", expanding=True)),
        is_visible_to(bindparam("user_id")),
    )


@cache
def _case_by_id() -> Any:
    return _case_query().where(Incident.id == bindparam("incident_id"))


def _case_from(row: Any, seat: Acting | None) -> Case:
    values = row._mapping
    counts = {
        name: values[name] or 0
        for name in ("attachments", "phases", "messages", "dossiers", "journal", "recipients")
    }
    latest = dict(zip(LATEST, row, strict=False))
    return Case(**latest, counts=counts, seat=seat)


def find_case(session: Session, seats: Iterable[Acting], reference: str) -> Case:
    """The case of a reference, for a person who sits in its organisation.

    The one place where a request's case is scoped to the person's organisations, and to
    what they may know of there.

    Raises:
        NotFound: no such case, not in an organisation of theirs, or restricted to others.
    """
    by_organisation = {seat.organisation.id: seat for seat in seats}
    row = session.execute(
        _case_by_reference(),
        {
            "reference": reference.upper(),
            "organisations": list(by_organisation),
            "user_id": next((seat.user.id for seat in by_organisation.values()), None),
        },
    ).first()
    if row is None:
        raise NotFound("unknown_reference", shown=reference)
    return _case_from(row, by_organisation[row[0].organisation_id])


def case_of(session: Session, incident: Incident) -> Case:
    """The case of an incident already at hand, as it stands in this transaction."""
    session.flush()
    row = session.execute(
        _case_by_id(), {"incident_id": incident.id}, execution_options={"populate_existing": True}
    ).one()
    return _case_from(row, None)


def lock_case(session: Session, incident: Incident) -> Incident:
    """Hold an incident until the transaction ends: changes to one case go one by one."""
    session.execute(select(Incident.id).where(Incident.id == incident.id).with_for_update())
    session.refresh(incident)
    return incident


def open_breach(session: Session, incident: Incident) -> Case:
    """Hold the case of a breach that is not closed.

    Raises:
        WrongStep: the case is closed, or not qualified as a breach.
    """
    lock_case(session, incident)
    case = case_of(session, incident)
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)
    if not case.progress.is_breach:
        raise WrongStep("not_qualified_as_breach", reference=incident.reference)
    return case


def refresh_stage(session: Session, incident: Incident) -> None:
    """Set the stage that the register lists to what has been done; does not commit."""
    incident.stage = stage_of(case_of(session, incident).progress)


def latest_facts(session: Session, incident: Incident) -> dict[str, Fact]:
    """Every fact as it stands: the latest version of each, with its author."""
    facts = session.scalars(_latest_facts_of(), {"incident_id": incident.id})
    return {fact.key: fact for fact in facts}


@cache
def _latest_facts_of() -> Any:
    newest = (
        select(Fact.key, func.max(Fact.version).label("version"))
        .where(Fact.incident_id == bindparam("incident_id"))
        .group_by(Fact.key)
        .subquery()
    )
    return (
        select(Fact)
        .join(newest, and_(Fact.key == newest.c.key, Fact.version == newest.c.version))
        .where(Fact.incident_id == bindparam("incident_id"))
        .options(joinedload(Fact.author))
    )


def answers_from(facts: Mapping[str, Fact]) -> dict[str, Answer]:
    """Fact rows as the rules take them."""
    return {key: Answer(fact.state, fact.value) for key, fact in facts.items()}


def list_due(session: Session, seat: Acting, *, limit: int = 50) -> list[Case]:
    """The open cases of an organisation in one query: running clocks first, most urgent first.

    A clock that has stopped leaves its case here until it is closed: people may still have
    to be told.

    Raises:
        NotAllowed: the person's roles do not let them see the register.
    """
    seat.demand(Action.SEE_REGISTER)
    return list_due_everywhere(session, [seat], limit=limit)


def list_due_everywhere(
    session: Session, seats: Sequence[Acting], *, limit: int = 50
) -> list[Case]:
    """The open cases of all organisations whose register a person may see, as `list_due`.

    One query, however many organisations there are.
    """
    readable = {seat.organisation.id: seat for seat in seats if seat.may(Action.SEE_REGISTER)}
    if not readable:
        return []
    (user_id,) = {seat.user.id for seat in readable.values()}
    urgency = (Clock.stopped_at.is_not(None), Clock.due_at, Incident.id)
    # The ids first: all that a case needs is then looked up for these alone.
    ids = (
        select(Incident.id)
        .outerjoin(Clock, and_(Clock.incident_id == Incident.id, Clock.is_main))
        .where(
            Incident.organisation_id.in_(readable),
            Incident.closed_at.is_(None),
            is_visible_to(user_id),
        )
        .order_by(*urgency)
        .limit(limit)
    )
    found = _case_query().where(Incident.id.in_(ids)).order_by(*urgency)
    return [_case_from(row, readable[row[0].organisation_id]) for row in session.execute(found)]


@dataclass(frozen=True)
class WaitingMail:
    """How much mail of an organisation has not left yet, and since when."""

    count: int
    since: datetime | None


def waiting_mail(session: Session, seat: Acting) -> WaitingMail:
    """What still waits to leave, for the banner on every page.

    Mail about cases that the person may not know of is not counted: a number that rises
    would tell them.
    """
    of_theirs = {"organisation_id": seat.organisation.id, "user_id": seat.user.id}
    count, since = session.execute(waiting_query(), of_theirs).one()
    return WaitingMail(count, since)


@cache
def waiting_query() -> Any:
    """The columns of WaitingMail, of an `organisation_id` and as a `user_id` may know it."""
    organisation_id: Any = bindparam("organisation_id")
    return select(func.count(Delivery.id), func.min(Delivery.queued_at)).where(
        Delivery.organisation_id == organisation_id,
        Delivery.state.in_(UNDER_WAY),
        not_(tells_of_hidden_case(organisation_id, bindparam("user_id"))),
    )
