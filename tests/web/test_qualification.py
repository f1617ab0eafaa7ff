"""Qualifying an incident: the question, its faults, and what was recorded."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.services.cases import case_of
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, queries_of

HOSTILE = '<script>alert(1)</script> "raison" & suite'


@pytest.fixture
def reference(app: Flask) -> str:
    """A case opened on Monday at nine."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


@pytest.fixture
def dpo(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """The DPO, signed in."""
    return sign_in(client, address_of(Role.DPO))


def qualify(visitor: FlaskClient, reference: str, **answers: str):
    url = f"/incidents/{reference}/qualification"
    return visitor.post(url, data=form_of(visitor.get(url).text) | answers)


def test_a_breach_starts_the_clock_and_leads_to_the_assessment(
    app: Flask, dpo: FlaskClient, reference: str
) -> None:
    answer = qualify(dpo, reference, is_breach="yes")
    assert answer.status_code == 302
    assert answer.location.endswith(f"/{reference}/assessment")
    with at_desk(app) as work:
        case = case_of(work.session, cases.incident(work, reference))
        assert case.clock is not None
        assert case.clock.started_at == MONDAY_NINE


def test_not_a_breach_needs_a_reason_and_loses_nothing_typed(
    app: Flask, dpo: FlaskClient, reference: str
) -> None:
    answer = qualify(dpo, reference, is_breach="no", aware_at="2026-03-02T09:59", reason="court")
    assert answer.status_code == 422
    again = form_of(answer.text)
    assert (again["is_breach"], again["reason"]) == (["no"], ["court"])
    assert again["aware_at"] == ["2026-03-02T09:59"]
    assert "pourquoi ce n’est pas une violation" in answer.text
    reason = {"is_breach": "no", "reason": "Le fichier ne contenait que des prix publics."}
    assert qualify(dpo, reference, **reason).status_code == 302
    page = dpo.get(f"/incidents/{reference}/qualification").text
    assert "Le fichier ne contenait que des prix publics." in page
    assert 'name="is_breach" value="yes"' in page


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "Choisissez une réponse"),
        ({"is_breach": "yes", "aware_at": ""}, "Indiquez quand"),
        ({"is_breach": "yes", "aware_at": "2026-03-02T10:30"}, "à venir"),
        ({"is_breach": "yes", "aware_at": "2026-03-02T09:00"}, "ne peut pas précéder"),
    ],
)
def test_a_wrong_answer_gives_the_form_again(
    dpo: FlaskClient, reference: str, answers: dict[str, str], says: str
) -> None:
    answer = qualify(dpo, reference, **answers)
    assert answer.status_code == 422
    assert says in answer.text


def test_awareness_later_than_noticed_asks_why_and_names_when_it_was_noticed(
    dpo: FlaskClient, sign_in, reference: str, clock
) -> None:
    clock.now = MONDAY_NINE + timedelta(hours=4)
    sign_in(dpo, address_of(Role.DPO))
    late = {"is_breach": "yes", "aware_at": "2026-03-02T12:00"}
    answer = qualify(dpo, reference, **late)
    assert answer.status_code == 422
    assert "lundi 2 mars 2026" in answer.text
    assert qualify(dpo, reference, **late, reason=HOSTILE).status_code == 302
    page = dpo.get(f"/incidents/{reference}/qualification").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_the_hour_that_comes_twice_is_asked_only_when_it_does(
    app: Flask, dpo: FlaskClient, sign_in, clock
) -> None:
    with at_desk(app) as work:
        autumn = MONDAY_NINE.replace(month=10, day=25, hour=0, minute=10)
        reference = cases.open_case(work, now=autumn)
    clock.now = autumn + timedelta(hours=2)
    sign_in(dpo, address_of(Role.DPO))
    assert 'name="second_time"' not in dpo.get(f"/incidents/{reference}/qualification").text
    answer = qualify(dpo, reference, is_breach="yes", aware_at="2026-10-25T02:30")
    assert answer.status_code == 422
    sent = form_of(answer.text) | {"second_time": "second", "reason": "Vérifié à la main."}
    assert dpo.post(f"/incidents/{reference}/qualification", data=sent).status_code == 302
    with at_desk(app) as work:
        assert cases.incident(work, reference).aware_at == autumn.replace(hour=1, minute=30)


def test_once_a_breach_it_is_shown_and_cannot_be_changed(
    app: Flask, dpo: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        cases.qualify(work, reference, now=MONDAY_NINE)
    page = dpo.get(f"/incidents/{reference}/qualification").text
    assert "Dpo GIR" in page
    assert "<textarea" not in page
    url = f"/incidents/{reference}/qualification"
    again = {"is_breach": "yes", "aware_at": "2026-03-02T10:00"}
    assert dpo.post(url, data=again).status_code == 409


def test_who_may_not_qualify_reads_who_must(app: Flask, client, sign_in, reference: str) -> None:
    handler = sign_in(client, address_of(Role.HANDLER))
    page = handler.get(f"/incidents/{reference}/qualification").text
    assert "En attente de" in page
    assert "Dpo GIR" in page
    assert "<textarea" not in page
    answer = handler.post(
        f"/incidents/{reference}/qualification",
        data={"is_breach": "yes", "aware_at": "2026-03-02T10:00"},
    )
    assert answer.status_code == 403


def test_the_page_takes_few_queries(app: Flask, dpo: FlaskClient, reference: str) -> None:
    assert queries_of(app, dpo, f"/incidents/{reference}/qualification") <= 8
