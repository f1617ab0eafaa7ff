"""Pictures as plain shapes on a sheet, in millimetres from its upper left corner.

Any printer can draw them; nothing here is markup. A picture must be understood without
colour: shapes and shades differ, and `Drawing.description` says the whole in words.
"""

from dataclasses import dataclass
from enum import StrEnum


class Shade(StrEnum):
    """How a surface is filled; each is told from the others in black and white."""

    NONE = "none"
    LIGHT = "light"
    MEDIUM = "medium"
    DARK = "dark"
    HATCHED = "hatched"


class Dash(StrEnum):
    """How a line is drawn."""

    SOLID = "solid"
    DOTTED = "dotted"


class Align(StrEnum):
    """Where the text of a caption stands in its width."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class Sign(StrEnum):
    """RING: a moment. DOT: one that carries the case. DIAMOND: a filing."""

    RING = "ring"
    DOT = "dot"
    DIAMOND = "diamond"


@dataclass(frozen=True)
class Stroke:
    """A straight line; `weight` in points."""

    x1: float
    y1: float
    x2: float
    y2: float
    weight: float = 0.5
    dash: Dash = Dash.SOLID
    shape: str = "stroke"


@dataclass(frozen=True)
class Area:
    """A rectangle with an outline."""

    x: float
    y: float
    width: float
    height: float
    shade: Shade
    shape: str = "area"


@dataclass(frozen=True)
class Mark:
    """A sign whose middle is at x, y; `size` is half its width."""

    x: float
    y: float
    sign: Sign
    size: float = 1.1
    shape: str = "mark"


@dataclass(frozen=True)
class Caption:
    """One line of text in a place of its own; what does not fit is cut. `size` in points."""

    x: float
    y: float
    width: float
    text: str
    align: Align = Align.LEFT
    size: float = 7.0
    bold: bool = False
    shape: str = "caption"

    @property
    def right(self) -> float:
        """The right edge of its place."""
        return self.x + self.width


Shape = Stroke | Area | Mark | Caption


@dataclass(frozen=True)
class Drawing:
    """A picture. `description` is its alternative text; `legend` says what the shapes mean."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    description: str
    legend: str = ""
    kind: str = "drawing"


# A point is 25.4/72 mm; in the sans face an average letter is half its size wide, a capital
# more: this is ample for words, so that what is given a place fits in it.
_EM = 25.4 / 72
_AVERAGE_LETTER = 0.56


def text_width(text: str, size: float) -> float:
    """About how wide a line of text is, in millimetres, rather too wide than too narrow."""
    return len(text) * size * _EM * _AVERAGE_LETTER + 0.6
