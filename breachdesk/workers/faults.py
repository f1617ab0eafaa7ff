"""How a worker's faults are logged: by code and place, never with what a case holds."""

import logging
import traceback

from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)


def log_fault(what: str, fault: Exception) -> None:
    """Log that something failed. An error's own words may hold a person's: they stay out.

    Args:
        what: was to be done, like "a round".
    """
    if isinstance(fault, DBAPIError):
        log.warning("Nothing was done: %s failed by the database (%s)", what, code_of(fault))
        return
    lines = "".join(traceback.format_tb(fault.__traceback__))
    log.error("Nothing was done: %s failed with %s at:\n%s", what, type(fault).__name__, lines)


def code_of(fault: DBAPIError) -> str:
    """The database's own code where it gave one, else the kind of fault."""
    code = getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "sqlite_errorname", None)
    return code or type(fault.orig).__name__
