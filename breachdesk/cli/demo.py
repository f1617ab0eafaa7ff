"""`demo`: the whole main job on a fresh instance, through the real services and real SMTP."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask

from breachdesk import create_app, make_catcher, upgrade_database
from breachdesk.cli.demo_walk import FellShort, Walk, WalkClock
from breachdesk.config import load_settings

# What a demonstration leaves in its folder.
LEFT_BEHIND = ("mail", "summary.json", "*-dossier-*.pdf")


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the dossier, the mails and summary.json; made anew.",
)
@click.option("--database-url", help="A database to use instead of a temporary SQLite file.")
def demo(out: Path, database_url: str | None) -> None:
    """Walk the whole main job, from the report to the dossier, without a browser.

    At a small French online shop a backup folder was open to anyone with the link for nine
    days. The real services do the work on a fresh temporary instance, a real SMTP server
    takes the mail, and the clock is moved by argument. Exits with 1 when a step falls short.
    """
    started = time.perf_counter()
    _make_anew(out)
    with _instance(out, database_url) as (app, clock), app.app_context():
        walk = Walk(app, clock, out)
        try:
            walk.go()
        except FellShort as fault:
            click.echo(f"  ✗ {fault}", err=True)
            sys.exit(1)
    walk.summary["seconds"] = round(time.perf_counter() - started, 1)
    text = json.dumps(walk.summary, ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    click.echo(f"Done in {walk.summary['seconds']} s. See {out}.")


def _make_anew(out: Path) -> None:
    """Empty the folder of an earlier demonstration; nothing else is ever thrown away."""
    kept = sorted(out.iterdir()) if out.exists() else []
    strangers = [path.name for path in kept if not any(path.match(name) for name in LEFT_BEHIND)]
    if strangers:
        raise click.BadParameter(
            f"{out} holds {strangers[0]}, which no demonstration left there. Name another folder.",
            param_hint="--out",
        )
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)


@contextmanager
def _instance(out: Path, database_url: str | None) -> Iterator[tuple[Flask, WalkClock]]:
    """A fresh installation whose mail goes to a real SMTP server that keeps each message."""
    with tempfile.TemporaryDirectory() as folder, make_catcher(out / "mail") as server:
        environment = {
            "BREACHDESK_INSTANCE": folder,
            "BREACHDESK_SMTP_HOST": server.host,
            "BREACHDESK_SMTP_PORT": str(server.port),
            "BREACHDESK_SMTP_SECURITY": "none",
            "BREACHDESK_SMTP_SENDER": "desk@girandole.example",
            # The progress is told line by line; the log would stand between.
            "BREACHDESK_LOG_LEVEL": "warning",
        }
        if database_url:
            environment["BREACHDESK_DATABASE_URL"] = database_url
        settings = load_settings(environment)
        upgrade_database(settings.database_url)
        clock = WalkClock()
        yield create_app(settings, clock=clock), clock
