"""The clocks in the dossier: those beside the 72 hours, what was refused, and the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from breachdesk.documents import story_section
from breachdesk.documents.clock_section import deadline_details, deadlines, in_order
from breachdesk.documents.clock_state import deadline_of, deadline_text
from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.voice import voice_of
from breachdesk.domain.case_record import ClockRecord, RefusalRecord
from breachdesk.domain.reminder_ledger import LedgerRecord, ReminderLedger
from breachdesk.wording import FRENCH
from tests.documents.sample_case import ANNE, AWARE, KARIM, MADE, NOTICED, sample_case
from tests.web.reading import plain

COMPLAINT = ClockRecord(
    regime="insurance_complaint",
    started_at=NOTICED,
    due_at=NOTICED + timedelta(hours=72),
    rounded_due_at=None,
    stopped_at=NOTICED + timedelta(hours=20),
    stop_reason="done",
    rule_version="l12-10-1-2023-04-24",
    authority="police",
    binding="law",
    stop_remark="Plainte n° 2026-118.",
    started_by=KARIM,
    stopped_by=ANNE,
)
QUEBEC = ClockRecord("quebec_cai", NOTICED, None, None, None, "", "p-39.1-2022-09-22")


def with_clocks(*clocks, **more):
    record = sample_case()
    return replace(record, clocks=(*record.clocks, *clocks), **more)


def said(record) -> str:
    """What the sections on the deadlines say."""
    voice = voice_of(record, FRENCH)
    return (
        plain(
            repr(
                [
                    deadlines(record, voice),
                    deadline_details(record, voice),
                ]
            )
        )
        .replace("\\u202f", " ")
        .replace("\\xa0", " ")
    )


def test_a_clock_is_told_with_its_text_addressee_source_and_people():
    section = said(with_clocks(COMPLAINT))

    for part in (
        "Dépôt de plainte pour l’assurance",
        "Code des assurances, art. L12-10-1",
        "Police, gendarmerie ou procureur de la République",
        "Délai de la loi",
        "Plainte n° 2026-118.",
        f"origin='{KARIM}'",
        f"– Fait', tone=<Tone.PLAIN: 'plain'>, origin='{ANNE}'",
        "Respecté",
    ):
        assert part in section


def test_a_clock_without_a_figure_says_so():
    section = said(with_clocks(QUEBEC))

    assert "Aucun chiffre dans la loi" in section
    assert "Obligation de la loi, qui ne donne pas de chiffre" in section


def test_how_we_came_by_a_text_of_law_is_not_printed_it_is_in_the_data():
    section = said(with_clocks(QUEBEC, COMPLAINT))

    for doubt in ("de mémoire", "lu dans", "P-39.1), art. 3.5 à 3.8"):
        assert doubt not in section
    assert "Québec, chapitre P-39.1, art. 3.5" in section


def test_the_provisional_deadline_is_our_precaution_and_not_called_the_laws():
    section = said(sample_case())

    assert "Délai n° 1 – Délai provisoire, jusqu’à la qualification" in section
    assert "Précaution de notre part, pas un délai de la loi" in section
    assert "Délai n° 2 – Notification à la CNIL" in section
    assert "orloge" not in section


def test_each_deadline_has_one_line_with_its_number():
    record = with_clocks(COMPLAINT, QUEBEC)
    (table,) = (
        block
        for block in deadlines(record, voice_of(record, FRENCH)).blocks
        if block.kind == "table"
    )

    assert [row[0] for row in table.rows] == ["1", "2", "3", "4"]
    assert [plain(row[4]) for row in table.rows][1:3] == [
        "Respecté : 7 h 05 avant l’échéance.",
        "Respecté : 52 h 00 avant l’échéance.",
    ]


def test_a_replaced_deadline_stands_before_its_successor_and_is_said_to_be_replaced():
    first = replace(COMPLAINT, stop_reason="corrected")
    record = with_clocks(first, QUEBEC, replace(COMPLAINT, replaces=3))

    section = said(record)

    assert [number for number, _ in in_order(record.clocks)] == [1, 2, 3, 5, 4]
    replaced = "Délai n° 3 – Dépôt de plainte pour l’assurance (remplacé)"
    successor = "Délai n° 5 – Dépôt de plainte pour l’assurance"
    assert section.index(replaced) < section.index(successor)
    assert "Départ corrigé', text='du délai n° 3'" in section


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({}, "Respecté : 52 h 00 avant l’échéance", id="in time"),
        pytest.param({"stopped_at": NOTICED + timedelta(hours=73)}, "Dépassé de 1 h 00", id="late"),
        pytest.param(
            {"stop_reason": "not_owed"}, "Finalement pas dû, 20 h 00 après le départ", id="not owed"
        ),
        pytest.param(
            {"due_at": None}, "Fait 20 h 00 après le départ. Aucune échéance", id="no figure"
        ),
        pytest.param(
            {"due_at": None, "stopped_at": None, "stop_reason": ""},
            "En cours depuis",
            id="no figure, still running",
        ),
    ],
)
def test_what_became_of_a_clock_is_said(changes, text):
    record = with_clocks(clock := replace(COMPLAINT, **changes))

    assert text in plain(deadline_text(deadline_of(clock, record), voice_of(record, FRENCH)))


def test_what_was_refused_is_kept_with_the_reason():
    refusal = RefusalRecord("telecom_611", "Nous ne sommes pas opérateur.", ANNE, MADE)

    section = said(with_clocks(refusals=(refusal,)))

    assert "Délais proposés, écartés" in section
    assert "Nous ne sommes pas opérateur." in section
    assert "Notification d’un fournisseur de communications électroniques" in section


def test_a_corrected_awareness_is_told_once_in_the_story():
    record = sample_case()
    (first,) = record.qualifications
    main = record.clocks[-1]
    moved = AWARE - timedelta(hours=1)
    record = replace(
        record,
        qualifications=(first, replace(first, aware_at=moved, at=first.at + timedelta(hours=1))),
        clocks=(
            *record.clocks[:-1],
            replace(main, stop_reason="corrected", stopped_at=first.at + timedelta(hours=1)),
            replace(main, started_at=moved, due_at=moved + timedelta(hours=72), replaces=2),
        ),
    )
    story = repr(story_section.timeline(record, voice_of(record, FRENCH)))

    assert story.count("les 72 heures commencent") == 1
    assert story.count("Échéance des 72 heures") == 1
    assert story.count("Qualifié de violation") == 1
    assert story.count("Prise de connaissance corrigée") == 1
    assert "du délai n° 2" in said(record)


def test_the_other_clocks_are_in_the_story():
    record = with_clocks(COMPLAINT, QUEBEC)

    story = plain(repr(story_section.timeline(record, voice_of(record, FRENCH))))

    assert "Dépôt de plainte pour l’assurance" in story
    assert "Québec" not in story


def test_the_ledger_of_reminders_is_a_section_of_its_own_and_not_told_twice():
    line = LedgerRecord(
        clock=2,
        regime="gdpr_art_33",
        cause="planned",
        channel="mail",
        roles=("handler",),
        planned_for=AWARE,
        remind_at=AWARE,
        emitted_at=AWARE,
    )
    without = lay_out_dossier(sample_case(), FRENCH)
    told = lay_out_dossier(replace(sample_case(), ledger=ReminderLedger((line,))), FRENCH)

    titles = [section.title for section in told.sections]
    assert "Rappels et escalades" in titles
    assert "Accusés, alertes et autres messages" in titles
    assert "Alertes, rappels et escalades" in [section.title for section in without.sections]
    assert len(told.sections) == len(without.sections) + 1


def test_the_json_of_the_case_holds_clocks_refusals_and_ledger():
    content = with_clocks(QUEBEC).as_json()

    assert content["clocks"][-1]["due_at"] is None
    assert content["clocks"][-1]["rule_version"] == "p-39.1-2022-09-22"
    assert content["refusals"] == []
    assert content["ledger"] == {"lines": []}
    assert content["format"] == "breachdesk-case/1"
