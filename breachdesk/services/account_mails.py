"""Mails about accounts, queued with what caused them. Addresses and links are sealed."""

from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import ACCOUNT_MAILS, FIRST_PRIORITY, MailKind
from breachdesk.models import Delivery, Organisation, User
from breachdesk.services.acting import Desk
from breachdesk.services.posting import Piece, post


def queue_account_mail(
    session: Session,
    desk: Desk,
    kind: MailKind,
    *,
    key: str,
    now: datetime,
    organisation: Organisation | None,
    to: User | tuple[str, str],
    locale: str = "fr",
    **told: str,
) -> Delivery:
    """Queue one mail about an account; does not commit.

    Args:
        key: names the mail; the same key is never queued twice.
        organisation: whose mail account sends it; None: the installation's.
        to: one of our people, or the name and address of somebody who is none yet.
        locale: of somebody who is none yet.
        told: what the mail says, see `mail.account_mails.account_mail`; sealed.
    """
    assert kind in ACCOUNT_MAILS
    if isinstance(to, User):
        sealed: dict[str, str] = dict(told)
    else:
        name, address = to
        sealed = {**told, "name": name, "address": address, "locale": locale}
    delivery = Delivery(
        organisation_id=organisation.id if organisation else None,
        kind=kind,
        dedup_key=key,
        priority=FIRST_PRIORITY,
        user_id=to.id if isinstance(to, User) else None,
        sealed=desk.vault.seal_json(sealed),
        queued_at=now,
        next_attempt_at=now,
    )
    session.add(delivery)
    post(session, Piece.DELIVERIES)
    return delivery
