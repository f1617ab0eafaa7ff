"""Assess: each version stays, with the facts it took."""

import pytest

from breachdesk.domain.errors import WrongStep
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services import assessments as services
from breachdesk.services.cases import case_of
from tests.cases import (
    MONDAY_NINE,
    advise,
    assess,
    assessed_case,
    decide,
    incident,
    know,
    make_organisation,
    open_case,
)

OWED, VOLUNTARY, NONE = Communicate.OWED, Communicate.VOLUNTARY, Communicate.NONE
NOW = MONDAY_NINE


def _case(work, reference):
    return case_of(work.session, incident(work, reference))


def test_each_assessment_keeps_the_facts_it_took(work):
    reference = assessed_case(work)
    know(work, reference, now=NOW, n_subjects=12, data=["health", "contact"])
    assert _case(work, reference).changed == ("data", "n_subjects")

    assert assess(work, reference, now=NOW) == 2

    second, kept = services.assessments_of(work.session, incident(work, reference))
    assert (kept.version, kept.facts["n_subjects"]) == (1, 3412)
    assert (second.version, second.facts["n_subjects"]) == (2, 12)
    assert second.result != kept.result
    assert _case(work, reference).changed == ()


def test_what_was_assessed_advised_and_decided_is_never_rewritten(work):
    reference = assessed_case(work)
    advise(work, reference, now=NOW, communicate=NONE)
    decide(work, reference, now=NOW, communicate=NONE)

    def rows():
        case = _case(work, reference)
        return case.assessment, case.advice, case.decision, case.qualification

    for number, column in enumerate(("result", "notify", "reason", "aware_at")):
        setattr(rows()[number], column, None)
        with pytest.raises(WrittenOnceError, match=column):
            work.session.flush()
        work.session.rollback()
        work.session.delete(rows()[number])
        with pytest.raises(WrittenOnceError, match="never deleted"):
            work.session.flush()
        work.session.rollback()


def test_nothing_is_assessed_before_it_is_a_breach(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)

    with pytest.raises(WrongStep, match="not_qualified_as_breach"):
        assess(work, reference, now=NOW)
