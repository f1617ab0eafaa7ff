"""Which way mail goes now: through an organisation's account, the installation's server, or not.

Asked anew for every batch: what is already queued leaves the way that is right by then.
"""

import logging
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.mail_accounts import Way, way_of
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery, MailAccount, Membership, Organisation
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.due_work import read_stopped_since, stopped_columns, stopped_parameters
from breachdesk.services.waiting_mail import WaitingMail, waiting_query

log = logging.getLogger(__name__)

# A `MailAccount`, or a row with its columns.
Account = Any


@dataclass(frozen=True)
class MailRoute:
    """How the mail of one organisation leaves.

    Args:
        server: None where it goes nowhere, or where the account cannot be used.
        sender: the address it comes from.
        reply_to: where answers go; empty: to the sender.
        lane: what is the same for all mail that goes this way, and changes with the way.
        is_compromised: whether the organisation's own mailboxes are not to be trusted.
    """

    way: Way
    server: MailServer | None
    sender: str
    reply_to: str
    lane: Hashable
    is_compromised: bool = False


class MailRoutes:
    """The routes of all organisations, as the accounts stand now."""

    def __init__(
        self,
        desk: Desk,
        accounts: Iterable[Account],
        compromised: Iterable[tuple[int, datetime]],
    ) -> None:
        self._desk = desk
        self._compromised = dict(compromised)
        self._accounts: dict[int, list[Account]] = {}
        for account in accounts:
            self._accounts.setdefault(account.organisation_id, []).append(account)
        self._made: dict[int | None, MailRoute] = {}

    def of(self, organisation: Organisation | None) -> MailRoute:
        """The route of an organisation's mail; None: of the installation's own."""
        key = organisation.id if organisation else None
        if key not in self._made:
            self._made[key] = self._make(organisation)
        return self._made[key]

    def _make(self, organisation: Organisation | None) -> MailRoute:
        desk = self._desk
        if organisation is None:
            way = Way.INSTALLATION if desk.mail_server else Way.NONE
            return MailRoute(way, desk.mail_server, desk.mail_sender, "", way)
        is_compromised = organisation.id in self._compromised
        account = self.account_in_use(organisation.id)
        if account is not None:
            return self._through(account, organisation, is_compromised)
        way = way_of(
            has_first=False,
            has_second=False,
            is_compromised=is_compromised,
            has_installation=desk.mail_server is not None,
            is_caught=desk.catches_for(organisation),
        )
        is_caught = way is Way.CATCHER
        return MailRoute(
            way,
            desk.catcher if is_caught else desk.mail_server,
            desk.catcher_sender(organisation) if is_caught else desk.mail_sender,
            # Whoever stole our mailboxes must not get the answers.
            "" if is_compromised else organisation.contact_email,
            way,
            is_compromised,
        )

    def _through(
        self, account: Account, organisation: Organisation, is_compromised: bool
    ) -> MailRoute:
        contact = "" if is_compromised else organisation.contact_email
        return MailRoute(
            Way.SECOND if account.is_second else Way.FIRST,
            self._server(account),
            account.sender,
            account.reply_to or contact,
            self._lane(account),
            is_compromised,
        )

    def _server(self, account: Account) -> MailServer | None:
        try:
            return server_of(self._desk, account)
        except InvalidTag:
            log.error("The password of mail account %s is sealed under another key", account.id)
            return None

    @staticmethod
    def _lane(account: Account) -> Hashable:
        return ("account", account.id, account.changed_at)

    def account_in_use(self, organisation_id: int) -> Account | None:
        """The account that the organisation's mail goes through, if it has one for now."""
        wanted = organisation_id in self._compromised
        accounts = self._accounts.get(organisation_id, [])
        return next((each for each in accounts if each.is_second is wanted), None)

    def fingerprint(self, organisation_id: int | None) -> Hashable:
        """Changes when mail of an organisation has to go another way, or to other addresses."""
        account = self.account_in_use(organisation_id) if organisation_id else None
        lane = self._lane(account) if account else None
        return lane, organisation_id in self._compromised

    def can_leave(self, closed: Collection[Hashable]) -> ColumnElement[bool]:
        """Which deliveries have a way to go that is not among the closed lanes."""
        in_use = {owner: self.account_in_use(owner) for owner in self._accounts}
        own = {owner: self._lane(account) for owner, account in in_use.items() if account}
        open_ones = [owner for owner, lane in own.items() if lane not in closed]
        parts: list[ColumnElement[bool]] = [Delivery.organisation_id.in_(open_ones)]
        if self._desk.mail_server is not None and Way.INSTALLATION not in closed:
            theirs = Delivery.organisation_id.not_in(own)
            parts.append(or_(Delivery.organisation_id.is_(None), theirs))
        elif self._desk.mail_server is None and self._desk.catcher and Way.CATCHER not in closed:
            examples = select(Organisation.id).where(Organisation.is_example)
            parts.append(
                and_(Delivery.organisation_id.in_(examples), Delivery.organisation_id.not_in(own))
            )
        return or_(false(), *parts)

    def has_other_lanes(self, closed: Collection[Hashable]) -> bool:
        """Whether any mail could leave while these lanes are closed."""
        in_use = [self.account_in_use(owner) for owner in self._accounts]
        lanes: set[Hashable] = {self._lane(account) for account in in_use if account}
        if self._desk.mail_server is not None:
            lanes.add(Way.INSTALLATION)
        elif self._desk.catcher is not None:
            lanes.add(Way.CATCHER)
        return bool(lanes - set(closed))


def server_of(desk: Desk, account: Account) -> MailServer:
    """The server of an account, with its password opened.

    Raises:
        InvalidTag: the password is sealed under another key.
    """
    return MailServer(
        account.host,
        account.port,
        account.username,
        desk.vault.open(account.secret).decode() if account.secret else "",
        account.security,
        reach="private" if desk.calls_private_network else "public",
    )


def read_routes(session: Session, desk: Desk) -> MailRoutes:
    """The routes of all organisations, in one query."""
    rows = session.execute(_all_accounts()).all()
    return MailRoutes(
        desk,
        [row for row in rows if row.id is not None],
        {row.owner: row.compromised_at for row in rows if row.compromised_at}.items(),
    )


@cache
def _all_accounts() -> Any:
    """As rows, not as objects: they outlive the commits of a round."""
    return (
        select(
            Organisation.id.label("owner"),
            Organisation.mail_compromised_at.label("compromised_at"),
            *MailAccount.__table__.columns,
        )
        .outerjoin(MailAccount, MailAccount.organisation_id == Organisation.id)
        .where(or_(MailAccount.id.is_not(None), Organisation.mail_compromised_at.is_not(None)))
    )


def route_of(session: Session, desk: Desk, organisation: Organisation) -> MailRoute:
    """The route of one organisation's mail, in one query."""
    accounts = accounts_of(session, organisation)
    since = organisation.mail_compromised_at
    return MailRoutes(desk, accounts, [(organisation.id, since)] if since else []).of(organisation)


def accounts_of(session: Session, organisation: Organisation) -> list[MailAccount]:
    """The accounts of an organisation, the first one first."""
    return list(
        session.scalars(
            select(MailAccount)
            .where(MailAccount.organisation_id == organisation.id)
            .order_by(MailAccount.is_second)
        )
    )


@dataclass(frozen=True)
class MailStanding:
    """What every page of an organisation says of its mail: its way, and what waits.

    Args:
        stopped_since: since when no worker does what is due; see `domain.work`.
    """

    way: Way
    waiting: WaitingMail
    stopped_since: datetime | None = None


def mail_standing(session: Session, desk: Desk, seat: Acting, *, now: datetime) -> MailStanding:
    """Which way an organisation's mail goes, what waits to leave, and whether it will: one query.

    Mail about cases that the person may not know of is not counted, as in `waiting_mail`.
    """
    organisation = seat.organisation
    asked = {"organisation_id": organisation.id, "user_id": seat.user.id}
    row = session.execute(_standing(), asked | stopped_parameters(now)).one()
    count, since, has_first, has_second = row[:4]
    way = way_of(
        has_first=has_first,
        has_second=has_second,
        is_compromised=organisation.mail_compromised_at is not None,
        has_installation=desk.mail_server is not None,
        is_caught=desk.catches_for(organisation),
    )
    return MailStanding(way, WaitingMail(count, since), read_stopped_since(row, now=now))


@cache
def _standing() -> Any:
    theirs: Any = bindparam("organisation_id")
    return waiting_query().add_columns(
        *(
            select(MailAccount.id)
            .where(MailAccount.organisation_id == theirs, MailAccount.is_second.is_(is_second))
            .exists()
            for is_second in (False, True)
        ),
        *stopped_columns(),
    )


def at_second_address(session: Session, deliveries: Iterable[Delivery]) -> set[int]:
    """The ids of the people to write to at their second address, whatever organisation it is for.

    Of mails that belong to no organisation: whoever sits in one whose mail is stolen may read
    theirs there.
    """
    people = {each.user_id for each in deliveries if each.organisation_id is None and each.user_id}
    if not people:
        return set()
    return set(
        session.scalars(
            select(Membership.user_id)
            .join(Membership.organisation)
            .where(
                Membership.user_id.in_(people),
                Membership.ended_at.is_(None),
                Organisation.mail_compromised_at.is_not(None),
            )
        )
    )
