"""Who may do what: one table, the only place that decides.

A role is held in one organisation. The operator alone holds a role in none: they run the
installation, so every line that reads or changes a case is closed to them.
Source: docs/design of the desk; GDPR Art. 38-39 (the DPO advises, the controller decides).
"""

from collections.abc import Iterable
from enum import StrEnum

from breachdesk.domain.errors import NotAllowed


class Role(StrEnum):
    """What a person is to an organisation; one person may hold several."""

    REPORTER = "reporter"
    HANDLER = "handler"
    DPO = "dpo"
    DECIDER = "decider"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    # Of the installation, not of an organisation.
    OPERATOR = "operator"


# The roles that a person can be given in an organisation.
ORGANISATION_ROLES = tuple(role for role in Role if role is not Role.OPERATOR)


class Action(StrEnum):
    """What can be done, as the services ask for it."""

    OPEN_INCIDENT = "open_incident"
    SEE_REGISTER = "see_register"
    SEE_CASE = "see_case"
    SEE_JOURNAL = "see_journal"
    RECORD_FACTS = "record_facts"
    ATTACH = "attach"
    ANSWER_REPORTER = "answer_reporter"
    RESTRICT_CASE = "restrict_case"
    SHARE_INCIDENT = "share_incident"
    INVITE_PROCESSOR = "invite_processor"
    QUALIFY = "qualify"
    ASSESS = "assess"
    ADVISE = "advise"
    DECIDE = "decide"
    DRAFT_NOTICE = "draft_notice"
    IMPORT_RECIPIENTS = "import_recipients"
    SEE_RECIPIENTS = "see_recipients"
    EXPORT_RECIPIENTS = "export_recipients"
    APPROVE_NOTICE = "approve_notice"
    SEND_NOTICE = "send_notice"
    RECORD_FILING = "record_filing"
    MAKE_DOSSIER = "make_dossier"
    MANAGE_CLOCKS = "manage_clocks"
    ACKNOWLEDGE_REMINDER = "acknowledge_reminder"
    CLOSE = "close"
    SEE_CAUGHT_MAIL = "see_caught_mail"
    SEE_ORGANISATION = "see_organisation"
    EDIT_ORGANISATION = "edit_organisation"
    SEE_ORGANISATION_JOURNAL = "see_organisation_journal"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SIGN_IN = "manage_sign_in"
    MANAGE_MAIL = "manage_mail"
    DECLARE_MAIL_COMPROMISED = "declare_mail_compromised"
    MANAGE_REPORTING = "manage_reporting"
    # Everyone's own; those of others are MANAGE_DUTY.
    RECORD_OWN_ABSENCE = "record_own_absence"
    MANAGE_DUTY = "manage_duty"
    MANAGE_REMINDER_PLAN = "manage_reminder_plan"
    SEE_INSTALLATION = "see_installation"
    CREATE_ORGANISATION = "create_organisation"


_EVERYONE = frozenset(ORGANISATION_ROLES)
_CASE_TEAM = frozenset({Role.HANDLER, Role.DPO, Role.DECIDER})
_READERS = _CASE_TEAM | {Role.MANAGER, Role.AUDITOR}
_LEADS = frozenset({Role.DPO, Role.DECIDER})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.OPEN_INCIDENT: _EVERYONE,
    Action.SEE_REGISTER: _READERS,
    Action.SEE_CASE: _READERS,
    Action.SEE_JOURNAL: _READERS,
    Action.RECORD_FACTS: _CASE_TEAM,
    Action.ATTACH: _CASE_TEAM,
    Action.ANSWER_REPORTER: _CASE_TEAM,
    Action.RESTRICT_CASE: _LEADS,
    Action.SHARE_INCIDENT: _LEADS,
    Action.INVITE_PROCESSOR: _CASE_TEAM,
    Action.QUALIFY: _LEADS,
    Action.ASSESS: _CASE_TEAM,
    Action.ADVISE: _LEADS,
    Action.DECIDE: frozenset({Role.DECIDER}),
    Action.DRAFT_NOTICE: _CASE_TEAM,
    Action.IMPORT_RECIPIENTS: _CASE_TEAM,
    Action.SEE_RECIPIENTS: _CASE_TEAM | {Role.AUDITOR},
    Action.EXPORT_RECIPIENTS: _LEADS,
    Action.APPROVE_NOTICE: _CASE_TEAM,
    Action.SEND_NOTICE: _LEADS,
    Action.RECORD_FILING: _CASE_TEAM,
    Action.MAKE_DOSSIER: _CASE_TEAM | {Role.AUDITOR},
    Action.MANAGE_CLOCKS: _CASE_TEAM,
    Action.ACKNOWLEDGE_REMINDER: _CASE_TEAM | {Role.MANAGER},
    Action.CLOSE: _LEADS,
    Action.SEE_CAUGHT_MAIL: _CASE_TEAM | {Role.ADMIN},
    Action.SEE_ORGANISATION: _READERS | {Role.ADMIN},
    Action.EDIT_ORGANISATION: _LEADS | {Role.ADMIN},
    Action.SEE_ORGANISATION_JOURNAL: _LEADS | {Role.ADMIN, Role.AUDITOR},
    Action.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Action.MANAGE_SIGN_IN: frozenset({Role.ADMIN}),
    Action.MANAGE_MAIL: frozenset({Role.ADMIN}),
    Action.DECLARE_MAIL_COMPROMISED: _LEADS | {Role.ADMIN},
    Action.MANAGE_REPORTING: frozenset({Role.ADMIN, Role.DPO}),
    Action.RECORD_OWN_ABSENCE: _EVERYONE,
    Action.MANAGE_DUTY: _LEADS | {Role.ADMIN},
    Action.MANAGE_REMINDER_PLAN: _LEADS | {Role.ADMIN},
    Action.SEE_INSTALLATION: frozenset({Role.OPERATOR}),
    Action.CREATE_ORGANISATION: frozenset({Role.OPERATOR}),
}


def is_allowed(roles: Iterable[Role], action: Action) -> bool:
    """Whether a person holding these roles may do it."""
    return not ALLOWED[action].isdisjoint(roles)


def demand(roles: Iterable[Role], action: Action) -> None:
    """Raise NotAllowed unless a person holding these roles may do it."""
    if not is_allowed(roles, action):
        raise NotAllowed(action=action.value)
