"""What the sample desk in use has behind the pages about people: invited, gone, operating."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select, update

from breachdesk.domain.access import Role
from breachdesk.models import Delivery, Invitation, Organisation, User, UserSession
from breachdesk.services import hosting, invitations, people
from breachdesk.services.acting import Operating
from breachdesk.services.operators import make_operator
from breachdesk.services.passwords import hash_password
from tests.cases import PASSWORD, Work, address_of, at_desk, seat

OPERATOR = "exploitante@desk.example"


def sample_people(work: Work, now: datetime) -> dict[str, str]:
    """People at every stage in GIR; VID's DPO is invited there too; OLV waits for its first."""
    then = now - timedelta(days=3)
    former, member = seat(work, Role.AUDITOR, "ATT").user, seat(work, Role.HANDLER).user
    places = {"member": str(member.id), "former": str(former.id)}
    admin = seat(work, Role.ADMIN, "ATT")
    people.remove_person(
        work.session, work.desk, former.id, by=admin, now=then, reason="Fin de mission."
    )
    zoe = _invite(work, "Zoé Arnaud", "zoe.arnaud@gir.example", ["handler", "reporter"], then)
    known = _invite(work, "Inès Caradec", address_of(Role.DPO, "VID"), ["dpo"], now)
    _invite(work, "Théo Blin", "theo.blin@gir.example", ["auditor"], now - timedelta(days=9))
    places |= {"invitation": str(zoe.id), "invited": token_of(work, zoe)}
    _host(work, now)
    return places | {"invited_known": token_of(work, known)}


def _invite(
    work: Work, name: str, email: str, roles: list[str], now: datetime, code: str = "GIR"
) -> Invitation:
    guest = invitations.Guest(name, email, roles)
    by = seat(work, Role.ADMIN, code)
    return invitations.invite(work.session, work.desk, guest, by=by, now=now).invitation


def token_of(work: Work, invitation: Invitation) -> str:
    """The secret part of an invitation's link, read off the mail that waits to leave."""
    key = f"invitation-{invitation.token_hash[:40]}"
    sealed = work.session.scalars(select(Delivery.sealed).where(Delivery.dedup_key == key)).one()
    assert sealed is not None
    link: str = work.desk.vault.open_json(sealed)["link"]
    return link.rpartition("/")[2]


def add_operator(work: Work, now: datetime, email: str = OPERATOR) -> Operating:
    """Somebody who runs the installation, in no organisation; signs in with `PASSWORD`."""
    user = make_operator(work.session, email, "Odile Perrin", now=now).user
    user.password_hash = hash_password(PASSWORD)
    work.session.commit()
    return Operating(user)


def give_second_factor(app: Flask, email: str) -> None:
    """As if they had given a second factor at each browser they are signed in at."""
    with at_desk(app) as work:
        theirs = select(User.id).where(User.email == email).scalar_subquery()
        session = update(UserSession).where(UserSession.user_id == theirs)
        work.session.execute(session.values(has_second_factor=True))
        work.session.commit()


def _host(work: Work, now: datetime) -> Organisation:
    details = {"name": "Olivier & Fils", "code": "OLV"}
    first = hosting.FirstPerson("Rose Olivier", "rose@olivier.example")
    made = hosting.open_organisation(
        work.session, work.desk, details, first, by=add_operator(work, now), now=now
    )
    return made.invitation.organisation
