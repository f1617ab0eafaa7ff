"""A worker killed in the middle of its work, again and again: no mail is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from breachdesk.domain.deliveries import LEASE, DeliveryState
from breachdesk.mail.catcher import MailCatcher
from breachdesk.models import Delivery
from tests.cases import MONDAY_NINE, Work, start_sending
from tests.mail.memory import MemoryMailer
from tests.services.desks import desk_in
from tests.services.letters_to_many import approved_notice

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 300
KILLS = 3
PATIENCE_SECONDS = 60


def _start(url: str, port: int, key: bytes, folder: Path, now) -> subprocess.Popen:
    program = [sys.executable, "-m", "tests.services.letters_to_many"]
    arguments = [url, str(port), key.hex(), str(folder), now.isoformat()]
    return subprocess.Popen(program + arguments, cwd=ROOT)


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.eml"))


def _kill_after(process: subprocess.Popen, folder: Path, arrived: int) -> None:
    """Kill it once so many more mails have arrived, if it lives so long."""
    wanted, give_up = _count(folder) + arrived, time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and _count(folder) < wanted:
        assert time.monotonic() < give_up, "The mails do not arrive."
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)


def test_a_worker_killed_at_any_moment_loses_no_mail_and_doubles_are_known_as_such(
    session, database_url, tmp_path
):
    key = os.urandom(32)
    work = Work(session, desk_in(tmp_path, key, mailer=MemoryMailer()))
    reference = approved_notice(work, PEOPLE)
    start_sending(work, reference, now=MONDAY_NINE)
    session.close()
    seed = random.randrange(1_000_000)
    chance, now, killed = random.Random(seed), MONDAY_NINE, 0

    with MailCatcher(tmp_path / "mail") as server:
        for _ in range(KILLS):
            process = _start(database_url, server.port, key, tmp_path, now)
            _kill_after(process, server.folder, chance.randrange(1, PEOPLE // (KILLS + 1)))
            killed += process.returncode == -signal.SIGKILL
            now += LEASE + timedelta(seconds=1)
        last = _start(database_url, server.port, key, tmp_path, now)
        assert last.wait(PATIENCE_SECONDS) == 0

    assert killed, f"It always ended by itself (seed {seed})."
    ids = _ids_by_person(server.folder)
    told = {person for person in ids if person.endswith("@clients.example")}
    assert len(told) == PEOPLE, f"Lost (seed {seed})."
    # Somebody of our own gets several mails, each under its own Message-ID.
    assert all(len(set(ids[person])) == 1 for person in told), f"seed {seed}"
    states = session.scalars(select(Delivery.state).where(Delivery.recipient_id.is_not(None)))
    assert set(states) == {DeliveryState.SENT}


def _ids_by_person(folder: Path) -> dict[str, list[str]]:
    """The Message-IDs that arrived, by address."""
    found = defaultdict(list)
    for path in folder.rglob("*.eml"):
        head = path.read_bytes().split(b"\r\n\r\n")[0].decode().replace("\r\n ", " ")
        fields = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
        found[fields["To"].rpartition("<")[2].rstrip(">")].append(fields["Message-ID"])
    return found
