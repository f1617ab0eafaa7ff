"""How an organisation's mail leaves: its accounts, tried and checked, or declared stolen."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.widgets import EmailInput, PasswordInput

from breachdesk.domain.access import Action
from breachdesk.domain.errors import TooManyAttempts
from breachdesk.domain.mail_accounts import (
    DETAILS,
    LONGEST_NAME,
    LONGEST_PASSWORD,
    SECURITIES,
    AccountTest,
)
from breachdesk.domain.mail_address import LONGEST_ADDRESS
from breachdesk.services.acting import Acting
from breachdesk.services.mail_accounts import (
    AccountShown,
    MailSettings,
    declare_mail_compromised,
    mail_settings,
    remove_mail_account,
    save_mail_account,
    trust_mail_again,
)
from breachdesk.services.mail_trials import check_domain, try_mail_account
from breachdesk.web.case_pages import roles_for
from breachdesk.web.forms import AtMost, DeskForm, Needed, choices, faults_on
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, seat_or_404, session
from breachdesk.wording import N_
from breachdesk.wording import mail_accounts as words
from breachdesk.wording.errors import error_sentence

pages = Blueprint("mail_account", __name__, url_prefix="/organisations/<code>/mail")

WHICH = "<any(first,second):which>"


class AccountForm(DeskForm):
    """An account, as the pages of mail providers name things."""

    host = StringField(
        say_later("Serveur d’envoi (SMTP)"),
        [Needed(N_("Indiquez le nom du serveur d’envoi, comme smtp.exemple.fr."))],
        description=say_later("Un nom comme smtp.exemple.fr, que votre fournisseur indique."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "class": "code"},
    )
    security = RadioField(
        say_later("Protection de la connexion"),
        choices=choices(*((each, say_later(words.SECURITIES[each])) for each in SECURITIES)),
        default=SECURITIES[0],
    )
    port = StringField(
        say_later("Port"),
        description=say_later("Laissez vide pour l’usuel : 587 avec STARTTLS, 465 avec TLS."),
        render_kw={"inputmode": "numeric", "class": "short", "size": "6", "autocomplete": "off"},
    )
    username = StringField(
        say_later("Nom d’utilisateur"),
        [AtMost(LONGEST_NAME)],
        description=say_later("Souvent l’adresse entière. Laissez vide si on n’en demande pas."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    password = PasswordField(
        say_later("Mot de passe"),
        [AtMost(LONGEST_PASSWORD)],
        widget=PasswordInput(hide_value=True),
        render_kw={"autocomplete": "new-password"},
    )
    sender = StringField(
        say_later("Adresse d’expédition"),
        [
            Needed(N_("Indiquez l’adresse d’où partent vos messages.")),
            AtMost(LONGEST_ADDRESS),
        ],
        description=say_later("Celle que vos lecteurs verront, et que ce compte peut employer."),
        widget=EmailInput(),
        render_kw={"autocomplete": "off"},
    )
    reply_to = StringField(
        say_later("Adresse où répondre"),
        [AtMost(LONGEST_ADDRESS)],
        widget=EmailInput(),
        render_kw={"autocomplete": "off"},
    )


class DomainForm(DeskForm):
    """The name of the key that mails are signed with."""

    selector = StringField(
        say_later("Sélecteur DKIM"),
        description=say_later(
            "Le nom de la clé, que votre fournisseur indique. Laissez vide : nous essayons les "
            "plus courants."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false", "class": "code short"},
    )


@pages.get("")
def show(code: str) -> str:
    """Which way mail goes and why, the accounts, what their tests found."""
    return _show(seat_or_404(code, Action.DECLARE_MAIL_COMPROMISED))


def _show(seat: Acting, **forms: DomainForm) -> str:
    settings = mail_settings(session(), desk(), by=seat)
    return render_template(
        "mail_account/show.html",
        seat=seat,
        settings=settings,
        way=_way_of(settings),
        words=words,
        domain_forms={which: forms.get(which) or _domain_form(settings, which) for which in _BOTH},
        may_manage=seat.may(Action.MANAGE_MAIL),
        managers=roles_for(Action.MANAGE_MAIL),
        next_step=_next_step(settings),
    )


_BOTH = ("first", "second")


def _domain_form(settings: MailSettings, which: str) -> DomainForm:
    account = settings.account(which == "second")
    kept = account.domain.selector if account and account.domain else ""
    # Two forms stand on one page: the ids of their fields must differ.
    form = DomainForm(formdata=None, selector=kept)
    form.selector.id = f"selector-{which}"
    return form


def _way_of(settings: MailSettings) -> str:
    return words.way_sentence(
        settings.way,
        sender=settings.sender,
        is_compromised=settings.compromised_at is not None,
        wording=wording(),
    )


def _next_step(settings: MailSettings) -> str:
    """Which of the page's buttons comes first: "edit-first", "try-first", "domain-first", …"""
    for which in _BOTH:
        account = settings.account(which == "second")
        if account is None:
            return f"edit-{which}"
        if account.tested_at is None:
            return f"try-{which}"
        if not account.test.has_passed:
            return f"edit-{which}"
        if account.domain is None:
            return f"domain-{which}"
    return ""


def _url(seat: Acting, which: str = "") -> str:
    return url_for("mail_account.show", code=seat.organisation.code, _anchor=which or None)


def _changing(code: str) -> Acting:
    seat = seat_or_404(code, Action.MANAGE_MAIL)
    demand_recent_proof()
    return seat


# --- An account ------------------------------------------------------------------------------


@pages.route(f"/{WHICH}", methods=["GET", "POST"])
def edit(code: str, which: str) -> str | Response | tuple[str, int]:
    """Set an account, and try it at once."""
    seat, is_second = _changing(code), which == "second"
    account = mail_settings(session(), desk(), by=seat).account(is_second)
    asked = AccountForm(data=_as_typed(account))
    if not asked.is_submitted():
        return _edit_page(seat, asked, which, account)
    if asked.validate():
        with faults_on(asked) as attempt:
            changed = save_mail_account(
                session(),
                desk(),
                {name: asked[name].data or "" for name in DETAILS},
                password=asked.password.data or "",
                is_second=is_second,
                by=seat,
                now=now(),
            )
        if attempt.succeeded:
            return _try(seat, which, sends=False, has_changed=bool(changed))
    return _edit_page(seat, asked, which, account), 422


def _as_typed(account: AccountShown | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {name: str(getattr(account.details, name)) for name in DETAILS}


def _edit_page(seat: Acting, asked: AccountForm, which: str, account: AccountShown | None) -> str:
    return render_template(
        "mail_account/edit.html",
        form=asked,
        is_second=which == "second",
        account=account,
        back=_url(seat),
    )


@pages.route(f"/{WHICH}/removal", methods=["GET", "POST"])
def removal(code: str, which: str) -> str | Response:
    """Say what removing an account will do, and remove it."""
    seat, is_second = _changing(code), which == "second"
    asked = DeskForm()
    if asked.validate_on_submit():
        remove_mail_account(session(), desk(), is_second=is_second, by=seat, now=now())
        flash(say("Le compte est retiré, et son mot de passe oublié."))
        return redirect(_url(seat))
    settings = mail_settings(session(), desk(), by=seat)
    account = settings.account(is_second)
    if account is None:
        flash(say("Ce compte d’envoi n’existe pas, ou n’existe plus."), "notice")
        return redirect(_url(seat))
    return render_template(
        "mail_account/removal.html",
        form=asked,
        account=account,
        settings=settings,
        back=_url(seat),
    )


# --- Trying and checking ---------------------------------------------------------------------


class TrialForm(DeskForm):
    """Whether the test also sends a mail to the person in hand."""

    sends = BooleanField()


@pages.post(f"/{WHICH}/test")
def trial(code: str, which: str) -> Response:
    """Try an account step by step."""
    seat = seat_or_404(code, Action.MANAGE_MAIL)
    return _try(seat, which, sends=bool(TrialForm().sends.data))


def _try(seat: Acting, which: str, *, sends: bool, has_changed: bool | None = None) -> Response:
    """Try an account, and go where the steps are shown."""
    saved = {
        None: "",
        True: say("Le compte est enregistré."),
        False: say("Rien n’a changé dans ce compte."),
    }[has_changed]
    back = _url(seat, which)
    try:
        found = try_mail_account(
            session(), desk(), is_second=which == "second", sends=sends, by=seat, now=now()
        )
    except TooManyAttempts as refusal:
        session().rollback()
        flash(f"{saved} {error_sentence(refusal, wording())}".strip(), "problem")
        return redirect(back)
    told, kind = _told(found, sends=sends)
    flash(f"{saved} {told}".strip(), kind)
    return redirect(back)


def _told(found: AccountTest, *, sends: bool) -> tuple[str, str]:
    failure = found.failure
    if failure is not None:
        step = say(words.STEPS[failure.step])
        sentence = words.failure_sentence(failure, wording())
        return say("L’essai a échoué : %(step)s.", step=step) + f" {sentence}", "problem"
    if sends:
        return say("L’essai a réussi : un message est parti à votre adresse."), "message"
    return say("L’essai a réussi."), "message"


@pages.post(f"/{WHICH}/domain")
def domain(code: str, which: str) -> str | Response | tuple[str, int]:
    """Ask the DNS what it says of the sender's domain."""
    seat = seat_or_404(code, Action.MANAGE_MAIL)
    asked = DomainForm()
    asked.selector.id = f"selector-{which}"
    try:
        with faults_on(asked) as attempt:
            check_domain(
                session(),
                desk(),
                is_second=which == "second",
                selector=(asked.selector.data or "").strip(),
                by=seat,
                now=now(),
            )
    except TooManyAttempts as refusal:
        session().rollback()
        flash(error_sentence(refusal, wording()), "problem")
        return redirect(_url(seat, which))
    if not attempt.succeeded:
        return _show(seat, **{which: asked}), 422
    flash(say("Le DNS a été interrogé."))
    return redirect(_url(seat, f"domain-{which}"))


# --- Stolen ----------------------------------------------------------------------------------


@pages.route("/compromised", methods=["GET", "POST"])
def compromised(code: str) -> str | Response:
    """Say what declaring it will do, and do it: no proof, it must work at two in the morning."""
    seat = seat_or_404(code, Action.DECLARE_MAIL_COMPROMISED)
    asked = DeskForm()
    if asked.validate_on_submit():
        if declare_mail_compromised(session(), desk(), by=seat, now=now()):
            flash(say("C’est fait : plus rien ne part par votre messagerie."))
        return redirect(_url(seat))
    return _about_compromise("mail_account/compromised.html", seat, asked)


@pages.route("/trusted", methods=["GET", "POST"])
def trusted(code: str) -> str | Response:
    """Say what going back to the usual way will do, and do it."""
    seat = seat_or_404(code, Action.DECLARE_MAIL_COMPROMISED)
    demand_recent_proof()
    asked = DeskForm()
    if asked.validate_on_submit():
        if trust_mail_again(session(), desk(), by=seat, now=now()):
            flash(say("Les messages reprennent leur voie habituelle."))
        return redirect(_url(seat))
    return _about_compromise("mail_account/trusted.html", seat, asked)


def _about_compromise(template: str, seat: Acting, asked: DeskForm) -> str:
    settings = mail_settings(session(), desk(), by=seat)
    return render_template(template, seat=seat, form=asked, settings=settings, back=_url(seat))
