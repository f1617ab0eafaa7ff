"""When no worker lives and something is due, every page says so, and what to do."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.work import SILENCE_IS_SAID_AFTER, Runner
from breachdesk.services.workers import beat
from tests.cases import MONDAY_NINE, at_desk, make_organisation, open_case
from tests.sample_people import OPERATOR, add_operator, give_second_factor
from tests.web.reading import plain, queries_of

SAID = "Le travail de fond est arrêté depuis le"


@pytest.fixture
def reference(app):
    """A case whose mails wait."""
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        beat(work.session, "a", Runner.EMBEDDED, MONDAY_NINE)
        return open_case(work, now=MONDAY_NINE)


@pytest.fixture
def pages(reference):
    return [
        "/organisations/GIR",
        "/organisations/GIR/register",
        f"/incidents/{reference}",
        "/account",
    ]


def test_every_page_says_so_to_everybody_with_what_to_do(app, as_role, clock, pages):
    handler = as_role(Role.HANDLER)
    for page in pages:
        assert SAID not in plain(handler.get(page).text), page
    before = [queries_of(app, handler, page) for page in pages]

    clock.now += SILENCE_IS_SAID_AFTER

    for page in pages:
        shown = plain(handler.get(page).text)
        assert SAID + " 02/03/2026" in shown, page
        assert "Prévenez la personne qui tient cette installation." in shown
        assert "python -m" not in shown
    assert [queries_of(app, handler, page) for page in pages] == before


def test_it_is_gone_once_somebody_works(app, as_role, clock, pages):
    handler = as_role(Role.HANDLER)
    clock.now += timedelta(minutes=20)
    assert SAID in plain(handler.get(pages[0]).text)

    with at_desk(app) as work:
        beat(work.session, "b", Runner.EMBEDDED, clock.now)

    for page in pages:
        assert SAID not in plain(handler.get(page).text), page


def test_the_operator_reads_how_to_start_it(app, client, sign_in, clock, reference):
    with at_desk(app) as work:
        add_operator(work, MONDAY_NINE)
    sign_in(client, OPERATOR)
    give_second_factor(app, OPERATOR)
    clock.now += SILENCE_IS_SAID_AFTER

    for page in ("/installation", "/account"):
        shown = plain(client.get(page).text)
        assert SAID in shown
        assert "python -m breachdesk worker" in shown
        assert "python -m breachdesk status" in shown


def test_nobody_who_has_not_signed_in_is_told(client, clock, reference):
    clock.now += timedelta(hours=1)

    assert SAID not in plain(client.get("/sign-in").text)
