"""How a document speaks: one language, one timezone, the same turns everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breachdesk.documents.content import Entry, Tone
from breachdesk.domain.case_record import CaseRecord
from breachdesk.wording import Wording, labels
from breachdesk.wording.times import duration, local_time, number, short_time

DASH = "–"


@dataclass(frozen=True)
class Voice:
    """Says things to the reader of one document."""

    wording: Wording
    timezone: str
    # What whoever reported without an account is called, in a case where somebody did.
    outsider: str = ""

    def text(self, message: str, **parameters: object) -> str:
        """Say a message of the catalogue."""
        return self.wording.text(message, **parameters)

    def plural(self, one: str, many: str, n: int, **parameters: object) -> str:
        """Say a message in the number of `n`."""
        return self.wording.plural(one, many, n, **parameters)

    def when(self, instant: datetime, *, zone: bool = False) -> str:
        """An instant in full, like "lundi 23 novembre 2026 à 11 h 40"."""
        return local_time(instant, self.timezone, self.wording, zone=zone)

    def short(self, instant: datetime | None) -> str:
        """An instant for a table; a dash where there is none."""
        return short_time(instant, self.timezone) if instant else DASH

    def span(self, length: timedelta) -> str:
        """A length of time, like "64 h 55"."""
        return duration(length, self.wording)

    def count(self, value: float) -> str:
        """A number with its thousands parted."""
        return number(value, self.wording)

    def share(self, part: float, whole: float) -> str:
        """A part of a whole, like "99,6 %"; never a whole or nothing by rounding alone."""
        share = 100 * part / whole
        if 0 < share < 0.1:
            return self.text("< %(share)s %%", share=self.count(0.1))
        if 99.9 < share < 100:
            return self.text("> %(share)s %%", share=self.count(99.9))
        return self.text("%(share)s %%", share=self.count(round(share, 1)))

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        return self.text("Oui") if value else self.text("Non")

    def by(self, who: str) -> str:
        """Who acted; nobody means the desk itself."""
        return who or self.text("breachdesk")

    def author(self, who: str) -> str:
        """Who said or gave something; whoever has no name here has no account."""
        return who or self.outsider


def voice_of(record: CaseRecord, wording: Wording) -> Voice:
    """How a document about this case speaks."""
    outside = record.outside
    outsider = labels.reporter_without_account(outside.processor, wording) if outside else ""
    return Voice(wording, record.organisation.timezone, outsider)


def entries_with_text(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Only the entries that say something, or warn that something is missing."""
    return tuple(entry for entry in entries if entry.text or entry.tone is Tone.WARNING)
