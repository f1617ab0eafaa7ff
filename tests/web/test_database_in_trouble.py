"""When the database is locked or gone: a page that says to come back, and nothing half-written."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, select

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.models import Incident, JournalEntry, base
from tests.cases import MONDAY_NINE, at_desk, make_organisation

REPORT = {"description": "J’ai perdu mon ordinateur", "noticed_at": "2026-03-02T09:30"}


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    """Wait for the lock a moment and not fifteen seconds."""
    monkeypatch.setattr(base, "BUSY_TIMEOUT_MS", 50)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_is_said_with_when_to_come_back(app, as_role, database_url):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        lines = work.session.scalar(select(func.count(JournalEntry.id)))
    handler = as_role(Role.HANDLER)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    refused = handler.post("/organisations/GIR/incidents/new", data=REPORT)
    still_read = handler.get("/organisations/GIR/register")
    other.execute("ROLLBACK")
    other.close()
    taken = handler.post("/organisations/GIR/incidents/new", data=REPORT)

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "Traceback" not in refused.text
    assert still_read.status_code == 200
    assert taken.status_code == 302
    with at_desk(app) as work:
        assert work.session.scalar(select(func.count(Incident.id))) == 1
        assert work.session.scalar(select(func.count(JournalEntry.id))) > lines


def test_a_database_that_is_gone_is_said_with_when_to_come_back(tmp_path: Path):
    # The desk has its keys from before: without, it would not start.
    create_app(load_settings({"BREACHDESK_INSTANCE": str(tmp_path)}))
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path),
            # Nobody listens on this port.
            "BREACHDESK_DATABASE_URL": "postgresql://desk@127.0.0.1:1/desk",
        }
    )
    visitor = create_app(settings).test_client()

    answer = visitor.get("/sign-in")

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "Traceback" not in answer.text
