"""The exchange page of a case, and a reporter's own page with an account."""

import io
from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.models import Delivery, Incident, ReportMessage
from tests import cases, outside
from tests.cases import MONDAY_NINE, at_desk
from tests.queries import counted_queries
from tests.web.reading import form_of, plain

HOSTILE = "<script>alert(1)</script> %(name)s {{ 7*7 }} مرحبا"


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


@pytest.fixture
def anonymous(app):
    """The reference of a case that somebody without an account reported."""
    with at_desk(app) as work:
        identity = outside.Identity("Samir", "06 11")
        return outside.report(work, now=MONDAY_NINE, identity=identity).outside.incident.reference


@pytest.fixture
def own(app):
    """The reference of a report by the reporter of GIR."""
    with at_desk(app) as work:
        return cases.open_case(work, now=MONDAY_NINE, by=Role.REPORTER)


def test_the_team_asks_and_reads_who_it_was(app, as_role, anonymous):
    handler = as_role(Role.HANDLER)
    url = f"/incidents/{anonymous}/messages"

    page = handler.get(url).text
    answer = handler.post(url, data=form_of(page) | {"text": HOSTILE})
    asked = handler.get(url).text

    assert "Sans compte" in page
    assert "Samir" in page
    assert "06 11" in page
    assert answer.location == url
    assert "&lt;script&gt;" in asked
    assert "<script>alert" not in asked
    assert "Échanges (1)" in plain(handler.get(f"/incidents/{anonymous}").text)


def test_an_empty_question_is_refused(app, as_role, anonymous):
    page = as_role(Role.DPO).post(f"/incidents/{anonymous}/messages", data={"text": " "})

    assert page.status_code == 422
    assert "Écrivez votre question" in page.text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_who_only_reads_cases_has_no_such_page(as_role, anonymous, role):
    reader = as_role(role)

    assert reader.get(f"/incidents/{anonymous}/messages").status_code == 403
    assert f"/incidents/{anonymous}/messages" not in reader.get(f"/incidents/{anonymous}").text


def test_every_page_of_the_case_is_there_without_an_author(app, as_role, anonymous):
    with at_desk(app) as work:
        incident = work.session.query(Incident).one()
        by = outside.Stranger(incident.organisation)
        files = (outside.Upload("a.txt", b"x"),)
        outside.complete_report(
            work.session, work.desk, incident, "Encore", files, by=by, now=MONDAY_NINE
        )
    dpo = as_role(Role.DPO)

    for page in ("", "/facts", "/attachments", "/messages", "/journal", "/facts/story"):
        answer = dpo.get(f"/incidents/{anonymous}{page}")
        assert answer.status_code == 200, page
        if page not in ("", "/facts/story"):
            assert "Sans compte" in answer.text, page
    assert "Signalé sans compte" in dpo.get(f"/incidents/{anonymous}").text
    assert "breachdesk" in dpo.get(f"/incidents/{anonymous}/journal").text


def test_a_case_from_outside_asks_at_most_one_question_more(app, as_role, anonymous, own):
    dpo = as_role(Role.DPO)
    asked = {}
    for reference in (anonymous, own):
        dpo.get(f"/incidents/{reference}")
        with counted_queries(app) as queries:
            assert dpo.get(f"/incidents/{reference}").status_code == 200
        asked[reference] = len(queries)

    assert asked[anonymous] == asked[own] + 1


def test_somebody_who_changed_the_same_fact_had_no_account(app, as_role, anonymous):
    dpo = as_role(Role.DPO)
    form = form_of(dpo.get(f"/incidents/{anonymous}/facts/story").text)
    form = {name: value for name, value in form.items() if "version" not in name} | {
        "fact-description": "Autre chose"
    }

    page = dpo.post(f"/incidents/{anonymous}/facts/story", data=form)

    assert page.status_code in (302, 409, 422)
    assert "None" not in page.text


# --- One's own report ------------------------------------------------------------------------


def test_a_reporter_adds_and_answers_on_their_own_page(app, as_role, own):
    with at_desk(app) as work:
        incident = cases.incident(work, own)
        by = cases.seat(work, Role.HANDLER)
        outside.ask_reporter(work.session, incident, "Chiffrée ?", by=by, now=MONDAY_NINE)
    reporter = as_role(Role.REPORTER)
    url = f"/incidents/{own}/report"
    page = reporter.get(url).text

    added = reporter.post(
        url,
        data=form_of(page) | {"text": "Oui, je crois.", "attachments": (io.BytesIO(b"x"), "b.txt")},
    )
    after = reporter.get(url).text

    assert "Chiffrée ?" in plain(page)
    assert "Handler GIR" in page
    assert added.location == url
    assert "Oui, je crois." in after
    assert "b.txt" in after
    with at_desk(app) as work:
        kinds = {mail.kind.value for mail in work.session.query(Delivery)}
        assert "report_completed" in kinds


def test_an_empty_addition_is_refused_beside_its_field(app, as_role, own):
    page = as_role(Role.REPORTER).post(f"/incidents/{own}/report", data={"text": ""})

    assert page.status_code == 422
    assert "Écrivez quelques mots" in page.text


def test_nobody_adds_to_the_report_of_somebody_else(app, as_role, own, sign_in):
    handler = as_role(Role.HANDLER)

    answer = handler.post(f"/incidents/{own}/report", data={"text": "Moi"})

    assert answer.location == f"/incidents/{own}"
    with at_desk(app) as work:
        assert work.session.query(ReportMessage).count() == 0


def test_an_addition_an_hour_later_is_no_part_of_what_was_said_first(app, as_role, own, clock):
    with at_desk(app) as work:
        cases.know(work, own, now=MONDAY_NINE + timedelta(hours=1), description="Réécrit")
    reporter = as_role(Role.REPORTER)

    page = reporter.get(f"/incidents/{own}/report").text

    assert "Réécrit" not in page
