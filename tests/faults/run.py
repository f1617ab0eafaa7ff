"""One run: reminders fall due while workers are killed and everything around them fails."""

import os
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine

from breachdesk import create_app, upgrade_database
from breachdesk.config import load_settings
from tests.databases import engines_closed
from tests.faults.crew import Crew
from tests.faults.ledger import (
    SENDER_DOMAIN,
    count_left,
    plan_reminders,
    prepare,
    read_ledger,
)
from tests.faults.observed import Observed, Outage
from tests.faults.sink import HOST, FaultySink
from tests.faults.verdict import Allowed, Verdict, judge
from tests.faults.worker import quick_clock
from tests.postgres_server import OUTLIVES_ITS_PROCESSES, Cluster, start_cluster

# Between planning and the first reminder that falls due.
HEAD_START_SECONDS = 1.0
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Scenario:
    """What happens in a run. All durations are seconds of the wall's clock.

    Args:
        speed: how much faster the workers' clock runs: a lease of a minute, and the first
            pause before a mail is tried again, then take 60 / speed seconds.
        faulty_seconds: for how long reminders fall due and everything fails; then the mail
            server behaves and nobody is killed, so that the run comes to an end.
        give_up_seconds: after which the run is over, whatever is left.
        patience: how long a worker waits for an answer of the mail server, and for the one
            to a whole text.
    """

    engine: str
    workers: int
    reminders: int
    kills: int
    restarts: int
    speed: float
    faulty_seconds: float
    give_up_seconds: float
    patience: tuple[float, float] = (2.0, 8.0)

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
    with tempfile.TemporaryDirectory(prefix="desk-faults-") as name, engines_closed():
        folder = Path(name)
        with _database(scenario, folder) as (url, cluster):
            seen = _Run(scenario, random.Random(seed), folder, url, cluster, tell).play(seed)
    allowed = Allowed(text_timeout=scenario.patience[1])
    return Result(seen, judge(seen, allowed), time.monotonic() - began)


@contextmanager
def _database(scenario: Scenario, folder: Path) -> Iterator[tuple[str, Cluster | None]]:
    if scenario.engine == "sqlite":
        yield f"sqlite:///{folder / 'desk.db'}", None
        return
    cluster = start_cluster(OUTLIVES_ITS_PROCESSES)
    try:
        yield cluster.url, cluster
    finally:
        cluster.stop()


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        chance: random.Random,
        folder: Path,
        url: str,
        cluster: Cluster | None,
        tell: Callable[[str], None],
    ) -> None:
        self._scenario = scenario
        self._chance = chance
        self._folder = folder
        self._url = url
        self._cluster = cluster
        self._tell = tell
        self._keys = {
            "BREACHDESK_SECRET_KEY": secrets.token_hex(32),
            "BREACHDESK_ENCRYPTION_KEY": secrets.token_hex(32),
        }
        self._outages: list[Outage] = []

    def play(self, seed: int) -> Observed:
        """The whole run; what was observed."""
        scenario = self._scenario
        upgrade_database(self._url)
        app = create_app(load_settings(self._settings("filled", 25)))
        prepare(app)
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
                self._settings(f"worker-{slot}", port) for slot, port in enumerate(sink.ports)
            ]
            command = ["-m", "tests.faults.worker", str(scenario.speed), str(wall_at)]
            command += [str(seconds) for seconds in scenario.patience]
            crew = Crew(command, settings, self._folder)
            engine = create_engine(self._url)
            with crew:
                crew.wait_until_at_work()
                self._tell("all at work")
                first_at = time.time() + HEAD_START_SECONDS
                starting = clock() + timedelta(seconds=HEAD_START_SECONDS * scenario.speed)
                within = timedelta(seconds=scenario.faulty_seconds * scenario.speed)
                plan_reminders(app, scenario.reminders, starting=starting, within=within)
                self._make_trouble(crew, sink, first_at)
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
            dict(sink.misdeeds),
            tuple(crew.crashes),
        )

    def _settings(self, name: str, port: int) -> Mapping[str, str]:
        folder = self._folder / name
        folder.mkdir()
        return {
            **self._keys,
            "BREACHDESK_INSTANCE": str(folder),
            "BREACHDESK_DATABASE_URL": self._url,
            "BREACHDESK_SMTP_HOST": HOST,
            "BREACHDESK_SMTP_PORT": str(port),
            "BREACHDESK_SMTP_SECURITY": "none",
            "BREACHDESK_SMTP_SENDER": f"desk@{SENDER_DOMAIN}",
            "BREACHDESK_SMTP_CONNECTIONS": "4",
            "BREACHDESK_LOG_LEVEL": "warning",
        }

    # --- Trouble -----------------------------------------------------------------------------

    def _make_trouble(self, crew: Crew, sink: FaultySink, first_at: float) -> None:
        """Until the time is over: kills, restarts and a closed mail server at random moments."""
        scenario, chance = self._scenario, self._chance
        moments = [
            *((chance.random(), self._kill) for _ in range(scenario.kills)),
            # Not at the very ends, where nothing is on its way.
            *((chance.uniform(0.2, 0.8), self._restart) for _ in range(scenario.restarts)),
            (chance.uniform(0.2, 0.8), self._be_away),
        ]
        for share, act in sorted(moments, key=lambda moment: moment[0]):
            self._look_after(crew, until=first_at + share * scenario.faulty_seconds)
            act(crew, sink)
        self._look_after(crew, until=first_at + scenario.faulty_seconds)

    def _look_after(self, crew: Crew, *, until: float) -> None:
        while True:
            crew.look_after(self._chance)
            left = until - time.time()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))

    def _kill(self, crew: Crew, sink: FaultySink) -> None:
        """At any moment, or at the worst: right after a yes that is not written down yet."""
        slot = self._chance.randrange(self._scenario.workers)
        if self._chance.random() < 0.5:
            crew.kill(slot)
        else:
            crew.doom(slot)

    def _restart(self, crew: Crew, sink: FaultySink) -> None:
        if self._cluster is None:
            return
        began = time.time()
        self._cluster.restart(self._chance.choice(("immediate", "fast")))
        self._outages.append(Outage(began, time.time()))

    def _be_away(self, crew: Crew, sink: FaultySink) -> None:
        sink.be_away(self._scenario.faulty_seconds / 10)

    def _let_end(self, crew: Crew, sink: FaultySink, engine: Engine) -> None:
        """Let everything that is left be done, in peace."""
        self._tell("peace")
        sink.is_faulty = False
        crew.spare()
        scenario = self._scenario
        give_up = time.monotonic() + scenario.give_up_seconds
        while (left := count_left(engine, scenario.reminders)) and time.monotonic() < give_up:
            self._tell(f"{left} left")
            self._look_after(crew, until=time.time() + 0.5)


def new_seed() -> int:
    """Any; say it, and the run can be played again."""
    return int.from_bytes(os.urandom(3), "big")
