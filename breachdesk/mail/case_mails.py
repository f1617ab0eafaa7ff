"""Which mail to write about a case, in the reader's language and zone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.dossier_files import JournalHead
from breachdesk.domain.notices import NoticeParts
from breachdesk.wording import mails, wording_for
from breachdesk.wording.notices import notice_body
from breachdesk.wording.times import local_time


@dataclass(frozen=True)
class CaseInMail:
    """A case as a mail to one of our own people needs it; `due_at` is None without a clock."""

    reference: str
    organisation: str
    timezone: str
    link: str
    due_at: datetime | None = None


_TEXTS = {
    MailKind.RECEIPT: mails.receipt,
    MailKind.ALERT: mails.alert,
    MailKind.REPORT_COMPLETED: mails.report_completed,
    MailKind.REPORT_QUESTION: mails.report_question,
}


def mail_to_user(kind: MailKind, case: CaseInMail, *, locale: str) -> mails.Mail:
    """The mail of this kind; those about clocks are `reminder_mails`."""
    wording = wording_for(locale)
    due_at = case.due_at
    content = mails.CaseMail(
        reference=case.reference,
        organisation=case.organisation,
        link=case.link,
        due_at=local_time(due_at, case.timezone, wording) if due_at else "",
    )
    return _TEXTS[kind](wording, content)


def with_head(text: str, head: JournalHead, *, locale: str) -> str:
    """A mail's text with the last line of the case's journal below it.

    Whoever forges the journal later contradicts the mails that have left: `verify --head`.
    """
    return f"{text}\n\n{mails.journal_head(wording_for(locale), head.lines, head.head)}"


def with_heads(text: str, heads: Sequence[tuple[str, JournalHead]], *, locale: str) -> str:
    """A mail's text with the last line of the journal of each of its cases, by reference."""
    told = [(reference, head.lines, head.head) for reference, head in heads]
    return f"{text}\n\n{mails.journal_heads(wording_for(locale), told)}"


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
