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
from breachdesk.documents.form_section import (
    change_blocks,
    form_blocks,
    headings_of,
    headings_of_filed,
)
from breachdesk.documents.voice import Voice, entries_with_text
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_forms import CNIL_2023, form_named, lay_out
from breachdesk.domain.case_record import CaseRecord, PhaseRecord
from breachdesk.domain.phase_document import fields_as_filed, fields_as_they_stand
from breachdesk.domain.redaction import Part
from breachdesk.wording import labels


def notification(record: CaseRecord, voice: Voice) -> Section:
    """The authority's form as the case fills it in, missing fields said as missing."""
    title = voice.text("La notification, selon le formulaire de la CNIL")
    if record.qualifications and not record.qualifications[-1].is_breach:
        nothing = voice.text("Sans objet : l’incident n’est pas une violation.")
        return Section(title, (Paragraph(nothing, Tone.MUTED),))
    if record.is_removed(Part.PHASES):
        # What was removed would be said to be missing.
        return Section(title, (Paragraph(removed_here(voice), Tone.MUTED),))
    last = record.phases[-1] if record.phases else None
    if last is not None and last.kind == NotificationKind.WITHDRAWAL:
        withdrawn = voice.text(
            "La notification a été retirée le %(moment)s : il n’y a rien à compléter.",
            moment=voice.when(last.filed_at),
        )
        return Section(title, (Paragraph(withdrawn, Tone.MUTED),))
    layout = lay_out(form_named(CNIL_2023), record)
    found = layout.completeness()
    filled = voice.text("Le formulaire tel que l’affaire le remplit à la date de ce dossier.")
    completeness = _completeness(len(found.missing), len(found.unknown), voice)
    blocks: list[Block] = [Paragraph(f"{filled} {completeness}")]
    fields = fields_as_they_stand(layout)
    headings = headings_of(
        ((each.code, each.number, each.label) for each in layout.sections), voice
    )
    was = fields_as_filed(last.content, CNIL_2023) if last else ()
    if last is not None and was:
        # The form as it was filed is printed above: here is what it would say otherwise now.
        since = Subheading(voice.text("Ce qui a changé depuis le dernier dépôt"))
        either = headings_of_filed(last.content, CNIL_2023, voice) | headings
        return Section(title, (*blocks, since, *change_blocks(was, fields, either, voice)))
    return Section(title, (*blocks, *form_blocks(fields, headings, voice)))


def as_filed(record: CaseRecord, voice: Voice) -> tuple[Section, ...]:
    """Each filing as it was frozen, by the CNIL's form, with what had changed since the last.

    The EDPB's template of the same filing lies in its JSON file.
    """
    return tuple(
        Section(_title_of(number, phase, voice), _frozen(record, number, voice))
        for number, phase in enumerate(record.phases, 1)
        if fields_as_filed(phase.content, CNIL_2023)
    )


def _title_of(number: int, phase: PhaseRecord, voice: Voice) -> str:
    return voice.text(
        "Dépôt n° %(number)s, tel que fait : %(kind)s",
        number=number,
        kind=labels.notification_kind_label(phase.kind, voice.wording).lower(),
    )


def _frozen(record: CaseRecord, number: int, voice: Voice) -> tuple[Block, ...]:
    content = record.phases[number - 1].content
    fields = fields_as_filed(content, CNIL_2023)
    headings = headings_of_filed(content, CNIL_2023, voice)
    before = record.phases[number - 2] if number > 1 else None
    changed: tuple[Block, ...] = ()
    # After a withdrawal begins something new.
    if before is not None and before.kind != NotificationKind.WITHDRAWAL:
        was = fields_as_filed(before.content, CNIL_2023)
        since = Subheading(voice.text("Ce qui a changé depuis le dépôt précédent"))
        either = headings_of_filed(before.content, CNIL_2023, voice) | headings
        changed = (since, *change_blocks(was, fields, either, voice)) if was else ()
    return (*changed, *form_blocks(fields, headings, voice))


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
            Entry(voice.text("Motif du retrait"), phase.withdrawal_reason),
            Entry(voice.text("Accusé de réception"), phase.receipt_name),
            Entry(
                voice.text("Enregistrée par"),
                f"{phase.recorded_by}, {voice.short(phase.recorded_at)}",
            ),
        ]
    )
