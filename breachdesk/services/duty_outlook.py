"""Who is told of what in an organisation, by name: for the pages of duty and of the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.domain.access import Role
from breachdesk.domain.emission import Surroundings
from breachdesk.domain.reminder_plans import ReminderPlan, plan_in_force
from breachdesk.domain.standing_in import Addressee, Duty
from breachdesk.models import Membership, Organisation, User
from breachdesk.services.standing_in import duties_of, holders_in


@dataclass(frozen=True)
class Outlook:
    """The people of an organisation as reminders find them, with their names by id."""

    around: Surroundings
    names: Mapping[int, str]
    now: datetime

    def addressees(
        self, told: Mapping[int, tuple[Role, ...]], *, whoever_is_away: bool = False
    ) -> list[Addressee]:
        """People told, by name, and in what capacity: see `wording.addressees`.

        Args:
            whoever_is_away: with nobody away and nobody on duty, as a preview tells them.
        """
        around = replace(self.around, duty=Duty()) if whoever_is_away else self.around
        capacities = around.capacities(told, self.now)
        found = [
            capacity.named(self.names.get(person, ""), self.names)
            for person, capacity in capacities.items()
        ]
        return sorted(found, key=lambda each: each.name)

    def names_of(self, told: Mapping[int, tuple[Role, ...]]) -> list[str]:
        """The names of people told, each once."""
        return sorted({self.names.get(person, "") for person in told})


def outlook_of(
    session: Session,
    organisation: Organisation,
    *,
    now: datetime,
    plan: ReminderPlan | None = None,
) -> Outlook:
    """Who holds each role, who is away and who is on duty at an instant, in four queries.

    Args:
        plan: another than the one the organisation keeps.
    """
    key = organisation.id
    around = Surroundings(
        plan=plan or plan_in_force(organisation.reminder_plan),
        timezone=organisation.timezone,
        holders=holders_in(session, [key]).get(key, {}),
        duty=duties_of(session, {key: organisation.timezone}, now=now)[key],
    )
    return Outlook(around, _names(session, key), now)


def _names(session: Session, organisation_id: int) -> dict[int, str]:
    rows = session.execute(
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id)
        .distinct()
    )
    return {user_id: name for user_id, name in rows}
