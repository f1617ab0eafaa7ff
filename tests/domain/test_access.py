"""Who may do what, read off the one table that decides."""

import pytest

from breachdesk.domain.access import ALLOWED, ORGANISATION_ROLES, Action, Role, demand, is_allowed
from breachdesk.domain.errors import NotAllowed

# What changes a case.
WRITES = {
    Action.RECORD_FACTS,
    Action.ATTACH,
    Action.ANSWER_REPORTER,
    Action.RESTRICT_CASE,
    Action.SHARE_INCIDENT,
    Action.INVITE_PROCESSOR,
    Action.QUALIFY,
    Action.ASSESS,
    Action.ADVISE,
    Action.DECIDE,
    Action.DRAFT_NOTICE,
    Action.IMPORT_RECIPIENTS,
    Action.APPROVE_NOTICE,
    Action.SEND_NOTICE,
    Action.RECORD_FILING,
    Action.CLOSE,
}
# What shows what a case holds, or lets it out.
READS = {
    Action.SEE_REGISTER,
    Action.SEE_CASE,
    Action.SEE_JOURNAL,
    Action.SEE_RECIPIENTS,
    Action.EXPORT_RECIPIENTS,
    Action.MAKE_DOSSIER,
    Action.SEE_CAUGHT_MAIL,
}


def test_every_action_is_decided():
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


def test_anyone_may_report_and_nobody_without_a_role_may_do_anything():
    assert all(is_allowed({role}, Action.OPEN_INCIDENT) for role in ORGANISATION_ROLES)
    assert not any(is_allowed(set(), action) for action in Action)


def test_a_reporter_may_only_report_and_say_when_they_are_away():
    assert [action for action in Action if is_allowed({Role.REPORTER}, action)] == [
        Action.OPEN_INCIDENT,
        Action.RECORD_OWN_ABSENCE,
    ]


def test_the_decision_is_the_controllers_and_the_advice_the_dpos():
    assert ALLOWED[Action.DECIDE] == {Role.DECIDER}
    assert is_allowed({Role.DPO}, Action.ADVISE)
    assert not is_allowed({Role.DPO}, Action.DECIDE)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ADMIN, Role.REPORTER])
def test_who_only_reads_changes_nothing(role):
    assert not any(is_allowed({role}, action) for action in WRITES)


def test_the_operator_has_no_part_in_any_case():
    for_the_installation = {Action.SEE_INSTALLATION, Action.CREATE_ORGANISATION}

    assert {a for a in Action if is_allowed({Role.OPERATOR}, a)} == for_the_installation
    assert not any(is_allowed(ORGANISATION_ROLES, action) for action in for_the_installation)
    assert not for_the_installation & (WRITES | READS)


def test_the_admin_of_an_organisation_reads_no_case():
    assert not is_allowed({Role.ADMIN}, Action.SEE_CASE)
    assert not is_allowed({Role.ADMIN}, Action.SEE_REGISTER)


def test_who_answers_for_the_organisation_keeps_its_details():
    assert ALLOWED[Action.EDIT_ORGANISATION] == {Role.ADMIN, Role.DPO, Role.DECIDER}


def test_the_details_of_the_organisation_are_read_by_who_reads_cases_or_keeps_them():
    may_read = ALLOWED[Action.SEE_CASE] | ALLOWED[Action.EDIT_ORGANISATION]

    assert ALLOWED[Action.SEE_ORGANISATION] == may_read


def test_a_refusal_names_the_action():
    with pytest.raises(NotAllowed) as refusal:
        demand({Role.REPORTER}, Action.DECIDE)

    assert refusal.value.parameters["action"] == "decide"
