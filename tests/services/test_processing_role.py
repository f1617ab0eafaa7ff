"""Whose duty a breach is: the clocks of Art. 33 follow what the organisation is in it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.regimes import GDPR_ART_33, GDPR_ART_33_2, PROVISIONAL
from breachdesk.models import Clock
from breachdesk.services import clock_changes
from breachdesk.services.cases import find_case
from tests import cases
from tests.cases import MONDAY_NINE, make_organisation, open_case, qualify

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def reference(work) -> str:
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def clocks(work) -> list[tuple[str, StopReason | None]]:
    found = work.session.scalars(select(Clock).order_by(Clock.id)).all()
    return [(clock.regime, clock.stop_reason) for clock in found]


def test_a_processor_owes_the_authority_nothing_and_is_reminded_to_tell_its_controllers(
    work, reference
):
    cases.know(work, reference, now=NOW, role="processor")

    qualify(work, reference, now=LATER)

    assert clocks(work) == [(PROVISIONAL, StopReason.QUALIFIED), (GDPR_ART_33_2, None)]
    alert = work.session.scalars(select(Clock).order_by(Clock.id.desc())).first()
    assert (alert.is_main, alert.due_at) == (False, None)
    case = find_case(work.session, [cases.seat(work, Role.HANDLER)], reference)
    assert case.next_clock is not None
    assert case.next_clock.regime == GDPR_ART_33_2


@pytest.mark.parametrize("role", ["controller", "joint_controller"])
def test_a_controller_alone_or_with_others_notifies(work, reference, role):
    cases.know(work, reference, now=NOW, role=role)

    qualify(work, reference, now=LATER)

    assert clocks(work)[-1] == (GDPR_ART_33, None)


def test_a_role_learnt_later_moves_the_duty_and_its_correction_moves_it_back(work, reference):
    qualify(work, reference, now=NOW)

    cases.know(work, reference, now=LATER, role="processor")
    assert clocks(work)[1:] == [(GDPR_ART_33, StopReason.PROCESSOR), (GDPR_ART_33_2, None)]

    cases.know(work, reference, now=LATER + timedelta(hours=1), role="controller")
    assert clocks(work)[2:] == [(GDPR_ART_33_2, StopReason.NOT_OWED), (GDPR_ART_33, None)]
    again = work.session.scalars(select(Clock).order_by(Clock.id.desc())).first()
    # From the first awareness: nothing is gained by having been mistaken.
    assert again.started_at == NOW
    assert again.is_main

    cases.know(work, reference, now=LATER + timedelta(hours=2), role="processor")
    assert clocks(work)[-1] == (GDPR_ART_33_2, None)


def test_what_was_told_or_filed_stands_whatever_the_role_turns_out_to_be(work, reference):
    cases.know(work, reference, now=NOW, role="processor")
    qualify(work, reference, now=NOW)
    alert = work.session.scalars(select(Clock).order_by(Clock.id.desc())).first()
    clock_changes.stop_by_hand(
        work.session,
        cases.incident(work, reference),
        alert.id,
        why=StopReason.DONE,
        stopped_at=LATER,
        remark="Nos clients sont prévenus par courriel.",
        by=cases.seat(work, Role.HANDLER),
        now=LATER,
    )
    cases.know(work, reference, now=LATER, role="controller")
    cases.know(work, reference, now=LATER, role="processor")

    assert clocks(work)[1:] == [
        (GDPR_ART_33_2, StopReason.DONE),
        (GDPR_ART_33, StopReason.PROCESSOR),
    ]


def test_before_it_is_qualified_the_precaution_holds_for_everybody(work, reference):
    cases.know(work, reference, now=NOW, role="processor")

    assert clocks(work) == [(PROVISIONAL, None)]
