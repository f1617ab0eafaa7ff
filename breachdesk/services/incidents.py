"""Opening an incident, recording what is known of it, closing it."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action, Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, WrongStep
from breachdesk.domain.facts import FACTS, Answer, FactState
from breachdesk.domain.journal import Entry, canonical_value, commitment_to
from breachdesk.domain.lifecycle import Channel, Stage
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.domain.sharing import APART
from breachdesk.models import Clock, Fact, Incident
from breachdesk.services.acting import Acting, Desk, Stranger, channel_of
from breachdesk.services.attachments import Upload, keep_attachment
from breachdesk.services.case_access import name_people, people_to_name
from breachdesk.services.cases import case_of, latest_facts, lock_case, refresh_stage
from breachdesk.services.clocks import start_clock, stop_clock
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.facts import check_dates, correct_noticed_at
from breachdesk.services.journal import write_journal
from breachdesk.services.processing_role import follow_role
from breachdesk.services.references import next_reference, unnumbered_reference
from breachdesk.services.reminder_planning import sent_the_start
from breachdesk.services.standing_in import people_to_tell

LONGEST_TITLE = 90
# Whom an opened incident is told to; where nobody holds a role, the next in line.
ALERTED = (Role.DPO, Role.HANDLER)


@dataclass(frozen=True)
class Report:
    """What the reporter says. `facts` holds an answer per key of `domain.facts`."""

    description: str
    noticed_at: datetime
    facts: Mapping[str, Answer] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    title: str = ""
    # The ids of the only people who shall know of it; none: everybody who reads cases.
    named: frozenset[int] = frozenset()


def open_incident(
    session: Session, desk: Desk, report: Report, *, by: Acting, now: datetime
) -> Incident:
    """Open an incident: a reference, a provisional clock, a receipt and an alert.

    Raises:
        InvalidInput: nothing said of what happened; noticed in the future; a file refused;
            no DPO and no decider among the people named.
    """
    incident = begin_incident(session, desk, report, by=by, now=now)
    session.commit()
    return incident


def begin_incident(
    session: Session,
    desk: Desk,
    report: Report,
    *,
    by: Acting | Stranger,
    now: datetime,
    channel: Channel = Channel.DESK,
    group_id: int | None = None,
) -> Incident:
    """Do all that `open_incident` does, within the caller's transaction; does not commit.

    Args:
        group_id: the event that this case shares with others; its facts then come from there.
    """
    by.demand(Action.OPEN_INCIDENT)
    _check_report(report, now=now)
    make_reference = unnumbered_reference if report.named else next_reference
    incident = Incident(
        organisation=by.organisation,
        reference=make_reference(session, by.organisation, now=now),
        title=report.title.strip() or title_from(report.description),
        noticed_at=report.noticed_at,
        opened_at=now,
        opened_by=by.user,
        stage=Stage.OPENED,
        channel=by.channel if isinstance(by, Stranger) else channel,
        group_id=group_id,
    )
    session.add(incident)
    write_journal(session, incident, Entry.OPENED, by=by.user, at=now, **channel_of(by))
    if report.named:
        _restrict(session, incident, report.named, by=by, now=now)
    answers = {
        "description": Answer(FactState.KNOWN, report.description.strip()),
        "noticed_at": Answer(FactState.KNOWN, report.noticed_at.isoformat()),
        **report.facts,
    }
    is_shared = group_id is not None
    record_answers(session, incident, answers, {}, by=by, now=now, is_shared=is_shared)
    for upload in report.uploads:
        keep_attachment(session, desk, incident, upload, by=by, now=now)
    clock = start_clock(
        session,
        incident,
        PROVISIONAL,
        started_at=report.noticed_at,
        by=by.user,
        now=now,
    )
    _tell_of_opening(session, incident, clock, by=by, now=now)
    return incident


def _restrict(
    session: Session,
    incident: Incident,
    named: frozenset[int],
    *,
    by: Acting | Stranger,
    now: datetime,
) -> None:
    people = people_to_name(session, by.organisation.id)
    among = {person.user.id: person.roles for person in people}
    name_people(session, incident, named, among=among, by=by.user, now=now)


def _check_report(report: Report, *, now: datetime) -> None:
    if not report.description.strip():
        raise InvalidInput("description_missing", field="description")
    if report.noticed_at > now:
        raise InvalidInput("noticed_in_future", field="noticed_at")


def title_from(description: str) -> str:
    """A title for the register: the first line of the story, cut at a word."""
    line = next((line.strip() for line in description.splitlines() if line.strip()), "")
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:.«(") + "…"


def _tell_of_opening(
    session: Session,
    incident: Incident,
    clock: Clock,
    *,
    by: Acting | Stranger,
    now: datetime,
) -> None:
    # Somebody without an account gets no mail: an anonymous way in must not make any.
    if incident.channel is Channel.DESK and by.user is not None:
        queue_to_user(
            session, incident, by.user.id, MailKind.RECEIPT, key=f"receipt:{incident.id}", now=now
        )
    # One mail and not two: that of the clock says what an alert would.
    told = sent_the_start(session, clock)
    for user_id in people_to_tell(session, incident, ALERTED, now=now):
        if user_id in told:
            continue
        # Whoever opens cases in fifty organisations at once need not be told fifty times.
        if incident.channel is Channel.SHARED and by.user and user_id == by.user.id:
            continue
        queue_to_user(
            session,
            incident,
            user_id,
            MailKind.ALERT,
            key=f"alert:{incident.id}:{user_id}",
            now=now,
            due_at=clock.due_at.isoformat() if clock.due_at else None,
        )


def record_facts(
    session: Session,
    incident: Incident,
    answers: Mapping[str, Answer],
    *,
    seen_versions: Mapping[str, int],
    by: Acting,
    now: datetime,
    source: str = "",
) -> list[str]:
    """Record what has changed among `answers`; return the keys that did.

    Args:
        seen_versions: the version of each fact that the person had before them; a fact
            absent here was not there yet.
        source: where it is known from, in a few words.

    Raises:
        ChangedMeanwhile: somebody changed one of these facts since; nothing is recorded,
            and `keys` says which.
        InvalidInput: no such fact; a date still to come, or noticed after awareness.
    """
    by.demand(Action.RECORD_FACTS)
    lock_case(session, incident)
    _check_open(incident)
    check_dates(incident, answers, now=now)
    changed = record_answers(
        session, incident, answers, seen_versions, by=by, now=now, source=source
    )
    if "noticed_at" in changed:
        correct_noticed_at(session, incident, answers["noticed_at"], by=by, now=now)
    if "role" in changed:
        session.flush()
        follow_role(session, incident, by=by.user, now=now)
    session.commit()
    return changed


def _check_open(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise WrongStep("case_closed", reference=incident.reference)


def record_answers(
    session: Session,
    incident: Incident,
    answers: Mapping[str, Answer],
    seen_versions: Mapping[str, int],
    *,
    by: Acting | Stranger,
    now: datetime,
    source: str = "",
    is_shared: bool = False,
) -> list[str]:
    """Record what has changed among `answers` as `record_facts` does; does not commit."""
    current = latest_facts(session, incident) if incident.id else {}
    changed = [
        key
        for key in answers
        if _differs(current.get(key), answers[key])
        or _is_better_sourced(current.get(key), source, seen_versions.get(key, 0))
    ]
    overtaken = [
        key
        for key in changed
        if key in current and current[key].version > seen_versions.get(key, 0)
    ]
    if overtaken:
        raise ChangedMeanwhile("facts_changed_meanwhile", keys=tuple(overtaken))
    for key in changed:
        previous = current.get(key)
        _add_fact(
            session,
            incident,
            key,
            answers[key],
            version=previous.version + 1 if previous else 1,
            by=by,
            now=now,
            source=source,
            is_shared=is_shared and key not in APART,
        )
    return changed


def _differs(fact: Fact | None, answer: Answer) -> bool:
    if fact is None:
        return answer.state is not FactState.NOT_ASKED
    return (fact.state, fact.value) != (answer.state, _value_kept(answer))


def _is_better_sourced(fact: Fact | None, source: str, seen_version: int) -> bool:
    """Whether the answer before the person stays, and they say where it is known from."""
    if fact is None or fact.version != seen_version:
        return False
    return bool(source) and fact.source != source


def _value_kept(answer: Answer) -> object:
    """Only what is known has a value: what was typed beside "not known yet" is none."""
    return answer.value if answer.is_known else None


def _add_fact(
    session: Session,
    incident: Incident,
    key: str,
    answer: Answer,
    *,
    version: int,
    by: Acting | Stranger,
    now: datetime,
    source: str,
    is_shared: bool = False,
) -> None:
    if key not in FACTS:
        raise InvalidInput("unknown_fact", field=key, key=key)
    value = _value_kept(answer)
    salt = secrets.token_hex(16)
    write_journal(
        session,
        incident,
        Entry.FACT_RECORDED,
        by=by.user,
        at=now,
        key=key,
        version=version,
        state=answer.state.value,
        value=commitment_to(canonical_value(value), salt),
        **channel_of(by),
    )
    session.add(
        Fact(
            incident_id=incident.id,
            key=key,
            version=version,
            state=answer.state,
            value=value,
            source=source,
            is_shared=is_shared,
            salt=salt,
            author=by.user,
            recorded_at=now,
        )
    )


def fact_versions(facts: Iterable[Fact]) -> dict[str, int]:
    """The version of each fact, as a form carries it."""
    return {fact.key: fact.version for fact in facts}


def close_incident(session: Session, incident: Incident, *, by: Acting, now: datetime) -> None:
    """Close a case whose clock has stopped.

    Raises:
        WrongStep: it is not decided yet, or what was decided is not done.
    """
    by.demand(Action.CLOSE)
    lock_case(session, incident)
    _check_open(incident)
    if not case_of(session, incident).progress.is_all_done:
        raise WrongStep("cannot_close_yet", reference=incident.reference)
    stop_clock(session, incident, StopReason.NOT_A_BREACH, stopped_at=now, by=by.user, now=now)
    incident.closed_at = now
    write_journal(session, incident, Entry.CLOSED, by=by.user, at=now)
    refresh_stage(session, incident)
    session.commit()
