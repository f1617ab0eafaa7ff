"""One run: reminders fall due while workers are killed and everything around them fails."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, create_engine

from tests.faults.crew import Crew
from tests.faults.ledger import (
    ROLES,
    count_left,
    plan_reminders,
    prepare,
    read_ledger,
)
from tests.faults.observed import Observed, Outage
from tests.faults.sink import FaultySink
from tests.faults.site import Site, new_site
from tests.faults.verdict import Allowed, Verdict, judge
from tests.faults.worker import quick_clock
from tests.people import MONDAY_NINE

# Between planning and the first reminder that falls due.
HEAD_START_SECONDS = 1.0
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Scenario:
    """What happens in a run. All durations are seconds of the wall's clock.

    Args:
        speed: how much faster the workers' clock runs: a lease of a minute, and the first
            pause before a mail is tried again, then take 60 / speed seconds.
        due_seconds: over how long the reminders fall due. Once four in five mails have
            arrived, the mail server behaves and nobody is killed, so that the run ends.
        give_up_seconds: how long each of these two parts may take at most.
        patience: how long a worker waits for an answer of the mail server, and for the one
            to a whole text.
        pauses: how often a worker is stopped (SIGSTOP) for longer than its lease, and goes on.
    """

    engine: str
    workers: int
    reminders: int
    kills: int
    restarts: int
    speed: float
    due_seconds: float
    give_up_seconds: float
    patience: tuple[float, float] = (2.0, 8.0)
    pauses: int = 0
    runner: str = "embedded"

    @property
    def lease_seconds(self) -> float:
        """How long a lease is by the wall's clock."""
        return MINUTE.total_seconds() / self.speed


@dataclass(frozen=True)
class Result:
    """What a run showed."""

    seen: Observed
    verdict: Verdict
    seconds: float


def play(scenario: Scenario, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Play a scenario; the same seed fails the same way, as far as time allows.

    Raises:
        NoPostgres: there is no PostgreSQL to start here.
    """
    began = time.monotonic()
    with new_site(scenario.engine, scenario.runner) as site:
        seen = _Run(scenario, random.Random(seed), site, tell).play(seed)
    allowed = Allowed(text_timeout=scenario.patience[1], lease=scenario.lease_seconds)
    return Result(seen, judge(seen, allowed), time.monotonic() - began)


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        chance: random.Random,
        site: Site,
        tell: Callable[[str], None],
    ) -> None:
        self._scenario = scenario
        self._chance = chance
        self._site = site
        self._tell = tell
        self._outages: list[Outage] = []

    def play(self, seed: int) -> Observed:
        """The whole run; what was observed."""
        scenario, site = self._scenario, self._site
        app = site.app()
        prepare(app, now=MONDAY_NINE)
        crew: Crew | None = None
        sink = FaultySink(
            scenario.workers,
            seed=seed,
            slow_seconds=1.4 * scenario.lease_seconds,
            unhurried_seconds=0.02,
            on_yes=lambda slot: crew.heard_yes(slot) if crew else None,
        )
        with sink:
            wall_at = time.time()
            clock = quick_clock(scenario.speed, wall_at)
            settings = [
                site.settings(f"worker-{slot}", port) for slot, port in enumerate(sink.ports)
            ]
            command = ["-m", "tests.faults.worker", str(scenario.speed), str(wall_at)]
            command += [str(seconds) for seconds in scenario.patience]
            crew = Crew(command, settings, site.folder)
            engine = create_engine(site.url)
            with crew:
                crew.wait_until_at_work()
                self._tell("all at work")
                starting = clock() + timedelta(seconds=HEAD_START_SECONDS * scenario.speed)
                within = timedelta(seconds=scenario.due_seconds * scenario.speed)
                plan_reminders(app, scenario.reminders, starting=starting, within=within)
                self._make_trouble(crew, sink)
                self._let_end(crew, sink, engine)
                self._tell("all done")
                crew.stop()
                self._tell("all stopped")
        reminders, deliveries = read_ledger(engine, scenario.reminders)
        return Observed(
            tuple(reminders),
            tuple(deliveries),
            tuple(sink.taken),
            tuple(crew.kills),
            tuple(self._outages),
            tuple(crew.hold_ups(scenario.speed)),
            dict(sink.misdeeds),
            tuple(crew.crashes),
            crew.pauses,
        )

    # --- Trouble -----------------------------------------------------------------------------

    def _make_trouble(self, crew: Crew, sink: FaultySink) -> None:
        """Kills, restarts and a closed mail server, each once so many mails have arrived.

        By what has arrived and not by the time, so that a busy machine is tried as hard.
        """
        scenario, chance = self._scenario, self._chance
        moments = [
            *((chance.uniform(0.01, 0.8), self._kill) for _ in range(scenario.kills)),
            *((chance.uniform(0.2, 0.7), self._restart) for _ in range(scenario.restarts)),
            *((chance.uniform(0.05, 0.6), self._pause) for _ in range(scenario.pauses)),
            (chance.uniform(0.2, 0.7), self._be_away),
        ]
        give_up = time.monotonic() + scenario.give_up_seconds
        owed = scenario.reminders * len(ROLES)
        for share, act in sorted(moments, key=lambda moment: moment[0]):
            while sink.arrived < share * owed and time.monotonic() < give_up:
                self._look_after(crew)
            act(crew, sink)
        while (crew.has_doomed() or crew.has_paused()) and time.monotonic() < give_up:
            self._look_after(crew)

    def _look_after(self, crew: Crew) -> None:
        crew.look_after(self._chance)
        time.sleep(0.05)

    def _kill(self, crew: Crew, sink: FaultySink) -> None:
        """At any moment, or at the worst: right after a yes that is not written down yet."""
        while not (living := crew.living()):
            self._look_after(crew)
        slot = self._chance.choice(living)
        if self._chance.random() < 0.5:
            crew.kill(slot)
        else:
            crew.doom(slot)

    def _pause(self, crew: Crew, sink: FaultySink) -> None:
        """Long enough for another to take over what it holds."""
        while not (living := crew.living()):
            self._look_after(crew)
        crew.pause(self._chance.choice(living), 1.5 * self._scenario.lease_seconds)

    def _restart(self, crew: Crew, sink: FaultySink) -> None:
        if self._site.cluster is None:
            return
        began = time.time()
        self._site.cluster.restart(self._chance.choice(("immediate", "fast")))
        self._outages.append(Outage(began, time.time()))

    def _be_away(self, crew: Crew, sink: FaultySink) -> None:
        sink.be_away(self._scenario.due_seconds / 10)

    def _let_end(self, crew: Crew, sink: FaultySink, engine: Engine) -> None:
        """Let everything that is left be done, in peace."""
        self._tell("peace")
        sink.is_faulty = False
        crew.spare()
        scenario = self._scenario
        give_up, told = time.monotonic() + scenario.give_up_seconds, 0
        while (left := count_left(engine, scenario.reminders)) and time.monotonic() < give_up:
            if left != told:
                self._tell(f"{left} left")
            told = left
            self._look_after(crew)


def new_seed() -> int:
    """Any; say it, and the run can be played again."""
    return int.from_bytes(os.urandom(3), "big")
