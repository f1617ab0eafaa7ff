"""The organisation's public form: switched on, moved, switched off; what to put up about it."""

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from breachdesk.domain.access import Action
from breachdesk.domain.reporting import checked_address
from breachdesk.services.acting import Acting
from breachdesk.services.reporting import close_reporting, open_reporting
from breachdesk.web.forms import DeskForm, choices, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.request import desk, now, seat_or_404, session

pages = Blueprint("reporting", __name__, url_prefix="/organisations/<code>/reporting")

RANDOM, CHOSEN = "random", "chosen"


class AddressForm(DeskForm):
    """Where the form shall be found."""

    kind = RadioField(
        say_later("Quelle adresse ?"),
        choices=choices(
            (
                RANDOM,
                say_later(
                    "Une adresse que personne ne devine : seuls ceux à qui vous la "
                    "donnez la trouvent"
                ),
            ),
            (CHOSEN, say_later("Une adresse que vous choisissez : facile à dire et à retenir")),
        ),
        default=RANDOM,
        validate_choice=False,
    )
    address = StringField(
        say_later("L’adresse que vous choisissez"),
        description=say_later(
            "De 4 à 40 lettres sans accent, chiffres ou tirets, comme maison-girandole."
        ),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )

    def chosen(self) -> str | None:
        """The address wished for; None: one that nobody can guess."""
        typed = self.address.data or ""
        # Somebody who typed an address wants it, whatever they ticked.
        if self.kind.data != CHOSEN and not typed.strip():
            return None
        return checked_address(typed)


@pages.route("", methods=["GET", "POST"])
def settings(code: str) -> str | Response | tuple[str, int]:
    """Whether there is a public form, and where; open one."""
    seat = seat_or_404(code, Action.MANAGE_REPORTING)
    asked = AddressForm()
    if not asked.is_submitted():
        return _settings(seat, asked)
    return _open(seat, asked, "reporting/settings.html")


@pages.route("/address", methods=["GET", "POST"])
def address(code: str) -> str | Response | tuple[str, int]:
    """Move the form to another address, knowing what that means."""
    seat = seat_or_404(code, Action.MANAGE_REPORTING)
    if seat.organisation.public_address is None:
        return _to_settings(seat)
    asked = AddressForm()
    if not asked.is_submitted():
        return render_template("reporting/address.html", **_context(seat, asked))
    return _open(seat, asked, "reporting/address.html")


@pages.route("/closing", methods=["GET", "POST"])
def close(code: str) -> str | Response:
    """Say what closing means, then close."""
    seat = seat_or_404(code, Action.MANAGE_REPORTING)
    asked = DeskForm()
    if asked.validate_on_submit():
        close_reporting(session(), by=seat, now=now())
        flash(say("Le signalement sans compte est fermé."))
        return _to_settings(seat)
    if seat.organisation.public_address is None:
        return _to_settings(seat)
    return render_template("reporting/close.html", **_context(seat, asked))


def _to_settings(seat: Acting) -> Response:
    return redirect(url_for("reporting.settings", code=seat.organisation.code))


def _open(seat: Acting, asked: AddressForm, template: str) -> str | Response | tuple[str, int]:
    if asked.validate():
        with faults_on(asked) as attempt:
            open_reporting(session(), asked.chosen(), by=seat, now=now())
        if attempt.succeeded:
            flash(say("Le signalement sans compte est ouvert à cette adresse."))
            return _to_settings(seat)
    return render_template(template, **_context(seat, asked)), 422


def _settings(seat: Acting, asked: AddressForm) -> str:
    return render_template("reporting/settings.html", **_context(seat, asked))


def _context(seat: Acting, asked: DeskForm) -> dict[str, object]:
    """The form, and where the public one stands, if there is one."""
    held = seat.organisation.public_address
    url = f"{desk().public_url}{url_for('public_report.form', address=held)}" if held else ""
    return {
        "seat": seat,
        "form": asked,
        "url": url,
        "qr_code": qr_code(url) if url else "",
        "prefix": f"{desk().public_url}{url_for('public_report.form', address='x')[:-1]}",
        "back": f"{desk().public_url}{url_for('public_report.back')}",
    }


def qr_code(text: str) -> Markup:
    """A QR code as inline SVG, dark on light in every colour scheme: scanners ask for it."""
    # 0.1 s to import: only who shows a code pays for it.
    import segno

    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        dark="#000",
        light="#fff",
        svgclass="qr-code",
        lineclass=None,
    )
    # Of our own making: the text is drawn as squares, never written.
    return Markup(drawn.getvalue().decode())  # noqa: S704
