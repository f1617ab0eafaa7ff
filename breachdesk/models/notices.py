"""Communications to data subjects, their recipients, and every delivery of the desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.notices import NoticeState
from breachdesk.models.append_only import AppendOnly
from breachdesk.models.base import Base, Code
from breachdesk.models.incidents import Incident
from breachdesk.models.organisations import Organisation, User


class Notice(Base):
    """A communication to data subjects: `basis` says owed (Art. 34(1)) or voluntary."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    basis: Mapped[str] = mapped_column(String(20))
    state: Mapped[NoticeState] = mapped_column(Code(NoticeState), default=NoticeState.DRAFT)
    created_at: Mapped[datetime]
    sending_started_at: Mapped[datetime | None]
    sending_finished_at: Mapped[datetime | None]

    incident: Mapped[Incident] = relationship()


class NoticeVersion(AppendOnly, Base):
    """One wording of a notice; `parts` are those of Art. 34(2), see `domain.notices`."""

    __tablename__ = "notice_version"
    __table_args__ = (UniqueConstraint("notice_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    version: Mapped[int]
    locale: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(200))
    parts: Mapped[dict[str, Any]]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]

    author: Mapped[User] = relationship()
    notice: Mapped[Notice] = relationship()


class NoticeApproval(AppendOnly, Base):
    """A second person's approval of one version, or a waiver with its reason."""

    __tablename__ = "notice_approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_version_id: Mapped[int] = mapped_column(ForeignKey("notice_version.id"), unique=True)
    waiver_reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()


class RecipientImport(Base):
    """A recipients file: kept encrypted while its preview awaits a yes, then emptied."""

    __tablename__ = "recipient_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    mapping: Mapped[dict[str, Any]]
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Recipient(Base):
    """A data subject to be told. Who they are is encrypted; `address_index` is keyed."""

    __tablename__ = "recipient"
    __table_args__ = (UniqueConstraint("notice_id", "address_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("recipient_import.id"), index=True)
    line: Mapped[int]
    address_index: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """One mail to one person, with the mail server's answer; to users and recipients alike.

    Claimed with a lease, sent, recorded. `dedup_key` makes emission idempotent and gives
    the Message-ID, so that a mail repeated after a crash can be known for the same one.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_due",
            "priority",
            "next_attempt_at",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        # The mails of a tick belong to no notice, those of a notice to no reminder: neither
        # writes into the other's index.
        Index(
            "ix_delivery_notice_state",
            "notice_id",
            "state",
            sqlite_where=text("notice_id IS NOT NULL"),
            postgresql_where=text("notice_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_reminder_id",
            "reminder_id",
            sqlite_where=text("reminder_id IS NOT NULL"),
            postgresql_where=text("reminder_id IS NOT NULL"),
        ),
        Index("ix_delivery_incident", "incident_id"),
        Index(
            "ix_delivery_waiting",
            "organisation_id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        # What is in a worker's hands: few rows, whatever waits. Not by `lease_until`, which
        # is renewed often.
        Index(
            "ix_delivery_claimed",
            "claimed_by",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        # When a server last took, or refused, the mail of an organisation.
        Index(
            "ix_delivery_answered",
            "organisation_id",
            "state",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # None: the installation's own, to somebody who belongs to no organisation.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    # None: about an account, not about a case.
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[MailKind] = mapped_column(Code(MailKind))
    dedup_key: Mapped[str] = mapped_column(String(80), unique=True)
    # Lower goes first: our own people before a long run of notices.
    priority: Mapped[int] = mapped_column(default=5)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("recipient.id"))
    reminder_id: Mapped[int | None] = mapped_column(ForeignKey("reminder.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    notice_version_id: Mapped[int | None] = mapped_column(ForeignKey("notice_version.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What must not lie open: an invited person's address, a link that opens something.
    # Emptied once the mail has left.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[DeliveryState] = mapped_column(Code(DeliveryState), default=DeliveryState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(40), default="")
    finished_at: Mapped[datetime | None]
    answer_code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(500), default="")

    organisation: Mapped[Organisation | None] = relationship()
    user: Mapped[User | None] = relationship()
    recipient: Mapped[Recipient | None] = relationship()
