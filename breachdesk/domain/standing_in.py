"""Who is told in the place of whom: deputies of the absent, and who is on duty at night."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from breachdesk.domain.access import Role
from breachdesk.domain.reminders import LINE, people_to_remind
from breachdesk.domain.time_zones import zone_or_utc

# Who can stand in for somebody, or be on duty: they must be able to read what it is about, and
# to say that they have.
CAN_STAND_IN = frozenset(LINE)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Duty:
    """Who is away and who is on duty in an organisation, at an instant.

    Args:
        away: the absent, by id, each with their deputy if they named one.
        on_duty: the ids of those on duty.
        next_shift_at: when somebody next comes on duty; None where nobody does.
        absences_change_at: when somebody is next back or away, as far as is known.
    """

    away: Mapping[int, int | None] = field(default_factory=dict)
    on_duty: tuple[int, ...] = ()
    next_shift_at: datetime | None = None
    absences_change_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody, by id, on duty from one instant up to another."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody, by id, away for some days, both included; and who stands in, if anybody."""

    person: int
    deputy: int | None
    starts_on: date
    ends_on: date


def duty_at(
    shifts: Iterable[Shift], absences: Iterable[Away], timezone: str, now: datetime
) -> Duty:
    """Who is away and who is on duty at an instant.

    Args:
        shifts: in order of their beginning.
        absences: of two of one person that overlap, the last one says who stands in.
        timezone: that of the organisation, where days begin.
    """
    zone = zone_or_utc(timezone)
    today = now.astimezone(zone).date()
    every = list(absences)
    days = {each.starts_on for each in every} | {each.ends_on + _DAY for each in every}
    changes_on = min((day for day in days if day > today), default=None)
    not_over = [shift for shift in shifts if shift.ends_at > now]
    return Duty(
        {each.person: each.deputy for each in every if each.starts_on <= today <= each.ends_on},
        tuple(shift.person for shift in not_over if shift.starts_at <= now),
        next((shift.starts_at for shift in not_over if shift.starts_at > now), None),
        datetime.combine(changes_on, time(), zone).astimezone(UTC) if changes_on else None,
    )


@dataclass(frozen=True)
class Addressee:
    """Somebody told, by name, and in what capacity: no title is said that they do not hold.

    Args:
        held: the roles that they are told for and hold, by code.
        vacant: those that nobody holds, and that fall to them.
        instead_of: whom they stand in for, by name, each with the roles of theirs.
        is_on_duty: whether they are told because they are on duty.
    """

    name: str
    held: tuple[str, ...] = ()
    vacant: tuple[str, ...] = ()
    instead_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_on_duty: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """The same of a person known by id; `instead_of` says by id whom they stand in for."""

    held: tuple[str, ...] = ()
    vacant: tuple[str, ...] = ()
    instead_of: tuple[tuple[int, tuple[str, ...]], ...] = ()
    is_on_duty: bool = False

    @property
    def is_their_own(self) -> bool:
        """Whether they hold whatever they are told for, and would be told at any hour."""
        return not (self.vacant or self.instead_of or self.is_on_duty)

    def as_record(self) -> dict[str, Any]:
        """As JSON; nothing where every role is their own."""
        if self.is_their_own:
            return {}
        return {
            "held": list(self.held),
            "vacant": list(self.vacant),
            "instead_of": [[person, list(roles)] for person, roles in self.instead_of],
            "on_duty": self.is_on_duty,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], roles: Iterable[str]) -> "Capacity":
        """What `as_record` kept of somebody told for these roles."""
        if not record:
            return cls(held=tuple(roles))
        return cls(
            held=tuple(record["held"]),
            vacant=tuple(record["vacant"]),
            instead_of=tuple((person, tuple(theirs)) for person, theirs in record["instead_of"]),
            is_on_duty=record["on_duty"],
        )

    def named(self, name: str, names: Mapping[int, str]) -> Addressee:
        """The same with names; whoever has none any more is left out."""
        return Addressee(
            name,
            self.held,
            self.vacant,
            tuple((names[person], roles) for person, roles in self.instead_of if person in names),
            self.is_on_duty,
        )


def people_told(
    roles: Iterable[Role], holders: Mapping[Role, Iterable[int]], away: Mapping[int, int | None]
) -> dict[int, tuple[Role, ...]]:
    """Who is told what is meant for some roles, each person once, with the roles told for.

    What is meant for somebody absent goes to their deputy; a deputy who is absent passes it on
    to theirs. Without a deputy who is there, it goes to the others who hold the role, or to
    the next in line. Where that leaves nobody of the line, absences count for nothing: somebody
    away is told rather than the admin alone, who could not read what it is about.

    Args:
        holders: who holds each role, of those who may know of the matter.
    """
    if not away:
        return people_to_remind(roles, holders)
    there = {role: list(people) for role, people in holders.items()}
    can_stand_in = {person for role in CAN_STAND_IN for person in there.get(role, ())}
    present = {
        role: list(dict.fromkeys(_present(people, away, can_stand_in)))
        for role, people in there.items()
        if role in LINE or not can_stand_in
    }
    return people_to_remind(roles, present) or people_to_remind(roles, there)


def _present(
    people: Iterable[int], away: Mapping[int, int | None], can_stand_in: Collection[int]
) -> Iterable[int]:
    for person in people:
        found = _stand_in(person, away)
        if found is not None and (found == person or found in can_stand_in):
            yield found


def _stand_in(person: int, away: Mapping[int, int | None]) -> int | None:
    """The person, or whoever stands in for them; None where that ends nowhere or in a circle."""
    seen: set[int] = set()
    current: int | None = person
    while current is not None and current in away and current not in seen:
        seen.add(current)
        current = away[current]
    return None if current in seen else current


def told_on_duty(
    roles: Iterable[Role],
    holders: Mapping[Role, Iterable[int]],
    duty: Duty,
) -> dict[int, tuple[Role, ...]]:
    """Those on duty who may know of the matter, each for all these roles; their deputies count."""
    can_stand_in = {person for role in CAN_STAND_IN for person in holders.get(role, ())}
    found = dict.fromkeys(_present(duty.on_duty, duty.away, can_stand_in))
    return {person: tuple(roles) for person in found if person in can_stand_in}


def roles_held(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The titles that the addressee of a mail held, by what the mail keeps; none they did not."""
    return Capacity.from_record(parameters.get("capacity", {}), parameters.get("roles", ())).held


def capacity_of(
    person: int,
    roles: Iterable[Role],
    holders: Mapping[Role, Iterable[int]],
    duty: Duty,
) -> Capacity:
    """In what capacity somebody is told what is for these roles, as `people_told` finds them.

    Args:
        duty: with nobody on duty where being so counts for nothing, as by day.
    """
    own = {role for role in roles if person in holders.get(role, ())}
    is_on_duty = person in _present(duty.on_duty, duty.away, (person,))
    # Whoever is on duty is told whatever nobody else is there for.
    vacant = {role for role in roles if not is_on_duty and not list(holders.get(role, ()))}
    instead: dict[int, tuple[str, ...]] = {}
    for role in roles:
        if role not in own and role not in vacant:
            for absent in _stood_in_for(person, holders.get(role, ()), duty.away, is_on_duty):
                instead[absent] = (*instead.get(absent, ()), role)
    return Capacity(
        tuple(role for role in roles if role in own),
        tuple(role for role in roles if role in vacant),
        tuple(instead.items()),
        is_on_duty,
    )


def _stood_in_for(
    person: int, holders: Iterable[int], away: Mapping[int, int | None], is_on_duty: bool
) -> list[int]:
    """The absent of a role whose deputy they are; all of them where no deputy is there."""
    absent = [each for each in holders if each in away]
    theirs = [each for each in absent if _stand_in(each, away) == person]
    return theirs if theirs or is_on_duty else absent
