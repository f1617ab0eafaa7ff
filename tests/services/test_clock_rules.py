"""Clocks name the law they count by."""

from breachdesk.domain.rule_sets import GDPR
from breachdesk.services.clocks import RULE_VERSION


def test_a_clock_keeps_the_version_of_the_law_in_force():
    assert GDPR.version == RULE_VERSION
