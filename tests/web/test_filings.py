"""What was filed, read again: each filing as it was, what changed, and its files."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.sign_in import PROOF_LASTS
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import plain, queries_of

LATER = MONDAY_NINE + timedelta(hours=3)


@pytest.fixture
def reference(app: Flask) -> str:
    """A breach filed in two phases: what was not known at first became known."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        made = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, made, now=MONDAY_NINE)
        unknown: dict[str, object] = {"n_subjects": None, "n_records": None}
        cases.know(work, made, now=MONDAY_NINE, description="Un partage ouvert.", **unknown)
        cases.file(work, made, now=MONDAY_NINE, kind=NotificationKind.INITIAL)
        cases.know(work, made, now=LATER, n_subjects=1250)
        cases.file(work, made, now=LATER, kind=NotificationKind.FOLLOW_UP)
        cases.know(work, made, now=LATER, system="Stockage en ligne", dates_comment="Onze jours.")
        return made


@pytest.fixture
def handler(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """A handler, signed in."""
    return sign_in(client, address_of(Role.HANDLER))


def test_a_filing_shows_what_it_said_and_what_changed_since_the_one_before(
    handler: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/notification/filings"
    first, second = (plain(handler.get(f"{url}/{number}").text) for number in (1, 2))

    assert "Notification initiale" in first
    assert "Pas encore connu" in first
    assert "Ce qui a changé depuis" not in first
    assert "Ce qui a changé depuis le dépôt n° 1" in second
    assert "1 250" in second
    assert "Depuis ce dépôt" in second
    assert "Onze jours." in second
    # Still not known, and owed.
    assert "Toujours pas connu" in second
    assert "Toujours sans réponse" in second
    assert "Depuis ce dépôt" not in first
    assert handler.get(f"{url}/3").status_code == 404


def test_what_was_withdrawn_owes_nothing_more_and_every_page_says_so(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        cases.file(
            work,
            reference,
            now=LATER,
            kind=NotificationKind.WITHDRAWAL,
            withdrawal_reason="Rien n’a été consulté.",
        )
    page = plain(handler.get(f"/incidents/{reference}/notification/filings/3").text)
    assert "Depuis ce dépôt" not in page
    assert "Notification retirée le" in page
    assert "Notification retirée le" in plain(handler.get(f"/incidents/{reference}").text)


def test_a_filing_is_taken_away_as_pdf_and_as_json(handler: FlaskClient, reference: str) -> None:
    url = f"/incidents/{reference}/notification/filings/2"
    answer = handler.get(f"{url}/notification.json")
    content = json.loads(answer.data)
    assert (content["format"], content["sequence"]) == ("breachdesk-notification/1", 2)
    assert f"{reference}-notification-2.json" in answer.headers["Content-Disposition"]
    pdf = handler.get(f"{url}/notification.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")


def test_the_page_asks_the_database_as_little_for_many_filings(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/notification/filings/1"
    few = queries_of(app, handler, url)
    with at_desk(app) as work:
        for _ in range(3):
            cases.file(work, reference, now=LATER, kind=NotificationKind.FOLLOW_UP)
    assert queries_of(app, handler, url) == few


def test_the_published_schema_can_be_read_by_anyone(app: Flask) -> None:
    with app.test_client().get("/static/schemas/notification-1.json") as answer:
        assert answer.status_code == 200
        assert json.loads(answer.data)["$id"] == "urn:breachdesk:notification:1"


def test_a_filing_is_led_to_from_the_assistant(handler: FlaskClient, reference: str) -> None:
    page = handler.get(f"/incidents/{reference}/notification").text
    for number in (1, 2):
        assert f'href="/incidents/{reference}/notification/filings/{number}"' in page


@pytest.mark.parametrize("name", ["notification.pdf", "notification.json"])
def test_whoever_takes_a_filing_away_proves_again_who_they_are(
    clock, handler: FlaskClient, reference: str, name: str
) -> None:
    for _ in range(int(PROOF_LASTS / timedelta(minutes=10)) + 1):
        clock.now += timedelta(minutes=10)
        handler.get("/account")
    url = f"/incidents/{reference}/notification/filings/1"

    assert handler.get(url).status_code == 200
    answer = handler.get(f"{url}/{name}")

    assert answer.status_code == 302
    assert "/confirm" in answer.location
