"""Forms sent when somebody first had to say who they are: kept, and offered again.

A redirect cannot send a form again, so a page with one button does. It is shown to the
author alone, once they have signed in or given their proof, whichever way.
"""

import re

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
from flask import session as cookie
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from breachdesk.services.kept_forms import find_kept_form, forget_kept_form, keep_form
from breachdesk.services.sessions import owner_of_session
from breachdesk.services.tokens import token_hash
from breachdesk.web.language import safe_target, say
from breachdesk.web.request import desk, now, session

pages = Blueprint("kept_form", __name__, url_prefix="/continue/<int:form_id>")

# In a form sent again: which of the kept ones it is.
KEPT_FIELD = "kept_form"
TOKEN_FIELD = "csrf_token"  # noqa: S105 - a name
# As Flask-Login has it in the cookie: the token of the session.
_SESSION = "_user_id"
# What is asked anew rather than kept: passwords and codes, and what changes nothing.
ENDPOINTS_NEVER_KEPT = frozenset({"account.alive", "account.set_password", "questionnaire.preview"})
NEVER_KEPT = frozenset(
    {
        "joining",
        "kept_form",
        "language",
        "password",
        "proof",
        "second_factor",
        "second_step",
        "setup",
        "sign_in",
        "single_sign_on",
    }
)


# A server's password is sent again with its form, but not shown.
SECRET_NAME = re.compile("password|secret")


def register(app: Flask) -> None:
    """Forget a kept form once its author sends it again."""
    app.before_request(_forget_what_is_sent)


def keep_request(user_id: int) -> int | None:
    """Keep the form that this request brought, for its author; None where it is not kept."""
    if request.method != "POST" or request.blueprint in NEVER_KEPT:
        return None
    if request.endpoint in ENDPOINTS_NEVER_KEPT:
        return None
    fields = [
        (name, value.replace("\x00", ""))
        for name, value in request.form.items(multi=True)
        if name not in (TOKEN_FIELD, KEPT_FIELD)
    ]
    files = [file.filename for _, file in request.files.items(multi=True) if file.filename]
    path = request.full_path.rstrip("?")
    return keep_form(session(), desk(), user_id, path=path, fields=fields, files=files, now=now())


def keep_for_author() -> bool:
    """Keep what somebody sent whose session is over; whether it was kept."""
    author = _author()
    kept = keep_request(author) if author is not None else None
    return kept is not None


def answer_to_stale_form() -> Response | None:
    """What to answer to a form of a session that is over; None: it is no form of ours.

    The token in it is signed by us and names the session it was shown in.
    """
    author = _author_of_token()
    if author is None:
        return None
    if not current_user.is_authenticated:
        tell_of_end(keep_for_author())
        return redirect(url_for("sign_in.form"))
    if current_user.id != author:
        return None
    kept = keep_request(author)
    return redirect(url_for("kept_form.show", form_id=kept)) if kept is not None else None


def tell_of_end(is_kept: bool) -> None:
    """Say on the next page that the session is over, and what became of what was sent."""
    if is_kept:
        flash(
            say(
                "Votre session a pris fin. Ce que vous avez écrit est gardé : connectez-vous "
                "pour l’envoyer."
            ),
            "notice",
        )
    else:
        flash(say("Votre session a pris fin. Connectez-vous pour continuer."), "notice")


def had_session() -> bool:
    """Whether somebody was signed in at this browser."""
    return _SESSION in cookie


@pages.get("")
def show(form_id: int) -> str:
    """Offer to send a kept form again."""
    kept = find_kept_form(session(), desk(), current_user.id, form_id, now=now())
    readable = (value for name, value in kept.fields if not SECRET_NAME.search(name))
    longest = max(readable, key=len, default="")
    return render_template(
        "kept_forms/show.html",
        kept=kept,
        # A path of ours when it was kept, and still.
        target=safe_target(kept.path),
        field=KEPT_FIELD,
        written=longest if " " in longest.strip() else "",
    )


@pages.post("/discard")
def discard(form_id: int) -> Response:
    """Forget a form that its author gives up."""
    find_kept_form(session(), desk(), current_user.id, form_id, now=now())
    forget_kept_form(session(), current_user.id, form_id)
    flash(say("Ce que vous aviez écrit est effacé."))
    return redirect(url_for("desk.home"))


def _forget_what_is_sent() -> None:
    """Before the view: where it asks for a proof again, the form is kept again."""
    sent = request.form.get(KEPT_FIELD, "") if request.method == "POST" else ""
    if sent.isdecimal() and len(sent) < 10 and g.get("person") is not None:
        forget_kept_form(session(), g.person.id, int(sent))


def _author() -> int | None:
    """Whose session the request belongs to or belonged to."""
    token = str(cookie.get(_SESSION, ""))
    return _author_of_token() or (owner_of_session(session(), token_hash(token)) if token else None)


def _author_of_token() -> int | None:
    """In whose session the form was shown that this request brought, as its token says."""
    assert current_app.secret_key is not None
    signer = URLSafeTimedSerializer(current_app.secret_key, salt="wtf-csrf-token")
    try:
        secret = str(signer.loads(request.form.get(TOKEN_FIELD, "")))
    except BadData:
        return None
    return owner_of_session(session(), secret.partition(".")[0])
