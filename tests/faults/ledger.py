"""The database of a run: filled with reminders that fall due, and read at its end."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from flask import Flask
from sqlalchemy import ColumnElement, Engine, func, insert, select, text
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import UNDER_WAY
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Stage
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.domain.reminder_plans import DEFAULT_PLAN
from breachdesk.mail.letters import mail_key, message_id_for
from breachdesk.models import Clock, Delivery, Incident, JournalEntry, Reminder
from tests.faults.observed import SeenDelivery, SeenReminder
from tests.people import Work, at_desk, make_organisation, organisation, seat

SENDER_DOMAIN = "girandole.example"
# Whom each reminder is for; one person holds each role.
ROLES = (Role.HANDLER, Role.DPO)
FIRST_CASE = 1000
# A run may take place at night or on a Sunday.
NEVER_QUIET = QuietHours(time(), time(), weekends=False)
# Each time that a delivery is written down as sent, by the machine's own clock: the ledger
# itself keeps the last one only.
NOTE_TABLE = "CREATE TABLE noted (delivery_id integer, at double precision)"
NOTE_ON_SQLITE = """
CREATE TRIGGER note_sent AFTER UPDATE OF state ON delivery WHEN new.state = 'sent'
BEGIN
  INSERT INTO noted VALUES (new.id, (julianday('now') - 2440587.5) * 86400.0);
END
"""
NOTE_ON_POSTGRESQL = """
CREATE FUNCTION note_sent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO noted VALUES (new.id, extract(epoch FROM clock_timestamp()));
  RETURN NULL;
END $$;
CREATE TRIGGER note_sent AFTER UPDATE OF state ON delivery
  FOR EACH ROW WHEN (new.state = 'sent') EXECUTE FUNCTION note_sent()
"""


def prepare(app: Flask, *, now: datetime) -> None:
    """The people to remind, and notes taken of what becomes of their mail."""
    with at_desk(app) as work:
        make_organisation(work, now=now, roles=(*ROLES, Role.DECIDER))
        organisation(work).reminder_plan = replace(DEFAULT_PLAN, quiet=NEVER_QUIET).as_record()
        _take_notes(work.session)


def plan_reminders(app: Flask, count: int, *, starting: datetime, within: timedelta) -> None:
    """Plan so many, each of a case of its own, that fall due one after the other."""
    with at_desk(app) as work:
        _add_cases(work, count, starting, within)


def moment_of(reminder_id: int, count: int, starting: datetime, within: timedelta) -> datetime:
    """When a planned reminder falls due."""
    return starting + within * (reminder_id - FIRST_CASE) / count


def _add_cases(work: Work, count: int, starting: datetime, within: timedelta) -> None:
    own, opener = organisation(work), seat(work, Role.HANDLER).user.id
    # Due in two days: nothing is late yet, and nobody is near the end of their patience.
    began = starting - timedelta(hours=24)
    numbers = range(FIRST_CASE, FIRST_CASE + count)
    incidents = [
        {
            "id": number,
            "organisation_id": own.id,
            "reference": f"GIR-F-{number}",
            "title": "Courriel envoyé au mauvais destinataire",
            "stage": Stage.QUALIFIED,
            "noticed_at": began,
            "aware_at": began,
            "opened_at": began,
            "opened_by_id": opener,
        }
        for number in numbers
    ]
    clocks = [
        {
            "id": number,
            "incident_id": number,
            "regime": GDPR_ART_33,
            "rule_version": "faults",
            "is_main": True,
            "started_at": began,
            "due_at": began + timedelta(hours=72),
            "created_at": began,
        }
        for number in numbers
    ]
    reminders = [
        {
            "id": number,
            "clock_id": number,
            "incident_id": number,
            "planned_for": moment_of(number, count, starting, within),
            "remind_at": moment_of(number, count, starting, within),
            "roles": [role.value for role in ROLES],
        }
        for number in numbers
    ]
    for model, rows in ((Incident, incidents), (Clock, clocks), (Reminder, reminders)):
        work.session.execute(insert(model), rows)
    if work.session.get_bind().dialect.name == "postgresql":
        # What the services add comes after what was written with its number.
        for table in ("incident", "clock", "reminder"):
            next_one = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000000)"
            work.session.execute(text(next_one))
    work.session.commit()


def _take_notes(session: Session) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    session.execute(text(NOTE_TABLE))
    session.execute(text(NOTE_ON_SQLITE if is_sqlite else NOTE_ON_POSTGRESQL))
    session.commit()


def count_left(engine: Engine, count: int) -> int:
    """How many of the reminders are still to be emitted, and mails to be sent."""
    with Session(engine) as session:
        planned = select(func.count(Reminder.id)).where(
            _are_ours(count), Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
        )
        waiting = select(func.count(Delivery.id)).where(Delivery.state.in_(UNDER_WAY))
        left = (session.scalar(planned) or 0) + (session.scalar(waiting) or 0)
        session.rollback()
        return left


def _are_ours(count: int) -> ColumnElement[bool]:
    """Others the services plan themselves, for hours after the run."""
    return Reminder.id.between(FIRST_CASE, FIRST_CASE + count - 1)


def read_ledger(
    engine: Engine, count: int
) -> tuple[Sequence[SeenReminder], Sequence[SeenDelivery]]:
    """What the ledger says at the end."""
    with Session(engine) as session:
        recorded: dict[int, list[float]] = defaultdict(list)
        for delivery_id, at in session.execute(text("SELECT delivery_id, at FROM noted")):
            recorded[delivery_id].append(float(at))
        reminders = _reminders(session, count)
        deliveries = [
            SeenDelivery(
                delivery.id,
                delivery.reminder_id,
                delivery.user_id,
                message_id_for(
                    mail_key(reference, delivery.dedup_key, delivery.queued_at), SENDER_DOMAIN
                ),
                delivery.state.value,
                tuple(sorted(recorded[delivery.id])),
            )
            for delivery, reference in session.execute(
                select(Delivery, Incident.reference)
                .join(Incident, Incident.id == Delivery.incident_id)
                .order_by(Delivery.id)
            )
        ]
        session.rollback()
    return reminders, deliveries


def _reminders(session: Session, count: int) -> list[SeenReminder]:
    counts = session.execute(
        select(JournalEntry.chain, func.count(JournalEntry.id))
        .where(JournalEntry.code == Entry.REMINDER_SENT.value)
        .group_by(JournalEntry.chain)
    )
    lines = {chain: count for chain, count in counts}
    return [
        SeenReminder(
            reminder.id,
            was_due=FIRST_CASE <= reminder.id < FIRST_CASE + count,
            is_emitted=reminder.emitted_at is not None,
            # Of each case one reminder falls due during the run.
            lines=lines.get(f"incident:{reminder.incident_id}", 0),
            people=len(ROLES),
        )
        for reminder in session.scalars(select(Reminder).order_by(Reminder.id))
    ]
