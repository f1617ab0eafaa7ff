"""Instants as whole numbers, to the last microsecond that a row keeps.

The number of a row is given again after a backup has been restored; together with the
instant at which the row was made it names the row for good.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Microseconds from 1970-01-01 in UTC to `at`, which is timezone-aware."""
    return (at - EPOCH) // _MICROSECOND


def instant(since: int) -> datetime:
    """The instant that `microseconds` gave a number for, in UTC."""
    return EPOCH + since * _MICROSECOND
