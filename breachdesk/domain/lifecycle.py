"""The way of a case: which steps are done, and the one that comes next."""

from dataclasses import dataclass
from enum import StrEnum


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
    """Where a step stands; NOT_OWED: the decision or the qualification made it fall away."""

    DONE = "done"
    CURRENT = "current"
    TO_DO = "to_do"
    NOT_OWED = "not_owed"


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
    is_notified: bool = False
    notice: NoticeProgress = NoticeProgress.NOT_STARTED
    has_other_clocks: bool = False
    has_dossier: bool = False
    is_closed: bool = False

    @property
    def is_told(self) -> bool:
        """Whether every recipient has been written to, or nobody needs to be."""
        return self.communicate is Communicate.NONE or self.notice is NoticeProgress.SENT

    @property
    def is_all_done(self) -> bool:
        """Whether nothing that was decided is left to do: the case may be closed.

        A clock that runs is never lost in a closed case: somebody says what became of it.
        """
        if self.has_other_clocks:
            return False
        if self.is_breach is False:
            return True
        if self.is_no_in_doubt:
            return False
        return self.is_decided and self.is_told and (self.is_notified or not self.must_notify)


_NOTICE_STEPS = {
    NoticeProgress.NOT_STARTED: NextStep.DRAFT_NOTICE,
    NoticeProgress.DRAFTED: NextStep.IMPORT_RECIPIENTS,
    NoticeProgress.WITH_RECIPIENTS: NextStep.APPROVE_NOTICE,
    NoticeProgress.APPROVED: NextStep.SEND_NOTICE,
    NoticeProgress.SENDING: NextStep.WATCH_DELIVERY,
}


def next_step(progress: CaseProgress) -> NextStep:
    """The one thing to do next in a case. The clock comes first: notify, then tell.

    Facts that have changed send the case back to its assessment, but not past a filing that
    is due: what changed can be told in the follow-up (Art. 33(4)), the clock does not wait.
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
    if progress.is_decided and progress.must_notify and not progress.is_notified:
        return NextStep.NOTIFY_AUTHORITY
    if progress.has_changed_facts:
        return NextStep.REASSESS
    if not progress.is_decided:
        return NextStep.DECIDE if progress.is_advised else NextStep.ADVISE
    if not progress.is_told:
        return _NOTICE_STEPS[progress.notice]
    if progress.has_other_clocks:
        return NextStep.SETTLE_CLOCKS
    return NextStep.CLOSE if progress.has_dossier else NextStep.MAKE_DOSSIER


def steps(progress: CaseProgress) -> dict[Step, StepState]:
    """Where each of the seven steps stands; the first that is left to do is current."""
    done = _done_steps(progress)
    not_owed = _steps_not_owed(progress)
    left = [step for step in Step if step not in done and step not in not_owed]
    return {
        step: StepState.NOT_OWED
        if step in not_owed
        else StepState.DONE
        if step in done
        else StepState.CURRENT
        if left and step is left[0]
        else StepState.TO_DO
        for step in Step
    }


def _done_steps(progress: CaseProgress) -> set[Step]:
    comes_next = next_step(progress)
    done = {
        Step.OPEN: True,
        Step.QUALIFY: progress.is_breach is not None,
        Step.ASSESS: progress.is_assessed and comes_next is not NextStep.REASSESS,
        Step.DECIDE: progress.is_decided and comes_next is not NextStep.REOPEN,
        Step.NOTIFY: progress.is_notified,
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
        Step.NOTIFY: not progress.must_notify and not progress.is_notified,
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
