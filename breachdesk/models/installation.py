"""The installation itself: one row."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.models.base import Base


class Installation(Base):
    """What the installation knows of itself; its only row has the id 1.

    `key_check` is a keyed index of a fixed text: it tells whether the encryption key at hand
    is the one the database was written with.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_check: Mapped[str] = mapped_column(String(64), default="")
    key_rotated_at: Mapped[datetime | None]
    backed_up_at: Mapped[datetime | None]
    # When the monitor outside was last told that we work, and whether it heard.
    pinged_at: Mapped[datetime | None]
    ping_problem: Mapped[str] = mapped_column(String(60), default="")
