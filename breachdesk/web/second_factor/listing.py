"""What second factors a person has and what comes next; their recovery codes."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from breachdesk.domain.second_factor import RECOVERY_CODES
from breachdesk.services.passkeys import takes_passkeys
from breachdesk.services.recovery_codes import make_recovery_codes
from breachdesk.services.second_factor import Factors, factors_of
from breachdesk.web.forms import DeskForm
from breachdesk.web.language import say
from breachdesk.web.request import desk, now, session
from breachdesk.web.second_factor.setting_up import demand_change
from breachdesk.web.signing_in import keep_target, target_after_sign_in


def listing() -> str:
    """What is set up, why something is demanded, and the one next step."""
    if request.args.get("back"):
        keep_target()
    factors = factors_of(session(), g.person)
    return render_template(
        "second_factor/listing.html",
        factors=factors,
        step=_next_step(factors),
        waits=g.signed_in.lacks_second_factor,
        operator_waits=g.signed_in.lacks_operators_factor,
        takes_passkeys=takes_passkeys(desk()),
        most_codes=RECOVERY_CODES,
    )


def recovery_codes() -> str | Response:
    """Make ten new codes, and show them this once."""
    demand_change()
    factors = factors_of(session(), g.person)
    if not factors.count:
        flash(say("Installez d’abord un second facteur : les codes de secours le remplacent."))
        return redirect(url_for("second_factor.listing"))
    if request.method == "GET":
        return render_template(
            "second_factor/codes.html", form=DeskForm(), factors=factors, number=RECOVERY_CODES
        )
    return render_template(
        "second_factor/new_codes.html",
        codes=make_recovery_codes(session(), desk(), g.person, now=now()),
        next_url=target_after_sign_in(),
        address=desk().public_url,
    )


def _next_step(factors: Factors) -> dict[str, Any] | None:
    """As macros/next_step takes it; None where nothing is left to do."""
    lacks_one = g.signed_in.lacks_second_factor or g.signed_in.lacks_operators_factor
    if factors.count and lacks_one:
        return {
            "title": say("Donner votre second facteur"),
            "text": say("Vous vous êtes connecté sans lui ; il ouvre la suite."),
            "url": url_for("second_factor.prove"),
            "label": say("Donner mon second facteur"),
        }
    if not factors.count:
        return {
            "title": say("Installer une application de codes"),
            "text": say(
                "Sur votre téléphone : deux minutes, et rien à acheter. Chaque connexion demandera "
                "ensuite un code à six chiffres."
            ),
            "url": url_for("second_factor.totp"),
            "label": say("Installer une application de codes"),
        }
    if not factors.codes_left:
        return {
            "title": say("Noter des codes de secours"),
            "text": say("Le jour où le téléphone est perdu, un code sur papier ouvre encore."),
            "url": url_for("second_factor.recovery_codes"),
            "label": say("Créer des codes de secours"),
        }
    return None
