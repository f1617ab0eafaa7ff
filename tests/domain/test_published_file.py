"""The CNIL's file, line by line: its quirks taken, every kind of damage refused by its line."""

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_file import (
    FAULTS_SHOWN,
    LONGEST_LINE,
    DamagedFile,
    FaultKind,
    count_file,
)
from breachdesk.domain.published_notifications import PublishedCause, Sector, Size
from breachdesk.domain.published_words import WORDS
from tests.published_files import (
    DISPOSAL,
    FIFTY,
    HACKING,
    HEADS,
    SAMPLE,
    WRONG_RECIPIENT,
    file_of,
    row,
)

NOW = "2026-03"


def count(content: bytes, **options):
    return count_file(io.BytesIO(content), this_month=NOW, **options)


def faults(content: bytes, **options):
    with pytest.raises(DamagedFile) as damage:
        count(content, **options)
    return [(fault.line, fault.kind) for fault in damage.value.faults]


# --- What is taken ---------------------------------------------------------------------------


def test_a_whole_file_is_counted_each_notification_once():
    counted = count(SAMPLE)

    assert (counted.total, counted.first_month, counted.last_month) == (50, "2018-05", "2025-12")
    assert sum(each.count for each in counted.rows) == len(FIFTY)
    assert len(counted.rows) == 7
    assert counted.sha256 == hashlib.sha256(SAMPLE).hexdigest()
    assert counted.new_words == ()


def test_several_origins_of_one_notification_stay_together_and_a_comma_in_a_label_parts_nothing():
    (found,) = count(file_of([row(origins=(HACKING, DISPOSAL), causes=("Inconnu", "Autre"))])).rows

    assert found.origins == {Origin.HACKING, Origin.DEVICE_DISPOSAL}
    assert found.causes == {PublishedCause.UNKNOWN, PublishedCause.OTHER}
    assert found.sector is Sector.TRADE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (file_of([row()], end="\n"), "line feeds alone"),
        (file_of([row()]).rstrip(b"\r\n"), "no end to the last line"),
        (file_of([row(), "", ""]), "blank lines at the end"),
        (file_of([row()]).split(b"\r\n", 1)[1], "no note above the heads"),
        (file_of([row(sector="activites immobilieres", origins=["Équipement perdu ou volé"])]), ""),
        (file_of([row(sector="")]), "no sector"),
        (file_of([row(origins=(), causes=())]), "no origin and no cause"),
    ],
)
def test_harmless_differences_are_no_damage(content, why):
    assert count(content).total == 1, why


def test_a_notification_without_origin_or_sector_counts_as_not_known():
    (found,) = count(file_of([row(sector="", origins=(), causes=())])).rows

    assert (found.sector, found.origins, found.causes) == (Sector.UNKNOWN, set(), set())


# --- What is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param(row() + ";", FaultKind.COLUMNS, id="a column too many"),
        pytest.param(row().rsplit(";", 1)[0], FaultKind.COLUMNS, id="a column lost"),
        pytest.param("Toulouse", FaultKind.COLUMNS, id="half a line"),
        pytest.param(row()[:-6], FaultKind.UNKNOWN_WORDS, id="the end cut off"),
        pytest.param(row(month="2025-13"), FaultKind.MONTH, id="no such month"),
        pytest.param(row(month="12/2025"), FaultKind.MONTH, id="a month written otherwise"),
        pytest.param(row(month="2018-04"), FaultKind.MONTH, id="before the Regulation"),
        pytest.param(row(month="2026-04"), FaultKind.MONTH, id="still to come"),
        pytest.param(row(month=""), FaultKind.MONTH, id="no month"),
        pytest.param(row(sector="Piraterie"), FaultKind.UNKNOWN_WORDS, id="an unknown sector"),
        pytest.param(row(origins=["Sortilège"]), FaultKind.UNKNOWN_WORDS, id="an unknown origin"),
        pytest.param(row(causes=["Acte ?"]), FaultKind.UNKNOWN_WORDS, id="an unknown cause"),
        pytest.param(row(size="Beaucoup"), FaultKind.UNKNOWN_WORDS, id="an unknown size"),
        pytest.param(row(size=""), FaultKind.UNKNOWN_WORDS, id="no size"),
        pytest.param(row(told="Peut-être"), FaultKind.UNKNOWN_WORDS, id="an unknown answer"),
        pytest.param(row(sensitive="37"), FaultKind.UNKNOWN_WORDS, id="a column slipped in"),
        pytest.param(
            row().replace('motocycles"', "motocycles"), FaultKind.QUOTE, id="an open quote"
        ),
        pytest.param(
            row().replace('motocycles"', 'motocycles"x'), FaultKind.QUOTE, id="a torn quote"
        ),
        pytest.param(row(told="Oui\x00"), FaultKind.CONTROL_CHARACTER, id="NUL"),
        pytest.param(row(told="Oui\x0b"), FaultKind.CONTROL_CHARACTER, id="another control"),
        pytest.param("é" * (LONGEST_LINE + 1), FaultKind.TOO_LONG, id="a line without end"),
    ],
)
def test_a_damaged_line_is_refused_by_its_number(line, kind):
    assert faults(file_of([row(), row(), line, row()])) == [(5, kind)]


def test_bytes_that_are_not_cp1252_are_refused():
    good = file_of([row()])

    assert faults(good + b"2025-12;\x81\x8d;;;;;;;\r\n") == [(4, FaultKind.NOT_CP1252)]
    assert faults(good + row().encode("utf-8")) == [(4, FaultKind.UTF_8)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", [(0, FaultKind.NOTHING)], id="empty"),
        pytest.param(file_of([]), [(2, FaultKind.NOTHING)], id="heads alone"),
        pytest.param(b"one line\r\n", [(1, FaultKind.NO_HEADS)], id="one line"),
        pytest.param(file_of([row()], encoding="utf-8"), [(2, FaultKind.UTF_8)], id="UTF-8"),
        pytest.param(
            file_of([row()], encoding="utf-16"), [(2, FaultKind.CONTROL_CHARACTER)], id="UTF-16"
        ),
        pytest.param(b"PK\x03\x04" + bytes(900), [(1, FaultKind.NO_HEADS)], id="a spreadsheet"),
        pytest.param(b"note\r\na;b;c\r\n", [(2, FaultKind.NO_HEADS)], id="another table"),
        pytest.param(
            SAMPLE.replace(b";Causes", b";Effets"), [(2, FaultKind.NO_HEADS)], id="a column renamed"
        ),
        pytest.param(SAMPLE.replace(b";", b","), [(2, FaultKind.NO_HEADS)], id="commas"),
        pytest.param(
            SAMPLE.replace(b"\r\n", b"\r"), [(1, FaultKind.NO_HEADS)], id="carriage returns alone"
        ),
    ],
)
def test_another_file_is_refused_at_once(content, expected):
    assert faults(content) == expected


def test_the_first_faults_are_named_and_the_others_counted():
    rows = [row(month="x") if n % 2 else row() for n in range(100)]
    with pytest.raises(DamagedFile) as damage:
        count(file_of(rows))

    assert damage.value.count == 50
    assert [fault.line for fault in damage.value.faults] == list(range(4, 44, 2))
    assert len(damage.value.faults) == FAULTS_SHOWN


def test_what_stands_in_a_fault_is_short_and_can_be_printed():
    with pytest.raises(DamagedFile) as damage:
        count(file_of([row(sector="Voyance\x85\x9d " + "y" * 500)], encoding="latin-1"))
    with pytest.raises(DamagedFile) as other:
        count(file_of([row(origins=["Voyance\u00ad" + "y" * 500])]))

    assert damage.value.faults[0].kind is FaultKind.NOT_CP1252
    fault = other.value.faults[0]
    assert (fault.column, len(fault.shown)) == (HEADS[6], 70)
    assert fault.shown.startswith("Voyance?y")


# --- Words that are new ----------------------------------------------------------------------


def test_new_sectors_and_origins_are_taken_only_by_who_asks_for_it():
    new = file_of(
        [row(origins=("Drone", WRONG_RECIPIENT)), row(sector="Activités spatiales"), row()]
    )
    assert [line for line, _ in faults(new)] == [3, 4]

    counted = count(new, accept_new_words=True)

    assert set(counted.new_words) == {("Drone", 1), ("Activités spatiales", 1)}
    found = {(each.sector, each.origins) for each in counted.rows}
    assert (Sector.TRADE, frozenset({Origin.OTHER, Origin.WRONG_RECIPIENT})) in found
    assert (Sector.UNKNOWN, frozenset({Origin.HACKING})) in found


@pytest.mark.parametrize(
    "line", [row(size="Un million"), row(told="Un jour"), row(month="2030-01")]
)
def test_a_new_size_or_answer_stands_for_nothing_and_is_always_refused(line):
    assert [at for at, _ in faults(file_of([line]), accept_new_words=True)] == [3]


# --- There and back --------------------------------------------------------------------------


def _said(enum):
    return st.sampled_from(sorted(WORDS[enum]))


notifications = st.tuples(
    st.frozensets(_said(Origin), max_size=4),
    st.frozensets(_said(PublishedCause), max_size=3),
    _said(Sector),
    _said(Size),
    _said(CommunicationState),
)


@settings(max_examples=60)
@given(st.lists(notifications, min_size=1, max_size=12), st.booleans(), st.data())
def test_whatever_is_written_in_the_format_is_counted_as_it_was(wanted, is_curly, data):
    mark = "’" if is_curly else data.draw(st.sampled_from(["'", "''"]))
    write = lambda enum, code: WORDS[enum][code].replace("'", mark)  # noqa: E731
    lines = [
        row(
            origins=[write(Origin, each) for each in origins],
            causes=[write(PublishedCause, each) for each in causes],
            sector=write(Sector, sector),
            size=write(Size, size),
            told=write(CommunicationState, told),
        )
        for origins, causes, sector, size, told in wanted
    ]

    counted = count(file_of(lines))

    assert counted.total == len(wanted)
    assert {each: wanted.count(each) for each in wanted} == {
        (r.origins, r.causes, r.sector, r.size, r.told): r.count for r in counted.rows
    }


@settings(max_examples=150)
@given(st.binary(max_size=60), st.integers(0, len(SAMPLE)), st.integers(0, 40))
def test_no_damage_is_too_odd_to_be_refused_in_words(noise, at, cut):
    damaged = SAMPLE[:at] + noise + SAMPLE[at + cut :]
    refused = None
    try:
        # What is not counted may be hit: the note, the nature, the data, an end of line.
        assert count(damaged).total > 0
    except DamagedFile as damage:
        refused = damage
    assert refused is None or refused.count >= len(refused.faults) >= 1
