"""Something in every sealed column, and in the store of files."""

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select

from breachdesk.models import (
    Delivery,
    IdentityProvider,
    Incident,
    KeptForm,
    MailAccount,
    Organisation,
    OutsideReport,
    RecipientImport,
    User,
)
from breachdesk.models.sealed import SEALED
from breachdesk.models.vault import Vault
from tests.cases import MONDAY_NINE, Work, full_case, make_organisation, start_sending

TOTP_SECRET = b"JBSWY3DPEHPK3PXP"
REPORTERS_SECRET = "cerise-tambour-lanterne-brume-4821"


def seal_something_everywhere(work: Work) -> str:
    """A desk with a whole case, and something in each sealed column; the case's reference."""
    session, vault = work.session, work.desk.vault
    make_organisation(work, now=MONDAY_NINE)
    reference = full_case(work, now=MONDAY_NINE).reference
    start_sending(work, reference, now=MONDAY_NINE)
    organisation = session.scalars(select(Organisation)).one()
    incident = session.scalars(select(Incident)).one()
    person = session.scalars(select(User).order_by(User.id)).first()
    assert person is not None
    person.totp_secret = vault.seal(TOTP_SECRET)
    session.scalars(select(Delivery).order_by(Delivery.id)).first().sealed = vault.seal_json(
        {"address": "zoe@new.example"}
    )
    # Longer than a page of any database.
    session.scalars(select(RecipientImport)).first().content = vault.seal(os.urandom(50_000))
    session.add_all(
        [
            MailAccount(
                organisation_id=organisation.id,
                host="mail.example",
                port=587,
                security="starttls",
                secret=vault.seal(b"mail password"),
                sender="desk@gir.example",
                changed_at=MONDAY_NINE,
            ),
            IdentityProvider(
                organisation_id=organisation.id,
                issuer="https://id.example",
                client_id="desk",
                client_secret=vault.seal(b"client secret"),
                changed_at=MONDAY_NINE,
            ),
            OutsideReport(
                incident_id=incident.id,
                secret_index=vault.lasting_index(REPORTERS_SECRET),
                sealed=vault.seal_json({"name": "Somebody"}),
                reported_at=MONDAY_NINE,
            ),
            KeptForm(user_id=person.id, sealed=vault.seal_json({"path": "/"}), kept_at=MONDAY_NINE),
        ]
    )
    session.commit()
    return reference


def sealed_values(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Everything sealed in the database, with its place."""
    with engine.connect() as connection:
        for column in SEALED:
            asked = select(column.class_.id, column).where(column.is_not(None))
            rows: list[Any] = list(connection.execute(asked.order_by(column.class_.id)))
            for number, sealed in rows:
                yield f"{column} {number}", bytes(sealed)


def opened_values(engine: Engine, vault: Vault) -> dict[str, bytes]:
    """Everything sealed in the database, opened. Raises InvalidTag at what does not open."""
    return {place: vault.open(sealed) for place, sealed in sealed_values(engine)}
