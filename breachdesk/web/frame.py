"""What the frame of every page shows: organisation, person, banner, languages."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, url_for

from breachdesk.domain.access import Action
from breachdesk.domain.mail_accounts import Way
from breachdesk.models import User
from breachdesk.services.acting import Acting
from breachdesk.services.due_work import work_stopped_since
from breachdesk.services.mail_routes import MailStanding, mail_standing
from breachdesk.services.waiting_mail import WaitingMail
from breachdesk.web.language import say, wording
from breachdesk.web.request import desk, now, seats, session, usual_seat
from breachdesk.wording import N_

LANGUAGES = (("fr", "Français"), ("en", "English"))
# The features that the frame links to.
PLACES = ("desk", "register", "messages", "portfolio")
# What the person's menu leads to: of the organisation in hand, where the action is theirs.
ORGANISATION_PAGES = (
    ("organisation.details", Action.SEE_ORGANISATION, N_("Fiche de l’organisation")),
    ("people.listing", Action.MANAGE_PEOPLE, N_("Personnes et rôles")),
    ("organisation_sign_in.rules", Action.MANAGE_SIGN_IN, N_("Règles de connexion")),
    ("deadline_settings.show", Action.MANAGE_REMINDER_PLAN, N_("Délais de l’organisation")),
    ("dossier_retention.show", Action.EDIT_ORGANISATION, N_("Conservation des dossiers")),
    ("reminder_plan.show", Action.SEE_ORGANISATION, N_("Plan de rappels")),
    ("duty.show", Action.RECORD_OWN_ABSENCE, N_("Absences et astreintes")),
    ("mail_account.show", Action.DECLARE_MAIL_COMPROMISED, N_("Envoi des messages")),
    ("reporting.settings", Action.MANAGE_REPORTING, N_("Signalement sans compte")),
    ("processor_links.listing", Action.INVITE_PROCESSOR, N_("Liens pour les sous-traitants")),
    (
        "organisation_journal.listing",
        Action.SEE_ORGANISATION_JOURNAL,
        N_("Journal de l’organisation"),
    ),
)
# Their own pages.
OWN_PAGES = (("account.show", N_("Mon compte")),)
OPERATOR_PAGES = (("installation.show", N_("Installation")),)
# Mail that leaves within this is not worth a word.
WAITING_IS_LONG = timedelta(minutes=2)


@dataclass(frozen=True)
class Frame:
    """See templates/base.html for the meaning of each."""

    locale: str
    languages: list[tuple[str, str, str, bool]]
    organisation: str | None = None
    organisations: list[tuple[str, str, bool]] = field(default_factory=list)
    # Everything due, for somebody with several organisations.
    portfolio_url: str | None = None
    desk_url: str | None = None
    register_url: str | None = None
    messages_url: str | None = None
    # Of the person's menu: label, address, whether it is the page in hand.
    menu: list[tuple[str, str, bool]] = field(default_factory=list)
    here: str | None = None
    person: str | None = None
    sign_out_url: str | None = None
    banner: str | None = None
    waiting: WaitingMail | None = None
    mail_help_url: str | None = None
    # Since when the organisation's own mail is not to be trusted.
    compromised_at: datetime | None = None
    # Since when no worker does what is due, and whether this person can do something about it.
    stopped_since: datetime | None = None
    is_operator: bool = False


def register(app: Flask) -> None:
    """Give every template its frame."""
    app.context_processor(lambda: {"frame": _frame()})


def _frame() -> Frame:
    person = g.get("person")
    seat = g.get("seat") or usual_seat()
    languages = [
        (code, name, url_for("language.choose", code=code, back=_here()), code == wording().locale)
        for code, name in LANGUAGES
    ]
    if person is None or seat is None or g.get("without_database"):
        without_seat = Frame(wording().locale, languages)
        if person is None:
            return without_seat
        return replace(
            without_seat,
            person=person.name,
            menu=_menu(None, person),
            sign_out_url=url_for("sign_in.out"),
            stopped_since=_stopped_without_seat(),
            is_operator=person.is_operator,
        )
    return _frame_of(seat, languages)


def _frame_of(seat: Acting, languages: list[tuple[str, str, str, bool]]) -> Frame:
    code = seat.organisation.code
    standing = mail_standing(session(), desk(), seat, now=now())
    banner, waiting = _banner(standing)
    mail_pages = _if(seat, Action.DECLARE_MAIL_COMPROMISED, "mail_account.show", code)
    return Frame(
        locale=wording().locale,
        languages=languages,
        organisation=seat.organisation.name,
        organisations=[
            (
                other.organisation.name,
                url_for("desk.due", code=other.organisation.code),
                other.organisation.id == seat.organisation.id,
            )
            for other in seats()
        ],
        portfolio_url=url_for("portfolio.due") if len(seats()) > 1 else None,
        desk_url=url_for("desk.due", code=code),
        register_url=_if(seat, Action.SEE_REGISTER, "register.listing", code),
        messages_url=_if(seat, Action.SEE_CAUGHT_MAIL, "messages.listing", code)
        if desk().catches_for(seat.organisation)
        else None,
        menu=_menu(seat, seat.user),
        here=request.blueprint if request.blueprint in PLACES else None,
        person=seat.user.name,
        sign_out_url=url_for("sign_in.out"),
        banner=banner,
        waiting=waiting,
        mail_help_url=mail_pages,
        compromised_at=seat.organisation.mail_compromised_at,
        stopped_since=standing.stopped_since,
        is_operator=seat.user.is_operator,
    )


def _stopped_without_seat() -> datetime | None:
    """Of somebody in no organisation, whose mail is asked about nowhere."""
    return None if g.get("without_database") else work_stopped_since(session(), now=now())


def _menu(seat: Acting | None, person: User) -> list[tuple[str, str, bool]]:
    pages: list[tuple[str, str, dict[str, Any]]] = [(page, label, {}) for page, label in OWN_PAGES]
    if seat is not None:
        pages += [
            (page, label, {"code": seat.organisation.code})
            for page, action, label in ORGANISATION_PAGES
            if seat.may(action)
        ]
    if person.is_operator and g.signed_in.owns_account:
        pages += [(page, label, {}) for page, label in OPERATOR_PAGES]
    return [
        (say(label), url_for(page, **where), request.endpoint == page)
        for page, label, where in pages
        if page in current_app.view_functions
    ]


def _if(seat: Acting, action: Action, endpoint: str, code: str) -> str | None:
    return url_for(endpoint, code=code) if seat.may(action) else None


def _banner(standing: MailStanding) -> tuple[str | None, WaitingMail | None]:
    """What every page says of mail: not set up, caught here, or waiting for too long."""
    waiting = standing.waiting
    if standing.way is Way.CATCHER:
        return "example", None
    if standing.way is Way.NONE:
        return "mail_not_set_up", waiting
    # With no worker it is no server's fault: that is said instead.
    if standing.stopped_since is not None:
        return None, None
    if waiting.since is not None and now() - waiting.since > WAITING_IS_LONG:
        return "mail_waits", waiting
    return None, None


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
