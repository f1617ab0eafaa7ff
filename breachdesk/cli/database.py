"""`db`: the database's schema."""

import click

from breachdesk.cli.installation import read_settings


@click.group()
def database() -> None:
    """Look after the database."""


@database.command()
def upgrade() -> None:
    """Bring the database up to date. Safe to run again, and by several at once."""
    from breachdesk import upgrade_database

    settings = read_settings()
    upgrade_database(settings.database_url)
    click.echo("The database is up to date.")
