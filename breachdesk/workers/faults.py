"""How a worker's faults are logged: by code and place, never with what a case holds."""

import logging

from sqlalchemy.exc import DBAPIError

from breachdesk.services.faults import code_of, trace_of

log = logging.getLogger(__name__)


def log_fault(what: str, fault: Exception) -> None:
    """Log that something failed. An error's own words may hold a person's: they stay out.

    Args:
        what: was to be done, like "a round".
    """
    if isinstance(fault, DBAPIError):
        log.warning("Nothing was done: %s failed by the database (%s)", what, code_of(fault))
        return
    log.error(
        "Nothing was done: %s failed with %s at:\n%s", what, type(fault).__name__, trace_of(fault)
    )
