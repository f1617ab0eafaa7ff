"""`deadline`: until when to notify, for a moment of awareness."""

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from breachdesk.domain.deadlines import authority_notification_due_at, hour_rounded_due_at
from breachdesk.domain.errors import InvalidInstant


@click.command()
@click.argument("iso_time")
@click.option(
    "--timezone",
    default="Europe/Paris",
    show_default=True,
    help="The zone in which the answer is given.",
)
def deadline(iso_time: str, timezone: str) -> None:
    """Print until when the authority must be notified.

    ISO_TIME is when the controller became aware, with its offset, like
    2026-11-24T09:00+01:00. Two lines come out: the strict 72 hours of GDPR Art. 33(1),
    which is the deadline to keep, and the reading of Regulation 1182/71 by whole hours.
    """
    try:
        aware_at = datetime.fromisoformat(iso_time)
        moments = authority_notification_due_at(aware_at), hour_rounded_due_at(aware_at)
    except InvalidInstant:
        raise click.BadParameter(
            f"{iso_time} has no offset. Write it like 2026-11-24T09:00+01:00."
        ) from None
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{iso_time} is not an ISO 8601 time. Write it like 2026-11-24T09:00+01:00."
        ) from None
    for name, moment in zip(("strict_72h", "reg1182_hours"), moments, strict=True):
        local = moment.astimezone(ZoneInfo(timezone))
        click.echo(f"{name} {local.isoformat(timespec='minutes')}")
