"""How a sign-in ends, whichever way it came: password, second step, passkey, provider.

A way that has proven who somebody is calls `sign_in_with`. The password of somebody who has
a second factor calls `ask_second_step` instead; the second step takes it up with
`half_signed_in` and ends with `finish_half`.
"""

import secrets
from datetime import datetime

from flask import redirect, request, url_for
from flask import session as cookie
from flask_login import login_user
from werkzeug.wrappers import Response

from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import User, UserSession
from breachdesk.services.kept_forms import kept_form_ids
from breachdesk.services.organisation_sign_in import note_break_glass
from breachdesk.services.sessions import begin_session, complete_session, find_half_signed_in
from breachdesk.services.tokens import token_hash
from breachdesk.web.browsers import device_of, know_browser
from breachdesk.web.language import safe_target
from breachdesk.web.request import CHOSEN, desk, now, session

# What outlives a change of person at the same browser.
KEPT = ("locale", CHOSEN)
# In the cookie: the token of a session that awaits its second factor, and where to go then.
HALF, BACK = "half", "back"
# In the cookie, as Flask-WTF has it: what the tokens of our forms must carry.
FORM_SECRET = "csrf_token"  # noqa: S105 - a name


def sign_in_with(
    user: User,
    *,
    method: SignInMethod,
    has_second_factor: bool = False,
    organisation_id: int | None = None,
    proven_at: datetime | None = None,
) -> Response:
    """Sign somebody in who has proven who they are; leads to where they were going.

    Args:
        has_second_factor: the proof was of two factors, such as a passkey with its PIN.
        organisation_id: whose single sign-on it was.
        proven_at: when its provider last asked for a proof, where that was not now.
    """
    token = _begin(
        user,
        method,
        is_complete=True,
        has_second_factor=has_second_factor,
        organisation_id=organisation_id,
        proven_at=proven_at,
    )
    return finish_sign_in(user, token)


def ask_second_step(
    user: User,
    *,
    method: SignInMethod = SignInMethod.PASSWORD,
    organisation_id: int | None = None,
) -> Response:
    """Keep that somebody gave their first factor, and lead them to the second.

    Args:
        organisation_id: whose single sign-on the first one was.
    """
    token = _begin(user, method, is_complete=False, organisation_id=organisation_id)
    target = target_after_sign_in()
    empty_cookie()
    cookie[HALF], cookie[BACK] = token, target
    return redirect(url_for("second_step.form"))


def half_signed_in() -> UserSession | None:
    """The session of this browser that awaits its second factor, if it still may come."""
    token = cookie.get(HALF, "")
    return find_half_signed_in(session(), token, now=now()) if token else None


def finish_half(kept: UserSession) -> Response:
    """Sign in whoever gave their second factor; `kept` is what `half_signed_in` found."""
    user = kept.user
    return finish_sign_in(user, complete_session(session(), kept, now=now()))


def keep_target() -> None:
    """Keep in the cookie where to go after a sign-in that leads through other pages."""
    cookie[BACK] = target_after_sign_in()


def target_after_sign_in() -> str:
    """Where somebody was going before they were asked who they are: a page of ours."""
    asked = request.args.get("back", "") or str(cookie.get(BACK, ""))
    return safe_target(asked) or url_for("desk.home")


def finish_sign_in(user: User, token: str) -> Response:
    """Hand a session's token to the browser, in a cookie that knows nothing of before."""
    target = _form_to_send_again(user) or target_after_sign_in()
    empty_cookie()
    # Which session a form was shown in can be told from the form, when that one is over.
    cookie[FORM_SECRET] = f"{token_hash(token)}.{secrets.token_hex(16)}"
    user.session_token = token
    login_user(user)
    answer = redirect(target)
    know_browser(answer, user.email)
    note_break_glass(session(), desk(), token, now=now())
    return answer


def empty_cookie() -> None:
    """Forget whoever was at this browser, but for the language and the organisation."""
    kept = {name: cookie[name] for name in KEPT if name in cookie}
    cookie.clear()
    cookie.update(kept)


def _form_to_send_again(user: User) -> str:
    """The page of what they had sent when their session was over, if there is any."""
    kept = kept_form_ids(session(), user.id, now=now())
    return url_for("kept_form.show", form_id=kept[0]) if kept else ""


def _begin(
    user: User,
    method: SignInMethod,
    *,
    is_complete: bool,
    has_second_factor: bool = False,
    organisation_id: int | None = None,
    proven_at: datetime | None = None,
) -> str:
    return begin_session(
        session(),
        user,
        method=method,
        now=now(),
        is_complete=is_complete,
        has_second_factor=has_second_factor,
        organisation_id=organisation_id,
        proven_at=proven_at,
        device=device_of(request.user_agent.string),
        address=request.remote_addr or "",
    )
