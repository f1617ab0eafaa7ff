"""`create-user`: add a person to an organisation."""

import secrets

import click

from breachdesk.cli.installation import read_settings
from breachdesk.domain.access import ORGANISATION_ROLES, Role


@click.command()
@click.argument("organisation_code")
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as the journal will show it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in ORGANISATION_ROLES]),
    help="What they are to the organisation; give it once for each role.",
)
def create_user(organisation_code: str, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Add a person to the organisation of this code (such as GIR).

    A password is generated and printed once: give it to them in person.
    """
    from breachdesk import create_app, upgrade_database, utc_now
    from breachdesk.domain.errors import DeskError
    from breachdesk.services.organisations import NewPerson, add_user, find_organisation
    from breachdesk.wording import ENGLISH
    from breachdesk.wording.errors import error_sentence

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        organisation = find_organisation(session, organisation_code)
        if organisation is None:
            raise click.ClickException(f"There is no organisation {organisation_code}.")
        chosen = secrets.token_urlsafe(12)
        person = NewPerson(name, email, frozenset(Role(role) for role in roles), chosen)
        try:
            add_user(session, organisation, person, now=utc_now())
        except DeskError as error:
            raise click.ClickException(error_sentence(error, ENGLISH)) from error
    click.echo(f"{email} can sign in with the password {chosen}")
