"""A report about a colleague, in a real browser: their manager learns nothing, the DPO does."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser

from breachdesk.domain.access import Role
from breachdesk.mail.catcher import MailCatcher, caught_messages
from breachdesk.workers.rounds import do_round
from tests.browser import aside, watched_page
from tests.cases import MONDAY_NINE, address_of, at_desk, make_organisation
from tests.e2e.way import Person

SENDER = "bureau@girandole.example"
STORY = "Paul a copié le fichier des clients sur une clé avant son départ."


@pytest.fixture
def arrive(browser: Browser, live_server: str) -> Iterator:
    """`arrive(role, **options)`: the holder of a role of GIR, signed in, in their own browser."""
    with ExitStack() as stack:

        def somebody(role: Role, **options: object) -> Person:
            person = Person(stack.enter_context(watched_page(browser, **options)), live_server)
            person.sign_in(address_of(role))
            return person

        yield somebody


def told(app: Flask, box: MailCatcher) -> str:
    """Let the worker send; everybody who got mail."""
    aside(do_round, app, app.extensions["desk"], worker="e2e")
    return " ".join(message.to for message in caught_messages(box.folder, SENDER))


def report(reporter: Person) -> str:
    """Report, kept to whom the form proposes; the reference."""
    reporter.follow("Signaler un incident")
    reporter.answer("Que s’est-il passé ?", STORY)
    reporter.page.get_by_text("Réserver ce signalement à quelques personnes").click()
    reporter.choose("Oui, seules les personnes choisies")
    reporter.press_primary()
    found = re.search(r"GIR-\d{4}-[A-Z][A-Z0-9]{4}", reporter.text)
    assert found, reporter.text
    return found[0]


def search(person: Person, words: str) -> str:
    """Search the register; what it says."""
    person.follow("Registre")
    if person.page.locator("#text").count():
        person.answer("Référence ou mots du titre", words)
        person.follow("Chercher")
    return person.text


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_manager_learns_nothing_and_the_dpo_who_is_named_everything(
    app, arrive, mail_box, scripts
):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    lucie = arrive(
        Role.REPORTER, java_script_enabled=scripts, viewport={"width": 390, "height": 844}
    )

    reference = report(lucie)

    assert "Reçu." in lucie.text
    mailed = told(app, mail_box)
    assert address_of(Role.REPORTER) in mailed
    assert address_of(Role.DPO) in mailed
    for role in (Role.MANAGER, Role.HANDLER, Role.DECIDER, Role.AUDITOR, Role.ADMIN):
        assert address_of(role) not in mailed

    paul = arrive(Role.MANAGER, java_script_enabled=scripts)
    assert paul.heading == "À traiter"
    assert "Rien n’attend" in paul.text
    for words in ("Paul", reference, "fichier"):
        assert reference not in search(paul, words)
    paul.go(f"/incidents/{reference}")
    assert paul.heading.startswith("Cette page n’existe pas")

    ines = arrive(Role.DPO, java_script_enabled=scripts)
    assert reference in ines.text
    assert "Restreint" in search(ines, "fichier")
    name_the_decider(ines, reference)
    anne = arrive(Role.DECIDER, java_script_enabled=scripts)
    assert reference in anne.text
    open_to_all(anne, reference)
    assert reference in search(paul, "fichier")


def name_the_decider(dpo: Person, reference: str) -> None:
    """Through the badge of the case."""
    dpo.go(f"/incidents/{reference}")
    dpo.follow("Restreint")
    assert "une personne désignée le voit" in dpo.text
    dpo.choose("Decider GIR")
    dpo.press_primary()
    assert "2 personnes désignées le voient" in dpo.text


def open_to_all(lead: Person, reference: str) -> None:
    """With a reason, on a page that says who will then see it."""
    lead.go(f"/incidents/{reference}/access")
    lead.follow("Ouvrir de nouveau ce dossier")
    assert "Manager GIR" in lead.text
    lead.answer("Pourquoi il n’a plus à être réservé", "L’enquête est close, Paul est hors cause.")
    lead.press_primary()
    assert "Ce dossier est ouvert" in lead.text
