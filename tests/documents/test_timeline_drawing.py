"""The timeline as a picture: on the page, nothing over anything else, whole in words too."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from breachdesk.documents.drawing import Area, Caption, Drawing, Mark, Shade, Sign
from breachdesk.documents.story_section import timeline
from breachdesk.documents.timeline_drawing import WIDTH
from breachdesk.documents.voice import voice_of
from breachdesk.domain.case_record import CaseRecord
from breachdesk.wording import ENGLISH, FRENCH, Wording
from tests.documents.sample_case import AWARE, FILED, MADE, NOTICED, sample_case
from tests.web.reading import plain


def drawn(record: CaseRecord, wording: Wording = FRENCH) -> Drawing:
    picture = timeline(record, voice_of(record, wording)).blocks[0]
    assert isinstance(picture, Drawing)
    return picture


def listed(record: CaseRecord):
    return timeline(record, voice_of(record, FRENCH)).blocks[1].events


def captions(picture: Drawing) -> list[Caption]:
    return [shape for shape in picture.shapes if isinstance(shape, Caption)]


def marks(picture: Drawing) -> list[Mark]:
    return [shape for shape in picture.shapes if isinstance(shape, Mark)]


def areas(picture: Drawing, shade: Shade) -> list[Area]:
    return [shape for shape in picture.shapes if isinstance(shape, Area) and shape.shade is shade]


def filed_late() -> CaseRecord:
    record = sample_case()
    late = FILED + timedelta(days=2)
    phase = replace(record.phases[0], filed_at=late, was_late=True)
    clock = replace(record.clocks[1], stopped_at=late)
    return replace(
        record,
        phases=(phase,),
        clocks=(record.clocks[0], clock),
        made_at=MADE + timedelta(days=4),
    )


def crowded() -> CaseRecord:
    """Sixty assessments, a decision an hour, a filing a day; the dossier months later."""
    record = filed_late()
    hour, day = timedelta(hours=1), timedelta(days=1)
    one, signed, phase = record.assessments[0], record.decisions[0], record.phases[0]
    return replace(
        record,
        assessments=tuple(replace(one, version=n, made_at=AWARE + n * hour) for n in range(60)),
        decisions=tuple(
            replace(signed, advised_at=AWARE + n * hour, decided_at=AWARE + n * hour)
            for n in range(40)
        ),
        phases=tuple(replace(phase, filed_at=phase.filed_at + n * day) for n in range(20)),
        made_at=MADE + 400 * day,
    )


def running() -> CaseRecord:
    record = sample_case()
    clock = replace(record.clocks[1], stopped_at=None, stop_reason="")
    return replace(
        record,
        clocks=(record.clocks[0], clock),
        phases=(),
        notices=(),
        made_at=AWARE + timedelta(hours=36),
    )


def just_opened() -> CaseRecord:
    record = sample_case()
    return replace(
        record,
        facts=(),
        qualifications=(),
        clocks=(),
        assessments=(),
        decisions=(),
        phases=(),
        notices=(),
        made_at=NOTICED + timedelta(hours=1),
    )


CASES = pytest.mark.parametrize(
    "case",
    [sample_case, filed_late, crowded, running, just_opened],
    ids=lambda case: case.__name__,
)


@CASES
@pytest.mark.parametrize("wording", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_everything_stands_on_the_page_and_no_text_covers_another(case, wording):
    picture = drawn(case(), wording)

    for caption in captions(picture):
        assert caption.x >= -0.01, caption
        assert caption.right <= WIDTH + 0.01, caption
        assert 0 <= caption.y <= picture.height - 2, caption
    for one, other in combinations(captions(picture), 2):
        beside = one.right <= other.x + 0.05 or other.right <= one.x + 0.05
        above = abs(one.y - other.y) >= 2.4
        assert beside or above, (one, other)


@CASES
def test_every_moment_of_the_list_has_its_number_in_the_picture(case):
    record = case()
    numbers: set[int] = set()
    for caption in captions(drawn(record)):
        first, _, last = caption.text.partition("–")
        if first.isdigit():
            numbers |= set(range(int(first), int(last or first) + 1))

    assert numbers == {int(event.number) for event in listed(record)}


def test_the_72_hours_are_a_band_to_scale_dark_as_far_as_they_were_used():
    picture = drawn(sample_case())
    (whole,), (used,) = areas(picture, Shade.LIGHT), areas(picture, Shade.MEDIUM)
    (filing,) = (mark for mark in marks(picture) if mark.sign is Sign.DIAMOND)

    share = (FILED - AWARE) / timedelta(hours=72)
    assert used.width == pytest.approx(whole.width * share)
    assert filing.x == pytest.approx(used.x + used.width, abs=0.01)
    assert not areas(picture, Shade.HATCHED)
    assert {"0 h", "24 h", "48 h", "72 h"} <= {plain(each.text) for each in captions(picture)}


def test_a_late_filing_is_hatched_from_the_due_moment_to_the_filing():
    picture = drawn(filed_late())
    (whole,), (late,) = areas(picture, Shade.LIGHT), areas(picture, Shade.HATCHED)
    (filing,) = (mark for mark in marks(picture) if mark.sign is Sign.DIAMOND)

    assert late.x == pytest.approx(whole.x + whole.width)
    assert late.x + late.width == pytest.approx(filing.x, abs=0.01)


def test_without_a_clock_there_is_no_band():
    picture = drawn(just_opened())

    assert not [shape for shape in picture.shapes if isinstance(shape, Area)]
    assert "72" not in picture.description
    assert "échelle" in picture.legend


def test_a_long_silence_says_its_length_in_the_picture_and_in_the_list():
    assert "9 j" in {plain(each.text) for each in captions(drawn(sample_case()))}
    assert "9 j 4 h plus tard" in {plain(event.gap) for event in listed(sample_case())}
    assert listed(sample_case())[2].gap == ""


def test_the_picture_is_told_in_words():
    said = plain(drawn(sample_case()).description)

    assert "Frise de 14 moments, du 11/11/2026 14:05 au 24/11/2026 09:15." in said
    assert "Les 72 heures vont du 20/11/2026 18:45 au 23/11/2026 18:45." in said
    assert "Notification initiale, 23/11/2026 11:40" in said


def test_moments_too_close_share_one_sign_and_the_strongest_is_drawn():
    picture = drawn(crowded())

    assert len(marks(picture)) < 40
    assert {mark.sign for mark in marks(picture)} == set(Sign)
