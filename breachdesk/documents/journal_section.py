"""The journal in the dossier: who did what, when, why, each line bound to the one before."""

from itertools import groupby
from zoneinfo import ZoneInfo

from breachdesk.documents.content import Block, Log, LogDay, LogLine, Paragraph, Section, Tone
from breachdesk.documents.voice import Voice
from breachdesk.domain.case_record import CaseRecord, JournalRecord
from breachdesk.domain.dossier_files import JOURNAL_NAME
from breachdesk.wording.journal import journal_line
from breachdesk.wording.times import local_day

# A dossier must print on a small machine, however long the case: past this, the beginning and
# the end are printed, and the file inside holds the rest.
PRINTED_JOURNAL_LINES = 10_000
# So much of a hash tells it from every other; the whole is in the file.
_HASH_SHOWN = 12


def journal(record: CaseRecord, voice: Voice) -> Section:
    """Every line, day by day."""
    blocks: list[Block] = [Paragraph(_intro(len(record.journal), voice), Tone.MUTED)]
    if record.journal:
        blocks.append(Log(_days(_printed_lines(record.journal), voice)))
    return Section("", tuple(blocks))


def _days(lines: tuple[JournalRecord, ...], voice: Voice) -> tuple[LogDay, ...]:
    zone = ZoneInfo(voice.timezone)
    local = ((line.at.astimezone(zone), line) for line in lines)
    return tuple(
        LogDay(
            local_day(day, voice.wording),
            tuple(
                LogLine(
                    number=str(line.sequence),
                    time=f"{at:%H:%M}",
                    who=_actor(line, voice),
                    what=_what(line, voice),
                    hash=line.hash[:_HASH_SHOWN],
                )
                for at, line in same
            ),
        )
        for day, same in groupby(local, key=lambda pair: pair[0].date())
    )


def _actor(line: JournalRecord, voice: Voice) -> str:
    """Who acted: a line that names a channel is by somebody without an account."""
    return voice.by(line.actor or (voice.outsider if "channel" in line.parameters else ""))


def _what(line: JournalRecord, voice: Voice) -> str:
    said = journal_line(line.code, dict(line.parameters), voice.wording, voice.timezone)
    if not line.reason:
        return said
    why = voice.text("Motif : %(reason)s", reason=line.reason)
    return f"{said}\n{why}"


def _printed_lines(lines: tuple[JournalRecord, ...]) -> tuple[JournalRecord, ...]:
    """All of them, or of a very long journal its beginning and its end."""
    if len(lines) <= PRINTED_JOURNAL_LINES:
        return lines
    half = PRINTED_JOURNAL_LINES // 2
    return lines[:half] + lines[-half:]


def _intro(lines: int, voice: Voice) -> str:
    chained = voice.text(
        "Chaque ligne porte une empreinte, calculée sur son contenu et sur l’empreinte de la "
        "ligne précédente ; son début est imprimé à droite. Les lignes entières, avec de quoi "
        "recalculer la chaîne, sont dans le fichier %(name)s joint à ce PDF.",
        name=JOURNAL_NAME,
    )
    if lines <= PRINTED_JOURNAL_LINES:
        return chained
    shortened = voice.text(
        "Ce journal compte %(lines)s lignes : les %(half)s premières et les %(half)s dernières "
        "sont imprimées, toutes sont dans les données jointes.",
        lines=voice.count(lines),
        half=voice.count(PRINTED_JOURNAL_LINES // 2),
    )
    return f"{shortened} {chained}"
