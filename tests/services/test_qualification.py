"""Qualifying: a breach starts the clock, anything else stops it, with reasons kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason, instant_from_local
from breachdesk.domain.errors import InvalidInput, NotAllowed, WrongStep
from breachdesk.domain.lifecycle import Stage
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.models import Clock, Reminder
from breachdesk.services.cases import case_of
from breachdesk.services.journal import journal_of
from breachdesk.services.qualification import qualify_as_no_breach
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case, qualify, seat

REASON = "Il a fallu joindre l'hébergeur."
NOW = MONDAY_NINE + timedelta(hours=3)


def _opened(work, noticed_at: datetime = MONDAY_NINE, now: datetime = NOW) -> str:
    make_organisation(work, now=noticed_at)
    return open_case(work, now=now, noticed_at=noticed_at)


def _no_breach(work, reference, reason="Le fichier était vide.", now=NOW):
    case = incident(work, reference)
    qualify_as_no_breach(work.session, case, reason=reason, by=seat(work, Role.DPO), now=now)


def test_a_breach_starts_the_clock_at_awareness_and_ends_the_provisional_one(work):
    reference = _opened(work)

    qualify(work, reference, now=NOW, aware_at=MONDAY_NINE + timedelta(hours=1))

    case = case_of(work.session, incident(work, reference))
    provisional, main = work.session.scalars(select(Clock).order_by(Clock.id)).all()
    assert (provisional.is_main, provisional.stop_reason) == (False, StopReason.QUALIFIED)
    assert (main.is_main, main.regime, main.stopped_at) == (True, GDPR_ART_33, None)
    assert case.clock is main
    assert main.due_at == MONDAY_NINE + timedelta(hours=73)
    assert case.incident.stage is Stage.QUALIFIED
    is_open = (Reminder.emitted_at.is_(None), Reminder.cancelled_at.is_(None))
    left = work.session.scalars(select(Reminder).where(*is_open)).all()
    assert {reminder.clock_id for reminder in left} == {main.id}


@pytest.mark.parametrize(
    ("awareness", "reason", "code", "field"),
    [
        pytest.param(
            timedelta(minutes=1), "", "late_awareness_reason_missing", "reason", id="no reason"
        ),
        pytest.param(
            timedelta(hours=2),
            "  trop tard ",
            "late_awareness_reason_missing",
            "reason",
            id="short",
        ),
        pytest.param(
            timedelta(minutes=-1), REASON, "aware_before_noticed", "aware_at", id="before noticed"
        ),
        pytest.param(
            timedelta(hours=3, seconds=1), REASON, "aware_in_future", "aware_at", id="to come"
        ),
    ],
)
def test_an_awareness_that_cannot_be_taken_is_refused(work, awareness, reason, code, field):
    reference = _opened(work)

    with pytest.raises(InvalidInput) as refused:
        qualify(work, reference, now=NOW, aware_at=MONDAY_NINE + awareness, reason=reason)

    work.session.rollback()
    assert (refused.value.code, refused.value.field) == (code, field)
    assert case_of(work.session, incident(work, reference)).clock.regime == PROVISIONAL


@pytest.mark.parametrize(
    "noticed_at",
    [
        pytest.param(MONDAY_NINE, id="on the minute"),
        pytest.param(MONDAY_NINE + timedelta(seconds=42), id="a form shows and takes no seconds"),
    ],
)
def test_awareness_in_the_minute_of_the_notice_needs_no_reason(work, noticed_at):
    reference = _opened(work, noticed_at)

    qualify(work, reference, now=NOW, aware_at=MONDAY_NINE, reason="")

    assert incident(work, reference).aware_at == MONDAY_NINE


@pytest.mark.parametrize(
    ("local", "second_time", "due_at"),
    [
        pytest.param(
            datetime(2026, 3, 27, 23, 59), None, "2026-03-30T22:59+00:00", id="spring, 23:59"
        ),
        pytest.param(
            datetime(2026, 10, 23, 23, 59), None, "2026-10-26T21:59+00:00", id="autumn, 23:59"
        ),
        pytest.param(
            datetime(2026, 10, 25, 2, 30), False, "2026-10-28T00:30+00:00", id="the first 2:30"
        ),
        pytest.param(
            datetime(2026, 10, 25, 2, 30), True, "2026-10-28T01:30+00:00", id="the second 2:30"
        ),
        pytest.param(
            datetime(2028, 2, 28, 12, 0), None, "2028-03-02T11:00+00:00", id="over a leap day"
        ),
    ],
)
def test_the_clock_counts_72_elapsed_hours_across_clock_changes(work, local, second_time, due_at):
    aware_at = instant_from_local(local, "Europe/Paris", second_time=second_time)
    reference = _opened(work, aware_at, aware_at)

    qualify(work, reference, now=aware_at)

    work.session.expire_all()
    clock = case_of(work.session, incident(work, reference)).clock
    assert clock.due_at == datetime.fromisoformat(due_at)
    assert clock.due_at.tzinfo is UTC


def test_what_is_no_breach_stops_the_clock_and_keeps_the_reason(work):
    reference = _opened(work)
    with pytest.raises(InvalidInput, match="reason_missing"):
        _no_breach(work, reference, reason=" non ")

    _no_breach(work, reference)

    case = case_of(work.session, incident(work, reference))
    assert (case.clock.stop_reason, case.clock.stopped_at) == (StopReason.NOT_A_BREACH, NOW)
    assert case.qualification.reason == "Le fichier était vide."
    assert "Le fichier était vide." in [
        line.reason for line in journal_of(work.session, case.incident)
    ]
    assert case.incident.stage is Stage.NOT_A_BREACH


def test_what_was_no_breach_can_turn_out_to_be_one(work):
    reference = _opened(work)
    _no_breach(work, reference)

    later = NOW + timedelta(days=1)
    qualify(work, reference, now=later, aware_at=later)

    case = case_of(work.session, incident(work, reference))
    assert case.progress.is_breach
    assert case.clock.stopped_at is None
    assert case.clock.due_at == later + timedelta(hours=72)


def test_a_case_is_qualified_once(work):
    reference = _opened(work)
    qualify(work, reference, now=NOW)

    with pytest.raises(WrongStep, match="already_qualified"):
        qualify(work, reference, now=NOW)
    with pytest.raises(WrongStep, match="already_qualified"):
        _no_breach(work, reference)


def test_of_two_who_qualify_at_once_one_is_told_that_it_is_done(work, at_once):
    reference = _opened(work)
    work.session.commit()

    results = at_once(
        lambda own: qualify(own, reference, now=NOW, by=Role.DPO),
        lambda own: qualify(own, reference, now=NOW, by=Role.DECIDER),
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "WrongStep"]
    assert len(work.session.scalars(select(Clock).where(Clock.is_main)).all()) == 1


def test_only_the_dpo_or_the_decider_qualifies(work):
    reference = _opened(work)

    with pytest.raises(NotAllowed):
        qualify(work, reference, now=NOW, by=Role.HANDLER)
