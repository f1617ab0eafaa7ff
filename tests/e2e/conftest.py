"""A desk as it is in use: the wall clock, forms with their tokens, a mail server that answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.mail.catcher import MailCatcher
from breachdesk.models import db
from tests.browser import aside
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these drive a browser."""
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def mail_box(tmp_path: Path) -> Iterator[MailCatcher]:
    """The organisation's mail server: takes everything and keeps it as files."""
    catcher = MailCatcher(tmp_path / "mail-server")
    aside(catcher.start)
    yield catcher
    aside(catcher.stop)


def _made(database_url: str, folder: Path, **more: str) -> Flask:
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(folder / "instance"),
            "BREACHDESK_DATABASE_URL": database_url,
            **{f"BREACHDESK_{name}": value for name, value in more.items()},
        }
    )
    return create_app(settings)


@pytest.fixture
def app(database_url: str, tmp_path: Path, mail_box: MailCatcher) -> Iterator[Flask]:
    """An empty desk whose mail goes to `mail_box`."""
    app = _made(
        database_url,
        tmp_path,
        SMTP_HOST=mail_box.host,
        SMTP_PORT=str(mail_box.port),
        SMTP_SECURITY="none",
        SMTP_SENDER="bureau@girandole.example",
    )
    yield app
    _let_go(app)


@pytest.fixture
def app_without_mail(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An empty desk for which no mail server is set: as after the first `make run`."""
    app = _made(database_url, tmp_path)
    yield app
    _let_go(app)


def _let_go(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
