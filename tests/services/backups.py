"""What the tests of backups and of rotations share."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from breachdesk.models import db
from breachdesk.models.base import open_engine
from breachdesk.services.backup import sealed_stream
from breachdesk.services.backup.rows import kinds_of, plain_table


@pytest.fixture(autouse=True)
def quick_lock() -> Iterator[None]:
    """Argon2id as ever, with little memory: a test locks many files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_stream, "MEMORY_KIB", 64)
        patch.setattr(sealed_stream, "PASSES", 1)
        patch.setattr(sealed_stream, "LANES", 1)
        yield


def everything_in(url: str) -> Mapping[str, list[list[Any]]]:
    """Every row of a database, by table."""
    engine = open_engine(url)
    try:
        return rows_of(engine)
    finally:
        engine.dispose()


def rows_of(engine: Engine) -> Mapping[str, list[list[Any]]]:
    """Every row, by table, whatever the engine."""
    found = {}
    with engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            plain = plain_table(table.name, kinds_of(table))
            key = [plain.c[column.name] for column in table.primary_key]
            rows: list[Any] = list(connection.execute(select(plain).order_by(*key)))
            found[table.name] = [list(row) for row in rows]
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
