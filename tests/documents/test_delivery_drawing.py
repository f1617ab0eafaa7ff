"""What became of the messages, as a picture: the figures of the table, without colour."""

import pytest

from breachdesk.documents.delivery_drawing import WIDTH, draw_deliveries
from breachdesk.documents.drawing import Area, Caption, Shade
from breachdesk.documents.voice import Voice
from breachdesk.wording import ENGLISH, FRENCH
from tests.web.reading import plain

VOICE = Voice(FRENCH, "Europe/Paris")
ALL = {"sent": 3398, "queued": 120, "sending": 2, "refused": 14, "failed": 1, "cancelled": 0}


def of(kind, picture):
    return [shape for shape in picture.shapes if isinstance(shape, kind)]


def test_each_state_has_a_bar_in_proportion_and_its_figure():
    picture = draw_deliveries({"sent": 300, "refused": 100}, VOICE)
    sent, refused = of(Area, picture)

    assert sent.width == pytest.approx(3 * refused.width)
    assert (sent.shade, refused.shade) == (Shade.DARK, Shade.HATCHED)
    assert [plain(each.text) for each in of(Caption, picture)] == [
        "Remis au serveur de messagerie",
        "300 (75 %)",
        "Refusé",
        "100 (25 %)",
    ]


def test_a_few_among_thousands_are_seen_and_none_has_no_bar():
    picture = draw_deliveries(ALL, VOICE)

    assert len(of(Area, picture)) == len(ALL) - 1
    assert min(area.width for area in of(Area, picture)) >= 0.7
    assert max(caption.right for caption in of(Caption, picture)) <= WIDTH


def test_the_picture_is_told_in_words_with_the_same_figures():
    said = plain(draw_deliveries(ALL, VOICE).description)

    assert "3 535 messages" in said
    assert "Refusé : 14" in said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        pytest.param(1, 4, "25 %", id="a quarter"),
        pytest.param(1, 100_000, "< 0,1 %", id="somebody is not nobody"),
        pytest.param(99_999, 100_000, "> 99,9 %", id="all but one is not all"),
        pytest.param(0, 5, "0 %", id="nobody"),
        pytest.param(5, 5, "100 %", id="all"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(part, whole, said):
    assert plain(VOICE.share(part, whole)) == said


def test_english_has_its_own_decimals():
    assert Voice(ENGLISH, "Europe/Paris").share(14, 3412).startswith("0.4")
