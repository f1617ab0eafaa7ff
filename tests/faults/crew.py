"""The workers of a run: real processes, killed and started again as an init system would."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults.observed import HoldUp, Kill

PROJECT = Path(__file__).resolve().parents[2]
# A worker that is told to stop finishes its round: a server may stall until then.
LONGEST_STOP_SECONDS = 40.0
LONGEST_START_SECONDS = 60.0
AT_WORK = b"The worker runs."
LAST_WORDS = 600
HELD_UP = re.compile(r"^\[([^]]+)\] WARNING .*was held up for (\d+) s", re.M)


@dataclass
class _Member:
    slot: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None


class Crew:
    """So many workers.

    Args:
        command: what each runs.
        environments: the settings of each, by slot.
        folder: where each writes its log.
    """

    def __init__(
        self, command: list[str], environments: list[Mapping[str, str]], folder: Path
    ) -> None:
        self.kills: list[Kill] = []
        self.crashes: list[str] = []
        self._command = command
        self._members = [
            _Member(slot, environment, folder / f"worker-{slot}.log")
            for slot, environment in enumerate(environments)
        ]
        # The mail server's thread kills as well.
        self._gate = threading.Lock()
        self._doomed: set[int] = set()
        # Stopped workers, and what lets them go on.
        self.pauses = 0
        self._paused: dict[int, threading.Timer] = {}

    def __enter__(self) -> Self:
        for member in self._members:
            self._start(member)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for timer in [*self._paused.values()]:
            timer.cancel()
        for member in self._members:
            if member.process is not None and member.process.poll() is None:
                member.process.kill()
                member.process.wait()

    def _start(self, member: _Member) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BREACHDESK_")}
        with member.log.open("ab") as log:
            member.process = subprocess.Popen(
                [sys.executable, "-u", *self._command],
                cwd=PROJECT,
                env={**clean, **member.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_at_work(self) -> None:
        """Return once each says that it runs. Raises TimeoutError."""
        give_up = time.monotonic() + LONGEST_START_SECONDS
        for member in self._members:
            while AT_WORK not in member.log.read_bytes():
                if time.monotonic() > give_up:
                    raise TimeoutError(f"Worker {member.slot}: {self._last_words(member)}")
                time.sleep(0.05)

    def kill(self, slot: int) -> None:
        """Kill a worker now, if it lives."""
        member = self._members[slot]
        with self._gate:
            self._doomed.discard(slot)
            if member.process is None or member.process.poll() is not None:
                return
            member.process.send_signal(signal.SIGKILL)
            member.process.wait()
            self.kills.append(Kill(slot, time.time()))

    def pause(self, slot: int, seconds: float) -> None:
        """Stop a worker where it stands, as a machine that is suspended, and let it go on."""
        process = self._members[slot].process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        self.pauses += 1
        timer = threading.Timer(seconds, self._go_on, [slot, process])
        with self._gate:
            self._paused[slot] = timer
        timer.start()

    def _go_on(self, slot: int, process: subprocess.Popen[bytes]) -> None:
        with self._gate:
            self._paused.pop(slot, None)
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)

    def has_paused(self) -> bool:
        """Whether some stand still."""
        return bool(self._paused)

    def living(self) -> list[int]:
        """The workers that live and are to live on."""
        with self._gate:
            return [
                member.slot
                for member in self._members
                if member.slot not in self._doomed
                and member.slot not in self._paused
                and member.process is not None
                and member.process.poll() is None
            ]

    def doom(self, slot: int) -> None:
        """Kill a worker as soon as the mail server has said yes to it."""
        self._doomed.add(slot)

    def has_doomed(self) -> bool:
        """Whether some still wait for their last yes."""
        return bool(self._doomed)

    def spare(self) -> None:
        """Kill nobody any more who still waits for a yes."""
        self._doomed.clear()

    def heard_yes(self, slot: int) -> None:
        """The mail server has just said yes to a worker."""
        if slot in self._doomed:
            self.kill(slot)

    def look_after(self, chance: random.Random) -> None:
        """Start again what is not there, mostly at once, sometimes a little later."""
        for member in self._members:
            with self._gate:
                process = member.process
                if process is None or process.poll() is None:
                    continue
                if process.returncode != -signal.SIGKILL:
                    self.crashes.append(f"worker {member.slot}: {self._last_words(member)}")
                if chance.random() < 0.5:
                    self._start(member)

    def hold_ups(self, speed: float) -> Iterator[HoldUp]:
        """When workers got no turn, by their logs, whose seconds are their own clock's."""
        for member in self._members:
            for said_at, seconds in HELD_UP.findall(member.log.read_text(errors="replace")):
                said = datetime.strptime(said_at, "%Y-%m-%d %H:%M:%S,%f").astimezone()
                ended_at = said.timestamp()
                yield HoldUp(member.slot, ended_at - float(seconds) / speed, ended_at)

    def _last_words(self, member: _Member) -> str:
        return member.log.read_text(errors="replace")[-LAST_WORDS:]

    def stop(self) -> None:
        """Tell all to stop, and wait until they have."""
        for timer in [*self._paused.values()]:
            timer.join()
        at_work = [m for m in self._members if m.process and m.process.poll() is None]
        for member in at_work:
            member.process.send_signal(signal.SIGTERM)
        give_up = time.monotonic() + LONGEST_STOP_SECONDS
        for member in at_work:
            try:
                code = member.process.wait(max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.crashes.append(f"worker {member.slot} did not stop when told to")
                continue
            # One just started again had not yet learnt to stop by itself.
            if code not in (0, -signal.SIGTERM):
                self.crashes.append(f"worker {member.slot}: {self._last_words(member)}")
