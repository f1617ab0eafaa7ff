"""How the mails of a communication went over time, as a picture: stacked bars, one for each step.

From below: accepted, refused, still waiting, counted from the beginning, so that the bars grow
dark as the waiting ends. The shades differ in black and white.
"""

from collections.abc import Iterable, Iterator, Sequence

from breachdesk.documents.drawing import (
    Align,
    Area,
    Caption,
    Dash,
    Drawing,
    Shade,
    Shape,
    Stroke,
    text_width,
)
from breachdesk.documents.voice import Voice
from breachdesk.domain.delivery_course import DeliveryCourse, DeliveryStep

# Millimetres, on the width of the text.
WIDTH = 166.0
_LEFT = 18.0
_RIGHT = 8.0
_TOP = 2.4
# A few bars need less height than many.
_LOWEST, _HIGHER_BY_BAR, _HIGHEST = 12.0, 4.0, 38.0
_WIDEST = 12.0
_LABEL_SIZE = 6.6
# What parts two labels below the axis.
_APART = 4.0
# A few among thousands must still be seen.
_LEAST = 0.7
# How many moments the picture in words tells of.
_MOST_TOLD = 8

_MINUTES_OF_HOUR, _MINUTES_OF_DAY = 60, 24 * 60


def draw_course(course: DeliveryCourse, voice: Voice, *, is_kept: bool = False) -> Drawing:
    """The course of a run; its figures in words are those of at most `_MOST_TOLD` moments.

    Args:
        is_kept: an example organisation kept what counts as accepted: no server took it.
    """
    most = max(1, *(_whole(each) for each in course.steps))
    high = min(_HIGHEST, _LOWEST + _HIGHER_BY_BAR * len(course.steps))
    foot = _TOP + high
    wide = min(_WIDEST, (WIDTH - _LEFT - _RIGHT) / len(course.steps))
    end = _LEFT + wide * len(course.steps)
    shapes = [
        Stroke(_LEFT, _TOP, end, _TOP, 0.4, Dash.DOTTED),
        *(
            shape
            for place, step in enumerate(course.steps)
            for shape in _bar(step, high / most, _LEFT + place * wide, wide, foot)
        ),
        Stroke(_LEFT, foot, end, foot, 0.6),
        *_scale(most, foot, voice),
        *_times(course, wide, foot, voice),
    ]
    height = foot + 5.6
    told, legend = _told(course, voice, is_kept), _legend(course, voice, is_kept)
    return Drawing(WIDTH, height, tuple(shapes), told, legend)


def _whole(step: DeliveryStep) -> int:
    return step.accepted + step.refused + step.waiting


def _bar(step: DeliveryStep, scale: float, x: float, wide: float, foot: float) -> Iterator[Shape]:
    counts = (step.accepted, step.refused, step.waiting)
    shades = (Shade.DARK, Shade.HATCHED, Shade.NONE)
    for height, shade in zip(_heights(counts, scale), shades, strict=True):
        if height:
            foot -= height
            yield Area(x, foot, wide, height, shade)


def _heights(counts: Sequence[int], scale: float) -> list[float]:
    """In proportion; what is few is seen, at the cost of what is most."""
    heights = [max(_LEAST, scale * each) if each else 0.0 for each in counts]
    excess = sum(heights) - scale * sum(counts)
    heights[heights.index(max(heights))] -= excess
    return heights


def _scale(most: int, foot: float, voice: Voice) -> Iterable[Shape]:
    for count, y in ((most, _TOP), (0, foot)):
        yield Caption(
            0, y - 1.7, _LEFT - 1.5, voice.count(count), align=Align.RIGHT, size=_LABEL_SIZE
        )


def _times(course: DeliveryCourse, wide: float, y: float, voice: Voice) -> Iterator[Shape]:
    """When the bars begin and end, as many as have room; the first and the last before others."""
    moments = [course.begins_at, *(each.until for each in course.steps)]
    taken: list[tuple[float, float]] = []
    places = range(len(moments))
    for place in sorted(places, key=lambda each: (each not in (0, places[-1]), each)):
        x = _LEFT + place * wide
        text = voice.short(moments[place])
        width = text_width(text, _LABEL_SIZE)
        left = min(max(x - width / 2, 0.0), WIDTH - width)
        if all(left >= end + _APART or left + width + _APART <= start for start, end in taken):
            taken.append((left, left + width))
            yield Stroke(x, y, x, y + 1.2, 0.5)
            yield Caption(left, y + 1.5, width, text, align=Align.CENTRE, size=_LABEL_SIZE)


def _legend(course: DeliveryCourse, voice: Voice, is_kept: bool) -> str:
    if is_kept:
        return voice.text(
            "Messages comptés depuis le début de l’envoi, %(bars)s. Sombre : retenus ici ; "
            "hachuré : refusés ou abandonnés ; blanc : en attente.",
            bars=_bars(course, voice),
        )
    return voice.text(
        "Messages comptés depuis le début de l’envoi, %(bars)s. Sombre : acceptés par le serveur "
        "de messagerie ; hachuré : refusés ou abandonnés ; blanc : en attente.",
        bars=_bars(course, voice),
    )


def _bars(course: DeliveryCourse, voice: Voice) -> str:
    minutes = course.step_minutes
    if minutes < _MINUTES_OF_HOUR:
        return voice.plural("une barre par minute", "une barre par %(n)s minutes", minutes)
    if minutes < _MINUTES_OF_DAY:
        return voice.plural(
            "une barre par heure", "une barre par %(n)s heures", minutes // _MINUTES_OF_HOUR
        )
    return voice.plural(
        "une barre par jour", "une barre par %(n)s jours", minutes // _MINUTES_OF_DAY
    )


def _told(course: DeliveryCourse, voice: Voice, is_kept: bool) -> str:
    """The picture in words."""
    parts = " ".join(_told_step(step, voice, is_kept) for step in _some(course.steps))
    return voice.text(
        "Les messages au fil du temps, %(bars)s, depuis %(begin)s. %(parts)s",
        bars=_bars(course, voice),
        begin=voice.short(course.begins_at),
        parts=parts,
    )


def _told_step(step: DeliveryStep, voice: Voice, is_kept: bool) -> str:
    figures = {
        "moment": voice.short(step.until),
        "accepted": voice.count(step.accepted),
        "refused": voice.count(step.refused),
        "waiting": voice.count(step.waiting),
    }
    if is_kept:
        return voice.text(
            "%(moment)s : retenus ici %(accepted)s, refusés ou abandonnés %(refused)s, en attente "
            "%(waiting)s.",
            **figures,
        )
    return voice.text(
        "%(moment)s : acceptés %(accepted)s, refusés ou abandonnés %(refused)s, en attente "
        "%(waiting)s.",
        **figures,
    )


def _some(steps: Sequence[DeliveryStep]) -> list[DeliveryStep]:
    """The first, the last, and some between at the same distance."""
    count = min(len(steps), _MOST_TOLD)
    if count == 1:
        return list(steps)
    places = {round(place * (len(steps) - 1) / (count - 1)) for place in range(count)}
    return [steps[place] for place in sorted(places)]
