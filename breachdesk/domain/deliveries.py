"""The life of one mail to one person, and how long to wait before trying again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breachdesk.domain.codes import GrowingCode


class MailKind(GrowingCode):
    """What a mail is for."""

    RECEIPT = "receipt"
    ALERT = "alert"
    CHASE = "chase"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    LATE = "late"
    COMMUNICATION = "communication"
    # A clock has started: what is due and the whole plan, as a calendar to keep.
    CLOCK_STARTED = "clock_started"
    # It is no breach: what calendars hold of its clocks is called off.
    CLOCKS_CALLED_OFF = "clocks_called_off"
    # After an outage: all that was missed of an organisation's cases, to one person.
    CAUGHT_UP = "caught_up"
    # To the case team: the reporter added something. To the reporter: we ask something.
    REPORT_COMPLETED = "report_completed"
    REPORT_QUESTION = "report_question"
    # About accounts, not about a case.
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a code
    ACCOUNT_NOTICE = "account_notice"


# Mails that belong to no case.
ACCOUNT_MAILS = frozenset({MailKind.INVITATION, MailKind.PASSWORD_RESET, MailKind.ACCOUNT_NOTICE})


class DeliveryState(StrEnum):
    """QUEUED and SENDING are under way; the others are final.

    REFUSED: the server said no for good. FAILED: we stopped trying. CANCELLED: no longer
    wanted, such as a reminder of a clock that has stopped.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """One recipient: who they are, and what became of their message, if it was queued.

    `is_readable` is False where our keys do not open who they are.
    """

    name: str
    address: str
    locale: str
    state: DeliveryState | None = None
    answer_code: int | None = None
    answer: str = ""
    queued_at: datetime | None = None
    finished_at: datetime | None = None
    is_readable: bool = True


UNDER_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)

# How the desk's own catcher answers: what it takes goes no further.
KEPT_HERE = "250 Kept as "
# What those are counted as, apart from what really went (`DeliveryState.SENT`).
KEPT_COUNT = "kept_here"


def is_kept_here(answer: str) -> bool:
    """Whether an answer, code first, is the catcher's: the mail stayed here, as a page."""
    return answer.startswith(KEPT_HERE)


def with_kept_apart(counts: Mapping[str, int], kept: int) -> dict[str, int]:
    """Counts by state in which what stayed here is no longer among those sent.

    Args:
        kept: how many of those sent stayed here.
    """
    told: dict[str, int] = {}
    for state, count in counts.items():
        if state == DeliveryState.SENT and kept:
            told |= {state: count - kept} if count > kept else {}
            told[KEPT_COUNT] = kept
        else:
            told[state] = count
    return told


# A claim outlives its worker by no more than this; then another may take it over. A worker
# that lives makes it longer, however slow its mail server.
LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# Once a server that could not be reached is back, nothing waits longer than this.
LONGEST_OUTAGE_PAUSE = timedelta(minutes=5)
# What tells our own people of a deadline is tried again as often: an hour is long near one.
LONGEST_FIRST_PAUSE = LONGEST_OUTAGE_PAUSE
# A server that refuses "for now" is asked again for this long (RFC 5321, 4.5.4.1:
# "the give-up time generally needs to be at least 4-5 days").
GIVE_UP_AFTER = timedelta(days=5)

FIRST_PRIORITY = 1
NOTICE_PRIORITY = 5


def queued_first(*, now: datetime, due_at: datetime) -> dict[str, object]:
    """What the rows of mails that tell our own people of a deadline have in common at first."""
    return {
        "priority": FIRST_PRIORITY,
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "claimed_by": "",
        "answer": "",
        "queued_at": now,
        "next_attempt_at": due_at,
    }


def pause_before_retry(attempts: int, *, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after this many attempts: doubled each time, up to `longest`."""
    doublings = min(attempts - 1, 10)
    return min(FIRST_PAUSE * int(2**doublings), longest)


def next_attempt_at(
    attempts: int, *, queued_at: datetime, now: datetime, longest: timedelta = LONGEST_PAUSE
) -> datetime | None:
    """When to try again after a temporary refusal, or None to give up."""
    moment = now + pause_before_retry(attempts, longest=longest)
    return moment if moment - queued_at <= GIVE_UP_AFTER else None


# Before this many have their answer, an estimate would be a guess.
FEWEST_TO_ESTIMATE_FROM = 20


def time_left(done: int, total: int, *, started_at: datetime, now: datetime) -> timedelta | None:
    """How long the rest of a run will take at the pace kept so far; None where unknown."""
    if done < FEWEST_TO_ESTIMATE_FROM or done >= total or now <= started_at:
        return None
    return (now - started_at) / done * (total - done)
