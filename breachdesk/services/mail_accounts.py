"""An organisation's own mail accounts: kept, forgotten, and left when they are stolen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import ALLOWED, Action
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.mail_accounts import (
    DETAILS,
    AccountDetails,
    AccountTest,
    Way,
    checked_account,
    checked_password,
)
from breachdesk.domain.mail_domain import Finding
from breachdesk.models import MailAccount, Membership, User
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Acting, Desk, holders_of_roles
from breachdesk.services.journal import write_journal
from breachdesk.services.mail_routes import accounts_of, route_of

# What leads elsewhere with a password that was kept: it must be typed anew.
_WITH_PASSWORD = ("host", "port", "security", "username")


@dataclass(frozen=True)
class DomainCheck:
    """What the DNS said of a sender's domain, and when."""

    at: datetime
    selector: str
    findings: list[Finding]


@dataclass(frozen=True)
class AccountShown:
    """An account as a page may show it: everything but its password."""

    is_second: bool
    details: AccountDetails
    has_password: bool
    test: AccountTest
    tested_at: datetime | None
    domain: DomainCheck | None


@dataclass(frozen=True)
class MailSettings:
    """How an organisation's mail stands.

    Args:
        sender: the address that it comes from now.
        installation_sender: that of the installation's server; empty where there is none.
        without_second_address: how many of its `people` have no second address.
    """

    way: Way
    sender: str
    first: AccountShown | None
    second: AccountShown | None
    installation_sender: str
    compromised_at: datetime | None
    people: int
    without_second_address: int

    def account(self, is_second: bool) -> AccountShown | None:
        """One of the two."""
        return self.second if is_second else self.first


def mail_settings(session: Session, desk: Desk, *, by: Acting) -> MailSettings:
    """How the organisation's mail stands, in three queries.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.DECLARE_MAIL_COMPROMISED)
    organisation = by.organisation
    shown = {each.is_second: _shown(each) for each in accounts_of(session, organisation)}
    route = route_of(session, desk, organisation)
    people, reached = session.execute(
        select(func.count(User.id), func.count(func.nullif(User.second_email, ""))).where(
            User.is_active,
            User.id.in_(
                select(Membership.user_id).where(
                    Membership.organisation_id == organisation.id, Membership.ended_at.is_(None)
                )
            ),
        )
    ).one()
    return MailSettings(
        way=route.way,
        sender=route.sender,
        first=shown.get(False),
        second=shown.get(True),
        installation_sender=desk.mail_sender if desk.mail_server else "",
        compromised_at=organisation.mail_compromised_at,
        people=people,
        without_second_address=people - reached,
    )


def _shown(account: MailAccount) -> AccountShown:
    kept = account.last_test
    domain = kept.get("domain")
    return AccountShown(
        is_second=account.is_second,
        details=AccountDetails(**{name: getattr(account, name) for name in DETAILS}),
        has_password=account.secret is not None,
        test=AccountTest.from_record(kept.get("steps", ())),
        tested_at=account.tested_at,
        domain=DomainCheck(
            datetime.fromisoformat(domain["at"]),
            domain["selector"],
            [Finding.from_record(each) for each in domain["findings"]],
        )
        if domain
        else None,
    )


# --- Kept ------------------------------------------------------------------------------------


def save_mail_account(
    session: Session,
    desk: Desk,
    typed: Mapping[str, str],
    *,
    password: str,
    is_second: bool,
    by: Acting,
    now: datetime,
) -> list[str]:
    """Keep an account; from then on mail goes through it, or will once it is its turn.

    Args:
        typed: `domain.mail_accounts.DETAILS` as text.
        password: empty to keep the one there is, which goes to the same server only.

    Returns:
        The names of what changed.

    Raises:
        NotAllowed: their roles do not permit it.
        InvalidInput: something cannot be kept; its `field` says which.
    """
    by.demand(Action.MANAGE_MAIL)
    _hold(session, by)
    account = _account(session, by, is_second=is_second)
    kept_secret = account.secret if account else None
    details = checked_account(typed, has_password=bool(password or kept_secret))
    changed = _changed(account, details)
    if not details.username:
        secret = None
    elif password:
        secret = desk.vault.seal(checked_password(password).encode())
        changed.append("password")
    else:
        _demand_same_server(changed)
        secret = kept_secret
    if not changed:
        return []
    if account is None:
        account = MailAccount(organisation_id=by.organisation.id, is_second=is_second)
        session.add(account)
    for name, value in asdict(details).items():
        setattr(account, name, value)
    account.secret, account.changed_at = secret, now
    account.last_test, account.tested_at = {}, None
    _tell(session, desk, Entry.MAIL_ACCOUNT_CHANGED, by, now, is_second=is_second, parts=changed)
    session.commit()
    return changed


def _hold(session: Session, by: Acting) -> None:
    """Let those who change an organisation's mail go one by one, each seeing what was before."""
    session.refresh(by.organisation, with_for_update=True)


def _changed(account: MailAccount | None, details: AccountDetails) -> list[str]:
    if account is None:
        return [name for name in DETAILS if getattr(details, name)]
    return [name for name in DETAILS if getattr(account, name) != getattr(details, name)]


def _demand_same_server(changed: list[str]) -> None:
    """Whoever takes over a session must not have a kept password sent to a server of theirs."""
    if any(name in changed for name in _WITH_PASSWORD):
        raise InvalidInput("mail_password_again", field="password")


def remove_mail_account(
    session: Session, desk: Desk, *, is_second: bool, by: Acting, now: datetime
) -> None:
    """Forget an account and its password; mail goes the way that is left.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: there is none.
    """
    by.demand(Action.MANAGE_MAIL)
    _hold(session, by)
    session.delete(account_or_404(session, by, is_second=is_second))
    _tell(session, desk, Entry.MAIL_ACCOUNT_REMOVED, by, now, is_second=is_second)
    session.commit()


def _account(session: Session, by: Acting, *, is_second: bool) -> MailAccount | None:
    return session.scalars(
        select(MailAccount).where(
            MailAccount.organisation_id == by.organisation.id, MailAccount.is_second.is_(is_second)
        )
    ).first()


def account_or_404(session: Session, by: Acting, *, is_second: bool) -> MailAccount:
    """One of the organisation's two accounts. Raises NotFound where there is none."""
    account = _account(session, by, is_second=is_second)
    if account is None:
        raise NotFound("unknown_mail_account")
    return account


# --- Not to be trusted -----------------------------------------------------------------------


def declare_mail_compromised(session: Session, desk: Desk, *, by: Acting, now: datetime) -> bool:
    """Leave our own mail at once, with what is queued; False where that was done already.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.DECLARE_MAIL_COMPROMISED)
    _hold(session, by)
    if by.organisation.mail_compromised_at is not None:
        return False
    by.organisation.mail_compromised_at = now
    _tell(session, desk, Entry.MAIL_COMPROMISED, by, now)
    session.commit()
    return True


def trust_mail_again(session: Session, desk: Desk, *, by: Acting, now: datetime) -> bool:
    """Go back to the usual way; False where nothing was declared.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.DECLARE_MAIL_COMPROMISED)
    _hold(session, by)
    if by.organisation.mail_compromised_at is None:
        return False
    by.organisation.mail_compromised_at = None
    _tell(session, desk, Entry.MAIL_TRUSTED_AGAIN, by, now)
    session.commit()
    return True


def _tell(
    session: Session,
    desk: Desk,
    entry: Entry,
    by: Acting,
    now: datetime,
    *,
    is_second: bool | None = None,
    parts: list[str] | None = None,
) -> None:
    """Write a change into the journal, and to whoever else answers for the mail."""
    parameters: dict[str, Any] = {}
    if is_second is not None:
        parameters["account"] = "second" if is_second else "first"
    if parts:
        parameters["parts"] = parts
    line = write_journal(session, by.organisation, entry, by=by.user, at=now, **parameters)
    holders = holders_of_roles(session, by.organisation.id)
    concerned = ALLOWED[Action.DECLARE_MAIL_COMPROMISED]
    others = {each for role in concerned for each in holders.get(role, [])} - {by.user.id}
    for user in session.scalars(select(User).where(User.id.in_(others)).order_by(User.id)):
        queue_account_mail(
            session,
            desk,
            MailKind.ACCOUNT_NOTICE,
            key=f"{entry.value}:{by.organisation.id}:{line.sequence}:{user.id}",
            now=now,
            organisation=by.organisation,
            to=user,
            change=entry.value,
            inviter=by.user.name,
        )
