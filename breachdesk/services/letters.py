"""From deliveries to letters: what each says, to whom, under which Message-ID."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.deadlines import Regime
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.notices import NoticeParts
from breachdesk.mail.case_mails import (
    CaseInMail,
    CommunicationInMail,
    approved_body,
    communication_to,
    mail_to_user,
)
from breachdesk.mail.letters import Letter, message_id_for
from breachdesk.models import Delivery, Incident, NoticeVersion
from breachdesk.services.acting import Desk

log = logging.getLogger(__name__)


def compose_letters(
    session: Session, desk: Desk, deliveries: Sequence[Delivery], *, now: datetime
) -> dict[int, Letter]:
    """The letter of each delivery, by its id. Two queries for a whole batch.

    One whose recipient our key does not open has none: the others must not wait for it.
    """
    incidents = _by_id(
        session,
        select(Incident)
        .where(Incident.id.in_({delivery.incident_id for delivery in deliveries}))
        .options(joinedload(Incident.organisation)),
    )
    versions = _by_id(
        session,
        select(NoticeVersion).where(
            NoticeVersion.id.in_({d.notice_version_id for d in deliveries if d.notice_version_id})
        ),
    )
    communications = {
        version.id: communication_of(desk, incident, version)
        for version in versions.values()
        for incident in incidents.values()
        if any(
            d.notice_version_id == version.id and d.incident_id == incident.id for d in deliveries
        )
    }
    letters = {}
    for delivery in deliveries:
        incident = incidents[delivery.incident_id]
        try:
            letters[delivery.id] = _letter(desk, delivery, incident, communications, now)
        except InvalidTag:
            log.error(
                "Delivery %s of incident %s: its recipient is sealed under another key; will retry",
                delivery.id,
                incident.reference,
            )
    return letters


def _by_id(session: Session, statement: Any) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(statement)}


def _letter(
    desk: Desk,
    delivery: Delivery,
    incident: Incident,
    communications: Mapping[int, CommunicationInMail],
    now: datetime,
) -> Letter:
    organisation = incident.organisation
    sender = desk.sender_for(organisation)
    if delivery.kind is MailKind.COMMUNICATION:
        assert delivery.recipient is not None
        assert delivery.notice_version_id is not None
        person = desk.vault.open_json(delivery.recipient.sealed)
        name, address = person["name"], person["address"]
        mail = communication_to(communications[delivery.notice_version_id], name=name)
    else:
        assert delivery.user is not None
        name, address = delivery.user.name, delivery.user.email
        case = _case_in_mail(desk, delivery, incident)
        mail = mail_to_user(delivery.kind, case, locale=delivery.user.locale, now=now)
    return Letter(
        message_id=message_id_for(f"{incident.reference}:{delivery.dedup_key}", _domain(sender)),
        sender_name=organisation.name,
        sender_address=sender,
        recipient_name=name,
        recipient_address=address,
        subject=mail.subject,
        text=mail.text,
        sent_at=now,
        reply_to=organisation.contact_email,
    )


def _case_in_mail(desk: Desk, delivery: Delivery, incident: Incident) -> CaseInMail:
    due_at = delivery.parameters.get("due_at")
    return CaseInMail(
        reference=incident.reference,
        organisation=incident.organisation.name,
        timezone=incident.organisation.timezone,
        link=desk.case_url(incident.reference),
        regime=Regime(delivery.parameters.get("regime", Regime.PROVISIONAL)),
        due_at=datetime.fromisoformat(due_at) if due_at else None,
    )


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def communication_of(desk: Desk, incident: Incident, version: NoticeVersion) -> CommunicationInMail:
    """A version of a communication with who it comes from; the mail and its preview."""
    organisation = incident.organisation
    reach = (organisation.contact_email, organisation.contact_phone)
    return CommunicationInMail(
        reference=incident.reference,
        organisation=organisation.name,
        sender_address=desk.sender_for(organisation),
        contact=", ".join(part for part in reach if part),
        subject=version.subject,
        parts=NoticeParts.from_record(version.parts),
        locale=version.locale,
    )


def preview_communication(
    desk: Desk, incident: Incident, version: NoticeVersion, *, name: str = ""
) -> tuple[str, str]:
    """Subject and text exactly as one person will read them."""
    mail = communication_to(communication_of(desk, incident, version), name=name)
    return mail.subject, mail.text


def body_of(version: NoticeVersion) -> str:
    """The approved text of a version, without the frame that each mail has around it."""
    parts = NoticeParts.from_record(version.parts)
    return approved_body(parts, version.locale)
