"""A case beside the published notifications, as a French reader reads it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import (
    CountedRow,
    PublishedCause,
    Sector,
    Size,
    Traits,
    compare,
    published_from,
)
from breachdesk.domain.published_totals import PUBLISHED_TOTALS
from breachdesk.domain.published_words import WORDS, plain
from breachdesk.wording import ENGLISH, FRENCH, labels
from breachdesk.wording.published_notifications import (
    CAUSES,
    ORIGINS,
    SECTORS,
    SIZES,
    TOLD,
    describe_beside,
    share,
)

HACKED = Traits(
    frozenset({Origin.HACKING}),
    PublishedCause.EXTERNAL_MALICIOUS,
    Size.UP_TO_5000,
    Sector.TRADE,
)


def said(traits, published=PUBLISHED_TOTALS, wording=FRENCH):
    return describe_beside(compare(traits, published), wording)


def spaced(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def imported(*counts):
    """Counts of hacked traders, then of others."""
    rows = [
        CountedRow(
            frozenset({Origin.HACKING}),
            frozenset(),
            sector,
            Size.UP_TO_5000,
            CommunicationState.DONE,
            count,
        )
        for sector, count in zip((Sector.TRADE, Sector.HEALTH), counts, strict=False)
    ]
    return published_from(
        rows,
        file_name="x.csv",
        first_month="2019-01",
        last_month="2026-02",
        imported_on=date(2026, 6, 1),
    )


# --- Tables ----------------------------------------------------------------------------------


def test_every_code_that_is_said_has_its_words():
    unsaid = {PublishedCause.OTHER, PublishedCause.UNKNOWN}
    assert set(SECTORS) == set(Sector)
    assert set(SIZES) == set(Size)
    assert set(ORIGINS) == set(Origin) - {Origin.OTHER}
    assert set(CAUSES) == set(PublishedCause) - unsaid
    assert list(TOLD) == list(CommunicationState)


def test_sectors_and_origins_are_said_as_the_file_writes_them():
    assert {code: plain(words) for code, words in SECTORS.items()} == {
        code: plain(words) for code, words in WORDS[Sector].items()
    }
    for code, words in WORDS[Origin].items():
        assert plain(labels.code_label(Origin, code, FRENCH)) == plain(words)


# --- Figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [
        (27_868, 43_502, "64 %"),
        (0, 43_502, "0 %"),
        (1, 43_502, "moins de 1 %"),
        (217, 43_502, "moins de 1 %"),
        (218, 43_502, "1 %"),
        (1, 2, "50 %"),
        (43_501, 43_502, "plus de 99 %"),
        (43_502, 43_502, "100 %"),
        (0, 0, "0 %"),
    ],
)
def test_a_share_is_rounded_and_never_to_nothing_or_to_all(count, total, expected):
    assert spaced(share(count, total, FRENCH)) == expected


# --- Sentences -------------------------------------------------------------------------------


def test_a_case_beside_the_totals():
    found = said(HACKED)

    assert spaced(found.sentence) == (
        "Sur les 43 502 violations notifiées à la CNIL de mai 2018 à décembre 2025 et publiées "
        "par elle, 27 868 (64 %) ont aussi pour origine un piratage, un logiciel malveillant ou "
        "un hameçonnage ; 29 447 (68 %) ont aussi pour cause un acte externe malveillant ; "
        "9 595 (22 %) concernent aussi de 301 à 5 000 personnes."
    )
    assert spaced(found.told_sentence) == (
        "Toutes violations confondues, les personnes étaient informées, ou allaient l’être, "
        "dans 25 128 cas (58 %)."
    )
    assert [spaced(each.figure) for each in found.told] == [
        "6 989 (16 %)",
        "18 139 (42 %)",
        "4 283 (10 %)",
        "14 091 (32 %)",
    ]
    assert found.dated == "extraction du 18 mars 2026"
    assert any("11\u202f635" in note for note in found.notes)
    assert any("ne se croisent pas" in note for note in found.notes)


def test_a_case_beside_an_imported_file():
    found = said(HACKED, imported(214, 40))

    assert spaced(found.told_sentence) == (
        "Parmi les 214 notifications de votre secteur (Commerce ; réparation d’automobiles et "
        "de motocycles), de même origine et de taille comparable, les personnes étaient "
        "informées, ou allaient l’être, dans 214 cas (100 %)."
    )
    assert "254 (100 %)" in spaced(found.sentence)
    assert found.dated == "importé le 1er juin 2026"
    assert "de janvier 2019 à février 2026" in found.sentence
    assert not any("ne se croisent pas" in note or "635" in note for note in found.notes)
    assert not any("ressemblent davantage" in note for note in found.notes)


def test_a_group_that_is_too_small_is_not_spoken_of():
    found = said(HACKED, imported(19, 40))

    assert "59 notifications de même origine et de taille comparable," in found.told_sentence
    assert any(spaced(note).startswith("Moins de 20 notifications") for note in found.notes)


def test_who_has_no_sector_is_told_how_to_give_one():
    unsure = Traits(HACKED.origins, HACKED.cause, HACKED.size)

    assert any("47.91B" in note for note in said(unsure, imported(30)).notes)
    assert not any("47.91B" in note for note in said(HACKED, imported(30)).notes)
    assert not any("47.91B" in note for note in said(unsure).notes)


def test_a_case_of_which_nothing_is_known():
    found = said(Traits())

    assert spaced(found.sentence).startswith("La CNIL a publié 43 502 notifications")
    assert "Toutes violations confondues" in found.told_sentence


def test_a_rare_origin_is_a_ceiling_and_one_that_never_occurs_is_none():
    rare = Traits(frozenset({Origin.PAPER_DISPOSAL}))

    found = said(rare)
    assert "83 au plus (moins de 1 %) ont aussi pour origine des papiers" in spaced(found.sentence)
    assert any("dix origines" in note for note in found.notes)
    assert "aucune n’a pour origine des papiers jetés" in said(rare, imported(30)).sentence
    assert "1 (100 %) a aussi pour origine un piratage" in spaced(
        said(Traits(HACKED.origins), imported(1)).sentence
    )


traits = st.builds(
    Traits,
    st.frozensets(st.sampled_from(sorted(ORIGINS))),
    st.none() | st.sampled_from(sorted(CAUSES)),
    st.none() | st.sampled_from(Size),
    st.none() | st.sampled_from(sorted(set(Sector) - {Sector.UNKNOWN})),
)


@given(traits, st.lists(st.integers(1, 60), max_size=2), st.sampled_from([FRENCH, ENGLISH]))
def test_whatever_is_known_nothing_is_left_blank(some, counts, wording):
    found = said(some, imported(*counts) if counts else PUBLISHED_TOTALS, wording)

    for sentence in (found.sentence, found.told_sentence, *found.notes):
        assert sentence.endswith(".")
        assert not [blank for blank in ("%(", "None", "  ", " .") if blank in sentence]
    assert abs(sum(each.part for each in found.told) - 1) < 1e-9
