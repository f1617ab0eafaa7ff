"""The tick: reminders emitted once, to whoever stands in, in one transaction, until it is filed."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause, ReminderChannel
from breachdesk.models import Clock, Delivery, Reminder, User
from breachdesk.services.acknowledgements import acknowledge
from breachdesk.services.cases import lock_case
from breachdesk.services.clocks import main_clock
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminder_planning import plan_forgotten_clocks
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sweeping import sweep
from tests.bench import ticks
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Work,
    advise,
    assess,
    decide,
    file,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)
from tests.services.desks import counting_statements, let_work, meeting_before

NOW = MONDAY_NINE
DUE = NOW + timedelta(hours=72)
HOUR = timedelta(hours=1)
TEAM = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)


def _breach(work, roles: tuple[Role, ...] = TEAM) -> str:
    make_organisation(work, now=NOW, roles=roles)
    reference = open_case(work, now=NOW, by=roles[0])
    qualify(work, reference, now=NOW, by=Role.DPO if Role.DPO in roles else Role.DECIDER)
    return reference


def _reminded(work) -> list[tuple[str, str]]:
    """Who got which kind of reminder, in order."""
    rows = work.session.execute(
        select(User.email, Delivery.kind)
        .join(Delivery, Delivery.user_id == User.id)
        .where(OF_REMINDERS)
        .order_by(Delivery.id)
    )
    return [(email.split("@")[0], kind.value) for email, kind in rows]


def _ledger(work, *conditions) -> list[Reminder]:
    return list(
        work.session.scalars(
            select(Reminder)
            .join(Clock)
            .where(Clock.is_main, Reminder.cause != ReminderCause.START, *conditions)
            .order_by(Reminder.remind_at, Reminder.id)
        )
    )


OPEN = (Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))


def _read(work, reference, *, by: Role = Role.HANDLER, now) -> None:
    """Somebody says that they have read what was sent of the main clock."""
    clock = main_clock(work.session, incident(work, reference))
    acknowledge(work.session, clock, by=seat(work, by).user, via=AcknowledgedVia.PAGE, now=now)


def test_the_reminders_of_a_clock_are_rows_from_its_start(work):
    _breach(work)

    planned = _ledger(work, *OPEN)

    assert [(DUE - row.planned_for) / HOUR for row in planned] == [64, 48, 24, 12, 6, 3, 1, 0]
    assert all(row.remind_at == row.planned_for for row in planned)
    assert planned[0].roles == ["handler"]
    assert planned[3].roles == ["handler", "dpo"]
    assert planned[-1].roles == ["handler", "dpo", "decider", "manager"]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param(48, [("handler", "reminder")], id="first the handler"),
        pytest.param(24, [("handler", "reminder"), ("dpo", "escalation")], id="then the DPO"),
        pytest.param(
            6,
            [
                ("handler", "reminder"),
                ("dpo", "escalation"),
                ("decider", "escalation"),
                ("manager", "escalation"),
            ],
            id="then those who answer for it",
        ),
    ],
)
def test_who_is_reminded_depends_on_the_time_left(work, before, told):
    _breach(work)
    earlier = DUE - timedelta(hours=before, minutes=1)
    work.session.query(Reminder).filter(
        Reminder.remind_at <= earlier, Reminder.cause == ReminderCause.PLANNED
    ).delete()

    emit_due_reminders(work.session, now=DUE - timedelta(hours=before))

    assert sorted(_reminded(work)) == sorted(told)


def test_where_nobody_holds_a_role_the_next_in_line_is_reminded_once(work):
    _breach(work, roles=(Role.DECIDER,))

    emit_due_reminders(work.session, now=DUE - timedelta(hours=5))

    assert [who for who, _ in _reminded(work)] == ["decider"]


def test_each_reminder_is_sent_once_however_often_the_tick_runs(work):
    reference = _breach(work)
    moment = DUE - timedelta(hours=48)

    assert emit_due_reminders(work.session, now=moment) == 1
    assert emit_due_reminders(work.session, now=moment) == 0
    let_work(work, moment)
    let_work(work, moment)

    subjects = [letter.message_id for letter in work.desk.mailer.letters]
    assert len(subjects) == len(set(subjects))
    lines = [line.code for line in journal_of(work.session, incident(work, reference))]
    assert lines.count("reminder_sent") == 1


# --- Several at once, and none at all ----------------------------------------------------------


def test_two_workers_at_once_send_each_reminder_once(work, at_once, engine):
    reference = _breach(work)
    for _ in range(4):
        qualify(work, open_case(work, now=NOW), now=NOW)
    work.session.commit()
    moment = DUE - timedelta(hours=5)

    with meeting_before(engine, "FROM reminder"):
        results = at_once(*[lambda own: emit_due_reminders(own.session, now=moment)] * 2)

    assert sum(results) == 5 * 4
    told = _reminded(work)
    assert len(told) == 20
    assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None


def test_two_workers_share_what_is_due_and_send_each_reminder_once(work, at_once, monkeypatch):
    make_organisation(work, now=NOW, roles=TEAM)
    references = [open_case(work, now=NOW) for _ in range(9)]
    for reference in references:
        qualify(work, reference, now=NOW)
    work.session.commit()
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", 2)
    moment = DUE - timedelta(hours=48)

    results = at_once(*[lambda own: emit_due_reminders(own.session, now=moment)] * 4)

    # A case that another held was passed over for a later tick.
    results.append(emit_due_reminders(work.session, now=moment))
    assert sum(results) == len(references)
    assert len(_reminded(work)) == len(references)
    emitted = _ledger(work, Reminder.emitted_at.is_not(None))
    assert len(emitted) == len({row.clock_id for row in emitted}) == len(references)
    for reference in references:
        assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None


def test_a_worker_and_a_decision_on_the_same_case_never_wait_for_each_other(work, at_once, engine):
    reference = _breach(work)
    assess(work, reference, now=NOW)
    say_no = {"notify": False, "communicate": Communicate.NONE, "now": NOW}
    advise(work, reference, **say_no)
    work.session.commit()

    with meeting_before(engine, "INSERT INTO d"):
        results = at_once(
            lambda own: decide(own, reference, **say_no),
            lambda own: emit_due_reminders(own.session, now=DUE - timedelta(hours=5)),
        )

    assert not [result for result in results if isinstance(result, OperationalError)]
    states = work.session.scalars(select(Delivery.state).where(OF_REMINDERS))
    assert set(states) <= {DeliveryState.CANCELLED}


def test_a_filing_during_a_tick_leaves_nothing_to_send_and_nothing_planned(work, at_once, engine):
    reference = _breach(work)
    work.session.commit()
    moment = DUE - timedelta(hours=5)

    with meeting_before(engine, "FOR UPDATE"):
        results = at_once(
            lambda own: file(own, reference, now=moment),
            lambda own: emit_due_reminders(own.session, now=moment),
        )

    assert not [result for result in results if isinstance(result, Exception)]
    assert _ledger(work, *OPEN) == []
    states = work.session.scalars(select(Delivery.state).where(OF_REMINDERS))
    assert set(states) <= {DeliveryState.CANCELLED}
    assert emit_due_reminders(work.session, now=DUE + timedelta(days=3)) == 0


# On SQLite there is one writer at a time: whoever comes second waits for the first.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_case_in_other_hands_is_passed_over_and_not_waited_for(work, engine):
    reference = _breach(work)
    moment = DUE - timedelta(hours=48)

    with Session(engine) as other:
        lock_case(other, incident(Work(other, work.desk), reference))
        assert emit_due_reminders(work.session, now=moment) == 0

    assert emit_due_reminders(work.session, now=moment) == 1


@pytest.mark.parametrize(("cases", "looked_at"), [(1, 200), (200, 1)])
def test_a_tick_goes_on_until_nothing_is_due(work, monkeypatch, cases, looked_at):
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", cases)
    monkeypatch.setattr("breachdesk.services.reminders.LOOKED_AT", looked_at)
    ticks.fill(work, 3)
    _make_due(work, 3)

    assert emit_due_reminders(work.session, now=ticks.NOW) == 2 * 3


def test_a_tick_looks_once_where_all_that_is_due_is_in_hand(work, engine):
    ticks.fill(work, 3)
    _make_due(work, 3)

    with counting_statements(engine) as statements:
        emit_due_reminders(work.session, now=ticks.NOW)

    assert len([each for each in statements if "SKIP LOCKED" in each or "WITH due" in each]) == 1


def test_a_tick_that_dies_before_its_commit_has_done_nothing(work, engine):
    reference = _breach(work)
    moment = DUE - timedelta(hours=48)

    def die(_session) -> None:
        raise InterruptedError("The worker was killed.")

    with Session(engine) as doomed:
        event.listen(doomed, "before_commit", die)
        with pytest.raises(InterruptedError):
            emit_due_reminders(doomed, now=moment)
        doomed.rollback()

    assert _reminded(work) == []
    assert emit_due_reminders(work.session, now=moment) == 1
    assert [who for who, _ in _reminded(work)] == ["handler"]
    assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None


@pytest.mark.parametrize("others", [1, 3])
def test_a_case_that_cannot_be_worked_out_keeps_no_other_waiting(work, caplog, others):
    poisoned = _breach(work)
    for _ in range(others):
        qualify(work, open_case(work, now=NOW), now=NOW)
    bad = incident(work, poisoned).id
    work.session.execute(
        update(Reminder).where(Reminder.incident_id == bad).values(roles=["nobody"])
    )
    work.session.commit()
    moment = DUE - timedelta(hours=48)

    assert emit_due_reminders(work.session, now=moment) == others
    assert emit_due_reminders(work.session, now=moment) == 0

    still_due = select(Reminder.id).where(
        *OPEN, Reminder.incident_id == bad, Reminder.remind_at <= moment
    )
    assert work.session.scalars(still_due).all()
    assert f"reminders of {poisoned} passed over: ValueError" in caplog.text


def test_a_fault_of_the_database_is_laid_to_no_case(work, monkeypatch):
    _breach(work)

    def fail(*_args, **_options):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("breachdesk.services.reminders.read_clocks", fail)
    with pytest.raises(OperationalError):
        emit_due_reminders(work.session, now=DUE)


def test_a_zone_unknown_to_the_machine_silences_nobody(work):
    _breach(work)
    organisation(work).timezone = "Europe/Nowhere"
    work.session.commit()

    assert emit_due_reminders(work.session, now=DUE - timedelta(hours=48)) == 1


# --- A clock without a plan ------------------------------------------------------------------


def _lose_the_plan(work, reference) -> None:
    lost = Reminder.incident_id == incident(work, reference).id
    work.session.execute(update(Reminder).where(lost, *OPEN).values(cancelled_at=NOW))
    work.session.commit()


def test_a_running_clock_that_lost_its_plan_is_planned_anew(work, caplog):
    lost, kept = _breach(work), open_case(work, now=NOW)
    before = [row.id for row in _ledger(work, *OPEN) if row.incident.reference == kept]
    _lose_the_plan(work, lost)

    assert plan_forgotten_clocks(work.session, now=NOW + HOUR) == 1
    assert plan_forgotten_clocks(work.session, now=NOW + HOUR) == 0

    ahead = {ref: [] for ref in (lost, kept)}
    for row in _ledger(work, *OPEN):
        ahead[row.incident.reference].append(row)
    assert [(DUE - row.remind_at) / HOUR for row in ahead[lost]] == [64, 48, 24, 12, 6, 3, 1, 0]
    assert [row.id for row in ahead[kept]] == before
    assert lost in caplog.text


def test_a_late_clock_that_lost_its_plan_rings_at_the_pace_of_what_is_late(work):
    lost = _breach(work)
    emit_due_reminders(work.session, now=DUE)
    _lose_the_plan(work, lost)

    sweep(work.session, now=DUE + HOUR)

    assert [(row.remind_at - DUE) / HOUR for row in _ledger(work, *OPEN)] == [12]


def test_a_stopped_clock_needs_no_plan(work):
    file(work, _breach(work), now=NOW + HOUR)

    assert plan_forgotten_clocks(work.session, now=NOW + HOUR) == 0


def test_looking_for_clocks_without_a_plan_reads_no_table_whole(work, engine):
    ticks.fill(work, 200)
    if engine.dialect.name != "sqlite":
        return
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _is_many) -> None:
        asked = connection.connection.driver_connection.cursor()
        plans.extend(asked.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        plan_forgotten_clocks(work.session, now=ticks.NOW)
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    assert not [step for *_, step in plans if step.startswith(("SCAN reminder", "SCAN incident"))]


def test_a_reminder_of_a_stopped_clock_is_never_sent_however_it_was_left_behind(work):
    reference = _breach(work)
    file(work, reference, now=NOW + HOUR)
    work.session.execute(update(Reminder).values(cancelled_at=None))
    work.session.commit()

    assert emit_due_reminders(work.session, now=DUE) == 0

    assert _reminded(work) == []
    left = work.session.scalars(select(Reminder).where(*OPEN, Reminder.remind_at <= DUE)).all()
    assert left == []


# --- What it costs ---------------------------------------------------------------------------


def test_a_hundred_reminders_cost_as_many_statements_as_one(work, engine):
    ticks.fill(work, 100)
    seen = []
    for due in (1, 100):
        _make_due(work, due)
        with counting_statements(engine) as statements:
            assert emit_due_reminders(work.session, now=ticks.NOW) == 2 * due
        seen.append(len(statements))

    assert seen[0] == seen[1] < 20


# PostgreSQL rightly reads small tables whole; make bench has large ones.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_tick_reads_no_table_whole(work, engine):
    ticks.fill(work, 200)
    _make_due(work, 20)
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, is_many) -> None:
        if statement.startswith(("SELECT", "UPDATE", "WITH")) and not is_many:
            asked = connection.connection.driver_connection.cursor()
            plans.extend(asked.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        assert emit_due_reminders(work.session, now=ticks.NOW) == 40
    finally:
        event.remove(engine, "before_cursor_execute", explain)

    large = ("reminder", "incident", "clock", "journal_entry", "delivery")
    assert plans
    assert not [step for *_, step in plans if step.startswith(tuple(f"SCAN {t}" for t in large))]


def _make_due(work, cases: int) -> None:
    chosen = [ticks.FIRST + each for each in range(cases)]
    first = (
        select(func.min(Reminder.id))
        .where(Reminder.incident_id.in_(chosen), *OPEN)
        .group_by(Reminder.incident_id)
    )
    work.session.execute(update(Reminder).where(Reminder.id.in_(first)).values(remind_at=ticks.NOW))
    work.session.commit()


# --- After an outage -------------------------------------------------------------------------


def test_after_an_outage_one_mail_says_what_is_due(work):
    _breach(work)

    emit_due_reminders(work.session, now=DUE - timedelta(minutes=30))

    assert len(_reminded(work)) == 4
    assert len(set(_reminded(work))) == 4
    row = _ledger(work, Reminder.emitted_at.is_not(None))[0]
    assert row.planned_for == DUE - HOUR


def test_an_outage_of_two_days_is_one_mail_a_person_that_says_what_was_missed(work):
    _breach(work)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=64))
    back_at = DUE + timedelta(hours=1)

    emit_due_reminders(work.session, now=back_at)

    mails = work.session.scalars(
        select(Delivery).where(OF_REMINDERS, Delivery.queued_at == back_at)
    ).all()
    assert len(mails) == len({mail.user_id for mail in mails}) == 4
    told = _ledger(work, Reminder.emitted_at == back_at)
    covered = _ledger(work, Reminder.covered_by_id.is_not(None))
    assert {row.covered_by_id for row in covered} == {told[0].id}
    assert all(row.cancelled_at == back_at for row in covered)
    missed = sorted(row.planned_for.isoformat() for row in [*told, *covered])
    assert [sorted(mail.parameters["missed"]) for mail in mails] == [missed] * 4


def test_a_reminder_on_time_says_nothing_of_an_outage(work):
    _breach(work)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=64) + timedelta(minutes=2))

    mail = work.session.scalars(select(Delivery).where(OF_REMINDERS)).one()
    assert mail.parameters["missed"] == []
    assert mail.parameters["clock_id"] == _ledger(work)[0].clock_id


def test_after_an_outage_with_many_cases_each_still_gets_one_mail(work, monkeypatch):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    for _ in range(3):
        open_case(work, now=NOW)
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", 2)

    assert emit_due_reminders(work.session, now=NOW + timedelta(hours=72)) == 3 * 2


# --- Late, unread, held ------------------------------------------------------------------------


def test_a_missed_clock_rings_every_twelve_hours_until_it_is_filed(work):
    reference = _breach(work, roles=(Role.HANDLER, Role.DECIDER))
    emit_due_reminders(work.session, now=DUE)
    _read(work, reference, now=DUE)
    late = [DUE + timedelta(hours=hours) for hours in range(1, 40)]
    rang = []

    for moment in late:
        if emit_due_reminders(work.session, now=moment):
            rang.append((moment - DUE) / HOUR)
            _read(work, reference, now=moment)

    assert rang == [12, 24, 36]
    assert _reminded(work)[-2:] == [("handler", "late"), ("decider", "late")]
    file(work, reference, now=late[-1], reasons_for_delay="Week-end sans astreinte.")
    assert emit_due_reminders(work.session, now=DUE + timedelta(days=30)) == 0


def test_what_nobody_reads_goes_up_and_is_repeated_until_somebody_does(work):
    reference = _breach(work)
    # Monday noon: far from the deadline, in working hours.
    first = DUE - timedelta(hours=48)
    told = []

    for hours in range(0, 10):
        emit_due_reminders(work.session, now=first + hours * HOUR)
        told.append([who for who, _ in _reminded(work)][sum(map(len, told)) :])

    assert told[0] == ["handler"]
    assert sorted(told[4]) == ["dpo", "handler"]
    assert sorted(told[8]) == ["decider", "dpo", "handler"]
    assert [hour for hour, people in enumerate(told) if people] == [0, 4, 8]
    going_up = _ledger(work, *OPEN, Reminder.cause == ReminderCause.ESCALATION)
    assert [row.roles for row in going_up] == [["handler", "dpo", "decider", "manager"]]
    assert going_up[0].escalates_id == _ledger(work, Reminder.emitted_at.is_not(None))[-1].id
    _read(work, reference, now=first + 10 * HOUR)
    assert _ledger(work, *OPEN, Reminder.cause == ReminderCause.ESCALATION) == []


def test_a_late_clock_that_nobody_answers_rings_every_hour_at_the_top(work):
    _breach(work)
    emit_due_reminders(work.session, now=DUE)

    counts = [emit_due_reminders(work.session, now=DUE + hour * HOUR) for hour in range(1, 6)]

    assert counts == [4] * 5
    assert len(_ledger(work, *OPEN, Reminder.cause == ReminderCause.ESCALATION)) == 1
    assert len(_ledger(work, *OPEN, Reminder.cause == ReminderCause.LATE)) == 1


def test_the_night_holds_what_is_not_urgent_and_the_ledger_says_until_when(work):
    make_organisation(work, now=NOW, roles=TEAM)
    # Known at five in the afternoon in Paris: the first reminder falls into a night.
    known_at = NOW + timedelta(hours=7)
    reference = open_case(work, now=known_at)
    qualify(work, reference, now=known_at)
    moment = known_at + timedelta(hours=8)

    assert emit_due_reminders(work.session, now=moment) == 0

    held = _ledger(work, *OPEN)[0]
    assert (held.planned_for, held.remind_at) == (moment, moment + timedelta(hours=6))
    assert emit_due_reminders(work.session, now=moment + timedelta(hours=5, minutes=59)) == 0
    assert emit_due_reminders(work.session, now=moment + timedelta(hours=6)) == 1
    mail = work.session.scalars(select(Delivery).where(OF_REMINDERS)).one()
    assert mail.parameters["missed"] == []


def test_what_is_shown_on_the_desk_alone_is_emitted_and_mailed_to_nobody(work):
    reference = _breach(work)
    first = _ledger(work, *OPEN)[0]
    first.channel = ReminderChannel.DESK
    work.session.commit()

    assert emit_due_reminders(work.session, now=first.remind_at) == 0

    assert [row.id for row in _ledger(work, Reminder.emitted_at.is_not(None))] == [first.id]
    assert _ledger(work, Reminder.cause == ReminderCause.ESCALATION) == []
    lines = [line.code for line in journal_of(work.session, incident(work, reference))]
    assert "reminder_sent" not in lines


# --- The mail ----------------------------------------------------------------------------------


def test_nothing_is_sent_after_the_filing_even_if_it_was_queued(work):
    reference = _breach(work)
    let_work(work, NOW)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=5))
    sent = len(work.desk.mailer.letters)

    file(work, reference, now=DUE - timedelta(hours=4))

    about_the_clock = select(Delivery.state).where(OF_REMINDERS)
    assert set(work.session.scalars(about_the_clock)) == {DeliveryState.CANCELLED}
    let_work(work, DUE - timedelta(hours=4))
    kinds = [mail.kind for mail in _sent_since(work, sent)]
    assert not set(kinds) & {MailKind.REMINDER, MailKind.ESCALATION, MailKind.LATE}


def _sent_since(work, count: int) -> list[Delivery]:
    return list(
        work.session.scalars(
            select(Delivery)
            .where(Delivery.state == DeliveryState.SENT)
            .order_by(Delivery.finished_at, Delivery.id)
            .offset(count)
        )
    )


def test_a_reminder_that_waited_past_the_deadline_says_late(work):
    _breach(work, roles=(Role.DECIDER,))
    let_work(work, NOW)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=1))

    let_work(work, DUE + timedelta(minutes=10))

    kinds = work.session.scalars(select(Delivery.kind).where(OF_REMINDERS))
    assert set(kinds) == {MailKind.REMINDER, MailKind.LATE}
    assert "dépass" in work.desk.mailer.letters[-1].subject.lower() + (
        work.desk.mailer.letters[-1].text.lower()
    )


def test_the_subject_says_when_and_the_story_stays_behind_the_sign_in(work: Work):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    reference = open_case(work, now=NOW, description="Karim a laissé le dossier Dupont ouvert.")

    let_work(work, NOW)
    let_work(work, NOW + timedelta(hours=4))

    for letter in work.desk.mailer.letters:
        assert reference in letter.subject
        assert f"https://desk.example/incidents/{reference}" in letter.text
        assert "Dupont" not in letter.subject + letter.text
