"""Print what the desk costs. Every figure comes with its comparison, in the same run.

These machines are shared and noisy: quote medians and ratios.
"""

import argparse
import io
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import Origin
from breachdesk.domain.duties import assess
from breachdesk.domain.enisa import Circumstances, severity_score
from breachdesk.domain.facts import ASSESSED_FACTS
from breachdesk.domain.flips import flips_of
from breachdesk.domain.published_cases import PRECEDENTS
from breachdesk.domain.published_file import CountedFile, count_file
from breachdesk.domain.published_notifications import (
    Sector,
    Size,
    Traits,
    compare,
    published_from,
)
from breachdesk.domain.recipient_list import read_recipients
from breachdesk.mail.letters import Letter, serialise
from breachdesk.services.published_notifications import import_published, physical_lines
from tests.bench.dossiers import bench_dossiers
from tests.bench.lateness import bench_lateness
from tests.bench.published import NOTIFICATIONS, published_file
from tests.bench.runners import bench_runners
from tests.bench.sample import INCIDENTS, NOW, fill, make_desk_at
from tests.bench.served import Visitor, bare_served, desk_served, token_of
from tests.bench.ticks import bench_ticks
from tests.cases import PASSWORD, address_of, at_desk
from tests.domain.calm_case import calm_facts
from tests.queries import counted_queries

ROUNDS = 60
WRITERS, POSTS_EACH = 4, 50


def median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of a call, in milliseconds, after three that do not count."""
    for _ in range(3):
        work()
    return statistics.median(_seconds(work) for _ in range(rounds)) * 1000


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def show(name: str, value: str) -> None:
    """One line of the result."""
    print(f"  {name:<46} {value}", flush=True)


def bench_pages(app: Flask, instance: Path, reference: str) -> None:
    """Register and case page, in turn with a bare page, over HTTP on loopback."""
    pages = {
        f"register, {INCIDENTS} incidents": "/organisations/GIR/register",
        "register, searched": f"/organisations/GIR/register?text={quote('courriel')}",
        "case page": f"/incidents/{reference}",
    }
    print("Pages (median ms; 2 workers; the bare page measured between each)")
    with desk_served(instance) as port, bare_served() as bare_port:
        visitor, bare = Visitor(port), Visitor(bare_port)
        visitor.sign_in(address_of(Role.DPO), PASSWORD)
        for name, path in pages.items():
            status, text = visitor.get(path)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}.")
            ours, theirs = _in_turn(lambda p=path: visitor.get(p), lambda: bare.get("/"))
            queries = _queries(app, path)
            show(
                name,
                f"{ours:6.1f} ms   bare {theirs:4.1f} ms   {queries} queries   "
                f"{len(text.encode()) / 1000:.0f} kB",
            )


def _in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians of two calls made in turn, so that a slow spell falls on both."""
    for _ in range(3):
        ours(), theirs()
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(ROUNDS)]
    return tuple(statistics.median(times) * 1000 for times in zip(*pairs, strict=True))


def _queries(app: Flask, path: str) -> int:
    client: FlaskClient = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"email": address_of(Role.DPO), "password": PASSWORD})
    client.get(path)
    with counted_queries(app) as queries:
        client.get(path)
    return len(queries)


def bench_posts(instance: Path) -> None:
    """Four people open incidents at once, on SQLite."""
    print(f"Forms posted, {WRITERS} writers at once on SQLite")
    failures: list[str] = []
    with desk_served(instance) as port:
        writers = [
            threading.Thread(target=_open_incidents, args=(port, failures)) for _ in range(WRITERS)
        ]
        started = time.perf_counter()
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        seconds = time.perf_counter() - started
    posts = WRITERS * POSTS_EACH
    show("posts per second", f"{posts / seconds:6.1f}")
    show("posts that failed", f"{len(failures)} of {posts}")
    for failure in failures[:5]:
        show("failure", failure)


def _open_incidents(port: int, failures: list[str]) -> None:
    visitor = Visitor(port)
    visitor.sign_in(address_of(Role.HANDLER), PASSWORD)
    path = "/organisations/GIR/incidents/new"
    _, page = visitor.get(path)
    token = token_of(page)
    for number in range(POSTS_EACH):
        fields = [
            ("csrf_token", token),
            ("description", f"Courriel envoyé au mauvais destinataire, numéro {number}."),
            ("noticed_at", "2026-11-20T18:30"),
        ]
        status, _text = visitor.post(path, fields)
        if status not in (302, 303):
            failures.append(f"status {status}")


def bench_rules() -> None:
    """The assessment alone, by how much is known; a bare formula and JSON to compare with."""
    print("Assessment (median ms a case; dumping its own answer as JSON, in turn)")
    for name, cases in RULE_CASES.items():
        ours, theirs = _a_case_in_turn(cases)
        show(name, f"{ours:6.3f} ms   json.dumps of the answer {theirs:6.3f} ms")
    score = median_ms(lambda: severity_score(4, 0.75, Circumstances(0.5, 0, 0.25, 0.5)), 300)
    show("ENISA's bare formula", f"{score:6.4f} ms")
    published = RULE_CASES["the published cases"]
    flips = median_ms(lambda: [flips_of(facts) for facts in published], 20) / len(published)
    show("what would flip a published case", f"{flips:6.3f} ms")


def _a_case_in_turn(cases: Sequence[Mapping[str, object]]) -> tuple[float, float]:
    answers = [assess(facts).as_record() for facts in cases]
    rounds = [
        _in_turn(lambda f=facts: assess(f), lambda a=answer: json.dumps(a))
        for facts, answer in zip(cases, answers, strict=True)
    ]
    return tuple(statistics.median(times) for times in zip(*rounds, strict=True))


# A case whose every fact is known, and the same with every second one open.
_ALL_KNOWN = calm_facts(data=["contact", "health"], recipients="few_known", n_subjects=3412)
_HALF_KNOWN = {
    key: None if place % 2 else _ALL_KNOWN.get(key) for place, key in enumerate(ASSESSED_FACTS)
}
RULE_CASES: Mapping[str, Sequence[Mapping[str, object]]] = {
    "nothing known": [dict.fromkeys(ASSESSED_FACTS)],
    "half known": [_HALF_KNOWN],
    "all known": [_ALL_KNOWN],
    "the published cases": [precedent.facts for precedent in PRECEDENTS],
}


def bench_recipients() -> None:
    """Reading a recipients file and writing the letters."""
    print("Recipients and letters")
    people = "".join(f"Nom {n};c{n}@client.example;fr\n" for n in range(100_000))
    content = f"nom;email;langue\n{people}".encode()
    show("100,000 lines read", f"{median_ms(lambda: read_recipients(content), 3) / 1000:6.2f} s")
    ours, theirs = _in_turn(lambda: serialise(LETTER), lambda: bytes(standard_message(LETTER)))
    show("a letter written", f"{ours:6.3f} ms   email.message {theirs:6.3f} ms")


LETTER = Letter(
    message_id="<bench@girandole.example>",
    sender_name="La Girandole",
    sender_address="desk@girandole.example",
    recipient_name="Élodie Lefèvre",
    recipient_address="client@clients.example",
    subject="Information importante sur vos données personnelles",
    text="Méfiez-vous des courriels inattendus, même s’ils citent vos données.\n" * 30,
    sent_at=NOW,
)


def standard_message(letter: Letter) -> EmailMessage:
    """The same letter by the standard library, to compare with."""
    message = EmailMessage()
    message["From"] = Address(letter.sender_name, addr_spec=letter.sender_address)
    message["To"] = Address(letter.recipient_name, addr_spec=letter.recipient_address)
    message["Subject"] = letter.subject
    message["Date"] = letter.sent_at
    message["Message-ID"] = letter.message_id
    message.set_content(letter.text)
    return message


def bench_published(app: Flask) -> None:
    """The CNIL's whole file: counted, imported, and a case beside it."""
    print(f"Published notifications ({NOTIFICATIONS:,} lines; median of 3)")
    content = published_file()
    month = f"{NOW:%Y-%m}"

    def read() -> CountedFile:
        return count_file(physical_lines(io.BytesIO(content)), this_month=month)

    def take_in() -> None:
        with at_desk(app) as work:
            lines = physical_lines(io.BytesIO(content))
            import_published(work.session, lines, file_name="bench.csv", now=NOW)

    show("read and counted", f"{median_ms(read, 3) / 1000:6.2f} s")
    show("read, counted and kept", f"{median_ms(take_in, 3) / 1000:6.2f} s")
    rows = published_from(read().rows, file_name="", first_month=month, last_month=month)
    hacked = Traits(frozenset({Origin.HACKING}), None, Size.UP_TO_50, Sector.TRADE)
    took = median_ms(lambda: compare(hacked, rows), 30)
    show("a case beside them", f"{took:6.2f} ms   {len(rows.rows):,} groups")


def bench_start(instance: Path) -> None:
    """From nothing running to the first page, database up to date."""
    print("Cold start (seconds)")
    times = []
    for _ in range(3):
        started = time.perf_counter()
        with desk_served(instance):
            times.append(time.perf_counter() - started)
    show("run to first page, median of 3", f"{statistics.median(times):6.2f} s")


def bench_desk() -> None:
    """What is measured on one installation, with its thousand incidents."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        app = make_desk_at(instance)
        bench_pages(app, instance, fill(app))
        bench_posts(instance)
        bench_published(app)
        bench_start(instance)


def bench_ticks_anew() -> None:
    """The ticks, in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        bench_ticks(Path(folder), show)


PARTS: Mapping[str, Callable[[], None]] = {
    "desk": bench_desk,
    "dossiers": lambda: bench_dossiers(show),
    "rules": bench_rules,
    "recipients": bench_recipients,
    "ticks": bench_ticks_anew,
    "lateness": lambda: bench_lateness(show),
    "runners": lambda: bench_runners(show),
}


def main() -> None:
    """Run every benchmark, or one part of them: `python -m tests.bench --only ticks`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    only = parser.parse_args().only
    for name, bench in PARTS.items():
        if only in (None, name):
            bench()


if __name__ == "__main__":
    main()
