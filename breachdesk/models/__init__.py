"""What is kept: typed tables, nothing else."""

from breachdesk.models.base import Base, begin_as_reader, db, reading, set_connection_rules
from breachdesk.models.clocks import Clock, Reminder
from breachdesk.models.incidents import (
    Advice,
    Assessment,
    Attachment,
    AuthorityPhase,
    Decision,
    Dossier,
    Fact,
    Incident,
    JournalEntry,
    Qualification,
)
from breachdesk.models.notices import (
    Delivery,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Recipient,
    RecipientImport,
)
from breachdesk.models.organisations import Membership, Organisation, ReferenceCounter, User

__all__ = [
    "Advice",
    "Assessment",
    "Attachment",
    "AuthorityPhase",
    "Base",
    "Clock",
    "Decision",
    "Delivery",
    "Dossier",
    "Fact",
    "Incident",
    "JournalEntry",
    "Membership",
    "Notice",
    "NoticeApproval",
    "NoticeVersion",
    "Organisation",
    "Qualification",
    "Recipient",
    "RecipientImport",
    "ReferenceCounter",
    "Reminder",
    "User",
    "begin_as_reader",
    "db",
    "reading",
    "set_connection_rules",
]
