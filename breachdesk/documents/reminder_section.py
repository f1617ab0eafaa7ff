"""The ledger of reminders as the dossier prints it: what was told to whom, and who read it."""

from breachdesk.documents.content import Block, Column, Paragraph, Section, Table, Tone
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.reminder_ledger import LedgerRecord, ReminderLedger, Standing, ToldRecord
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.wording import labels
from breachdesk.wording.addressees import addressee_label


def reminders(ledger: ReminderLedger, voice: Voice) -> Section:
    """Every reminder of the case's clocks, those still to come last."""
    title = voice.text("Rappels et escalades")
    if not ledger.lines:
        return Section(title, (Paragraph(voice.text("Aucun rappel."), Tone.MUTED),))
    columns = (
        Column(voice.text("Quand"), 2.1),
        Column(voice.text("Rappel"), 3.2),
        Column(voice.text("À qui, et réponse du serveur"), 4),
        Column(voice.text("Ce qu’il en est"), 3.2),
    )
    lines = (*ledger.past, *ledger.ahead)
    blocks: list[Block] = []
    if lines:
        blocks.append(Table(columns, tuple(_row(line, voice) for line in lines)))
    if ledger.cancelled:
        blocks.append(Paragraph(_cancelled(len(ledger.cancelled), voice), Tone.MUTED))
    return Section(title, tuple(blocks))


def _cancelled(count: int, voice: Voice) -> str:
    return voice.plural(
        "Un autre rappel était prévu, et a été annulé avant d’être envoyé : il est dans les "
        "données jointes.",
        "%(n)s autres rappels étaient prévus, et ont été annulés avant d’être envoyés : ils sont "
        "dans les données jointes.",
        count,
    )


def _row(line: LedgerRecord, voice: Voice) -> tuple[str, ...]:
    return (
        _when(line, voice),
        _what(line, voice),
        _whom(line, voice) or DASH,
        _standing(line, voice),
    )


def _when(line: LedgerRecord, voice: Voice) -> str:
    """When it went out or is to; below, when the plan wanted it, where that was another time."""
    said = [voice.short(line.at)]
    if line.was_late:
        missed = voice.text("voulu le %(when)s, manqué", when=voice.short(line.planned_for))
        said.append(missed)
    elif line.was_held:
        held = voice.text("voulu le %(when)s, retenu", when=voice.short(line.planned_for))
        said.append(held)
    return "\n".join(said)


def _what(line: LedgerRecord, voice: Voice) -> str:
    said = [
        voice.text(
            "Délai n° %(number)s – %(name)s",
            number=line.clock,
            name=labels.regime_label(line.regime, voice.wording),
        ),
        labels.reminder_cause_label(line.cause, voice.wording),
    ]
    if line.answers_to:
        said.append(voice.text("du rappel du %(when)s", when=voice.short(line.answers_to)))
    if line.channel == ReminderChannel.DESK:
        said.append(labels.reminder_channel_label(line.channel, voice.wording))
    return "\n".join(said)


def _whom(line: LedgerRecord, voice: Voice) -> str:
    if line.told:
        return "\n".join(_person(each, voice) for each in line.told)
    return ", ".join(labels.role_label(role, voice.wording) for role in line.roles)


def _person(told: ToldRecord, voice: Voice) -> str:
    who = addressee_label(told.addressee, voice.wording)
    state = labels.told_label(told, voice.wording)
    when = voice.short(told.answered_at) if told.answered_at else ""
    # What stayed on the desk was answered by no server.
    answer = "" if told.is_kept_here else told.answer
    return " – ".join(part for part in (who, f"{state} {when}".strip(), answer) if part)


def _standing(line: LedgerRecord, voice: Voice) -> str:
    word = labels.enum_label(line.standing, voice.wording)
    detail = ""
    if line.standing is Standing.READ and line.read:
        via = labels.acknowledged_via_label(line.read.via, voice.wording)
        who = ", ".join(part for part in (line.read.by, via) if part)
        detail = f"{who}, {voice.short(line.read.at)}" if who else voice.short(line.read.at)
    elif line.standing is Standing.UNREAD and line.is_under_way:
        word = voice.text("Pas encore parti")
        detail = voice.text("à envoyer depuis le %(when)s", when=voice.short(line.emitted_at))
    elif line.standing is Standing.UNREAD and line.reached_nobody:
        word = voice.text("Remis à personne")
    elif line.standing is Standing.UNREAD and line.is_kept_here:
        detail = voice.text("retenu ici depuis le %(when)s", when=voice.short(line.emitted_at))
    elif line.standing is Standing.UNREAD:
        detail = voice.text("envoyé le %(when)s", when=voice.short(line.emitted_at))
    elif line.told_at:
        detail = voice.text("dit dans le rappel du %(when)s", when=voice.short(line.told_at))
    return f"{word}\n{detail}" if detail else word
