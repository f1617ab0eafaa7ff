"""The deadlines of a case: one line for each, then each with what it rests on."""

from collections.abc import Sequence

from breachdesk.documents.clock_state import deadline_of, deadline_text, deadline_tone
from breachdesk.documents.content import (
    Block,
    Column,
    ColumnStyle,
    Entries,
    Entry,
    Paragraph,
    Section,
    Subheading,
    Table,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.case_record import CaseRecord, ClockRecord, ReopeningRecord
from breachdesk.domain.regimes import GDPR_ART_33, regime_of
from breachdesk.wording import clock_words, labels

NumberedClock = tuple[int, ClockRecord]


def deadlines(record: CaseRecord, voice: Voice) -> Section:
    """Each deadline on a line, and what was offered and set aside."""
    blocks: list[Block] = []
    if record.clocks:
        blocks.append(_table(record, voice))
        details = voice.text("Le détail de chaque délai et ses rappels sont à l’annexe D.")
        blocks.append(Paragraph(details, Tone.MUTED))
    else:
        blocks.append(Paragraph(voice.text("Aucun délai n’a commencé à courir."), Tone.MUTED))
    return Section(voice.text("Les délais"), (*blocks, *_refusals(record, voice)))


def deadline_details(record: CaseRecord, voice: Voice) -> Section:
    """Each deadline: from when, until when, ended by what, after which text of law."""
    blocks: list[Block] = []
    reopened = {each.clock: each for each in record.reopenings}
    for number, clock in in_order(record.clocks):
        why = _why_again(reopened[number], voice) if number in reopened else []
        title = voice.text(
            "Délai n° %(number)s – %(name)s", number=number, name=clock_name(number, record, voice)
        )
        blocks += [Subheading(title), Entries((*why, *_entries(clock, record, voice)))]
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucun délai n’a commencé à courir."), Tone.MUTED))
    return Section(voice.text("Les délais, un par un"), tuple(blocks))


def in_order(clocks: Sequence[ClockRecord]) -> list[NumberedClock]:
    """The clocks with their numbers, each just after the one whose start it corrects."""
    ordered: list[NumberedClock] = []
    for number, clock in enumerate(clocks, start=1):
        places = [place for place, (other, _) in enumerate(ordered) if other == clock.replaces]
        ordered.insert(places[0] + 1 if places else len(ordered), (number, clock))
    return ordered


def clock_name(number: int, record: CaseRecord, voice: Voice) -> str:
    """What a deadline is called; of one whose start was corrected, that another replaced it."""
    name = labels.regime_label(record.clocks[number - 1].regime, voice.wording)
    if any(clock.replaces == number for clock in record.clocks):
        return voice.text("%(name)s (remplacé)", name=name)
    return name


def _table(record: CaseRecord, voice: Voice) -> Table:
    columns = (
        Column(voice.text("N°"), 0.7, ColumnStyle.NUMBER),
        Column(voice.text("Ce qui est dû"), 4.3),
        Column(voice.text("Départ"), 2.2),
        Column(voice.text("Échéance"), 2.2),
        Column(voice.text("Ce qu’il en est"), 5),
    )
    rows = tuple(
        (
            str(number),
            clock_name(number, record, voice),
            voice.short(clock.started_at),
            voice.short(clock.due_at),
            deadline_text(deadline_of(clock, record), voice, with_due=False),
        )
        for number, clock in in_order(record.clocks)
    )
    return Table(columns, rows)


def _refusals(record: CaseRecord, voice: Voice) -> list[Block]:
    """What was offered and set aside, by whom and why."""
    if not record.refusals:
        return []
    entries = [
        Entry(
            labels.regime_label(refusal.regime, voice.wording),
            refusal.reason,
            origin=f"{refusal.by}, {voice.short(refusal.at)}",
        )
        for refusal in record.refusals
    ]
    return [Subheading(voice.text("Délais proposés, écartés")), Entries(tuple(entries))]


def _entries(clock: ClockRecord, record: CaseRecord, voice: Voice) -> tuple[Entry, ...]:
    due = (
        voice.when(clock.due_at, zone=True)
        if clock.due_at
        else voice.text("Aucun chiffre dans la loi")
    )
    started = voice.when(clock.started_at, zone=True)
    entries = [
        *_of_regime(clock, voice),
        Entry(voice.text("Départ"), started, origin=clock.started_by),
        Entry(voice.text("Échéance"), due),
    ]
    if clock.replaces is not None:
        corrected = voice.text("du délai n° %(number)s", number=clock.replaces)
        entries.append(Entry(voice.text("Départ corrigé"), corrected))
    if clock.stopped_at:
        reason = labels.stop_reason_label(clock.stop_reason, voice.wording)
        stopped = f"{voice.when(clock.stopped_at)} – {reason}"
        entries.append(Entry(voice.text("Fin"), stopped, origin=clock.stopped_by))
    entries.append(Entry(voice.text("Remarque"), clock.stop_remark))
    deadline = deadline_of(clock, record)
    tone = deadline_tone(deadline)
    entries.append(Entry(voice.text("Bilan"), deadline_text(deadline, voice), tone))
    if clock.regime == GDPR_ART_33 and clock.rounded_due_at is not None:
        due_by_hours = voice.when(clock.rounded_due_at)
        note = voice.text(
            "Les 72 heures sont comptées à la minute, week-ends et jours fériés compris. Le "
            "règlement n° 1182/71 permettrait de compter par heures entières, jusqu’au %(due)s ; "
            "cette lecture n’est pas retenue comme objectif.",
            due=due_by_hours,
        )
        entries.append(Entry(voice.text("Note"), note, Tone.MUTED))
    return entries_with_text(entries)


def _of_regime(clock: ClockRecord, voice: Voice) -> list[Entry]:
    """The text of law, to whom it is owed, and what it is worth.

    How we came by the text is on the pages and in the data, not here: whoever reads the
    dossier opens the law itself.
    """
    regime = regime_of(clock.regime)
    if regime is None:
        return []
    binding = clock_words.binding_label(
        regime.binding, voice.wording, has_figure=clock.due_at is not None
    )
    return [
        Entry(voice.text("Texte"), clock_words.said(regime.article, voice.wording)),
        Entry(voice.text("À qui"), clock_words.addressee(regime, voice.wording) or DASH),
        Entry(voice.text("Ce qu’il vaut"), binding),
    ]


def _why_again(reopening: ReopeningRecord, voice: Voice) -> list[Entry]:
    """Why a clock runs that a signed decision not to notify had stopped."""
    taken_up = voice.text(
        "Décision n° %(number)s reprise par %(who)s le %(moment)s",
        number=reopening.decision,
        who=reopening.by,
        moment=voice.when(reopening.at),
    )
    return [
        Entry(voice.text("Décision reprise"), taken_up),
        Entry(voice.text("Motif"), reopening.reason),
    ]
