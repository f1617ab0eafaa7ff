"""Clocks and the ledger of reminders planned on them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.domain.deadlines import Regime, StopReason
from breachdesk.models.base import Base, Code
from breachdesk.models.incidents import Incident


class Clock(Base):
    """A deadline that runs. The main clock is the one every page of the case shows."""

    __tablename__ = "clock"
    __table_args__ = (
        Index(
            "ix_clock_main",
            "incident_id",
            unique=True,
            sqlite_where=text("is_main"),
            postgresql_where=text("is_main"),
        ),
        Index("ix_clock_incident", "incident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    regime: Mapped[Regime] = mapped_column(Code(Regime))
    # The version of the rule it was started under: a case keeps the rule of its day.
    rule_version: Mapped[str] = mapped_column(String(40))
    is_main: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    stop_reason: Mapped[StopReason | None] = mapped_column(Code(StopReason))
    created_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()


class Reminder(Base):
    """A reminder planned, then either emitted as deliveries or cancelled; never both."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("clock_id", "remind_at"),
        Index(
            "ix_reminder_due",
            "remind_at",
            sqlite_where=text("emitted_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("emitted_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    remind_at: Mapped[datetime]
    roles: Mapped[list[str]]
    emitted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    clock: Mapped[Clock] = relationship()
