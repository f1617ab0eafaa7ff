"""Filed in phases, taken back, closed; the dossier verified as it came, and one byte later."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from breachdesk.services.set_up import setup_token
from tests.browser import axe, watched_page
from tests.e2e.way import DECIDER, DPO, Person

WHY_WITHDRAWN = "L’enquête montre qu’aucune donnée n’a été consultée."


@pytest.fixture
def arrive(browser: Browser, live_server: str) -> Iterator[Callable[[str], Person]]:
    """`arrive(email)`: somebody with a browser of their own, signed in."""
    with ExitStack() as stack:

        def somebody(email: str) -> Person:
            person = Person(stack.enter_context(watched_page(browser)), live_server)
            if email:
                person.sign_in(email)
            return person

        yield somebody


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_filed_completed_withdrawn_closed_and_verified(app, arrive, tmp_path):
    arrive("").set_up(setup_token(Path(app.instance_path)))
    ines, anne = arrive(DPO), arrive(DECIDER)
    reference = decided_case(ines, anne)
    receipt = tmp_path / "accusé.txt"
    receipt.write_text("Notification n° N-2026-000123 reçue.")

    ines.record_filing(reference, receipt)
    assert "le délai est arrêté" in ines.text
    assert step_five(ines) == "Notifié en cours"
    refused_to_close(ines, reference)
    answer_what_was_open(ines, reference)
    follow_up(ines, reference)
    withdraw(ines, reference)
    ines.go(f"/incidents/{reference}")
    assert step_five(ines) == "Notifié retiré"
    assert "Plus rien n’est à déposer" in ines.text
    assert "Déposé, puis retiré" in ines.text
    assert "Notifié dans le délai" not in ines.text

    dossier = ines.make_dossier(app, reference, tmp_path)
    as_zip = taken_as_zip(ines, reference, tmp_path)
    ines.close(reference)
    assert "Plus rien à faire" in ines.text
    verify(ines, dossier, as_zip, tmp_path)


def decided_case(ines: Person, anne: Person) -> str:
    """A breach to notify of which the number of records is not known; nobody is to be told."""
    reference = ines.open_incident()
    ines.qualify(reference)
    ines.record_facts(reference)
    ines.go(f"/incidents/{reference}/facts/data")
    ines.page.select_option("#sure-n_records", "not_known_yet")
    ines.press_primary()
    ines.assess(reference)
    ines.next_step(reference)
    ines.choose("Oui, notifier la CNIL")
    ines.page.check("[name=communicate][value=none]")
    ines.answer("Votre raison", "Le dossier est resté ouvert neuf jours.")
    ines.press_primary()
    anne.decide(reference)
    return reference


def step_five(person: Person) -> str:
    """What the line of steps says of notifying."""
    return " ".join(person.page.locator(".steps li").nth(4).inner_text().split())


def refused_to_close(ines: Person, reference: str) -> None:
    """What was filed is still to be completed: closing says so, and leads back."""
    ines.go(f"/incidents/{reference}/closing")
    assert "Reste à faire : Compléter la notification à la CNIL" in ines.text
    assert ines.page.locator("main .button--primary").count() == 0
    assert axe(ines.page) == []


def answer_what_was_open(ines: Person, reference: str) -> None:
    """The filing says what is owed; it becomes known."""
    ines.go(f"/incidents/{reference}/notification/filings/1")
    assert "Toujours pas connu" in ines.text
    assert "Nombre approximatif d’enregistrements" in ines.text
    assert axe(ines.page) == []
    ines.go(f"/incidents/{reference}/facts/data")
    ines.page.fill("#fact-n_records", "11 870")
    ines.page.select_option("#sure-n_records", "known")
    ines.press_primary()


def follow_up(ines: Person, reference: str) -> None:
    """What changed since the first filing is read, and filed."""
    ines.go(f"/incidents/{reference}/notification/filings/1")
    assert "Ce que dirait une notification complémentaire" in ines.text
    assert "11 870" in ines.text
    ines.complete_filing(reference)
    assert "Le dépôt est enregistré" in ines.text
    # It left questions of the form unanswered: the case asks for them.
    assert "Compléter la notification à la CNIL" in ines.text
    assert axe(ines.page) == []
    ines.go(f"/incidents/{reference}/notification/filings/2")
    assert "Ce qui a changé depuis le dépôt n° 1" in ines.text
    with ines.page.expect_download() as download:
        ines.page.get_by_role("link", name="Télécharger en JSON").click()
    filed = json.loads(Path(download.value.path()).read_text())
    assert (filed["kind"], filed["sequence"]) == ("follow_up", 2)


def withdraw(ines: Person, reference: str) -> None:
    """Taken back: not without a reason, and nothing typed is lost."""
    ines.go(f"/incidents/{reference}/notification/filing")
    ines.choose("Retrait")
    ines.answer("Numéro de la notification", "N-2026-000123-R")
    ines.press_primary()
    assert "Dites pourquoi la notification est retirée" in ines.text
    assert ines.page.input_value("#number") == "N-2026-000123-R"
    ines.answer("Motif du retrait", WHY_WITHDRAWN)
    ines.press_primary()
    ines.go(f"/incidents/{reference}/notification/filings/3")
    assert WHY_WITHDRAWN in ines.text


def taken_as_zip(ines: Person, reference: str, folder: Path) -> Path:
    """The same dossier as a ZIP."""
    ines.go(f"/incidents/{reference}/dossiers")
    with ines.page.expect_download() as download:
        ines.page.get_by_role("link", name="ZIP").click()
    path = folder / "dossier.zip"
    download.value.save_as(path)
    return path


def verify(ines: Person, dossier: Path, as_zip: Path, folder: Path) -> None:
    """Both files hold; one byte later they do not."""
    with zipfile.ZipFile(as_zip) as archive:
        assert archive.read("dossier.pdf") == dossier.read_bytes()
        assert "notifications/3.json" in archive.namelist()
    for path in (dossier, as_zip):
        check(ines, path)
        assert ines.page.locator("[data-state=done]").count() == 1, ines.text
        assert axe(ines.page) == []
        changed = bytearray(path.read_bytes())
        changed[len(changed) // 2] ^= 1
        altered = folder / f"altered{path.suffix}"
        altered.write_bytes(changed)
        check(ines, altered)
        assert ines.page.locator("[data-state=late]").count() == 1, ines.text
        assert "Ne tient pas" in ines.text


def check(ines: Person, path: Path) -> None:
    """Bring a file to the page that verifies."""
    ines.go("/verify")
    ines.page.set_input_files("#file", path)
    ines.press_primary()
