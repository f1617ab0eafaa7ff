"""Which mail to write about an account, in the reader's language and zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from breachdesk.domain.deliveries import MailKind
from breachdesk.wording import account_mails, wording_for
from breachdesk.wording.labels import role_label
from breachdesk.wording.mail_accounts import trial
from breachdesk.wording.mails import Mail
from breachdesk.wording.times import local_time

_TEXTS = {
    MailKind.INVITATION: account_mails.invitation,
    MailKind.PASSWORD_RESET: account_mails.password_reset,
    MailKind.ACCOUNT_NOTICE: account_mails.account_notice,
}


def trial_mail(organisation: str, *, locale: str) -> Mail:
    """The mail by which an account is tried."""
    return trial(wording_for(locale), organisation)


def account_mail(
    kind: MailKind, told: Mapping[str, Any], *, organisation: str, timezone: str, locale: str
) -> Mail:
    """The mail of this kind.

    Args:
        told: `link`, `until` (ISO, UTC), `inviter`, `change`, `person`, `roles` (codes with
            commas between them), as far as the kind has them.
    """
    wording = wording_for(locale)
    until = told.get("until")
    return _TEXTS[kind](
        wording,
        account_mails.AccountMail(
            organisation=organisation,
            link=told.get("link", ""),
            until=local_time(datetime.fromisoformat(until), timezone, wording) if until else "",
            inviter=told.get("inviter", ""),
            change=told.get("change", ""),
            person=told.get("person", ""),
            roles=", ".join(role_label(code, wording) for code in _roles(told)),
        ),
    )


def _roles(told: Mapping[str, Any]) -> list[str]:
    return [code for code in str(told.get("roles", "")).split(",") if code]
