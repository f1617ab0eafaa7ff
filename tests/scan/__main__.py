"""`make scan`: serve a desk with something in it, sign in, and have wapiti attack it.

Ends with 1 when the scanner finds anything above informational that `EXPLAINED` does not
explain. The scanner lives in an environment of its own: WAPITI names its program.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from breachdesk import create_app, upgrade_database, utc_now
from breachdesk.config import load_settings
from breachdesk.domain.access import ORGANISATION_ROLES
from breachdesk.services.organisations import NewPerson, add_user
from tests import cases
from tests.bench.served import Visitor, desk_served
from tests.cases import PASSWORD, at_desk

WAPITI = os.environ.get("WAPITI", "wapiti")
EMAIL = "tout@gir.example"
# Every module but those for other software (WordPress, routers), for names of files of other
# software, for the TLS of a proxy in front, and those that call a server outside.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,"
    "permanentxss,redirect,shellshock,sql,timesql,upload,xss,xxe"
)
CRAWL_SECONDS, SECONDS_PER_MODULE = 60, 45
INFORMATIONAL = 0
FEWEST_ADDRESSES = 50
# What would end the scanner's session, or lock its own account.
LEFT_OUT = (
    "/sign-out",
    "/account/password",
    "/account/sessions/*",
    "/account/second-factor/*",
    "/organisations/GIR/people/*",
    "/organisations/GIR/sign-in*",
    "/language/*",
)
# What the scanner takes for a weakness, and why it is none here.
EXPLAINED: dict[str, str] = {
    "Secure Flag cookie": "The desk scanned speaks http on loopback. Under https every cookie is "
    "Secure and has the __Host- prefix: tests/web/test_headers.py.",
    "LDAP Injection": "The desk speaks to no directory and no LDAP library is installed. The "
    "module guesses from answers that differ: these pages repeat what was typed, escaped.",
}


def main() -> int:
    """Scan; the number of findings that nobody has explained, at most 1."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _make_desk(home / "instance", utc_now())
        with desk_served(home / "instance") as port:
            address = f"http://127.0.0.1:{port}"
            visitor = _signed_in(port)
            report = _scan(home, address, _kept_cookies(home, visitor))
            was_inside = _is_inside(port, visitor)
    return _tell(report, was_inside)


def _make_desk(instance: Path, now: datetime) -> None:
    """An organisation with a whole case, and somebody who may do everything."""
    settings = load_settings({"BREACHDESK_INSTANCE": str(instance)})
    instance.mkdir(parents=True)
    upgrade_database(settings.database_url)
    app = create_app(settings)
    with at_desk(app) as work:
        cases.make_organisation(work, now=now, is_example=True)
        person = NewPerson("Tout le monde", EMAIL, frozenset(ORGANISATION_ROLES), PASSWORD)
        add_user(work.session, cases.organisation(work), person, now=now)
        cases.full_case(work, now=now)
        cases.open_case(work, now=now)


def _signed_in(port: int) -> Visitor:
    """Sign in as a browser does."""
    visitor = Visitor(port)
    visitor.sign_in(EMAIL, PASSWORD)
    return visitor


def _is_inside(port: int, visitor: Visitor) -> bool:
    """Whether these cookies still open a page, over a connection that the scan has not worn out."""
    other = Visitor(port)
    other.cookies = visitor.cookies
    return other.get("/organisations/GIR")[0] == HTTPStatus.OK


def _kept_cookies(home: Path, visitor: Visitor) -> Path:
    """Where the scanner reads the visitor's cookies."""
    kept = home / "cookies.json"
    each = {
        name: {"value": value, "secure": False, "version": 0, "expires": None, "port": None}
        for name, value in visitor.cookies.items()
    }
    kept.write_text(json.dumps({"127.0.0.1": {"/": each}}), encoding="utf-8")
    return kept


def _scan(home: Path, address: str, cookies: Path) -> Any:
    report = home / "report.json"
    command = [WAPITI, "-u", f"{address}/", "--scope", "folder", "-m", MODULES, "-c", str(cookies)]
    command += ["-s", f"{address}/organisations/GIR", "--no-bugreport"]
    command += ["--max-scan-time", str(CRAWL_SECONDS), "--flush-session", "-t", "10"]
    command += ["--max-attack-time", str(SECONDS_PER_MODULE), "-f", "json", "-o", str(report)]
    command += ["--store-session", str(home / "session"), "--store-config", str(home / "config")]
    for path in LEFT_OUT:
        command += ["-x", address + path]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return json.loads(report.read_text(encoding="utf-8"))


def _tell(report: Any, was_inside: bool) -> int:
    """Say what was found, notes by category; 1 when something is unexplained."""
    crawled = report["infos"]["crawled_pages_nbr"]
    print(f"{report['infos']['version']}: {crawled} addresses and forms attacked")
    notes: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    unexplained = 0
    for category, finding in _findings(report):
        if finding["level"] <= INFORMATIONAL:
            notes[category] += 1
        elif category in EXPLAINED:
            explained[category] += 1
        else:
            unexplained += 1
            print(f"UNEXPLAINED {category}: {finding['method']} {finding['path']}")
            print(f"    {finding['info']}")
    for category, count in explained.items():
        print(f"explained: {category}, {count} times. {EXPLAINED[category]}")
    for category, count in notes.items():
        print(f"informational: {category}, {count} times")
    print(f"{unexplained} unexplained")
    # A scan that got nowhere, or was shown the door on its way, proves nothing.
    print("still signed in at the end" if was_inside else "SIGNED OUT before the end")
    return 1 if unexplained or crawled < FEWEST_ADDRESSES or not was_inside else 0


def _findings(report: Any) -> Iterator[tuple[str, Any]]:
    for kind in ("vulnerabilities", "anomalies"):
        for category, found in report[kind].items():
            yield from ((category, finding) for finding in found)
    # What wapiti calls additional is information, whatever level it puts there.
    for category, found in report["additionals"].items():
        yield from ((category, finding | {"level": INFORMATIONAL}) for finding in found)


if __name__ == "__main__":
    sys.exit(main())
