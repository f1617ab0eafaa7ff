"""What commands that touch an installation share: its settings, said faults, its app."""

import logging
import os
import sys
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
    for chatty in ("aiosmtplib", "mail.log", "apscheduler", "asyncio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return settings


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
