"""After an outage: one mail to a person that says what was missed of a case, not one a clock."""

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
# Which clock, and in what capacity somebody is told of it.
KEPT = ("clock_id", "roles", "capacity")


def one_mail_each(deliveries: Sequence[Row]) -> list[Row]:
    """The mails of a tick, those to one person about one case made one where any was missed.

    The one for the clock due first stays, and tells of the others: their clocks, their
    reminders and what was missed of them. What fell due in time is left as it is: each clock
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
    said = first["parameters"]
    missed = sorted(moment for row in rows for moment in row["parameters"]["missed"])
    return [{**first, "parameters": {**said, "missed": missed, "also": [_told(r) for r in others]}}]


def _told(row: Row) -> Row:
    """What the ledger needs of a mail that is told in another."""
    kept = {key: row["parameters"][key] for key in KEPT if key in row["parameters"]}
    return {**kept, "reminder_id": row["reminder_id"]}
