"""`rotate-key`: killed again and again, while people work, with keys from files or settings."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from breachdesk import check_key, create_app
from breachdesk.config import load_settings
from breachdesk.key_files import instance_keys
from breachdesk.models import Installation, UserSession
from breachdesk.models.base import open_engine
from breachdesk.models.vault import FileStore, Vault
from breachdesk.services import key_rotation
from tests.cases import (
    MONDAY_NINE,
    PASSWORD,
    at_desk,
    attach,
    confirm_recipients,
    make_organisation,
    open_case,
    upload_recipients,
)
from tests.services.backups import files_in
from tests.services.letters_to_many import approved_notice
from tests.services.sealed_things import opened_values, sealed_values
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[2]
KEY, OTHER = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd", "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
PEOPLE, FILES = 120, 30
PATIENCE_SECONDS = 120
# In small steps and without grace: there is time to kill it, and no time lost.
SLOWLY = (
    "import time\n"
    "from breachdesk.models.vault import Vault\n"
    "from breachdesk.services import key_rotation\n"
    "seal = Vault.seal\n"
    "Vault.seal = lambda self, content: (time.sleep(0.02), seal(self, content))[1]\n"
    "key_rotation.ROWS_AT_ONCE, key_rotation.GRACE_SECONDS = 3, 0\n"
    "from breachdesk.cli import main\n"
    "main(['rotate-key'])\n"
)


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch):
    """Commands called here seal nothing outside a transaction."""
    monkeypatch.setattr(key_rotation, "GRACE_SECONDS", 0)


@pytest.fixture
def settings(tmp_path, database_url, call):
    """The settings of a desk whose keys lie in its folder."""
    return load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
            "BREACHDESK_DATABASE_URL": database_url,
        }
    )


@pytest.fixture
def engine(settings):
    """The desk's database."""
    made = open_engine(settings.database_url)
    yield made
    made.dispose()


def _started(settings):
    app = create_app(settings, clock=lambda: MONDAY_NINE)
    check_key(app)
    return app


# --- Killed ----------------------------------------------------------------------------------


def _start_rotation(settings) -> subprocess.Popen:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BREACHDESK")},
        "BREACHDESK_INSTANCE": str(settings.instance),
        "BREACHDESK_DATABASE_URL": settings.database_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", SLOWLY],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _turned(engine, settings) -> int:
    """How many values and files are under the newest key now; none before there is one."""
    keys = instance_keys(settings)
    if not keys.former:
        return 0
    vault = Vault(keys.encryption)
    store = FileStore(settings.instance / "files", vault)
    values = sum(vault.is_current(sealed) for _, sealed in sealed_values(engine))
    return values + sum(map(store.is_current, store.names()))


def _kill_after(process: subprocess.Popen, engine, settings, wanted: int) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and _turned(engine, settings) < wanted:
        assert time.monotonic() < give_up, "The rotation does not go on."
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_SECONDS)


def test_a_rotation_killed_at_any_moment_loses_nothing_and_is_finished_later(settings, engine):
    app = _started(settings)
    first = instance_keys(settings).encryption
    with at_desk(app) as work:
        reference = approved_notice(work, PEOPLE)
        for number in range(FILES):
            attach(work, reference, f"{number}.txt", b"%d" % number, now=MONDAY_NINE)
    files_folder = settings.instance / "files"
    old = Vault(first)
    values = opened_values(engine, old)
    files = {name: old.open(content) for name, content in files_in(files_folder).items()}
    old_bytes = {*files_in(files_folder).values(), *(sealed for _, sealed in sealed_values(engine))}
    seed = random.randrange(1_000_000)
    chance, killed = random.Random(seed), 0

    for share in (0.02, 0.5, 0.9):
        process = _start_rotation(settings)
        wanted = int(share * (len(values) + len(files))) + chance.randrange(5)
        _kill_after(process, engine, settings, wanted)
        killed += process.returncode == -signal.SIGKILL
        # Nothing is under no key, at any moment.
        vault = Vault(*instance_keys(settings).opening)
        assert opened_values(engine, vault) == values, f"seed {seed}"
        for name, content in files_in(files_folder).items():
            if not name.startswith(".resealed-"):
                assert vault.open(content) == files[name], f"seed {seed}"

    last = _start_rotation(settings)
    said, _ = last.communicate(timeout=PATIENCE_SECONDS)
    assert last.returncode == 0, said
    assert b"The former key is gone." in said
    assert killed >= 2, f"It ended by itself (seed {seed})."
    keys = instance_keys(settings)
    assert keys.former == ()
    assert keys.encryption != first
    new = Vault(keys.encryption)
    assert opened_values(engine, new) == values
    left = files_in(files_folder)
    assert {name: new.open(content) for name, content in left.items()} == files
    # Nothing that was sealed by the first key is left, and it opens nothing.
    now_there = {*left.values(), *(sealed for _, sealed in sealed_values(engine))}
    assert not old_bytes & now_there
    for sealed in now_there:
        with pytest.raises(InvalidTag):
            old.open(sealed)


# --- While people work -----------------------------------------------------------------------


def test_who_works_meanwhile_hears_of_the_new_key_and_goes_on(call, settings, engine):
    app = _started(settings)
    with at_desk(app) as work:
        reference = approved_notice(work, 40)
    done, faults, kept = threading.Event(), [], []

    def go_on() -> None:
        try:
            while not done.is_set():
                with at_desk(app) as work:
                    opened = open_case(work, now=MONDAY_NINE)
                    number = attach(work, opened, "a.txt", opened.encode(), now=MONDAY_NINE)
                    kept.append((opened, number))
        except Exception as fault:
            faults.append(fault)

    workers = [threading.Thread(target=go_on) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(2):
            result = call("rotate-key", DATABASE_URL=settings.database_url)
            assert result.exit_code == 0, result.output
    finally:
        done.set()
        for worker in workers:
            worker.join(PATIENCE_SECONDS)

    assert faults == []
    assert len(kept) > 1
    newest = Vault(instance_keys(settings).encryption)
    assert all(newest.open(sealed) is not None for _, sealed in sealed_values(engine))
    contents = {newest.open(content) for content in files_in(settings.instance / "files").values()}
    assert {opened.encode() for opened, _ in kept} <= contents
    # The process that ran all the while knows its people still.
    with at_desk(app) as work:
        from tests.services.letters_to_many import recipient_list

        again = upload_recipients(work, reference, recipient_list(41), now=MONDAY_NINE)
        assert confirm_recipients(work, reference, again, now=MONDAY_NINE) == 1


# --- Keys from the settings ------------------------------------------------------------------


def test_with_a_key_from_the_settings_the_command_says_each_step(
    call, database_url, engine, tmp_path
):
    def rotate(**keys: str):
        return call("rotate-key", DATABASE_URL=database_url, **keys)

    first = {"ENCRYPTION_KEY": KEY}
    assert rotate(**first).exit_code == 0
    given = {
        "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
        "BREACHDESK_DATABASE_URL": database_url,
        "BREACHDESK_ENCRYPTION_KEY": KEY,
    }
    with at_desk(create_app(load_settings(given))) as work:
        approved_notice(work, 5)
    values = opened_values(engine, Vault(KEY.encode()))

    told = rotate(**first)

    assert "Nothing has been changed yet." in told.output
    assert KEY not in told.output
    new = re.search(r"BREACHDESK_ENCRYPTION_KEY=(\S+)", told.output)[1]
    assert opened_values(engine, Vault(KEY.encode())) == values
    made_up = rotate(ENCRYPTION_KEY=OTHER, OLD_ENCRYPTION_KEYS=KEY)
    assert (made_up.exit_code, "not the one of this database" in made_up.output) == (2, True)
    too_early = rotate(ENCRYPTION_KEY=new)
    assert (too_early.exit_code, "not the one of this database" in too_early.output) == (2, True)

    turned = rotate(ENCRYPTION_KEY=new, OLD_ENCRYPTION_KEYS=KEY)

    assert turned.exit_code == 0, turned.output
    assert "Now unset BREACHDESK_OLD_ENCRYPTION_KEYS" in turned.output
    assert opened_values(engine, Vault(new.encode())) == values
    assert "Nothing has been changed yet." in rotate(ENCRYPTION_KEY=new).output
    assert rotate(**first).exit_code == 2


# --- Sessions --------------------------------------------------------------------------------


def test_rotating_the_key_of_sessions_signs_everybody_out_at_once(call, settings, engine):
    app = _started(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    client = app.test_client()
    client.post("/sign-in", data={"email": "dpo@gir.example", "password": PASSWORD})
    assert client.get("/account").status_code == 200
    before = instance_keys(settings)

    result = call("rotate-key", "--session", DATABASE_URL=settings.database_url)

    assert result.exit_code == 0, result.output
    assert result.output.startswith("1 sessions were ended")
    assert client.get("/account").status_code in (302, 303)
    assert instance_keys(settings).session != before.session
    assert instance_keys(settings).encryption == before.encryption
    with engine.connect() as connection:
        assert connection.scalars(select(UserSession.ended_at)).all() != [None]
        assert connection.scalar(select(Installation.key_rotated_at)) is None


def test_a_session_key_from_the_settings_is_for_its_owner_to_change(call, settings):
    result = call(
        "rotate-key", "--session", DATABASE_URL=settings.database_url, SECRET_KEY="s" + OTHER
    )

    assert result.exit_code == 0, result.output
    new = re.search(r"Set BREACHDESK_SECRET_KEY=(\S+)", result.output)[1]
    assert len(new) >= 43
    assert not (settings.instance / "session.key").exists()
