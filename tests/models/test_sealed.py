"""Every column of bytes, and every name of a file, is known to the rotation of the key."""

from sqlalchemy import LargeBinary

from breachdesk.models import db
from breachdesk.models.sealed import LARGE, PLAIN, SEALED, STORED_NAMES


def _columns(wanted) -> set[str]:
    return {
        str(column)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if wanted(column)
    }


def _named(attributes) -> list[str]:
    return [str(attribute.property.columns[0]) for attribute in attributes]


def test_bytes_are_either_sealed_and_turned_or_said_to_be_plain():
    named = _named([*SEALED, *PLAIN])

    assert set(named) == _columns(lambda column: isinstance(column.type, LargeBinary))
    assert len(named) == len(set(named))
    assert set(_named(LARGE)) <= set(_named(SEALED))


def test_every_name_of_a_file_is_known():
    assert set(_named(STORED_NAMES)) == _columns(lambda column: column.name == "stored_as")


def test_every_sealed_column_lies_in_a_table_with_an_id():
    for attribute in SEALED:
        assert [column.name for column in attribute.class_.__table__.primary_key] == ["id"]
