"""The part of the dossier that says how the risk was judged, version by version."""

from collections.abc import Mapping
from typing import Any

from breachdesk.documents.case_sections import removed_here
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
from breachdesk.documents.knowledge_section import unknown_at_assessment
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.authority_form import Gravity
from breachdesk.domain.case_record import AssessmentRecord, CaseRecord
from breachdesk.wording import N_, labels
from breachdesk.wording.assessment import describe
from breachdesk.wording.precedents import PRINTED_NOTE

Described = Mapping[str, Any]

_EFFECTS = {
    "decides": N_("Décide"),
    "raises": N_("Aggrave"),
    "lowers": N_("Atténue"),
    "neutral": N_("À noter"),
}
# ENISA's bands, as used within a sentence.
_LEVELS = {
    "low": N_("faible"),
    "medium": N_("moyenne"),
    "high": N_("élevée"),
    "very_high": N_("très élevée"),
}


def assessments(record: CaseRecord, voice: Voice) -> Section:
    """Every version of the assessment, the latest first, each with its reasons."""
    blocks: list[Block] = []
    decided_on = {decision.assessment_version for decision in record.decisions}
    # Of versions that nobody decided on, the precedents are in the data alone.
    shown = {*decided_on, *(each.version for each in record.assessments[-1:])}
    for assessment in reversed(record.assessments):
        blocks += _version(assessment, record, voice)
        if assessment.version in shown:
            blocks += _precedents(assessment, voice)
    if not blocks:
        blocks.append(Paragraph(voice.text("Aucune évaluation n’a été faite."), Tone.MUTED))
    return Section("", tuple(blocks))


def _version(assessment: AssessmentRecord, record: CaseRecord, voice: Voice) -> list[Block]:
    said = _described(assessment, voice)
    title = voice.text(
        "Évaluation n° %(version)s – %(who)s, %(moment)s",
        version=assessment.version,
        who=assessment.made_by,
        moment=voice.short(assessment.made_at),
    )
    return [
        Subheading(title),
        Entries((*_conclusions(said, voice), *unknown_at_assessment(assessment, record, voice))),
        *(() if "reasons" in said else (Paragraph(removed_here(voice), Tone.MUTED),)),
        *_reasons(said, voice),
        *_questions(said, voice),
    ]


def _described(assessment: AssessmentRecord, voice: Voice) -> Described:
    """The assessment in words; a copy can be made without the reasons: the verdict stays."""
    if "reasons" not in assessment.result:
        return assessment.result
    return describe(assessment.result, voice.wording)


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
            Entry(voice.text("Niveau de gravité"), _level(said, "gravity", voice)),
            Entry(voice.text("Niveau de vraisemblance"), _level(said, "likelihood", voice)),
            Entry(voice.text("Gravité selon l’ENISA"), _score(said, voice), Tone.MUTED),
            Entry(voice.text("Règles"), str(said.get("rules_version", "")), Tone.MUTED),
        ]
    )


def _duty(said: Described, name: str, voice: Voice) -> str:
    return labels.duty_label(str(said.get(name, "depends")), voice.wording)


def _level(said: Described, name: str, voice: Voice) -> str:
    code = str(said.get(name) or "")
    if code == "undetermined":
        return voice.text("Encore indéterminé")
    return labels.code_label(Gravity, code, voice.wording) if code else ""


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
    level = str(severity.get("level", ""))
    total = voice.text(
        "SE = DPC × EI + CB = %(dpc)s × %(ei)s + %(cb)s = %(score)s (%(level)s)",
        dpc=voice.count(severity["dpc"]),
        ei=voice.count(severity["ei"]),
        cb=voice.count(breach),
        score=voice.count(severity["score"]),
        level=voice.text(_LEVELS.get(level, level)),
    )
    adjusted = [str(each["text"]) for each in severity.get("adjustments", ())]
    return "\n".join([total, *adjusted, *_assumed(severity, voice)])


def _assumed(severity: Described, voice: Voice) -> list[str]:
    """The facts that the sum had to suppose, because nobody knows them yet."""
    names = [labels.fact_label(key, voice.wording) for key in severity.get("assumed", ())]
    return (
        [voice.text("Supposés, faute de les connaître : %(facts)s", facts=" · ".join(names))]
        if names
        else []
    )


def _reasons(said: Described, voice: Voice) -> list[Block]:
    rows = tuple(
        (
            voice.text(_EFFECTS.get(str(reason.get("effect")), str(reason.get("effect", "")))),
            str(reason["text"]),
            str(reason["source"]) or DASH,
        )
        for reason in said.get("reasons", ())
    )
    columns = (
        Column(voice.text("Effet"), 1.5),
        Column(voice.text("Raison"), 6),
        Column(voice.text("Source"), 3.5),
    )
    return [Table(columns, rows)] if rows else []


def _questions(said: Described, voice: Voice) -> list[Block]:
    rows = tuple(
        (
            labels.fact_label(str(question.get("fact", "")), voice.wording),
            str(question["why"]),
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


def _precedents(assessment: AssessmentRecord, voice: Voice) -> list[Block]:
    """Published cases beside which this one can be read, with what they came to."""
    said = _described(assessment, voice)
    rows = tuple(
        (
            f"{precedent['id']}\n{precedent['title']}",
            _published(precedent["verdict"], voice),
            str(precedent["why_similar"]),
        )
        for precedent in said.get("precedents", ())
    )
    if not rows:
        return []
    columns = (
        Column(voice.text("Précédent publié"), 3.2),
        Column(voice.text("Son issue"), 2.4),
        Column(voice.text("Ce qui rapproche et ce qui sépare"), 5.4),
    )
    return [Table(columns, rows), Paragraph(voice.text(PRINTED_NOTE), Tone.MUTED)]


def _published(verdict: Described, voice: Voice) -> str:
    return voice.text(
        "Notifier : %(notify)s\nInformer : %(communicate)s",
        notify=_outcome(str(verdict["notify_authority"]), voice),
        communicate=_outcome(str(verdict["communicate_to_data_subjects"]), voice),
    )


def _outcome(code: str, voice: Voice) -> str:
    """A published case is closed: where it depends, it does so on its circumstances."""
    if code == "depends":
        return voice.text("selon les circonstances")
    return labels.duty_label(code, voice.wording).lower()
