"""The link of a real reminder, and a calendar's address, in a real browser."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from playwright.sync_api import Page
from sqlalchemy import select

from breachdesk import utc_now
from breachdesk.domain.access import Role
from breachdesk.domain.reminders import ReminderCause
from breachdesk.mail.catcher import MailCatcher, caught_messages, read_caught
from breachdesk.models import Acknowledgement, Reminder
from tests.browser import aside
from tests.cases import address_of, at_desk, make_organisation, open_case, qualify
from tests.e2e.way import Person, work_once

SENDER = "bureau@girandole.example"
# Less than a day is left then, and nothing waits for the morning.
AGO = timedelta(hours=50)


@pytest.fixture
def reference(app) -> str:
    """A breach of GIR of two days ago."""
    then = utc_now() - AGO
    with at_desk(app) as work:
        make_organisation(work, now=then)
        reference = open_case(work, now=then)
        qualify(work, reference, now=then)
    return reference


def mailed_to(box: MailCatcher, address: str) -> list:
    """What an address was sent, newest first."""
    return [
        aside(read_caught, box.folder, SENDER, caught.id)
        for caught in caught_messages(box.folder, SENDER)
        if address in caught.to
    ]


def escalations(app: Flask) -> list[Reminder]:
    """What is planned to go up for want of an answer."""
    with at_desk(app) as work:
        planned = select(Reminder).where(
            Reminder.cause == ReminderCause.ESCALATION,
            Reminder.emitted_at.is_(None),
            Reminder.cancelled_at.is_(None),
        )
        return list(work.session.scalars(planned))


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_link_of_a_reminder_leads_to_a_button_that_stops_what_would_go_up(
    app, page: Page, live_server: str, mail_box, reference
):
    work_once(app)
    letters = mailed_to(mail_box, address_of(Role.HANDLER))
    found = [re.search(r"https?://[^/\s]+(/acknowledge/\S+)", each.text) for each in letters]
    path = next(each[1] for each in found if each)
    # The mail of the start carries the plan.
    assert [each.attachments for each in letters if each.attachments] == [(f"{reference}.ics",)]
    assert len(escalations(app)) == 1

    # A scanner of mail opens it first.
    page.context.request.get(f"{live_server}{path}")
    assert len(escalations(app)) == 1

    handler = Person(page, live_server)
    handler.go(path)
    assert reference in handler.text
    assert "Notification à la CNIL" in handler.text
    handler.press_primary()
    assert handler.heading == "C’est noté : vous avez lu ce rappel"
    assert escalations(app) == []
    with at_desk(app) as work:
        made = work.session.scalars(select(Acknowledgement)).one()
        assert made.user.email == address_of(Role.HANDLER)
    handler.follow("Ouvrir le dossier, après connexion")
    assert page.url.startswith(f"{live_server}/sign-in")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_calendar_s_address_is_made_read_and_revoked(app, page: Page, live_server, reference):
    dpo = Person(page, live_server)
    dpo.sign_in(address_of(Role.DPO))
    dpo.go("/account")
    dpo.follow("Mettre les échéances dans mon agenda")
    dpo.press_primary()
    address = page.locator("#link").inner_text()
    read = live_server + re.search(r"/calendar/\S+", address)[0]

    answer = page.context.request.get(read)
    (event,) = Calendar.from_ical(answer.body()).walk("VEVENT")
    assert reference in str(event["summary"])
    assert event.walk("VALARM")

    dpo.press_primary()
    dpo.follow("Révoquer")
    assert "Cette adresse ne sert plus" in dpo.text
    assert page.context.request.get(read).status == 404
