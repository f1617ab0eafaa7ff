"""A worker that begins while its database restarts, as after a machine's own start."""

import secrets
import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from breachdesk import create_app
from breachdesk.cli import run
from breachdesk.config import SettingsError, load_settings


def app_of(url, tmp_path):
    """An application that has its keys, and so has not asked its database for anything yet."""
    settings = {
        "BREACHDESK_INSTANCE": str(tmp_path),
        "BREACHDESK_DATABASE_URL": url,
        "BREACHDESK_ENCRYPTION_KEY": secrets.token_hex(32),
    }
    return create_app(load_settings(settings))


@contextmanager
def away(url):
    """A PostgreSQL that takes no connection to this database, as one that restarts."""
    place = make_url(url)
    server = create_engine(place.set(database="postgres"), poolclass=NullPool)
    takes = f'ALTER DATABASE "{place.database}" ALLOW_CONNECTIONS '
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(takes + "false"))
        try:
            yield
        finally:
            connection.execute(text(takes + "true"))


@pytest.fixture
def url(databases, tmp_path):
    """A migrated database to which this process keeps no connection from another test."""
    with databases.migrated("postgresql", tmp_path) as made:
        place = make_url(made).update_query_dict({"application_name": tmp_path.name})
        yield place.render_as_string(hide_password=False)


def test_it_waits_for_the_database_to_come_back(url, tmp_path):
    app = app_of(url, tmp_path)
    begun = threading.Thread(target=run._check_key_patiently, args=[app])
    with away(url):
        begun.start()
        time.sleep(3 * run.PAUSE)
        assert begun.is_alive()
    begun.join(timeout=20)

    assert not begun.is_alive()
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_it_does_not_wait_for_ever(url, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "WAIT_FOR_DATABASE", 0.1)
    app = app_of(url, tmp_path)

    with away(url), pytest.raises(SettingsError, match="does not answer"):
        run._check_key_patiently(app)


def test_tables_that_are_not_there_are_not_waited_for(tmp_path, monkeypatch):
    app = app_of(f"sqlite:///{tmp_path}/desk.db", tmp_path)
    # To wait at all would be another fault.
    monkeypatch.setattr(run, "PAUSE", "not to be waited for")

    with pytest.raises(SettingsError, match="not up to date"):
        run._check_key_patiently(app)
