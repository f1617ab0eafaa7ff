"""The course of a run as a picture: for one mail, ten or a hundred thousand, without colour."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from breachdesk.documents.course_drawing import WIDTH, draw_course
from breachdesk.documents.drawing import Area, Caption, Shade
from breachdesk.documents.voice import Voice
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.delivery_course import MOST_STEPS, DeliveryChange, course_of
from breachdesk.wording import ENGLISH, FRENCH
from tests.web.reading import plain

VOICE = Voice(FRENCH, "Europe/Paris")
START = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
SENT, REFUSED = DeliveryState.SENT, DeliveryState.REFUSED


def run_of(count: int, minutes: int, *, refused: int = 0):
    """So many mails queued at once, sent evenly over so many minutes."""
    changes = [DeliveryChange(START, None, count)]
    done = 0
    for minute in range(minutes):
        until = (count - refused) * (minute + 1) // minutes
        if until > done:
            changes.append(DeliveryChange(START + timedelta(minutes=minute), SENT, until - done))
        done = until
    if refused:
        changes.append(DeliveryChange(START + timedelta(minutes=minutes), REFUSED, refused))
    return course_of(changes, ZoneInfo("Europe/Paris"))


RUNS = [
    pytest.param(run_of(1, 1), id="one"),
    pytest.param(run_of(10, 4, refused=1), id="ten"),
    pytest.param(run_of(100_000, 2_000, refused=3), id="a hundred thousand"),
    pytest.param(run_of(40, 500_000), id="a year"),
]


def of(kind, picture):
    return [shape for shape in picture.shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("course", RUNS)
@pytest.mark.parametrize("wording", [FRENCH, ENGLISH])
def test_everything_lies_on_the_sheet_and_no_label_on_another(course, wording):
    picture = draw_course(course, Voice(wording, "Europe/Paris"))

    for area in of(Area, picture):
        assert area.x >= 0
        assert area.x + area.width <= WIDTH + 0.01
        assert area.y >= 0
        assert area.height > 0
        assert area.y + area.height <= picture.height
    captions = of(Caption, picture)
    assert all(each.x >= 0 and each.right <= WIDTH + 0.01 for each in captions)
    below = sorted(captions, key=lambda each: (each.y, each.x))
    axis = [each for each in below if each.y > picture.height - 5]
    assert all(one.right <= other.x for one, other in pairwise(axis))
    assert len(of(Area, picture)) <= 3 * MOST_STEPS


def test_bars_stack_to_the_whole_and_a_few_refused_among_thousands_are_seen():
    course = run_of(100_000, 2_000, refused=3)
    areas = of(Area, draw_course(course, VOICE))
    last = max(area.x for area in areas)
    bar = {area.shade: area for area in areas if area.x == last}

    assert set(bar) == {Shade.DARK, Shade.HATCHED}
    assert bar[Shade.HATCHED].height == pytest.approx(0.7)
    assert sum(area.height for area in bar.values()) == pytest.approx(38)
    assert bar[Shade.HATCHED].y < bar[Shade.DARK].y


def test_what_waits_is_white_and_shrinks():
    course = run_of(10, 4)
    waiting = [area for area in of(Area, draw_course(course, VOICE)) if area.shade is Shade.NONE]

    assert [area.height for area in waiting] == sorted((a.height for a in waiting), reverse=True)


def test_the_picture_is_told_in_words_from_the_first_step_to_the_last():
    picture = draw_course(run_of(100_000, 2_000, refused=3), VOICE)
    said, legend = plain(picture.description), plain(picture.legend)

    assert "une barre par heure" in said
    assert "acceptés 99 997, refusés ou abandonnés 3, en attente 0." in said
    assert said.count("en attente") == 8
    assert "hachuré : refusés ou abandonnés" in legend


def test_a_run_of_one_mail_says_one():
    said = plain(draw_course(run_of(1, 1), VOICE).description)

    assert "une barre par minute" in said
    assert said.count("acceptés 1") == 1
