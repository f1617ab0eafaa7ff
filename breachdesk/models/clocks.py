"""Clocks, the ledger of reminders planned on them, and who said that they had read one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.models.append_only import AppendOnly
from breachdesk.models.base import Base, Code
from breachdesk.models.incidents import Incident
from breachdesk.models.organisations import User


class Clock(Base):
    """A deadline that runs. The main clock is the one every page of the case shows.

    `due_at` is None where its regime gives no figure: it runs, and is chased, until stopped.
    """

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
        Index(
            "ix_clock_running",
            "due_at",
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    # A file of `domain/law/regimes`; it may be gone by now.
    regime: Mapped[str] = mapped_column(String(60))
    # The version of the rule it was started under: a case keeps the rule of its day.
    rule_version: Mapped[str] = mapped_column(String(40))
    is_main: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    stop_reason: Mapped[StopReason | None] = mapped_column(Code(StopReason))
    # What whoever stopped it said of it, such as the number of a complaint.
    stop_remark: Mapped[str] = mapped_column(Text, default="")
    # None: the desk, or whoever reported without an account.
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # The clock whose start was corrected into this one, or that this one takes over from.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    created_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()
    started_by: Mapped[User | None] = relationship(foreign_keys=[started_by_id])
    stopped_by: Mapped[User | None] = relationship(foreign_keys=[stopped_by_id])


class ClockRefusal(AppendOnly, Base):
    """A regime that was offered for a case, and that a person said is not owed, with the reason."""

    __tablename__ = "clock_refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    regime: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()


class Reminder(Base):
    """A reminder planned, then either emitted as deliveries or cancelled; never both.

    `planned_for` is when the plan wanted it; `remind_at` when it falls due, later where
    quiet hours held it. `covered_by_id`: cancelled, because that one says it was missed.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        # Of what is wanted, or was sent; a plan called off may want the same moment again.
        Index(
            "uq_reminder_wanted",
            "clock_id",
            "cause",
            "planned_for",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(
            "ix_reminder_due",
            "remind_at",
            sqlite_where=text("emitted_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("emitted_at IS NULL AND cancelled_at IS NULL"),
        ),
        Index("ix_reminder_incident", "incident_id"),
        # What was sent and not read yet, for who asks what still stands.
        Index(
            "ix_reminder_unread",
            "clock_id",
            sqlite_where=text("emitted_at IS NOT NULL AND acknowledged_at IS NULL"),
            postgresql_where=text("emitted_at IS NOT NULL AND acknowledged_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    # That of the clock, so that what is due is found without looking at clocks.
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    cause: Mapped[ReminderCause] = mapped_column(Code(ReminderCause), default=ReminderCause.PLANNED)
    channel: Mapped[ReminderChannel] = mapped_column(
        Code(ReminderChannel), default=ReminderChannel.MAIL
    )
    planned_for: Mapped[datetime]
    remind_at: Mapped[datetime]
    roles: Mapped[list[str]]
    # Of an escalation: the reminder that nobody acknowledged.
    escalates_id: Mapped[int | None] = mapped_column(ForeignKey("reminder.id"))
    # No foreign key: it may have been planned after this one, and rows are restored in order.
    covered_by_id: Mapped[int | None]
    emitted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]

    clock: Mapped[Clock] = relationship()
    incident: Mapped[Incident] = relationship()


class Acknowledgement(AppendOnly, Base):
    """Somebody said that they know of a deadline: every reminder sent for it so far is read."""

    __tablename__ = "acknowledgement"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), index=True)
    # The latest reminder that it answers.
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    via: Mapped[AcknowledgedVia] = mapped_column(Code(AcknowledgedVia))
    at: Mapped[datetime]

    user: Mapped[User] = relationship()
