"""A new password by a mail that arrives, sessions seen and ended, a long text that survives."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import IDLE_LIMIT, PROOF_LASTS
from breachdesk.mail.catcher import MailCatcher, caught_messages, read_caught
from tests.browser import axe, serving, watched_page
from tests.cases import PASSWORD, address_of, at_desk, make_organisation
from tests.e2e.way import Person, work_once

DPO = address_of(Role.DPO)
SENDER = "bureau@girandole.example"
NEW = "quatorze prunes vertes"
STORY = (
    "Le serveur de la boutique ne répond plus.\n\n« Vos fichiers sont chiffrés » & <autres>.\n"
    + ("Nous avons coupé le réseau, puis appelé le prestataire. " * 120)
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


class Clock:
    """The time of the desk: the wall clock, put forward by hand."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(app: Flask) -> Clock:
    """Put forward by `clock.ahead`."""
    app.extensions["clock"] = Clock()
    return app.extensions["clock"]


@pytest.fixture
def arrive(app: Flask, clock: Clock, browser: Browser) -> Iterator[Callable[..., Person]]:
    """`arrive()`: somebody at a browser of their own, before the desk of GIR."""
    with at_desk(app) as work:
        make_organisation(work, now=clock())
    with serving(app) as address, ExitStack() as stack:
        app.extensions["desk"] = replace(app.extensions["desk"], public_url=address)

        def somebody(**options: object) -> Person:
            return Person(stack.enter_context(watched_page(browser, **options)), address)

        yield somebody


def mails(app: Flask, mail_box: MailCatcher) -> list[tuple[str, str]]:
    """Subject and text of every mail that left, the newest first."""
    work_once(app)
    folder = mail_box.folder
    return [
        (each.subject, read_caught(folder, SENDER, each.id).text)
        for each in caught_messages(folder, SENDER)
    ]


def sign_in(person: Person, password: str = PASSWORD) -> None:
    person.go("/sign-in")
    person.answer("Adresse électronique", DPO)
    person.page.fill("#password", password)
    person.press_primary()


def test_a_forgotten_password_is_chosen_anew_by_a_mail_that_arrives(app, arrive, mail_box):
    elsewhere, ines = arrive(), arrive()
    sign_in(elsewhere)

    ines.go("/sign-in")
    ines.follow("Mot de passe oublié ?")
    ines.answer("Adresse électronique", DPO)
    ines.press_primary()
    assert ines.heading == "Regardez votre messagerie"
    assert axe(ines.page) == []
    (_, text), *_ = mails(app, mail_box)
    link = re.search(r"http://\S+", text)[0]

    ines.page.goto(link)
    ines.page.fill("#password", "motdepasse1234")
    ines.page.fill("#again", "motdepasse1234")
    ines.press_primary()
    assert "ressemble aux plus courants" in ines.text
    ines.page.fill("#password", NEW)
    ines.page.fill("#again", NEW)
    ines.press_primary()
    assert "Votre mot de passe est changé" in ines.text
    sign_in(ines, NEW)

    assert "Dpo GIR" in ines.page.locator("header").inner_text()
    elsewhere.go("/account")
    assert elsewhere.heading == "Se connecter"
    assert "mot de passe a été changé" in mails(app, mail_box)[0][1]
    ines.page.goto(link)
    assert ines.heading == "Ce lien ne sert plus"


def test_sessions_are_told_apart_and_ended_from_another_browser(arrive):
    phone = arrive(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1")
    ines = arrive()
    for each in (phone, ines):
        sign_in(each)

    ines.go("/account")
    row = ines.page.get_by_role("row").filter(has_text="Safari, iPhone")
    with ines.page.expect_navigation():
        row.get_by_role("button").click()

    assert "Cette session a pris fin" in ines.text
    assert "Safari, iPhone" not in ines.text
    phone.go("/account")
    assert phone.heading == "Se connecter"


def test_a_long_text_survives_a_session_that_runs_out(arrive, clock):
    ines = arrive()
    sign_in(ines)
    ines.follow("Signaler un incident")
    ines.answer("Que s’est-il passé ?", STORY)
    clock.ahead += IDLE_LIMIT + timedelta(minutes=1)

    ines.press_primary()
    assert ines.heading == "Se connecter"
    assert "Ce que vous avez écrit est gardé" in ines.text
    ines.answer("Adresse électronique", DPO)
    ines.page.fill("#password", PASSWORD)
    ines.press_primary()
    assert ines.heading == "Reprendre où vous en étiez"
    assert axe(ines.page) == []
    ines.press_primary()

    reference = re.search(r"GIR-\d{4}-\d{4}", ines.page.locator("main").inner_text())[0]
    ines.go(f"/incidents/{reference}/facts")
    assert " ".join(STORY.split()) in ines.text


def test_whoever_writes_for_long_stays_signed_in(arrive, clock):
    ines = arrive()
    ines.page.clock.install()
    sign_in(ines)
    ines.follow("Signaler un incident")

    for _ in range(3):
        clock.ahead += IDLE_LIMIT - timedelta(minutes=2)
        ines.page.clock.fast_forward("06:00")
        with ines.page.expect_response("**/account/alive") as answer:
            ines.page.locator("#description").press_sequentially("encore une phrase ")
        assert answer.value.status == 204
    ines.press_primary()

    assert re.search(r"GIR-\d{4}-\d{4}", ines.text)


def test_a_delicate_act_asks_again_who_it_is_and_is_carried_out(arrive, clock):
    ines = arrive()
    sign_in(ines)
    while clock.ahead <= PROOF_LASTS:
        clock.ahead += IDLE_LIMIT - timedelta(minutes=2)
        ines.go("/account")
    ines.answer("Seconde adresse électronique", "ines@maison.example")

    ines.press_primary()
    assert ines.heading == "Confirmez que c’est bien vous"
    assert axe(ines.page) == []
    ines.page.fill("#password", PASSWORD)
    ines.press_primary()
    ines.press_primary()

    assert "Votre compte est enregistré" in ines.text
    assert ines.page.input_value("#second_email") == "ines@maison.example"
