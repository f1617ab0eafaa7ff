"""Asking again who it is, before an act that would do most harm in another's hands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from breachdesk.domain.sign_in import PROOF_LASTS, SignInMethod, must_prove_again
from breachdesk.services.password_changes import prove_password
from breachdesk.services.passwords import NO_PASSWORD
from breachdesk.services.sessions import SignedIn, note_proof
from breachdesk.web.forms import DeskForm, Needed, faults_on
from breachdesk.web.kept_forms import keep_request
from breachdesk.web.language import safe_target, say, say_later
from breachdesk.web.password_fields import password_field
from breachdesk.web.request import desk, now, session
from breachdesk.wording import N_

pages = Blueprint("proof", __name__, url_prefix="/confirm")


class ProofNeeded(Exception):
    """The person must prove again who they are before this request is carried out."""


def demand_recent_proof() -> None:
    """Interrupt the request unless the person proved who they are within the hour.

    Call it first in a view. What was posted is kept, and sent again after the proof.
    """
    if must_prove_again(g.signed_in.session.proven_at, now=now()):
        raise ProofNeeded


@dataclass(frozen=True)
class ProofWay:
    """A way to prove who one is that has pages of its own.

    Args:
        label: what its link says, a message id.
        url: the address of its page for a sign-in, and where to go back to; None where the
            person does not have this way. It ends by calling `finish_proof`.
    """

    label: str
    url: Callable[[SignedIn, str], str | None]


# Features that know another way than a password add theirs.
PROOF_WAYS: list[ProofWay] = []


def register(app: Flask) -> None:
    """Lead whoever must prove who they are to where they can."""
    app.register_error_handler(ProofNeeded, _ask)


def finish_proof(back: str, *, has_second_factor: bool = False) -> Response:
    """Note that the person in hand proved who they are, and lead them back.

    Args:
        back: as the way was given it; anything but a page of ours leads home.
        has_second_factor: the proof was of a second factor.
    """
    note_proof(g.signed_in.session, now=now(), has_second_factor=has_second_factor)
    session().commit()
    return redirect(safe_target(back) or url_for("desk.home"))


class ProofForm(DeskForm):
    """The password somebody signed in with."""

    password = password_field(
        say_later("Mot de passe"), [Needed(N_("Indiquez votre mot de passe."))]
    )


@pages.get("")
def form() -> str | Response:
    """Ask again who it is; a proof that is fresh is enough."""
    if not must_prove_again(g.signed_in.session.proven_at, now=now()):
        return redirect(_back() or url_for("desk.home"))
    return _page(ProofForm())


@pages.post("")
def submit() -> str | Response | tuple[str, int]:
    """Take a password as the proof."""
    asked = ProofForm()
    if _takes_password() and asked.validate():
        with faults_on(asked) as attempt:
            prove_password(
                session(), desk(), g.person, asked.password.data, field="password", now=now()
            )
        if attempt.succeeded:
            return finish_proof(_back())
    return _page(asked), 422


def _ask(_needed: ProofNeeded) -> Response:
    session().rollback()
    return redirect(url_for("proof.form", back=_after_proof()))


def _after_proof() -> str:
    """Where to go after the proof: the page asked for, or the one that sends the form again."""
    path = request.full_path.rstrip("?")
    if request.method != "POST":
        return path
    kept = keep_request(g.person.id)
    if kept is not None:
        return url_for("kept_form.show", form_id=kept)
    flash(say("Après cette vérification, recommencez : ce que vous avez envoyé n’est pas gardé."))
    router = current_app.create_url_adapter(request)
    assert router is not None
    return path if router.test(request.path, "GET") else url_for("desk.home")


def _takes_password() -> bool:
    """Whoever came through their organisation goes through it again."""
    is_local = g.signed_in.session.method is not SignInMethod.SINGLE_SIGN_ON
    return is_local and g.person.password_hash != NO_PASSWORD


def _back() -> str:
    return safe_target(request.args.get("back", ""))


def _page(asked: ProofForm) -> str:
    offered = ((way.label, way.url(g.signed_in, _back())) for way in PROOF_WAYS)
    return render_template(
        "proof/form.html",
        form=asked,
        takes_password=_takes_password(),
        ways=[(say(label), url) for label, url in offered if url is not None],
        hours=PROOF_LASTS // timedelta(hours=1),
    )
