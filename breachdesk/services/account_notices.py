"""Telling somebody what happened to their account."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.throttling import Attempt
from breachdesk.models import Organisation, Throttle, User
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Desk, seats_of
from breachdesk.services.tokens import new_token


def tell_owner(session: Session, desk: Desk, user: User, change: str, *, now: datetime) -> None:
    """Queue a mail that says what changed in somebody's account; does not commit.

    Args:
        change: a key of `wording.account_mails.CHANGES`.
    """
    queue_account_mail(
        session,
        desk,
        MailKind.ACCOUNT_NOTICE,
        key=f"{change}:{user.id}:{new_token()}",
        now=now,
        organisation=organisation_that_writes_to(session, desk, user.id),
        to=user,
        change=change,
    )


def tell_nobody(
    session: Session, desk: Desk, attempt: Attempt, whom: str, *, now: datetime, writes: int = 1
) -> None:
    """Take as long as telling somebody takes; does not commit.

    Where nobody has an address, the answer must come neither sooner nor later. What is
    written, as often, is the row of the attempt just counted, as it stands.
    """
    organisation_that_writes_to(session, desk, 0)
    desk.vault.seal_json({"change": "", "until": now.isoformat()})
    row = (Throttle.kind == attempt.value, Throttle.key == desk.vault.index(whom))
    for _ in range(writes):
        session.execute(
            update(Throttle).where(*row).values(count=Throttle.count),
            execution_options={"synchronize_session": False},
        )


def organisation_that_writes_to(session: Session, desk: Desk, user_id: int) -> Organisation | None:
    """Whose mail server carries a mail about an account; None: the installation's.

    The installation's wherever it has one: a link that opens a person's account must not
    pass through a server that one organisation's administrator can read, least of all when
    the person belongs to others too.
    """
    if desk.mail_server is not None:
        return None
    seats = seats_of(session, user_id)
    return seats[0].organisation if len(seats) == 1 else None
