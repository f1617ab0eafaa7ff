"""The dossier of a case: what was known, decided, notified and said, laid out to be read.

A pure function of the `CaseRecord` and a language. The order is an inspector's: the summary
first, then six questions, each with its answer, and the trail behind as annexes.
"""

from breachdesk.documents import (
    assessment_section,
    case_sections,
    checking_section,
    clock_section,
    communication_sections,
    decision_section,
    exchange_sections,
    filing_sections,
    journal_section,
    knowledge_section,
    reminder_section,
    story_section,
    trail_sections,
)
from breachdesk.documents.content import Chapter, DossierContent, Frame, Section
from breachdesk.documents.summary_section import summary_of
from breachdesk.documents.voice import Voice, voice_of
from breachdesk.domain.case_record import CaseRecord
from breachdesk.wording import Wording


def lay_out_dossier(record: CaseRecord, wording: Wording) -> DossierContent:
    """Lay out the dossier of a case in a language; the same record gives the same content."""
    voice = voice_of(record, wording)
    return DossierContent(
        locale=wording.locale,
        title=_title(record, voice),
        heading=record.title or record.reference,
        frame=_frame(record, voice),
        summary=summary_of(record, voice),
        chapters=(*_questions(record, voice), *_annexes(record, voice)),
    )


def _title(record: CaseRecord, voice: Voice) -> str:
    if not record.title:
        # A copy can be made without it.
        return voice.text("Dossier %(reference)s", reference=record.reference)
    return voice.text(
        "Dossier %(reference)s – %(title)s", reference=record.reference, title=record.title
    )


def _questions(record: CaseRecord, voice: Voice) -> tuple[Chapter, ...]:
    answers: tuple[tuple[str, tuple[Section, ...]], ...] = (
        (
            voice.text("Que s’est-il passé ?"),
            (story_section.timeline(record, voice), case_sections.facts(record, voice)),
        ),
        (
            voice.text("Que savait-on, et quand ?"),
            (
                knowledge_section.awareness(record, voice),
                *exchange_sections.exchange(record, voice),
                knowledge_section.learned(record, voice),
                knowledge_section.still_open(record, voice),
            ),
        ),
        (
            voice.text("Quel était le risque, et comment a-t-il été évalué ?"),
            (assessment_section.assessments(record, voice),),
        ),
        (
            voice.text("Qu’a-t-on décidé, qui et pourquoi ?"),
            (decision_section.decisions(record, voice),),
        ),
        (
            voice.text("Qu’a-t-on dit, à qui, quand, et avec quelle réponse ?"),
            (
                clock_section.deadlines(record, voice),
                filing_sections.filings(record, voice),
                communication_sections.communications(record, voice),
            ),
        ),
        (
            voice.text("Qu’a-t-on fait pour que cela ne se reproduise pas ?"),
            (case_sections.measures(record, voice),),
        ),
    )
    return tuple(
        Chapter(str(number), title, sections) for number, (title, sections) in enumerate(answers, 1)
    )


def _annexes(record: CaseRecord, voice: Voice) -> tuple[Chapter, ...]:
    """Their letters are said in the chapters that refer to them."""
    return tuple(
        Chapter(letter, title, sections, is_annex=True)
        for letter, title, sections in (
            (
                "A",
                voice.text("Les notifications à l’autorité"),
                (
                    *filing_sections.as_filed(record, voice),
                    filing_sections.notification(record, voice),
                ),
            ),
            (
                "B",
                voice.text("Les messages aux personnes, tels qu’envoyés"),
                communication_sections.texts(record, voice),
            ),
            (
                "C",
                voice.text("Les envois en chiffres"),
                communication_sections.figures(record, voice),
            ),
            (
                "D",
                voice.text("Le registre des délais et des rappels"),
                (
                    clock_section.deadline_details(record, voice),
                    *_reminders(record, voice),
                    trail_sections.mails(record, voice),
                ),
            ),
            ("E", voice.text("Le journal"), (journal_section.journal(record, voice),)),
            ("F", voice.text("Les pièces jointes"), (trail_sections.attachments(record, voice),)),
            ("G", voice.text("Vérifier ce dossier"), (checking_section.checking(record, voice),)),
        )
    )


def _reminders(record: CaseRecord, voice: Voice) -> tuple[Section, ...]:
    return (reminder_section.reminders(record.ledger, voice),) if record.ledger.lines else ()


def _frame(record: CaseRecord, voice: Voice) -> Frame:
    return Frame(
        kicker=_kicker(record, voice),
        organisation=record.organisation.name,
        reference=record.reference,
        number=_number(record, voice),
        made=voice.text(
            "Établi le %(moment)s par %(who)s",
            moment=voice.when(record.made_at, zone=True),
            who=record.made_by,
        ),
        confidential=voice.text("Confidentiel"),
        page=voice.text("Page {page} sur {pages}"),
        contents=voice.text("Les questions"),
        annexes=voice.text("Les annexes"),
        mark=_mark(record, voice),
    )


def _mark(record: CaseRecord, voice: Voice) -> str:
    """That nothing here happened: whoever reads an exercise must know before reading on."""
    if not record.organisation.is_example:
        return ""
    if record.no_mail_left:
        return voice.text("Organisation d’exemple : aucun message n’est parti.")
    return voice.text("Organisation d’exemple : ce dossier est un exercice.")


def _number(record: CaseRecord, voice: Voice) -> str:
    """Which of the case's dossiers this is; whole ones and copies are counted together."""
    if record.removed:
        return voice.text("Copie expurgée n° %(number)s", number=record.dossier_number)
    return voice.text("Dossier n° %(number)s", number=record.dossier_number)


def _kicker(record: CaseRecord, voice: Voice) -> str:
    if record.removed:
        return voice.text("Violation de données personnelles – copie, des parties en sont retirées")
    return voice.text("Violation de données personnelles – dossier")
