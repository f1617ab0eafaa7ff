"""The way of a case: which steps are done, and the one that comes next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breachdesk.domain.authority_form import NotificationKind


class Channel(StrEnum):
    """How an incident came to the desk."""

    DESK = "desk"
    PUBLIC_FORM = "public_form"
    PROCESSOR_LINK = "processor_link"
    # Opened with others of the same event, from another organisation's case.
    SHARED = "shared"


class Stage(StrEnum):
    """How far a case has come, as the register lists it."""

    OPENED = "opened"
    NOT_A_BREACH = "not_a_breach"
    QUALIFIED = "qualified"
    ASSESSED = "assessed"
    DECIDED = "decided"
    NOTIFIED = "notified"
    CLOSED = "closed"


class Step(StrEnum):
    """The seven steps every page of a case shows, in order."""

    OPEN = "open"
    QUALIFY = "qualify"
    ASSESS = "assess"
    DECIDE = "decide"
    NOTIFY = "notify"
    COMMUNICATE = "communicate"
    CLOSE = "close"


class StepState(StrEnum):
    """Where a step stands; NOT_OWED: the decision or the qualification made it fall away.

    TO_COMPLETE: done in part, while something else comes first. WITHDRAWN: taken back, and
    not asked for since.
    """

    DONE = "done"
    CURRENT = "current"
    TO_DO = "to_do"
    NOT_OWED = "not_owed"
    TO_COMPLETE = "to_complete"
    WITHDRAWN = "withdrawn"


class NextStep(StrEnum):
    """The one thing to do next."""

    QUALIFY = "qualify"
    ASSESS = "assess"
    # Facts that the assessment took have changed since.
    REASSESS = "reassess"
    # The facts no longer bear the decision not to notify: is its clock to run again?
    REOPEN = "reopen"
    ADVISE = "advise"
    DECIDE = "decide"
    NOTIFY_AUTHORITY = "notify_authority"
    DRAFT_NOTICE = "draft_notice"
    IMPORT_RECIPIENTS = "import_recipients"
    APPROVE_NOTICE = "approve_notice"
    SEND_NOTICE = "send_notice"
    WATCH_DELIVERY = "watch_delivery"
    # What was filed with the authority left something open: Art. 33(4).
    COMPLETE_FILING = "complete_filing"
    # Clocks beside the main one still run: each is done, or not owed after all.
    SETTLE_CLOCKS = "settle_clocks"
    MAKE_DOSSIER = "make_dossier"
    CLOSE = "close"
    NOTHING = "nothing"


class Communicate(StrEnum):
    """What was advised or decided about telling data subjects (Art. 34)."""

    OWED = "owed"
    VOLUNTARY = "voluntary"
    NONE = "none"


class FilingProgress(StrEnum):
    """What stands with the authority (Art. 33)."""

    NONE = "none"
    # A filing stands that left something open, and nobody said that nothing more is owed.
    TO_COMPLETE = "to_complete"
    COMPLETE = "complete"
    # Taken back; whatever was decided before is answered by it.
    WITHDRAWN = "withdrawn"
    # Taken back, and a decision to notify was signed since.
    TO_FILE_AGAIN = "to_file_again"


def filing_progress(
    kind: str,
    *,
    is_complete: bool | None,
    recorded_at: datetime,
    settled_at: datetime | None = None,
    notify_signed_at: datetime | None = None,
) -> FilingProgress:
    """What stands with the authority after its last filing.

    Args:
        kind: of the last filing, a code of `NotificationKind`.
        is_complete: whether it left nothing open that the authority's form asks, whatever its
            kind calls it; None: filed before this was kept, so its kind decides.
        recorded_at: when it was recorded; what was said before it is answered by it.
        settled_at: when somebody said last, with a reason, that no follow-up is owed.
        notify_signed_at: when the decision that holds was signed; None where it is not to notify.
    """
    if kind == NotificationKind.WITHDRAWAL:
        is_asked_again = notify_signed_at is not None and notify_signed_at > recorded_at
        return FilingProgress.TO_FILE_AGAIN if is_asked_again else FilingProgress.WITHDRAWN
    if is_complete is None:
        is_complete = kind != NotificationKind.INITIAL
    is_settled = settled_at is not None and settled_at >= recorded_at
    return FilingProgress.COMPLETE if is_complete or is_settled else FilingProgress.TO_COMPLETE


class NoticeProgress(StrEnum):
    """How far the communication has come; DRAFTED: complete by Art. 34(2)."""

    NOT_STARTED = "not_started"
    DRAFTED = "drafted"
    WITH_RECIPIENTS = "with_recipients"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"


@dataclass(frozen=True)
class CaseProgress:
    """What has been done in a case. `is_breach` is None until somebody qualifies it.

    The DPO's advice and the decision count only if they are about the latest assessment.

    Args:
        has_changed_facts: facts that the latest assessment took stand otherwise by now.
        is_no_in_doubt: a signed decision not to notify still holds the clock, while the
            rules no longer say "no" of what is known by now.
        has_other_clocks: clocks beside the main one still run.
    """

    is_breach: bool | None = None
    is_assessed: bool = False
    has_changed_facts: bool = False
    is_advised: bool = False
    is_decided: bool = False
    must_notify: bool = False
    is_no_in_doubt: bool = False
    communicate: Communicate = Communicate.NONE
    filing: FilingProgress = FilingProgress.NONE
    notice: NoticeProgress = NoticeProgress.NOT_STARTED
    has_other_clocks: bool = False
    has_dossier: bool = False
    is_closed: bool = False

    @property
    def is_notified(self) -> bool:
        """Whether a notification stands with the authority, be it whole or not."""
        return self.filing in (FilingProgress.TO_COMPLETE, FilingProgress.COMPLETE)

    @property
    def owes_filing(self) -> bool:
        """Whether a signed decision to notify is still to be carried out.

        A withdrawal answers what was decided before it: it gives its own reason.
        """
        is_open = self.filing in (FilingProgress.NONE, FilingProgress.TO_FILE_AGAIN)
        return self.is_decided and self.must_notify and is_open

    @property
    def owes_follow_up(self) -> bool:
        """Whether what was filed is still to be completed (Art. 33(4))."""
        return self.filing is FilingProgress.TO_COMPLETE

    @property
    def waits_for_people(self) -> bool:
        """Whether people at high risk wait for the first word of it (Art. 34(1)).

        A communication on its way leaves without anybody.
        """
        is_on_its_way = self.notice in (NoticeProgress.SENDING, NoticeProgress.SENT)
        return self.communicate is Communicate.OWED and not is_on_its_way

    @property
    def is_told(self) -> bool:
        """Whether every recipient has been written to, or nobody needs to be."""
        return self.communicate is Communicate.NONE or self.notice is NoticeProgress.SENT

    @property
    def is_all_done(self) -> bool:
        """Whether nothing that was decided is left to do: the case may be closed.

        A clock that runs is never lost in a closed case, nor is a filing that was left open:
        somebody completes it, or says why nothing more is owed.
        """
        if self.has_other_clocks:
            return False
        if self.is_breach is False:
            return True
        if self.is_no_in_doubt:
            return False
        owes_nothing = not self.owes_filing and not self.owes_follow_up
        return self.is_decided and self.is_told and owes_nothing


_NOTICE_STEPS = {
    NoticeProgress.NOT_STARTED: NextStep.DRAFT_NOTICE,
    NoticeProgress.DRAFTED: NextStep.IMPORT_RECIPIENTS,
    NoticeProgress.WITH_RECIPIENTS: NextStep.APPROVE_NOTICE,
    NoticeProgress.APPROVED: NextStep.SEND_NOTICE,
    NoticeProgress.SENDING: NextStep.WATCH_DELIVERY,
}


def next_step(progress: CaseProgress) -> NextStep:
    """The one thing to do next in a case, in the order in which it is owed.

    1. A filing that is due: 72 hours do not wait (Art. 33(1)). Facts that have changed send
       the case back to its assessment only after it: the follow-up can tell them.
    2. Telling people at high risk (Art. 34(1)): they can protect themselves today, and the
       message needs only what is known. Once it is leaving, nobody has to wait beside it.
    3. Completing what was filed (Art. 33(4)): owed "without undue further delay", it takes
       what is not known yet, so it can seldom be done in the same night.
    4. Telling people by choice: nobody demands it, so it comes after what the law demands.
    5. Other clocks, then the dossier, which proves all this, then closing.
    """
    if progress.is_closed:
        return NextStep.NOTHING
    if progress.is_breach is None:
        return NextStep.QUALIFY
    if not progress.is_breach:
        return NextStep.SETTLE_CLOCKS if progress.has_other_clocks else NextStep.CLOSE
    if not progress.is_assessed:
        return NextStep.ASSESS
    if progress.is_no_in_doubt and (progress.is_decided or not progress.is_advised):
        return NextStep.REOPEN
    if progress.owes_filing:
        return NextStep.NOTIFY_AUTHORITY
    if progress.has_changed_facts:
        return NextStep.REASSESS
    if not progress.is_decided:
        return NextStep.DECIDE if progress.is_advised else NextStep.ADVISE
    if progress.owes_follow_up and not progress.waits_for_people:
        return NextStep.COMPLETE_FILING
    if not progress.is_told:
        return _NOTICE_STEPS[progress.notice]
    if progress.has_other_clocks:
        return NextStep.SETTLE_CLOCKS
    return NextStep.CLOSE if progress.has_dossier else NextStep.MAKE_DOSSIER


def steps(progress: CaseProgress) -> dict[Step, StepState]:
    """Where each of the seven steps stands; the first that is left to do is current."""
    settled = {
        **dict.fromkeys(_done_steps(progress), StepState.DONE),
        **_filing_state(progress),
        **dict.fromkeys(_steps_not_owed(progress), StepState.NOT_OWED),
    }
    left = [step for step in Step if step not in settled]
    return {
        step: settled.get(step, StepState.CURRENT if step in left[:1] else StepState.TO_DO)
        for step in Step
    }


def _filing_state(progress: CaseProgress) -> dict[Step, StepState]:
    """What the line of steps says of a filing that is neither done nor left to do."""
    if progress.filing is FilingProgress.WITHDRAWN:
        return {Step.NOTIFY: StepState.WITHDRAWN}
    if progress.owes_follow_up and next_step(progress) is not NextStep.COMPLETE_FILING:
        return {Step.NOTIFY: StepState.TO_COMPLETE}
    return {}


def _done_steps(progress: CaseProgress) -> set[Step]:
    comes_next = next_step(progress)
    done = {
        Step.OPEN: True,
        Step.QUALIFY: progress.is_breach is not None,
        Step.ASSESS: progress.is_assessed and comes_next is not NextStep.REASSESS,
        Step.DECIDE: progress.is_decided and comes_next is not NextStep.REOPEN,
        Step.NOTIFY: progress.filing is FilingProgress.COMPLETE,
        Step.COMMUNICATE: progress.notice is NoticeProgress.SENT,
        Step.CLOSE: progress.is_closed,
    }
    return {step for step, is_done in done.items() if is_done}


def _steps_not_owed(progress: CaseProgress) -> set[Step]:
    if progress.is_breach is False:
        return {Step.ASSESS, Step.DECIDE, Step.NOTIFY, Step.COMMUNICATE}
    if not progress.is_decided or progress.is_no_in_doubt:
        return set()
    falls_away = {
        Step.NOTIFY: not progress.must_notify and progress.filing is FilingProgress.NONE,
        Step.COMMUNICATE: progress.communicate is Communicate.NONE
        and progress.notice is NoticeProgress.NOT_STARTED,
    }
    return {step for step, is_so in falls_away.items() if is_so}


def stage_of(progress: CaseProgress) -> Stage:
    """How far the case has come, as the register lists it."""
    if progress.is_closed:
        return Stage.CLOSED
    if progress.is_breach is None:
        return Stage.OPENED
    if not progress.is_breach:
        return Stage.NOT_A_BREACH
    if progress.is_notified:
        return Stage.NOTIFIED
    if progress.is_decided:
        return Stage.DECIDED
    return Stage.ASSESSED if progress.is_assessed else Stage.QUALIFIED
