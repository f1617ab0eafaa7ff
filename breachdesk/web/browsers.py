"""The browser a request comes from: a name for it, and whether it was used here before.

A browser that somebody signed in with keeps a signed cookie that says so, an OWASP "device
cookie". Attempts from it are counted apart: whoever fills an account's bucket from elsewhere
does not lock its owner out.
"""

import secrets

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from breachdesk.web.request import desk

LASTS_SECONDS = 180 * 24 * 3600
# People who share a computer; the one who signed in longest ago is forgotten first.
MOST_ACCOUNTS = 5
# A cookie holds 4 kB at most: half of the index names an account well enough.
INDEX_CHARACTERS = 32

# What a User-Agent contains, and what people call it. The first that fits: Edge and Opera
# say Chrome as well, Chrome says Safari, Android says Linux, an iPhone says Mac OS.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """A browser in words that its owner knows it by, like "Firefox, Linux"; perhaps empty."""
    found = (
        next((name for mark, name in names if mark in user_agent), "")
        for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found))


def known_browser(email: str) -> str:
    """What names this browser where it signed in as this address before; else empty."""
    return _accounts().get(_index(email), "")


def know_browser(answer: Response, email: str) -> None:
    """Let the browser that an answer goes to keep that somebody signed in with it."""
    accounts = _accounts()
    accounts.pop(_index(email), None)
    accounts[_index(email)] = secrets.token_urlsafe(12)
    answer.set_cookie(
        _cookie_name(),
        _signer().dumps(list(accounts.items())[-MOST_ACCOUNTS:]),
        max_age=LASTS_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _cookie_name() -> str:
    # With the prefix of the session's: under https no other host can plant it.
    return f"{current_app.config['SESSION_COOKIE_NAME']}_browser"


def _accounts() -> dict[str, str]:
    """What the cookie says, if we signed it: a name of this browser for each account."""
    try:
        return dict(_signer().loads(request.cookies.get(_cookie_name(), ""), max_age=LASTS_SECONDS))
    except BadData:
        return {}


def _index(email: str) -> str:
    """An account as the cookie names it: nobody reads the address off it."""
    return desk().vault.index(f"browser {email.strip().lower()}")[:INDEX_CHARACTERS]


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="known-browser")
