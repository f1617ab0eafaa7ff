"""`rotate-key`: new keys in the place of the old."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import click

from breachdesk.cli.installation import Progress, alone_on, read_settings
from breachdesk.config import PREFIX, Settings

if TYPE_CHECKING:
    from flask import Flask

    from breachdesk.key_files import Keys


@click.command()
@click.option("--session", "of_sessions", is_flag=True, help="Sign everybody out instead.")
def rotate_key(of_sessions: bool) -> None:
    """Make a new encryption key and put everything that is sealed under it.

    The desk may run meanwhile. Killed at any moment, the command is run again and goes on
    where it stopped; nothing is ever under no key. Make a backup afterwards: earlier ones hold
    the former key, locked with their passphrase.

    With --session, everybody is signed out and the key that signs cookies is replaced.
    """
    from breachdesk import check_key, create_app, upgrade_database
    from breachdesk.key_files import instance_keys

    settings = read_settings()
    upgrade_database(settings.database_url)
    with alone_on(settings):
        app = create_app(settings)
        check_key(app)
        if of_sessions:
            _rotate_session_key(settings, app)
        elif settings.encryption_key is None:
            _rotate_kept_key(settings, app, instance_keys(settings))
        elif settings.old_encryption_keys:
            _turn(app)
            click.echo(
                f"Now unset {PREFIX}OLD_ENCRYPTION_KEYS, and start run and worker again. "
                "Make a backup: earlier ones hold the former key."
            )
        else:
            _say_how(instance_keys(settings))


def _rotate_kept_key(settings: Settings, app: Flask, keys: Keys) -> None:
    """The key lies in the instance folder: put a new one above it, turn, drop it."""
    from breachdesk import following_key
    from breachdesk.key_files import add_encryption_key, drop_former_keys

    if keys.former:
        click.echo("A rotation was under way: it goes on.")
    else:
        add_encryption_key(settings, following_key(keys.encryption))
    _turn(app)
    drop_former_keys(settings)
    click.echo("The former key is gone. Make a backup now: earlier ones hold it.")


def _turn(app: Flask) -> None:
    from breachdesk import utc_now
    from breachdesk.services.key_rotation import turn_everything

    progress = Progress()
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        try:
            turned = turn_everything(engine, app.extensions["desk"], now=utc_now(), tell=progress)
        finally:
            progress.end()
    click.echo(f"{turned.values:,} values and {turned.files:,} files are under the new key.")
    if turned.rubbish:
        click.echo(f"{turned.rubbish} files that a crash had left were removed.")
    for place in sorted(turned.unreadable):
        click.echo(f"No key opens {place}: it was damaged before, and is left as it is.", err=True)
    for place in turned.uncompacted:
        click.echo(
            f"What was replaced may still lie on the disk in {place}: it was in use. "
            "Run VACUUM FULL on it (SQLite: VACUUM) while the desk rests.",
            err=True,
        )


def _say_how(keys: Keys) -> None:
    """The key comes from the settings: only who sets them can change it."""
    from breachdesk import following_key

    click.echo(
        f"The key comes from {PREFIX}ENCRYPTION_KEY, so the first step is yours:\n"
        f"1. Wherever breachdesk starts, set\n"
        f"     {PREFIX}ENCRYPTION_KEY={following_key(keys.encryption).decode()}\n"
        f"     {PREFIX}OLD_ENCRYPTION_KEYS=(what {PREFIX}ENCRYPTION_KEY is now)\n"
        "2. Start run and worker again, all of them.\n"
        "3. Run this command again: it turns what is sealed.\n"
        "Nothing has been changed yet."
    )


def _rotate_session_key(settings: Settings, app: Flask) -> None:
    from breachdesk import utc_now
    from breachdesk.key_files import GENERATED_KEY_BYTES, replace_session_key
    from breachdesk.services.key_rotation import end_every_session

    with app.app_context():
        ended = end_every_session(app.extensions["sqlalchemy"].session(), now=utc_now())
    click.echo(f"{ended} sessions were ended: everybody signs in again.")
    if settings.secret_key is None:
        replace_session_key(settings)
        click.echo("Start run again: until then cookies are signed with the former key.")
    else:
        click.echo(
            f"Set {PREFIX}SECRET_KEY={secrets.token_urlsafe(GENERATED_KEY_BYTES)} "
            "and start run again."
        )
