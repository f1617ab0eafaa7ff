"""What an organisation says of itself, and its own targets, through the page."""

import pytest

from breachdesk.domain.access import Role
from tests import cases
from tests.cases import MONDAY_NINE, at_desk, make_organisation
from tests.web.reading import form_of, plain

URL = "/organisations/GIR/deadlines"


@pytest.fixture
def dpo(app, as_role):
    """The client of the DPO of GIR."""
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
    return as_role(Role.DPO)


def kept(app) -> tuple[list[str], dict[str, int]]:
    with at_desk(app) as work:
        found = cases.organisation(work)
        return list(found.traits), dict(found.targets)


def test_the_questions_and_the_proposed_target_come_from_the_files(dpo):
    shown = plain(dpo.get(URL).text)

    assert "Nous fournissons au public des services de communications électroniques" in shown
    assert "Alerte précoce NIS 2 (24 h) · Notification d’incident NIS 2 (72 h) · Rapport" in shown
    assert form_of(shown)["gdpr_art_34"] == ["72"]
    assert "objectif que votre organisation se donne" in shown


def test_what_is_said_is_kept_and_shown_again(app, dpo):
    answer = dpo.post(
        URL, data={"telecom_provider": "y", "gdpr_art_34": " 48 "}, follow_redirects=True
    )

    assert "C’est enregistré." in answer.text
    assert kept(app) == (["telecom_provider"], {"gdpr_art_34": 48})
    again = form_of(dpo.get(URL).text)
    assert again["gdpr_art_34"] == ["48"]
    assert "telecom_provider" in again
    assert "nis2_entity" not in again


def test_the_target_that_we_propose_is_not_kept_as_their_own(app, dpo):
    answer = dpo.post(URL, data={"gdpr_art_34": "72"}, follow_redirects=True)

    assert "Rien n’a changé." in answer.text
    assert kept(app) == ([], {})


@pytest.mark.parametrize("typed", ["", "deux jours", "0", "-3", "2161", "9" * 30, "٤٨"])
def test_a_target_that_is_none_is_refused_and_nothing_typed_is_lost(app, dpo, typed):
    answer = dpo.post(URL, data={"nis2_entity": "y", "gdpr_art_34": typed})

    assert answer.status_code == 422
    assert "Indiquez un nombre d’heures, de 1 à 2160." in plain(answer.text)
    assert form_of(answer.text)["gdpr_art_34"] == [typed]
    assert kept(app) == ([], {})


def test_the_menu_leads_there_whoever_may_go(app, dpo, sign_in):
    assert f'href="{URL}"' in dpo.get("/organisations/GIR").text
    other = sign_in(app.test_client(), cases.address_of(Role.HANDLER))

    assert f'href="{URL}"' not in other.get("/organisations/GIR").text
    assert other.get(URL).status_code == 403
