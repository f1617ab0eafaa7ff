"""An organisation's identity provider: its settings, what it publishes, who came through it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.errors import NotFound
from breachdesk.domain.journal import Entry
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.domain.single_sign_on import (
    FOUND_LASTS,
    Discovered,
    ProviderFault,
    checked_issuer,
    discovery_url,
    read_discovery,
    read_keys,
)
from breachdesk.models import ExternalIdentity, IdentityProvider, Organisation, User, UserSession
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.journal import write_journal
from breachdesk.services.provider_requests import fetch_json

LONGEST_CLIENT_ID = 200
LONGEST_SECRET = 500


@dataclass(frozen=True)
class Found:
    """What a provider published at an instant: about itself, and its public keys."""

    about: Discovered
    keys: list[dict[str, Any]]
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is still taken as it was."""
        return now < self.at + FOUND_LASTS

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return {"about": asdict(self.about), "keys": self.keys, "at": self.at.isoformat()}


@dataclass(frozen=True)
class ProviderSettings:
    """What an administrator typed of a provider.

    Args:
        client_secret: empty: the one kept stays, unless it is to be dropped.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    drops_secret: bool = False
    is_enabled: bool = False


def provider_of(session: Session, organisation: Organisation) -> IdentityProvider | None:
    """The identity provider of an organisation, if it has one."""
    return session.scalars(
        select(IdentityProvider).where(IdentityProvider.organisation_id == organisation.id)
    ).first()


def found_of(provider: IdentityProvider) -> Found | None:
    """What a provider published when we last asked; None before we ever did."""
    kept: Mapping[str, Any] = provider.found
    if not kept:
        return None
    return Found(Discovered(**kept["about"]), kept["keys"], datetime.fromisoformat(kept["at"]))


def discover(desk: Desk, issuer: str, *, now: datetime) -> Found:
    """Ask a provider what it publishes. Outside of any transaction: it may take seconds.

    Args:
        issuer: as somebody typed it.

    Raises:
        ProviderFault: with a code for each way in which it cannot be used.
    """
    private_too = desk.calls_private_network
    issuer = checked_issuer(issuer, private_too=private_too)
    document = fetch_json(discovery_url(issuer), private_too=private_too)
    about = read_discovery(document, issuer, private_too=private_too)
    return Found(about, fetch_keys(desk, about), now)


def fetch_keys(desk: Desk, about: Discovered) -> list[dict[str, Any]]:
    """Ask a provider for its public keys. Raises ProviderFault."""
    return read_keys(fetch_json(about.jwks_uri, private_too=desk.calls_private_network))


def keep_found(session: Session, provider_id: int, found: Found) -> None:
    """Keep what a provider published, unless it is another provider by now; and commit."""
    session.execute(
        update(IdentityProvider)
        .where(IdentityProvider.id == provider_id, IdentityProvider.issuer == found.about.issuer)
        .values(found=found.kept()),
        execution_options={"synchronize_session": False},
    )
    session.commit()


def save_provider(
    session: Session,
    desk: Desk,
    settings: ProviderSettings,
    *,
    found: Found | None,
    by: Acting,
    in_hand: UserSession,
    now: datetime,
) -> list[str]:
    """Keep the settings of an organisation's provider; the names of those that changed.

    Another provider, or another client of it, knows people by other names: whoever was
    linked is linked anew by their address. What was tried before says nothing of the new
    settings, so passwords are taken again until somebody came in with them.

    Args:
        found: what it publishes; needed to enable it.
        in_hand: the session that goes on when those through this provider end.

    Raises:
        NotAllowed: their roles do not permit it.
        ProviderFault: a setting cannot be kept; its `field` says which.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    organisation = by.organisation
    session.refresh(organisation, with_for_update=True)
    provider = provider_of(session, organisation)
    issuer = checked_issuer(settings.issuer, private_too=desk.calls_private_network)
    _check_client(settings)
    if settings.is_enabled and (found is None or found.about.issuer != issuer):
        raise ProviderFault("provider_not_asked", field="issuer")
    if provider is None:
        provider = IdentityProvider(
            organisation_id=organisation.id,
            issuer="",
            client_id="",
            is_enabled=False,
            found={},
            changed_at=now,
        )
        session.add(provider)
    changed = _changes(desk, provider, issuer, settings)
    if changed:
        _keep(desk, provider, issuer, settings, changed, now)
        session.flush()
        _carry_out(session, provider, changed, by=by, in_hand=in_hand, now=now)
    if found is not None and found.about.issuer == issuer:
        provider.found = found.kept()
    session.commit()
    return changed


def _check_client(settings: ProviderSettings) -> None:
    for name, longest in (("client_id", LONGEST_CLIENT_ID), ("client_secret", LONGEST_SECRET)):
        text = getattr(settings, name)
        if len(text) > longest:
            raise ProviderFault("text_too_long", field=name, longest=longest)
        # RFC 6749, A.1 and A.2: visible ASCII.
        if not (text.isascii() and text.isprintable()):
            raise ProviderFault("provider_client_form", field=name)
    if not settings.client_id:
        raise ProviderFault("provider_client_missing", field="client_id")


def _changes(
    desk: Desk, provider: IdentityProvider, issuer: str, settings: ProviderSettings
) -> list[str]:
    """The names of the settings that differ from what is kept, in the order of the form."""
    secret = secret_of(desk, provider)
    pairs = {
        "issuer": (provider.issuer, issuer),
        "client_id": (provider.client_id, settings.client_id),
        "client_secret": (secret, _secret_wanted(settings, secret)),
        "is_enabled": (provider.is_enabled, settings.is_enabled),
    }
    return [name for name, (kept, wanted) in pairs.items() if kept != wanted]


def _secret_wanted(settings: ProviderSettings, kept: str) -> str:
    return settings.client_secret or ("" if settings.drops_secret else kept)


def secret_of(desk: Desk, provider: IdentityProvider) -> str:
    """The secret that the desk proves itself with to a provider; empty where it has none."""
    sealed = provider.client_secret
    return desk.vault.open(sealed).decode() if sealed else ""


def _keep(
    desk: Desk,
    provider: IdentityProvider,
    issuer: str,
    settings: ProviderSettings,
    changed: list[str],
    now: datetime,
) -> None:
    secret = _secret_wanted(settings, secret_of(desk, provider))
    if "issuer" in changed:
        provider.found = {}
    provider.issuer, provider.client_id = issuer, settings.client_id
    provider.client_secret = desk.vault.seal(secret.encode()) if secret else None
    provider.is_enabled = settings.is_enabled
    if changed != ["is_enabled"]:
        provider.changed_at = now


def _carry_out(
    session: Session,
    provider: IdentityProvider,
    changed: list[str],
    *,
    by: Acting,
    in_hand: UserSession,
    now: datetime,
) -> None:
    """What follows from a change of settings, in this transaction and in the journal."""
    entry = Entry.IDENTITY_PROVIDER_CHANGED
    is_another = bool({"issuer", "client_id"} & set(changed))
    enabled = "enabled" if provider.is_enabled else "disabled"
    told = [enabled if name == "is_enabled" else name for name in changed]
    write_journal(session, by.organisation, entry, by=by.user, at=now, settings=told)
    if is_another:
        session.execute(delete(ExternalIdentity).where(ExternalIdentity.provider_id == provider.id))
    if is_another or not provider.is_enabled:
        _end_sessions_through(session, by.organisation, but=in_hand, now=now)
    if not by.organisation.takes_local_sign_in:
        take_local_sign_in(session, by, now=now)


def take_local_sign_in(session: Session, by: Acting, *, now: datetime) -> None:
    """Let passwords and passkeys of the desk open the organisation again; does not commit."""
    by.organisation.takes_local_sign_in = True
    by.organisation.break_glass_id = None
    entry = Entry.SIGN_IN_RULE_CHANGED
    write_journal(session, by.organisation, entry, by=by.user, at=now, rules=["local_taken"])


def _end_sessions_through(
    session: Session, organisation: Organisation, *, but: UserSession, now: datetime
) -> None:
    session.execute(
        update(UserSession)
        .where(
            UserSession.method == SignInMethod.SINGLE_SIGN_ON,
            UserSession.organisation_id == organisation.id,
            UserSession.ended_at.is_(None),
            UserSession.id != but.id,
        )
        .values(ended_at=now),
        execution_options={"synchronize_session": "fetch"},
    )


# --- Who came through it ---------------------------------------------------------------------


def count_linked(session: Session, provider: IdentityProvider) -> int:
    """How many people a provider is known to know."""
    query = select(func.count()).where(ExternalIdentity.provider_id == provider.id)
    return session.scalar(query) or 0


def list_linked(session: Session, by: Acting) -> list[ExternalIdentity]:
    """The people linked to the organisation's provider, by name.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    return list(
        session.scalars(
            select(ExternalIdentity)
            .join(IdentityProvider, ExternalIdentity.provider_id == IdentityProvider.id)
            .join(User, ExternalIdentity.user_id == User.id)
            .where(IdentityProvider.organisation_id == by.organisation.id)
            .order_by(User.name, ExternalIdentity.id)
            .options(joinedload(ExternalIdentity.user))
        )
    )


def unlink(session: Session, identity_id: int, *, by: Acting, now: datetime) -> None:
    """Forget who a person is to the provider, end what it opened for them, and commit.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: nobody of this organisation is linked so.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    identity = session.get(ExternalIdentity, identity_id)
    provider = provider_of(session, by.organisation)
    if identity is None or provider is None or identity.provider_id != provider.id:
        raise NotFound("unknown_link")
    write_journal(
        session,
        by.organisation,
        Entry.IDENTITY_PROVIDER_CHANGED,
        by=by.user,
        at=now,
        settings=["person_unlinked"],
        user=identity.user_id,
    )
    session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == identity.user_id,
            UserSession.organisation_id == by.organisation.id,
            UserSession.ended_at.is_(None),
        )
        .values(ended_at=now),
        execution_options={"synchronize_session": "fetch"},
    )
    session.delete(identity)
    session.commit()
