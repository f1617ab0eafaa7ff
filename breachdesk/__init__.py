"""breachdesk: the desk where a personal-data breach is opened, decided, timed, told, proven."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breachdesk.wiring import (
        check_key,
        create_app,
        following_key,
        make_catcher,
        make_desk,
        make_worker,
        prepare_runner,
        upgrade_database,
        utc_now,
    )

__all__ = [
    "check_key",
    "create_app",
    "following_key",
    "make_catcher",
    "make_desk",
    "make_worker",
    "prepare_runner",
    "upgrade_database",
    "utc_now",
]


def __getattr__(name: str) -> Any:
    """What `wiring` offers. The whole application takes most of a second to import: a process that
    only reads settings or checks one sealed file does not pay for it."""
    if name in __all__:
        return getattr(import_module("breachdesk.wiring"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
