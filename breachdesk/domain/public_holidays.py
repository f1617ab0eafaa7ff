"""The public holidays of France, by day: ours, so that quiet hours need no calendar service.

Source: Code du travail, art. L3133-1 (the eleven of every year) and L3134-13 (Good Friday and
26 December in Moselle, Bas-Rhin and Haut-Rhin; there Good Friday only in a commune with a
Protestant church or a mixed one, which we take for granted), both recalled; L3422-2 (the day
that commemorates the abolition of slavery, overseas), read on legifrance.gouv.fr as of 21 May
2019. Customs beyond the Code, like Good Friday in the Antilles, are not counted.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

NONE = ""
FRANCE = "FR"
ALSACE_MOSELLE = "FR-ALSACE-MOSELLE"
GUADELOUPE, MARTINIQUE, GUYANE = "FR-971", "FR-972", "FR-973"
LA_REUNION, MAYOTTE = "FR-974", "FR-976"
# Whose holidays quiet hours can keep.
CALENDARS = (
    NONE,
    FRANCE,
    ALSACE_MOSELLE,
    GUADELOUPE,
    MARTINIQUE,
    GUYANE,
    LA_REUNION,
    MAYOTTE,
)

# Month and day of those that never move.
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# Days after Easter Sunday: Easter Monday, Ascension, Whit Monday.
_MOVING = (1, 39, 50)
_GOOD_FRIDAY = -2
# What each calendar has besides: days of the year; days after Easter Sunday.
_FIXED_THERE: Mapping[str, tuple[tuple[int, int], ...]] = {
    ALSACE_MOSELLE: ((12, 26),),
    GUADELOUPE: ((5, 27),),
    MARTINIQUE: ((5, 22),),
    GUYANE: ((6, 10),),
    LA_REUNION: ((12, 20),),
    MAYOTTE: ((4, 27),),
}
_MOVING_THERE: Mapping[str, tuple[int, ...]] = {ALSACE_MOSELLE: (_GOOD_FRIDAY,)}


def is_public_holiday(day: date, calendar: str) -> bool:
    """Whether nobody is expected at work there on that day; never without a calendar."""
    return day in public_holidays(day.year, calendar)


@cache
def public_holidays(year: int, calendar: str) -> frozenset[date]:
    """The public holidays of a year; none without a calendar."""
    if calendar == NONE:
        return frozenset()
    easter = easter_sunday(year)
    moving = (*_MOVING, *_MOVING_THERE.get(calendar, ()))
    fixed = (*_FIXED, *_FIXED_THERE.get(calendar, ()))
    return frozenset(
        {date(year, month, day) for month, day in fixed}
        | {easter + timedelta(days=days) for days in moving}
    )


def easter_sunday(year: int) -> date:
    """Easter Sunday by the Gregorian reckoning.

    Source: the anonymous algorithm of 1876, as given by Meeus, Astronomical Algorithms, ch. 8.
    """
    century, in_century = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
