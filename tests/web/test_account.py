"""One's own account: details, password, and the sessions one has."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.sign_in import ABSOLUTE_LIMIT, IDLE_LIMIT
from breachdesk.models import Delivery, User
from breachdesk.services.passwords import NO_PASSWORD
from tests.cases import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.web.reading import form_of, plain

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
NEW = "quatorze prunes vertes"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)


@pytest.fixture
def dpo(as_role):
    return as_role(Role.DPO)


@pytest.fixture
def phone(app, sign_in):
    """The same person at a second browser, half an hour later by its clock."""
    visitor = app.test_client()
    visitor.environ_base |= {"HTTP_USER_AGENT": PHONE, "REMOTE_ADDR": "198.51.100.4"}
    return sign_in(visitor, address_of(Role.DPO))


def person(work):
    return work.session.query(User).filter_by(email=address_of(Role.DPO)).one()


def details(**changed):
    return {"name": "Inès Caradec", "locale": "fr", "second_email": ""} | changed


# --- Details ---------------------------------------------------------------------------------


def test_name_language_and_second_address_are_ones_own_to_change(app, dpo):
    answer = dpo.post("/account", data=details(locale="en", second_email=" ines@home.example "))

    assert answer.location == "/account"
    with at_desk(app) as work:
        kept = person(work)
        assert (kept.name, kept.locale) == ("Inès Caradec", "en")
        assert kept.second_email == "ines@home.example"
        told = [work.desk.vault.open_json(mail.sealed) for mail in work.session.query(Delivery)]
    assert [mail["change"] for mail in told] == ["second_address_changed"]
    assert '<html lang="en">' in dpo.get("/account").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"name": "  "}, "Indiquez votre nom", id="no name"),
        pytest.param({"name": "x" * 201}, "dépasse 200", id="longer than its column"),
        pytest.param({"second_email": "ines"}, "n’est pas une adresse", id="no address"),
        pytest.param({"second_email": "DPO@gir.example"}, "est la première", id="the same"),
        pytest.param({"locale": "xx"}, "Langue", id="no language of ours"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(app, dpo, changed, said):
    page = dpo.post("/account", data=details(**changed))

    assert page.status_code == 422
    assert said in plain(page.text)
    with at_desk(app) as work:
        assert person(work).name == "Dpo GIR"


def test_the_form_shows_what_is_kept(dpo):
    dpo.post("/account", data=details(second_email="ines@home.example"))

    sent = form_of(dpo.get("/account").text)

    assert sent["name"] == ["Inès Caradec"]
    assert sent["second_email"] == ["ines@home.example"]
    assert sent["locale"] == ["fr"]


# --- Password --------------------------------------------------------------------------------


def passwords(**changed):
    return {"current": PASSWORD, "new": NEW, "again": NEW} | changed


def test_a_changed_password_keeps_this_session_and_ends_the_others(dpo, phone, app, sign_in):
    answer = dpo.post("/account/password", data=passwords())

    assert answer.location == "/account"
    assert dpo.get("/account").status_code == 200
    assert phone.get("/account").status_code == 302
    sign_in(app.test_client(), address_of(Role.DPO), NEW)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"current": "autre chose"}, "pas votre mot de passe actuel", id="wrong"),
        pytest.param({"current": ""}, "Indiquez votre mot de passe actuel", id="none"),
        pytest.param({"again": NEW + "s"}, "ne sont pas les mêmes", id="mistyped"),
        pytest.param({"new": "court", "again": "court"}, "au moins 12", id="short"),
        pytest.param(
            {"new": "azertyuiop12", "again": "azertyuiop12"}, "touches du clavier", id="keyboard"
        ),
        pytest.param(
            {"new": "maisongir2026", "again": "maisongir2026"}, "votre organisation", id="ours"
        ),
    ],
)
def test_a_password_that_is_refused_says_why_and_shows_none(dpo, phone, changed, said):
    page = dpo.post("/account/password", data=passwords(**changed))

    assert page.status_code == 422
    assert said in plain(page.text)
    assert PASSWORD not in page.text
    assert NEW not in page.text
    assert phone.get("/account").status_code == 200


def test_whoever_has_no_password_here_is_told_and_asked_for_none(app, dpo):
    with at_desk(app) as work:
        person(work).password_hash = NO_PASSWORD
        work.session.commit()

    page = dpo.get("/account/password")

    assert "par votre organisation" in page.text
    assert 'type="password"' not in page.text


# --- Sessions --------------------------------------------------------------------------------


def test_the_list_tells_browsers_apart_and_which_is_this_one(app, sign_in, client, phone):
    client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(client, address_of(Role.DPO))

    page = plain(client.get("/account").text)

    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    assert "198.51.100.4" in page
    assert page.count("celle-ci") == 1
    assert page.count('/end"') == 1


def test_one_session_is_ended_and_this_one_stays(dpo, phone):
    form = dpo.get("/account").text
    address = form[form.index("/account/sessions/") :].partition('"')[0]

    assert dpo.post(address).location == "/account#sessions"

    assert phone.get("/account").status_code == 302
    assert dpo.get("/account").status_code == 200


def test_all_others_are_ended_at_once(dpo, phone, app, sign_in):
    third = sign_in(app.test_client(), address_of(Role.DPO))

    dpo.post("/account/sessions/end-others")

    assert [visitor.get("/account").status_code for visitor in (dpo, phone, third)] == [
        200,
        302,
        302,
    ]


def test_nobody_ends_a_session_of_another(app, dpo, phone, sign_in):
    form = dpo.get("/account").text
    address = form[form.index("/account/sessions/") :].partition('"')[0]
    handler = sign_in(app.test_client(), address_of(Role.HANDLER))

    assert handler.post(address).status_code == 404
    assert handler.post("/account/sessions/999/end").status_code == 404

    assert phone.get("/account").status_code == 200


def test_a_session_ends_after_half_an_hour_of_nothing(dpo, clock):
    clock.now += IDLE_LIMIT - MINUTE
    assert dpo.get("/account").status_code == 200
    clock.now += IDLE_LIMIT - MINUTE
    assert dpo.get("/account").status_code == 200
    clock.now += IDLE_LIMIT

    answer = dpo.get("/account?x=1")

    assert answer.location == "/sign-in?back=/account?x%3D1"
    assert "Votre session a pris fin" in dpo.get(answer.location).text


def test_a_session_ends_after_half_a_day_however_busy(dpo, clock):
    begun = clock.now
    while clock.now + IDLE_LIMIT - MINUTE < begun + ABSOLUTE_LIMIT:
        clock.now += IDLE_LIMIT - MINUTE
        assert dpo.get("/account").status_code == 200
    clock.now = begun + ABSOLUTE_LIMIT

    assert dpo.get("/account").status_code == 302


def test_whoever_types_stays_signed_in(dpo, clock):
    for _ in range(4):
        clock.now += IDLE_LIMIT - MINUTE
        answer = dpo.post("/account/alive")
        assert (answer.status_code, answer.data) == (204, b"")

    assert dpo.get("/account").status_code == 200
    clock.now += IDLE_LIMIT
    assert dpo.post("/account/alive").status_code == 302
