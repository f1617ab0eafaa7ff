"""The clocks in the dossier: those beside the 72 hours, what was refused, and the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from breachdesk.documents import case_sections, trail_sections
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
    """What the section on the clocks says."""
    return (
        plain(repr(case_sections.clocks(record, voice_of(record, FRENCH))))
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
        "lu dans la source même",
        "Plainte n° 2026-118.",
        f", {KARIM}",
        f", {ANNE} – Fait",
        "Respectée",
    ):
        assert part in section


def test_a_clock_without_a_figure_says_so():
    section = said(with_clocks(QUEBEC))

    assert "Aucun chiffre dans la loi" in section
    assert "Obligation de la loi, qui ne donne pas de chiffre" in section
    assert "de mémoire : à vérifier avant de s’y fier" in section


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({}, "Respectée : 52 h 00 avant l’échéance", id="in time"),
        pytest.param(
            {"stopped_at": NOTICED + timedelta(hours=73)}, "Dépassée de 1 h 00", id="late"
        ),
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
    story = repr(trail_sections.timeline(record, voice_of(record, FRENCH)))

    assert story.count("les 72 heures commencent") == 1
    assert story.count("Échéance des 72 heures") == 1
    assert story.count("Qualifié de violation") == 1
    assert story.count("Prise de connaissance corrigée") == 1
    assert "de l’horloge n° 2" in said(record)


def test_the_other_clocks_are_in_the_story():
    record = with_clocks(COMPLAINT, QUEBEC)

    story = plain(repr(trail_sections.timeline(record, voice_of(record, FRENCH))))

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
