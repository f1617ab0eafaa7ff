"""`create-operator` and `reset-password`: accounts, from the terminal of the server."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from breachdesk.cli.installation import read_settings
from breachdesk.config import Settings


@click.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
def create_operator(email: str, name: str) -> None:
    """Let the person of this address run the installation.

    An operator creates organisations and sees what runs; they read no case and no mail of
    any organisation. Somebody without an account gets one: a link is printed that sets its
    password, once, within the hour. Somebody who has one keeps it as it is.
    """
    from breachdesk import utc_now
    from breachdesk.services.operators import make_operator

    with _at_work() as (settings, session):
        made = make_operator(session, email, name, now=utc_now())
        address = made.user.email
    click.echo(f"{address} is an operator of this installation.")
    if made.token:
        _print_link(settings, made.token)


@click.command()
@click.argument("email")
def reset_password(email: str) -> None:
    """Print a link that sets a new password for the person of this address.

    This is the way out when mail does not work. The link opens once, within the hour: give
    it to nobody but them. Their second factor stays.
    """
    from breachdesk import utc_now
    from breachdesk.services.operators import reset_token_for

    with _at_work() as (settings, session):
        token = reset_token_for(session, email, now=utc_now())
    _print_link(settings, token)


def _print_link(settings: Settings, token: str) -> None:
    click.echo(
        f"To choose a password, open within the hour: {settings.public_url}/password/{token}"
    )


@contextmanager
def _at_work() -> Iterator[tuple[Settings, Session]]:
    """The installation's settings and a session; what is refused ends the command in words."""
    from breachdesk import create_app, upgrade_database
    from breachdesk.domain.errors import DeskError
    from breachdesk.wording import ENGLISH
    from breachdesk.wording.errors import error_sentence

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        try:
            yield settings, app.extensions["sqlalchemy"].session()
        except DeskError as error:
            raise click.ClickException(error_sentence(error, ENGLISH)) from error
