"""The desk and the register: what is due first, filters, heads that sort, constant queries."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.services.qualification import qualify_as_no_breach
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain, queries_of

REGISTER = "/organisations/GIR/register"
DESK = "/organisations/GIR"


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


@pytest.fixture
def three_cases(app):
    """Late, soon and running, opened in the order of their numbers."""
    with at_desk(app) as work:
        for hours, story in ((80, "Ordinateur volé"), (60, "Courriel égaré"), (1, "100 % perdu")):
            cases.open_case(work, now=MONDAY_NINE - timedelta(hours=hours), description=story)


def order_of(page):
    """The references on a page, in order, each once."""
    found = [part[:13] for part in page.split("/incidents/")[1:]]
    return list(dict.fromkeys(ref for ref in found if ref.startswith("GIR-")))


def test_the_most_urgent_case_comes_first_on_the_desk(app, three_cases, as_role):
    page = as_role(Role.DPO).get(DESK).text

    assert order_of(page) == ["GIR-2026-0001", "GIR-2026-0002", "GIR-2026-0003"]
    assert "En retard de 8" in plain(page)
    assert page.count("Qualifier l’incident") == 3


def test_a_case_leaves_the_desk_when_it_is_closed_and_not_before(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        reason = "Le fichier était vide."
        qualify_as_no_breach(
            work.session,
            cases.incident(work, reference),
            reason=reason,
            by=cases.seat(work, Role.DPO),
            now=MONDAY_NINE,
        )
    dpo = as_role(Role.DPO)

    before = dpo.get(DESK).text
    dpo.post(f"/incidents/{reference}/closing")
    after = dpo.get(DESK).text

    assert "Clore le dossier" in before
    assert "Rien n’attend" in after


def test_a_step_of_somebody_elses_is_said_without_a_link(app, three_cases, as_role):
    page = plain(as_role(Role.AUDITOR).get(DESK).text)

    assert "En attente de : Délégué à la protection des données ou Décideur." in page
    assert "/qualification" not in page


def test_empty_pages_teach(as_role):
    dpo = as_role(Role.DPO)

    assert "Rien n’attend" in dpo.get(DESK).text
    assert "Le registre est vide" in dpo.get(REGISTER).text
    assert "art. 33(5)" in plain(dpo.get(REGISTER).text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["3", "2", "1"], id="newest first"),
        pytest.param("?sort=due_at", ["1", "2", "3"], id="most urgent first"),
        pytest.param("?sort=-reference", ["3", "2", "1"], id="references downwards"),
        pytest.param("?clock=late", ["1"], id="late"),
        pytest.param("?clock=soon", ["2"], id="less than a day left"),
        pytest.param("?clock=running", ["3", "2", "1"], id="running at all"),
        pytest.param("?stage=opened", ["3", "2", "1"], id="not qualified yet"),
        pytest.param("?stage=closed", [], id="closed"),
        pytest.param("?text=courriel", ["2"], id="a word of the title"),
        pytest.param("?text=0003", ["3"], id="part of the reference"),
        pytest.param("?text=100 %25", ["3"], id="a per cent sign is no joker"),
        pytest.param("?text=_", [], id="neither is an underscore"),
        pytest.param("?stage=x&clock=y&sort=z&page=-1", ["3", "2", "1"], id="nonsense"),
        pytest.param("?page=99999999999999999999", ["3", "2", "1"], id="far past the end"),
    ],
)
def test_the_register_lists_what_is_asked_for(three_cases, as_role, query, found):
    page = as_role(Role.MANAGER).get(REGISTER + query)

    assert page.status_code == 200
    assert order_of(page.text) == [f"GIR-2026-000{number}" for number in found]


def test_a_head_sorts_then_turns_round_and_keeps_the_filter(three_cases, as_role):
    dpo = as_role(Role.DPO)

    first = dpo.get(f"{REGISTER}?clock=running&sort=due_at").text

    assert 'aria-sort="ascending"' in first
    assert f'href="{REGISTER}?clock=running&amp;sort=-due_at"' in first
    assert f'href="{REGISTER}?clock=running&amp;sort=reference"' in first


def test_what_was_filed_and_taken_back_is_not_said_to_be_notified_in_time(app, as_role):
    with at_desk(app) as work:
        for _ in range(2):
            reference = cases.open_case(work, now=MONDAY_NINE)
            cases.qualify(work, reference, now=MONDAY_NINE)
            cases.file(work, reference, now=MONDAY_NINE)
        kept = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, kept, now=MONDAY_NINE)
        cases.file(work, kept, now=MONDAY_NINE)
        for reference in ("GIR-2026-0001", "GIR-2026-0002"):
            cases.file(
                work,
                reference,
                now=MONDAY_NINE,
                kind=NotificationKind.WITHDRAWAL,
                withdrawal_reason="Rien n’a été consulté.",
            )
        # Notified again: what counts is the last filing.
        again = NotificationKind.INITIAL
        cases.file(work, "GIR-2026-0002", now=MONDAY_NINE, kind=again)

    rows = plain(as_role(Role.DPO).get(REGISTER).text).split("<tr ")
    said = {number: row for row in rows for number in ("0001", "0002", "0003") if number in row}

    assert "Déposé, puis retiré" in said["0001"]
    assert "otifié dans le délai" not in said["0001"]
    assert "otifié dans le délai" in said["0002"]
    assert "otifié dans le délai" in said["0003"]


def test_who_only_reports_has_no_register(as_role):
    reporter = as_role(Role.REPORTER)

    assert reporter.get(REGISTER).status_code == 403
    assert REGISTER not in reporter.get(DESK).text


def test_two_hundred_incidents_cost_as_many_queries_as_twenty(app, as_role):
    def add(number):
        with at_desk(app) as work:
            for count in range(number):
                cases.open_case(work, now=MONDAY_NINE, description=f"Incident {count}")

    dpo = as_role(Role.DPO)
    add(20)
    few = [queries_of(app, dpo, page) for page in (REGISTER, DESK)]
    add(180)
    many = [queries_of(app, dpo, page) for page in (REGISTER, DESK)]

    assert few == many
    assert max(many) <= 8
    page = plain(dpo.get(f"{REGISTER}?page=2").text)
    assert "Page 2 sur 4" in page
    assert len(order_of(page)) == 50
    assert len(dpo.get(REGISTER).data) < 100_000
