"""What the desk itself knows of the words of the authorities' forms, as codes.

Source: the CNIL's "trame" of July 2023 and its published open data; the labels are
in `wording.authority_labels`. All the rest of a form is its file (`authority_forms`).
"""

from enum import StrEnum

from breachdesk.domain.vocabulary import Vector


class NotificationKind(StrEnum):
    """Type of notification (form section 1); GDPR Art. 33(4) allows phases."""

    COMPLETE = "complete"
    INITIAL = "initial"
    FOLLOW_UP = "follow_up"
    WITHDRAWAL = "withdrawal"


class Origin(StrEnum):
    """Origin of the breach (form section 7), several may apply."""

    LOST_OR_STOLEN_EQUIPMENT = "lost_or_stolen_equipment"
    PAPER_LOST_OR_UNSECURED = "paper_lost_or_unsecured"
    MAIL_LOST_OR_OPENED = "mail_lost_or_opened"
    HACKING = "hacking"
    PAPER_DISPOSAL = "paper_disposal"
    DEVICE_DISPOSAL = "device_disposal"
    UNINTENDED_PUBLICATION = "unintended_publication"
    WRONG_PERSON_ON_PORTAL = "wrong_person_on_portal"
    WRONG_RECIPIENT = "wrong_recipient"
    VERBAL_DISCLOSURE = "verbal_disclosure"
    OTHER = "other"


class ConfidentialityConsequence(StrEnum):
    """Consequences of a loss of confidentiality (form section 10)."""

    SPREAD_BEYOND_NEED = "spread_beyond_need"
    LINKABLE_TO_OTHER_DATA = "linkable_to_other_data"
    USED_FOR_OTHER_PURPOSES = "used_for_other_purposes"
    OTHER = "other"


class IntegrityConsequence(StrEnum):
    """Consequences of a loss of integrity (form section 10)."""

    ALTERED_AND_USED = "altered_and_used"
    ALTERED_INTO_VALID = "altered_into_valid"
    OTHER = "other"


class AvailabilityConsequence(StrEnum):
    """Consequences of a loss of availability (form section 10)."""

    SERVICE_DISRUPTED = "service_disrupted"
    SERVICE_LOST = "service_lost"
    OTHER = "other"


class Harm(StrEnum):
    """Potential harm to data subjects (form section 11; GDPR recital 85)."""

    LOSS_OF_CONTROL = "loss_of_control"
    LIMITATION_OF_RIGHTS = "limitation_of_rights"
    DISCRIMINATION = "discrimination"
    IDENTITY_THEFT = "identity_theft"
    FRAUD = "fraud"
    UNAUTHORISED_REVERSAL_OF_PSEUDONYMISATION = "unauthorised_reversal_of_pseudonymisation"
    FINANCIAL_LOSS = "financial_loss"
    DAMAGE_TO_REPUTATION = "damage_to_reputation"
    LOSS_OF_PROFESSIONAL_SECRECY = "loss_of_professional_secrecy"
    # The EDPB's template lists these four beside the CNIL's, where they are "Autre".
    DISCLOSURE_TO_THIRD_PARTIES = "disclosure_to_third_parties"
    SOCIAL_DISADVANTAGE = "social_disadvantage"
    PHYSICAL_OR_MENTAL_HARM = "physical_or_mental_harm"
    DAMAGE_TO_PROPERTY = "damage_to_property"
    OTHER = "other"


class Gravity(StrEnum):
    """The CNIL's scale of gravity (form section 11)."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    IMPORTANT = "important"
    MAXIMAL = "maximal"


class CommunicationState(StrEnum):
    """Communication to data subjects (form section 13; GDPR Art. 34)."""

    DONE = "done"
    PLANNED = "planned"
    NOT_PLANNED = "not_planned"
    UNDECIDED = "undecided"


class Discovery(StrEnum):
    """How the breach came to light (EDPB template, n. 50)."""

    OWN_DETECTION = "own_detection"
    PROCESSOR = "processor"
    DATA_SUBJECT = "data_subject"
    EXTERNAL_PARTY = "external_party"
    PRESS = "press"
    OTHER = "other"


class Undeterminable(StrEnum):
    """What can never be established: the EDPB template tells it from what is not known yet."""

    DATES = "dates"
    SUBJECTS = "subjects"
    RECORDS = "records"
    DISCLOSURE = "disclosure"
    UNINTELLIGIBILITY = "unintelligibility"
    CAUSE = "cause"


class SecurityMeasure(StrEnum):
    """Measures in place, or taken since (EDPB template, n. 75 and 94)."""

    ANONYMISATION = "anonymisation"
    BACKUP = "backup"
    CHANGE_OF_PROCESSES = "change_of_processes"
    ENCRYPTION = "encryption"
    POLICIES = "policies"
    TRAINING = "training"
    ERASURE = "erasure"
    INCIDENT_LOG = "incident_log"
    ACCESS_LEVELS = "access_levels"
    LOGICAL_ACCESS_CONTROL = "logical_access_control"
    AUDITS = "audits"
    PHYSICAL_ACCESS_CONTROL = "physical_access_control"
    PSEUDONYMISATION = "pseudonymisation"
    UP_TO_DATE_SYSTEMS = "up_to_date_systems"
    OTHER = "other"


class CommunicationMeans(StrEnum):
    """How data subjects were told (EDPB template, n. 104)."""

    INDIVIDUAL = "individual"
    PUBLIC = "public"
    OTHER = "other"


# The CNIL's box for a vector, to find a case among its statistics. The form's file says the same:
# a test compares them. A vector absent here has no box of its own.
ORIGIN_OF: dict[Vector, Origin] = {
    Vector.RANSOMWARE: Origin.HACKING,
    Vector.HACKING: Origin.HACKING,
    Vector.SQL_INJECTION: Origin.HACKING,
    Vector.MALWARE: Origin.HACKING,
    Vector.CREDENTIAL_STUFFING: Origin.HACKING,
    Vector.PHISHING: Origin.HACKING,
    Vector.SOCIAL_ENGINEERING: Origin.HACKING,
    Vector.MAILBOX_COMPROMISE: Origin.HACKING,
    Vector.DEVICE_LOSS: Origin.LOST_OR_STOLEN_EQUIPMENT,
    Vector.DEVICE_THEFT: Origin.LOST_OR_STOLEN_EQUIPMENT,
    Vector.PAPER_LOSS: Origin.PAPER_LOST_OR_UNSECURED,
    Vector.PAPER_THEFT: Origin.PAPER_LOST_OR_UNSECURED,
    Vector.POSTAL_MISDELIVERY: Origin.MAIL_LOST_OR_OPENED,
    Vector.EMAIL_WRONG_RECIPIENT: Origin.WRONG_RECIPIENT,
    Vector.EMAIL_WRONG_ATTACHMENT: Origin.WRONG_RECIPIENT,
    Vector.EMAIL_WRONG_CONTENT: Origin.WRONG_RECIPIENT,
    Vector.EMAIL_OPEN_CC: Origin.WRONG_RECIPIENT,
    Vector.ACCESS_CONTROL_BUG: Origin.UNINTENDED_PUBLICATION,
    Vector.ACCIDENTAL_PUBLICATION: Origin.UNINTENDED_PUBLICATION,
    Vector.WRONG_PERSON_ON_PORTAL: Origin.WRONG_PERSON_ON_PORTAL,
    Vector.IMPROPER_DISPOSAL_PAPER: Origin.PAPER_DISPOSAL,
    Vector.IMPROPER_DISPOSAL_DEVICE: Origin.DEVICE_DISPOSAL,
    Vector.VERBAL_DISCLOSURE: Origin.VERBAL_DISCLOSURE,
}
