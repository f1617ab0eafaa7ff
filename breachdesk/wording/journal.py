"""The journal's lines as sentences.

A line holds a code and parameters that are themselves codes, counts or hashes; the
codes are `domain.journal.Entry`. A line with a code nobody knows is shown by that code:
the journal outlives the program that wrote it.
"""

from collections.abc import Callable, Mapping

from breachdesk.domain.facts import FactState
from breachdesk.wording import N_, Wording, labels
from breachdesk.wording.organisation import detail_names
from breachdesk.wording.times import number

# Enough of a SHA-256 to tell two files of a case apart at sight.
SHORT_HASH = 12

SENTENCES: Mapping[str, str] = {
    "opened": N_("Incident ouvert."),
    "fact_recorded": N_("Fait enregistré : « %(key)s » (%(state)s)."),
    "attachment_added": N_("Pièce jointe ajoutée (SHA-256 %(sha256)s)."),
    "qualified_as_breach": N_("Incident qualifié de violation de données personnelles."),
    "qualified_not_breach": N_("Incident écarté : ce n’est pas une violation de données."),
    "clock_started": N_("Horloge démarrée : %(regime)s. Échéance : %(due_at)s."),
    "clock_stopped": N_("Horloge arrêtée : %(stop_reason)s."),
    "assessed": N_("Évaluation n° %(version)s : %(risk)s."),
    "advised": N_(
        "Avis rendu. Notifier la CNIL : %(notify)s. Informer les personnes : %(communicate)s."
    ),
    "decided": N_(
        "Décision signée. Notifier la CNIL : %(notify)s. Informer les personnes : %(communicate)s."
    ),
    "notice_drafted": N_("Communication aux personnes rédigée, version %(version)s."),
    "recipients_imported": N_(
        "Destinataires importés : %(count)s. Lignes écartées : %(rejected)s."
    ),
    "notice_approved": N_("Communication approuvée, version %(version)s."),
    "notice_approval_waived": N_("Approbation par une seconde personne écartée, avec un motif."),
    "sending_started": N_("Envoi commencé. Destinataires : %(count)s."),
    "sending_finished": N_("Envoi terminé. %(counts)s"),
    "reminder_sent": N_("Rappel envoyé (%(roles)s)."),
    "phase_filed": N_("%(kind)s déposée (%(authority)s) : %(filed_at)s."),
    "dossier_made": N_("Dossier n° %(number)s établi (SHA-256 %(sha256)s)."),
    "closed": N_("Dossier clos."),
    "organisation_created": N_("Organisation créée."),
    "organisation_changed": N_("Fiche de l’organisation modifiée : %(fields)s."),
    "user_added": N_("Personne ajoutée (%(roles)s)."),
}

# Said instead where a line lacks the parameters of its sentence.
SHORT_SENTENCES: Mapping[str, str] = {
    "fact_recorded": N_("Fait enregistré."),
    "attachment_added": N_("Pièce jointe ajoutée."),
    "clock_started": N_("Horloge démarrée."),
    "clock_stopped": N_("Horloge arrêtée."),
    "assessed": N_("Évaluation faite."),
    "advised": N_("Avis rendu."),
    "decided": N_("Décision signée."),
    "notice_drafted": N_("Communication aux personnes rédigée."),
    "recipients_imported": N_("Destinataires importés."),
    "notice_approved": N_("Communication approuvée."),
    "sending_started": N_("Envoi commencé."),
    "sending_finished": N_("Envoi terminé."),
    "reminder_sent": N_("Rappel envoyé."),
    "phase_filed": N_("Notification déposée."),
    "dossier_made": N_("Dossier établi."),
    "organisation_changed": N_("Fiche de l’organisation modifiée."),
    "user_added": N_("Personne ajoutée."),
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
    try:
        return wording.text(SENTENCES[code], **spoken) if spoken else wording.text(_bare(code))
    except KeyError:
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


_SPEAKERS: Mapping[str, Callable[[object, Wording], str]] = {
    "key": lambda value, wording: labels.fact_label(str(value), wording),
    "state": _state,
    "regime": lambda value, wording: labels.regime_label(str(value), wording),
    "stop_reason": lambda value, wording: labels.stop_reason_label(str(value), wording),
    "risk": lambda value, wording: labels.risk_label(str(value), wording).lower(),
    "notify": _notify,
    "communicate": lambda value, wording: _within(labels.basis_label(str(value), wording)),
    "kind": _kind,
    "fields": detail_names,
    "roles": _roles,
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
    return _number(value, wording)
