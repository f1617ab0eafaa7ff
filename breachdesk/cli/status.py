"""`status`: what is at work, what waits, and what needs a person."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from breachdesk import create_app
from breachdesk.cli.installation import read_settings
from breachdesk.config import SettingsError
from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import WorkKind
from breachdesk.domain.work_state import Backlog, WayState, WorkState
from breachdesk.services.readiness import is_absent, is_schema_ours
from breachdesk.services.work_state import work_state
from breachdesk.wording import ENGLISH
from breachdesk.wording.times import duration
from breachdesk.wording.work import ping_words, trouble_sentences, way_label, work_label

ALL_WELL, NEEDS_A_PERSON, CANNOT_TELL = 0, 1, 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program: one JSON object.")
def status(as_json: bool) -> None:
    """Say what is at work, what waits, and what needs a person.

    Counts and moments, never a case. Ends with 0 where all is well, 1 where something needs
    a person, 2 where it cannot be told: the database is away, or not up to date.
    """
    state = _state(as_json)
    sentences = trouble_sentences(state, ENGLISH)
    if as_json:
        click.echo(json.dumps(as_record(state), ensure_ascii=False, indent=2))
    else:
        for line in _lines(state, sentences):
            click.echo(line)
    sys.exit(NEEDS_A_PERSON if sentences else ALL_WELL)


def _state(as_json: bool) -> WorkState:
    settings = read_settings()
    if is_absent(settings.database_url):
        _cannot_tell("There is no database yet: start with run, or db upgrade.", as_json)
    try:
        app = create_app(settings)
    except SettingsError as faults:
        _cannot_tell(str(faults), as_json)
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        try:
            if not is_schema_ours(session):
                _cannot_tell("The database is not up to date: run db upgrade.", as_json)
            return work_state(
                session,
                app.extensions["desk"],
                app.extensions["monitor"],
                now=app.extensions["clock"](),
            ).state
        except SQLAlchemyError as fault:
            _cannot_tell(f"The database does not answer ({type(fault).__name__}).", as_json)


def _cannot_tell(why: str, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"status": "unknown", "why": why}))
    click.echo(why, err=True)
    sys.exit(CANNOT_TELL)


# --- For people ------------------------------------------------------------------------------


def _lines(state: WorkState, sentences: list[str]) -> Iterator[str]:
    yield "Needs a person:" if sentences else "All is well."
    yield from (f"  - {sentence}" for sentence in sentences)
    yield f"Workers alive: {len(state.alive)}"
    for worker in state.workers:
        yield f"  {worker.name} ({worker.runner}): {_worker_words(worker, state.at)}"
    yield "Work:"
    yield from (
        f"  {work_label(each.kind, ENGLISH)}: {_backlog_words(each, state.at)}"
        for each in state.backlog
    )
    yield "Mail servers:"
    yield from (f"  {way_label(way, ENGLISH)}: {_way_words(way, state.at)}" for way in state.ways)
    yield f"Monitor outside: {_monitor_words(state)}"


def _ago(moment: datetime, at: datetime) -> str:
    span = at - moment
    if span < timedelta(minutes=1):
        return f"{max(int(span.total_seconds()), 0)} s ago"
    return f"{duration(span, ENGLISH)} ago"


def _worker_words(worker: Any, at: datetime) -> str:
    if worker.is_alive:
        return (
            f"at work since {worker.started_at:%Y-%m-%d %H:%M} UTC, seen {_ago(worker.seen_at, at)}"
        )
    if worker.stopped_at:
        return f"stopped {_ago(worker.stopped_at, at)}"
    return f"gone without a word, last seen {_ago(worker.seen_at, at)}"


def _backlog_words(each: Backlog, at: datetime) -> str:
    due = f"{each.due} due, the oldest {_ago(each.since, at)}" if each.since else "nothing due"
    if each.kind is not WorkKind.REMINDERS:
        return f"{due}; {each.waiting} to do in all"
    if each.next_at is None:
        return f"{due}; none planned for later"
    ahead = duration(each.next_at - at, ENGLISH)
    later = f"{each.waiting - each.due} planned for later, the next in {ahead}"
    return f"{due}; {later} ({each.next_at:%Y-%m-%d %H:%M} UTC)"


def _way_words(way: WayState, at: datetime) -> str:
    said = [f"{way.mail.count} waiting"]
    if way.way is Way.NONE:
        said.append("none is set up")
    if way.unreachable_since:
        said.append(f"no answer since {_ago(way.unreachable_since, at)}")
    if way.mail.tried:
        code = f", answer {way.mail.code}" if way.mail.code else ""
        said.append(f"{way.mail.tried} to be tried again{code}")
    if way.answered.accepted_at:
        said.append(f"last accepted {_ago(way.answered.accepted_at, at)}")
    if way.answered.refused_at:
        code = f" (code {way.answered.refusal_code})" if way.answered.refusal_code else ""
        said.append(f"last refused {_ago(way.answered.refused_at, at)}{code}")
    return "; ".join(said)


def _monitor_words(state: WorkState) -> str:
    if state.monitor_every is None:
        return "none (BREACHDESK_MONITOR_URL)"
    if state.pinged_at is None:
        return "not called yet"
    problem = ping_words(state, ENGLISH)
    return f"called {_ago(state.pinged_at, state.at)}{f'; {problem}' if problem else ', it heard'}"


# --- For programs ----------------------------------------------------------------------------


def as_record(state: WorkState) -> dict[str, Any]:
    """The state as JSON has it; moments in ISO 8601, UTC."""
    oldest = state.oldest
    return {
        "status": "needs_a_person" if state.troubles else "well",
        "at": state.at.isoformat(),
        "troubles": [each.value for each in state.troubles],
        "workers_alive": len(state.alive),
        "workers": [
            {
                "name": worker.name,
                "runner": str(worker.runner),
                "is_alive": worker.is_alive,
                "started_at": _iso(worker.started_at),
                "seen_at": _iso(worker.seen_at),
                "stopped_at": _iso(worker.stopped_at),
            }
            for worker in state.workers
        ],
        "oldest_due": {"kind": oldest.kind.value, "since": _iso(oldest.since)} if oldest else None,
        "of_another_version": state.strangers,
        "backlog": {
            each.kind.value: {
                "due": each.due,
                "since": _iso(each.since),
                "waiting": each.waiting,
                "next_at": _iso(each.next_at),
            }
            for each in state.backlog
        },
        "mail": [
            {
                "way": way.way.value,
                "owner": way.owner,
                "waiting": way.mail.count,
                "waiting_since": _iso(way.mail.since),
                "to_try_again": way.mail.tried,
                "code": way.mail.code,
                "unreachable_since": _iso(way.unreachable_since),
                "accepted_at": _iso(way.answered.accepted_at),
                "refused_at": _iso(way.answered.refused_at),
                "refusal_code": way.answered.refusal_code,
            }
            for way in state.ways
        ],
        "monitor": None
        if state.monitor_every is None
        else {"pinged_at": _iso(state.pinged_at), "problem": state.ping_problem},
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
