"""The way of a case: one next step at every point of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.lifecycle import (
    CaseProgress,
    Communicate,
    FilingProgress,
    NextStep,
    NoticeProgress,
    Stage,
    Step,
    StepState,
    filing_progress,
    next_step,
    stage_of,
    steps,
)

OPENED = CaseProgress()
QUALIFIED = replace(OPENED, is_breach=True)
ASSESSED = replace(QUALIFIED, is_assessed=True)
ADVISED = replace(ASSESSED, is_advised=True)
TO_NOTIFY = replace(ADVISED, is_decided=True, must_notify=True)
TO_NOTIFY_AND_TELL = replace(TO_NOTIFY, communicate=Communicate.OWED)
NOTIFIED = replace(TO_NOTIFY_AND_TELL, filing=FilingProgress.COMPLETE)
FILED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEFORE, AFTER = FILED - timedelta(hours=1), FILED + timedelta(hours=1)
INCOMPLETE = replace(TO_NOTIFY, filing=FilingProgress.TO_COMPLETE)
TOLD = replace(NOTIFIED, notice=NoticeProgress.SENT)
NO = replace(ADVISED, is_decided=True)
DOUBTED = replace(NO, is_no_in_doubt=True, has_changed_facts=True)
NOT_A_BREACH = replace(OPENED, is_breach=False)


@pytest.mark.parametrize(
    ("progress", "step", "stage"),
    [
        (OPENED, NextStep.QUALIFY, Stage.OPENED),
        (NOT_A_BREACH, NextStep.CLOSE, Stage.NOT_A_BREACH),
        (QUALIFIED, NextStep.ASSESS, Stage.QUALIFIED),
        (ASSESSED, NextStep.ADVISE, Stage.ASSESSED),
        (ADVISED, NextStep.DECIDE, Stage.ASSESSED),
        (TO_NOTIFY_AND_TELL, NextStep.NOTIFY_AUTHORITY, Stage.DECIDED),
        (NOTIFIED, NextStep.DRAFT_NOTICE, Stage.NOTIFIED),
        (
            replace(NOTIFIED, notice=NoticeProgress.DRAFTED),
            NextStep.IMPORT_RECIPIENTS,
            Stage.NOTIFIED,
        ),
        (
            replace(NOTIFIED, notice=NoticeProgress.WITH_RECIPIENTS),
            NextStep.APPROVE_NOTICE,
            Stage.NOTIFIED,
        ),
        (replace(NOTIFIED, notice=NoticeProgress.APPROVED), NextStep.SEND_NOTICE, Stage.NOTIFIED),
        (replace(NOTIFIED, notice=NoticeProgress.SENDING), NextStep.WATCH_DELIVERY, Stage.NOTIFIED),
        (TOLD, NextStep.MAKE_DOSSIER, Stage.NOTIFIED),
        (replace(TOLD, has_dossier=True), NextStep.CLOSE, Stage.NOTIFIED),
        (replace(TOLD, has_other_clocks=True), NextStep.SETTLE_CLOCKS, Stage.NOTIFIED),
        (
            replace(NOT_A_BREACH, has_other_clocks=True),
            NextStep.SETTLE_CLOCKS,
            Stage.NOT_A_BREACH,
        ),
        (replace(NOTIFIED, has_other_clocks=True), NextStep.DRAFT_NOTICE, Stage.NOTIFIED),
        (NO, NextStep.MAKE_DOSSIER, Stage.DECIDED),
        (replace(TOLD, is_closed=True), NextStep.NOTHING, Stage.CLOSED),
    ],
)
def test_each_point_of_the_way_has_one_next_step(progress, step, stage):
    assert next_step(progress) is step
    assert stage_of(progress) is stage


@pytest.mark.parametrize(
    ("progress", "step"),
    [
        pytest.param(ASSESSED, NextStep.REASSESS, id="before the advice"),
        pytest.param(ADVISED, NextStep.REASSESS, id="the advice rests on other facts"),
        pytest.param(TO_NOTIFY, NextStep.NOTIFY_AUTHORITY, id="a filing due does not wait"),
        pytest.param(NOTIFIED, NextStep.REASSESS, id="before people are told"),
        pytest.param(TOLD, NextStep.REASSESS, id="before the case is closed"),
        pytest.param(NO, NextStep.REASSESS, id="the rules still say no"),
        pytest.param(replace(TOLD, is_closed=True), NextStep.NOTHING, id="closed"),
    ],
)
def test_changed_facts_lead_back_to_the_assessment_but_not_past_a_filing(progress, step):
    changed = replace(progress, has_changed_facts=True)

    assert next_step(changed) is step
    is_back = step is NextStep.REASSESS
    assert (steps(changed)[Step.ASSESS] is StepState.CURRENT) == is_back


@pytest.mark.parametrize(
    ("progress", "step"),
    [
        pytest.param(DOUBTED, NextStep.REOPEN, id="facts changed"),
        pytest.param(
            replace(ASSESSED, is_no_in_doubt=True), NextStep.REOPEN, id="a newer verdict says yes"
        ),
        pytest.param(replace(ADVISED, is_no_in_doubt=True), NextStep.DECIDE, id="advised on since"),
    ],
)
def test_a_no_that_the_facts_no_longer_bear_is_taken_up(progress, step):
    assert next_step(progress) is step
    assert steps(progress)[Step.DECIDE] is StepState.CURRENT
    assert steps(progress)[Step.NOTIFY] is StepState.TO_DO
    assert not progress.is_all_done


@pytest.mark.parametrize(
    ("progress", "step", "notified"),
    [
        pytest.param(INCOMPLETE, NextStep.COMPLETE_FILING, "current", id="nobody is to be told"),
        pytest.param(
            replace(INCOMPLETE, communicate=Communicate.OWED),
            NextStep.DRAFT_NOTICE,
            "to_complete",
            id="people at high risk come first",
        ),
        pytest.param(
            replace(INCOMPLETE, communicate=Communicate.OWED, notice=NoticeProgress.APPROVED),
            NextStep.SEND_NOTICE,
            "to_complete",
            id="until their message leaves",
        ),
        pytest.param(
            replace(INCOMPLETE, communicate=Communicate.OWED, notice=NoticeProgress.SENDING),
            NextStep.COMPLETE_FILING,
            "current",
            id="a message on its way needs nobody",
        ),
        pytest.param(
            replace(INCOMPLETE, communicate=Communicate.VOLUNTARY),
            NextStep.COMPLETE_FILING,
            "current",
            id="what is owed comes before what was chosen",
        ),
        pytest.param(
            replace(INCOMPLETE, has_other_clocks=True),
            NextStep.COMPLETE_FILING,
            "current",
            id="its own clock runs: completing stops it",
        ),
        pytest.param(
            replace(INCOMPLETE, has_changed_facts=True),
            NextStep.REASSESS,
            "to_complete",
            id="what changed may put people at risk",
        ),
        pytest.param(
            replace(ADVISED, filing=FilingProgress.TO_COMPLETE),
            NextStep.DECIDE,
            "to_complete",
            id="filed before it was decided",
        ),
        pytest.param(
            replace(INCOMPLETE, must_notify=False),
            NextStep.COMPLETE_FILING,
            "current",
            id="decided otherwise since: completed, or taken back",
        ),
        pytest.param(
            replace(INCOMPLETE, is_no_in_doubt=True),
            NextStep.REOPEN,
            "to_complete",
            id="a no in doubt is taken up first",
        ),
    ],
)
def test_an_incomplete_filing_is_completed_before_the_dossier(progress, step, notified):
    assert next_step(progress) is step
    assert steps(progress)[Step.NOTIFY].value == notified
    assert stage_of(progress) in (Stage.NOTIFIED, Stage.ASSESSED)
    assert not progress.is_all_done


@pytest.mark.parametrize(
    ("progress", "step", "notified"),
    [
        pytest.param(TO_NOTIFY, NextStep.MAKE_DOSSIER, "withdrawn", id="answers the decision"),
        pytest.param(NO, NextStep.MAKE_DOSSIER, "withdrawn", id="decided not to notify"),
        pytest.param(ADVISED, NextStep.DECIDE, "withdrawn", id="to be decided anew"),
    ],
)
def test_what_was_withdrawn_is_neither_done_nor_owed(progress, step, notified):
    withdrawn = replace(progress, filing=FilingProgress.WITHDRAWN)

    assert next_step(withdrawn) is step
    assert steps(withdrawn)[Step.NOTIFY].value == notified
    assert stage_of(withdrawn) is not Stage.NOTIFIED


def test_a_decision_signed_since_the_withdrawal_makes_the_step_current_again():
    again = replace(TO_NOTIFY, filing=FilingProgress.TO_FILE_AGAIN)

    assert next_step(again) is NextStep.NOTIFY_AUTHORITY
    assert steps(again)[Step.NOTIFY] is StepState.CURRENT
    assert not again.is_all_done


@pytest.mark.parametrize(
    ("kind", "said", "progress"),
    [
        pytest.param("initial", {"is_complete": False}, "to_complete", id="more is to follow"),
        pytest.param("follow_up", {"is_complete": False}, "to_complete", id="still more is"),
        pytest.param("follow_up", {"is_complete": True}, "complete", id="completed"),
        pytest.param("complete", {"is_complete": True}, "complete", id="whole at once"),
        pytest.param("initial", {"is_complete": None}, "to_complete", id="kept of old: its kind"),
        pytest.param(
            "follow_up", {"is_complete": None}, "complete", id="kept of old: not reopened"
        ),
        pytest.param(
            "initial", {"is_complete": False, "settled_at": FILED}, "complete", id="not owed"
        ),
        pytest.param(
            "follow_up",
            {"is_complete": False, "settled_at": BEFORE},
            "to_complete",
            id="said before it was filed",
        ),
        pytest.param("withdrawal", {"is_complete": False}, "withdrawn", id="taken back"),
        pytest.param(
            "withdrawal",
            {"is_complete": False, "notify_signed_at": FILED},
            "withdrawn",
            id="the decision that it answers",
        ),
        pytest.param(
            "withdrawal",
            {"is_complete": False, "settled_at": AFTER, "notify_signed_at": AFTER},
            "to_file_again",
            id="decided since",
        ),
    ],
)
def test_what_stands_follows_from_the_last_filing(kind, said, progress):
    found = filing_progress(NotificationKind(kind), recorded_at=FILED, **said)

    assert found.value == progress


def test_the_line_of_steps_follows_the_way():
    shown = steps(TO_NOTIFY_AND_TELL)

    assert [shown[step].value for step in Step] == [
        "done",
        "done",
        "done",
        "done",
        "current",
        "to_do",
        "to_do",
    ]


def test_what_is_not_owed_falls_away():
    assert steps(NO)[Step.NOTIFY] is StepState.NOT_OWED
    assert steps(NO)[Step.COMMUNICATE] is StepState.NOT_OWED
    assert steps(NOT_A_BREACH)[Step.ASSESS] is StepState.NOT_OWED
    assert steps(TO_NOTIFY_AND_TELL)[Step.COMMUNICATE] is StepState.TO_DO


def test_what_was_done_before_the_decision_is_not_said_to_fall_away():
    notified_early = replace(NO, filing=FilingProgress.COMPLETE)

    assert steps(notified_early)[Step.NOTIFY] is StepState.DONE


progresses = st.builds(
    CaseProgress,
    is_breach=st.sampled_from([None, True, False]),
    is_assessed=st.booleans(),
    is_advised=st.booleans(),
    is_decided=st.booleans(),
    has_changed_facts=st.booleans(),
    is_no_in_doubt=st.booleans(),
    must_notify=st.booleans(),
    communicate=st.sampled_from(Communicate),
    filing=st.sampled_from(FilingProgress),
    has_other_clocks=st.booleans(),
    notice=st.sampled_from(NoticeProgress),
    has_dossier=st.booleans(),
    is_closed=st.booleans(),
)


@given(progresses)
def test_there_is_never_more_than_one_current_step(progress):
    states = list(steps(progress).values())

    assert states.count(StepState.CURRENT) <= 1
    assert states[0] is StepState.DONE


@given(progresses)
def test_the_dossier_and_closing_are_offered_only_where_nothing_is_owed(progress):
    if next_step(progress) in (NextStep.MAKE_DOSSIER, NextStep.CLOSE):
        assert progress.is_all_done


@given(progresses)
def test_a_filing_is_said_to_be_done_only_where_a_whole_one_stands(progress):
    state = steps(progress)[Step.NOTIFY]

    if state is StepState.DONE:
        assert progress.filing is FilingProgress.COMPLETE
    if next_step(progress) in (NextStep.NOTIFY_AUTHORITY, NextStep.COMPLETE_FILING):
        assert state is StepState.CURRENT


@given(progresses)
def test_people_at_high_risk_are_told_before_a_filing_is_completed(progress):
    if next_step(progress) is NextStep.COMPLETE_FILING:
        assert not progress.waits_for_people
        assert not progress.owes_filing


@given(progresses)
def test_only_a_closed_case_has_nothing_left_to_do(progress):
    assert (next_step(progress) is NextStep.NOTHING) == progress.is_closed


@pytest.mark.parametrize("done", [NOT_A_BREACH, TOLD, NO])
def test_a_case_is_not_closed_while_a_clock_beside_the_main_one_runs(done):
    assert done.is_all_done
    assert not replace(done, has_other_clocks=True).is_all_done
