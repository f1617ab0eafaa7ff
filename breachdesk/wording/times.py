"""Instants, durations and numbers as people read them."""

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.wording import Wording
from breachdesk.wording.typography import NO_BREAK, french_spaces

# More digits than Babel's decimals take.
BEYOND_COUNTING = 1e15


def local_time(instant: datetime, timezone: str, wording: Wording, *, zone: bool = False) -> str:
    """Say an instant in a zone, like "lundi 30 novembre 2026 à 18 h 30".

    Args:
        instant: timezone-aware.
        timezone: an IANA name, such as "Europe/Paris"; UTC where the machine does not know it.
        zone: name the zone too, for a reader who may be elsewhere.
    """
    local = instant.astimezone(zone_or_utc(timezone))
    if wording.locale == "fr":
        day = format_datetime(local, "EEEE d MMMM y", locale="fr")
        day = day.replace(" 1 ", " 1er ", 1)
        said = f"{day} à {local.hour}{NO_BREAK}h{NO_BREAK}{local:%M}"
    else:
        said = format_datetime(local, "EEEE d MMMM y 'at' HH:mm", locale="en_GB")
    return f"{said} ({zone_name(local)})" if zone else said


def local_day(day: date, wording: Wording) -> str:
    """Say a day, like "lundi 30 novembre 2026"."""
    if wording.locale == "fr":
        return format_date(day, "EEEE d MMMM y", locale="fr").replace(" 1 ", " 1er ", 1)
    return format_date(day, "EEEE d MMMM y", locale="en_GB")


def short_day(day: date) -> str:
    """Say a day for a table, like "30/11/2026"."""
    return f"{day:%d/%m/%Y}"


def zone_name(local: datetime) -> str:
    """The zone of a local instant with its offset, like "Europe/Paris, UTC+01:00"."""
    if str(local.tzinfo) == "UTC":
        return "UTC"
    offset = f"{local:%z}"
    return f"{local.tzinfo}, UTC{offset[:3]}:{offset[3:]}" if local.tzinfo else ""


def short_time(instant: datetime, timezone: str) -> str:
    """Say an instant for a table, like "30/11/2026 18:30"."""
    local = instant.astimezone(zone_or_utc(timezone))
    return f"{local:%d/%m/%Y %H:%M}"


def duration(span: timedelta, wording: Wording) -> str:
    """Say a length of time, like "41 h 20", or "3 j 4 h" past four days; never "0 min"."""
    minutes = int(abs(span).total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 96:
        days, hours = divmod(hours, 24)
        return wording.text("%(days)s j %(hours)s h", days=days, hours=hours).replace(" ", NO_BREAK)
    if hours == 0 and minutes == 0:
        return wording.text("moins d’une minute")
    if hours == 0:
        return french_spaces(f"{minutes} min")
    return f"{hours}{NO_BREAK}h{NO_BREAK}{minutes:02d}"


def number(value: float, wording: Wording) -> str:
    """Say a number with its thousands parted, like "3 412"; beyond counting, digit by digit."""
    if abs(value) >= BEYOND_COUNTING:
        return str(value)
    return format_decimal(value, locale="fr" if wording.locale == "fr" else "en_GB")
