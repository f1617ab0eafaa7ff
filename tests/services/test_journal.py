"""The journal: one chain a case, written one by one, broken by whoever alters a line."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from breachdesk.domain.access import Role
from breachdesk.domain.journal import Entry
from breachdesk.models import JournalEntry, User
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services.attachments import Upload, add_attachments
from breachdesk.services.journal import first_broken_entry, journal_of, write_journal
from breachdesk.services.organisations import NewPerson, add_user
from tests.cases import (
    MONDAY_NINE,
    PASSWORD,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)
from tests.forger import by_hand
from tests.services.desks import meeting_before

NOW = MONDAY_NINE


@pytest.fixture
def case(work):
    """A case with a reason in its journal."""
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    later = NOW + timedelta(hours=1)
    qualify(work, reference, now=later, reason="Le prestataire a tardé à répondre.")
    return incident(work, reference)


def _broken(work, case) -> int | None:
    work.session.rollback()
    work.session.expire_all()
    return first_broken_entry(journal_of(work.session, case))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("code = 'closed'", id="what"),
        pytest.param("actor_id = 1", id="who"),
        pytest.param("actor_id = NULL", id="nobody"),
        pytest.param("at = '2026-03-02 10:00:00.000001'", id="when, by a microsecond"),
        pytest.param("parameters = '{}'", id="the codes"),
        pytest.param("commitment = ''", id="the commitment"),
        pytest.param("reason = 'Tout allait bien.'", id="the reason"),
        pytest.param("reason = 'Tout allait bien.', reason_salt = NULL", id="without its salt"),
        pytest.param("hash = previous", id="the hash"),
        pytest.param("previous = hash", id="the link"),
        pytest.param("sequence = sequence + 100", id="its place"),
        pytest.param("chain = 'incident:9'", id="its case"),
    ],
)
def test_a_line_altered_by_hand_is_found(work, case, change):
    assert _broken(work, case) is None
    line = next(line for line in journal_of(work.session, case) if line.reason)
    assert line.actor_id != 1
    place = line.sequence

    by_hand(work.session, f"UPDATE journal_entry SET {change} WHERE id = {line.id}")
    work.session.commit()

    assert _broken(work, case) == place


def test_a_line_taken_out_is_found(work, case):
    line = journal_of(work.session, case)[2]

    by_hand(work.session, f"DELETE FROM journal_entry WHERE id = {line.id}")
    work.session.commit()

    assert _broken(work, case) == 3


def test_a_reason_can_be_erased_with_its_salt_and_the_chain_holds(work, case):
    line = next(line for line in journal_of(work.session, case) if line.reason)

    line.reason = line.reason_salt = None
    work.session.commit()

    assert _broken(work, case) is None


def test_a_line_is_neither_rewritten_nor_deleted(work, case):
    line = journal_of(work.session, case)[0]
    line.code = "closed"
    with pytest.raises(WrittenOnceError, match="code"):
        work.session.commit()
    work.session.rollback()

    work.session.delete(line)
    with pytest.raises(WrittenOnceError, match="never deleted"):
        work.session.commit()


def test_two_writers_of_one_case_never_collide(work, case, at_once):
    reference, before = case.reference, len(journal_of(work.session, case))
    work.session.commit()

    def write(own):
        for number in range(15):
            write_journal(
                own.session,
                incident(own, reference),
                Entry.FACT_RECORDED,
                by=None,
                at=NOW,
                reason=f"n° {number}",
            )
            own.session.commit()

    assert at_once(write, write) == [None, None]
    assert len(journal_of(work.session, case)) == before + 30
    assert _broken(work, case) is None


def test_two_people_added_at_once_do_not_wait_for_each_other_for_ever(work, at_once, engine):
    make_organisation(work, now=NOW)
    work.session.commit()

    def add(name):
        person = NewPerson(name, f"{name}@gir.example", frozenset({Role.HANDLER}), PASSWORD)
        return lambda own: add_user(own.session, organisation(own), person, now=NOW)

    with meeting_before(engine, "SELECT organisation.id"):
        results = at_once(add("aïda"), add("basile"))

    assert [type(result) for result in results] == [User, User]
    lines = journal_of(work.session, organisation(work))
    assert first_broken_entry(lines) is None


def test_two_who_write_rows_of_one_case_at_once_do_not_wait_for_each_other(
    work, case, at_once, engine
):
    reference = case.reference
    work.session.commit()

    def add(name):
        return lambda own: (
            add_attachments(
                own.session,
                own.desk,
                incident(own, reference),
                [Upload(name, name.encode())],
                by=seat(own, Role.HANDLER),
                now=NOW,
            )[0].name
        )

    with meeting_before(engine, "INSERT INTO attachment"):
        assert at_once(add("un.txt"), add("deux.txt")) == ["un.txt", "deux.txt"]

    count = select(func.count(JournalEntry.id)).where(JournalEntry.code == Entry.ATTACHMENT_ADDED)
    assert work.session.scalar(count) == 2
    assert _broken(work, case) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET code = 'closed'",
        "UPDATE journal_entry SET reason = 'Tout allait bien.'",
        "UPDATE journal_entry SET reason = NULL",
        "UPDATE journal_entry SET reason_salt = NULL",
        "UPDATE journal_entry SET reason = NULL, reason_salt = NULL, sequence = sequence + 100",
        "UPDATE journal_entry SET parameters = '{}', reason = NULL, reason_salt = NULL",
        "UPDATE journal_entry SET actor_id = NULL, reason = NULL, reason_salt = NULL",
        "DELETE FROM journal_entry",
    ],
)
def test_the_database_itself_lets_no_line_be_changed_or_deleted(work, case, statement):
    before = [(line.hash, line.reason) for line in journal_of(work.session, case)]
    work.session.commit()

    with pytest.raises(DBAPIError, match="written once"):
        work.session.execute(text(statement))
    work.session.rollback()

    assert [(line.hash, line.reason) for line in journal_of(work.session, case)] == before


def test_the_database_lets_no_journal_be_emptied(work, case):
    if work.session.get_bind().dialect.name == "sqlite":
        # It has no TRUNCATE; DELETE is refused above.
        return
    with pytest.raises(DBAPIError, match="written once"):
        work.session.execute(text("TRUNCATE journal_entry CASCADE"))


def test_the_database_lets_a_text_be_erased_with_its_salt(work, case):
    work.session.execute(text("UPDATE journal_entry SET reason = NULL, reason_salt = NULL"))
    work.session.commit()

    assert _broken(work, case) is None
    assert not any(line.reason for line in journal_of(work.session, case))
