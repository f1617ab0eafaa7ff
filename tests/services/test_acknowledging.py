"""Confirming by the link in a mail: what it does, for whom, and when it does no more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import NotFound, TooManyAttempts, WrongStep
from breachdesk.domain.reminder_mails import ACKNOWLEDGE_WITHIN
from breachdesk.domain.reminders import AcknowledgedVia, ReminderCause
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Acknowledgement, Clock, Delivery, JournalEntry, Membership, Reminder
from breachdesk.services.ack_links import AckLinks, LinkedMail
from breachdesk.services.acknowledgements import acknowledge
from breachdesk.services.acknowledging import (
    ClockSeen,
    LinkState,
    acknowledge_by_link,
    look_at_link,
)
from breachdesk.services.case_access import restrict_case
from breachdesk.services.people import change_roles
from tests.cases import (
    MONDAY_NINE,
    OF_REMINDERS,
    file,
    incident,
    make_organisation,
    open_case,
    qualify,
    seat,
)
from tests.services.desks import counting_statements, let_work

NOW = MONDAY_NINE
REMINDED = NOW + timedelta(hours=24)
LATER = REMINDED + timedelta(hours=1)
UNTIL = REMINDED + ACKNOWLEDGE_WITHIN
TEAM = (Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER, Role.ADMIN)
MAIL = LinkedMail(12, 34, 5, REMINDED + timedelta(microseconds=678901))


@pytest.fixture
def reference(work):
    """A breach whose handler was reminded of it a day after."""
    make_organisation(work, now=NOW, roles=TEAM)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    let_work(work, REMINDED)
    return reference


@pytest.fixture
def token(work, reference):
    """The token of the link in the handler's mail."""
    delivery = work.session.scalars(select(Delivery).where(OF_REMINDERS)).one()
    assert delivery.user.email.startswith("handler")
    return work.desk.links.token(LinkedMail.of(delivery), expires_at=UNTIL)


def state(work, token, now=LATER) -> LinkState:
    work.session.rollback()
    return look_at_link(work.session, work.desk, token, now=now).state


def confirm(work, token, now=LATER, address="192.0.2.1") -> None:
    acknowledge_by_link(work.session, work.desk, token, address=address, now=now)


def planned_escalations(work) -> list[Reminder]:
    return list(
        work.session.scalars(
            select(Reminder).where(
                Reminder.cause == ReminderCause.ESCALATION,
                Reminder.emitted_at.is_(None),
                Reminder.cancelled_at.is_(None),
            )
        )
    )


def test_looking_shows_what_the_mail_said_and_changes_nothing(work, engine, token):
    main = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    due_at = main.due_at
    work.session.rollback()

    with counting_statements(engine) as asked:
        seen = look_at_link(work.session, work.desk, token, now=LATER)

    assert (seen.state, seen.clocks) == (LinkState.OPEN, (ClockSeen("gdpr_art_33", NOW, due_at),))
    assert seen.reference.startswith("GIR-")
    assert all(statement.lstrip().startswith("SELECT") for statement in asked)
    assert state(work, token) is LinkState.OPEN
    assert planned_escalations(work)


def test_confirming_reads_the_reminder_for_its_person_and_calls_the_escalation_off(work, token):
    assert planned_escalations(work)

    confirm(work, token)

    made = work.session.scalars(select(Acknowledgement)).one()
    assert (made.user.email, made.via) == ("handler@gir.example", AcknowledgedVia.LINK)
    assert made.at == LATER
    assert planned_escalations(work) == []
    assert state(work, token) is LinkState.READ_BY_YOU
    line = work.session.scalars(
        select(JournalEntry).where(JournalEntry.code == "reminder_acknowledged")
    ).one()
    assert line.actor_id == made.user_id


def test_confirming_twice_is_confirming_once(work, token):
    confirm(work, token)
    confirm(work, token, now=LATER + timedelta(minutes=1))

    assert work.session.scalars(select(Acknowledgement)).one().at == LATER


def test_of_two_who_confirm_at_once_one_is_recorded(work, token, at_once):
    work.session.commit()

    results = at_once(*[lambda own: confirm(own, token)] * 2)

    assert results == [None, None]
    assert len(work.session.scalars(select(Acknowledgement)).all()) == 1


def test_a_reminder_that_somebody_else_read_is_read_without_a_name(work, reference, token):
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()
    dpo = seat(work, Role.DPO).user
    acknowledge(work.session, clock, by=dpo, via=AcknowledgedVia.PAGE, now=LATER)

    seen = look_at_link(work.session, work.desk, token, now=LATER)
    assert (seen.state, seen.read_at) == (LinkState.READ, LATER)


def test_of_a_stopped_clock_there_is_nothing_to_confirm(work, reference, token):
    file(work, reference, now=LATER)

    assert state(work, token) is LinkState.STOPPED
    confirm(work, token)
    assert work.session.scalars(select(Acknowledgement)).all() == []


def test_a_link_ends_by_itself(work, token):
    assert state(work, token, UNTIL - timedelta(seconds=1)) is LinkState.OPEN
    assert state(work, token, UNTIL) is LinkState.OVER
    confirm(work, token, now=UNTIL)
    assert work.session.scalars(select(Acknowledgement)).all() == []


@pytest.mark.parametrize("is_gone", ["deactivated", "left"])
def test_whoever_works_there_no_more_confirms_nothing(work, token, is_gone):
    user = seat(work, Role.HANDLER).user
    if is_gone == "deactivated":
        user.is_active = False
    else:
        for membership in work.session.scalars(
            select(Membership).where(Membership.user_id == user.id)
        ):
            membership.ended_at = LATER
    work.session.commit()

    seen = look_at_link(work.session, work.desk, token, now=LATER)
    assert (seen.state, seen.reference, seen.organisation) == (LinkState.LEFT, "", None)
    confirm(work, token)
    assert work.session.scalars(select(Acknowledgement)).all() == []


def test_whoever_only_reads_cases_by_now_confirms_nothing(work, token):
    user = seat(work, Role.HANDLER).user
    change_roles(
        work.session,
        work.desk,
        user.id,
        [Role.AUDITOR],
        by=seat(work, Role.ADMIN),
        now=LATER,
    )

    seen = look_at_link(work.session, work.desk, token, now=LATER)
    assert (seen.state, seen.reference, seen.organisation) == (LinkState.LEFT, "", None)
    confirm(work, token)
    assert work.session.scalars(select(Acknowledgement)).all() == []


def test_of_a_case_restricted_since_nothing_is_shown_and_nothing_confirmed(work, reference, token):
    dpo = seat(work, Role.DPO)
    case = incident(work, reference)
    restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=LATER)

    seen = look_at_link(work.session, work.desk, token, now=LATER)
    assert (seen.state, seen.reference, seen.clocks) == (LinkState.HIDDEN, "", ())
    confirm(work, token)
    assert work.session.scalars(select(Acknowledgement)).all() == []


# --- The token -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token[:-1], id="cut short"),
        pytest.param(lambda token: "x" + token[1:], id="changed"),
        pytest.param(lambda token: "", id="empty"),
        pytest.param(lambda token: "é\u2028" * 300, id="nonsense"),
        pytest.param(lambda token: AckLinks().token(MAIL, expires_at=UNTIL), id="forged"),
    ],
)
def test_a_link_that_we_did_not_make_opens_nothing(work, token, spoil):
    with pytest.raises(NotFound):
        look_at_link(work.session, work.desk, spoil(token), now=LATER)


def test_a_link_of_a_mail_that_was_no_reminder_opens_nothing(work, token):
    other = work.session.scalars(select(Delivery).where(Delivery.reminder_id.is_(None))).first()
    made = work.desk.links.token(LinkedMail.of(other), expires_at=UNTIL)

    with pytest.raises(NotFound):
        look_at_link(work.session, work.desk, made, now=LATER)


def spoilt(**other):
    return [pytest.param(name, value, id=name) for name, value in other.items()]


@pytest.mark.parametrize(
    ("part", "other"),
    spoilt(reminder_id=99, user_id=99, queued_at=REMINDED + timedelta(microseconds=1)),
)
def test_a_number_given_again_after_a_restore_is_not_the_mail_of_an_old_link(
    work, token, part, other
):
    """The key stays when a backup is restored, and so do the links that were sent since."""
    mail = work.desk.links.read(token, now=LATER)
    old = work.desk.links.token(replace(mail, **{part: other}), expires_at=UNTIL)

    with pytest.raises(NotFound):
        look_at_link(work.session, work.desk, old, now=LATER)
    with pytest.raises(NotFound):
        confirm(work, old)
    assert work.session.scalars(select(Acknowledgement)).all() == []


def test_what_the_same_key_signs_for_something_else_is_no_link():
    from itsdangerous import URLSafeSerializer

    key = b"the key of the session" * 2
    for salt in ("cookie-session", "itsdangerous"):
        forged = URLSafeSerializer(key, salt=salt).dumps([1, 1, 1, 1, int(UNTIL.timestamp())])
        with pytest.raises(NotFound):
            AckLinks(key).read(forged, now=LATER)


def test_a_token_is_read_as_it_was_made_and_ends_at_its_second():
    links = AckLinks(b"k" * 32)
    token = links.token(MAIL, expires_at=UNTIL)

    assert links.read(token, now=UNTIL - timedelta(seconds=1)) == MAIL
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()
    with pytest.raises(WrongStep):
        links.read(token, now=UNTIL)


def test_guesses_are_counted_by_where_they_come_from(work, token):
    for _ in range(LIMITS[Attempt.SECRET].most):
        with pytest.raises(NotFound):
            confirm(work, "guess")

    with pytest.raises(TooManyAttempts):
        confirm(work, "guess")
    confirm(work, token, address="198.51.100.7")
    assert work.session.scalars(select(Acknowledgement)).one()
