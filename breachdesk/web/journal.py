"""The journal of a case: who did what, when and why, and whether the chain holds."""

from dataclasses import dataclass

from flask import Blueprint, request, url_for

from breachdesk.domain.access import Action
from breachdesk.domain.lifecycle import Channel
from breachdesk.models import JournalEntry
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.web.case_pages import case_page
from breachdesk.web.language import say, timezone, wording
from breachdesk.web.request import case_or_404, session
from breachdesk.wording.journal import journal_line

pages = Blueprint("journal", __name__, url_prefix="/incidents/<reference>")

LINES_PER_PAGE = 200
# Enough of a hash to compare two at sight; the whole one is beside it.
SHORT_HASH = 10


@dataclass(frozen=True)
class Line:
    """One line as the page shows it."""

    entry: JournalEntry
    sentence: str
    # Whom it is about, where that is said in a column of its own.
    whom: str = ""

    @property
    def who(self) -> str:
        """Who did it: one of our people, somebody without an account, or the desk itself."""
        if self.entry.actor:
            return self.entry.actor.name
        channel = self.entry.parameters.get("channel")
        if channel is None:
            return "breachdesk"
        return say("Sous-traitant") if channel == Channel.PROCESSOR_LINK else say("Sans compte")

    @property
    def short_hash(self) -> str:
        """The beginning of its hash."""
        return self.entry.hash[:SHORT_HASH]

    @property
    def is_reason_erased(self) -> bool:
        """Whether a reason was given that is no longer kept."""
        return bool(self.entry.commitment) and self.entry.reason is None


@pages.get("/journal")
def listing(reference: str) -> str:
    """The lines, the latest first."""
    case, seat = case_or_404(reference, Action.SEE_JOURNAL)
    entries = journal_of(session(), case.incident)
    last = max(1, -(-len(entries) // LINES_PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    shown = entries[::-1][(page - 1) * LINES_PER_PAGE : page * LINES_PER_PAGE]
    return case_page(
        "journal/listing.html",
        case,
        seat,
        lines=[line_of(entry) for entry in shown],
        total=len(entries),
        broken=first_broken_entry(entries),
        page=page,
        last=last,
        page_url=lambda number: url_for("journal.listing", reference=reference, page=number),
    )


def line_of(entry: JournalEntry, *, whom: str = "") -> Line:
    """A line with its sentence in the reader's language."""
    sentence = journal_line(entry.code, entry.parameters, wording(), timezone())
    return Line(entry, sentence, whom)
