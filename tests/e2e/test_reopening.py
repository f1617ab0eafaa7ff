"""A decision not to notify is taken up, in a real browser and through the pages alone."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from breachdesk.domain.access import Role
from tests import cases
from tests.browser import watched_page
from tests.cases import address_of, at_desk
from tests.e2e.way import Person
from tests.encrypted_laptop import WHY, assessed_laptop


@pytest.fixture
def reference(app) -> str:
    """An encrypted laptop, stolen six days ago and assessed: nothing is owed."""
    then = datetime.now(UTC) - timedelta(days=6)
    with at_desk(app) as work:
        cases.make_organisation(work, now=then)
        return assessed_laptop(work, now=then)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_key_of_a_laptop_turns_out_to_be_known(
    browser: Browser, live_server: str, reference: str
):
    with ExitStack() as stack:

        def arrive(role: Role) -> Person:
            person = Person(stack.enter_context(watched_page(browser)), live_server)
            person.sign_in(address_of(role))
            return person

        dpo, decider, handler = (arrive(role) for role in (Role.DPO, Role.DECIDER, Role.HANDLER))
        agree(dpo, decider, reference)
        assert "a arrêté le délai" in decider.text
        learn_of_the_key(handler, reference)
        take_up(dpo, reference)
        assess_again(handler, reference)
        agree(dpo, decider, reference)
        assert "Le délai court jusqu’au dépôt" in decider.text
        assert WHY in decider.text
        assert handler.next_step(reference) == "Préparer la notification à la CNIL"


def agree(dpo: Person, decider: Person, reference: str) -> None:
    """One click to advise as the rules say, one to sign as advised."""
    assert dpo.next_step(reference) == "Avis sur l’évaluation"
    dpo.press_primary()
    assert decider.next_step(reference) == "Décider"
    decider.press_primary()
    assert decider.heading == "La décision signée"


def learn_of_the_key(handler: Person, reference: str) -> None:
    handler.go(f"/incidents/{reference}")
    assert "Établir le dossier" in handler.text
    handler.go(f"/incidents/{reference}/facts/protection")
    handler.page.check("[name=fact-key_compromised][value=yes]")
    handler.press_primary()
    handler.go(f"/incidents/{reference}")
    assert "Reprendre la décision de ne pas notifier" in handler.text
    assert "Changé : Clé compromise." in handler.text


def take_up(dpo: Person, reference: str) -> None:
    """Known for two hours: seventy are left, not the days since the theft."""
    assert dpo.next_step(reference) == "Reprendre la décision de ne pas notifier"
    known = datetime.now(ZoneInfo("Europe/Paris")) - timedelta(hours=2)
    dpo.page.fill("#aware_at", known.strftime("%Y-%m-%dT%H:%M"))
    dpo.answer("Ce qui a changé, et comment vous l’avez appris", WHY)
    dpo.press_primary()
    assert "le délai court de nouveau" in dpo.text
    assert "Il reste 69 h" in dpo.text
    assert "Évaluer de nouveau" in dpo.text


def assess_again(handler: Person, reference: str) -> None:
    assert handler.next_step(reference) == "Évaluation du risque"
    handler.press_primary()
    assert "Risque élevé" in handler.text
    handler.follow("Comparer avec l’évaluation n° 1")
    assert handler.heading == "Ce qui change de l’évaluation n° 1 à la n° 2"
    for said in ("Non, la clé est restée secrète", "Oui, la clé a pu être prise", "inchangé"):
        assert said in handler.text
