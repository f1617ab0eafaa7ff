"""`deadline`: until when to notify, for a moment of awareness."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

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
    if timezone not in available_timezones():
        raise click.BadParameter(f"There is no zone {timezone}. Write it like Europe/Paris.")
    try:
        aware_at = datetime.fromisoformat(iso_time)
        moments = authority_notification_due_at(aware_at), hour_rounded_due_at(aware_at)
        shown = [moment.astimezone(ZoneInfo(timezone)) for moment in moments]
    except InvalidInstant:
        raise click.BadParameter(
            f"{iso_time} has no offset. Write it like 2026-11-24T09:00+01:00."
        ) from None
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{iso_time} is not an ISO 8601 time. Write it like 2026-11-24T09:00+01:00."
        ) from None
    for name, local in zip(("strict_72h", "reg1182_hours"), shown, strict=True):
        click.echo(f"{name} {local.isoformat(timespec='minutes')}")
