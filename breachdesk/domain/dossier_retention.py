"""How long the file of a dossier is kept: it holds personal data too.

GDPR Art. 5(1)(e): no longer than its purpose needs. The purpose is proof (Art. 5(2) and 33(5));
five years, the limitation of personal actions (Code civil, art. 2224), is what we propose,
and the organisation decides.
"""

from calendar import monthrange
from datetime import datetime, timedelta

from breachdesk.domain.errors import InvalidInput

PROPOSED_MONTHS = 60
FEWEST_MONTHS, MOST_MONTHS = 1, 360
# Of a case closed long ago, one made today must still be there to be downloaded.
KEPT_SINCE_MADE = timedelta(days=30)


def checked_months(typed: str) -> int:
    """The months somebody typed.

    Raises:
        InvalidInput: no whole number from 1 to 360.
    """
    text = typed.strip()
    if text.isascii() and text.isdigit() and len(text) < 5:
        months = int(text)
        if FEWEST_MONTHS <= months <= MOST_MONTHS:
            return months
    raise InvalidInput("months_wrong", field="months", fewest=FEWEST_MONTHS, most=MOST_MONTHS)


def kept_until(
    closed_at: datetime | None, months: int, made_at: datetime | None = None
) -> datetime | None:
    """When a dossier of a case is erased; None while the case is open.

    The same day and time so many months after it was closed, or the last day of a month that
    has fewer; and never within 30 days of when the dossier was made.
    """
    if closed_at is None:
        return None
    year, month = divmod(closed_at.month - 1 + months, 12)
    year, month = closed_at.year + year, month + 1
    last = monthrange(year, month)[1]
    until = closed_at.replace(year=year, month=month, day=min(closed_at.day, last))
    return max(until, made_at + KEPT_SINCE_MADE) if made_at else until
