"""The part of the dossier that says how the risk was judged, version by version."""

from collections.abc import Mapping
from typing import Any

from breachdesk.documents.content import (
    Block,
    Column,
    Entries,
    Entry,
    Paragraph,
    Section,
    Subheading,
    Table,
    Tone,
)
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.case_record import AssessmentRecord, CaseRecord
from breachdesk.wording import N_, Wording, labels

try:
    from breachdesk.wording.assessment import describe
except ImportError:

    def describe(record: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
        return dict(record)


Described = Mapping[str, Any]

_EFFECTS = {
    "decides": N_("Décide"),
    "raises": N_("Aggrave"),
    "lowers": N_("Atténue"),
    "neutral": N_("À noter"),
}


def assessments(record: CaseRecord, voice: Voice) -> Section:
    """Every version of the assessment, the latest first, each with its reasons."""
    blocks: list[Block] = []
    for assessment in reversed(record.assessments):
        blocks += _version(assessment, voice)
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucune évaluation n’a été faite."), Tone.MUTED))
    return Section(voice.text("L’évaluation du risque"), tuple(blocks))


def _version(assessment: AssessmentRecord, voice: Voice) -> list[Block]:
    said = describe(assessment.result, voice.wording)
    title = voice.text(
        "Évaluation n° %(version)s – %(who)s, %(moment)s",
        version=assessment.version,
        who=assessment.made_by,
        moment=voice.short(assessment.made_at),
    )
    return [
        Subheading(title),
        Entries(_conclusions(said, voice)),
        *_reasons(said, voice),
        *_questions(said, voice),
    ]


def _conclusions(said: Described, voice: Voice) -> tuple[Entry, ...]:
    risk = str(said.get("risk", "undetermined"))
    tone = Tone.WARNING if risk in ("high_risk", "undetermined") else Tone.PLAIN
    advised = bool(said.get("communication_advised_anyway"))
    return entries_with_text(
        [
            Entry(voice.text("Risque"), labels.risk_label(risk, voice.wording), tone),
            Entry(voice.text("Notifier la CNIL"), _duty(said, "notify_authority", voice)),
            Entry(
                voice.text("Informer les personnes"),
                _duty(said, "communicate_to_data_subjects", voice),
            ),
            Entry(
                voice.text("Conseil"),
                voice.text("Les informer est conseillé, même si la loi ne l’exige pas.")
                if advised
                else "",
            ),
            Entry(voice.text("Prévenir les responsables"), _controllers(said, voice)),
            Entry(voice.text("Gravité selon l’ENISA"), _score(said, voice), Tone.MUTED),
            Entry(voice.text("Règles"), str(said.get("rules_version", "")), Tone.MUTED),
        ]
    )


def _duty(said: Described, name: str, voice: Voice) -> str:
    return labels.duty_label(str(said.get(name, "depends")), voice.wording)


def _controllers(said: Described, voice: Voice) -> str:
    """A processor owes its controllers notice (Art. 33(2)); for anyone else, nothing to say."""
    owed = str(said.get("inform_controllers", "no"))
    return "" if owed in ("no", "False") else labels.duty_label(owed, voice.wording)


def _score(said: Described, voice: Voice) -> str:
    """The ENISA sum, as far as it is known: SE = DPC × EI + CB."""
    severity = said.get("severity") or {}
    if severity.get("score") is None:
        return ""
    breach = sum(value for value in severity.get("cb", {}).values() if value is not None)
    return voice.text(
        "SE = DPC × EI + CB = %(dpc)s × %(ei)s + %(cb)s = %(score)s (%(level)s)",
        dpc=voice.count(severity["dpc"]),
        ei=voice.count(severity["ei"]),
        cb=voice.count(breach),
        score=voice.count(severity["score"]),
        level=severity.get("level_text") or severity.get("level", ""),
    )


def _reasons(said: Described, voice: Voice) -> list[Block]:
    rows = tuple(
        (
            voice.text(_EFFECTS.get(str(reason.get("effect")), str(reason.get("effect", "")))),
            str(reason.get("text") or reason.get("code", "")),
            _sources(reason),
        )
        for reason in said.get("reasons", ())
    )
    columns = (
        Column(voice.text("Effet"), 1.5),
        Column(voice.text("Raison"), 6),
        Column(voice.text("Source"), 3.5),
    )
    return [Table(columns, rows)] if rows else []


def _sources(reason: Described) -> str:
    source = reason.get("source_text") or reason.get("source", "")
    named = source if isinstance(source, list | tuple) else [source]
    return " ; ".join(str(name) for name in named) or DASH


def _questions(said: Described, voice: Voice) -> list[Block]:
    rows = tuple(
        (
            labels.fact_label(str(question.get("fact", "")), voice.wording),
            str(question.get("why") or question.get("code", "")),
        )
        for question in said.get("open_questions", ())
    )
    if not rows:
        return []
    columns = (
        Column(voice.text("Question encore ouverte"), 3),
        Column(voice.text("Ce qu’elle peut changer"), 6),
    )
    return [Table(columns, rows)]
