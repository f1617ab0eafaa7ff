"""The law as dated data: what is in force, and what a proposal would change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from breachdesk.domain.deadlines import AUTHORITY_NOTIFICATION_LIMIT, authority_notification_due_at
from breachdesk.domain.duties import RULES_VERSION, assess
from breachdesk.domain.flips import flips_of
from breachdesk.domain.risk_factors import Risk
from breachdesk.domain.rule_sets import (
    DIGITAL_OMNIBUS,
    GDPR,
    RULE_SETS,
    rule_set_on,
)
from tests.domain.calm_case import calm_facts

SWITCHED_ON = date(2027, 9, 1)
# The proposal as if it had become law, from that day.
AS_LAW = (GDPR, replace(DIGITAL_OMNIBUS, in_force_from=SWITCHED_ON))
THE_DAY_BEFORE = SWITCHED_ON - timedelta(days=1)

RISK_ONLY = calm_facts(data=["employment"], recipients="one_known")
HIGH_RISK = calm_facts(data=["health"], recipients="few_known")


def test_the_law_in_force_is_that_of_2018():
    assert GDPR.in_force_from == date(2018, 5, 25)
    assert (GDPR.notify_from, GDPR.authority_limit) == (Risk.RISK, timedelta(hours=72))
    assert rule_set_on(date(2018, 5, 25)) is GDPR


def test_before_it_there_is_no_rule_to_apply():
    with pytest.raises(LookupError, match="2018-05-24"):
        rule_set_on(date(2018, 5, 24))


def test_the_proposal_of_2025_is_kept_and_not_in_force():
    assert RULE_SETS == (GDPR, DIGITAL_OMNIBUS)
    assert DIGITAL_OMNIBUS.in_force_from is None
    assert DIGITAL_OMNIBUS.notify_from is Risk.HIGH_RISK
    assert DIGITAL_OMNIBUS.authority_limit == timedelta(hours=96)
    assert rule_set_on(date(2099, 1, 1)) is GDPR


def test_a_proposal_can_be_switched_on_from_a_day():
    assert rule_set_on(THE_DAY_BEFORE, AS_LAW) is GDPR
    assert rule_set_on(SWITCHED_ON, AS_LAW) is AS_LAW[1]
    assert rule_set_on(SWITCHED_ON, AS_LAW[::-1]) is AS_LAW[1]


@pytest.mark.parametrize(
    ("facts", "before", "after"),
    [
        pytest.param(RISK_ONLY, "yes", "no", id="a mere risk is no longer notified"),
        pytest.param(HIGH_RISK, "yes", "yes", id="a high risk still is"),
        pytest.param(calm_facts(), "no", "no", id="no risk never was"),
    ],
)
def test_the_threshold_follows_the_day(facts, before, after):
    old = assess(facts, rule_set_on(THE_DAY_BEFORE, AS_LAW))
    new = assess(facts, rule_set_on(SWITCHED_ON, AS_LAW))

    assert (old.notify_authority, new.notify_authority) == (before, after)
    assert old == assess(facts)
    assert (old.risk, old.communicate_to_data_subjects) == (
        new.risk,
        new.communicate_to_data_subjects,
    )


def test_the_limit_follows_the_day():
    assert rule_set_on(THE_DAY_BEFORE, AS_LAW).authority_limit == timedelta(hours=72)
    assert rule_set_on(SWITCHED_ON, AS_LAW).authority_limit == timedelta(hours=96)


def test_the_clock_counts_by_the_law_in_force():
    aware_at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert authority_notification_due_at(aware_at) - aware_at == GDPR.authority_limit
    assert GDPR.authority_limit == AUTHORITY_NOTIFICATION_LIMIT
    assert GDPR.version == "gdpr-2018-05-25"


def test_an_assessment_keeps_the_law_it_was_made_under_and_our_rules():
    today, tomorrow = assess(RISK_ONLY).as_record(), assess(RISK_ONLY, AS_LAW[1]).as_record()

    assert (today["law"], tomorrow["law"]) == (GDPR.version, DIGITAL_OMNIBUS.version)
    assert today["rules_version"] == tomorrow["rules_version"] == RULES_VERSION


def test_a_risk_not_notified_is_said_with_its_law():
    first = assess(RISK_ONLY, AS_LAW[1]).reasons[0]

    assert (first.code, first.sources) == ("risk_not_notified", (DIGITAL_OMNIBUS.version,))
    assert assess(RISK_ONLY).reasons[0].code == "risk_risk"
    assert assess(HIGH_RISK, AS_LAW[1]).reasons[0].code == "risk_high_risk"
    assert assess(calm_facts(), AS_LAW[1]).reasons[0].code == "risk_unlikely"


def test_what_depends_and_what_is_asked_follow_the_law_too():
    facts = {**RISK_ONLY, "effect_on_persons": None}
    today, tomorrow = assess(facts), assess(facts, AS_LAW[1])

    assert (today.notify_authority, tomorrow.notify_authority) == ("yes", "depends")
    (asked_today,), (asked_tomorrow,) = today.open_questions, tomorrow.open_questions
    assert asked_today.would_change == ("communicate_to_data_subjects",)
    assert asked_tomorrow.would_change == ("notify_authority", "communicate_to_data_subjects")


def test_the_score_is_compared_with_the_duty_of_that_law():
    # DPC 2 x EI 0.75 + 0.5 is 2: practice would notify the authority.
    facts = calm_facts(
        data=["payment_card_partial"], identifiability="indirect", recipients="public"
    )

    assert assess(facts).reasons[-1].code == "enisa_agrees"
    assert assess(facts, AS_LAW[1]).reasons[-1].code == "enisa_higher"


def test_what_would_flip_follows_the_law():
    (flip, *_) = flips_of(RISK_ONLY, AS_LAW[1])

    assert flip.duty == "notify_authority"
    assert flip.becomes == "yes"
    changed = assess({**RISK_ONLY, flip.fact: flip.value}, AS_LAW[1])
    assert changed.risk == "high_risk"
