"""Second factors in a real browser: a passkey on a virtual device, codes read off the page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from breachdesk.domain.access import Role
from tests.browser import axe, serving, watched_page
from tests.cases import address_of, at_desk, make_organisation, organisation
from tests.e2e.way import Person
from tests.people import PASSWORD
from tests.services.factors import code_at

LISTING = "/account/second-factor"
DPO = address_of(Role.DPO)

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Clock:
    """The time of the desk: the wall clock, put forward by hand."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(app: Flask) -> Clock:
    """Put forward by `clock.ahead`: a code by the minute is good once, and nobody waits."""
    app.extensions["clock"] = Clock()
    return app.extensions["clock"]


@pytest.fixture
def address(app: Flask, clock: Clock) -> Iterator[str]:
    """The desk at `localhost`: to an address in figures browsers give no passkey."""
    with at_desk(app) as work:
        make_organisation(work, now=clock())
    with serving(app) as served:
        named = served.replace("127.0.0.1", "localhost")
        app.extensions["desk"] = replace(app.extensions["desk"], public_url=named)
        yield named


@pytest.fixture
def ines(page: Page, address: str) -> Person:
    """The DPO, not signed in yet."""
    return Person(page, address)


def plug_in(page: Page, *, verifies: bool = True) -> tuple[object, str]:
    """Give the browser a device that holds passkeys, and says yes at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]


def press_and_go(person: Person, words: str) -> None:
    """Press the button of a passkey, and wait for where it leads."""
    button = person.page.get_by_role("button", name=words)
    with person.page.expect_navigation(wait_until="load"):
        button.click()


def make_passkey(person: Person, name: str = "Portable d’Inès") -> None:
    person.go(f"{LISTING}/passkeys/new")
    person.answer("Nom de la clé d’accès", name)
    press_and_go(person, "Créer la clé d’accès")


def install_codes(person: Person, clock: Clock) -> str:
    """Set codes by the minute up as one does without a camera; the secret."""
    person.go(LISTING)
    person.follow("Installer une application de codes")
    secret = person.page.locator("#secret").inner_text().replace(" ", "")
    person.answer("Code à six chiffres", code_at(secret, clock()))
    person.press_primary()
    return secret


def sign_out(person: Person) -> None:
    person.page.locator("[data-menu] > summary").last.click()
    person.follow("Se déconnecter")


# --- Passkeys --------------------------------------------------------------------------------


@one_engine
def test_a_passkey_is_made_then_signs_in_alone(ines):
    plug_in(ines.page)
    ines.sign_in(DPO)
    make_passkey(ines)
    assert ines.heading == "Codes de secours"
    ines.go(LISTING)
    assert "Portable d’Inès" in ines.text
    sign_out(ines)

    press_and_go(ines, "Se connecter avec une clé d’accès")

    assert ines.heading == "À traiter"
    ines.go(LISTING)
    assert "Jamais" not in ines.text


@one_engine
def test_a_passkey_follows_the_password(ines):
    plug_in(ines.page)
    ines.sign_in(DPO)
    make_passkey(ines)
    sign_out(ines)

    ines.go("/organisations/GIR/register")
    ines.answer("Adresse électronique", DPO)
    ines.answer("Mot de passe", PASSWORD)
    ines.press_primary()
    assert ines.heading == "Confirmer que c’est vous"
    press_and_go(ines, "Utiliser une clé d’accès")

    assert ines.page.url.endswith("/organisations/GIR/register")


@one_engine
def test_the_same_device_makes_no_second_passkey(ines):
    plug_in(ines.page)
    ines.sign_in(DPO)
    make_passkey(ines)
    ines.go(f"{LISTING}/passkeys/new")
    ines.page.get_by_role("button", name="Créer la clé d’accès").click()

    said = ines.page.locator("[data-passkey] [role=alert]")
    expect(said).to_have_text("Cet appareil a déjà une clé d’accès de votre compte.")


@one_engine
def test_an_owner_who_is_not_verified_is_told_and_not_let_in(ines):
    devtools, device = plug_in(ines.page)
    ines.sign_in(DPO)
    make_passkey(ines)
    sign_out(ines)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})

    ines.page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

    said = ines.page.locator("[data-passkey] [role=alert]")
    expect(said).to_have_text("Aucune clé d’accès n’a été donnée. Réessayez quand vous voulez.")
    assert ines.heading == "Se connecter"


@one_engine
def test_a_removed_passkey_is_refused_in_words(ines):
    plug_in(ines.page)
    ines.sign_in(DPO)
    make_passkey(ines)
    ines.go(LISTING)
    ines.follow("Retirer")
    ines.press_primary()
    assert "La clé d’accès est retirée" in ines.text
    sign_out(ines)

    ines.page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

    said = ines.page.locator("[data-passkey] [role=alert]")
    expect(said).to_contain_text("n’ouvre aucun compte ici")


@one_engine
def test_a_passkey_is_made_by_keyboard_alone(ines):
    plug_in(ines.page)
    ines.sign_in(DPO)
    ines.go(f"{LISTING}/passkeys/new")
    ines.page.locator("#name").focus()
    ines.page.keyboard.press("Control+A")
    ines.page.keyboard.type("Clé du bureau")
    with ines.page.expect_navigation(url="**/recovery-codes", wait_until="load"):
        ines.page.keyboard.press("Enter")

    ines.go(LISTING)
    assert "Clé du bureau" in ines.text


# --- Codes by the minute, and on paper -------------------------------------------------------


@one_engine
def test_codes_read_off_the_page_sign_in(ines, clock):
    ines.sign_in(DPO)
    secret = install_codes(ines, clock)
    sign_out(ines)
    clock.ahead = timedelta(minutes=1)

    ines.sign_in(DPO)
    assert ines.heading == "Confirmer que c’est vous"
    ines.answer("Code à six chiffres", "000000")
    ines.press_primary()
    assert "Ce code ne convient pas" in ines.text
    ines.answer("Code à six chiffres", code_at(secret, clock()))
    ines.press_primary()

    assert ines.heading == "À traiter"


@one_engine
def test_without_scripts_codes_work_all_the_same(browser: Browser, address, clock):
    with watched_page(browser, java_script_enabled=False) as page:
        ines = Person(page, address)
        ines.sign_in(DPO)
        secret = install_codes(ines, clock)
        ines.press_primary()
        code = page.locator("#codes li").first.inner_text()
        sign_out(ines)
        clock.ahead = timedelta(minutes=1)

        ines.sign_in(DPO)
        assert not page.get_by_role("button", name="clé d’accès").is_visible()
        ines.answer("Code à six chiffres", code_at(secret, clock()))
        ines.press_primary()
        assert ines.heading == "À traiter"
        sign_out(ines)

        ines.sign_in(DPO)
        page.locator("details > summary", has_text="Téléphone perdu").click()
        ines.answer("Code de secours", code)
        ines.follow("Utiliser ce code de secours")
        assert "ne vaut plus rien" in ines.text


@one_engine
def test_recovery_codes_are_shown_once_and_open_once(ines, clock):
    ines.sign_in(DPO)
    install_codes(ines, clock)
    assert ines.heading == "Codes de secours"
    ines.press_primary()
    codes = ines.page.locator("#codes li").all_inner_texts()
    assert len(codes) == 10
    assert axe(ines.page) == []
    ines.press_primary()
    assert codes[0] not in ines.page.content()
    sign_out(ines)

    ines.sign_in(DPO)
    ines.page.locator("details > summary", has_text="Téléphone perdu").click()
    ines.answer("Code de secours", codes[0].upper().replace("-", " "))
    ines.follow("Utiliser ce code de secours")

    assert ines.heading == "À traiter"
    ines.go(LISTING)
    assert "9 codes de secours" in ines.text


# --- An organisation demands one -------------------------------------------------------------


@one_engine
def test_where_it_is_demanded_one_step_leads_to_the_next_and_then_on(app, ines, clock):
    with at_desk(app) as work:
        organisation(work).demands_second_factor = True
        work.session.commit()

    ines.go("/organisations/GIR/register")
    ines.answer("Adresse électronique", DPO)
    ines.answer("Mot de passe", PASSWORD)
    ines.press_primary()
    assert ines.heading == "Second facteur"
    assert "Maison GIR demande un second facteur" in ines.text
    assert axe(ines.page) == []

    ines.press_primary()
    secret = ines.page.locator("#secret").inner_text().replace(" ", "")
    ines.answer("Code à six chiffres", code_at(secret, clock()))
    ines.press_primary()
    ines.press_primary()
    ines.press_primary()

    assert ines.page.url.endswith("/organisations/GIR/register")
