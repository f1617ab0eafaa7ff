"""`import-published`: the authority's open data, counted, for the pages of the cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from breachdesk.cli.installation import read_settings

if TYPE_CHECKING:
    from breachdesk.domain.published_file import DamagedFile, FaultKind, LineFault
    from breachdesk.services.published_notifications import Imported

DAMAGED = 2


@click.command("import-published")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--accept-new-words",
    is_flag=True,
    help='Count sectors not on the list as unknown, origins and causes as "other".',
)
def import_published(file: Path, accept_new_words: bool) -> None:
    """Take in the notifications that the CNIL publishes, as one CSV file.

    FILE is that of data.gouv.fr, "Notifications à la CNIL de violations de données à
    caractère personnel", as downloaded: a spreadsheet that saves it changes it. It is counted
    whole and takes the place of the one imported before. Assessments then show what was done
    in cases of the same origin, sector and size.

    A damaged FILE changes nothing: every faulty line is said, and the status is 2. Words that
    are not on the list are faults too, for they may be damage; if the CNIL's form has a new
    box indeed, --accept-new-words takes them.
    """
    from breachdesk import create_app, upgrade_database, utc_now
    from breachdesk.domain.published_file import DamagedFile
    from breachdesk.services import published_notifications

    settings = read_settings()
    upgrade_database(settings.database_url)
    app = create_app(settings)
    with app.app_context(), file.open("rb") as content:
        try:
            made = published_notifications.import_published(
                app.extensions["sqlalchemy"].session(),
                published_notifications.physical_lines(content),
                file_name=file.name,
                now=utc_now(),
                accept_new_words=accept_new_words,
            )
        except DamagedFile as damage:
            _refuse(file, damage)
    _tell(file, made)


def _tell(file: Path, made: Imported) -> None:
    counted, former = made.counted, made.former
    click.echo(
        f"{file.name}: {counted.total:,} notifications, from {counted.first_month} "
        f"to {counted.last_month}."
    )
    for words, count in counted.new_words:
        click.echo(f'Not on the list, counted as "other" or unknown: {words} ({count:,})', err=True)
    if former is None:
        return
    when = f"{former.imported_at:%Y-%m-%d}"
    if made.is_same:
        click.echo(f"It is the file that was imported on {when}, counted anew.")
    else:
        click.echo(f"It takes the place of {former.file_name}, imported on {when}.")
    if former.last_month > counted.last_month:
        click.echo(
            f"The one before went further, to {former.last_month}: is this the newest file?",
            err=True,
        )


def _refuse(file: Path, damage: DamagedFile) -> NoReturn:
    for fault in damage.faults:
        click.echo(f"{file.name}, line {fault.line}: {_sentence(fault)}", err=True)
    more = damage.count - len(damage.faults)
    if more:
        click.echo(f"… and {more:,} more faulty lines.", err=True)
    if any(fault.may_be_new for fault in damage.faults):
        click.echo(
            "If the CNIL's form has a new sector, origin or cause: --accept-new-words.", err=True
        )
    click.echo("Nothing was imported.", err=True)
    sys.exit(DAMAGED)


def _sentence(fault: LineFault) -> str:
    template = _sentences()[fault.kind]
    return template.format(shown=fault.shown or "nothing", column=fault.column)


def _sentences() -> dict[FaultKind, str]:
    from breachdesk.domain.published_file import LONGEST_LINE, MOST_LINES, FaultKind

    return {
        FaultKind.NO_HEADS: (
            "the nine heads of the CNIL's file should stand here, after one line of note; "
            "here stands: {shown}"
        ),
        FaultKind.UTF_8: (
            "this is UTF-8; the CNIL writes cp1252 (Windows). Take the file as downloaded, "
            "not as a spreadsheet saved it."
        ),
        FaultKind.NOT_CP1252: "these bytes are no text in cp1252.",
        FaultKind.CONTROL_CHARACTER: "a control character stands in the text.",
        FaultKind.TOO_LONG: f"longer than {LONGEST_LINE:,} bytes.",
        FaultKind.QUOTE: "a quote is opened and never closed, or closed too early: {shown}",
        FaultKind.COLUMNS: "{shown} columns instead of 9.",
        FaultKind.MONTH: "no month of reception, like 2025-12: {shown}",
        FaultKind.UNKNOWN_WORDS: "not on the list of “{column}”: {shown}",
        FaultKind.TOO_MANY_LINES: f"more than {MOST_LINES:,} lines.",
        FaultKind.NOTHING: "the file ends here, and holds no notification.",
    }
