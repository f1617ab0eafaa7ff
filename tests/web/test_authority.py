"""The notification to the authority: laid out to be copied, its filing recorded."""

from datetime import timedelta
from io import BytesIO

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.authority_notification import FormSection
from breachdesk.services.cases import case_of
from breachdesk.wording.authority import SECTIONS
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain, queries_of


@pytest.fixture
def reference(app) -> str:
    """A breach of GIR, aware on Monday at nine."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, siren="123 456 782")
        case = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, case, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, case, now=MONDAY_NINE)
        return case


def url(reference: str, page: str = "") -> str:
    return f"/incidents/{reference}/notification{page}"


def filing(**changes: object) -> dict[str, object]:
    """A filing on Monday at half past ten, Paris time."""
    return {"kind": "initial", "filed_at": "2026-03-02T10:30", "number": "N-2026-1", **changes}


def phase_of(app, reference: str):
    with at_desk(app) as work:
        return case_of(work.session, cases.incident(work, reference)).phase


def test_the_form_stands_in_its_own_order_with_what_is_missing_on_top(as_role, reference):
    page = plain(as_role(Role.HANDLER).get(url(reference)).text)

    places = [page.index(f"{n}. {SECTIONS[s]}") for n, s in enumerate(FormSection, start=1)]
    assert places == sorted(places)
    assert page.index("Ce qui manque") < places[0]
    assert "notifications.cnil.fr" in page
    assert "breachdesk ne dépose rien à votre place." in page


def test_a_value_can_be_copied_and_a_gap_leads_to_where_it_is_filled(as_role, reference):
    page = as_role(Role.HANDLER).get(url(reference)).text

    assert '<span class="typed" id="organisation-siren">123 456 782</span>' in page
    assert 'data-copy="organisation-siren"' in page
    assert f"/incidents/{reference}/facts/measures" in page


def test_what_people_typed_is_shown_as_text(app, as_role, reference):
    with at_desk(app) as work:
        cases.know(
            work,
            reference,
            now=MONDAY_NINE,
            cause="internal_accidental",
            security_before="<img src=x onerror=alert(1)>",
        )

    page = as_role(Role.HANDLER).get(url(reference)).text

    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page


def test_a_first_filing_stops_the_clock_and_keeps_its_receipt(app, as_role, clock, reference):
    clock.now = MONDAY_NINE + timedelta(hours=2)
    client = as_role(Role.HANDLER)
    receipt = (BytesIO("Récapitulatif".encode()), "recepisse.txt")

    answer = client.post(url(reference, "/filing"), data=filing(receipt=receipt))
    page = plain(client.get(url(reference)).text)

    assert answer.status_code == 302
    assert "Déjà déposé" in page
    assert "recepisse.txt" in page
    assert "N-2026-1" in page
    assert "Notifié dans le délai" in page


def test_a_late_filing_demands_its_reasons_and_keeps_what_was_typed(app, as_role, clock, reference):
    clock.now = MONDAY_NINE + timedelta(hours=80)
    client = as_role(Role.HANDLER)
    late = filing(filed_at="2026-03-05T12:00")

    page = client.get(url(reference, "/filing"))
    refused = client.post(url(reference, "/filing"), data=late)
    taken = client.post(
        url(reference, "/filing"),
        data={**late, "reasons_for_delay": "L’hébergeur n’a répondu que mercredi."},
    )

    assert "Le délai de 72 heures est dépassé" in plain(page.text)
    assert refused.status_code == 422
    assert 'id="reasons_for_delay-fault"' in refused.text
    assert 'value="N-2026-1"' in refused.text
    assert taken.status_code == 302
    with at_desk(app) as work:
        phase = case_of(work.session, cases.incident(work, reference)).phase
        assert phase is not None
        assert phase.was_late
        assert phase.reasons_for_delay == "L’hébergeur n’a répondu que mercredi."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"filed_at": "2026-03-09T10:00"}, "filed_at", id="in the future"),
        pytest.param({"filed_at": "2026-03-02T08:00"}, "filed_at", id="before awareness"),
        pytest.param({"filed_at": "hier"}, "filed_at", id="not a time"),
        pytest.param({"kind": "follow_up"}, "kind", id="a follow-up of nothing"),
        pytest.param({"kind": ""}, "kind", id="no kind"),
        pytest.param({"number": "9" * 61}, "number", id="a number longer than any"),
    ],
)
def test_a_wrong_filing_is_refused_at_its_field(app, as_role, clock, reference, changes, field):
    clock.now = MONDAY_NINE + timedelta(hours=2)

    answer = as_role(Role.HANDLER).post(url(reference, "/filing"), data=filing(**changes))

    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert phase_of(app, reference) is None


def test_a_program_is_refused_as_a_receipt_beside_its_field(as_role, clock, reference):
    clock.now = MONDAY_NINE + timedelta(hours=2)
    program = (BytesIO(b"MZ program"), "recepisse.exe")

    answer = as_role(Role.HANDLER).post(url(reference, "/filing"), data=filing(receipt=program))

    assert answer.status_code == 422
    assert 'id="receipt-fault"' in answer.text


def test_after_a_first_filing_a_follow_up_is_proposed(app, as_role, reference):
    with at_desk(app) as work:
        cases.file(work, reference, now=MONDAY_NINE)

    page = as_role(Role.HANDLER).get(url(reference, "/filing")).text

    assert 'checked id="kind-2" name="kind" type="radio" value="follow_up"' in page
    assert "Motifs du retard" not in page


def test_an_auditor_reads_the_form_and_files_nothing(as_role, reference):
    client = as_role(Role.AUDITOR)

    assert "Enregistrer un dépôt" not in client.get(url(reference)).text
    assert client.get(url(reference, "/filing")).status_code == 403


def test_the_form_takes_the_same_queries_however_long_the_case(app, as_role, reference):
    client = as_role(Role.HANDLER)
    few = queries_of(app, client, url(reference))

    with at_desk(app) as work:
        for n in range(5):
            cases.attach(work, reference, f"{n}.txt", b"capture", now=MONDAY_NINE)

    assert queries_of(app, client, url(reference)) == few
