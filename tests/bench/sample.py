"""What is measured on: a full case made by the real services, among ten thousand incidents."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from breachdesk import create_app, upgrade_database
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.domain.lifecycle import Stage
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.models import Clock, Incident
from tests.cases import Work, at_desk, full_case, make_organisation, organisation, seat

INCIDENTS = 10_000
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def make_desk_at(instance: Path) -> Flask:
    """A fresh installation on SQLite."""
    settings = load_settings({"BREACHDESK_INSTANCE": str(instance)})
    upgrade_database(settings.database_url)
    return create_app(settings)


def fill(app: Flask) -> str:
    """Fill the desk; return the reference of the full case."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW)
        reference = full_case(work, now=NOW).reference
        _add_incidents(work)
        return reference


def _add_incidents(work: Work) -> None:
    """Ten thousand incidents over three years, each with its clock; written in bulk."""
    own = organisation(work)
    opener = seat(work, Role.REPORTER).user.id
    stages = list(Stage)
    first = 100
    incidents, clocks = [], []
    for number in range(first, first + INCIDENTS):
        opened_at = NOW - timedelta(hours=2.6 * (first + INCIDENTS - number))
        incidents.append(
            {
                "id": number,
                "organisation_id": own.id,
                "reference": f"OLD-{number:06d}",
                "title": f"Incident {number} : courriel envoyé au mauvais destinataire",
                "stage": stages[number % len(stages)],
                "noticed_at": opened_at,
                "opened_at": opened_at,
                "opened_by_id": opener,
            }
        )
        clocks.append(
            {
                "incident_id": number,
                "regime": GDPR_ART_33,
                "rule_version": "bench",
                "is_main": True,
                "started_at": opened_at,
                "due_at": opened_at + timedelta(hours=72),
                "stopped_at": opened_at + timedelta(hours=20) if number % 50 else None,
                "created_at": opened_at,
            }
        )
    work.session.execute(insert(Incident), incidents)
    work.session.execute(insert(Clock), clocks)
    work.session.commit()
