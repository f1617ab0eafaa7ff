"""What a person does with the clocks of a case, and what the desk stops by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import ClockState, StopReason
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, WrongStep
from breachdesk.domain.lifecycle import NextStep, next_step
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL
from breachdesk.domain.reminders import ReminderCause
from breachdesk.models import Clock, ClockRefusal, Delivery, Qualification, Reminder
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import case_of, deadline_of
from breachdesk.services.clock_changes import correct_start, refuse, stop_by_hand
from breachdesk.services.clock_offers import read_case_clocks
from breachdesk.services.clocks import main_clock
from breachdesk.services.deadline_settings import set_deadlines
from breachdesk.services.incidents import close_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.qualification import qualify_as_no_breach
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from tests import cases
from tests.cases import MONDAY_NINE, incident, make_organisation, open_case, qualify, seat
from tests.encrypted_laptop import doubted_laptop, reopen

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=5)
REASON = "La plainte est déposée par notre maison mère."
INSURANCE = "insurance_complaint"


@pytest.fixture
def reference(work) -> str:
    """An attack that somebody noticed on Monday at nine, not qualified yet."""
    make_organisation(work, now=NOW)
    made = open_case(work, now=NOW)
    cases.know(work, made, now=NOW, vector="ransomware")
    return made


def start(work, reference, regime=INSURANCE, *, now=LATER, started_at=NOW, by=Role.HANDLER):
    return cases.start_clock(work, reference, regime, now=now, started_at=started_at, by=by)


def stop(work, reference, clock_id, why=StopReason.DONE, *, at=None, remark="", now=LATER):
    stop_by_hand(
        work.session,
        incident(work, reference),
        clock_id,
        why=why,
        stopped_at=at,
        remark=remark,
        by=seat(work, Role.HANDLER),
        now=now,
    )


def correct(work, reference, clock_id, started_at, *, reason=REASON, by=Role.DPO, now=LATER):
    return correct_start(
        work.session,
        incident(work, reference),
        clock_id,
        started_at=started_at,
        reason=reason,
        by=seat(work, by),
        now=now,
    )


def clock_of(work, clock_id) -> Clock:
    work.session.expire_all()
    return work.session.get_one(Clock, clock_id)


def offers(work, reference):
    return read_case_clocks(work.session, case_of(work.session, incident(work, reference))).offers


def called_for(work, reference) -> list[str]:
    return [offer.regime.code for offer in offers(work, reference).called_for]


def planned(work, clock_id) -> list[Reminder]:
    """What is still to be reminded of a clock."""
    return list(
        work.session.scalars(
            select(Reminder).where(
                Reminder.clock_id == clock_id,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        )
    )


def codes(work, reference) -> list[str]:
    return [entry.code for entry in journal_of(work.session, incident(work, reference))]


# --- Starting -----------------------------------------------------------------------------------


def test_an_attack_calls_for_a_complaint_and_a_person_starts_it(work, reference):
    assert called_for(work, reference) == [INSURANCE]
    assert offers(work, reference).of(INSURANCE).starts_at == NOW

    clock = clock_of(work, start(work, reference))

    assert (clock.regime, clock.is_main, clock.rule_version) == (
        INSURANCE,
        False,
        "l12-10-1-2023-04-24",
    )
    assert (clock.started_at, clock.due_at) == (NOW, NOW + timedelta(hours=72))
    assert clock.started_by.name == seat(work, Role.HANDLER).user.name
    assert planned(work, clock.id)
    assert called_for(work, reference) == []
    assert main_clock(work.session, incident(work, reference)).regime == PROVISIONAL


def test_an_offer_alone_starts_nothing(work, reference):
    assert called_for(work, reference) == [INSURANCE]

    assert [clock.regime for clock in work.session.scalars(select(Clock))] == [PROVISIONAL]


def test_a_clock_without_a_figure_runs_and_is_reminded_of_without_being_late(work, reference):
    clock = clock_of(work, start(work, reference, "gdpr_art_33_2"))

    assert clock.due_at is None
    assert planned(work, clock.id)
    for hours in (1, 1000):
        seen = deadline_of(clock, NOW + timedelta(hours=hours))
        assert (seen.state, seen.left) == (ClockState.OPEN_ENDED, None)


def test_a_month_is_counted_in_the_zone_of_the_organisation(work, reference):
    clock = clock_of(work, start(work, reference, "nis2_final_report"))

    # 2 March at 10:00 in Paris, and 2 April at 10:00: by then it is summer time.
    assert (NOW, clock.due_at) == (
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 4, 2, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("regime", "started_at", "code"),
    [
        pytest.param(INSURANCE, LATER + timedelta(seconds=1), "start_in_future", id="to come"),
        pytest.param(INSURANCE, NOW.replace(year=2022), "no_rule_then", id="before the law"),
    ],
)
def test_a_start_that_cannot_be_is_refused(work, reference, regime, started_at, code):
    with pytest.raises(InvalidInput) as refused:
        start(work, reference, regime, started_at=started_at)

    assert (refused.value.code, refused.value.field) == (code, "started_at")


def test_a_regime_runs_once_at_a_time(work, reference):
    start(work, reference)

    with pytest.raises(WrongStep) as refused:
        start(work, reference)

    assert refused.value.code == "clock_already_running"


@pytest.mark.parametrize("regime", [GDPR_ART_33, PROVISIONAL, "nowhere"])
def test_what_the_desk_starts_itself_or_does_not_know_is_started_by_nobody(work, reference, regime):
    with pytest.raises(NotFound):
        start(work, reference, regime)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_who_only_reads_starts_nothing(work, reference, role):
    with pytest.raises(NotAllowed):
        start(work, reference, by=role)


def test_two_who_start_the_same_clock_start_one(work, reference, at_once):
    def begin(own):
        return cases.start_clock(own, reference, INSURANCE, now=LATER)

    outcomes = at_once(begin, begin)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["WrongStep", "int"]
    work.session.rollback()
    running = work.session.scalars(select(Clock).where(Clock.regime == INSURANCE)).all()
    assert len(running) == 1


# --- Refusing -----------------------------------------------------------------------------------


def test_what_is_refused_is_offered_no_more_and_the_reason_is_kept(work, reference):
    by = seat(work, Role.HANDLER)

    refuse(work.session, incident(work, reference), INSURANCE, reason=REASON, by=by, now=LATER)

    assert called_for(work, reference) == []
    kept = work.session.scalars(select(ClockRefusal)).one()
    assert (kept.regime, kept.reason, kept.by_id) == (INSURANCE, REASON, by.user.id)
    line = journal_of(work.session, incident(work, reference))[-1]
    assert (line.code, line.parameters, line.reason) == (
        "clock_refused",
        {"regime": INSURANCE},
        REASON,
    )
    start(work, reference)


def test_a_refusal_needs_a_reason(work, reference):
    with pytest.raises(InvalidInput) as refused:
        refuse(
            work.session,
            incident(work, reference),
            INSURANCE,
            reason="non",
            by=seat(work, Role.HANDLER),
            now=LATER,
        )

    assert (refused.value.code, refused.value.field) == ("refusal_reason_missing", "reason")


def test_what_runs_is_stopped_and_not_refused(work, reference):
    start(work, reference)

    with pytest.raises(WrongStep):
        refuse(
            work.session,
            incident(work, reference),
            INSURANCE,
            reason=REASON,
            by=seat(work, Role.HANDLER),
            now=LATER,
        )


# --- Stopping -----------------------------------------------------------------------------------


def test_done_stops_the_clock_at_that_hour_with_what_was_done(work, reference):
    clock_id = start(work, reference)
    done_at = NOW + timedelta(hours=2)

    stop(work, reference, clock_id, at=done_at, remark="  Plainte n° 2026/123.  ")

    clock = clock_of(work, clock_id)
    assert (clock.stopped_at, clock.stop_reason) == (done_at, StopReason.DONE)
    assert clock.stop_remark == "Plainte n° 2026/123."
    assert clock.stopped_by_id == seat(work, Role.HANDLER).user.id
    assert planned(work, clock_id) == []
    assert called_for(work, reference) == []


def test_nothing_is_sent_for_a_stopped_clock(work, reference):
    clock_id = start(work, reference)
    stop(work, reference, clock_id, at=LATER)

    emit_due_reminders(work.session, now=NOW + timedelta(hours=90))

    planned_ones = select(Reminder).where(
        Reminder.clock_id == clock_id, Reminder.cause != ReminderCause.START
    )
    reminders = work.session.scalars(planned_ones).all()
    assert {each.emitted_at for each in reminders} == {None}
    sent = select(Delivery).where(Delivery.reminder_id.in_([each.id for each in reminders]))
    assert work.session.scalars(sent).all() == []


def test_done_late_needs_the_reasons_and_lateness_is_frozen(work, reference):
    clock_id = start(work, reference)
    late = NOW + timedelta(hours=80)

    with pytest.raises(InvalidInput) as refused:
        stop(work, reference, clock_id, at=late, now=late)
    work.session.rollback()
    stop(work, reference, clock_id, at=late, remark=REASON, now=late + timedelta(hours=3))

    assert (refused.value.code, refused.value.field) == ("late_remark_missing", "remark")
    seen = deadline_of(clock_of(work, clock_id), late + timedelta(days=300))
    assert (seen.state, seen.left) == (ClockState.STOPPED_LATE, timedelta(hours=-8))


def test_not_owed_needs_a_reason_and_is_never_late(work, reference):
    clock_id = start(work, reference)
    late = NOW + timedelta(hours=80)

    with pytest.raises(InvalidInput) as refused:
        stop(work, reference, clock_id, StopReason.NOT_OWED, now=late)
    work.session.rollback()
    stop(work, reference, clock_id, StopReason.NOT_OWED, remark=REASON, now=late)

    assert (refused.value.code, refused.value.field) == ("refusal_reason_missing", "remark")
    clock = clock_of(work, clock_id)
    assert (clock.stopped_at, clock.stop_reason) == (late, StopReason.NOT_OWED)
    assert deadline_of(clock, late).state is ClockState.STOPPED


@pytest.mark.parametrize(
    ("why", "at", "code"),
    [
        (StopReason.DONE, None, "done_at_missing"),
        (StopReason.DONE, LATER + timedelta(minutes=1), "done_in_future"),
        (StopReason.DONE, NOW - timedelta(minutes=1), "done_before_start"),
        (StopReason.QUALIFIED, LATER, "choice_missing"),
    ],
)
def test_an_end_that_cannot_be_is_refused(work, reference, why, at, code):
    clock_id = start(work, reference)

    with pytest.raises(InvalidInput) as refused:
        stop(work, reference, clock_id, why, at=at)

    assert refused.value.code == code


def test_the_main_clock_is_not_stopped_by_a_word(work, reference):
    provisional = main_clock(work.session, incident(work, reference)).id
    with pytest.raises(WrongStep):
        stop(work, reference, provisional, at=LATER)
    work.session.rollback()
    qualify(work, reference, now=LATER)
    main = main_clock(work.session, incident(work, reference)).id

    with pytest.raises(WrongStep) as refused:
        stop(work, reference, main, at=LATER)

    assert refused.value.code == "clock_ends_otherwise"


def test_a_clock_of_another_case_is_not_found(work, reference):
    other = open_case(work, now=NOW)
    clock_id = start(work, other)

    with pytest.raises(NotFound):
        stop(work, reference, clock_id, at=LATER)


# --- Correcting ---------------------------------------------------------------------------------


def test_a_corrected_start_is_another_clock_planned_anew(work, reference):
    clock_id = start(work, reference)
    earlier = NOW - timedelta(hours=20)

    moved = correct(work, reference, clock_id, earlier, by=Role.HANDLER)

    old = clock_of(work, clock_id)
    assert (old.stop_reason, old.stop_remark) == (StopReason.CORRECTED, REASON)
    assert (moved.started_at, moved.due_at) == (earlier, earlier + timedelta(hours=72))
    assert (moved.replaces_id, moved.regime) == (clock_id, INSURANCE)
    assert planned(work, clock_id) == []
    assert planned(work, moved.id)
    assert called_for(work, reference) == []


def test_correcting_the_main_clock_corrects_the_awareness(work, reference):
    qualify(work, reference, now=LATER, aware_at=NOW + timedelta(hours=4))
    main = main_clock(work.session, incident(work, reference)).id
    true_start = NOW + timedelta(hours=1)

    moved = correct(work, reference, main, true_start)

    case = case_of(work.session, incident(work, reference))
    assert (case.clock.id, moved.is_main) == (moved.id, True)
    assert case.incident.aware_at == case.qualification.aware_at == true_start
    assert case.qualification.reason == REASON
    assert len(work.session.scalars(select(Qualification)).all()) == 2
    assert moved.due_at == true_start + timedelta(hours=72)
    record = read_case_record(work.session, case.incident, by=seat(work, Role.DPO).user, now=LATER)
    assert [clock.replaces for clock in record.clocks] == [None, None, 2]
    assert first_broken_entry(journal_of(work.session, case.incident)) is None


def running_by_regime(work, reference) -> dict[str, Clock]:
    rows = select(Clock).where(
        Clock.incident_id == incident(work, reference).id, Clock.stopped_at.is_(None)
    )
    return {clock.regime: clock for clock in work.session.scalars(rows)}


def test_clocks_that_count_from_the_same_awareness_move_along_with_it(work, reference):
    aware, true_start = NOW + timedelta(hours=4), NOW + timedelta(hours=1)
    qualify(work, reference, now=LATER, aware_at=aware)
    main = main_clock(work.session, incident(work, reference)).id
    same = start(work, reference, "quebec_cai", started_at=aware.replace(second=0))
    apart = start(work, reference, "telecom_611", started_at=aware + timedelta(minutes=1))
    other_event = start(work, reference, INSURANCE, started_at=aware)

    correct(work, reference, main, true_start)

    running = running_by_regime(work, reference)
    assert running["quebec_cai"].started_at == running["gdpr_art_33"].started_at == true_start
    assert running["quebec_cai"].replaces_id == same
    assert (clock_of(work, same).stop_reason, clock_of(work, same).stop_remark) == (
        StopReason.CORRECTED,
        REASON,
    )
    assert planned(work, same) == []
    assert {apart, other_event} <= {clock.id for clock in running.values()}
    assert codes(work, reference).count("clock_stopped") == 3
    assert first_broken_entry(journal_of(work.session, incident(work, reference))) is None


@pytest.mark.parametrize("is_qualified", [False, True])
def test_clocks_that_count_from_the_notice_move_along_with_it(work, reference, is_qualified):
    if is_qualified:
        qualify(work, reference, now=LATER)
    noted = start(work, reference, "nis2_early_warning", started_at=NOW)
    apart = start(work, reference, "nis2_notification", started_at=NOW + timedelta(hours=1))
    earlier = NOW - timedelta(hours=1)

    cases.know(work, reference, now=LATER, noticed_at=earlier.isoformat())

    moved = running_by_regime(work, reference)["nis2_early_warning"]
    assert (moved.started_at, moved.replaces_id) == (earlier, noted)
    assert clock_of(work, noted).stop_reason is StopReason.CORRECTED
    assert clock_of(work, apart).stopped_at is None


@pytest.mark.parametrize(
    ("started_at", "reason", "code"),
    [
        pytest.param(LATER + timedelta(minutes=1), REASON, "aware_in_future", id="to come"),
        pytest.param(NOW - timedelta(minutes=1), REASON, "aware_before_noticed", id="too soon"),
        pytest.param(NOW, "non", "correction_reason_missing", id="no reason"),
    ],
)
def test_the_awareness_is_checked_as_when_qualifying(work, reference, started_at, reason, code):
    qualify(work, reference, now=LATER)
    main = main_clock(work.session, incident(work, reference)).id

    with pytest.raises(InvalidInput) as refused:
        correct(work, reference, main, started_at, reason=reason)

    work.session.rollback()
    assert refused.value.code == code
    assert refused.value.field == ("reason" if reason == "non" else "started_at")
    assert main_clock(work.session, incident(work, reference)).id == main


def test_only_who_may_qualify_moves_the_awareness(work, reference):
    qualify(work, reference, now=LATER)
    main = main_clock(work.session, incident(work, reference)).id

    with pytest.raises(NotAllowed):
        correct(work, reference, main, NOW, by=Role.HANDLER)


def test_the_provisional_clock_follows_the_notice_and_not_a_correction(work, reference):
    provisional = main_clock(work.session, incident(work, reference)).id

    with pytest.raises(WrongStep):
        correct(work, reference, provisional, NOW - timedelta(hours=1))


def test_a_clock_that_was_taken_up_again_is_corrected_without_moving_the_first_awareness(work):
    make_organisation(work, now=NOW)
    learnt = NOW + timedelta(days=20)
    then = learnt + timedelta(hours=3)
    reference = doubted_laptop(work, now=NOW, learnt_at=learnt)
    reopen(work, reference, now=then, aware_at=learnt)
    first = incident(work, reference).aware_at
    main = main_clock(work.session, incident(work, reference)).id

    moved = correct(work, reference, main, learnt + timedelta(hours=1), now=then)
    again = correct(work, reference, moved.id, learnt + timedelta(hours=2), now=then)

    assert incident(work, reference).aware_at == first
    assert again.started_at == learnt + timedelta(hours=2)
    with pytest.raises(InvalidInput) as refused:
        correct(work, reference, again.id, first - timedelta(minutes=1), now=then)
    assert refused.value.code in ("reopened_before_aware", "aware_before_noticed")


def test_a_correction_after_a_role_was_mistaken_leaves_the_first_awareness_alone(work):
    make_organisation(work, now=NOW)
    learnt = NOW + timedelta(days=20)
    then = learnt + timedelta(hours=3)
    reference = doubted_laptop(work, now=NOW, learnt_at=learnt)
    reopen(work, reference, now=then, aware_at=learnt)
    first = incident(work, reference).aware_at
    cases.know(work, reference, now=then, role="processor")
    cases.know(work, reference, now=then, role="controller")
    again = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    assert (again.started_at, again.stopped_at) == (learnt, None)

    corrected = learnt + timedelta(hours=1)
    correct_start(
        work.session,
        incident(work, reference),
        again.id,
        started_at=corrected,
        reason="L’appel est arrivé une heure plus tard que ce qui avait été noté.",
        by=seat(work, Role.DPO),
        now=then,
    )

    assert incident(work, reference).aware_at == first != corrected


# --- What the desk sees itself ------------------------------------------------------------------


def test_a_filing_stops_every_clock_that_it_answers_late_or_not(work, reference):
    telecom = start(work, reference, "telecom_611")
    complaint = start(work, reference)
    qualify(work, reference, now=LATER, aware_at=NOW)
    filed_at = NOW + timedelta(hours=30)

    with pytest.raises(InvalidInput) as refused:
        cases.file(work, reference, now=filed_at)
    work.session.rollback()
    cases.file(work, reference, now=filed_at, reasons_for_delay=REASON)

    assert (refused.value.code, refused.value.field) == (
        "other_delay_reasons_missing",
        "reasons_for_delay",
    )

    late = clock_of(work, telecom)
    assert (late.stop_reason, late.stopped_at) == (StopReason.FILED, filed_at)
    assert deadline_of(late, filed_at).state is ClockState.STOPPED_LATE
    assert clock_of(work, complaint).stopped_at is None
    main = case_of(work.session, incident(work, reference)).clock
    assert deadline_of(main, filed_at).state is ClockState.STOPPED


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (NotificationKind.FOLLOW_UP, StopReason.FILED),
        (NotificationKind.COMPLETE, StopReason.FILED),
        (NotificationKind.WITHDRAWAL, StopReason.NOT_OWED),
    ],
)
def test_a_follow_up_stops_the_clock_that_waits_for_it(work, reference, kind, reason):
    qualify(work, reference, now=LATER)
    cases.file(work, reference, now=LATER)
    assert "gdpr_follow_up" in called_for(work, reference)
    assert offers(work, reference).of("gdpr_follow_up").starts_at == LATER
    clock_id = start(work, reference, "gdpr_follow_up", started_at=LATER)

    why = "Aucune donnée n’a été lue." if kind is NotificationKind.WITHDRAWAL else ""
    at = LATER + timedelta(hours=9)
    cases.file(work, reference, now=at, kind=kind, withdrawal_reason=why)

    assert clock_of(work, clock_id).stop_reason is reason


def test_a_late_follow_up_says_why(work, reference):
    qualify(work, reference, now=LATER)
    cases.file(work, reference, now=LATER)
    start(work, reference, "gdpr_follow_up", started_at=LATER)
    late = LATER + timedelta(hours=73)

    with pytest.raises(InvalidInput) as refused:
        cases.file(work, reference, now=late, kind=NotificationKind.FOLLOW_UP)
    work.session.rollback()
    cases.file(
        work,
        reference,
        now=late,
        kind=NotificationKind.FOLLOW_UP,
        reasons_for_delay=REASON,
    )

    assert refused.value.code == "other_delay_reasons_missing"
    phase = case_of(work.session, incident(work, reference)).phase
    # The first notification came in time: that is what was_late is about.
    assert (phase.reasons_for_delay, phase.was_late) == (REASON, False)


def test_a_follow_up_already_filed_is_not_called_for(work, reference):
    qualify(work, reference, now=LATER)
    cases.file(work, reference, now=LATER)
    cases.file(work, reference, now=LATER, kind=NotificationKind.FOLLOW_UP)

    assert "gdpr_follow_up" not in called_for(work, reference)


def test_a_communication_that_has_left_stops_its_clock(work, mailer):
    make_organisation(work, now=NOW)
    reference = cases.full_case(work, now=NOW).reference
    assert "gdpr_art_34" in called_for(work, reference)
    clock_id = start(work, reference, "gdpr_art_34")
    cases.start_sending(work, reference, now=LATER)
    work.session.rollback()
    assert clock_of(work, clock_id).stopped_at is None
    work.session.rollback()

    sent_at = LATER + timedelta(minutes=2)
    deliver_due(work.session, work.desk, worker="w", clock=lambda: sent_at)

    clock = clock_of(work, clock_id)
    assert (clock.stop_reason, clock.stopped_at) == (StopReason.COMMUNICATED, sent_at)
    assert clock.stopped_by_id is None
    assert "gdpr_art_34" not in called_for(work, reference)


def test_no_breach_stops_what_counts_from_one_and_nothing_else(work, reference):
    telecom, complaint = start(work, reference, "telecom_611"), start(work, reference)

    qualify_as_no_breach(
        work.session,
        incident(work, reference),
        reason="Le fichier était vide.",
        by=seat(work, Role.DPO),
        now=LATER,
    )

    assert clock_of(work, telecom).stop_reason is StopReason.NOT_A_BREACH
    assert clock_of(work, complaint).stopped_at is None


def test_a_case_is_not_closed_over_a_clock_that_runs(work, reference):
    clock_id = start(work, reference)
    by = seat(work, Role.DPO)
    found = incident(work, reference)
    qualify_as_no_breach(work.session, found, reason="Le fichier était vide.", by=by, now=LATER)
    assert next_step(case_of(work.session, found).progress) is NextStep.SETTLE_CLOCKS

    with pytest.raises(WrongStep) as refused:
        close_incident(work.session, found, by=by, now=LATER)
    work.session.rollback()
    stop(work, reference, clock_id, at=LATER)
    close_incident(work.session, incident(work, reference), by=by, now=LATER)

    assert refused.value.code == "cannot_close_yet"
    assert called_for(work, reference) == []
    with pytest.raises(WrongStep):
        start(work, reference)


def test_a_corrected_notice_replaces_the_provisional_clock_and_no_complaint(work, reference):
    complaint = start(work, reference)
    former = main_clock(work.session, incident(work, reference)).id
    earlier = NOW - timedelta(hours=1)

    cases.know(work, reference, now=LATER, noticed_at=earlier.isoformat())

    main = main_clock(work.session, incident(work, reference))
    assert (main.started_at, main.replaces_id) == (earlier, former)
    assert clock_of(work, complaint).started_at == NOW


# --- The organisation's own settings ------------------------------------------------------------


def settle(work, traits=(), targets=None, by=Role.DPO):
    return set_deadlines(
        work.session, traits=traits, targets=targets or {}, by=seat(work, by), now=NOW
    )


def test_a_target_of_its_own_counts_for_clocks_started_from_then_on(work, reference):
    before = start(work, reference, "gdpr_art_34")

    assert settle(work, targets={"gdpr_art_34": 48})

    assert clock_of(work, before).due_at == NOW + timedelta(hours=72)
    other = open_case(work, now=NOW)
    after = clock_of(work, start(work, other, "gdpr_art_34"))
    assert after.due_at == NOW + timedelta(hours=48)


def test_no_target_changes_what_the_law_says(work, reference):
    cases.organisation(work).targets = {INSURANCE: 500}
    work.session.commit()

    assert clock_of(work, start(work, reference)).due_at == NOW + timedelta(hours=72)


def test_what_an_organisation_says_of_itself_calls_for_clocks(work, reference):
    assert settle(work, traits=["telecom_provider"])

    assert "telecom_611" in called_for(work, reference)
    line = journal_of(work.session, cases.organisation(work))[-1]
    assert (line.code, line.parameters) == (
        "deadline_settings_changed",
        {"traits": ["telecom_provider"], "targets": {}},
    )
    assert not settle(work, traits=["telecom_provider"], targets={"gdpr_art_34": 72})


@pytest.mark.parametrize(
    ("traits", "targets", "code"),
    [
        (["bank"], {}, "unknown_trait"),
        ([], {"gdpr_art_34": 0}, "target_hours_wrong"),
        ([], {"gdpr_art_34": 2161}, "target_hours_wrong"),
        ([], {"gdpr_art_33": 96}, "target_hours_wrong"),
    ],
)
def test_settings_that_cannot_be_are_refused(work, reference, traits, targets, code):
    with pytest.raises(InvalidInput) as refused:
        settle(work, traits, targets)

    assert refused.value.code == code


def test_who_only_handles_cases_does_not_set_the_deadlines(work, reference):
    with pytest.raises(NotAllowed):
        settle(work, by=Role.HANDLER)
