"""Engines, desks and threads for the tests of the services."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, select
from sqlalchemy.orm import Session

from breachdesk.domain.work import is_alive
from breachdesk.mail.mailer import Mailer, MailServer
from breachdesk.models import Worker, set_connection_rules
from breachdesk.models.vault import FileStore, Vault
from breachdesk.services.acting import Desk
from breachdesk.services.deliveries import Round
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from tests.cases import Work

# Longer than any thread of a test should take, shorter than a patient reader.
PATIENCE_SECONDS = 30


_engines: dict[str, Engine] = {}
_urls: dict[str, URL] = {}


def engine_for(url: str) -> Engine:
    """An engine on this database, as the application makes it.

    One for each kind of database in a run, led from one test's database to the next: what
    SQLAlchemy has compiled once it keeps, which halves the time of the tests.
    """
    kind = make_url(url).get_backend_name()
    if kind not in _engines:
        _engines[kind] = create_engine(url)
        event.listen(_engines[kind], "do_connect", _connect)
        set_connection_rules(_engines[kind])
    _engines[kind].dispose()
    _urls[kind] = make_url(url)
    return _engines[kind]


def _connect(dialect: Any, _record: object, _args: object, _options: object) -> Any:
    arguments, options = dialect.create_connect_args(_urls[dialect.name])
    return dialect.connect(*arguments, **options)


def desk_in(folder: Path, key: bytes, *, mailer: Mailer, server: MailServer | None = None) -> Desk:
    """A desk whose files lie in `folder` and whose mail goes to `server`."""
    vault = Vault(key)
    return Desk(
        vault=vault,
        files=FileStore(folder / "files", vault),
        mailer=mailer,
        public_url="https://desk.example",
        mail_server=server or MailServer("mail.example", 25),
        mail_sender="desk@girandole.example",
    )


def alive_workers(session: Session, now: datetime) -> list[str]:
    """The names of the workers held to be at work, the oldest first."""
    known = session.scalars(select(Worker).order_by(Worker.started_at, Worker.id))
    return [each.name for each in known if is_alive(each.seen_at, each.stopped_at, now=now)]


def let_work(work: Work, now: datetime) -> Round:
    """One beat of a worker at an instant: reminders that are due, then mail that is due."""
    emit_due_reminders(work.session, now=now)
    return deliver_due(work.session, work.desk, worker="w", clock=lambda: now)


def run_at_once(engine: Engine, desk: Desk, *tasks: Callable[[Work], object]) -> list[object]:
    """Run each task in a thread with a session of its own; results in order."""
    start = threading.Barrier(len(tasks))
    results: list[object] = [None] * len(tasks)

    def run(number: int, task: Callable[[Work], object]) -> None:
        with Session(engine) as session:
            start.wait(PATIENCE_SECONDS)
            try:
                results[number] = task(Work(session, desk))
            except Exception as error:
                session.rollback()
                results[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), "A thread still waits for another."
    return results


@contextmanager
def meeting_before(engine: Engine, fragment: str, parties: int = 2) -> Iterator[None]:
    """Hold every connection before a statement with `fragment` until `parties` are there.

    Whoever waits a second goes on alone: the others may be waiting for a lock it holds.
    """
    meeting = threading.Barrier(parties)

    def wait(_connection, _cursor, statement, *_rest) -> None:
        if fragment in statement and not meeting.broken:
            with suppress(threading.BrokenBarrierError):
                meeting.wait(1)

    event.listen(engine, "before_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", wait)


@contextmanager
def counting_statements(engine: Engine) -> Iterator[list[str]]:
    """Every statement sent to the database inside the `with`; BEGIN is none."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
