"""`backup` and `restore`: the whole desk in one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from breachdesk import setting_kinds as kinds
from breachdesk.cli.installation import Progress, alone_on, read_settings
from breachdesk.config import Settings

if TYPE_CHECKING:
    from breachdesk.services.backup import Contents

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file whose first line is the passphrase, for timers.",
)
PATH = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=PATH)
@PASSPHRASE_FILE
def backup(file: Path, passphrase_file: Path | None) -> None:
    """Write everything the desk holds to FILE: database, attachments, keys.

    The desk may run meanwhile, on SQLite or on PostgreSQL. FILE must not exist; it is locked
    with a passphrase, asked for here, or given by --passphrase-file or
    BREACHDESK_BACKUP_PASSPHRASE. Keep the passphrase elsewhere: without it nobody opens FILE.
    """
    from breachdesk import check_key, create_app, utc_now
    from breachdesk.key_files import instance_keys
    from breachdesk.seal_files import kept_seal
    from breachdesk.services.backup import BackupFault, KeyTexts, make_backup

    settings = read_settings()
    passphrase = _passphrase(settings, passphrase_file, is_new=True)
    with alone_on(settings, shared=True):
        app = create_app(settings)
        check_key(app)
        keys = instance_keys(settings)
        texts = tuple(key.decode() for key in keys.opening)
        seal = kept_seal(settings)
        progress = Progress()
        with app.app_context():
            try:
                made = make_backup(
                    app.extensions["sqlalchemy"].engine,
                    app.extensions["desk"].files,
                    file,
                    passphrase=passphrase,
                    keys=KeyTexts(
                        texts, keys.session.decode(), (seal.key, seal.certificate) if seal else None
                    ),
                    now=utc_now(),
                    tell=progress,
                )
            except BackupFault as fault:
                raise click.ClickException(str(fault)) from fault
            finally:
                progress.end()
    click.echo(f"{file}: {_size(file.stat().st_size)}, read back and whole.")
    click.echo(_totals(made))


@click.command()
@click.argument("file", type=PATH)
@click.option("--check", is_flag=True, help="Read FILE to its end, and restore nothing.")
@PASSPHRASE_FILE
def restore(file: Path, check: bool, passphrase_file: Path | None) -> None:
    """Restore FILE, made by `backup`, into an empty database and this instance folder.

    The database may be of the other kind: a backup of SQLite restores into PostgreSQL, and
    back. The whole of FILE is checked before anything is written, and nothing that is there
    is ever overwritten. Then every chain of the journal is walked.
    """
    from breachdesk.services.backup import BackupFault, check_backup

    settings = read_settings()
    passphrase = _passphrase(settings, passphrase_file, is_new=False)
    progress = Progress()
    try:
        contents = check_backup(file, passphrase, tell=progress)
        progress.end()
        click.echo(f"{file} is whole.\n{_totals(contents)}")
        if not check:
            _restore(settings, file, passphrase, contents, progress)
    except BackupFault as fault:
        raise click.ClickException(str(fault)) from fault
    finally:
        progress.end()


def _restore(
    settings: Settings, file: Path, passphrase: str, contents: Contents, progress: Progress
) -> None:
    from breachdesk.key_files import Keys, restored_keys
    from breachdesk.seal_files import SealTexts, restored_seal
    from breachdesk.services.backup import demand_empty, inspect_restored, restore_backup

    newest, *former = (key.encode() for key in contents.keys.encryption)
    keys = Keys(contents.keys.session.encode(), newest, tuple(former))
    seal = SealTexts(*contents.keys.seal) if contents.keys.seal else None
    url = settings.database_url
    with alone_on(settings):
        demand_empty(url, contents)
        with restored_keys(settings, keys) as said, restored_seal(settings, seal) as of_seal:
            files = settings.instance / "files"
            restore_backup(file, passphrase, url=url, files=files, tell=progress)
        verdict = inspect_restored(url, contents.keys.encryption)
    progress.end()
    for sentence in (*said, *of_seal):
        click.echo(sentence)
    for chain, line in verdict.broken.items():
        click.echo(f"The journal {chain} was altered at line {line}, before the backup.", err=True)
    if not verdict.opens:
        click.echo("What is sealed does not open with the keys of this backup.", err=True)
    if verdict.broken or not verdict.opens:
        sys.exit(1)
    click.echo(f"All {verdict.chains} journals hold, and what is sealed opens.")
    click.echo("Everything is restored. Start it: python -m breachdesk run")


def _passphrase(settings: Settings, file: Path | None, *, is_new: bool) -> str:
    """The passphrase as given, else asked for; twice where it locks something."""
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        given = lines[0].strip() if lines else ""
    elif settings.backup_passphrase is not None:
        given = settings.backup_passphrase
    elif sys.stdin.isatty():
        given = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new).strip()
    else:
        raise click.ClickException(
            "Nobody is here to type the passphrase: "
            "give --passphrase-file, or set BREACHDESK_BACKUP_PASSPHRASE."
        )
    try:
        return kinds.passphrase(given) if is_new else given
    except ValueError as fault:
        raise click.ClickException(f"The passphrase {fault}") from fault


def _totals(contents: Contents) -> str:
    tally, head = contents.tally, contents.head
    said = (
        f"{contents.rows:,} rows, {tally.files:,} files of {_size(tally.file_bytes)}, "
        f"and the keys; made {head.made_at[:16].replace('T', ' ')} UTC on {head.engine}, "
        f"version {head.revision}."
    )
    gone = len(tally.gone)
    return said + (f" {gone} files were deleted meanwhile." if gone else "")


def _size(count: int) -> str:
    """Bytes as people say them."""
    if count < 1_000_000:
        return f"{count / 1000:.1f} kB"
    return f"{count / 1_000_000:,.1f} MB"
