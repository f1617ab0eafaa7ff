"""How the codes of the facts vocabulary are said: one table per enum.

The registry of enums is `domain.vocabulary`; the CNIL form's own lists are in
`wording.authority_labels`.
"""

from collections.abc import Mapping
from enum import StrEnum

from breachdesk.domain import vocabulary as words
from breachdesk.wording import N_

_ROLES: Mapping[StrEnum, str] = {
    words.ProcessingRole.CONTROLLER: N_("Responsable de traitement"),
    words.ProcessingRole.JOINT_CONTROLLER: N_("Responsable conjoint du traitement"),
    words.ProcessingRole.PROCESSOR: N_("Sous-traitant"),
}

_BREACH_TYPES: Mapping[StrEnum, str] = {
    words.BreachType.CONFIDENTIALITY: N_("Perte de la confidentialité"),
    words.BreachType.INTEGRITY: N_("Perte de l’intégrité"),
    words.BreachType.AVAILABILITY: N_("Perte de la disponibilité"),
    words.BreachType.UNKNOWN: N_("Peut-être d’autres, pas encore connues"),
}

_CAUSES: Mapping[StrEnum, str] = {
    words.Cause.EXTERNAL_MALICIOUS: N_("Acte externe malveillant"),
    words.Cause.EXTERNAL_ACCIDENTAL: N_("Acte externe accidentel"),
    words.Cause.INTERNAL_MALICIOUS: N_("Acte interne malveillant"),
    words.Cause.INTERNAL_ACCIDENTAL: N_("Acte interne accidentel"),
    words.Cause.OTHER: N_("Autre"),
}

_VECTORS: Mapping[StrEnum, str] = {
    words.Vector.RANSOMWARE: N_("Rançongiciel"),
    words.Vector.HACKING: N_("Piratage d’un système"),
    words.Vector.SQL_INJECTION: N_("Injection SQL"),
    words.Vector.MALWARE: N_("Logiciel malveillant"),
    words.Vector.CREDENTIAL_STUFFING: N_("Essai de mots de passe volés ailleurs"),
    words.Vector.PHISHING: N_("Hameçonnage"),
    words.Vector.SOCIAL_ENGINEERING: N_("Manipulation d’une personne (ingénierie sociale)"),
    words.Vector.MAILBOX_COMPROMISE: N_("Messagerie compromise"),
    words.Vector.INSIDER_COPY: N_("Copie par une personne de l’organisme"),
    words.Vector.DEVICE_LOSS: N_("Perte d’un appareil ou d’un support"),
    words.Vector.DEVICE_THEFT: N_("Vol d’un appareil ou d’un support"),
    words.Vector.PAPER_LOSS: N_("Perte de documents papier"),
    words.Vector.PAPER_THEFT: N_("Vol de documents papier"),
    words.Vector.POSTAL_MISDELIVERY: N_("Courrier postal mal adressé"),
    words.Vector.EMAIL_WRONG_RECIPIENT: N_("E-mail envoyé au mauvais destinataire"),
    words.Vector.EMAIL_WRONG_ATTACHMENT: N_("E-mail avec une mauvaise pièce jointe"),
    words.Vector.EMAIL_WRONG_CONTENT: N_("E-mail avec un mauvais contenu"),
    words.Vector.EMAIL_OPEN_CC: N_("E-mail aux adresses visibles de tous (copie ouverte)"),
    words.Vector.ACCESS_CONTROL_BUG: N_("Défaut du contrôle d’accès"),
    words.Vector.ACCIDENTAL_PUBLICATION: N_("Publication involontaire"),
    words.Vector.WRONG_PERSON_ON_PORTAL: N_("Données d’une autre personne affichées"),
    words.Vector.IMPROPER_DISPOSAL_PAPER: N_("Papier jeté sans destruction"),
    words.Vector.IMPROPER_DISPOSAL_DEVICE: N_("Appareil mis au rebut sans effacement"),
    words.Vector.VERBAL_DISCLOSURE: N_("Divulgation orale"),
    words.Vector.POWER_OUTAGE: N_("Panne de courant ou de système"),
    words.Vector.ACCIDENTAL_DELETION: N_("Suppression accidentelle"),
    words.Vector.OTHER: N_("Autre"),
}

_DATA: Mapping[StrEnum, str] = {
    words.DataCategory.CIVIL_STATUS: N_("État civil (nom, sexe, date de naissance, âge…)"),
    words.DataCategory.CONTACT: N_("Coordonnées (adresse, e-mail, téléphone…)"),
    words.DataCategory.IDENTIFIERS: N_("Identifiants (numéro de client, adresse IP…)"),
    words.DataCategory.ACCESS_CREDENTIALS: N_("Identifiants de connexion et mots de passe"),
    words.DataCategory.NATIONAL_ID_NUMBER: N_("Numéro de sécurité sociale (NIR)"),
    words.DataCategory.OFFICIAL_DOCUMENT: N_("Documents officiels (passeport, carte d’identité…)"),
    words.DataCategory.PAYMENT_CARD: N_("Carte bancaire"),
    words.DataCategory.PAYMENT_CARD_PARTIAL: N_("Carte bancaire, numéro partiel"),
    words.DataCategory.BANK_ACCOUNT: N_("Compte bancaire (IBAN)"),
    words.DataCategory.ECONOMIC: N_("Situation économique (revenus, impôts…)"),
    words.DataCategory.TRANSACTIONS: N_("Opérations bancaires et paiements"),
    words.DataCategory.PURCHASE_HISTORY: N_("Historique des achats"),
    words.DataCategory.CONTRACT: N_("Contrats et dossiers clients"),
    words.DataCategory.LOCATION: N_("Localisation"),
    words.DataCategory.BEHAVIOUR: N_("Comportement et habitudes"),
    words.DataCategory.COMMUNICATIONS: N_("Messages et correspondances"),
    words.DataCategory.EDUCATION: N_("Scolarité et formation"),
    words.DataCategory.EMPLOYMENT: N_("Vie professionnelle"),
    words.DataCategory.FAMILY: N_("Famille et vie personnelle"),
    words.DataCategory.PHOTO: N_("Photographies et vidéos"),
    words.DataCategory.HEALTH: N_("Santé"),
    words.DataCategory.RACIAL_ETHNIC_ORIGIN: N_("Origine raciale ou ethnique"),
    words.DataCategory.POLITICAL_OPINIONS: N_("Opinions politiques"),
    words.DataCategory.RELIGIOUS_BELIEFS: N_("Convictions religieuses ou philosophiques"),
    words.DataCategory.UNION_MEMBERSHIP: N_("Appartenance syndicale"),
    words.DataCategory.SEXUAL_LIFE: N_("Vie sexuelle ou orientation sexuelle"),
    words.DataCategory.BIOMETRIC: N_("Données biométriques"),
    words.DataCategory.GENETIC: N_("Données génétiques"),
    words.DataCategory.CRIMINAL: N_("Infractions et condamnations"),
    words.DataCategory.OTHER: N_("Autres données"),
    words.DataCategory.UNKNOWN: N_("Peut-être d’autres, pas encore connues"),
}

_INSIGHT: Mapping[StrEnum, str] = {
    words.DataInsight.TRIVIAL: N_("Presque rien"),
    words.DataInsight.LIMITED: N_("Peu de chose"),
    words.DataInsight.ORDINARY: N_("Ce que ces données disent d’habitude"),
    words.DataInsight.DETAILED: N_("Un portrait détaillé"),
}

_CREDENTIALS: Mapping[StrEnum, str] = {
    words.CredentialsProtection.NONE: N_("En clair, sans protection"),
    words.CredentialsProtection.WEAK_HASH: N_("Hachés, de façon faible ou ancienne"),
    words.CredentialsProtection.STRONG_HASH: N_("Hachés et salés selon l’état de l’art"),
}

_SUBJECTS: Mapping[StrEnum, str] = {
    words.DataSubjectCategory.EMPLOYEES: N_("Employés"),
    words.DataSubjectCategory.USERS: N_("Utilisateurs"),
    words.DataSubjectCategory.MEMBERS: N_("Adhérents"),
    words.DataSubjectCategory.STUDENTS: N_("Étudiants ou élèves"),
    words.DataSubjectCategory.MILITARY: N_("Personnel militaire"),
    words.DataSubjectCategory.CUSTOMERS: N_("Clients"),
    words.DataSubjectCategory.PROSPECTS: N_("Clients potentiels (prospects)"),
    words.DataSubjectCategory.PATIENTS: N_("Patients"),
    words.DataSubjectCategory.MINORS: N_("Mineurs"),
    words.DataSubjectCategory.VULNERABLE: N_("Personnes vulnérables"),
    words.DataSubjectCategory.APPLICANTS: N_("Candidats à un emploi"),
    words.DataSubjectCategory.OTHER: N_("Autres personnes"),
    words.DataSubjectCategory.UNKNOWN: N_("Peut-être d’autres, pas encore connues"),
}

_IDENTIFIABILITY: Mapping[StrEnum, str] = {
    words.Identifiability.DIRECT: N_("Directement (nom, adresse électronique…)"),
    words.Identifiability.INDIRECT: N_("Indirectement, par recoupement"),
    words.Identifiability.LIMITED: N_("Difficilement"),
    words.Identifiability.NEGLIGIBLE: N_("Presque impossible"),
}

_UNINTELLIGIBILITY: Mapping[StrEnum, str] = {
    words.Unintelligibility.YES: N_("Oui, entièrement"),
    words.Unintelligibility.PARTLY: N_("En partie"),
    words.Unintelligibility.NO: N_("Non, lisibles"),
}

_KEY: Mapping[StrEnum, str] = {
    words.KeyCompromise.NO: N_("Non, la clé est restée secrète"),
    words.KeyCompromise.YES: N_("Oui, la clé a pu être prise"),
}

_EXFILTRATION: Mapping[StrEnum, str] = {
    words.Exfiltration.EXCLUDED: N_("Exclue, vérification faite"),
    words.Exfiltration.POSSIBLE: N_("Possible"),
    words.Exfiltration.LIKELY: N_("Probable"),
    words.Exfiltration.CONFIRMED: N_("Confirmée"),
    words.Exfiltration.PUBLISHED: N_("Données publiées"),
}

_RECIPIENTS: Mapping[StrEnum, str] = {
    words.RecipientScope.NONE: N_("Personne"),
    words.RecipientScope.ONE_KNOWN: N_("Une personne connue"),
    words.RecipientScope.FEW_KNOWN: N_("Quelques personnes connues"),
    words.RecipientScope.MANY_KNOWN: N_("Beaucoup de personnes connues"),
    words.RecipientScope.UNIDENTIFIED: N_("Quelqu’un, sans savoir qui"),
    words.RecipientScope.PUBLIC: N_("N’importe qui, l’accès était public"),
}

_TRUST: Mapping[StrEnum, str] = {
    words.RecipientTrust.TRUSTED: N_("De confiance (contrat ou secret)"),
    words.RecipientTrust.NEUTRAL: N_("Ni de confiance ni hostile"),
    words.RecipientTrust.NONE: N_("Aucune confiance possible"),
}

_DELETION: Mapping[StrEnum, str] = {
    words.DeletionConfirmation.YES: N_("Oui"),
    words.DeletionConfirmation.NO: N_("Non"),
}

_BACKUP: Mapping[StrEnum, str] = {
    words.Backup.AVAILABLE: N_("Oui, entièrement"),
    words.Backup.PARTIAL: N_("En partie"),
    words.Backup.NONE: N_("Non, aucune sauvegarde utilisable"),
}

_INTEGRITY: Mapping[StrEnum, str] = {
    words.IntegrityOutcome.NO_MISUSE: N_("Modifiées, sans usage qui en découle"),
    words.IntegrityOutcome.MISUSED_RECOVERABLE: N_("Utilisées à tort, rétablissement possible"),
    words.IntegrityOutcome.MISUSED_UNRECOVERABLE: N_("Utilisées à tort, sans rétablissement"),
}

_EFFECTS: Mapping[StrEnum, str] = {
    words.EffectOnPersons.NONE: N_("Aucun effet constaté"),
    words.EffectOnPersons.MINOR: N_("Désagréments mineurs"),
    words.EffectOnPersons.SIGNIFICANT: N_("Conséquences notables"),
    words.EffectOnPersons.CRITICAL: N_("Conséquences graves"),
}

_ACCESS: Mapping[StrEnum, str] = {
    words.AccessState.ENDED: N_("Terminé, l’accès est fermé"),
    words.AccessState.ONGOING: N_("Toujours en cours"),
}

VOCABULARY_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    words.ProcessingRole: _ROLES,
    words.BreachType: _BREACH_TYPES,
    words.Cause: _CAUSES,
    words.Vector: _VECTORS,
    words.DataCategory: _DATA,
    words.DataInsight: _INSIGHT,
    words.CredentialsProtection: _CREDENTIALS,
    words.DataSubjectCategory: _SUBJECTS,
    words.Identifiability: _IDENTIFIABILITY,
    words.Unintelligibility: _UNINTELLIGIBILITY,
    words.KeyCompromise: _KEY,
    words.Exfiltration: _EXFILTRATION,
    words.RecipientScope: _RECIPIENTS,
    words.RecipientTrust: _TRUST,
    words.DeletionConfirmation: _DELETION,
    words.Backup: _BACKUP,
    words.IntegrityOutcome: _INTEGRITY,
    words.EffectOnPersons: _EFFECTS,
    words.AccessState: _ACCESS,
}
