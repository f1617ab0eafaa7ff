"""When a worker is held to be gone, when every page says so, and what needs a person."""

from datetime import timedelta

import pytest

from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import (
    LATE_AFTER,
    SEAL_RENEWED_BEFORE,
    SILENCE_IS_SAID_AFTER,
    UNREACHABLE_IS_LONG,
    WORKER_GONE_AFTER,
    Trouble,
    WorkKind,
    is_alive,
    stopped_since,
)
from breachdesk.domain.work_state import (
    Answered,
    Backlog,
    WaitingMail,
    WayState,
    WorkerState,
    WorkState,
)
from tests.people import MONDAY_NINE as NOW

SECOND = timedelta(seconds=1)
LONG_AGO = NOW - timedelta(hours=5)


@pytest.mark.parametrize(
    ("ago", "has_stopped", "alive"),
    [
        pytest.param(timedelta(0), False, True, id="just heard of"),
        pytest.param(WORKER_GONE_AFTER - SECOND, False, True, id="one beat from being gone"),
        pytest.param(WORKER_GONE_AFTER, False, False, id="silent for too long"),
        pytest.param(timedelta(0), True, False, id="it said that it ends"),
        pytest.param(-WORKER_GONE_AFTER, False, True, id="its clock is a little ahead"),
        pytest.param(-WORKER_GONE_AFTER - SECOND, False, False, id="a clock was wrong"),
    ],
)
def test_a_worker_lives_while_it_is_heard_of(ago, has_stopped, alive):
    assert is_alive(NOW - ago, NOW if has_stopped else None, now=NOW) is alive


@pytest.mark.parametrize(
    ("seen_ago", "due_ago", "said_ago"),
    [
        pytest.param(None, None, None, id="nothing to do and nobody to do it"),
        pytest.param(timedelta(days=9), None, None, id="gone, but nothing is due"),
        pytest.param(timedelta(days=9), -SECOND, None, id="gone, and nothing is due yet"),
        pytest.param(SILENCE_IS_SAID_AFTER, timedelta(0), SILENCE_IS_SAID_AFTER, id="five minutes"),
        pytest.param(SILENCE_IS_SAID_AFTER - SECOND, timedelta(days=1), None, id="a little less"),
        pytest.param(None, SILENCE_IS_SAID_AFTER, SILENCE_IS_SAID_AFTER, id="none ever was"),
        pytest.param(None, SILENCE_IS_SAID_AFTER - SECOND, None, id="it may be about to start"),
        pytest.param(-timedelta(hours=8), timedelta(hours=1), timedelta(hours=1), id="from ahead"),
    ],
)
def test_every_page_says_so_when_nobody_worked_for_five_minutes_and_something_is_due(
    seen_ago, due_ago, said_ago
):
    seen_at, due_at, said = (
        None if ago is None else NOW - ago for ago in (seen_ago, due_ago, said_ago)
    )

    assert stopped_since(seen_at, due_at, now=NOW) == said


WORKER = WorkerState("desk:1:a", "embedded", LONG_AGO, NOW, None, is_alive=True)


def way(way=Way.INSTALLATION, *, accepted_at=None, **mail):
    return WayState(way, "", WaitingMail(**mail), Answered(accepted_at))


def state(**changed):
    values = {"workers": [WORKER], "backlog": [], "ways": [way()]} | changed
    return WorkState(at=NOW, **values)


EVERY = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("found", "troubles"),
    [
        pytest.param({}, [], id="all is well"),
        pytest.param({"workers": []}, [Trouble.NO_WORKER], id="no worker"),
        pytest.param({"seal_ends_at": NOW + SEAL_RENEWED_BEFORE}, [], id="a seal good for a month"),
        pytest.param(
            {"seal_ends_at": NOW + SECOND}, [Trouble.SEAL_ENDS_SOON], id="a seal that ends soon"
        ),
        pytest.param({"seal_ends_at": NOW}, [Trouble.SEAL_IS_OVER], id="a seal that has ended"),
        pytest.param(
            {"backlog": [Backlog(WorkKind.REMINDERS, 1, NOW - LATE_AFTER + SECOND)]},
            [],
            id="due, and soon done",
        ),
        pytest.param(
            {"backlog": [Backlog(WorkKind.JOBS, 1, NOW - LATE_AFTER)]},
            [Trouble.WORK_IS_LATE],
            id="due for five minutes",
        ),
        pytest.param(
            {"ways": [way(unreachable_since=NOW - UNREACHABLE_IS_LONG)]},
            [Trouble.MAIL_UNREACHABLE],
            id="no server answers",
        ),
        pytest.param(
            {"ways": [way(unreachable_since=LONG_AGO, accepted_at=NOW - SECOND)]},
            [],
            id="it took something a second ago: it is back",
        ),
        pytest.param(
            {"ways": [way(Way.NONE, count=1)]}, [Trouble.MAIL_HAS_NO_WAY], id="mail without a way"
        ),
        pytest.param({"ways": [way(Way.NONE)]}, [], id="no way, but no mail either"),
        pytest.param({"ping_problem": "monitor_refused"}, [], id="a monitor that was given up"),
        pytest.param({"monitor_every": EVERY, "pinged_at": NOW - EVERY}, [], id="told in time"),
        pytest.param(
            {"monitor_every": EVERY, "pinged_at": NOW, "ping_problem": "monitor_refused"},
            [Trouble.MONITOR_NOT_TOLD],
            id="it did not hear",
        ),
        pytest.param(
            {"monitor_every": EVERY, "pinged_at": NOW - 4 * EVERY},
            [Trouble.MONITOR_NOT_TOLD],
            id="not called for long",
        ),
        pytest.param(
            {"workers": [], "ways": [way(Way.NONE, count=2)]},
            [Trouble.NO_WORKER, Trouble.MAIL_HAS_NO_WAY],
            id="two at once, the worse one first",
        ),
    ],
)
def test_what_needs_a_person_is_named(found, troubles):
    assert state(**found).troubles == troubles


def test_the_oldest_work_is_that_due_for_longest():
    backlog = [
        Backlog(WorkKind.REMINDERS, 3, NOW - SECOND, 3),
        Backlog(WorkKind.DELIVERIES, 1, LONG_AGO, 9),
        Backlog(WorkKind.JOBS),
    ]

    assert state(backlog=backlog).oldest is backlog[1]
    assert state().oldest is None
