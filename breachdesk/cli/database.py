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


@database.command()
@click.argument("role")
@click.option("--show", is_flag=True, help="Print what was run.")
def grants(role: str, show: bool) -> None:
    """Give ROLE of PostgreSQL what breachdesk needs of the tables, and no more (for `run`).

    Let one role own the tables and run `db upgrade` and this command; let breachdesk connect as
    ROLE. It can then write lines of the journal and erase their texts, and neither change nor
    delete them, nor take off the trigger that keeps them. Run it again after each upgrade.
    """
    from breachdesk.services.journal_guard import GrantRefused, grant_at

    settings = read_settings()
    try:
        statements = grant_at(settings.database_url, role)
    except GrantRefused as refused:
        raise click.ClickException(str(refused)) from refused
    if show:
        click.echo("\n".join(f"{statement};" for statement in statements))
    click.echo(f"{role} may use the tables, and cannot alter the journal.")
