"""`verify --database`: whatever was altered in the live journals, or in what they attest."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from breachdesk.domain.dossier_check import Verdict
from breachdesk.models import Attachment, Dossier, Fact
from breachdesk.models.base import open_engine
from breachdesk.models.schema import upgrade_database
from breachdesk.sealing.check_dossier import check_dossier
from breachdesk.services.dossiers import read_dossier
from breachdesk.services.journal import journal_of
from breachdesk.services.journal_guard import GrantRefused, grant_at, grant_to, look_at_guard
from breachdesk.services.live_chains import walk_chains
from breachdesk.wording import ENGLISH, FRENCH
from breachdesk.wording.live_check import live_words
from tests.cases import (
    FACTS_OF_THE_SHOP,
    MONDAY_NINE,
    attach,
    file,
    incident,
    know,
    make_dossier,
    make_organisation,
    open_case,
    qualify,
)
from tests.forger import by_hand, unguarded

NOW = MONDAY_NINE


@pytest.fixture
def case(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    know(work, reference, now=NOW, **FACTS_OF_THE_SHOP)
    attach(work, reference, "capture.txt", b"lien ouvert", now=NOW)
    qualify(work, reference, now=NOW + timedelta(hours=2), aware_at=NOW)
    return incident(work, reference)


def test_a_desk_that_nobody_touched_holds(work, case):
    make_dossier(work, case.reference, now=NOW)
    found = walk_chains(work.session, work.desk.files)

    assert found.holds, found.faults
    assert found.chains == 2
    assert found.lines > 10
    assert (found.attachments, found.dossiers) == (1, 1)
    assert found.facts > 3
    assert (found.erased, found.facts_erased, found.dossiers_erased) == (0, 0, 0)


def test_a_line_altered_by_the_owner_is_named(work, case):
    by_hand(work.session, f"UPDATE journal_entry SET code = 'closed' WHERE sequence = 3 "
            f"AND chain = 'incident:{case.id}'")  # fmt: skip
    work.session.commit()

    found = walk_chains(work.session, work.desk.files)

    assert found.broken == {f"incident:{case.id}": 3}
    # What the lines behind it attest is still compared.
    assert not [fault for fault in found.faults if "gone" in fault.code]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE fact SET value = '\"Rien\"' WHERE key = 'description'",
            "fact_differs",
        ),
        ("DELETE FROM fact WHERE key = 'description'", "fact_gone"),
        ("UPDATE attachment SET sha256 = '" + "0" * 64 + "'", "attachment_unknown"),
        ("DELETE FROM attachment", "attachments_gone"),
        ("UPDATE dossier SET sha256 = '" + "0" * 64 + "'", "dossier_differs"),
        ("DELETE FROM dossier", "dossier_gone"),
        ("UPDATE authority_phase SET content = '{}'", "filing_differs"),
        ("UPDATE authority_phase SET sequence = 2", "filing_gone"),
        ("DELETE FROM journal_entry WHERE chain LIKE 'incident:%'", "journal_gone"),
    ],
)
def test_what_the_journal_attests_and_is_not_so_is_said(work, case, statement, said):
    file(work, case.reference, now=NOW + timedelta(hours=3))
    make_dossier(work, case.reference, now=NOW)
    with unguarded(work.session):
        work.session.execute(text(statement))
    work.session.commit()

    found = walk_chains(work.session, work.desk.files)

    assert not found.holds
    fault = next(each for each in found.faults if each.code == said)
    assert fault.parameters["reference"] == case.reference
    # Every fault has its sentence.
    for wording in (FRENCH, ENGLISH):
        words = live_words(found, wording, is_guarded=False, may_our_role=True)
        assert any(case.reference in sentence for _, sentence in words.lines)


def test_a_file_that_was_altered_on_the_disk_is_said(work, case):
    make_dossier(work, case.reference, now=NOW)
    for table in (Attachment, Dossier):
        path = work.desk.files.folder / work.session.query(table).one().stored_as
        path.write_bytes(path.read_bytes()[:-1] + b"x")

    found = walk_chains(work.session, work.desk.files)

    assert {each.code for each in found.faults} == {"attachment_altered", "dossier_altered"}


def test_what_was_erased_is_counted_and_the_chain_holds(work, case):
    line = next(line for line in journal_of(work.session, case) if line.reason)
    line.reason = line.reason_salt = None
    fact = work.session.query(Fact).filter_by(key="description").one()
    fact.value = fact.salt = None
    work.session.commit()

    found = walk_chains(work.session, work.desk.files)

    assert found.holds, found.faults
    assert (found.erased, found.facts_erased) == (1, 1)


def test_the_next_dossier_says_what_was_erased_and_its_chain_holds(work, case):
    line = next(line for line in journal_of(work.session, case) if line.reason)
    line.reason = line.reason_salt = None
    fact = work.session.query(Fact).filter_by(key="description").one()
    fact.value = fact.salt = None
    work.session.commit()

    number = make_dossier(work, case.reference, now=NOW)
    _, pdf = read_dossier(work.session, work.desk, case, number)
    check = check_dossier(pdf, trust=work.desk.seal.fingerprint)

    said = {each.code: each.parameters for each in check.findings}
    assert check.verdict is Verdict.PROVEN, check.failures
    assert said["texts_erased"]["lines"] == [line.sequence]
    assert said["facts_erased"]["facts"] == ["description"]


def test_the_guard_is_looked_at(work, case):
    connection = work.session.connection()

    assert look_at_guard(connection).is_in_place
    with unguarded(work.session):
        if connection.dialect.name == "sqlite":
            assert not look_at_guard(connection).is_in_place
    # The tests connect as the owner.
    assert look_at_guard(connection).our_role_may


# --- The application's role on PostgreSQL ---------------------------------------------------


@pytest.fixture
def owned(databases, tmp_path):
    """A migrated PostgreSQL database, and a role of its own for the application."""
    with databases.migrated("postgresql", tmp_path) as url:
        engine = create_engine(url)
        name = f"desk_app_{make_url(url).database[-12:]}"
        with engine.begin() as connection:
            connection.exec_driver_sql(f'CREATE ROLE "{name}" LOGIN')
        try:
            yield url, name
        finally:
            with engine.begin() as connection:
                connection.exec_driver_sql(f'DROP OWNED BY "{name}"')
                connection.exec_driver_sql(f'DROP ROLE "{name}"')
            engine.dispose()


REFUSED = [
    "UPDATE journal_entry SET code = 'closed'",
    "UPDATE journal_entry SET hash = previous, reason = NULL",
    "DELETE FROM journal_entry",
    "TRUNCATE journal_entry",
    "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER journal_entry_lines ON journal_entry",
    "DROP FUNCTION journal_entry_written_once() CASCADE",
    "SET session_replication_role = replica",
    "ALTER TABLE journal_entry RENAME TO gone",
    "DROP TABLE journal_entry",
]


def test_the_application_s_role_does_its_work_and_cannot_alter_the_journal(owned):
    url, role = owned
    grant_at(url, role)
    own = make_url(url).set(username=role).render_as_string(hide_password=False)
    # What every start does first.
    upgrade_database(own)
    engine = open_engine(own)
    with engine.begin() as connection:
        assert not look_at_guard(connection).our_role_may
        assert look_at_guard(connection).is_in_place
        connection.execute(
            text(
                "INSERT INTO journal_entry "
                "(chain, sequence, at, code, parameters, reason, reason_salt, commitment, "
                "previous, hash) "
                "VALUES ('incident:1', 1, now(), 'opened', '{}', 'x', 'y', '', '', '')"
            )
        )
        connection.execute(text("UPDATE journal_entry SET reason = NULL, reason_salt = NULL"))
    for statement in REFUSED:
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM journal_entry")) == 1
    engine.dispose()


def test_granting_again_changes_nothing_and_takes_back_what_was_too_much(owned):
    url, role = owned
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
    first = grant_at(url, role)

    assert grant_at(url, role) == first
    engine.dispose()


def test_a_role_that_could_do_anything_is_refused(owned):
    url, role = owned
    engine = create_engine(url)
    with pytest.raises(GrantRefused, match="There is no role"), engine.begin() as connection:
        grant_to(connection, "nobody_at_all")
    for made_mighty in (
        f'GRANT pg_write_all_data TO "{role}"',
        f'ALTER TABLE journal_entry OWNER TO "{role}"',
        f'ALTER ROLE "{role}" SUPERUSER',
    ):
        with engine.connect() as connection:
            connection.exec_driver_sql(made_mighty)
            with pytest.raises(GrantRefused, match="could still alter"):
                grant_to(connection, role)
    engine.dispose()


def test_sqlite_has_no_roles(databases, tmp_path):
    with databases.migrated("sqlite", tmp_path) as url:
        with pytest.raises(GrantRefused, match="Only PostgreSQL"):
            grant_at(url, "desk")
