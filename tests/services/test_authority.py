"""Filings with the authority: phases with their content frozen, late ones with reasons."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.errors import InvalidInput, WrongStep
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import NextStep, next_step
from breachdesk.domain.phase_document import (
    changes_between,
    content_hash,
    fields_as_filed,
    left_open,
)
from breachdesk.models import AuthorityPhase
from breachdesk.models.append_only import WrittenOnceError
from breachdesk.services.attachments import Upload, read_attachment
from breachdesk.services.authority import (
    Filing,
    kinds_on_offer,
    record_filing,
    stands,
)
from breachdesk.services.cases import case_of
from breachdesk.services.journal import first_broken_entry, journal_of
from tests.cases import (
    MONDAY_NINE,
    advise,
    assess,
    assessed_case,
    decide,
    file,
    incident,
    know,
    make_organisation,
    open_case,
    qualify,
    seat,
)

NOW = MONDAY_NINE
DUE = NOW + timedelta(hours=72)
LATE = DUE + timedelta(minutes=1)
REASONS = "Le prestataire n'a répondu que le lundi."
FOLLOW_UP = NotificationKind.FOLLOW_UP


@pytest.fixture
def reference(work) -> str:
    """A breach, known since Monday nine."""
    make_organisation(work, now=NOW)
    opened = open_case(work, now=NOW)
    qualify(work, opened, now=NOW)
    return opened


def _phases(work) -> list[AuthorityPhase]:
    return work.session.query(AuthorityPhase).order_by(AuthorityPhase.id).all()


def test_the_first_filing_stops_the_clock_at_the_moment_it_was_made(work, reference):
    filed_at = NOW + timedelta(hours=30)
    filing = Filing(NotificationKind.INITIAL, filed_at, " N-1 ", receipt=Upload("r.txt", b"recu"))

    record_filing(
        work.session,
        work.desk,
        incident(work, reference),
        filing,
        by=seat(work, Role.HANDLER),
        now=filed_at + timedelta(hours=1),
    )

    case = case_of(work.session, incident(work, reference))
    assert (case.clock.stop_reason, case.clock.stopped_at) == (StopReason.FILED, filed_at)
    assert (case.phase.number, case.phase.was_late) == ("N-1", False)
    _, receipt = read_attachment(work.session, work.desk, case.incident, case.phase.receipt_id)
    assert receipt == b"recu"
    assert first_broken_entry(journal_of(work.session, case.incident)) is None
    # The authority gave the receipt: nobody filed it.
    assert "r.txt" not in str(case.phase.content["forms"])

    file(work, reference, now=filed_at + timedelta(hours=2), kind=FOLLOW_UP)
    follow_up = _phases(work)[-1]
    assert "r.txt" not in str(follow_up.content["forms"])
    # Questions of the form were left unanswered.
    assert follow_up.is_complete is False


def test_at_the_very_last_moment_it_is_not_late(work, reference):
    file(work, reference, now=DUE)

    assert not _phases(work)[0].was_late


@pytest.mark.parametrize("reasons", ["", "  trop   "])
def test_a_late_filing_demands_reasons(work, reference, reasons):
    with pytest.raises(InvalidInput) as refused:
        file(work, reference, now=LATE, reasons_for_delay=reasons)

    assert (refused.value.code, refused.value.field) == (
        "delay_reasons_missing",
        "reasons_for_delay",
    )
    work.session.rollback()
    file(work, reference, now=LATE, reasons_for_delay=REASONS)
    assert (_phases(work)[0].was_late, _phases(work)[0].reasons_for_delay) == (True, REASONS)


def test_lateness_is_that_of_the_first_filing(work, reference):
    file(work, reference, now=DUE - timedelta(hours=1))
    file(work, reference, now=LATE, kind=FOLLOW_UP)

    assert [(phase.sequence, phase.was_late) for phase in _phases(work)] == [(1, False), (2, False)]
    assert case_of(work.session, incident(work, reference)).clock.stopped_at < DUE


@pytest.mark.parametrize("kind", [FOLLOW_UP, NotificationKind.WITHDRAWAL])
def test_nothing_follows_before_something_was_filed(work, reference, kind):
    with pytest.raises(WrongStep, match="nothing_filed_yet"):
        file(work, reference, now=NOW, kind=kind)


@pytest.mark.parametrize(
    ("filed_at", "code"),
    [
        pytest.param(NOW + timedelta(hours=2), "filed_in_future", id="to come"),
        pytest.param(NOW - timedelta(minutes=1), "filed_before_aware", id="before awareness"),
    ],
)
def test_a_filing_at_a_time_that_cannot_be_is_refused(work, reference, filed_at, code):
    with pytest.raises(InvalidInput, match=code):
        record_filing(
            work.session,
            work.desk,
            incident(work, reference),
            Filing(NotificationKind.INITIAL, filed_at),
            by=seat(work, Role.DPO),
            now=NOW + timedelta(hours=1),
        )


def test_the_form_is_kept_as_it_stood_when_it_was_filed(work, reference):
    know(work, reference, now=NOW, n_subjects=3412)
    file(work, reference, now=NOW)
    know(work, reference, now=NOW, n_subjects=12)
    file(work, reference, now=NOW, kind=FOLLOW_UP)

    first, second = (str(phase.content) for phase in _phases(work))
    assert "3412" in first
    assert "3412" not in second
    _phases(work)[0].content = {}
    with pytest.raises(WrittenOnceError, match="content"):
        work.session.commit()


def test_an_incident_not_qualified_is_not_notified(work):
    make_organisation(work, "BUT", now=NOW)
    opened = open_case(work, now=NOW, code="BUT")

    with pytest.raises(WrongStep, match="not_qualified_as_breach"):
        file(work, opened, now=NOW)


WITHDRAWAL = NotificationKind.WITHDRAWAL
NO_BREACH = "L’enquête montre qu’aucune donnée n’a été consultée."


def test_each_filing_freezes_both_forms_as_they_stood_and_the_journal_its_hash(work, reference):
    know(work, reference, now=NOW, n_subjects=None, description="Un partage ouvert.")
    file(work, reference, now=NOW, kind=NotificationKind.INITIAL)
    know(work, reference, now=NOW, n_subjects=1250)
    file(work, reference, now=NOW, kind=FOLLOW_UP)

    first, second = _phases(work)
    assert set(first.content["forms"]) == {"cnil_2023", "edpb_1_0"}
    owed = {field.code for field in left_open(first.content, "cnil_2023")}
    assert "n_subjects" in owed
    changed = {
        each.field.code: each.field.value
        for each in changes_between(
            fields_as_filed(first.content, "cnil_2023"),
            fields_as_filed(second.content, "cnil_2023"),
        )
    }
    assert changed["n_subjects"] == 1250
    assert (first.is_complete, first.content["kind"]) == (False, "initial")
    lines = [
        line
        for line in journal_of(work.session, incident(work, reference))
        if line.code == Entry.PHASE_FILED
    ]
    assert [line.parameters["content"] for line in lines] == [
        content_hash(first.content),
        content_hash(second.content),
    ]


def test_a_withdrawal_says_why_and_owes_nothing_more(work, reference):
    file(work, reference, now=NOW, kind=NotificationKind.INITIAL, number="N-1")
    with pytest.raises(InvalidInput) as refused:
        file(work, reference, now=NOW, kind=WITHDRAWAL, withdrawal_reason="  ")
    assert (refused.value.code, refused.value.field) == (
        "withdrawal_reason_missing",
        "withdrawal_reason",
    )

    file(work, reference, now=NOW, kind=WITHDRAWAL, withdrawal_reason=NO_BREACH)

    phase = _phases(work)[-1]
    assert (phase.kind, phase.withdrawal_reason) == ("withdrawal", NO_BREACH)
    case = case_of(work.session, incident(work, reference))
    assert not case.progress.is_notified
    assert not stands(case)
    assert kinds_on_offer(case) == (NotificationKind.COMPLETE, NotificationKind.INITIAL)
    for kind in (FOLLOW_UP, WITHDRAWAL):
        with pytest.raises(WrongStep, match="nothing_filed_yet"):
            file(work, reference, now=NOW, kind=kind, withdrawal_reason=NO_BREACH)


def test_two_who_record_the_same_first_filing_make_one(work, reference, at_once):
    work.session.commit()

    results = at_once(
        lambda own: file(own, reference, now=NOW, kind=NotificationKind.INITIAL),
        lambda own: file(own, reference, now=NOW, kind=NotificationKind.INITIAL, by=Role.DPO),
    )

    assert [phase.kind for phase in _phases(work)] == ["initial"]
    [refused] = [each for each in results if isinstance(each, Exception)]
    assert isinstance(refused, WrongStep)
    assert refused.code == "already_notified"


def test_what_is_notified_again_after_a_withdrawal_is_a_first_filing_and_late_like_one(
    work, reference
):
    file(work, reference, now=NOW, kind=NotificationKind.INITIAL)
    file(work, reference, now=NOW, kind=WITHDRAWAL, withdrawal_reason=NO_BREACH)

    with pytest.raises(InvalidInput, match="delay_reasons_missing"):
        file(work, reference, now=LATE)
    file(work, reference, now=LATE, reasons_for_delay=REASONS)

    assert [phase.was_late for phase in _phases(work)] == [False, False, True]
    assert stands(case_of(work.session, incident(work, reference)))


def test_a_decision_to_notify_signed_after_a_withdrawal_is_to_be_carried_out(work):
    reference = assessed_case(work, now=NOW)
    advise(work, reference, now=NOW)
    decide(work, reference, now=NOW)
    file(work, reference, now=NOW, kind=NotificationKind.INITIAL)
    file(work, reference, now=NOW, kind=WITHDRAWAL, withdrawal_reason=NO_BREACH)
    found = incident(work, reference)
    assert next_step(case_of(work.session, found).progress) is not NextStep.NOTIFY_AUTHORITY

    later = NOW + timedelta(hours=5)
    assess(work, reference, now=later)
    advise(work, reference, now=later)
    decide(work, reference, now=later)

    assert next_step(case_of(work.session, found).progress) is NextStep.NOTIFY_AUTHORITY
    file(work, reference, now=later, kind=NotificationKind.INITIAL)
    assert next_step(case_of(work.session, found).progress) is not NextStep.NOTIFY_AUTHORITY
