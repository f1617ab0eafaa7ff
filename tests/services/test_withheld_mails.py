"""The last look before a mail about a case is written: whether its reader still works there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.models import Delivery, Membership
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.people import change_roles, remove_person
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    Work,
    address_of,
    incident,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.services.desks import let_work

NOW = MONDAY_NINE
REMINDED = NOW + timedelta(hours=24)
LATER = REMINDED + timedelta(minutes=10)


def leave(work: Work) -> None:
    by = seat(work, Role.ADMIN)
    remove_person(work.session, work.desk, handler(work), by=by, now=LATER)


def be_deactivated(work: Work) -> None:
    seat(work, Role.HANDLER).user.is_active = False
    work.session.commit()


def hold_only(*roles: Role) -> Callable[[Work], None]:
    def change(work: Work) -> None:
        by = seat(work, Role.ADMIN)
        change_roles(work.session, work.desk, handler(work), list(roles), by=by, now=LATER)

    return change


def handler(work: Work) -> int:
    return work.session.scalars(
        select(Membership.user_id).where(Membership.role == Role.HANDLER)
    ).one()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        pytest.param(leave, DeliveryState.CANCELLED, id="removed"),
        pytest.param(be_deactivated, DeliveryState.CANCELLED, id="deactivated"),
        pytest.param(hold_only(Role.REPORTER), DeliveryState.CANCELLED, id="a reporter now"),
        pytest.param(
            hold_only(Role.REPORTER, Role.DPO), DeliveryState.SENT, id="a DPO and a reporter now"
        ),
        pytest.param(lambda work: None, DeliveryState.SENT, id="still a handler"),
    ],
)
def test_a_reminder_reaches_nobody_who_works_there_no_more_when_it_is_written(work, change, state):
    make_organisation(work, now=NOW)
    qualify(work, open_case(work, now=NOW), now=NOW)
    let_work(work, NOW)
    emit_due_reminders(work.session, now=REMINDED)
    reminder = select(Delivery).where(OF_REMINDERS)
    assert work.session.scalars(reminder).one().user_id == handler(work)

    change(work)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: LATER)

    mail = work.session.scalars(reminder).one()
    assert (mail.state, mail.lease_until, mail.claimed_by) == (state, None, "")
    assert mail.finished_at == LATER


def test_a_role_in_another_organisation_is_none_in_that_of_the_case(work):
    make_organisation(work, now=NOW)
    make_organisation(work, "BBB", now=NOW)
    case = incident(work, open_case(work, now=NOW))
    stranger = seat(work, Role.DPO, code="BBB").user.id
    mail = queue_to_user(work.session, case, stranger, MailKind.ALERT, key="x", now=NOW)
    work.session.commit()

    let_work(work, NOW)

    assert mail.state is DeliveryState.CANCELLED


def test_an_admin_told_because_nobody_else_is_there_and_a_reporter_of_a_report_are_written_to(
    work,
):
    make_organisation(work, now=NOW, roles=(Role.ADMIN, Role.DECIDER, Role.REPORTER))
    work.session.scalars(
        select(Membership).where(Membership.role == Role.DECIDER)
    ).one().ended_at = NOW
    work.session.commit()
    open_case(work, now=NOW, by=Role.REPORTER)

    let_work(work, NOW)

    told = {letter.recipient_address for letter in work.desk.mailer.letters}
    assert told == {address_of(Role.ADMIN), address_of(Role.REPORTER)}
