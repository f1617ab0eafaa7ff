"""Passkeys: make one in the browser, name it, take it away."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from breachdesk.domain.second_factor import Ceremony
from breachdesk.services.passkeys import (
    add_passkey as keep_passkey,
)
from breachdesk.services.passkeys import (
    passkey_of,
    registration_options,
    rename_passkey,
    takes_passkeys,
)
from breachdesk.services.passkeys import (
    remove_passkey as take_away,
)
from breachdesk.services.second_factor import factors_of
from breachdesk.web.browsers import device_of
from breachdesk.web.forms import DeskForm, Needed, faults_on
from breachdesk.web.language import say, say_later
from breachdesk.web.passkey_requests import (
    credential_in,
    for_script,
    new_challenge,
    sent_json,
    taken_challenge,
)
from breachdesk.web.request import desk, now, session
from breachdesk.web.second_factor.setting_up import (
    after_setting_up,
    demand_change,
    must_prove_before_change,
)
from breachdesk.wording import N_

Answer = str | Response | tuple[str, int]


class NameForm(DeskForm):
    """How a person tells one passkey from another."""

    name = StringField(
        say_later("Nom de la clé d’accès"),
        [Needed(N_("Donnez un nom à cette clé d’accès, pour la reconnaître parmi les autres."))],
    )


def new_passkey() -> Answer:
    """Explain passkeys, and let the browser make one."""
    demand_change()
    return render_template(
        "second_factor/new_passkey.html",
        form=NameForm(name=device_of(request.user_agent.string)),
        takes_passkeys=takes_passkeys(desk()),
        address=desk().public_url,
    )


@for_script
def passkey_options() -> Any:
    """What the browser needs to make one."""
    if must_prove_before_change():
        return redirect(url_for("second_factor.new_passkey"))
    challenge = new_challenge(Ceremony.REGISTER, g.person)
    return registration_options(session(), desk(), g.person, challenge)


@for_script
def add_passkey() -> Any:
    """Keep the passkey that the browser made, under the name that was typed."""
    if must_prove_before_change():
        return redirect(url_for("second_factor.new_passkey"))
    sent = sent_json()
    keep_passkey(
        session(),
        desk(),
        g.person,
        credential_in(sent),
        taken_challenge(Ceremony.REGISTER, g.person),
        str(sent.get("name", "")),
        through=g.signed_in.session,
        now=now(),
    )
    flash(say("La clé d’accès est enregistrée."))
    return after_setting_up()


def passkey(passkey_id: int) -> Answer:
    """Give a passkey another name."""
    found = passkey_of(session(), g.person, passkey_id)
    asked = NameForm(obj=found)
    if request.method == "POST" and asked.validate():
        with faults_on(asked) as attempt:
            rename_passkey(session(), g.person, passkey_id, asked.name.data)
        if attempt.succeeded:
            flash(say("La clé d’accès a changé de nom."))
            return redirect(url_for("second_factor.listing"))
    page = render_template("second_factor/passkey.html", form=asked)
    return page, 200 if request.method == "GET" else 422


def remove_passkey(passkey_id: int) -> Answer:
    """Take a passkey away, on a page that says what will follow."""
    demand_change()
    found = passkey_of(session(), g.person, passkey_id)
    if request.method == "GET":
        return render_template(
            "second_factor/remove_passkey.html",
            form=DeskForm(),
            passkey=found,
            factors=factors_of(session(), g.person),
        )
    take_away(session(), desk(), g.person, passkey_id, now=now())
    flash(say("La clé d’accès est retirée."))
    return redirect(url_for("second_factor.listing"))
