"""One filing as a document of its own: what was said, to whom, when, and what had changed.

It is sealed once printed: its last chapter says what the seal covers and proves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachdesk.documents.content import (
    Chapter,
    DossierContent,
    Entries,
    Entry,
    Frame,
    Paragraph,
    Section,
    Summary,
    Tone,
)
from breachdesk.documents.form_section import change_blocks, form_blocks, headings_of_filed
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.documents.voice import Voice, entries_with_text
from breachdesk.domain.dossier_files import DossierFile
from breachdesk.domain.filing_files import LINE_NAME, filing_name
from breachdesk.domain.journal_file import FiledLine, journal_as_json
from breachdesk.domain.phase_document import content_hash, fields_as_filed
from breachdesk.wording import Wording, labels, wording_for
from breachdesk.wording.filed_fields import form_words


@dataclass(frozen=True)
class PhasePaper:
    """A filing to print.

    Args:
        content: as it was frozen, `phase_document.phase_as_json`.
        before: the filing before it, likewise; empty where it was the first.
        authority: the addressee's name, in the reader's language.
        made_at, made_by: of the document, not of the filing.
        line: of the journal, written when the filing was recorded: it attests the content.
        fingerprint: of the certificate that will seal the document, in groups.
    """

    content: Mapping[str, Any]
    before: Mapping[str, Any]
    authority: str
    title: str
    timezone: str
    made_at: datetime
    made_by: str
    line: FiledLine
    fingerprint: str


def print_phase(paper: PhasePaper, locale: str) -> bytes:
    """The filing as PDF/A-3 and PDF/UA-1, with its JSON and the journal's line inside."""
    wording = wording_for(locale)
    files = (
        DossierFile(
            filing_name(paper.content["sequence"]),
            "application/json",
            _json_bytes(paper.content),
            wording.text("Ce dépôt, en données (JSON)"),
        ),
        DossierFile(
            LINE_NAME,
            "application/json",
            _json_bytes(journal_as_json(paper.line.line.chain, [paper.line])),
            wording.text("La ligne du journal qui atteste ce dépôt"),
        ),
    )
    return typeset_dossier(lay_out_phase(paper, wording), files, paper.made_at)


def _json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def lay_out_phase(paper: PhasePaper, wording: Wording) -> DossierContent:
    """Lay out a filing in a language; the same filing gives the same content."""
    voice = Voice(wording, paper.timezone)
    content = paper.content
    kind = labels.notification_kind_label(content["kind"], wording)
    number = content["sequence"]
    return DossierContent(
        locale=wording.locale,
        title=voice.text(
            "%(kind)s – %(reference)s, dépôt n° %(number)s",
            kind=kind,
            reference=content["reference"],
            number=number,
        ),
        heading=f"{kind} – {paper.authority}",
        frame=_frame(paper, voice),
        summary=_summary(paper, voice),
        chapters=tuple(_chapters(paper, voice)),
    )


def _frame(paper: PhasePaper, voice: Voice) -> Frame:
    content = paper.content
    return Frame(
        kicker=voice.text("Notification d’une violation de données personnelles"),
        organisation=content["organisation"],
        reference=content["reference"],
        number=voice.text("Dépôt n° %(number)s", number=content["sequence"]),
        made=voice.text(
            "Imprimé le %(moment)s par %(who)s",
            moment=voice.when(paper.made_at, zone=True),
            who=paper.made_by,
        ),
        confidential=voice.text("Confidentiel"),
        page=voice.text("Page {page} sur {pages}"),
        contents=voice.text("Sommaire"),
        annexes="",
    )


def _summary(paper: PhasePaper, voice: Voice) -> Summary:
    lead = voice.text(
        "Ce document dit ce que l’affaire contenait quand le dépôt a été enregistré. Le dépôt "
        "lui-même a été fait sur le site de l’autorité."
    )
    entries = entries_with_text(_about_the_filing(paper.content, voice))
    return Summary(lead=lead, entries=entries, gauge=None)


def _about_the_filing(content: Mapping[str, Any], voice: Voice) -> list[Entry]:
    """When it was filed and under what number, whether whole and in time, and who recorded it."""
    filed_at = datetime.fromisoformat(content["filed_at"])
    recorded_at = datetime.fromisoformat(content["recorded_at"])
    receipt = content["receipt"]
    late = voice.text("Oui, après les 72 heures") if content["was_late"] else voice.text("Non")
    is_open = not content["is_complete"]
    whole = (
        voice.text("Non : une notification complémentaire est due.")
        if is_open
        else voice.text("Oui")
    )
    is_withdrawal = content["kind"] == "withdrawal"
    return [
        Entry(voice.text("Déposée le"), voice.when(filed_at, zone=True)),
        Entry(voice.text("Numéro"), content["number"] or voice.text("Pas encore reçu")),
        Entry(
            voice.text("Complète"),
            # What is taken back is neither whole nor to be completed.
            "" if is_withdrawal else whole,
            Tone.WARNING if is_open else Tone.PLAIN,
        ),
        Entry(
            voice.text("En retard"),
            late,
            Tone.LATE if content["was_late"] else Tone.PLAIN,
        ),
        Entry(voice.text("Motifs du retard"), content["reasons_for_delay"]),
        Entry(voice.text("Motif du retrait"), content["withdrawal_reason"]),
        Entry(
            voice.text("Accusé de réception"),
            f"{receipt['name']}\nSHA-256 {receipt['sha256']}" if receipt else "",
        ),
        Entry(
            voice.text("Enregistrée par"),
            f"{content['recorded_by']}, {voice.short(recorded_at)}",
        ),
    ]


def _chapters(paper: PhasePaper, voice: Voice) -> list[Chapter]:
    """What changed comes first: who has read the filing before reads on there."""
    names = {
        code: form_words(form["name"], voice.wording)
        for code, form in paper.content["forms"].items()
    }
    parts = [
        (voice.text("Ce qui a changé : %(form)s", form=name), changed)
        for code, name in names.items()
        if (changed := _changed(paper, code, voice))
    ]
    parts += [(name, (_whole(paper, code, voice),)) for code, name in names.items()]
    parts.append((voice.text("Le sceau de ce PDF"), (_sealed(paper, voice),)))
    return [
        Chapter(str(number), title, sections) for number, (title, sections) in enumerate(parts, 1)
    ]


def _whole(paper: PhasePaper, code: str, voice: Voice) -> Section:
    headings = headings_of_filed(paper.content, code, voice)
    return Section("", form_blocks(fields_as_filed(paper.content, code), headings, voice))


def _changed(paper: PhasePaper, code: str, voice: Voice) -> tuple[Section, ...]:
    before = fields_as_filed(paper.before, code)
    if not before:
        return ()
    fields = fields_as_filed(paper.content, code)
    headings = headings_of_filed(paper.before, code, voice)
    headings |= headings_of_filed(paper.content, code, voice)
    since = Paragraph(
        voice.text("Depuis le dépôt n° %(number)s.", number=paper.before["sequence"]), Tone.MUTED
    )
    return (Section("", (since, *change_blocks(before, fields, headings, voice))),)


def _sealed(paper: PhasePaper, voice: Voice) -> Section:
    """What is sealed, what that proves and what not, and how to check it."""
    line = paper.line
    entries = (
        Entry(
            voice.text("Ce qui est scellé"),
            voice.text(
                "Chaque octet de ce PDF, avec les deux fichiers qu’il contient : le dépôt en "
                "données, tel qu’il a été enregistré, et la ligne du journal qui l’atteste."
            ),
        ),
        Entry(
            voice.text("Ce que le sceau prouve"),
            voice.text(
                "Que ce fichier n’a pas changé depuis qu’il a été imprimé, et par quelle "
                "installation il l’a été. Le PDF est imprimé et scellé à chaque téléchargement : "
                "la date du sceau est celle de l’impression ; celle du dépôt est dans le journal."
            ),
        ),
        Entry(
            voice.text("Ce qu’il ne prouve pas"),
            voice.text(
                "Ce que l’autorité a reçu : c’est à son accusé de réception de le dire. Ni que ce "
                "qui a été écrit est vrai."
            ),
        ),
        Entry(
            voice.text("Pour le vérifier"),
            voice.text(
                "Sur la page « Vérifier un dossier » de toute installation, ou par la commande "
                "« python -m breachdesk verify FICHIER ». Faites-vous donner l’empreinte du "
                "certificat par une autre voie que ce fichier."
            ),
        ),
        Entry(voice.text("Empreinte du certificat"), paper.fingerprint),
        Entry(
            voice.text("Ligne du journal"),
            f"{voice.count(line.line.sequence)}\n{line.hash}",
        ),
        Entry(voice.text("Empreinte du dépôt en données"), content_hash(paper.content)),
    )
    return Section("", (Entries(entries),))
