"""Reminders: planned as rows, emitted once, to whoever stands in, until it is filed."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Clock, Delivery, Reminder, User
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    Work,
    advise,
    assess,
    decide,
    file,
    incident,
    make_organisation,
    open_case,
    qualify,
)
from tests.services.desks import let_work, meeting_before

NOW = MONDAY_NINE
DUE = NOW + timedelta(hours=72)
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
        .where(Delivery.reminder_id.is_not(None))
        .order_by(Delivery.id)
    )
    return [(email.split("@")[0], kind.value) for email, kind in rows]


def test_the_reminders_of_a_clock_are_rows_from_its_start(work):
    _breach(work)

    planned = work.session.scalars(
        select(Reminder)
        .join(Clock)
        .where(Clock.is_main, Reminder.cancelled_at.is_(None))
        .order_by(Reminder.remind_at)
    ).all()

    assert [DUE - row.remind_at for row in planned] == [
        timedelta(hours=hours) for hours in (48, 24, 12, 6, 3, 1, 0)
    ]
    assert planned[0].roles == ["handler"]
    assert planned[2].roles == ["handler", "dpo"]
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
    work.session.query(Reminder).filter(Reminder.remind_at <= earlier).delete()

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
    states = work.session.scalars(select(Delivery.state).where(Delivery.reminder_id.is_not(None)))
    assert set(states) <= {DeliveryState.CANCELLED}


def test_after_an_outage_one_mail_says_what_is_due(work):
    _breach(work)

    emit_due_reminders(work.session, now=DUE - timedelta(minutes=30))

    assert len(_reminded(work)) == 4
    assert len(set(_reminded(work))) == 4
    row = work.session.scalars(select(Reminder).where(Reminder.emitted_at.is_not(None))).one()
    assert row.remind_at == DUE - timedelta(hours=1)


def test_after_an_outage_with_many_cases_each_still_gets_one_mail(work, monkeypatch):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    for _ in range(3):
        open_case(work, now=NOW)
    monkeypatch.setattr("breachdesk.services.reminders.BATCH", 2)

    assert emit_due_reminders(work.session, now=NOW + timedelta(hours=72)) == 3 * 2


def test_a_missed_clock_rings_every_twelve_hours_until_it_is_filed(work):
    reference = _breach(work, roles=(Role.HANDLER, Role.DECIDER))
    emit_due_reminders(work.session, now=DUE)
    late = [DUE + timedelta(hours=hours) for hours in range(1, 40)]

    emitted = {moment: emit_due_reminders(work.session, now=moment) for moment in late}

    rang = [(moment - DUE) // timedelta(hours=1) for moment, count in emitted.items() if count]
    assert rang == [12, 24, 36]
    assert _reminded(work)[-2:] == [("handler", "late"), ("decider", "late")]
    file(work, reference, now=late[-1], reasons_for_delay="Week-end sans astreinte.")
    assert emit_due_reminders(work.session, now=DUE + timedelta(days=30)) == 0


def test_nothing_is_sent_after_the_filing_even_if_it_was_queued(work):
    reference = _breach(work)
    let_work(work, NOW)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=5))
    sent = len(work.desk.mailer.letters)

    file(work, reference, now=DUE - timedelta(hours=4))

    let_work(work, DUE + timedelta(days=1))
    assert len(work.desk.mailer.letters) == sent


def test_a_reminder_that_waited_past_the_deadline_says_late(work):
    _breach(work, roles=(Role.DECIDER,))
    let_work(work, NOW)
    emit_due_reminders(work.session, now=DUE - timedelta(hours=1))

    let_work(work, DUE + timedelta(minutes=10))

    kinds = work.session.scalars(select(Delivery.kind).where(Delivery.reminder_id.is_not(None)))
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
