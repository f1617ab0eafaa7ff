"""An organisation sets its mail account, sees what fails, mends it, and leaves it when stolen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser

from breachdesk.domain.access import Role
from breachdesk.mail.mailer import MailServer
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import User
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.browser import aside, axe, watched_page
from tests.browser import serving as serving_pages
from tests.cases import address_of, at_desk
from tests.e2e.way import Person
from tests.mail.dns_server import serving_dns
from tests.mail.servers import PASSWORD, Sink, check_password, serving

SIGNS_IN = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}
RECORDS = {("gir.example", "TXT"): ['"v=spf1 mx -all"']}


@pytest.fixture
def address(app_without_mail: Flask) -> Iterator[str]:
    """The desk of GIR, which may call servers of this machine, served."""
    app = app_without_mail
    with serving_dns(RECORDS) as (name_servers, _):
        desk = app.extensions["desk"]
        app.extensions["desk"] = replace(
            desk, calls_private_network=True, name_servers=name_servers, mailer=SmtpMailer()
        )
        with at_desk(app) as work:
            cases.make_organisation(work, now=app.extensions["clock"]())
        with serving_pages(app) as served:
            yield served


@pytest.fixture
def admin(app_without_mail: Flask, browser: Browser, address: str) -> Iterator[Person]:
    """The administrator of GIR, at a desk that has no mail server."""
    with watched_page(browser) as page:
        person = Person(page, address)
        person.sign_in(address_of(Role.ADMIN))
        yield person


def fill_account(person: Person, port: int, *, password: str, sender: str) -> None:
    person.answer("Serveur d’envoi", "127.0.0.1")
    person.choose("Aucune protection")
    person.page.fill("#port", str(port))
    person.answer("Nom d’utilisateur", "desk")
    person.page.fill("#password", password)
    person.answer("Adresse d’expédition", sender)
    person.press_primary()


@contextmanager
def beside(sink: Sink) -> Iterator[MailServer]:
    """A mail server that wants a password; its loop may not begin where the browser's runs."""
    with ExitStack() as stack:
        yield aside(stack.enter_context, serving(sink, **SIGNS_IN))
        aside(stack.close)


def work_once(app: Flask) -> None:
    aside(do_round, app, app.extensions["desk"], worker="e2e")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_account_is_set_mended_checked_and_left_when_it_is_stolen(app_without_mail, admin):
    app = app_without_mail
    first, rescue = Sink(), Sink()
    with beside(first) as ours, beside(rescue) as second:
        admin.go("/organisations/GIR/mail")
        assert "Aucun message ne part" in admin.text
        admin.press_primary()
        fill_account(admin, ours.port, password="a wrong one", sender="desk@gir.example")

        assert admin.heading == "Envoi des messages"
        assert "L’essai a échoué : Identification." in admin.text
        assert "535 5.7.8" in admin.text
        assert axe(admin.page) == []

        admin.press_primary()
        assert admin.page.input_value("#password") == ""
        admin.page.fill("#password", PASSWORD)
        admin.press_primary()
        assert "L’essai a réussi." in admin.text

        admin.press_primary()
        assert "v=spf1 mx ip4:127.0.0.1 -all" in admin.text
        admin.follow("Essayer et m’envoyer un message")
        assert "un message est parti à votre adresse" in admin.text
        assert [address for address, _ in first.taken] == [address_of(Role.ADMIN)]

        admin.press_primary()
        assert admin.heading == "Compte de secours"
        fill_account(admin, second.port, password=PASSWORD, sender="rescue@elsewhere.example")
        assert "L’essai a réussi." in admin.text

        _dpo_has_a_second_address(app)
        work_once(app)
        first.taken.clear()
        admin.go("/organisations/GIR/incidents/new")
        admin.answer("Que s’est-il passé", "Notre messagerie a été piratée cette nuit.")
        admin.press_primary()

        admin.go("/organisations/GIR/mail")
        admin.follow("Notre messagerie est compromise")
        assert "par votre compte de secours, depuis rescue@elsewhere.example" in admin.text
        admin.press_primary()
        work_once(app)

    assert "depuis rescue@elsewhere.example" in admin.text
    assert "déclarée compromise" in admin.page.locator("aside.banner").first.inner_text()
    assert first.taken == []
    told = {address for address, _ in rescue.taken}
    assert "ines@elsewhere.example" in told
    assert address_of(Role.DPO) not in told
    assert axe(admin.page) == []


def _dpo_has_a_second_address(app: Flask) -> None:
    with at_desk(app) as work:
        person = work.session.query(User).filter_by(email=address_of(Role.DPO)).one()
        person.second_email = "ines@elsewhere.example"
        work.session.commit()
