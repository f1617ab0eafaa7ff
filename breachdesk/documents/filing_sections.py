"""The parts of the dossier on what was told to the authority."""

from breachdesk.documents.case_sections import removed_here
from breachdesk.documents.content import (
    Block,
    Entries,
    Entry,
    Paragraph,
    Section,
    Subheading,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.authority_forms import CNIL_2023, form_named, lay_out
from breachdesk.domain.case_record import CaseRecord, PhaseRecord
from breachdesk.domain.form_layout import FieldStatus, LaidField
from breachdesk.domain.redaction import Part
from breachdesk.wording import labels
from breachdesk.wording.authority import field_text, form_words

_TONES = {
    FieldStatus.GIVEN: Tone.PLAIN,
    FieldStatus.UNKNOWN: Tone.WARNING,
    FieldStatus.MISSING: Tone.WARNING,
    FieldStatus.NOT_APPLICABLE: Tone.MUTED,
    FieldStatus.AT_FILING: Tone.MUTED,
}


def notification(record: CaseRecord, voice: Voice) -> Section:
    """The authority's form as the case fills it in, missing fields said as missing."""
    title = voice.text("La notification, selon le formulaire de la CNIL")
    if record.qualifications and not record.qualifications[-1].is_breach:
        nothing = voice.text("Sans objet : l’incident n’est pas une violation.")
        return Section(title, (Paragraph(nothing, Tone.MUTED),))
    if record.is_removed(Part.PHASES):
        # What was removed would be said to be missing.
        return Section(title, (Paragraph(removed_here(voice), Tone.MUTED),))
    layout = lay_out(form_named(CNIL_2023), record)
    found = layout.completeness()
    filled = voice.text("Le formulaire tel que l’affaire le remplit à la date de ce dossier.")
    completeness = _completeness(len(found.missing), len(found.unknown), voice)
    blocks: list[Block] = [Paragraph(f"{filled} {completeness}")]
    for section in layout.sections:
        title_of_section = form_words(section.label, voice.wording)
        blocks.append(Subheading(f"{section.number}. {title_of_section}"))
        blocks.append(Entries(tuple(_field(field, voice) for field in section.fields)))
    return Section(title, tuple(blocks))


def _completeness(missing: int, unknown: int, voice: Voice) -> str:
    if not missing and not unknown:
        return voice.text("Chaque champ du formulaire est renseigné ou sans objet.")
    said = [
        voice.plural("%(n)s champ manque.", "%(n)s champs manquent.", missing) if missing else "",
        voice.plural(
            "%(n)s point n’est pas encore connu : la notification complémentaire le dira.",
            "%(n)s points ne sont pas encore connus : la notification complémentaire les dira.",
            unknown,
        )
        if unknown
        else "",
    ]
    return " ".join(part for part in said if part)


def _field(field: LaidField, voice: Voice) -> Entry:
    is_left_out = field.status is FieldStatus.MISSING and not field.is_mandatory
    return Entry(
        form_words(field.label, voice.wording),
        field_text(field, voice.wording, voice.timezone) or DASH,
        Tone.MUTED if is_left_out else _TONES[field.status],
    )


def filings(record: CaseRecord, voice: Voice) -> Section:
    """What was filed with the authority, when, under which number."""
    blocks: list[Block] = []
    for phase in record.phases:
        kind = labels.notification_kind_label(phase.kind, voice.wording)
        blocks += [Subheading(f"{kind} – {phase.authority}"), Entries(_phase(phase, voice))]
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucun dépôt n’a été enregistré."), Tone.MUTED))
    return Section(voice.text("Les dépôts auprès de l’autorité"), tuple(blocks))


def _phase(phase: PhaseRecord, voice: Voice) -> tuple[Entry, ...]:
    late = voice.text("Oui, après les 72 heures") if phase.was_late else voice.text("Non")
    return entries_with_text(
        [
            Entry(voice.text("Déposée le"), voice.when(phase.filed_at, zone=True)),
            Entry(voice.text("Numéro"), phase.number),
            Entry(voice.text("En retard"), late, Tone.LATE if phase.was_late else Tone.PLAIN),
            Entry(voice.text("Motifs du retard"), phase.reasons_for_delay),
            Entry(voice.text("Accusé de réception"), phase.receipt_name),
            Entry(
                voice.text("Enregistrée par"),
                f"{phase.recorded_by}, {voice.short(phase.recorded_at)}",
            ),
        ]
    )
