"""Many who write at once, and a database that goes away: nothing is half-written."""

import threading

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.models import Delivery, Fact, Incident, JournalEntry
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import MONDAY_NINE, Work, incident, make_organisation, open_case, qualify

NOW = MONDAY_NINE
WRITERS, EACH = 4, 25


def test_four_who_open_incidents_at_once_see_no_error(work, at_once):
    make_organisation(work, now=NOW, roles=(Role.HANDLER, Role.DECIDER))
    work.session.commit()

    def open_many(own: Work) -> list[str]:
        return [open_case(own, now=NOW) for _ in range(EACH)]

    results = at_once(*[open_many] * WRITERS)

    assert not [result for result in results if isinstance(result, Exception)]
    references = sorted(reference for result in results for reference in result)
    assert references == [f"GIR-2026-{number:04d}" for number in range(1, WRITERS * EACH + 1)]
    some = incident(work, references[50])
    assert first_broken_entry(journal_of(work.session, some)) is None


def _cut_off(session: Session) -> None:
    """End the server's side of this session's connection."""
    own = session.scalar(text("SELECT pg_backend_pid()"))
    with session.get_bind().connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({own})"))
        other.commit()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", ["open", "qualify"])
def test_a_database_lost_between_flush_and_commit_keeps_nothing_of_the_step(work, engine, step):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    counted = (Incident, Fact, Delivery, JournalEntry)

    def counts(session):
        return [session.scalar(select(func.count(kind.id))) for kind in counted]

    before = counts(work.session)
    work.session.commit()

    with Session(engine) as session:
        own = Work(session, work.desk)
        event.listen(session, "before_commit", _cut_off)
        with pytest.raises(OperationalError):
            open_case(own, now=NOW) if step == "open" else qualify(own, reference, now=NOW)
        session.rollback()

    assert counts(work.session) == before
    work.session.commit()
    assert open_case(work, now=NOW) == "GIR-2026-0002"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_waits_for_no_writer(work, engine):
    from breachdesk.models import reading

    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    work.session.commit()
    found = []

    def look() -> None:
        with reading(), Session(engine) as session:
            found.append(incident(Work(session, work.desk), reference).reference)

    work.session.execute(text("UPDATE incident SET title = 'en cours'"))
    reader = threading.Thread(target=look)
    reader.start()
    reader.join(5)

    assert found == [reference]
    work.session.rollback()
