"""Advise, decide: each departure has its reason, a signed "no" holds the clock."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, NotAllowed, WrongStep
from breachdesk.domain.lifecycle import Communicate, Stage
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.models import Delivery, Reminder
from breachdesk.services import decisions as services
from breachdesk.services.cases import case_of
from breachdesk.services.reminder_planning import sent_the_start
from breachdesk.services.reminders import emit_due_reminders
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    advise,
    assess,
    assessed_case,
    decide,
    file,
    incident,
    seat,
)
from tests.services.desks import let_work

OWED, VOLUNTARY, NONE = Communicate.OWED, Communicate.VOLUNTARY, Communicate.NONE
NOW = MONDAY_NINE


def _case(work, reference):
    return case_of(work.session, incident(work, reference))


@pytest.mark.parametrize(
    ("verdict", "choice", "needs_reason"),
    [
        pytest.param(("yes", "yes"), (True, OWED), False, id="as the rules say"),
        pytest.param(("yes", "yes"), (False, OWED), True, id="not to notify though owed"),
        pytest.param(("yes", "yes"), (True, VOLUNTARY), True, id="owed but called voluntary"),
        pytest.param(("yes", "no"), (True, VOLUNTARY), False, id="telling people when not owed"),
        pytest.param(("yes", "no"), (True, OWED), True, id="calling it owed when it is not"),
        pytest.param(("no", "no"), (True, NONE), True, id="to notify though not owed"),
        pytest.param(("no", "no"), (False, NONE), False, id="nothing owed, nothing done"),
        pytest.param(("depends", "depends"), (True, VOLUNTARY), False, id="the cautious side"),
        pytest.param(("depends", "depends"), (False, OWED), True, id="in doubt, not to notify"),
        pytest.param(("depends", "depends"), (True, NONE), True, id="in doubt, not to tell"),
    ],
)
def test_a_choice_that_departs_from_the_rules_needs_a_reason(verdict, choice, needs_reason):
    result = {"notify_authority": verdict[0], "communicate_to_data_subjects": verdict[1]}

    departs = services.departs_from_rules(result, notify=choice[0], communicate=choice[1])

    assert departs is needs_reason


@pytest.mark.parametrize(
    ("choice", "needs_reason"),
    [
        pytest.param((False, NONE), False, id="both are the controllers'"),
        pytest.param((True, NONE), True, id="to notify in their place"),
        pytest.param((False, OWED), True, id="to call it owed by us"),
    ],
)
def test_a_processor_departs_by_doing_what_is_the_controllers_to_do(choice, needs_reason):
    """GDPR Art. 33(2): it tells them, and files nothing itself."""
    duties = {"notify_authority": "yes", "communicate_to_data_subjects": "yes"}
    result = {**duties, "inform_controllers": "yes"}

    departs = services.departs_from_rules(result, notify=choice[0], communicate=choice[1])

    assert departs is needs_reason


def test_overriding_the_rules_or_the_advice_without_a_reason_is_refused(work):
    reference = assessed_case(work)
    with pytest.raises(InvalidInput, match="override_reason_missing"):
        advise(work, reference, now=NOW, notify=False, communicate=NONE, reason="non")
    work.session.rollback()
    advise(work, reference, now=NOW, communicate=VOLUNTARY, reason="")
    with pytest.raises(InvalidInput, match="override_reason_missing"):
        decide(work, reference, now=NOW, communicate=NONE, reason="")
    work.session.rollback()

    decide(work, reference, now=NOW, communicate=NONE, reason="Personne n'est concerné.")

    case = _case(work, reference)
    assert (case.advice.overrides, case.decision.overrides) == (False, True)
    assert case.decision.reason == "Personne n'est concerné."


def test_advice_on_an_older_assessment_and_decision_on_older_advice_are_refused(work):
    reference = assessed_case(work)
    case = _case(work, reference)
    old = case.assessment.id
    assess(work, reference, now=NOW)
    with pytest.raises(ChangedMeanwhile, match="newer_assessment"):
        services.advise(
            work.session,
            case.incident,
            assessment_id=old,
            notify=True,
            communicate=NONE,
            by=seat(work, Role.DPO),
            now=NOW,
        )
    work.session.rollback()
    advise(work, reference, now=NOW, communicate=NONE)
    older = _case(work, reference).advice.id
    advise(work, reference, now=NOW, communicate=VOLUNTARY)

    with pytest.raises(ChangedMeanwhile, match="newer_advice"):
        services.decide(
            work.session,
            incident(work, reference),
            advice_id=older,
            notify=True,
            communicate=NONE,
            by=seat(work, Role.DECIDER),
            now=NOW,
        )


def test_a_new_assessment_leaves_advice_and_decision_to_be_given_anew(work):
    reference = assessed_case(work)
    advise(work, reference, now=NOW, communicate=NONE)
    decide(work, reference, now=NOW, communicate=NONE)
    assert incident(work, reference).stage is Stage.DECIDED

    assess(work, reference, now=NOW)

    case = _case(work, reference)
    assert (case.advice, case.decision) == (None, None)
    assert case.incident.stage is Stage.ASSESSED
    with pytest.raises(WrongStep, match="not_advised"):
        services.decide(
            work.session,
            case.incident,
            advice_id=1,
            notify=True,
            communicate=NONE,
            by=seat(work, Role.DECIDER),
            now=NOW,
        )


def test_a_decision_is_signed_once(work):
    reference = assessed_case(work)
    advise(work, reference, now=NOW, communicate=NONE)
    decide(work, reference, now=NOW, communicate=NONE)

    with pytest.raises(WrongStep, match="already_decided"):
        decide(work, reference, now=NOW, communicate=NONE)


def _say_no(work, reference, now=NOW):
    advise(work, reference, now=now, notify=False, communicate=NONE)
    decide(work, reference, now=now, notify=False, communicate=NONE)


def test_a_signed_no_stops_the_clock_and_what_it_would_still_have_sent(work):
    reference = assessed_case(work)
    later = NOW + timedelta(hours=25)
    assert emit_due_reminders(work.session, now=later) == 1

    _say_no(work, reference, later)

    clock = _case(work, reference).clock
    assert (clock.stop_reason, clock.stopped_at) == (StopReason.DECIDED_NOT_TO_NOTIFY, later)
    queued = work.session.scalars(select(Delivery).where(OF_REMINDERS)).all()
    assert [mail.state for mail in queued] == [DeliveryState.CANCELLED]
    left = Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None)
    assert work.session.scalars(select(Reminder).where(*left)).all() == []


def test_a_reminder_in_a_worker_s_hands_when_the_clock_stops_is_not_tried_again(work):
    reference = assessed_case(work)
    later = NOW + timedelta(hours=25)
    emit_due_reminders(work.session, now=later)
    reminder = work.session.scalars(select(Delivery).where(OF_REMINDERS)).one()
    reminder.state, reminder.lease_until = DeliveryState.SENDING, later + timedelta(minutes=5)
    work.session.commit()

    _say_no(work, reference, later)
    let_work(work, later + timedelta(hours=1))

    work.session.expire_all()
    assert reminder.state is DeliveryState.CANCELLED


def test_a_later_yes_counts_from_the_first_awareness(work):
    reference = assessed_case(work)
    _say_no(work, reference)
    two_days_on = NOW + timedelta(days=2)

    advise(work, reference, now=two_days_on, communicate=NONE)
    decide(work, reference, now=two_days_on, communicate=NONE)

    clock = _case(work, reference).clock
    assert (clock.regime, clock.stopped_at) == (GDPR_ART_33, None)
    assert (clock.started_at, clock.due_at) == (NOW, NOW + timedelta(hours=72))
    assert sent_the_start(work.session, clock)


def test_a_later_yes_starts_no_clock_when_it_has_been_filed_meanwhile(work):
    reference = assessed_case(work)
    _say_no(work, reference)
    file(work, reference, now=NOW + timedelta(hours=1))

    advise(work, reference, now=NOW + timedelta(hours=2), communicate=NONE)
    decide(work, reference, now=NOW + timedelta(hours=2), communicate=NONE)

    assert _case(work, reference).clock.stopped_at is not None
    let_work(work, NOW + timedelta(days=4))
    states = work.session.scalars(select(Delivery.state).where(OF_REMINDERS))
    assert DeliveryState.SENT not in set(states)


def test_an_organisation_without_a_dpo_goes_the_whole_way(work):
    reference = assessed_case(work, roles=(Role.HANDLER, Role.DECIDER), by=Role.DECIDER)

    advise(work, reference, now=NOW, communicate=VOLUNTARY, by=Role.DECIDER)
    decide(work, reference, now=NOW, communicate=VOLUNTARY)

    assert _case(work, reference).decision.by.email == "decider@gir.example"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DPO, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_nobody_but_the_decider_signs(work, role):
    reference = assessed_case(work)
    advise(work, reference, now=NOW, communicate=NONE)

    with pytest.raises(NotAllowed):
        decide(work, reference, now=NOW, communicate=NONE, by=role)


def test_two_decisions_signed_at_once_are_one(work, at_once):
    reference = assessed_case(work)
    advise(work, reference, now=NOW, communicate=NONE)
    work.session.commit()

    results = at_once(*[lambda own: decide(own, reference, now=NOW, communicate=NONE)] * 2)

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "WrongStep"]
    assert work.session.scalar(text("SELECT count(*) FROM decision")) == 1


def test_a_deadline_past_when_its_withdrawn_filing_is_decided_anew_rings_ahead_alone(work):
    """It counts from the first awareness; one mail says that it is past, nothing is made up for."""
    reference = assessed_case(work)
    late = NOW + timedelta(hours=100)
    _sign(work, reference, now=NOW)
    file(work, reference, now=NOW)
    why = "Déclaré par erreur au nom d’un autre organisme"
    file(work, reference, now=late, kind=NotificationKind.WITHDRAWAL, withdrawal_reason=why)
    assess(work, reference, now=late)
    _sign(work, reference, now=late)

    clock = _case(work, reference).clock
    assert (clock.stopped_at, clock.due_at < late) == (None, True)
    ahead = work.session.scalars(
        select(Reminder.remind_at).where(
            Reminder.clock_id == clock.id,
            Reminder.emitted_at.is_(None),
            Reminder.cancelled_at.is_(None),
        )
    ).all()
    assert ahead
    assert min(ahead) > late
    said = select(Delivery.user_id).where(Delivery.queued_at == late)
    people = work.session.scalars(said.where(Delivery.reminder_id.is_not(None))).all()
    assert len(set(people)) == len(people) > 0
    with pytest.raises(InvalidInput, match="delay_reasons_missing"):
        file(work, reference, now=late)


def _sign(work, reference, *, now) -> None:
    advise(work, reference, now=now, notify=True)
    decide(work, reference, now=now, notify=True)
