"""What is known of incidents, as it stands: the latest version of each fact."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from breachdesk.domain.facts import Answer
from breachdesk.models import Fact, Incident


def latest_facts(session: Session, incident: Incident) -> dict[str, Fact]:
    """Every fact as it stands: the latest version of each, with its author."""
    return latest_facts_of_all(session, [incident.id])[incident.id]


def latest_facts_of_all(
    session: Session, incident_ids: Iterable[int]
) -> dict[int, dict[str, Fact]]:
    """The facts of several incidents as they stand, by the incident's id; one query."""
    found: dict[int, dict[str, Fact]] = {incident_id: {} for incident_id in incident_ids}
    for fact in session.scalars(_latest_facts(), {"incident_ids": list(found)}):
        found[fact.incident_id][fact.key] = fact
    return found


@cache
def _latest_facts() -> Any:
    wanted = Fact.incident_id.in_(bindparam("incident_ids", expanding=True))
    newest = (
        select(Fact.incident_id, Fact.key, func.max(Fact.version).label("version"))
        .where(wanted)
        .group_by(Fact.incident_id, Fact.key)
        .subquery()
    )
    return (
        select(Fact)
        .join(
            newest,
            and_(
                Fact.incident_id == newest.c.incident_id,
                Fact.key == newest.c.key,
                Fact.version == newest.c.version,
            ),
        )
        .where(wanted)
        .options(joinedload(Fact.author))
    )


def answers_from(facts: Mapping[str, Fact]) -> dict[str, Answer]:
    """Fact rows as the rules take them."""
    return {key: Answer(fact.state, fact.value) for key, fact in facts.items()}
