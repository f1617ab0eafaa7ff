"""The command line, as an operator types it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from breachdesk.cli import COMMANDS, demo_scenario
from breachdesk.cli import demo as demo_module
from breachdesk.cli.database import MIGRATIONS
from breachdesk.mail.catcher import MailCatcher

ROOT = Path(__file__).resolve().parents[2]


# --- deadline --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        pytest.param(
            ["2026-11-20T19:00+01:00"],
            ["strict_72h 2026-11-23T19:00+01:00", "reg1182_hours 2026-11-23T20:00+01:00"],
            id="on the hour",
        ),
        pytest.param(
            ["2026-03-27T18:30+01:00"],
            ["strict_72h 2026-03-30T19:30+02:00", "reg1182_hours 2026-03-30T20:00+02:00"],
            id="over the change to summer time",
        ),
        pytest.param(
            ["2026-11-20T18:00Z", "--timezone", "America/Martinique"],
            ["strict_72h 2026-11-23T14:00-04:00", "reg1182_hours 2026-11-23T15:00-04:00"],
            id="in another zone",
        ),
    ],
)
def test_deadline_prints_both_readings_with_their_offset(call, arguments, lines):
    result = call("deadline", *arguments)

    assert (result.exit_code, result.output.splitlines()) == (0, lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["2026-11-20T19:00"], "has no offset", id="naive"),
        pytest.param(["2026-11-20"], "has no offset", id="a day alone"),
        pytest.param(["vendredi"], "is not an ISO 8601 time", id="a word"),
        pytest.param(["2026-13-20T19:00Z"], "is not an ISO 8601 time", id="no such month"),
        pytest.param(["9999-12-31T19:00Z"], "is not an ISO 8601 time", id="the end of time"),
        pytest.param(
            ["2026-11-20T19:00Z", "--timezone", "Europe/Pari"], "no zone Europe/Pari", id="no zone"
        ),
        pytest.param(
            ["2026-11-20T19:00Z", "--timezone", "../../etc/passwd"], "no zone", id="a file"
        ),
    ],
)
def test_deadline_refuses_what_it_cannot_read_and_says_how_to_write_it(call, arguments, said):
    result = call("deadline", *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "Write it like" in result.output


# --- Settings, database, people --------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["worker"],
        ["db", "upgrade"],
        ["create-user", "GIR", "a@b.example", "--name", "A", "--role", "dpo"],
    ],
    ids=lambda command: command[0],
)
def test_all_faults_of_the_settings_are_said_at_once_before_anything_starts(
    call, command, tmp_path
):
    result = call(*command, PORT="http", WEB_WORKERS="0", SMTP_HOST="mail.example", SMTP_HOTS="x")

    assert result.exit_code == 2
    for name in ("BREACHDESK_PORT", "BREACHDESK_WEB_WORKERS", "BREACHDESK_SMTP_HOTS"):
        assert name in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "instance").exists()


def test_the_database_is_brought_up_to_date_once_or_twice(call, empty_database_url):
    for _ in range(2):
        result = call("db", "upgrade", DATABASE_URL=empty_database_url)
        assert (result.exit_code, result.output) == (0, "The database is up to date.\n")

    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM incident")) == 0
    engine.dispose()


def test_models_that_changed_nothing_get_no_migration(call, empty_database_url):
    written = set(MIGRATIONS.rglob("*.py"))

    result = call("db", "revision", "nothing changed", DATABASE_URL=empty_database_url)

    assert result.exit_code == 0, result.output
    assert set(MIGRATIONS.rglob("*.py")) == written


def _create_user(call, url, email="zoe@gir.example", code="gir", role="dpo"):
    return call("create-user", code, email, "--name", "Zoé", "--role", role, DATABASE_URL=url)


def test_a_person_is_added_with_a_password_that_signs_them_in(call, empty_database_url):
    from sqlalchemy.orm import Session

    from breachdesk.models.schema import upgrade_database
    from breachdesk.services.organisations import load_example
    from breachdesk.services.passwords import authenticate
    from tests.cases import MONDAY_NINE, PASSWORD

    missing = _create_user(call, empty_database_url)
    assert (missing.exit_code, missing.output) == (1, "Error: There is no organisation gir.\n")
    upgrade_database(empty_database_url)
    engine = create_engine(empty_database_url)
    with Session(engine) as session:
        load_example(session, password=PASSWORD, now=MONDAY_NINE)

        made = _create_user(call, empty_database_url)

        assert made.exit_code == 0, made.output
        password = made.output.split()[-1]
        assert authenticate(session, "Zoe@gir.example", password).name == "Zoé"
        again = _create_user(call, empty_database_url)
        assert again.exit_code == 1
        assert "zoe@gir.example" in again.output
        assert _create_user(call, empty_database_url, role="boss").exit_code == 2
    engine.dispose()


def test_help_says_enough_of_every_command(call):
    listed = call("--help").output
    for name in COMMANDS:
        result = call(name, "--help")
        assert result.exit_code == 0
        assert len(result.output) > 150
        assert f"  {name} " in listed


# --- demo ------------------------------------------------------------------------------------


def _message_ids(folder: Path) -> Counter[str]:
    lines = (path.read_text().splitlines() for path in folder.rglob("*.eml"))
    return Counter(next(line for line in mail if line.startswith("Message-ID:")) for mail in lines)


def test_the_demonstration_tells_3412_people_once_each(tmp_path):
    out = tmp_path / "out"

    done = subprocess.run(
        [sys.executable, "-m", "breachdesk", "demo", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    summary = json.loads((out / "summary.json").read_text())
    assert summary["deliveries"] == {"sent": 3412}
    ids = _message_ids(out / "mail")
    assert len(ids) == summary["mails"]["distinct"] > 3412
    assert set(ids.values()) == {1}
    (dossier,) = out.glob("*.pdf")
    assert dossier.read_bytes().startswith(b"%PDF-")


def test_the_demonstration_goes_its_way_on_a_given_database(
    call, empty_database_url, tmp_path, monkeypatch
):
    monkeypatch.setattr(demo_scenario, "CUSTOMERS", 120)

    result = call("demo", "--out", str(tmp_path / "out"), "--database-url", empty_database_url)

    assert result.exit_code == 0, result.output
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        count = "SELECT count(*) FROM delivery WHERE state = 'sent' AND recipient_id IS NOT NULL"
        assert connection.scalar(text(count)) == 120
        assert connection.scalar(text("SELECT stage FROM incident")) == "closed"
    engine.dispose()
    assert not list((tmp_path / "out").rglob("*.part"))


def test_the_demonstration_falls_short_when_its_mail_server_refuses(call, tmp_path, monkeypatch):
    refusing = lambda folder: MailCatcher(folder, largest_message=50)  # noqa: E731
    monkeypatch.setattr(demo_module, "make_catcher", refusing)

    result = call("demo", "--out", str(tmp_path / "out"))

    assert result.exit_code == 1
    assert "Mail did not leave" in result.output
    assert not (tmp_path / "out" / "summary.json").exists()


def test_the_demonstration_throws_nothing_away_that_is_not_its_own(call, tmp_path):
    mine = tmp_path / "out" / "photos.zip"
    mine.parent.mkdir()
    mine.write_bytes(b"precious")

    result = call("demo", "--out", str(tmp_path / "out"))

    assert result.exit_code == 2
    assert "photos.zip" in result.output
    assert mine.read_bytes() == b"precious"
