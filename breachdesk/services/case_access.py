"""Who may know of a case: restricting it to named people, naming others, opening it to all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session, aliased

from breachdesk.domain.access import Action, Role
from breachdesk.domain.deliveries import UNDER_WAY, DeliveryState, MailKind
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.visibility import CASE_TEAM, LEADS, READERS, TELLING, first_named, leads
from breachdesk.models import Clock, Delivery, Incident, Membership, NamedPerson, User
from breachdesk.services.acting import Acting, names_by_role
from breachdesk.services.cases import Case, lock_case
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.held_reminders import look_again
from breachdesk.services.journal import write_journal
from breachdesk.services.qualification import demand_reason
from breachdesk.services.visibility import named_in

LONGEST_REASON = 1000


@dataclass(frozen=True)
class Reader:
    """Somebody who can read cases here. `named`: how they came into this restricted one."""

    user: User
    roles: tuple[Role, ...]
    named: NamedPerson | None = None
    named_by: User | None = None


def readers_of(session: Session, incident: Incident) -> list[Reader]:
    """Everybody whose roles let them read cases here, by name; one query.

    Of a restricted case only those with `named` see that it exists.
    """
    namer = aliased(User)
    of_case = and_(NamedPerson.user_id == User.id, NamedPerson.incident_id == incident.id)
    rows = session.execute(
        select(User, Membership.role, NamedPerson, namer)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(NamedPerson, of_case)
        .outerjoin(namer, namer.id == NamedPerson.named_by_id)
        .where(_holds(incident.organisation_id, READERS))
        .order_by(User.name, User.id)
    ).all()
    found: dict[int, Reader] = {}
    for user, role, named, named_by in rows:
        roles = (*found[user.id].roles, role) if user.id in found else (role,)
        found[user.id] = Reader(user, roles, named, named_by)
    return list(found.values())


def names_for(session: Session, case: Case, organisation_id: int) -> dict[Role, list[str]]:
    """Who holds each role here and may know of a case, by name: whom a page says it waits for.

    Of a restricted case the others do not know: a page that waits for one waits for ever.
    """
    if not case.incident.is_restricted:
        return names_by_role(session, organisation_id)
    names: dict[Role, list[str]] = {}
    for reader in readers_of(session, case.incident):
        for role in reader.roles if reader.named else ():
            names.setdefault(role, []).append(reader.user.name)
    return names


def people_to_name(session: Session, organisation_id: int) -> list[Reader]:
    """Those whom a reporter may name: who can work on cases here, by name; one query."""
    rows = session.execute(
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(_holds(organisation_id, CASE_TEAM))
        .order_by(User.name, User.id)
    )
    found: dict[int, Reader] = {}
    for user, role in rows:
        roles = (*found[user.id].roles, role) if user.id in found else (role,)
        found[user.id] = Reader(user, roles)
    return list(found.values())


def proposed(people: Collection[Reader]) -> frozenset[int]:
    """Of the people to name, those to propose: see `domain.visibility.first_named`."""
    return first_named({person.user.id: person.roles for person in people})


def _holds(organisation_id: Any, roles: Collection[Role]) -> ColumnElement[bool]:
    """That somebody who can still sign in holds one of these roles now."""
    return and_(
        Membership.organisation_id == organisation_id,
        Membership.role.in_(roles),
        Membership.ended_at.is_(None),
        User.is_active,
    )


def restrict_case(
    session: Session,
    incident: Incident,
    named: Collection[int],
    *,
    seen: Collection[int],
    reason: str = "",
    by: Acting,
    now: datetime,
) -> None:
    """Let these people alone know of a case from now on, by their ids.

    Args:
        seen: who was named when the person looked; none where it was open to all.

    Raises:
        ChangedMeanwhile: somebody changed since who is named.
        InvalidInput: nobody named, or no DPO and no decider among them; one is no reader.
    """
    by.demand(Action.RESTRICT_CASE)
    lock_case(session, incident)
    if named_in(session, incident) != set(seen):
        raise ChangedMeanwhile("named_people_changed", reference=incident.reference)
    readers = {reader.user.id: reader.roles for reader in readers_of(session, incident)}
    name_people(
        session, incident, named, among=readers, by=by.user, now=now, reason=_checked(reason)
    )
    session.commit()


def _checked(reason: str) -> str:
    if len(reason) > LONGEST_REASON:
        raise InvalidInput("text_too_long", field="reason", longest=LONGEST_REASON)
    return reason.strip()


def name_people(
    session: Session,
    incident: Incident,
    named: Collection[int],
    *,
    among: Mapping[int, Collection[Role]],
    by: User | None,
    now: datetime,
    reason: str = "",
) -> None:
    """Restrict a case to these people, whoever was named before; does not commit.

    Mail that still waits to tell somebody else of the case is cancelled.

    Args:
        among: those who can be named, with their roles.

    Raises:
        InvalidInput: as `restrict_case`.
    """
    if not set(named) <= among.keys():
        raise InvalidInput("cannot_be_named", field="named")
    if not any(leads(among[person]) for person in named):
        raise InvalidInput("nobody_named_leads", field="named")
    before = named_in(session, incident)
    if not incident.is_restricted:
        incident.is_restricted = True
        people = len(set(named))
        write_journal(
            session, incident, Entry.CASE_RESTRICTED, by=by, at=now, reason=reason, people=people
        )
        reason = ""
    _journal_each(session, incident, Entry.PERSON_NAMED, set(named) - before, by, now, reason)
    gone = before - set(named)
    _journal_each(session, incident, Entry.PERSON_NO_LONGER_NAMED, gone, by, now, reason)
    session.add_all(
        NamedPerson(
            incident_id=incident.id,
            user_id=person,
            named_by_id=by.id if by else None,
            named_at=now,
        )
        for person in sorted(set(named) - before)
    )
    session.execute(
        delete(NamedPerson).where(
            NamedPerson.incident_id == incident.id, NamedPerson.user_id.in_(gone)
        )
    )
    _cancel_mail_to_others(session, incident, now=now)
    look_again(session, incident, now=now)


def _journal_each(
    session: Session,
    incident: Incident,
    code: Entry,
    people: Collection[int],
    by: User | None,
    now: datetime,
    reason: str,
) -> None:
    for person in sorted(people):
        write_journal(session, incident, code, by=by, at=now, reason=reason, user=person)


def _cancel_mail_to_others(session: Session, incident: Incident, *, now: datetime) -> None:
    session.flush()
    named = select(NamedPerson.user_id).where(NamedPerson.incident_id == incident.id)
    session.execute(
        update(Delivery)
        .where(
            Delivery.incident_id == incident.id,
            Delivery.kind.in_(TELLING),
            Delivery.state.in_(UNDER_WAY),
            Delivery.user_id.not_in(named),
        )
        .values(state=DeliveryState.CANCELLED, finished_at=now),
        execution_options={"synchronize_session": False},
    )


def open_case_to_all(
    session: Session, incident: Incident, *, reason: str, by: Acting, now: datetime
) -> None:
    """Let everybody whose roles let them read cases know of this one again.

    Raises:
        WrongStep: it is not restricted.
        InvalidInput: no reason given.
    """
    by.demand(Action.RESTRICT_CASE)
    lock_case(session, incident)
    if not incident.is_restricted:
        raise WrongStep("case_not_restricted", reference=incident.reference)
    reason = demand_reason(_checked(reason), field="reason")
    incident.is_restricted = False
    session.execute(delete(NamedPerson).where(NamedPerson.incident_id == incident.id))
    look_again(session, incident, now=now)
    write_journal(session, incident, Entry.CASE_OPENED_TO_ALL, by=by.user, at=now, reason=reason)
    session.commit()


def keep_restricted_cases_led(session: Session, *, now: datetime) -> int:
    """Name who leads here in restricted cases that nobody named can lead any more; how many.

    People leave, and roles are taken from them by admins who must not learn of the case: so
    nothing can be asked of those. Its clock runs on all the same, and a case that nobody
    can see is worse than one more person who does. Journaled as the desk's own act.
    """
    has_lead = (
        select(NamedPerson.id)
        .join(User, User.id == NamedPerson.user_id)
        .join(Membership, Membership.user_id == User.id)
        .where(NamedPerson.incident_id == Incident.id, _holds(Incident.organisation_id, LEADS))
        .correlate(Incident)
        .exists()
    )
    left = session.scalars(
        select(Incident)
        .where(Incident.is_restricted, ~has_lead)
        .order_by(Incident.id)
        .with_for_update(of=Incident, skip_locked=True)
    ).all()
    for incident in left:
        _name_successors(session, incident, now=now)
    session.commit()
    return len(left)


def _name_successors(session: Session, incident: Incident, *, now: datetime) -> None:
    readers = readers_of(session, incident)
    successors = proposed(readers)
    if not successors:
        return
    among = {reader.user.id: reader.roles for reader in readers}
    still_here = {reader.user.id for reader in readers if reader.named}
    name_people(session, incident, successors | still_here, among=among, by=None, now=now)
    clock = session.scalars(
        select(Clock).where(Clock.incident_id == incident.id, Clock.is_main)
    ).first()
    if clock is None or clock.stopped_at is not None:
        return
    for person in sorted(successors):
        queue_to_user(
            session,
            incident,
            person,
            MailKind.ALERT,
            key=f"successor:{incident.id}:{person}:{now.timestamp():.0f}",
            now=now,
            due_at=clock.due_at.isoformat() if clock.due_at else None,
        )
