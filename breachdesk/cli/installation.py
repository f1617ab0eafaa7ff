"""What commands that touch an installation share: its settings, said faults, its app."""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from breachdesk.config import Settings, SettingsError, load_settings

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"


def read_settings() -> Settings:
    """The settings, or every fault in them on standard error and exit code 2."""
    try:
        settings = load_settings(os.environ, ENV_FILE)
    except SettingsError as faults:
        _refuse(str(faults))
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # Their lines hold addresses, or say what nobody asked; ours never do.
    for chatty in ("aiosmtplib", "mail.log", "asyncio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It would say every other second that a long round is still under way.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return settings


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)


@contextmanager
def alone_on(settings: Settings, *, shared: bool = False) -> Iterator[None]:
    """Let one command at a time restore or turn keys; several may make a backup (`shared`)."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with (settings.instance / "maintenance.lock").open("w") as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            click.echo("A backup, a restoration or a rotation is under way: waiting.", err=True)
            fcntl.flock(lock, how)
        yield


class Progress:
    """How far the work is, on one line of a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._has_said = False

    def __call__(self, words: str) -> None:
        if self._is_shown:
            click.echo(f"\r\x1b[K{words}…", nl=False, err=True)
            self._has_said = True

    def end(self) -> None:
        """Leave the line empty."""
        if self._has_said:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._has_said = False
