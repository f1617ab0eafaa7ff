"""A fault that nobody foresaw: a page that says so, and a log that quotes nobody."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from breachdesk.domain.access import Role
from breachdesk.models import db
from tests.cases import MONDAY_NINE, at_desk, make_organisation

TYPED = "Élise Martin, elise@patient.example"


def no_number():
    """What somebody typed where a number was meant."""
    return str(int(TYPED))


def out_of_a_fault():
    """The same, where it became another fault."""
    try:
        return no_number()
    except ValueError as fault:
        raise KeyError(TYPED) from fault


def refused_by_the_database():
    """A row that a constraint forbids: the database quotes it, and the driver its parameters."""
    statement = text("INSERT INTO organisation (id, name) VALUES (1, :typed)")
    return str(db.session.execute(statement, {"typed": TYPED}))


@pytest.mark.parametrize(
    ("view", "kinds"),
    [
        pytest.param(no_number, ["ValueError"], id="of ours"),
        pytest.param(out_of_a_fault, ["KeyError", "ValueError"], id="out of another"),
        pytest.param(refused_by_the_database, ["IntegrityError"], id="of the database"),
    ],
)
def test_an_unexpected_fault_is_logged_by_kind_and_place_and_quotes_nobody(
    app, as_role, caplog, view, kinds
):
    app.add_url_rule("/faulty/<secret>", "faulty", view_func=lambda secret: view())
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)

    answer = as_role(Role.HANDLER).get("/faulty/token-of-a-link")

    assert answer.status_code == 500
    assert "Élise" not in answer.text
    assert all(kind in caplog.text for kind in kinds)
    assert f"in {view.__name__}" in caplog.text
    assert "GET faulty" in caplog.text
    for private in ("Élise", "elise@", "token-of-a-link"):
        assert private not in caplog.text


def test_no_message_of_the_pages_database_quotes_parameters(app):
    with at_desk(app), pytest.raises(DBAPIError) as refused:
        db.session.execute(text("SELECT :typed FROM nothing_of_the_kind"), {"typed": TYPED})

    assert "nothing_of_the_kind" in str(refused.value)
    assert TYPED not in str(refused.value)
