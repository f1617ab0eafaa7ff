"""The operator's pages, and that the operator sees nothing else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from breachdesk.domain.access import Action, Role
from breachdesk.domain.errors import NotAllowed, NotFound
from breachdesk.domain.work import Runner
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery, Installation, Organisation
from breachdesk.sealing.keys import (
    VALID_FOR,
    make_certificate,
    make_private_key,
    read_seal_key,
)
from breachdesk.services import assessments, incidents, notices
from breachdesk.services.acting import Acting, seats_of
from breachdesk.services.cases import find_case, list_due
from breachdesk.services.incidents import Report
from breachdesk.services.monitor import Monitor
from breachdesk.services.workers import beat
from breachdesk.web.security import PUBLIC_ENDPOINTS
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk
from tests.sample_people import OPERATOR, add_operator, give_second_factor
from tests.web.reading import form_of, plain, queries_of

NEW = {
    "name": "Olivier & <Fils>",
    "code": "olv",
    "timezone": "Europe/Paris",
    "person_name": "Rose Olivier",
    "person_email": "rose@olivier.example",
    "locale": "fr",
}
CREATE = "/installation/organisations/new"
OPERATORS_OWN = {"installation.organisation", "language.choose"}


@pytest.fixture
def operator(app, client, sign_in):
    """A browser at which the operator signed in; they are in no organisation."""
    with at_desk(app) as work:
        add_operator(work, MONDAY_NINE)
    sign_in(client, OPERATOR)
    give_second_factor(app, OPERATOR)
    return client


@pytest.fixture
def gir(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


# --- Before the first organisation -----------------------------------------------------------


def test_an_operator_may_come_before_the_first_organisation(operator):
    answer = operator.get("/", follow_redirects=True)

    assert answer.request.path == "/installation"
    assert "<h1>Installation</h1>" in answer.text
    assert 'href="/installation"' in answer.text


def test_without_a_second_factor_the_installation_stays_closed_and_says_why(app, client, sign_in):
    with at_desk(app) as work:
        add_operator(work, MONDAY_NINE)
    sign_in(client, OPERATOR)

    for path, method in (("/installation", "GET"), (CREATE, "GET"), (CREATE, "POST")):
        answer = client.open(path, method=method, data=NEW if method == "POST" else None)
        assert answer.location.startswith("/account/second-factor"), path
    page = plain(client.get("/", follow_redirects=True).text)
    assert "Administrer l’installation demande un second facteur." in page
    with at_desk(app) as work:
        assert work.session.scalars(select(Organisation)).all() == []


# --- Nothing of an organisation --------------------------------------------------------------


@pytest.fixture
def full_case(app):
    """A case of GIR taken to its dossier."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, is_example=True)
        return cases.full_case(work, now=MONDAY_NINE)


def addresses_of(app, method, case):
    """Every address that names an organisation or a case, with values that are there."""
    known = {
        "code": "GIR",
        "reference": case.reference,
        "section": "nature",
        "number": case.dossier_number,
        "attachment_id": case.attachment_id,
        "import_id": case.import_id,
        "which": "first",
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        names_one = rule.arguments & {"code", "reference"}
        is_theirs = names_one and rule.endpoint not in PUBLIC_ENDPOINTS | OPERATORS_OWN
        if is_theirs and method in rule.methods:
            values = {name: known.get(name, 1) for name in rule.arguments}
            yield adapter.build(rule.endpoint, values, method)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_of_an_organisation_is_404_to_the_operator(app, operator, full_case, method):
    theirs = list(addresses_of(app, method, full_case))

    assert len(theirs) > 20
    for url in theirs:
        assert operator.open(url, method=method).status_code == 404, url


def test_what_the_operator_is_shown_names_no_case_and_no_person_of_an_organisation(
    app, operator, full_case
):
    shown = ""
    for url in ("/installation", "/installation/organisations/GIR"):
        answer = operator.get(url)
        assert answer.status_code == 200
        shown += answer.text

    assert "Maison GIR" in shown
    for hidden in (full_case.reference, "sauvegarde est", "@gir.example", "Dpo GIR", "client.ex"):
        assert hidden not in shown, hidden


def test_the_services_refuse_an_operator_whatever_seat_they_claim(app, operator, gir):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        case = cases.incident(work, reference)
        user = work.session.merge(add_operator(work, MONDAY_NINE).user)
        assert seats_of(work.session, user.id) == []
        with pytest.raises(NotFound):
            find_case(work.session, seats_of(work.session, user.id), reference)
        seat = Acting(user, cases.organisation(work), frozenset({Role.OPERATOR}))
        for attempt in (
            lambda: list_due(work.session, seat),
            lambda: find_case(work.session, [seat], reference).seat.demand(Action.SEE_CASE),
            lambda: incidents.open_incident(
                work.session, work.desk, Report("x", MONDAY_NINE, {}, ()), by=seat, now=MONDAY_NINE
            ),
            lambda: assessments.assess_incident(work.session, case, by=seat, now=MONDAY_NINE),
            lambda: notices.start_sending(work.session, case, by=seat, now=MONDAY_NINE),
        ):
            with pytest.raises(NotAllowed):
                attempt()
            work.session.rollback()


# --- To nobody else --------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DECIDER])
def test_to_anybody_else_there_are_no_such_pages(app, as_role, gir, role):
    client = as_role(role)

    for path in ("/installation", CREATE, "/installation/organisations/GIR"):
        assert client.get(path).status_code == 404, path
    for path in (CREATE, "/installation/organisations/GIR"):
        assert client.post(path, data=NEW).status_code == 404, path
    assert "/installation" not in client.get("/organisations/GIR").text
    with at_desk(app) as work:
        assert work.session.query(Organisation).count() == 1


# --- What runs -------------------------------------------------------------------------------


def test_the_page_says_what_runs_and_what_does_not(app, operator, gir):
    before = plain(operator.get("/installation").text)
    assert "à l’arrêt" in before
    assert "Aucun processus ne fait le travail de fond" in before
    assert "pas réglé : les messages attendent" in before
    assert "python -m breachdesk backup" in before

    with at_desk(app) as work:
        beat(work.session, "desk:1:abc", Runner.EMBEDDED, MONDAY_NINE)

    after = plain(operator.get("/installation").text)
    assert "en marche" in after
    assert "À faire par vous" not in after
    assert "desk:1:abc" in after
    assert re.search(r"(SQLite|PostgreSQL) \d+\.\d+", after)
    assert "vu le" in after


def test_the_page_says_how_each_server_does_and_whether_the_monitor_hears(app, operator, gir):
    app.extensions["monitor"] = Monitor("https://monitor.example/secret", timedelta(minutes=5))
    app.extensions["desk"] = replace(
        app.extensions["desk"], mail_server=MailServer("mail.example", 25)
    )
    with at_desk(app) as work:
        cases.open_case(work, now=MONDAY_NINE)
        work.session.execute(
            update(Delivery).values(attempts=2, queued_at=MONDAY_NINE - timedelta(hours=1))
        )
        work.session.add(
            Installation(id=1, pinged_at=MONDAY_NINE, ping_problem="monitor_unreachable")
        )
        work.session.commit()

    page = plain(operator.get("/installation").text)

    assert "Un serveur d’envoi ne répond plus" in page
    assert "sans réponse depuis le 02/03/2026" in page
    assert "elle n’a pas répondu" in page
    assert "secret" not in page


def test_fifty_organisations_take_no_more_queries(app, operator, gir):
    few = queries_of(app, operator, "/installation")
    with at_desk(app) as work:
        for letter in "ABCDEFGHIJ":
            cases.make_organisation(work, f"VID{letter}", now=MONDAY_NINE, roles=(Role.DECIDER,))

    assert queries_of(app, operator, "/installation") == few


# --- A new organisation ----------------------------------------------------------------------


def test_an_organisation_is_created_and_opened_by_the_person_invited(app, operator, sign_in):
    page = operator.post(CREATE, data=NEW)
    link = "/" + re.search(r'id="link">([^<]+)<', page.text)[1].split("/", 3)[3]
    assert "personne encore" in plain(operator.get("/installation").text)

    rose = app.test_client()
    rose.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    invited = plain(rose.get(link).text)
    joined = rose.post(link, data={"name": "Rose", "password": PASSWORD, "again": PASSWORD})

    assert "vous invite à y représenter Olivier" in invited
    assert joined.location == "/organisations/OLV"
    assert rose.get("/organisations/OLV/people").status_code == 200
    assert operator.get("/organisations/OLV").status_code == 404
    hosted = operator.get("/installation/organisations/OLV")
    assert "ses propres administrateurs" in hosted.text
    assert '<form method="post" class="form' not in hosted.text
    assert operator.post("/installation/organisations/OLV", data=NEW).status_code == 409


def test_while_nobody_is_there_the_link_is_made_anew(app, operator):
    first = re.search(r'id="link">([^<]+)<', operator.post(CREATE, data=NEW).text)[1]
    url = "/installation/organisations/OLV"
    typed = form_of(operator.get(url).text)
    assert typed["person_email"] == ["rose@olivier.example"]

    second = re.search(
        r'id="link">([^<]+)<',
        operator.post(url, data=typed | {"person_email": "autre@olivier.example"}).text,
    )[1]

    visitor = app.test_client()
    assert visitor.get("/" + first.split("/", 3)[3]).status_code == 404
    assert "autre@olivier.example" in visitor.get("/" + second.split("/", 3)[3]).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"code": "O1"}, "code", id="no code"),
        pytest.param({"code": "gir"}, "code", id="taken"),
        pytest.param({"timezone": "Mars/Olympus"}, "timezone", id="no zone"),
        pytest.param({"person_name": ""}, "person_name", id="nobody"),
        pytest.param({"person_email": "rose"}, "person_email", id="no address"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_is_created(
    app, operator, gir, changed, field
):
    page = operator.post(CREATE, data=NEW | changed)

    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert "Olivier &amp; &lt;Fils&gt;" in page.text or field == "name"
    with at_desk(app) as work:
        assert work.session.query(Organisation).count() == 1


# --- An operator who also belongs to an organisation -----------------------------------------


def test_an_operator_with_a_seat_reads_there_what_their_role_reads_and_no_more(
    app, client, sign_in, gir
):
    with at_desk(app) as work:
        cases.make_organisation(work, "VID", now=MONDAY_NINE)
        add_operator(work, MONDAY_NINE, email=address_of(Role.REPORTER))
    sign_in(client, address_of(Role.REPORTER))

    # The second factor is the installation's alone to demand.
    assert client.get("/organisations/GIR").status_code == 200
    assert client.get("/installation").status_code == 302
    give_second_factor(app, address_of(Role.REPORTER))
    assert client.get("/installation").status_code == 200
    assert client.get("/organisations/GIR").status_code == 200
    assert client.get("/organisations/GIR/register").status_code == 403
    assert client.get("/organisations/VID").status_code == 404


def test_what_is_planned_is_counted_with_when_the_next_is_due(app, operator, gir):
    with at_desk(app) as work:
        cases.open_case(work, now=MONDAY_NINE)

    shown = plain(operator.get("/installation").text)

    assert re.search(r'data-label="Prochain"[^>]*><time[^>]*>02/03/2026 1\d:\d\d<', shown)
    assert shown.count("Dû ou prévu") > 1


# --- The seal --------------------------------------------------------------------------------


def sealed_until(app, ends_at) -> None:
    """The desk's seal is one given by settings, valid until then."""
    key = make_private_key()
    made = make_certificate(key, name="Sceau de La Girandole", now=ends_at - VALID_FOR)
    app.extensions["desk"] = replace(app.extensions["desk"], seal=read_seal_key(key, made))


def test_the_seal_is_shown_with_its_fingerprint_and_until_when_it_is_good(app, operator):
    sealed_until(app, MONDAY_NINE + timedelta(days=200))

    page = plain(operator.get("/installation").text)

    assert app.extensions["desk"].seal.shown_fingerprint in page
    assert "Sceau de La Girandole" in page
    assert "18/09/2026 11:00" in page[page.index("Sceau de La Girandole") :]
    assert "certificat à renouveler" not in page
    assert "certificat périmé" not in page


@pytest.mark.parametrize(
    ("days", "word", "what_to_do"),
    [
        pytest.param(29, "certificat à renouveler", "Préparez le suivant", id="it ends soon"),
        pytest.param(-1, "certificat périmé", "la vérification échoue", id="it has ended"),
    ],
)
def test_a_seal_that_ends_is_said_with_what_to_do(app, operator, days, word, what_to_do):
    sealed_until(app, MONDAY_NINE + timedelta(days=days))

    page = plain(operator.get("/installation").text)

    assert word in page
    assert what_to_do in page[page.index("À faire par vous") : page.index("Version")]
