"""A new key in the place of the old: all of it turned, nothing lost, nothing left behind."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import event, make_url, select, text, update
from sqlalchemy.orm import Session

from breachdesk.domain.throttling import Attempt
from breachdesk.models import Installation, OutsideReport, Recipient, Throttle, User, reading
from breachdesk.models.sealed import SEALED
from breachdesk.models.vault import FileStore, Vault, following_key
from breachdesk.services import key_rotation
from breachdesk.services.key_rotation import turn_everything, wait_for_earlier_writers
from breachdesk.services.throttling import count_attempt
from tests.cases import (
    MONDAY_NINE,
    attach,
    confirm_recipients,
    full_case,
    make_organisation,
    open_case,
    upload_recipients,
)
from tests.models.test_vault import sealed_before
from tests.people import Work
from tests.services.backups import files_in
from tests.services.sealed_things import (
    REPORTERS_SECRET,
    TOTP_SECRET,
    opened_values,
    seal_something_everywhere,
    sealed_values,
)

OLD_KEY = b"kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd"
NEW_KEY = following_key(OLD_KEY)
OLD, NEW = Vault(OLD_KEY), Vault(NEW_KEY)
PATIENCE_SECONDS = 30
# How long somebody who ought to wait is watched.
A_MOMENT = 0.3


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch):
    """Nobody seals before a transaction here."""
    monkeypatch.setattr(key_rotation, "GRACE_SECONDS", 0)


@pytest.fixture
def desk(desk):
    """The desk before the rotation."""
    return _under(desk, OLD)


@pytest.fixture
def turning(desk):
    """The desk while it is under way."""
    return _under(desk, Vault(NEW_KEY, OLD_KEY))


def _under(desk, vault: Vault):
    return replace(desk, vault=vault, files=FileStore(desk.files.folder, vault))


def _turn(engine, turning, tell=lambda _words: None):
    return turn_everything(engine, turning, now=MONDAY_NINE, tell=tell)


def _plain_files(folder, vault: Vault) -> dict[str, bytes]:
    return {name: vault.open(content) for name, content in files_in(folder).items()}


# --- All of it -------------------------------------------------------------------------------


def test_everything_opens_with_the_new_key_alone_and_nothing_with_the_old(work, engine, turning):
    seal_something_everywhere(work)
    work.session.close()
    folder = turning.files.folder
    values, files = opened_values(engine, OLD), _plain_files(folder, OLD)
    assert {place.split()[0] for place in values} == {str(column) for column in SEALED}
    assert len(files) == 2

    turned = _turn(engine, turning)

    assert (turned.values, turned.files) == (len(values), len(files))
    assert (turned.unreadable, turned.uncompacted, turned.rubbish) == (set(), [], 0)
    assert opened_values(engine, NEW) == values
    assert _plain_files(folder, NEW) == files
    for _, sealed in sealed_values(engine):
        with pytest.raises(InvalidTag):
            OLD.open(sealed)
    for sealed in files_in(folder).values():
        with pytest.raises(InvalidTag):
            OLD.open(sealed)


def test_what_the_first_version_sealed_is_turned_too(work, engine, turning):
    seal_something_everywhere(work)
    name = work.session.scalar(text("SELECT stored_as FROM attachment"))
    path = turning.files.folder / name
    path.write_bytes(sealed_before(OLD_KEY, OLD.open(path.read_bytes())))
    for column in SEALED:
        for number, sealed in work.session.execute(
            select(column.class_.id, column).where(column.is_not(None))
        ).all():
            model = column.class_
            work.session.execute(
                update(model)
                .where(model.id == number)
                .values({column.key: sealed_before(OLD_KEY, OLD.open(sealed))}),
                execution_options={"synchronize_session": False},
            )
    work.session.commit()
    values = opened_values(engine, OLD)
    work.session.close()

    _turn(engine, turning)

    assert opened_values(engine, NEW) == values
    assert all(NEW.is_current(sealed) for _, sealed in sealed_values(engine))
    assert FileStore(turning.files.folder, NEW).read(name) == b"lien ouvert"


def test_indexes_are_made_anew_but_the_one_of_a_secret_that_nobody_kept(work, engine, turning):
    seal_something_everywhere(work)
    count_attempt(work.session, OLD, Attempt.SIGN_IN_ACCOUNT, "dpo@gir.example", now=MONDAY_NINE)
    work.session.close()

    _turn(engine, turning)

    with Session(engine) as session:
        for person in session.scalars(select(Recipient)):
            address = NEW.open_json(person.sealed)["address"]
            assert person.address_index == NEW.index(address) != OLD.index(address)
        found = session.scalars(select(OutsideReport.secret_index)).one()
        assert found == NEW.lasting_index(REPORTERS_SECRET)
        assert session.scalars(select(Throttle.key)).all() == []
        installation = session.scalars(select(Installation)).one()
        assert NEW.is_checked_by(installation.key_check)
        assert not OLD.is_checked_by(installation.key_check)
        assert installation.key_rotated_at == MONDAY_NINE


def test_nothing_of_what_was_replaced_is_left_on_the_disk(work, engine, turning, database_url):
    seal_something_everywhere(work)
    work.session.close()
    replaced = [sealed for _, sealed in sealed_values(engine)]
    kept_files = list(files_in(turning.files.folder).values())
    assert _on_disk(engine, database_url, replaced) == len(replaced)

    _turn(engine, turning)

    assert _on_disk(engine, database_url, replaced) == 0
    assert not {*files_in(turning.files.folder).values()} & {*kept_files}
    assert len(list(turning.files.folder.iterdir())) == len(kept_files)


def _on_disk(engine, url: str, sealed: list[bytes]) -> int:
    """How many of these lie in the database's files, in use or not."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        names = [f"{place.database}{suffix}" for suffix in ("", "-wal")]
        content = b"".join(Path(name).read_bytes() for name in names if Path(name).exists())
    else:
        content = _postgres_files(engine)
    # A long value is kept in parts: its beginning lies in one.
    return sum(value[:60] in content for value in sealed)


def _postgres_files(engine) -> bytes:
    tables = [column.class_.__tablename__ for column in SEALED]
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("CHECKPOINT"))
        paths = alone.scalars(
            text(
                "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = ANY(:tables)"
                " UNION SELECT pg_relation_filepath(reltoastrelid) FROM pg_class"
                " WHERE relname = ANY(:tables) AND reltoastrelid > 0"
            ),
            {"tables": tables},
        ).all()
        read = text("SELECT pg_read_binary_file(:path)")
        return b"".join(bytes(alone.scalar(read, {"path": path})) for path in paths)


# --- Again, and while others work ------------------------------------------------------------


def test_a_second_rotation_turns_nothing_more(work, engine, turning):
    seal_something_everywhere(work)
    work.session.close()
    _turn(engine, turning)
    before = list(sealed_values(engine)), files_in(turning.files.folder)

    again = _turn(engine, turning)

    assert (again.values, again.files) == (0, 0)
    assert (list(sealed_values(engine)), files_in(turning.files.folder)) == before


def test_one_rotation_after_another_keeps_what_lasts(work, engine, turning):
    seal_something_everywhere(work)
    work.session.close()
    values = opened_values(engine, OLD)
    _turn(engine, turning)
    third = following_key(NEW_KEY)

    _turn(engine, _under(turning, Vault(third, NEW_KEY)))

    assert opened_values(engine, Vault(third)) == values
    with Session(engine) as session:
        found = session.scalars(select(OutsideReport.secret_index)).one()
    assert found == Vault(third).lasting_index(REPORTERS_SECRET)


def test_what_somebody_changes_meanwhile_is_not_undone(work, engine, turning):
    seal_something_everywhere(work)
    work.session.close()
    changed = threading.Event()

    def change() -> None:
        with engine.begin() as connection:
            connection.execute(
                update(User).where(User.totp_secret.is_not(None)).values(totp_secret=NEW.seal(b"2"))
            )

    def after_reading(_connection, _cursor, statement, *_rest) -> None:
        if "SELECT users.id, users.totp_secret" in statement and not changed.is_set():
            changed.set()
            other = threading.Thread(target=change)
            other.start()
            other.join(PATIENCE_SECONDS)

    event.listen(engine, "after_cursor_execute", after_reading)
    try:
        _turn(engine, turning)
    finally:
        event.remove(engine, "after_cursor_execute", after_reading)

    assert changed.is_set()
    with Session(engine) as session:
        found = session.scalars(select(User.totp_secret).where(User.totp_secret.is_not(None)))
        assert [NEW.open(sealed) for sealed in found] == [b"2"]


def test_what_is_written_under_the_old_key_during_a_pass_is_turned_by_the_next(
    work, engine, turning, desk
):
    reference = seal_something_everywhere(work)
    work.session.close()
    added = []

    def add_late(words: str) -> None:
        if words.endswith("now delivery") and not added:
            with Session(engine) as session:
                late = Work(session, desk)
                added.append(attach(late, reference, "late.txt", b"late", now=MONDAY_NINE))
                person = session.scalars(select(User).order_by(User.id.desc())).first()
                person.totp_secret = OLD.seal(TOTP_SECRET)
                session.commit()

    _turn(engine, turning, tell=add_late)

    assert added
    assert b"late" in _plain_files(turning.files.folder, NEW).values()
    assert list(opened_values(engine, NEW).values()).count(TOTP_SECRET) == 2


def test_nobody_becomes_a_recipient_twice_in_the_middle_of_a_rotation(work, engine, turning):
    """The first were indexed under the old key; the list comes again under the new."""
    make_organisation(work, now=MONDAY_NINE)
    case = full_case(work, now=MONDAY_NINE)
    work.session.close()
    with Session(engine) as session:
        again = Work(session, turning)
        twice = upload_recipients(again, case.reference, now=MONDAY_NINE)
        assert confirm_recipients(again, case.reference, twice, now=MONDAY_NINE) == 0

    _turn(engine, turning)

    with Session(engine) as session:
        after = Work(session, _under(turning, NEW))
        third = upload_recipients(after, case.reference, now=MONDAY_NINE)
        assert confirm_recipients(after, case.reference, third, now=MONDAY_NINE) == 0


def test_an_index_left_behind_by_a_value_that_is_turned_is_found(work, engine, turning):
    """A process that learns of the key between the two: sealed by the new, indexed by the old."""
    seal_something_everywhere(work)
    person = work.session.scalars(select(Recipient).order_by(Recipient.id)).first()
    person.sealed = NEW.seal(OLD.open(person.sealed))
    work.session.commit()

    _turn(engine, turning)

    work.session.expire_all()
    assert person.address_index == NEW.index("elise.garnier@client.example")


def test_who_began_to_write_before_is_waited_for(engine, work):
    make_organisation(work, now=MONDAY_NINE)
    work.session.close()
    order, begun, go_on = [], threading.Event(), threading.Event()

    def write() -> None:
        with engine.begin() as connection:
            connection.execute(update(User).values(totp_secret=OLD.seal(TOTP_SECRET)))
            begun.set()
            go_on.wait(PATIENCE_SECONDS)
            order.append("written")

    def wait() -> None:
        wait_for_earlier_writers(engine, lambda _words: None)
        order.append("waited")

    writer, waiter = threading.Thread(target=write), threading.Thread(target=wait)
    writer.start()
    assert begun.wait(PATIENCE_SECONDS)
    waiter.start()
    waiter.join(A_MOMENT)
    assert waiter.is_alive()
    go_on.set()
    for thread in (writer, waiter):
        thread.join(PATIENCE_SECONDS)

    assert order == ["written", "waited"]


# --- What does not open ----------------------------------------------------------------------


def test_what_no_key_opens_is_named_and_left_and_all_else_is_turned(work, engine, turning):
    seal_something_everywhere(work)
    person = work.session.scalars(select(Recipient).order_by(Recipient.id)).first()
    person.sealed = b"damaged long ago, somehow; nobody knows how"
    work.session.commit()
    number = person.id
    attachment_id, name = work.session.execute(text("SELECT id, stored_as FROM attachment")).one()
    (turning.files.folder / name).write_bytes(b"damaged too, long ago")
    rubbish = turning.files.folder / ("0" * 64)
    rubbish.write_bytes(OLD.seal(b"x" * 100)[:-20])
    drafts = [turning.files.folder / name for name in (".resealed-abc", ".kept-abc")]
    for draft in drafts:
        draft.write_bytes(OLD.seal(b"x"))
    orphan = work.desk.files.keep(b"in no row")
    work.session.close()

    turned = _turn(engine, turning)

    assert turned.unreadable == {f"recipient {number}", f"the file of attachment {attachment_id}"}
    assert turned.rubbish == 1
    assert not rubbish.exists()
    assert not any(draft.exists() for draft in drafts)
    assert (turning.files.folder / name).read_bytes() == b"damaged too, long ago"
    assert FileStore(turning.files.folder, NEW).read(orphan) == b"in no row"
    others = [sealed for _, sealed in sealed_values(engine) if not sealed.startswith(b"damaged")]
    assert len(others) == len(SEALED)
    assert all(NEW.open(sealed) is not None for sealed in others)


def test_a_file_that_somebody_is_just_writing_is_left_alone(engine, turning):
    """Nothing opens it yet, and no row names it: it begins with the new key, or is empty."""
    folder = turning.files.folder
    folder.mkdir()
    begun = NEW.seal(b"x" * 100)[:-20]
    writing = {".kept-a": b"", ".kept-b": begun, "a" * 64: b"", "b" * 64: begun}
    for name, content in writing.items():
        (folder / name).write_bytes(content)

    turned = _turn(engine, turning)

    assert files_in(folder) == writing
    assert turned.rubbish == 0


def test_a_rotation_on_an_empty_desk_notes_the_key(engine, turning):
    turned = _turn(engine, turning)

    assert (turned.values, turned.files) == (0, 0)
    with Session(engine) as session:
        assert NEW.is_checked_by(session.scalars(select(Installation.key_check)).one())


def test_a_table_in_use_is_said_and_not_waited_for_for_ever(work, engine, monkeypatch):
    seal_something_everywhere(work)
    work.session.close()
    monkeypatch.setattr(key_rotation, "LOCK_PATIENCE_MS", 10)
    engine.dispose()
    began, done = threading.Event(), threading.Event()

    def go_on_reading() -> None:
        with reading(), engine.connect() as connection:
            connection.execute(select(Recipient.id)).all()
            began.set()
            done.wait(PATIENCE_SECONDS)

    reader = threading.Thread(target=go_on_reading)
    reader.start()
    assert began.wait(PATIENCE_SECONDS)
    try:
        # Not `turn_everything`: it would wait for the reader, who began before.
        left = key_rotation.compact(engine)
    finally:
        done.set()
        reader.join(PATIENCE_SECONDS)

    assert left == (["the database file"] if engine.dialect.name == "sqlite" else ["recipient"])
    assert key_rotation.compact(engine) == []


def test_a_reference_can_be_opened_all_the_while(work, engine, turning):
    make_organisation(work, now=MONDAY_NINE)
    work.session.close()
    opened = []

    def open_one(_words: str) -> None:
        with Session(engine) as session:
            opened.append(open_case(Work(session, turning), now=MONDAY_NINE))

    _turn(engine, turning, tell=open_one)

    assert len(opened) == len(set(opened)) > 0
