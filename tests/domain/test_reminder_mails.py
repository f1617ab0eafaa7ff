"""What a mail about a clock says is still missing: what holds that clock up, and no more."""

import pytest

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.facts import FACTS, Answer, FactState
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, StopEvent, regime_of, regimes
from breachdesk.domain.reminder_mails import (
    CLOCK_MAILS,
    NOTIFICATION_FACTS,
    WITH_CALENDAR,
    still_missing,
)
from breachdesk.domain.reminders import ReminderKind

CNIL = regime_of(GDPR_ART_33)
KNOWN = Answer(FactState.KNOWN, 1)


def test_what_is_asked_by_the_assessment_comes_before_what_the_form_lacks():
    missing = still_missing(CNIL, {"cause": KNOWN}, ["exfiltration", "n_subjects"])

    assert missing == ("exfiltration", "n_subjects", "breach_types", "occurred_from", "data")


@pytest.mark.parametrize(
    ("state", "is_missing"),
    [
        (FactState.NOT_ASKED, True),
        (FactState.NOT_KNOWN_YET, True),
        (FactState.ESTIMATED, False),
        (FactState.KNOWN, False),
        (FactState.NOT_APPLICABLE, False),
    ],
)
def test_a_fact_is_missing_until_something_is_known_of_it(state, is_missing):
    answers = {key: KNOWN for key in NOTIFICATION_FACTS} | {"n_subjects": Answer(state, None)}

    assert still_missing(CNIL, answers) == (("n_subjects",) if is_missing else ())


def test_no_more_than_five_are_named():
    assert len(still_missing(CNIL, {})) == 5


def test_a_clock_that_ends_by_an_act_of_its_own_waits_for_no_fact():
    for code, regime in regimes().items():
        waits = regime.stops_with in {
            StopEvent.QUALIFIED,
            StopEvent.FILED,
            StopEvent.FOLLOW_UP_FILED,
        }
        assert bool(still_missing(regime, {})) is waits, code
    assert still_missing(regime_of(PROVISIONAL), {}) != ()
    assert still_missing(None, {}) == ()


def test_every_fact_named_is_one_of_ours():
    assert set(NOTIFICATION_FACTS) <= set(FACTS)


def test_every_kind_of_reminder_is_a_mail_about_a_clock():
    assert {MailKind(kind.value) for kind in ReminderKind} == CLOCK_MAILS - WITH_CALENDAR
