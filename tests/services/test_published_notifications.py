"""Taking in the CNIL's file, all or nothing; and a case beside what is in use."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.authority_form import Origin
from breachdesk.domain.published_file import LONGEST_LINE, DamagedFile
from breachdesk.domain.published_notifications import Comparison, Trait
from breachdesk.domain.published_totals import PUBLISHED_TOTALS
from breachdesk.models import Assessment, PublishedCount, PublishedImport
from breachdesk.services.published_notifications import (
    import_published,
    physical_lines,
    published_beside,
)
from tests import cases
from tests.cases import MONDAY_NINE
from tests.published_files import FIFTY, SAMPLE, file_of, row
from tests.services.desks import counting_statements

ALIKE = {"vector": "ransomware", "cause": "external_malicious", "n_subjects": 3412}
TOO_BIG_TO_COUNT = LONGEST_LINE * 3


def take_in(session: Session, content: bytes = SAMPLE, *, name: str = "cnil.csv", later: int = 0):
    now = MONDAY_NINE + timedelta(hours=later)
    return import_published(session, physical_lines(io.BytesIO(content)), file_name=name, now=now)


def kept(session: Session) -> list[tuple[str, int, int]]:
    """Each import: its file, what it says it holds, what it holds; nothing belongs to none."""
    session.rollback()
    found = [
        (each.file_name, each.n_notifications, _sum_of(session, each.id))
        for each in session.scalars(select(PublishedImport).order_by(PublishedImport.id))
    ]
    assert sum(count for *_, count in found) == (
        session.scalar(select(func.sum(PublishedCount.count))) or 0
    )
    return found


def _sum_of(session: Session, import_id: int) -> int:
    mine = select(func.sum(PublishedCount.count)).where(PublishedCount.import_id == import_id)
    return session.scalar(mine) or 0


# --- Taking a file in ------------------------------------------------------------------------


def test_a_file_takes_the_place_of_the_one_before(session):
    first = take_in(session)
    assert first.former is None
    assert kept(session) == [("cnil.csv", 50, 50)]

    same = take_in(session, later=1)
    assert same.is_same
    assert same.former.imported_at == MONDAY_NINE
    assert kept(session) == [("cnil.csv", 50, 50)]

    newer = take_in(session, file_of([row(), row(month="2026-01")]), name="newer.csv", later=2)
    assert not newer.is_same
    assert newer.former.imported_at == MONDAY_NINE + timedelta(hours=1)
    assert kept(session) == [("newer.csv", 2, 2)]
    (made,) = session.scalars(select(PublishedImport))
    assert (made.first_month, made.last_month) == ("2025-12", "2026-01")
    (count,) = session.scalars(select(PublishedCount))
    assert (count.origins, count.sector, count.size) == ("hacking", "trade", "up_to_5000")


def test_a_damaged_file_changes_nothing(session, engine):
    take_in(session)
    damaged = file_of([*FIFTY, row(sector="Voyance")])
    with counting_statements(engine) as asked:
        with pytest.raises(DamagedFile) as damage:
            take_in(session, damaged, name="damaged.csv")

    assert damage.value.faults[0].line == 53
    assert asked == []
    assert kept(session) == [("cnil.csv", 50, 50)]


def test_an_import_that_is_killed_half_way_leaves_the_one_before(session, engine):
    take_in(session)

    def die(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith("DELETE FROM published_import"):
            raise SystemExit("killed")

    event.listen(engine, "before_cursor_execute", die)
    try:
        with pytest.raises(SystemExit):
            take_in(session, file_of([row()]), name="newer.csv")
    finally:
        event.remove(engine, "before_cursor_execute", die)
    session.close()

    assert kept(session) == [("cnil.csv", 50, 50)]


def test_of_two_imports_at_once_one_waits_and_the_later_stays(session, at_once):
    made = at_once(
        lambda work: take_in(work.session, name="one.csv"),
        lambda work: take_in(work.session, file_of([row()]), name="two.csv"),
    )

    assert sorted(each.former is None for each in made) == [False, True]
    (in_use,) = kept(session)
    assert in_use in [("one.csv", 50, 50), ("two.csv", 1, 1)]


def test_a_line_without_end_is_one_line_and_is_not_read_whole():
    file = io.BytesIO(b"a\n" + b"x" * TOO_BIG_TO_COUNT + b"\nb\n" + b"y" * TOO_BIG_TO_COUNT)
    lines = list(physical_lines(file))

    assert [line[:1] for line in lines] == [b"a", b"x", b"b", b"y"]
    assert max(map(len, lines)) == LONGEST_LINE + 1


# --- A case beside them ----------------------------------------------------------------------


@pytest.fixture
def reference(work) -> str:
    """The case of a hacked trader, with some thousand customers."""
    cases.make_organisation(work, now=MONDAY_NINE, sector="47.91B")
    reference = cases.open_case(work, now=MONDAY_NINE)
    cases.know(work, reference, now=MONDAY_NINE, **ALIKE)
    cases.qualify(work, reference, now=MONDAY_NINE)
    return reference


@pytest.fixture
def assessment(work, reference) -> Assessment:
    """Of that case."""
    cases.assess(work, reference, now=MONDAY_NINE)
    return work.session.scalars(select(Assessment)).one()


def beside(session: Session, assessment: Assessment, sector: str = "47.91B") -> Comparison:
    return published_beside(session, assessment, sector)


def test_a_case_stands_beside_the_totals_until_a_file_is_imported(session, engine, assessment):
    with counting_statements(engine) as asked:
        found = beside(session, assessment)
    assert len(asked) == 1
    assert found.published is PUBLISHED_TOTALS
    assert found.origins[0].count == 27_868

    take_in(session)
    found = beside(session, assessment)
    assert found.published.file_name == "cnil.csv"
    assert found.group.alike_in == {Trait.ORIGIN, Trait.SECTOR, Trait.SIZE}
    assert (found.group.total, found.group.told_or_to_be) == (30, 24)
    assert beside(session, assessment, "Voyance").group.alike_in == {Trait.ORIGIN, Trait.SIZE}

    with counting_statements(engine) as asked:
        beside(session, assessment)
    assert len(asked) == 1


def test_a_new_import_is_seen_by_who_had_read_the_one_before(session, assessment):
    take_in(session)
    beside(session, assessment)
    take_in(session, file_of([row()] * 21), name="newer.csv", later=1)

    found = beside(session, assessment)

    assert (found.published.file_name, found.group.total) == ("newer.csv", 21)


def test_an_import_replaced_between_two_questions_is_not_mixed_with_the_next(session, assessment):
    take_in(session, file_of([row(), row(), row()]))
    session.execute(update(PublishedImport).values(n_notifications=4))

    assert beside(session, assessment).published is PUBLISHED_TOTALS


def test_the_origins_ticked_last_are_compared(session, work, reference, assessment):
    cases.know(work, reference, now=MONDAY_NINE, origins=["hacking"])
    cases.know(work, reference, now=MONDAY_NINE, origins=["wrong_recipient", "verbal_disclosure"])
    ticked = {each.origin for each in beside(session, assessment).origins}
    assert ticked == {Origin.WRONG_RECIPIENT, Origin.VERBAL_DISCLOSURE}

    cases.know(work, reference, now=MONDAY_NINE, origins=None)
    assert [each.origin for each in beside(session, assessment).origins] == [Origin.HACKING]
