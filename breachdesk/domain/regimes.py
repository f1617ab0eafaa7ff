"""The regimes that clocks count by, and whom each is owed to: data, with source and date.

One file each under `law/`: adding a regime or an authority is a file and its test. What a
file says is the law's or an authority's word; a target that an organisation sets itself is
shown as one. A clock keeps the code of its regime and the version of the rule of its day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from breachdesk.domain.facts import FACTS
from breachdesk.domain.law_words import Binding as Binding
from breachdesk.domain.law_words import Certainty as Certainty
from breachdesk.domain.law_words import Circumstance as Circumstance
from breachdesk.domain.law_words import StartEvent as StartEvent
from breachdesk.domain.law_words import StopEvent as StopEvent
from breachdesk.domain.strict_toml import StrictTable
from breachdesk.domain.vocabulary import ProcessingRole

LAW = Path(__file__).resolve().parent / "law"

# The two that the desk starts by itself; see their files.
GDPR_ART_33 = "gdpr_art_33"
PROVISIONAL = "provisional"
# What a processor owes instead of the first.
GDPR_ART_33_2 = "gdpr_art_33_2"
# What an initial notification is completed by (Art. 33(4)).
GDPR_FOLLOW_UP = "gdpr_follow_up"
# What an insurer pays for only if it is kept: late, it is the cover that may be lost.
INSURANCE_COMPLAINT = "insurance_complaint"


class FaultyLaw(ValueError):
    """A file under `law/` does not say what it must; the message names the file and the key."""


@dataclass(frozen=True)
class Said:
    """A text of a data file in the two languages of the desk."""

    fr: str
    en: str

    def in_locale(self, locale: str) -> str:
        """The text in a language; French where we do not speak it."""
        return self.en if locale.startswith("en") else self.fr


@dataclass(frozen=True)
class Authority:
    """Whom something is owed to. `country` is an ISO 3166 code, empty where it is none."""

    code: str
    name: Said
    short: Said
    country: str
    website: str
    source: Said
    certainty: Certainty
    read_on: date


@dataclass(frozen=True)
class Rule:
    """One dated state of a regime's duration.

    Either `hours` or `months`; neither where the law gives no figure ("avec diligence").
    `in_force_from` is None for a proposal, which never counts.
    """

    version: str
    in_force_from: date | None
    hours: int | None
    months: int | None
    source: Said
    certainty: Certainty
    read_on: date

    @property
    def duration(self) -> timedelta | None:
        """The duration in elapsed hours; None for months or no figure."""
        return None if self.hours is None else timedelta(hours=self.hours)

    @property
    def has_figure(self) -> bool:
        """Whether the rule says how long."""
        return self.hours is not None or self.months is not None

    def due_at(self, started_at: datetime, timezone: str = "UTC") -> datetime | None:
        """The last moment, counted from `started_at` (timezone-aware UTC); None without figure.

        Hours are elapsed ones. A month ends at the same time of the day of the same number in
        the organisation's zone, or of the last day of a shorter month; where the clocks
        changed, at the earlier reading.
        """
        if self.hours is not None:
            return started_at + timedelta(hours=self.hours)
        if self.months is not None:
            return _months_later(started_at, self.months, ZoneInfo(timezone))
        return None


@dataclass(frozen=True)
class FactCondition:
    """A fact that must have one of these values; of a list, one of its members."""

    key: str
    any_of: tuple[object, ...]


@dataclass(frozen=True)
class Offer:
    """When a regime is called for. Everything that is said must hold.

    Args:
        by_desk: the desk starts it itself; it is offered to nobody.
        trait: what the organisation must have said of itself; empty: of any.
        question: how the organisation is asked for that trait, to agree with.
        facts: what must be known of the incident.
        any_fact: of these, one must be known of the incident; none given: nothing.
        needs: what must have come about.
    """

    by_desk: bool = False
    trait: str = ""
    question: Said | None = None
    facts: tuple[FactCondition, ...] = ()
    any_fact: tuple[FactCondition, ...] = ()
    needs: tuple[Circumstance, ...] = ()


@dataclass(frozen=True)
class Regime:
    """One rule to count by. `rules` are in the order in which they came into force.

    Args:
        name: like "Notification à l’autorité de contrôle".
        article: like "RGPD, art. 33(1)".
        explanation: how it is counted and what it asks, in a sentence or two.
        counted_from: the event that it counts from, as a noun: "prise de connaissance".
        authority: the code of the addressee.
        after: of `OTHER_DONE`, the regime whose end starts this one.
        is_for_roles: the roles of the organisation that owe it, of `vocabulary`; empty: any.
        condition: what a person must answer yes to before it is owed; None: nothing more.
        task: what is to be done, as an order; None where the desk itself sees it done.
    """

    code: str
    name: Said
    article: Said
    explanation: Said
    counted_from: Said
    authority: str
    binding: Binding
    starts_with: StartEvent
    stops_with: StopEvent
    after: str
    is_for_roles: tuple[str, ...]
    rules: tuple[Rule, ...]
    offer: Offer
    condition: Said | None = None
    task: Said | None = None

    def rule_on(self, day: date) -> Rule:
        """The rule in force on a day: the one that came into force last. Proposals never are.

        Raises:
            LookupError: none was in force yet.
        """
        in_force = [each for each in self.rules if each.in_force_from and each.in_force_from <= day]
        if not in_force:
            raise LookupError(f"No rule of {self.code} was in force on {day.isoformat()}.")
        return max(in_force, key=lambda each: each.in_force_from or date.min)

    def rule(self, version: str) -> Rule | None:
        """The rule of a version, as clocks keep it; None where the file has it no more."""
        return next((each for each in self.rules if each.version == version), None)


def _months_later(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (first_of_next - timedelta(days=1)).day
    wall = local.replace(year=year, month=month + 1, day=min(local.day, last_day))
    return min(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


# --- Reading the files ------------------------------------------------------------------------


@cache
def regimes() -> Mapping[str, Regime]:
    """Every regime by its code; one that follows on another stands after it. Raises FaultyLaw."""
    found = {path.stem: read_regime(path) for path in sorted((LAW / "regimes").glob("*.toml"))}
    for regime in found.values():
        if regime.authority not in authorities():
            raise FaultyLaw(f"{regime.code}: there is no authority {regime.authority}.")
        if regime.after and regime.after not in found:
            raise FaultyLaw(f"{regime.code}: there is no regime {regime.after}.")
    by_turn = sorted(found.values(), key=lambda each: (each.after or each.code, bool(each.after)))
    return {regime.code: regime for regime in by_turn}


@cache
def authorities() -> Mapping[str, Authority]:
    """Every addressee by its code. Raises FaultyLaw."""
    folder = LAW / "authorities"
    return {path.stem: read_authority(path) for path in sorted(folder.glob("*.toml"))}


def regime_of(code: str) -> Regime | None:
    """The regime of that code; None where its file is gone: a case outlives it."""
    return regimes().get(code)


def read_regime(path: Path) -> Regime:
    """Read one file. Raises FaultyLaw."""
    reader = _Reader.of_file(path)
    regime = Regime(
        code=path.stem,
        name=reader.said("name"),
        article=reader.said("article"),
        explanation=reader.said("explanation"),
        counted_from=reader.said("counted_from"),
        authority=reader.word("authority"),
        binding=Binding(reader.word("binding", tuple(Binding))),
        starts_with=StartEvent(reader.word("starts_with", tuple(StartEvent))),
        stops_with=StopEvent(reader.word("stops_with", tuple(StopEvent))),
        after=reader.optional("after", str, ""),
        is_for_roles=tuple(reader.codes("is_for_roles", tuple(ProcessingRole))),
        rules=tuple(reader.rules()),
        offer=reader.offer(),
        condition=reader.said_if_any("condition"),
        task=reader.said_if_any("task"),
    )
    reader.nothing_left()
    if (regime.starts_with is StartEvent.OTHER_DONE) != bool(regime.after):
        raise FaultyLaw(f'{path.name}: `after` goes with `starts_with = "other_done"`.')
    return regime


def read_authority(path: Path) -> Authority:
    """Read one file. Raises FaultyLaw."""
    reader = _Reader.of_file(path)
    authority = Authority(
        code=path.stem,
        name=reader.said("name"),
        short=reader.said("short"),
        country=reader.optional("country", str, ""),
        website=reader.optional("website", str, ""),
        source=reader.said("source"),
        certainty=Certainty(reader.word("certainty", tuple(Certainty))),
        read_on=reader.day("read_on"),
    )
    reader.nothing_left()
    return authority


class _Reader(StrictTable):
    faulty = FaultyLaw

    def said(self, key: str) -> Said:
        """A text in both languages."""
        return Said(**self.texts(key))

    def said_if_any(self, key: str) -> Said | None:
        """The same, or None where the file does not say it."""
        return self.said(key) if self.has(key) else None

    def codes(self, key: str, allowed: Iterable[str]) -> list[str]:
        """Some of the codes allowed; none where the file does not say."""
        values: list[str] = self.optional(key, list, [])
        known = tuple(allowed)
        if any(value not in known for value in values):
            raise self.fault(key, f"are of {', '.join(known)}")
        return values

    def conditions(self, key: str) -> tuple[FactCondition, ...]:
        """What facts must say; none where the file asks for nothing."""
        return tuple(each._condition() for each in self.tables(key, needed=False))

    def _condition(self) -> FactCondition:
        key = self.word("key", FACTS)
        values = self.optional("any_of", list, [])
        options = FACTS[key].options
        if not values or (options and any(value not in list(options) for value in values)):
            raise self.fault("any_of", f"has values that `{key}` can take")
        self.nothing_left()
        return FactCondition(key, tuple(values))

    def rules(self) -> list[Rule]:
        """The states of the figure, at least one."""
        return [each._rule() for each in self.tables("rules")]

    def _rule(self) -> Rule:
        rule = Rule(
            version=self.word("version"),
            in_force_from=self.optional("in_force_from", date, None),
            hours=self.optional("hours", int, None),
            months=self.optional("months", int, None),
            source=self.said("source"),
            certainty=Certainty(self.word("certainty", Certainty)),
            read_on=self.day("read_on"),
        )
        if rule.hours is not None and rule.months is not None:
            raise self.refusal("a rule has `hours` or `months`, not both")
        if any(figure is not None and figure < 1 for figure in (rule.hours, rule.months)):
            raise self.refusal("a duration is at least 1")
        self.nothing_left()
        return rule

    def offer(self) -> Offer:
        """When the regime is called for; see `Offer`."""
        reader = _Reader(self._where, self.optional("offer", dict, {}))
        offer = Offer(
            by_desk=reader.optional("by_desk", bool, False),
            trait=reader.optional("trait", str, ""),
            question=reader.said_if_any("question"),
            facts=reader.conditions("facts"),
            any_fact=reader.conditions("any_fact"),
            needs=tuple(map(Circumstance, reader.codes("needs", Circumstance))),
        )
        reader.nothing_left()
        if bool(offer.trait) != (offer.question is not None):
            raise self.refusal("a `trait` goes with its `question`")
        return offer
