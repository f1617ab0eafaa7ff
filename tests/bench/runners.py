"""What each runner adds between a commit and the mail server's yes, and how much it sends."""

import statistics
import time
from collections.abc import Callable, Mapping

from breachdesk import create_app, make_worker, prepare_runner, utc_now
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.work import Runner
from breachdesk.mail.letters import mail_key, message_id_for
from breachdesk.services.deliveries import queue_to_user
from tests.cases import at_desk, incident, seat, start_sending
from tests.faults.crew import Crew
from tests.faults.ledger import SENDER_DOMAIN
from tests.faults.sink import FaultySink
from tests.faults.site import Site, new_site
from tests.services.letters_to_many import approved_notice

SINGLE, PAUSE_SECONDS = 40, 0.21
MANY = 2_000
GIVE_UP_SECONDS = 120
COMMAND = ["-m", "breachdesk", "worker"]
# As what is measured: the runner, and whether it works inside the process that queues.
PLACES: Mapping[str, tuple[Runner, bool]] = {
    "embedded, in the web process": (Runner.EMBEDDED, True),
    "embedded, another process": (Runner.EMBEDDED, False),
    "procrastinate, in the web process": (Runner.PROCRASTINATE, True),
    "procrastinate, another process": (Runner.PROCRASTINATE, False),
}


def bench_runners(show: Callable[[str, str], None]) -> None:
    """Print the time from commit to yes of single mails, and the pace of many."""
    print(f"Runners, PostgreSQL, one worker ({SINGLE} single mails; {MANY:,} at once)")
    for name, (runner, is_inside) in PLACES.items():
        with new_site("postgresql", runner.value) as site:
            waits, per_second = _measured(site, is_inside=is_inside)
        cuts = statistics.quantiles(waits, n=100)
        show(
            name,
            f"median {statistics.median(waits) * 1000:6.0f} ms   p99 {cuts[98] * 1000:6.0f} ms"
            f"   {per_second:6.0f} mails/s",
        )


def _measured(site: Site, *, is_inside: bool) -> tuple[list[float], float]:
    with FaultySink(1, seed=0, slow_seconds=0, unhurried_seconds=0, chances={}) as sink:
        variables = site.settings("w", sink.ports[0])
        settings = load_settings(variables)
        prepare_runner(settings)
        app = create_app(settings)
        with at_desk(app) as work:
            reference = approved_notice(work, MANY, now=utc_now())
        if is_inside:
            worker = make_worker(app, settings)
            worker.start()
            try:
                return _posted(app, sink, reference)
            finally:
                worker.stop()
        with Crew(COMMAND, [variables], site.folder) as crew:
            crew.wait_until_at_work()
            found = _posted(app, sink, reference)
            crew.stop()
            return found


def _posted(app, sink: FaultySink, reference: str) -> tuple[list[float], float]:
    _wait_for_quiet(sink)
    committed: dict[str, float] = {}
    for number in range(SINGLE):
        key = f"bench:{number}"
        with at_desk(app) as work:
            case = incident(work, reference)
            person = seat(work, Role.DPO).user.id
            now = utc_now()
            queue_to_user(
                work.session, case, person, MailKind.ALERT, key=key, now=now, due_at=now.isoformat()
            )
            work.session.commit()
        committed[message_id_for(mail_key(reference, key, now), SENDER_DOMAIN)] = time.time()
        time.sleep(PAUSE_SECONDS)
    _wait_for(lambda: committed.keys() <= {taken.message_id for taken in sink.taken})
    waits = [
        taken.at - committed[taken.message_id]
        for taken in sink.taken
        if taken.message_id in committed
    ]
    before = len(sink.taken)
    with at_desk(app) as work:
        start_sending(work, reference, now=utc_now())
    began = time.time()
    _wait_for(lambda: len(sink.taken) >= before + MANY)
    return waits, MANY / (max(taken.at for taken in sink.taken) - began)


def _wait_for(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise RuntimeError("Not every mail was sent.")
        time.sleep(0.05)


def _wait_for_quiet(sink: FaultySink) -> None:
    """The mails of the case's own story have left."""
    seen = -1
    while len(sink.taken) != seen or not seen:
        seen = len(sink.taken)
        time.sleep(3)
