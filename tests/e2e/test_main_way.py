"""From the set-up page to the closed case, in a real browser and through the pages alone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from breachdesk.mail.catcher import MailCatcher, caught_messages
from breachdesk.services.set_up import setup_token
from breachdesk.workers.heartbeat import EmbeddedWorker
from tests.browser import aside, serving, watched_page
from tests.e2e.way import (
    DECIDER,
    DPO,
    LIST_WITH_FAULTS,
    REPORTER,
    Person,
    figure,
    work_once,
)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SENDER = "bureau@girandole.example"


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


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with what people attach."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "alerte de l’hébergeur.txt").write_text("Partage public : sauvegardes/")
    (folder / "accusé.txt").write_text("Notification n° N-2026-000123 reçue.")
    (folder / "clients.csv").write_text(LIST_WITH_FAULTS)
    return folder


def set_up_desk(app: Flask, arrive) -> None:
    token = setup_token(Path(app.instance_path))
    newcomer = arrive()
    newcomer.set_up(token)
    assert newcomer.heading == "Se connecter"
    newcomer.go(f"/setup/{token}")
    assert newcomer.heading.startswith("Cette page n’existe pas")


def letters_to(mail_box: MailCatcher, domain: str) -> list[str]:
    """The addresses in that domain that got mail from the desk."""
    caught = caught_messages(mail_box.folder, SENDER)
    return sorted(re.findall(rf"[^<\s]+@{domain}", " ".join(each.to for each in caught)))


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_breach_goes_from_a_phone_to_a_closed_case(app, arrive, mail_box, files):
    set_up_desk(app, arrive)

    lucie = arrive(REPORTER, **PHONE)
    reference = lucie.open_incident(files / "alerte de l’hébergeur.txt")
    assert "alerte de l’hébergeur.txt" in lucie.text
    assert "<b>était</b>" in lucie.text
    work_once(app)
    assert letters_to(mail_box, "girandole.example").count(REPORTER) == 1

    ines, anne = arrive(DPO), arrive(DECIDER)
    ines.qualify(reference)
    ines.record_facts(reference)
    ines.assess(reference)
    ines.advise(reference)
    anne.decide(reference)
    ines.record_filing(reference, files / "accusé.txt")
    assert "le délai est arrêté" in ines.text
    ines.complete_filing(reference)
    ines.owe_nothing_more(reference)
    ines.draft(reference)
    assert_bad_lines_are_told(ines.add_recipients(reference, files / "clients.csv"))
    anne.approve(reference)
    anne.send(reference)
    assert_counts_change_by_themselves(app, anne)
    assert letters_to(mail_box, "client.example") == [
        "elise.garnier@client.example",
        "noe.vidal@client.example",
        "zoe@client.example",
    ]

    dossier = ines.make_dossier(app, reference, files)
    assert dossier.read_bytes().startswith(b"%PDF-")
    ines.close(reference)
    assert "Plus rien à faire" in ines.text


def assert_bad_lines_are_told(preview: str) -> None:
    assert "3 personnes à ajouter" in preview or "personnes à ajouter 3" in preview
    assert "lignes refusées 2" in preview
    assert "mal.ecrite.client.example" in preview


def assert_counts_change_by_themselves(app: Flask, person: Person) -> None:
    """The page asks again by itself: nobody reloads it."""
    assert figure(person.page, "en attente") == "3"
    person.page.evaluate("window.wasNotReloaded = true")
    work_once(app)
    sent = person.page.locator(".counts > div", has_text="remis au serveur").locator("dd")
    expect(sent).to_have_text("3", timeout=15_000)
    assert figure(person.page, "en attente") == "0"
    assert person.page.evaluate("window.wasNotReloaded")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_way_works_without_scripts(app, arrive, mail_box, files):
    set_up_desk(app, arrive)
    lucie = arrive(REPORTER, java_script_enabled=False, **PHONE)
    reference = lucie.open_incident(files / "alerte de l’hébergeur.txt")
    ines = arrive(DPO, java_script_enabled=False)
    anne = arrive(DECIDER, java_script_enabled=False)

    ines.qualify(reference)
    ines.assess(reference)
    ines.advise(reference)
    anne.decide(reference)
    ines.record_filing(reference, files / "accusé.txt")
    ines.owe_nothing_more(reference)
    ines.draft(reference)
    ines.add_recipients(reference, files / "clients.csv")
    anne.approve(reference)
    anne.send(reference)
    work_once(app)
    anne.follow("Mettre à jour maintenant")
    assert figure(anne.page, "remis au serveur") == "3"
    assert ines.make_dossier(app, reference, files).read_bytes().startswith(b"%PDF-")
    ines.close(reference)

    assert len(letters_to(mail_box, "client.example")) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_example_is_loaded_and_shows_what_would_have_left(app_without_mail, page):
    app = app_without_mail
    token = setup_token(Path(app.instance_path))
    worker = EmbeddedWorker(app, Path(app.instance_path))
    aside(worker.start)
    with serving(app) as address:
        anne = Person(page, address)
        load_example(anne, token)
        reference = anne.open_incident()

        assert "les messages restent ici" in " ".join(page.locator(".banner").inner_text().split())
        wait_for_messages(anne)
        anne.page.get_by_role("link", name=reference).first.click()
        assert reference in anne.text
    aside(worker.stop)


def load_example(person: Person, token: str) -> None:
    """Load it, note the password that is shown once, sign in as the manager."""
    person.go(f"/setup/{token}")
    person.follow("Charger l’exemple")
    password = person.page.locator("#password").inner_text()
    person.page.get_by_role("link", name="Se connecter").click()
    person.answer("Adresse électronique", "anne.delmas@girandole.example")
    person.answer("Mot de passe", password)
    person.press_primary()


def wait_for_messages(person: Person) -> None:
    """The worker beats every two seconds; the page is asked until it has what was sent."""
    for _ in range(20):
        person.follow("Messages")
        if person.page.locator("main table tbody tr").count():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError("The worker sent nothing within ten seconds")
