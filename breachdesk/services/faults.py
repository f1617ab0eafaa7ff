"""How an unexpected fault is told in the log: by its kind and its place.

Its own words are left out. They may quote what a person typed; those of a database name every
parameter of the statement.
"""

import traceback

from sqlalchemy.exc import DBAPIError


def kind_of(fault: BaseException) -> str:
    """Its type; of a database's fault with the database's own code, where it gave one."""
    kind = type(fault).__name__
    return f"{kind} ({code_of(fault)})" if isinstance(fault, DBAPIError) else kind


def code_of(fault: DBAPIError) -> str:
    """The database's own code where it gave one, else the kind of fault."""
    code = getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "sqlite_errorname", None)
    return code or type(fault.orig).__name__


def trace_of(fault: BaseException) -> str:
    """Where a fault arose, and then, of each that it arose from, its kind and where."""
    places = "".join(traceback.format_tb(fault.__traceback__))
    before = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return f"{places}It arose from {kind_of(before)} at:\n{trace_of(before)}" if before else places
