"""Who is told in the place of whom: deputies of the absent, and who is on duty at night."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breachdesk.domain.access import Role
from breachdesk.domain.reminders import LINE, people_to_remind

# Who can stand in for somebody, or be on duty: they must be able to read what it is about, and
# to say that they have.
CAN_STAND_IN = frozenset(LINE)


@dataclass(frozen=True)
class Duty:
    """Who is away and who is on duty in an organisation, at an instant.

    Args:
        away: the absent, by id, each with their deputy if they named one.
        on_duty: the ids of those on duty.
        next_shift_at: when somebody next comes on duty; None where nobody does.
    """

    away: Mapping[int, int | None] = field(default_factory=dict)
    on_duty: tuple[int, ...] = ()
    next_shift_at: datetime | None = None


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
