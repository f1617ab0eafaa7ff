"""Somebody with every second factor, for the pictures and the walk."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.models import User
from breachdesk.services.recovery_codes import make_recovery_codes
from tests.people import Work, address_of, at_desk, make_organisation, organisation
from tests.services.factors import code_at, enrol_passkey, enrol_totp, person

# The organisation demands second factors; its DPO has all of them, its admin none.
SERAFIN = "SER"
CAREFUL, CARELESS = address_of(Role.DPO, SERAFIN), address_of(Role.ADMIN, SERAFIN)


def sample_factors(app: Flask, work: Work, now: datetime) -> int:
    """Make the organisation and its careful DPO; the id of one of their passkeys."""
    # To an address in figures browsers give no passkey, and the pages would say so.
    app.extensions["desk"] = replace(work.desk, public_url="https://bureau.girandole.example")
    work = Work(work.session, app.extensions["desk"])
    make_organisation(work, SERAFIN, now=now - timedelta(days=40), name="Cabinet Sérafin")
    organisation(work, SERAFIN).demands_second_factor = True
    careful = person(work, Role.DPO, SERAFIN)
    careful.name = "Inès Caradec"
    enrol_totp(work, careful, now=now - timedelta(days=39))
    for name, age in (("Téléphone", 39), ("Clé USB du bureau", 12)):
        _, passkey = enrol_passkey(work, careful, now=now - timedelta(days=age), name=name)
    make_recovery_codes(work.session, work.desk, careful, now=now)
    return passkey.id


def second_factor_of(app: Flask, email: str) -> str:
    """The code that somebody's application shows now, as if they had given none before."""
    with at_desk(app) as work:
        user = work.session.scalars(select(User).where(User.email == email)).one()
        assert user.totp_secret is not None
        user.totp_last_step = None
        work.session.commit()
        secret = work.desk.vault.open(user.totp_secret).decode()
        return code_at(secret, app.extensions["clock"]())
