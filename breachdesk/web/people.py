"""The people of an organisation: who is there, what each may do, who is invited."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.widgets import EmailInput

from breachdesk.domain.access import Action
from breachdesk.models import Invitation
from breachdesk.services import invitations, people
from breachdesk.services.acting import Acting
from breachdesk.services.people import Colleague
from breachdesk.web.forms import AtMost, DeskForm, Needed, choices, faults_on
from breachdesk.web.frame import LANGUAGES
from breachdesk.web.language import say, say_later
from breachdesk.web.proof import demand_recent_proof
from breachdesk.web.request import desk, now, seat_or_404, session
from breachdesk.web.role_choices import roles_field, roles_in_words
from breachdesk.wording import N_

pages = Blueprint("people", __name__, url_prefix="/organisations/<code>/people")


class InvitationForm(DeskForm):
    """Whom to invite, as what."""

    name = StringField(
        say_later("Nom"),
        [Needed(N_("Indiquez le nom de cette personne.")), AtMost(200)],
        render_kw={"autocomplete": "off"},
    )
    email = StringField(
        say_later("Adresse électronique"),
        [Needed(N_("Indiquez l’adresse électronique de cette personne.")), AtMost(254)],
        widget=EmailInput(),
        render_kw={"autocomplete": "off"},
    )
    locale = SelectField(
        say_later("Langue du message"), choices=choices(*LANGUAGES), validate_choice=True
    )
    roles = roles_field()


class RolesForm(DeskForm):
    """What somebody may do."""

    roles = roles_field()


class DepartureForm(DeskForm):
    """Why somebody's access is taken away, if that is to be kept."""

    reason = TextAreaField(
        say_later("Pourquoi (facultatif)"),
        [AtMost(2000)],
        description=say_later("Une phrase suffit, comme « départ de l’entreprise »."),
    )


@pages.get("")
def listing(code: str) -> str:
    """Who is here, who is invited, who has left."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    everybody = people.list_people(session(), by=seat)
    return render_template(
        "people/listing.html",
        seat=seat,
        present=[each for each in everybody if each.roles],
        former=[each for each in everybody if not each.roles],
        invited=invitations.pending_invitations(session(), by=seat),
        roles_in_words=roles_in_words,
        is_over=_is_over,
    )


def _is_over(invitation: Invitation) -> bool:
    return now() >= invitation.expires_at


# --- Inviting --------------------------------------------------------------------------------


@pages.route("/invite", methods=["GET", "POST"])
def invite(code: str) -> str | Response | tuple[str, int]:
    """Ask whom to invite; send the link, or show it where no mail can leave."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    asked = InvitationForm()
    if not asked.is_submitted():
        asked.locale.data = seat.organisation.locale
        return render_template("people/invite.html", seat=seat, form=asked)
    demand_recent_proof()
    if asked.validate():
        guest = invitations.Guest(
            asked.name.data or "", asked.email.data or "", asked.roles.data or (), asked.locale.data
        )
        with faults_on(asked) as attempt:
            made = invitations.invite(session(), desk(), guest, by=seat, now=now())
        if attempt.succeeded:
            return _invited(seat, made)
    return render_template("people/invite.html", seat=seat, form=asked), 422


def _invited(seat: Acting, made: invitations.Invited) -> str | Response:
    """Say that the mail leaves, or show the link: this once, and on no later page."""
    if made.link:
        return render_template(
            "people/link.html",
            invitation=made.invitation,
            link=made.link,
            back=url_for("people.listing", code=seat.organisation.code),
        )
    flash(say("L’invitation part vers %(email)s.", email=made.invitation.email))
    return redirect(url_for("people.listing", code=seat.organisation.code))


@pages.get("/invitations/<int:invitation_id>")
def invitation(code: str, invitation_id: int) -> str:
    """One invitation that waits: send a new link, or end it."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    found = invitations.find_pending(session(), invitation_id, by=seat)
    return render_template(
        "people/invitation.html",
        seat=seat,
        invitation=found,
        form=DeskForm(),
        is_over=_is_over(found),
        roles=roles_in_words(found.roles),
    )


@pages.post("/invitations/<int:invitation_id>/link")
def resend(code: str, invitation_id: int) -> str | Response:
    """Make a new link; the one before opens nothing any more."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    demand_recent_proof()
    made = invitations.resend_invitation(session(), desk(), invitation_id, by=seat, now=now())
    return _invited(seat, made)


@pages.post("/invitations/<int:invitation_id>/end")
def revoke(code: str, invitation_id: int) -> Response:
    """End an invitation."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    invitations.revoke_invitation(session(), invitation_id, by=seat, now=now())
    flash(say("L’invitation est annulée : son lien n’ouvre plus rien."))
    return redirect(url_for("people.listing", code=code))


# --- One person ------------------------------------------------------------------------------


@pages.route("/<int:user_id>", methods=["GET", "POST"])
def person(code: str, user_id: int) -> str | Response | tuple[str, int]:
    """What somebody may do here; whoever has left can be let back in."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    found = people.find_colleague(session(), user_id, by=seat)
    asked = RolesForm()
    if not asked.is_submitted():
        asked.roles.data = [role.value for role in found.roles]
        return _person_page(seat, found, asked)
    demand_recent_proof()
    if asked.validate():
        with faults_on(asked) as attempt:
            said = _keep_roles(seat, found, asked.roles.data or [])
        if attempt.succeeded:
            flash(said)
            return redirect(url_for("people.listing", code=code))
        # What was read before the refusal is gone with its transaction.
        found = people.find_colleague(session(), user_id, by=seat)
    return _person_page(seat, found, asked), 422


def _keep_roles(seat: Acting, found: Colleague, roles: list[str]) -> str:
    name = found.user.name
    if not found.roles:
        people.readmit_person(session(), desk(), found.user.id, roles, by=seat, now=now())
        return say("%(name)s a de nouveau accès à l’organisation.", name=name)
    changed = people.change_roles(session(), desk(), found.user.id, roles, by=seat, now=now())
    if changed:
        return say("Les rôles de %(name)s sont changés ; un message l’en avertit.", name=name)
    return say("Rien n’a changé pour %(name)s.", name=name)


def _person_page(seat: Acting, found: Colleague, asked: RolesForm) -> str:
    return render_template("people/person.html", seat=seat, person=found, form=asked)


@pages.route("/<int:user_id>/departure", methods=["GET", "POST"])
def departure(code: str, user_id: int) -> str | Response | tuple[str, int]:
    """Take all access away, after saying what that means."""
    seat = seat_or_404(code, Action.MANAGE_PEOPLE)
    found = people.find_colleague(session(), user_id, by=seat)
    if not found.roles:
        return redirect(url_for("people.person", code=code, user_id=user_id))
    asked, name = DepartureForm(), found.user.name
    if not asked.is_submitted():
        return render_template("people/departure.html", seat=seat, person=found, form=asked)
    demand_recent_proof()
    if asked.validate():
        reason = asked.reason.data or ""
        with faults_on(asked) as attempt:
            people.remove_person(session(), desk(), user_id, reason=reason, by=seat, now=now())
        if attempt.succeeded:
            flash(say("%(name)s n’a plus accès à l’organisation.", name=name))
            return redirect(url_for("people.listing", code=code))
        found = people.find_colleague(session(), user_id, by=seat)
    return render_template("people/departure.html", seat=seat, person=found, form=asked), 422
