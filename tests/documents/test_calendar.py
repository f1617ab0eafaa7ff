"""Deadlines as iCalendar, read back by the `icalendar` library."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from breachdesk.documents.calendar import (
    DAYS_IN_A_FILE,
    CalendarClock,
    CalendarReminder,
    feed_calendar,
    feed_fingerprint,
    plan_calendar,
)
from breachdesk.domain.regimes import GDPR_ART_33, regimes

# Friday 27 November 2026, 19:30 in Paris.
START = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
DUE = START + timedelta(hours=72)
BEFORE = (48, 24, 12, 1, 0)
CLOCK = CalendarClock(
    uid="clock-12@desk.example",
    reference="GIR-2026-0007",
    regime=GDPR_ART_33,
    timezone="Europe/Paris",
    link="https://desk.example/incidents/GIR-2026-0007",
    started_at=START,
    due_at=DUE,
    noted_at=START + timedelta(minutes=10),
    reminders=tuple(
        CalendarReminder(f"reminder-{hours}@desk.example", DUE - timedelta(hours=hours))
        for hours in BEFORE
    ),
)


def events(content: bytes) -> dict[str, object]:
    return {str(event["uid"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def in_feed(*clocks: CalendarClock, now: datetime = START, locale: str = "fr"):
    return events(feed_calendar(clocks, locale=locale, now=now))


def in_file(clock: CalendarClock = CLOCK, *, now: datetime = START, **more):
    return events(plan_calendar(clock, locale="fr", now=now, **more))


def rings(event) -> list[datetime | timedelta]:
    return [alarm["trigger"].dt for alarm in event.walk("VALARM")]


# --- The file of a plan ----------------------------------------------------------------------


def test_a_plan_has_its_deadline_and_each_reminder_and_each_rings_once():
    found = in_file()

    deadline = found.pop(CLOCK.uid)
    assert deadline["dtstart"].dt == DUE
    assert {event["dtstart"].dt for event in found.values()} == {
        DUE - timedelta(hours=hours) for hours in BEFORE if hours
    }
    for event in (deadline, *found.values()):
        assert rings(event) == [timedelta(0)]
        assert str(event["transp"]) == "TRANSPARENT"


def test_what_rings_at_one_moment_rings_once():
    together = tuple(replace(each, at=START) for each in CLOCK.reminders[:2])

    found = in_file(replace(CLOCK, reminders=together))

    assert [len(rings(found[each.uid])) for each in together] == [1, 0]


def test_what_is_shown_quietly_does_not_ring():
    quiet = replace(CLOCK, reminders=(replace(CLOCK.reminders[0], rings=False),))

    assert rings(in_file(quiet)[CLOCK.reminders[0].uid]) == []


def test_the_clock_that_is_replaced_is_called_off_to_the_last_reminder():
    old = replace(
        CLOCK,
        uid="clock-11@desk.example",
        reminders=(CalendarReminder("reminder-1@desk.example", DUE - timedelta(hours=9)),),
    )

    found = in_file(replaced=[old])

    for uid in ("clock-11@desk.example", "reminder-1@desk.example"):
        assert (str(found[uid]["status"]), int(found[uid]["sequence"])) == ("CANCELLED", 2)
        assert rings(found[uid]) == []
    assert "status" not in found[CLOCK.uid]


def test_what_has_no_end_ends_by_itself_in_a_file():
    (event,) = in_file(replace(CLOCK, regime="quebec_cai", due_at=None)).values()

    assert event["rrule"]["COUNT"] == [DAYS_IN_A_FILE]


# --- The feed --------------------------------------------------------------------------------


def test_a_feed_rings_at_each_reminder_and_at_the_deadline():
    (event,) = in_feed(CLOCK).values()

    assert rings(event) == [-timedelta(hours=hours) for hours in BEFORE]


def test_every_instant_is_in_utc():
    content = feed_calendar([CLOCK], locale="fr", now=START).decode()

    assert "DTSTART:20261130T183000Z" in content
    assert "TZID" not in content


@pytest.mark.parametrize(
    ("regime", "said"),
    [
        (GDPR_ART_33, "EN RETARD · GIR-2026-0007 · Notification à la CNIL"),
        ("gdpr_art_34", "Objectif dépassé · GIR-2026-0007 · Communication aux personnes"),
        (
            "gdpr_follow_up",
            "Délai recommandé dépassé · GIR-2026-0007 · Complément à la notification initiale",
        ),
    ],
)
def test_past_its_moment_an_event_says_what_is_past_and_a_line_stands_on_every_day(regime, said):
    found = in_feed(replace(CLOCK, regime=regime), now=DUE + timedelta(minutes=1))

    assert {str(event["summary"]) for event in found.values()} == {said}
    each_day = found["clock-12-late@desk.example"]
    assert each_day["dtstart"].dt == date(2026, 11, 30)
    assert int(found[CLOCK.uid]["sequence"]) == 1
    assert rings(found[CLOCK.uid]) == [timedelta(0)]


def test_a_day_is_the_organisation_s_own():
    # 18:30 in UTC is past midnight there.
    far = replace(CLOCK, regime="quebec_cai", due_at=None, timezone="Pacific/Auckland")

    (event,) = in_feed(far).values()

    assert event["dtstart"].dt == date(2026, 11, 28)


@given(st.sampled_from(sorted(regimes())), st.sampled_from(["fr", "en"]), st.booleans())
def test_every_regime_in_every_language_is_read_back_whole(regime, locale, has_figure):
    clock = replace(CLOCK, regime=regime, due_at=DUE if has_figure else None)

    content = feed_calendar([clock], locale=locale, now=START)

    (event,) = events(content).values()
    rules = regimes()[regime]
    said = str(event["summary"]).replace("\u202f", " ").replace("\u00a0", " ")
    assert said.startswith(f"GIR-2026-0007 · {rules.name.in_locale(locale)}"), said
    assert clock.link in str(event["description"])
    assert "%(" not in str(event["description"])
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_a_regime_whose_file_is_gone_keeps_its_deadline():
    (event,) = in_feed(replace(CLOCK, regime="repealed_act")).values()

    assert str(event["summary"]) == "GIR-2026-0007 · repealed_act"
    assert event["dtstart"].dt == DUE


def test_the_same_clocks_give_the_same_bytes():
    first = feed_calendar([CLOCK], locale="fr", now=START)

    assert feed_calendar([CLOCK], locale="fr", now=START + timedelta(hours=5)) == first
    late = DUE + timedelta(seconds=1)
    prints = {
        feed_fingerprint(clocks, locale=locale, now=now)
        for clocks, locale, now in (
            ([CLOCK], "fr", START),
            ([CLOCK], "fr", START + timedelta(hours=5)),
            ([CLOCK], "en", START),
            ([CLOCK], "fr", late),
            ([], "fr", START),
            ([CLOCK, CLOCK], "fr", START),
        )
    }
    assert len(prints) == 5
