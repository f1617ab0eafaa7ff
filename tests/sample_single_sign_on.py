"""Organisations of the sample desk that sign in through a provider: one may, one must."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.single_sign_on import Discovered
from breachdesk.models import ExternalIdentity, IdentityProvider, Passkey, User
from tests import people
from tests.people import Work

MUST = "MER"


def sample_single_sign_on(work: Work, now: datetime) -> None:
    """VID may sign in through its provider, and some have; MER must."""
    _provider(work, "VID", now - timedelta(days=3))
    _provider(work, MUST, now - timedelta(days=3))
    for role in (Role.DPO, Role.HANDLER, Role.ADMIN):
        link_to_provider(work, people.seat(work, role, "VID").user, "VID", now=now)
    must = people.organisation(work, MUST)
    decider = people.seat(work, Role.DECIDER, MUST).user
    work.session.add(
        Passkey(
            user_id=decider.id,
            credential_id=b"decider of mer",
            public_key=b"",
            name="Clé de la direction",
            created_at=now,
        )
    )
    must.takes_local_sign_in, must.break_glass_id = False, decider.id
    work.session.commit()


def _provider(work: Work, code: str, at: datetime) -> None:
    issuer = f"https://connexion.{code.lower()}.example/realms/maison"
    about = Discovered(issuer, f"{issuer}/auth", f"{issuer}/token", f"{issuer}/certs")
    work.session.add(
        IdentityProvider(
            organisation_id=people.organisation(work, code).id,
            issuer=issuer,
            client_id="breachdesk",
            client_secret=work.desk.vault.seal(b"known to nobody"),
            is_enabled=True,
            found={"about": asdict(about), "keys": [], "at": at.isoformat()},
            changed_at=at,
        )
    )
    work.session.flush()


def link_to_provider(work: Work, user: User, code: str, *, now: datetime) -> int:
    """Link somebody to their organisation's provider, which is made if there is none; its id."""
    own = people.organisation(work, code)
    query = select(IdentityProvider).where(IdentityProvider.organisation_id == own.id)
    provider = work.session.scalars(query).first()
    if provider is None:
        _provider(work, code, now)
        provider = work.session.scalars(query).one()
    identity = ExternalIdentity(
        provider_id=provider.id, user_id=user.id, subject=f"{user.id}-there", linked_at=now
    )
    work.session.add(identity)
    work.session.commit()
    return identity.id
