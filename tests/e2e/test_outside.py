"""People without an account, in a real browser: they report, come back, declare."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from breachdesk.domain.access import Role
from breachdesk.models import Incident, OutsideReport
from tests import cases, outside
from tests.browser import aside, axe, watched_page
from tests.cases import address_of, at_desk
from tests.e2e.way import Person
from tests.outside import PUBLIC, answer_to, secret_on

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STORY = "Un fichier de clients traîne sur l’imprimante."


@pytest.fixture
def _organisation(app: Flask) -> None:
    """GIR with its people, and its public form open."""

    def make() -> None:
        with at_desk(app) as work:
            now = datetime.now(UTC)
            cases.make_organisation(work, now=now)
            outside.open_form(work, now=now)

    aside(make)


@pytest.fixture
def arrive(browser: Browser, live_server: str, _organisation) -> Iterator:
    """`arrive(**options)`: somebody with a browser of their own."""
    with ExitStack() as stack:
        yield lambda **options: Person(
            stack.enter_context(watched_page(browser, **options)), live_server
        )


def kept(app: Flask) -> tuple[list[str], list[bytes | None]]:
    """The references of all incidents, and what is sealed of their reporters."""

    def read() -> tuple[list[str], list[bytes | None]]:
        with at_desk(app) as work:
            sealed = [row.sealed for row in work.session.query(OutsideReport)]
            return [row.reference for row in work.session.query(Incident)], sealed

    return aside(read)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_somebody_reports_from_a_phone_comes_back_and_is_answered(app, arrive, tmp_path):
    photo = tmp_path / "capture.txt"
    photo.write_text("vu")
    nora = arrive(**PHONE)
    nora.go(f"/report/{PUBLIC}")
    # The browser does a little work instead of asking.
    expect(nora.page.locator("[data-question]")).to_be_hidden()
    assert axe(nora.page) == []

    nora.answer("Que s’est-il passé ?", STORY)
    nora.page.set_input_files("#attachments", photo)
    nora.press_primary()

    assert nora.heading == "C’est signalé. Notez votre référence"
    assert axe(nora.page) == []
    secret = secret_on(nora.page.content())
    (reference,), sealed = kept(app)
    assert sealed == [None]
    assert nora.page.context.cookies() == []

    handler = arrive()
    handler.sign_in(address_of(Role.HANDLER))
    handler.go(f"/incidents/{reference}")
    assert "Signalé sans compte" in handler.text
    handler.follow("Échanges (0)")
    handler.answer("Votre question", "Depuis quand y est-il ?")
    handler.press_primary()

    nora.go("/report/back")
    nora.answer("Votre référence secrète", secret.lower().replace("-", " "))
    nora.press_primary()
    assert axe(nora.page) == []
    assert "Depuis quand y est-il ?" in nora.text
    assert "capture.txt" in nora.text
    assert reference not in nora.text
    nora.answer("Ajouter à votre signalement", "Depuis lundi.")
    nora.press_primary()
    assert "C’est ajouté" in nora.text
    nora.follow("Fermer")
    nora.go("/report/back/open")
    assert nora.heading == "Revenir à un signalement"

    handler.page.reload()
    assert "Depuis lundi." in handler.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_scripts_a_question_is_asked_and_a_wrong_answer_loses_nothing(app, arrive):
    nora = arrive(java_script_enabled=False, **PHONE)
    nora.go(f"/report/{PUBLIC}")
    nora.answer("Que s’est-il passé ?", STORY)
    nora.answer("Votre nom (facultatif)", "Nora")
    nora.answer("Pour montrer que vous n’êtes pas un robot", "une girafe")
    nora.press_primary()
    assert "Ce n’est pas la réponse attendue" in nora.text
    assert nora.page.locator("#description").input_value() == STORY

    asked = " ".join(nora.page.locator("#answer-question").inner_text().split())
    nora.answer("Pour montrer que vous n’êtes pas un robot", answer_to(asked))
    nora.press_primary()

    assert nora.heading == "C’est signalé. Notez votre référence"
    secret = secret_on(nora.page.content())
    references, (sealed,) = kept(app)
    assert len(references) == 1
    assert sealed is not None
    nora.go(f"/report/{PUBLIC}/back")
    nora.answer("Votre référence secrète", secret)
    nora.press_primary()
    assert STORY in nora.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_by_keyboard_alone_the_work_is_waited_for(app, arrive):
    nora = arrive()
    nora.go(f"/report/{PUBLIC}")
    nora.page.locator("#description").focus()
    # Sent at once: the work has hardly begun, and is waited for.
    nora.page.evaluate("document.querySelector('#description').value = 'Vite'")
    with nora.page.expect_navigation():
        nora.page.locator("main .button--primary").press("Enter")

    assert nora.heading == "C’est signalé. Notez votre référence"
    assert len(kept(app)[0]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_processor_declares_once_by_the_link_it_was_given(app, arrive):
    handler = arrive()
    handler.sign_in(address_of(Role.HANDLER))
    handler.go("/organisations/GIR/processor-links")
    handler.answer("Nom du sous-traitant", "Nuage Hébergement")
    handler.press_primary()
    link = handler.page.locator("#link").inner_text()
    path = link[link.index("/declare/") :]

    nuage = arrive(**PHONE)
    nuage.go(path)
    assert axe(nuage.page) == []
    nuage.answer("Que s’est-il passé ?", "Un disque de sauvegarde a été copié.")
    nuage.page.fill("#processor_aware_at", "2026-03-02T05:15")
    nuage.answer("Combien de personnes", "3 412")
    nuage.answer("Qui pouvons-nous joindre chez vous ?", "Nora Petit")
    nuage.answer("À quelle adresse, à quel numéro ?", "nora@nuage.example")
    nuage.press_primary()
    assert nuage.heading == "Déclaration reçue. Gardez cette page"
    assert "lundi 2 mars 2026 à 5 h 15" in nuage.text
    assert axe(nuage.page) == []

    nuage.go(path)
    assert nuage.heading == "Cette déclaration est déjà faite"
    (reference,), _ = kept(app)
    handler.go("/organisations/GIR/processor-links")
    handler.follow(reference)
    assert "Déclaré par Nuage Hébergement" in handler.text
    assert "lundi 2 mars 2026 à 5 h 15" in handler.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_dpo_opens_the_form_and_gets_what_to_put_up(app, arrive, tmp_path: Path):
    dpo = arrive()
    dpo.sign_in(address_of(Role.DPO))
    dpo.go("/organisations/GIR/reporting")
    assert axe(dpo.page) == []
    assert dpo.page.locator("svg.qr-code").is_visible()
    dpo.follow("Fermer ce formulaire")
    dpo.press_primary()
    dpo.choose("Une adresse que personne ne devine")
    dpo.press_primary()

    url = dpo.page.locator("#url").inner_text()

    visitor = arrive()
    visitor.go(url[url.index("/report/") :])
    assert visitor.heading == "Signaler un incident à Maison GIR"
