"""People come, work for two organisations and leave, in a real browser and through the pages."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from breachdesk.domain.access import Role
from breachdesk.mail.catcher import MailCatcher, caught_messages, read_caught
from breachdesk.services.set_up import setup_token
from tests.browser import aside, serving, watched_page
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.e2e.way import DECIDER, Person, work_once
from tests.sample_people import OPERATOR, add_operator, give_second_factor

SENDER = "bureau@girandole.example"
ZOE = "zoe.arnaud@girandole.example"


@pytest.fixture
def arrive(browser: Browser, live_server: str) -> Iterator:
    """`arrive(email, **options)`: somebody with a browser of their own, signed in."""
    with ExitStack() as stack:

        def somebody(email: str = "", **options: object) -> Person:
            page = stack.enter_context(watched_page(browser, **options))
            person = Person(page, live_server)
            if email:
                person.sign_in(email)
            return person

        yield somebody


def path_mailed(app: Flask, box: MailCatcher, address: str) -> str:
    """Let the worker send; the path of the link in the last mail to an address that has one."""
    work_once(app)
    for caught in caught_messages(box.folder, SENDER):
        letter = aside(read_caught, box.folder, SENDER, caught.id)
        found = re.search(r"https?://[^/\s]+(/invitations/\S+)", letter.text)
        if address in caught.to and found:
            return found[1]
    raise AssertionError(f"No invitation was mailed to {address}")


def invite(admin: Person, name: str, email: str, *roles: str) -> None:
    """Ask somebody in, through the menu and the pages."""
    open_menu(admin)
    admin.follow("Personnes et rôles")
    admin.follow("Inviter une personne")
    admin.answer("Nom", name)
    admin.answer("Adresse électronique", email)
    for role in roles:
        admin.page.check(f"[name=roles][value={role}]")
    admin.press_primary()
    assert f"L’invitation part vers {email}" in admin.text
    assert name in admin.text


def open_menu(person: Person) -> None:
    person.page.locator("details.menu--end > summary").click()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_somebody_is_invited_joins_two_organisations_switches_and_leaves(
    app, arrive, mail_box, scripts
):
    arrive().set_up(setup_token(Path(app.instance_path)))
    with at_desk(app) as work:
        make_organisation(work, "VID", now=MONDAY_NINE)
    anne = arrive(DECIDER, java_script_enabled=scripts)
    invite(anne, "Zoé Arnaud", ZOE, "handler", "auditor")

    # Somebody new: the mail, the link, a password of their own, signed in.
    zoe = arrive(java_script_enabled=scripts)
    link = path_mailed(app, mail_box, ZOE)
    zoe.go(link)
    assert zoe.heading == "Rejoindre La Girandole"
    assert "Anne Delmas vous invite" in zoe.text
    zoe.page.fill("#password", PASSWORD)
    zoe.page.fill("#again", PASSWORD)
    zoe.press_primary()
    assert "Vous faites maintenant partie de La Girandole" in zoe.text
    reference = zoe.open_incident()
    arrive_too_late = arrive()
    arrive_too_late.go(link)
    assert arrive_too_late.heading == "Ce lien d’invitation n’ouvre plus rien"

    # A second organisation, as the same person: one click after the sign-in.
    admin = arrive(address_of(Role.ADMIN, "VID"))
    invite(admin, "Zoé A.", ZOE, "dpo")
    zoe.go(path_mailed(app, mail_box, ZOE))
    assert zoe.heading == "Rejoindre Maison VID"
    zoe.press_primary()
    assert "Vous faites maintenant partie de Maison VID" in zoe.text

    # From one to the other in one click, and back to the last one from home.
    switch(zoe, "La Girandole")
    assert reference in zoe.text
    zoe.go("/")
    assert reference in zoe.text
    switch(zoe, "Maison VID")
    assert reference not in zoe.text
    zoe.go("/")
    assert zoe.page.url.endswith("/organisations/VID")

    # Access to the first is taken away; the name stays in its journal.
    open_menu(anne)
    anne.follow("Personnes et rôles")
    anne.follow("Zoé Arnaud")
    anne.follow("Retirer tout accès à l’organisation")
    anne.answer("Pourquoi", "Fin de mission.")
    anne.press_primary()
    assert "Zoé Arnaud n’a plus accès à l’organisation" in anne.text
    open_menu(anne)
    anne.follow("Journal de l’organisation")
    assert "Accès retiré à une personne. Zoé Arnaud Fin de mission." in anne.text
    anne.go(f"/incidents/{reference}/journal")
    assert "Zoé Arnaud" in anne.text
    zoe.go("/organisations/GIR")
    assert zoe.heading.startswith("Cette page n’existe pas")
    zoe.go("/")
    assert zoe.page.url.endswith("/organisations/VID")


def switch(person: Person, name: str) -> None:
    """Choose another organisation in the masthead: the menu, then one click."""
    menu = person.page.locator(".masthead details.menu:not(.menu--end)")
    menu.locator("summary").click()
    with person.page.expect_navigation():
        menu.get_by_role("link", name=name).click()
    expect(menu.locator("summary .menu-name")).to_have_text(name)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_operator_hosts_an_organisation_where_no_mail_leaves(app_without_mail, browser):
    app = app_without_mail
    with at_desk(app) as work:
        add_operator(work, MONDAY_NINE)
    with serving(app) as address, watched_page(browser) as page, watched_page(browser) as other:
        odile = Person(page, address)
        odile.sign_in(OPERATOR)
        assert odile.heading == "Second facteur"
        give_second_factor(app, OPERATOR)
        odile.go("/")
        assert odile.heading == "Installation"
        odile.press_primary()
        odile.answer("Nom de l’organisation", "Olivier & Fils")
        odile.answer("Sigle", "olv")
        odile.answer("Son nom", "Rose Olivier")
        odile.answer("Son adresse électronique", "rose@olivier.example")
        odile.press_primary()
        link = page.locator("#link").inner_text()
        odile.press_primary()
        assert "Olivier & Fils" in odile.text

        rose = Person(other, address)
        rose.go("/" + link.split("/", 3)[3])
        assert "rose@olivier.example" in rose.text
        rose.page.fill("#password", PASSWORD)
        rose.page.fill("#again", PASSWORD)
        rose.press_primary()
        assert other.url.endswith("/organisations/OLV")
        odile.go("/organisations/OLV")
        assert odile.heading.startswith("Cette page n’existe pas")
