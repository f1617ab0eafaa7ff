"""Reading cases: one case at a glance, what is known of it, what waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, literal, select
from sqlalchemy.orm import Session, aliased, contains_eager

from breachdesk.domain.access import Action
from breachdesk.domain.assessment_changes import changed_facts
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.duties import assess
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.domain.facts import facts_for_assessment
from breachdesk.domain.lifecycle import stage_of
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.models import (
    Advice,
    Assessment,
    Attachment,
    AuthorityPhase,
    Clock,
    ClockRefusal,
    Decision,
    Dossier,
    Fact,
    Incident,
    JournalEntry,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Qualification,
    Recipient,
    Reopening,
    ReportMessage,
    User,
)
from breachdesk.services.acting import Acting
from breachdesk.services.case_at_a_glance import Case as Case
from breachdesk.services.case_at_a_glance import deadline_of as deadline_of
from breachdesk.services.known_facts import answers_from as answers_from
from breachdesk.services.known_facts import latest_facts as latest_facts
from breachdesk.services.known_facts import latest_facts_of_all
from breachdesk.services.visibility import is_visible_to

# The first columns of `_case_query`, in its order.
LATEST = (
    "incident",
    "clock",
    "qualification",
    "assessment",
    "advice",
    "signed",
    "reopening",
    "phase",
    "notice",
    "notice_version",
    "approval",
)

# What is counted of each case, beside them.
COUNTS = (
    "attachments",
    "phases",
    "messages",
    "dossiers",
    "journal",
    "recipients",
    "clocks_beside",
)

SETTLED = ("follow_up_stopped_at", "follow_up_refused_at")


def _latest(model: type[Any], owner: str, owner_id: Any) -> Any:
    """That a row is the latest of its kind, by a subquery correlated to its owner."""
    return model.id == _newest(model, owner, owner_id)


def _newest(model: type[Any], owner: str, owner_id: Any) -> Any:
    """The id of the latest row of a kind."""
    other = aliased(model)
    newest = select(func.max(other.id)).where(getattr(other, owner) == owner_id)
    return newest.scalar_subquery()


def _count(model: type[Any], owner: str, owner_id: Any, name: str) -> Any:
    """How many rows of a kind there are, as a column of that name."""
    other = aliased(model)
    counted = select(func.count(other.id)).where(getattr(other, owner) == owner_id)
    return counted.scalar_subquery().label(name)


def _clocks_beside() -> Any:
    """How many clocks run beside the main one, as a column."""
    other = aliased(Clock)
    counted = select(func.count(other.id)).where(
        other.incident_id == Incident.id, other.stopped_at.is_(None), other.is_main.is_(False)
    )
    return counted.scalar_subquery().label("clocks_beside")


def _last_at(name: str, moment: Any, *those: Any) -> Any:
    """The last moment of those rows, as a column of that name."""
    return select(func.max(moment)).where(*those).scalar_subquery().label(name)


def _follow_up_settled() -> list[Any]:
    """When somebody last said that no follow-up is owed: of its clock, and without one."""
    clock, said = aliased(Clock), (StopReason.DONE, StopReason.NOT_OWED)
    of_clock = (clock.incident_id == Incident.id, clock.regime == GDPR_FOLLOW_UP)
    refusal = ClockRefusal
    refused = (refusal.incident_id == Incident.id, refusal.regime == GDPR_FOLLOW_UP)
    return [
        _last_at(SETTLED[0], clock.stopped_at, *of_clock, clock.stop_reason.in_(said)),
        _last_at(SETTLED[1], refusal.at, *refused),
    ]


def _counts() -> list[Any]:
    """What is counted of a case, and when its dossier and follow-up were last seen to."""
    return [
        _count(Attachment, "incident_id", Incident.id, "attachments"),
        _count(AuthorityPhase, "incident_id", Incident.id, "phases"),
        _count(ReportMessage, "incident_id", Incident.id, "messages"),
        _count(Dossier, "incident_id", Incident.id, "dossiers"),
        _last_at("dossier_made_at", Dossier.made_at, Dossier.incident_id == Incident.id),
        *_follow_up_settled(),
        _clocks_beside(),
        _count(Recipient, "notice_id", Notice.id, "recipients"),
        _newest(Fact, "incident_id", Incident.id).label("newest_fact"),
        _count(JournalEntry, "chain", literal("incident:") + cast(Incident.id, String), "journal"),
    ]


@cache
def _case_query() -> Any:
    opener, adviser, decider, assessor = (aliased(User) for _ in range(4))
    return (
        select(
            Incident,
            Clock,
            Qualification,
            Assessment,
            Advice,
            Decision,
            Reopening,
            AuthorityPhase,
            Notice,
            NoticeVersion,
            NoticeApproval,
            *_counts(),
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
        .outerjoin(Decision, _latest(Decision, "incident_id", Incident.id))
        .outerjoin(decider, Decision.by)
        .outerjoin(Reopening, Reopening.decision_id == Decision.id)
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


def _with_clocks_ahead(query: Any, following: Any) -> Any:
    """The query of cases, with two columns more: the clock that is due next, the one after."""
    then = aliased(Clock)
    return (
        query.add_columns(following, then)
        .outerjoin(following, following.id == next_due_clock())
        .outerjoin(then, then.id == next_due_clock(1))
    )


@cache
def _case_by_reference() -> Any:
    return _with_clocks_ahead(_case_query(), aliased(Clock)).where(
        Incident.reference == bindparam("reference"),
        Incident.organisation_id.in_(bindparam("organisations", expanding=True)),
        is_visible_to(bindparam("user_id")),
    )


@cache
def _case_by_id() -> Any:
    return _case_query().where(Incident.id == bindparam("incident_id"))


def _case_from(row: Any, seat: Acting | None) -> Case:
    values = row._mapping
    counts = {name: values[name] or 0 for name in COUNTS}
    latest = dict(zip(LATEST, row, strict=False))
    case = Case(
        **latest,
        counts=counts,
        seat=seat,
        dossier_made_at=values["dossier_made_at"],
        follow_up_settled_at=max((values[name] for name in SETTLED if values[name]), default=None),
    )
    reopening, advice = case.reopening, case.advice
    if reopening and advice and case.signed and case.signed.advice_id == advice.id:
        # Taken up again: what was advised before is not advised any more.
        return replace(case, advice=None)
    return case


def _with_ahead(row: Any, seat: Acting) -> Case:
    """The case of a row of `_with_clocks_ahead`."""
    return replace(_case_from(row, seat), next_clock=row[-2], then_clock=row[-1])


def _with_changes(session: Session, rows: Sequence[Any], cases: Sequence[Case]) -> list[Case]:
    """The cases, told what has changed since they were assessed.

    No query more where nothing was recorded since; one for all the others together.
    """
    ids = [
        case.incident.id
        for case, row in zip(cases, rows, strict=True)
        if case.assessment
        and case.incident.closed_at is None
        and (row._mapping["newest_fact"] or 0) > (case.assessment.seen_fact_id or 0)
    ]
    facts = latest_facts_of_all(session, ids) if ids else {}
    return [_with_changes_of(case, facts.get(case.incident.id)) for case in cases]


def _with_changes_of(case: Case, facts: Mapping[str, Fact] | None) -> Case:
    assessment = case.assessment
    if assessment is None:
        return case
    said = str(assessment.result["notify_authority"])
    if facts is None:
        return replace(case, notify_now=said)
    known = facts_for_assessment(answers_from(facts))
    changed = changed_facts(assessment.facts, known)
    if changed and case.holds_no:
        said = assess(known).notify_authority.value
    return replace(case, changed=changed, notify_now=said)


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
    case = _with_ahead(row, by_organisation[row[0].organisation_id])
    return _with_changes(session, [row], [case])[0]


def case_of(session: Session, incident: Incident) -> Case:
    """The case of an incident already at hand, as it stands in this transaction."""
    session.flush()
    row = session.execute(
        _case_by_id(), {"incident_id": incident.id}, execution_options={"populate_existing": True}
    ).one()
    return _with_changes(session, [row], [_case_from(row, None)])[0]


def cases_of(session: Session, incident_ids: Iterable[int]) -> dict[int, Case]:
    """The cases of several incidents, by the incident's id, in two queries at most.

    For workers: nobody's seat is asked, and what a request may see is not checked.
    """
    rows = session.execute(_case_query().where(Incident.id.in_(set(incident_ids)))).all()
    cases = [_case_from(row, None) for row in rows]
    return {case.incident.id: case for case in _with_changes(session, rows, cases)}


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


def next_due_clock(place: int = 0) -> Any:
    """The id of the clock that is due next in a case, those without a figure last.

    Args:
        place: of those that run, 0 is the first.
    """
    other = aliased(Clock)
    running = select(other.id).where(other.incident_id == Incident.id, other.stopped_at.is_(None))
    first = running.order_by(other.due_at.is_(None), other.due_at, other.id).limit(1).offset(place)
    return first.correlate(Incident).scalar_subquery()


def list_due(session: Session, seat: Acting, *, limit: int = 50) -> list[Case]:
    """The open cases of an organisation in one query, by what is due next in each.

    All clocks of a case count; those without a figure come after every due time. A clock that
    has stopped leaves its case here until it is closed: people may still have to be told.

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
    following = aliased(Clock)
    urgency = (
        following.id.is_(None),
        following.due_at.is_(None),
        following.due_at,
        Incident.id,
    )
    # The ids first: all that a case needs is then looked up for these alone.
    ids = (
        select(Incident.id)
        .outerjoin(following, following.id == next_due_clock())
        .where(
            Incident.organisation_id.in_(readable),
            Incident.closed_at.is_(None),
            is_visible_to(user_id),
        )
        .order_by(*urgency)
        .limit(limit)
    )
    found = (
        _with_clocks_ahead(_case_query(), following).where(Incident.id.in_(ids)).order_by(*urgency)
    )
    rows = session.execute(found).all()
    cases = [_with_ahead(row, readable[row[0].organisation_id]) for row in rows]
    return _with_changes(session, rows, cases)
