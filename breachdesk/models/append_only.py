"""Rows that are written once: what was known, decided and done is never rewritten."""

from typing import Any, ClassVar

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper


class AppendOnly:
    """A table whose rows are never changed or deleted through the application.

    `erasable` names the columns of personal or free text that may be emptied once their
    time is up; the commitment to them stays.
    """

    erasable: ClassVar[frozenset[str]] = frozenset()


class WrittenOnceError(RuntimeError):
    """Something tried to change or delete a row that is written once."""


@event.listens_for(AppendOnly, "before_update", propagate=True)
def _refuse_update(_mapper: Mapper[Any], _connection: object, row: AppendOnly) -> None:
    for attribute in inspect(row).attrs:
        changed = attribute.history.has_changes()
        if changed and not (attribute.key in row.erasable and attribute.value is None):
            raise WrittenOnceError(f"{type(row).__name__}.{attribute.key} is written once.")


@event.listens_for(AppendOnly, "before_delete", propagate=True)
def _refuse_delete(_mapper: Mapper[Any], _connection: object, row: AppendOnly) -> None:
    raise WrittenOnceError(f"{type(row).__name__} rows are never deleted.")
