"""Which deadlines concern an organisation: what it says of itself, the targets it sets itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from breachdesk.domain.access import Action
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.journal import Entry
from breachdesk.domain.regimes import Binding, Regime, regimes
from breachdesk.services.acting import Acting
from breachdesk.services.journal import write_journal

# Ninety days: a target further away than that steers nobody.
MOST_TARGET_HOURS = 2160


def traits_asked() -> list[str]:
    """What an organisation is asked of itself, each once, in the order of the files."""
    return list(dict.fromkeys(each.offer.trait for each in regimes().values() if each.offer.trait))


def regimes_of_trait(trait: str) -> list[Regime]:
    """The regimes that are offered to whoever says so of themselves."""
    return [each for each in regimes().values() if each.offer.trait == trait]


def targets_set() -> list[Regime]:
    """The regimes whose duration is the organisation's own target."""
    return [each for each in regimes().values() if each.binding is Binding.TARGET]


def set_deadlines(
    session: Session,
    *,
    traits: Iterable[str],
    targets: Mapping[str, int],
    by: Acting,
    now: datetime,
) -> bool:
    """Keep what the organisation says of itself and its targets; whether anything changed.

    Clocks that run keep the hours they were started with.

    Args:
        targets: hours by regime.

    Raises:
        InvalidInput: a trait that no regime asks for; hours that are no target, with the
            regime as `field`.
    """
    by.demand(Action.MANAGE_REMINDER_PLAN)
    chosen = set(traits)
    said = [trait for trait in traits_asked() if trait in chosen]
    for unknown in sorted(chosen.difference(said)):
        raise InvalidInput("unknown_trait", shown=unknown)
    proposed = {each.code: each.rule_on(now.date()).hours for each in targets_set()}
    for code, hours in targets.items():
        if code not in proposed or not 1 <= hours <= MOST_TARGET_HOURS:
            raise InvalidInput("target_hours_wrong", field=code, most=MOST_TARGET_HOURS)
    # What we propose is not kept as the organisation's own: it moves with the file.
    own = {code: hours for code, hours in targets.items() if hours != proposed[code]}
    organisation = by.organisation
    if (said, own) == (list(organisation.traits), dict(organisation.targets)):
        return False
    organisation.traits, organisation.targets = said, own
    write_journal(
        session,
        organisation,
        Entry.DEADLINE_SETTINGS_CHANGED,
        by=by.user,
        at=now,
        traits=said,
        targets=own,
    )
    session.commit()
    return True
