"""What was told to data subjects: when, to how many, with what result, in which words."""

from breachdesk.documents.content import (
    Block,
    Column,
    ColumnStyle,
    Entries,
    Entry,
    Paragraph,
    Quotation,
    Section,
    Subheading,
    Table,
    Tone,
)
from breachdesk.documents.course_drawing import draw_course
from breachdesk.documents.delivery_drawing import draw_deliveries
from breachdesk.documents.voice import DASH, Voice, entries_with_text
from breachdesk.domain.case_record import CaseRecord, NoticeRecord
from breachdesk.wording import labels


def communications(record: CaseRecord, voice: Voice) -> Section:
    """Each communication: on which ground, approved by whom, sent when, with what result."""
    title = voice.text("Les personnes concernées")
    blocks: list[Block] = []
    for notice in record.notices:
        blocks += [Subheading(notice.subject or DASH), Entries(_entries(notice, voice))]
    if blocks:
        where = voice.text(
            "Les textes sont à l’annexe B, le détail des envois à l’annexe C. Les adresses des "
            "personnes ne sont pas dans ce dossier."
        )
        return Section(title, (*blocks, Paragraph(where, Tone.MUTED)))
    none = voice.text("Aucune communication n’a été adressée aux personnes concernées.")
    return Section(title, (Paragraph(none, Tone.MUTED),))


def _entries(notice: NoticeRecord, voice: Voice) -> tuple[Entry, ...]:
    approved = f"{notice.approved_by}, {voice.short(notice.approved_at)}"
    waived = bool(notice.waiver_reason)
    sent = voice.text(
        "du %(first)s au %(last)s",
        first=voice.short(notice.first_sent_at),
        last=voice.short(notice.last_sent_at),
    )
    return entries_with_text(
        [
            Entry(voice.text("Fondement"), labels.basis_label(notice.basis, voice.wording)),
            Entry(
                voice.text("Approbation écartée par") if waived else voice.text("Approuvée par"),
                approved if notice.approved_at else voice.text("Pas encore approuvé"),
            ),
            Entry(voice.text("Motif"), notice.waiver_reason),
            Entry(
                voice.text("Retenu ici") if notice.stayed_here else voice.text("Envoi"),
                sent if notice.first_sent_at else "",
            ),
            Entry(voice.text("Résultat"), _result(notice, voice)),
        ]
    )


def _result(notice: NoticeRecord, voice: Voice) -> str:
    return " · ".join(
        voice.text("%(state)s : %(count)s", state=state, count=voice.count(count))
        for state, count in _by_state(notice, voice)
    )


def _by_state(notice: NoticeRecord, voice: Voice) -> list[tuple[str, int]]:
    return [
        (labels.delivery_state_label(state, voice.wording), count)
        for state, count in notice.outcomes.items()
    ]


def texts(record: CaseRecord, voice: Voice) -> tuple[Section, ...]:
    """The text of each communication, as it was approved and sent."""
    if not record.notices:
        return (_nothing(voice),)
    return tuple(
        Section(
            notice.subject or DASH,
            (Paragraph(_standing(notice, voice), Tone.MUTED), Quotation(notice.body or DASH)),
        )
        for notice in record.notices
    )


def _nothing(voice: Voice) -> Section:
    return Section("", (Paragraph(voice.text("Aucun message."), Tone.MUTED),))


def _standing(notice: NoticeRecord, voice: Voice) -> str:
    if notice.approved_at is None:
        return voice.text("Pas encore approuvé")
    return voice.text(
        "Tel qu’il a été approuvé, version %(version)s, par %(who)s le %(moment)s",
        version=notice.version,
        who=notice.approved_by,
        moment=voice.when(notice.approved_at),
    )


def figures(record: CaseRecord, voice: Voice) -> tuple[Section, ...]:
    """What became of the messages of each communication: by state, as a table, and over time."""
    sent = [notice for notice in record.notices if sum(notice.deliveries.values())]
    if not sent:
        return (_nothing(voice),)
    return tuple(Section(notice.subject or DASH, _figures_of(notice, voice)) for notice in sent)


def _figures_of(notice: NoticeRecord, voice: Voice) -> tuple[Block, ...]:
    total = sum(notice.deliveries.values())
    picture = draw_deliveries(notice.outcomes, voice)
    course: tuple[Block, ...] = ()
    if notice.course is not None:
        over_time = Subheading(voice.text("Au fil du temps"))
        course = (over_time, draw_course(notice.course, voice, is_kept=notice.stayed_here))
    rows = [
        (state, voice.count(count), voice.share(count, total))
        for state, count in _by_state(notice, voice)
    ]
    rows.append((voice.text("Total"), voice.count(total), voice.share(total, total)))
    columns = (
        Column(voice.text("État des envois"), 4),
        Column(voice.text("Messages"), 1.5, ColumnStyle.NUMBER),
        Column(voice.text("Part"), 1.5, ColumnStyle.NUMBER),
    )
    note = voice.text(
        "« Remis » veut dire que le serveur de messagerie a accepté le message ; cela ne dit pas "
        "qu’il a été lu."
    )
    if notice.stayed_here:
        note = voice.text(
            "« Retenu ici » veut dire que le message est resté dans breachdesk, comme tout message "
            "d’une organisation d’exemple : rien n’est parti."
        )
    return (picture, Table(columns, tuple(rows)), *course, Paragraph(note, Tone.MUTED))
