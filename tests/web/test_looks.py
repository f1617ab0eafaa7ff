"""Who looks at a case out of their usual work is written down, once a day, in its journal."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from breachdesk.domain.access import Role
from breachdesk.domain.lifecycle import Communicate
from breachdesk.services.case_access import restrict_case
from breachdesk.services.case_looks import must_note_look, note_look
from breachdesk.services.cases import find_case
from breachdesk.services.incidents import close_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.organisations import NewPerson, add_user
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.queries import counted_queries

HOUR = timedelta(hours=1)


@pytest.fixture
def reference(app):
    """An open case, reported by the handler."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


def looks(app, reference):
    """Who is written down as having looked, and when; the chain must hold."""
    with at_desk(app) as work:
        lines = journal_of(work.session, cases.incident(work, reference))
        assert first_broken_entry(lines) is None
        return [(line.actor.name, line.at) for line in lines if line.code == "case_read"]


def close(app, reference):
    """Close it: not notified, by the decision of the DPO and the decider."""
    with at_desk(app) as work:
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
        cases.decide(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
        close_incident(
            work.session,
            cases.incident(work, reference),
            by=cases.seat(work, Role.DPO),
            now=MONDAY_NINE,
        )


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DPO, Role.DECIDER])
def test_the_team_works_on_open_cases_unwatched(app, as_role, reference, role):
    visitor = as_role(role)

    for rest in ("", "/facts", "/journal", "/attachments"):
        assert visitor.get(f"/incidents/{reference}{rest}").status_code == 200

    assert looks(app, reference) == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
@pytest.mark.parametrize("rest", ["", "/facts", "/journal", "/attachments", "/assessment"])
def test_the_first_look_of_a_day_by_who_only_reads_is_written_down(
    app, as_role, reference, role, rest
):
    visitor = as_role(role)

    first = visitor.get(f"/incidents/{reference}{rest}")
    visitor.get(f"/incidents/{reference}")
    visitor.get(f"/incidents/{reference}/facts")

    assert first.status_code == 200
    assert reference in first.text
    assert looks(app, reference) == [(f"{role.value.title()} GIR", MONDAY_NINE)]


def test_a_day_begins_at_midnight_in_the_organisations_zone(app, sign_in, clock, reference):
    instants = [
        datetime.fromisoformat(f"2026-03-{when}+00:00")
        # 23:00 UTC is midnight in Paris.
        for when in ("03T22:40", "03T22:59", "03T23:00", "03T23:20", "04T22:59")
    ]
    for clock.now in instants:
        visitor = sign_in(app.test_client(), address_of(Role.AUDITOR))
        visitor.get(f"/incidents/{reference}")

    assert [at for _, at in looks(app, reference)] == [instants[0], instants[2]]


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DPO, Role.DECIDER])
def test_whoever_had_their_part_in_a_closed_case_reads_it_unwatched(app, as_role, reference, role):
    close(app, reference)

    assert as_role(role).get(f"/incidents/{reference}").status_code == 200

    # They reported and assessed it, advised on it, decided.
    assert looks(app, reference) == []


def test_a_closed_case_one_never_worked_on_is_out_of_the_usual_even_for_the_team(
    app, client, sign_in, reference
):
    with at_desk(app) as work:
        person = NewPerson(
            "Nouveau", "nouveau@gir.example", frozenset({Role.HANDLER}), cases.PASSWORD
        )
        add_user(work.session, cases.organisation(work), person, now=MONDAY_NINE)
    sign_in(client, "nouveau@gir.example")
    client.get(f"/incidents/{reference}")
    assert looks(app, reference) == []
    close(app, reference)

    client.get(f"/incidents/{reference}")

    assert looks(app, reference) == [("Nouveau", MONDAY_NINE)]


def test_who_reported_it_or_is_named_in_it_is_at_home_there(app, as_role, reference):
    with at_desk(app) as work:
        own = cases.open_case(work, now=MONDAY_NINE, by=Role.MANAGER)
        named = cases.open_case(work, now=MONDAY_NINE)
        case = cases.incident(work, named)
        people = [cases.seat(work, role).user.id for role in (Role.DPO, Role.MANAGER)]
        restrict_case(
            work.session, case, people, seen=[], by=cases.seat(work, Role.DPO), now=MONDAY_NINE
        )
    manager = as_role(Role.MANAGER)

    for each in (own, named):
        assert manager.get(f"/incidents/{each}").status_code == 200
        assert looks(app, each) == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/organisations/GIR/register", id="the register"),
        pytest.param("/organisations/GIR", id="what is due"),
        pytest.param("/incidents/{reference}/closing", id="a page they may not open"),
        pytest.param("/incidents/{reference}/assessment/99", id="a page that is not there"),
        pytest.param("/incidents/{reference}/communication/preview", id="a redirect"),
    ],
)
def test_what_shows_no_case_is_no_look_at_it(app, as_role, reference, path):
    as_role(Role.AUDITOR).get(path.format(reference=reference))

    assert looks(app, reference) == []


def test_two_pages_at_once_are_one_look(app, reference):
    with at_desk(app) as work:
        auditor = cases.seat(work, Role.AUDITOR)
        case = find_case(work.session, [auditor], reference)
        incident_id = case.incident.id
        # Both asked before either wrote.
        assert must_note_look(work.session, case, by=auditor, now=MONDAY_NINE)
        for _ in range(2):
            note_look(work.session, incident_id, by=auditor, now=MONDAY_NINE)

    assert len(looks(app, reference)) == 1


def test_a_look_that_cannot_be_written_down_does_not_take_the_page_away(
    app, as_role, reference, caplog
):
    auditor = as_role(Role.AUDITOR)
    with at_desk(app) as work:
        work.session.execute(text("ALTER TABLE journal_entry RENAME COLUMN previous TO gone"))
        work.session.commit()

    page = auditor.get(f"/incidents/{reference}")

    assert page.status_code == 200
    assert reference in page.text
    assert f"at incident {reference} could not be written down" in caplog.text
    assert "Auditor" not in caplog.text


def test_looking_again_costs_one_query_more_and_the_team_none(app, client, sign_in, reference):
    counts = {}
    for role in (Role.DPO, Role.MANAGER, Role.AUDITOR):
        visitor = sign_in(app.test_client(), address_of(role))
        visitor.get(f"/incidents/{reference}/facts")
        with counted_queries(app) as queries:
            visitor.get(f"/incidents/{reference}/facts")
        counts[role] = len(queries)

    assert counts[Role.MANAGER] == counts[Role.AUDITOR] == counts[Role.DPO] + 1
