"""The reminders of a case: what its page shows of them, and saying that one has read them."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.access import Action
from breachdesk.domain.quiet_hours import held_until
from breachdesk.domain.reminder_ledger import LedgerRecord, ReminderLedger
from breachdesk.domain.reminders import AcknowledgedVia, ReminderChannel
from breachdesk.models import Clock, Organisation
from breachdesk.services.acknowledgements import acknowledge_case
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.reminder_ledger import read_ledger
from breachdesk.services.reminder_plans import plan_of
from breachdesk.web.case_pages import roles_for
from breachdesk.web.language import safe_target, say
from breachdesk.web.request import case_or_404, now, session

pages = Blueprint("reminder_ledger", __name__, url_prefix="/incidents/<reference>/reminders")

LINES_PER_PAGE = 50


@pages.post("/acknowledgement")
def acknowledge(reference: str) -> Response:
    """Note that the person knows of every deadline that was reminded of; back to the page."""
    case, seat = case_or_404(reference, Action.ACKNOWLEDGE_REMINDER)
    noted = acknowledge_case(
        session(), case.incident, by=seat.user, via=AcknowledgedVia.PAGE, now=now()
    )
    if noted:
        flash(say("C’est noté : l’escalade s’arrête, les rappels prévus continuent."))
    else:
        flash(say("Rien n’attendait : quelqu’un l’a déjà dit, ou le délai est arrêté."))
    back = safe_target(request.form.get("back", ""))
    return redirect(back or url_for("clocks.listing", reference=reference))


def ledger_context(case: Case, seat: Acting, clocks: Sequence[Clock]) -> dict[str, object]:
    """What `templates/clocks/_ledger.html` shows of a case; `?reminders=2` is its second page.

    Args:
        clocks: those of the case, the first one first.
    """
    reference = case.incident.reference
    ledger = read_ledger(session(), case.incident)
    past = ledger.past[::-1]
    last = max(1, -(-len(past) // LINES_PER_PAGE))
    page = min(max(1, request.args.get("reminders", 1, type=int)), last)
    return {
        "ledger": ledger,
        "ledger_now": now(),
        "ledger_unread": latest_by_clock(ledger),
        "ledger_waits_until": _waits_until(ledger, clocks, seat.organisation),
        "ledger_lines": past[(page - 1) * LINES_PER_PAGE : page * LINES_PER_PAGE],
        "ledger_page": page,
        "ledger_last": last,
        "ledger_url": lambda number: url_for(
            "clocks.listing", reference=reference, reminders=number, _anchor="reminders"
        ),
        "may_acknowledge": seat.may(Action.ACKNOWLEDGE_REMINDER),
        "acknowledgers": roles_for(Action.ACKNOWLEDGE_REMINDER),
    }


def _waits_until(
    ledger: ReminderLedger, clocks: Sequence[Clock], organisation: Organisation
) -> datetime | None:
    """Until when quiet hours would keep back the next reminder; None where they would not.

    Whoever is on duty then is told all the same.
    """
    soonest = next(iter(ledger.ahead), None)
    if soonest is None or soonest.channel != ReminderChannel.MAIL:
        return None
    plan = plan_of(organisation)
    until = held_until(
        soonest.remind_at,
        quiet=plan.quiet,
        timezone=organisation.timezone,
        due_at=clocks[soonest.clock - 1].due_at,
        yields_before=plan.quiet_yields,
        is_read=any(line.read for line in ledger.lines if line.clock == soonest.clock),
    )
    return until if until > soonest.remind_at else None


def latest_by_clock(ledger: ReminderLedger) -> list[LedgerRecord]:
    """Of the unread reminders the latest of each clock: the others say the same, sooner."""
    return list({line.clock: line for line in ledger.unread}.values())
