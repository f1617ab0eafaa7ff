"""What the sample desk in use has behind the pages about access: a case kept to two people."""

from datetime import datetime, timedelta

from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.models import User
from breachdesk.services.incidents import Report, open_incident
from tests.cases import Work, seat

STORY = (
    "Un collègue a copié le fichier des clients sur une clé avant son départ. Je l’ai vu "
    "mercredi soir en fermant la boutique."
)


def sample_restricted(work: Work, by_all_roles: str, now: datetime) -> dict[str, str]:
    """Reported yesterday and kept to the DPO and to whoever holds every role."""
    everything = work.session.scalars(select(User).where(User.email == by_all_roles)).one()
    named = frozenset({seat(work, Role.DPO).user.id, everything.id})
    then = now - timedelta(hours=20)
    case = open_incident(
        work.session,
        work.desk,
        Report(STORY, then, named=named),
        by=seat(work, Role.REPORTER),
        now=then,
    )
    return {"restricted": case.reference}
