"""The case file: incidents, what is known of them, and what was decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from breachdesk.domain.dossier_files import DossierKind
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Channel, Stage
from breachdesk.models.append_only import AppendOnly
from breachdesk.models.base import Base, Code, Json
from breachdesk.models.organisations import Organisation, User


class IncidentGroup(Base):
    """One event, such as at a shared processor, that several organisations have a case of."""

    __tablename__ = "incident_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]


class Incident(Base):
    """Something may have happened to personal data. `stage` is set by the services alone.

    Of a restricted one, only its `NamedPerson`s know that it exists.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_organisation_opened", "organisation_id", "opened_at"),
        Index("ix_incident_organisation_stage", "organisation_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    stage: Mapped[Stage] = mapped_column(Code(Stage), default=Stage.OPENED)
    noticed_at: Mapped[datetime]
    aware_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    # None: somebody without an account, see `OutsideReport`.
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    channel: Mapped[Channel] = mapped_column(Code(Channel), default=Channel.DESK)
    closed_at: Mapped[datetime | None]
    is_restricted: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("incident_group.id"), index=True)

    organisation: Mapped[Organisation] = relationship()
    opened_by: Mapped[User | None] = relationship()


class NamedPerson(Base):
    """Somebody who may know of a restricted case."""

    __tablename__ = "named_person"
    __table_args__ = (UniqueConstraint("incident_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    named_at: Mapped[datetime]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class Fact(AppendOnly, Base):
    """One version of one fact of an incident: who said what, when, from where."""

    __tablename__ = "fact"
    __table_args__ = (UniqueConstraint("incident_id", "key", "version"),)
    erasable = frozenset({"value", "salt"})

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    state: Mapped[FactState] = mapped_column(Code(FactState))
    value: Mapped[Any] = mapped_column(Json, nullable=True)
    source: Mapped[str] = mapped_column(String(200), default="")
    # The journal holds a commitment to the value under this salt.
    salt: Mapped[str | None] = mapped_column(String(32))
    # Recorded for every case of the incident's group at once, not in this one.
    is_shared: Mapped[bool] = mapped_column(default=False)
    # None: whoever reported without an account.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]

    author: Mapped[User | None] = relationship()


class Qualification(AppendOnly, Base):
    """A breach, aware at an instant; or not one, with the reason."""

    __tablename__ = "qualification"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    is_breach: Mapped[bool]
    aware_at: Mapped[datetime | None]
    # Why not a breach; or why awareness is later than the first notice.
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()


class Assessment(AppendOnly, Base):
    """One version of the assessment: the facts it took, what the rules said of them."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    version: Mapped[int]
    facts: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    rules_version: Mapped[str] = mapped_column(String(40))
    # The last fact recorded before it; none: made before this was kept.
    seen_fact_id: Mapped[int | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[User] = relationship()


class Advice(AppendOnly, Base):
    """What the DPO, or whoever stands in, advises on an assessment (Art. 39(1))."""

    __tablename__ = "advice"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    notify: Mapped[bool]
    communicate: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    overrides: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()
    assessment: Mapped[Assessment] = relationship()


class Decision(AppendOnly, Base):
    """What the controller decided on that advice: the law gives it the decision."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    advice_id: Mapped[int] = mapped_column(ForeignKey("advice.id"), unique=True)
    notify: Mapped[bool]
    communicate: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    overrides: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()
    advice: Mapped[Advice] = relationship()


class Reopening(AppendOnly, Base):
    """A signed decision not to notify, taken up again because what it rested on changed.

    `aware_at` is when the organisation learnt of the change: the clock starts there.
    """

    __tablename__ = "reopening"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), unique=True)
    aware_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

    by: Mapped[User] = relationship()
    decision: Mapped[Decision] = relationship()


class AuthorityPhase(AppendOnly, Base):
    """One filing with the authority, as a human recorded it (Art. 33(4))."""

    __tablename__ = "authority_phase"
    __table_args__ = (UniqueConstraint("incident_id", "authority", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    authority: Mapped[str] = mapped_column(String(20), default="CNIL")
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    filed_at: Mapped[datetime]
    number: Mapped[str] = mapped_column(String(60), default="")
    reasons_for_delay: Mapped[str] = mapped_column(Text, default="")
    # Of a withdrawal alone, and needed there.
    withdrawal_reason: Mapped[str] = mapped_column(Text, default="")
    # Whether nothing that the form asks was left open; None: filed before this was kept.
    is_complete: Mapped[bool | None]
    was_late: Mapped[bool]
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    # The form as it stood when filed, by section.
    content: Mapped[dict[str, Any]]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]

    recorded_by: Mapped[User] = relationship()
    receipt: Mapped["Attachment | None"] = relationship()


class Attachment(AppendOnly, Base):
    """A file of the case. Its bytes lie encrypted outside the web root under `stored_as`."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_as: Mapped[str] = mapped_column(String(64), unique=True)
    # None: whoever reported without an account.
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]

    added_by: Mapped[User | None] = relationship()


class Dossier(AppendOnly, Base):
    """A sealed dossier: numbered per incident, never remade; its hash is in the journal.

    Its file is erased when its time is up; the row, the hash and the journal's line stay.
    """

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    erasable = frozenset({"stored_as"})

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    number: Mapped[int]
    locale: Mapped[str] = mapped_column(String(5))
    kind: Mapped[DossierKind] = mapped_column(Code(DossierKind), default=DossierKind.WHOLE)
    # Of a redacted copy: for whom, and what was removed (see `domain.dossier_files`).
    for_whom: Mapped[str] = mapped_column(String(200), default="")
    removed: Mapped[list[Any]] = mapped_column(Json, default=list)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    # SHA-256 of the certificate that sealed it; empty: made before there was a seal.
    sealed_by: Mapped[str] = mapped_column(String(64), default="")
    is_timestamped: Mapped[bool] = mapped_column(default=False)
    # None: erased, its time was up.
    stored_as: Mapped[str | None] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[User] = relationship()


class JournalEntry(AppendOnly, Base):
    """One line of a chain (`incident:7`, `organisation:2`); see `domain.journal`."""

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("chain", "sequence"),)
    erasable = frozenset({"reason", "reason_salt"})

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    code: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(Text)
    reason_salt: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64), default="")
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    actor: Mapped[User | None] = relationship()
