"""How a reader checks the dossier without its authors, and what a redacted copy left out."""

from collections.abc import Iterator

from breachdesk.documents.case_sections import removed_here
from breachdesk.documents.content import (
    Block,
    Column,
    ColumnStyle,
    Entries,
    Entry,
    Section,
    Subheading,
    Table,
)
from breachdesk.documents.dossier_bundle import has_phase_file
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.case_record import CASE_RECORD_FORMAT, AttachmentRecord, CaseRecord
from breachdesk.domain.dossier_files import (
    ATTACHMENTS_FOLDER,
    CASE_NAME,
    JOURNAL_NAME,
    MANIFEST_NAME,
    PHASES_FOLDER,
)
from breachdesk.wording.dossiers import removed_label


def checking(record: CaseRecord, voice: Voice) -> Section:
    """How to check that this dossier is what was kept, and that nothing changed since."""
    last = record.journal[-1] if record.journal else None
    entries = (
        Entry(
            voice.text("Avec breachdesk"),
            voice.text(
                "Sur la page « Vérifier un dossier » de toute installation, ou par la commande "
                "« python -m breachdesk verify FICHIER ». La vérification se fait sur le fichier "
                "seul ; elle dit ce qui tient et ce qui ne tient pas."
            ),
        ),
        Entry(
            voice.text("Sans breachdesk"),
            voice.text(
                "Le fichier %(manifest)s joint à ce PDF donne la taille et l’empreinte SHA-256 de "
                "chaque fichier joint : recalculez-les (sha256sum, ou Get-FileHash sous Windows). "
                "Quand ce PDF est signé, tout lecteur de PDF montre la signature.",
                manifest=MANIFEST_NAME,
            ),
        ),
        Entry(
            voice.text("Auprès de l’organisme"),
            voice.text(
                "Le journal de l’affaire garde l’empreinte SHA-256 de ce PDF, à la ligne qui suit "
                "la dernière imprimée ici. Faites-vous donner l’empreinte de son certificat par "
                "une autre voie que ce fichier."
            ),
        ),
        Entry(
            voice.text("Dernière ligne du journal"),
            f"{voice.count(last.sequence)}\n{last.hash}" if last else DASH,
        ),
        Entry(
            voice.text("Ce qui est imprimé"),
            voice.text(
                "Les textes des personnes sont imprimés tels qu’ils ont été saisis. Un caractère "
                "qui ne peut être imprimé figure par son code, comme ⟨U+0007⟩ ; le fichier "
                "%(name)s le garde.",
                name=CASE_NAME,
            ),
        ),
        Entry(
            voice.text("Format"),
            voice.text("PDF/A-3a (ISO 19005-3) et PDF/UA-1 (ISO 14289-1)."),
        ),
    )
    files = Subheading(voice.text("Les fichiers joints à ce PDF"))
    return Section("", (Entries(entries), files, _files(record, voice), *_removed(record, voice)))


def _files(record: CaseRecord, voice: Voice) -> Table:
    """What this very file holds: a copy may hold neither filing nor attachment."""
    columns = (
        Column(voice.text("Nom"), 3, ColumnStyle.CODE),
        Column(voice.text("Ce que c’est"), 8),
    )
    rows = [
        (
            MANIFEST_NAME,
            voice.text("Ce que le dossier contient, avec l’empreinte de chaque fichier"),
        ),
        (
            CASE_NAME,
            voice.text("Toute l’affaire en données, au format %(name)s", name=CASE_RECORD_FORMAT),
        ),
        (JOURNAL_NAME, voice.text("Le journal et sa chaîne d’empreintes")),
    ]
    if any(map(has_phase_file, record.phases)):
        filed = voice.text("Chaque dépôt auprès de l’autorité, tel que fait")
        rows.append((f"{PHASES_FOLDER}/", filed))
    if any(file.is_in_dossier for file in _present(record)):
        attached = voice.text("Les pièces jointes, telles que versées")
        rows.append((f"{ATTACHMENTS_FOLDER}/", attached))
    return Table(columns, tuple(rows))


def _present(record: CaseRecord) -> Iterator[AttachmentRecord]:
    """The attachments that were not removed from this copy."""
    for number, file in enumerate(record.attachments, 1):
        if not record.is_removed(f"attachments/{number}"):
            yield file


def _removed(record: CaseRecord, voice: Voice) -> list[Block]:
    """Of a redacted copy: each part that it was made without, and why."""
    if not record.removed:
        return []
    columns = (Column(voice.text("Partie"), 5), Column(voice.text("Motif"), 6))
    rows = tuple(
        (removed_label(each.what, voice.wording), each.why or DASH) for each in record.removed
    )
    return [Subheading(removed_here(voice)), Table(columns, rows)]
