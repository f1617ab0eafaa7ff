"""What a printed document says: plain, frozen blocks of strings that any printer can lay out.

Everything is text already worded for the reader; nothing here is markup. The Typst
template reads the whole as JSON, field by field.
"""

from dataclasses import dataclass
from enum import StrEnum

from breachdesk.documents.drawing import Drawing


class Tone(StrEnum):
    """How a passage is set; each tone has its word in the text, never colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    LATE = "late"
    MUTED = "muted"


class ColumnStyle(StrEnum):
    """TEXT is set as prose, CODE in a monospaced face, NUMBER to the right."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in our own words."""

    text: str
    tone: Tone = Tone.PLAIN
    kind: str = "paragraph"


@dataclass(frozen=True)
class Quotation:
    """A text that a person wrote, as it was written, line breaks included."""

    text: str
    kind: str = "quotation"


@dataclass(frozen=True)
class Subheading:
    """A heading inside a section."""

    text: str
    kind: str = "subheading"


@dataclass(frozen=True)
class Entry:
    """One labelled value. `tone` WARNING marks what is missing or not known.

    `origin` says who says so, when, after which source; empty where the text says it itself.
    """

    label: str
    text: str
    tone: Tone = Tone.PLAIN
    origin: str = ""


@dataclass(frozen=True)
class Entries:
    """Labelled values, one under the other."""

    entries: tuple[Entry, ...]
    kind: str = "entries"


@dataclass(frozen=True)
class Column:
    """A column of a table; `share` of the width, in proportion to the others."""

    title: str
    share: float
    style: ColumnStyle = ColumnStyle.TEXT


@dataclass(frozen=True)
class Table:
    """A table with its head; every row has as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


@dataclass(frozen=True)
class Event:
    """One moment of a timeline. `marked` events carry the case: awareness, filing...

    Args:
        number: by which the picture refers to it.
        gap: how long nothing was recorded before it, where that was long; else empty.
    """

    number: str
    when: str
    text: str
    who: str = ""
    tone: Tone = Tone.PLAIN
    marked: bool = False
    gap: str = ""


@dataclass(frozen=True)
class Timeline:
    """Moments in order of time, drawn along a line."""

    events: tuple[Event, ...]
    kind: str = "timeline"


@dataclass(frozen=True)
class Gauge:
    """How much of a time limit was used, from 0 to 1; `description` says it in words."""

    used: float
    tone: Tone
    start: str
    end: str
    description: str
    kind: str = "gauge"


@dataclass(frozen=True)
class LogLine:
    """One line of a journal: its number, the time of day, who did what, and its hash."""

    number: str
    time: str
    who: str
    what: str
    hash: str


@dataclass(frozen=True)
class LogDay:
    """The lines of one day."""

    title: str
    lines: tuple[LogLine, ...]


@dataclass(frozen=True)
class Log:
    """A journal, day by day. Ten thousand lines as a table take four times the memory."""

    days: tuple[LogDay, ...]
    kind: str = "log"


Block = Paragraph | Quotation | Subheading | Entries | Table | Timeline | Gauge | Drawing | Log


@dataclass(frozen=True)
class Section:
    """A part of a chapter; without a title where the chapter's own says it all."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Chapter:
    """A question that the dossier answers, or an annex behind it.

    Args:
        number: "1" for a question, "A" for an annex.
    """

    number: str
    title: str
    sections: tuple[Section, ...]
    is_annex: bool = False


@dataclass(frozen=True)
class Summary:
    """The first half page: what an inspector must know before reading on."""

    lead: str
    entries: tuple[Entry, ...]
    gauge: Gauge | None


@dataclass(frozen=True)
class Frame:
    """What surrounds the pages. `page` has the places {page} and {pages}.

    Args:
        mark: what the cover must say before anything else; mostly empty.
    """

    kicker: str
    organisation: str
    reference: str
    number: str
    made: str
    confidential: str
    page: str
    contents: str
    annexes: str
    mark: str = ""


@dataclass(frozen=True)
class DossierContent:
    """The dossier, ready to print in one language."""

    locale: str
    title: str
    heading: str
    frame: Frame
    summary: Summary
    chapters: tuple[Chapter, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of every chapter, in order."""
        return tuple(section for chapter in self.chapters for section in chapter.sections)
