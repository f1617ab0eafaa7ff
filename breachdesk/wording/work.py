"""The words for what is at work, what waits and what needs a person."""

from collections.abc import Mapping

from breachdesk.domain.mail_accounts import Way
from breachdesk.domain.work import Trouble, WorkKind
from breachdesk.domain.work_state import WayState, WorkState
from breachdesk.wording import N_, Wording

WORK_LABELS: Mapping[WorkKind, str] = {
    WorkKind.REMINDERS: N_("Rappels"),
    WorkKind.DELIVERIES: N_("Messages"),
    WorkKind.JOBS: N_("Documents et listes"),
}
TROUBLES: Mapping[Trouble, str] = {
    Trouble.NO_WORKER: N_(
        "Aucun processus ne fait le travail de fond : ni rappel ni message ne part. "
        "Relancez-le : %(command)s."
    ),
    Trouble.WORK_IS_LATE: N_(
        "Du travail attend depuis plus de cinq minutes. Lisez le journal du processus qui "
        "en est chargé."
    ),
    Trouble.MAIL_UNREACHABLE: N_(
        "Un serveur d’envoi ne répond plus : les rappels attendent. Vérifiez qu’il fonctionne "
        "et que cette machine l’atteint."
    ),
    Trouble.MAIL_PUT_OFF: N_(
        "Un serveur d’envoi répond, mais ne prend rien de ce qui lui est confié : les rappels "
        "attendent. Vérifiez le compte qui s’y connecte, et lisez le journal de ce serveur."
    ),
    Trouble.MAIL_HAS_NO_WAY: N_(
        "Des messages attendent qu’un serveur d’envoi soit réglé : celui de l’installation "
        "(BREACHDESK_SMTP_HOST), ou celui de leur organisation."
    ),
    Trouble.SEAL_IS_OVER: N_(
        "Le certificat du sceau n’est plus valable : la vérification échoue pour tout dossier "
        "scellé depuis. Donnez-en un autre par BREACHDESK_SEAL_CERTIFICATE et BREACHDESK_SEAL_KEY."
    ),
    Trouble.SEAL_ENDS_SOON: N_(
        "Le certificat du sceau arrive à son terme dans moins de trente jours. Préparez le "
        "suivant : BREACHDESK_SEAL_CERTIFICATE et BREACHDESK_SEAL_KEY."
    ),
    Trouble.OF_ANOTHER_VERSION: N_(
        "Des rappels, messages ou documents attendent une autre version de breachdesk, qui seule "
        "sait les traiter. Mettez tous les processus à cette version."
    ),
    Trouble.MONITOR_NOT_TOLD: N_(
        "La surveillance extérieure n’est plus prévenue. Vérifiez l’adresse donnée par "
        "BREACHDESK_MONITOR_URL, et que cette machine l’atteint."
    ),
}
# What `Installation.ping_problem` holds.
PING_PROBLEMS: Mapping[str, str] = {
    "monitor_unreachable": N_("elle n’a pas répondu"),
    "monitor_refused": N_("elle a refusé l’appel"),
    "monitor_untrusted": N_("sa connexion n’est pas sûre"),
}
WAYS: Mapping[Way, str] = {
    Way.INSTALLATION: N_("Serveur de l’installation"),
    Way.CATCHER: N_("Retenus ici (organisations d’exemple)"),
    Way.NONE: N_("Aucun serveur"),
}
COMMAND = "python -m breachdesk worker"


def trouble_sentences(state: WorkState, wording: Wording) -> list[str]:
    """What needs a person, each with what to do."""
    return [wording.text(TROUBLES[each], command=COMMAND) for each in state.troubles]


def work_label(kind: WorkKind, wording: Wording) -> str:
    """What a kind of work is called."""
    return wording.text(WORK_LABELS[kind])


def way_label(way: WayState, wording: Wording) -> str:
    """A way out for mail: whose server it is."""
    return way.owner or wording.text(WAYS[way.way])


def ping_words(state: WorkState, wording: Wording) -> str:
    """What came of the last call of the monitor; nothing where it heard us."""
    problem = PING_PROBLEMS.get(state.ping_problem, state.ping_problem)
    return wording.text(problem) if problem else ""
