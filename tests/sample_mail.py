"""What the sample desk in use has behind the pages about mail: accounts good, bad and left.

At EST the first account fails at its certificate and its domain publishes little. At BRU our
mail is stolen, and everything goes the second way.
"""

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from breachdesk.domain.access import Role
from breachdesk.mail.mailer import MailServer
from breachdesk.services.mail_accounts import declare_mail_compromised, save_mail_account
from breachdesk.services.mail_trials import check_domain, try_mail_account
from tests.cases import Work, seat
from tests.domain.test_dkim_dmarc import LONG_ENOUGH
from tests.mail.dns_server import serving_dns
from tests.mail.servers import (
    PASSWORD,
    Sink,
    check_password,
    self_made_certificate,
    server_context,
    serving,
)

TROUBLE, STOLEN = "EST", "BRU"
_KEY = " ".join(f'"{part}"' for part in ("v=DKIM1; p=", LONG_ENOUGH[:200], LONG_ENOUGH[200:]))
_RECORDS = {
    ("est.example", "TXT"): ['"v=spf1 mx -all"'],
    ("est.example", "MX"): ["10 mx.est.example."],
    ("mx.est.example", "A"): ["198.51.100.20"],
    ("default._domainkey.est.example", "TXT"): [f'"v=DKIM1; t=y; p={LONG_ENOUGH[:100]}"'],
    ("bru.example", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
    ("mail._domainkey.bru.example", "TXT"): [_KEY],
    ("_dmarc.bru.example", "TXT"): ['"v=DMARC1; p=reject"'],
}


def sample_mail(work: Work, now: datetime) -> None:
    """Accounts of both organisations, tried against real servers and name servers."""
    with serving_dns(_RECORDS) as (servers, _):
        desk = replace(work.desk, calls_private_network=True, name_servers=servers)
        asking = Work(work.session, desk)
        _trouble(asking, now)
        _stolen(asking, now)
    work.session.commit()


def _trouble(work: Work, now: datetime) -> None:
    with tempfile.TemporaryDirectory() as folder:
        context = server_context(*self_made_certificate(Path(folder)))
    with serving(Sink(), security="starttls", tls_context=context) as server:
        _account(work, TROUBLE, server, now, security="starttls")


def _stolen(work: Work, now: datetime) -> None:
    options = {"authenticator": check_password, "auth_require_tls": False}
    with serving(Sink(), **options) as server:
        _account(work, STOLEN, server, now)
        _account(work, STOLEN, server, now, is_second=True)
    declare_mail_compromised(
        work.session, work.desk, by=seat(work, Role.DPO, STOLEN), now=now - timedelta(hours=3)
    )


def _account(
    work: Work,
    code: str,
    server: MailServer,
    now: datetime,
    *,
    security: str = "none",
    is_second: bool = False,
) -> None:
    by, then = seat(work, Role.ADMIN, code), now - timedelta(days=3)
    typed = {
        "host": server.host,
        "port": str(server.port),
        "security": security,
        "username": "bureau",
        "sender": f"{'secours' if is_second else 'bureau'}@{code.lower()}.example",
    }
    which = {"is_second": is_second, "by": by, "now": then}
    save_mail_account(work.session, work.desk, typed, password=PASSWORD, **which)
    try_mail_account(work.session, work.desk, sends=False, **which)
    check_domain(work.session, work.desk, selector="", **which)
