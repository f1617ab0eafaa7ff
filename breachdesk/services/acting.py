"""Who acts, in which organisation, and what reaches outside on their behalf."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action, Role, demand, is_allowed
from breachdesk.domain.lifecycle import Channel
from breachdesk.mail.mailer import Mailer, MailServer
from breachdesk.mail.name_servers import NameServers
from breachdesk.models import Membership, Organisation, User
from breachdesk.models.vault import FileStore, Vault
from breachdesk.sealing.keys import SealKey, passing_seal
from breachdesk.services.ack_links import AckLinks


@dataclass(frozen=True)
class Acting:
    """A person acting in one organisation, with the roles they hold there."""

    user: User
    organisation: Organisation
    roles: frozenset[Role]

    def may(self, action: Action) -> bool:
        """Whether their roles permit the action."""
        return is_allowed(self.roles, action)

    def demand(self, action: Action) -> None:
        """Raise NotAllowed unless their roles permit the action."""
        demand(self.roles, action)


@dataclass(frozen=True)
class Desk:
    """What the services act with, beside the database; made by `create_app`.

    `mail_server` is None while no SMTP server is configured; `catcher` then takes the
    mail of example organisations, where one runs.
    """

    vault: Vault
    files: FileStore
    mailer: Mailer
    public_url: str
    mail_server: MailServer | None
    mail_sender: str
    connections: int = 4
    largest_upload: int = 20_000_000
    catcher: MailServer | None = None
    # Where the catcher keeps what it takes; it may listen in another process.
    caught_mail: Path | None = None
    # Whom to ask what the DNS says of an organisation's mail.
    name_servers: NameServers = field(default_factory=NameServers)
    # Whether a server that an organisation names may stand in the desk's own network.
    calls_private_network: bool = False
    # Signs the links by which a reminder is confirmed.
    links: AckLinks = field(default_factory=AckLinks)
    # Seals dossiers; and who outside says when, if anybody does.
    seal: SealKey = field(default_factory=passing_seal)
    timestamp_url: str | None = None

    def catches_for(self, organisation: Organisation) -> bool:
        """Whether mail of the organisation that goes no other way is kept here, as pages."""
        return self.mail_server is None and organisation.is_example

    @staticmethod
    def catcher_sender(organisation: Organisation) -> str:
        """The address that mail kept here comes from, in a domain that never exists (RFC 2606)."""
        return f"desk@{organisation.code.lower()}.example"

    def with_catcher(self, host: str, port: int) -> "Desk":
        """The same desk once a mail catcher listens."""
        return replace(self, catcher=MailServer(host, port))

    def case_url(self, reference: str) -> str:
        """The address of a case, for mails."""
        return f"{self.public_url}/incidents/{reference}"

    def acknowledge_url(self, token: str) -> str:
        """The address that a link of `links` opens, for mails."""
        return f"{self.public_url}/acknowledge/{token}"

    @property
    def host(self) -> str:
        """The desk's own name, by which calendars tell its events from others."""
        return urlsplit(self.public_url).hostname or "localhost"


def seats_of(session: Session, user_id: int) -> list[Acting]:
    """Every organisation a person acts in, by name, in one query."""
    rows = session.execute(_seats_query(), {"user_id": user_id}).all()
    roles: dict[int, set[Role]] = {}
    people: dict[int, tuple[User, Organisation]] = {}
    for membership, organisation, user in rows:
        roles.setdefault(organisation.id, set()).add(membership.role)
        people[organisation.id] = (user, organisation)
    return [Acting(*people[key], frozenset(held)) for key, held in roles.items()]


@cache
def _seats_query() -> Any:
    """Built once: every page asks it."""
    return (
        select(Membership, Organisation, User)
        .join(Membership.organisation)
        .join(Membership.user)
        .where(Membership.user_id == bindparam("user_id"), Membership.ended_at.is_(None))
        .order_by(Organisation.name, Organisation.id)
    )


def seats_of_address(session: Session, email: str) -> list[Acting]:
    """The seats of the person with this address; none where nobody active has it."""
    user_id = session.scalar(
        select(User.id).where(User.email == email.strip().lower(), User.is_active)
    )
    return seats_of(session, user_id) if user_id else []


def holders_of_roles(session: Session, organisation_id: int) -> dict[Role, list[int]]:
    """Who holds each role in an organisation: the ids of people who can still sign in."""
    holders: dict[Role, list[int]] = {}
    for role, user_id in session.execute(
        select(Membership.role, Membership.user_id)
        .join(Membership.user)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.is_active,
        )
        .order_by(Membership.user_id)
    ):
        holders.setdefault(role, []).append(user_id)
    return holders


def names_by_role(session: Session, organisation_id: int) -> dict[Role, list[str]]:
    """Who holds each role in an organisation, by name: whom a page says it waits for."""
    names: dict[Role, list[str]] = {}
    for role, name in session.execute(
        select(Membership.role, User.name)
        .join(Membership.user)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.is_active,
        )
        .order_by(User.name, User.id)
    ):
        names.setdefault(role, []).append(name)
    return names


def seat_in(seats: Iterable[Acting], code: str) -> Acting | None:
    """The seat in the organisation of that code, if the person has one."""
    return next((seat for seat in seats if seat.organisation.code == code.upper()), None)


@dataclass(frozen=True)
class Operating:
    """The operator at work on the installation: holds no role in any organisation."""

    user: User

    def demand(self, action: Action) -> None:
        """Raise NotAllowed unless the operator may do it."""
        demand({Role.OPERATOR} if self.user.is_operator else (), action)


@dataclass(frozen=True)
class Stranger:
    """Somebody without an account, who may report to one organisation and nothing else."""

    organisation: Organisation
    channel: Channel = Channel.PUBLIC_FORM
    user: None = None

    def demand(self, action: Action) -> None:
        """Raise NotAllowed unless it is reporting."""
        demand({Role.REPORTER}, action)


def channel_of(by: Acting | Stranger) -> dict[str, Any]:
    """What a journal line says of somebody without an account: how they came, or nothing."""
    return {"channel": by.channel.value} if isinstance(by, Stranger) else {}
