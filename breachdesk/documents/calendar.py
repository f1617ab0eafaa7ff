"""Deadlines as iCalendar (RFC 5545): the plan of one clock, and a person's feed.

A calendar is read on telephones and shared screens: it holds references and regimes, no
title, nothing that anybody wrote. Instants are in UTC, whole days in the organisation's zone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from breachdesk.domain.regimes import Binding, authorities, regime_of
from breachdesk.domain.time_zones import zone_or_utc
from breachdesk.domain.version import VERSION
from breachdesk.wording import N_, Wording, wording_for
from breachdesk.wording.labels import regime_label
from breachdesk.wording.times import local_time

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
# How often a reader is asked to look again (RFC 7986, 5.7).
REFRESH = timedelta(hours=1)
# What rings on a whole day rings at nine: an alarm at midnight is switched off.
MORNING = timedelta(hours=9)
# A file cannot be taken back: what has no end there ends by itself.
DAYS_IN_A_FILE = 30
# Each state of an event counts above the one before (RFC 5545, 3.8.7.4).
RUNNING, LATE, CANCELLED = 0, 1, 2

_LATE = {
    Binding.LAW: N_("EN RETARD · %(what)s"),
    Binding.RECOMMENDED: N_("Délai recommandé dépassé · %(what)s"),
    Binding.TARGET: N_("Objectif dépassé · %(what)s"),
    Binding.PRECAUTION: N_("EN RETARD · %(what)s"),
}
_DUE = {
    Binding.LAW: N_("Échéance : %(when)s"),
    Binding.RECOMMENDED: N_("Délai recommandé : %(when)s"),
    Binding.TARGET: N_("Objectif de l’organisation : %(when)s"),
    Binding.PRECAUTION: N_("Échéance, par précaution : %(when)s"),
}


@dataclass(frozen=True)
class CalendarReminder:
    """A reminder planned on a clock.

    Args:
        at: when it rings by what is known: quiet hours may hold it until then.
        rings: it is not for the desk's own pages alone.
    """

    uid: str
    at: datetime
    rings: bool = True


@dataclass(frozen=True)
class CalendarClock:
    """A clock as a calendar shows it.

    Args:
        uid: names its events, today and at every later reading.
        timezone: an IANA name, the organisation's.
        link: the page of the case, behind the sign-in.
        due_at: None where the regime gives no figure.
        noted_at: when the clock was recorded.
    """

    uid: str
    reference: str
    regime: str
    timezone: str
    link: str
    started_at: datetime
    due_at: datetime | None
    noted_at: datetime
    reminders: tuple[CalendarReminder, ...] = ()

    def is_late(self, now: datetime) -> bool:
        """Whether its moment is past."""
        return self.due_at is not None and now > self.due_at


def plan_calendar(
    clock: CalendarClock, *, replaced: Iterable[CalendarClock] = (), locale: str, now: datetime
) -> bytes:
    """The file that goes with the mail of a clock that started: its deadline, each reminder.

    It rings without us. What an earlier file said of a clock that this one replaces is
    called off in it.
    """
    words = wording_for(locale)
    events = [*_in_a_file(words, clock, now)]
    for old in replaced:
        events += [_called_off(event) for event in _in_a_file(words, old, now)]
    return _calendar(words, events)


def cancelling_calendar(clocks: Iterable[CalendarClock], *, locale: str, now: datetime) -> bytes:
    """The file that calls off all that earlier files said of clocks."""
    words = wording_for(locale)
    return _calendar(
        words,
        [_called_off(event) for old in clocks for event in _in_a_file(words, old, now)],
    )


def _in_a_file(words: Wording, clock: CalendarClock, now: datetime) -> Iterable["Event"]:
    yield from _of_clock(words, clock, now, days=DAYS_IN_A_FILE, with_offsets=False)
    if clock.due_at is not None:
        rung: set[datetime] = set()
        for each in clock.reminders:
            if each.at != clock.due_at:
                yield _reminder(words, clock, each, is_first=each.at not in rung)
                rung |= {each.at} if each.rings else set()


def feed_fingerprint(clocks: Iterable[CalendarClock], *, locale: str, now: datetime) -> str:
    """What changes when `feed_calendar` would: dearer to make than to compare."""
    told = [VERSION, locale, *((clock, clock.is_late(now)) for clock in clocks)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def feed_calendar(clocks: Iterable[CalendarClock], *, locale: str, now: datetime) -> bytes:
    """Every clock that runs, as a person's calendar reads it again and again."""
    words = wording_for(locale)
    events = [event for clock in clocks for event in _of_clock(words, clock, now)]
    return _calendar(words, events)


def _calendar(words: Wording, events: Iterable[Any]) -> bytes:
    # A tenth of a second to import: only who asks for a calendar pays for it.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//breachdesk//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words.text("breachdesk : échéances"))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _of_clock(
    words: Wording,
    clock: CalendarClock,
    now: datetime,
    *,
    days: int | None = None,
    with_offsets: bool = True,
) -> Iterable["Event"]:
    """The events of a clock: its deadline; where it is late or has none, each day as well."""
    if clock.due_at is None:
        yield _each_day(words, clock, clock.started_at, _no_figure(words, clock), days)
        return
    yield _deadline(words, clock, now, with_offsets=with_offsets)
    if clock.is_late(now):
        yield _each_day(words, clock, clock.due_at, _late(words, clock), days, "-late")


def _deadline(
    words: Wording, clock: CalendarClock, now: datetime, *, with_offsets: bool
) -> "Event":
    is_late = clock.is_late(now)
    summary = _late(words, clock) if is_late else _what(words, clock)
    event = _event(words, clock, clock.uid, summary)
    event.add("dtstart", clock.due_at)
    event.add("sequence", LATE if is_late else RUNNING)
    assert clock.due_at is not None
    moments = {clock.due_at}
    if with_offsets and not is_late:
        moments |= {each.at for each in clock.reminders if each.rings}
    for moment in sorted(moments):
        event.add_component(_alarm(summary, moment - clock.due_at))
    return event


def _reminder(
    words: Wording, clock: CalendarClock, reminder: CalendarReminder, *, is_first: bool
) -> "Event":
    """A reminder; of those that ring at one moment, the first one does."""
    summary = words.text("Rappel · %(what)s", what=_what(words, clock))
    event = _event(words, clock, reminder.uid, summary)
    event.add("dtstart", reminder.at)
    event.add("sequence", RUNNING)
    if reminder.rings and is_first:
        event.add_component(_alarm(summary, timedelta(0)))
    return event


def _each_day(
    words: Wording,
    clock: CalendarClock,
    since: datetime,
    summary: str,
    days: int | None,
    suffix: str = "",
) -> "Event":
    """A line on every day from a day on; for `days`, or until the clock stops."""
    name, _, host = clock.uid.partition("@")
    event = _event(words, clock, f"{name}{suffix}@{host}", summary)
    event.add("dtstart", since.astimezone(zone_or_utc(clock.timezone)).date())
    event.add("rrule", {"freq": "daily", **({"count": days} if days else {})})
    event.add("sequence", RUNNING)
    event.add_component(_alarm(summary, MORNING))
    return event


def _event(words: Wording, clock: CalendarClock, uid: str, summary: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", uid)
    # When it was noted, not when it is read: the same clock gives the same bytes.
    event.add("dtstamp", clock.noted_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", summary)
    event.add("description", _description(words, clock))
    event.add("url", clock.link)
    # It takes nobody's time, and is nobody else's business.
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _alarm(summary: str, trigger: timedelta) -> Any:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", trigger)
    return alarm


def _called_off(event: Any) -> Any:
    event.add("status", "CANCELLED")
    event["sequence"] = CANCELLED
    event.subcomponents.clear()
    return event


def _what(words: Wording, clock: CalendarClock) -> str:
    return f"{clock.reference} · {regime_label(clock.regime, words)}"


def _late(words: Wording, clock: CalendarClock) -> str:
    return words.text(_LATE[_binding(clock)], what=_what(words, clock))


def _no_figure(words: Wording, clock: CalendarClock) -> str:
    return words.text("%(what)s (sans délai chiffré)", what=_what(words, clock))


def _binding(clock: CalendarClock) -> Binding:
    regime = regime_of(clock.regime)
    return regime.binding if regime else Binding.LAW


def _description(words: Wording, clock: CalendarClock) -> str:
    regime, zone = regime_of(clock.regime), clock.timezone
    lines = [f"{clock.reference} : {regime_label(clock.regime, words)}"]
    if regime is not None:
        locale = words.locale
        to = authorities()[regime.authority].name.in_locale(locale)
        lines += [regime.article.in_locale(locale), words.text("Destinataire : %(name)s", name=to)]
    since = local_time(clock.started_at, zone, words)
    lines.append(words.text("Compté depuis : %(since)s", since=since))
    if clock.due_at is None:
        lines.append(
            words.text("Le texte ne donne pas de délai chiffré : il demande d’agir sans attendre.")
        )
    else:
        when = local_time(clock.due_at, zone, words, zone=True)
        lines.append(words.text(_DUE[_binding(clock)], when=when))
    lines += [words.text("Ouvrir le dossier, après connexion :"), clock.link]
    return "\n".join(lines)
