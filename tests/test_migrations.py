"""The migrations: from an empty database to exactly what the models say, on both engines."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, MetaData, create_engine, inspect
from sqlalchemy.pool import NullPool

from breachdesk.models import db
from breachdesk.models.schema import MIGRATIONS, upgrade_database

PROJECT = Path(__file__).resolve().parent.parent


def portrait(engine: Engine) -> set[str]:
    """All there is to say about the tables, one line per thing.

    Alembic's own comparison passes over CHECK constraints and the conditions of partial
    indexes; this one reads them back from the database.
    """
    inspector = inspect(engine)
    tables = set(inspector.get_table_names()) - {"alembic_version"}
    return {f"{table}: {line}" for table in tables for line in _lines(inspector, table)}


def _lines(inspector: Inspector, table: str) -> list[str]:
    columns = [
        f"column {c['name']} {c['type']!r} null={c['nullable']} default={c['default']}"
        for c in inspector.get_columns(table)
    ]
    return [
        *columns,
        f"primary key {inspector.get_pk_constraint(table)}",
        *(f"foreign key {key}" for key in inspector.get_foreign_keys(table)),
        *(f"unique {rule}" for rule in inspector.get_unique_constraints(table)),
        *(f"check {rule}" for rule in inspector.get_check_constraints(table)),
        *(f"index {_plain(index)}" for index in inspector.get_indexes(table)),
    ]


def _plain(index) -> dict[str, str]:
    return {name: str(value) for name, value in index.items()} | {
        "dialect_options": str({k: str(v) for k, v in index.get("dialect_options", {}).items()})
    }


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
        for _ in range(4)
    ]
    complaints = [process.communicate(timeout=60)[1] for process in together]

    assert complaints == [b""] * 4
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
