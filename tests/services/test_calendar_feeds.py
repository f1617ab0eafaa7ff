"""Secret addresses of calendars: whose deadlines they tell, for how long, at what cost."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from breachdesk.documents.calendar import feed_calendar
from breachdesk.domain.access import Role
from breachdesk.domain.epoch import microseconds
from breachdesk.domain.errors import InvalidInput, NotFound
from breachdesk.domain.reminders import ReminderCause
from breachdesk.models import CalendarFeed, Clock, Membership, Reminder
from breachdesk.services.calendar_feeds import (
    MOST_FEEDS,
    NOTE_EVERY,
    clocks_for,
    feeds_of,
    find_feed,
    make_feed,
    must_note_read,
    note_read,
    revoke_feed,
    written,
)
from breachdesk.services.case_access import restrict_case
from breachdesk.services.clocks import start_clock
from breachdesk.services.duty import add_shift
from breachdesk.services.sending import deliver_due
from tests.cases import (
    MONDAY_NINE,
    file,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)
from tests.services.desks import counting_statements

NOW = MONDAY_NINE


def read_by(work, role: Role, now=NOW, code: str = "GIR") -> dict[str, object]:
    """What this person's calendar reads, by UID."""
    user = seat(work, role, code).user
    clocks = clocks_for(work.session, work.desk, user)
    content = feed_calendar(clocks, locale=user.locale, now=now)
    return {str(event["uid"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def references(events) -> set[str]:
    return {str(event["summary"]).split(" · ")[-2] for event in events.values()}


@pytest.fixture
def breach(work):
    make_organisation(work, now=NOW)
    reference = open_case(work, now=NOW)
    qualify(work, reference, now=NOW)
    return reference


def uid_of(clock: Clock) -> str:
    return f"clock-{clock.id}-{microseconds(clock.created_at)}@desk.example"


# --- What is read ----------------------------------------------------------------------------


def test_a_calendar_reads_each_running_clock_with_an_alarm_for_each_reminder(work, breach):
    clock = work.session.scalars(select(Clock).where(Clock.is_main)).one()

    (event,) = read_by(work, Role.DPO).values()

    assert str(event["uid"]) == uid_of(clock)
    assert event["dtstart"].dt == NOW + timedelta(hours=72)
    assert str(event["summary"]) == f"{breach} · Notification à la CNIL"
    assert str(event["url"]) == f"https://desk.example/incidents/{breach}"
    planned = work.session.scalars(
        select(Reminder.remind_at).where(
            Reminder.clock_id == clock.id,
            Reminder.cause == ReminderCause.PLANNED,
            Reminder.cancelled_at.is_(None),
        )
    ).all()
    rings = {clock.due_at + alarm["trigger"].dt for alarm in event.walk("VALARM")}
    assert rings == {*planned, clock.due_at}


def test_a_calendar_rings_when_quiet_hours_let_the_reminder_go(work):
    """Planned at 2:00, held until 7:00; whoever is on duty is told at 2:00."""
    evening = NOW + timedelta(hours=8)
    make_organisation(work, now=NOW)
    qualify(work, open_case(work, now=evening), now=evening)
    add_shift(
        work.session,
        user_id=seat(work, Role.DPO).user.id,
        starts_at=evening + timedelta(hours=4),
        ends_at=evening + timedelta(hours=13),
        by=seat(work, Role.DPO),
        now=evening,
    )

    def rings(role: Role) -> set[timedelta]:
        (event,) = read_by(work, role, now=evening).values()
        return {timedelta(hours=72) + alarm["trigger"].dt for alarm in event.walk("VALARM")}

    assert timedelta(hours=13) in rings(Role.HANDLER)
    assert timedelta(hours=8) not in rings(Role.HANDLER)
    assert timedelta(hours=8) in rings(Role.DPO)
    # On the last day nothing is held: six hours before the deadline, and at night.
    for role in (Role.HANDLER, Role.DPO):
        assert {timedelta(hours=60), timedelta(hours=66), timedelta(hours=72)} <= rings(role)


def test_nothing_that_anybody_wrote_is_in_it(work, breach):
    user = seat(work, Role.DPO).user
    content = feed_calendar(
        clocks_for(work.session, work.desk, user), locale="fr", now=NOW
    ).decode()

    assert incident(work, breach).title[:20] not in content.replace("\r\n ", "")
    assert "Maison" not in content
    assert "@gir.example" not in content


def test_a_clock_that_stops_is_gone(work, breach):
    file(work, breach, now=NOW)

    events = read_by(work, Role.DPO)

    stopped = work.session.scalars(select(Clock).where(Clock.stopped_at.is_not(None))).all()
    assert stopped
    assert not {uid_of(each) for each in stopped} & set(events)


def test_a_missed_one_is_marked_and_rings_every_morning(work, breach):
    late = read_by(work, Role.DPO, now=NOW + timedelta(hours=73))

    deadline, each_day = sorted(late.values(), key=lambda event: len(str(event["uid"])))
    assert str(deadline["summary"]) == f"EN RETARD · {breach} · Notification à la CNIL"
    assert int(deadline["sequence"]) == 1
    assert each_day["dtstart"].dt == date(2026, 3, 5)
    assert each_day["rrule"]["FREQ"] == ["DAILY"]
    (alarm,) = each_day.walk("VALARM")
    assert alarm["trigger"].dt == timedelta(hours=9)


def test_one_without_a_figure_is_a_line_on_every_day(work, breach):
    case = incident(work, breach)
    by = seat(work, Role.HANDLER).user
    start_clock(work.session, case, "quebec_cai", started_at=NOW, by=by, now=NOW)
    work.session.commit()

    *_, last = clocks_for(work.session, work.desk, by)
    assert last.due_at is None
    event = read_by(work, Role.HANDLER)[last.uid]
    assert event["dtstart"].dt == date(2026, 3, 2)
    assert event["rrule"]["FREQ"] == ["DAILY"]
    assert "sans délai chiffré" in str(event["summary"])


def test_a_feed_tells_when_to_look_again_and_what_it_is_called(work, breach):
    user = seat(work, Role.DPO).user
    clocks = clocks_for(work.session, work.desk, user)

    calendar = Calendar.from_ical(feed_calendar(clocks, locale="fr", now=NOW))

    assert str(calendar["method"]) == "PUBLISH"
    assert "échéances" in str(calendar["x-wr-calname"])
    assert calendar["refresh-interval"].dt == timedelta(hours=1)
    assert calendar["refresh-interval"].params["VALUE"] == "DURATION"


# --- Whose ------------------------------------------------------------------------------------


def test_a_person_of_several_organisations_reads_all_of_them_and_no_other(work, breach):
    for code in ("VID", "ATT"):
        make_organisation(work, code, now=NOW)
    there = qualified(work, "VID")
    elsewhere = qualified(work, "ATT")
    dpo = seat(work, Role.DPO).user
    work.session.add(
        Membership(organisation_id=organisation(work, "VID").id, user_id=dpo.id, role=Role.HANDLER)
    )
    work.session.commit()

    assert references(read_by(work, Role.DPO)) == {breach, there}
    assert references(read_by(work, Role.DPO, code="ATT")) == {elsewhere}


def qualified(work, code: str = "GIR") -> str:
    reference = open_case(work, now=NOW, code=code)
    qualify(work, reference, now=NOW)
    return reference


def test_whoever_may_not_read_cases_reads_no_deadline(work, breach):
    assert read_by(work, Role.REPORTER) == {}


def test_a_seat_that_has_ended_tells_nothing_more(work, breach):
    user = seat(work, Role.DPO).user
    for membership in work.session.scalars(select(Membership).where(Membership.user_id == user.id)):
        membership.ended_at = NOW
    work.session.commit()

    assert clocks_for(work.session, work.desk, user) == []


def test_a_restricted_case_is_told_to_the_people_named_in_it_alone(work, breach):
    dpo = seat(work, Role.DPO)
    restrict_case(work.session, incident(work, breach), [dpo.user.id], seen=[], by=dpo, now=NOW)

    assert references(read_by(work, Role.DPO)) == {breach}
    assert read_by(work, Role.HANDLER) == {}


# --- What it costs ---------------------------------------------------------------------------


def test_a_feed_is_three_queries_however_many_cases_there_are(work, engine, breach):
    user = seat(work, Role.DPO).user
    with counting_statements(engine) as one:
        assert len(clocks_for(work.session, work.desk, user)) == 1
    for _ in range(5):
        qualified(work)
    work.session.refresh(user)
    with counting_statements(engine) as six:
        assert len(clocks_for(work.session, work.desk, user)) == 6

    assert len(one) == len(six) == 3


def test_the_fingerprint_changes_when_the_content_does(work, breach):
    user = seat(work, Role.DPO).user

    def at(now, locale="fr"):
        clocks = clocks_for(work.session, work.desk, user)
        feed = written(clocks, locale=locale, now=now)
        return feed.fingerprint, feed.content()

    first = at(NOW)
    assert at(NOW + timedelta(hours=1)) == first
    others = [at(NOW, "en"), at(NOW + timedelta(hours=73))]
    qualified(work)
    others.append(at(NOW))
    assert len({first, *others}) == 4
    assert len({fingerprint for fingerprint, _ in (first, *others)}) == 4


# --- The address -----------------------------------------------------------------------------


def test_an_address_is_found_by_its_token_and_kept_as_a_hash(work, breach):
    user = seat(work, Role.DPO).user

    token = make_feed(work.session, work.desk, user, now=NOW)

    kept = work.session.scalars(select(CalendarFeed)).one()
    assert find_feed(work.session, token).user.id == user.id
    assert token not in (kept.token_hash, repr(kept))
    with pytest.raises(NotFound):
        find_feed(work.session, token[:-1])


def test_the_owner_is_told_of_a_new_address(work, breach):
    make_feed(work.session, work.desk, seat(work, Role.DPO).user, now=NOW)

    deliver_due(work.session, work.desk, worker="w", clock=lambda: NOW)

    told = [each for each in work.desk.mailer.letters if "calendrier" in each.text]
    assert [each.recipient_address for each in told] == ["dpo@gir.example"]


def test_a_revoked_address_opens_nothing(work, breach):
    user = seat(work, Role.DPO).user
    token = make_feed(work.session, work.desk, user, now=NOW)
    (feed,) = feeds_of(work.session, user)

    revoke_feed(work.session, user, feed.id, now=NOW)
    revoke_feed(work.session, user, feed.id, now=NOW + timedelta(hours=1))

    assert feed.revoked_at == NOW
    assert feeds_of(work.session, user) == []
    with pytest.raises(NotFound):
        find_feed(work.session, token)


def test_nobody_revokes_another_person_s_address(work, breach):
    token = make_feed(work.session, work.desk, seat(work, Role.DPO).user, now=NOW)
    feed = find_feed(work.session, token)

    with pytest.raises(NotFound):
        revoke_feed(work.session, seat(work, Role.ADMIN).user, feed.id, now=NOW)
    assert find_feed(work.session, token)


def test_the_address_of_a_deactivated_account_opens_nothing(work, breach):
    user = seat(work, Role.DPO).user
    token = make_feed(work.session, work.desk, user, now=NOW)
    user.is_active = False
    work.session.commit()

    with pytest.raises(NotFound):
        find_feed(work.session, token)


def test_one_has_ten_addresses_at_most(work, breach):
    user = seat(work, Role.DPO).user
    for _ in range(MOST_FEEDS):
        make_feed(work.session, work.desk, user, now=NOW)

    with pytest.raises(InvalidInput):
        make_feed(work.session, work.desk, user, now=NOW)
    work.session.rollback()
    revoke_feed(work.session, user, feeds_of(work.session, user)[0].id, now=NOW)
    make_feed(work.session, work.desk, user, now=NOW)


def test_that_it_was_read_is_noted_once_an_hour(work, breach):
    token = make_feed(work.session, work.desk, seat(work, Role.DPO).user, now=NOW)
    feed = find_feed(work.session, token)
    assert must_note_read(feed, now=NOW)

    note_read(work.session, feed.id, now=NOW)

    assert not must_note_read(feed, now=NOW + NOTE_EVERY - timedelta(seconds=1))
    assert must_note_read(feed, now=NOW + NOTE_EVERY)
