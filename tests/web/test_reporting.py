"""The page where the public form is opened, moved and closed."""

import re
from html import unescape

import pytest

from breachdesk.domain.access import Role
from tests import cases, outside
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import form_of, plain

URL = "/organisations/GIR/reporting"


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        cases.make_organisation(work, "VID", now=MONDAY_NINE)


def address_of(app):
    with at_desk(app) as work:
        return cases.organisation(work).public_address


def test_it_is_closed_at_first_and_opens_at_an_address_that_nobody_guesses(app, as_role):
    dpo = as_role(Role.DPO)
    first = dpo.get(URL).text

    answer = dpo.post(URL, data=form_of(first))
    page = dpo.get(URL).text

    assert "<svg" not in first
    assert answer.location == URL
    address = address_of(app)
    assert len(address) == 34
    assert f"/report/{address}</a>" in page
    assert page.count("button--primary") == 0
    assert app.test_client().get(f"/report/{address}").status_code == 200


def test_a_chosen_address_is_shown_as_text_as_a_code_and_in_a_notice(app, as_role):
    dpo = as_role(Role.DPO)

    dpo.post(URL, data={"kind": "chosen", "address": " Maison-Girandole "})
    page = dpo.get(URL).text

    url = unescape(re.search(r'id="url" href="([^"]+)"', page)[1])
    assert url.endswith("/report/maison-girandole")
    notice = re.search(r'id="notice">(.*?)</blockquote>', page, re.S)[1]
    assert url in unescape(notice)
    drawing = re.search(r"<svg.*?</svg>", page, re.S)[0]
    assert "style" not in drawing
    assert "maison" not in drawing
    assert len(page.encode()) < 30_000


def test_the_code_says_the_address(app, as_role):
    from breachdesk.web.reporting import qr_code

    with app.test_request_context():
        one, other = qr_code("https://a.example/report/x"), qr_code("https://a.example/report/y")

    assert one != other
    assert one == qr_code("https://a.example/report/x")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"kind": "chosen", "address": ""}, "lettres sans accent", id="none typed"),
        pytest.param({"kind": "chosen", "address": "été"}, "lettres sans accent", id="accents"),
        pytest.param({"kind": "random", "address": "a b c d"}, "lettres sans accent", id="blanks"),
        pytest.param({"kind": "chosen", "address": "static"}, "confusion", id="a reserved word"),
        pytest.param({"kind": "chosen", "address": "maison-vidal"}, "déjà prise", id="taken"),
        pytest.param(
            {"kind": "chosen", "address": "<script>alert(1)</script>"}, "sans accent", id="markup"
        ),
    ],
)
def test_an_address_that_cannot_be_is_said_beside_its_field(app, as_role, typed, said):
    with at_desk(app) as work:
        outside.open_form(work, now=MONDAY_NINE, code="VID", chosen="maison-vidal")

    page = as_role(Role.DPO).post(URL, data=typed)

    assert page.status_code == 422
    assert said in plain(page.text)
    assert "<script>alert" not in page.text
    assert address_of(app) is None


def test_moving_it_shuts_the_old_address(app, as_role):
    dpo = as_role(Role.DPO)
    dpo.post(URL, data={"kind": "chosen", "address": "premiere"})

    warned = dpo.get(f"{URL}/address").text
    dpo.post(f"{URL}/address", data={"kind": "chosen", "address": "seconde"})

    assert "cessera de servir" in warned
    visitor = app.test_client()
    assert visitor.get("/report/premiere").status_code == 404
    assert visitor.get("/report/seconde").status_code == 200


def test_closing_it_is_a_page_of_its_own_that_says_what_it_does(app, as_role):
    dpo = as_role(Role.DPO)
    dpo.post(URL, data={"kind": "chosen", "address": "girandole"})

    asked = dpo.get(f"{URL}/closing").text
    assert address_of(app) == "girandole"
    dpo.post(f"{URL}/closing")

    assert "/report/girandole" in asked
    assert "/report/back" in asked
    assert address_of(app) is None
    assert dpo.get(f"{URL}/closing").location == URL
    assert dpo.get(f"{URL}/address").location == URL


@pytest.mark.parametrize(
    "role", [Role.REPORTER, Role.HANDLER, Role.DECIDER, Role.MANAGER, Role.AUDITOR]
)
def test_nobody_else_comes_in(as_role, role):
    person = as_role(role)

    for url in (URL, f"{URL}/address", f"{URL}/closing"):
        assert person.get(url).status_code == 403
        assert person.post(url, data={"kind": "random"}).status_code == 403
