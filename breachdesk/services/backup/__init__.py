"""Backups: the whole desk in one file that only its passphrase opens.

One format for both engines: what SQLite wrote PostgreSQL takes, and back.
"""

from breachdesk.services.backup.archive import KeyTexts
from breachdesk.services.backup.checking import Contents, check_backup
from breachdesk.services.backup.faults import BackupFault
from breachdesk.services.backup.making import make_backup
from breachdesk.services.backup.restoring import (
    Verdict,
    demand_empty,
    inspect_restored,
    restore_backup,
)

__all__ = [
    "BackupFault",
    "Contents",
    "KeyTexts",
    "Verdict",
    "check_backup",
    "demand_empty",
    "inspect_restored",
    "make_backup",
    "restore_backup",
]
