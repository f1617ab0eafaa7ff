"""What the walk of every page meets of signing in: a throttled account, a link, a kept form."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.sign_in import PROOF_LASTS, SignInMethod
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Delivery, User, UserSession
from breachdesk.services.kept_forms import keep_form
from breachdesk.services.password_changes import ask_for_reset
from breachdesk.services.sessions import begin_session
from breachdesk.services.throttling import count_attempt
from tests.cases import Work, address_of, at_desk

# Nobody's: its bucket is full.
THROTTLED = "inconnue@gir.example"
# Before an address: whoever proved who they are too long ago for a delicate act.
LONG_AGO = "long ago "
HERE = "127.0.0.1"
WRITTEN = (
    "La sauvegarde de jeudi n’a pas tourné.\r\nJ’ai appelé l’hébergeur, qui cherche d’où vient "
    "la panne <disque 2> ; nous saurons demain si la liste des clients était dedans."
)


def sample_sign_in(work: Work, email: str, now: datetime) -> dict[str, str]:
    """Make them; `reset` is the token of a link, `kept` the id of a form.

    Args:
        email: of somebody who is signed in at a second browser.
    """
    for _ in range(LIMITS[Attempt.SIGN_IN_ACCOUNT].most):
        count_attempt(work.session, work.desk.vault, Attempt.SIGN_IN_ACCOUNT, THROTTLED, now=now)
    _elsewhere(work, email, now - timedelta(minutes=12))
    return {"reset": _link(work, now), "kept": str(_kept(work, now - timedelta(minutes=4)))}


def _elsewhere(work: Work, email: str, at: datetime) -> None:
    user = work.session.scalars(select(User).where(User.email == email)).one()
    begin_session(
        work.session,
        user,
        method=SignInMethod.PASSKEY,
        now=at,
        device="Safari, iPhone",
        address="2001:db8:85a3:8d3:1319:8a2e:370:7348",
    )


def _link(work: Work, now: datetime) -> str:
    ask_for_reset(work.session, work.desk, address_of(Role.MANAGER), address=HERE, now=now)
    mail = work.session.scalars(
        select(Delivery).where(Delivery.kind == MailKind.PASSWORD_RESET)
    ).one()
    assert mail.sealed is not None
    link: str = work.desk.vault.open_json(mail.sealed)["link"]
    return link.rpartition("/")[2]


def _kept(work: Work, at: datetime) -> int | None:
    author = work.session.scalars(select(User).where(User.email == address_of(Role.MANAGER))).one()
    return keep_form(
        work.session,
        work.desk,
        author.id,
        path="/organisations/GIR/incidents/new",
        fields=[("description", WRITTEN), ("noticed_at", "2026-11-27T18:00")],
        files=["capture d’écran <hébergeur>.png"],
        now=at,
    )


def let_proof_grow_old(app: Flask, email: str) -> None:
    """Whoever just signed in proved who they are longer ago than a delicate act allows."""
    with at_desk(app) as work:
        for kept in work.session.scalars(
            select(UserSession).join(UserSession.user).where(User.email == email)
        ):
            kept.proven_at -= 2 * PROOF_LASTS
        work.session.commit()
