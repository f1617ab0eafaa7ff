"""Every page of the desk, in every state worth a look: what to visit, and as whom.

The pictures and the walk of the end-to-end tests read the same list; a test holds it to
the URL map, so that a new page is photographed and checked from its first day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from breachdesk.domain.access import Role
from breachdesk.domain.facts import Section
from tests.cases import address_of
from tests.sample_desks import EVERYTHING, DeskName


class Visitor(Protocol):
    """What an act needs of a browser's page."""

    def click(self, selector: str) -> None:
        """Press what the selector finds."""

    def fill(self, selector: str, value: str) -> None:
        """Type into what the selector finds."""

    def check(self, selector: str) -> None:
        """Tick what the selector finds."""


Act = Callable[[Visitor], None]


@dataclass(frozen=True)
class Stop:
    """A page to visit.

    Args:
        name: of its picture.
        endpoint: as the URL map has it; empty for an address that is nobody's.
        path: with the names of `SampleDesk.places` in braces.
        by: the address of who is signed in; empty: nobody.
        act: a form to send that is refused: the page looked at is the form with its faults.
        status: of the answer to the first request.
    """

    name: str
    endpoint: str
    path: str
    desk: DeskName = DeskName.SHOP
    by: str = f"{EVERYTHING}@gir.example"
    act: Act | None = None
    status: int = 200

    def path_in(self, places: Mapping[str, str]) -> str:
        """The path at the desk that has these places."""
        return self.path.format_map(places)


def send_as_it_is(page: Visitor) -> None:
    """Press the primary button without filling anything in."""
    page.click("main form[method=post] .button--primary")


def send_blank(*selectors: str) -> Act:
    """Empty these fields, then press the primary button."""

    def act(page: Visitor) -> None:
        for selector in selectors:
            page.fill(selector, "")
        send_as_it_is(page)

    return act


def send_ticked(selector: str) -> Act:
    """Tick this and press the primary button."""

    def act(page: Visitor) -> None:
        page.check(selector)
        send_as_it_is(page)

    return act


def _wrong_password(page: Visitor) -> None:
    page.fill("#email", "anne@gir.example")
    page.fill("#password", "treize cerises vertes")
    send_as_it_is(page)


_NOBODY = ""
_REPORTER = address_of(Role.REPORTER)
_VIDAL = f"{EVERYTHING}@vid.example"
_SENDING = f"{EVERYTHING}@att.example"
_EXAMPLE = f"{EVERYTHING}@exa.example"
_REAL = f"{EVERYTHING}@rea.example"
_NEW, _CAUGHT = DeskName.NEW, DeskName.EXAMPLE


def _case(place: str, rest: str = "") -> str:
    return f"/incidents/{{{place}}}{rest}"


_BEFORE_SIGN_IN = (
    Stop("not-set-up", "sign_in.form", "/sign-in", _NEW, _NOBODY),
    Stop("setup", "setup.form", "/setup/{token}", _NEW, _NOBODY),
    Stop("setup-refused", "setup.form", "/setup/{token}", _NEW, _NOBODY, send_as_it_is),
    Stop("sign-in", "sign_in.form", "/sign-in", by=_NOBODY),
    Stop("sign-in-refused", "sign_in.form", "/sign-in", by=_NOBODY, act=_wrong_password),
    Stop("404-nobody", "", "/nowhere", by=_NOBODY, status=404),
)
_DESK = (
    Stop("home", "desk.home", "/"),
    Stop("due", "desk.due", "/organisations/GIR"),
    Stop("due-reporter", "desk.due", "/organisations/GIR", by=_REPORTER),
    Stop("due-empty", "desk.due", "/organisations/VID", by=_VIDAL),
    Stop("register", "register.listing", "/organisations/GIR/register"),
    Stop("register-none-found", "register.listing", "/organisations/GIR/register?text=zzz"),
    Stop("register-empty", "register.listing", "/organisations/VID/register", by=_VIDAL),
    Stop("new", "incidents.new", "/organisations/GIR/incidents/new", by=_REPORTER),
    Stop(
        "new-refused",
        "incidents.new",
        "/organisations/GIR/incidents/new",
        by=_REPORTER,
        act=send_blank("#description", "#noticed_at"),
    ),
    Stop("organisation", "organisation.details", "/organisations/GIR/details"),
    Stop(
        "organisation-refused",
        "organisation.details",
        "/organisations/GIR/details",
        act=send_blank("#name"),
    ),
    Stop(
        "organisation-read",
        "organisation.details",
        "/organisations/GIR/details",
        by=address_of(Role.AUDITOR),
    ),
    Stop("language", "language.choose", "/language/xx?back=/organisations/GIR"),
)
_CASES = (
    *(
        Stop(f"case-{place}", "incidents.show", _case(place))
        for place in ("fresh", "deciding", "filing", "late", "harmless", "hostile")
    ),
    Stop("case-sent", "incidents.show", _case("sent")),
    Stop("case-closed", "incidents.show", _case("closed")),
    Stop("own", "incidents.own", _case("fresh", "/report"), by=_REPORTER),
    Stop("close", "incidents.close", _case("sent", "/closing")),
    Stop("close-too-early", "incidents.close", _case("fresh", "/closing")),
    Stop("facts", "facts.listing", _case("deciding", "/facts")),
    Stop("facts-fresh", "facts.listing", _case("fresh", "/facts")),
    *(
        Stop(f"facts-{section}", "facts.section", _case("deciding", f"/facts/{section}"))
        for section in Section
    ),
    Stop("attachments", "attachments.listing", _case("ready", "/attachments")),
    Stop("attachments-none", "attachments.listing", _case("late", "/attachments")),
    Stop(
        "attachments-refused",
        "attachments.listing",
        _case("late", "/attachments"),
        act=send_as_it_is,
    ),
    Stop("qualify", "qualification.form", _case("fresh", "/qualification")),
    Stop(
        "qualify-refused",
        "qualification.form",
        _case("fresh", "/qualification"),
        act=send_blank("#aware_at"),
    ),
    Stop("qualified", "qualification.form", _case("deciding", "/qualification")),
    Stop("qualified-harmless", "qualification.form", _case("harmless", "/qualification")),
    Stop("journal", "journal.listing", _case("ready", "/journal")),
)
_DECIDING = (
    Stop("assess-too-early", "assessments.show", _case("fresh", "/assessment")),
    Stop("assessment", "assessments.show", _case("deciding", "/assessment")),
    Stop("assessment-open-questions", "assessments.show", _case("unadvised", "/assessment")),
    Stop("assessment-version", "assessments.version", _case("deciding", "/assessment/1")),
    Stop("advice", "assessments.advice", _case("unadvised", "/advice")),
    Stop(
        "advice-refused",
        "assessments.advice",
        _case("unadvised", "/advice"),
        act=send_ticked("[name=notify][value=no]"),
    ),
    Stop("advice-given", "assessments.advice", _case("ready", "/advice")),
    Stop("decision-too-early", "assessments.decision", _case("fresh", "/decision")),
    Stop("decision", "assessments.decision", _case("deciding", "/decision")),
    Stop(
        "decision-refused",
        "assessments.decision",
        _case("deciding", "/decision"),
        act=send_ticked("[name=agreement][value=depart]"),
    ),
    Stop("decision-signed", "assessments.decision", _case("ready", "/decision")),
)
_TELLING = (
    Stop("assistant", "authority.assistant", _case("deciding", "/notification")),
    Stop("assistant-filed", "authority.assistant", _case("ready", "/notification")),
    Stop("filing", "authority.filing", _case("filing", "/notification/filing")),
    Stop("filing-late", "authority.filing", _case("late", "/notification/filing")),
    Stop(
        "filing-refused",
        "authority.filing",
        _case("late", "/notification/filing"),
        act=send_blank("#filed_at"),
    ),
    Stop("draft-too-early", "notices.draft", _case("fresh", "/communication")),
    Stop("draft-first", "notices.draft", _case("filing", "/communication")),
    Stop(
        "draft-refused",
        "notices.draft",
        _case("filing", "/communication"),
        act=send_blank("#subject"),
    ),
    Stop("draft-approved", "notices.draft", _case("ready", "/communication")),
    Stop("preview", "notices.preview", _case("ready", "/communication/preview")),
    Stop("approval-early", "notices.approval", _case("filing", "/communication/approval")),
    Stop("approval", "notices.approval", _case("ready", "/communication/approval")),
    Stop("recipients-early", "recipients.upload", _case("filing", "/communication/recipients")),
    Stop("recipients", "recipients.upload", _case("ready", "/communication/recipients")),
    Stop(
        "recipients-refused",
        "recipients.upload",
        _case("ready", "/communication/recipients"),
        act=send_as_it_is,
    ),
    Stop(
        "recipients-preview",
        "recipients.preview",
        _case("ready", "/communication/recipients/{bad_list}"),
    ),
    Stop("sending", "notices.sending", _case("ready", "/communication/sending")),
    Stop("sending-early", "notices.sending", _case("filing", "/communication/sending")),
    Stop("delivery-none", "notices.delivery", _case("ready", "/communication/delivery")),
    Stop(
        "delivery-running",
        "notices.delivery",
        _case("sending", "/communication/delivery"),
        by=_SENDING,
    ),
    Stop("delivery-finished", "notices.delivery", _case("sent", "/communication/delivery")),
    Stop("dossiers", "dossiers.listing", _case("ready", "/dossiers")),
    Stop("dossiers-none", "dossiers.listing", _case("filing", "/dossiers")),
)
_MAIL = (
    Stop("messages", "messages.listing", "/organisations/EXA/messages", _CAUGHT, _EXAMPLE),
    Stop("message", "messages.show", "/organisations/EXA/messages/{message}", _CAUGHT, _EXAMPLE),
    Stop("case-example", "incidents.show", _case("case"), _CAUGHT, _EXAMPLE),
    Stop("due-mail-waits", "desk.due", "/organisations/REA", _CAUGHT, _REAL),
)
_FAULTS = (
    Stop("404", "incidents.show", "/incidents/GIR-2026-9999", status=404),
    Stop("403", "register.listing", "/organisations/GIR/register", by=_REPORTER, status=403),
    *(
        Stop(str(code), "", f"/faults/{code}", status=code)
        for code in (400, 409, 413, 429, 500, 503)
    ),
)

STOPS = (*_BEFORE_SIGN_IN, *_DESK, *_CASES, *_DECIDING, *_TELLING, *_MAIL, *_FAULTS)
# Answers that are no pages: files to keep, and the part of a page that changes.
NO_PAGES: Mapping[str, str] = {
    "attachments.download": _case("ready", "/attachments/{attachment}"),
    "dossiers.download": _case("ready", "/dossiers/1.pdf"),
    "notices.counts": _case("sending", "/communication/delivery/counts"),
    "static": "/static/css/foundation.css",
}
