"""After an outage: one mail to a person that says what was missed, not one a case or a clock.

What each case has to tell a person stays a delivery of that case: its ledger, its dossier,
whoever restricts it or stops its clock find it there, and no other case. Where something was
missed these deliveries wait aside, and a delivery of no case, `MailKind.CAUGHT_UP`, leaves for
all of them: see `caught_up_mails`.

One mail per organisation and person and tick, over all its batches: a batch that others follow
lets its mails wait for `FOR_OTHER_BATCHES`, and the first that leaves takes along whatever waits
aside by then. With several workers at it a person may get one mail from each that still emits
when another has sent: as many as there are workers, and no more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from breachdesk.domain.deliveries import MailKind, queued_first
from breachdesk.models import Delivery
from breachdesk.services.many_rows import insert_rows

Row = dict[str, Any]
# Somebody in an organisation, by the ids of both.
Whom = tuple[int, int]
# Which clock, in what capacity somebody is told of it, and what of it was missed.
KEPT = ("clock_id", "roles", "capacity", "missed")
# How long the mails of a batch wait for those of the next ones: a tick of 5,000 cases ends sooner.
FOR_OTHER_BATCHES = timedelta(seconds=30)
# What waits aside is never due by itself: `free_what_waits_for_nothing` sees that it does not
# wait for ever.
ASIDE_FOR = timedelta(days=3650)
# As which worker it is held meanwhile.
ASIDE = "aside"

_deliveries: Any = Delivery.__table__


def one_mail_each(deliveries: Sequence[Row]) -> list[Row]:
    """The deliveries of a tick, those to one person about one case made one where any was missed.

    The one for the clock due first stays, and tells of the others: their clocks, their
    reminders and what was missed of each. What fell due in time is left as it is: each clock
    has its own mail.

    Args:
        deliveries: rows to be, as `services.reminders` makes them.
    """
    if not any(row["parameters"]["missed"] for row in deliveries):
        return list(deliveries)
    together: dict[tuple[int, int], list[Row]] = {}
    for row in deliveries:
        together.setdefault((row["incident_id"], row["user_id"]), []).append(row)
    return [each for rows in together.values() for each in _merged(rows)]


def _merged(rows: Sequence[Row]) -> Sequence[Row]:
    if len(rows) == 1 or not any(row["parameters"]["missed"] for row in rows):
        return rows
    # What has no figure comes last. Instants of one form sort as texts.
    first, *others = sorted(rows, key=lambda row: row["parameters"]["due_at"] or "~")
    return [{**first, "parameters": {**first["parameters"], "also": [_told(r) for r in others]}}]


def _told(row: Row) -> Row:
    """What the ledger and the mail need of a delivery that is told in another."""
    kept = {key: row["parameters"][key] for key in KEPT if key in row["parameters"]}
    return {**kept, "reminder_id": row["reminder_id"]}


def tell_together(
    session: Session, deliveries: Sequence[Row], begun: set[Whom], *, is_last: bool, now: datetime
) -> None:
    """Let what was missed leave in one mail to each person; does not commit.

    Two statements, whatever was missed; none where nothing was.

    Args:
        deliveries: those of a batch, already written.
        begun: to whom earlier batches of the tick tell something this way; added to.
        is_last: no other batch of the tick follows.
    """
    theirs: dict[Whom, list[Row]] = {}
    for row in deliveries:
        theirs.setdefault((row["organisation_id"], row["user_id"]), []).append(row)
    chosen = {
        whom: rows
        for whom, rows in theirs.items()
        if any(_was_missed(row) for row in rows)
        # One delivery that nothing can follow is a mail by itself.
        and (len(rows) > 1 or whom in begun or not is_last)
    }
    if not chosen:
        return
    begun |= chosen.keys()
    keys = [row["dedup_key"] for rows in chosen.values() for row in rows]
    session.connection().execute(_put_aside(), {"keys": keys, "until": now + ASIDE_FOR})
    insert_rows(
        session,
        Delivery,
        ("organisation_id", "user_id", "dedup_key"),
        # A reminder is emitted once: so is this.
        [[*whom, f"caught-up:{rows[0]['dedup_key']}"] for whom, rows in chosen.items()],
        same={
            "kind": MailKind.CAUGHT_UP,
            "parameters": {},
            **queued_first(now=now, due_at=now if is_last else now + FOR_OTHER_BATCHES),
        },
    )


def _was_missed(row: Row) -> bool:
    said = row["parameters"]
    return any(each.get("missed") for each in (said, *said.get("also", ())))


@cache
def _put_aside() -> Any:
    return (
        update(_deliveries)
        .where(_deliveries.c.dedup_key.in_(bindparam("keys", expanding=True)))
        .values(
            claimed_by=ASIDE,
            next_attempt_at=bindparam("until", type_=_deliveries.c.next_attempt_at.type),
        )
    )
