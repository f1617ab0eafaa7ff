"""Who is told by mail when somebody's roles change: themselves, and who answers for cases."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.people import gained_reading_roles
from breachdesk.models import JournalEntry, Organisation, User
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Desk

Holders = Mapping[Role, Collection[int]]
# Enough of a journal line's hash to name the mails that tell of it.
KEY_HASH = 32


@dataclass(frozen=True)
class RoleChange:
    """What changed for a person in an organisation.

    Args:
        line: of the journal, that tells of it.
        giver: who did it; None for the operator.
    """

    organisation: Organisation
    user: User
    before: Collection[Role]
    after: Collection[Role]
    line: JournalEntry
    giver: User | None


def tell_person(session: Session, desk: Desk, change: RoleChange, *, now: datetime) -> None:
    """Tell a person what they may do now; does not commit."""
    code = "roles_changed" if change.after else "access_ended"
    _queue(session, desk, change, code, change.user, now=now)


def tell_leads(
    session: Session, desk: Desk, change: RoleChange, holders: Holders, *, now: datetime
) -> None:
    """Tell the DPO and the decider that somebody else reads cases now; does not commit.

    An admin reads no case, but could give themselves a role that does.

    Args:
        holders: who held each role before the change.
    """
    if not gained_reading_roles(change.before, change.after):
        return
    leads = {*holders.get(Role.DPO, ()), *holders.get(Role.DECIDER, ())} - {change.user.id}
    for lead in session.scalars(select(User).where(User.id.in_(leads)).order_by(User.id)):
        _queue(session, desk, change, "roles_given", lead, now=now)


def _queue(
    session: Session, desk: Desk, change: RoleChange, code: str, to: User, *, now: datetime
) -> None:
    queue_account_mail(
        session,
        desk,
        MailKind.ACCOUNT_NOTICE,
        key=f"{code}-{change.line.hash[:KEY_HASH]}-{to.id}",
        now=now,
        organisation=change.organisation,
        to=to,
        change=code,
        person=change.user.name,
        inviter=change.giver.name if change.giver else "",
        roles=",".join(role.value for role in Role if role in change.after),
    )
