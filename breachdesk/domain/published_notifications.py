"""Beside a case: how often the like of it was notified to the authority, and people told.

The CNIL publishes every notification it receives, reduced to a few ticked boxes. What is
said of them informs; no rule of the assessment reads it.

A notification may name several origins and several causes, so their shares add up to more
than the whole: an origin's count is of the notifications that name it, perhaps among others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from breachdesk.domain.authority_form import ORIGIN_OF, CommunicationState, Origin
from breachdesk.domain.vocabulary import Vector

# Of fewer notifications nothing is said: a look at wider groups is worth more.
FEWEST_OF_A_GROUP = 20


class Sector(StrEnum):
    """The sector of the organisation: the sections of NACE Rev. 2, as the CNIL lists them."""

    AGRICULTURE = "agriculture"
    MINING = "mining"
    MANUFACTURING = "manufacturing"
    ENERGY = "energy"
    WATER_AND_WASTE = "water_and_waste"
    CONSTRUCTION = "construction"
    TRADE = "trade"
    TRANSPORT = "transport"
    HOTELS_AND_RESTAURANTS = "hotels_and_restaurants"
    INFORMATION = "information"
    FINANCE = "finance"
    REAL_ESTATE = "real_estate"
    PROFESSIONAL = "professional"
    SUPPORT_SERVICES = "support_services"
    PUBLIC_ADMINISTRATION = "public_administration"
    EDUCATION = "education"
    HEALTH = "health"
    ARTS = "arts"
    OTHER_SERVICES = "other_services"
    HOUSEHOLDS = "households"
    EXTRATERRITORIAL = "extraterritorial"
    UNKNOWN = "unknown"


class Size(StrEnum):
    """How many people are concerned, in the bands that the CNIL publishes."""

    UP_TO_5 = "up_to_5"
    UP_TO_50 = "up_to_50"
    UP_TO_300 = "up_to_300"
    UP_TO_5000 = "up_to_5000"
    MORE = "more"


class PublishedCause(StrEnum):
    """Causes as the CNIL publishes them: those of `vocabulary.Cause`, and not known."""

    EXTERNAL_MALICIOUS = "external_malicious"
    EXTERNAL_ACCIDENTAL = "external_accidental"
    INTERNAL_MALICIOUS = "internal_malicious"
    INTERNAL_ACCIDENTAL = "internal_accidental"
    UNKNOWN = "unknown"
    OTHER = "other"


# The last number of people in each band; beyond, MORE.
_LAST_OF_BAND = {Size.UP_TO_5: 5, Size.UP_TO_50: 50, Size.UP_TO_300: 300, Size.UP_TO_5000: 5000}
# "Other" and "unknown" are no likeness: two cases that nobody could name are not alike.
_SAYS_NOTHING = frozenset({Origin.OTHER, PublishedCause.OTHER, PublishedCause.UNKNOWN})


def size_of(n_subjects: int) -> Size:
    """The band of a number of people."""
    return next((band for band, last in _LAST_OF_BAND.items() if n_subjects <= last), Size.MORE)


# --- What is published -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountedRow:
    """How many notifications are alike in these five respects."""

    origins: frozenset[Origin]
    causes: frozenset[PublishedCause]
    sector: Sector
    size: Size
    told: CommunicationState
    count: int


@dataclass(frozen=True)
class Published:
    """A collection of published notifications.

    Args:
        first_month, last_month: of their reception, like "2018-05".
        origins, causes: how many notifications name each, perhaps among others.
        most_of_an_unlisted_origin: how many, at most, name an origin absent from `origins`.
        extracted_on, imported_on: when the CNIL made the file, or when it was imported here,
            whichever is known: the licence asks to name the date beside the source.
        in_one_flood: how many the CNIL itself says come from a few incidents at processors.
        rows: each notification counted once, without its causes, by which nothing is grouped;
            empty where only the totals are known.
    """

    file_name: str
    first_month: str
    last_month: str
    total: int
    origins: Mapping[Origin, int]
    causes: Mapping[PublishedCause, int]
    sizes: Mapping[Size, int]
    told: Mapping[CommunicationState, int]
    most_of_an_unlisted_origin: int = 0
    in_one_flood: int = 0
    extracted_on: date | None = None
    imported_on: date | None = None
    rows: tuple[CountedRow, ...] = field(default=(), repr=False)


def published_from(
    rows: Iterable[CountedRow],
    *,
    file_name: str,
    first_month: str,
    last_month: str,
    imported_on: date | None = None,
) -> Published:
    """The collection that these rows make, with its totals."""
    alike: Counter[tuple[frozenset[Origin], Sector, Size, CommunicationState]] = Counter()
    origins: Counter[Origin] = Counter()
    causes: Counter[PublishedCause] = Counter()
    sizes: Counter[Size] = Counter()
    told: Counter[CommunicationState] = Counter()
    for row in rows:
        alike[row.origins, row.sector, row.size, row.told] += row.count
        sizes[row.size] += row.count
        told[row.told] += row.count
        for origin in row.origins:
            origins[origin] += row.count
        for cause in row.causes:
            causes[cause] += row.count
    kept = tuple(
        CountedRow(named, frozenset(), sector, size, answer, count)
        for (named, sector, size, answer), count in alike.items()
    )
    return Published(
        file_name=file_name,
        first_month=first_month,
        last_month=last_month,
        total=told.total(),
        origins=origins,
        causes=causes,
        sizes=sizes,
        told=told,
        imported_on=imported_on,
        rows=kept,
    )


# --- A case beside it ------------------------------------------------------------------------


class Trait(StrEnum):
    """In what respect notifications are grouped."""

    ORIGIN = "origin"
    SECTOR = "sector"
    SIZE = "size"


# From the closest likeness to the loosest; the first group that is large enough is shown.
_GROUPS: tuple[frozenset[Trait], ...] = (
    frozenset({Trait.ORIGIN, Trait.SECTOR, Trait.SIZE}),
    frozenset({Trait.ORIGIN, Trait.SECTOR}),
    frozenset({Trait.ORIGIN, Trait.SIZE}),
    frozenset({Trait.SECTOR, Trait.SIZE}),
    frozenset({Trait.ORIGIN}),
    frozenset({Trait.SECTOR}),
    frozenset({Trait.SIZE}),
)


@dataclass(frozen=True)
class Traits:
    """What of a case can be compared; None or empty: not known, or says nothing."""

    origins: frozenset[Origin] = frozenset()
    cause: PublishedCause | None = None
    size: Size | None = None
    sector: Sector | None = None

    @property
    def known(self) -> frozenset[Trait]:
        """The respects in which it can be grouped."""
        said = {Trait.ORIGIN: self.origins, Trait.SECTOR: self.sector, Trait.SIZE: self.size}
        return frozenset(trait for trait, value in said.items() if value)


def traits_of(facts: Mapping[str, object], origins: object, sector: Sector | None) -> Traits:
    """What of a case can be compared.

    Args:
        facts: as the assessment took them (`facts.facts_for_assessment`).
        origins: the codes ticked for the authority's form; None: its vector says.
        sector: the organisation's; None where it is not known.
    """
    ticked = origins if isinstance(origins, list) else [_origin_of(facts.get("vector"))]
    cause, n_subjects = facts.get("cause"), facts.get("n_subjects")
    return Traits(
        frozenset(Origin(code) for code in ticked if code in set(Origin)) - _SAYS_NOTHING,
        PublishedCause(str(cause)) if _compares(cause) else None,
        size_of(n_subjects) if type(n_subjects) is int else None,
        sector if sector is not Sector.UNKNOWN else None,
    )


def _origin_of(vector: object) -> Origin | None:
    is_known = isinstance(vector, str) and vector in set(Vector)
    return ORIGIN_OF.get(Vector(str(vector))) if is_known else None


def _compares(cause: object) -> bool:
    return isinstance(cause, str) and cause in set(PublishedCause) - _SAYS_NOTHING


@dataclass(frozen=True)
class OriginCount:
    """How many notifications name an origin; `is_ceiling`: that many at most."""

    origin: Origin
    count: int
    is_ceiling: bool = False


@dataclass(frozen=True)
class Group:
    """The notifications alike in these respects; in none: all of them."""

    alike_in: frozenset[Trait]
    told: Mapping[CommunicationState, int]

    @property
    def total(self) -> int:
        """How many they are."""
        return sum(self.told.values())

    @property
    def told_or_to_be(self) -> int:
        """In how many people were told, or were going to be."""
        return sum(
            self.told.get(s, 0) for s in (CommunicationState.DONE, CommunicationState.PLANNED)
        )


@dataclass(frozen=True)
class Comparison:
    """A case beside the published notifications. None: not known of the case."""

    published: Published
    traits: Traits
    origins: tuple[OriginCount, ...]
    cause_count: int | None
    size_count: int | None
    group: Group


def compare(traits: Traits, published: Published) -> Comparison:
    """How common the origins, the cause and the size of a case are, and who told people.

    Where every notification is known by itself, telling is counted in the closest group
    of at least `FEWEST_OF_A_GROUP`; from totals alone, in all of them together.
    """
    return Comparison(
        published,
        traits,
        tuple(_count_of(origin, published) for origin in Origin if origin in traits.origins),
        published.causes.get(traits.cause, 0) if traits.cause else None,
        published.sizes.get(traits.size, 0) if traits.size else None,
        _closest_group(traits, published),
    )


def _count_of(origin: Origin, published: Published) -> OriginCount:
    if origin in published.origins or not published.most_of_an_unlisted_origin:
        return OriginCount(origin, published.origins.get(origin, 0))
    return OriginCount(origin, published.most_of_an_unlisted_origin, is_ceiling=True)


def _closest_group(traits: Traits, published: Published) -> Group:
    counts = _alike(traits, published.rows)
    for alike_in in _GROUPS:
        if not alike_in <= traits.known:
            continue
        told: Counter[CommunicationState] = Counter()
        for (alike, state), count in counts.items():
            if alike_in <= alike:
                told[state] += count
        if told.total() >= FEWEST_OF_A_GROUP:
            return Group(alike_in, told)
    return Group(frozenset(), published.told)


def _alike(
    traits: Traits, rows: Iterable[CountedRow]
) -> Counter[tuple[frozenset[Trait], CommunicationState]]:
    """Notifications by the respects in which they are like the case; one walk for all groups."""
    found: Counter[tuple[bool, bool, bool, CommunicationState]] = Counter()
    origins, sector, size = traits.origins, traits.sector, traits.size
    for row in rows:
        key = (not origins.isdisjoint(row.origins), row.sector is sector, row.size is size)
        found[*key, row.told] += row.count
    return Counter(
        {
            (frozenset(t for t, is_alike in zip(Trait, alike, strict=True) if is_alike), told): n
            for (*alike, told), n in found.items()
        }
    )
