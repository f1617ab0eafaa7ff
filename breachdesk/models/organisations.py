"""Organisations, the people of the desk and the roles they hold."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.domain.access import Role
from breachdesk.models.base import Base, Code


class Organisation(Base):
    """A body that incidents belong to. `code` opens its references and addresses."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    timezone: Mapped[str] = mapped_column(String(60), default="Europe/Paris")
    siren: Mapped[str] = mapped_column(String(20), default="")
    vat_number: Mapped[str] = mapped_column(String(30), default="")
    sector: Mapped[str] = mapped_column(String(200), default="")
    headcount: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(80), default="")
    legal_representative: Mapped[str] = mapped_column(String(200), default="")
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_function: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    # What the organisation collects, from whom, through whom, how long it keeps it.
    processing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # Sign-in: see domain.sign_in.SignInRule.
    demands_second_factor: Mapped[bool] = mapped_column(default=False)
    takes_local_sign_in: Mapped[bool] = mapped_column(default=True)
    break_glass_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # The last part of the public form's address; None: no such form.
    public_address: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Since when our own mail is not to be trusted: everything goes the second way.
    mail_compromised_at: Mapped[datetime | None]
    # Deadlines: see domain.regimes (what it said of itself; hours of its own targets, by
    # regime) and domain.reminder_plans (empty: the plan we propose).
    traits: Mapped[list[str]] = mapped_column(default=list)
    targets: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reminder_plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # How long the file of a dossier is kept once its case is closed.
    dossiers_kept_months: Mapped[int] = mapped_column(default=60)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")


class User(Base):
    """A person who signs in. Kept after deactivation: the journal names them."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    is_active: Mapped[bool] = mapped_column(default=True)
    # Where to write to them while the organisation's mail is not to be trusted.
    second_email: Mapped[str] = mapped_column(String(254), default="")
    is_operator: Mapped[bool] = mapped_column(default=False)
    # The sealed secret of their codes by the minute, and the last step used: a code is good once.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    password_changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_anonymous = False

    # The token of the session in hand, while a request lasts; `user_session` keeps its hash.
    session_token = ""

    def get_id(self) -> str:
        """The identity kept in the cookie: the token of a session, nothing of the person."""
        return self.session_token


class Membership(Base):
    """One role of one person in one organisation; kept, with its end, once it has ended."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[Role] = mapped_column(Code(Role))
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(back_populates="memberships")
    user: Mapped[User] = relationship(back_populates="memberships")


class Invitation(Base):
    """A link by which somebody joins an organisation; single use, expiring, kept as a hash."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]]
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    # None: the operator, or a command of theirs.
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id])


class ReferenceCounter(Base):
    """The last number given to an incident, per organisation and year."""

    __tablename__ = "reference_counter"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
