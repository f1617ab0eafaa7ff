"""Work is posted in the transaction that makes it, and only if that transaction stays."""

import pytest
from sqlalchemy import text

from breachdesk.domain.access import Role
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.posting import Carrier, Piece, carry_posts, post
from tests.cases import MONDAY_NINE, make_organisation, open_case, seat, start_sending
from tests.services.letters_to_many import approved_notice

NOW = MONDAY_NINE


@pytest.fixture
def carried(engine):
    """What was carried through the engine of the test, in order."""
    seen: list[tuple[str, set[Piece]]] = []
    carry_posts(
        engine,
        Carrier(
            before_commit=lambda _session, pieces: seen.append(("before", set(pieces))),
            after_commit=lambda pieces: seen.append(("after", set(pieces))),
        ),
    )
    yield seen
    carry_posts(engine, Carrier())


ONCE = [("before", {Piece.DELIVERIES}), ("after", {Piece.DELIVERIES})]


def test_what_is_committed_is_carried_once_and_what_is_rolled_back_never(session, carried):
    for _ in range(2):
        session.execute(text("SELECT 1"))
        post(session, Piece.DELIVERIES)
    session.commit()
    assert carried == ONCE
    session.commit()
    assert carried == ONCE

    session.execute(text("SELECT 1"))
    post(session, Piece.JOB)
    session.rollback()
    session.commit()

    assert carried == ONCE


def test_a_savepoint_that_is_released_waits_for_the_whole(session, carried):
    session.execute(text("SELECT 1"))
    with session.begin_nested():
        post(session, Piece.DELIVERIES)
    assert carried == []

    session.commit()

    assert carried == ONCE


def test_all_is_flushed_before_it_is_carried(work, engine):
    dirty = []
    carry_posts(engine, Carrier(before_commit=lambda session, _: dirty.extend(session.new)))
    try:
        make_organisation(work, now=NOW)
        open_case(work, now=NOW)
    finally:
        carry_posts(engine, Carrier())
    assert dirty == []


def test_whatever_queues_a_mail_posts_it(work, carried):
    make_organisation(work, now=NOW)
    work.session.commit()
    carried.clear()
    open_case(work, now=NOW)
    assert carried == ONCE

    carried.clear()
    by = seat(work, Role.ADMIN)
    queue_account_mail(
        work.session,
        work.desk,
        "account_notice",
        key="k",
        now=NOW,
        organisation=by.organisation,
        to=by.user,
    )
    work.session.commit()
    assert carried == ONCE


def test_a_communication_to_many_is_posted_when_it_is_sent(work, carried):
    reference = approved_notice(work, 3)
    carried.clear()

    start_sending(work, reference, now=NOW)

    assert carried == ONCE
