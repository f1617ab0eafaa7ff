"""The migrations: from an empty database to exactly what the models say, on both engines."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, inspect
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

from breachdesk.models import db
from breachdesk.models.schema import MIGRATIONS, upgrade_database

PROJECT = Path(__file__).resolve().parent.parent


def portrait(engine: Engine) -> set[str]:
    """All there is to say about the tables, one line per thing.

    Alembic's own comparison passes over CHECK constraints and the conditions of partial
    indexes; this one reads them back from the database.
    """
    inspector = inspect(engine)
    seen = {
        "column": inspector.get_multi_columns(),
        "primary key": inspector.get_multi_pk_constraint(),
        "foreign key": inspector.get_multi_foreign_keys(),
        "unique": inspector.get_multi_unique_constraints(),
        "check": inspector.get_multi_check_constraints(),
        "index": inspector.get_multi_indexes(),
    }
    return {
        f"{table}: {kind} {shown(thing)}"
        for kind, tables in seen.items()
        for (_schema, table), things in tables.items()
        for thing in (things if isinstance(things, list) else [things])
        if table != "alembic_version"
    }


def shown(thing: object) -> str:
    """What the database said, in an order of its own making."""
    if isinstance(thing, dict):
        return "{" + ", ".join(f"{name}: {shown(thing[name])}" for name in sorted(thing)) + "}"
    return repr(thing) if isinstance(thing, TypeEngine) else str(thing)


def made_from(metadata: MetaData, url: str) -> set[str]:
    engine = create_engine(url, poolclass=NullPool)
    metadata.create_all(engine)
    return portrait(engine)


def test_the_migrations_make_exactly_what_the_models_say(empty_database_url, databases, tmp_path):
    engine = "sqlite" if empty_database_url.startswith("sqlite") else "postgresql"
    said = made_from(db.metadata, empty_database_url)

    with databases.migrated(engine, tmp_path) as url:
        made = portrait(create_engine(url, poolclass=NullPool))

    assert said - made == set(), "the migrations do not make this"
    assert made - said == set(), "the models know nothing of this"


def test_there_is_one_line_of_migrations():
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_migrating_again_changes_nothing(database_url):
    before = portrait(create_engine(database_url, poolclass=NullPool))

    upgrade_database(database_url)

    assert portrait(create_engine(database_url, poolclass=NullPool)) == before


def test_processes_that_start_together_migrate_once(empty_database_url):
    program = (
        "from breachdesk.models.schema import upgrade_database\n"
        f"upgrade_database({empty_database_url!r})"
    )
    together = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, cwd=PROJECT)
        for _ in range(3)
    ]
    complaints = [process.communicate(timeout=60)[1] for process in together]

    assert complaints == [b""] * 3
    assert portrait(create_engine(empty_database_url, poolclass=NullPool))


def test_a_migration_that_fails_leaves_nothing_half_made(empty_database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "breachdesk.models.schema.MIGRATIONS",
        with_one_more(
            tmp_path,
            [
                "CREATE TABLE half (id INTEGER)",
                "SELECT nonsense",
            ],
        ),
    )

    with pytest.raises(Exception, match="nonsense"):
        upgrade_database(empty_database_url)

    assert inspect(create_engine(empty_database_url, poolclass=NullPool)).get_table_names() == []


def test_a_migration_that_orphans_rows_on_sqlite_is_refused(databases, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "breachdesk.models.schema.MIGRATIONS",
        with_one_more(
            tmp_path,
            [
                "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
                "CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))",
                "INSERT INTO child VALUES (7)",
            ],
        ),
    )

    with databases.migrated("sqlite", tmp_path) as url:
        with pytest.raises(RuntimeError, match="without their parent"):
            upgrade_database(url)

        assert "child" not in inspect(create_engine(url, poolclass=NullPool)).get_table_names()


def test_a_new_sqlite_file_is_read_by_its_owner_alone(tmp_path):
    upgrade_database(f"sqlite:///{tmp_path / 'new' / 'desk.db'}")

    assert (tmp_path / "new" / "desk.db").stat().st_mode & 0o777 == 0o600


def with_one_more(folder: Path, statements: list[str]) -> Path:
    """The migrations, and after them one that executes these statements."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    steps = "".join(f"    op.execute({statement!r})\n" for statement in statements)
    (copy / "versions").mkdir(exist_ok=True)
    (copy / "versions" / "one_more.py").write_text(
        f"from alembic import op\nrevision = 'one_more'\ndown_revision = {head!r}\n"
        f"def upgrade():\n{steps}"
    )
    return copy


ROWS_OF_THE_FIRST_VERSION = (
    "INSERT INTO organisation (id, code, name, locale, timezone, siren, vat_number, sector,"
    " headcount, address, country, legal_representative, contact_name, contact_function,"
    " contact_email, contact_phone, processing, is_example, created_at)"
    " VALUES (1, 'GIR', 'La Girandole', 'fr', 'Europe/Paris', '', '', '', '', '', '', '', '',"
    " '', '', '', '{}', false, '2026-03-02 09:00:00')",
    "INSERT INTO users (id, email, name, password_hash, locale, is_active, session_key,"
    " created_at) VALUES (1, 'dpo@gir.example', 'Inès', 'x', 'fr', true, 'k',"
    " '2026-03-02 09:00:00')",
    "INSERT INTO incident (id, organisation_id, reference, title, stage, noticed_at, opened_at,"
    " opened_by_id) VALUES (1, 1, 'GIR-2026-0001', 'Sauvegarde', 'opened',"
    " '2026-03-02 09:00:00', '2026-03-02 09:00:00', 1)",
    "INSERT INTO fact (id, incident_id, key, version, state, source, author_id, recorded_at)"
    " VALUES (1, 1, 'description', 1, 'known', '', 1, '2026-03-02 09:00:00')",
)


def test_a_desk_of_the_first_version_keeps_what_it_holds(empty_database_url):
    upgrade_database(empty_database_url, "0001")
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in ROWS_OF_THE_FIRST_VERSION:
            connection.exec_driver_sql(statement)

    upgrade_database(empty_database_url)

    with engine.connect() as connection:
        kept = connection.exec_driver_sql(
            "SELECT channel, is_restricted, takes_local_sign_in, second_email, is_shared"
            " FROM incident, organisation, users, fact"
        ).one()
    assert (kept.channel, kept.second_email) == ("desk", "")
    assert (bool(kept.is_restricted), bool(kept.takes_local_sign_in)) == (False, True)
    assert not kept.is_shared
