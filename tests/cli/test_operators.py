"""Accounts from the terminal: the operator's own, and the way out when mail does not work."""

import re

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from breachdesk.models.schema import upgrade_database
from breachdesk.services.organisations import load_example
from breachdesk.services.password_changes import set_password_by_link
from breachdesk.services.passwords import authenticate
from breachdesk.services.sessions import find_signed_in
from breachdesk.services.tokens import token_hash
from tests.cases import MONDAY_NINE, PASSWORD
from tests.mail.memory import MemoryMailer
from tests.services.desks import desk_in

ANNE = "anne.delmas@girandole.example"
NEW = "une tout autre phrase de passe"


@pytest.fixture
def session(empty_database_url):
    """A session on a database that the example was loaded into."""
    upgrade_database(empty_database_url)
    engine = create_engine(empty_database_url)
    with Session(engine) as opened:
        load_example(opened, password=PASSWORD, now=MONDAY_NINE)
        yield opened
    engine.dispose()


def link_in(output):
    """The link that a command printed; there is one."""
    (token,) = re.findall(r"http://\S+/password/(\S+)", output)
    return token


def choose(session, tmp_path, token):
    """Choose a password by the link, as its page does: the command's clock is the wall's."""
    from breachdesk import utc_now

    desk = desk_in(tmp_path, b"k" * 32, mailer=MemoryMailer())
    session.rollback()
    return set_password_by_link(session, desk, token, NEW, now=utc_now())


def test_an_operator_is_made_with_a_link_to_choose_a_password(
    call,
    empty_database_url,
    session,
    tmp_path,
):
    session.commit()
    result = call(
        "create-operator", "Odile@Desk.example", "--name", "Odile", DATABASE_URL=empty_database_url
    )

    assert result.exit_code == 0, result.output
    assert "odile@desk.example is an operator" in result.output
    choose(session, tmp_path, link_in(result.output))
    odile = authenticate(session, "odile@desk.example", NEW)
    assert odile.is_operator
    assert odile.memberships == []


def test_somebody_who_has_an_account_becomes_operator_and_gets_no_link(
    call,
    empty_database_url,
    session,
):
    session.commit()
    result = call("create-operator", ANNE, "--name", "x", DATABASE_URL=empty_database_url)

    assert result.exit_code == 0, result.output
    assert "/password/" not in result.output
    assert authenticate(session, ANNE, PASSWORD).is_operator


def test_a_lost_password_is_set_anew_by_a_link_from_the_terminal(
    call,
    empty_database_url,
    session,
    tmp_path,
):
    session.commit()
    result = call("reset-password", ANNE, DATABASE_URL=empty_database_url)

    assert result.exit_code == 0, result.output
    token = link_in(result.output)
    assert token_hash(token) not in result.output
    choose(session, tmp_path, token)
    assert authenticate(session, ANNE, NEW) is not None
    assert authenticate(session, ANNE, PASSWORD) is None
    assert find_signed_in(session, token, now=MONDAY_NINE) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["reset-password", "nobody@gir.example"], "nobody@gir.example", id="nobody"),
        pytest.param(["reset-password", "anne"], "anne", id="no address"),
        pytest.param(["create-operator", "anne", "--name", "A"], "anne", id="no address either"),
        pytest.param(["create-operator", "a@b.example", "--name", " "], "name", id="no name"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    call,
    empty_database_url,
    session,
    arguments,
    said,
):
    session.commit()
    result = call(*arguments, DATABASE_URL=empty_database_url)

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert said in result.output
    assert "Traceback" not in result.output
