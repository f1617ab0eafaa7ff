"""What a dossier costs: time from the case to the PDF, and memory of the process that prints."""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.dossier_bundle import dossier_files
from breachdesk.documents.typesetting import PROCESS, typesetting_request
from breachdesk.domain.case_record import AttachmentRecord, CaseRecord
from breachdesk.wording import FRENCH
from tests.documents.sample_case import KARIM, MADE, sample_case, with_journal

Show = Callable[[str, str], None]

LINES = (0, 500, 10_000)
ATTACHED = 20_000_000
ROUNDS = 3
_MIB = 1024


def bench_dossiers(show: Show) -> None:
    """By the length of the journal, with and without attachments inside."""
    print(f"Dossier (case to PDF/A-3a and PDF/UA-1; median of {ROUNDS}; peak of the child)")
    for lines in LINES:
        for attached in (0, ATTACHED):
            record, contents = _case(lines, attached)
            rounds = [*_printed(record, contents)]
            took, worked, peak, size = (
                statistics.median(figures) for figures in zip(*rounds, strict=True)
            )
            with_files = f", {attached // 1_000_000} MB attached" if attached else ""
            cost = f"{took:6.2f} s   processor {worked:5.2f} s   {peak:4.0f} MiB"
            show(f"{lines:,} journal lines{with_files}", f"{cost}   {size / 1e6:5.1f} MB")


def _case(lines: int, attached: int) -> tuple[CaseRecord, dict[int, bytes]]:
    whole = sample_case()
    record = with_journal(whole, lines) if lines else replace(whole, journal=())
    if not attached:
        return record, {}
    # What cannot be pressed together, as photographs cannot.
    content = random.Random(1).randbytes(attached // 4)
    files = tuple(
        AttachmentRecord(f"photo-{n}.jpg", "image/jpeg", len(content), "0" * 64, KARIM, MADE)
        for n in range(4)
    )
    return replace(record, attachments=files), dict.fromkeys(range(1, 5), content)


def _printed(record: CaseRecord, contents: dict[int, bytes]) -> Iterator[tuple[float, ...]]:
    """Of each round: seconds, those of the processor, the child's peak in MiB, the PDF's bytes."""
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), _processor_time()
        content = lay_out_dossier(record, FRENCH)
        files = dossier_files(record, contents, FRENCH)
        peak, size = _child(typesetting_request(content, files, record.made_at))
        yield time.perf_counter() - started, _processor_time() - worked, peak, size


def _processor_time() -> float:
    """Seconds that this process and its finished children have kept a processor busy."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


# The process as `documents.typesetting` starts it; then the system says what it held at most.
# What `wait4` tells would count the memory of the parent it was forked from.
_MEASURED = """
import runpy, sys
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
finally:
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM:"))
    sys.stderr.write(peak)
"""


def _child(request: bytes) -> tuple[float, int]:
    """The peak of the compiling process in MiB, and the size of its PDF in bytes."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _MEASURED, str(PROCESS)],
        input=request,
        capture_output=True,
        check=True,
    )
    return int(done.stderr.split()[-2]) / _MIB, len(done.stdout)
