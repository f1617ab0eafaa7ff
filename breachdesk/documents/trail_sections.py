"""The trail behind the dossier: mails to our own people, and the files of the case."""

from breachdesk.documents.case_sections import removed_here
from breachdesk.documents.content import Column, ColumnStyle, Paragraph, Section, Table, Tone
from breachdesk.documents.dossier_bundle import attachment_name
from breachdesk.documents.voice import Voice
from breachdesk.domain.case_record import AttachmentRecord, CaseRecord, ReminderRecord
from breachdesk.domain.deliveries import DeliveryState, is_kept_here
from breachdesk.domain.redaction import Part
from breachdesk.domain.reminders import ReminderKind
from breachdesk.wording import labels
from breachdesk.wording.reminder_labels import KEPT_HERE

_KIB = 1024

# Told by the ledger of reminders: see `reminder_section`.
OF_THE_LEDGER = frozenset({kind.value for kind in ReminderKind})


def mails(record: CaseRecord, voice: Voice) -> Section:
    """Every mail to one of our own people: receipts, alerts, reminders, escalations.

    Where the ledger tells of the reminders with who has read them, they are left out here.
    """
    title = voice.text("Alertes, rappels et escalades")
    mails = record.reminders
    if record.ledger.lines:
        title = voice.text("Accusés, alertes et autres messages")
        mails = tuple(mail for mail in mails if mail.kind not in OF_THE_LEDGER)
    if record.is_removed(Part.REMINDERS):
        return Section(title, (Paragraph(removed_here(voice), Tone.MUTED),))
    if not mails:
        return Section(title, (Paragraph(voice.text("Aucun message."), Tone.MUTED),))
    columns = (
        Column(voice.text("Prévu"), 2.1),
        Column(voice.text("Message"), 2.6),
        Column(voice.text("À"), 3),
        Column(voice.text("Envoyé"), 2.1),
        Column(voice.text("État et réponse du serveur"), 3.6),
    )
    rows = tuple(
        (
            voice.short(mail.planned_at),
            labels.mail_kind_label(mail.kind, voice.wording),
            _addressee(mail.to, mail.roles, voice),
            voice.short(mail.sent_at),
            _outcome(mail, voice),
        )
        for mail in mails
    )
    return Section(title, (Table(columns, rows),))


def _outcome(mail: ReminderRecord, voice: Voice) -> str:
    """What became of a mail; one that an example organisation keeps was handed to nobody."""
    if mail.state == DeliveryState.SENT and is_kept_here(mail.answer):
        return voice.text(KEPT_HERE)
    state = labels.delivery_state_label(mail.state, voice.wording)
    return ". ".join(part for part in (state, mail.answer) if part)


def _addressee(name: str, roles: tuple[str, ...], voice: Voice) -> str:
    said = ", ".join(labels.role_label(role, voice.wording) for role in roles)
    return f"{name} ({said})" if said else name


def attachments(record: CaseRecord, voice: Voice) -> Section:
    """The files of the case: which is in this dossier, and the hash that identifies each."""
    if not record.attachments:
        return Section("", (Paragraph(voice.text("Aucune pièce jointe."), Tone.MUTED),))
    told = voice.text(
        "Chaque pièce est incorporée à ce PDF sous le nom indiqué, telle qu’elle a été versée à "
        "l’affaire ; ouvrez le volet des pièces jointes de votre lecteur de PDF."
    )
    columns = (
        Column(voice.text("N°"), 0.6, ColumnStyle.NUMBER),
        Column(voice.text("Pièce"), 4.8),
        Column(voice.text("Taille"), 1.2, ColumnStyle.NUMBER),
        Column(voice.text("Ajoutée"), 2.2),
        Column("SHA-256", 4.3, ColumnStyle.CODE),
    )
    rows = tuple(
        (
            str(number),
            _named(number, file, record, voice),
            voice.text("%(size)s ko", size=voice.count(max(1, round(file.size / _KIB)))),
            f"{voice.author(file.added_by)}, {voice.short(file.added_at)}",
            file.sha256,
        )
        for number, file in enumerate(record.attachments, 1)
    )
    return Section("", (Paragraph(told, Tone.MUTED), Table(columns, rows)))


def _named(number: int, file: AttachmentRecord, record: CaseRecord, voice: Voice) -> str:
    """Its name, its type, and where in this PDF it is."""
    if record.is_removed(f"attachments/{number}"):
        return f"{removed_here(voice)}\n{file.media_type}"
    where = (
        attachment_name(number, file)
        if file.is_in_dossier
        else voice.text("n’est pas dans ce dossier")
    )
    return f"{file.name}\n{file.media_type}\n{where}"
