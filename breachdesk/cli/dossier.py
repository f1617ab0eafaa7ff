"""`dossier`: make the next dossier of a case from the command line."""

from pathlib import Path

import click

from breachdesk.cli.installation import read_settings


@click.command()
@click.argument("reference")
@click.option("--by", "email", required=True, help="Address of the person in whose name.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
def dossier(reference: str, email: str, out: Path | None, lang: str) -> None:
    """Make the next dossier of the case REFERENCE (such as GIR-2026-0007).

    It is kept and journaled like one made on the page, and written to a file. The person
    named by --by must have the right to make it.
    """
    from breachdesk import create_app, upgrade_database, utc_now
    from breachdesk.domain.errors import DeskError
    from breachdesk.services.acting import seats_of_address
    from breachdesk.services.cases import find_case
    from breachdesk.services.dossiers import make_dossier, read_dossier
    from breachdesk.wording import ENGLISH
    from breachdesk.wording.errors import error_sentence

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    desk = app.extensions["desk"]
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        try:
            case = find_case(session, seats_of_address(session, email), reference)
            assert case.seat is not None
            made = make_dossier(
                session, desk, case.incident, by=case.seat, now=utc_now(), locale=lang
            )
            _, pdf = read_dossier(session, desk, case.incident, made.number)
        except DeskError as error:
            raise click.ClickException(error_sentence(error, ENGLISH)) from error
        path = out or Path(f"{case.incident.reference}-dossier-{made.number}.pdf")
        path.write_bytes(pdf)
        click.echo(f"{path} {made.sha256}")
