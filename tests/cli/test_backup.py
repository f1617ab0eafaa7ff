"""`backup` and `restore`, as an operator or a timer calls them."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.key_files import instance_keys
from breachdesk.models import db
from breachdesk.models.schema import upgrade_database
from tests.cases import (
    MONDAY_NINE,
    PASSWORD,
    FullCase,
    at_desk,
    attach,
    full_case,
    make_organisation,
    open_case,
)
from tests.services.backups import everything_in, files_in, quick_lock  # noqa: F401 - a fixture
from tests.web.conftest import _quick_hashing  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "cinq renards dans la neige"


def _settings(instance: Path, url: str, **more: str):
    given = {"INSTANCE": str(instance), "DATABASE_URL": url, **more}
    return load_settings({f"BREACHDESK_{name}": value for name, value in given.items()})


@pytest.fixture
def instance(tmp_path, database_url, call):
    """The instance folder of a desk with a case and a file."""
    folder = tmp_path / "instance"
    with at_desk(create_app(_settings(folder, database_url))) as work:
        make_organisation(work, now=MONDAY_NINE)
        attach(work, open_case(work, now=MONDAY_NINE), "a.txt", b"x", now=MONDAY_NINE)
    return folder


@pytest.fixture
def back_up(call, instance, database_url, tmp_path):
    """`back_up(FILE)`: the command, with its passphrase in the settings; its result."""

    def made(path: Path = tmp_path / "desk.backup", **more: str):
        given = {"DATABASE_URL": database_url, "BACKUP_PASSPHRASE": PASSPHRASE, **more}
        return call("backup", str(path), **given)

    return made


@pytest.fixture
def new_machine(database_url, databases, tmp_path):
    """The settings of an empty machine: a new instance folder, a database of the other kind."""
    folder = tmp_path / "new machine"
    folder.mkdir()
    other = "sqlite" if database_url.startswith("postgresql") else "postgresql"
    with databases.empty(other, folder) as url:
        yield {
            "INSTANCE": str(folder / "instance"),
            "DATABASE_URL": url,
            "BACKUP_PASSPHRASE": PASSPHRASE,
        }


def test_a_desk_moves_to_an_empty_machine_and_serves_its_pages_there(
    call, back_up, new_machine, instance, database_url, tmp_path
):
    with at_desk(create_app(_settings(instance, database_url))) as work:
        case = full_case(work, now=MONDAY_NINE)
    made = back_up()
    assert made.exit_code == 0, made.output
    assert "read back and whole" in made.output
    assert re.search(r"rows, 3 files of .* kB, and the keys", made.output)

    done = call("restore", str(tmp_path / "desk.backup"), **new_machine)

    assert done.exit_code == 0, done.output
    assert "All 3 journals hold, and what is sealed opens." in done.output
    there = Path(new_machine["INSTANCE"])
    for name in ("encryption.key", "session.key", "seal.key", "seal.pem"):
        assert (there / name).read_text() == (instance / name).read_text()
        assert (there / name).stat().st_mode & 0o777 == 0o600
    _check_pages(_settings(there, new_machine["DATABASE_URL"]), case)


def _check_pages(settings, case: FullCase) -> None:
    """The restored desk: somebody signs in, reads the case, its file and its recipients."""
    app = create_app(settings, clock=lambda: MONDAY_NINE)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    signed_in = client.post("/sign-in", data={"email": "dpo@gir.example", "password": PASSWORD})
    assert signed_in.status_code in (302, 303), signed_in.text
    address = f"/incidents/{case.reference}"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}/attachments/{case.attachment_id}").data == b"lien ouvert"
    with app.app_context():
        from breachdesk.models import Recipient

        people = db.session.scalars(db.select(Recipient).order_by(Recipient.id)).all()
        opened = [app.extensions["desk"].vault.open_json(person.sealed) for person in people]
    assert [person["address"] for person in opened] == [
        "elise.garnier@client.example",
        "noe.vidal@client.example",
    ]


# --- The passphrase --------------------------------------------------------------------------


def test_the_passphrase_may_lie_in_a_file(call, back_up, tmp_path):
    where = tmp_path / "passphrase"
    where.write_text(f"{PASSPHRASE}\nnot this line\n", encoding="utf-8")
    path = tmp_path / "desk.backup"
    assert back_up(path).exit_code == 0

    good = call("restore", "--check", "--passphrase-file", str(where), str(path))
    where.write_text("six renards dans la neige")
    bad = call("restore", "--check", "--passphrase-file", str(where), str(path))

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "is whole" in good.output
    assert bad.output == "Error: The passphrase does not open this backup.\n"


def test_without_a_passphrase_and_a_terminal_nothing_is_written(call, tmp_path):
    result = call("backup", str(tmp_path / "x.backup"))

    assert result.exit_code == 1
    assert "Nobody is here to type the passphrase" in result.output
    assert not (tmp_path / "x.backup").exists()


@pytest.mark.parametrize("text", ["", "court", "           a         "])
def test_a_short_passphrase_locks_nothing(call, tmp_path, text):
    where = tmp_path / "passphrase"
    where.write_text(text)

    result = call("backup", str(tmp_path / "x.backup"), "--passphrase-file", str(where))

    assert result.exit_code == 1
    assert "The passphrase must be at least 12 characters." in result.output
    assert not (tmp_path / "x.backup").exists()


def _type(command: list[str], answers: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal of its own and type what it asks for."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "breachdesk", *command],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said, answered = b"", 0
    while True:
        try:
            piece = os.read(ours, 1000)
        except OSError:
            break
        if not piece:
            break
        said += piece
        # One answer for each question, and not before it is asked.
        if said.count(b"assphrase: ") + said.count(b"confirmation: ") > answered < len(answers):
            os.write(ours, f"{answers[answered]}\n".encode())
            answered += 1
    os.close(ours)
    return process.wait(60), said.decode()


def test_at_a_terminal_the_passphrase_is_asked_for_twice_and_never_shown(
    instance, database_url, tmp_path
):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BREACHDESK")},
        "BREACHDESK_INSTANCE": str(instance),
        "BREACHDESK_DATABASE_URL": database_url,
    }
    path = tmp_path / "typed.backup"

    code, said = _type(["backup", str(path)], [PASSPHRASE, PASSPHRASE], environment)
    assert (code, path.exists()) == (0, True), said
    code, again = _type(["restore", "--check", str(path)], [PASSPHRASE], environment)

    assert code == 0, again
    assert "is whole" in again
    assert PASSPHRASE not in said + again
    # Somebody looks: they are told how far it is.
    assert "rows of incident" in said


# --- What is refused -------------------------------------------------------------------------


def test_a_restoration_over_a_desk_changes_nothing(call, back_up, instance, database_url, tmp_path):
    back_up()
    before = everything_in(database_url), files_in(instance)

    done = call(
        "restore",
        str(tmp_path / "desk.backup"),
        DATABASE_URL=database_url,
        BACKUP_PASSPHRASE=PASSPHRASE,
    )

    assert done.exit_code == 1
    assert "is not empty" in done.output
    assert (everything_in(database_url), files_in(instance)) == before


def test_a_damaged_backup_writes_nothing_on_the_new_machine(call, back_up, new_machine, tmp_path):
    back_up()
    path = tmp_path / "desk.backup"
    path.write_bytes(path.read_bytes()[:-100])

    done = call("restore", str(path), **new_machine)

    assert done.exit_code == 1
    assert done.output.startswith("Error: This ")
    there = Path(new_machine["INSTANCE"])
    assert not there.exists() or not files_in(there)
    place = make_url(new_machine["DATABASE_URL"])
    if place.get_backend_name() == "sqlite":
        assert not Path(place.database).exists()


def test_an_instance_with_another_key_is_left_as_it_is(call, back_up, new_machine, tmp_path):
    back_up()
    there = Path(new_machine["INSTANCE"])
    instance_keys(_settings(there, new_machine["DATABASE_URL"]))
    before = files_in(there)

    done = call("restore", str(tmp_path / "desk.backup"), **new_machine)

    assert done.exit_code == 2
    assert "move it away, then restore again" in done.output
    assert {**files_in(there), "maintenance.lock": b""} == {**before, "maintenance.lock": b""}

    (there / "encryption.key").rename(there / "encryption.key.mine")
    assert call("restore", str(tmp_path / "desk.backup"), **new_machine).exit_code == 0


def test_keys_from_the_settings_go_with_the_backup_too(call, databases, tmp_path, new_machine):
    key, other = "kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd", "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
    given = {"ENCRYPTION_KEY": key, "SECRET_KEY": other, "BACKUP_PASSPHRASE": PASSPHRASE}
    with databases.empty("sqlite", tmp_path) as url:
        upgrade_database(url)
        path = tmp_path / "given.backup"
        assert call("backup", str(path), DATABASE_URL=url, **given).exit_code == 0

    wrong = call("restore", str(path), **new_machine, ENCRYPTION_KEY=other, SECRET_KEY=key)
    right = call("restore", str(path), **new_machine)

    assert wrong.exit_code == 2
    assert "not the key of this backup" in wrong.output
    assert right.exit_code == 0, right.output
    assert "encryption.key was written." in right.output
    there = Path(new_machine["INSTANCE"])
    assert (there / "encryption.key").read_text() == f"{key}\n"


def test_a_backup_with_the_wrong_key_is_not_made(call, back_up, instance, tmp_path):
    assert back_up().exit_code == 0

    done = back_up(tmp_path / "second.backup", ENCRYPTION_KEY="kZ8-3vQm1xY_7bNc5wRt9uLp2sJh6gFd")

    assert done.exit_code == 2
    assert "not the one of this database" in done.output
    assert not (tmp_path / "second.backup").exists()


def test_who_comes_second_is_told_to_wait(back_up, instance, tmp_path):
    import fcntl
    import threading

    with (instance / "maintenance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(0.3, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        done = back_up()

    assert done.exit_code == 0
    assert "is under way: waiting." in done.output
