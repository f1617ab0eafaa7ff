"""A case at a glance, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breachdesk.domain.answers import Answer as Duty
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deadlines import Deadline, StopReason
from breachdesk.domain.lifecycle import (
    CaseProgress,
    Communicate,
    FilingProgress,
    NoticeProgress,
    filing_progress,
)
from breachdesk.domain.notices import NoticeParts, NoticeState, missing_parts
from breachdesk.models import (
    Advice,
    Assessment,
    AuthorityPhase,
    Clock,
    Decision,
    Incident,
    Notice,
    NoticeApproval,
    NoticeVersion,
    Qualification,
    Reopening,
)
from breachdesk.services.acting import Acting


@dataclass(frozen=True)
class Case:
    """A case at a glance: the latest row of each kind, and counts. Read in one query.

    Args:
        signed: the last decision ever signed, be it on an older assessment or taken up again.
        reopening: how that decision was taken up again, if it was.
        changed: the facts that the latest assessment took and that stand otherwise by now.
        notify_now: what the rules say of notifying, by the facts as they stand.
        dossier_made_at: when the latest dossier was made.
        follow_up_settled_at: when somebody last said that no follow-up is owed.
        next_clock, then_clock: of all that run the one due next, and the one after it; the
            main one may be another. In lists and on a case's pages alone.
    """

    incident: Incident
    clock: Clock | None
    qualification: Qualification | None
    assessment: Assessment | None
    advice: Advice | None
    signed: Decision | None
    reopening: Reopening | None
    phase: AuthorityPhase | None
    notice: Notice | None
    notice_version: NoticeVersion | None
    approval: NoticeApproval | None
    counts: Mapping[str, int]
    seat: Acting | None = field(default=None)
    changed: tuple[str, ...] = ()
    notify_now: str = ""
    dossier_made_at: datetime | None = None
    follow_up_settled_at: datetime | None = None
    next_clock: Clock | None = None
    then_clock: Clock | None = None

    @property
    def decision(self) -> Decision | None:
        """The decision that holds: signed on the latest advice, and not taken up again."""
        is_on_latest = self.signed and self.advice and self.signed.advice_id == self.advice.id
        return self.signed if is_on_latest and self.reopening is None else None

    @property
    def holds_no(self) -> bool:
        """Whether a signed "no", and no filing in spite of it, holds the clock: see reopening."""
        holds = self.signed is not None and self.reopening is None and not self.is_filed
        stopped_by = self.clock.stop_reason if self.clock else None
        return holds and stopped_by is StopReason.DECIDED_NOT_TO_NOTIFY

    @property
    def is_filed(self) -> bool:
        """Whether a notification stands with the authority: filed, and not withdrawn since."""
        return self.phase is not None and self.phase.kind != NotificationKind.WITHDRAWAL

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the last filing took back what was notified; None where it did not."""
        return self.phase.filed_at if self.phase is not None and not self.is_filed else None

    @property
    def _is_no_in_doubt(self) -> bool:
        if not self.holds_no or self.notify_now == Duty.NO:
            return False
        if self.decision is None or self.assessment is None:
            return True
        # Signed against the rules, it is in doubt only once they say more than they did then.
        decided_on = Duty(str(self.assessment.result["notify_authority"]))
        return bool(self.changed) and Duty(self.notify_now).is_more_than(decided_on)

    def deadline(self, now: datetime) -> Deadline | None:
        """The main clock as it stands at `now`."""
        return self.seen(self.clock, now)

    def next_deadline(self, now: datetime) -> Deadline | None:
        """What is due next as it stands at `now`; the main clock where nothing runs."""
        return self.seen(self.next_clock or self.clock, now)

    def seen(self, clock: Clock | None, now: datetime) -> Deadline | None:
        """A clock of the case as it stands at `now`, a withdrawal with it."""
        return deadline_of(clock, now, withdrawn_at=self.withdrawn_at)

    def later_deadlines(self, now: datetime) -> list[Deadline]:
        """What runs beside what is due next: the one after it, and the main one in any case."""
        shown = later_clocks(self.next_clock, self.then_clock, self.clock)
        return [each for clock in shown if (each := self.seen(clock, now)) is not None]

    @property
    def progress(self) -> CaseProgress:
        """What has been done, as the rules of the lifecycle take it."""
        decision = self.decision
        return CaseProgress(
            is_breach=self.qualification.is_breach if self.qualification else None,
            is_assessed=self.assessment is not None,
            has_changed_facts=bool(self.changed),
            is_advised=self.advice is not None,
            is_decided=decision is not None,
            must_notify=decision.notify if decision else False,
            is_no_in_doubt=self._is_no_in_doubt,
            communicate=Communicate(decision.communicate) if decision else Communicate.NONE,
            filing=self._filing_progress,
            notice=self._notice_progress,
            has_other_clocks=self.counts.get("clocks_beside", 0) > 0,
            has_dossier=self._has_dossier_of_all,
            is_closed=self.incident.closed_at is not None,
        )

    @property
    def _filing_progress(self) -> FilingProgress:
        phase, decision = self.phase, self.decision
        if phase is None:
            return FilingProgress.NONE
        return filing_progress(
            phase.kind,
            is_complete=phase.is_complete,
            recorded_at=phase.recorded_at,
            settled_at=self.follow_up_settled_at,
            notify_signed_at=decision.at if decision and decision.notify else None,
        )

    @property
    def _has_dossier_of_all(self) -> bool:
        """Whether a dossier was made since the last decision and the last filing."""
        made_at = self.dossier_made_at
        acts = (self.decision and self.decision.at, self.phase and self.phase.recorded_at)
        return made_at is not None and all(made_at >= at for at in acts if at)

    @property
    def _notice_progress(self) -> NoticeProgress:
        if self.notice is None or self.notice_version is None:
            return NoticeProgress.NOT_STARTED
        if self.notice.state is NoticeState.SENT:
            return NoticeProgress.SENT
        if self.notice.state is NoticeState.SENDING:
            return NoticeProgress.SENDING
        if missing_parts(NoticeParts.from_record(self.notice_version.parts)):
            return NoticeProgress.NOT_STARTED
        if not self.counts["recipients"]:
            return NoticeProgress.DRAFTED
        return NoticeProgress.APPROVED if self.approval else NoticeProgress.WITH_RECIPIENTS


def later_clocks(ahead: Clock | None, then: Clock | None, main: Clock | None) -> list[Clock]:
    """Of the clocks that run, those that a list names after the one due next."""
    shown = [then] if then is not None else []
    if main is not None and main.stopped_at is None and main not in (ahead, then):
        shown.append(main)
    return shown


def deadline_of(
    clock: Clock | None, now: datetime, *, withdrawn_at: datetime | None = None
) -> Deadline | None:
    """A clock row as the rules see it at `now`.

    Args:
        withdrawn_at: when what was filed in the case was taken back.
    """
    if clock is None:
        return None
    return Deadline(
        clock.regime,
        clock.started_at,
        clock.due_at,
        now,
        clock.stopped_at,
        clock.stop_reason,
        withdrawn_at if clock.stop_reason is StopReason.FILED else None,
    )
