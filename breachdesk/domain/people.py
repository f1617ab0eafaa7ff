"""Who may join, change and leave an organisation without shutting it, or themselves, out.

An organisation that nobody can decide for, or that nobody administers, is locked: the law
gives the decision to the controller (GDPR Art. 33), and only an admin lets people in.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from breachdesk.domain.access import ALLOWED, ORGANISATION_ROLES, Action, Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_address import address_fault

INVITATION_LASTS = timedelta(days=7)
LONGEST_NAME = 200
# Whoever runs a new organisation at first: decides, and lets the others in.
FIRST_ROLES = frozenset({Role.DECIDER, Role.ADMIN})
# Somebody always holds these; the code is what to say when they would not.
ALWAYS_HELD = {Role.DECIDER: "last_decider", Role.ADMIN: "last_admin"}
# Whoever gets one of these can read case files: the DPO and the decider are told.
READING_ROLES = ALLOWED[Action.SEE_CASE]


def checked_roles(roles: Iterable[str]) -> frozenset[Role]:
    """The roles to give somebody.

    Raises:
        InvalidInput: none is given, or one that no organisation has.
    """
    codes = set(roles)
    if not codes or not codes <= {role.value for role in ORGANISATION_ROLES}:
        raise InvalidInput("role_missing", field="roles")
    return frozenset(Role(code) for code in codes)


def checked_name(name: str) -> str:
    """A person's name as it is kept.

    Raises:
        InvalidInput: it is empty or too long.
    """
    kept = " ".join(name.split())
    if not kept:
        raise InvalidInput("person_name_missing", field="name")
    if len(kept) > LONGEST_NAME:
        raise InvalidInput("text_too_long", field="name", longest=LONGEST_NAME)
    return kept


def checked_address(address: str) -> str:
    """The address somebody signs in with, as it is kept: in small letters.

    Raises:
        InvalidInput: no mail server would take it.
    """
    kept = address.strip().lower()
    if address_fault(kept) is not None:
        raise InvalidInput("not_an_address", field="email", shown=address.strip())
    return kept


def demand_change_is_safe(
    holders: Mapping[Role, Collection[int]],
    person_id: int,
    roles: Collection[Role],
    *,
    by_id: int,
    break_glass_id: int | None = None,
) -> None:
    """Refuse a change of roles that would lock somebody out.

    Args:
        holders: who holds each role now, of those who can sign in.
        roles: what the person is to hold afterwards; empty: they lose all access.
        by_id: who changes it.
        break_glass_id: whom alone a local sign-in lets in; None while it lets in everybody.

    Raises:
        InvalidInput: with `field` roles.
    """
    lost = {role for role, people in holders.items() if person_id in people} - set(roles)
    if person_id == break_glass_id and (not roles or Role.ADMIN in lost):
        raise InvalidInput("break_glass_stays", field="roles")
    for role, code in ALWAYS_HELD.items():
        if role in lost and set(holders[role]) == {person_id}:
            raise InvalidInput(code, field="roles")
    if person_id == by_id and Role.ADMIN in lost:
        raise InvalidInput("own_admin_role", field="roles")


def gained_reading_roles(before: Collection[Role], after: Collection[Role]) -> bool:
    """Whether somebody reads cases now who did not, or reads them in a further role."""
    return not READING_ROLES.isdisjoint(set(after) - set(before))
