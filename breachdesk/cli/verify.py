"""`verify`: a dossier or a filing from its file alone; or the journals of the database."""

import json
import sys
from pathlib import Path

import click

from breachdesk.domain.dossier_check import read_hash

SIGNS = {"holds": "✓", "fails": "✗", "open": "·"}


class Hash(click.ParamType):  # type: ignore[type-arg]
    """A SHA-256 hash, with spaces, colons or capitals as one likes."""

    name = "hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The hash in our form."""
        found = read_hash(value)
        if found is None:
            self.fail(f"{value!r} is no SHA-256 hash: it has 64 digits from 0 to f.", param, ctx)
        return found


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option("--trust", type=Hash(), help="Fingerprint of the certificate that must have sealed.")
@click.option("--head", type=Hash(), help="A hash of the journal, as a mail or dossier gave it.")
@click.option("--database", "of_database", is_flag=True, help="Check the journals of this desk.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
def verify(
    file: Path | None,
    trust: str | None,
    head: str | None,
    of_database: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Check the dossier FILE (a PDF or a ZIP), or a filing's PDF, from the file alone.

    Needs no settings and no database. Says what holds and what does not, and what was not
    checked. Ends with status 0 if all that was checked holds, 1 if anything does not.
    Without --trust, it is at best "intact, origin not proven": ask the organisation for
    its fingerprint by another way than the file.

    With --database and no FILE, walks every journal of this installation instead.
    """
    if of_database == (file is not None):
        raise click.UsageError("Name a FILE to check, or give --database.")
    if of_database:
        from breachdesk.cli.verify_database import verify_database

        sys.exit(verify_database(as_json=as_json, lang=lang))
    assert file is not None
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from error
    sys.exit(_verify_file(content, trust, head, as_json, lang))


def _verify_file(
    content: bytes, trust: str | None, head: str | None, as_json: bool, lang: str
) -> int:
    from breachdesk.services.verification import check_dossier
    from breachdesk.wording import wording_for
    from breachdesk.wording.dossier_check import check_words

    check = check_dossier(content, trust=trust, head=head)
    if as_json:
        click.echo(json.dumps(check.as_json(), ensure_ascii=False, indent=2))
    else:
        wording = wording_for(lang)
        words = check_words(check, wording)
        click.echo(words.verdict)
        for outcome, sentence in words.lines:
            click.echo(f"{SIGNS[outcome]} {sentence}")
        click.echo()
        click.echo(wording.text("N’a pas été vérifié :"))
        for limit in words.not_checked:
            click.echo(f"- {limit}")
        click.echo(f"\n{words.next_step}")
    return 0 if check.holds else 1
