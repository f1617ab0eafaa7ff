"""When an organisation may refuse passwords: nobody must be locked out at 2 a.m."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import SignInMethod

# Who may be let in with a password where everybody else comes through the provider: somebody
# who can mend the settings, or decide while they are broken.
BREAK_GLASS_ROLES = frozenset({Role.ADMIN, Role.DECIDER})


class Obstacle(StrEnum):
    """Why passwords cannot be refused yet, in the order in which one mends it."""

    NO_PROVIDER = "no_provider"
    PROVIDER_OFF = "provider_off"
    NOT_TRIED = "not_tried"
    NOBODY_FIT = "nobody_fit"


@dataclass(frozen=True)
class WayIn:
    """How somebody came in: through which organisation's provider, if any, and when."""

    method: SignInMethod
    through_organisation_id: int | None
    started_at: datetime


def is_tried(way: WayIn, *, organisation_id: int, changed_at: datetime) -> bool:
    """Whether a way in shows that an organisation's provider works as it is set now."""
    return (
        way.method is SignInMethod.SINGLE_SIGN_ON
        and way.through_organisation_id == organisation_id
        and way.started_at >= changed_at
    )


def obstacles(
    *, has_provider: bool, is_enabled: bool, is_tried: bool, has_candidate: bool
) -> list[Obstacle]:
    """What is in the way of refusing passwords; nothing: they may be refused."""
    found = []
    if not has_provider:
        found.append(Obstacle.NO_PROVIDER)
    elif not is_enabled:
        found.append(Obstacle.PROVIDER_OFF)
    elif not is_tried:
        found.append(Obstacle.NOT_TRIED)
    if not has_candidate:
        found.append(Obstacle.NOBODY_FIT)
    return found
