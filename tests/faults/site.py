"""Where a run takes place: a database of its own, a folder and keys that all workers share."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from breachdesk import create_app, prepare_runner, upgrade_database
from breachdesk.config import load_settings
from tests.databases import engines_closed
from tests.faults.ledger import SENDER_DOMAIN
from tests.faults.sink import HOST
from tests.postgres_server import OUTLIVES_ITS_PROCESSES, Cluster, start_cluster


def _new_keys() -> Mapping[str, str]:
    return {
        "BREACHDESK_SECRET_KEY": secrets.token_hex(32),
        "BREACHDESK_ENCRYPTION_KEY": secrets.token_hex(32),
    }


@dataclass(frozen=True)
class Site:
    """One installation. `cluster` is None on SQLite."""

    folder: Path
    url: str
    cluster: Cluster | None
    runner: str = "embedded"
    keys: Mapping[str, str] = field(default_factory=_new_keys)

    def settings(self, name: str, port: int) -> Mapping[str, str]:
        """The settings of one process, with an instance folder of its own."""
        folder = self.folder / name
        folder.mkdir()
        return {
            **self.keys,
            "BREACHDESK_INSTANCE": str(folder),
            "BREACHDESK_DATABASE_URL": self.url,
            "BREACHDESK_RUNNER": self.runner,
            "BREACHDESK_SMTP_HOST": HOST,
            "BREACHDESK_SMTP_PORT": str(port),
            "BREACHDESK_SMTP_SECURITY": "none",
            "BREACHDESK_SMTP_SENDER": f"desk@{SENDER_DOMAIN}",
            "BREACHDESK_SMTP_CONNECTIONS": "4",
            "BREACHDESK_LOG_LEVEL": "warning",
        }

    def app(self) -> Flask:
        """The application, for who prepares the run."""
        return create_app(load_settings(self.settings("prepared", 25)))


@contextmanager
def new_site(engine: str, runner: str = "embedded") -> Iterator[Site]:
    """A new installation, its database up to date; gone afterwards. Raises NoPostgres."""
    with tempfile.TemporaryDirectory(prefix="desk-faults-") as name, engines_closed():
        folder = Path(name)
        if engine == "sqlite":
            yield _up_to_date(Site(folder, f"sqlite:///{folder / 'desk.db'}", None))
            return
        cluster = start_cluster(OUTLIVES_ITS_PROCESSES)
        try:
            yield _up_to_date(Site(folder, cluster.url, cluster, runner))
        finally:
            cluster.stop()


def _up_to_date(site: Site) -> Site:
    upgrade_database(site.url)
    prepare_runner(load_settings(site.settings("upgraded", 25)))
    return site
