"""Restoring on an empty machine, from either engine to either; and what is refused."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.orm import Session

from breachdesk.models import Attachment, Fact, Incident, Recipient
from breachdesk.models.base import open_engine
from breachdesk.models.schema import upgrade_database
from breachdesk.models.vault import FileStore, Vault
from breachdesk.services.backup import (
    BackupFault,
    KeyTexts,
    check_backup,
    demand_empty,
    inspect_restored,
    make_backup,
    restore_backup,
    restoring,
)
from breachdesk.services.backup.archive import ArchiveWriter, Head, StoredFile
from breachdesk.services.backup.rows import Kind, line_of
from breachdesk.services.backup.sealed_stream import SealedWriter
from breachdesk.services.published_notifications import import_published, physical_lines
from tests.cases import (
    MONDAY_NINE,
    Work,
    attach,
    full_case,
    make_organisation,
    open_case,
    start_sending,
)
from tests.databases import ENGINES
from tests.mail.memory import MemoryMailer
from tests.published_files import SAMPLE
from tests.services.backups import (  # noqa: F401 - a fixture
    everything_in,
    files_in,
    quick_lock,
    rows_of,
)
from tests.services.desks import desk_in, engine_for

PASSPHRASE = "cinq renards dans la neige"
ENCRYPTION_KEY = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd"
KEYS = KeyTexts((ENCRYPTION_KEY,), "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY")


@dataclass(frozen=True)
class Made:
    """A backup, and the desk that it is of."""

    content: bytes
    rows: Mapping[str, list[list[Any]]]
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def made(databases, tmp_path_factory) -> Callable[[str], Made]:
    """`made(engine)`: the backup of a desk with one whole case, its communication under way."""

    @cache
    def on(engine_name: str) -> Made:
        folder = tmp_path_factory.mktemp(engine_name)
        desk = desk_in(folder, ENCRYPTION_KEY.encode(), mailer=MemoryMailer())
        with databases.migrated(engine_name, folder) as url:
            engine = open_engine(url)
            with Session(engine) as session:
                work = Work(session, desk)
                make_organisation(work, now=MONDAY_NINE)
                reference = full_case(work, now=MONDAY_NINE).reference
                start_sending(work, reference, now=MONDAY_NINE)
                lines = physical_lines(io.BytesIO(SAMPLE))
                import_published(session, lines, file_name="cnil.csv", now=MONDAY_NINE)
            path, rows = folder / "desk.backup", rows_of(engine)
            make_backup(engine, desk.files, path, passphrase=PASSPHRASE, keys=KEYS, now=MONDAY_NINE)
            engine.dispose()
        return Made(path.read_bytes(), rows, files_in(desk.files.folder))

    return on


@pytest.fixture
def backup(made, tmp_path) -> Path:
    """That backup, of SQLite, as a file."""
    path = tmp_path / "desk.backup"
    path.write_bytes(made("sqlite").content)
    return path


@pytest.fixture(params=ENGINES)
def elsewhere(request, databases, tmp_path):
    """An empty database on another machine, and the folder for its files."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with databases.empty(request.param, folder) as url:
        yield url, folder / "files"


def _restore(path: Path, elsewhere) -> None:
    url, files = elsewhere
    demand_empty(url, check_backup(path, PASSPHRASE))
    restore_backup(path, PASSPHRASE, url=url, files=files)


# --- What comes back -------------------------------------------------------------------------


@pytest.mark.parametrize("source", ENGINES)
def test_every_row_and_file_comes_back_from_and_to_either_engine(made, source, elsewhere, tmp_path):
    path = tmp_path / "desk.backup"
    path.write_bytes(made(source).content)

    _restore(path, elsewhere)

    url, files = elsewhere
    assert everything_in(url) == made(source).rows
    assert files_in(files) == made(source).files
    assert {path.stat().st_mode & 0o777 for path in files.iterdir()} == {0o600}
    verdict = inspect_restored(url, KEYS.encryption)
    assert (verdict.chains, verdict.broken, verdict.opens) == (2, {}, True)


def test_files_that_take_longer_than_a_server_waits_for_us_end_no_restoration(
    backup, elsewhere, monkeypatch
):
    """While they are written, the transaction that holds the rows stands still."""
    waits = []
    set_sequence = restoring._Restoration._set_sequence

    def look(self, table) -> None:
        shown = text("SHOW idle_in_transaction_session_timeout")
        waits.append(self._connection.scalar(shown))
        set_sequence(self, table)

    monkeypatch.setattr(restoring._Restoration, "_set_sequence", look)

    _restore(backup, elsewhere)

    assert set(waits) == ({"0"} if elsewhere[0].startswith("postgresql") else set())


def test_the_restored_desk_reads_its_files_and_recipients_and_goes_on(backup, elsewhere, mailer):
    _restore(backup, elsewhere)

    url, files = elsewhere
    engine = engine_for(url)
    desk = desk_in(files.parent, ENCRYPTION_KEY.encode(), mailer=mailer)
    with Session(engine) as session:
        person = session.scalars(select(Recipient).order_by(Recipient.id)).first()
        assert desk.vault.open_json(person.sealed)["address"] == "elise.garnier@client.example"
        file = session.scalars(select(Attachment)).one()
        assert desk.files.read(file.stored_as) == b"lien ouvert"
        # What is numbered goes on after the last number.
        highest = session.scalar(select(Incident.id).order_by(Incident.id.desc()))
        reference = open_case(Work(session, desk), now=MONDAY_NINE)
        attach(Work(session, desk), reference, "b.txt", b"y", now=MONDAY_NINE)
        opened = session.scalars(select(Incident).where(Incident.reference == reference)).one()
        assert opened.id == highest + 1
        assert reference == "GIR-2026-0002"
    engine.dispose()


def test_a_restored_desk_can_be_backed_up_and_restored_again(backup, elsewhere, databases):
    _restore(backup, elsewhere)
    url, files = elsewhere
    engine, again = open_engine(url), files.parent / "again"
    again.mkdir()
    store = FileStore(files, Vault(ENCRYPTION_KEY.encode()))
    path = again / "second.backup"
    make_backup(engine, store, path, passphrase=PASSPHRASE, keys=KEYS, now=MONDAY_NINE)
    before = rows_of(engine)
    engine.dispose()

    other = "sqlite" if url.startswith("postgresql") else "postgresql"
    with databases.empty(other, again) as last:
        _restore(path, (last, again / "files"))

        assert {**everything_in(last), "installation": []} == {**before, "installation": []}


def test_a_desk_that_merely_started_gives_way(backup, elsewhere):
    url, _ = elsewhere
    upgrade_database(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO installation (id, key_check, ping_problem) VALUES (1, 'unused', '')")
        )
        connection.execute(
            text(
                "INSERT INTO worker (name, runner, started_at, seen_at) VALUES "
                "('desk:1:abc', 'embedded', '2026-03-02 09:00:00', '2026-03-02 09:00:00')"
            )
        )
    engine.dispose()

    _restore(backup, elsewhere)

    # The backup's own row stands there, which was made before a key was checked.
    assert [row[1] for row in everything_in(url)["installation"]] == [""]
    assert everything_in(url)["worker"] == []


def test_an_attempt_that_was_killed_can_be_made_again(made, backup, elsewhere):
    """Killed before its transaction ended, it had written files and no row."""
    url, files = elsewhere
    files.mkdir()
    for name, content in made("sqlite").files.items():
        (files / name).write_bytes(content)
    upgrade_database(url)

    _restore(backup, elsewhere)

    assert files_in(files) == made("sqlite").files


# --- An older version ------------------------------------------------------------------------

USER = {
    "id": (Kind.INTEGER, 7),
    "email": (Kind.TEXT, "dpo@gir.example"),
    "name": (Kind.TEXT, "Inès"),
    "password_hash": (Kind.TEXT, "x"),
    "locale": (Kind.TEXT, "fr"),
    "is_active": (Kind.BOOLEAN, True),
    "session_key": (Kind.TEXT, "k"),
    "created_at": (Kind.INSTANT, MONDAY_NINE),
}


def _archive(
    path: Path, revision: str, table: str, row: dict, *, file: StoredFile | None = None
) -> Path:
    """A backup with one row, as a breachdesk of that version would have written it."""
    kinds = {name: kind for name, (kind, _) in row.items()}
    with path.open("wb") as out:
        archive = ArchiveWriter(
            SealedWriter(out, PASSPHRASE),
            Head(revision, "sqlite", MONDAY_NINE.isoformat(), {table: kinds}),
        )
        values = [value for _, value in row.values()]
        archive.add_table(table, [line_of(values, list(kinds.values()))])
        archive.add_keys(KEYS)
        if file is not None:
            archive.add_file(file)
        archive.finish()
    return path


def test_a_backup_of_an_older_version_is_brought_up_to_date(elsewhere, tmp_path):
    old = _archive(tmp_path / "old.backup", "0001", "users", USER)

    _restore(old, elsewhere)

    url, _ = elsewhere
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, name, second_email FROM users")).one()
        assert tuple(found) == (7, "Inès", "")
    engine.dispose()


def test_a_backup_of_a_later_version_is_refused(elsewhere, tmp_path):
    later = _archive(tmp_path / "later.backup", "9999", "users", USER)

    with pytest.raises(BackupFault, match="update breachdesk first"):
        _restore(later, elsewhere)

    _check_nothing_was_written(elsewhere)


def test_an_empty_database_of_another_version_is_refused(elsewhere, tmp_path):
    upgrade_database(elsewhere[0])
    old = _archive(tmp_path / "old.backup", "0001", "users", USER)

    with pytest.raises(BackupFault, match="empty, but of version"):
        _restore(old, elsewhere)


# --- What is refused -------------------------------------------------------------------------


def _check_nothing_was_written(elsewhere) -> None:
    url, files = elsewhere
    assert not files.exists() or list(files.iterdir()) == []
    engine = open_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            if table != "alembic_version":
                count = connection.scalar(text(f"SELECT count(*) FROM {table}"))
                assert count == 0, table
    engine.dispose()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda content: content[:-1], "damaged or cut short", id="one byte short"),
        pytest.param(lambda content: content[: len(content) // 2], "cut short", id="half"),
        pytest.param(
            lambda content: content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
            "damaged",
            id="one bit other",
        ),
        pytest.param(lambda content: content + b"\n", "damaged", id="one byte more"),
        pytest.param(lambda content: b"", "not a backup", id="empty"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_written(
    backup, elsewhere, spoil, said
):
    backup.write_bytes(spoil(backup.read_bytes()))

    with pytest.raises(BackupFault, match=said):
        _restore(backup, elsewhere)

    _check_nothing_was_written(elsewhere)


def test_another_passphrase_is_refused_and_nothing_is_written(backup, elsewhere):
    with pytest.raises(BackupFault, match="passphrase does not open"):
        restore_backup(backup, "six renards dans la neige", url=elsewhere[0], files=elsewhere[1])

    _check_nothing_was_written(elsewhere)


def test_a_database_that_holds_anything_is_refused(backup, elsewhere):
    url, files = elsewhere
    _restore(backup, elsewhere)
    before, kept = everything_in(url), files_in(files)

    with pytest.raises(BackupFault, match=r"not empty.*destroys nothing"):
        _restore(backup, elsewhere)
    # Also when somebody was quicker than the first look.
    with pytest.raises(BackupFault, match="not empty any more"):
        restore_backup(backup, PASSPHRASE, url=url, files=files)

    assert everything_in(url) == before
    assert files_in(files) == kept


def test_a_file_of_the_same_name_that_is_another_is_not_overwritten(made, backup, elsewhere):
    url, files = elsewhere
    files.mkdir()
    name = max(made("sqlite").files)
    (files / name).write_bytes(b"precious")

    with pytest.raises(BackupFault, match="is there already and is another file"):
        _restore(backup, elsewhere)

    assert files_in(files) == {name: b"precious"}
    assert everything_in(url)["users"] == []


def test_files_are_taken_back_when_the_rows_are_refused(elsewhere, tmp_path):
    """Two rows with one id, which no database takes, and a file after them."""
    path = tmp_path / "twice.backup"
    kinds = {name: kind for name, (kind, _) in USER.items()}
    line = line_of([value for _, value in USER.values()], list(kinds.values()))
    with path.open("wb") as out:
        archive = ArchiveWriter(
            SealedWriter(out, PASSPHRASE),
            Head("0001", "sqlite", MONDAY_NINE.isoformat(), {"users": kinds}),
        )
        archive.add_table("users", [line])
        archive.add_keys(KEYS)
        archive.add_file(StoredFile("a" * 64, 3, io.BytesIO(b"abc")))
        # Rows after files: no breachdesk writes this, and a restoration takes it all the same.
        archive._add_part("users", 9, [line])
        archive.tally.count_line("users", line)
        archive.finish()

    with pytest.raises(BackupFault, match="The database refused rows of users: ") as caught:
        _restore(path, elsewhere)

    assert "dpo@gir.example" not in str(caught.value)
    _check_nothing_was_written(elsewhere)


def test_a_text_that_postgresql_cannot_keep_is_said_by_its_place(
    databases, tmp_path, elsewhere, mailer
):
    with databases.migrated("sqlite", tmp_path) as url:
        engine = open_engine(url)
        with Session(engine) as session:
            work = Work(session, desk_in(tmp_path, ENCRYPTION_KEY.encode(), mailer=mailer))
            make_organisation(work, now=MONDAY_NINE)
            open_case(work, now=MONDAY_NINE)
            session.execute(update(Fact).values(value=["a\x00b"]))
            session.commit()
        path = tmp_path / "nul.backup"
        make_backup(
            engine, work.desk.files, path, passphrase=PASSPHRASE, keys=KEYS, now=MONDAY_NINE
        )
        before = rows_of(engine)
        engine.dispose()

    if elsewhere[0].startswith("sqlite"):
        _restore(path, elsewhere)
        assert everything_in(elsewhere[0])["fact"] == before["fact"]
    else:
        with pytest.raises(BackupFault, match=r"fact 1 holds the character NUL in value"):
            _restore(path, elsewhere)
        _check_nothing_was_written(elsewhere)


def test_a_database_that_does_not_answer_is_said(tmp_path, backup):
    url = f"postgresql+psycopg:///desk?host={tmp_path}/nowhere"

    with pytest.raises(BackupFault, match="The database does not answer"):
        demand_empty(url, check_backup(backup, PASSPHRASE))


def test_the_keys_of_another_desk_do_not_open_what_is_restored(backup, elsewhere):
    _restore(backup, elsewhere)

    assert not inspect_restored(elsewhere[0], ("x" * 32,)).opens
