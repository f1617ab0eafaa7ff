"""A fault of the database does not quote what people typed."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from breachdesk.models import User
from breachdesk.models.base import open_engine


@pytest.fixture
def engine(database_url):
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def test_a_refused_statement_is_told_without_its_parameters(engine):
    with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(
            select(User.id).where(text("nothing_of_the_kind = :typed")), {"typed": "Claire Martin"}
        )

    assert "nothing_of_the_kind" in str(refused.value)
    assert "Claire Martin" not in str(refused.value)
