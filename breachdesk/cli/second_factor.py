"""`reset-second-factor`: the way back in for somebody who lost every factor and every code."""

import click

from breachdesk.cli.installation import read_settings


@click.command()
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take every second factor from the person of this address: they lost them all.

    Make sure first that it is they who ask, by voice or face to face: from then on their
    password alone signs them in. Their passkeys, codes and recovery codes are worthless at
    once and their sessions end. They are told by mail, and each of their organisations
    keeps a line in its journal.
    """
    from breachdesk import create_app, upgrade_database, utc_now
    from breachdesk.domain.errors import DeskError
    from breachdesk.services import second_factor
    from breachdesk.wording import ENGLISH
    from breachdesk.wording.errors import error_sentence

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        desk = app.extensions["desk"]
        try:
            user = second_factor.reset_second_factor(session, desk, email, now=utc_now())
        except DeskError as error:
            raise click.ClickException(error_sentence(error, ENGLISH)) from error
        address = user.email
    click.echo(f"{address} has no second factor any more, and is signed in nowhere.")
