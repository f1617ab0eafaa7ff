"""Work that people ask for: done once, whoever dies; allowed when asked and when done."""

import logging
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from breachdesk.domain import jobs as rules
from breachdesk.domain.access import Role
from breachdesk.domain.errors import DocumentFailed, NotAllowed, NotFound, WrongStep
from breachdesk.domain.jobs import JOB_LEASE, JOBS_KEPT_FOR, MOST_ATTEMPTS, PAUSES
from breachdesk.domain.work import JobKind, JobState
from breachdesk.models import Dossier, Job, Membership, Recipient
from breachdesk.services import dossiers, job_requests, jobs, recipients
from breachdesk.services.job_requests import jobs_of, problem_of, take_in_recipients
from breachdesk.services.jobs import do_next_job, sweep_jobs
from breachdesk.services.journal import journal_of
from breachdesk.services.recipients import ImportResult, discard_recipients
from tests.cases import (
    MONDAY_NINE,
    RECIPIENTS,
    Work,
    incident,
    make_organisation,
    open_case,
    seat,
    start_sending,
    upload_recipients,
)
from tests.services.desks import PATIENCE_SECONDS, counting_statements
from tests.services.letters_to_many import approved_notice
from tests.small_pdf import small_pdf

NOW = MONDAY_NINE
SECOND = timedelta(seconds=1)


class Killed(BaseException):
    """What SIGKILL looks like from inside: nothing after it runs."""


@pytest.fixture
def reference(work) -> str:
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


@pytest.fixture
def quick_printing(monkeypatch):
    """Printing is tested elsewhere."""
    monkeypatch.setattr(dossiers, "print_dossier", lambda *_: small_pdf())


def ask_for_dossier(work: Work, reference: str, *, by: Role = Role.HANDLER) -> Job:
    case, who = incident(work, reference), seat(work, by)
    return job_requests.ask_for_dossier(work.session, case, "fr", by=who, now=NOW)


def let_do(work: Work, now=NOW, worker: str = "w") -> int:
    """Do every job that is due, one after the other; how many were tried."""
    tried = 0
    while do_next_job(work.session, work.desk, worker=worker, clock=lambda: now):
        tried += 1
    return tried


def made(work: Work) -> int:
    return work.session.scalar(select(func.count(Dossier.id)))


def test_what_is_asked_for_is_made_once_in_the_name_of_who_asked(work, reference):
    job = ask_for_dossier(work, reference, by=Role.DPO)
    assert (job.state, made(work)) == (JobState.QUEUED, 0)

    assert (let_do(work), let_do(work)) == (1, 0)

    case = incident(work, reference)
    assert made(work) == 1
    assert (job.state, job.result, job.finished_at) == (JobState.DONE, {"number": 1}, NOW)
    assert (job.lease_until, job.claimed_by) == (None, "")
    line = journal_of(work.session, case)[-1]
    assert line.parameters["number"] == 1
    assert line.actor_id == seat(work, Role.DPO).user.id


def test_the_same_wish_under_way_is_one_job(work, reference, quick_printing):
    first = ask_for_dossier(work, reference)
    assert ask_for_dossier(work, reference, by=Role.DPO).id == first.id
    let_do(work)
    assert ask_for_dossier(work, reference).id != first.id


def test_two_wishes_at_once_are_one_job(work, reference, at_once):
    work.session.commit()

    one, other = at_once(
        lambda own: ask_for_dossier(own, reference).id,
        lambda own: ask_for_dossier(own, reference, by=Role.DPO).id,
    )

    assert one == other


def test_whoever_may_not_make_one_may_not_ask(work, reference):
    with pytest.raises(NotAllowed):
        ask_for_dossier(work, reference, by=Role.MANAGER)


@pytest.mark.parametrize("how", ["left", "disabled"])
def test_whoever_may_no_longer_when_it_is_done_gets_nothing(work, reference, how):
    job = ask_for_dossier(work, reference)
    who = seat(work, Role.HANDLER).user
    if how == "left":
        seats = select(Membership).where(Membership.user_id == who.id)
        work.session.scalars(seats).one().ended_at = NOW
    else:
        who.is_active = False
    work.session.commit()

    let_do(work)

    assert (job.state, job.problem, made(work)) == (JobState.FAILED, "not_allowed", 0)
    assert let_do(work, NOW + timedelta(days=1)) == 0


def test_a_claim_is_one_statement_and_nothing_due_costs_no_more(work, engine, reference):
    work.session.commit()
    with counting_statements(engine) as statements:
        assert not do_next_job(work.session, work.desk, worker="w", clock=lambda: NOW)
    assert len(statements) == 1


# --- Dying half-way --------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["printing", "recording"])
def test_a_job_of_a_killed_worker_is_taken_over_when_its_lease_ends(
    work, reference, quick_printing, monkeypatch, moment
):
    job = ask_for_dossier(work, reference)
    with monkeypatch.context() as patch:

        def die(*_args, **_options):
            raise Killed

        if moment == "printing":
            patch.setattr(dossiers, "print_dossier", die)
        else:
            patch.setattr(jobs, "_record", die)
        with pytest.raises(Killed):
            let_do(work)
        work.session.rollback()
    assert (job.state, made(work)) == (JobState.RUNNING, 0)
    assert let_do(work, NOW + JOB_LEASE - SECOND, "other") == 0

    assert let_do(work, NOW + JOB_LEASE, "other") == 1

    assert (job.state, job.attempts, made(work)) == (JobState.DONE, 2, 1)


def test_who_comes_back_after_the_lease_throws_its_own_work_away(
    work, engine, reference, monkeypatch
):
    job = ask_for_dossier(work, reference)
    times = [NOW, NOW + JOB_LEASE]

    def slow(*_args) -> bytes:
        monkeypatch.setattr(dossiers, "print_dossier", lambda *_: small_pdf())
        with Session(engine) as session:
            assert let_do(Work(session, work.desk), times[1], "other") == 1
        return small_pdf()

    monkeypatch.setattr(dossiers, "print_dossier", slow)
    # The second comer prints again under the next number, and then finds it is not theirs.
    assert let_do(work) == 1

    assert made(work) == 1
    work.session.refresh(job)
    assert (job.state, job.attempts, job.result) == (JobState.DONE, 2, {"number": 1})


def test_a_worker_that_lives_keeps_its_job(work, engine, reference, monkeypatch):
    monkeypatch.setattr(jobs, "RENEW_EVERY", timedelta(milliseconds=10))
    job = ask_for_dossier(work, reference)
    job_id = job.id
    now = [NOW]
    seen: list[datetime] = []

    def slow(*_args) -> bytes:
        now[0] = NOW + timedelta(minutes=10)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not seen and time.monotonic() < give_up:
            time.sleep(0.01)
            with Session(engine) as session:
                lease = session.get_one(Job, job_id).lease_until
            if lease == now[0] + JOB_LEASE:
                seen.append(lease)
        return small_pdf()

    monkeypatch.setattr(dossiers, "print_dossier", slow)
    do_next_job(work.session, work.desk, worker="w", clock=lambda: now[0])

    assert seen
    assert job.state is JobState.DONE


def test_several_workers_do_each_job_once(work, at_once, quick_printing):
    make_organisation(work, now=NOW)
    references = [open_case(work, now=NOW) for _ in range(6)]
    asked = [ask_for_dossier(work, each).id for each in references]
    work.session.commit()

    done = at_once(*[lambda own, name=name: let_do(own, NOW, name) for name in "abc"])

    assert sum(done) == 6
    work.session.expire_all()
    results = work.session.scalars(select(Job).where(Job.id.in_(asked))).all()
    assert {job.state for job in results} == {JobState.DONE}
    assert {job.attempts for job in results} == {1}
    assert made(work) == 6


# --- Failing ---------------------------------------------------------------------------------


def test_what_fails_is_tried_again_after_pauses_and_then_told(work, reference, monkeypatch, caplog):
    job = ask_for_dossier(work, reference)

    def fail(*_args):
        raise DocumentFailed("typesetting_too_long", seconds=60, details="Élise Garnier")

    monkeypatch.setattr(dossiers, "print_dossier", fail)
    now = NOW
    for pause in PAUSES:
        assert let_do(work, now) == 1
        assert job.state is JobState.QUEUED
        assert let_do(work, now + pause - SECOND) == 0
        now += pause
    with caplog.at_level(logging.DEBUG):
        assert let_do(work, now) == 1

    assert (job.state, job.attempts) == (JobState.FAILED, MOST_ATTEMPTS)
    assert (job.problem, job.result) == ("typesetting_too_long", {"seconds": 60})
    error = problem_of(job, incident(work, reference))
    assert error.parameters == {"reference": reference, "seconds": 60}
    assert "Élise" not in caplog.text


def test_a_fault_nobody_foresaw_is_logged_by_its_place_and_not_by_what_it_says(
    work, reference, monkeypatch, caplog
):
    job = ask_for_dossier(work, reference)

    line = "elise.garnier@client.example;douze"

    def fail(*_args):
        raise ValueError(line)

    monkeypatch.setattr(dossiers, "print_dossier", fail)
    assert let_do(work) == 1

    assert job.state is JobState.QUEUED
    assert "ValueError" in caplog.text
    assert "make_dossier" in caplog.text
    assert "elise" not in caplog.text


def test_a_job_that_kills_its_workers_is_given_up(work, reference, monkeypatch):
    job = ask_for_dossier(work, reference)

    def die(*_args):
        raise Killed

    monkeypatch.setattr(dossiers, "print_dossier", die)
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            let_do(work, now)
        work.session.rollback()
        now += JOB_LEASE

    assert let_do(work, now) == 1

    assert (job.state, job.problem) == (JobState.FAILED, rules.WORK_FAILED)
    assert let_do(work, now + timedelta(days=1)) == 0


def test_jobs_that_ended_long_ago_are_thrown_away(work, reference, quick_printing):
    ask_for_dossier(work, reference)
    let_do(work)
    waiting = ask_for_dossier(work, reference)

    sweep_jobs(work.session, now=NOW + JOBS_KEPT_FOR)
    work.session.commit()

    left = jobs_of(work.session, incident(work, reference), JobKind.DOSSIER)
    assert [job.id for job in left] == [waiting.id]


# --- Lists of recipients ---------------------------------------------------------------------


@pytest.fixture
def listed(work) -> tuple[str, int]:
    """A case with an approved message, and a second list waiting for its yes."""
    reference = approved_notice(work, 2)
    return reference, upload_recipients(work, reference, RECIPIENTS, now=NOW)


def take_in(work: Work, reference: str, import_id: int) -> ImportResult | Job:
    return take_in_recipients(
        work.session,
        work.desk,
        incident(work, reference),
        import_id,
        None,
        by=seat(work, Role.DPO),
        now=NOW,
    )


def test_a_short_list_is_taken_in_at_once(work, listed):
    assert take_in(work, *listed) == ImportResult(added=2, bad=0, duplicates=0)
    with pytest.raises(NotFound):
        take_in(work, *listed)


def test_a_long_list_is_taken_in_by_a_job_once(work, listed, monkeypatch):
    monkeypatch.setattr(job_requests, "LINES_AT_ONCE", 1)
    before = work.session.scalar(select(func.count(Recipient.id)))

    job = take_in(work, *listed)
    assert isinstance(job, Job)
    assert take_in(work, *listed).id == job.id
    let_do(work)

    assert (job.state, job.result) == (JobState.DONE, {"added": 2, "bad": 0, "duplicates": 0})
    assert work.session.scalar(select(func.count(Recipient.id))) == before + 2


def test_nothing_is_sent_while_a_list_is_being_taken_in(work, listed, monkeypatch):
    reference, import_id = listed
    monkeypatch.setattr(job_requests, "LINES_AT_ONCE", 1)
    take_in(work, reference, import_id)

    with pytest.raises(WrongStep, match="recipients_being_taken_in"):
        start_sending(work, reference, now=NOW)
    work.session.rollback()
    let_do(work)
    assert start_sending(work, reference, now=NOW) == 4


def test_a_list_put_aside_meanwhile_fails_its_job_for_good(work, listed, monkeypatch):
    reference, import_id = listed
    monkeypatch.setattr(job_requests, "LINES_AT_ONCE", 1)
    job = take_in(work, reference, import_id)
    discard_recipients(work.session, incident(work, reference), import_id, by=seat(work, Role.DPO))

    let_do(work)

    assert (job.state, job.problem) == (JobState.FAILED, "unknown_import")


def test_a_key_turned_while_a_list_is_sealed_seals_it_anew(work, listed, monkeypatch):
    reference, import_id = listed
    sealed = []
    monkeypatch.setattr(
        type(work.desk.vault), "is_current", lambda _vault, kept: sealed.append(kept) or False
    )

    assert take_in(work, reference, import_id) == ImportResult(added=2, bad=0, duplicates=0)

    rows = work.session.scalars(select(Recipient.sealed).where(Recipient.import_id == import_id))
    assert sealed
    assert sealed[0] not in set(rows)


def test_whoever_writes_need_not_wait_while_a_list_is_read(work, engine, listed, monkeypatch):
    read = recipients.read_recipients

    def read_while_another_writes(*arguments):
        with engine.begin() as other:
            other.execute(update(Job).values(problem=""))
        return read(*arguments)

    monkeypatch.setattr(recipients, "read_recipients", read_while_another_writes)

    assert take_in(work, *listed) == ImportResult(added=2, bad=0, duplicates=0)
