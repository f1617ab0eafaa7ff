"""A case beside the published notifications: what is counted, and in which group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import (
    FEWEST_OF_A_GROUP,
    CountedRow,
    Published,
    PublishedCause,
    Sector,
    Size,
    Trait,
    Traits,
    compare,
    published_from,
    size_of,
    traits_of,
)
from breachdesk.domain.published_totals import PUBLISHED_TOTALS
from breachdesk.domain.published_words import CODES, WORDS, sector_in
from breachdesk.domain.vocabulary import Cause, Vector

DONE, PLANNED = CommunicationState.DONE, CommunicationState.PLANNED
HACKED_TRADER = Traits(
    frozenset({Origin.HACKING}), PublishedCause.EXTERNAL_MALICIOUS, Size.UP_TO_50, Sector.TRADE
)


def counted(
    count, *, origins=(Origin.HACKING,), sector=Sector.TRADE, size=Size.UP_TO_50, told=DONE
):
    causes = frozenset({PublishedCause.EXTERNAL_MALICIOUS})
    return CountedRow(frozenset(origins), causes, sector, size, told, count)


def published(*rows) -> Published:
    return published_from(rows, file_name="f.csv", first_month="2018-05", last_month="2025-12")


# --- The totals that are shipped -------------------------------------------------------------


def test_the_totals_add_up_where_each_notification_has_one_value():
    assert sum(PUBLISHED_TOTALS.sizes.values()) == PUBLISHED_TOTALS.total
    assert sum(PUBLISHED_TOTALS.told.values()) == PUBLISHED_TOTALS.total
    assert sum(PUBLISHED_TOTALS.causes.values()) > PUBLISHED_TOTALS.total
    assert set(PUBLISHED_TOTALS.causes) == set(PublishedCause)
    assert set(Origin) - set(PUBLISHED_TOTALS.origins) == {Origin.PAPER_DISPOSAL}


def test_every_cause_of_ours_is_one_of_the_published():
    assert {cause.value for cause in Cause} | {"unknown"} == set(PublishedCause)


def test_every_code_has_its_own_words_in_the_file():
    assert all(set(words) == set(enum) for enum, words in WORDS.items())
    assert all(len(CODES[enum]) == len(enum) for enum in WORDS)


# --- What of a case can be compared ----------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "band"),
    [
        *((0, Size.UP_TO_5), (5, Size.UP_TO_5), (6, Size.UP_TO_50), (50, Size.UP_TO_50)),
        *((51, Size.UP_TO_300), (300, Size.UP_TO_300), (301, Size.UP_TO_5000)),
        *((5000, Size.UP_TO_5000), (5001, Size.MORE), (10**9, Size.MORE)),
    ],
)
def test_bands_begin_where_the_one_before_ends(people, band):
    assert size_of(people) is band


def test_the_boxes_ticked_for_the_form_come_before_what_the_vector_says():
    facts = {"vector": "phishing", "cause": "external_malicious", "n_subjects": 12}
    said = frozenset({Origin.HACKING})
    ticked = frozenset({Origin.VERBAL_DISCLOSURE, Origin.WRONG_RECIPIENT})

    assert traits_of(facts, None, Sector.TRADE) == HACKED_TRADER
    assert traits_of(facts, None, None).origins == said
    assert traits_of(facts, ["verbal_disclosure", "wrong_recipient"], None).origins == ticked


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"vector": None, "cause": None, "n_subjects": None},
        {"vector": "other", "cause": "other"},
        {"vector": "insider_copy", "cause": "not_applicable", "n_subjects": "unknown"},
        {"vector": "carrier_pigeon", "n_subjects": True},
        {"vector": ["phishing"], "cause": ["external_malicious"], "n_subjects": [3]},
    ],
)
def test_what_is_not_known_or_says_nothing_is_not_compared(facts):
    assert traits_of(facts, None, Sector.UNKNOWN) == Traits()
    assert traits_of(facts, ["other", "once_upon_a_time"], None) == Traits()


@given(
    st.dictionaries(
        st.sampled_from(["vector", "cause", "n_subjects"]),
        st.none() | st.integers(0, 10**6) | st.sampled_from([*Vector, *Cause, "unknown"]),
    ),
    st.none() | st.lists(st.sampled_from([*Origin, "x", 3])),
)
def test_whatever_the_facts_a_case_is_compared(facts, origins):
    found = compare(traits_of(facts, origins, None), PUBLISHED_TOTALS)

    assert all(0 < each.count <= PUBLISHED_TOTALS.total for each in found.origins)
    assert found.group.total == PUBLISHED_TOTALS.total


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        ("Commerce ; réparation d’automobiles et de motocycles", Sector.TRADE),
        ("santé humaine et action sociale", Sector.HEALTH),
        ("Commerce de détail – vente à distance", Sector.TRADE),
        ("47.91B", Sector.TRADE),
        ("Vente à distance (4791B)", Sector.TRADE),
        ("62.01", Sector.INFORMATION),
        ("NAF 86.10Z – hôpital", Sector.HEALTH),
        ("Hébergement et restauration", Sector.HOTELS_AND_RESTAURANTS),
        # A web host is no hotel, a shipyard builds no house, a price is no NAF code.
        ("Hébergement de sites", None),
        ("Construction navale", None),
        ("1200 salariés, 4000 clients", None),
        ("34.10Z", None),
        ("Commercial", None),
        ("Conseil aux banques", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_sector_is_taken_only_where_it_is_certain(text, sector):
    assert sector_in(text) is sector


# --- How common ------------------------------------------------------------------------------


def test_each_origin_is_counted_by_itself_for_both_may_stand_in_one_notification():
    both = frozenset({Origin.HACKING, Origin.WRONG_RECIPIENT})
    found = compare(Traits(both), published(counted(3, origins=both), counted(4)))

    assert {each.origin: each.count for each in found.origins} == {
        Origin.HACKING: 7,
        Origin.WRONG_RECIPIENT: 3,
    }
    assert found.published.total == 7


def test_an_origin_outside_the_ten_most_frequent_has_a_ceiling_and_not_a_number():
    (rare,) = compare(Traits(frozenset({Origin.PAPER_DISPOSAL})), PUBLISHED_TOTALS).origins
    (none,) = compare(Traits(frozenset({Origin.PAPER_DISPOSAL})), published(counted(9))).origins

    assert (rare.count, rare.is_ceiling) == (83, True)
    assert (none.count, none.is_ceiling) == (0, False)


def test_from_totals_alone_telling_is_that_of_all_notifications():
    group = compare(HACKED_TRADER, PUBLISHED_TOTALS).group

    assert group.alike_in == frozenset()
    assert (group.total, group.told_or_to_be) == (43_502, 6_989 + 18_139)


# --- In which group --------------------------------------------------------------------------

ORIGIN, SECTOR, SIZE = Trait.ORIGIN, Trait.SECTOR, Trait.SIZE
# Fewer than a group needs, by one, like the case in everything.
ALMOST = counted(FEWEST_OF_A_GROUP - 1)


@pytest.mark.parametrize(
    ("rows", "alike_in", "total"),
    [
        pytest.param([counted(20)], {ORIGIN, SECTOR, SIZE}, 20, id="enough are like it"),
        pytest.param([ALMOST, counted(1, size=Size.MORE)], {ORIGIN, SECTOR}, 20, id="other sizes"),
        pytest.param(
            [ALMOST, counted(1, sector=Sector.ARTS)], {ORIGIN, SIZE}, 20, id="other sectors"
        ),
        pytest.param([ALMOST, counted(1, origins=())], {SECTOR, SIZE}, 20, id="other origins"),
        pytest.param(
            [ALMOST, counted(1, size=Size.MORE, sector=Sector.ARTS)],
            {ORIGIN},
            20,
            id="origin alone",
        ),
        pytest.param(
            [ALMOST, counted(1, size=Size.MORE, origins=())], {SECTOR}, 20, id="sector alone"
        ),
        pytest.param(
            [ALMOST, counted(1, sector=Sector.ARTS, origins=())], {SIZE}, 20, id="size alone"
        ),
        pytest.param(
            [ALMOST, counted(50, sector=Sector.ARTS, origins=(), size=Size.MORE)],
            set(),
            69,
            id="nothing is like it",
        ),
    ],
)
def test_the_closest_group_that_is_large_enough_is_taken(rows, alike_in, total):
    group = compare(HACKED_TRADER, published(*rows)).group

    assert (group.alike_in, group.total) == (frozenset(alike_in), total)


def test_what_is_not_known_of_the_case_makes_no_group():
    group = compare(Traits(size=Size.UP_TO_50), published(counted(30), counted(30, told=PLANNED)))

    assert group.group.alike_in == {Trait.SIZE}
    assert group.group.told == {DONE: 30, PLANNED: 30}


rows = st.builds(
    CountedRow,
    st.frozensets(st.sampled_from([Origin.HACKING, Origin.WRONG_RECIPIENT]), max_size=2),
    st.frozensets(st.sampled_from(PublishedCause), max_size=2),
    st.sampled_from([Sector.TRADE, Sector.ARTS]),
    st.sampled_from([Size.UP_TO_50, Size.MORE]),
    st.sampled_from(CommunicationState),
    st.integers(1, 30),
)


@given(st.lists(rows, max_size=20))
def test_a_group_is_counted_as_one_would_by_hand(some):
    group = compare(HACKED_TRADER, published(*some)).group
    alike = [
        row
        for row in some
        if (ORIGIN not in group.alike_in or Origin.HACKING in row.origins)
        and (SECTOR not in group.alike_in or row.sector is Sector.TRADE)
        and (SIZE not in group.alike_in or row.size is Size.UP_TO_50)
    ]

    assert group.total == sum(row.count for row in alike)
    assert not group.alike_in or group.total >= FEWEST_OF_A_GROUP
    for state in CommunicationState:
        assert group.told.get(state, 0) == sum(r.count for r in alike if r.told is state)
