"""A mail after an outage, kept here: who may not know of one of its cases does not read it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import Delivery
from breachdesk.services.case_access import restrict_case
from breachdesk.services.caught_mail import list_caught_mail
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from tests import cases
from tests.cases import MONDAY_NINE, at_desk

BACK = MONDAY_NINE + timedelta(hours=50)


def test_a_mail_about_several_cases_is_shown_to_whoever_may_know_of_all_of_them(app):
    with at_desk(app) as work:
        cases.make_organisation(work, "EXA", now=MONDAY_NINE, is_example=True)
        dpo, admin = (cases.seat(work, role, "EXA") for role in (Role.DPO, Role.ADMIN))
        for number in range(2):
            reference = cases.open_case(work, now=MONDAY_NINE, code="EXA")
            cases.qualify(work, reference, now=MONDAY_NINE)
            if number:
                hidden = cases.incident(work, reference)
                named = [dpo.user.id]
                restrict_case(work.session, hidden, named, seen=[], by=dpo, now=MONDAY_NINE)
        emit_due_reminders(work.session, now=BACK)
        with app.extensions["catcher"] as catcher:
            desk = replace(work.desk.with_catcher(catcher.host, catcher.port), mailer=SmtpMailer())
            deliver_due(work.session, desk, worker="test", clock=lambda: BACK)
        work.session.rollback()
        together = select(Delivery.user_id).where(
            Delivery.kind == MailKind.CAUGHT_UP, Delivery.state == DeliveryState.SENT
        )
        assert list(work.session.scalars(together)) == [dpo.user.id]

        seen = {
            seat: {
                message.subject
                for message in list_caught_mail(work.session, work.desk, seat).messages
            }
            for seat in (dpo, admin)
        }

    (several,) = [each for each in seen[dpo] if "dans 2 dossiers" in each]
    assert several not in seen[admin]
    assert seen[admin]
