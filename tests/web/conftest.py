"""The application as the tests of its pages ask for it: a clock to set, people signed in."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.key_files import instance_keys
from breachdesk.models import db
from breachdesk.services import passwords
from tests.cases import MONDAY_NINE, PASSWORD, address_of
from tests.mail.memory import MemoryMailer


class WallClock:
    """The clock the application is given; a test sets it by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session", autouse=True)
def _quick_hashing() -> Iterator[None]:
    """argon2id as ever, with little memory: a test makes many people."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_nobodys_hash", quick.hash("nobody"))
        judged = passwords.weakness_of
        # Found good once (test_passwords), not again for each of the many people.
        patch.setattr(
            passwords,
            "weakness_of",
            lambda password, own: None if password == PASSWORD else judged(password, own),
        )
        yield


@pytest.fixture
def clock() -> WallClock:
    """The time of every request: `clock.now`."""
    return WallClock(MONDAY_NINE)


@pytest.fixture
def mailer() -> MemoryMailer:
    """Keeps what the worker sends."""
    return MemoryMailer()


@pytest.fixture
def app(
    database_url: str, tmp_path: Path, clock: WallClock, mailer: MemoryMailer
) -> Iterator[Flask]:
    """The application on an empty desk, forms without their token (`with_csrf` asks for it)."""
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
            "BREACHDESK_DATABASE_URL": database_url,
        }
    )
    # Made beforehand, else the database is asked whether they may be.
    instance_keys(settings)
    made = create_app(settings, mailer=mailer, clock=clock)  # type: ignore[arg-type]
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    # TESTING would let faults through instead of answering them with a page.
    made.config["PROPAGATE_EXCEPTIONS"] = False
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def with_csrf(app: Flask) -> Flask:
    """The application with its forms' tokens demanded, as it is in use."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who has not signed in and reads French."""
    visitor = app.test_client()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    return visitor


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in() -> SignIn:
    """`sign_in(client, email, password=PASSWORD)`: sign somebody in through the page."""

    def through_the_page(visitor: FlaskClient, email: str, password: str = PASSWORD) -> FlaskClient:
        answer = visitor.post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code in (302, 303), answer.text
        return visitor

    return through_the_page


@pytest.fixture
def as_role(client: FlaskClient, sign_in: SignIn) -> Callable[..., FlaskClient]:
    """`as_role(Role.DPO)`: the client, signed in as the holder of a role of GIR."""

    def signed_in(role: Role, code: str = "GIR") -> FlaskClient:
        return sign_in(client, address_of(role, code))

    return signed_in
