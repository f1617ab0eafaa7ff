"""Which mail to write about a clock, in the reader's language and zone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.domain.reminder_mails import ClockTold
from breachdesk.wording import caught_up_mails, reminder_mails, start_mails, wording_for
from breachdesk.wording.mails import Mail


def mail_about_clock(kind: MailKind, told: ClockTold, *, locale: str, now: datetime) -> Mail:
    """The mail of this kind as it is true at `now`.

    A reminder that waited past the deadline, while the mail server was down, says late.
    """
    words = wording_for(locale)
    if kind is MailKind.CLOCKS_CALLED_OFF:
        return start_mails.called_off(words, told)
    if kind is MailKind.CLOCK_STARTED:
        return start_mails.clock_started(words, told, now)
    if told.others:
        return reminder_mails.several(words, told, now)
    if told.regime == PROVISIONAL:
        return reminder_mails.chase(words, told, now)
    if told.due_at is not None and now > told.due_at:
        return reminder_mails.late(words, told, now)
    return reminder_mails.reminder(words, told, now)


def mail_after_outage(
    cases: Sequence[ClockTold],
    *,
    acknowledge_link: str,
    acknowledge_until: datetime,
    locale: str,
    now: datetime,
) -> Mail:
    """One mail for all that was missed of several cases of an organisation.

    Args:
        cases: of each its most urgent clock, with its `others`; in the order to be told.
        acknowledge_link: opens the page that confirms all of it.
    """
    link = replace(cases[0], acknowledge_link=acknowledge_link, acknowledge_until=acknowledge_until)
    return caught_up_mails.caught_up(wording_for(locale), [link, *cases[1:]], now)
