"""What a reporter adds to their report, and what the case team asks them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.reporting import LONGEST_MESSAGE
from breachdesk.domain.throttling import Attempt
from breachdesk.models import Incident, ReportMessage
from breachdesk.services.acting import Acting, Desk, Stranger, channel_of
from breachdesk.services.attachments import Upload, keep_attachment
from breachdesk.services.cases import lock_case
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.incidents import ALERTED
from breachdesk.services.journal import write_journal
from breachdesk.services.outside_reports import check_files
from breachdesk.services.standing_in import people_to_tell
from breachdesk.services.throttling import count_attempt, demand_room


def messages_of(session: Session, incident: Incident) -> list[ReportMessage]:
    """The exchange with the reporter, in order, with who wrote each."""
    return list(
        session.scalars(
            select(ReportMessage)
            .where(ReportMessage.incident_id == incident.id)
            .order_by(ReportMessage.id)
            .options(joinedload(ReportMessage.author))
        )
    )


def ask_reporter(
    session: Session, incident: Incident, text: str, *, by: Acting, now: datetime
) -> ReportMessage:
    """Ask the reporter something; one with an account is told by mail that there is a question.

    Raises:
        InvalidInput: nothing asked, or too much.
        WrongStep: the case is closed.
    """
    by.demand(Action.ANSWER_REPORTER)
    lock_case(session, incident)
    _check_open(incident)
    message = _add(session, incident, _checked(text), by=by, is_from_reporter=False, now=now)
    write_journal(session, incident, Entry.REPORTER_ASKED, by=by.user, at=now)
    if incident.opened_by_id is not None and incident.opened_by_id != by.user.id:
        _tell(session, incident, incident.opened_by_id, MailKind.REPORT_QUESTION, message, now)
    session.commit()
    return message


def complete_report(
    session: Session,
    desk: Desk,
    incident: Incident,
    text: str,
    uploads: Sequence[Upload] = (),
    *,
    by: Acting | Stranger,
    now: datetime,
) -> ReportMessage | None:
    """Add what the reporter says, and their files; those who follow the case are told.

    The same words twice in a row are taken once: a tired hand sends twice.

    Returns:
        The message; None where only files came.

    Raises:
        NotFound: the report is somebody else's.
        InvalidInput: nothing said and no file; too much; a file refused.
        TooManyAttempts: without an account, too much in an hour.
        WrongStep: the case is closed.
    """
    by.demand(Action.OPEN_INCIDENT)
    _check_own(incident, by)
    if isinstance(by, Stranger):
        check_files(len(uploads))
        demand_room(session, desk.vault, Attempt.REPORT_ADDITION, str(incident.id), now=now)
    lock_case(session, incident)
    _check_open(incident)
    said = _checked(text, needed=not uploads)
    if not uploads and (again := _said_last(session, incident, said)):
        return again
    message = None
    if said:
        message = _add(session, incident, said, by=by, is_from_reporter=True, now=now)
    for upload in uploads:
        keep_attachment(session, desk, incident, upload, by=by, now=now)
    entry = Entry.REPORT_COMPLETED
    line = write_journal(session, incident, entry, by=by.user, at=now, **channel_of(by))
    _tell_team(session, incident, number=line.sequence, by=by, now=now)
    session.commit()
    if isinstance(by, Stranger):
        whom = str(incident.id)
        count_attempt(session, desk.vault, Attempt.REPORT_ADDITION, whom, now=now)
    return message


def _check_own(incident: Incident, by: Acting | Stranger) -> None:
    """A report is its reporter's alone; the secret has told whose it is without an account."""
    own = by.user.id if by.user else None
    if incident.opened_by_id != own or incident.organisation_id != by.organisation.id:
        raise NotFound("unknown_reference", shown=incident.reference)


def _check_open(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)


def _checked(text: str, *, needed: bool = True) -> str:
    said = text.strip()
    if needed and not said:
        raise InvalidInput("message_missing", field="text")
    if len(said) > LONGEST_MESSAGE:
        raise InvalidInput("text_too_long", field="text", longest=LONGEST_MESSAGE)
    return said


def _said_last(session: Session, incident: Incident, said: str) -> ReportMessage | None:
    last = session.scalars(
        select(ReportMessage)
        .where(ReportMessage.incident_id == incident.id)
        .order_by(ReportMessage.id.desc())
        .limit(1)
    ).first()
    return last if last and last.is_from_reporter and last.text == said else None


def _add(
    session: Session,
    incident: Incident,
    text: str,
    *,
    by: Acting | Stranger,
    is_from_reporter: bool,
    now: datetime,
) -> ReportMessage:
    message = ReportMessage(
        incident_id=incident.id,
        is_from_reporter=is_from_reporter,
        text=text,
        author=by.user,
        at=now,
    )
    session.add(message)
    session.flush()
    return message


def _tell(
    session: Session,
    incident: Incident,
    user_id: int,
    kind: MailKind,
    message: ReportMessage,
    now: datetime,
) -> None:
    key = f"{kind.value}:{message.id}:{user_id}"
    queue_to_user(session, incident, user_id, kind, key=key, now=now)


def _tell_team(
    session: Session, incident: Incident, *, number: int, by: Acting | Stranger, now: datetime
) -> None:
    """Tell those who follow the case, save whoever wrote. `number`: of the journal's line."""
    kind = MailKind.REPORT_COMPLETED
    for user_id in people_to_tell(session, incident, ALERTED, now=now):
        if by.user is None or user_id != by.user.id:
            key = f"{kind.value}:{incident.id}:{number}:{user_id}"
            queue_to_user(session, incident, user_id, kind, key=key, now=now)
