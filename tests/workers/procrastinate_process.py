"""A worker of Procrastinate's as a process of its own, quick to notice that another died.

    python -m tests.workers.procrastinate_process SPEED WALL_AT [MARK]

Its clock runs as in `tests.faults.worker`. With a MARK it prints no dossier but makes that
file and hangs, as one does who is to be killed in the middle of it. Settings come from
BREACHDESK_… variables.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.services import dossiers
from breachdesk.workers.procrastinate_runner import Pace, ProcrastinateWorker
from tests.faults.worker import quick_clock
from tests.mail.memory import MemoryMailer
from tests.small_pdf import small_pdf

QUICK = Pace(
    tick_every=1, retry_every=1, heartbeat=0.3, gone_after=1.5, poll=0.5, pause_after_fault=0.2
)


def main(speed: str, wall_at: str, mark: str = "") -> None:
    """Work until told to stop."""

    def hang(*_args: object) -> bytes:
        Path(mark).touch()
        time.sleep(600)
        return b""

    def print_quickly(*_args: object) -> bytes:
        return small_pdf()

    dossiers.print_dossier = hang if mark else print_quickly
    settings = load_settings(os.environ)
    clock = quick_clock(float(speed), float(wall_at))
    app = create_app(settings, mailer=MemoryMailer(), clock=clock)
    worker = ProcrastinateWorker(app, settings.database_url, settings.instance, QUICK)
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    worker.start()
    done.wait()
    worker.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
