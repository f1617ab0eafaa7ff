"""Which mail to write about a case, in the reader's language and zone."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.notices import NoticeParts
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.wording import Wording, mails, wording_for
from breachdesk.wording.notices import notice_body
from breachdesk.wording.times import duration, local_time


@dataclass(frozen=True)
class CaseInMail:
    """A case as a mail to one of our own people needs it; `due_at` is None without a clock."""

    reference: str
    organisation: str
    timezone: str
    link: str
    regime: str = PROVISIONAL
    due_at: datetime | None = None


def mail_to_user(kind: MailKind, case: CaseInMail, *, locale: str, now: datetime) -> mails.Mail:
    """The mail of this kind as it is true at `now`.

    A reminder that waited past the deadline, while the mail server was down, says late.
    """
    wording = wording_for(locale)
    content = _content(case, wording, now)
    if kind is MailKind.RECEIPT:
        return mails.receipt(wording, content)
    if kind is MailKind.ALERT:
        return mails.alert(wording, content)
    if kind is MailKind.REPORT_COMPLETED:
        return mails.report_completed(wording, content)
    if kind is MailKind.REPORT_QUESTION:
        return mails.report_question(wording, content)
    if case.due_at is not None and now > case.due_at:
        is_provisional = case.regime == PROVISIONAL
        return (
            mails.late_chase(wording, content) if is_provisional else mails.late(wording, content)
        )
    if kind is MailKind.ESCALATION:
        return mails.escalation(wording, content)
    if kind is MailKind.CHASE or case.regime == PROVISIONAL:
        return mails.chase(wording, content)
    return mails.reminder(wording, content)


def _content(case: CaseInMail, wording: Wording, now: datetime) -> mails.CaseMail:
    due_at = case.due_at
    return mails.CaseMail(
        reference=case.reference,
        organisation=case.organisation,
        link=case.link,
        due_at=local_time(due_at, case.timezone, wording) if due_at else "",
        time_left=duration(due_at - now, wording) if due_at else "",
    )


@dataclass(frozen=True)
class CommunicationInMail:
    """An approved communication, and who it comes from."""

    reference: str
    organisation: str
    sender_address: str
    contact: str
    subject: str
    parts: NoticeParts
    locale: str


def communication_to(communication: CommunicationInMail, *, name: str = "") -> mails.Mail:
    """The whole communication as one person reads it; `name` may be empty."""
    wording = wording_for(communication.locale)
    opening = mails.communication_opening(
        wording, replace(_frame(communication), recipient_name=name)
    )
    return mails.Mail(communication.subject, f"{opening}\n\n{_after_greeting(communication)}")


@lru_cache(maxsize=32)
def _after_greeting(communication: CommunicationInMail) -> str:
    """All but the greeting: the same for everyone, so written once for thousands."""
    wording = wording_for(communication.locale)
    body = notice_body(communication.parts, wording)
    return f"{body}\n\n{mails.communication_closing(wording, _frame(communication))}"


def _frame(communication: CommunicationInMail) -> mails.CommunicationFrame:
    return mails.CommunicationFrame(
        reference=communication.reference,
        organisation=communication.organisation,
        sender_address=communication.sender_address,
        contact=communication.contact,
    )


def approved_body(parts: NoticeParts, locale: str) -> str:
    """The approved text alone, for the dossier."""
    return notice_body(parts, wording_for(locale))
