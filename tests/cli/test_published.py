"""`import-published`, as an operator types it."""

import pytest

from breachdesk.cli.published import _sentences
from breachdesk.domain.published_file import FaultKind
from tests.published_files import SAMPLE, file_of, row


@pytest.fixture
def written(tmp_path):
    """`written("cnil.csv", content)`: a file to import."""

    def write(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def test_a_file_is_imported_once_again_and_replaced(call, written):
    first = call("import-published", written("cnil.csv", SAMPLE))
    assert (first.exit_code, first.output) == (
        0,
        "cnil.csv: 50 notifications, from 2018-05 to 2025-12.\n",
    )

    again = call("import-published", written("cnil.csv", SAMPLE))
    assert again.exit_code == 0
    assert "It is the file that was imported on" in again.output

    older = call("import-published", written("older.csv", file_of([row(month="2019-01")])))
    assert older.exit_code == 0
    assert "It takes the place of cnil.csv, imported on" in older.output
    assert "The one before went further, to 2025-12" in older.output


def test_a_damaged_file_is_refused_with_every_line_at_fault(call, written):
    bad = [row(month="demain"), row(origins=["Voyance"]), row() + ";;", *[row(size="")] * 40]
    refused = call("import-published", written("cnil.csv", file_of([row(), *bad])))

    assert refused.exit_code == 2
    lines = refused.output.splitlines()
    assert lines[:4] == [
        "cnil.csv, line 4: no month of reception, like 2025-12: demain",
        "cnil.csv, line 5: not on the list of “Origines de l'incident”: Voyance",
        "cnil.csv, line 6: 11 columns instead of 9.",
        "cnil.csv, line 7: not on the list of “Nombre de personnes impactées”: nothing",
    ]
    assert (lines[20], lines[-1]) == ("… and 23 more faulty lines.", "Nothing was imported.")


def test_a_new_word_is_damage_unless_one_says_otherwise(call, written):
    path = written("cnil.csv", file_of([row(), row(origins=["Drone"])]))
    refused = call("import-published", path)
    assert refused.exit_code == 2
    assert "line 4: not on the list of “Origines de l'incident”: Drone" in refused.output
    assert "--accept-new-words" in refused.output
    no_such_size = call("import-published", written("size.csv", file_of([row(size="Mille")])))
    assert "--accept-new-words" not in no_such_size.output

    taken = call("import-published", "--accept-new-words", path)
    assert taken.exit_code == 0
    assert 'Not on the list, counted as "other" or unknown: Drone (1)' in taken.output


def test_a_file_that_is_not_there_is_said(call, tmp_path):
    refused = call("import-published", str(tmp_path / "none.csv"))

    assert refused.exit_code == 2
    assert "does not exist" in refused.output


def test_every_fault_has_its_sentence():
    assert set(_sentences()) == set(FaultKind)
