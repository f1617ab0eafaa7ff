"""Trying an organisation's mail account, and asking the DNS about its sender's domain.

Both call somebody else's servers: no transaction of ours waits for them.
"""

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.dkim_dmarc import is_selector
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_accounts import AccountTest
from breachdesk.domain.mail_domain import Finding, check_mail_domain
from breachdesk.domain.spf import Address, LookupFailed, Zone
from breachdesk.domain.throttling import Attempt
from breachdesk.mail.account_mails import trial_mail
from breachdesk.mail.letters import Letter, ascii_domain, message_id_for
from breachdesk.mail.trial import try_account
from breachdesk.models import MailAccount
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.mail_accounts import account_or_404
from breachdesk.services.mail_routes import server_of
from breachdesk.services.throttling import count_attempt, demand_room

# Longer than the whole test may take: the test's own limit says which step took so long.
TRIAL_TIMEOUT_SECONDS = 60.0


def try_mail_account(
    session: Session, desk: Desk, *, is_second: bool, sends: bool, by: Acting, now: datetime
) -> AccountTest:
    """Try an account step by step and keep what came of it.

    Args:
        sends: also hand over a mail to the person in hand.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: there is no such account.
        TooManyAttempts: too many tries of this organisation.
    """
    by.demand(Action.MANAGE_MAIL)
    account = account_or_404(session, by, is_second=is_second)
    server = replace(server_of(desk, account), timeout=TRIAL_TIMEOUT_SECONDS)
    letter = _trial_letter(account, by, now)
    account_id, changed_at = account.id, account.changed_at
    _count_try(session, desk, by, now)
    found = try_account(server, letter, sends=sends)
    kept = session.get(MailAccount, account_id, with_for_update=True, populate_existing=True)
    if kept is not None and kept.changed_at == changed_at:
        kept.last_test, kept.tested_at = {**kept.last_test, "steps": found.as_record()}, now
    session.commit()
    return found


def _count_try(session: Session, desk: Desk, by: Acting, now: datetime) -> None:
    whom = f"organisation:{by.organisation.id}"
    demand_room(session, desk.vault, Attempt.MAIL_TRIAL, whom, now=now)
    count_attempt(session, desk.vault, Attempt.MAIL_TRIAL, whom, now=now)


def _trial_letter(account: MailAccount, by: Acting, now: datetime) -> Letter:
    compromised = by.organisation.mail_compromised_at is not None
    mail = trial_mail(by.organisation.name, locale=by.user.locale)
    domain = account.sender.rpartition("@")[2]
    return Letter(
        message_id=message_id_for(f"trial:{account.id}:{now.isoformat()}", domain),
        sender_name=by.organisation.name,
        sender_address=account.sender,
        recipient_name=by.user.name,
        recipient_address=(compromised and by.user.second_email) or by.user.email,
        subject=mail.subject,
        text=mail.text,
        sent_at=now,
        reply_to=account.reply_to,
    )


# --- Checked ---------------------------------------------------------------------------------


def check_domain(
    session: Session, desk: Desk, *, is_second: bool, selector: str, by: Acting, now: datetime
) -> list[Finding]:
    """Ask the DNS what it says of the sender's domain, and keep the answer.

    Args:
        selector: names the DKIM key; empty where nobody knows it.

    Raises:
        NotAllowed: their roles do not permit it.
        NotFound: there is no such account.
        InvalidInput: that is no selector.
        TooManyAttempts: too many tries of this organisation.
    """
    by.demand(Action.MANAGE_MAIL)
    if selector and not is_selector(selector):
        raise InvalidInput("dkim_selector_invalid", field="selector", shown=selector)
    account = account_or_404(session, by, is_second=is_second)
    account_id, changed_at, host = account.id, account.changed_at, account.host
    local_part, _, domain = account.sender.rpartition("@")
    _count_try(session, desk, by, now)
    zone = desk.name_servers.zone()
    findings = check_mail_domain(
        zone,
        sender=f"{local_part}@{ascii_domain(domain)}",
        host=host,
        addresses=_addresses_of(zone, host),
        selector=selector,
    )
    kept = session.get(MailAccount, account_id, with_for_update=True, populate_existing=True)
    if kept is not None and kept.changed_at == changed_at:
        checked = {
            "at": now.isoformat(),
            "selector": selector,
            "findings": [finding.as_record() for finding in findings],
        }
        kept.last_test = {**kept.last_test, "domain": checked}
    session.commit()
    return findings


def _addresses_of(zone: Zone, host: str) -> list[Address]:
    """Where a mail server stands, as the DNS has it; nowhere if it does not answer."""
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        return [*zone.addresses(host, 4), *zone.addresses(host, 6)]
    except LookupFailed:
        return []
