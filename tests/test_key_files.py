"""The encryption key: watched while it changes, never made anew over what it sealed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from breachdesk import check_key, create_app
from breachdesk.config import SettingsError, load_settings
from breachdesk.key_files import (
    Keys,
    KeyWatch,
    add_encryption_key,
    drop_former_keys,
    instance_keys,
    key_watch,
    replace_session_key,
    restored_keys,
)
from breachdesk.models.vault import following_key
from tests.cases import MONDAY_NINE, at_desk, attach, make_organisation, open_case
from tests.databases import engines_closed
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[1]
KEY = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd"
OTHER = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


@pytest.fixture(autouse=True)
def _no_connection_left(request):
    # After the database of the test is there, before it is dropped.
    if "database_url" in request.fixturenames:
        request.getfixturevalue("database_url")
    with engines_closed():
        yield


@pytest.fixture
def desk_settings(tmp_path, database_url):
    """`desk_settings(NAME=value)`: the settings of an instance on the test's database."""

    def made(**more: str):
        given = {"INSTANCE": str(tmp_path / "instance"), "DATABASE_URL": database_url, **more}
        return load_settings({f"BREACHDESK_{name}": value for name, value in given.items()})

    return made


def _start(settings):
    """What `run`, `worker` and wsgi do; the application."""
    app = create_app(settings)
    check_key(app)
    return app


def _kept_check(url: str) -> str | None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(text("SELECT key_check FROM installation"))


# --- The key of this database ----------------------------------------------------------------


def test_the_first_start_makes_the_keys_and_notes_which(desk_settings, database_url):
    _start(desk_settings())
    noted = _kept_check(database_url)

    _start(desk_settings())

    assert len(noted) == 64
    assert _kept_check(database_url) == noted


def test_another_key_does_not_start(desk_settings, database_url):
    _start(desk_settings(ENCRYPTION_KEY=KEY))
    noted = _kept_check(database_url)

    with pytest.raises(SettingsError, match="not the one of this database"):
        _start(desk_settings(ENCRYPTION_KEY=OTHER))

    assert _kept_check(database_url) == noted
    _start(desk_settings(ENCRYPTION_KEY=KEY))


def test_a_key_made_up_in_the_middle_of_a_rotation_does_not_start(desk_settings):
    _start(desk_settings(ENCRYPTION_KEY=KEY))
    right = following_key(KEY.encode()).decode()

    with pytest.raises(SettingsError, match="not the one of this database"):
        _start(desk_settings(ENCRYPTION_KEY=OTHER, OLD_ENCRYPTION_KEYS=KEY))
    _start(desk_settings(ENCRYPTION_KEY=right, OLD_ENCRYPTION_KEYS=KEY))


def _seal_something(settings) -> None:
    app = create_app(settings)
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        attach(work, open_case(work, now=MONDAY_NINE), "a.txt", b"x", now=MONDAY_NINE)


def _notice_with_recipients(settings) -> None:
    from tests.services.letters_to_many import approved_notice

    with at_desk(create_app(settings)) as work:
        approved_notice(work, 2)


@pytest.mark.parametrize(
    "fill",
    [
        pytest.param(_start, id="the check is noted"),
        pytest.param(_seal_something, id="a file is kept"),
        pytest.param(_notice_with_recipients, id="recipients are sealed"),
    ],
)
def test_a_lost_key_is_never_replaced_by_a_new_one(desk_settings, fill):
    settings = desk_settings()
    fill(settings)
    (settings.instance / "encryption.key").unlink()

    with pytest.raises(SettingsError, match="No new one was made"):
        create_app(settings)

    assert not (settings.instance / "encryption.key").exists()


def test_the_first_check_is_not_taken_from_a_key_that_does_not_open_what_is_there(
    desk_settings, database_url
):
    settings = desk_settings(ENCRYPTION_KEY=KEY)
    _notice_with_recipients(settings)

    with pytest.raises(SettingsError, match="not the one of this database"):
        _start(desk_settings(ENCRYPTION_KEY=OTHER))
    assert _kept_check(database_url) is None

    _start(settings)
    assert _kept_check(database_url)


def test_no_key_is_made_while_the_database_does_not_answer(tmp_path):
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path),
            "BREACHDESK_DATABASE_URL": f"postgresql:///desk?host={tmp_path}/nowhere",
        }
    )

    with pytest.raises(SettingsError, match="does not say whether one may be made"):
        create_app(settings)

    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_not_up_to_date_is_said_so(tmp_path, empty_database_url):
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
            "BREACHDESK_DATABASE_URL": empty_database_url,
        }
    )

    with pytest.raises(SettingsError, match="db upgrade"):
        _start(settings)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(["-m", "breachdesk", "run"], 2, id="run"),
        pytest.param(["-m", "breachdesk", "worker"], 2, id="worker"),
        # Gunicorn prints what the import raised, and stops.
        pytest.param(["-c", "import wsgi"], 1, id="wsgi"),
    ],
)
def test_a_desk_with_the_wrong_key_says_so_and_does_not_start(desk_settings, command, code):
    settings = desk_settings(ENCRYPTION_KEY=KEY)
    _start(settings)

    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **{name: os.environ[name] for name in os.environ if not name.startswith("BREACHDESK")},
            "BREACHDESK_INSTANCE": str(settings.instance),
            "BREACHDESK_DATABASE_URL": settings.database_url,
            "BREACHDESK_ENCRYPTION_KEY": OTHER,
        },
    )

    assert done.returncode == code, done.stderr
    assert "not the one of this database" in done.stderr
    assert ("Traceback" in done.stderr) is (code == 1)


# --- Keys that change ------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path):
    """The settings of an instance whose keys are in its folder."""
    return load_settings({"BREACHDESK_INSTANCE": str(tmp_path / "instance")})


def test_a_rotation_puts_a_key_above_the_former_and_then_leaves_it_alone(here):
    first = instance_keys(here).encryption
    second = following_key(first)

    add_encryption_key(here, second)
    during = instance_keys(here)
    drop_former_keys(here)

    assert during.opening == (second, first)
    assert instance_keys(here).opening == (second,)
    assert (here.instance / "encryption.key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in here.instance.iterdir()) == [
        "encryption.key",
        "session.key",
    ]


def test_a_running_process_hears_of_a_change_once(here):
    first = instance_keys(here).encryption
    watch = key_watch(here)
    assert watch() is None
    second = following_key(first)

    add_encryption_key(here, second)

    assert list(watch()) == [second, first]
    assert watch() is None


@pytest.mark.parametrize("content", ["", "short", "v2.cut-off-key-that-is-long-enough.0123456789"])
def test_a_file_that_somebody_spoilt_changes_nothing_for_who_runs(here, content):
    instance_keys(here)
    path = here.instance / "encryption.key"
    watch = KeyWatch(path)

    path.write_text(content)

    assert watch() is None
    with pytest.raises(SettingsError, match="damaged"):
        instance_keys(here)
    path.unlink()
    assert watch() is None


def test_keys_from_settings_are_not_watched(tmp_path):
    given = load_settings({"BREACHDESK_INSTANCE": str(tmp_path), "BREACHDESK_ENCRYPTION_KEY": KEY})

    assert key_watch(given) is None


def test_the_session_key_is_replaced_whole(here):
    before = instance_keys(here)

    replace_session_key(here)

    assert instance_keys(here).session != before.session
    assert instance_keys(here).encryption == before.encryption


# --- Keys that come with a backup ------------------------------------------------------------

OF_THE_BACKUP = Keys(b"s" * 20 + KEY.encode(), KEY.encode())


def test_an_empty_instance_takes_the_keys_of_a_backup(here):
    with restored_keys(here, OF_THE_BACKUP) as said:
        assert len(said) == 2

    assert instance_keys(here) == OF_THE_BACKUP


def test_keys_are_taken_back_when_the_restoration_fails(here):
    with pytest.raises(RuntimeError), restored_keys(here, OF_THE_BACKUP):
        raise RuntimeError("the database went away")

    assert list(here.instance.iterdir()) == []


def test_keys_that_were_there_stay_when_the_restoration_fails(here):
    with restored_keys(here, OF_THE_BACKUP):
        pass

    with pytest.raises(RuntimeError), restored_keys(here, OF_THE_BACKUP):
        raise RuntimeError

    assert instance_keys(here) == OF_THE_BACKUP


def test_a_key_that_is_there_already_is_not_overwritten(here):
    mine = instance_keys(here)

    with pytest.raises(SettingsError, match="move it away"):
        with restored_keys(here, OF_THE_BACKUP):
            pass

    assert instance_keys(here) == mine


def test_a_key_given_by_settings_must_be_that_of_the_backup(tmp_path):
    def given(key: str):
        return load_settings(
            {
                "BREACHDESK_INSTANCE": str(tmp_path),
                "BREACHDESK_SECRET_KEY": "s" + OTHER,
                "BREACHDESK_ENCRYPTION_KEY": key,
            }
        )

    with pytest.raises(SettingsError, match="not the key of this backup"):
        with restored_keys(given(OTHER), OF_THE_BACKUP):
            pass
    with restored_keys(given(KEY), OF_THE_BACKUP) as said:
        assert said == []
    assert list(tmp_path.iterdir()) == []
