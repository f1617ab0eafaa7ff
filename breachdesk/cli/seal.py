"""`seal`: the certificate that seals this installation's dossiers."""

import click

from breachdesk.cli.installation import read_settings


@click.command()
@click.option("--pem", is_flag=True, help="Print the certificate itself, to be handed over.")
def seal(pem: bool) -> None:
    """Print the fingerprint of the certificate that seals this installation's dossiers.

    Give it to whoever receives dossiers, by another way than the dossiers themselves: with it,
    `verify FILE --trust FINGERPRINT` proves where a dossier comes from.
    """
    from breachdesk import utc_now
    from breachdesk.seal_files import instance_seal

    key = instance_seal(read_settings(), clock=utc_now)
    if pem:
        click.echo(key.certificate_pem, nl=False)
        return
    click.echo(key.shown_fingerprint)
    click.echo(f"{key.name}, valid until {key.ends_at:%Y-%m-%d}.", err=True)
