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
from tests.sample_desks import EVERYTHING, OUTSIDE_DPO, DeskName
from tests.sample_factors import CAREFUL, CARELESS
from tests.sample_links import MANY_FEEDS
from tests.sample_people import OPERATOR
from tests.sample_sign_in import LONG_AGO, THROTTLED


class Visitor(Protocol):
    """What an act needs of a browser's page."""

    def click(self, selector: str) -> None:
        """Press what the selector finds."""

    def fill(self, selector: str, value: str) -> None:
        """Type into what the selector finds."""

    def check(self, selector: str) -> None:
        """Tick what the selector finds."""

    def uncheck(self, selector: str) -> None:
        """Untick what the selector finds."""


Act = Callable[[Visitor], None]


@dataclass(frozen=True)
class Stop:
    """A page to visit.

    Args:
        name: of its picture.
        endpoint: as the URL map has it; empty for an address that is nobody's.
        path: with the names of `SampleDesk.places` in braces.
        by: the address of who is signed in; empty: nobody.
        act: a form to send: the page looked at is what it is answered with.
        status: of the answer to the first request.
        answer: the status of what was sent; most are refused, to see the form's faults.
    """

    name: str
    endpoint: str
    path: str
    desk: DeskName = DeskName.SHOP
    by: str = f"{EVERYTHING}@gir.example"
    act: Act | None = None
    status: int = 200
    answer: int = 422

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


def send_unticked(selector: str) -> Act:
    """Untick all of these and press the primary button."""

    def act(page: Visitor) -> None:
        page.uncheck(selector)
        send_as_it_is(page)

    return act


def _wrong_password(page: Visitor) -> None:
    page.fill("#email", "anne@gir.example")
    page.fill("#password", "treize cerises vertes")
    send_as_it_is(page)


def _throttled(page: Visitor) -> None:
    page.fill("#email", THROTTLED)
    page.fill("#password", "treize cerises vertes")
    send_as_it_is(page)


def _forgotten(page: Visitor) -> None:
    page.fill("#email", "inconnu@gir.example")
    send_as_it_is(page)


def _weak_password(*selectors: str) -> Act:
    def act(page: Visitor) -> None:
        for selector in selectors:
            page.fill(selector, "azertyuiop12")
        send_as_it_is(page)

    return act


def _unknown_organisation(page: Visitor) -> None:
    page.fill("#code", "ZZZ")
    send_as_it_is(page)


def _keep_to_nobody(page: Visitor) -> None:
    page.click("details:has(#is_restricted) > summary")
    page.fill("#description", "Un collègue a copié le fichier des clients.")
    page.check("#is_restricted")
    # The three DPOs who are proposed.
    for _ in range(3):
        page.click("[name=named]:checked")
    send_as_it_is(page)


def _look_at_plan(page: Visitor) -> None:
    page.fill("#notices_1_before", "60")
    page.click("[name=look]")


def _wrong_plan(page: Visitor) -> None:
    page.fill("#notices_1_before", "demain")
    page.uncheck("#notices_2_roles-0")
    page.uncheck("#notices_2_roles-1")
    page.fill("#escalate_after", "200")
    send_as_it_is(page)


_NOBODY = ""
# Before an address: whoever gave their password and not yet their second factor.
HALF_WAY = "half "
_FACTORS = "/account/second-factor"
_REPORTER = address_of(Role.REPORTER)
_VIDAL = f"{EVERYTHING}@vid.example"
_SENDING = f"{EVERYTHING}@att.example"
_MERCIER = f"{EVERYTHING}@mer.example"
_EXAMPLE = f"{EVERYTHING}@exa.example"
_REAL = f"{EVERYTHING}@rea.example"
_ESTEVE, _BRUNEL = f"{EVERYTHING}@est.example", f"{EVERYTHING}@bru.example"
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
    Stop("case-incomplete", "incidents.show", _case("incomplete")),
    Stop("case-withdrawn", "incidents.show", _case("withdrawn")),
    Stop("case-closed", "incidents.show", _case("closed")),
    Stop("own", "incidents.own", _case("fresh", "/report"), by=_REPORTER),
    Stop("close", "incidents.close", _case("sent", "/closing")),
    Stop("close-too-early", "incidents.close", _case("incomplete", "/closing")),
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
_CLOCKS = (
    Stop("case-clocked", "incidents.show", _case("clocked")),
    Stop("clocks", "clocks.listing", _case("clocked", "/clocks")),
    Stop("clocks-read", "clocks.listing", _case("clocked", "/clocks"), by=address_of(Role.AUDITOR)),
    Stop("clocks-fresh", "clocks.listing", _case("fresh", "/clocks")),
    Stop("clocks-closed", "clocks.listing", _case("closed", "/clocks")),
    Stop("clock-start", "clocks.start", _case("clocked", "/clocks/start/gdpr_follow_up")),
    Stop(
        "clock-start-refused",
        "clocks.start",
        _case("clocked", "/clocks/start/gdpr_follow_up"),
        act=send_blank("#started_at"),
    ),
    Stop("clock-refuse", "clocks.refuse", _case("clocked", "/clocks/refuse/gdpr_follow_up")),
    Stop(
        "clock-refuse-refused",
        "clocks.refuse",
        _case("clocked", "/clocks/refuse/gdpr_follow_up"),
        act=send_as_it_is,
    ),
    Stop("clock-stop", "clocks.stop", _case("clocked", "/clocks/{clock}/stop")),
    Stop(
        "clock-stop-refused",
        "clocks.stop",
        _case("clocked", "/clocks/{clock}/stop"),
        act=send_as_it_is,
    ),
    Stop("clock-correct", "clocks.correct", _case("clocked", "/clocks/{clock}/correction")),
    Stop(
        "clock-correct-refused",
        "clocks.correct",
        _case("clocked", "/clocks/{clock}/correction"),
        act=send_blank("#started_at"),
    ),
    Stop("retention", "dossier_retention.show", "/organisations/GIR/retention"),
    Stop(
        "retention-refused",
        "dossier_retention.show",
        "/organisations/GIR/retention",
        act=send_blank("#months"),
    ),
    Stop("deadlines", "deadline_settings.show", "/organisations/GIR/deadlines"),
    Stop(
        "deadlines-refused",
        "deadline_settings.show",
        "/organisations/GIR/deadlines",
        act=send_blank("#gdpr_art_34"),
    ),
)
_DECIDING = (
    Stop("assess-too-early", "assessments.show", _case("fresh", "/assessment")),
    Stop("questions-too-early", "questionnaire.ask", _case("fresh", "/questions")),
    Stop("questions", "questionnaire.ask", _case("ready", "/questions")),
    Stop(
        "questions-refused",
        "questionnaire.ask",
        _case("ready", "/questions"),
        act=send_as_it_is,
    ),
    Stop("questions-many", "questionnaire.ask", _case("ready", "/questions?fact=data&after=data")),
    Stop("questions-end", "questionnaire.ask", _case("unadvised", "/questions")),
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
    Stop("case-doubted", "incidents.show", _case("doubted")),
    Stop("case-closed-no", "incidents.show", _case("closed_no")),
    Stop("assessment-doubted", "assessments.show", _case("doubted", "/assessment")),
    Stop("changes", "assessments.changes", _case("reopened", "/assessment/2/changes")),
    Stop("changes-first", "assessments.changes", _case("ready", "/assessment/1/changes")),
    Stop("reopening", "reopening.form", _case("doubted", "/reopening")),
    Stop(
        "reopening-refused",
        "reopening.form",
        _case("doubted", "/reopening"),
        act=send_blank("#aware_at"),
    ),
    Stop("reopening-done", "reopening.form", _case("reopened", "/reopening")),
    Stop("reopening-none", "reopening.form", _case("deciding", "/reopening")),
    Stop("decision-reopened", "assessments.decision", _case("reopened", "/decision")),
)
_TELLING = (
    Stop("assistant", "authority.assistant", _case("deciding", "/notification")),
    Stop("assistant-filed", "authority.assistant", _case("ready", "/notification")),
    Stop(
        "assistant-edpb",
        "authority.assistant",
        _case("late", "/notification?form=edpb_1_0&language=en"),
    ),
    Stop("filing", "authority.filing", _case("filing", "/notification/filing")),
    Stop("filing-late", "authority.filing", _case("late", "/notification/filing")),
    Stop(
        "filing-refused",
        "authority.filing",
        _case("late", "/notification/filing"),
        act=send_blank("#filed_at"),
    ),
    Stop("filing-first", "filings.show", _case("filed", "/notification/filings/1")),
    Stop("filing-last", "filings.show", _case("filed", "/notification/filings/2")),
    Stop("filing-next", "authority.filing", _case("filed", "/notification/filing")),
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
    Stop("dossiers-waiting", "dossiers.listing", _case("sending", "/dossiers"), by=_SENDING),
    Stop("dossiers-failed", "dossiers.listing", _case("late", "/dossiers")),
    Stop(
        "recipients-under-way",
        "recipients.preview",
        _case("sending", "/communication/recipients/1"),
        by=_SENDING,
    ),
    Stop("dossier-copy", "dossier_copies.choose", _case("ready", "/dossiers/copy")),
    Stop(
        "dossier-copy-refused",
        "dossier_copies.choose",
        _case("ready", "/dossiers/copy"),
        act=send_as_it_is,
    ),
    Stop("dossiers-none", "dossiers.listing", _case("filing", "/dossiers")),
)
_SEVERAL = (
    Stop("portfolio", "portfolio.due", "/due", by=OUTSIDE_DPO),
    Stop("portfolio-none", "portfolio.due", "/due", by=_REPORTER),
    Stop("shared", "shared_incidents.show", _case("linked", "/shared"), by=OUTSIDE_DPO),
    Stop(
        "shared-refused",
        "shared_incidents.show",
        _case("linked", "/shared"),
        by=OUTSIDE_DPO,
        act=send_unticked("[name=facts]"),
    ),
    Stop("shared-alone", "shared_incidents.show", _case("fresh", "/shared"), by=OUTSIDE_DPO),
    Stop(
        "shared-organisations",
        "shared_incidents.organisations",
        _case("linked", "/shared/organisations"),
        by=OUTSIDE_DPO,
    ),
    Stop("shared-nowhere", "shared_incidents.show", _case("fresh", "/shared")),
)
_OUTSIDE = (
    Stop("public-report", "public_report.form", "/report/maison-girandole", by=_NOBODY),
    Stop(
        "public-report-refused",
        "public_report.form",
        "/report/maison-girandole",
        by=_NOBODY,
        act=send_blank("#description", "#noticed_at"),
    ),
    Stop("public-404", "public_report.form", "/report/nowhere", by=_NOBODY, status=404),
    Stop("public-back", "public_report.back", "/report/maison-girandole/back", by=_NOBODY),
    Stop("public-back-anywhere", "public_report.back", "/report/back", by=_NOBODY),
    Stop(
        "public-back-refused", "public_report.back", "/report/back", by=_NOBODY, act=send_as_it_is
    ),
    Stop("public-own-not-open", "public_report.own", "/report/back/open", by=_NOBODY),
    Stop("declare", "processor_report.form", "/declare/{link_open}", by=_NOBODY),
    Stop(
        "declare-refused",
        "processor_report.form",
        "/declare/{link_open}",
        by=_NOBODY,
        act=send_as_it_is,
    ),
    Stop("declare-used", "processor_report.form", "/declare/{link_used}", by=_NOBODY, status=410),
    Stop(
        "declare-revoked",
        "processor_report.form",
        "/declare/{link_revoked}",
        by=_NOBODY,
        status=410,
    ),
    Stop("processor-links", "processor_links.listing", "/organisations/GIR/processor-links"),
    Stop(
        "processor-links-refused",
        "processor_links.listing",
        "/organisations/GIR/processor-links",
        act=send_as_it_is,
    ),
    Stop("reporting", "reporting.settings", "/organisations/GIR/reporting"),
    Stop("reporting-closed", "reporting.settings", "/organisations/VID/reporting", by=_VIDAL),
    Stop(
        "reporting-refused",
        "reporting.settings",
        "/organisations/VID/reporting",
        by=_VIDAL,
        act=send_ticked("[name=kind][value=chosen]"),
    ),
    Stop("reporting-address", "reporting.address", "/organisations/GIR/reporting/address"),
    Stop("reporting-closing", "reporting.close", "/organisations/GIR/reporting/closing"),
    Stop("case-outside", "incidents.show", _case("outside")),
    Stop("facts-outside", "facts.listing", _case("outside", "/facts")),
    Stop("exchange", "report_messages.listing", _case("outside", "/messages")),
    Stop("exchange-none", "report_messages.listing", _case("fresh", "/messages")),
    Stop(
        "exchange-refused",
        "report_messages.listing",
        _case("fresh", "/messages"),
        act=send_as_it_is,
    ),
    Stop("case-declared", "incidents.show", _case("declared")),
    Stop("qualify-declared", "qualification.form", _case("declared", "/qualification")),
)
_MEMBER = "/organisations/GIR/people/{member}"
_FORMER = f"{EVERYTHING}@att.example"
_PEOPLE = (
    Stop("people", "people.listing", "/organisations/GIR/people"),
    Stop("people-former", "people.listing", "/organisations/ATT/people", by=_FORMER),
    Stop("invite", "people.invite", "/organisations/GIR/people/invite"),
    Stop("invite-refused", "people.invite", "/organisations/GIR/people/invite", act=send_as_it_is),
    Stop("invitation", "people.invitation", "/organisations/GIR/people/invitations/{invitation}"),
    Stop("person", "people.person", _MEMBER),
    Stop("person-former", "people.person", "/organisations/ATT/people/{former}", by=_FORMER),
    Stop(
        "person-refused",
        "people.person",
        "/organisations/ATT/people/{former}",
        by=_FORMER,
        act=send_as_it_is,
    ),
    Stop("departure", "people.departure", f"{_MEMBER}/departure"),
    Stop("organisation-journal", "organisation_journal.listing", "/organisations/GIR/journal"),
    Stop("join", "joining.form", "/invitations/{invited}", by=_NOBODY),
    Stop("join-refused", "joining.form", "/invitations/{invited}", by=_NOBODY, act=send_as_it_is),
    Stop("join-known", "joining.form", "/invitations/{invited_known}", by=_NOBODY),
    Stop(
        "join-signed-in",
        "joining.form",
        "/invitations/{invited_known}",
        by=address_of(Role.DPO, "VID"),
    ),
    Stop("join-somebody-else", "joining.form", "/invitations/{invited}"),
    Stop("join-over", "joining.form", "/invitations/nothing", by=_NOBODY, status=404),
    Stop("installation", "installation.show", "/installation", by=OPERATOR),
    Stop("host", "installation.create", "/installation/organisations/new", by=OPERATOR),
    Stop(
        "host-refused",
        "installation.create",
        "/installation/organisations/new",
        by=OPERATOR,
        act=send_as_it_is,
    ),
    Stop("hosted", "installation.organisation", "/installation/organisations/GIR", by=OPERATOR),
    Stop("hosted-new", "installation.organisation", "/installation/organisations/OLV", by=OPERATOR),
    Stop("installation-404", "installation.show", "/installation", status=404),
)
_SIGN_IN = (
    Stop("sign-in-throttled", "sign_in.form", "/sign-in", by=_NOBODY, act=_throttled, answer=429),
    Stop("forgotten", "password.forgotten", "/password/forgotten", by=_NOBODY),
    Stop(
        "forgotten-refused",
        "password.forgotten",
        "/password/forgotten",
        by=_NOBODY,
        act=send_as_it_is,
    ),
    Stop(
        "forgotten-sent",
        "password.forgotten",
        "/password/forgotten",
        by=_NOBODY,
        act=_forgotten,
        answer=200,
    ),
    Stop("new-password", "password.choose", "/password/{reset}", by=_NOBODY),
    Stop(
        "new-password-refused",
        "password.choose",
        "/password/{reset}",
        by=_NOBODY,
        act=_weak_password("#password", "#again"),
    ),
    Stop("new-password-over", "password.choose", "/password/nothing", by=_NOBODY, status=404),
    Stop("account", "account.show", "/account"),
    Stop("account-refused", "account.show", "/account", act=send_blank("#name")),
    Stop("account-password", "account.password", "/account/password"),
    Stop(
        "account-password-refused",
        "account.password",
        "/account/password",
        act=_weak_password("#new", "#again"),
    ),
    Stop("proof", "proof.form", "/confirm?back=/account", by=LONG_AGO + _REPORTER),
    Stop(
        "proof-refused",
        "proof.form",
        "/confirm?back=/account",
        by=LONG_AGO + _REPORTER,
        act=send_as_it_is,
    ),
    Stop("kept-form", "kept_form.show", "/continue/{kept}", by=address_of(Role.MANAGER)),
)
_SINGLE_SIGN_ON = (
    Stop("sso", "single_sign_on.form", "/sign-in/organisation", by=_NOBODY),
    Stop(
        "sso-unknown",
        "single_sign_on.form",
        "/sign-in/organisation",
        by=_NOBODY,
        act=_unknown_organisation,
    ),
    Stop("sso-no-way", "single_sign_on.start", "/sign-in/organisation/ZZZ", by=_NOBODY, status=404),
    Stop(
        "sso-lost",
        "single_sign_on.callback",
        "/sign-in/organisation/VID/callback",
        by=_NOBODY,
        status=403,
    ),
    Stop("home-closed", "desk.home", "/", by=_MERCIER),
    Stop("due-closed", "desk.due", "/organisations/MER", by=_MERCIER, status=404),
    Stop("rules", "organisation_sign_in.rules", "/organisations/GIR/sign-in"),
    Stop("rules-provider", "organisation_sign_in.rules", "/organisations/VID/sign-in", by=_VIDAL),
    Stop(
        "rules-second-factor",
        "organisation_sign_in.second_factor",
        "/organisations/GIR/sign-in/second-factor",
    ),
    Stop(
        "rules-no-provider",
        "organisation_sign_in.provider",
        "/organisations/GIR/sign-in/provider",
    ),
    Stop(
        "rules-provider-refused",
        "organisation_sign_in.provider",
        "/organisations/GIR/sign-in/provider",
        act=send_as_it_is,
    ),
    Stop(
        "rules-provider-settings",
        "organisation_sign_in.provider",
        "/organisations/VID/sign-in/provider",
        by=_VIDAL,
    ),
    Stop("rules-nobody-linked", "organisation_sign_in.linked", "/organisations/GIR/sign-in/linked"),
    Stop(
        "rules-linked",
        "organisation_sign_in.linked",
        "/organisations/VID/sign-in/linked",
        by=_VIDAL,
    ),
    Stop(
        "rules-passwords",
        "organisation_sign_in.passwords",
        "/organisations/VID/sign-in/passwords",
        by=_VIDAL,
    ),
)
_SECOND_FACTOR = (
    Stop("second-factor-none", "second_factor.listing", _FACTORS),
    Stop("second-factor-demanded", "second_factor.listing", _FACTORS, by=CARELESS),
    Stop("second-factor", "second_factor.listing", _FACTORS, by=CAREFUL),
    Stop("codes-application", "second_factor.totp", f"{_FACTORS}/application"),
    Stop(
        "codes-application-refused",
        "second_factor.totp",
        f"{_FACTORS}/application",
        act=send_as_it_is,
    ),
    Stop("codes-new-phone", "second_factor.totp", f"{_FACTORS}/application", by=CAREFUL),
    Stop(
        "codes-removal",
        "second_factor.remove_totp",
        f"{_FACTORS}/application/removal",
        by=CAREFUL,
    ),
    Stop("passkey-new", "second_factor.new_passkey", f"{_FACTORS}/passkeys/new"),
    Stop("passkey", "second_factor.passkey", f"{_FACTORS}/passkeys/{{passkey}}", by=CAREFUL),
    Stop(
        "passkey-refused",
        "second_factor.passkey",
        f"{_FACTORS}/passkeys/{{passkey}}",
        by=CAREFUL,
        act=send_blank("#name"),
    ),
    Stop(
        "passkey-removal",
        "second_factor.remove_passkey",
        f"{_FACTORS}/passkeys/{{passkey}}/removal",
        by=CAREFUL,
    ),
    Stop(
        "recovery-codes", "second_factor.recovery_codes", f"{_FACTORS}/recovery-codes", by=CAREFUL
    ),
    Stop("proof-second-factor", "second_factor.prove", f"{_FACTORS}/proof", by=CAREFUL),
    Stop("second-step", "second_step.form", "/sign-in/second-step", by=HALF_WAY + CAREFUL),
    Stop(
        "second-step-refused",
        "second_step.form",
        "/sign-in/second-step",
        by=HALF_WAY + CAREFUL,
        act=send_as_it_is,
    ),
)
_ACCESS = (
    Stop(
        "new-restricted-refused",
        "incidents.new",
        "/organisations/GIR/incidents/new",
        act=_keep_to_nobody,
    ),
    Stop("case-restricted", "incidents.show", _case("restricted")),
    Stop("own-restricted", "incidents.own", _case("restricted", "/report"), by=_REPORTER),
    Stop("access", "case_access.show", _case("deciding", "/access")),
    Stop("access-restricted", "case_access.show", _case("restricted", "/access")),
    Stop("access-opening", "case_access.lift", _case("restricted", "/access/opening")),
    Stop(
        "access-opening-refused",
        "case_access.lift",
        _case("restricted", "/access/opening"),
        act=send_as_it_is,
    ),
    Stop("people-told", "recipients.people", _case("sent", "/communication/recipients/people")),
    Stop(
        "people-told-none",
        "recipients.people",
        _case("fresh", "/communication/recipients/people"),
    ),
    Stop(
        "people-to-tell",
        "recipients.people",
        _case("ready", "/communication/recipients/people"),
    ),
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

_MAIL_ACCOUNTS = (
    Stop("mail", "mail_account.show", "/organisations/GIR/mail"),
    Stop("mail-read", "mail_account.show", "/organisations/EST/mail", by="dpo@est.example"),
    Stop("mail-trouble", "mail_account.show", "/organisations/EST/mail", by=_ESTEVE),
    Stop("mail-stolen", "mail_account.show", "/organisations/BRU/mail", by=_BRUNEL),
    Stop("mail-edit", "mail_account.edit", "/organisations/GIR/mail/first"),
    Stop(
        "mail-edit-refused",
        "mail_account.edit",
        "/organisations/GIR/mail/first",
        act=send_as_it_is,
    ),
    Stop("mail-edit-kept", "mail_account.edit", "/organisations/BRU/mail/second", by=_BRUNEL),
    Stop(
        "mail-removal",
        "mail_account.removal",
        "/organisations/BRU/mail/second/removal",
        by=_BRUNEL,
    ),
    Stop(
        "mail-compromised",
        "mail_account.compromised",
        "/organisations/EST/mail/compromised",
        by=_ESTEVE,
    ),
    Stop(
        "mail-compromised-already",
        "mail_account.compromised",
        "/organisations/BRU/mail/compromised",
        by=_BRUNEL,
    ),
    Stop("mail-trusted", "mail_account.trusted", "/organisations/BRU/mail/trusted", by=_BRUNEL),
    Stop("due-stolen", "desk.due", "/organisations/BRU", by="reporter@bru.example"),
)

_REMINDERS = (
    Stop("ledger", "clocks.listing", _case("late", "/clocks")),
    Stop("ledger-read", "clocks.listing", _case("filing", "/clocks")),
    Stop("reminder-plan", "reminder_plan.show", "/organisations/GIR/reminders"),
    Stop(
        "reminder-plan-look",
        "reminder_plan.show",
        "/organisations/GIR/reminders",
        act=_look_at_plan,
        answer=200,
    ),
    Stop(
        "reminder-plan-refused",
        "reminder_plan.show",
        "/organisations/GIR/reminders",
        act=_wrong_plan,
    ),
    Stop(
        "reminder-plan-read",
        "reminder_plan.show",
        "/organisations/GIR/reminders",
        by=address_of(Role.AUDITOR),
    ),
    Stop("duty", "duty.show", "/organisations/GIR/duty"),
    Stop("duty-none", "duty.show", "/organisations/VID/duty", by=_VIDAL),
    Stop("duty-reporter", "duty.show", "/organisations/GIR/duty", by=_REPORTER),
    Stop("absence", "duty.absence", "/organisations/GIR/duty/absences/new"),
    Stop(
        "absence-refused",
        "duty.absence",
        "/organisations/GIR/duty/absences/new",
        act=send_as_it_is,
    ),
    Stop("shift", "duty.shift", "/organisations/GIR/duty/shifts/new"),
    Stop("shift-refused", "duty.shift", "/organisations/GIR/duty/shifts/new", act=send_as_it_is),
)

_CHECKS = (
    Stop("verify", "verification.show", "/verify"),
    Stop("verify-refused", "verification.show", "/verify", by=_REPORTER, act=send_as_it_is),
)

_LINKS = (
    Stop("ack", "acknowledging.show", "/acknowledge/{ack_open}", by=_NOBODY),
    Stop("ack-read", "acknowledging.show", "/acknowledge/{ack_read}", by=_NOBODY),
    Stop("ack-mine", "acknowledging.show", "/acknowledge/{ack_mine}", by=_NOBODY),
    Stop("ack-stopped", "acknowledging.show", "/acknowledge/{ack_stopped}", by=_NOBODY, status=410),
    Stop("ack-over", "acknowledging.show", "/acknowledge/{ack_over}", by=_NOBODY, status=410),
    Stop("ack-left", "acknowledging.show", "/acknowledge/{ack_left}", by=_NOBODY, status=403),
    Stop("ack-hidden", "acknowledging.show", "/acknowledge/{ack_hidden}", by=_NOBODY, status=404),
    Stop("ack-nothing", "acknowledging.show", "/acknowledge/nothing", by=_NOBODY, status=404),
    Stop("calendar", "calendar_feeds.listing", "/account/calendar"),
    Stop("calendar-none", "calendar_feeds.listing", "/account/calendar", by=_REPORTER),
    Stop(
        "calendar-made",
        "calendar_feeds.listing",
        "/account/calendar",
        by=address_of(Role.AUDITOR),
        act=send_as_it_is,
        answer=200,
    ),
    Stop(
        "calendar-refused",
        "calendar_feeds.listing",
        "/account/calendar",
        by=MANY_FEEDS,
        act=send_as_it_is,
    ),
)

STOPS = (
    *_BEFORE_SIGN_IN,
    *_DESK,
    *_CASES,
    *_CLOCKS,
    *_DECIDING,
    *_TELLING,
    *_SEVERAL,
    *_OUTSIDE,
    *_PEOPLE,
    *_SIGN_IN,
    *_SINGLE_SIGN_ON,
    *_SECOND_FACTOR,
    *_ACCESS,
    *_MAIL_ACCOUNTS,
    *_REMINDERS,
    *_LINKS,
    *_CHECKS,
    *_MAIL,
    *_FAULTS,
)
# Answers that are no pages: files to keep, and the part of a page that changes.
NO_PAGES: Mapping[str, str] = {
    "calendar_feeds.feed": "/calendar/{feed}.ics",
    "attachments.download": _case("ready", "/attachments/{attachment}"),
    "dossiers.download": _case("ready", "/dossiers/1.pdf"),
    "dossiers.download_zip": _case("ready", "/dossiers/1.zip"),
    "filings.as_json": _case("filed", "/notification/filings/1/notification.json"),
    "filings.as_pdf": _case("filed", "/notification/filings/1/notification.pdf"),
    "health.process": "/healthz",
    "health.ready": "/readyz",
    "notices.counts": _case("sending", "/communication/delivery/counts"),
    "static": "/static/css/foundation.css",
}
