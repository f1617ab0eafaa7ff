"""What is kept: typed tables, nothing else."""

from breachdesk.models.base import Base, begin_as_reader, db, reading, set_connection_rules
from breachdesk.models.calendar_feeds import CalendarFeed
from breachdesk.models.clocks import Acknowledgement, Clock, ClockRefusal, Reminder
from breachdesk.models.duty import Absence, DutyShift
from breachdesk.models.incidents import (
    Advice,
    Assessment,
    Attachment,
    AuthorityPhase,
    Decision,
    Dossier,
    Fact,
    Incident,
    IncidentGroup,
    JournalEntry,
    NamedPerson,
    Qualification,
    Reopening,
)
from breachdesk.models.installation import Installation
from breachdesk.models.mail_accounts import MailAccount
from breachdesk.models.notices import (
    Delivery,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Recipient,
    RecipientImport,
)
from breachdesk.models.organisations import (
    Invitation,
    Membership,
    Organisation,
    ReferenceCounter,
    User,
)
from breachdesk.models.published_counts import PublishedCount, PublishedImport
from breachdesk.models.reports import OutsideReport, ProcessorLink, ReportMessage
from breachdesk.models.sign_in import (
    ExternalIdentity,
    IdentityProvider,
    KeptForm,
    Passkey,
    PasswordReset,
    RecoveryCode,
    Throttle,
    UserSession,
)
from breachdesk.models.work import Job, Worker

__all__ = [
    "Absence",
    "Acknowledgement",
    "Advice",
    "Assessment",
    "Attachment",
    "AuthorityPhase",
    "Base",
    "CalendarFeed",
    "Clock",
    "ClockRefusal",
    "Decision",
    "Delivery",
    "Dossier",
    "DutyShift",
    "ExternalIdentity",
    "Fact",
    "IdentityProvider",
    "Incident",
    "IncidentGroup",
    "Installation",
    "Invitation",
    "Job",
    "JournalEntry",
    "KeptForm",
    "MailAccount",
    "Membership",
    "NamedPerson",
    "Notice",
    "NoticeApproval",
    "NoticeVersion",
    "Organisation",
    "OutsideReport",
    "Passkey",
    "PasswordReset",
    "ProcessorLink",
    "PublishedCount",
    "PublishedImport",
    "Qualification",
    "Recipient",
    "RecipientImport",
    "RecoveryCode",
    "ReferenceCounter",
    "Reminder",
    "Reopening",
    "ReportMessage",
    "Throttle",
    "User",
    "UserSession",
    "Worker",
    "begin_as_reader",
    "db",
    "reading",
    "set_connection_rules",
]
