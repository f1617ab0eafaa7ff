"""Single-use links by which a processor declares a breach to us (GDPR Art. 33(2))."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput, NotFound, WrongStep
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.processor_links import LinkState, link_state
from breachdesk.domain.reporting import LONGEST_LINK_DAYS, PROCESSOR_LINK_LASTS
from breachdesk.models import Incident, ProcessorLink
from breachdesk.services.acting import Acting, Desk, Stranger
from breachdesk.services.incidents import Report
from breachdesk.services.journal import write_journal
from breachdesk.services.outside_reports import Identity, Received, received_before, take_in
from breachdesk.services.tokens import new_token, token_hash
from breachdesk.services.visibility import is_visible_to

LONGEST_NAME = 200


@dataclass(frozen=True)
class Declaration:
    """What a processor declares: the report, who may be reached, when they became aware."""

    report: Report
    aware_at: datetime
    identity: Identity


def make_link(
    session: Session,
    processor: str,
    *,
    by: Acting,
    now: datetime,
    lasts: timedelta = PROCESSOR_LINK_LASTS,
) -> str:
    """Make a link for a processor; its token, shown once and kept nowhere.

    Raises:
        InvalidInput: no name, or a duration that is none of ours.
    """
    by.demand(Action.INVITE_PROCESSOR)
    name = _checked_name(processor)
    if not timedelta(days=1) <= lasts <= timedelta(days=LONGEST_LINK_DAYS):
        raise InvalidInput("link_lasts_wrong", field="days", most=LONGEST_LINK_DAYS)
    token = new_token()
    link = ProcessorLink(
        organisation=by.organisation,
        token_hash=token_hash(token),
        processor=name,
        made_by=by.user,
        made_at=now,
        expires_at=now + lasts,
    )
    session.add(link)
    session.flush()
    entry = Entry.PROCESSOR_INVITED
    write_journal(session, by.organisation, entry, by=by.user, at=now, link=link.id)
    session.commit()
    return token


def _checked_name(processor: str) -> str:
    name = processor.strip()
    if not name:
        raise InvalidInput("processor_missing", field="processor")
    if len(name) > LONGEST_NAME:
        raise InvalidInput("text_too_long", field="processor", longest=LONGEST_NAME)
    return name


def links_of(session: Session, seat: Acting) -> list[tuple[ProcessorLink, str | None]]:
    """The links of an organisation, the latest first, each with the case it opened.

    The case is None where there is none yet, or none that the person may know of.
    """
    seat.demand(Action.INVITE_PROCESSOR)
    rows = session.execute(
        select(ProcessorLink, Incident.reference)
        .outerjoin(
            Incident,
            (Incident.id == ProcessorLink.incident_id) & is_visible_to(seat.user.id),
        )
        .where(ProcessorLink.organisation_id == seat.organisation.id)
        .order_by(ProcessorLink.id.desc())
        .options(joinedload(ProcessorLink.made_by))
    )
    return [(link, reference) for link, reference in rows]


def revoke_link(session: Session, link_id: int, *, by: Acting, now: datetime) -> None:
    """Take a link back before it has served; taking it back twice changes nothing.

    Raises:
        NotFound: the organisation has no such link.
        WrongStep: it has served.
    """
    by.demand(Action.INVITE_PROCESSOR)
    link = session.get(ProcessorLink, link_id)
    if link is None or link.organisation_id != by.organisation.id:
        raise NotFound("unknown_link")
    if link.revoked_at is not None:
        return
    if not _take(session, link.id, now, revoked_at=now):
        session.rollback()
        raise WrongStep("link_used")
    entry = Entry.PROCESSOR_LINK_REVOKED
    write_journal(session, by.organisation, entry, by=by.user, at=now, link=link_id)
    session.commit()


def find_link(session: Session, token: str) -> ProcessorLink:
    """The link of a token, in whatever state; ask `state_of` before taking it.

    Raises:
        NotFound: there is none.
    """
    link = session.scalars(
        select(ProcessorLink)
        .where(ProcessorLink.token_hash == token_hash(token))
        .options(joinedload(ProcessorLink.organisation))
    ).first()
    if link is None:
        raise NotFound
    return link


def state_of(link: ProcessorLink, *, now: datetime) -> LinkState:
    """Whether a link may still be used."""
    return link_state(
        expires_at=link.expires_at, used_at=link.used_at, revoked_at=link.revoked_at, now=now
    )


def declare(
    session: Session,
    desk: Desk,
    link: ProcessorLink,
    declaration: Declaration,
    *,
    ticket: str,
    now: datetime,
) -> Received:
    """Open the case that a processor declares, use its link up, and commit.

    The organisation is taken to be aware from now on, as soon as its processor told it:
    EDPB Guidelines 9/2022 (v2.0), § 44. When the processor knew is kept beside it.
    Of two declarations sent at once one opens a case; the same form sent twice gives the
    same receipt.

    Raises:
        InvalidInput: as `begin_incident`; aware in the future.
        WrongStep: the link has served, has ended or was taken back.
    """
    organisation = link.organisation
    again = received_before(session, desk, organisation, ticket, now=now)
    if again is not None:
        return again
    if declaration.aware_at > now:
        raise InvalidInput("occurred_in_future", field="processor_aware_at")
    if not _take(session, link.id, now, used_at=now):
        session.rollback()
        return _after_somebody_else(session, desk, link, ticket, now)
    received = take_in(
        session,
        desk,
        _with_processor(link, declaration),
        declaration.identity,
        ticket=ticket,
        by=Stranger(organisation, Channel.PROCESSOR_LINK),
        now=now,
        processor=link.processor,
        processor_aware_at=declaration.aware_at,
    )
    link.incident_id = received.outside.incident_id
    session.commit()
    return received


def _after_somebody_else(
    session: Session, desk: Desk, link: ProcessorLink, ticket: str, now: datetime
) -> Received:
    """The receipt of whoever sent the same form a moment ago, or why the link is shut."""
    session.refresh(link)
    again = received_before(session, desk, link.organisation, ticket, now=now)
    if again is not None:
        return again
    raise WrongStep(f"link_{state_of(link, now=now).value}")


def _take(session: Session, link_id: int, now: datetime, **taken: datetime) -> bool:
    """Use up or take back an open link, in one statement: only one of two does. No commit."""
    taken_id = session.scalar(
        update(ProcessorLink)
        .where(
            ProcessorLink.id == link_id,
            ProcessorLink.used_at.is_(None),
            ProcessorLink.revoked_at.is_(None),
            *([ProcessorLink.expires_at > now] if "used_at" in taken else []),
        )
        .values(**taken)
        .returning(ProcessorLink.id),
        execution_options={"synchronize_session": False},
    )
    return taken_id is not None


def _with_processor(link: ProcessorLink, declaration: Declaration) -> Report:
    facts = {
        **declaration.report.facts,
        "processors_involved": Answer(FactState.KNOWN, link.processor),
        "processor_aware_at": Answer(FactState.KNOWN, declaration.aware_at.isoformat()),
    }
    return replace(declaration.report, facts=facts)
