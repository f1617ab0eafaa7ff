"""Whether the deadline of Art. 33(1) was kept, in words and as a gauge."""

from datetime import datetime, timedelta

from breachdesk.documents.content import Entry, Gauge, Tone
from breachdesk.documents.voice import Voice
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.case_record import CaseRecord, ClockRecord
from breachdesk.domain.deadlines import KEPT_BY, ClockState, Deadline, StopReason
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.wording import labels

_TONES = {
    ClockState.RUNNING: Tone.PLAIN,
    ClockState.OPEN_ENDED: Tone.PLAIN,
    ClockState.SOON: Tone.WARNING,
    ClockState.LATE: Tone.LATE,
    ClockState.STOPPED: Tone.GOOD,
    ClockState.STOPPED_LATE: Tone.LATE,
    ClockState.WITHDRAWN: Tone.WARNING,
}


def art_33_clock(record: CaseRecord) -> ClockRecord | None:
    """The clock of the notification to the authority, the latest if several."""
    clocks = [clock for clock in record.clocks if clock.regime == GDPR_ART_33]
    return clocks[-1] if clocks else None


def deadline_of(clock: ClockRecord, record: CaseRecord) -> Deadline:
    """The clock as it stood when the dossier was made; what was filed for it may be withdrawn."""
    is_filed = clock.stop_reason == StopReason.FILED
    return Deadline(
        clock.regime,
        clock.started_at,
        clock.due_at,
        record.made_at,
        clock.stopped_at,
        StopReason(clock.stop_reason) if clock.stop_reason else None,
        withdrawn_at(record) if is_filed else None,
    )


def withdrawn_at(record: CaseRecord) -> datetime | None:
    """When the last filing took back what was notified; None where it did not."""
    last = record.phases[-1] if record.phases else None
    is_withdrawal = last is not None and last.kind == NotificationKind.WITHDRAWAL
    return last.filed_at if last is not None and is_withdrawal else None


def deadline_tone(deadline: Deadline) -> Tone:
    """How what became of a deadline is set; plainly where it ended without an answer."""
    if deadline.stop_reason is not None and deadline.stop_reason not in KEPT_BY:
        return Tone.PLAIN
    return _TONES[deadline.state]


def deadline_text(deadline: Deadline, voice: Voice, *, with_due: bool = True) -> str:
    """Whether a deadline was kept, and by how much.

    Args:
        with_due: whether to say until when it ran, where nothing beside says so.
    """
    used = voice.span(deadline.elapsed)
    if deadline.stop_reason is not None and deadline.stop_reason not in KEPT_BY:
        return _left_open(deadline.stop_reason, used, voice)
    if deadline.withdrawn_at is not None:
        return _taken_back(deadline, deadline.withdrawn_at, voice)
    if deadline.due_at is None or deadline.left is None:
        return _without_figure(deadline, used, voice)
    left = voice.span(deadline.left)
    said = _balance(deadline, left, voice)
    if not with_due:
        return f"{said}."
    return voice.text("%(said)s (échéance : %(due)s).", said=said, due=voice.when(deadline.due_at))


def _taken_back(deadline: Deadline, withdrawn_at: datetime, voice: Voice) -> str:
    """That it was answered, whether in time, and that the answer no longer stands."""
    moment = voice.when(withdrawn_at)
    if deadline.left is None:
        return voice.text("Déposé, puis retiré le %(moment)s.", moment=moment)
    left = voice.span(deadline.left)
    if deadline.left < timedelta(0):
        return voice.text(
            "Déposé %(left)s après l’échéance, puis retiré le %(moment)s : aucun dépôt ne répond "
            "plus à ce délai.",
            left=left,
            moment=moment,
        )
    return voice.text(
        "Déposé %(left)s avant l’échéance, puis retiré le %(moment)s : aucun dépôt ne répond "
        "plus à ce délai.",
        left=left,
        moment=moment,
    )


def _balance(deadline: Deadline, left: str, voice: Voice) -> str:
    if deadline.state is ClockState.STOPPED:
        return voice.text("Respecté : %(left)s avant l’échéance", left=left)
    if deadline.state is ClockState.STOPPED_LATE:
        return voice.text("Dépassé de %(left)s", left=left)
    if deadline.state is ClockState.LATE:
        return voice.text("En retard de %(left)s", left=left)
    return voice.text("En cours : il reste %(left)s", left=left)


def _left_open(reason: StopReason, used: str, voice: Voice) -> str:
    """Of a clock that stopped without what it asked for."""
    if reason is StopReason.DECIDED_NOT_TO_NOTIFY:
        return voice.text(
            "Décision de ne pas notifier, signée %(used)s après la prise de connaissance.",
            used=used,
        )
    return voice.text(
        "%(reason)s, %(used)s après le départ.",
        reason=labels.stop_reason_label(reason.value, voice.wording),
        used=used,
    )


def _without_figure(deadline: Deadline, used: str, voice: Voice) -> str:
    if deadline.stopped_at is not None:
        return voice.text("Fait %(used)s après le départ. Aucune échéance chiffrée.", used=used)
    return voice.text("En cours depuis %(used)s. Aucune échéance chiffrée.", used=used)


def deadline_entry(record: CaseRecord, voice: Voice) -> Entry:
    """The line of the summary that says whether the 72 hours were kept."""
    label = voice.text("Délai de 72 heures")
    clock = art_33_clock(record)
    if clock is None:
        return Entry(label, "")
    deadline = deadline_of(clock, record)
    return Entry(label, deadline_text(deadline, voice), _TONES[deadline.state])


def deadline_gauge(record: CaseRecord, voice: Voice) -> Gauge | None:
    """How much of the 72 hours had gone when the clock stopped, or now."""
    clock = art_33_clock(record)
    if clock is None:
        return None
    deadline = deadline_of(clock, record)
    return Gauge(
        used=deadline.elapsed_share,
        tone=_TONES[deadline.state],
        start=voice.text("Connaissance : %(moment)s", moment=voice.short(clock.started_at)),
        end=voice.text("Échéance : %(moment)s", moment=voice.short(clock.due_at)),
        description=deadline_text(deadline, voice),
    )
