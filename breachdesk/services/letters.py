"""From deliveries to letters: what each says, to whom, under which Message-ID."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.dossier_files import JournalHead
from breachdesk.domain.notices import NoticeParts
from breachdesk.domain.reminder_mails import CLOCK_MAILS
from breachdesk.mail.account_mails import account_mail
from breachdesk.mail.case_mails import (
    CaseInMail,
    CommunicationInMail,
    approved_body,
    communication_to,
    mail_to_user,
    with_head,
    with_heads,
)
from breachdesk.mail.letters import Letter, mail_key, message_id_for
from breachdesk.models import Delivery, Incident, NoticeVersion, Organisation, User
from breachdesk.services.acting import Desk
from breachdesk.services.caught_up_mails import CAUGHT_UP, UNWRITABLE, told_together
from breachdesk.services.journal import heads_of
from breachdesk.services.mail_routes import (
    MailRoute,
    MailRoutes,
    at_second_address,
    route_of,
)
from breachdesk.services.reminder_mails import ClockMails, read_clock_mails

log = logging.getLogger(__name__)


class LetterFault(StrEnum):
    """Why a letter could not be written, as the answer that its delivery keeps."""

    SEALED = "recipient_sealed_under_another_key"
    OTHER = UNWRITABLE


@dataclass
class Composed:
    """What became of the deliveries of a batch, by their ids; each is in one of the two."""

    letters: dict[int, Letter] = field(default_factory=dict)
    faults: dict[int, LetterFault] = field(default_factory=dict)


def compose_letters(
    session: Session,
    desk: Desk,
    deliveries: Sequence[Delivery],
    *,
    routes: MailRoutes,
    now: datetime,
) -> Composed:
    """The letters of a batch. As many queries for a whole batch as for one.

    What cannot be written, whatever the fault, has no letter, and is written to the log: the
    mail of others must not wait for it. Where something keeps the whole batch from being
    prepared, each case is prepared for itself.

    Raises:
        DBAPIError: the database does not answer.
    """
    try:
        writer = _prepare(session, desk, deliveries, routes=routes, now=now)
    except DBAPIError:
        raise
    except Exception as fault:
        cases: dict[tuple[int | None, int | None], list[Delivery]] = {}
        for delivery in deliveries:
            cases.setdefault((delivery.organisation_id, delivery.incident_id), []).append(delivery)
        composed = Composed()
        if len(cases) == 1:
            for delivery in deliveries:
                _note_fault(composed, delivery, fault)
        else:
            for some in cases.values():
                part = compose_letters(session, desk, some, routes=routes, now=now)
                composed.letters |= part.letters
                composed.faults |= part.faults
        return composed
    return writer.write_all(deliveries)


def _prepare(
    session: Session,
    desk: Desk,
    deliveries: Sequence[Delivery],
    *,
    routes: MailRoutes,
    now: datetime,
) -> "_Writer":
    """Read what the letters of a batch need."""
    together = told_together(session, deliveries)
    about = [*deliveries, *(each for told in together.values() for each in told)]
    incidents = _by_id(
        session,
        select(Incident)
        .where(Incident.id.in_({d.incident_id for d in about if d.incident_id}))
        .options(joinedload(Incident.organisation)),
    )
    versions = _by_id(
        session,
        select(NoticeVersion).where(
            NoticeVersion.id.in_({d.notice_version_id for d in deliveries if d.notice_version_id})
        ),
    )
    return _Writer(
        desk,
        routes,
        incidents,
        versions,
        at_second_address(session, deliveries),
        read_clock_mails(session, desk, about, now=now),
        heads_of(session, _told_to_our_own(about)),
        together,
        now,
    )


def _told_to_our_own(deliveries: Iterable[Delivery]) -> set[int]:
    """The cases that a mail to one of our own people is about."""
    return {
        delivery.incident_id
        for delivery in deliveries
        if delivery.incident_id and delivery.kind is not MailKind.COMMUNICATION
    }


def _note_fault(
    composed: Composed, delivery: Delivery, fault: Exception, reference: str = ""
) -> None:
    """Keep why a delivery has no letter; in the log no more of the fault than its type."""
    is_sealed = isinstance(fault, InvalidTag)
    composed.faults[delivery.id] = LetterFault.SEALED if is_sealed else LetterFault.OTHER
    log.error(
        "Delivery %s of incident %s cannot be written, will retry: %s",
        delivery.id,
        reference or delivery.incident_id,
        "its recipient is sealed under another key" if is_sealed else type(fault).__name__,
    )


def _by_id(session: Session, statement: Any) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(statement)}


@dataclass(frozen=True)
class _Writer:
    """Writes the letters of one batch, from what was read for all of them."""

    desk: Desk
    routes: MailRoutes
    incidents: Mapping[int, Incident]
    versions: Mapping[int, NoticeVersion]
    at_second_address: Collection[int]
    clock_mails: ClockMails
    heads: Mapping[int, JournalHead]
    together: Mapping[int, Sequence[Delivery]]
    now: datetime
    _communications: dict[int, CommunicationInMail] = field(default_factory=dict, init=False)

    def write_all(self, deliveries: Iterable[Delivery]) -> Composed:
        """The letter of each, or why it has none."""
        composed = Composed()
        for delivery in deliveries:
            try:
                composed.letters[delivery.id] = self.letter(delivery)
            except DBAPIError:
                raise
            except Exception as fault:
                incident = self.incidents.get(delivery.incident_id or 0)
                reference = incident.reference if incident else ""
                _note_fault(composed, delivery, fault, reference)
        return composed

    def letter(self, delivery: Delivery) -> Letter:
        """The letter of a delivery. Raises InvalidTag where our key does not open it."""
        if delivery.kind is MailKind.CAUGHT_UP:
            return self._after_an_outage(delivery)
        if delivery.incident_id is None:
            return self._about_an_account(delivery)
        incident = self.incidents[delivery.incident_id]
        if delivery.kind is MailKind.COMMUNICATION:
            assert delivery.recipient is not None
            assert delivery.notice_version_id is not None
            person = self.desk.vault.open_json(delivery.recipient.sealed)
            to = person["name"], person["address"]
            told = self._communication(delivery.notice_version_id, incident)
            mail = communication_to(told, name=to[0])
        else:
            return self._to_our_own(delivery, incident)
        key = mail_key(incident.reference, delivery.dedup_key, delivery.queued_at)
        return self._sealed(key, incident.organisation, to, mail.subject, mail.text)

    def _communication(self, version_id: int, incident: Incident) -> CommunicationInMail:
        """Read once for everybody it goes to: each version is of one case."""
        if version_id not in self._communications:
            route = self.routes.of(incident.organisation)
            self._communications[version_id] = communication_of(
                route, incident, self.versions[version_id]
            )
        return self._communications[version_id]

    def _to_our_own(self, delivery: Delivery, incident: Incident) -> Letter:
        """About a case, to one of our people."""
        assert delivery.user is not None
        to = self._mailbox(delivery, delivery.user)
        key = mail_key(incident.reference, delivery.dedup_key, delivery.queued_at)
        locale, head = delivery.user.locale, self.heads[incident.id]
        if delivery.kind in CLOCK_MAILS:
            written = self.clock_mails.letter(delivery, incident)
            text = with_head(written.text, head, locale=locale)
            letter = self._sealed(key, incident.organisation, to, written.subject, text)
            return replace(letter, attachments=written.attachments)
        case = _case_in_mail(self.desk, delivery, incident, self.now)
        mail = mail_to_user(delivery.kind, case, locale=locale)
        text = with_head(mail.text, head, locale=locale)
        return self._sealed(key, incident.organisation, to, mail.subject, text)

    def _after_an_outage(self, delivery: Delivery) -> Letter:
        """About the cases of several deliveries; about one, the mail that it would be itself."""
        assert delivery.user is not None
        key = mail_key(CAUGHT_UP, delivery.dedup_key, delivery.queued_at)
        told = [
            (each, self.incidents[each.incident_id or 0]) for each in self.together[delivery.id]
        ]
        if len(told) == 1:
            letter = self._to_our_own(*told[0])
            domain = self.routes.of(delivery.organisation).sender.rpartition("@")[2]
            return replace(letter, message_id=message_id_for(key, domain))
        locale = delivery.user.locale
        written = self.clock_mails.after_outage(delivery, told)
        heads = [(incident.reference, self.heads[incident.id]) for _, incident in told]
        text = with_heads(written.text, heads, locale=locale)
        to = self._mailbox(delivery, delivery.user)
        return self._sealed(key, delivery.organisation, to, written.subject, text)

    def _about_an_account(self, delivery: Delivery) -> Letter:
        """To one of our people, or to somebody who is none yet."""
        organisation = delivery.organisation
        assert delivery.sealed is not None
        told = self.desk.vault.open_json(delivery.sealed)
        user = delivery.user
        mail = account_mail(
            delivery.kind,
            told,
            organisation=organisation.name if organisation else "",
            timezone=organisation.timezone if organisation else "Europe/Paris",
            locale=user.locale if user else told["locale"],
        )
        to = self._mailbox(delivery, user) if user else (told["name"], told["address"])
        key = mail_key("account", delivery.dedup_key, delivery.queued_at)
        return self._sealed(key, organisation, to, mail.subject, mail.text)

    def _mailbox(self, delivery: Delivery, user: User) -> tuple[str, str]:
        """Name and address of one of our people: the second one while the first may be read."""
        if delivery.organisation is None:
            is_read = user.id in self.at_second_address
        else:
            is_read = self.routes.of(delivery.organisation).is_compromised
        return user.name, user.second_email if is_read and user.second_email else user.email

    def _sealed(
        self,
        key: str,
        organisation: Organisation | None,
        to: tuple[str, str],
        subject: str,
        text: str,
    ) -> Letter:
        route = self.routes.of(organisation)
        return Letter(
            message_id=message_id_for(key, route.sender.rpartition("@")[2]),
            sender_name=organisation.name if organisation else "breachdesk",
            sender_address=route.sender,
            recipient_name=to[0],
            recipient_address=to[1],
            subject=subject,
            text=text,
            sent_at=self.now,
            reply_to=route.reply_to,
        )


def _case_in_mail(desk: Desk, delivery: Delivery, incident: Incident, now: datetime) -> CaseInMail:
    kept = delivery.parameters.get("due_at")
    due_at = datetime.fromisoformat(kept) if kept else None
    return CaseInMail(
        reference=incident.reference,
        organisation=incident.organisation.name,
        timezone=incident.organisation.timezone,
        link=desk.case_url(incident.reference),
        # Nothing can be done before a moment that is past.
        due_at=due_at if due_at and due_at > now else None,
    )


def communication_of(
    route: MailRoute, incident: Incident, version: NoticeVersion
) -> CommunicationInMail:
    """A version of a communication with who it comes from; the mail and its preview."""
    organisation = incident.organisation
    reach = (organisation.contact_email, organisation.contact_phone)
    return CommunicationInMail(
        reference=incident.reference,
        organisation=organisation.name,
        sender_address=route.sender,
        contact=", ".join(part for part in reach if part),
        subject=version.subject,
        parts=NoticeParts.from_record(version.parts),
        locale=version.locale,
    )


@dataclass(frozen=True)
class Preview:
    """A mail to one person, exactly as it would leave now."""

    sender: str
    subject: str
    text: str


def preview_communication(
    session: Session, desk: Desk, incident: Incident, version: NoticeVersion, *, name: str = ""
) -> Preview:
    """A communication as one person of that name will read it."""
    route = route_of(session, desk, incident.organisation)
    mail = communication_to(communication_of(route, incident, version), name=name)
    return Preview(route.sender, mail.subject, mail.text)


def body_of(version: NoticeVersion) -> str:
    """The approved text of a version, without the frame that each mail has around it."""
    parts = NoticeParts.from_record(version.parts)
    return approved_body(parts, version.locale)
