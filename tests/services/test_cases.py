"""What a case asks for next once something was filed: completed, taken back, filed again."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.lifecycle import Communicate, FilingProgress, NextStep, Stage, next_step
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.services.cases import Case, case_of, cases_of, list_due
from breachdesk.services.clock_changes import refuse, start_by_hand, stop_by_hand
from breachdesk.services.clock_offers import read_case_clocks
from breachdesk.services.incidents import close_incident
from tests.cases import (
    MONDAY_NINE,
    Work,
    advise,
    assess,
    assessed_case,
    decide,
    file,
    incident,
    seat,
)

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=30)
WITHDRAWAL = NotificationKind.WITHDRAWAL
WHY = "L’enquête montre qu’aucune donnée n’a été consultée."
NOTHING_MORE = "La CNIL a clos ce dossier sans attendre de complément."


@pytest.fixture
def reference(work: Work) -> str:
    """A breach decided to be notified, nobody to be told, filed as an initial notification."""
    made = assessed_case(work, now=NOW)
    sign(work, made, now=NOW)
    file(work, made, now=NOW)
    return made


def sign(work: Work, reference: str, *, now, notify: bool = True) -> None:
    """Advise and decide, with nobody to be told."""
    chosen = {"notify": notify, "communicate": Communicate.NONE}
    advise(work, reference, now=now, **chosen)
    decide(work, reference, now=now, **chosen)


def case(work: Work, reference: str) -> Case:
    return case_of(work.session, incident(work, reference))


def step(work: Work, reference: str) -> NextStep:
    return next_step(case(work, reference).progress)


def take_back(work: Work, reference: str, *, now=NOW) -> None:
    file(work, reference, now=now, kind=WITHDRAWAL, withdrawal_reason=WHY)


def test_an_initial_filing_is_completed_before_the_case_is_closed(work, reference):
    assert step(work, reference) is NextStep.COMPLETE_FILING
    with pytest.raises(WrongStep, match="cannot_close_yet"):
        close_incident(work.session, incident(work, reference), by=seat(work, Role.DPO), now=NOW)
    work.session.rollback()

    # A follow-up that leaves questions open is not the last: its page says so too.
    file(work, reference, now=LATER, kind=NotificationKind.FOLLOW_UP)
    assert case(work, reference).phase.is_complete is False
    assert step(work, reference) is NextStep.COMPLETE_FILING

    # Nor is one that calls itself whole over the same gap.
    file(work, reference, now=LATER, kind=NotificationKind.COMPLETE)
    assert case(work, reference).phase.is_complete is False
    assert step(work, reference) is NextStep.COMPLETE_FILING

    refuse(
        work.session,
        incident(work, reference),
        GDPR_FOLLOW_UP,
        reason=NOTHING_MORE,
        by=seat(work, Role.DPO),
        now=LATER,
    )
    assert step(work, reference) is NextStep.MAKE_DOSSIER
    close_incident(work.session, incident(work, reference), by=seat(work, Role.DPO), now=LATER)


def test_a_filing_that_calls_itself_whole_over_a_gap_lets_the_follow_ups_clock_be_started(work):
    made = assessed_case(work, now=NOW)
    sign(work, made, now=NOW)
    file(work, made, now=NOW, kind=NotificationKind.COMPLETE)

    clocks = read_case_clocks(work.session, case(work, made))

    offer = clocks.offers.of(GDPR_FOLLOW_UP)
    assert offer is not None
    assert offer.starts_at == NOW


def test_the_lists_and_the_mails_say_the_same_next_step(work, reference):
    found = incident(work, reference)
    [listed] = list_due(work.session, seat(work, Role.DPO))

    assert next_step(listed.progress) is NextStep.COMPLETE_FILING
    told = cases_of(work.session, [found.id])[found.id]
    assert next_step(told.progress) is NextStep.COMPLETE_FILING


def test_who_says_that_no_follow_up_is_owed_is_not_asked_for_one(work, reference):
    found, by = incident(work, reference), seat(work, Role.DPO)
    refuse(work.session, found, GDPR_FOLLOW_UP, reason=NOTHING_MORE, by=by, now=LATER)

    assert step(work, reference) is NextStep.MAKE_DOSSIER
    # What is filed since, and leaves something open, asks again.
    later = LATER + timedelta(hours=1)
    file(work, reference, now=later, kind=NotificationKind.FOLLOW_UP)
    assert step(work, reference) is NextStep.COMPLETE_FILING


@pytest.mark.parametrize(
    ("why", "stopped_at"), [(StopReason.NOT_OWED, None), (StopReason.DONE, LATER)]
)
def test_the_clock_of_the_follow_up_and_the_next_step_say_one_thing(
    work, reference, why, stopped_at
):
    found, by = incident(work, reference), seat(work, Role.DPO)
    clock = start_by_hand(work.session, found, GDPR_FOLLOW_UP, started_at=NOW, by=by, now=NOW)
    assert step(work, reference) is NextStep.COMPLETE_FILING

    stop_by_hand(
        work.session,
        found,
        clock.id,
        why=why,
        stopped_at=stopped_at,
        remark=NOTHING_MORE,
        by=by,
        now=LATER,
    )

    assert step(work, reference) is NextStep.MAKE_DOSSIER


def test_what_was_withdrawn_is_not_done_and_its_clock_not_kept(work, reference):
    take_back(work, reference)

    withdrawn = case(work, reference)
    assert withdrawn.progress.filing is FilingProgress.WITHDRAWN
    assert withdrawn.incident.stage is Stage.DECIDED
    assert withdrawn.deadline(LATER).withdrawn_at == NOW
    assert step(work, reference) is NextStep.MAKE_DOSSIER


def test_a_decision_to_notify_again_lets_the_clock_run_again_from_the_first_awareness(
    work, reference
):
    take_back(work, reference)
    aware_at = case(work, reference).clock.started_at
    assess(work, reference, now=LATER)
    sign(work, reference, now=LATER)

    again = case(work, reference)
    assert again.progress.filing is FilingProgress.TO_FILE_AGAIN
    assert step(work, reference) is NextStep.NOTIFY_AUTHORITY
    assert (again.clock.started_at, again.clock.stopped_at) == (aware_at, None)
    file(work, reference, now=LATER)
    assert case(work, reference).clock.stopped_at == LATER


def test_a_decision_not_to_notify_after_a_withdrawal_owes_nothing(work, reference):
    take_back(work, reference)
    assess(work, reference, now=LATER)
    advise(work, reference, now=LATER, notify=False, communicate=Communicate.NONE, reason=WHY)
    decide(work, reference, now=LATER, notify=False, communicate=Communicate.NONE)

    found = case(work, reference)
    assert found.progress.filing is FilingProgress.WITHDRAWN
    assert found.progress.is_all_done


def test_what_is_filed_again_answers_the_clock_in_the_place_of_what_was_withdrawn(work, reference):
    take_back(work, reference)
    file(work, reference, now=LATER)

    clock = case(work, reference).clock
    assert (clock.stopped_at, clock.stop_reason) == (LATER, StopReason.FILED)
    assert case(work, reference).deadline(LATER).withdrawn_at is None
