"""Signing in through one's organisation, in a browser: set up, tried, made the only way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from breachdesk.domain.access import Role
from tests.browser import watched_page
from tests.cases import PASSWORD, address_of, at_desk, make_organisation
from tests.e2e.way import Person, work_once
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.services.factors import code_at, enrol_totp, person

NAMES = {Role.ADMIN: "marc", Role.HANDLER: "karim"}

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def provider(app) -> Iterator[Provider]:
    """The provider of GIR, which knows its administrator and somebody who handles cases."""
    made = Provider()
    for role, name in NAMES.items():
        made.add(name, email=address_of(role), email_verified=True)
    with providing(made):
        yield made


@pytest.fixture
def secret(app, live_server: str) -> str:
    """GIR at a desk that may call this machine; the secret of its decider's codes."""
    app.extensions["desk"] = replace(
        app.extensions["desk"], public_url=live_server, calls_private_network=True
    )
    now = datetime.now(UTC)
    with at_desk(app) as work:
        make_organisation(work, now=now)
        # A code serves once: the one of ten minutes ago is used up here.
        return enrol_totp(work, person(work, Role.DECIDER), now=now.replace(year=now.year - 1))


def by_password(page: Page, address: str, role: Role) -> Person:
    """Somebody at the sign-in page, who has typed their password."""
    somebody = Person(page, address)
    somebody.sign_in(address_of(role))
    return somebody


def at_provider(page: Page, role: Role) -> None:
    """Sign in on the provider's own page."""
    assert page.locator("h1").inner_text() == "Connexion de la maison"
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name=NAMES[role]).click()


@one_engine
def test_an_organisation_makes_its_provider_the_only_way_in(
    app, browser, page, live_server, provider, secret, mail_box
):
    admin = by_password(page, live_server, Role.ADMIN)
    _set_up(admin, provider)
    _make_it_the_only_way(admin)

    with watched_page(browser) as other:
        handler = by_password(other, live_server, Role.HANDLER)
        assert handler.heading == "Connectez-vous avec votre organisation"
        handler.go("/organisations/GIR/register")
        assert handler.heading == "Connectez-vous avec votre organisation"
        handler.press_primary()
        at_provider(other, Role.HANDLER)
        assert "Signaler un incident" in handler.text

    with watched_page(browser) as other:
        decider = by_password(other, live_server, Role.DECIDER)
        decider.answer("Code", code_at(secret, datetime.now(UTC)))
        decider.press_primary()
        assert "Signaler un incident" in decider.text

    work_once(app)
    told = [file.read_text(encoding="utf-8") for file in mail_box.folder.rglob("*.eml")]
    assert any("admin@gir.example" in mail and "Decider GIR" in mail for mail in told)


def _set_up(admin: Person, provider: Provider) -> None:
    admin.page.get_by_text("Admin GIR").first.click()
    admin.follow("Règles de connexion")
    admin.follow("Régler le fournisseur")
    admin.answer("Émetteur", provider.issuer + "/wrong")
    admin.answer("Identifiant client", CLIENT_ID)
    admin.answer("Secret du client", CLIENT_SECRET)
    admin.press_primary()
    assert "Le fournisseur répond par une erreur (404)" in admin.text
    admin.answer("Émetteur", provider.issuer)
    admin.answer("Secret du client", CLIENT_SECRET)
    admin.press_primary()
    assert "Le fournisseur d’identité est enregistré." in admin.text
    admin.follow("Modifier ou essayer les réglages")
    admin.follow("Appeler le fournisseur")
    assert "Le fournisseur répond et peut servir" in admin.text


def _make_it_the_only_way(admin: Person) -> None:
    admin.go("/organisations/GIR/sign-in/passwords")
    assert "Vous n’êtes pas entré par le fournisseur" in admin.text
    admin.follow("Me connecter par le fournisseur")
    at_provider(admin.page, Role.ADMIN)
    assert admin.heading == "Refuser les mots de passe"
    admin.choose("Decider GIR")
    admin.press_primary()
    assert "on n’entre plus que par le fournisseur" in admin.text


@one_engine
def test_one_finds_the_way_from_the_sign_in_page_and_may_turn_back(
    app, page, live_server, provider, secret
):
    admin = by_password(page, live_server, Role.ADMIN)
    _set_up(admin, provider)
    page.context.clear_cookies()

    admin.go("/sign-in")
    admin.follow("Se connecter avec mon organisation")
    admin.answer("Sigle", "zzz")
    admin.press_primary()
    assert "Aucune organisation de ce sigle ne se connecte ainsi" in admin.text
    admin.answer("Sigle", "gir")
    # The page that follows leads on by itself: a form of ours may not redirect there.
    page.locator("main .button--primary").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.get_by_role("button", name="Annuler").click()
    page.wait_for_url(f"{live_server}/**")
    assert admin.heading == "La connexion n’a pas abouti"
    assert "vous avez annulé" in admin.text
    admin.press_primary()
    at_provider(page, Role.HANDLER)
    assert "Signaler un incident" in admin.text
    assert PASSWORD not in page.content()
