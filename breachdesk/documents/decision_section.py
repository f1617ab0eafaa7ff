"""The part of the dossier that sets verdict, advice and decision side by side."""

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
from breachdesk.documents.voice import DASH, Voice
from breachdesk.domain.case_record import (
    AdviceRecord,
    AssessmentRecord,
    CaseRecord,
    DecisionRecord,
    ReopeningRecord,
)
from breachdesk.wording import labels

Row = tuple[str, ...]


def decisions(record: CaseRecord, voice: Voice) -> Section:
    """Each decision beside the advice and the verdict that it followed or overrode."""
    blocks: list[Block] = []
    if not record.organisation.has_dpo:
        blocks.append(
            Paragraph(
                voice.text(
                    "L’organisme n’a pas désigné de délégué à la protection des données : l’avis "
                    "est rendu par la personne qui s’occupe de ces questions."
                ),
                Tone.MUTED,
            )
        )
    reopened = {each.decision: each for each in record.reopenings}
    for number, decision in enumerate(record.decisions, start=1):
        blocks += _decision(number, decision, record, voice)
        if number in reopened:
            blocks.append(_reopening(reopened[number], voice))
    if not record.decisions:
        blocks.append(Paragraph(voice.text("Aucune décision n’a été signée."), Tone.MUTED))
    for advice in record.advices:
        blocks += _advice(advice, record, voice)
    return Section("", tuple(blocks))


def _decision(
    number: int, decision: DecisionRecord, record: CaseRecord, voice: Voice
) -> list[Block]:
    title = voice.text(
        "Décision n° %(number)s, sur l’évaluation n° %(version)s",
        number=number,
        version=decision.assessment_version,
    )
    columns = (*_first_columns(voice), Column(voice.text("Décision"), 3.4))
    rows = (
        (
            *_by(decision.assessment_version, record, voice),
            f"{decision.advised_by}\n{voice.short(decision.advised_at)}",
            f"{decision.decided_by}\n{voice.short(decision.decided_at)}",
        ),
        (
            voice.text("Notifier la CNIL"),
            labels.duty_label(decision.verdict_notify, voice.wording),
            voice.yes_no(decision.advised_notify),
            voice.yes_no(decision.decided_notify),
        ),
        (
            voice.text("Informer les personnes"),
            labels.duty_label(decision.verdict_communicate, voice.wording),
            labels.basis_label(decision.advised_communicate, voice.wording),
            labels.basis_label(decision.decided_communicate, voice.wording),
        ),
        (
            voice.text("Motif"),
            _reasons_given(voice),
            decision.advice_reason or DASH,
            decision.decision_reason or DASH,
        ),
    )
    said = _advice_agrees(decision.advice_overrides, voice), _agreement(decision, voice)
    judged = _assessment(decision.assessment_version, record)
    unknown = tuple(unknown_at_assessment(judged, record, voice))
    return [
        Subheading(title),
        Table(columns, rows),
        Paragraph(" ".join(said)),
        *((Entries(unknown),) if unknown else ()),
    ]


def _advice(advice: AdviceRecord, record: CaseRecord, voice: Voice) -> list[Block]:
    """An advice that nobody decided on: replaced by another, or waiting."""
    title = voice.text(
        "Avis sans décision, sur l’évaluation n° %(version)s", version=advice.assessment_version
    )
    rows = (
        (
            *_by(advice.assessment_version, record, voice),
            f"{advice.by}\n{voice.short(advice.at)}",
        ),
        (
            voice.text("Notifier la CNIL"),
            labels.duty_label(advice.verdict_notify, voice.wording),
            voice.yes_no(advice.notify),
        ),
        (
            voice.text("Informer les personnes"),
            labels.duty_label(advice.verdict_communicate, voice.wording),
            labels.basis_label(advice.communicate, voice.wording),
        ),
        (voice.text("Motif"), _reasons_given(voice), advice.reason or DASH),
    )
    agreement = Paragraph(_advice_agrees(advice.overrides, voice))
    return [Subheading(title), Table(_first_columns(voice), rows), agreement]


def _first_columns(voice: Voice) -> tuple[Column, ...]:
    return (
        Column("", 2.2),
        Column(voice.text("Évaluation"), 3),
        Column(voice.text("Avis"), 3.4),
    )


def _by(version: int, record: CaseRecord, voice: Voice) -> Row:
    """The head of the row of names, and who had the facts assessed."""
    made = _assessment(version, record)
    return voice.text("Par"), _assessed_by(made, voice) if made else DASH


def _assessment(version: int, record: CaseRecord) -> AssessmentRecord | None:
    return next((each for each in record.assessments if each.version == version), None)


def _assessed_by(made: AssessmentRecord, voice: Voice) -> str:
    rules = voice.text("règles %(version)s", version=made.result.get("rules_version", DASH))
    return f"{made.made_by}\n{voice.short(made.made_at)}\n{rules}"


def _reasons_given(voice: Voice) -> str:
    return voice.text("Voir les raisons de l’évaluation")


def _advice_agrees(overrides: bool, voice: Voice) -> str:
    if overrides:
        return voice.text("L’avis s’écarte de l’évaluation, pour le motif indiqué.")
    return voice.text("L’avis suit l’évaluation.")


def _agreement(decision: DecisionRecord, voice: Voice) -> str:
    if decision.decision_overrides:
        return voice.text("La décision s’écarte de l’avis, pour le motif indiqué.")
    return voice.text("La décision suit l’avis.")


def _reopening(reopening: ReopeningRecord, voice: Voice) -> Entries:
    """How a decision not to notify was taken up again."""
    return Entries(
        (
            Entry(
                voice.text("Décision reprise"),
                f"{reopening.by}, {voice.when(reopening.at)}",
                Tone.WARNING,
            ),
            Entry(voice.text("Prise de connaissance"), voice.when(reopening.aware_at, zone=True)),
            Entry(voice.text("Motif"), reopening.reason),
        )
    )
