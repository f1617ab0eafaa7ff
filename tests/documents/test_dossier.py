"""The dossier says everything an inspector asks, in order, and says what is missing."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.documents import journal_section
from breachdesk.documents.content import Chapter, DossierContent, Section, Tone
from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.journal_section import PRINTED_JOURNAL_LINES
from breachdesk.documents.knowledge_section import STEPS_SHOWN
from breachdesk.documents.summary_section import LONGEST_LEAD
from breachdesk.documents.voice import voice_of
from breachdesk.domain.case_record import (
    AdviceRecord,
    CaseRecord,
    QualificationRecord,
    RefusalRecord,
    ReopeningRecord,
)
from breachdesk.domain.redaction import Part, Redaction, redact
from breachdesk.wording import ENGLISH, FRENCH, wording_for
from tests.documents.sample_case import (
    AWARE,
    FILED,
    MADE,
    NOTICE_BODY,
    sample_case,
    with_fact,
    with_journal,
)
from tests.domain.test_phase_document import filed
from tests.web.reading import plain


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _said(content: DossierContent) -> str:
    return "\n".join(_strings(asdict(content)))


def _section(content: DossierContent, title: str) -> Section:
    return next(section for section in content.sections if section.title == title)


def _chapter(content: DossierContent, number: str) -> Chapter:
    return next(chapter for chapter in content.chapters if chapter.number == number)


def _said_in(content: DossierContent, where: str) -> str:
    """What a chapter, by its number, or a section, by its title, says."""
    if len(where) == 1:
        return "\n".join(_strings(asdict(_chapter(content, where))))
    return "\n".join(_strings(asdict(_section(content, where))))


def _summary(content: DossierContent, label: str):
    return next(entry for entry in content.summary.entries if entry.label == label)


def _bare(record: CaseRecord) -> CaseRecord:
    """The case on the minute it was opened."""
    return replace(
        record,
        facts=(),
        qualifications=(),
        clocks=(),
        assessments=(),
        decisions=(),
        phases=(),
        notices=(),
        reminders=(),
        attachments=(),
        journal=(),
    )


def test_it_answers_an_inspectors_questions_in_turn_with_the_trail_behind():
    chapters = lay_out_dossier(sample_case(), FRENCH).chapters

    assert [(each.number, plain(each.title)) for each in chapters] == [
        ("1", "Que s’est-il passé ?"),
        ("2", "Que savait-on, et quand ?"),
        ("3", "Quel était le risque, et comment a-t-il été évalué ?"),
        ("4", "Qu’a-t-on décidé, qui et pourquoi ?"),
        ("5", "Qu’a-t-on dit, à qui, quand, et avec quelle réponse ?"),
        ("6", "Qu’a-t-on fait pour que cela ne se reproduise pas ?"),
        ("A", "Les notifications à l’autorité"),
        ("B", "Les messages aux personnes, tels qu’envoyés"),
        ("C", "Les envois en chiffres"),
        ("D", "Le registre des délais et des rappels"),
        ("E", "Le journal"),
        ("F", "Les pièces jointes"),
        ("G", "Vérifier ce dossier"),
    ]
    assert [each.is_annex for each in chapters] == [False] * 6 + [True] * 7


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Quand", "mercredi 11 novembre 2026 à 14\u00a0h\u00a005"),
        ("Combien de personnes", "3\u202f412 (estimé) · Clients"),
        ("Quelles données", "Historique des achats"),
        ("Risque pour les personnes", "Risque, non élevé"),
        (
            "Autorité",
            "Notification initiale (CNIL), le 23/11/2026 11:40, n°\u00a0FIC-000-777.",
        ),
        ("Décision", "Notifier la CNIL. Informer les personnes, volontairement."),
        ("Délai de 72 heures", "Respecté\u202f: 7\u00a0h\u00a005 avant l’échéance"),
        ("Personnes informées", "3\u202f398 messages remis sur 3\u202f412"),
        ("Encore inconnu", "Autres autorités informées"),
    ],
)
def test_the_summary_says(label, said):
    assert said in _summary(lay_out_dossier(sample_case(), FRENCH), label).text


def test_a_filing_without_a_number_names_none_and_a_withdrawal_says_why():
    record = sample_case()
    withdrawn = replace(
        record.phases[0], kind="withdrawal", number="", withdrawal_reason="Rien n’a été consulté."
    )
    content = lay_out_dossier(replace(record, phases=(*record.phases, withdrawn)), FRENCH)

    last = _summary(content, "Autorité").text.split("\n")[-2]
    assert last == "Retrait de la notification (CNIL), le 23/11/2026 11:40."
    assert "Motif du retrait" in str(content.chapters[4])
    assert "Rien n’a été consulté." in str(content.chapters[4])


def _withdrawn(record, **changes):
    """The sample case, its notification taken back on 25 November at noon."""
    noon = datetime(2026, 11, 25, 11, tzinfo=UTC)
    said = {"kind": "withdrawal", "filed_at": noon, "recorded_at": noon, **changes}
    return replace(record, phases=(*record.phases, replace(record.phases[-1], **said)))


def test_the_first_page_says_that_a_filing_was_withdrawn_and_not_that_it_kept_the_deadline():
    content = lay_out_dossier(_withdrawn(sample_case()), FRENCH)

    deadline = _summary(content, "Délai de 72 heures")
    assert "Respecté" not in str(content.summary)
    assert deadline.text.startswith("Déposé 7\u00a0h\u00a005 avant l’échéance, puis retiré le ")
    assert "mercredi 25 novembre 2026 à 12\u00a0h" in deadline.text
    assert deadline.tone is Tone.WARNING
    assert content.summary.gauge.description == deadline.text
    assert "Respecté" not in str(_section(content, "Les délais"))


def test_a_filing_made_late_and_withdrawn_is_said_to_be_both():
    record = sample_case()
    [place] = [n for n, each in enumerate(record.clocks) if each.regime == "gdpr_art_33"]
    clocks = list(record.clocks)
    late = clocks[place].due_at + timedelta(hours=2)
    clocks[place] = replace(clocks[place], stopped_at=late)
    content = lay_out_dossier(_withdrawn(replace(record, clocks=tuple(clocks))), FRENCH)

    said = _summary(content, "Délai de 72 heures").text
    assert said.startswith("Déposé 2\u00a0h\u00a000 après l’échéance, puis retiré le ")


AFTER = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        pytest.param({}, "Plus rien n’est à déposer, sauf nouvelle décision", id="answered"),
        pytest.param(
            {"decided_notify": False}, "Il est décidé de ne pas notifier", id="decided so"
        ),
        pytest.param({"decided_at": AFTER}, "demande de notifier de nouveau", id="asked since"),
    ],
)
def test_after_a_withdrawal_the_first_page_says_whether_anything_is_owed(signed, said):
    record = sample_case()
    decisions = (*record.decisions[:-1], replace(record.decisions[-1], **signed))
    content = lay_out_dossier(_withdrawn(replace(record, decisions=decisions)), FRENCH)

    assert said in _summary(content, "Autorité").text


@pytest.mark.parametrize(
    ("phase", "changes", "is_said"),
    [
        pytest.param({"kind": "initial", "is_complete": False}, {}, True, id="initial"),
        pytest.param({"kind": "follow_up", "is_complete": True}, {}, False, id="completed"),
        pytest.param(
            {"kind": "initial", "is_complete": False},
            {"refusals": (RefusalRecord("gdpr_follow_up", "Déjà su.", "I. C.", AFTER),)},
            False,
            id="somebody said why not",
        ),
    ],
)
def test_the_first_page_says_that_a_filing_is_still_to_be_completed(phase, changes, is_said):
    record = replace(sample_case(), **changes)
    record = replace(record, phases=(replace(record.phases[0], **phase),))
    entry = _summary(lay_out_dossier(record, FRENCH), "Autorité")

    assert ("un complément est dû" in entry.text) is is_said
    assert (entry.tone is Tone.WARNING) is is_said


def test_a_story_that_the_title_tells_already_is_not_said_twice():
    record = sample_case()
    content = lay_out_dossier(with_fact(record, "description", record.title), FRENCH)

    assert content.summary.lead == ""


def test_a_level_that_is_not_known_is_said_in_words():
    record = sample_case()
    open_result = {**record.assessments[-1].result, "gravity": "undetermined"}
    last = replace(record.assessments[-1], result=open_result)
    content = lay_out_dossier(replace(record, assessments=(last,)), FRENCH)

    assert "Encore indéterminé" in str(content.chapters[2])
    assert "'undetermined'" not in str(content.chapters[2])


def test_a_long_story_is_shortened_in_the_summary_and_whole_in_the_facts():
    story = "Nous avons constaté une ouverture. " * 60
    content = lay_out_dossier(with_fact(sample_case(), "description", story), FRENCH)

    assert len(content.summary.lead) <= LONGEST_LEAD + len(" […]")
    assert content.summary.lead.endswith(" […]")
    assert story in _said_in(content, "Les faits")


def test_every_fact_is_there_with_its_state_and_source():
    facts = _said_in(lay_out_dossier(sample_case(), FRENCH), "Les faits")

    assert "Pas encore connu" in facts
    assert "Sans objet" in facts
    assert "Alerte du fournisseur – Karim Benali, 20/11/2026 18:32" in facts


def test_what_nobody_knows_and_what_nobody_was_asked_are_told_apart():
    said = _said_in(lay_out_dossier(sample_case(), FRENCH), "Ce qui reste à savoir")

    unknown, not_asked = said.split("Questions pas encore posées")
    assert "Autres autorités informées" in unknown
    assert "Commentaires sur les dates" in not_asked


def test_what_was_learned_is_told_by_fact_with_each_state_when_and_by_whom():
    record = with_journal(sample_case(), 40)
    lines = [line for line in record.journal if line.code == "fact_recorded"]
    states = ["not_known_yet", "estimated"] * 5
    again = [
        replace(lines[1], at=MADE, parameters={"key": "n_subjects", "state": state})
        for state in states
    ]
    record = replace(record, journal=(*record.journal, *again))

    table = _section(lay_out_dossier(record, FRENCH), "Ce que l’on a appris, et quand").blocks[-1]
    rows = {fact: said.split("\n") for fact, said in table.rows}

    # Forty times known is known once; of many changes the first and the latest are told.
    assert rows["Ce qui s’est passé"] == ["Connu – 20/11/2026 18:32, Karim Benali"]
    assert rows["Nombre de personnes"][0] == "Estimé – 20/11/2026 20:00, Karim Benali"
    assert len(rows["Nombre de personnes"]) == STEPS_SHOWN + 1
    assert rows["Nombre de personnes"][3] == "[…] 5 autres étapes"


def test_a_decision_says_what_was_not_known_then_and_what_is_known_since():
    record = sample_case()
    facts = tuple(
        replace(fact, recorded_at=MADE) if fact.key == "n_subjects" else fact
        for fact in record.facts
    )
    first = replace(record.decisions[0], assessment_version=1)
    content = lay_out_dossier(replace(record, facts=facts, decisions=(first,)), FRENCH)

    said = _said_in(content, "4")

    assert "Pas connu à ce moment\nNombre de personnes · Sortie des données" in said
    assert "Connu depuis\nNombre de personnes (24/11/2026 09:15)" in said


def test_each_measure_is_told_with_who_said_so_and_when():
    said = _said_in(lay_out_dossier(sample_case(), FRENCH), "6")

    assert "Chiffrer les sauvegardes" in said
    assert said.count("Alerte du fournisseur – Karim Benali, 20/11/2026 18:32") == 3


def test_the_summary_says_who_says_so():
    content = lay_out_dossier(sample_case(), FRENCH)

    for label in ("Quand", "Combien de personnes", "Quelles données"):
        assert "Karim Benali, 20/11/2026 18:32" in _summary(content, label).origin
    assert _summary(content, "Risque pour les personnes").origin == (
        "Évaluation n°\u00a02 – Anne Delmas, 22/11/2026 10:00"
    )
    assert "Signée par Anne Delmas" in _summary(content, "Décision").origin


def test_a_copy_with_parts_removed_says_which_and_why_in_their_place():
    record = redact(
        sample_case(),
        Redaction(
            facts=frozenset({"n_subjects", "measures_taken"}),
            parts=frozenset({Part.NOTICES}),
            attachments=frozenset({1}),
            why="Secret des affaires.",
        ),
    )
    content = lay_out_dossier(record, FRENCH)

    assert "des parties en sont retirées" in content.frame.kicker
    assert _summary(content, "Combien de personnes").text.startswith("Retiré de cette copie")
    facts = _said_in(content, "Les faits")
    assert "Nombre de personnes" in facts.split("Retiré de cette copie")[1]
    not_asked = _section(content, "Ce qui reste à savoir").blocks[-1].text
    assert "Nombre de personnes" not in not_asked.split(" · ")
    assert "Retiré de cette copie" in _said_in(content, "6")
    assert "Retiré de cette copie" in _said_in(content, "F")
    checking = plain(_said_in(content, "G"))
    assert checking.count("Secret des affaires.") == len(record.removed)
    assert "Fait : Nombre de personnes" in checking


@pytest.mark.parametrize(
    ("stopped_after", "reason", "said", "tone"),
    [
        pytest.param(timedelta(hours=72), "filed", "Respecté", Tone.GOOD, id="on the minute"),
        pytest.param(
            timedelta(hours=75, minutes=30),
            "filed",
            "Dépassé de 3\u00a0h\u00a030",
            Tone.LATE,
            id="filed late",
        ),
        pytest.param(None, "", "En retard de 14\u00a0h\u00a030", Tone.LATE, id="never filed"),
        pytest.param(
            timedelta(hours=40),
            "decided_not_to_notify",
            "Décision de ne pas notifier",
            Tone.GOOD,
            id="not owed",
        ),
    ],
)
def test_the_deadline_is_said_to_be_kept_or_missed(stopped_after, reason, said, tone):
    record = sample_case()
    stopped_at = AWARE + stopped_after if stopped_after else None
    running = replace(record.clocks[1], stopped_at=stopped_at, stop_reason=reason)
    content = lay_out_dossier(
        replace(record, clocks=(record.clocks[0], running), made_at=MADE), FRENCH
    )

    entry = _summary(content, "Délai de 72 heures")

    assert (said in entry.text, entry.tone) == (True, tone)
    assert content.summary.gauge is not None
    assert 0 <= content.summary.gauge.used <= 1


def test_the_other_reading_of_the_deadline_is_a_note():
    clocks = _section(lay_out_dossier(sample_case(), FRENCH), "Les délais, un par un")
    notes = [
        entry
        for block in clocks.blocks
        if block.kind == "entries"
        for entry in block.entries
        if entry.label == "Note"
    ]

    assert [note.tone for note in notes] == [Tone.MUTED]
    assert "lundi 23 novembre 2026 à 19\u00a0h\u00a000" in notes[0].text


def test_every_version_of_the_assessment_is_printed_the_latest_first():
    said = _said_in(lay_out_dossier(sample_case(), FRENCH), "3")

    assert 0 <= said.index("Évaluation n°\u00a02") < said.index("Évaluation n°\u00a01")
    assert "CEPD" in said
    assert "SE = DPC × EI + CB" in said


def test_a_decision_stands_beside_the_advice_it_overrode():
    record = sample_case()
    overridden = replace(
        record.decisions[0],
        decided_notify=False,
        decision_reason="Risque écarté depuis.",
        decision_overrides=True,
    )

    said = _said_in(lay_out_dossier(replace(record, decisions=(overridden,)), FRENCH), "4")

    assert "La décision s’écarte de l’avis" in said
    assert "Risque écarté depuis." in said


def _taken_up() -> CaseRecord:
    """The sample, its first decision a "no" over the advice, taken up on the last day."""
    record = sample_case()
    no = replace(
        record.decisions[0],
        decided_by="Karim Benali",
        decided_notify=False,
        decision_reason="Risque écarté depuis.",
        decision_overrides=True,
        advice_overrides=True,
    )
    again = ReopeningRecord(1, 2, FILED, "La clé était sur une étiquette.", "Lucie Morvan", FILED)
    waiting = AdviceRecord(2, "yes", "no", "Inès", FILED, True, "none", "Avis en attente.", False)
    return replace(record, decisions=(no,), reopenings=(again,), advices=(waiting,))


def test_verdict_advice_and_decision_stand_side_by_side_with_their_names_and_reasons():
    (section,) = _chapter(lay_out_dossier(_taken_up(), FRENCH), "4").sections
    table = next(block for block in section.blocks if block.kind == "table")

    assert [column.title for column in table.columns] == ["", "Évaluation", "Avis", "Décision"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert [said.split("\n")[0] for said in rows["Par"]] == [
        "Anne Delmas",
        "Anne Delmas",
        "Karim Benali",
    ]
    assert all("/11/2026" in said for said in rows["Par"])
    assert rows["Notifier la CNIL"] == ("Oui", "Oui", "Non")
    assert rows["Motif"][1:] == (
        "Nos clients préfèrent l'apprendre par nous.",
        "Risque écarté depuis.",
    )


def test_a_decision_taken_up_says_by_whom_why_and_which_clock_it_started():
    content = lay_out_dossier(_taken_up(), FRENCH)

    for title in ("4", "D"):
        said = _said_in(content, title)
        assert "Lucie Morvan" in said, title
        assert "La clé était sur une étiquette." in said, title
    assert "L’avis s’écarte de l’évaluation" in _said_in(content, "4")
    assert "Avis en attente." in _said_in(content, "4")
    assert "la question se pose de nouveau" in _summary(content, "Décision").origin
    assert "le délai repart" in _said_in(content, "Chronologie")


def test_missing_fields_of_the_form_are_said_to_be_missing():
    content = lay_out_dossier(sample_case(), FRENCH)
    form = _section(content, "La notification, selon le formulaire de la CNIL")
    warned = [
        (entry.label, entry.text)
        for block in form.blocks
        if block.kind == "entries"
        for entry in block.entries
        if entry.tone is Tone.WARNING
    ]

    other = "D’autres autorités ou organismes ont-ils été informés\u202f?"
    european = (
        "Une autre autorité européenne de protection des données a-t-elle été notifiée\u202f?"
    )
    assert (european, "Manquant\u202f: à renseigner") in warned
    assert (other, "Pas encore connu") in warned
    # What may be left out is no gap.
    assert "Commentaires sur les dates" not in [label for label, _ in warned]


def test_a_communication_is_told_with_its_result_its_text_and_its_figures():
    content = lay_out_dossier(sample_case(), FRENCH)

    assert "Karim Benali, 23/11/2026 13:30" in _said_in(content, "5")
    told = plain(_said_in(content, "5"))
    assert "Remis au serveur de messagerie : 3 398 · Refusé : 14" in told
    assert NOTICE_BODY in _said_in(content, "B")
    (figures,) = _chapter(content, "C").sections
    picture, table, *_ = figures.blocks
    assert [tuple(map(plain, row)) for row in table.rows] == [
        ("Remis au serveur de messagerie", "3 398", "99,6 %"),
        ("Refusé", "14", "0,4 %"),
        ("Total", "3 412", "100 %"),
    ]
    assert "3 398" in plain(picture.description)


def test_a_late_filing_gives_its_reasons():
    record = sample_case()
    late = replace(
        record.phases[0],
        filed_at=FILED + timedelta(days=2),
        was_late=True,
        reasons_for_delay="Prestataire injoignable.",
    )

    content = lay_out_dossier(replace(record, phases=(late,)), FRENCH)

    assert "Prestataire injoignable." in _said_in(content, "Les dépôts auprès de l’autorité")
    assert "en retard" in _said_in(content, "Chronologie")


def test_an_incident_found_not_to_be_a_breach_owes_no_notification():
    record = _bare(sample_case())
    found = QualificationRecord(False, None, "Le dossier était vide.", "Anne Delmas", AWARE)

    content = lay_out_dossier(replace(record, qualifications=(found,)), FRENCH)

    said = _said_in(content, "La notification, selon le formulaire de la CNIL")
    assert "Sans objet" in said
    assert "pas une violation" in _summary(content, "Risque pour les personnes").text
    assert "Le dossier était vide." in _said(content)


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_case_just_opened_can_be_printed_and_says_what_there_is_not(locale):
    content = lay_out_dossier(_bare(sample_case()), wording_for(locale))

    assert all(section.blocks for section in content.sections)
    assert content.summary.gauge is None


def test_a_very_long_journal_keeps_its_beginning_and_its_end():
    record = replace(sample_case(), journal=with_journal(sample_case(), 12).journal[:12])
    section = journal_section.journal(record, voice_of(record, FRENCH))
    numbers = [line.number for day in section.blocks[-1].days for line in day.lines]

    assert numbers == [str(number) for number in range(1, 13)]

    long = with_journal(sample_case(), PRINTED_JOURNAL_LINES + 500)
    section = journal_section.journal(long, voice_of(long, FRENCH))
    numbers = [line.number for day in section.blocks[-1].days for line in day.lines]

    assert len(numbers) == PRINTED_JOURNAL_LINES
    assert (numbers[0], numbers[-1]) == ("1", str(PRINTED_JOURNAL_LINES + 500))
    assert "10 500" in plain(section.blocks[0].text)


def test_every_row_of_every_table_fills_its_columns():
    for section in lay_out_dossier(sample_case(), FRENCH).sections:
        for block in section.blocks:
            if block.kind == "table":
                assert {len(row) for row in block.rows} == {len(block.columns)}


def test_the_same_case_is_laid_out_the_same_twice():
    assert lay_out_dossier(sample_case(), FRENCH) == lay_out_dossier(sample_case(), FRENCH)


def test_the_english_dossier_tells_the_time_in_english():
    content = lay_out_dossier(sample_case(), ENGLISH)

    assert content.locale == "en"
    assert "Friday 20 November 2026 at 18:45" in _said(content)


def test_the_paper_says_nothing_of_how_we_came_by_a_summary():
    printed = str(lay_out_dossier(sample_case(), FRENCH))
    assert "nos propres résumés" in printed
    assert "de mémoire" not in printed


def test_a_form_that_was_filed_is_printed_once_and_then_what_changed():
    early = with_fact(sample_case(), "n_subjects", 12)
    content = filed(early)
    record = replace(sample_case(), phases=(replace(sample_case().phases[0], content=content),))
    form = _section(
        lay_out_dossier(record, FRENCH), "La notification, selon le formulaire de la CNIL"
    )
    tables = [block for block in form.blocks if block.kind == "table"]
    assert [block for block in form.blocks if block.kind == "entries"] == []
    assert ("Nombre approximatif de personnes", "12", "3\u202f412") in tables[0].rows


def test_of_a_withdrawn_notification_nothing_is_left_to_complete():
    phase = sample_case().phases[0]
    withdrawn = replace(phase, kind="withdrawal", withdrawal_reason="Aucune donnée lue.")
    record = replace(sample_case(), phases=(phase, withdrawn))
    content = lay_out_dossier(record, FRENCH)
    form = _section(content, "La notification, selon le formulaire de la CNIL")
    assert "a été retirée le" in form.blocks[0].text
    assert len(form.blocks) == 1


def _files_told(record: CaseRecord) -> list[str]:
    (section,) = _chapter(lay_out_dossier(record, FRENCH), "G").sections
    return [row[0] for row in section.blocks[2].rows]


def test_the_files_told_are_those_that_the_copy_holds():
    record = sample_case()
    record = replace(
        record,
        phases=tuple(replace(each, content=filed(record)) for each in record.phases),
    )
    numbers = frozenset(range(1, len(record.attachments) + 1))
    copy = redact(record, Redaction(parts=frozenset({Part.PHASES}), attachments=numbers))

    alone = ["manifest.json", "case.json", "journal.json"]
    assert _files_told(record) == [*alone, "notifications/", "attachments/"]
    assert _files_told(copy) == alone


def test_a_copy_is_called_one_on_each_page():
    copy = redact(sample_case(), Redaction(parts=frozenset({Part.REASONS})))

    assert plain(lay_out_dossier(sample_case(), FRENCH).frame.number) == "Dossier n° 1"
    assert plain(lay_out_dossier(copy, FRENCH).frame.number) == "Copie expurgée n° 1"


def _exercise(kept: int = 3398, **changes: bool) -> CaseRecord:
    """The case as an example organisation has it: what was sent stayed on the desk."""
    record = sample_case()
    return replace(
        record,
        organisation=replace(record.organisation, is_example=True),
        notices=tuple(replace(each, kept_here=kept) for each in record.notices),
        journal=tuple(
            replace(each, parameters={"counts": {"kept_here": kept, "refused": 14}})
            if each.code == "sending_finished"
            else each
            for each in record.journal
        ),
        **{"no_mail_left": True, **changes},
    )


def test_an_exercise_never_says_that_people_were_written_to():
    content = lay_out_dossier(_exercise(), FRENCH)

    told = plain(_summary(content, "Personnes informées").text)
    assert told.startswith(
        "Aucune : 3 398 messages sur 3 412 retenus ici (organisation d’exemple), à partir du"
    )
    everything = plain(_said(content))
    assert "Retenu ici (organisation d’exemple) : 3 398 · Refusé : 14" in everything
    assert "Remis au serveur de messagerie : 3 398" not in everything
    assert "« Remis » veut dire" not in everything
    assert "acceptés" not in everything
    assert "Premiers messages aux personnes concernées" not in everything


@pytest.mark.parametrize(
    ("record", "mark"),
    [
        (sample_case(), ""),
        (_exercise(), "Organisation d’exemple : aucun message n’est parti."),
        (
            redact(_exercise(), Redaction(parts=frozenset({Part.REMINDERS, Part.NOTICES}))),
            "Organisation d’exemple : aucun message n’est parti.",
        ),
        (_exercise(no_mail_left=False), "Organisation d’exemple : ce dossier est un exercice."),
    ],
)
def test_the_cover_of_an_exercise_says_so(record, mark):
    assert plain(lay_out_dossier(record, FRENCH).frame.mark) == mark


def test_what_really_left_of_an_exercise_is_told_apart():
    content = lay_out_dossier(_exercise(kept=398, no_mail_left=False), FRENCH)

    assert "3 000 messages remis sur 3 412" in plain(_summary(content, "Personnes informées").text)
    assert "Remis au serveur de messagerie : 3 000" in plain(_said(content))
