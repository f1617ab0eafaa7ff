"""What a reminder says, and who is told of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.access import Role
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminders import (
    LINE,
    ReminderKind,
    kind_of_reminder,
    people_to_remind,
)

DUE_AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HANDLER, DPO, DECIDER, MANAGER = Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER


@pytest.mark.parametrize(
    ("regime", "roles", "late", "kind"),
    [
        (GDPR_ART_33, (HANDLER,), False, ReminderKind.REMINDER),
        (GDPR_ART_33, (HANDLER, DPO), False, ReminderKind.REMINDER),
        (GDPR_ART_33, (DPO,), False, ReminderKind.ESCALATION),
        (GDPR_ART_33, (MANAGER,), False, ReminderKind.ESCALATION),
        (PROVISIONAL, (DPO,), False, ReminderKind.CHASE),
        (GDPR_ART_33, (HANDLER,), True, ReminderKind.LATE),
        (PROVISIONAL, (HANDLER,), True, ReminderKind.LATE),
    ],
)
def test_the_mail_says_why_one_is_told(regime, roles, late, kind):
    at = DUE_AT + timedelta(minutes=1 if late else -1)

    assert kind_of_reminder(regime, roles, due_at=DUE_AT, at=at) is kind


def test_a_person_with_two_roles_is_told_once():
    told = people_to_remind((HANDLER, DPO), {HANDLER: [1], DPO: [1, 2]})

    assert told == {1: (HANDLER, DPO), 2: (DPO,)}


@pytest.mark.parametrize(
    ("holders", "told"),
    [
        pytest.param({DECIDER: [3]}, {3: (HANDLER, DPO)}, id="no handler, no DPO: who decides"),
        pytest.param({HANDLER: [1]}, {1: (HANDLER, DPO)}, id="nobody above: back to who is there"),
        pytest.param({Role.ADMIN: [9]}, {9: (HANDLER, DPO)}, id="the admin at last"),
        pytest.param({}, {}, id="nobody at all"),
    ],
)
def test_a_role_nobody_holds_passes_to_the_next_in_line(holders, told):
    assert people_to_remind((HANDLER, DPO), holders) == told


def test_a_clock_without_a_figure_is_never_late():
    assert kind_of_reminder("quebec_cai", (HANDLER,), due_at=None, at=DUE_AT) is (
        ReminderKind.REMINDER
    )


@given(
    st.dictionaries(
        st.sampled_from([*LINE, Role.ADMIN]), st.lists(st.integers(1, 5), min_size=1), min_size=1
    ),
    st.lists(st.sampled_from(LINE), min_size=1, unique=True),
)
def test_as_long_as_anyone_is_there_someone_is_told(holders, roles):
    assert people_to_remind(roles, holders)
