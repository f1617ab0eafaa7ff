"""Pages of a case in which another version of the desk has written what this one does not know."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from breachdesk.domain.access import Role
from breachdesk.services.case_records import read_case_record
from breachdesk.services.reminders import emit_due_reminders
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain

LATER = "of_a_later_version"


@pytest.fixture
def reference(app, clock):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE)
        clock.now = MONDAY_NINE + timedelta(days=1)
        emit_due_reminders(work.session, now=clock.now)
        for statement in (
            f"UPDATE delivery SET kind = '{LATER}'",
            f"UPDATE reminder SET cause = '{LATER}', channel = '{LATER}'",
            f"UPDATE acknowledgement SET via = '{LATER}'",
        ):
            work.session.execute(text(statement))
        work.session.commit()
    return reference


def test_every_page_of_the_case_is_read_all_the_same(app, reference, as_role):
    handler = as_role(Role.HANDLER)
    pages = [
        rule.rule.replace("<reference>", reference)
        for rule in app.url_map.iter_rules()
        if rule.arguments == {"reference"} and "GET" in (rule.methods or ())
    ]

    answers = {page: handler.get(page).status_code for page in pages}

    assert len(pages) > 20
    assert {page: code for page, code in answers.items() if code >= 500} == {}
    assert answers[f"/incidents/{reference}/clocks"] == 200


def test_the_ledger_and_the_dossier_say_that_it_is_of_another_version(app, reference, as_role):
    page = plain(as_role(Role.HANDLER).get(f"/incidents/{reference}/clocks").text)

    assert "Type inconnu de cette version" in page
    assert LATER not in page
    with at_desk(app) as work:
        record = read_case_record(
            work.session,
            cases.incident(work, reference),
            by=cases.seat(work, Role.HANDLER).user,
            now=MONDAY_NINE + timedelta(days=1),
        )
    assert LATER in {each.kind for each in record.reminders}
