"""A desk to act at: a real database, real keys and files, mail kept in memory."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from breachdesk.services.acting import Desk
from tests.cases import Work
from tests.mail.memory import MemoryMailer
from tests.services.desks import desk_in, engine_for, run_at_once
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The test's database, with the connection rules of the application."""
    made = engine_for(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the test's database."""
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def mailer() -> MemoryMailer:
    """Keeps what is sent; can be told to refuse."""
    return MemoryMailer()


@pytest.fixture
def desk(tmp_path: Path, mailer: MemoryMailer) -> Desk:
    """A desk whose mail server is configured and whose mailer keeps every letter."""
    return desk_in(tmp_path, os.urandom(32), mailer=mailer)


@pytest.fixture
def work(session: Session, desk: Desk) -> Work:
    """What the builders of `tests.cases` take."""
    return Work(session, desk)


@pytest.fixture
def at_once(engine: Engine, desk: Desk) -> Callable[..., list[object]]:
    """`at_once(one, two)`: each with a `Work` of its own, in threads; what each gave back.

    What one raised is given back in its place.
    """
    return lambda *tasks: run_at_once(engine, desk, *tasks)
