"""The notification to the authority: laid out to be copied, its filing recorded."""

import re
from datetime import timedelta
from io import BytesIO

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.authority_forms import CNIL_2023, EDPB_1_0, form_named
from breachdesk.services.authority import lay_out_form
from breachdesk.services.cases import case_of
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.queries import counted_queries
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

    places = [
        page.index(f"{section.number}. {section.label['fr']}")
        for section in form_named(CNIL_2023).sections
    ]
    assert places == sorted(places)
    assert page.index("Ce qui manque") < places[0]
    assert "notifications.cnil.fr" in page
    assert "breachdesk ne dépose rien à votre place." in page


def test_a_value_can_be_copied_and_a_gap_leads_to_where_it_is_filled(as_role, reference):
    page = as_role(Role.HANDLER).get(url(reference)).text

    assert '<span class="typed" id="field-siren">123 456 782</span>' in page
    assert 'data-copy="field-siren"' in page
    assert f"/incidents/{reference}/facts/measures#ask-measures_taken" in page


def test_a_value_says_who_gave_it_and_when(as_role, reference):
    page = plain(as_role(Role.HANDLER).get(url(reference)).text)

    assert re.search("d’après les faits, .+, 2 mars 2026", page)
    assert "d’après la fiche de l’organisation" in page


def test_the_meters_count_the_form_and_what_the_law_demands(as_role, reference):
    page = plain(as_role(Role.HANDLER).get(url(reference)).text)

    assert re.search(r"\d+ champs sur \d+ sont renseignés", page)
    assert re.search(r"\d+ des \d+ points exigés par l’article 33\(3\) du RGPD", page)


def test_unknown_and_missing_are_listed_apart(app, as_role, reference):
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, n_records=None)

    page = plain(as_role(Role.HANDLER).get(url(reference)).text)

    missing, unknown = page.index("Ce qui manque"), page.index("Pas encore connu : 2 champs")
    listed = page[unknown : unknown + 400]
    assert missing < unknown
    assert "Nombre approximatif d’enregistrements" in listed
    # Nobody has decided yet whether they are told.
    assert "Les personnes ont-elles été informées" in listed


def test_the_template_of_the_edpb_is_shown_in_its_own_words_and_credited(as_role, reference):
    client = as_role(Role.HANDLER)

    english = client.get(url(reference, f"?form={EDPB_1_0}&language=en")).text
    french = plain(client.get(url(reference, f"?form={EDPB_1_0}&language=fr")).text)

    assert '<span lang="en">Nature of the incident</span>' in english
    assert "N. Franchetto" in english
    assert "CC BY 4.0" in french
    assert "Nature de l’incident" in french
    assert "Nature of the incident" not in french
    # Of an optional field, which no article demands.
    assert re.search(r"cité par le formulaire\s?: Art\. 33\(3\)\(a\)", french)


def test_the_form_s_french_words_are_glossed_for_who_reads_english(as_role, reference):
    client = as_role(Role.HANDLER)
    client.get("/language/en")

    page = client.get(url(reference)).text

    assert '<span lang="fr">Circonstances de la découverte</span>' in page
    assert "How it was discovered" in page


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("?form=cnil_1999", id="no such form"),
        pytest.param("?form=cnil_2023&language=en", id="a language the form has no words in"),
    ],
)
def test_a_form_that_there_is_not_is_not_found(as_role, reference, query):
    assert as_role(Role.HANDLER).get(url(reference, query)).status_code == 404


def test_who_may_record_nothing_is_led_to_no_form(as_role, reference):
    assert "/facts/measures" not in as_role(Role.AUDITOR).get(url(reference)).text


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

    assert 'checked id="kind-1" name="kind" type="radio" value="follow_up"' in page
    assert "Motifs du retard" not in page


def test_what_is_unanswered_is_said_before_a_filing_is_recorded_and_a_whole_one_stays_open(
    app, as_role, clock, reference
):
    clock.now = MONDAY_NINE + timedelta(hours=2)
    client = as_role(Role.HANDLER)
    page = client.get(url(reference, "/filing")).text
    told = re.search(r"(\d+) champs que le formulaire de la CNIL demande", plain(page))
    with at_desk(app) as work:
        found = cases.incident(work, reference)
        seat = cases.seat(work, Role.HANDLER)
        _, layout = lay_out_form(work.session, found, by=seat, now=clock.now)
        assert int(told[1]) == len(layout.open_ends()) > 0
    assert "Choisissez alors « Notification initiale »" in plain(page)
    assert 'name="kind" type="radio" value="initial"' in page.split("checked", 1)[1][:80]

    # What was filed is recorded as it was.
    answer = client.post(url(reference, "/filing"), data=filing(kind="complete"))
    assert answer.status_code == 302
    with at_desk(app) as work:
        phase = case_of(work.session, cases.incident(work, reference)).phase
        assert (phase.kind, phase.is_complete) == ("complete", False)
    again = plain(client.get(url(reference, "/filing")).text)
    assert "la notification restera donc à compléter" in again
    assert "Choisissez alors" not in again


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


@pytest.mark.parametrize("form", [CNIL_2023, EDPB_1_0])
def test_the_form_reads_neither_journal_nor_mails(app, as_role, reference, form):
    client = as_role(Role.HANDLER)

    with counted_queries(app) as statements:
        assert client.get(url(reference, f"?form={form}")).status_code == 200

    # The frame of the page counts their rows; none of them is read.
    rows = ("SELECT journal_entry.", "SELECT reminder.", "SELECT delivery.")
    assert [each for each in statements if each.startswith(rows)] == []
    assert any(each.startswith("SELECT fact.") for each in statements)
