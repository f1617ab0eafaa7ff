"""Who the communication went to, and what became of each message; every look is journaled."""

from flask import Response, request, stream_with_context, url_for
from wtforms import StringField

from breachdesk.domain.access import Action
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.models import Notice
from breachdesk.services.acting import Acting
from breachdesk.services.cases import Case
from breachdesk.services.deliveries import delivery_counts
from breachdesk.services.recipient_people import (
    PeoplePage,
    export_recipients,
    find_recipient,
    list_recipients,
    note_recipients_seen,
)
from breachdesk.web.case_pages import case_page
from breachdesk.web.forms import AtMost, DeskForm, Needed
from breachdesk.web.language import labels, say, say_later, wording
from breachdesk.web.looks import writing_aside
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import case_or_404, desk, now, session
from breachdesk.wording import N_

LONGEST_ADDRESS = 254


class SearchForm(DeskForm):
    """One address. Sent by POST, so that it stays in no history and in no log."""

    address = StringField(
        say_later("Adresse électronique exacte"),
        [Needed(N_("Indiquez une adresse complète.")), AtMost(LONGEST_ADDRESS)],
        render_kw={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"},
    )


def people(reference: str) -> str | tuple[str, int]:
    """A page of recipients, or the one of an address."""
    case, seat = case_or_404(reference, Action.SEE_RECIPIENTS)
    form = SearchForm()
    if case.notice is None or not case.counts["recipients"]:
        return case_page("recipients/people.html", case, seat, form=form, found=None)
    if form.is_submitted() and not form.validate():
        return case_page("recipients/people.html", case, seat, form=form, found=None), 422
    found = _found(case.notice, seat, form)
    page = _page(case, seat, form, found)
    # Nothing of it leaves before the look is written down.
    with writing_aside() as writing:
        note_recipients_seen(
            writing,
            case.incident.id,
            by=seat,
            now=now(),
            count=len(found.people),
            **({} if form.is_submitted() else {"page": found.page}),
        )
    return page


def _found(notice: Notice, seat: Acting, form: SearchForm) -> PeoplePage:
    if form.is_submitted():
        matching = find_recipient(session(), desk(), notice, form.address.data or "", by=seat)
        return PeoplePage(matching, len(matching), 1)
    page = request.args.get("page", 1, int)
    return list_recipients(session(), desk(), notice, state=_state(), page=page, by=seat)


def _state() -> DeliveryState | None:
    """The state that the address asks for; what it does not know is passed by."""
    return next((state for state in DeliveryState if state == request.args.get("state")), None)


def _page(case: Case, seat: Acting, form: SearchForm, found: PeoplePage) -> str:
    assert case.notice is not None
    reference = case.incident.reference
    state = _state()
    return case_page(
        "recipients/people.html",
        case,
        seat,
        form=form,
        found=found,
        is_search=form.is_submitted(),
        state_names={
            state: labels.delivery_state_label(state, wording()) for state in DeliveryState
        },
        filters=_filters(case.notice, reference, state, case.counts["recipients"]),
        may_export=seat.may(Action.EXPORT_RECIPIENTS),
        page_url=lambda page: url_for(
            "recipients.people", reference=reference, state=state, page=page
        ),
    )


def _filters(
    notice: Notice, reference: str, chosen: DeliveryState | None, total: int
) -> list[tuple[str, str, int, bool]]:
    """Each state that a message is in: its name, its address, how many, whether it is shown."""
    counts = delivery_counts(session(), notice)
    states = [state for state in DeliveryState if counts.get(state)]
    everybody = (say("Toutes les personnes"), _url(reference, None), total, chosen is None)
    return [everybody] + [
        (
            labels.delivery_state_label(state, wording()),
            _url(reference, state),
            counts[state],
            chosen is state,
        )
        for state in states
    ]


def _url(reference: str, state: DeliveryState | None) -> str:
    return url_for("recipients.people", reference=reference, state=state)


def export(reference: str) -> Response:
    """All recipients as a file, once the person proved again who they are."""
    case, seat = case_or_404(reference, Action.EXPORT_RECIPIENTS)
    demand_recent_proof()
    name = f"{case.incident.reference}-destinataires.csv"
    pieces = export_recipients(
        session(), desk(), case.incident, case.notice, by=seat, now=now(), locale=wording().locale
    )
    answer = Response(stream_with_context(pieces), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
