"""`status`: for a person and for a program, with an exit code that says which it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.work import Runner
from breachdesk.key_files import instance_keys
from breachdesk.services.workers import beat
from tests.cases import at_desk, make_organisation, open_case

MAIL = {"SMTP_HOST": "mail.example", "SMTP_SENDER": "desk@gir.example"}


@pytest.fixture
def app(database_url, tmp_path):
    return create_app(
        load_settings(
            {
                "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
                "BREACHDESK_DATABASE_URL": database_url,
            }
        )
    )


@pytest.fixture
def status(call, app, database_url):
    return lambda *how, **settings: call("status", *how, DATABASE_URL=database_url, **settings)


def a_worker(app, seen_ago=timedelta(0)):
    with at_desk(app) as work:
        beat(work.session, "desk:1:abc", Runner.EMBEDDED, datetime.now(UTC) - seen_ago)


def test_all_well_ends_with_0(status, app):
    a_worker(app)

    result = status(**MAIL)

    assert result.exit_code == 0, result.output
    assert "All is well." in result.output
    assert "Workers alive: 1" in result.output
    assert "desk:1:abc (embedded): at work since" in result.output


def test_what_needs_a_person_ends_with_1_and_says_what_to_do(status, app):
    a_worker(app, seen_ago=timedelta(hours=3))
    with at_desk(app) as work:
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        make_organisation(work, now=an_hour_ago)
        reference = open_case(work, now=an_hour_ago)

    for_people = status()
    for_programs = status("--json")

    assert for_people.exit_code == for_programs.exit_code == 1
    assert "Workers alive: 0" in for_people.output
    assert "python -m breachdesk worker" in for_people.output
    assert "gone without a word, last seen" in for_people.output
    said = json.loads(for_programs.stdout)
    assert said["troubles"] == ["no_worker", "mail_has_no_way"]
    assert said["workers"][0]["is_alive"] is False
    assert said["backlog"]["deliveries"]["waiting"] > 0
    for output in (for_people.output, for_programs.output):
        assert reference not in output
        assert "@" not in output


def test_what_is_planned_is_counted_and_the_next_is_said(status, app):
    a_worker(app)
    with at_desk(app) as work:
        now = datetime.now(UTC)
        make_organisation(work, now=now)
        open_case(work, now=now)
        work.session.execute(text("UPDATE delivery SET state = 'sent'"))
        work.session.commit()

    for_people, said = status(**MAIL), json.loads(status("--json", **MAIL).stdout)

    reminders = said["backlog"]["reminders"]
    assert reminders["waiting"] > reminders["due"] >= 0
    assert datetime.fromisoformat(reminders["next_at"]) > now
    assert said["backlog"]["jobs"]["next_at"] is None
    ahead = reminders["waiting"] - reminders["due"]
    assert f"{ahead} planned for later, the next in" in for_people.output


def test_work_that_is_due_for_long_is_named_by_kind(status, app):
    a_worker(app)
    with at_desk(app) as work:
        long_ago = datetime.now(UTC) - timedelta(days=30)
        make_organisation(work, now=long_ago)
        open_case(work, now=long_ago)
        work.session.execute(text("UPDATE delivery SET state = 'sent'"))
        work.session.commit()

    said = json.loads(status("--json", **MAIL).stdout)

    assert said["oldest_due"]["kind"] == "reminders"
    assert said["troubles"] == ["work_is_late"]


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE worker"]
)
def test_a_database_that_is_not_ours_ends_with_2(status, app, statement):
    with at_desk(app) as work:
        work.session.execute(text(statement))
        work.session.commit()

    assert status().exit_code == 2


def test_a_database_that_is_away_ends_with_2_and_tells_no_password(call, tmp_path):
    settings = load_settings({"BREACHDESK_INSTANCE": str(tmp_path / "instance")})
    instance_keys(settings)

    result = call("status", "--json", DATABASE_URL="postgresql://desk:hush@127.0.0.1:1/desk")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["status"] == "unknown"
    assert "hush" not in result.output


def test_where_there_is_no_database_none_is_made(call, tmp_path):
    result = call("status")

    assert result.exit_code == 2
    assert "There is no database yet" in result.output
    assert not (tmp_path / "instance" / "breachdesk.db").exists()
