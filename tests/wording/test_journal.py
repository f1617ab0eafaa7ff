"""The journal reads as sentences, whatever a line holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.journal import Entry
from breachdesk.wording import FRENCH
from breachdesk.wording.journal import SENTENCES, journal_line


def test_every_entry_has_a_sentence_and_no_other():
    assert list(SENTENCES) == list(Entry)


@pytest.mark.parametrize(
    ("code", "parameters", "sentence"),
    [
        pytest.param(
            "fact_recorded",
            {"key": "n_subjects", "state": "estimated"},
            "Fait enregistré\u202f: «\u202fNombre de personnes\u202f» (estimé).",
            id="a fact, by its name and state",
        ),
        pytest.param(
            "assessed",
            {"version": 2, "risk": "high_risk"},
            "Évaluation n°\u00a02\u202f: risque élevé.",
            id="a verdict",
        ),
        pytest.param(
            "recipients_imported",
            {"count": 3412, "rejected": 3},
            "Destinataires importés\u202f: 3\u202f412. Lignes écartées\u202f: 3.",
            id="counts",
        ),
        pytest.param(
            "sending_finished",
            {"counts": {"sent": 3400, "refused": 12}},
            "Envoi terminé. Remis au serveur de messagerie\u202f: 3\u202f400 · Refusé\u202f: 12",
            id="counts by state",
        ),
        pytest.param(
            "phase_filed",
            {
                "kind": "initial",
                "authority": "CNIL",
                "filed_at": "2026-11-23T10:40:00+00:00",
            },
            "Notification initiale déposée (CNIL)\u202f: "
            "lundi 23 novembre 2026 à 11\u00a0h\u00a040.",
            id="a filing",
        ),
        pytest.param(
            "reminder_sent",
            {"roles": ["decider", "manager"], "people": 2},
            "Rappel envoyé (Décideur, Direction).",
            id="a reminder of old, by roles",
        ),
        pytest.param(
            "reminder_sent",
            {"regime": "gdpr_art_33", "roles": ["decider"], "people": 2},
            "Rappel envoyé, Notification à la CNIL (Décideur).",
            id="a reminder, of which deadline",
        ),
        pytest.param(
            "clock_started",
            {
                "regime": "quebec_cai",
                "was_started_at": "2026-03-03T09:00:00+00:00",
                "started_at": "2026-03-02T09:00:00+00:00",
            },
            "Départ du délai corrigé : Avis à la Commission d’accès à l’information (Québec). "
            "Avant : mardi 3 mars 2026 à 10 h 00. "
            "Maintenant : lundi 2 mars 2026 à 10 h 00. Aucune échéance chiffrée.",
            id="a start corrected, without a figure",
        ),
        pytest.param(
            "attachment_added",
            {"sha256": "ab" * 32},
            "Pièce jointe ajoutée (SHA-256 abababababab).",
            id="a hash is shortened",
        ),
        pytest.param(
            "decided",
            {"notify": False, "communicate": "voluntary"},
            "Décision signée. Notifier la CNIL\u202f: non. "
            "Informer les personnes\u202f: volontaire.",
            id="a decision",
        ),
        pytest.param(
            "reminders_replanned",
            {"regime": "gdpr_art_33", "cancelled": 2, "planned": 1},
            "Rappels à venir refaits d’après le plan de l’organisation, Notification à la CNIL. "
            "Annulés\u202f: 2. Ajoutés\u202f: 1.",
            id="one reminder is not several",
        ),
        pytest.param(
            "organisation_changed",
            {"fields": ["siren", "contact_phone", "motto"]},
            "Fiche de l’organisation modifiée\u202f: numéro SIREN, téléphone de la personne à "
            "contacter, motto.",
            id="details, by their names",
        ),
        pytest.param("assessed", {}, "Évaluation faite.", id="an older line without parameters"),
        pytest.param("teleported", {"to": "Mars"}, "teleported", id="an unknown code is kept"),
    ],
)
def test_a_line_is_said(code, parameters, sentence):
    assert journal_line(code, parameters, FRENCH) == sentence


@given(
    code=st.sampled_from([*SENTENCES]),
    parameters=st.dictionaries(
        st.sampled_from(
            ["key", "state", "count", "roles", "counts", "fields", "sha256", "kind", "number"]
        ),
        st.none() | st.integers() | st.text() | st.lists(st.text()),
    ),
)
def test_no_line_is_too_odd_to_be_said(code, parameters):
    assert journal_line(code, parameters, FRENCH)


def test_the_journal_says_whose_doing_a_reset_of_second_factors_was():
    parameters = {"user": 7, "rules": ["second_factor_reset"]}

    said = journal_line("sign_in_rule_changed", parameters, FRENCH)

    assert "retirés par l’exploitant" in said
    assert "7" not in said
