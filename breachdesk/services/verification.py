"""Checking a dossier's file: in this process, or in one of its own where others send files.

Needs neither settings nor a database.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore

from breachdesk.domain.dossier_check import DossierCheck, Finding, Limit, Outcome, Subject
from breachdesk.sealing.check_dossier import check_dossier

__all__ = ["Busy", "check_apart", "check_dossier"]

ROOT = Path(__file__).resolve().parents[2]
# Ten times what the longest dossier takes; and what a hostile one may at most.
TIME_LIMIT = timedelta(seconds=30)
MEMORY_LIMIT = 1_500_000_000
# The pages of the desk need processors too.
AT_ONCE = 2

_turns = BoundedSemaphore(AT_ONCE)


class Busy(RuntimeError):
    """Others are having files checked: try again in a moment."""


def check_apart(
    content: bytes,
    *,
    trust: str | None = None,
    head: str | None = None,
    time_limit: timedelta = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> DossierCheck:
    """Check a file that somebody sent, in a process that cannot take more than its share.

    Args:
        memory_limit: bytes of address space.

    Raises:
        Busy: as many files as may be are being checked.
    """
    if not _turns.acquire(blocking=False):
        raise Busy
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [
                sys.executable,
                "-m",
                "breachdesk.sealing.check_process",
                str(memory_limit),
                json.dumps({"trust": trust, "head": head}),
            ],
            input=content,
            capture_output=True,
            timeout=time_limit.total_seconds(),
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _given_up()
    finally:
        _turns.release()
    if done.returncode != 0:
        return _given_up()
    return DossierCheck.from_json(json.loads(done.stdout))


def _given_up() -> DossierCheck:
    finding = Finding(Subject.ARCHIVE, Outcome.FAILS, "took_too_long")
    return DossierCheck((finding,), (Limit.CONTENT,))
