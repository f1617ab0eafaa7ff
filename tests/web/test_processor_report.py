"""A processor declares by its link; the team hands links out and takes them back."""

import io
import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from breachdesk.domain.access import Role
from breachdesk.models import Incident, OutsideReport, ProcessorLink
from breachdesk.services.cases import answers_from, latest_facts
from tests import cases, outside
from tests.cases import MONDAY_NINE, at_desk
from tests.outside import secret_on
from tests.web.reading import form_of, plain

LINKS = "/organisations/GIR/processor-links"
DECLARED = {
    "description": "Un disque de sauvegarde a été copié.",
    "processor_aware_at": "2026-03-02T05:15",
    "access": "ended",
    "data": ["contact", "health"],
    "data_subjects": ["patients"],
    "n_subjects": "3 412",
    "measures_taken": "Accès coupé.",
    "name": "Nora Petit",
    "contact": "nora@nuage.example",
}


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        cases.make_organisation(work, "VID", now=MONDAY_NINE)


@pytest.fixture
def token(app):
    """A link to Nuage Hébergement that still serves."""
    with at_desk(app) as work:
        return outside.invite(work, now=MONDAY_NINE - timedelta(days=1))


@pytest.fixture
def visitor(with_csrf, client):
    """Somebody at the processor's."""
    return client


def declare(visitor, token, **changed):
    page = visitor.get(f"/declare/{token}").text
    return visitor.post(f"/declare/{token}", data=form_of(page) | DECLARED | changed)


def count(app, model) -> int:
    with at_desk(app) as work:
        return work.session.query(model).count()


# --- Handing links out -----------------------------------------------------------------------


def test_a_link_is_shown_once_and_listed_without_its_address(app, as_role):
    handler = as_role(Role.HANDLER)

    made = handler.post(LINKS, data={"processor": " Nuage <Hébergement> ", "days": "30"})
    link = unescape(re.search(r'id="link">([^<]+)<', made.text)[1])
    listed = handler.get(LINKS).text

    assert made.status_code == 200
    assert "Nuage &lt;Hébergement&gt;" in made.text
    assert link.split("/declare/")[1] not in listed
    assert "Nuage &lt;Hébergement&gt;" in listed
    assert app.test_client().get(link[link.index("/declare/") :]).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"processor": "", "days": "30"}, "nom du sous-traitant", id="no name"),
        pytest.param({"processor": "Nuage", "days": "0"}, "de 1 à 365", id="no day"),
        pytest.param({"processor": "Nuage", "days": "9" * 400}, "de 1 à 365", id="for ever"),
        pytest.param({"processor": "Nuage", "days": "-3"}, "de 1 à 365", id="backwards"),
        pytest.param({"processor": "Nuage", "days": "trente"}, "de 1 à 365", id="in words"),
        pytest.param({"processor": "Nuage", "days": "٣"}, "de 1 à 365", id="another script"),
    ],
)
def test_a_link_that_cannot_be_made_is_said_beside_its_field(app, as_role, typed, said):
    page = as_role(Role.DPO).post(LINKS, data=typed)

    assert page.status_code == 422
    assert said in plain(page.text)
    assert count(app, ProcessorLink) == 0


@pytest.mark.parametrize("role", [Role.REPORTER, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_nobody_else_sees_the_links(as_role, role):
    assert as_role(role).get(LINKS).status_code == 403


def test_a_link_taken_back_is_gone_for_its_holder(app, as_role, token):
    handler = as_role(Role.HANDLER)
    listed = handler.get(LINKS).text
    address = re.search(r'action="([^"]+/revocation)"', listed)[1]

    assert handler.post(address).status_code == 302
    page = app.test_client().get(f"/declare/{token}")

    assert page.status_code == 410
    assert "annulé" in page.text
    assert "/revocation" not in handler.get(LINKS).text
    assert handler.post(address.replace("GIR", "VID")).status_code == 404


# --- Declaring -------------------------------------------------------------------------------


def test_a_declaration_records_both_times_and_what_is_known(app, visitor, token):
    page = declare(visitor, token, attachments=(io.BytesIO(b"journal"), "journal.txt"))

    assert page.status_code == 200
    assert secret_on(page.text)
    # Said with the zone: the processor may be elsewhere.
    assert "lundi 2 mars 2026 à 5 h 15 (Europe/Paris, UTC+01:00)" in plain(page.text)
    assert "lundi 2 mars 2026 à 10 h 00 (Europe/Paris, UTC+01:00)" in plain(page.text)
    with at_desk(app) as work:
        incident = work.session.query(Incident).one()
        answers = answers_from(latest_facts(work.session, incident))
        report = work.session.query(OutsideReport).one()
        assert incident.noticed_at == MONDAY_NINE
        assert report.processor_aware_at == datetime.fromisoformat("2026-03-02T04:15:00+00:00")
        assert b"nora" not in report.sealed
        values = {key: answers[key].value for key in ("data", "data_subjects", "n_subjects")}
    assert values == {
        "data": ["contact", "health"],
        "data_subjects": ["patients"],
        "n_subjects": 3412,
    }
    assert answers["n_subjects"].state == "estimated"


def test_a_second_declaration_is_refused_and_told_why(app, visitor, token):
    declare(visitor, token)

    opened = visitor.get(f"/declare/{token}")
    # A page that was open all the while, with a ticket of its own.
    sent = visitor.post(f"/declare/{token}", data=DECLARED)

    for page in (opened, sent):
        assert page.status_code == 410
        assert "déjà faite" in page.text
        assert "GIR-2026" not in page.text
    assert count(app, Incident) == 1


def test_the_same_page_sent_twice_gives_the_same_receipt(app, visitor, token):
    typed = form_of(visitor.get(f"/declare/{token}").text) | DECLARED

    first, again = (visitor.post(f"/declare/{token}", data=typed) for _ in range(2))

    assert secret_on(first.text) == secret_on(again.text)
    assert count(app, Incident) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"description": " "}, "Dites en quelques mots", id="nothing said"),
        pytest.param({"processor_aware_at": ""}, "quand vous en avez eu", id="no time"),
        pytest.param({"processor_aware_at": "hier"}, "n’est pas une date", id="not a time"),
        pytest.param({"processor_aware_at": "2026-03-02T11:00"}, "à venir", id="an hour ahead"),
        pytest.param({"n_subjects": "beaucoup"}, "pas un nombre entier", id="not a number"),
        pytest.param({"n_subjects": "9" * 30}, "pas un nombre entier", id="more than there are"),
        pytest.param({"name": ""}, "qui nous pouvons joindre", id="nobody to reach"),
        pytest.param({"contact": " "}, "une adresse ou un numéro", id="no way to reach them"),
    ],
)
def test_a_fault_is_named_and_the_link_still_serves(app, visitor, token, changed, said):
    page = declare(visitor, token, **changed)

    assert page.status_code == 422
    assert said in plain(page.text)
    assert "Accès coupé." in page.text
    assert count(app, Incident) == 0
    assert declare(visitor, token).status_code == 200


def test_the_hour_that_comes_twice_is_asked(visitor, app, clock):
    clock.now = datetime.fromisoformat("2026-10-26T09:00:00+00:00")
    with at_desk(app) as work:
        token = outside.invite(work, now=clock.now)
    twice = {"processor_aware_at": "2026-10-25T02:30"}

    asked = declare(visitor, token, **twice)
    taken = declare(visitor, token, **twice, second_time="second")

    assert asked.status_code == 422
    assert 'name="second_time"' in asked.text
    assert taken.status_code == 200


def test_an_old_page_is_taken_all_the_same(app, visitor, token, clock):
    typed = form_of(visitor.get(f"/declare/{token}").text) | DECLARED
    clock.now += timedelta(hours=5)

    assert visitor.post(f"/declare/{token}", data=typed).status_code == 200


def test_an_unknown_link_is_as_any_unknown_page(visitor):
    for token in ("x", "x" * 43, "%3Cscript%3E"):
        assert visitor.get(f"/declare/{token}").status_code == 404
        assert visitor.post(f"/declare/{token}", data=DECLARED).status_code == 404


def test_the_processor_comes_back_and_adds(app, visitor, token):
    secret = secret_on(declare(visitor, token).text)
    asked = form_of(visitor.get("/report/back").text)
    visitor.post("/report/back", data=asked | {"secret": secret})

    page = visitor.get("/report/back/open").text

    assert "Accès coupé." in page
    assert "3 412" in plain(page)
    assert "Vous en avez eu connaissance" in page


# --- What the team sees ----------------------------------------------------------------------


def test_the_case_says_both_times_where_it_is_qualified(app, visitor, token, sign_in):
    declare(visitor, token)
    app.config["WTF_CSRF_ENABLED"] = False
    with at_desk(app) as work:
        reference = work.session.query(Incident.reference).scalar()
    dpo = sign_in(app.test_client(), cases.address_of(Role.DPO))
    dpo.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"

    case = plain(dpo.get(f"/incidents/{reference}").text)
    qualify = plain(dpo.get(f"/incidents/{reference}/qualification").text)
    facts = dpo.get(f"/incidents/{reference}/facts").text
    journal = dpo.get(f"/incidents/{reference}/journal").text
    exchange = dpo.get(f"/incidents/{reference}/messages").text

    for page in (case, qualify):
        assert "Nuage Hébergement" in page
        assert "lundi 2 mars 2026 à 5 h 15" in page
        assert "lundi 2 mars 2026 à 10 h 00" in page
    assert "lignes directrices 9/2022" in qualify
    assert "Sous-traitant : Nuage Hébergement" in plain(facts)
    assert "déclaration d’un sous-traitant" in journal
    assert "nora@nuage.example" in exchange
    assert "nora@nuage.example" not in case + facts + journal
