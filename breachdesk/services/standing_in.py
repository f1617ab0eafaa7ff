"""Who is to be told of cases at an instant: roles, restrictions, absences, who is on duty.

Read for many cases at once, in the same number of statements as for one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.standing_in import Away, Duty, Shift, duty_at, people_told
from breachdesk.domain.visibility import told_of
from breachdesk.models import Absence, DutyShift, Incident, Membership, NamedPerson, User
from breachdesk.services.many_rows import among, as_json

# No night, weekend or run of public holidays lasts longer.
LONGEST_HELD = timedelta(days=15)
_ROLES = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class WatchedCase:
    """What must be known of a case to find its people; `timezone` is the organisation's."""

    incident_id: int
    organisation_id: int
    timezone: str
    is_restricted: bool


@dataclass(frozen=True)
class Watch:
    """Who holds each role of those who may know of a case, and who is away or on duty."""

    holders: dict[Role, list[int]]
    duty: Duty


def watches_over(
    session: Session, cases: Iterable[WatchedCase], *, now: datetime
) -> dict[int, Watch]:
    """The people of each case, by its id; those open to all share what their organisation has."""
    watched = list(cases)
    zones = {case.organisation_id: case.timezone for case in watched}
    holders = holders_in(session, zones)
    duties = duties_of(session, zones, now=now)
    restricted = {case.incident_id for case in watched if case.is_restricted}
    named = _named_in(session, restricted) if restricted else {}
    open_to_all = {key: Watch(holders.get(key, {}), duties[key]) for key in zones}
    return {
        case.incident_id: (
            replace(
                open_to_all[case.organisation_id],
                holders=told_of(
                    named.get(case.incident_id, set()), holders.get(case.organisation_id, {})
                ),
            )
            if case.is_restricted
            else open_to_all[case.organisation_id]
        )
        for case in watched
    }


def watch_over(session: Session, incident: Incident, *, now: datetime) -> Watch:
    """The people of one case."""
    own = incident.organisation
    case = WatchedCase(incident.id, own.id, own.timezone, incident.is_restricted)
    return watches_over(session, [case], now=now)[incident.id]


def people_to_tell(
    session: Session, incident: Incident, roles: Iterable[Role], *, now: datetime
) -> dict[int, tuple[Role, ...]]:
    """Whom to tell now what is meant for some roles, of those who may know of a case."""
    watch = watch_over(session, incident, now=now)
    return people_told(roles, watch.holders, watch.duty.away)


def holders_in(
    session: Session, organisation_ids: Collection[int]
) -> dict[int, dict[Role, list[int]]]:
    """Who holds each role in each organisation, of people who can still sign in."""
    holders: dict[int, dict[Role, list[int]]] = {}
    for organisation_id, role, user_id in _ask(
        session, _holders(), organisations=as_json(list(organisation_ids))
    ):
        holders.setdefault(organisation_id, {}).setdefault(_ROLES[role], []).append(user_id)
    return holders


@cache
def _holders() -> Any:
    return (
        select(Membership.organisation_id, type_coerce(Membership.role, String), Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            among(Membership.organisation_id, "organisations"),
            Membership.ended_at.is_(None),
            User.is_active,
        )
        .order_by(Membership.user_id)
    )


def duties_of(session: Session, zones: Mapping[int, str], *, now: datetime) -> dict[int, Duty]:
    """Who is away and who is on duty at an instant, by organisation.

    Args:
        zones: the zone of each organisation, by its id: absences are in days, which begin
            there.
    """
    shifts: dict[int, list[Shift]] = {}
    for key, *shift in _ask(session, _shifts(), organisations=as_json(list(zones)), now=now):
        shifts.setdefault(key, []).append(Shift(*shift))
    absences = _absences_around(session, zones, now)
    return {
        key: duty_at(shifts.get(key, ()), absences.get(key, ()), zone, now)
        for key, zone in zones.items()
    }


def _absences_around(
    session: Session, zones: Mapping[int, str], now: datetime
) -> dict[int, list[Away]]:
    # Wherever an organisation is, its day is within one of ours; and those that begin before
    # anything held now is due.
    rows = _ask(
        session,
        _absences(),
        organisations=as_json(list(zones)),
        first=now.date() - timedelta(days=1),
        last=now.date() + LONGEST_HELD,
    )
    absences: dict[int, list[Away]] = {}
    for key, *away in rows:
        absences.setdefault(key, []).append(Away(*away))
    return absences


@cache
def _absences() -> Any:
    return (
        select(
            Absence.organisation_id,
            Absence.user_id,
            Absence.deputy_id,
            Absence.starts_on,
            Absence.ends_on,
        )
        .where(
            among(Absence.organisation_id, "organisations"),
            Absence.ends_on >= bindparam("first"),
            Absence.starts_on <= bindparam("last"),
            Absence.cancelled_at.is_(None),
        )
        # Of two that overlap, the one recorded last says who stands in.
        .order_by(Absence.id)
    )


@cache
def _shifts() -> Any:
    return (
        select(DutyShift.organisation_id, DutyShift.user_id, DutyShift.starts_at, DutyShift.ends_at)
        .where(
            among(DutyShift.organisation_id, "organisations"),
            DutyShift.ends_at > bindparam("now"),
            DutyShift.cancelled_at.is_(None),
        )
        .order_by(DutyShift.starts_at, DutyShift.id)
    )


def _named_in(session: Session, incident_ids: Collection[int]) -> dict[int, set[int]]:
    named: dict[int, set[int]] = {}
    for incident_id, user_id in _ask(session, _named(), incidents=as_json(list(incident_ids))):
        named.setdefault(incident_id, set()).add(user_id)
    return named


@cache
def _named() -> Any:
    return select(NamedPerson.incident_id, NamedPerson.user_id).where(
        among(NamedPerson.incident_id, "incidents")
    )


def _ask(session: Session, statement: Any, **parameters: Any) -> Sequence[Any]:
    """Columns alone, by a statement built once: a tick asks again and again."""
    session.flush()
    return session.connection().execute(statement, parameters).all()
