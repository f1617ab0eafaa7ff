"""One's own addresses for calendars, and what a calendar reads there."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import PROOF_LASTS
from breachdesk.models import CalendarFeed
from breachdesk.services.calendar_feeds import feeds_of
from tests.cases import (
    MONDAY_NINE,
    address_of,
    at_desk,
    file,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.queries import counted_queries
from tests.web.reading import plain


@pytest.fixture
def breach(app) -> str:
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        reference = open_case(work, now=MONDAY_NINE)
        qualify(work, reference, now=MONDAY_NINE)
    return reference


@pytest.fixture
def feed(breach, as_role) -> str:
    """The path of an address that the DPO has just made."""
    return made(as_role(Role.DPO))


def made(client) -> str:
    answer = client.post("/account/calendar")
    assert answer.status_code == 200
    return re.search(r'id="link">https?://[^/]+(/calendar/[^<]+\.ics)<', answer.text)[1]


def uids(answer) -> set[str]:
    assert answer.status_code == 200
    return {str(event["uid"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_an_address_is_made_shown_once_and_read_without_signing_in(app, feed, breach):
    visitor = app.test_client()

    answer = visitor.get(feed)

    assert answer.mimetype == "text/calendar"
    assert len(uids(answer)) == 1
    assert breach in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_the_page_lists_addresses_without_showing_them(app, client, feed):
    page = client.get("/account/calendar").text

    assert feed.split("/")[-1].removesuffix(".ics") not in page
    assert "jamais" in page
    app.test_client().get(feed)
    assert "jamais" not in client.get("/account/calendar").text


def test_what_has_not_changed_is_not_sent_again(app, clock, feed, breach):
    visitor = app.test_client()
    tag = visitor.get(feed).headers["ETag"]

    again = visitor.get(feed, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag

    with at_desk(app) as work:
        file(work, breach, now=clock.now)
    assert visitor.get(feed, headers={"If-None-Match": tag}).status_code == 200


def test_a_revoked_address_is_not_found(app, client, feed):
    with at_desk(app) as work:
        (kept,) = feeds_of(work.session, seat(work, Role.DPO).user)
        number = kept.id

    answer = client.post(f"/account/calendar/{number}/revoke")

    assert answer.status_code == 302
    assert app.test_client().get(feed).status_code == 404


def test_another_person_s_address_cannot_be_revoked(app, feed, sign_in):
    other = sign_in(app.test_client(), address_of(Role.ADMIN))
    with at_desk(app) as work:
        number = work.session.scalars(select(CalendarFeed.id)).one()

    assert other.post(f"/account/calendar/{number}/revoke").status_code == 404
    assert app.test_client().get(feed).status_code == 200


def test_a_deactivated_person_s_address_is_not_found(app, feed):
    with at_desk(app) as work:
        seat(work, Role.DPO).user.is_active = False
        work.session.commit()

    assert app.test_client().get(feed).status_code == 404


@pytest.mark.parametrize("token", ["nothing", "x" * 5000, "%00"])
def test_an_address_that_nobody_made_is_not_found(client, app, token):
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_new_address_asks_who_one_is_where_that_was_proven_long_ago(breach, clock, as_role):
    client = as_role(Role.DPO)
    clock.now += timedelta(minutes=5)
    assert client.post("/account/calendar").status_code == 200
    for _ in range(int(PROOF_LASTS / timedelta(minutes=10)) + 1):
        clock.now += timedelta(minutes=10)
        client.get("/account")

    answer = client.post("/account/calendar")

    assert answer.status_code == 302
    assert "/confirm" in answer.location


def test_when_it_was_read_is_noted_at_most_every_hour(app, clock, feed):
    visitor = app.test_client()
    for minutes in (0, 59, 61):
        clock.now = MONDAY_NINE + timedelta(minutes=minutes)
        visitor.get(feed)

    with at_desk(app) as work:
        kept = work.session.scalars(select(CalendarFeed)).one()
        assert kept.last_read_at == MONDAY_NINE + timedelta(minutes=61)


def test_a_feed_is_as_many_queries_however_many_cases_there_are(app, clock, feed):
    visitor = app.test_client()
    visitor.get(feed)
    with counted_queries(app) as one:
        assert len(uids(visitor.get(feed))) == 1
    with at_desk(app) as work:
        for _ in range(4):
            qualify(work, open_case(work, now=MONDAY_NINE), now=MONDAY_NINE)
    with counted_queries(app) as five:
        assert len(uids(visitor.get(feed))) == 5

    assert len(one) == len(five)


def test_the_account_leads_to_it(breach, as_role):
    assert 'href="/account/calendar"' in as_role(Role.REPORTER).get("/account").text


def test_the_page_says_how_many_deadlines_one_would_see(breach, as_role):
    assert "elle montrerait un délai." in as_role(Role.DPO).get("/account/calendar").text
    told = plain(as_role(Role.REPORTER).get("/account/calendar").text)
    assert "aucun délai ne court que vous puissiez connaître" in told
