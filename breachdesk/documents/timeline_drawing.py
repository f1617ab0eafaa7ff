"""The timeline as a picture: the 72 hours to scale, what lies around them drawn closer.

Before and after the 72 hours a case may take minutes or years: there the moments stand side
by side on a dotted axis, and each long silence says its length. Moments too close together
to be told apart become one sign with their numbers; the numbers are those of the list below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from breachdesk.documents.drawing import (
    Align,
    Area,
    Caption,
    Dash,
    Drawing,
    Mark,
    Shade,
    Shape,
    Sign,
    Stroke,
    text_width,
)
from breachdesk.documents.timeline_names import (
    LANE,
    NamedPoint,
    PlacedName,
    draw_names,
    place_names,
)
from breachdesk.documents.voice import Voice

# All in millimetres: the width is that of the text on the page.
WIDTH = 166.0
_EDGE = 3.0
_BAND_HALF = 2.1
# Beside the 72 hours: so much for each group of moments, and no more than so many groups.
_STEP = 10.0
# What keeps the first of them from the numbers at the end of the band.
_CLEAR = 3.0
_GROUPS_MOST = 4
_GROUPS_MOST_ALONE = 12
_NUMBER_SIZE = 6.6
_TIME_SIZE = 6.4
_APART = 0.8
_DAY = timedelta(hours=24)
# A silence from this on has its length written over it.
_SILENCE = timedelta(hours=12)
_STRONGEST = (Sign.DIAMOND, Sign.DOT, Sign.RING)


@dataclass(frozen=True)
class DrawnMoment:
    """A moment of the list, in its order. `name` is written beside it where it `is_key`."""

    at: datetime
    name: str = ""
    is_key: bool = False
    sign: Sign = Sign.RING


@dataclass(frozen=True)
class Band:
    """The 72 hours, until when they were used, and the moment the picture is drawn at."""

    start: datetime
    due: datetime
    stopped_at: datetime | None
    drawn_at: datetime

    @property
    def used_until(self) -> datetime:
        """When the filing or a decision ended it, or now."""
        return self.stopped_at or self.drawn_at


@dataclass(frozen=True)
class _Cluster:
    """Moments that share one sign. `first` and `last` are their numbers."""

    x: float
    first: int
    last: int
    sign: Sign
    since: datetime
    until: datetime

    @property
    def numbers(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def width(self) -> float:
        return text_width(self.numbers, _NUMBER_SIZE)

    def joined(self, other: "_Cluster") -> "_Cluster":
        """Both as one, between them."""
        sign = min(self.sign, other.sign, key=_STRONGEST.index)
        # A sign that carries the case keeps its place on the axis.
        kept = [each.x for each in (self, other) if each.sign is sign]
        x = kept[0] if len(kept) == 1 else (self.x + other.x) / 2
        return _Cluster(x, self.first, other.last, sign, self.since, other.until)


def draw_timeline(moments: Sequence[DrawnMoment], band: Band | None, voice: Voice) -> Drawing:
    """The picture of moments in order of time; `band` is None where no clock was started."""
    before, within, after = _parted(moments, band)
    left = _room_of(before, band)
    right = _room_of(after, band)
    start, end = _EDGE + left, WIDTH - _EDGE - right
    if band is None:
        clusters = _side_by_side(before, 1, _EDGE, WIDTH - _EDGE, _GROUPS_MOST_ALONE)
        outside = [clusters]
    else:
        head = _side_by_side(before, 1, _EDGE, start - _CLEAR, _GROUPS_MOST)
        body = _to_scale(within, 1 + len(before), band, start, end)
        first = 1 + len(before) + len(within)
        tail = _side_by_side(after, first, end + _CLEAR, WIDTH - _EDGE, _GROUPS_MOST)
        clusters = _none_touching([*head, *body, *tail])
        outside = [head, tail]
    names = _placed_names(moments, clusters, band, start, end, voice)
    lanes = 1 + max((name.lane for name in names), default=-1)
    axis = lanes * LANE + _BAND_HALF + 1.6
    shapes = [
        *_axis(band, start, end, axis),
        *(_late(band, end, clusters, axis) if band else ()),
        *_silences(outside, band, start, end, axis, voice),
        *(_scale(band, start, end, axis, voice) if band else ()),
        *draw_names(names, lanes, axis - _BAND_HALF),
        *_signs(clusters, axis),
    ]
    height = axis + _BAND_HALF + (13.6 if band else 7.2)
    return Drawing(
        WIDTH, round(height, 2), tuple(shapes), _told(moments, band, voice), _legend(band, voice)
    )


def _parted(
    moments: Sequence[DrawnMoment], band: Band | None
) -> tuple[Sequence[DrawnMoment], Sequence[DrawnMoment], Sequence[DrawnMoment]]:
    if band is None:
        return moments, (), ()
    return (
        [moment for moment in moments if moment.at < band.start],
        [moment for moment in moments if band.start <= moment.at <= band.due],
        [moment for moment in moments if moment.at > band.due],
    )


def _room_of(moments: Sequence[DrawnMoment], band: Band | None) -> float:
    """How wide the axis is drawn beside the 72 hours."""
    if band is None or not moments:
        return 0
    distinct = len({moment.at for moment in moments})
    return _STEP * min(distinct, _GROUPS_MOST) + _CLEAR


def _single(moment: DrawnMoment, number: int, x: float) -> _Cluster:
    return _Cluster(x, number, number, moment.sign, moment.at, moment.at)


def _side_by_side(
    moments: Sequence[DrawnMoment], first: int, left: float, right: float, most: int
) -> list[_Cluster]:
    """Groups at the same distance from each other; the closest in time share one."""
    groups = [_single(moment, number, 0) for number, moment in enumerate(moments, first)]
    while len(groups) > most or _has_twins(groups):
        gaps = [later.since - sooner.until for sooner, later in pairwise(groups)]
        place = gaps.index(min(gaps))
        groups[place : place + 2] = [groups[place].joined(groups[place + 1])]
    step = (right - left) / max(1, len(groups))
    return [
        _Cluster(
            left + step * (place + 0.5), each.first, each.last, each.sign, each.since, each.until
        )
        for place, each in enumerate(groups)
    ]


def _has_twins(groups: Sequence[_Cluster]) -> bool:
    return any(sooner.until == later.since for sooner, later in pairwise(groups))


def _to_scale(
    moments: Sequence[DrawnMoment], first: int, band: Band, start: float, end: float
) -> list[_Cluster]:
    """Where time puts them; those whose numbers would touch share one sign."""
    return _none_touching(
        _single(moment, number, _at(moment.at, band, start, end))
        for number, moment in enumerate(moments, first)
    )


def _none_touching(clusters: Iterable[_Cluster]) -> list[_Cluster]:
    apart: list[_Cluster] = []
    for cluster in clusters:
        apart.append(cluster)
        while len(apart) > 1 and _touch(*apart[-2:]):
            apart[-2:] = [apart[-2].joined(apart[-1])]
    return apart


def _at(moment: datetime, band: Band, start: float, end: float) -> float:
    share = (moment - band.start) / (band.due - band.start)
    return start + min(1.0, max(0.0, share)) * (end - start)


def _touch(one: _Cluster, other: _Cluster) -> bool:
    return other.x - one.x < (one.width + other.width) / 2 + _APART


def _placed_names(
    moments: Sequence[DrawnMoment],
    clusters: Sequence[_Cluster],
    band: Band | None,
    start: float,
    end: float,
    voice: Voice,
) -> list[PlacedName]:
    """The names of key moments first, and of these the strongest sign."""
    numbered = [(number, moment) for number, moment in enumerate(moments, 1) if moment.name]
    numbered.sort(key=lambda pair: (not pair[1].is_key, _STRONGEST.index(pair[1].sign)))
    points = []
    for number, moment in numbered:
        x = next(each.x for each in clusters if each.first <= number <= each.last)
        if band and band.start <= moment.at <= band.due:
            x = _at(moment.at, band, start, end)
        points.append(NamedPoint(moment.name, voice.short(moment.at), moment.is_key, x))
    return place_names(points, WIDTH)


def _axis(band: Band | None, start: float, end: float, axis: float) -> Iterable[Shape]:
    if band is None:
        yield Stroke(_EDGE, axis, WIDTH - _EDGE, axis, 0.7, Dash.DOTTED)
        return
    if start > _EDGE:
        yield Stroke(_EDGE, axis, start, axis, 0.7, Dash.DOTTED)
    if end < WIDTH - _EDGE:
        yield Stroke(end, axis, WIDTH - _EDGE, axis, 0.7, Dash.DOTTED)
    top, height = axis - _BAND_HALF, 2 * _BAND_HALF
    used = _at(band.used_until, band, start, end)
    yield Area(start, top, end - start, height, Shade.LIGHT)
    if used > start:
        yield Area(start, top, used - start, height, Shade.MEDIUM)


def _late(band: Band, end: float, clusters: Sequence[_Cluster], axis: float) -> Iterable[Shape]:
    """From the due moment to the filing, or to the last moment where nothing was filed."""
    if band.used_until <= band.due or not clusters:
        return
    reached = [each.x for each in clusters if end < each.x and each.since <= band.used_until]
    if reached:
        top, height = axis - _BAND_HALF, 2 * _BAND_HALF
        yield Area(end, top, max(reached) - end, height, Shade.HATCHED)


def _signs(clusters: Iterable[_Cluster], axis: float) -> Iterable[Shape]:
    for each in clusters:
        size = 1.7 if each.sign is Sign.DIAMOND else 1.25
        yield Mark(round(each.x, 2), axis, each.sign, size)
        width = each.width
        yield Caption(
            each.x - width / 2,
            axis + _BAND_HALF + 0.9,
            width,
            each.numbers,
            Align.CENTRE,
            _NUMBER_SIZE,
        )


def _scale(band: Band, start: float, end: float, axis: float, voice: Voice) -> Iterable[Shape]:
    """Ticks under the band each 24 hours, with the hour counted and the local moment."""
    below = axis + _BAND_HALF + 5.2
    yield Stroke(start, below, end, below, 0.4)
    moments = [band.start]
    while moments[-1] + _DAY < band.due:
        moments.append(moments[-1] + _DAY)
    for moment in [*moments, band.due]:
        x = _at(moment, band, start, end)
        hours = round((moment - band.start) / timedelta(hours=1))
        count = voice.text("%(hours)s h", hours=hours)
        width = 24.0
        edge = min(max(0.0, x - width / 2), WIDTH - width)
        align = Align.CENTRE
        yield Stroke(x, below - 0.9, x, below + 0.9, 0.6)
        yield Caption(edge, below + 1.3, width, count, align, _TIME_SIZE, bold=True)
        yield Caption(edge, below + 4.0, width, voice.short(moment), align, 6.0)


def _silences(
    sides: Sequence[Sequence[_Cluster]],
    band: Band | None,
    start: float,
    end: float,
    axis: float,
    voice: Voice,
) -> Iterable[Shape]:
    """The length of each long silence, over the dotted axis."""
    for side in sides:
        stops = [(each.x, each.since, each.until) for each in side]
        if band and side and side[0].until < band.start:
            stops.append((start, band.start, band.start))
        if band and side and side[0].since > band.due:
            stops.insert(0, (end, band.due, band.due))
        for (x1, _, until), (x2, since, _) in pairwise(stops):
            length = since - until
            if length >= _SILENCE:
                said = _short_span(length, voice)
                width = text_width(said, _TIME_SIZE) + 1
                middle = (x1 + x2) / 2
                yield Caption(middle - width / 2, axis - 4.6, width, said, Align.CENTRE, 6.0)


def _short_span(length: timedelta, voice: Voice) -> str:
    if length >= 2 * _DAY:
        return voice.text("%(days)s j", days=voice.count(length.days))
    return voice.text("%(hours)s h", hours=int(length / timedelta(hours=1)))


def _legend(band: Band | None, voice: Voice) -> str:
    signs = voice.text(
        "Les numéros sont ceux de la liste qui suit. ● et ◆ : moment qui compte, dépôt ; ○ : "
        "autre moment."
    )
    if band is None:
        return voice.text("%(signs)s L’axe n’est pas à l’échelle.", signs=signs)
    return voice.text(
        "%(signs)s Bande : les 72 heures, à l’échelle ; en gris soutenu, le temps employé ; "
        "hachuré, le retard. Pointillés : hors de l’échelle, avec la durée des silences.",
        signs=signs,
    )


def _told(moments: Sequence[DrawnMoment], band: Band | None, voice: Voice) -> str:
    """The picture in words."""
    first, last = moments[0].at, moments[-1].at
    said = [
        voice.text(
            "Frise de %(count)s moments, du %(first)s au %(last)s.",
            count=len(moments),
            first=voice.short(first),
            last=voice.short(last),
        )
    ]
    if band is not None:
        said.append(
            voice.text(
                "Les 72 heures vont du %(start)s au %(due)s.",
                start=voice.short(band.start),
                due=voice.short(band.due),
            )
        )
    named = [f"{each.name}, {voice.short(each.at)}" for each in moments if each.is_key]
    if named:
        said.append(voice.text("Moments qui comptent : %(moments)s.", moments=" · ".join(named)))
    return " ".join(said)
