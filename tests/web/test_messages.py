"""The mail of an example organisation, read as pages; nobody else's, and no real one's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachdesk.domain.access import Role
from tests import cases
from tests.cases import MONDAY_NINE, at_desk

URL = "/organisations/GIR/messages"


@pytest.fixture
def caught(app) -> Path:
    """The folder of what the examples GIR and ABC sent; a real shop is there too."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, is_example=True)
        cases.make_organisation(work, "ABC", now=MONDAY_NINE, is_example=True)
        cases.make_organisation(work, "VRAI", now=MONDAY_NINE)
    folder = app.extensions["desk"].caught_mail
    for number in range(60):
        keep(folder, "desk@gir.example", number, f"Sujet {number} <script>alert(1)</script>")
    keep(folder, "desk@abc.example", 99, "Pour une autre maison")
    return folder


def message_id(number: int) -> str:
    at = datetime(2026, 3, 2, 9, number % 60, tzinfo=UTC)
    return f"{at:%Y%m%dT%H%M%S.%f}Z-{number:012x}"


def keep(folder: Path, sender: str, number: int, subject: str) -> None:
    """A message as the catcher leaves it."""
    (folder / sender).mkdir(parents=True, exist_ok=True)
    text = (
        f"From: Maison <{sender}>\r\nTo: personne{number}@client.example\r\n"
        f"Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Bonjour,\r\n<b>gras</b>\r\n"
    )
    (folder / sender / f"{message_id(number)}.eml").write_bytes(text.encode())


def test_messages_are_listed_newest_first_page_by_page(as_role, caught):
    client = as_role(Role.HANDLER)

    first, second = (client.get(f"{URL}?page={page}").text for page in (1, 2))

    assert first.index("Sujet 59") < first.index("Sujet 58")
    assert "Sujet 9 " not in first
    assert "Sujet 9 " in second
    assert "Pour une autre maison" not in first + second
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in first


def test_a_message_reads_as_its_recipient_would_have_read_it(as_role, caught):
    page = as_role(Role.HANDLER).get(f"{URL}/{message_id(5)}").text

    assert "personne5@client.example" in page
    assert "&lt;b&gt;gras&lt;/b&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"{URL}/{message_id(99)}", id="another organisation's message"),
        pytest.param(f"{URL}/../desk@abc.example/{message_id(99)}", id="a path"),
        pytest.param(f"{URL}/nothing", id="no such message"),
        pytest.param("/organisations/ABC/messages", id="another organisation"),
        pytest.param("/organisations/VRAI/messages", id="an organisation that is real"),
    ],
)
def test_nothing_else_is_found(as_role, caught, address):
    assert as_role(Role.HANDLER).get(address).status_code == 404


def test_a_real_organisation_has_no_such_page(as_role, caught):
    assert as_role(Role.HANDLER, "VRAI").get("/organisations/VRAI/messages").status_code == 404


def test_a_reporter_does_not_read_them(as_role, caught):
    assert as_role(Role.REPORTER).get(URL).status_code == 403


def test_an_empty_list_says_what_will_be_there(app, as_role):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, is_example=True)

    assert "Aucun message pour l’instant" in as_role(Role.DPO).get(URL).text
