"""Accepting an invitation: as somebody new, as oneself, never as somebody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.people import INVITATION_LASTS
from breachdesk.models import Invitation, User
from breachdesk.services import people
from breachdesk.services.acting import seats_of
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk
from tests.web.reading import form_of, plain

ZOE = "zoe@gir.example"
CHOSEN = {"name": "Zoé Arnaud", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        cases.make_organisation(work, "VID", now=MONDAY_NINE)


@pytest.fixture
def invite(app, sign_in):
    """`invite(email)`: invite this address to GIR; the path of the link."""

    def through_the_page(email=ZOE, *, code="GIR", roles=("handler",)):
        admin = sign_in(app.test_client(), address_of(Role.ADMIN, code))
        typed = {"name": "Zoé <A.>", "email": email, "locale": "fr", "roles": list(roles)}
        page = admin.post(f"/organisations/{code}/people/invite", data=typed)
        return "/" + re.search(r'id="link">([^<]+)<', page.text)[1].split("/", 3)[3]

    return through_the_page


def seats(app, email):
    """Where somebody has a seat, with their roles."""
    with at_desk(app) as work:
        user_id = work.session.scalar(select(User.id).where(User.email == email))
        held = seats_of(work.session, user_id) if user_id else []
        return {seat.organisation.code: {role.value for role in seat.roles} for seat in held}


# --- Somebody new ----------------------------------------------------------------------------


def test_somebody_new_chooses_a_password_and_is_signed_in(app, client, invite):
    path = invite(roles=("handler", "manager"))
    page = plain(client.get(path).text)
    assert "Admin GIR vous invite à rejoindre Maison GIR" in page
    assert "Gestionnaire · Direction" in page
    assert form_of(page)["name"] == ["Zoé <A.>"]

    answer = client.post(path, data=CHOSEN)

    assert (answer.status_code, answer.location) == (302, "/organisations/GIR")
    home = client.get(answer.location)
    assert home.status_code == 200
    assert "Zoé Arnaud" in home.text
    assert "Vous faites maintenant partie de Maison GIR." in home.text
    assert seats(app, ZOE) == {"GIR": {"handler", "manager"}}


def test_the_account_speaks_the_language_it_was_made_in(app, client, invite):
    path = invite()
    client.get("/language/en")

    client.post(path, data=CHOSEN)

    with at_desk(app) as work:
        assert work.session.query(User).filter_by(email=ZOE).one().locale == "en"


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        pytest.param({"name": " "}, "name", "Indiquez votre nom", id="no name"),
        pytest.param({"password": ""}, "password", "Choisissez un mot de passe", id="none"),
        pytest.param(
            {"password": "court", "again": "court"}, "password", "12 caractères", id="short"
        ),
        pytest.param(
            {"password": "azertyuiopqs", "again": "azertyuiopqs"}, "password", "clavier", id="a run"
        ),
        pytest.param({"again": "autre chose"}, "again", "ne sont pas les mêmes", id="mistyped"),
    ],
)
def test_a_fault_is_said_the_link_stays_good_and_no_password_is_shown(
    app, client, invite, changed, field, said
):
    path = invite()

    page = client.post(path, data=CHOSEN | changed)

    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert said in plain(page.text)
    assert PASSWORD not in page.text
    assert seats(app, ZOE) == {}
    assert client.post(path, data=CHOSEN).status_code == 302


def test_a_link_is_good_once(client, invite, app):
    path = invite()
    client.post(path, data=CHOSEN)

    second = app.test_client().post(path, data=CHOSEN | {"name": "Un autre"})

    assert second.status_code == 404
    with at_desk(app) as work:
        assert work.session.query(User).filter_by(email=ZOE).one().name == "Zoé Arnaud"


# --- Links that are over ---------------------------------------------------------------------


def test_whatever_is_wrong_with_a_link_the_page_is_the_same(app, client, invite, clock):
    used, revoked, old = invite(), invite("b@gir.example"), invite("c@gir.example")
    client.post(used, data=CHOSEN)
    client.post("/sign-out")
    with at_desk(app) as work:
        ended = select(Invitation).where(Invitation.email == "b@gir.example")
        work.session.scalars(ended).one().revoked_at = MONDAY_NINE
        work.session.commit()
    before_last = client.get(old)
    clock.now += INVITATION_LASTS
    visitor = app.test_client()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"

    answers = [visitor.get(path) for path in (used, revoked, old, "/invitations/unknown")]

    assert before_last.status_code == 200
    assert {each.status_code for each in answers} == {404}
    pages = {re.sub(r"/invitations/[\w-]+", "", each.text) for each in answers}
    assert len(pages) == 1
    (page,) = pages
    assert "demandez un nouveau lien" in plain(page)
    assert "GIR" not in page
    for path in (used, old, "/invitations/unknown"):
        for rest in ("", "/account"):
            assert visitor.post(path + rest, data=CHOSEN).status_code == 404


# --- Somebody who has an account -------------------------------------------------------------


def test_somebody_with_an_account_signs_in_as_themselves_and_accepts(app, client, invite, sign_in):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne)
    page = client.get(path)
    assert "déjà un compte" in page.text
    assert 'type="password"' not in page.text

    to_sign_in = client.post(f"{path}/account").location
    signed_in = client.post(to_sign_in, data={"email": anne, "password": PASSWORD})
    assert signed_in.location == path
    assert "Vous gardez vos autres organisations" in plain(client.get(path).text)
    joined = client.post(path)

    assert joined.location == "/organisations/GIR"
    assert seats(app, anne) == {"VID": {"decider"}, "GIR": {"handler"}}
    assert "Maison VID" in client.get("/organisations/GIR").text


def test_an_account_is_not_taken_over_by_choosing_a_password(app, client, invite):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne)

    page = client.post(path, data=CHOSEN | {"password": "une autre longue phrase 77"})

    assert "déjà un compte" in page.text
    assert client.get("/").location.startswith("/sign-in")
    ok = client.post("/sign-in", data={"email": anne, "password": PASSWORD})
    assert ok.status_code == 302
    assert seats(app, anne) == {"VID": {"decider"}}


@pytest.mark.parametrize("invited", [ZOE, address_of(Role.DECIDER, "VID")])
def test_to_somebody_else_who_is_signed_in_it_says_so_alike_for_all(
    app, client, invite, sign_in, invited
):
    path = invite(invited)
    sign_in(client, address_of(Role.HANDLER, "VID"))

    page = client.get(path)
    posted = client.post(path, data=CHOSEN)

    for answer in (page, posted):
        assert "pour quelqu’un d’autre" in answer.text
        assert "déjà un compte" not in answer.text
    assert "GIR" not in seats(app, invited)
    assert seats(app, address_of(Role.HANDLER, "VID")) == {"VID": {"handler"}}
    assert client.post(f"{path}/other").location == path
    assert "Rejoindre Maison GIR" in client.get(path).text


def test_whoever_has_no_seat_left_signs_in_again_to_accept(app, client, invite):
    karim = address_of(Role.HANDLER, "VID")
    with at_desk(app) as work:
        admin, gone = cases.seat(work, Role.ADMIN, "VID"), cases.seat(work, Role.HANDLER, "VID")
        people.remove_person(work.session, work.desk, gone.user.id, by=admin, now=MONDAY_NINE)
    path = invite(karim)
    credentials = {"email": karim, "password": PASSWORD}
    assert client.post("/sign-in", data=credentials).status_code == 422

    to_sign_in = client.post(f"{path}/account").location
    client.post(to_sign_in, data=credentials)
    client.post(path)

    assert seats(app, karim) == {"GIR": {"handler"}}


def test_an_organisation_that_takes_no_password_asks_for_none(app, client, invite):
    path = invite()
    with at_desk(app) as work:
        own = cases.organisation(work)
        own.takes_local_sign_in = False
        own.break_glass_id = cases.seat(work, Role.ADMIN).user.id
        work.session.commit()

    page = client.get(path)
    answer = client.post(path, data={"name": "Zoé"})

    assert 'type="password"' not in page.text
    assert answer.location == "/sign-in/organisation/GIR"
    assert seats(app, ZOE) == {"GIR": {"handler"}}
    assert client.post("/sign-in", data={"email": ZOE, "password": PASSWORD}).status_code == 422


def test_whom_an_open_session_does_not_let_in_joins_and_is_told_how_to_enter(
    app, client, invite, sign_in
):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne)
    sign_in(client, anne)
    with at_desk(app) as work:
        cases.organisation(work).takes_local_sign_in = False
        work.session.commit()

    answer = client.post(path)

    assert seats(app, anne)["GIR"] == {"handler"}
    page = client.get(answer.location)
    assert page.status_code == 404
    assert "Vous faites maintenant partie de Maison GIR." in page.text
    assert "/sign-in/organisation" in page.text


def test_a_second_factor_that_is_demanded_is_asked_for_after_joining(app, client, invite):
    path = invite()
    with at_desk(app) as work:
        cases.organisation(work).demands_second_factor = True
        work.session.commit()

    answer = client.post(path, data=CHOSEN)

    assert client.get(answer.location).location.startswith("/account/second-factor")


def test_every_form_of_an_invitation_has_its_token(with_csrf, client, invite, app):
    app.config["WTF_CSRF_ENABLED"] = False
    path = invite()
    app.config["WTF_CSRF_ENABLED"] = True

    for rest in ("", "/account", "/other"):
        assert client.post(path + rest, data=CHOSEN).status_code == 400, rest


# --- The organisation in hand ----------------------------------------------------------------


def test_the_organisation_chosen_last_is_the_one_to_come_back_to(app, client, invite, sign_in):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne)
    sign_in(client, anne)
    client.post(path)
    assert client.get("/").location == "/organisations/GIR"

    client.get("/organisations/VID")

    assert client.get("/").location == "/organisations/VID"
    # A page of no organisation keeps to it, and lists the other to switch to.
    page = client.get("/account").text
    assert '<span class="menu-name">Maison VID</span>' in page
    assert '<a href="/organisations/GIR">Maison GIR</a>' in page


def test_the_choice_outlives_signing_out_and_means_nothing_to_others(app, client, invite, sign_in):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne)
    sign_in(client, anne)
    client.post(path)
    client.get("/organisations/VID")
    client.post("/sign-out")

    sign_in(client, anne)
    assert client.get("/").location == "/organisations/VID"
    client.post("/sign-out")
    sign_in(client, address_of(Role.DPO))

    assert client.get("/").location == "/organisations/GIR"


def test_a_page_that_asks_by_itself_changes_no_choice(app, client, invite, sign_in, clock):
    anne = address_of(Role.DECIDER, "VID")
    path = invite(anne, roles=("dpo",))
    with at_desk(app) as work:
        reference = cases.full_case(work, now=MONDAY_NINE).reference
        cases.start_sending(work, reference, now=MONDAY_NINE)
    sign_in(client, anne)
    client.post(path)
    client.get("/organisations/VID")
    clock.now += timedelta(minutes=2)

    counts = client.get(f"/incidents/{reference}/communication/delivery/counts")

    assert counts.status_code == 200
    assert client.get("/").location == "/organisations/VID"
