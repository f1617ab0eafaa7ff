"""How late a reminder is: from when it falls due until the mail server has taken it."""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import create_engine

from breachdesk import utc_now
from tests.faults.crew import Crew
from tests.faults.ledger import ROLES, count_left, moment_of, plan_reminders, prepare, read_ledger
from tests.faults.sink import FaultySink
from tests.faults.site import Site, new_site

PER_SECOND = 20
FOR_SECONDS = 30
HEAD_START = timedelta(seconds=3)
GIVE_UP_SECONDS = 60
COMMAND = ["-m", "breachdesk", "worker"]


def bench_lateness(show: Callable[[str, str], None]) -> None:
    """Print median and 99th percentile under a steady load, for real workers and a quick server."""
    load = f"{PER_SECOND} reminders a second to {len(ROLES)} people each, {FOR_SECONDS} s"
    print(f"Lateness of reminders ({load})")
    for engine, workers in (("postgresql", 4), ("sqlite", 1)):
        with new_site(engine) as site:
            late = measured(site, workers, PER_SECOND * FOR_SECONDS)
        cuts = statistics.quantiles(late, n=100)
        who = "1 worker" if workers == 1 else f"{workers} workers"
        show(
            f"{engine}, {who}",
            f"median {statistics.median(late) * 1000:6.0f} ms   p99 {cuts[98] * 1000:6.0f} ms"
            f"   of {len(late):,} mails",
        )


def measured(site: Site, workers: int, count: int) -> Sequence[float]:
    """How late each mail was taken by the server, in seconds.

    Raises:
        RuntimeError: not every mail arrived in time.
    """
    app, within = site.app(), timedelta(seconds=count / PER_SECOND)
    prepare(app, now=utc_now())
    with FaultySink(workers, seed=0, slow_seconds=0, unhurried_seconds=0, chances={}) as sink:
        settings = [site.settings(f"w{slot}", port) for slot, port in enumerate(sink.ports)]
        with Crew(COMMAND, settings, site.folder) as crew:
            crew.wait_until_at_work()
            starting = utc_now() + HEAD_START
            plan_reminders(app, count, starting=starting, within=within)
            engine = create_engine(site.url)
            give_up = time.monotonic() + within.total_seconds() + GIVE_UP_SECONDS
            time.sleep((HEAD_START + within).total_seconds())
            while count_left(engine, count):
                if time.monotonic() > give_up:
                    raise RuntimeError("Not every reminder was sent.")
                time.sleep(0.2)
            crew.stop()
    _, deliveries = read_ledger(engine, count)
    due = {
        each.message_id: moment_of(each.reminder_id, count, starting, within).timestamp()
        for each in deliveries
        if each.reminder_id is not None
    }
    return [taken.at - due[taken.message_id] for taken in sink.taken]
