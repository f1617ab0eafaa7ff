"""A case beside the authority's published notifications: a sentence, a small bar, its limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from breachdesk.models import Assessment
from breachdesk.services.acting import Acting
from breachdesk.services.published_notifications import published_beside
from breachdesk.web.language import wording
from breachdesk.web.request import session
from breachdesk.wording.published_notifications import Beside, ToldShare, describe_beside

# The bar is drawn 720 units wide; its parts stand apart by a little paper.
_WIDTH, _GAP = 720.0, 5.0


@dataclass(frozen=True)
class BarPart:
    """A part of the bar, in the drawing's units."""

    code: str
    x: float
    width: float


@dataclass(frozen=True)
class PublishedBlock:
    """What templates/published/_beside.html shows."""

    said: Beside
    bar: Sequence[BarPart]


def published_block(assessment: Assessment, seat: Acting) -> PublishedBlock:
    """The block for an assessed case."""
    found = published_beside(session(), assessment, seat.organisation.sector)
    said = describe_beside(found, wording())
    return PublishedBlock(said, list(_bar(said.told)))


def _bar(told: Sequence[ToldShare]) -> Iterator[BarPart]:
    """The parts side by side; what is nothing takes no room."""
    shown = [each for each in told if each.part]
    room = _WIDTH - _GAP * (len(shown) - 1)
    x = 0.0
    for each in shown:
        width = each.part * room
        yield BarPart(each.code, round(x, 1), round(width, 1))
        x += width + _GAP
