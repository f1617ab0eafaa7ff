"""What keeps the journal from the application itself: the database's trigger and its grants.

On PostgreSQL, a separate owner makes the tables, and the application's role is given what it
needs of them and no more: it can then neither change a line nor take the trigger off. On
SQLite whoever writes the file can do anything with it; the trigger stops mistakes alone.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, text

from breachdesk.models.base import open_engine

TRIGGERS = frozenset({"journal_entry_lines", "journal_entry_whole"})
TABLE = "journal_entry"
# All that the application does to a line: write it, read it, erase its text.
ERASABLE = ("reason", "reason_salt")
_POSTGRESQL_TRIGGERS = """
SELECT tgname FROM pg_trigger
WHERE tgrelid = 'journal_entry'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')
"""
_POSTGRESQL_POWER = """
SELECT rolsuper OR pg_has_role(rolname, relowner, 'MEMBER')
  OR has_table_privilege(rolname, pg_class.oid, 'DELETE, TRUNCATE, TRIGGER')
  OR EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('reason', 'reason_salt')
      AND has_column_privilege(rolname, pg_class.oid, attname, 'UPDATE'))
FROM pg_class, pg_roles WHERE pg_class.oid = 'journal_entry'::regclass AND rolname = :role
"""


class GrantRefused(ValueError):
    """A role cannot be kept from the journal; a whole sentence says why."""


@dataclass(frozen=True)
class Guard:
    """How the journal is kept; `our_role_may`: whether who we connect as could alter it."""

    is_in_place: bool
    our_role_may: bool


def look_at_guard(connection: Connection) -> Guard:
    """Whether the triggers are in place, and whether our own role could get around them."""
    if connection.dialect.name != "postgresql":
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
            {"table": TABLE},
        ).scalars()
        return Guard(set(names) >= TRIGGERS, our_role_may=True)
    names = connection.execute(text(_POSTGRESQL_TRIGGERS)).scalars()
    role = connection.execute(text("SELECT current_user")).scalar_one()
    return Guard(set(names) >= TRIGGERS, _may_alter(connection, role))


def _may_alter(connection: Connection, role: str) -> bool:
    return bool(connection.execute(text(_POSTGRESQL_POWER), {"role": role}).scalar())


def grant_at(url: str, role: str) -> list[str]:
    """As `grant_to`, at a database's URL; commits."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            return grant_to(connection, role)
    finally:
        engine.dispose()


def grant_to(connection: Connection, role: str) -> list[str]:
    """Give a role of PostgreSQL what the application needs, and no more; does not commit.

    Run by the owner of the tables, and again after each upgrade: new tables are new.

    Returns:
        The statements that were run.

    Raises:
        GrantRefused: the role is not there, or could do anything whatever it is granted.
    """
    if connection.dialect.name != "postgresql":
        raise GrantRefused("Only PostgreSQL knows roles: SQLite is one file, of one owner.")
    if (
        connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
        ).scalar()
        is None
    ):
        raise GrantRefused(f"There is no role {role}: make it first, with CREATE ROLE … LOGIN.")
    statements = _statements(connection, role)
    for statement in statements:
        connection.exec_driver_sql(statement)
    if _may_alter(connection, role):
        raise GrantRefused(
            f"{role} could still alter the journal: it owns the tables, is a superuser, or is a "
            "member of a role that may. Let breachdesk connect as a role of its own."
        )
    return statements


def _statements(connection: Connection, role: str) -> list[str]:
    quote: Any = connection.dialect.identifier_preparer.quote_identifier
    to = quote(role)
    columns = ", ".join(ERASABLE)
    made = [f"GRANT USAGE ON SCHEMA public TO {to}"]
    for table in sorted(inspect(connection).get_table_names(schema="public")):
        name = f"public.{quote(table)}"
        made.append(f"REVOKE ALL ON {name} FROM {to}, PUBLIC")
        if table == TABLE:
            made.append(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {name} TO {to}")
        elif table == "alembic_version":
            made.append(f"GRANT SELECT ON {name} TO {to}")
        else:
            made.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {to}")
    made.append(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}")
    return made
