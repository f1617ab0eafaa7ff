"""One event at a shared processor: a case in each organisation, facts told once.

The cases belong to their organisations. Somebody sees, and shares with, those alone in
which they advise or decide; nobody learns from a case of the others.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.facts import Answer
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.sharing import (
    HeldFact,
    SharedFact,
    Sharing,
    may_be_shared,
    plan_sharing,
    sharing_of,
)
from breachdesk.models import Clock, Fact, Incident, IncidentGroup
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.cases import answers_from, latest_facts, lock_case
from breachdesk.services.incidents import (
    Report,
    begin_incident,
    fact_versions,
    record_answers,
)
from breachdesk.services.journal import write_journal
from breachdesk.services.register import shown_clock, withdrawn_at
from breachdesk.services.visibility import is_visible_to


@dataclass(frozen=True)
class LinkedCase:
    """Another case of the same event, in an organisation where the person leads too.

    With the clock that is due next there, or the main one where none runs; and when what was
    filed there was taken back.
    """

    incident: Incident
    clock: Clock | None
    seat: Acting
    withdrawn_at: datetime | None = None


def linked_cases(session: Session, incident: Incident, seats: Iterable[Acting]) -> list[LinkedCase]:
    """The other cases of an incident's event that the person may know of, by name."""
    leading = {seat.organisation.id: seat for seat in seats if seat.may(Action.SHARE_INCIDENT)}
    if incident.group_id is None or not leading:
        return []
    user_id = next(iter(leading.values())).user.id
    rows = session.execute(
        select(Incident, Clock, withdrawn_at())
        .outerjoin(Clock, Clock.id == shown_clock())
        .where(
            Incident.group_id == incident.group_id,
            Incident.id != incident.id,
            Incident.organisation_id.in_(leading),
            is_visible_to(user_id),
        )
    )
    found = [LinkedCase(row[0], row[1], leading[row[0].organisation_id], row[2]) for row in rows]
    return sorted(found, key=lambda case: (case.seat.organisation.name, case.incident.id))


def organisations_to_link(
    session: Session, incident: Incident, seats: Iterable[Acting]
) -> list[Acting]:
    """Where the person leads and the event has no case that they know of yet."""
    leading = [seat for seat in seats if seat.may(Action.SHARE_INCIDENT)]
    taken = {case.seat.organisation.id for case in linked_cases(session, incident, leading)}
    taken.add(incident.organisation_id)
    return [seat for seat in leading if seat.organisation.id not in taken]


def link_organisations(
    session: Session,
    desk: Desk,
    incident: Incident,
    codes: Collection[str],
    *,
    by: Acting,
    seats: Sequence[Acting],
    now: datetime,
) -> list[Incident]:
    """Open a case of the same event in other organisations, with the facts shared so far.

    All or none. Each clock runs from the moment the event was noticed here: the strictest
    reading, until somebody there records another.

    Args:
        codes: of the organisations, in all of which the person leads.

    Raises:
        NotAllowed: the person does not lead here.
        WrongStep: the case is closed, or restricted: its existence must not spread.
        InvalidInput: no organisation chosen.
        NotFound: one of them is none where the person leads, or has a case already.
    """
    by.demand(Action.SHARE_INCIDENT)
    lock_case(session, incident)
    _check_shareable(incident)
    if not codes:
        raise InvalidInput("no_organisation_chosen", field="organisations")
    open_to = {
        seat.organisation.code: seat for seat in organisations_to_link(session, incident, seats)
    }
    unknown = sorted(set(codes) - set(open_to))
    if unknown:
        raise NotFound("unknown_organisation", shown=unknown[0])
    group_id = incident.group_id or _begin_group(session, incident, by=by, now=now)
    answers = answers_from(latest_facts(session, incident))
    report = Report(
        description=str(answers["description"].value),
        noticed_at=incident.noticed_at,
        facts=may_be_shared(answers),
        title=incident.title,
    )
    opened = []
    for code in sorted(codes):
        made = begin_incident(
            session,
            desk,
            report,
            by=open_to[code],
            now=now,
            channel=Channel.SHARED,
            group_id=group_id,
        )
        write_journal(session, made, Entry.CASES_LINKED, by=by.user, at=now)
        opened.append(made)
    write_journal(session, incident, Entry.CASES_LINKED, by=by.user, at=now, count=len(opened))
    session.commit()
    return opened


def _begin_group(session: Session, incident: Incident, *, by: Acting, now: datetime) -> int:
    group = IncidentGroup(title=incident.title, opened_by_id=by.user.id, opened_at=now)
    session.add(group)
    session.flush()
    incident.group_id = group.id
    return group.id


def _check_shareable(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)
    if incident.is_restricted:
        raise WrongStep("restricted_not_shared", reference=incident.reference)


def sharing_plan(
    session: Session, incident: Incident, *, by: Acting, seats: Sequence[Acting]
) -> tuple[SharedFact, ...]:
    """What of a case could be told to the open linked cases, and what it would do there."""
    by.demand(Action.SHARE_INCIDENT)
    others = [case.incident for case in linked_cases(session, incident, seats) if _is_open(case)]
    held = _held_facts(session, others)
    answers = answers_from(latest_facts(session, incident))
    return plan_sharing(answers, [held.get(other.id, {}) for other in others])


def _is_open(case: LinkedCase) -> bool:
    return case.incident.closed_at is None


def _held_facts(session: Session, incidents: Sequence[Incident]) -> dict[int, dict[str, HeldFact]]:
    """What each of these cases holds, by fact; one query for all."""
    held: dict[int, dict[str, HeldFact]] = {}
    rows = session.scalars(
        select(Fact)
        .where(Fact.incident_id.in_([incident.id for incident in incidents]))
        .order_by(Fact.version)
    )
    for fact in rows:
        answer = Answer(fact.state, fact.value)
        held.setdefault(fact.incident_id, {})[fact.key] = HeldFact(answer, fact.is_shared)
    return held


def share_facts(
    session: Session,
    incident: Incident,
    keys: Collection[str],
    *,
    by: Acting,
    seats: Sequence[Acting],
    now: datetime,
) -> Mapping[Sharing, int]:
    """Tell facts of a case to the open cases linked with it; how often it did what.

    A fact that somebody amended in another case stays there as it is.

    Raises:
        NotAllowed: the person does not lead here.
        InvalidInput: nothing chosen, or a fact that each organisation must establish itself.
    """
    by.demand(Action.SHARE_INCIDENT)
    _check_shareable(incident)
    answers = may_be_shared(answers_from(latest_facts(session, incident)))
    chosen = {key: answers[key] for key in keys if key in answers}
    if not chosen or len(chosen) != len(set(keys)):
        raise InvalidInput("nothing_to_share", field="facts")
    done: Counter[Sharing] = Counter()
    # In one order for everybody: two who share at once must not wait for each other.
    targets = sorted(
        (case for case in linked_cases(session, incident, seats) if _is_open(case)),
        key=lambda case: case.incident.id,
    )
    for case in targets:
        lock_case(session, case.incident)
        if case.incident.closed_at is None:
            done += _share_with(session, case, chosen, now=now)
    session.commit()
    return done


def _share_with(
    session: Session, case: LinkedCase, chosen: Mapping[str, Answer], *, now: datetime
) -> Counter[Sharing]:
    facts = latest_facts(session, case.incident)
    held = {
        key: HeldFact(Answer(fact.state, fact.value), fact.is_shared) for key, fact in facts.items()
    }
    outcomes = {key: sharing_of(answer, held.get(key)) for key, answer in chosen.items()}
    told = {key: chosen[key] for key, outcome in outcomes.items() if outcome is Sharing.TOLD}
    record_answers(
        session,
        case.incident,
        told,
        fact_versions(facts.values()),
        by=case.seat,
        now=now,
        is_shared=True,
    )
    return Counter(outcomes.values())
