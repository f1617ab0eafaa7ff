"""For somebody with several organisations: one list of everything due, linked cases."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.models import Membership, Organisation
from breachdesk.services.cases import latest_facts
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, plain, queries_of

DPO = address_of(Role.DPO)


def join(work, email, code, role=Role.DPO):
    """Make somebody a member of one more organisation."""
    user = next(s.user for s in [cases.seat(work, Role.DPO)] if s.user.email == email)
    organisation = cases.organisation(work, code)
    work.session.add(Membership(organisation_id=organisation.id, user_id=user.id, role=role))
    work.session.commit()


@pytest.fixture
def two(app):
    """The DPO of GIR is the DPO of VID too; a case in GIR, where something is known."""
    with at_desk(app) as work:
        for code in ("GIR", "VID", "OTH"):
            cases.make_organisation(work, code, now=MONDAY_NINE)
        join(work, DPO, "VID")
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, reference, now=MONDAY_NINE, vector="ransomware", n_subjects=12)
    return reference


def test_one_list_of_everything_due_the_most_urgent_first(app, client, sign_in, two):
    with at_desk(app) as work:
        sooner = cases.open_case(
            work, now=MONDAY_NINE, code="VID", noticed_at=MONDAY_NINE - timedelta(hours=5)
        )
        cases.open_case(work, now=MONDAY_NINE, code="OTH", description="Pas pour vous")

    page = sign_in(client, DPO).get("/due").text

    assert page.index(sooner) < page.index(two)
    assert "Maison VID" in page
    assert "Pas pour vous" not in page
    assert "OTH" not in page


def test_the_time_of_an_organisation_elsewhere_names_its_zone(app, client, sign_in, two):
    with at_desk(app) as work:
        cases.organisation(work, "VID").timezone = "America/Cayenne"
        work.session.commit()
        cases.open_case(work, now=MONDAY_NINE, code="VID")

    page = plain(sign_in(client, DPO).get("/due").text)

    assert "05/03/2026 06:00 (America/Cayenne, UTC-03:00)" in page
    assert "05/03/2026 10:00</time>" in page


def test_only_who_has_several_organisations_is_led_there(client, sign_in, two):
    assert 'href="/due"' in sign_in(client, DPO).get("/organisations/GIR").text
    client.post("/sign-out")
    assert 'href="/due"' not in sign_in(client, address_of(Role.HANDLER)).get("/").text


def test_who_reads_no_register_is_told_so(client, sign_in, two):
    page = sign_in(client, address_of(Role.REPORTER)).get("/due").text

    assert "Aucun registre" in page


def test_fifty_organisations_take_no_more_queries_than_one(app, client, sign_in, two):
    sign_in(client, DPO)
    few = queries_of(app, client, "/due")
    with at_desk(app) as work:
        user = cases.seat(work, Role.DPO).user
        for number in range(50):
            code = "Z" + chr(65 + number // 26) + chr(65 + number % 26)
            organisation = Organisation(code=code, name=code, created_at=MONDAY_NINE)
            work.session.add(organisation)
            work.session.flush()
            for role in (Role.DPO, Role.DECIDER):
                work.session.add(
                    Membership(organisation_id=organisation.id, user_id=user.id, role=role)
                )
        work.session.commit()

    assert queries_of(app, client, "/due") == few
    assert queries_of(app, client, "/organisations/GIR") <= few + 1


# --- One event, several organisations --------------------------------------------------------


def test_linked_cases_are_opened_and_told_what_is_found_later(app, client, sign_in, two):
    sign_in(client, DPO)
    page = client.get(f"/incidents/{two}/shared").text
    assert "Ce dossier est seul" in page

    page = client.get(f"/incidents/{two}/shared/organisations").text
    assert "Maison VID" in page
    assert "Maison OTH" not in page
    answer = client.post(
        f"/incidents/{two}/shared/organisations",
        data={"organisations": ["VID"]},
        follow_redirects=True,
    )
    assert "VID-2026-0001" in answer.text
    assert "savent déjà tout" in plain(answer.text)

    with at_desk(app) as work:
        cases.know(work, two, now=MONDAY_NINE, vector="hacking")
    sent = form_of(client.get(f"/incidents/{two}/shared").text)
    assert sent["facts"] == ["vector"]
    answer = client.post(f"/incidents/{two}/shared", data=sent, follow_redirects=True)
    assert "Un fait a été enregistré" in plain(answer.text)
    with at_desk(app) as work:
        made = cases.incident(work, "VID-2026-0001")
        assert latest_facts(work.session, made)["vector"].value == "hacking"
        assert "n_subjects" not in latest_facts(work.session, made)


@pytest.mark.parametrize("page", ["", "/organisations"])
def test_nothing_chosen_is_said_beside_the_choice(app, client, sign_in, two, page):
    sign_in(client, DPO)
    client.post(f"/incidents/{two}/shared/organisations", data={"organisations": ["VID"]})
    with at_desk(app) as work:
        join(work, DPO, "OTH")
        cases.know(work, two, now=MONDAY_NINE, vector="hacking")

    answer = client.post(f"/incidents/{two}/shared{page}", data={})

    assert answer.status_code == 422
    assert "Cochez au moins" in answer.text


def test_an_organisation_of_somebody_else_cannot_be_named(client, sign_in, two):
    sign_in(client, DPO)

    answer = client.post(f"/incidents/{two}/shared/organisations", data={"organisations": ["OTH"]})

    assert answer.status_code == 422


def test_the_people_of_a_linked_case_see_nothing_of_the_first(client, sign_in, two):
    sign_in(client, DPO)
    client.post(f"/incidents/{two}/shared/organisations", data={"organisations": ["VID"]})
    client.post("/sign-out")

    page = sign_in(client, address_of(Role.DECIDER, "VID")).get("/incidents/VID-2026-0001/shared")

    assert page.status_code == 200
    assert "GIR" not in page.text
    assert client.get(f"/incidents/{two}").status_code == 404
