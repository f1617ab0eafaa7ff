"""What every answer tells the browser, and how cookies are kept (OWASP ASVS 4.0.3, V3.4, V14.4)."""

import pytest

from breachdesk import create_app
from breachdesk.config import load_settings
from breachdesk.domain.access import Role
from breachdesk.models import db
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation

ADDRESSES = ("/sign-in", "/organisations/GIR", "/nowhere", "/static/css/foundation.css")
STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def https(database_url, tmp_path, clock):
    """A desk whose address begins with https."""
    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "https"),
            "BREACHDESK_DATABASE_URL": database_url,
            "BREACHDESK_PUBLIC_URL": "https://desk.example",
        }
    )
    made = create_app(settings, clock=clock)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_strict(app, client, address):
    with client.get(address) as answer:
        pass

    assert {name: answer.headers[name] for name in STRICT} == STRICT
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Strict-Transport-Security" not in answer.headers
    assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]


def test_under_https_the_browser_is_told_to_stay_there(https):
    answer = https.test_client().get("/sign-in")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_under_https_every_cookie_is_secure_and_bound_to_its_host(https):
    with at_desk(https) as work:
        make_organisation(work, now=MONDAY_NINE)
    form = {"email": address_of(Role.DPO), "password": PASSWORD}

    answer = https.test_client().post("/sign-in", data=form, base_url="https://desk.example")

    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-breachdesk=") for cookie in cookies)
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "SameSite=" in cookie
        assert "Domain=" not in cookie


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "NONSENSE"])
def test_methods_that_no_page_takes_are_refused(client, method):
    assert client.open("/sign-in", method=method).status_code == 405


def test_no_other_site_may_read_an_answer(client):
    answer = client.get("/sign-in", headers={"Origin": "https://evil.example"})

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
