"""Whose duty a breach is: the clocks of Art. 33 follow what the organisation is in it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import WrongStep
from breachdesk.domain.regimes import GDPR_ART_33, GDPR_ART_33_2, PROVISIONAL
from breachdesk.models import Clock
from breachdesk.services import clock_changes
from breachdesk.services.cases import find_case
from tests import cases
from tests.cases import MONDAY_NINE, make_organisation, open_case, qualify
from tests.encrypted_laptop import decided_laptop, reopen
from tests.services.desks import let_work

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def reference(work) -> str:
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


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


@pytest.mark.parametrize("answered", ["filed", "decided"])
def test_whatever_became_of_the_authority_a_processor_tells_its_controllers(
    work, reference, answered
):
    # Art. 33(2) knows of no breach that is no risk.
    if answered == "filed":
        qualify(work, reference, now=NOW)
        cases.file(work, reference, now=LATER)
    else:
        reference = decided_laptop(work, now=NOW)
    main = work.session.scalars(
        select(Clock).where(Clock.is_main, Clock.incident_id == cases.incident(work, reference).id)
    ).one()
    stopped = (main.regime, main.stop_reason)

    cases.know(work, reference, now=LATER, role="processor")
    assert clocks(work)[-1] == (GDPR_ART_33_2, None)
    assert (main.regime, main.stop_reason) == stopped

    cases.know(work, reference, now=LATER, role="controller")
    assert clocks(work)[-1] == (GDPR_ART_33_2, StopReason.NOT_OWED)


def test_a_processor_takes_up_no_clock_of_the_authority(work, reference):
    mistaken = decided_laptop(work, now=NOW)
    cases.know(work, mistaken, now=LATER, role="processor")

    with pytest.raises(WrongStep) as refused:
        reopen(work, mistaken, now=LATER)
    assert refused.value.code == "processor_owes_no_filing"

    work.session.rollback()
    cases.know(work, mistaken, now=LATER, role="controller")
    reopen(work, mistaken, now=LATER)
    assert clocks(work)[-1] == (GDPR_ART_33, None)


def test_one_mail_says_which_clock_takes_the_place_of_which_and_calls_the_other_off(
    work, reference
):
    qualify(work, reference, now=NOW)
    let_work(work, NOW)
    main = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    work.desk.mailer.letters.clear()

    cases.know(work, reference, now=LATER, role="processor")
    let_work(work, LATER)

    told = [each for each in work.desk.mailer.letters if each.attachments]
    assert len({each.recipient_address for each in told}) == len(told) > 0
    assert all("« Notification à la CNIL »" in plain(each.text) for each in told)
    assert all(
        f"clock-{main.id}-" in str(each.attachments[0].content)
        and "CANCELLED" in str(each.attachments[0].content)
        for each in told
    )


def test_before_it_is_qualified_the_precaution_holds_for_everybody(work, reference):
    cases.know(work, reference, now=NOW, role="processor")

    assert clocks(work) == [(PROVISIONAL, None)]
