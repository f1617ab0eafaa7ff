"""The journal's lines as sentences.

A line holds a code and parameters that are themselves codes, counts or hashes; the
codes are `domain.journal.Entry`. A line with a code nobody knows is shown by that code:
the journal outlives the program that wrote it.
"""

from collections.abc import Callable, Mapping
from datetime import date

from breachdesk.domain.facts import FactState
from breachdesk.wording import N_, Wording, labels
from breachdesk.wording.mail_accounts import account_name, part_names
from breachdesk.wording.organisation import detail_names
from breachdesk.wording.times import number, short_day

# Enough of a SHA-256 to tell two files of a case apart at sight.
SHORT_HASH = 12

SENTENCES: Mapping[str, str] = {
    "opened": N_("Incident ouvert : %(channel)s."),
    "fact_recorded": N_("Fait enregistré : « %(key)s » (%(state)s)."),
    "attachment_added": N_("Pièce jointe ajoutée (SHA-256 %(sha256)s)."),
    "qualified_as_breach": N_("Incident qualifié de violation de données personnelles."),
    "qualified_not_breach": N_("Incident écarté : ce n’est pas une violation de données."),
    "clock_started": N_(
        "Départ du délai corrigé : %(regime)s. Avant : %(was_started_at)s. Maintenant : "
        "%(started_at)s. Échéance : %(due_at)s."
    ),
    "clock_stopped": N_("Délai arrêté, %(regime)s : %(stop_reason)s."),
    "clock_refused": N_("Délai proposé, écarté : %(regime)s."),
    "reminder_acknowledged": N_("Rappel lu : %(regime)s."),
    "assessed": N_("Évaluation n° %(version)s : %(risk)s."),
    "advised": N_(
        "Avis rendu. Notifier la CNIL : %(notify)s. Informer les personnes : %(communicate)s."
    ),
    "decided": N_(
        "Décision signée. Notifier la CNIL : %(notify)s. Informer les personnes : %(communicate)s."
    ),
    "reopened": N_(
        "Décision de ne pas notifier reprise. Nouvelle prise de connaissance : %(aware_at)s."
    ),
    "case_opened_again": N_("Dossier clos rouvert."),
    "notice_drafted": N_("Communication aux personnes rédigée, version %(version)s."),
    "recipients_imported": N_(
        "Destinataires importés : %(count)s. Lignes écartées : %(rejected)s."
    ),
    "notice_approved": N_("Communication approuvée, version %(version)s."),
    "notice_approval_waived": N_("Approbation par une seconde personne écartée, avec un motif."),
    "sending_started": N_("Envoi commencé. Destinataires : %(count)s."),
    "sending_finished": N_("Envoi terminé. %(counts)s"),
    "reminders_replanned": N_(
        "Rappels à venir refaits d’après le plan de l’organisation, %(regime)s. Annulés : "
        "%(cancelled)s. Ajoutés : %(planned)s."
    ),
    "reminder_sent": N_("Rappel envoyé, %(regime)s (%(roles)s)."),
    "phase_filed": N_("%(kind)s déposée (%(authority)s) : %(filed_at)s."),
    "dossier_made": N_(
        "Copie expurgée n° %(number)s établie, parties retirées : %(removed)s (SHA-256 %(sha256)s)."
    ),
    "dossier_erased": N_(
        "Fichier du dossier n° %(number)s effacé, %(months)s mois après la clôture. Son empreinte "
        "reste (SHA-256 %(sha256)s)."
    ),
    "closed": N_("Dossier clos."),
    "case_restricted": N_("Dossier réservé aux personnes désignées : %(people)s."),
    "case_opened_to_all": N_("Dossier ouvert à nouveau à tous ceux qui lisent les dossiers."),
    "person_named": N_("Personne désignée pour ce dossier."),
    "person_no_longer_named": N_("Personne retirée de ce dossier."),
    "case_read": N_("Dossier consulté par une personne qui n’y travaille pas."),
    "recipients_seen": N_("Liste des destinataires consultée."),
    "recipients_exported": N_("Liste des destinataires exportée : %(count)s."),
    "report_completed": N_("Complément reçu de l’auteur du signalement."),
    "reporter_asked": N_("Question posée à l’auteur du signalement."),
    "cases_linked": N_("Dossiers ouverts ensemble pour le même événement : %(count)s."),
    "organisation_created": N_("Organisation créée."),
    "organisation_changed": N_("Fiche de l’organisation modifiée : %(fields)s."),
    "user_added": N_("Personne ajoutée (%(roles)s)."),
    "user_invited": N_("Personne invitée (%(roles)s)."),
    "invitation_revoked": N_("Invitation annulée."),
    "user_joined": N_("Invitation acceptée (%(roles)s)."),
    "roles_changed": N_("Rôles changés (%(roles)s)."),
    "user_left": N_("Accès retiré à une personne."),
    "sign_in_rule_changed": N_("Règles de connexion : %(rules)s."),
    "identity_provider_changed": N_("Fournisseur d’identité : %(settings)s."),
    "mail_account_changed": N_("Réglage de l’envoi des messages changé, %(account)s : %(parts)s."),
    "mail_account_removed": N_("Réglage de l’envoi des messages retiré : %(account)s."),
    "mail_compromised": N_("Messagerie déclarée compromise."),
    "mail_trusted_again": N_("Messagerie déclarée saine."),
    "reporting_changed": N_("Signalement public changé."),
    "processor_invited": N_("Lien de déclaration remis à un sous-traitant."),
    "processor_link_revoked": N_("Lien de déclaration d’un sous-traitant annulé."),
    "reminder_plan_changed": N_("Plan de rappels changé."),
    "deadline_settings_changed": N_("Délais qui concernent l’organisation : réglages changés."),
    "dossier_retention_changed": N_(
        "Conservation des dossiers : %(months)s mois après la clôture, au lieu de %(before)s."
    ),
    "absence_recorded": N_("Absence enregistrée, du %(starts_on)s au %(ends_on)s."),
    "absence_cancelled": N_("Absence supprimée."),
    "duty_shift_added": N_("Astreinte ajoutée, du %(starts_at)s au %(ends_at)s."),
    "duty_shift_cancelled": N_("Astreinte retirée."),
}

# Said instead where a line lacks some of them: a clock without a figure, a line of old.
WITH_LESS: Mapping[str, tuple[str, ...]] = {
    "clock_started": (
        N_(
            "Départ du délai corrigé : %(regime)s. Avant : %(was_started_at)s. Maintenant : "
            "%(started_at)s. Aucune échéance chiffrée."
        ),
        N_("Délai démarré : %(regime)s. Échéance : %(due_at)s."),
        N_("Délai démarré : %(regime)s. Aucune échéance chiffrée."),
    ),
    "clock_stopped": (N_("Délai arrêté : %(stop_reason)s."),),
    "reminder_sent": (N_("Rappel envoyé (%(roles)s)."),),
    # A whole dossier has nothing removed.
    "dossier_made": (N_("Dossier n° %(number)s établi (SHA-256 %(sha256)s)."),),
}

# Said instead where a line lacks the parameters of its sentence.
SHORT_SENTENCES: Mapping[str, str] = {
    "opened": N_("Incident ouvert."),
    "fact_recorded": N_("Fait enregistré."),
    "attachment_added": N_("Pièce jointe ajoutée."),
    "clock_started": N_("Délai démarré."),
    "clock_stopped": N_("Délai arrêté."),
    "assessed": N_("Évaluation faite."),
    "advised": N_("Avis rendu."),
    "decided": N_("Décision signée."),
    "reopened": N_("Décision de ne pas notifier reprise."),
    "notice_drafted": N_("Communication aux personnes rédigée."),
    "recipients_imported": N_("Destinataires importés."),
    "notice_approved": N_("Communication approuvée."),
    "sending_started": N_("Envoi commencé."),
    "sending_finished": N_("Envoi terminé."),
    "reminders_replanned": N_("Rappels à venir refaits d’après le plan."),
    "reminder_sent": N_("Rappel envoyé."),
    "phase_filed": N_("Notification déposée."),
    "dossier_made": N_("Dossier établi."),
    "organisation_changed": N_("Fiche de l’organisation modifiée."),
    "user_added": N_("Personne ajoutée."),
    "case_restricted": N_("Dossier réservé à des personnes désignées."),
    "recipients_exported": N_("Liste des destinataires exportée."),
    "cases_linked": N_("Dossiers ouverts ensemble pour le même événement."),
    "user_invited": N_("Personne invitée."),
    "user_joined": N_("Invitation acceptée."),
    "roles_changed": N_("Rôles changés."),
    "sign_in_rule_changed": N_("Règles de connexion changées."),
    "identity_provider_changed": N_("Fournisseur d’identité changé."),
    "mail_account_changed": N_("Réglage de l’envoi des messages changé."),
    "mail_account_removed": N_("Réglage de l’envoi des messages retiré."),
}

# What the lines about signing in say changed.
SIGN_IN_RULES: Mapping[str, str] = {
    "second_factor_reset": N_("seconds facteurs d’une personne retirés par l’exploitant"),
    "second_factor_demanded": N_("second facteur exigé"),
    "second_factor_free": N_("second facteur laissé au choix"),
    "local_refused": N_("mots de passe refusés"),
    "local_taken": N_("mots de passe acceptés de nouveau"),
    "break_glass_chosen": N_("accès de secours confié à une personne"),
    "break_glass_used": N_("accès de secours utilisé"),
    "issuer": N_("émetteur changé"),
    "client_id": N_("identifiant client changé"),
    "client_secret": N_("secret changé"),
    "enabled": N_("activé"),
    "disabled": N_("désactivé"),
    "person_unlinked": N_("lien avec une personne défait"),
}


def journal_line(
    code: str, parameters: Mapping[str, object], wording: Wording, timezone: str = "Europe/Paris"
) -> str:
    """A journal line as a sentence; an unknown code is given back as it is.

    Args:
        parameters: as the line holds them: codes, counts, hashes, ISO instants in UTC.
        timezone: the IANA zone in which instants are told.
    """
    if code not in SENTENCES:
        return code
    spoken = {name: _spoken(name, value, wording, timezone) for name, value in parameters.items()}
    for sentence in (SENTENCES[code], *WITH_LESS.get(code, ())):
        try:
            return wording.text(sentence, **spoken) if spoken else wording.text(_bare(code))
        except KeyError:
            continue
    return wording.text(_bare(code))


def _bare(code: str) -> str:
    return SHORT_SENTENCES.get(code, SENTENCES[code])


def _counts(counts: Mapping[str, object], wording: Wording) -> str:
    """Counts by delivery state, like "Remis : 3 400 · Refusé : 12"."""
    said = ((labels.delivery_state_label(state, wording), count) for state, count in counts.items())
    separator = wording.text(N_(" : "))
    return " · ".join(f"{state}{separator}{_number(count, wording)}" for state, count in said)


def _number(value: object, wording: Wording) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, wording)
    return str(value)


def _kind(value: object, wording: Wording) -> str:
    said = labels.notification_kind_label(str(value), wording)
    return labels.mail_kind_label(said, wording) if said == value else said


def _roles(value: object, wording: Wording) -> str:
    codes = value if isinstance(value, list | tuple) else [value]
    return ", ".join(labels.role_label(str(code), wording) for code in codes)


def _state(value: object, wording: Wording) -> str:
    code = str(value)
    said = labels.state_label if code in set(FactState) else labels.delivery_state_label
    return said(code, wording).lower()


def _within(label: str) -> str:
    """A label inside a sentence: its first letter small, its acronyms as they are."""
    return label[:1].lower() + label[1:]


def _notify(value: object, wording: Wording) -> str:
    code = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return labels.duty_label(code, wording).lower()


def _sign_in_rules(value: object, wording: Wording) -> str:
    codes = value if isinstance(value, list | tuple) else [value]
    return ", ".join(wording.text(SIGN_IN_RULES.get(str(code), str(code))) for code in codes)


_SPEAKERS: Mapping[str, Callable[[object, Wording], str]] = {
    "key": lambda value, wording: labels.fact_label(str(value), wording),
    "state": _state,
    "regime": lambda value, wording: labels.regime_label(str(value), wording),
    "stop_reason": lambda value, wording: labels.stop_reason_label(str(value), wording),
    "risk": lambda value, wording: labels.risk_label(str(value), wording).lower(),
    "notify": _notify,
    "communicate": lambda value, wording: _within(labels.basis_label(str(value), wording)),
    "kind": _kind,
    "channel": lambda value, wording: labels.channel_label(str(value), wording),
    "fields": detail_names,
    "account": account_name,
    "parts": part_names,
    "roles": _roles,
    "rules": _sign_in_rules,
    "settings": _sign_in_rules,
    "sha256": lambda value, wording: str(value)[:SHORT_HASH],
    "counts": lambda value, wording: (
        _counts(value, wording) if isinstance(value, Mapping) else str(value)
    ),
}


def _spoken(name: str, value: object, wording: Wording, timezone: str) -> str:
    if name in _SPEAKERS:
        return _SPEAKERS[name](value, wording)
    if name.endswith("_at"):
        return labels.instant_text(str(value), wording, timezone)
    return _day(value) if name.endswith("_on") else _number(value, wording)


def _day(value: object) -> str:
    try:
        return short_day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
