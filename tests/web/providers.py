"""What the tests of single sign-on share: a desk that may call this machine, a way through."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.models import ExternalIdentity, IdentityProvider, JournalEntry, User, UserSession
from breachdesk.services.identity_providers import ProviderSettings, discover, save_provider
from breachdesk.services.journal import chain_of, first_broken_entry, journal_of
from tests import people
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.people import MONDAY_NINE, Work, address_of, at_desk

START = "/sign-in/organisation/GIR"
RULES = "/organisations/GIR/sign-in"
# Names at the provider.
DPO, ADMIN = "ines", "marc"


@pytest.fixture(name="provider")
def provider_fixture(app: Flask, clock) -> Iterator[Provider]:
    """A provider that knows the DPO and the administrator of GIR, and tells the desk's time."""
    app.extensions["desk"] = replace(
        app.extensions["desk"], calls_private_network=True, public_url="http://localhost"
    )
    made = Provider(clock=clock)
    made.add(DPO, email=address_of(Role.DPO), email_verified=True)
    made.add(ADMIN, email=address_of(Role.ADMIN), email_verified=True)
    with providing(made):
        yield made


def settings_of(provider: Provider, **changed: object) -> ProviderSettings:
    """What an administrator types to use a provider."""
    usual = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "is_enabled": True,
    }
    return ProviderSettings(**usual | changed)  # type: ignore[arg-type]


def use_provider(work: Work, provider: Provider, code: str = "GIR", **changed: object) -> None:
    """Let an organisation sign in through a provider, by its administrator."""
    found = discover(work.desk, provider.issuer, now=MONDAY_NINE)
    save_provider(
        work.session,
        work.desk,
        settings_of(provider, **changed),
        found=found,
        by=people.seat(work, Role.ADMIN, code),
        in_hand=UserSession(id=0),
        now=MONDAY_NINE,
    )


def leave(client: FlaskClient, start: str = START) -> str:
    """Leave for the provider; the address there."""
    answer = client.get(start)
    assert answer.status_code == 302, answer.text
    return answer.location


def path_of(address: str) -> str:
    """The path and question of an address, as a test's visitor asks for it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def come(client: FlaskClient, provider: Provider, name: str = DPO, start: str = START):
    """Go through the provider and come back; the desk's answer."""
    return client.get(path_of(provider.sign_in(leave(client, start), name)))


def is_inside(client: FlaskClient, code: str = "GIR") -> bool:
    """Whether the visitor sees an organisation's desk."""
    return client.get(f"/organisations/{code}").status_code == 200


def links(app: Flask) -> list[tuple[str, str]]:
    """Who is linked to a provider, as address and the provider's name for them."""
    with at_desk(app) as work:
        rows = work.session.execute(
            select(User.email, ExternalIdentity.subject)
            .join(ExternalIdentity, ExternalIdentity.user_id == User.id)
            .order_by(User.email)
        )
        return [(email, subject) for email, subject in rows]


def kept_provider(app: Flask) -> dict[str, object]:
    """The columns of the one provider there is."""
    with at_desk(app) as work:
        own = work.session.scalars(select(IdentityProvider)).one()
        return {column.name: getattr(own, column.name) for column in own.__table__.columns}


def lines(app: Flask, *codes: str) -> list[tuple[str | None, dict[str, object]]]:
    """Lines of GIR's journal with these codes: whose, and their parameters."""
    with at_desk(app) as work:
        own = people.organisation(work)
        found = journal_of(work.session, own)
        assert first_broken_entry(found) is None
        assert all(isinstance(line, JournalEntry) and line.chain == chain_of(own) for line in found)
        return [
            (line.actor.email if line.actor else None, line.parameters)
            for line in found
            if line.code in codes
        ]
