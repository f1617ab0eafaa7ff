"""How a report came in from outside, and what was asked of its author since."""

from collections.abc import Iterator

from breachdesk.documents.content import Block, Entries, Entry, Paragraph, Quotation, Section, Tone
from breachdesk.documents.voice import Voice
from breachdesk.domain.case_record import CaseRecord, MessageRecord, OutsideRecord


def exchange(record: CaseRecord, voice: Voice) -> Iterator[Section]:
    """One section, or none for a report from inside about which nothing was asked."""
    blocks: list[Block] = []
    if record.outside:
        blocks += _origin(record.outside, voice)
    for message in record.messages:
        blocks += _message(message, voice)
    if blocks:
        yield Section(voice.text("Échanges avec l’auteur du signalement"), tuple(blocks))


def _origin(outside: OutsideRecord, voice: Voice) -> list[Block]:
    if outside.processor_aware_at is None:
        told = voice.text(
            "Signalé sans compte, par le formulaire public. Ce que l’auteur a pu dire de lui-même "
            "est chiffré et ne figure pas ici."
        )
        return [Paragraph(told, Tone.MUTED)]
    both = (
        Entry(voice.text("Sous-traitant"), outside.processor),
        Entry(
            voice.text("Connaissance par le sous-traitant"), voice.when(outside.processor_aware_at)
        ),
        Entry(voice.text("Déclaration au responsable"), voice.when(outside.reported_at)),
    )
    return [Paragraph(voice.text("Déclaré au titre de l’article 33(2) du RGPD.")), Entries(both)]


def _message(message: MessageRecord, voice: Voice) -> list[Block]:
    side = voice.text("Auteur du signalement") if message.is_from_reporter else voice.text("Équipe")
    who = voice.author(message.author)
    said = Entry(side, f"{who}, {voice.short(message.at)}", Tone.MUTED)
    return [Entries((said,)), Quotation(message.text)]
