"""Dossiers: numbered, never remade, the hash in the journal that of the file."""

import hashlib

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.errors import NotFound
from breachdesk.domain.journal import Entry
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services.dossiers import dossiers_of, read_dossier
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import MONDAY_NINE, incident, make_dossier, make_organisation, open_case

NOW = MONDAY_NINE


@pytest.fixture
def reference(work) -> str:
    """A case just opened: a dossier can be made at any step."""
    make_organisation(work, now=NOW)
    return open_case(work, now=NOW)


def test_a_dossier_is_numbered_sealed_and_proven_by_the_journal(work, reference, tmp_path):
    assert [make_dossier(work, reference, now=NOW) for _ in range(2)] == [1, 2]

    case = incident(work, reference)
    kept, pdf = read_dossier(work.session, work.desk, case, 1)
    assert hashlib.sha256(pdf).hexdigest() == kept.sha256
    lines = [line for line in journal_of(work.session, case) if line.code == Entry.DOSSIER_MADE]
    assert [line.parameters["number"] for line in lines] == [1, 2]
    assert lines[0].parameters["sha256"] == kept.sha256 != lines[1].parameters["sha256"]
    stored = [path.read_bytes() for path in (tmp_path / "files").iterdir()]
    assert len(stored) == 2
    assert not any(content.startswith(b"%PDF") for content in stored)
    with pytest.raises(NotFound):
        read_dossier(work.session, work.desk, case, 3)


def test_a_dossier_is_never_remade(work, reference):
    make_dossier(work, reference, now=NOW)
    kept = dossiers_of(work.session, incident(work, reference))[0]

    kept.sha256 = "0" * 64

    with pytest.raises(WrittenOnceError, match="sha256"):
        work.session.commit()


def test_two_made_at_once_get_two_numbers(work, reference, at_once):
    work.session.commit()

    results = at_once(
        lambda own: make_dossier(own, reference, now=NOW, by=Role.HANDLER),
        lambda own: make_dossier(own, reference, now=NOW, by=Role.DPO),
    )

    assert sorted(results) == [1, 2]
    case = incident(work, reference)
    for made in dossiers_of(work.session, case):
        _, pdf = read_dossier(work.session, work.desk, case, made.number)
        assert hashlib.sha256(pdf).hexdigest() == made.sha256
    assert first_broken_entry(journal_of(work.session, case)) is None
