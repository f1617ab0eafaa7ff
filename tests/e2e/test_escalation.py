"""A reminder that nobody reads goes up a step, and one press by somebody stops it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.reminder_plans import DEFAULT_PLAN
from breachdesk.domain.reminders import ReminderCause
from breachdesk.models import Reminder
from tests import cases
from tests.browser import watched_page
from tests.cases import address_of, at_desk
from tests.domain.any_plan import NO_QUIET
from tests.e2e.way import Person, work_once


@pytest.fixture
def reference(app) -> str:
    """An incident noticed five hours ago, in an organisation whose nights are not quiet."""
    then = datetime.now(UTC) - timedelta(hours=5)
    with at_desk(app) as work:
        cases.make_organisation(work, now=then)
        own = cases.organisation(work)
        own.reminder_plan = _without_quiet_hours()
        work.session.commit()
        return cases.open_case(work, now=then)


def _without_quiet_hours() -> dict[str, object]:
    """What we propose, at any hour of the day that this test may run in."""
    return replace(DEFAULT_PLAN, quiet=NO_QUIET).as_record()


def let_patience_pass(app) -> None:
    """Four hours go by: what was to go up is due."""
    with at_desk(app) as work:
        (escalation,) = work.session.scalars(
            select(Reminder).where(
                Reminder.cause == ReminderCause.ESCALATION, Reminder.emitted_at.is_(None)
            )
        )
        escalation.remind_at = datetime.now(UTC) - timedelta(seconds=1)
        work.session.commit()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_left_unread_it_reaches_the_decider_who_says_so(
    browser: Browser, live_server: str, app, mail_box, reference: str
):
    work_once(app)
    let_patience_pass(app)
    work_once(app)
    with watched_page(browser) as page:
        decider = Person(page, live_server)
        decider.sign_in(address_of(Role.DECIDER))
        decider.go(f"/incidents/{reference}/clocks")
        assert "Un rappel attend que quelqu’un dise l’avoir lu" in decider.text
        assert "Escalade, faute de réponse" in decider.text
        # What became of each mail is folded away.
        for fold in decider.page.locator("summary", has_text="Remise à chacun").all():
            fold.click()
        assert "Decider GIR (décideur)" in decider.text
        assert "Retenu ici" in decider.text

        decider.follow("J’ai lu ce rappel")

        assert "l’escalade s’arrête" in decider.text
        assert "attend que quelqu’un" not in decider.text
        assert "Decider GIR, sur ce service" in decider.text
    work_once(app)
    with at_desk(app) as work:
        left = work.session.scalars(
            select(Reminder).where(
                Reminder.cause == ReminderCause.ESCALATION,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        ).all()
        assert left == []
