"""What somebody changes of their own account, beside their password."""

from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_address import address_fault
from breachdesk.models import User
from breachdesk.services.account_notices import tell_owner
from breachdesk.services.acting import Desk

LONGEST_NAME = 200


def change_own_details(
    session: Session,
    desk: Desk,
    user: User,
    *,
    name: str,
    locale: str,
    second_email: str,
    now: datetime,
) -> None:
    """Change somebody's name, language and second address.

    A new second address is told to the first: whoever sits at another's browser could
    otherwise have the organisation's mail sent to themselves one day.

    Raises:
        InvalidInput: no name; the second address cannot be written to, or is the first.
    """
    second = second_email.strip()
    if not name.strip():
        raise InvalidInput("name_missing", field="name")
    if second and address_fault(second) is not None:
        raise InvalidInput("not_an_address", field="second_email", shown=second)
    if second.lower() == user.email:
        raise InvalidInput("second_address_is_first", field="second_email")
    if second != user.second_email:
        tell_owner(session, desk, user, "second_address_changed", now=now)
    user.name, user.locale, user.second_email = name.strip(), locale, second
    session.commit()
