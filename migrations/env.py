"""How Alembic runs our migrations, through `upgrade_database` or Flask-Migrate's commands."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON, Connection, TypeDecorator

from breachdesk.models import db
from breachdesk.models.schema import migrating


def database_url() -> str:
    """The URL handed over by `upgrade_database`, else that of the application in hand."""
    given = context.config.attributes.get("url")
    return given or current_app.extensions["migrate"].db.engine.url.render_as_string(False)


def render_plainly(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our column types as the plain ones underneath: a migration outlives its models."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def make_no_empty_file(_context: object, _revision: object, directives: list[Any]) -> None:
    """Write no migration when models and database agree."""
    comparing = getattr(context.config.cmd_opts, "autogenerate", False)
    if comparing and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run(connection: Connection) -> None:
    """Run everything in one transaction: a database is never left between two versions."""
    on_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        # Alembic takes SQLite for a database that cannot roll back CREATE; begun by us, it can.
        transactional_ddl=True,
        render_item=render_plainly,
        process_revision_directives=make_no_empty_file,
    )
    with context.begin_transaction():
        context.run_migrations()
        if on_sqlite and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"The migration left rows without their parent: {orphans[:5]}")


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database they change: run them on one, without --sql.")
with migrating(database_url()) as migrated:
    run(migrated)
