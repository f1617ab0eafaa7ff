"""The set-up page: one token, one organisation, nothing typed lost but passwords."""

import re

import pytest

from breachdesk.services.set_up import TOKEN_FILE, setup_token
from tests.cases import MONDAY_NINE, PASSWORD, at_desk, make_organisation, organisation

FIRST_PERSON = {
    "name_1": "Anne Delmas",
    "email_1": "anne@girandole.example",
    "password_1": PASSWORD,
    "again_1": PASSWORD,
    "roles_1": ["decider", "manager", "admin"],
}
ORGANISATION = {"name": "La Girandole", "code": "gir", "siren": "000 000 000"}


@pytest.fixture
def token(tmp_path):
    return setup_token(tmp_path / "instance")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "instance"


def test_nobody_can_sign_in_before_the_set_up_and_the_page_says_where_to_go(client):
    page = client.get("/", follow_redirects=True)

    assert page.status_code == 200
    assert "Le service n’est pas encore installé" in page.text
    assert "console" in page.text
    assert '<form method="post"' not in page.text


def test_the_set_up_makes_the_organisation_and_opens_the_sign_in(app, client, token, folder):
    answer = client.post(f"/setup/{token}", data=ORGANISATION | FIRST_PERSON)

    assert answer.status_code == 302
    assert answer.location == "/sign-in"
    assert not (folder / TOKEN_FILE).exists()
    with at_desk(app) as work:
        made = organisation(work, "GIR")
        assert (made.name, made.siren, made.country) == ("La Girandole", "000 000 000", "France")
        assert made.is_example is False
    signed_in = client.post(
        "/sign-in", data={"email": "anne@girandole.example", "password": PASSWORD}
    )
    assert signed_in.status_code == 302


def test_up_to_three_further_people_are_added_and_empty_ones_are_not(app, client, token):
    second = {
        "name_3": "Karim Benali",
        "email_3": "karim@girandole.example",
        "password_3": PASSWORD,
        "roles_3": ["handler", "dpo"],
    }

    client.post(f"/setup/{token}", data=ORGANISATION | FIRST_PERSON | second)

    with at_desk(app) as work:
        members = organisation(work).memberships
        held = {(member.user.name, member.role.value) for member in members}
    assert held == {
        ("Anne Delmas", "decider"),
        ("Anne Delmas", "manager"),
        ("Anne Delmas", "admin"),
        ("Karim Benali", "handler"),
        ("Karim Benali", "dpo"),
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"name": " "}, "Indiquez le nom de l’organisation", id="no name"),
        pytest.param({"code": "G1"}, "Le sigle", id="a code with a figure"),
        pytest.param({"name_1": ""}, "Indiquez le nom de cette personne", id="nobody"),
        pytest.param({"email_1": "anne"}, "n’est pas une adresse", id="no address"),
        pytest.param({"password_1": "court", "again_1": "court"}, "Au moins 12", id="short"),
        pytest.param({"again_1": PASSWORD + "!"}, "ne sont pas les mêmes", id="mistyped"),
        pytest.param(
            {"password_1": "girandole2026", "again_1": "girandole2026"},
            "se devine à partir de votre nom",
            id="guessed from the organisation",
        ),
        pytest.param({"roles_1": ["handler"]}, "doit pouvoir décider", id="nobody decides"),
        pytest.param({"roles_1": ["decider"]}, "faire entrer les autres", id="nobody lets in"),
        pytest.param({"roles_1": []}, "Cochez au moins un rôle", id="no role"),
        pytest.param({"email_2": "karim@girandole.example"}, "Indiquez le nom", id="half a person"),
        pytest.param({"sector": "x" * 201}, "dépasse 200", id="longer than its column"),
    ],
)
def test_a_fault_is_named_and_what_was_typed_stays_except_passwords(
    client, token, changed, said, folder
):
    typed = ORGANISATION | FIRST_PERSON | {"address": "12 rue <des> Lampistes"} | changed

    page = client.post(f"/setup/{token}", data=typed)

    assert page.status_code == 422
    assert said in page.text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "12 rue &lt;des&gt; Lampistes" in page.text
    assert 'value="000 000 000"' in page.text
    assert PASSWORD not in page.text
    assert "sauf les mots de passe" in page.text
    assert (folder / TOKEN_FILE).exists()


def test_the_second_address_taken_is_said_beside_the_second_person(client, token):
    second = {
        "name_2": "Karim",
        "email_2": "ANNE@girandole.example",
        "password_2": PASSWORD,
        "roles_2": ["handler"],
    }

    page = client.post(f"/setup/{token}", data=ORGANISATION | FIRST_PERSON | second)

    assert page.status_code == 422
    assert 'id="email_2-fault"' in page.text


@pytest.mark.parametrize("path", ["", "/example"])
def test_a_wrong_token_opens_nothing(client, token, path):
    # Never the token itself, whatever it ends with.
    wrong = token[:-1] + ("b" if token.endswith("a") else "a")

    answer = client.post(f"/setup/{wrong}{path}", data=ORGANISATION | FIRST_PERSON)

    assert answer.status_code == 404
    assert client.get("/setup/wrong").status_code == 404
    assert client.get("/setup/é").status_code == 404


def test_the_token_is_dead_once_the_desk_is_set_up(app, client, token):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)

    assert client.get(f"/setup/{token}").status_code == 404
    assert client.post(f"/setup/{token}/example").status_code == 404


def test_the_example_is_loaded_with_a_password_shown_once(app, client, token, sign_in):
    page = client.post(f"/setup/{token}/example")

    assert page.status_code == 200
    password = re.search(r'id="password">([a-z0-9-]{19})<', page.text)[1]
    assert "anne.delmas@girandole.example" in page.text
    assert "Décideur · Direction" in page.text
    with at_desk(app) as work:
        assert organisation(work).is_example
    sign_in(client, "anne.delmas@girandole.example", password)
    assert client.post(f"/setup/{token}/example").status_code == 404
