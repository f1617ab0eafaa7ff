"""`run` and `worker`: the desk as a service."""

import signal
import sys
import threading
import time
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy.exc import OperationalError

from breachdesk import check_key, create_app, make_worker, prepare_runner, upgrade_database
from breachdesk.cli.installation import read_settings
from breachdesk.config import Settings, SettingsError
from breachdesk.services.organisations import has_any_organisation
from breachdesk.services.set_up import discard_setup_token, setup_token

# How long a worker waits for its database to answer when it begins, asking how often: seconds.
WAIT_FOR_DATABASE = 30.0
PAUSE = 0.5


@click.command()
def run() -> None:
    """Start the desk: database up to date, pages, and the worker that sends mail.

    On the first start it prints the address of the set-up page, which opens once.
    Settings are read from BREACHDESK_… variables and a .env file: see the README.
    """
    settings = read_settings()
    upgrade_database(settings.database_url)
    prepare_runner(settings)
    token = _setup_token(settings)
    click.echo(f"\n  breachdesk: {settings.public_url}")
    if token:
        click.echo(f"  First visit, to set it up: {settings.public_url}/setup/{token}\n")
    sys.stdout.flush()
    _Server(settings).run()


def _setup_token(settings: Settings) -> str:
    """The token of the set-up page while there is no organisation; none after that."""
    app = create_app(settings)
    check_key(app)
    with app.app_context():
        is_set_up = has_any_organisation(app.extensions["sqlalchemy"].session())
    if is_set_up:
        discard_setup_token(settings.instance)
        return ""
    return setup_token(settings.instance)


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings; each process makes its own application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker: Any = None
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 15,
            "loglevel": "warning",
            "worker_exit": lambda _server, _worker: self._stop_worker(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app(self._settings)
        if self._settings.embedded_worker:
            self._worker = make_worker(app, self._settings)
            self._worker.start()
        return app

    def _stop_worker(self) -> None:
        if self._worker is not None:
            self._worker.stop()


@click.command()
def worker() -> None:
    """Run the worker alone: reminders that fall due, mail that waits.

    For installations with BREACHDESK_EMBEDDED_WORKER=no. On PostgreSQL start as many as you
    like, on any machines; on SQLite a second one waits for the end of the first. Stop it
    with Ctrl-C or SIGTERM: it finishes the round under way.
    """
    settings = read_settings()
    upgrade_database(settings.database_url)
    work_until_told(create_app(settings), settings)


def work_until_told(app: Flask, settings: Settings) -> None:
    """Run the worker of an application in this process, until Ctrl-C or SIGTERM."""
    _check_key_patiently(app)
    embedded = make_worker(app, settings)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    embedded.start()
    click.echo("The worker runs.")
    done.wait()
    embedded.stop()


def _check_key_patiently(app: Flask) -> None:
    """A worker that begins while PostgreSQL restarts waits for it, instead of being missed.

    Raises:
        SettingsError: see `check_key`; of a PostgreSQL that does not answer, after a while.
    """
    give_up_at = time.monotonic() + WAIT_FOR_DATABASE
    while True:
        try:
            return check_key(app)
        except SettingsError as error:
            # SQLite says the same of tables that are not there: they will not come by waiting.
            is_away = isinstance(error.__cause__, OperationalError) and not _is_on_sqlite(app)
            if not is_away or time.monotonic() > give_up_at:
                raise
        time.sleep(PAUSE)


def _is_on_sqlite(app: Flask) -> bool:
    with app.app_context():
        name: str = app.extensions["sqlalchemy"].engine.dialect.name
    return name == "sqlite"
