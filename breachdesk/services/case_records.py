"""Reading a whole case into a `CaseRecord`: what the dossier and the form are made from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from breachdesk.domain.access import Role
from breachdesk.domain.case_record import (
    AdviceRecord,
    AssessmentRecord,
    AttachmentRecord,
    CaseRecord,
    DecisionRecord,
    FactRecord,
    JournalRecord,
    MessageRecord,
    OrganisationRecord,
    OutsideRecord,
    PhaseRecord,
    QualificationRecord,
    ReminderRecord,
    ReopeningRecord,
)
from breachdesk.domain.standing_in import roles_held
from breachdesk.models import (
    Advice,
    Assessment,
    Attachment,
    AuthorityPhase,
    Clock,
    Decision,
    Delivery,
    Incident,
    JournalEntry,
    Membership,
    Qualification,
    Reminder,
    User,
)
from breachdesk.services.clock_records import clock_records, refusal_records
from breachdesk.services.journal import chain_of
from breachdesk.services.kept_mail import no_mail_left
from breachdesk.services.known_facts import latest_facts
from breachdesk.services.notice_records import read_notices
from breachdesk.services.outside_reports import outside_report_of
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.reopening import reopenings_of
from breachdesk.services.report_messages import messages_of


def read_case_record(
    session: Session, incident: Incident, *, by: User, now: datetime, dossier_number: int = 0
) -> CaseRecord:
    """Everything the dossier says of a case, as it stands in this transaction."""
    return replace(
        read_case_for_form(session, incident, by=by, now=now, over_time=True),
        dossier_number=dossier_number,
        reminders=_mails(session, incident),
        journal=_journal(session, incident),
        advices=_advices(session, incident),
        messages=_messages(session, incident),
        refusals=refusal_records(session, incident),
        ledger=read_ledger(session, incident),
        chain=chain_of(incident),
        no_mail_left=no_mail_left(session, incident),
    )


def read_case_for_form(
    session: Session, incident: Incident, *, by: User, now: datetime, over_time: bool = False
) -> CaseRecord:
    """What an authority's form is filled from: the case without its journal and its mails.

    Args:
        over_time: with the course of its communications, which no form asks for.
    """
    session.flush()
    return CaseRecord(
        reference=incident.reference,
        title=incident.title,
        dossier_number=0,
        made_at=now,
        made_by=by.name,
        state=incident.stage.value,
        opened_at=incident.opened_at,
        opened_by=_name_of(incident.opened_by),
        organisation=_organisation(session, incident),
        facts=_facts(session, incident),
        qualifications=_qualifications(session, incident),
        clocks=clock_records(session, incident),
        assessments=_assessments(session, incident),
        decisions=_decisions(session, incident),
        phases=_phases(session, incident),
        notices=read_notices(session, incident, over_time=over_time),
        reminders=(),
        attachments=_attachments(session, incident),
        journal=(),
        reopenings=_reopenings(session, incident),
        outside=_outside(session, incident),
    )


def _of_case(
    session: Session, model: type[Any], incident: Incident, *options: Any
) -> Sequence[Any]:
    return session.scalars(
        select(model).where(model.incident_id == incident.id).order_by(model.id).options(*options)
    ).all()


def _organisation(session: Session, incident: Incident) -> OrganisationRecord:
    own = incident.organisation
    # The first in the role: the form has room for one.
    dpo = session.execute(
        select(User.name, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == own.id,
            Membership.role == Role.DPO,
            Membership.ended_at.is_(None),
        )
        .order_by(Membership.id)
        .limit(1)
    ).first()
    return OrganisationRecord(
        name=own.name,
        code=own.code,
        siren=own.siren,
        vat_number=own.vat_number,
        sector=own.sector,
        headcount=own.headcount,
        address=own.address,
        country=own.country,
        timezone=own.timezone,
        legal_representative=own.legal_representative,
        contact_name=own.contact_name,
        contact_function=own.contact_function,
        contact_email=own.contact_email,
        contact_phone=own.contact_phone,
        has_dpo=dpo is not None,
        dpo_name=dpo.name if dpo else "",
        dpo_email=dpo.email if dpo else "",
        is_example=own.is_example,
    )


def _name_of(user: User | None) -> str:
    """A person's name; empty for whoever reported without an account."""
    return user.name if user else ""


def _facts(session: Session, incident: Incident) -> tuple[FactRecord, ...]:
    facts = latest_facts(session, incident).values()
    return tuple(
        FactRecord(
            fact.key,
            fact.state.value,
            fact.value,
            fact.source,
            _name_of(fact.author),
            fact.recorded_at,
            fact.version,
            fact.salt or "",
        )
        for fact in sorted(facts, key=lambda fact: fact.id)
    )


def _qualifications(session: Session, incident: Incident) -> tuple[QualificationRecord, ...]:
    rows = _of_case(session, Qualification, incident, joinedload(Qualification.by))
    return tuple(
        QualificationRecord(row.is_breach, row.aware_at, row.reason, row.by.name, row.at)
        for row in rows
    )


def _assessments(session: Session, incident: Incident) -> tuple[AssessmentRecord, ...]:
    rows = _of_case(session, Assessment, incident, joinedload(Assessment.made_by))
    return tuple(
        AssessmentRecord(row.version, row.made_by.name, row.made_at, row.facts, row.result)
        for row in rows
    )


def _decisions(session: Session, incident: Incident) -> tuple[DecisionRecord, ...]:
    rows = _of_case(
        session,
        Decision,
        incident,
        joinedload(Decision.by),
        joinedload(Decision.advice).joinedload(Advice.by),
        joinedload(Decision.advice).joinedload(Advice.assessment),
    )
    return tuple(
        DecisionRecord(
            **_verdict_advised_on(row.advice),
            advised_by=row.advice.by.name,
            advised_at=row.advice.at,
            advised_notify=row.advice.notify,
            advised_communicate=row.advice.communicate,
            advice_reason=row.advice.reason,
            advice_overrides=row.advice.overrides,
            decided_by=row.by.name,
            decided_at=row.at,
            decided_notify=row.notify,
            decided_communicate=row.communicate,
            decision_reason=row.reason,
            decision_overrides=row.overrides,
        )
        for row in rows
    )


def _verdict_advised_on(advice: Advice) -> dict[str, Any]:
    """What the rules said, as it stands beside an advice on it."""
    result = advice.assessment.result
    return {
        "assessment_version": advice.assessment.version,
        "verdict_notify": str(result["notify_authority"]),
        "verdict_communicate": str(result["communicate_to_data_subjects"]),
    }


def _advices(session: Session, incident: Incident) -> tuple[AdviceRecord, ...]:
    """The advice that was replaced before anybody decided on it, or still waits."""
    rows = session.scalars(
        select(Advice)
        .join(Advice.assessment)
        .outerjoin(Decision, Decision.advice_id == Advice.id)
        .where(Assessment.incident_id == incident.id, Decision.id.is_(None))
        .order_by(Advice.id)
        .options(joinedload(Advice.by), contains_eager(Advice.assessment))
    )
    return tuple(
        AdviceRecord(
            **_verdict_advised_on(row),
            by=row.by.name,
            at=row.at,
            notify=row.notify,
            communicate=row.communicate,
            reason=row.reason,
            overrides=row.overrides,
        )
        for row in rows
    )


def _reopenings(session: Session, incident: Incident) -> tuple[ReopeningRecord, ...]:
    rows = reopenings_of(session, incident)
    if not rows:
        return ()
    decisions = [row.id for row in _of_case(session, Decision, incident)]
    clocks = [row.id for row in _of_case(session, Clock, incident)]
    return tuple(
        ReopeningRecord(
            decision=decisions.index(row.decision_id) + 1,
            clock=clocks.index(row.clock_id) + 1,
            aware_at=row.aware_at,
            reason=row.reason,
            by=row.by.name,
            at=row.at,
        )
        for row in rows
    )


def _phases(session: Session, incident: Incident) -> tuple[PhaseRecord, ...]:
    rows = _of_case(
        session,
        AuthorityPhase,
        incident,
        joinedload(AuthorityPhase.recorded_by),
        joinedload(AuthorityPhase.receipt),
    )
    return tuple(
        PhaseRecord(
            authority=row.authority,
            kind=row.kind,
            filed_at=row.filed_at,
            number=row.number,
            reasons_for_delay=row.reasons_for_delay,
            was_late=row.was_late,
            receipt_name=row.receipt.name if row.receipt else "",
            recorded_by=row.recorded_by.name,
            recorded_at=row.recorded_at,
            withdrawal_reason=row.withdrawal_reason,
            is_complete=row.is_complete,
            content=row.content,
        )
        for row in rows
    )


def _mails(session: Session, incident: Incident) -> tuple[ReminderRecord, ...]:
    rows = session.execute(
        select(Delivery, User, Reminder)
        .join(User, User.id == Delivery.user_id)
        .outerjoin(Reminder, Reminder.id == Delivery.reminder_id)
        .where(Delivery.incident_id == incident.id)
        .order_by(Delivery.queued_at, Delivery.id)
    )
    return tuple(
        ReminderRecord(
            kind=delivery.kind.value,
            planned_at=reminder.remind_at if reminder else delivery.queued_at,
            to=user.name,
            roles=roles_held(delivery.parameters),
            state=delivery.state.value,
            sent_at=delivery.finished_at if delivery.state == "sent" else None,
            answer=f"{delivery.answer_code or ''} {delivery.answer}".strip(),
        )
        for delivery, user, reminder in rows
    )


def _attachments(session: Session, incident: Incident) -> tuple[AttachmentRecord, ...]:
    rows = _of_case(session, Attachment, incident, joinedload(Attachment.added_by))
    return tuple(
        AttachmentRecord(
            row.name, row.media_type, row.size, row.sha256, _name_of(row.added_by), row.added_at
        )
        for row in rows
    )


def _outside(session: Session, incident: Incident) -> OutsideRecord | None:
    row = outside_report_of(session, incident)
    if row is None:
        return None
    return OutsideRecord(
        incident.channel.value, row.processor, row.processor_aware_at, row.reported_at
    )


def _messages(session: Session, incident: Incident) -> tuple[MessageRecord, ...]:
    return tuple(
        MessageRecord(row.is_from_reporter, _name_of(row.author), row.text, row.at)
        for row in messages_of(session, incident)
    )


def _journal(session: Session, incident: Incident) -> tuple[JournalRecord, ...]:
    rows = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.chain == chain_of(incident))
        .order_by(JournalEntry.sequence)
        .options(joinedload(JournalEntry.actor))
    )
    return tuple(
        JournalRecord(
            entry.sequence,
            entry.at,
            entry.actor.name if entry.actor else "",
            entry.code,
            entry.parameters,
            entry.reason or "",
            entry.hash,
            entry.actor_id,
            entry.commitment,
            entry.previous,
            entry.reason_salt or "",
        )
        for entry in rows
    )
