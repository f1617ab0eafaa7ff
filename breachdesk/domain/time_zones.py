"""Zones by name, on a machine that may not know them all."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC_ZONE = ZoneInfo("UTC")


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC where this machine has none of that name.

    For what must go on whatever the machine lacks, and may be some hours off: when people are
    left alone, on which day somebody is away. No deadline is counted by it.
    """
    try:
        return ZoneInfo(name)
    # Of a name that is no path in the files of zones: ValueError, or what the files raise.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC_ZONE
