"""The journal's page: who did what, when and why, and whether the chain holds."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from breachdesk.domain.access import Role
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.forger import by_hand
from tests.web.reading import queries_of

HOSTILE = "<script>alert(1)</script> parce que & voilà"


@pytest.fixture
def reference(app: Flask) -> str:
    """A breach, qualified with a reason that means harm."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
        later = MONDAY_NINE + timedelta(hours=1)
        cases.qualify(work, reference, now=later, reason=HOSTILE)
        return reference


@pytest.fixture
def auditor(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """An auditor, signed in."""
    return sign_in(client, address_of(Role.AUDITOR))


def test_every_line_says_who_what_when_and_why(auditor: FlaskClient, reference: str) -> None:
    page = auditor.get(f"/incidents/{reference}/journal").text.replace("\u202f", " ")
    for said in ("Incident ouvert.", "Handler GIR", "Dpo GIR", "02/03/2026 11:00", "intacte"):
        assert said in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    # The whole hash lies behind its beginning.
    short, whole = re.search(r'title="([0-9a-f]{64})">([0-9a-f]+)<', page).groups()[::-1]
    assert whole.startswith(short)


def test_a_line_altered_in_the_database_is_told(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        changed = "UPDATE journal_entry SET code = 'closed' WHERE code = 'qualified_as_breach'"
        by_hand(work.session, changed)
        work.session.commit()
    page = auditor.get(f"/incidents/{reference}/journal").text
    assert "ne tient plus à partir de la ligne" in page
    assert "intacte" not in page


def test_an_erased_reason_is_told_as_such_and_the_chain_still_holds(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        work.session.execute(text("UPDATE journal_entry SET reason = NULL, reason_salt = NULL"))
        work.session.commit()
    page = auditor.get(f"/incidents/{reference}/journal").text
    assert "raison effacée" in page
    assert "intacte" in page


def test_past_two_hundred_lines_there_are_pages_and_no_more_queries(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/journal"
    # The first look at a case is itself written in its journal.
    auditor.get(url)
    few = queries_of(app, auditor, url)
    with at_desk(app) as work:
        for count in range(200):
            cases.know(work, reference, now=MONDAY_NINE, n_subjects=count)
    page = auditor.get(url).text
    assert page.count('<tr role="row">') == 201
    assert "Page 1 sur 2" in page.replace("\xa0", " ")
    assert "Incident ouvert." not in page
    assert "Incident ouvert." in auditor.get(f"{url}?page=2").text
    assert "Incident ouvert." in auditor.get(f"{url}?page=99").text
    assert queries_of(app, auditor, url) == few
    assert few <= 8


def test_a_reporter_does_not_read_the_journal(app: Flask, client, sign_in, reference: str) -> None:
    reporter = sign_in(client, address_of(Role.REPORTER))
    assert reporter.get(f"/incidents/{reference}/journal").status_code == 403
