"""`db`: the database's schema."""

from pathlib import Path

import click

from breachdesk.cli.installation import read_settings

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@click.group()
def database() -> None:
    """Look after the database."""


@database.command()
def upgrade() -> None:
    """Bring the database up to date. Safe to run again, and by several at once."""
    from breachdesk import prepare_runner, upgrade_database

    settings = read_settings()
    upgrade_database(settings.database_url)
    prepare_runner(settings)
    click.echo("The database is up to date.")


@database.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write the migration for what the models changed (for developers).

    The database must be up to date. Read the file before you commit it: CHECK constraints
    are not found, and SQLite alters a table by making it anew.
    """
    from flask_migrate import Migrate, migrate

    from breachdesk import create_app, upgrade_database

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    Migrate(app, app.extensions["sqlalchemy"], directory=str(MIGRATIONS))
    with app.app_context():
        migrate(message=message)
