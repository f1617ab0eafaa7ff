"""Reading filings back: as they were frozen, what changed since, and as files to take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.documents.phase_document import PhasePaper, print_phase
from breachdesk.domain.access import Action
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.errors import NotFound
from breachdesk.domain.journal import Entry, Line
from breachdesk.domain.journal_file import FiledLine, TextState
from breachdesk.domain.phase_document import (
    PHASE_FORMAT,
    Change,
    FieldAsFiled,
    OlderField,
    changes_between,
    fields_as_filed,
    fields_as_they_stand,
    fields_of_older,
    left_open,
)
from breachdesk.domain.regimes import authorities
from breachdesk.models import AuthorityPhase, Incident, JournalEntry
from breachdesk.services.acting import Acting, Desk
from breachdesk.services.authority import AUTHORITY, lay_out_forms
from breachdesk.services.case_records import read_case_for_form
from breachdesk.services.journal import chain_of
from breachdesk.services.sealing import seal_printed


@dataclass(frozen=True)
class ReadPhase:
    """A filing, with the one before it that it completes or withdraws, if there is one."""

    row: AuthorityPhase
    before: AuthorityPhase | None
    is_last: bool

    @property
    def content(self) -> Mapping[str, Any]:
        """The forms as they were frozen; empty where they were kept in an older shape."""
        return _content_of(self.row)

    @property
    def is_comparable(self) -> bool:
        """Whether what changed since the filing before can be said: both were kept whole."""
        return bool(self.content) and self.before is not None and bool(_content_of(self.before))

    @property
    def older_fields(self) -> tuple[OlderField, ...]:
        """What an older version kept, where it is one of those."""
        return () if self.content else fields_of_older(self.row.content)

    def changes(self, form: str) -> tuple[Change, ...]:
        """What changed in a form since the filing before."""
        before = fields_as_filed(_content_of(self.before), form) if self.before else ()
        return changes_between(before, fields_as_filed(self.content, form)) if before else ()


@dataclass(frozen=True)
class SinceThen:
    """What a follow-up would say now.

    Args:
        changes: from the last filing to the case as it stands.
        still_open: what that filing did not know or left unanswered, and still stands so.
    """

    changes: tuple[Change, ...]
    still_open: tuple[FieldAsFiled, ...]


def read_filing(session: Session, incident: Incident, sequence: int, *, by: Acting) -> ReadPhase:
    """One filing of a case.

    Raises:
        NotFound: the case has no filing of that number.
    """
    by.demand(Action.SEE_CASE)
    rows = session.scalars(
        select(AuthorityPhase)
        .where(AuthorityPhase.incident_id == incident.id)
        .order_by(AuthorityPhase.sequence)
        .options(joinedload(AuthorityPhase.recorded_by), joinedload(AuthorityPhase.receipt))
    ).all()
    for place, row in enumerate(rows):
        if row.sequence == sequence:
            before = rows[place - 1] if place else None
            # After a withdrawal begins something new.
            if before is not None and before.kind == NotificationKind.WITHDRAWAL:
                before = None
            return ReadPhase(row, before, is_last=place == len(rows) - 1)
    raise NotFound("unknown_phase", number=sequence)


def read_since_then(
    session: Session, incident: Incident, phase: ReadPhase, form: str, *, by: Acting, now: datetime
) -> SinceThen:
    """What changed between a filing and the case as it stands at `now`."""
    by.demand(Action.SEE_CASE)
    record = read_case_for_form(session, incident, by=by.user, now=now)
    after = fields_as_they_stand(lay_out_forms(record)[form])
    open_now = {field.code: field for field in after}
    return SinceThen(
        changes_between(fields_as_filed(phase.content, form), after),
        tuple(
            field
            for field in left_open(phase.content, form)
            if field.code in open_now and open_now[field.code].status is field.status
        ),
    )


def print_filing(
    session: Session,
    desk: Desk,
    incident: Incident,
    phase: ReadPhase,
    locale: str,
    *,
    by: Acting,
    now: datetime,
) -> bytes:
    """A filing as a PDF under the installation's seal; see `print_phase`.

    Made anew each time: what does not change is the filing's content, whose hash the journal
    holds, and the line that says it goes into the PDF. Content that was altered in the database
    is therefore found by whoever checks the file.

    Raises:
        NotFound: it was kept in an older shape, before filings could be printed.
        DocumentFailed: the document could not be typeset.
    """
    by.demand(Action.SEE_CASE)
    line = _line_of(session, incident, phase.row.sequence) if phase.content else None
    if line is None:
        raise NotFound("unknown_phase", number=phase.row.sequence)
    paper = PhasePaper(
        content=phase.content,
        before=_content_of(phase.before) if phase.before else {},
        authority=authorities()[AUTHORITY].name.in_locale(locale),
        title=incident.title,
        timezone=incident.organisation.timezone,
        made_at=now,
        made_by=by.user.name,
        line=line,
        fingerprint=desk.seal.shown_fingerprint,
    )
    # Printing and sealing take half a second: nobody who writes need wait for it.
    session.commit()
    return seal_printed(desk, print_phase(paper, locale), at=now).content


def _line_of(session: Session, incident: Incident, sequence: int) -> FiledLine | None:
    """The journal's line of a filing, without its text and the name beside it."""
    chain = chain_of(incident)
    rows = session.scalars(
        select(JournalEntry).where(
            JournalEntry.chain == chain, JournalEntry.code == Entry.PHASE_FILED
        )
    )
    for row in rows:
        if row.parameters.get("sequence") == sequence:
            line = Line(
                chain=chain,
                sequence=row.sequence,
                at=row.at,
                actor_id=row.actor_id,
                code=row.code,
                parameters=row.parameters,
                commitment=row.commitment,
                previous=row.previous,
            )
            state = TextState.REMOVED if row.commitment else TextState.KEPT
            return FiledLine(line, row.hash, state=state)
    return None


def _content_of(row: AuthorityPhase) -> Mapping[str, Any]:
    return row.content if row.content.get("format") == PHASE_FORMAT else {}
