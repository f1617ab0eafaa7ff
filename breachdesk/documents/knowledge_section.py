"""What was known, and when: awareness, what was learned in turn, what is still open."""

from collections.abc import Iterator
from itertools import groupby

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
from breachdesk.documents.voice import Voice, entries_with_text
from breachdesk.domain.case_record import AssessmentRecord, CaseRecord, JournalRecord
from breachdesk.domain.facts import ASSESSED_FACTS, FACTS, FactState
from breachdesk.domain.journal import Entry as JournalEntry
from breachdesk.wording import labels

# Of a fact corrected again and again, the first and the latest say enough here.
STEPS_SHOWN = 6

_CERTAIN = (FactState.KNOWN, FactState.ESTIMATED)


def awareness(record: CaseRecord, voice: Voice) -> Section:
    """When it was found to be a breach, by whom, and why; or that it was not."""
    title = voice.text("La prise de connaissance")
    blocks: list[Block] = [
        Entries(_qualification(place, record, voice)) for place in range(len(record.qualifications))
    ]
    if not blocks:
        nobody = voice.text("L’incident n’a pas encore été qualifié.")
        blocks.append(Paragraph(nobody, Tone.MUTED))
    return Section(title, tuple(blocks))


def _qualification(place: int, record: CaseRecord, voice: Voice) -> tuple[Entry, ...]:
    qualified = record.qualifications[place]
    verdict = (
        voice.text("Violation de données personnelles (RGPD, art. 4, 12)")
        if qualified.is_breach
        else voice.text("Pas une violation de données personnelles")
    )
    origin = f"{qualified.by}, {voice.short(qualified.at)}"
    entries = [Entry(voice.text("Qualification"), verdict, origin=origin)]
    if qualified.aware_at:
        aware = voice.when(qualified.aware_at, zone=True)
        entries.append(Entry(voice.text("Prise de connaissance"), aware))
    entries.append(Entry(voice.text("Motif"), qualified.reason))
    return entries_with_text(entries)


def learned(record: CaseRecord, voice: Voice) -> Section:
    """For each fact, every state it was given, with who and when; from the journal."""
    title = voice.text("Ce que l’on a appris, et quand")
    rows = tuple(_histories(record, voice))
    if not rows:
        return Section(title, (Paragraph(voice.text("Aucun fait enregistré."), Tone.MUTED),))
    told = voice.text(
        "Chaque fait, dans l’ordre où il a été enregistré pour la première fois. Sa valeur "
        "d’aujourd’hui et sa source sont au chapitre 1."
    )
    columns = (
        Column(voice.text("Rubrique"), 3.4),
        Column(voice.text("Ce qu’on en savait, quand, par qui"), 7),
    )
    return Section(title, (Paragraph(told, Tone.MUTED), Table(columns, rows)))


def _histories(record: CaseRecord, voice: Voice) -> Iterator[tuple[str, str]]:
    by_key: dict[str, list[JournalRecord]] = {}
    for line in record.journal:
        if line.code == JournalEntry.FACT_RECORDED:
            by_key.setdefault(str(line.parameters.get("key", "")), []).append(line)
    for key, lines in by_key.items():
        steps = [next(same) for _, same in groupby(lines, key=_state)]
        said = [_step(line, voice) for line in steps]
        if len(said) > STEPS_SHOWN:
            half = STEPS_SHOWN // 2
            left = voice.text("[…] %(count)s autres étapes", count=len(said) - 2 * half)
            said = [*said[:half], left, *said[-half:]]
        yield labels.fact_label(key, voice.wording), "\n".join(said)


def _state(line: JournalRecord) -> str:
    return str(line.parameters.get("state", ""))


def _step(line: JournalRecord, voice: Voice) -> str:
    state = labels.state_label(_state(line), voice.wording)
    who = voice.by(line.actor or (voice.outsider if "channel" in line.parameters else ""))
    return f"{state} – {voice.short(line.at)}, {who}"


def still_open(record: CaseRecord, voice: Voice) -> Section:
    """What nobody knows yet, and what nobody was asked: two different things."""
    removed = {key for key in FACTS if record.is_removed(f"facts/{key}")}
    states = {fact.key: fact.state for fact in record.facts}
    unknown = [key for key, state in states.items() if state == FactState.NOT_KNOWN_YET]
    not_asked = [
        key
        for key in FACTS
        if states.get(key, FactState.NOT_ASKED) == FactState.NOT_ASKED and key not in removed
    ]
    blocks: list[Block] = []
    if unknown:
        blocks.append(Subheading(voice.text("Demandé, pas encore connu")))
        blocks.append(Paragraph(fact_names(unknown, voice), Tone.WARNING))
    if not_asked:
        blocks.append(Subheading(voice.text("Questions pas encore posées")))
        blocks.append(Paragraph(fact_names(not_asked, voice), Tone.MUTED))
    if not blocks:
        blocks.append(Paragraph(voice.text("Rien : chaque question a sa réponse."), Tone.GOOD))
    return Section(voice.text("Ce qui reste à savoir"), tuple(blocks))


def fact_names(keys: list[str], voice: Voice) -> str:
    """Facts by their labels, in a row."""
    return " · ".join(labels.fact_label(key, voice.wording) for key in keys)


def unknown_then(assessment: AssessmentRecord) -> list[str]:
    """The facts that an assessment had to do without: asked and not known, or not asked."""
    return [key for key in ASSESSED_FACTS if assessment.facts.get(key) is None]


def unknown_at_assessment(
    assessment: AssessmentRecord | None, record: CaseRecord, voice: Voice
) -> list[Entry]:
    """What was not known when it was judged, and what of it is known today."""
    if assessment is None or not assessment.facts:
        return []
    label = voice.text("Pas connu à ce moment")
    missing = unknown_then(assessment)
    if not missing:
        return [Entry(label, voice.text("Rien : chaque fait évalué avait sa réponse."))]
    since = {
        fact.key: voice.short(fact.recorded_at)
        for fact in record.facts
        if fact.state in _CERTAIN and fact.recorded_at > assessment.made_at
    }
    entries = [Entry(label, fact_names(missing, voice), Tone.WARNING)]
    known = [
        f"{labels.fact_label(key, voice.wording)} ({since[key]})" for key in missing if key in since
    ]
    if known:
        entries.append(Entry(voice.text("Connu depuis"), " · ".join(known)))
    return entries
