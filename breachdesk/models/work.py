"""The installation's workers, and the large pieces of work that wait for one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.domain.work import JobKind, JobState, Runner
from breachdesk.models.base import Base, Code


class Worker(Base):
    """A process that does what is due, by its heartbeat. `stopped_at`: it said that it ends."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Host and process, as in `Delivery.claimed_by`.
    name: Mapped[str] = mapped_column(String(40), unique=True)
    runner: Mapped[Runner] = mapped_column(Code(Runner))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class Job(Base):
    """A large piece of work asked for by a person: a document, a file to take in.

    Claimed with a lease, done, recorded, like a delivery. `parameters` hold ids and codes;
    `problem` is the code of an error and `result` counts, never personal data.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "next_attempt_at",
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_job_incident", "incident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(Code(JobKind))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[JobState] = mapped_column(Code(JobState), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(40), default="")
    finished_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(60), default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
