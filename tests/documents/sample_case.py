"""A rich case to print: the shop La Girandole, a backup folder open for nine days.

Everything is invented. `sample_case()` is the whole way, filed in time; `with_journal`
makes a long one; `replaced` changes a part.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from breachdesk.domain.case_record import (
    AssessmentRecord,
    AttachmentRecord,
    CaseRecord,
    ClockRecord,
    DecisionRecord,
    FactRecord,
    JournalRecord,
    NoticeRecord,
    OrganisationRecord,
    PhaseRecord,
    QualificationRecord,
    ReminderRecord,
)
from breachdesk.domain.deadlines import authority_notification_due_at, hour_rounded_due_at
from breachdesk.domain.delivery_course import DeliveryCourse, DeliveryStep
from breachdesk.domain.duties import assess
from breachdesk.domain.facts import Answer, FactState, facts_for_assessment

ANNE, KARIM, LUCIE = "Anne Delmas", "Karim Benali", "Lucie Morvan"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, in UTC (Paris is an hour ahead)."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


OPENED_ON_THE_WEB, CLOSED_ON_THE_WEB = at(11, 13, 5), at(20, 18, 10)
NOTICED, AWARE = at(20, 17, 20), at(20, 17, 45)
DECIDED, FILED, TOLD = at(22, 9, 30), at(23, 10, 40), at(23, 13, 0)
MADE = at(24, 8, 15)

ORGANISATION = OrganisationRecord(
    name="La Girandole",
    code="GIR",
    siren="000 000 000",
    vat_number="",
    sector="Commerce de détail – vente à distance",
    headcount="4",
    address="12 rue des Lampistes, 33000 Bordeaux",
    country="France",
    timezone="Europe/Paris",
    legal_representative="Mme Anne Delmas, gérante",
    contact_name="Anne Delmas",
    contact_function="gérante, responsable de la protection des données",
    contact_email="donnees@girandole.example",
    contact_phone="05 00 00 00 00",
    has_dpo=False,
)

_KNOWN: dict[str, object] = {
    "description": (
        "Le dossier « Sauvegardes site » de notre espace de stockage en ligne était partagé avec "
        "« toute personne disposant du lien ». Le lien avait été collé par erreur dans un ticket "
        "public du prestataire informatique.\n\nLe dossier contient les copies hebdomadaires de "
        "la base des commandes : noms, adresses, téléphones et commandes de nos clients. Il ne "
        "contient ni mot de passe ni numéro de carte."
    ),
    "system": "Espace de stockage en ligne, dossier « Sauvegardes site »",
    "discovery": "Alerte automatique du fournisseur de stockage, reçue vendredi soir.",
    "noticed_at": NOTICED.isoformat(),
    "occurred_from": OPENED_ON_THE_WEB.isoformat(),
    "occurred_until": CLOSED_ON_THE_WEB.isoformat(),
    "access": "ended",
    "undetected_days": 9,
    "role": "controller",
    "breach_types": ["confidentiality"],
    "origins": ["unintended_publication"],
    "cause": "internal_accidental",
    "vector": "accidental_publication",
    "malicious_intent": False,
    "data": ["civil_status", "contact", "purchase_history"],
    "data_details": "Nom, prénom, adresse électronique, adresse postale, téléphone, commandes.",
    "data_insight": "ordinary",
    "data_subjects": ["customers"],
    "vulnerable_subjects": False,
    "identifiability": "direct",
    "context_reveals_sensitive": False,
    "security_before": "Mots de passe robustes, tentatives de connexion limitées, sauvegardes.",
    "data_unintelligible": "no",
    "recipients": "unidentified",
    "backup": "available",
    "permanent_loss": False,
    "effect_on_persons": "none",
    "misuse_observed": False,
    "confidentiality_consequences": ["spread_beyond_need", "linkable_to_other_data"],
    "harms": ["loss_of_control", "fraud"],
    "harms_details": "Faux messages de livraison citant une vraie commande.",
    "gravity": "limited",
    "measures_taken": (
        "Partage supprimé le 20 novembre à 19 h 10, lien effacé du ticket, journaux du "
        "fournisseur demandés, tous les partages de l'espace vérifiés."
    ),
    "measures_planned": "Chiffrer les sauvegardes ; revue mensuelle des partages.",
    "processors_involved": "Fournisseur de stockage en ligne ; prestataire informatique.",
    "cross_border": False,
}
_ESTIMATED: dict[str, object] = {"n_subjects": 3412, "n_records": 11870, "exfiltration": "possible"}
_NOT_KNOWN = ("other_authorities",)
_NO_QUESTION = (
    "credentials_protection",
    "key_compromised",
    "recipient_trust",
    "deletion_confirmed",
    "integrity_outcome",
    "cross_border_countries",
)


def _facts() -> tuple[FactRecord, ...]:
    def fact(key: str, state: FactState, value: object = None) -> FactRecord:
        moment = NOTICED + timedelta(minutes=12)
        return FactRecord(key, state.value, value, "Alerte du fournisseur", KARIM, moment, 1)

    return (
        *(fact(key, FactState.KNOWN, value) for key, value in _KNOWN.items()),
        *(fact(key, FactState.ESTIMATED, value) for key, value in _ESTIMATED.items()),
        *(fact(key, FactState.NOT_KNOWN_YET) for key in _NOT_KNOWN),
        *(fact(key, FactState.NOT_APPLICABLE) for key in _NO_QUESTION),
    )


def _assessment(version: int, moment: datetime, *, without: tuple[str, ...]) -> AssessmentRecord:
    answers = {
        fact.key: Answer(FactState(fact.state), fact.value)
        for fact in _facts()
        if fact.key not in without
    }
    facts = facts_for_assessment(answers)
    return AssessmentRecord(version, ANNE, moment, facts, assess(facts).as_record())


_JOURNAL: tuple[tuple[datetime, str, str, dict[str, object], str], ...] = (
    (NOTICED + timedelta(minutes=10), LUCIE, "opened", {}, ""),
    (at(20, 17, 32), KARIM, "fact_recorded", {"key": "description", "state": "known"}, ""),
    (at(20, 17, 40), KARIM, "attachment_added", {"sha256": "9c1f" * 16}, ""),
    (
        AWARE + timedelta(minutes=5),
        ANNE,
        "qualified_as_breach",
        {},
        "Ouverture vérifiée depuis un autre poste, sans compte.",
    ),
    (
        AWARE + timedelta(minutes=5),
        "",
        "clock_started",
        {
            "regime": "gdpr_art_33",
            "due_at": authority_notification_due_at(AWARE).isoformat(),
        },
        "",
    ),
    (at(20, 19, 0), KARIM, "fact_recorded", {"key": "n_subjects", "state": "estimated"}, ""),
    (at(20, 19, 20), ANNE, "assessed", {"version": 1, "risk": "risk"}, ""),
    (at(21, 17, 45), "", "reminder_sent", {"roles": ["handler"], "people": 1}, ""),
    (at(22, 9, 0), ANNE, "assessed", {"version": 2, "risk": "risk"}, ""),
    (at(22, 9, 20), ANNE, "advised", {"notify": True, "communicate": "voluntary"}, ""),
    (DECIDED, ANNE, "decided", {"notify": True, "communicate": "voluntary"}, ""),
    (at(22, 17, 45), "", "reminder_sent", {"roles": ["handler", "dpo"], "people": 2}, ""),
    (
        FILED + timedelta(minutes=5),
        ANNE,
        "phase_filed",
        {"kind": "initial", "authority": "CNIL", "filed_at": FILED.isoformat()},
        "",
    ),
    (FILED, "", "clock_stopped", {"regime": "gdpr_art_33", "stop_reason": "filed"}, ""),
    (at(23, 11, 20), KARIM, "notice_drafted", {"version": 2}, ""),
    (at(23, 11, 40), KARIM, "recipients_imported", {"count": 3412, "rejected": 3}, ""),
    (at(23, 12, 30), ANNE, "notice_approved", {"version": 2}, ""),
    (TOLD, ANNE, "sending_started", {"count": 3412}, ""),
    (
        TOLD + timedelta(minutes=2),
        "",
        "sending_finished",
        {"counts": {"sent": 3398, "refused": 14}},
        "",
    ),
)


def _journal() -> tuple[JournalRecord, ...]:
    return tuple(
        JournalRecord(
            sequence,
            moment,
            actor,
            code,
            parameters,
            reason,
            hashlib.sha256(f"{sequence}".encode()).hexdigest(),
        )
        for sequence, (moment, actor, code, parameters, reason) in enumerate(_JOURNAL, start=1)
    )


NOTICE_BODY = """Madame, Monsieur,

Du 11 au 20 novembre 2026, un dossier de sauvegarde de notre boutique est resté accessible, \
par erreur, à toute personne disposant du lien. Il contenait votre nom, vos coordonnées et \
l'historique de vos commandes. Il ne contenait ni votre mot de passe ni votre carte bancaire.

Que peut-il se passer ? Vous pourriez recevoir de faux messages de livraison qui citent une \
vraie commande.

Qu'avons-nous fait ? Nous avons fermé l'accès le 20 novembre et prévenu la CNIL.

Que pouvez-vous faire ? N'ouvrez pas les pièces jointes inattendues et tapez vous-même \
l'adresse de notre site.

Nous répondons à vos questions : donnees@girandole.example, 05 00 00 00 00.

La Girandole"""


def sample_case() -> CaseRecord:
    """The whole way, filed in time, customers told voluntarily."""
    return CaseRecord(
        reference="GIR-2026-0007",
        title="Sauvegarde ouverte sur un espace en ligne",
        dossier_number=1,
        made_at=MADE,
        made_by=ANNE,
        state="notified",
        opened_at=NOTICED + timedelta(minutes=10),
        opened_by=LUCIE,
        organisation=ORGANISATION,
        facts=_facts(),
        qualifications=(
            QualificationRecord(
                True,
                AWARE,
                "Ouverture vérifiée depuis un autre poste, sans compte.",
                ANNE,
                AWARE + timedelta(minutes=5),
            ),
        ),
        clocks=(
            ClockRecord(
                "provisional",
                NOTICED,
                authority_notification_due_at(NOTICED),
                hour_rounded_due_at(NOTICED),
                AWARE + timedelta(minutes=5),
                "qualified",
            ),
            ClockRecord(
                "gdpr_art_33",
                AWARE,
                authority_notification_due_at(AWARE),
                hour_rounded_due_at(AWARE),
                FILED,
                "filed",
            ),
        ),
        assessments=(
            _assessment(1, at(20, 19, 20), without=("n_subjects", "exfiltration")),
            _assessment(2, at(22, 9), without=()),
        ),
        decisions=(
            DecisionRecord(
                assessment_version=2,
                verdict_notify="yes",
                verdict_communicate="no",
                advised_by=ANNE,
                advised_at=at(22, 9, 20),
                advised_notify=True,
                advised_communicate="voluntary",
                advice_reason="Nos clients préfèrent l'apprendre par nous.",
                advice_overrides=False,
                decided_by=ANNE,
                decided_at=DECIDED,
                decided_notify=True,
                decided_communicate="voluntary",
                decision_reason="",
                decision_overrides=False,
            ),
        ),
        phases=(
            PhaseRecord(
                "CNIL", "initial", FILED, "FIC-000-777", "", False, "accuse.pdf", ANNE, FILED
            ),
        ),
        notices=(
            NoticeRecord(
                version=2,
                basis="voluntary",
                subject="Vos données chez La Girandole",
                body=NOTICE_BODY,
                approved_by=KARIM,
                approved_at=at(23, 12, 30),
                waiver_reason="",
                first_sent_at=TOLD,
                last_sent_at=TOLD + timedelta(minutes=2),
                deliveries={"sent": 3398, "refused": 14},
                course=DeliveryCourse(
                    TOLD,
                    1,
                    (
                        DeliveryStep(TOLD + timedelta(minutes=1), 1700, 4, 1708),
                        DeliveryStep(TOLD + timedelta(minutes=2), 3212, 14, 186),
                        DeliveryStep(TOLD + timedelta(minutes=3), 3398, 14, 0),
                    ),
                ),
            ),
        ),
        reminders=(
            ReminderRecord(
                "receipt", at(20, 17, 30), LUCIE, (), "sent", at(20, 17, 30), "250 2.0.0 Ok"
            ),
            ReminderRecord(
                "reminder",
                at(21, 17, 45),
                KARIM,
                ("handler",),
                "sent",
                at(21, 17, 45),
                "250 2.0.0 Ok",
            ),
            ReminderRecord(
                "escalation",
                at(22, 17, 45),
                ANNE,
                ("dpo",),
                "sent",
                at(22, 17, 46),
                "250 2.0.0 Ok",
            ),
            ReminderRecord("escalation", at(23, 11, 45), ANNE, ("decider",), "cancelled", None, ""),
        ),
        attachments=(
            AttachmentRecord(
                "alerte-fournisseur.eml",
                "message/rfc822",
                18_204,
                "9c1f" * 16,
                KARIM,
                at(20, 17, 40),
            ),
            AttachmentRecord("accuse.pdf", "application/pdf", 84_511, "42ab" * 16, ANNE, FILED),
        ),
        journal=_journal(),
    )


def with_journal(record: CaseRecord, lines: int) -> CaseRecord:
    """The case with a journal of so many lines."""
    first = len(record.journal) + 1
    more = tuple(
        JournalRecord(
            sequence,
            MADE + timedelta(seconds=sequence),
            KARIM,
            "fact_recorded",
            {"key": "description", "state": "known"},
            f"Précision n° {sequence}",
            hashlib.sha256(f"{sequence}".encode()).hexdigest(),
        )
        for sequence in range(first, lines + 1)
    )
    return replace(record, journal=record.journal + more)


def with_fact(record: CaseRecord, key: str, value: object) -> CaseRecord:
    """The case with another value for a fact it already holds."""
    facts = tuple(replace(fact, value=value) if fact.key == key else fact for fact in record.facts)
    return replace(record, facts=facts)
