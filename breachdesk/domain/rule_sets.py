"""What the law asks for a risk, as dated data: from which risk, and how soon.

The risk itself is weighed by rules of our own (`duties.RULES_VERSION`); what follows from
it is the law's, and the law moves. A case keeps the version of both of its day. The hours,
their versions and days are those of the files that the clocks count by (`regimes`): the
threshold is what is added here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from breachdesk.domain.regimes import GDPR_ART_33, regimes
from breachdesk.domain.risk_factors import Risk


@dataclass(frozen=True)
class RuleSet:
    """One state of the law on notifying an authority.

    `version` and `name` are codes to keep and to cite; `in_force_from` is the first day,
    None for a proposal; `notify_from` is the least risk that is notified; `authority_limit`
    counts from awareness, in elapsed hours.
    """

    version: str
    name: str
    in_force_from: date | None
    notify_from: Risk
    authority_limit: timedelta
    source: str

    def asks_to_notify(self, risk: Risk) -> bool:
        """Whether a risk of this height is notified to the authority."""
        return risk >= self.notify_from


def _rule_set(regime: str, version: str, *, name: str, notify_from: Risk) -> RuleSet:
    """The rule of a regime's file, with the threshold from which it asks to notify."""
    rule = regimes()[regime].rule(version)
    assert rule is not None, f"{regime}: there is no rule {version}."
    assert rule.duration is not None, f"{regime}: {version} counts no hours."
    return RuleSet(version, name, rule.in_force_from, notify_from, rule.duration, rule.source.en)


# Art. 33(1): "not later than 72 hours after having become aware of it ... unless the
# personal data breach is unlikely to result in a risk". Applicable by Art. 99(2).
GDPR = _rule_set(
    GDPR_ART_33, "gdpr-2018-05-25", name="Regulation (EU) 2016/679", notify_from=Risk.RISK
)
# A proposal, not law. The 96 hours were read in a commentary of January 2026; the
# threshold (only where a high risk is likely) is second-hand. Neither was checked against
# the proposal itself, nor is its state after July 2026 known: check both before dating it.
DIGITAL_OMNIBUS = _rule_set(
    GDPR_ART_33,
    "digital-omnibus-2025-proposal",
    name="COM(2025) 837",
    notify_from=Risk.HIGH_RISK,
)

RULE_SETS: tuple[RuleSet, ...] = (GDPR, DIGITAL_OMNIBUS)


def rule_set_on(day: date, sets: Iterable[RuleSet] = RULE_SETS) -> RuleSet:
    """The law in force on a day: the set that came into force last. Proposals never are.

    Raises:
        LookupError: no set was in force yet.
    """
    in_force = [each for each in sets if each.in_force_from and each.in_force_from <= day]
    if not in_force:
        raise LookupError(f"No rule set was in force on {day.isoformat()}.")
    return max(in_force, key=lambda each: each.in_force_from or date.min)
