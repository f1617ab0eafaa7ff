"""What the desk says of work that was asked for and could not be done."""

from collections.abc import Mapping

from breachdesk.wording import N_

WORK_FAILED_SENTENCE = N_(
    "Plusieurs essais ont échoué. Rien n’est perdu : demandez-le de nouveau, puis prévenez la "
    "personne qui tient cette installation."
)

JOB_ERRORS: Mapping[str, str] = {
    "work_failed": WORK_FAILED_SENTENCE,
    "recipients_being_taken_in": N_(
        "Une liste de destinataires est en cours de reprise dans %(reference)s. Attendez qu’elle "
        "soit reprise, puis relisez avant d’envoyer."
    ),
}
