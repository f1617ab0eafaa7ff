"""Backups made while the desk works, and what stands in their way."""

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.models import Attachment, Fact, Incident, Installation
from breachdesk.models.base import open_engine
from breachdesk.services.backup import (
    BackupFault,
    KeyTexts,
    check_backup,
    inspect_restored,
    make_backup,
    restore_backup,
)
from breachdesk.services.dossier_retention import erase_old_dossiers
from tests.cases import (
    MONDAY_NINE,
    Work,
    attach,
    full_case,
    incident,
    make_dossier,
    make_organisation,
    open_case,
)
from tests.forger import by_hand
from tests.services.backups import (  # noqa: F401 - a fixture
    everything_in,
    files_in,
    quick_lock,
    rows_of,
)
from tests.services.desks import desk_in

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "cinq renards dans la neige"
ENCRYPTION_KEY = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd"
KEYS = KeyTexts((ENCRYPTION_KEY,), "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY")
THOSE_WHO_ACT = (Role.HANDLER, Role.DPO, Role.DECIDER)
LARGE_FILE = 50_000_000
PATIENCE_SECONDS = 60


@pytest.fixture
def desk(tmp_path, mailer):
    """A desk under the key that goes into the backups."""
    return desk_in(tmp_path, ENCRYPTION_KEY.encode(), mailer=mailer)


@pytest.fixture
def back_up(engine, desk, tmp_path):
    """`back_up(path, tell=…)`: a backup of the test's desk; what it holds."""

    def made(path: Path = tmp_path / "desk.backup", **more):
        return make_backup(
            engine, desk.files, path, passphrase=PASSPHRASE, keys=KEYS, now=MONDAY_NINE, **more
        )

    return made


def _put_back(path: Path, url: str, folder: Path) -> None:
    restore_backup(path, PASSPHRASE, url=url, files=folder)


# --- What it holds ---------------------------------------------------------------------------


def test_everything_is_in_it_and_only_its_owner_reads_the_file(
    work, engine, desk, back_up, tmp_path
):
    make_organisation(work, now=MONDAY_NINE)
    full_case(work, now=MONDAY_NINE)
    work.session.close()

    made = back_up()

    rows = rows_of(engine)
    assert made.tally.rows == {
        **{table: len(lines) for table, lines in rows.items() if lines and table != "installation"}
    }
    assert made.tally.files == len(files_in(desk.files.folder)) == 2
    assert made.keys == KEYS
    path = tmp_path / "desk.backup"
    assert path.stat().st_mode & 0o777 == 0o600
    assert check_backup(path, PASSPHRASE).tally.manifest() == made.tally.manifest()


def test_nothing_in_the_file_can_be_read_without_the_passphrase(work, back_up, tmp_path):
    make_organisation(work, now=MONDAY_NINE)
    open_case(work, now=MONDAY_NINE)
    work.session.close()

    back_up()

    content = (tmp_path / "desk.backup").read_bytes()
    for secret in (
        b"GIR-2026",
        b"sauvegarde",
        ENCRYPTION_KEY.encode(),
        b"manifest",
        b"gir.example",
    ):
        assert secret not in content


def test_the_installation_remembers_its_last_good_backup(session, back_up, tmp_path):
    back_up()

    noted = select(Installation.backed_up_at)
    assert session.scalar(noted) == MONDAY_NINE
    session.rollback()
    session.execute(text("UPDATE installation SET key_check = 'of the key'"))
    session.commit()
    back_up(tmp_path / "another.backup")
    assert session.scalars(select(Installation.key_check)).all() == ["of the key"]


# --- While the desk works --------------------------------------------------------------------


def _keep_opening(engine, desk, done: threading.Event, opened: list[str]) -> None:
    with Session(engine) as session:
        work = Work(session, desk)
        while not done.is_set():
            opened.append(open_case(work, now=MONDAY_NINE))
            attach(work, opened[-1], "a.txt", os.urandom(1000), now=MONDAY_NINE)


def test_a_backup_shows_one_moment_while_people_go_on_writing(
    work, engine, desk, databases, back_up, tmp_path
):
    make_organisation(work, now=MONDAY_NINE, roles=THOSE_WHO_ACT)
    work.session.close()
    done, opened = threading.Event(), []
    writers = [
        threading.Thread(target=_keep_opening, args=(engine, desk, done, opened)) for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    counts = []
    try:
        for number in range(3):
            wanted, give_up = len(opened) + 3, time.monotonic() + PATIENCE_SECONDS
            while len(opened) < wanted and time.monotonic() < give_up:
                time.sleep(0.01)
            made = back_up(tmp_path / f"{number}.backup")
            counts.append(made.tally.rows["incident"])
    finally:
        done.set()
        for writer in writers:
            writer.join(PATIENCE_SECONDS)

    assert counts == sorted(counts)
    assert 3 <= counts[0] < counts[-1] <= len(opened)
    for number, count in enumerate(counts):
        folder = tmp_path / str(number)
        folder.mkdir()
        with databases.empty(engine.dialect.name, folder) as url:
            _put_back(tmp_path / f"{number}.backup", url, folder / "files")
            _check_is_consistent(url, folder / "files", count)


def _check_is_consistent(url: str, files: Path, count: int) -> None:
    verdict = inspect_restored(url, KEYS.encryption)
    assert (verdict.broken, verdict.opens) == ({}, True)
    assert verdict.chains == count + 1
    engine = open_engine(url)
    with Session(engine) as session:
        incidents = set(session.scalars(select(Incident.id)))
        described = select(Fact.incident_id).where(Fact.key == "description")
        assert set(session.scalars(described)) == incidents
        assert len(incidents) == count
        named = set(session.scalars(select(Attachment.stored_as)))
    engine.dispose()
    # Each file that a row names, and none that no row names yet.
    assert named == set(files_in(files))


def test_nobody_waits_for_a_backup(work, engine, desk, back_up):
    make_organisation(work, now=MONDAY_NINE, roles=THOSE_WHO_ACT)
    work.session.close()
    opened = []

    def write_meanwhile(words: str) -> None:
        if words.endswith("rows of users"):
            with Session(engine) as session:
                opened.append(open_case(Work(session, desk), now=MONDAY_NINE))

    made = back_up(tell=write_meanwhile)

    assert len(opened) == 1
    assert "incident" not in made.tally.rows


# --- Files that are not there ----------------------------------------------------------------


def test_a_file_that_a_row_names_and_that_is_missing_is_a_fault(work, desk, back_up, tmp_path):
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE)
    attach(work, reference, "a.txt", b"x", now=MONDAY_NINE)
    (name,) = files_in(desk.files.folder)
    (desk.files.folder / name).unlink()
    before = set(tmp_path.iterdir())
    work.session.close()

    with pytest.raises(BackupFault, match=f"The file {name}, which attachment names, is missing"):
        back_up()

    assert set(tmp_path.iterdir()) == before
    assert work.session.scalar(select(Installation.backed_up_at)) is None


def test_a_file_erased_with_its_row_meanwhile_is_no_fault(
    work, engine, desk, back_up, databases, tmp_path
):
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE)
    attach(work, reference, "a.txt", b"x", now=MONDAY_NINE)
    attach(work, reference, "b.txt", b"y", now=MONDAY_NINE)
    work.session.close()
    (name, other) = files_in(desk.files.folder)

    def erase(words: str) -> None:
        if words.endswith("rows of attachment"):
            with engine.begin() as connection:
                connection.execute(delete(Attachment).where(Attachment.stored_as == name))
            (desk.files.folder / name).unlink()

    made = back_up(tell=erase)

    assert made.tally.gone == [name]
    assert made.tally.files == 1
    (tmp_path / "new").mkdir()
    with databases.empty(engine.dialect.name, tmp_path / "new") as url:
        _put_back(tmp_path / "desk.backup", url, tmp_path / "new" / "files")
    assert set(files_in(tmp_path / "new" / "files")) == {other}


def test_a_dossier_that_is_being_erased_is_no_fault(
    work, engine, desk, back_up, databases, tmp_path
):
    """Its file goes first: a crash before its row says so must not stop the backups."""
    long_ago = MONDAY_NINE.replace(year=MONDAY_NINE.year - 6)
    make_organisation(work, now=long_ago)
    reference = open_case(work, now=long_ago)
    make_dossier(work, reference, now=long_ago)
    (name,) = files_in(desk.files.folder)
    desk.files.remove(name)
    work.session.close()
    # Of an open case, nothing may be missing.
    with pytest.raises(BackupFault, match="which dossier names, is missing"):
        back_up()
    incident(work, reference).closed_at = long_ago
    work.session.commit()
    work.session.close()

    made = back_up()

    assert made.tally.gone == [name]
    (tmp_path / "new").mkdir()
    with databases.empty(engine.dialect.name, tmp_path / "new") as url:
        _put_back(tmp_path / "desk.backup", url, tmp_path / "new" / "files")


def test_an_erased_dossier_is_backed_up_and_restored(
    work, engine, desk, back_up, databases, tmp_path
):
    make_organisation(work, now=MONDAY_NINE)
    reference = open_case(work, now=MONDAY_NINE)
    make_dossier(work, reference, now=MONDAY_NINE)
    incident(work, reference).closed_at = MONDAY_NINE
    work.session.commit()
    later = MONDAY_NINE.replace(year=MONDAY_NINE.year + 6)
    assert erase_old_dossiers(work.session, desk.files, now=later) == 1
    work.session.close()

    made = back_up()

    assert (made.tally.files, made.tally.gone) == (0, [])
    (tmp_path / "new").mkdir()
    with databases.empty(engine.dialect.name, tmp_path / "new") as url:
        _put_back(tmp_path / "desk.backup", url, tmp_path / "new" / "files")


def test_a_backup_overwrites_nothing(back_up, tmp_path):
    path = tmp_path / "desk.backup"
    path.write_bytes(b"precious")

    with pytest.raises(BackupFault, match="overwrites nothing"):
        back_up(path)

    assert path.read_bytes() == b"precious"


def test_a_folder_that_is_not_there_is_said(back_up, tmp_path):
    with pytest.raises(BackupFault, match="cannot be written: No such file or directory"):
        back_up(tmp_path / "nowhere" / "desk.backup")


def test_a_database_of_another_version_is_not_backed_up(session, back_up, tmp_path):
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    session.commit()
    before = set(tmp_path.iterdir())

    with pytest.raises(BackupFault, match=r"version 0001.*db upgrade"):
        back_up()

    assert set(tmp_path.iterdir()) == before


# --- Large things ----------------------------------------------------------------------------


@pytest.fixture
def large_file(work, desk):
    """A desk with an attachment of 50 MB, written as it lies sealed."""
    make_organisation(work, now=MONDAY_NINE)
    attach(work, open_case(work, now=MONDAY_NINE), "a.bin", b"x", now=MONDAY_NINE)
    (name,) = files_in(desk.files.folder)
    with (desk.files.folder / name).open("wb") as file:
        for _ in range(LARGE_FILE // 1_000_000):
            file.write(os.urandom(1_000_000))
    work.session.close()
    return name


def test_a_large_file_takes_no_memory(large_file, engine, desk, back_up, databases, tmp_path):
    (tmp_path / "new").mkdir()
    with databases.empty(engine.dialect.name, tmp_path / "new") as url:
        tracemalloc.start()
        try:
            back_up()
            _put_back(tmp_path / "desk.backup", url, tmp_path / "new" / "files")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    # The migrations of the new database take a dozen megabytes; the file is never held whole.
    assert peak < LARGE_FILE / 3
    restored = tmp_path / "new" / "files" / large_file
    assert restored.stat().st_size == LARGE_FILE
    assert restored.read_bytes() == (desk.files.folder / large_file).read_bytes()


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    large_file, database_url, desk, tmp_path
):
    folder = tmp_path / "backups"
    folder.mkdir()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.services.test_backup import *\n"
        "from breachdesk.models.vault import FileStore, Vault\n"
        "url, files, path = sys.argv[1:]\n"
        "make_backup(open_engine(url), FileStore(Path(files), Vault(b'x' * 32)), Path(path),\n"
        "    passphrase=PASSPHRASE, keys=KEYS, now=MONDAY_NINE)\n"
    )
    arguments = [database_url, str(desk.files.folder), str(folder / "desk.backup")]
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], cwd=ROOT)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not any(path.stat().st_size > 1_000_000 for path in folder.iterdir()):
        assert time.monotonic() < give_up
        assert process.poll() is None, "It was over before it could be killed."
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)

    (left,) = folder.iterdir()
    assert left.name.startswith(".desk.backup.")
    with pytest.raises(BackupFault):
        check_backup(left, PASSPHRASE)


def test_an_instant_with_microseconds_and_every_letter_survive(
    work, engine, back_up, databases, tmp_path
):
    make_organisation(work, now=datetime(2026, 3, 2, 9, 0, 0, 123_457, tzinfo=UTC))
    open_case(work, now=MONDAY_NINE, description="« نُسخ » 🙈 l’été\n\\u0000 {{7*7}} '\"; --")
    work.session.close()
    before = rows_of(engine)

    back_up()

    other = "sqlite" if engine.dialect.name == "postgresql" else "postgresql"
    for kind in (engine.dialect.name, other):
        folder = tmp_path / f"to-{kind}"
        folder.mkdir()
        with databases.empty(kind, folder) as url:
            _put_back(tmp_path / "desk.backup", url, folder / "files")
            assert everything_in(url) == before


def test_a_journal_that_was_altered_is_restored_and_said(
    work, engine, back_up, databases, tmp_path
):
    make_organisation(work, now=MONDAY_NINE)
    open_case(work, now=MONDAY_NINE)
    work.session.close()
    with engine.begin() as connection:
        by_hand(connection, "UPDATE journal_entry SET code = 'closed' WHERE chain = 'incident:1'")
    back_up()

    (tmp_path / "new").mkdir()
    with databases.empty(engine.dialect.name, tmp_path / "new") as url:
        _put_back(tmp_path / "desk.backup", url, tmp_path / "new" / "files")
        verdict = inspect_restored(url, KEYS.encryption)

    assert verdict.broken == {"incident:1": 1}
    assert verdict.chains == 2
