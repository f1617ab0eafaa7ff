"""Clocks name the law they count by."""

from breachdesk.domain.regimes import regime_of
from breachdesk.domain.rule_sets import GDPR
from breachdesk.services.cases import case_of
from tests.cases import MONDAY_NINE, Work, incident, make_organisation, open_case


def test_a_clock_keeps_the_version_of_the_law_of_its_day(work: Work):
    make_organisation(work, now=MONDAY_NINE)
    clock = case_of(work.session, incident(work, open_case(work, now=MONDAY_NINE))).clock

    assert clock is not None
    assert clock.rule_version == GDPR.version
    assert regime_of(clock.regime).rule(clock.rule_version).duration == GDPR.authority_limit
