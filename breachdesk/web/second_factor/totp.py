"""Codes by the minute: a secret to scan, a first code to confirm it, and taking it away."""

from flask import flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.second_factor import in_groups
from breachdesk.services.second_factor import factors_of
from breachdesk.services.totp import (
    TotpOffer,
    confirm_totp,
    offer_again,
    offer_totp,
)
from breachdesk.services.totp import (
    remove_totp as take_away,
)
from breachdesk.web.forms import DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.request import desk, now, session
from breachdesk.web.second_factor.setting_up import after_setting_up, demand_change
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence

# ISO/IEC 18004, 6.3.8: four modules of white around a QR code.
QUIET_ZONE = 4

Answer = str | Response | tuple[str, int]


class TotpForm(DeskForm):
    """The first code of a new secret; the form brings back which secret it is."""

    offer = HiddenField()
    code = StringField(
        say_later("Code à six chiffres"),
        [Needed(N_("Recopiez le code à six chiffres que montre l’application."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"},
    )


def totp() -> Answer:
    """Show a secret to scan; take it into use with its first code."""
    demand_change()
    asked = TotpForm()
    offer = _offer_of(asked)
    if request.method == "GET" or asked.errors or not asked.validate():
        return _page(asked, offer), 200 if request.method == "GET" else 422
    with faults_on(asked) as attempt:
        confirm_totp(
            session(),
            desk(),
            g.person,
            offer,
            asked.code.data,
            through=g.signed_in.session,
            now=now(),
        )
    if not attempt.succeeded:
        return _page(asked, offer), 422
    flash(say("L’application de codes est installée."))
    return after_setting_up()


def remove_totp() -> Answer:
    """Take the codes by the minute away, on a page that says what will follow."""
    demand_change()
    if g.person.totp_confirmed_at is None:
        return redirect(url_for("second_factor.listing"))
    if request.method == "GET":
        return render_template(
            "second_factor/remove_totp.html",
            form=DeskForm(),
            factors=factors_of(session(), g.person),
        )
    take_away(session(), desk(), g.person, now=now())
    flash(say("L’application de codes est retirée."))
    return redirect(url_for("second_factor.listing"))


def _offer_of(asked: TotpForm) -> TotpOffer:
    """The secret that the form brings back; a new one where it brings none that holds."""
    if request.method == "POST":
        try:
            return offer_again(desk(), g.person, asked.offer.data or "", now=now())
        except InvalidInput as fault:
            asked.form_errors = [error_sentence(fault, wording())]
    return offer_totp(desk(), g.person, now=now())


def _page(asked: TotpForm, offer: TotpOffer) -> str:
    asked.offer.data = offer.sealed
    return render_template(
        "second_factor/totp.html",
        form=asked,
        picture=_qr_code(offer.uri),
        uri=offer.uri,
        secret=in_groups(offer.secret),
        replaces=g.person.totp_confirmed_at is not None,
    )


def _qr_code(text: str) -> Markup:
    """A QR code as SVG without a style: black on white whatever the page's colours."""
    import segno

    picture = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        svgclass="qr-code",
        lineclass=None,
        omitsize=True,
        title=say("Code QR de votre application de codes"),
    )
    return Markup(picture)  # noqa: S704 - our own drawing; segno escapes the title
