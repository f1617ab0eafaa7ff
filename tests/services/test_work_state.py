"""What the operator is told: who works, what waits, how each mail server does; never a case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import PUT_OFF_IS_LONG, JobKind, Runner, Trouble, WorkKind
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.models import Delivery, Job, Organisation, Reminder, User
from breachdesk.services.deliveries import claim_due, record_answers
from breachdesk.services.mail_routes import read_routes
from breachdesk.services.work_state import work_state
from breachdesk.services.workers import beat, say_stopped
from tests.cases import MONDAY_NINE, Work, make_organisation, open_case
from tests.services.desks import counting_statements
from tests.services.test_mail_routes import set_account

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=1)


def found(work, now=LATER, monitor=None):
    state = work_state(work.session, work.desk, monitor, now=now).state
    work.session.rollback()
    return state


def backlog(state, kind):
    return next(each for each in state.backlog if each.kind is kind)


def way(state, which, owner=""):
    return next(each for each in state.ways if (each.way, each.owner) == (which, owner))


@pytest.fixture
def waiting(work):
    """Mail of GIR that waits; how much."""
    make_organisation(work, now=NOW)
    open_case(work, now=NOW)
    return work.session.scalar(select(func.count(Delivery.id)))


def answer(work, *answers, now=LATER):
    """Let a server answer so to what is due, the rest with the last of them."""
    routes = read_routes(work.session, work.desk)
    ids = claim_due(work.session, routes.can_leave(()), worker="w", now=now)
    said = [*answers, *[answers[-1]] * len(ids)]
    record_answers(work.session, list(zip(ids, said, strict=False)), worker="w", now=now)


def test_workers_are_listed_with_what_became_of_them(work):
    for name in ("stopped", "silent"):
        beat(work.session, name, Runner.EMBEDDED, NOW)
    say_stopped(work.session, "stopped", NOW)
    beat(work.session, "alive", Runner.PROCRASTINATE, LATER)

    state = found(work)

    assert {each.name: (each.is_alive, bool(each.stopped_at)) for each in state.workers} == {
        "alive": (True, False),
        "silent": (False, False),
        "stopped": (False, True),
    }
    assert [each.name for each in state.alive] == ["alive"]
    assert state.last_seen_at == LATER


def test_what_is_due_is_counted_by_kind_with_since_when(work, waiting):
    first = work.session.scalar(
        select(func.min(Reminder.remind_at)).where(Reminder.emitted_at.is_(None))
    )
    work.session.add(
        Job(
            kind=JobKind.DOSSIER,
            organisation_id=work.session.scalar(select(Organisation.id)),
            incident_id=work.session.scalar(select(Delivery.incident_id).limit(1)),
            asked_by_id=work.session.scalar(select(User.id).limit(1)),
            queued_at=NOW,
            next_attempt_at=LATER + timedelta(seconds=1),
        )
    )
    work.session.commit()

    state = found(work, now=max(first, LATER))

    assert backlog(state, WorkKind.REMINDERS).since == first
    reminders = backlog(state, WorkKind.REMINDERS)
    assert reminders.due >= 1
    planned = select(func.count(), func.max(Reminder.remind_at)).where(
        Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
    )
    how_many, last = work.session.execute(planned).one()
    assert reminders.waiting == how_many > reminders.due
    assert first < reminders.next_at <= last
    mail = backlog(state, WorkKind.DELIVERIES)
    assert (mail.due, mail.since, mail.waiting) == (waiting, NOW, waiting)
    assert backlog(state, WorkKind.JOBS).waiting == 1
    assert state.oldest is mail


def test_mail_without_a_way_is_no_late_work_but_needs_a_person(work, waiting):
    work = Work(work.session, replace(work.desk, mail_server=None))
    beat(work.session, "a", Runner.EMBEDDED, LATER)

    state = found(work)

    assert backlog(state, WorkKind.DELIVERIES).since is None
    assert way(state, Way.NONE).mail.count == waiting
    assert state.troubles == [Trouble.MAIL_HAS_NO_WAY]


def test_a_server_that_takes_mail_is_known_by_its_last_acceptance(work, waiting):
    answer(work, Answer(Outcome.ACCEPTED, 250, "ok"))

    seen = way(found(work), Way.INSTALLATION)

    assert (seen.answered.accepted_at, seen.unreachable_since, seen.mail.count) == (LATER, None, 0)


def test_a_refusal_is_known_by_its_code_and_no_address(work, waiting):
    answer(work, Answer(Outcome.PERMANENT, 550, "no such user"), Answer(Outcome.ACCEPTED, 250))

    seen = way(found(work), Way.INSTALLATION).answered

    assert (seen.accepted_at, seen.refused_at, seen.refusal_code) == (LATER, LATER, 550)


@pytest.mark.parametrize(
    ("said", "unreachable", "code"),
    [
        pytest.param(Answer(Outcome.UNREACHABLE), True, None, id="nobody answers"),
        pytest.param(Answer(Outcome.TEMPORARY, 451, "later"), False, 451, id="later, it says"),
        pytest.param(Answer(Outcome.MISCONFIGURED, 535, "who?"), False, 535, id="it refuses us"),
    ],
)
def test_mail_that_was_tried_in_vain_says_how(work, waiting, said, unreachable, code):
    answer(work, said)

    seen = way(found(work), Way.INSTALLATION)

    assert seen.mail.tried == waiting
    assert seen.unreachable_since == (NOW if unreachable else None)
    assert seen.mail.code == code


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Answer(Outcome.TEMPORARY, 451, "later"), id="later, it says, to everything"),
        pytest.param(Answer(Outcome.MISCONFIGURED, 535, "who?"), id="it refuses us"),
    ],
)
def test_a_server_that_answers_and_takes_nothing_needs_a_person(work, waiting, said):
    answer(work, said, now=NOW)

    def troubles(after):
        beat(work.session, "a", Runner.EMBEDDED, NOW + after)
        late = NOW + after + timedelta(hours=1)
        work.session.execute(update(Delivery).values(next_attempt_at=late))
        work.session.execute(update(Reminder).values(remind_at=late))
        work.session.commit()
        return found(work, now=NOW + after).troubles

    assert troubles(PUT_OFF_IS_LONG - timedelta(seconds=1)) == []
    assert troubles(PUT_OFF_IS_LONG) == [Trouble.MAIL_PUT_OFF]
    # One of them was a full mailbox: the others have left.
    one = work.session.scalar(select(func.min(Delivery.id)))
    work.session.execute(
        update(Delivery)
        .where(Delivery.id != one)
        .values(state=DeliveryState.SENT, finished_at=NOW + PUT_OFF_IS_LONG)
    )
    assert troubles(PUT_OFF_IS_LONG) == []


def test_a_server_is_out_of_reach_since_it_took_something_last(work, waiting):
    answer(work, Answer(Outcome.ACCEPTED, 250), Answer(Outcome.UNREACHABLE))
    beat(work.session, "a", Runner.EMBEDDED, LATER + timedelta(minutes=11))

    state = found(work, now=LATER + timedelta(minutes=11))

    assert way(state, Way.INSTALLATION).unreachable_since == LATER
    assert Trouble.MAIL_UNREACHABLE in state.troubles


def test_each_server_of_an_organisation_is_a_way_of_its_own(work, waiting):
    make_organisation(work, "VID", now=NOW)
    open_case(work, now=NOW, code="VID")
    set_account(work, "VID")
    theirs = select(Organisation.id).where(Organisation.code == "VID").scalar_subquery()
    work.session.execute(
        update(Delivery)
        .where(Delivery.organisation_id == theirs)
        .values(state=DeliveryState.REFUSED, finished_at=NOW, answer_code=554)
    )
    work.session.commit()

    state = found(work)

    theirs = way(state, Way.FIRST, "Maison VID")
    assert (theirs.answered.refusal_code, theirs.mail.count) == (554, 0)
    ours = way(state, Way.INSTALLATION)
    assert (ours.answered.refusal_code, ours.mail.count) == (None, waiting)


def test_the_statements_are_as_many_however_much_there_is_and_none_reads_a_case(
    work, engine, waiting
):
    with counting_statements(engine) as few:
        work_state(work.session, work.desk, None, now=LATER)
    for letter in "ABCDE":
        make_organisation(work, f"OR{letter}", now=NOW)
        open_case(work, now=NOW, code=f"OR{letter}")
    work.session.rollback()

    with counting_statements(engine) as many:
        work_state(work.session, work.desk, None, now=LATER)

    assert len(many) == len(few) == 7
    assert not any("incident" in statement.lower() for statement in many)
