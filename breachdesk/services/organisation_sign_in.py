"""How the people of an organisation sign in: what it demands, and what it refuses."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, exists, or_, select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Action, Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.organisation_sign_in import (
    BREAK_GLASS_ROLES,
    Obstacle,
    WayIn,
    is_tried,
    obstacles,
)
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import (
    IdentityProvider,
    Membership,
    Organisation,
    Passkey,
    User,
    UserSession,
)
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.identity_providers import (
    count_linked,
    provider_of,
    take_local_sign_in,
)
from breachdesk.services.journal import write_journal
from breachdesk.services.tokens import token_hash

log = logging.getLogger(__name__)

# A factor of the person's own at this desk.
_HAS_FACTOR = or_(User.totp_confirmed_at.is_not(None), exists().where(Passkey.user_id == User.id))


@dataclass(frozen=True)
class Rules:
    """How an organisation's people sign in, and what its administrator may change now.

    Args:
        without_factor: the people who have no second factor at this desk, by name.
        candidates: who may be the one whom a password lets in all the same, by name.
        obstacles: what is in the way of refusing passwords.
    """

    people: int
    without_factor: list[User]
    provider: IdentityProvider | None
    linked: int
    break_glass: User | None
    candidates: list[User]
    obstacles: list[Obstacle]

    @property
    def break_glass_is_fit(self) -> bool:
        """Whether the person chosen can still come in: they may have lost role or factor."""
        return self.break_glass is not None and self.break_glass in self.candidates


def rules_of(session: Session, by: Acting, in_hand: UserSession) -> Rules:
    """What an organisation demands of a sign-in; a fixed number of queries.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    organisation = by.organisation
    people = _members(session, organisation)
    fit = _candidates(session, organisation)
    provider = provider_of(session, organisation)
    chosen = organisation.break_glass_id
    return Rules(
        people=len(people),
        without_factor=[user for user, has_factor in people if not has_factor],
        provider=provider,
        linked=count_linked(session, provider) if provider else 0,
        break_glass=session.get(User, chosen) if chosen else None,
        candidates=fit,
        obstacles=_obstacles(organisation, provider, in_hand, fit),
    )


def _members(session: Session, organisation: Organisation) -> list[tuple[User, bool]]:
    """Who can sign in here, by name, and whether they have a second factor at this desk."""
    rows = session.execute(
        select(User, _HAS_FACTOR)
        .where(User.is_active, _is_member(organisation.id))
        .order_by(User.name, User.id)
    )
    return [(user, bool(has_factor)) for user, has_factor in rows]


def _candidates(session: Session, organisation: Organisation) -> list[User]:
    is_fit = _is_member(organisation.id, *sorted(BREAK_GLASS_ROLES))
    query = select(User).where(User.is_active, is_fit, _HAS_FACTOR)
    return list(session.scalars(query.order_by(User.name, User.id)))


def _is_member(organisation_id: int, *roles: Role) -> Exists:
    """That a person is one of an organisation, with one of the roles if any are given."""
    held = exists().where(
        Membership.user_id == User.id,
        Membership.organisation_id == organisation_id,
        Membership.ended_at.is_(None),
    )
    return held.where(Membership.role.in_(roles)) if roles else held


def _obstacles(
    organisation: Organisation,
    provider: IdentityProvider | None,
    in_hand: UserSession,
    candidates: Sequence[User],
) -> list[Obstacle]:
    way = WayIn(in_hand.method, in_hand.organisation_id, in_hand.started_at)
    return obstacles(
        has_provider=provider is not None,
        is_enabled=provider is not None and provider.is_enabled,
        is_tried=provider is not None
        and is_tried(way, organisation_id=organisation.id, changed_at=provider.changed_at),
        has_candidate=bool(candidates),
    )


# --- Changing the rules ----------------------------------------------------------------------


def demand_second_factor(session: Session, *, demands: bool, by: Acting, now: datetime) -> bool:
    """Demand a second factor of everybody, or no longer, and commit; whether that is a change.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    organisation = by.organisation
    session.refresh(organisation, with_for_update=True)
    is_change = organisation.demands_second_factor != demands
    if is_change:
        organisation.demands_second_factor = demands
        rule = "second_factor_demanded" if demands else "second_factor_free"
        _tell(session, by, now, rules=[rule])
    session.commit()
    return is_change


def refuse_local_sign_in(
    session: Session, *, break_glass_id: int, by: Acting, in_hand: UserSession, now: datetime
) -> bool:
    """Let nobody in but through the provider, and one person whom a password lets in too.

    Called again it chooses another such person. Commits; whether anything changed.

    Raises:
        NotAllowed: their roles do not permit it.
        WrongStep: the provider is not ready, or the administrator did not come through it.
        InvalidInput: the person chosen is not fit; `field` is `break_glass`.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    organisation = by.organisation
    session.refresh(organisation, with_for_update=True)
    fit = _candidates(session, organisation)
    in_the_way = _obstacles(organisation, provider_of(session, organisation), in_hand, fit)
    # Whoever is refused already may be given another way in without trying again.
    if not organisation.takes_local_sign_in:
        in_the_way = [each for each in in_the_way if each is not Obstacle.NOT_TRIED]
    if in_the_way:
        raise WrongStep(f"local_sign_in_{in_the_way[0]}")
    if break_glass_id not in {user.id for user in fit}:
        raise InvalidInput("break_glass_not_fit", field="break_glass")
    changed = []
    if organisation.takes_local_sign_in:
        changed.append("local_refused")
    if organisation.break_glass_id != break_glass_id:
        changed.append("break_glass_chosen")
    organisation.takes_local_sign_in, organisation.break_glass_id = False, break_glass_id
    if changed:
        _tell(session, by, now, rules=changed, user=break_glass_id)
    session.commit()
    return bool(changed)


def allow_local_sign_in(session: Session, *, by: Acting, now: datetime) -> bool:
    """Let passwords and passkeys of the desk in again, and commit; whether that is a change.

    Raises:
        NotAllowed: their roles do not permit it.
    """
    by.demand(Action.MANAGE_SIGN_IN)
    session.refresh(by.organisation, with_for_update=True)
    is_change = not by.organisation.takes_local_sign_in
    if is_change:
        take_local_sign_in(session, by, now=now)
    session.commit()
    return is_change


def _tell(session: Session, by: Acting, now: datetime, rules: list[str], **more: int) -> None:
    parameters: dict[str, Any] = {"rules": rules, **more}
    entry = Entry.SIGN_IN_RULE_CHANGED
    write_journal(session, by.organisation, entry, by=by.user, at=now, **parameters)


# --- Breaking the glass ----------------------------------------------------------------------


def note_break_glass(session: Session, desk: Desk, token: str, *, now: datetime) -> None:
    """Write down and tell the administrators that a password let somebody in all the same.

    To be called once for each sign-in, whichever way it came; one query where nothing is to
    be told. Commits.

    Args:
        token: of the session that the sign-in began.
    """
    rows = session.execute(
        select(Organisation, User)
        .join(User, Organisation.break_glass_id == User.id)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.method != SignInMethod.SINGLE_SIGN_ON,
            Organisation.takes_local_sign_in.is_(False),
            exists().where(
                Membership.user_id == User.id,
                Membership.organisation_id == Organisation.id,
                Membership.ended_at.is_(None),
            ),
        )
    ).all()
    for organisation, user in rows:
        rule = Entry.SIGN_IN_RULE_CHANGED
        write_journal(
            session,
            organisation,
            rule,
            by=user,
            at=now,
            rules=["break_glass_used"],
            break_glass=True,
        )
        _warn_administrators(session, desk, organisation, user, now=now)
        log.warning("The break-glass way into organisation %s was used", organisation.code)
    if rows:
        session.commit()


def _warn_administrators(
    session: Session, desk: Desk, organisation: Organisation, user: User, *, now: datetime
) -> None:
    """Tell the other administrators; where there are none, whoever used it."""
    others = session.scalars(
        select(User)
        .where(User.is_active, User.id != user.id, _is_member(organisation.id, Role.ADMIN))
        .order_by(User.id)
    ).all()
    event = secrets.token_hex(8)
    for told in others or [user]:
        queue_account_mail(
            session,
            desk,
            MailKind.ACCOUNT_NOTICE,
            key=f"break_glass_used:{event}:{told.id}",
            now=now,
            organisation=organisation,
            to=told,
            change="break_glass_used",
            person=user.name,
        )
