"""Secret addresses at which a person's calendar reads the deadlines they may know of."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.models.base import Base
from breachdesk.models.organisations import User


class CalendarFeed(Base):
    """One such address, kept as a hash: shown once, read until revoked."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_read_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
