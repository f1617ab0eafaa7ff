"""Through whose mail server an organisation sends."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.models.base import Base


class MailAccount(Base):
    """An organisation's account on a mail server; the second is for when the first is stolen.

    `security` is as in `mail.mailer.Security`; `secret` is the sealed password.
    `last_test` holds what the last test found, by step.
    """

    __tablename__ = "mail_account"
    __table_args__ = (UniqueConstraint("organisation_id", "is_second"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    is_second: Mapped[bool] = mapped_column(default=False)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(String(10))
    username: Mapped[str] = mapped_column(String(254), default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    sender: Mapped[str] = mapped_column(String(254))
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    last_test: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tested_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
