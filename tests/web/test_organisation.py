"""The organisation's own page: kept by some, read by others, told in its journal."""

import pytest
from sqlalchemy import update

from breachdesk.domain.access import Role
from breachdesk.models import Organisation
from breachdesk.services.journal import first_broken_entry, journal_of
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, plain

URL = "/organisations/GIR/details"
TYPED = {"siren": "732829320", "headcount": "4", "timezone": "Indian/Reunion"}


@pytest.fixture(autouse=True)
def _organisations(app) -> None:
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, contact_name="Anne <Delmas>")
        cases.make_organisation(work, "VID", now=MONDAY_NINE)


def kept(app, code: str = "GIR") -> dict[str, object]:
    """The columns of an organisation."""
    with at_desk(app) as work:
        own = cases.organisation(work, code)
        return {column.name: getattr(own, column.name) for column in own.__table__.columns}


def changes(app) -> list[tuple[str, object]]:
    """Who changed which details, as the organisation's journal tells."""
    with at_desk(app) as work:
        lines = journal_of(work.session, cases.organisation(work))
        assert first_broken_entry(lines) is None
        return [
            (line.actor.email, line.parameters)
            for line in lines
            if line.code == "organisation_changed"
        ]


# --- Rights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DPO, Role.DECIDER])
def test_who_answers_for_the_organisation_changes_it(app, as_role, role):
    client = as_role(role)

    answer = client.post(URL, data=form_of(client.get(URL).text) | TYPED)

    assert (answer.status_code, answer.location) == (302, URL)
    assert kept(app)["siren"] == "732 829 320"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.MANAGER, Role.AUDITOR])
def test_who_sees_cases_reads_it_and_changes_nothing(app, as_role, role):
    client, before = as_role(role), kept(app)

    page = client.get(URL)
    answer = client.post(URL, data={"name": "Autre nom"})

    assert page.status_code == 200
    assert "Anne &lt;Delmas&gt;" in page.text
    assert "France (Paris)" in page.text
    assert '<form method="post" class="form' not in page.text
    assert "Administrateur" in page.text
    assert answer.status_code == 403
    assert kept(app) == before


def test_a_reporter_has_no_such_page(as_role):
    client = as_role(Role.REPORTER)

    assert client.get(URL).status_code == 403
    assert URL not in client.get("/organisations/GIR").text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_organisation_is_not_there(app, as_role, method):
    before = kept(app, "VID")

    answer = as_role(Role.ADMIN).open(
        "/organisations/VID/details", method=method, data={"name": "Volé"}
    )

    assert answer.status_code == 404
    assert kept(app, "VID") == before


def test_the_menu_leads_there_from_every_page(as_role):
    page = as_role(Role.ADMIN).get("/organisations/GIR").text

    assert f'<a href="{URL}">Fiche de l’organisation</a>' in page


# --- What is kept ----------------------------------------------------------------------------


def test_a_change_is_kept_and_the_journal_names_what_changed_without_its_values(app, as_role):
    client = as_role(Role.ADMIN)
    before = kept(app)

    client.post(URL, data=form_of(client.get(URL).text) | TYPED)

    changed = {"siren": "732 829 320", "headcount": "4", "timezone": "Indian/Reunion"}
    assert kept(app) == before | changed | {"country": ""}
    assert changes(app) == [
        (address_of(Role.ADMIN), {"fields": ["siren", "headcount", "timezone"]})
    ]
    assert "La fiche de l’organisation est enregistrée." in client.get(URL).text


def test_sending_the_page_as_it_is_changes_nothing_and_writes_no_line(app, as_role):
    client, before = as_role(Role.DPO), kept(app)

    client.post(URL, data=form_of(client.get(URL).text))

    assert kept(app) == before
    assert changes(app) == []
    assert "Rien n’a changé" in client.get(URL).text


def test_a_zone_that_is_not_offered_stays_the_organisations_own(app, as_role):
    with at_desk(app) as work:
        zone = {"timezone": "America/New_York"}
        work.session.execute(update(Organisation).values(zone))
        work.session.commit()
    client = as_role(Role.ADMIN)

    client.post(URL, data=form_of(client.get(URL).text) | {"headcount": "4"})

    assert (kept(app)["timezone"], kept(app)["headcount"]) == ("America/New_York", "4")


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        pytest.param({"name": " "}, "name", "Indiquez le nom de l’organisation", id="no name"),
        pytest.param({"siren": "732 829 321"}, "siren", "n’est pas un numéro SIREN", id="SIREN"),
        pytest.param({"contact_email": "ici"}, "contact_email", "n’est pas une adresse", id="mail"),
        pytest.param({"timezone": "Mars/Olympus"}, "timezone", "Choisissez", id="no such zone"),
        pytest.param({"sector": "x" * 201}, "sector", "dépasse 200", id="longer than its column"),
    ],
)
def test_a_fault_is_named_and_everything_typed_stays(app, as_role, changed, field, said):
    client, before = as_role(Role.DECIDER), kept(app)
    typed = form_of(client.get(URL).text) | TYPED | {"address": "12 rue <des> Lampistes"} | changed

    page = client.post(URL, data=typed)

    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert said in plain(page.text)
    sent_again = form_of(page.text)
    assert sent_again["address"] == ["12 rue <des> Lampistes"]
    assert sent_again["headcount"] == ["4"]
    assert field == "timezone" or sent_again[field] == [typed[field]]
    assert kept(app) == before
    assert changes(app) == []


def test_several_faults_are_told_at_once(as_role):
    page = as_role(Role.ADMIN).post(URL, data={"name": "", "siren": "1", "contact_email": "ici"})

    assert "3 points à corriger" in plain(page.text)


# --- From the notification -------------------------------------------------------------------


def test_a_gap_of_the_notification_leads_here_and_back_and_is_filled(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    assistant = f"/incidents/{reference}/notification"
    client = as_role(Role.DPO)
    link = f"{URL}?back={assistant}"

    assert f'href="{link}#siren"' in client.get(assistant).text
    answer = client.post(link, data=form_of(client.get(link).text) | TYPED)

    assert answer.location == assistant
    page = client.get(assistant).text
    assert '<span class="typed" id="field-siren">732 829 320</span>' in page


def test_the_way_back_leads_to_no_other_site(as_role):
    client = as_role(Role.DPO)
    link = f"{URL}?back=https://elsewhere.example/"

    answer = client.post(link, data=form_of(client.get(link).text) | TYPED)

    assert answer.location == URL
