"""The file of a dossier goes when its time is up; what proves that it was made stays."""

from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.journal import Entry
from breachdesk.services.dossier_retention import erase_old_dossiers, set_dossier_retention
from breachdesk.services.dossiers import dossiers_of, read_dossier
from breachdesk.services.incidents import close_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.qualification import qualify_as_no_breach
from tests.cases import (
    MONDAY_NINE,
    incident,
    make_dossier,
    make_organisation,
    open_case,
)
from tests.people import seat

NOW = MONDAY_NINE
FIVE_YEARS_ON = NOW.replace(year=NOW.year + 5)


@pytest.fixture
def reference(work) -> str:
    """A case that was found to be no breach and is closed, with a dossier."""
    make_organisation(work, now=NOW)
    opened = open_case(work, now=NOW)
    make_dossier(work, opened, now=NOW)
    dpo = seat(work, Role.DPO)
    case = incident(work, opened)
    qualify_as_no_breach(work.session, case, reason="Un courriel d’essai.", by=dpo, now=NOW)
    return opened


def close(work, reference: str) -> None:
    case = incident(work, reference)
    if case.closed_at is None:
        close_incident(work.session, case, by=seat(work, Role.DPO), now=NOW)


def erase(work, now: datetime) -> int:
    return erase_old_dossiers(work.session, work.desk.files, now=now)


def test_it_goes_five_years_after_the_case_was_closed(work, reference, tmp_path):
    close(work, reference)
    assert erase(work, FIVE_YEARS_ON - timedelta(seconds=1)) == 0
    assert read_dossier(work.session, work.desk, incident(work, reference), 1)

    assert erase(work, FIVE_YEARS_ON) == 1

    case = incident(work, reference)
    [kept] = dossiers_of(work.session, case)
    assert (kept.number, kept.stored_as) == (1, None)
    assert list((tmp_path / "files").iterdir()) == []
    with pytest.raises(NotFound):
        read_dossier(work.session, work.desk, case, 1)
    journal = journal_of(work.session, case)
    assert journal[-1].code == Entry.DOSSIER_ERASED
    assert journal[-1].parameters == {"number": 1, "sha256": kept.sha256, "months": 60}
    assert first_broken_entry(journal) is None
    assert erase(work, FIVE_YEARS_ON + timedelta(days=1)) == 0


def test_an_open_case_keeps_them_for_ever(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    make_dossier(work, reference, now=NOW)

    assert erase(work, datetime(2099, 1, 1, tzinfo=UTC)) == 0
    assert read_dossier(work.session, work.desk, incident(work, reference), 1)


def test_the_organisation_says_how_long(work, reference):
    close(work, reference)
    admin = seat(work, Role.ADMIN)

    assert set_dossier_retention(work.session, " 12 ", by=admin, now=NOW)
    assert not set_dossier_retention(work.session, "12", by=admin, now=NOW)

    line = journal_of(work.session, admin.organisation)[-1]
    assert line.code == Entry.DOSSIER_RETENTION_CHANGED
    assert line.parameters == {"months": 12, "before": 60}
    assert erase(work, NOW.replace(year=NOW.year + 1)) == 1


@pytest.mark.parametrize("typed", ["", "0", "361", "douze", "-1", "1.5", "٣"])
def test_no_other_number_of_months_is_taken(work, reference, typed):
    admin = seat(work, Role.ADMIN)
    with pytest.raises(InvalidInput, match="months_wrong"):
        set_dossier_retention(work.session, typed, by=admin, now=NOW)


def test_killed_after_the_file_went_the_next_run_finishes(work, reference):
    close(work, reference)
    [kept] = dossiers_of(work.session, incident(work, reference))
    work.desk.files.remove(kept.stored_as)
    work.session.rollback()

    assert erase(work, FIVE_YEARS_ON) == 1

    assert dossiers_of(work.session, incident(work, reference))[0].stored_as is None


def test_one_made_after_the_others_went_stays_for_thirty_days(work, reference):
    close(work, reference)
    assert erase(work, FIVE_YEARS_ON) == 1
    make_dossier(work, reference, now=FIVE_YEARS_ON)

    assert erase(work, FIVE_YEARS_ON + timedelta(days=29)) == 0
    assert erase(work, FIVE_YEARS_ON + timedelta(days=30)) == 1


def test_a_case_opened_again_keeps_its_dossiers(work, reference):
    close(work, reference)
    case = incident(work, reference)
    case.closed_at = None
    work.session.commit()

    assert erase(work, FIVE_YEARS_ON) == 0


def test_a_file_that_cannot_be_removed_keeps_no_other_from_going(work, reference, caplog):
    close(work, reference)
    other = open_case(work, now=NOW)
    make_dossier(work, other, now=NOW)
    case = incident(work, other)
    qualify_as_no_breach(
        work.session, case, reason="Un autre essai.", by=seat(work, Role.DPO), now=NOW
    )
    close(work, other)
    [stuck] = dossiers_of(work.session, incident(work, reference))
    stored = work.desk.files.folder / stuck.stored_as
    stored.unlink()
    # No file: it cannot be unlinked.
    stored.mkdir()

    assert erase(work, FIVE_YEARS_ON) == 1

    assert "not erased" in caplog.text
    [kept] = dossiers_of(work.session, incident(work, reference))
    assert kept.stored_as == stored.name
    stored.rmdir()
    assert erase(work, FIVE_YEARS_ON) == 1
