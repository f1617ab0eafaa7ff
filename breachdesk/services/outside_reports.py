"""Reports by people without an account: taken in, found again by their secret.

What a reporter says of themselves is sealed; of the secret only an index is kept. Where
they wrote from is kept nowhere: throttling holds a keyed index of it for an hour.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.reporting import MOST_FILES, RECEIPT_LASTS, normalised_secret, secret_of
from breachdesk.domain.throttling import Attempt, network_of
from breachdesk.models import Incident, Organisation, OutsideReport
from breachdesk.services.acting import Acting, Desk, Stranger
from breachdesk.services.case_access import people_to_name, proposed
from breachdesk.services.incidents import Report, begin_incident
from breachdesk.services.throttling import count_attempt, demand_room

# The channels by which somebody without an account comes.
OUTSIDE = (Channel.PUBLIC_FORM, Channel.PROCESSOR_LINK)


@dataclass(frozen=True)
class Identity:
    """What a reporter says of themselves, if they wish."""

    name: str = ""
    contact: str = ""

    @property
    def is_given(self) -> bool:
        """Whether they said anything."""
        return bool(self.name or self.contact)


@dataclass(frozen=True)
class Received:
    """A report taken in: `secret` is known to nobody else, and kept nowhere."""

    secret: str
    outside: OutsideReport


def find_public_organisation(session: Session, address: str) -> Organisation:
    """The organisation whose public form has this address.

    Raises:
        NotFound: none has.
    """
    found = session.scalars(
        select(Organisation).where(Organisation.public_address == address.lower())
    ).first()
    if found is None:
        raise NotFound
    return found


def report_publicly(
    session: Session,
    desk: Desk,
    organisation: Organisation,
    report: Report,
    *,
    identity: Identity,
    accuses: bool,
    ticket: str,
    address: str,
    now: datetime,
) -> Received:
    """Open an incident for somebody without an account, and commit.

    The same ticket never opens a second one: sent again, it gives what it gave before.

    Args:
        accuses: somebody of the organisation is accused: the DPOs alone shall know of it,
            or the deciders where there is none.
        ticket: of the form, 128 random bits that only its page holds.
        address: where the request comes from; counted for an hour, never kept.

    Raises:
        InvalidInput: as `begin_incident`; too many files; the ticket has served.
        TooManyAttempts: from this address, or to this organisation.
    """
    again = received_before(session, desk, organisation, ticket, now=now)
    if again is not None:
        return again
    whom = {
        Attempt.PUBLIC_REPORT_ADDRESS: network_of(address),
        Attempt.PUBLIC_REPORT_ORGANISATION: str(organisation.id),
    }
    for attempt, who in whom.items():
        demand_room(session, desk.vault, attempt, who, now=now)
    by = Stranger(organisation)
    if accuses:
        report = replace(report, named=proposed(people_to_name(session, organisation.id)))
    try:
        received = take_in(session, desk, report, identity, ticket=ticket, by=by, now=now)
        session.commit()
    except IntegrityError:
        # The same form, sent twice at once: the other one came first.
        session.rollback()
        first = received_before(session, desk, organisation, ticket, now=now)
        if first is None:
            raise
        return first
    for attempt, who in whom.items():
        count_attempt(session, desk.vault, attempt, who, now=now)
    return received


def take_in(
    session: Session,
    desk: Desk,
    report: Report,
    identity: Identity,
    *,
    ticket: str,
    by: Stranger,
    now: datetime,
    processor: str = "",
    processor_aware_at: datetime | None = None,
) -> Received:
    """Open the incident with its outside report; does not commit.

    Raises IntegrityError where another request with the same ticket is a moment ahead.
    """
    check_files(len(report.uploads))
    secret = secret_of(ticket)
    incident = begin_incident(session, desk, report, by=by, now=now)
    outside = OutsideReport(
        incident=incident,
        secret_index=desk.vault.lasting_index(secret),
        sealed=_sealed(desk, identity),
        processor=processor,
        processor_aware_at=processor_aware_at,
        reported_at=now,
    )
    session.add(outside)
    session.flush()
    return Received(secret, outside)


def check_files(count: int) -> None:
    """Refuse more files than one report, or one addition to it, may bring."""
    if count > MOST_FILES:
        raise InvalidInput("too_many_files", field="attachments", most=MOST_FILES)


def _sealed(desk: Desk, identity: Identity) -> bytes | None:
    if not identity.is_given:
        return None
    return desk.vault.seal_json({"name": identity.name, "contact": identity.contact})


def received_before(
    session: Session, desk: Desk, organisation: Organisation, ticket: str, *, now: datetime
) -> Received | None:
    """What a ticket already brought, for as long as a receipt lasts; None: nothing yet.

    Raises:
        InvalidInput: it has served, too long ago for its secret to be shown again.
    """
    secret = secret_of(ticket)
    outside = _by_index(session, desk.vault.lasting_index(secret))
    if outside is None:
        return None
    is_ours = outside.incident.organisation_id == organisation.id
    if not is_ours or now - outside.reported_at > RECEIPT_LASTS:
        raise InvalidInput("report_already_sent")
    return Received(secret, outside)


def find_by_secret(
    session: Session, desk: Desk, typed: str, *, address: str, now: datetime
) -> OutsideReport:
    """The report that a secret opens.

    Args:
        address: where the request comes from: wrong secrets are counted for it.

    Raises:
        NotFound: it opens none.
        TooManyAttempts: too many wrong ones from there.
    """
    whom = network_of(address)
    demand_room(session, desk.vault, Attempt.SECRET, whom, now=now)
    secret = normalised_secret(typed)
    found = _by_index(session, desk.vault.lasting_index(secret)) if secret else None
    if found is None:
        count_attempt(session, desk.vault, Attempt.SECRET, whom, now=now)
        raise NotFound("unknown_secret")
    return found


def find_by_index(session: Session, secret_index: str) -> OutsideReport:
    """The report of a secret that was given before, by its index. Raises NotFound."""
    found = _by_index(session, secret_index)
    if found is None:
        raise NotFound
    return found


def _by_index(session: Session, secret_index: str) -> OutsideReport | None:
    return session.scalars(
        select(OutsideReport)
        .where(OutsideReport.secret_index == secret_index)
        .options(joinedload(OutsideReport.incident).joinedload(Incident.organisation))
    ).first()


def outside_report_of(session: Session, incident: Incident) -> OutsideReport | None:
    """Who reported an incident without an account; asks nothing for any other incident."""
    if incident.channel not in OUTSIDE:
        return None
    return session.scalars(
        select(OutsideReport).where(OutsideReport.incident_id == incident.id)
    ).first()


def identity_of(desk: Desk, outside: OutsideReport, *, by: Acting) -> Identity:
    """What the reporter said of themselves, for those who may write to them."""
    by.demand(Action.ANSWER_REPORTER)
    if outside.sealed is None:
        return Identity()
    return Identity(**desk.vault.open_json(outside.sealed))
