"""A signed "no" taken up again: the clock question is asked anew, from a new awareness."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_forms import CNIL_2023, form_named, lay_out
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, NotAllowed, WrongStep
from breachdesk.domain.lifecycle import Communicate, NextStep, Stage, next_step
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.models import Clock, Delivery, Reminder, Reopening
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services.authority import Filing, record_filing
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import case_of, find_case, list_due
from breachdesk.services.incidents import close_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.reopening import changes_since_decision, reopen_decision
from tests import cases
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    incident,
    know,
    make_dossier,
    make_organisation,
    seat,
)
from tests.encrypted_laptop import (
    KEY_KNOWN,
    WHY,
    assessed_laptop,
    decided_laptop,
    doubted_laptop,
    reopen,
    sign_no,
)

NOW = MONDAY_NINE
LEARNT = NOW + timedelta(days=20)
THEN = LEARNT + timedelta(hours=3)


@pytest.fixture
def reference(work) -> str:
    """An encrypted laptop, signed not to notify; its key is known since LEARNT."""
    make_organisation(work, now=NOW)
    return doubted_laptop(work, now=NOW, learnt_at=LEARNT)


def _case(work, reference):
    return case_of(work.session, incident(work, reference))


def _next(work, reference) -> NextStep:
    return next_step(_case(work, reference).progress)


def test_the_whole_way_from_a_no_to_a_notification(work, reference):
    assert _next(work, reference) is NextStep.REOPEN
    assert _case(work, reference).changed == ("key_compromised",)

    reopen(work, reference, now=THEN, aware_at=LEARNT)

    case = _case(work, reference)
    assert (case.clock.regime, case.clock.stopped_at) == (GDPR_ART_33, None)
    assert (case.clock.started_at, case.clock.due_at) == (LEARNT, LEARNT + timedelta(hours=72))
    assert (case.advice, case.decision, case.signed.notify) == (None, None, False)
    assert case.incident.stage is Stage.ASSESSED
    assert _next(work, reference) is NextStep.REASSESS
    cases.assess(work, reference, now=THEN)
    assert _next(work, reference) is NextStep.ADVISE
    cases.advise(work, reference, now=THEN, reason="")
    cases.decide(work, reference, now=THEN, reason="")
    assert _next(work, reference) is NextStep.NOTIFY_AUTHORITY
    assert _case(work, reference).clock.stopped_at is None
    cases.file(work, reference, now=THEN + timedelta(hours=1))
    found = _case(work, reference)
    assert (found.clock.stop_reason, found.phase.was_late) == (StopReason.FILED, False)


def test_reminders_of_the_new_clock_go_out_and_none_of_the_old(work, reference):
    assert emit_due_reminders(work.session, now=LEARNT) == 0

    reopen(work, reference, now=THEN, aware_at=LEARNT)

    assert emit_due_reminders(work.session, now=LEARNT + timedelta(hours=25)) == 1
    (emitted,) = work.session.scalars(select(Delivery).where(OF_REMINDERS))
    reminder = work.session.get_one(Reminder, emitted.reminder_id)
    assert reminder.clock_id == _case(work, reference).clock.id


def test_a_second_no_stops_the_new_clock_and_can_be_taken_up_in_its_turn(work, reference):
    reopen(work, reference, now=THEN, aware_at=LEARNT)
    cases.assess(work, reference, now=THEN)
    for act in (cases.advise, cases.decide):
        act(work, reference, now=THEN, notify=False, communicate=Communicate.NONE)
    stopped = _case(work, reference).clock
    assert (stopped.started_at, stopped.stopped_at) == (LEARNT, THEN)
    again = THEN + timedelta(days=1)

    reopen(work, reference, now=again, reason="Un client signale un prélèvement inconnu.")

    clocks = work.session.scalars(select(Clock).order_by(Clock.id)).all()
    assert [clock.regime for clock in clocks] == [PROVISIONAL, *[GDPR_ART_33] * 3]
    assert [clock.is_main for clock in clocks] == [False, False, False, True]
    assert _case(work, reference).clock.started_at == again


def test_the_journal_says_it_with_a_reason_that_can_be_erased_and_the_chain_holds(work, reference):
    reopen(work, reference, now=THEN, aware_at=LEARNT)

    lines = journal_of(work.session, incident(work, reference))
    reopened, started = lines[-2:]
    assert (reopened.code, reopened.reason) == ("reopened", WHY)
    assert reopened.parameters == {"aware_at": LEARNT.isoformat()}
    assert reopened.reason_salt
    assert WHY not in str(started.parameters)
    assert started.code == "clock_started"
    assert first_broken_entry(lines) is None


def test_what_was_taken_up_is_never_rewritten(work, reference):
    reopen(work, reference, now=THEN)
    row = work.session.scalars(select(Reopening)).one()
    row.reason = "autre chose"

    with pytest.raises(WrittenOnceError, match="reason"):
        work.session.flush()


@pytest.mark.parametrize(
    ("aware_at", "reason", "code"),
    [
        pytest.param(THEN + timedelta(minutes=1), WHY, "aware_in_future", id="to come"),
        pytest.param(NOW - timedelta(minutes=1), WHY, "reopened_before_aware", id="before all"),
        pytest.param(THEN, "", "reopening_reason_missing", id="no reason"),
        pytest.param(THEN, "clé perdue", "reopening_reason_missing", id="no sentence"),
    ],
)
def test_an_awareness_that_cannot_be_and_a_missing_reason_are_refused(
    work, reference, aware_at, reason, code
):
    with pytest.raises(InvalidInput, match=code):
        reopen(work, reference, now=THEN, aware_at=aware_at, reason=reason)
    work.session.rollback()

    assert _case(work, reference).clock.stopped_at is not None


def test_there_must_be_a_no_that_holds_the_clock(work, reference):
    with pytest.raises(ChangedMeanwhile, match="newer_decision"):
        reopen_decision(
            work.session,
            incident(work, reference),
            decision_id=0,
            aware_at=THEN,
            reason=WHY,
            by=seat(work, Role.DPO),
            now=THEN,
        )
    work.session.rollback()
    reopen(work, reference, now=THEN)
    with pytest.raises(WrongStep, match="already_reopened"):
        reopen(work, reference, now=THEN)
    work.session.rollback()
    undecided = assessed_laptop(work, now=NOW)
    with pytest.raises(WrongStep, match="nothing_to_reopen"):
        reopen(work, undecided, now=THEN)
    work.session.rollback()
    cases.advise(work, undecided, now=NOW, communicate=Communicate.NONE)
    cases.decide(work, undecided, now=NOW, communicate=Communicate.NONE)
    with pytest.raises(WrongStep, match="nothing_to_reopen"):
        reopen(work, undecided, now=THEN)


def test_what_was_filed_all_the_same_holds_the_clock_and_not_the_no(work):
    make_organisation(work, now=NOW)
    reference = assessed_laptop(work, now=NOW)
    cases.file(work, reference, now=NOW)
    sign_no(work, reference, now=NOW)
    know(work, reference, now=LEARNT, **KEY_KNOWN)

    with pytest.raises(WrongStep, match="nothing_to_reopen"):
        reopen(work, reference, now=THEN)
    assert _next(work, reference) is NextStep.REASSESS


def test_what_was_filed_after_the_no_is_followed_up_and_starts_no_clock(work):
    """The authority has been told: a clock of 72 hours would ring with nothing to stop it."""
    make_organisation(work, now=NOW)
    reference = decided_laptop(work, now=NOW)
    cases.file(work, reference, now=NOW + timedelta(hours=2))
    know(work, reference, now=LEARNT, **KEY_KNOWN)

    assert _next(work, reference) is NextStep.REASSESS
    with pytest.raises(WrongStep, match="nothing_to_reopen"):
        reopen(work, reference, now=THEN)
    work.session.rollback()
    withdrawn = Filing(NotificationKind.WITHDRAWAL, THEN, withdrawal_reason=WHY)
    desk, dpo = work.desk, seat(work, Role.DPO)
    record_filing(work.session, desk, incident(work, reference), withdrawn, by=dpo, now=THEN)
    reopen(work, reference, now=THEN)
    assert _case(work, reference).clock.stopped_at is None


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_who_may_say_since_when_a_breach_is_known_may_take_up_a_no(work, reference, role):
    if role in (Role.DPO, Role.DECIDER):
        reopen(work, reference, now=THEN, by=role)
        assert _case(work, reference).clock.stopped_at is None
    else:
        with pytest.raises(NotAllowed):
            reopen(work, reference, now=THEN, by=role)


def test_two_who_take_it_up_at_once_start_one_clock(work, reference, at_once):
    work.session.commit()

    results = at_once(*[lambda own: reopen(own, reference, now=THEN)] * 2)

    assert sorted(type(result).__name__ for result in results) == ["Reopening", "WrongStep"]
    running = select(Clock).where(Clock.stopped_at.is_(None))
    assert len(work.session.scalars(running).all()) == 1


def test_a_case_closed_on_a_no_is_opened_again_and_facts_can_be_told(work):
    make_organisation(work, now=NOW)
    reference = decided_laptop(work, now=NOW)
    dpo = seat(work, Role.DPO)
    close_incident(work.session, incident(work, reference), by=dpo, now=NOW + timedelta(days=1))
    with pytest.raises(WrongStep, match="case_closed"):
        know(work, reference, now=LEARNT, **KEY_KNOWN)
    work.session.rollback()

    reopen(work, reference, now=THEN, aware_at=LEARNT)

    case = _case(work, reference)
    assert (case.incident.closed_at, case.incident.stage) == (None, Stage.ASSESSED)
    codes = [line.code for line in journal_of(work.session, case.incident)]
    assert codes[-3:] == ["reopened", "case_opened_again", "clock_started"]
    know(work, reference, now=THEN, **KEY_KNOWN)
    assert _next(work, reference) is NextStep.REASSESS


# --- When it is proposed ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "step"),
    [
        pytest.param({}, NextStep.MAKE_DOSSIER, id="nothing changed"),
        pytest.param({"description": "Volé à 7 h."}, NextStep.MAKE_DOSSIER, id="not assessed"),
        pytest.param({"n_subjects": 1241}, NextStep.REASSESS, id="the rules still say no"),
        pytest.param({"key_compromised": None}, NextStep.REOPEN, id="the rules are in doubt"),
        pytest.param(KEY_KNOWN, NextStep.REOPEN, id="the rules say yes"),
    ],
)
def test_a_no_is_to_be_taken_up_where_the_rules_no_longer_say_no(work, told, step):
    make_organisation(work, now=NOW)
    reference = decided_laptop(work, now=NOW)
    know(work, reference, now=LEARNT, **told)

    assert _next(work, reference) is step
    dpo = seat(work, Role.DPO)
    assert next_step(find_case(work.session, [dpo], reference).progress) is step
    assert [next_step(case.progress) for case in list_due(work.session, dpo)] == [step]


def test_a_fact_told_and_taken_back_leaves_everything_as_it_was(work, reference):
    know(work, reference, now=THEN, key_compromised="no")

    assert _case(work, reference).changed == ()
    assert _next(work, reference) is NextStep.MAKE_DOSSIER


def test_a_newer_assessment_that_says_otherwise_asks_it_too(work, reference):
    cases.assess(work, reference, now=THEN)

    assert _next(work, reference) is NextStep.REOPEN
    reopen(work, reference, now=THEN, aware_at=LEARNT)
    assert _next(work, reference) is NextStep.ADVISE


def test_a_yes_without_taking_up_the_no_counts_from_the_first_awareness(work, reference):
    cases.assess(work, reference, now=THEN)
    cases.advise(work, reference, now=THEN)
    cases.decide(work, reference, now=THEN)

    assert _case(work, reference).clock.started_at == NOW


def test_the_same_assessment_can_be_advised_on_anew(work):
    """Nothing in the file changed: somebody thinks better of it."""
    make_organisation(work, now=NOW)
    reference = decided_laptop(work, now=NOW)

    reopen(work, reference, now=THEN)

    assert _next(work, reference) is NextStep.ADVISE
    cases.advise(work, reference, now=THEN, notify=True, communicate=Communicate.NONE)
    cases.decide(work, reference, now=THEN, notify=True, communicate=Communicate.NONE)
    assert _case(work, reference).decision.notify is True


def test_what_changed_since_the_decision_is_told_however_often_it_was_assessed(work, reference):
    cases.assess(work, reference, now=THEN)

    changes = changes_since_decision(work.session, _case(work, reference).signed)

    assert [change.key for change in changes.facts] == ["key_compromised"]


# --- What is kept of it ----------------------------------------------------------------------


def test_the_case_record_tells_each_clock_with_its_reason_and_the_form_the_new_awareness(
    work, reference
):
    reopen(work, reference, now=THEN, aware_at=LEARNT)
    cases.assess(work, reference, now=THEN)
    cases.advise(work, reference, now=THEN)

    dpo = seat(work, Role.DPO).user
    record = read_case_record(work.session, incident(work, reference), by=dpo, now=THEN)

    (reopening,) = record.reopenings
    assert (reopening.decision, reopening.clock, reopening.reason) == (1, 3, WHY)
    assert record.clocks[reopening.clock - 1].started_at == LEARNT
    assert [clock.stop_reason for clock in record.clocks] == [
        "qualified",
        "decided_not_to_notify",
        "",
    ]
    (decision,) = record.decisions
    assert (decision.verdict_notify, decision.advice_overrides) == ("no", False)
    (waiting,) = record.advices
    assert (waiting.verdict_notify, waiting.assessment_version) == ("yes", 2)
    fields = {field.code: field.value for field in lay_out(form_named(CNIL_2023), record).fields()}
    assert fields["aware_at"] == LEARNT.isoformat()
    assert record.as_json()["reopenings"][0]["reason"] == WHY


def test_a_no_signed_against_the_rules_is_in_doubt_only_once_they_say_more(work):
    make_organisation(work, now=NOW)
    reference = assessed_laptop(work, now=NOW, data_unintelligible=None)
    answer = _case(work, reference).assessment.result["notify_authority"]
    against = {"notify": False, "communicate": Communicate.NONE, "reason": WHY}
    cases.advise(work, reference, now=NOW, **against)
    cases.decide(work, reference, now=NOW, **against)

    know(work, reference, now=THEN, n_subjects=1241)
    assert (answer, _next(work, reference)) == ("depends", NextStep.REASSESS)

    know(work, reference, now=THEN, data_unintelligible="no")
    assert _next(work, reference) is NextStep.REOPEN


def test_a_no_signed_against_a_yes_is_not_taken_up_because_the_rules_say_less(work):
    make_organisation(work, now=NOW)
    reference = assessed_laptop(work, now=NOW, data_unintelligible="no")
    against = {"notify": False, "communicate": Communicate.NONE, "reason": WHY}
    cases.advise(work, reference, now=NOW, **against)
    cases.decide(work, reference, now=NOW, **against)

    know(work, reference, now=THEN, data_unintelligible=None)

    assert (_case(work, reference).notify_now, _next(work, reference)) == (
        "depends",
        NextStep.REASSESS,
    )


def test_a_filing_is_not_dated_before_the_awareness_that_its_clock_counts_from(work, reference):
    reopen(work, reference, now=THEN, aware_at=LEARNT)

    def file(filed_at):
        filing = Filing(NotificationKind.INITIAL, filed_at, "2026-0042")
        case, who = incident(work, reference), seat(work, Role.DPO)
        return record_filing(work.session, work.desk, case, filing, by=who, now=THEN)

    with pytest.raises(InvalidInput, match="filed_before_aware"):
        file(LEARNT - timedelta(minutes=1))
    work.session.rollback()
    assert not file(LEARNT).was_late


def test_a_dossier_made_before_the_decision_was_taken_up_again_is_not_the_last(work, reference):
    make_dossier(work, reference, now=THEN)
    assert _case(work, reference).progress.has_dossier

    reopen(work, reference, now=THEN, aware_at=LEARNT)
    cases.assess(work, reference, now=THEN)
    cases.advise(work, reference, now=THEN, reason="")
    after = THEN + timedelta(minutes=5)
    cases.decide(work, reference, now=after, reason="")
    assert not _case(work, reference).progress.has_dossier

    make_dossier(work, reference, now=after)
    assert _case(work, reference).progress.has_dossier
