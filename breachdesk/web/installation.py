"""The operator's pages: what runs, which organisations there are, a new one.

To anybody else they are not there. They show nothing of a case, and nothing of a mail but
that some wait.
"""

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.widgets import EmailInput

from breachdesk.domain.errors import NotFound
from breachdesk.domain.installation import is_backup_recent
from breachdesk.domain.organisation_details import FRENCH_ZONES
from breachdesk.domain.version import VERSION
from breachdesk.models import User
from breachdesk.services import hosting
from breachdesk.services.acting import Operating
from breachdesk.services.hosting import FirstPerson
from breachdesk.services.installation import what_runs
from breachdesk.services.invitations import Invited
from breachdesk.web.forms import AtMost, DeskForm, Needed, choices, faults_on
from breachdesk.web.frame import LANGUAGES
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.organisation_form import OrganisationForm, zone_choices
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_
from breachdesk.wording.work import ping_words, trouble_sentences, way_label, work_label

pages = Blueprint("installation", __name__, url_prefix="/installation")


class FirstPersonForm(DeskForm):
    """Who is to open an organisation."""

    person_name = StringField(
        say_later("Son nom"),
        [Needed(N_("Indiquez le nom de cette personne.")), AtMost(200)],
        render_kw={"autocomplete": "off"},
    )
    person_email = StringField(
        say_later("Son adresse électronique"),
        [Needed(N_("Indiquez l’adresse électronique de cette personne.")), AtMost(254)],
        widget=EmailInput(),
        render_kw={"autocomplete": "off"},
    )
    locale = SelectField(say_later("Langue du message"), choices=choices(*LANGUAGES))

    def person(self) -> FirstPerson:
        """Whom the form names."""
        return FirstPerson(
            self.person_name.data or "", self.person_email.data or "", self.locale.data
        )


class NewOrganisationForm(FirstPersonForm):
    """A new organisation: enough to begin with. Its own people complete the rest."""

    name, code = OrganisationForm.name, OrganisationForm.code
    timezone = SelectField(
        say_later("Fuseau horaire"),
        choices=zone_choices,
        default=FRENCH_ZONES[0],
        validate_choice=False,
    )


def _operator() -> Operating:
    """Whoever asks, as the operator.

    Raises:
        NotFound: they are none: to them there is no such page.
    """
    person: User = g.person
    if not person.is_operator:
        raise NotFound
    return Operating(person)


@pages.get("")
def show() -> str:
    """What runs, and for whom."""
    monitor = current_app.extensions["monitor"]
    runs = what_runs(session(), desk(), monitor, by=_operator(), now=now())
    return render_template(
        "installation/show.html",
        runs=runs,
        version=VERSION,
        troubles=trouble_sentences(runs.work, wording()),
        backlog=[(work_label(each.kind, wording()), each) for each in runs.work.backlog],
        ways=[(way_label(way, wording()), way) for way in runs.work.ways],
        ping_words=ping_words(runs.work, wording()),
        seal=desk().seal,
        is_timestamped=desk().timestamp_url is not None,
        is_backed_up=is_backup_recent(runs.backed_up_at, now=now()),
    )


@pages.route("/organisations/new", methods=["GET", "POST"])
def create() -> str | Response | tuple[str, int]:
    """Create an organisation by inviting the person who will run it."""
    by = _operator()
    asked = NewOrganisationForm()
    if not asked.is_submitted():
        return render_template("installation/create.html", form=asked)
    demand_recent_proof()
    if asked.validate():
        details = {name: (asked[name].data or "").strip() for name in ("name", "code", "timezone")}
        with faults_on(asked) as attempt:
            made = hosting.open_organisation(
                session(), desk(), details, asked.person(), by=by, now=now()
            )
        if attempt.succeeded:
            return _invited(made)
    return render_template("installation/create.html", form=asked), 422


@pages.route("/organisations/<code>", methods=["GET", "POST"])
def organisation(code: str) -> str | Response | tuple[str, int]:
    """One organisation; while nobody runs it, invite again who shall."""
    by = _operator()
    found = hosting.find_hosted(session(), code, by=by)
    asked = FirstPersonForm()
    if not asked.is_submitted():
        asked = FirstPersonForm(data=_first_person(found))
        return render_template("installation/organisation.html", hosted=found, form=asked)
    demand_recent_proof()
    if asked.validate():
        with faults_on(asked) as attempt:
            made = hosting.invite_first_person(
                session(), desk(), code, asked.person(), by=by, now=now()
            )
        if attempt.succeeded:
            return _invited(made)
        found = hosting.find_hosted(session(), code, by=by)
    return render_template("installation/organisation.html", hosted=found, form=asked), 422


def _first_person(found: hosting.Hosted) -> dict[str, str]:
    """Who was invited before, to be corrected."""
    former = found.invitation
    if former is None:
        return {"locale": found.organisation.locale}
    return {"person_name": former.name, "person_email": former.email, "locale": former.locale}


def _invited(made: Invited) -> str | Response:
    """Say that the mail leaves, or show the link: this once, and on no later page."""
    if made.link:
        return render_template(
            "people/link.html",
            invitation=made.invitation,
            link=made.link,
            back=url_for("installation.show"),
        )
    flash(say("L’invitation part vers %(email)s.", email=made.invitation.email))
    return redirect(url_for("installation.show"))
