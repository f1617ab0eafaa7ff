"""What became of the messages, as a picture: one bar for each state, told apart without colour."""

from collections.abc import Iterable, Mapping

from breachdesk.documents.drawing import Area, Caption, Drawing, Shade, Shape, Stroke
from breachdesk.documents.voice import Voice
from breachdesk.domain.deliveries import KEPT_COUNT, DeliveryState
from breachdesk.wording import labels

# Millimetres, on the width of the text.
WIDTH = 166.0
_NAMES = 54.0
_FIGURES = 30.0
_BARS = WIDTH - _NAMES - _FIGURES
_ROW = 6.4
_BAR = 3.8
# A few among thousands must still be seen.
_LEAST = 0.7

_SHADES: Mapping[str, Shade] = {
    DeliveryState.SENT: Shade.DARK,
    KEPT_COUNT: Shade.MEDIUM,
    DeliveryState.QUEUED: Shade.LIGHT,
    DeliveryState.SENDING: Shade.LIGHT,
    DeliveryState.REFUSED: Shade.HATCHED,
    DeliveryState.FAILED: Shade.HATCHED,
    DeliveryState.CANCELLED: Shade.NONE,
}


def draw_deliveries(deliveries: Mapping[str, int], voice: Voice) -> Drawing:
    """Bars in proportion to the greatest count, each with its state and its figure.

    Args:
        deliveries: a count for each state, at least one above 0.
    """
    greatest = max(deliveries.values())
    total = sum(deliveries.values())
    shapes = [
        shape
        for row, (state, count) in enumerate(deliveries.items())
        for shape in _bar(row, state, count, greatest, total, voice)
    ]
    height = _ROW * len(deliveries)
    foot = Stroke(_NAMES, 0, _NAMES, height, 0.6)
    return Drawing(WIDTH, height, (*shapes, foot), _told(deliveries, total, voice))


def _bar(
    row: int, state: str, count: int, greatest: int, total: int, voice: Voice
) -> Iterable[Shape]:
    top = row * _ROW + (_ROW - _BAR) / 2
    length = max(_LEAST, _BARS * count / greatest) if count else 0.0
    yield Caption(0, top + 0.3, _NAMES - 2, labels.delivery_state_label(state, voice.wording))
    if length:
        yield Area(_NAMES, top, length, _BAR, _SHADES.get(state, Shade.MEDIUM))
    figure = f"{voice.count(count)} ({voice.share(count, total)})"
    yield Caption(_NAMES + length + 1.5, top + 0.3, _FIGURES - 1.5, figure, bold=True)


def _told(deliveries: Mapping[str, int], total: int, voice: Voice) -> str:
    """The picture in words."""
    parts = " · ".join(
        voice.text(
            "%(state)s : %(count)s",
            state=labels.delivery_state_label(state, voice.wording),
            count=voice.count(count),
        )
        for state, count in deliveries.items()
    )
    return voice.text(
        "Ce que sont devenus les %(total)s messages, en barres. %(parts)s.",
        total=voice.count(total),
        parts=parts,
    )
