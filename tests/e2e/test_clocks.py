"""A clock beside the main one, in a real browser: started, stopped; another one late."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from breachdesk.domain.access import Role
from tests import cases
from tests.browser import axe, watched_page
from tests.cases import address_of, at_desk
from tests.e2e.way import Person

PARIS = ZoneInfo("Europe/Paris")
LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture
def reference(app) -> str:
    """Ransomware, noticed four days ago."""
    then = datetime.now(UTC) - timedelta(hours=96)
    with at_desk(app) as work:
        cases.make_organisation(work, now=then)
        made = cases.open_case(work, now=then)
        cases.know(work, made, now=then, vector="ransomware")
        return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_complaint_is_started_late_explained_and_stopped(
    browser: Browser, live_server: str, reference: str
):
    with ExitStack() as stack:
        handler = Person(stack.enter_context(watched_page(browser)), live_server)
        handler.sign_in(address_of(Role.HANDLER))
        handler.go(f"/incidents/{reference}")
        assert "Un délai à examiner" in handler.text

        # Start it, from the time proposed: the attack was known four days ago.
        handler.follow("Un délai à examiner")
        assert "Dépôt de plainte pour l’assurance" in handler.text
        handler.press_primary()
        assert handler.heading == "Démarrer un délai : Dépôt de plainte pour l’assurance"
        handler.press_primary()
        assert "En retard de 24 h 0" in handler.text

        # It turns out to have been known later: fifty hours ago it is not late.
        handler.follow("Corriger le départ")
        known = datetime.now(PARIS) - timedelta(hours=50)
        handler.page.fill("#started_at", known.strftime(LOCAL))
        handler.answer("Pourquoi le départ change", "Le chiffrement a été vu lundi seulement.")
        handler.press_primary()
        assert "Il reste 21 h 5" in handler.text or "Il reste 22 h 00" in handler.text

        # Nobody says that it is done without saying so; then it stops, in time.
        handler.follow("C’est fait, ou pas dû")
        handler.press_primary()
        assert "Choisissez une réponse." in handler.text
        handler.choose("C’est fait")
        handler.answer("Ce qui a été fait", "Plainte n° 2026-118.")
        handler.press_primary()
        assert "Fait dans le délai" in handler.text
        assert "Plainte n° 2026-118." in handler.text
        assert handler.page.locator("[data-due]").count() == 2, "the main clock, twice: it runs on"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_a_phone_what_runs_comes_first_and_what_is_over_is_folded(
    app, browser: Browser, live_server: str, reference: str
):
    """Four clocks run, one is over and one refused: still three screens and one button."""
    now = datetime.now(UTC)
    with at_desk(app) as work:
        for regime in ("nis2_early_warning", "nis2_notification", "insurance_complaint"):
            cases.start_clock(work, reference, regime, now=now, started_at=now)
    with ExitStack() as stack:
        phone = {"viewport": {"width": 390, "height": 844}}
        dpo = Person(stack.enter_context(watched_page(browser, **phone)), live_server)
        dpo.sign_in(address_of(Role.DPO))
        dpo.go(f"/incidents/{reference}/clocks")
        dpo.follow("C’est fait, ou pas dû : Alerte précoce NIS 2")
        dpo.choose("C’est fait")
        dpo.page.check("#has_no_number")
        dpo.press_primary()

        # The lines of the ledger and of what is over are there, and not shown.
        assert "Arrêtés ou écartés" in dpo.text
        assert "Fait dans le délai" not in dpo.text
        assert "Message de départ" not in dpo.text.split("Rappels et escalades")[1]
        assert dpo.page.locator("main .button--primary").count() == 1
        assert dpo.page.evaluate("document.documentElement.scrollHeight") < 3.5 * 844
        shown = dpo.page.evaluate("document.documentElement.scrollWidth")
        assert shown == 390, "nothing runs over the edge"

        # By keyboard alone.
        dpo.page.get_by_text("Un délai, et ce qu’il en a été").focus()
        dpo.page.keyboard.press("Enter")
        assert "Fait dans le délai" in dpo.text
        assert axe(dpo.page) == []
