"""`python -m breachdesk worker`, with a clock that runs faster and less patience with servers.

    python -m tests.faults.worker SPEED WALL_AT TIMEOUT TEXT_TIMEOUT

At the instant WALL_AT (seconds since 1970) its clock shows `MONDAY_NINE`; from there it runs
SPEED times as fast as the wall's. Settings come from BREACHDESK_… variables, as ever.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from breachdesk import create_app, utc_now
from breachdesk.cli.run import work_until_told
from breachdesk.config import load_settings
from tests.people import MONDAY_NINE


def quick_clock(speed: float, wall_at: float) -> Callable[[], datetime]:
    """A clock that all workers of a run share."""
    return lambda: MONDAY_NINE + timedelta(seconds=(utc_now().timestamp() - wall_at) * speed)


def main(speed: float, wall_at: float, timeout: float, text_timeout: float) -> None:
    """Work until told to stop."""
    settings = load_settings(os.environ)
    app = create_app(settings, clock=quick_clock(speed, wall_at))
    desk = app.extensions["desk"]
    impatient = replace(desk.mail_server, timeout=timeout, text_timeout=text_timeout)
    app.extensions["desk"] = replace(desk, mail_server=impatient)
    work_until_told(app, settings)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
