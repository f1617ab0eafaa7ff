"""Names above the axis of a timeline, in lanes, placed so that none covers another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from breachdesk.documents.drawing import Align, Caption, Shape, Stroke, text_width

# Millimetres: the height of a lane, and how far texts stay from each other.
LANE = 7.4
_APART = 0.8
# Between a leader and its text.
_BESIDE = 1.0
_SECOND_LINE = 3.1
_NAME_SIZE = 7.2
_TIME_SIZE = 6.4
_LANES_MOST = 5
# What does not carry the case is named only where that makes the picture hardly taller.
_LANES_OF_OTHERS = 2


@dataclass(frozen=True)
class NamedPoint:
    """What is to be named at a place of the axis."""

    text: str
    when: str
    is_key: bool
    x: float

    @property
    def width(self) -> float:
        """How much room both lines take, with what keeps them from their leader."""
        widest = max(text_width(self.text, _NAME_SIZE), text_width(self.when, _TIME_SIZE))
        return widest + _BESIDE + 0.4


@dataclass(frozen=True)
class PlacedName:
    """A name in its lane, the lowest being 0, from its left edge on; its leader is at `point.x`."""

    point: NamedPoint
    lane: int
    edge: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.edge + self.point.width

    def leaves_free(self, other: "PlacedName") -> bool:
        """Whether its text covers neither the text nor the leader of the other."""
        if self.lane == other.lane:
            return self.right + _APART <= other.edge or other.right + _APART <= self.edge
        if self.lane < other.lane:
            return not self.edge - _APART < other.point.x < self.right + _APART
        return True


def place_names(points: Sequence[NamedPoint], width: float) -> list[PlacedName]:
    """Each in the lowest lane where it covers nothing; those with no room are left out.

    Args:
        points: the most important first.
        width: of the picture.
    """
    placed: list[PlacedName] = []
    for point in points:
        lanes = _LANES_MOST if point.is_key else _LANES_OF_OTHERS
        tried = (
            PlacedName(point, lane, edge) for lane in range(lanes) for edge in _edges(point, width)
        )
        free = (
            name
            for name in tried
            if all(name.leaves_free(other) and other.leaves_free(name) for other in placed)
        )
        placed += islice(free, 1)
    return placed


def _edges(point: NamedPoint, width: float) -> list[float]:
    """Where the text can begin: right of its leader, else left of it."""
    most = width - point.width
    beside = [edge for edge in (point.x, point.x - point.width) if 0 <= edge <= most]
    return beside or [max(0.0, most)]


def draw_names(names: Iterable[PlacedName], lanes: int, foot: float) -> Iterable[Shape]:
    """The names and their leaders down to `foot`."""
    for each in names:
        point, top = each.point, (lanes - 1 - each.lane) * LANE
        stands_left = each.edge < point.x
        align = Align.RIGHT if stands_left else Align.LEFT
        start = each.edge if stands_left else each.edge + _BESIDE
        room = point.width - _BESIDE
        yield Stroke(point.x, top + 0.4, point.x, foot, 0.4)
        yield Caption(start, top, room, point.text, align, _NAME_SIZE, bold=point.is_key)
        yield Caption(start, top + _SECOND_LINE, room, point.when, align, _TIME_SIZE)
