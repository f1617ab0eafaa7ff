"""What is known of an incident, version by version; the dates that steer its clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.regimes import PROVISIONAL, StartEvent
from breachdesk.models import Fact, Incident
from breachdesk.services.acting import Acting
from breachdesk.services.clocks import main_clock, move_along, replace_clock

NOT_ASKED = Answer(FactState.NOT_ASKED)


@dataclass(frozen=True)
class FactHistory:
    """Every version of one fact, the first one first."""

    versions: tuple[Fact, ...] = ()

    @property
    def latest(self) -> Fact | None:
        """The fact as it stands, if anybody ever said something of it."""
        return self.versions[-1] if self.versions else None

    def answer_at(self, version: int) -> Answer:
        """What was said in a version; version 0 is before anybody said anything."""
        for fact in self.versions:
            if fact.version == version:
                return Answer(fact.state, fact.value)
        return NOT_ASKED


def fact_histories(
    session: Session, incident: Incident, keys: Iterable[str]
) -> dict[str, FactHistory]:
    """The history of each of these facts, with their authors, in one query."""
    wanted = tuple(keys)
    facts = session.scalars(
        select(Fact)
        .where(Fact.incident_id == incident.id, Fact.key.in_(wanted))
        .order_by(Fact.version)
        .options(joinedload(Fact.author))
    ).all()
    return {key: FactHistory(tuple(fact for fact in facts if fact.key == key)) for key in wanted}


def check_dates(incident: Incident, answers: Mapping[str, Answer], *, now: datetime) -> None:
    """Refuse dates that cannot be: still to come, or noticed after awareness.

    Raises:
        InvalidInput: with the fact to mend as `field`.
    """
    for key in ("occurred_from", "occurred_until", "processor_aware_at"):
        instant = _instant(answers.get(key, NOT_ASKED))
        if instant is not None and instant > now:
            raise InvalidInput("occurred_in_future", field=key)
    if "noticed_at" in answers:
        _check_noticed(incident, _instant(answers["noticed_at"]), now=now)


def _check_noticed(incident: Incident, noticed_at: datetime | None, *, now: datetime) -> None:
    if noticed_at is None:
        raise InvalidInput("noticed_missing", field="noticed_at")
    if noticed_at > now:
        raise InvalidInput("noticed_in_future", field="noticed_at")
    if incident.aware_at is not None and noticed_at > incident.aware_at:
        raise InvalidInput("noticed_after_aware", field="noticed_at")


def _instant(answer: Answer) -> datetime | None:
    return datetime.fromisoformat(str(answer.value)) if answer.is_known else None


def correct_noticed_at(
    session: Session, incident: Incident, answer: Answer, *, by: Acting, now: datetime
) -> None:
    """Let the incident, and the clocks that count from its notice, follow a corrected notice.

    Does not commit. Once qualified the main clock counts from awareness and stays as it is.
    """
    noticed_at = _instant(answer)
    if noticed_at is None or noticed_at == incident.noticed_at:
        return
    before, incident.noticed_at = incident.noticed_at, noticed_at
    move_along(
        session,
        incident,
        StartEvent.NOTICED,
        before=before,
        after=noticed_at,
        remark="",
        by=by.user,
        now=now,
    )
    clock = main_clock(session, incident)
    if clock is None or clock.stopped_at is not None or clock.regime != PROVISIONAL:
        return
    replace_clock(session, incident, clock, noticed_at, by=by.user, now=now)
