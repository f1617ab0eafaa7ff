"""The mails about clocks of one batch, from what was read for all of them at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from breachdesk.documents.calendar import (
    MEDIA_TYPE,
    CalendarClock,
    cancelling_calendar,
    plan_calendar,
)
from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.lifecycle import NextStep, next_step
from breachdesk.domain.regimes import PROVISIONAL, regime_of
from breachdesk.domain.reminder_mails import (
    ACKNOWLEDGE_WITHIN,
    CLOCK_MAILS,
    WITH_CALENDAR,
    ClockTold,
    PlannedTelling,
    clocks_told,
    missed_of,
    most_urgent_first,
    still_missing,
    told_together,
)
from breachdesk.domain.reminders import ReminderCause
from breachdesk.domain.standing_in import Shift
from breachdesk.mail.letters import Attachment
from breachdesk.mail.reminder_mails import mail_about_clock, mail_after_outage
from breachdesk.models import Clock, Delivery, Incident, Membership, Reminder
from breachdesk.services.ack_links import LinkedMail
from breachdesk.services.acting import Desk
from breachdesk.services.case_at_a_glance import Case
from breachdesk.services.cases import cases_of
from breachdesk.services.clock_calendars import PersonalHours, calendar_clock, shifts_of
from breachdesk.services.known_facts import answers_from, latest_facts_of_all
from breachdesk.services.reminder_plans import plan_of


@dataclass(frozen=True)
class ClockLetter:
    """What a mail about a clock says, and the file that goes with it."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class ClockMails:
    """Writes the mails about clocks of one batch; made by `read_clock_mails`.

    Args:
        unread: when the reminder was sent that an escalation passes on, by the escalation's id.
        missing: the facts not known yet, gravest first, by incident.
        plans: what is planned on a clock that has just started, and on the one it replaces.
        held: the roles that each person holds in each organisation.
        shifts: when each person is on duty, by organisation and person.
        known: starts of clocks that whoever started them knows of: there is nothing to confirm.
    """

    desk: Desk
    now: datetime
    clocks: Mapping[int, Clock] = field(default_factory=dict)
    clock_of_reminder: Mapping[int, int] = field(default_factory=dict)
    unread: Mapping[int, datetime] = field(default_factory=dict)
    cases: Mapping[int, Case] = field(default_factory=dict)
    answers: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    plans: Mapping[int, Sequence[Reminder]] = field(default_factory=dict)
    held: Mapping[tuple[int, int], frozenset[Role]] = field(default_factory=dict)
    known: frozenset[int] = frozenset()
    shifts: Mapping[tuple[int, int], tuple[Shift, ...]] = field(default_factory=dict)
    _files: dict[tuple[int, str, tuple[Shift, ...]], Attachment] = field(
        default_factory=dict, init=False
    )

    def letter(self, delivery: Delivery, incident: Incident) -> ClockLetter:
        """The mail of a delivery of one of `CLOCK_MAILS`, with its calendar if it has one."""
        assert delivery.user is not None
        locale = delivery.user.locale
        told = self._all_told(delivery, incident)
        mail = mail_about_clock(delivery.kind, told, locale=locale, now=self.now)
        return ClockLetter(mail.subject, mail.text, self._files_of(delivery, incident, locale))

    def after_outage(
        self, delivery: Delivery, told: Iterable[tuple[Delivery, Incident]]
    ) -> ClockLetter:
        """The mail of a delivery that tells of the cases of others, most urgent first."""
        assert delivery.user is not None
        until = delivery.queued_at + ACKNOWLEDGE_WITHIN
        token = self.desk.links.token(LinkedMail.of(delivery), expires_at=until)
        mail = mail_after_outage(
            sorted((self._all_told(*each) for each in told), key=most_urgent_first),
            acknowledge_link=self.desk.acknowledge_url(token),
            acknowledge_until=until,
            locale=delivery.user.locale,
            now=self.now,
        )
        return ClockLetter(mail.subject, mail.text)

    def _files_of(
        self, delivery: Delivery, incident: Incident, locale: str
    ) -> tuple[Attachment, ...]:
        if delivery.kind is MailKind.CLOCKS_CALLED_OFF:
            return (self._cancelling(delivery, incident, locale),)
        clock = self.clocks.get(self._clock_id(delivery) or 0)
        if delivery.kind is MailKind.CLOCK_STARTED and clock is not None:
            return (self._file(delivery, clock, incident, locale),)
        return ()

    def _clock_id(self, delivery: Delivery) -> int | None:
        given = delivery.parameters.get("clock_id")
        return given or self.clock_of_reminder.get(delivery.reminder_id or 0)

    def _all_told(self, delivery: Delivery, incident: Incident) -> ClockTold:
        """What a mail tells; of several clocks those that still run, the most urgent first."""
        told = self._told(delivery, incident, self.clocks.get(self._clock_id(delivery) or 0))
        clocks = [self.clocks.get(key) for key in clocks_told(delivery.parameters)]
        running = [each for each in clocks if each is not None and each.stopped_at is None]
        if len(clocks) < 2 or not running:
            return told
        every = [self._told(delivery, incident, each) for each in running]
        first, *others = sorted(every, key=most_urgent_first)
        return replace(first, others=tuple(others))

    def _told(self, delivery: Delivery, incident: Incident, clock: Clock | None) -> ClockTold:
        given = delivery.parameters
        regime = clock.regime if clock else str(given.get("regime", PROVISIONAL))
        roles = tuple(given.get("roles", ()))
        replaced = self.clocks.get(clock.replaces_id or 0) if clock else None
        until = delivery.queued_at + ACKNOWLEDGE_WITHIN
        return ClockTold(
            reference=incident.reference,
            organisation=incident.organisation.name,
            timezone=incident.organisation.timezone,
            link=self.desk.case_url(incident.reference),
            regime=regime,
            started_at=clock.started_at if clock else None,
            due_at=clock.due_at if clock else _instant(given.get("due_at")),
            next_step=self._next_step(incident.id),
            missing=self._missing(incident.id, regime),
            roles=roles,
            stands_in=self._stands_in(delivery, roles),
            unread=self.unread.get(delivery.reminder_id or 0),
            missed=missed_of(given, clock.id if clock else None),
            acknowledge_link=self._link(delivery, until),
            acknowledge_until=until,
            plan=self._plan(delivery, clock, incident)
            if delivery.kind is MailKind.CLOCK_STARTED
            else (),
            notify_link=f"{self.desk.case_url(incident.reference)}/notification",
            is_correction=replaced is not None and replaced.regime == regime,
            takes_over=replaced.regime if replaced and replaced.regime != regime else "",
            called_off=self._called_off(delivery),
        )

    def _called_off(self, delivery: Delivery) -> tuple[tuple[str, StopReason], ...]:
        if delivery.kind is not MailKind.CLOCKS_CALLED_OFF:
            return ()
        clocks = [self.clocks[key] for key in clocks_told(delivery.parameters)]
        return tuple((each.regime, each.stop_reason) for each in clocks if each.stop_reason)

    def _link(self, delivery: Delivery, until: datetime) -> str:
        """Nothing to confirm where no reminder was sent, or whoever started the clock knows."""
        if delivery.reminder_id is None or delivery.reminder_id in self.known:
            return ""
        token = self.desk.links.token(LinkedMail.of(delivery), expires_at=until)
        return self.desk.acknowledge_url(token)

    def _next_step(self, incident_id: int) -> NextStep:
        case = self.cases.get(incident_id)
        return next_step(case.progress) if case else NextStep.NOTHING

    def _missing(self, incident_id: int, regime: str) -> tuple[str, ...]:
        case = self.cases.get(incident_id)
        # Of an assessment by rules of old, it may not be there.
        asked = case.assessment.result.get("open_questions", ()) if case and case.assessment else ()
        return still_missing(
            regime_of(regime),
            self.answers.get(incident_id, {}),
            [str(question["fact"]) for question in asked],
        )

    def _stands_in(self, delivery: Delivery, roles: Iterable[str]) -> bool:
        held = self.held.get((delivery.organisation_id or 0, delivery.user_id or 0), frozenset())
        return any(Role(role) not in held for role in roles)

    def _plan(
        self, delivery: Delivery, clock: Clock | None, incident: Incident
    ) -> tuple[PlannedTelling, ...]:
        if clock is None or delivery.kind is not MailKind.CLOCK_STARTED:
            return ()
        rings = self._hours(delivery, incident).rings(clock, self._wanted(clock))
        return told_together(
            PlannedTelling(at, tuple(each.roles), each.channel, is_held=at > each.remind_at)
            for at, each in rings
        )

    def _wanted(self, clock: Clock) -> list[Reminder]:
        return [each for each in self.plans.get(clock.id, ()) if each.cancelled_at is None]

    def _hours(self, delivery: Delivery, incident: Incident) -> PersonalHours:
        organisation = incident.organisation
        shifts = self.shifts.get((organisation.id, delivery.user_id or 0), ())
        return PersonalHours(plan_of(organisation), organisation.timezone, shifts)

    def _file(
        self, delivery: Delivery, clock: Clock, incident: Incident, locale: str
    ) -> Attachment:
        """Written once for everybody who reads the same language and is on duty at no time."""
        hours = self._hours(delivery, incident)
        key = clock.id, locale, hours.shifts
        if key not in self._files:
            self._files[key] = self._calendar(clock, incident, hours, locale)
        return self._files[key]

    def _calendar(
        self, clock: Clock, incident: Incident, hours: PersonalHours, locale: str
    ) -> Attachment:
        content = plan_calendar(
            calendar_clock(self.desk, clock, incident.reference, hours, self._wanted(clock)),
            replaced=[self._as_calendar(old, incident, hours) for old in self._before(clock)],
            locale=locale,
            now=self.now,
        )
        return Attachment(f"{incident.reference}.ics", MEDIA_TYPE, content)

    def _cancelling(self, delivery: Delivery, incident: Incident, locale: str) -> Attachment:
        stopped = [self.clocks[key] for key in clocks_told(delivery.parameters)]
        hours = self._hours(delivery, incident)
        every = dict.fromkeys(each for clock in stopped for each in (clock, *self._before(clock)))
        content = cancelling_calendar(
            [self._as_calendar(clock, incident, hours) for clock in every],
            locale=locale,
            now=self.now,
        )
        return Attachment(f"{incident.reference}.ics", MEDIA_TYPE, content)

    def _as_calendar(self, clock: Clock, incident: Incident, hours: PersonalHours) -> CalendarClock:
        """All that was ever planned on a clock: to be called off."""
        planned = self.plans.get(clock.id, ())
        return calendar_clock(self.desk, clock, incident.reference, hours, planned)

    def _before(self, clock: Clock) -> list[Clock]:
        """The clocks in whose place one counts: the mail of the last may never have left."""
        return _before(self.clocks, clock)


def _instant(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def read_clock_mails(
    session: Session, desk: Desk, deliveries: Sequence[Delivery], *, now: datetime
) -> ClockMails:
    """Read what the mails about clocks of a batch need: as many queries for one as for 500."""
    about = [each for each in deliveries if each.kind in CLOCK_MAILS]
    if not about:
        return ClockMails(desk, now)
    reminders = _reminders(session, about)
    with_calendar = {
        key for each in about if each.kind in WITH_CALENDAR for key in clocks_told(each.parameters)
    }
    clocks = _clocks(
        session,
        {
            *(row.clock_id for row in reminders),
            *(key for each in about for key in clocks_told(each.parameters)),
        },
    )
    started = [clocks[key] for key in with_calendar if key in clocks]
    in_files = {each.id for clock in started for each in (clock, *_before(clocks, clock))}
    incident_ids = {each.incident_id for each in about if each.incident_id}
    facts = latest_facts_of_all(session, incident_ids)
    return ClockMails(
        desk=desk,
        now=now,
        clocks=clocks,
        clock_of_reminder={row.id: row.clock_id for row in reminders},
        unread={row.id: row.unread_at for row in reminders if row.unread_at is not None},
        known=frozenset(row.id for row in reminders if row.is_known),
        cases=cases_of(session, incident_ids),
        answers={key: answers_from(known) for key, known in facts.items()},
        plans=_plans(session, in_files) if in_files else {},
        held=_held(session, about),
        shifts=_shifts(session, about, now) if in_files else {},
    )


def _shifts(
    session: Session, about: Sequence[Delivery], now: datetime
) -> dict[tuple[int, int], tuple[Shift, ...]]:
    """When those are on duty who are told of a clock's start; from now on."""
    told = {each.user_id for each in about if each.user_id and each.kind in WITH_CALENDAR}
    return shifts_of(session, told, since=now)


def _reminders(session: Session, about: Sequence[Delivery]) -> Sequence[Any]:
    """The clock of each reminder; when what an escalation passes on was sent; who knows."""
    ids = {each.reminder_id for each in about if each.reminder_id}
    if not ids:
        return ()
    before = aliased(Reminder)
    is_known = (Reminder.cause == ReminderCause.START) & (
        Reminder.acknowledged_at == Reminder.emitted_at
    )
    return session.execute(
        select(
            Reminder.id,
            Reminder.clock_id,
            before.emitted_at.label("unread_at"),
            is_known.label("is_known"),
        )
        .outerjoin(before, Reminder.escalates_id == before.id)
        .where(Reminder.id.in_(ids))
    ).all()


def _clocks(session: Session, ids: Iterable[int]) -> dict[int, Clock]:
    """These clocks, and all in whose place they count."""
    wanted = select(Clock.id, Clock.replaces_id).where(Clock.id.in_(set(ids)))
    line = wanted.cte("line", recursive=True)
    line = line.union(
        select(Clock.id, Clock.replaces_id).join(line, Clock.id == line.c.replaces_id)
    )
    return {
        clock.id: clock
        for clock in session.scalars(select(Clock).where(Clock.id.in_(select(line.c.id))))
    }


def _before(clocks: Mapping[int, Clock], clock: Clock) -> list[Clock]:
    found: list[Clock] = []
    while (old := clocks.get(clock.replaces_id or 0)) is not None:
        found.append(old)
        clock = old
    return found


def _plans(session: Session, clock_ids: Iterable[int | None]) -> dict[int, list[Reminder]]:
    plans: dict[int, list[Reminder]] = {}
    for reminder in session.scalars(
        select(Reminder)
        .where(Reminder.clock_id.in_(clock_ids), Reminder.cause == ReminderCause.PLANNED)
        .order_by(Reminder.remind_at, Reminder.id)
    ):
        plans.setdefault(reminder.clock_id, []).append(reminder)
    return plans


def _held(session: Session, about: Sequence[Delivery]) -> dict[tuple[int, int], frozenset[Role]]:
    held: dict[tuple[int, int], set[Role]] = {}
    for organisation_id, user_id, role in session.execute(
        select(Membership.organisation_id, Membership.user_id, Membership.role).where(
            Membership.user_id.in_({each.user_id for each in about}),
            Membership.organisation_id.in_({each.organisation_id for each in about}),
            Membership.ended_at.is_(None),
        )
    ):
        held.setdefault((organisation_id, user_id), set()).add(role)
    return {key: frozenset(roles) for key, roles in held.items()}
