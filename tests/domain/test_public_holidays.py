"""Public holidays by our own reckoning, held against a package that does nothing else."""

from datetime import date

import holidays
import pytest

from breachdesk.domain.public_holidays import (
    ALSACE_MOSELLE,
    CALENDARS,
    FRANCE,
    GUADELOUPE,
    GUYANE,
    LA_REUNION,
    MARTINIQUE,
    MAYOTTE,
    NONE,
    easter_sunday,
    is_public_holiday,
    public_holidays,
)

YEARS = range(2020, 2041)


@pytest.mark.parametrize("year", YEARS)
def test_the_public_holidays_of_metropolitan_france(year):
    assert public_holidays(year, FRANCE) == set(holidays.country_holidays("FR", years=year))


@pytest.mark.parametrize("year", YEARS)
def test_those_of_alsace_and_moselle_are_two_more(year):
    moselle = holidays.country_holidays("FR", subdiv="57", years=year)

    assert public_holidays(year, ALSACE_MOSELLE) == set(moselle)
    assert len(public_holidays(year, ALSACE_MOSELLE) - public_holidays(year, FRANCE)) == 2


@pytest.mark.parametrize(
    ("calendar", "commemorated"),
    [
        pytest.param(GUADELOUPE, date(2026, 5, 27), id="Guadeloupe"),
        pytest.param(MARTINIQUE, date(2026, 5, 22), id="Martinique"),
        pytest.param(GUYANE, date(2026, 6, 10), id="Guyane"),
        pytest.param(LA_REUNION, date(2026, 12, 20), id="La Réunion"),
        pytest.param(MAYOTTE, date(2026, 4, 27), id="Mayotte"),
    ],
)
def test_overseas_the_abolition_of_slavery_is_one_day_more(calendar, commemorated):
    """Code du travail, art. L3422-2; the package has local customs as well, which we leave out."""
    package = holidays.country_holidays("FR", subdiv=calendar.removeprefix("FR-"), years=2026)

    assert public_holidays(2026, calendar) - public_holidays(2026, FRANCE) == {commemorated}
    assert public_holidays(2026, calendar) <= set(package)
    assert package[commemorated] == "Abolition of Slavery"


def test_every_calendar_but_none_has_the_eleven_of_the_whole_country():
    for calendar in set(CALENDARS) - {NONE}:
        assert public_holidays(2027, calendar) >= public_holidays(2027, FRANCE)
    assert len(public_holidays(2027, FRANCE)) == 11


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        pytest.param(1818, date(1818, 3, 22), id="as early as it can be"),
        pytest.param(2038, date(2038, 4, 25), id="as late as it can be"),
        pytest.param(1954, date(1954, 4, 18), id="where a simpler rule fails"),
        pytest.param(2000, date(2000, 4, 23), id="a leap century"),
    ],
)
def test_easter_at_its_edges(year, easter):
    assert easter_sunday(year) == easter


def test_without_a_calendar_no_day_is_one():
    assert not is_public_holiday(date(2026, 12, 25), NONE)
    assert is_public_holiday(date(2026, 12, 25), FRANCE)
    assert not is_public_holiday(date(2026, 12, 26), FRANCE)
    assert is_public_holiday(date(2026, 12, 26), ALSACE_MOSELLE)
