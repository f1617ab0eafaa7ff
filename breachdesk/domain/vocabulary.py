"""The fixed vocabulary of an incident: the codes that facts are stored in.

One source for the schema, the forms, the labels and the documents. Members are in
the order in which forms show them; where an enum compares by gravity, `GRAVITY_ORDER`
lists its values from least to most grave.

"Not known yet" and "not applicable" are states of a fact (see `domain.facts`), not
values, except in lists, where UNKNOWN says "perhaps more".
"""

from enum import StrEnum


class ProcessingRole(StrEnum):
    """The organisation's role for this processing (GDPR Art. 4(7)-(8), 26, 28)."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint_controller"
    PROCESSOR = "processor"


class BreachType(StrEnum):
    """What was lost (Art. 4(12)); EDPB Guidelines 9/2022, section I.B."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Who or what caused the breach, in the CNIL form's terms."""

    EXTERNAL_MALICIOUS = "external_malicious"
    EXTERNAL_ACCIDENTAL = "external_accidental"
    INTERNAL_MALICIOUS = "internal_malicious"
    INTERNAL_ACCIDENTAL = "internal_accidental"
    OTHER = "other"


class Vector(StrEnum):
    """What happened, technically or materially."""

    RANSOMWARE = "ransomware"
    HACKING = "hacking"
    SQL_INJECTION = "sql_injection"
    MALWARE = "malware"
    CREDENTIAL_STUFFING = "credential_stuffing"
    PHISHING = "phishing"
    SOCIAL_ENGINEERING = "social_engineering"
    MAILBOX_COMPROMISE = "mailbox_compromise"
    INSIDER_COPY = "insider_copy"
    DEVICE_LOSS = "device_loss"
    DEVICE_THEFT = "device_theft"
    PAPER_LOSS = "paper_loss"
    PAPER_THEFT = "paper_theft"
    POSTAL_MISDELIVERY = "postal_misdelivery"
    EMAIL_WRONG_RECIPIENT = "email_wrong_recipient"
    EMAIL_WRONG_ATTACHMENT = "email_wrong_attachment"
    EMAIL_WRONG_CONTENT = "email_wrong_content"
    EMAIL_OPEN_CC = "email_open_cc"
    ACCESS_CONTROL_BUG = "access_control_bug"
    ACCIDENTAL_PUBLICATION = "accidental_publication"
    WRONG_PERSON_ON_PORTAL = "wrong_person_on_portal"
    IMPROPER_DISPOSAL_PAPER = "improper_disposal_paper"
    IMPROPER_DISPOSAL_DEVICE = "improper_disposal_device"
    VERBAL_DISCLOSURE = "verbal_disclosure"
    POWER_OUTAGE = "power_outage"
    ACCIDENTAL_DELETION = "accidental_deletion"
    OTHER = "other"


class DataCategory(StrEnum):
    """Categories of personal data. UNKNOWN among others means: perhaps more."""

    CIVIL_STATUS = "civil_status"
    CONTACT = "contact"
    IDENTIFIERS = "identifiers"
    ACCESS_CREDENTIALS = "access_credentials"
    NATIONAL_ID_NUMBER = "national_id_number"
    OFFICIAL_DOCUMENT = "official_document"
    PAYMENT_CARD = "payment_card"
    PAYMENT_CARD_PARTIAL = "payment_card_partial"
    BANK_ACCOUNT = "bank_account"
    ECONOMIC = "economic"
    TRANSACTIONS = "transactions"
    PURCHASE_HISTORY = "purchase_history"
    CONTRACT = "contract"
    LOCATION = "location"
    BEHAVIOUR = "behaviour"
    COMMUNICATIONS = "communications"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    FAMILY = "family"
    PHOTO = "photo"
    HEALTH = "health"
    RACIAL_ETHNIC_ORIGIN = "racial_ethnic_origin"
    POLITICAL_OPINIONS = "political_opinions"
    RELIGIOUS_BELIEFS = "religious_beliefs"
    UNION_MEMBERSHIP = "union_membership"
    SEXUAL_LIFE = "sexual_life"
    BIOMETRIC = "biometric"
    GENETIC = "genetic"
    CRIMINAL = "criminal"
    OTHER = "other"
    UNKNOWN = "unknown"


class DataInsight(StrEnum):
    """How much the data really say about each person, against what their category suggests."""

    TRIVIAL = "trivial"
    LIMITED = "limited"
    ORDINARY = "ordinary"
    DETAILED = "detailed"


class CredentialsProtection(StrEnum):
    """How passwords were stored."""

    NONE = "none"
    WEAK_HASH = "weak_hash"
    STRONG_HASH = "strong_hash"


class DataSubjectCategory(StrEnum):
    """Categories of data subjects. UNKNOWN among others means: perhaps more."""

    EMPLOYEES = "employees"
    USERS = "users"
    MEMBERS = "members"
    STUDENTS = "students"
    MILITARY = "military"
    CUSTOMERS = "customers"
    PROSPECTS = "prospects"
    PATIENTS = "patients"
    MINORS = "minors"
    VULNERABLE = "vulnerable"
    APPLICANTS = "applicants"
    OTHER = "other"
    UNKNOWN = "unknown"


class Identifiability(StrEnum):
    """How easily persons are identified from the data."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    LIMITED = "limited"
    NEGLIGIBLE = "negligible"


class Unintelligibility(StrEnum):
    """Whether whoever has the data can read them (Art. 34(3)(a))."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class KeyCompromise(StrEnum):
    """The state of the key or salt that protects the data."""

    NO = "no"
    YES = "yes"


class Exfiltration(StrEnum):
    """Whether data left, where an intruder had access."""

    EXCLUDED = "excluded"
    POSSIBLE = "possible"
    LIKELY = "likely"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"


class RecipientScope(StrEnum):
    """Who has or may have the data. UNIDENTIFIED: someone, and we cannot say who."""

    NONE = "none"
    ONE_KNOWN = "one_known"
    FEW_KNOWN = "few_known"
    MANY_KNOWN = "many_known"
    UNIDENTIFIED = "unidentified"
    PUBLIC = "public"


class RecipientTrust(StrEnum):
    """TRUSTED: bound by secrecy or contract, and acting so."""

    TRUSTED = "trusted"
    NEUTRAL = "neutral"
    NONE = "none"


class DeletionConfirmation(StrEnum):
    """Whether recipients confirmed deletion or gave everything back."""

    YES = "yes"
    NO = "no"


class Backup(StrEnum):
    """Whether the data can be restored."""

    AVAILABLE = "available"
    PARTIAL = "partial"
    NONE = "none"


class IntegrityOutcome(StrEnum):
    """What came of altered data."""

    NO_MISUSE = "no_misuse"
    MISUSED_RECOVERABLE = "misused_recoverable"
    MISUSED_UNRECOVERABLE = "misused_unrecoverable"


class EffectOnPersons(StrEnum):
    """Effects on people seen so far."""

    NONE = "none"
    MINOR = "minor"
    SIGNIFICANT = "significant"
    CRITICAL = "critical"


class AccessState(StrEnum):
    """The way in, or the exposure: closed or still open."""

    ENDED = "ended"
    ONGOING = "ongoing"


GRAVITY_ORDER: dict[type[StrEnum], tuple[StrEnum, ...]] = {
    DataInsight: (
        DataInsight.TRIVIAL,
        DataInsight.LIMITED,
        DataInsight.ORDINARY,
        DataInsight.DETAILED,
    ),
    CredentialsProtection: (
        CredentialsProtection.STRONG_HASH,
        CredentialsProtection.WEAK_HASH,
        CredentialsProtection.NONE,
    ),
    Identifiability: (
        Identifiability.NEGLIGIBLE,
        Identifiability.LIMITED,
        Identifiability.INDIRECT,
        Identifiability.DIRECT,
    ),
    Unintelligibility: (
        Unintelligibility.YES,
        Unintelligibility.PARTLY,
        Unintelligibility.NO,
    ),
    KeyCompromise: (
        KeyCompromise.NO,
        KeyCompromise.YES,
    ),
    Exfiltration: (
        Exfiltration.EXCLUDED,
        Exfiltration.POSSIBLE,
        Exfiltration.LIKELY,
        Exfiltration.CONFIRMED,
        Exfiltration.PUBLISHED,
    ),
    RecipientScope: (
        RecipientScope.NONE,
        RecipientScope.ONE_KNOWN,
        RecipientScope.FEW_KNOWN,
        RecipientScope.MANY_KNOWN,
        RecipientScope.UNIDENTIFIED,
        RecipientScope.PUBLIC,
    ),
    RecipientTrust: (
        RecipientTrust.TRUSTED,
        RecipientTrust.NEUTRAL,
        RecipientTrust.NONE,
    ),
    DeletionConfirmation: (
        DeletionConfirmation.YES,
        DeletionConfirmation.NO,
    ),
    Backup: (
        Backup.AVAILABLE,
        Backup.PARTIAL,
        Backup.NONE,
    ),
    IntegrityOutcome: (
        IntegrityOutcome.NO_MISUSE,
        IntegrityOutcome.MISUSED_RECOVERABLE,
        IntegrityOutcome.MISUSED_UNRECOVERABLE,
    ),
    EffectOnPersons: (
        EffectOnPersons.NONE,
        EffectOnPersons.MINOR,
        EffectOnPersons.SIGNIFICANT,
        EffectOnPersons.CRITICAL,
    ),
    AccessState: (
        AccessState.ENDED,
        AccessState.ONGOING,
    ),
}
