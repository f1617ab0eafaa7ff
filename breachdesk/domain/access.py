"""Who may do what: one table, the only place that decides.

A role is held in one organisation. The operator runs the installation and holds no
role in any organisation, so nothing here is open to them. Source: docs/design of the
desk; GDPR Art. 38-39 (the DPO advises, the controller decides).
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


class Action(StrEnum):
    """What can be done, as the services ask for it."""

    OPEN_INCIDENT = "open_incident"
    SEE_REGISTER = "see_register"
    SEE_CASE = "see_case"
    SEE_JOURNAL = "see_journal"
    RECORD_FACTS = "record_facts"
    ATTACH = "attach"
    QUALIFY = "qualify"
    ASSESS = "assess"
    ADVISE = "advise"
    DECIDE = "decide"
    DRAFT_NOTICE = "draft_notice"
    IMPORT_RECIPIENTS = "import_recipients"
    APPROVE_NOTICE = "approve_notice"
    SEND_NOTICE = "send_notice"
    RECORD_FILING = "record_filing"
    MAKE_DOSSIER = "make_dossier"
    CLOSE = "close"
    SEE_CAUGHT_MAIL = "see_caught_mail"
    SEE_ORGANISATION = "see_organisation"
    EDIT_ORGANISATION = "edit_organisation"


_EVERYONE = frozenset(Role)
_CASE_TEAM = frozenset({Role.HANDLER, Role.DPO, Role.DECIDER})
_READERS = _CASE_TEAM | {Role.MANAGER, Role.AUDITOR}

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.OPEN_INCIDENT: _EVERYONE,
    Action.SEE_REGISTER: _READERS,
    Action.SEE_CASE: _READERS,
    Action.SEE_JOURNAL: _READERS,
    Action.RECORD_FACTS: _CASE_TEAM,
    Action.ATTACH: _CASE_TEAM,
    Action.QUALIFY: frozenset({Role.DPO, Role.DECIDER}),
    Action.ASSESS: _CASE_TEAM,
    Action.ADVISE: frozenset({Role.DPO, Role.DECIDER}),
    Action.DECIDE: frozenset({Role.DECIDER}),
    Action.DRAFT_NOTICE: _CASE_TEAM,
    Action.IMPORT_RECIPIENTS: _CASE_TEAM,
    Action.APPROVE_NOTICE: _CASE_TEAM,
    Action.SEND_NOTICE: frozenset({Role.DPO, Role.DECIDER}),
    Action.RECORD_FILING: _CASE_TEAM,
    Action.MAKE_DOSSIER: _CASE_TEAM | {Role.AUDITOR},
    Action.CLOSE: frozenset({Role.DPO, Role.DECIDER}),
    Action.SEE_CAUGHT_MAIL: _CASE_TEAM | {Role.ADMIN},
    Action.SEE_ORGANISATION: _READERS | {Role.ADMIN},
    Action.EDIT_ORGANISATION: frozenset({Role.ADMIN, Role.DPO, Role.DECIDER}),
}


def is_allowed(roles: Iterable[Role], action: Action) -> bool:
    """Whether a person holding these roles may do it."""
    return not ALLOWED[action].isdisjoint(roles)


def demand(roles: Iterable[Role], action: Action) -> None:
    """Raise NotAllowed unless a person holding these roles may do it."""
    if not is_allowed(roles, action):
        raise NotAllowed(action=action.value)
