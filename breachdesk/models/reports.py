"""Reports by people without an account: the public form, a processor's declaration."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.models.base import Base
from breachdesk.models.incidents import Incident
from breachdesk.models.organisations import Organisation, User


class OutsideReport(Base):
    """Who reported an incident without an account, and how they come back.

    `sealed` holds what they said of themselves, if anything; of `secret` only the keyed
    index is kept. `processor` names a processor who declared (Art. 33(2)), else it is empty.
    """

    __tablename__ = "outside_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), unique=True)
    secret_index: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    processor: Mapped[str] = mapped_column(String(200), default="")
    # Art. 33(2): when the processor became aware; when it told us is `incident.noticed_at`.
    processor_aware_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()


class ReportMessage(Base):
    """What a reporter adds to their report, or what the case team asks them.

    `author_id` is None where somebody without an account wrote.
    """

    __tablename__ = "report_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    is_from_reporter: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    author: Mapped[User | None] = relationship()


class ProcessorLink(Base):
    """A single-use link by which a processor declares to us; only its hash is kept."""

    __tablename__ = "processor_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    processor: Mapped[str] = mapped_column(String(200))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))

    organisation: Mapped[Organisation] = relationship()
    made_by: Mapped[User] = relationship()
