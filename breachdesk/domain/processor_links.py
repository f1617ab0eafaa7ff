"""The life of a link by which a processor declares to us: it serves once, for a while."""

from datetime import datetime
from enum import StrEnum


class LinkState(StrEnum):
    """Whether a link may still be used."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


def link_state(
    *, expires_at: datetime, used_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> LinkState:
    """The state of a link at `now`. What was done with it comes before what time did."""
    if used_at is not None:
        return LinkState.USED
    if revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.EXPIRED if now >= expires_at else LinkState.OPEN
