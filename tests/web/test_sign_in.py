"""Signing in and out: one answer for every failure, a session of its own, safe ways back."""

import pytest

from breachdesk.domain.access import Role
from breachdesk.models import User
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)


def credentials(**changed):
    return {"email": address_of(Role.DPO), "password": PASSWORD} | changed


def test_a_person_signs_in_and_comes_to_their_desk(client):
    answer = client.post("/sign-in", data=credentials(), follow_redirects=True)

    assert answer.status_code == 200
    assert answer.request.path == "/organisations/GIR"
    assert "Dpo GIR" in answer.text


def test_the_address_may_be_written_in_capitals(client):
    answer = client.post("/sign-in", data=credentials(email=" DPO@Gir.Example "))

    assert answer.status_code == 302


def test_nobody_learns_from_the_answer_whether_an_account_exists(client):
    answers = [
        client.post("/sign-in", data=credentials(password="une autre phrase")),
        client.post("/sign-in", data=credentials(email="personne@gir.example")),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    shown = [
        answer.text.replace("personne@gir.example", "X").replace(address_of(Role.DPO), "X")
        for answer in answers
    ]
    assert shown[0] == shown[1]
    assert "ne convient pas" in shown[0]


def test_the_address_typed_stays_and_the_password_does_not(client):
    page = client.post("/sign-in", data=credentials(password="mauvais <mot> de passe")).text

    assert f'value="{address_of(Role.DPO)}"' in page
    assert "mauvais" not in page


def test_a_deactivated_person_can_neither_sign_in_nor_stay(app, client):
    client.post("/sign-in", data=credentials())
    with at_desk(app) as work:
        user = work.session.query(User).filter_by(email=address_of(Role.DPO)).one()
        user.is_active = False
        work.session.commit()

    assert client.get("/organisations/GIR").status_code == 302
    assert client.post("/sign-in", data=credentials()).status_code == 422


@pytest.mark.parametrize(
    ("back", "goes_to"),
    [
        pytest.param("/organisations/GIR/register", "/organisations/GIR/register", id="a path"),
        pytest.param("https://evil.example/", "/", id="another site"),
        pytest.param("//evil.example/", "/", id="another site without its scheme"),
        pytest.param("/\\evil.example/", "/", id="a backslash browsers read as a slash"),
        pytest.param("/a\nb", "/", id="a line break"),
        pytest.param("javascript:alert(1)", "/", id="a script"),
    ],
)
def test_after_sign_in_one_goes_back_only_to_a_page_of_ours(client, back, goes_to):
    answer = client.post("/sign-in", query_string={"back": back}, data=credentials())

    assert answer.status_code == 302
    assert answer.location == goes_to


def test_a_page_asked_for_before_sign_in_is_shown_after_it(client):
    asked = client.get("/organisations/GIR/register?stage=opened")
    answer = client.post(asked.location, data=credentials())

    assert answer.location == "/organisations/GIR/register?stage=opened"


def test_the_session_of_before_sign_in_is_left_behind_but_for_the_language(client):
    client.get("/language/en")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"

    client.post("/sign-in", data=credentials())

    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["locale"] == "en"
        assert cookie["_user_id"]


def test_signing_out_takes_a_post_and_ends_the_session(client):
    client.post("/sign-in", data=credentials())

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get("/organisations/GIR").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(client):
    answer = client.post("/sign-in", data=credentials())

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
