"""How the codes of a case's life are said: roles, clocks, mails, stages, verdicts."""

from collections.abc import Mapping
from enum import StrEnum

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Channel, Communicate, NextStep, Stage
from breachdesk.domain.notices import Part
from breachdesk.wording import N_

_FACT_STATES: Mapping[StrEnum, str] = {
    FactState.NOT_ASKED: N_("Pas encore demandé"),
    FactState.NOT_KNOWN_YET: N_("Pas encore connu"),
    FactState.ESTIMATED: N_("Estimé"),
    FactState.KNOWN: N_("Connu"),
    FactState.NOT_APPLICABLE: N_("Sans objet"),
}

_ROLES: Mapping[StrEnum, str] = {
    Role.REPORTER: N_("Déclarant"),
    Role.HANDLER: N_("Gestionnaire"),
    Role.DPO: N_("Délégué à la protection des données"),
    Role.DECIDER: N_("Décideur"),
    Role.MANAGER: N_("Direction"),
    Role.AUDITOR: N_("Auditeur"),
    Role.ADMIN: N_("Administrateur"),
    Role.OPERATOR: N_("Exploitant du service"),
}

_STOP_REASONS: Mapping[StrEnum, str] = {
    StopReason.FILED: N_("Notification déposée"),
    StopReason.DECIDED_NOT_TO_NOTIFY: N_("Décision de ne pas notifier"),
    StopReason.QUALIFIED: N_("Incident qualifié de violation"),
    StopReason.NOT_A_BREACH: N_("Incident écarté : pas une violation"),
    StopReason.CORRECTED: N_("Heure de départ corrigée"),
    StopReason.COMMUNICATED: N_("Personnes informées"),
    StopReason.DONE: N_("Fait"),
    StopReason.NOT_OWED: N_("Finalement pas dû"),
    StopReason.PROCESSOR: N_("Pas dû : un sous-traitant prévient les responsables du traitement"),
}

_DELIVERY_STATES: Mapping[StrEnum, str] = {
    DeliveryState.QUEUED: N_("En attente"),
    DeliveryState.SENDING: N_("En cours d’envoi"),
    DeliveryState.SENT: N_("Remis au serveur de messagerie"),
    DeliveryState.REFUSED: N_("Refusé"),
    DeliveryState.FAILED: N_("Échec"),
    DeliveryState.CANCELLED: N_("Annulé"),
}

_MAIL_KINDS: Mapping[StrEnum, str] = {
    MailKind.RECEIPT: N_("Accusé de réception"),
    MailKind.ALERT: N_("Alerte"),
    MailKind.CHASE: N_("Relance : incident à qualifier"),
    MailKind.REMINDER: N_("Rappel"),
    MailKind.ESCALATION: N_("Escalade"),
    MailKind.LATE: N_("Rappel de retard"),
    MailKind.COMMUNICATION: N_("Communication aux personnes concernées"),
    MailKind.CLOCK_STARTED: N_("Délai commencé, avec son calendrier"),
    MailKind.CLOCKS_CALLED_OFF: N_("Délais annulés dans les agendas"),
    MailKind.CAUGHT_UP: N_("Rappels manqués pendant une interruption"),
    MailKind.REPORT_COMPLETED: N_("Complément reçu"),
    MailKind.REPORT_QUESTION: N_("Question à l’auteur du signalement"),
    MailKind.INVITATION: N_("Invitation"),
    MailKind.PASSWORD_RESET: N_("Nouveau mot de passe"),
    MailKind.ACCOUNT_NOTICE: N_("Changement dans un compte"),
}

_CHANNELS: Mapping[StrEnum, str] = {
    Channel.DESK: N_("sur ce service"),
    Channel.PUBLIC_FORM: N_("formulaire public, sans compte"),
    Channel.PROCESSOR_LINK: N_("déclaration d’un sous-traitant"),
    Channel.SHARED: N_("même événement dans une autre organisation"),
}

_PARTS: Mapping[StrEnum, str] = {
    Part.NATURE: N_("Ce qui s’est passé"),
    Part.DATA: N_("Données concernées"),
    Part.CONSEQUENCES: N_("Conséquences probables"),
    Part.MEASURES: N_("Mesures prises et prévues"),
    Part.ADVICE: N_("Ce que vous pouvez faire"),
    Part.CONTACT: N_("À qui s’adresser"),
}

_STAGES: Mapping[StrEnum, str] = {
    Stage.OPENED: N_("Ouvert"),
    Stage.NOT_A_BREACH: N_("Pas une violation"),
    Stage.QUALIFIED: N_("Qualifié"),
    Stage.ASSESSED: N_("Évalué"),
    Stage.DECIDED: N_("Décidé"),
    Stage.NOTIFIED: N_("Notifié"),
    Stage.CLOSED: N_("Clos"),
}

_NEXT_STEPS: Mapping[StrEnum, str] = {
    NextStep.QUALIFY: N_("Qualifier l’incident"),
    NextStep.ASSESS: N_("Évaluer le risque"),
    NextStep.REASSESS: N_("Évaluer de nouveau"),
    NextStep.REOPEN: N_("Reprendre la décision de ne pas notifier"),
    NextStep.ADVISE: N_("Rendre l’avis"),
    NextStep.DECIDE: N_("Signer la décision"),
    NextStep.NOTIFY_AUTHORITY: N_("Notifier la CNIL"),
    NextStep.DRAFT_NOTICE: N_("Rédiger la communication aux personnes"),
    NextStep.IMPORT_RECIPIENTS: N_("Importer les destinataires"),
    NextStep.APPROVE_NOTICE: N_("Faire approuver la communication"),
    NextStep.SEND_NOTICE: N_("Envoyer la communication"),
    NextStep.WATCH_DELIVERY: N_("Suivre l’envoi"),
    NextStep.COMPLETE_FILING: N_("Compléter la notification à la CNIL"),
    NextStep.SETTLE_CLOCKS: N_("Dire où en sont les autres délais"),
    NextStep.MAKE_DOSSIER: N_("Établir le dossier"),
    NextStep.CLOSE: N_("Clore le dossier"),
    NextStep.NOTHING: N_("Plus rien à faire"),
}

_COMMUNICATE: Mapping[StrEnum, str] = {
    Communicate.OWED: N_("Obligatoire (RGPD, art. 34)"),
    Communicate.VOLUNTARY: N_("Volontaire"),
    Communicate.NONE: N_("Non"),
}

CASE_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    FactState: _FACT_STATES,
    Role: _ROLES,
    StopReason: _STOP_REASONS,
    DeliveryState: _DELIVERY_STATES,
    MailKind: _MAIL_KINDS,
    Channel: _CHANNELS,
    Part: _PARTS,
    Stage: _STAGES,
    NextStep: _NEXT_STEPS,
    Communicate: _COMMUNICATE,
}

# The operator holds no role in an organisation, so is no member of `Role`.
OPERATOR = N_("Exploitant")

# Codes of the assessment's record (GDPR Art. 33(1) and 34(1)).
RISKS: Mapping[str, str] = {
    "unlikely": N_("Risque peu probable"),
    "risk": N_("Risque, non élevé"),
    "high_risk": N_("Risque élevé"),
    "undetermined": N_("Risque encore indéterminé"),
}

DUTIES: Mapping[str, str] = {
    "yes": N_("Oui"),
    "no": N_("Non"),
    "depends": N_("Cela dépend de points encore ouverts"),
}
