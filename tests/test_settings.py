"""The settings: every fault at once, no secret shown, keys made once, README in step."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url

from breachdesk.config import (
    ROWS,
    Settings,
    SettingsError,
    load_settings,
    settings_table_markdown,
)
from breachdesk.key_files import instance_keys
from breachdesk.setting_kinds import PATIENCE_WITH_POSTGRESQL, PROJECT_FOLDER

PATIENCE = "&".join(f"{name}={limit}" for name, limit in PATIENCE_WITH_POSTGRESQL.items())

GOOD_KEY = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd"
OTHER_KEY = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
README = PROJECT_FOLDER / "README.md"


def settings(**values: str) -> Settings:
    """The settings with these variables set, named without their prefix."""
    return load_settings({f"BREACHDESK_{name}": value for name, value in values.items()})


def faults_of(**values: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        settings(**values)
    return caught.value.faults


def test_a_fresh_machine_needs_no_setting():
    fresh = load_settings({})

    assert fresh.instance == PROJECT_FOLDER / "instance"
    assert fresh.database_url == f"sqlite:///{PROJECT_FOLDER}/instance/breachdesk.db"
    assert fresh.public_url == "http://127.0.0.1:8000"
    assert fresh.embedded_worker is True
    assert fresh.smtp_host is None
    assert fresh.max_upload_bytes == 20_000_000


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("PORT", "1", 1, id="the lowest port"),
        pytest.param("PORT", "65535", 65535, id="the highest port"),
        pytest.param("PORT", " 8080 ", 8080, id="spaces around a value are dropped"),
        pytest.param("PORT", "", 8000, id="an empty variable is as good as none"),
        pytest.param("EMBEDDED_WORKER", "No", False, id="no, in capitals"),
        pytest.param("EMBEDDED_WORKER", "1", True, id="1 means yes"),
        pytest.param("RUNNER", "", "embedded", id="a timer of its own unless told otherwise"),
        pytest.param("MONITOR_EVERY", "", 300, id="a monitor is called every five minutes"),
        pytest.param(
            "MONITOR_URL",
            "https://hc.example/ping/1?a=b",
            "https://hc.example/ping/1?a=b",
            id="the address of a monitor as it is",
        ),
        pytest.param(
            "MONITOR_URL", "http://localhost:9/x", "http://localhost:9/x", id="one on this machine"
        ),
        pytest.param("LOG_LEVEL", "Debug", "DEBUG", id="the log level as logging names it"),
        pytest.param("PUBLIC_URL", "https://a.example/", "https://a.example", id="no last slash"),
        pytest.param("INSTANCE", "/srv/desk", Path("/srv/desk"), id="an absolute folder"),
        pytest.param("INSTANCE", "x", PROJECT_FOLDER / "x", id="a folder from the project"),
        pytest.param(
            "DATABASE_URL",
            "postgresql://u:p@db/desk",
            f"postgresql+psycopg://u:p@db/desk?{PATIENCE}",
            id="PostgreSQL goes through psycopg 3",
        ),
        pytest.param(
            "DATABASE_URL",
            "postgres:///desk?host=/run/postgresql",
            f"postgresql+psycopg:///desk?host=/run/postgresql&{PATIENCE}",
            id="the short name of PostgreSQL, on a socket",
        ),
        pytest.param(
            "DATABASE_URL",
            "postgresql://u:p@db/desk?connect_timeout=3&tcp_user_timeout=0",
            "postgresql+psycopg://u:p@db/desk?connect_timeout=3&tcp_user_timeout=0&"
            "keepalives_idle=15&keepalives_interval=5&keepalives_count=3",
            id="whoever says how long to wait is heard",
        ),
        pytest.param(
            "DATABASE_URL",
            "sqlite:///other.db",
            f"sqlite:///{PROJECT_FOLDER}/instance/other.db",
            id="a relative SQLite file lies in the instance folder",
        ),
        pytest.param(
            "DATABASE_URL", "sqlite:////srv/a.db", "sqlite:////srv/a.db", id="an absolute one stays"
        ),
    ],
)
def test_a_value_is_read_as_meant(name, text, value):
    assert getattr(settings(**{name: text}), name.lower()) == value


def test_several_former_keys_have_spaces_between():
    read = settings(ENCRYPTION_KEY="x" + GOOD_KEY, OLD_ENCRYPTION_KEYS=f"{GOOD_KEY}  {OTHER_KEY}")

    assert read.old_encryption_keys == (GOOD_KEY, OTHER_KEY)
    assert settings().old_encryption_keys == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("PORT", "0", id="port 0 is no address to give"),
        pytest.param("PORT", "65536", id="past the last port"),
        pytest.param("PORT", "80a", id="not a number"),
        pytest.param("PORT", "٨٠٠٠", id="digits of another script"),
        pytest.param("WEB_WORKERS", "-1", id="a negative count"),
        pytest.param("EMBEDDED_WORKER", "maybe", id="neither yes nor no"),
        pytest.param("DATABASE_URL", "mysql://u:secret@h/d", id="another database"),
        pytest.param("DATABASE_URL", "sqlite://", id="memory that no second process can see"),
        pytest.param("DATABASE_URL", "sqlite:///:memory:", id="the same, spelled out"),
        pytest.param("DATABASE_URL", "postgresql://u:secret@h", id="no database named"),
        pytest.param("PUBLIC_URL", "desk.example.com", id="no scheme"),
        pytest.param("PUBLIC_URL", "ftp://desk.example.com", id="not the web"),
        pytest.param("PUBLIC_URL", "https://desk.example.com/desk", id="a path"),
        pytest.param("PUBLIC_URL", "https://u:p@desk.example.com", id="an account"),
        pytest.param("PUBLIC_URL", "https://desk.example.com:http", id="a port in words"),
        pytest.param("PUBLIC_URL", "https://[", id="an unfinished address"),
        pytest.param("HOST", "127.0.0.1 8000", id="a port after a space"),
        pytest.param("SMTP_SECURITY", "ssl", id="an unknown protection"),
        pytest.param("SMTP_SENDER", "desk", id="no address"),
        pytest.param("SMTP_SENDER", "a@b.fr, c@d.fr", id="two addresses"),
        pytest.param("SECRET_KEY", "changeme", id="a short key"),
        pytest.param("ENCRYPTION_KEY", "a" * 64, id="a long key of one letter"),
        pytest.param("ENCRYPTION_KEY", f"v2.{'k3Y-' * 9}", id="a key of rotate-key, cut"),
        pytest.param("BACKUP_PASSPHRASE", "secret", id="a short passphrase"),
        pytest.param("RUNNER", "cron", id="an unknown runner"),
        pytest.param("MONITOR_URL", "monitor.example/secret", id="no scheme, for a monitor"),
        pytest.param("MONITOR_URL", "http://monitor.example/secret", id="a monitor in clear"),
        pytest.param("MONITOR_URL", "https://u:secret@monitor.example", id="an account there"),
        pytest.param("MONITOR_URL", "https://", id="a monitor nowhere"),
        pytest.param("MONITOR_EVERY", "5", id="too often"),
        pytest.param("LOG_LEVEL", "all", id="an unknown level"),
        pytest.param("INSTANCE", "README.md", id="a file where a folder belongs"),
    ],
)
def test_a_wrong_value_is_one_fault_that_names_its_variable(name, text):
    faults = faults_of(**{name: text})

    assert len(faults) == 1
    assert faults[0].startswith(f"BREACHDESK_{name} must ")
    assert "secret" not in faults[0]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        pytest.param(
            {"SMTP_HOST": "mx"},
            "BREACHDESK_SMTP_SENDER must be set when BREACHDESK_SMTP_HOST is.",
            id="a server without a sender",
        ),
        pytest.param(
            {"SMTP_USERNAME": "desk"},
            "BREACHDESK_SMTP_USERNAME and BREACHDESK_SMTP_PASSWORD go together: set both.",
            id="an account without its password",
        ),
        pytest.param(
            {
                "SMTP_HOST": "mx",
                "SMTP_SENDER": "a@b.fr",
                "SMTP_USERNAME": "u",
                "SMTP_PASSWORD": "p",
                "SMTP_SECURITY": "none",
            },
            "BREACHDESK_SMTP_PASSWORD would travel unprotected: "
            "set BREACHDESK_SMTP_SECURITY to starttls or tls.",
            id="a password in clear",
        ),
        pytest.param(
            {"SECRET_KEY": GOOD_KEY, "ENCRYPTION_KEY": GOOD_KEY},
            "BREACHDESK_SECRET_KEY and BREACHDESK_ENCRYPTION_KEY must not be the same.",
            id="one key for two uses",
        ),
        pytest.param(
            {"OLD_ENCRYPTION_KEYS": GOOD_KEY},
            "BREACHDESK_OLD_ENCRYPTION_KEYS goes with BREACHDESK_ENCRYPTION_KEY; "
            "keys of the instance folder are turned by rotate-key alone.",
            id="former keys without the new one",
        ),
        pytest.param(
            {"RUNNER": "procrastinate"},
            "BREACHDESK_RUNNER=procrastinate needs PostgreSQL: set BREACHDESK_DATABASE_URL to one, "
            "or leave BREACHDESK_RUNNER at embedded.",
            id="a queue in a file",
        ),
        pytest.param(
            {"SMPT_HOST": "mx"},
            "BREACHDESK_SMPT_HOST is not a setting; did you mean BREACHDESK_SMTP_HOST?",
            id="a slip of the fingers",
        ),
        pytest.param(
            {"COLOUR_OF_THE_SKY": "blue"},
            "BREACHDESK_COLOUR_OF_THE_SKY is not a setting; see the README for the names.",
            id="nothing near",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_faults(values, fault):
    assert faults_of(**values) == (fault,)


@pytest.mark.parametrize("url", ["postgresql://u:p@db/desk", "postgres:///desk?host=/run/pg"])
def test_a_postgresql_that_does_not_answer_is_not_waited_for_without_end(url):
    kept = make_url(settings(DATABASE_URL=url).database_url)

    _, asked = create_engine(kept).dialect.create_connect_args(kept)

    assert asked["connect_timeout"] == "10"
    idle, interval, count = (
        int(asked[f"keepalives_{name}"]) for name in ("idle", "interval", "count")
    )
    assert idle + interval * count <= 30
    assert int(asked["tcp_user_timeout"]) <= 30_000


def test_a_queue_in_postgresql_is_taken():
    kept = settings(RUNNER="procrastinate", DATABASE_URL="postgresql://u:p@db/desk")

    assert kept.runner == "procrastinate"


def test_all_faults_are_said_at_once():
    faults = faults_of(PORT="x", LOG_LEVEL="loud", SMTP_HOST="mx", WEB_WORKER="2", SECRET_KEY="k")

    assert [fault.split()[0] for fault in faults] == [
        "BREACHDESK_WEB_WORKER",
        "BREACHDESK_PORT",
        "BREACHDESK_SECRET_KEY",
        "BREACHDESK_LOG_LEVEL",
        "BREACHDESK_SMTP_SENDER",
    ]


def test_a_sender_that_cannot_be_read_is_not_also_called_missing():
    assert len(faults_of(SMTP_HOST="mx", SMTP_SENDER="nobody")) == 1


@given(st.dictionaries(st.sampled_from([row.name for row in ROWS]), st.text(max_size=60)))
def test_any_text_gives_settings_or_named_faults_and_never_another_error(values):
    try:
        faults = ()
        settings(**values)
    except SettingsError as error:
        faults = error.faults

    assert all(fault.startswith("BREACHDESK_") for fault in faults)


@pytest.mark.parametrize(
    ("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465)], ids=str
)
def test_the_mail_port_follows_the_protection(security, port):
    assert settings(SMTP_SECURITY=security).smtp_port == port
    assert settings(SMTP_SECURITY=security, SMTP_PORT="2525").smtp_port == 2525


@pytest.mark.parametrize(
    ("host", "url"),
    [
        pytest.param("desk.local", "http://desk.local:8000", id="a name"),
        pytest.param("0.0.0.0", "http://127.0.0.1:8000", id="everywhere is no address to click"),
        pytest.param("::1", "http://[::1]:8000", id="IPv6 in brackets"),
    ],
)
def test_the_public_address_is_the_one_listened_on_unless_given(host, url):
    assert settings(HOST=host).public_url == url


def test_the_environment_wins_over_the_file(tmp_path):
    env_file = tmp_path / ".env"
    env_file.write_text("BREACHDESK_PORT=9001\nBREACHDESK_SMTP_PASSWORD='a$PATH'\nOTHER=1\n")
    mail = {"BREACHDESK_SMTP_USERNAME": "u"}

    assert load_settings(mail, env_file).port == 9001
    assert load_settings(mail, env_file).smtp_password == "a$PATH"
    assert load_settings(mail | {"BREACHDESK_PORT": "9002"}, env_file).port == 9002
    assert load_settings({}, tmp_path / "absent").port == 8000


def test_the_tests_own_variables_are_passed_by():
    assert load_settings({"BREACHDESK_TEST_POSTGRES_URL": "postgresql://x/y"}).port == 8000


def test_no_secret_is_shown(tmp_path):
    shown = settings(
        INSTANCE=str(tmp_path),
        SECRET_KEY=GOOD_KEY,
        ENCRYPTION_KEY=OTHER_KEY,
        SMTP_USERNAME="desk",
        SMTP_PASSWORD="hush-hush",
        BACKUP_PASSPHRASE="hush-hush-hush",
        OLD_ENCRYPTION_KEYS=OTHER_KEY + "former",
        DATABASE_URL="postgresql://u:hush-hush@h/d",
    )

    for secret in (GOOD_KEY, OTHER_KEY, "hush-hush"):
        assert secret not in repr(shown)
        assert secret not in repr(instance_keys(shown))


def test_keys_that_are_given_are_used_and_nothing_is_written(tmp_path):
    keys = instance_keys(
        settings(INSTANCE=str(tmp_path), SECRET_KEY=GOOD_KEY, ENCRYPTION_KEY=OTHER_KEY)
    )

    assert (keys.session, keys.encryption) == (GOOD_KEY.encode(), OTHER_KEY.encode())
    assert list(tmp_path.iterdir()) == []


def test_keys_are_made_on_the_first_start_and_kept(tmp_path):
    here = settings(INSTANCE=str(tmp_path / "new"))
    first = instance_keys(here)

    files = sorted((tmp_path / "new").iterdir())
    assert [file.name for file in files] == ["encryption.key", "session.key"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert first.session != first.encryption
    assert min(len(first.session), len(first.encryption)) >= 43
    assert instance_keys(here) == first
    assert instance_keys(settings(INSTANCE=str(tmp_path / "other"))) != first


def test_processes_that_start_together_end_up_with_the_same_keys(tmp_path):
    program = (
        "from breachdesk.config import load_settings\n"
        "from breachdesk.key_files import instance_keys\n"
        f"keys = instance_keys(load_settings({{'BREACHDESK_INSTANCE': {str(tmp_path)!r}}}))\n"
        "print(keys.session, keys.encryption)"
    )
    together = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=README.parent)
        for _ in range(6)
    ]
    said = {process.communicate(timeout=60)[0] for process in together}

    assert len(said) == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", ["", "short\n", "é" * 50], ids=["empty", "short", "no ASCII"])
def test_a_damaged_key_file_stops_the_start(tmp_path, content):
    (tmp_path / "encryption.key").write_text(content)

    with pytest.raises(SettingsError, match=r"encryption\.key is damaged"):
        instance_keys(settings(INSTANCE=str(tmp_path)))


def test_a_key_that_cannot_be_read_is_said_and_not_replaced(tmp_path):
    (tmp_path / "session.key").mkdir()

    with pytest.raises(SettingsError, match=r"session\.key cannot be used"):
        instance_keys(settings(INSTANCE=str(tmp_path)))


def test_every_row_of_the_table_is_a_field_of_the_settings():
    assert [row.attribute for row in ROWS] == list(Settings.__dataclass_fields__)


def test_the_readme_holds_the_table_of_settings():
    text = README.read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- settings: begin -->\n")
    shown, _, _ = rest.partition("\n<!-- settings: end -->")

    assert shown.strip() == settings_table_markdown()
