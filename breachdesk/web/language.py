"""Which language a page is in, and how templates and forms speak it."""

from datetime import datetime, timedelta

from flask import Blueprint, Flask, g, redirect, request, session, url_for
from flask_babel import Babel, get_locale
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from breachdesk.wording import LOCALES, Wording, wording_for
from breachdesk.wording import addressees as addressees
from breachdesk.wording import labels as labels
from breachdesk.wording.times import duration, local_time, number, short_day, short_time

pages = Blueprint("language", __name__)


def register(app: Flask) -> None:
    """Let every template speak the reader's language."""
    Babel(app, locale_selector=_chosen_locale)
    app.register_blueprint(pages)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda message: wording().raw(message),
        ngettext=lambda one, many, n: wording().raw_plural(one, many, n),
        newstyle=True,
    )
    app.jinja_env.filters.update(
        local_time=_local_time,
        short_time=_short_time,
        short_day=short_day,
        duration=_duration,
        number=_number,
    )
    app.context_processor(
        lambda: {"wording": wording(), "labels": labels, "addressees": addressees}
    )


def wording() -> Wording:
    """The wording of the reader's language."""
    chosen: Wording | None = g.get("wording")
    if chosen is None:
        chosen = g.wording = wording_for(str(get_locale() or "fr"))
    return chosen


def say(message: str, **parameters: object) -> str:
    """Say a message in the reader's language."""
    return wording().text(message, **parameters)


def say_later(message: str, **parameters: object) -> LazyString:
    """A message said when it is shown, for labels that exist before any request."""
    return LazyString(say, message, **parameters)


def timezone() -> str:
    """The zone that local times are said in: that of the organisation in hand.

    Where somebody without an account reads a page, that of the organisation they report to.
    """
    seat = g.get("stranger") or g.get("seat")
    return seat.organisation.timezone if seat else "Europe/Paris"


def _chosen_locale() -> str:
    chosen = session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    person = g.get("person")
    if person is not None:
        return str(person.locale)
    return request.accept_languages.best_match(LOCALES, "fr") or "fr"


@pages.get("/language/<code>")
def choose(code: str) -> Response:
    """Keep the language chosen, and go back to the page it was chosen on."""
    if code in LOCALES:
        session["locale"] = code
    return redirect(safe_target(request.args.get("back", "")) or url_for("desk.home"))


def safe_target(target: str) -> str:
    """A path of our own, or nothing: never an address elsewhere."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and "\\" not in target and target.isprintable() else ""


def _local_time(instant: datetime, *, zone: bool = False) -> str:
    return local_time(instant, timezone(), wording(), zone=zone)


def _short_time(instant: datetime) -> str:
    return short_time(instant, timezone())


def _duration(span: timedelta) -> str:
    return duration(span, wording())


def _number(value: float) -> str:
    return number(value, wording())
