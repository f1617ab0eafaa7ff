"""What the frame of every page shows: organisation, person, banner, languages."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask, g, request, url_for

from breachdesk.domain.access import Action
from breachdesk.services.acting import Acting
from breachdesk.services.cases import WaitingMail, waiting_mail
from breachdesk.web.language import wording
from breachdesk.web.request import desk, now, seats, session

LANGUAGES = (("fr", "Français"), ("en", "English"))
# The features that the frame links to.
PLACES = ("desk", "register", "messages", "organisation")
# Mail that leaves within this is not worth a word.
WAITING_IS_LONG = timedelta(minutes=2)


@dataclass(frozen=True)
class Frame:
    """See templates/base.html for the meaning of each."""

    locale: str
    languages: list[tuple[str, str, str, bool]]
    organisation: str | None = None
    organisations: list[tuple[str, str, bool]] = field(default_factory=list)
    desk_url: str | None = None
    register_url: str | None = None
    messages_url: str | None = None
    details_url: str | None = None
    here: str | None = None
    person: str | None = None
    sign_out_url: str | None = None
    banner: str | None = None
    waiting: WaitingMail | None = None
    mail_help_url: str | None = None


def register(app: Flask) -> None:
    """Give every template its frame."""
    app.context_processor(lambda: {"frame": _frame()})


def _frame() -> Frame:
    person = g.get("person")
    seat = g.get("seat") or _usual_seat()
    languages = [
        (code, name, url_for("language.choose", code=code, back=_here()), code == wording().locale)
        for code, name in LANGUAGES
    ]
    if person is None or seat is None or g.get("without_database"):
        name = person.name if person else None
        out = url_for("sign_in.out") if person else None
        return Frame(wording().locale, languages, person=name, sign_out_url=out)
    return _frame_of(seat, languages)


def _frame_of(seat: Acting, languages: list[tuple[str, str, str, bool]]) -> Frame:
    code = seat.organisation.code
    banner, waiting = _banner(seat)
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
        desk_url=url_for("desk.due", code=code),
        register_url=_if(seat, Action.SEE_REGISTER, "register.listing", code),
        messages_url=_if(seat, Action.SEE_CAUGHT_MAIL, "messages.listing", code)
        if desk().catches_for(seat.organisation)
        else None,
        details_url=_if(seat, Action.SEE_ORGANISATION, "organisation.details", code),
        here=request.blueprint if request.blueprint in PLACES else None,
        person=seat.user.name,
        sign_out_url=url_for("sign_in.out"),
        banner=banner,
        waiting=waiting,
    )


def _if(seat: Acting, action: Action, endpoint: str, code: str) -> str | None:
    return url_for(endpoint, code=code) if seat.may(action) else None


def _banner(seat: Acting) -> tuple[str | None, WaitingMail | None]:
    """What every page says of mail: not set up, caught here, or waiting for too long."""
    if desk().catches_for(seat.organisation):
        return "example", None
    waiting = waiting_mail(session(), seat.organisation)
    if desk().mail_server is None:
        return "mail_not_set_up", waiting
    if waiting.since is not None and now() - waiting.since > WAITING_IS_LONG:
        return "mail_waits", waiting
    return None, None


def _usual_seat() -> Acting | None:
    held = seats()
    chosen = g.get("organisation_code")
    return next((seat for seat in held if seat.organisation.code == chosen), None) or (
        held[0] if held else None
    )


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
