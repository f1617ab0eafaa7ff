"""What the desk says when it refuses something: what is wrong, and how to mend it."""

from collections.abc import Mapping
from datetime import timedelta

from breachdesk.domain.errors import DeskError
from breachdesk.domain.notices import Part
from breachdesk.wording import N_, Wording, single_sign_on
from breachdesk.wording.clock_errors import CLOCK_ERRORS
from breachdesk.wording.decision_errors import DECISION_ERRORS
from breachdesk.wording.dossier_errors import DOSSIER_ERRORS
from breachdesk.wording.job_errors import JOB_ERRORS
from breachdesk.wording.labels import enum_label, fact_label
from breachdesk.wording.link_errors import LINK_ERRORS
from breachdesk.wording.people_errors import PEOPLE_ERRORS
from breachdesk.wording.reminder_errors import REMINDER_ERRORS
from breachdesk.wording.times import duration

_TIMES: Mapping[str, str] = {
    "instant_without_zone": N_("L’heure %(shown)s n’a pas de fuseau horaire."),
    "local_time_skipped": N_(
        "Le %(shown)s n’existe pas : cette nuit-là, les horloges ont avancé d’une heure. "
        "Indiquez l’heure d’avant ou celle d’après."
    ),
    "local_time_twice": N_(
        "Le %(shown)s a eu lieu deux fois : cette nuit-là, les horloges ont reculé d’une heure. "
        "Dites s’il s’agit de la première ou de la seconde fois."
    ),
    "not_a_time": N_("« %(shown)s » n’est pas une date avec une heure, comme 02/03/2026 14:30."),
    "noticed_in_future": N_("Cette heure est à venir. Indiquez quand l’incident a été remarqué."),
    "noticed_missing": N_("Indiquez quand l’incident a été remarqué : le délai en dépend."),
    "noticed_after_aware": N_(
        "L’incident est qualifié : il ne peut pas avoir été remarqué après la prise de "
        "connaissance. Indiquez une heure antérieure."
    ),
    "occurred_in_future": N_("Cette heure est à venir. Indiquez un moment passé."),
    "aware_in_future": N_(
        "Cette heure est à venir. Indiquez quand l’organisation a pris connaissance des faits."
    ),
    "aware_before_noticed": N_(
        "La prise de connaissance ne peut pas précéder le moment où l’incident a été remarqué. "
        "Corrigez cette heure, ou celle du constat dans le dossier."
    ),
    "filed_in_future": N_("Cette heure est à venir. Indiquez quand la notification a été déposée."),
    "filed_before_aware": N_(
        "Le dépôt ne peut pas précéder la prise de connaissance. Corrigez cette heure."
    ),
}

_FORMS: Mapping[str, str] = {
    "nobody_named_leads": N_(
        "Désignez au moins un délégué à la protection des données ou un décideur : sans eux, le "
        "dossier ne peut pas être décidé."
    ),
    "cannot_be_named": N_(
        "Une personne choisie ne peut pas lire ce dossier. Choisissez parmi celles qui sont "
        "proposées."
    ),
    "invalid_input": N_("Cette valeur ne peut pas être enregistrée. Corrigez-la."),
    "description_missing": N_("Dites en quelques mots ce qui s’est passé."),
    "choice_missing": N_("Choisissez une réponse."),
    "not_a_count": N_(
        "« %(shown)s » n’est pas un nombre entier. Écrivez-le en chiffres, comme 3412."
    ),
    "not_an_amount": N_("« %(shown)s » n’est pas un nombre. Écrivez-le en chiffres, comme 1,5."),
    "answer_missing": N_("Donnez la réponse, ou dites qu’elle n’est pas encore connue."),
    "answer_and_unknown": N_(
        "Vous donnez une réponse, et vous dites qu’il n’y en a pas. Effacez l’une ou l’autre."
    ),
    "unknown_fact": N_("Le dossier n’a pas de rubrique « %(key)s »."),
    "fact_not_understood": N_(
        "La rubrique « %(key)s » contient une réponse que l’évaluation ne comprend pas."
    ),
    "reason_missing": N_("Donnez votre raison en une phrase, de %(fewest)s mots au moins."),
    "late_awareness_reason_missing": N_(
        "La prise de connaissance est postérieure au constat : dites pourquoi en une phrase."
    ),
    "waiver_reason_missing": N_(
        "Vous avez écrit ce texte. Faites-le approuver par une autre personne, ou dites en une "
        "phrase pourquoi ce n’est pas possible."
    ),
    "delay_reasons_missing": N_(
        "Le dépôt est postérieur au délai de 72 h : l’article 33(1) du RGPD demande les motifs du "
        "retard. Indiquez-les en une phrase."
    ),
    "subject_missing": N_("Donnez un objet au message."),
    "text_too_long": N_("Ce texte dépasse %(longest)s caractères. Raccourcissez-le."),
    "no_file": N_("Choisissez au moins un fichier."),
    "file_empty": N_("Le fichier « %(shown)s » est vide. Joignez-en un autre."),
    "file_too_large": N_(
        "Le fichier « %(shown)s » dépasse %(limit_mb)s Mo. Joignez-en un plus petit."
    ),
    "file_is_program": N_(
        "Le fichier « %(shown)s » est un programme. Joignez plutôt une capture d’écran ou un "
        "document qui le décrit."
    ),
    "password_too_short": N_("Choisissez un mot de passe d’au moins %(shortest)s caractères."),
    "password_too_long": N_("Choisissez un mot de passe de %(longest)s caractères au plus."),
    "password_common": N_(
        "Ce mot de passe ressemble aux plus courants, que l’on essaie en premier. Choisissez par "
        "exemple quatre mots sans rapport entre eux."
    ),
    "password_personal": N_(
        "Ce mot de passe se devine à partir de votre nom, de votre adresse ou de votre "
        "organisation. Choisissez par exemple quatre mots sans rapport entre eux ni avec vous."
    ),
    "password_keyboard": N_(
        "Ce mot de passe suit les touches du clavier : on l’essaie en premier. Choisissez par "
        "exemple quatre mots sans rapport entre eux."
    ),
    "password_repeated": N_(
        "Ce mot de passe répète la même chose, ce qui ne le rend pas plus difficile à deviner. "
        "Choisissez par exemple quatre mots sans rapport entre eux."
    ),
    "password_sequence": N_(
        "Ce mot de passe contient une suite comme 1234 ou abcd, que l’on essaie en premier. "
        "Choisissez par exemple quatre mots sans rapport entre eux."
    ),
    "password_date": N_(
        "Ce mot de passe est fait d’une date, et il y en a peu. Choisissez par exemple quatre mots "
        "sans rapport entre eux."
    ),
    "password_guessable": N_(
        "Ce mot de passe se devinerait trop vite. Allongez-le, ou choisissez par exemple quatre "
        "mots sans rapport entre eux."
    ),
    "password_wrong": N_("Ce n’est pas votre mot de passe actuel. Saisissez-le de nouveau."),
    "name_missing": N_("Indiquez votre nom."),
    "second_address_is_first": N_(
        "La seconde adresse est la première. Donnez-en une qui ne dépende pas de la messagerie de "
        "votre organisation."
    ),
    "passwords_differ": N_(
        "Les deux mots de passe ne sont pas les mêmes. Saisissez-les de nouveau."
    ),
    "not_an_address": N_("« %(shown)s » n’est pas une adresse électronique."),
    "address_taken": N_("L’adresse %(shown)s appartient déjà à une personne de ce service."),
    "organisation_code_form": N_(
        "Le sigle « %(shown)s » doit avoir de 2 à 6 lettres sans accent, comme GIR."
    ),
    "organisation_code_taken": N_("Le sigle %(shown)s est déjà pris. Choisissez-en un autre."),
    "organisation_name_missing": N_("Indiquez le nom de l’organisation."),
    "not_a_siren": N_(
        "« %(shown)s » n’est pas un numéro SIREN. Il a neuf chiffres ; recopiez-le d’un extrait "
        "Kbis ou d’une facture."
    ),
    "nobody_decides": N_(
        "Au moins une personne doit pouvoir décider. Donnez à l’une d’elles le rôle de décideur."
    ),
    "public_address_form": N_(
        "« %(shown)s » ne peut pas être une adresse. Prenez de 4 à 40 lettres sans accent, "
        "chiffres ou tirets, comme maison-girandole ; elle commence et finit par une lettre ou "
        "un chiffre."
    ),
    "public_address_reserved": N_(
        "« %(shown)s » prêterait à confusion avec une page du service. Choisissez une autre "
        "adresse."
    ),
    "public_address_taken": N_("L’adresse « %(shown)s » est déjà prise. Choisissez-en une autre."),
    "report_already_sent": N_(
        "Ce signalement est déjà enregistré. Pour y ajouter quelque chose, revenez avec votre "
        "référence secrète."
    ),
    "too_many_files": N_("Joignez %(most)s fichiers au plus. Les autres peuvent suivre."),
    "message_missing": N_("Écrivez quelques mots, ou joignez un fichier."),
    "processor_missing": N_("Indiquez le nom du sous-traitant."),
    "link_lasts_wrong": N_("Indiquez un nombre de jours, de 1 à %(most)s."),
    "notice_incomplete": N_(
        "Il manque ce que l’article 34(2) du RGPD demande : %(parts)s. Complétez le message."
    ),
}

_STEPS: Mapping[str, str] = {
    "refused": N_("Cette action n’est pas possible ici."),
    "incomplete": N_("Il manque quelque chose pour continuer."),
    "wrong_step": N_("Le dossier n’en est pas à cette étape."),
    "case_closed": N_("Le dossier %(reference)s est clos : il ne change plus."),
    "restricted_not_shared": N_(
        "Le dossier %(reference)s est restreint : le relier le ferait connaître ailleurs. "
        "Ouvrez un dossier séparé dans l’autre organisation."
    ),
    "no_organisation_chosen": N_("Cochez au moins une organisation."),
    "nothing_to_share": N_("Cochez au moins un fait de la liste."),
    "already_qualified": N_("L’incident %(reference)s est déjà qualifié."),
    "not_qualified_as_breach": N_(
        "L’incident %(reference)s n’est pas encore qualifié de violation de données personnelles. "
        "Qualifiez-le d’abord."
    ),
    "case_not_restricted": N_("Le dossier %(reference)s n’est réservé à personne."),
    "named_people_changed": N_(
        "Quelqu’un a changé entre-temps les personnes désignées pour %(reference)s. Relisez, puis "
        "recommencez."
    ),
    "cannot_close_yet": N_(
        "Le dossier %(reference)s ne peut pas encore être clos : il reste des choses à faire."
    ),
    "communication_not_decided": N_(
        "Il n’est pas décidé d’informer les personnes concernées par %(reference)s."
    ),
    "no_notice": N_("Aucun message aux personnes n’est encore rédigé pour %(reference)s."),
    "no_recipients": N_("Personne n’est encore destinataire du message de %(reference)s."),
    "notice_not_approved": N_("Le message de %(reference)s n’est pas encore approuvé."),
    "notice_already_approved": N_("Le message de %(reference)s est déjà approuvé."),
    "notice_already_sent": N_("L’envoi du message de %(reference)s a déjà commencé."),
    "nothing_filed_yet": N_(
        "Rien n’a encore été déposé pour %(reference)s : commencez par une notification initiale "
        "ou complète."
    ),
}

_OTHERS: Mapping[str, str] = {
    "too_many_attempts": N_("Trop d’essais en peu de temps."),
    "unknown_session": N_("Votre compte n’a pas cette session."),
    "unknown_reset": N_("Ce lien ne sert plus : il a servi, ou son heure est passée."),
    "unknown_kept_form": N_("Rien n’est gardé ici : c’est déjà envoyé, ou le délai est passé."),
    "not_allowed": N_("Votre rôle dans cette organisation ne permet pas cette action."),
    "not_found": N_("Cette page n’existe pas."),
    "unknown_reference": N_("Aucun dossier « %(shown)s » ne vous est ouvert."),
    "unknown_organisation": N_("Aucune organisation « %(shown)s » ne vous est ouverte."),
    "unknown_assessment": N_("Ce dossier n’a pas d’évaluation n° %(number)s."),
    "unknown_attachment": N_("Ce dossier n’a pas cette pièce."),
    "unknown_dossier": N_("Ce cas n’a pas de dossier numéro %(number)s."),
    "unknown_import": N_("Cette liste n’existe pas, ou elle a déjà été reprise."),
    "unknown_secret": N_(
        "Cette référence n’ouvre aucun signalement. Vérifiez chaque caractère ; un zéro et un O se "
        "valent, un 1 et un I aussi."
    ),
    "unknown_link": N_("Cette organisation n’a pas ce lien."),
    "link_used": N_("Ce lien a déjà servi : la déclaration est enregistrée."),
    "link_revoked": N_("Ce lien a été annulé par l’organisation qui l’a remis."),
    "link_expired": N_("Ce lien a expiré. Demandez-en un autre à l’organisation qui l’a remis."),
    "unknown_message": N_("Ce message n’est pas ici."),
    "changed_meanwhile": N_("Quelqu’un d’autre a changé la même chose entre-temps."),
    "facts_changed_meanwhile": N_(
        "Quelqu’un d’autre a changé entre-temps : %(keys)s. Vérifiez ces réponses avant "
        "d’enregistrer de nouveau."
    ),
    "fact_changed_meanwhile": N_(
        "Quelqu’un d’autre a changé cette réponse entre-temps. Gardez la sienne ou la vôtre, puis "
        "enregistrez de nouveau."
    ),
    "newer_notice_version": N_(
        "Quelqu’un d’autre a écrit une version plus récente du message (numéro %(version)s). "
        "Relisez-la avant d’enregistrer la vôtre."
    ),
    "notice_changed_before_sending": N_(
        "Le message ou ses destinataires ont changé entre-temps. Relisez avant d’envoyer."
    ),
}

_DOCUMENTS: Mapping[str, str] = {
    "typesetting_failed": N_(
        "Le document n’a pas pu être composé. Rien n’est perdu : réessayez, puis prévenez la "
        "personne qui tient cette installation."
    ),
    "typesetting_too_long": N_(
        "Le document n’était pas prêt après %(seconds)s secondes. Rien n’est perdu : réessayez "
        "dans un moment."
    ),
}

_MAIL: Mapping[str, str] = {
    "unknown_mail_account": N_("Ce compte d’envoi n’existe pas, ou n’existe plus."),
    "mail_host_missing": N_("Indiquez le nom du serveur d’envoi, comme smtp.exemple.fr."),
    "mail_host_invalid": N_("« %(shown)s » n’est pas un nom de serveur, comme smtp.exemple.fr."),
    "mail_port_invalid": N_("« %(shown)s » n’est pas un port : un nombre de 1 à 65535."),
    "mail_username_invalid": N_(
        "Ce nom d’utilisateur est trop long ou contient un caractère interdit."
    ),
    "mail_password_missing": N_("Indiquez le mot de passe qui va avec ce nom d’utilisateur."),
    "mail_password_again": N_(
        "Le serveur, le port, la protection ou le nom d’utilisateur change : saisissez le mot de "
        "passe à nouveau. Celui qui est enregistré ne va qu’à son serveur."
    ),
    "mail_password_invalid": N_("Ce mot de passe est trop long ou contient un caractère interdit."),
    "mail_password_in_clear": N_(
        "Sans protection, le mot de passe se lirait en chemin. Choisissez STARTTLS ou TLS."
    ),
    "mail_sender_missing": N_("Indiquez l’adresse d’où partent vos messages."),
    "dkim_selector_invalid": N_("« %(shown)s » n’est pas un sélecteur DKIM."),
    "mail_address_invalid": N_("« %(shown)s » n’est pas une adresse électronique."),
    "mail_address_non_ascii_local_part": N_(
        "L’adresse « %(shown)s » a une lettre accentuée avant l’arobase : aucun serveur courant "
        "ne la prend."
    ),
    "mail_address_too_long": N_("L’adresse « %(shown)s » est trop longue."),
    "mail_domain_invalid": N_("« %(shown)s » n’est pas un nom de domaine."),
    "mail_header_control_character": N_("L’en-tête %(header)s contient un caractère interdit."),
    "mail_header_name_invalid": N_("« %(shown)s » n’est pas un nom d’en-tête."),
    "mail_message_id_invalid": N_("« %(shown)s » n’est pas un identifiant de message."),
    "mail_text_not_encodable": N_("Le texte contient un caractère qui ne peut pas être envoyé."),
}

_LISTS: Mapping[str, str] = {
    "list_missing": N_("Choisissez le fichier qui contient la liste des destinataires."),
    "list_empty": N_("Ce fichier est vide. Joignez la liste des destinataires."),
    "list_too_large": N_("Ce fichier dépasse %(limit_mb)s Mo. Partagez la liste en plusieurs."),
    "list_too_many_lines": N_(
        "Ce fichier a plus de %(limit)s lignes. Partagez la liste en plusieurs."
    ),
    "list_is_spreadsheet": N_(
        "Ce fichier est un classeur. Dans votre tableur, enregistrez la feuille au format CSV et "
        "joignez ce fichier-là."
    ),
    "list_not_text": N_(
        "Ce fichier n’est pas du texte. Joignez la liste des destinataires au format CSV."
    ),
}

_SECOND_FACTOR: Mapping[str, str] = {
    "wrong_code": N_(
        "Ce code ne convient pas, ou il a déjà servi. Attendez le suivant, et vérifiez que l’heure "
        "de votre téléphone est réglée automatiquement."
    ),
    "wrong_recovery_code": N_(
        "Ce code de secours ne convient pas, ou il a déjà servi. Essayez-en un autre."
    ),
    "totp_offer_over": N_(
        "Cette page est restée ouverte trop longtemps. Voici un nouveau code QR : scannez-le à la "
        "place du précédent."
    ),
    "passkey_refused": N_(
        "La clé d’accès n’a pas pu être vérifiée. Rechargez la page et réessayez."
    ),
    "passkey_unknown": N_(
        "Cette clé d’accès n’ouvre aucun compte ici. Choisissez-en une autre, ou connectez-vous "
        "autrement."
    ),
    "passkey_known": N_("Cette clé d’accès est déjà enregistrée."),
    "passkey_copied": N_(
        "Cette clé d’accès semble avoir été copiée : elle est refusée. Connectez-vous autrement, "
        "puis retirez-la de votre compte."
    ),
    "passkey_name_missing": N_(
        "Donnez un nom à cette clé d’accès, pour la reconnaître parmi les autres."
    ),
    "too_many_passkeys": N_(
        "Vous avez déjà %(most)s clés d’accès. Retirez-en une avant d’en ajouter une autre."
    ),
    "unknown_passkey": N_("Votre compte n’a pas cette clé d’accès."),
    "no_passkeys_here": N_(
        "Les navigateurs n’acceptent pas de clé d’accès à l’adresse de ce service : il faudrait un "
        "nom de domaine en https."
    ),
    "no_second_factor": N_("Votre compte n’a pas encore de second facteur. Ajoutez-en un d’abord."),
    "second_factor_demanded": N_(
        "%(organisation)s demande un second facteur, et c’est le dernier. Ajoutez-en un autre "
        "avant de retirer celui-ci."
    ),
    "unknown_person": N_("Personne n’a l’adresse %(shown)s sur ce service."),
}

SENTENCES: Mapping[str, str] = {
    **PEOPLE_ERRORS,
    **CLOCK_ERRORS,
    **DECISION_ERRORS,
    **JOB_ERRORS,
    **DOSSIER_ERRORS,
    **LINK_ERRORS,
    **REMINDER_ERRORS,
    **_TIMES,
    **_FORMS,
    **_STEPS,
    **_OTHERS,
    **_DOCUMENTS,
    **_MAIL,
    **_LISTS,
    **single_sign_on.SENTENCES,
    **_SECOND_FACTOR,
}


def error_sentence(error: DeskError, wording: Wording) -> str:
    """Say an error in a sentence. One we have no words for is said as a refusal."""
    message = SENTENCES.get(error.code, _STEPS["refused"])
    return (
        wording.text(message, **_spoken(error, wording))
        if error.parameters
        else wording.text(message)
    )


def _spoken(error: DeskError, wording: Wording) -> dict[str, object]:
    spoken = {
        name: duration(value, wording) if isinstance(value, timedelta) else value
        for name, value in error.parameters.items()
    }
    if error.code == "notice_incomplete":
        parts = [Part(str(part)) for part in spoken["parts"]]  # type: ignore[attr-defined]
        spoken["parts"] = ", ".join(enum_label(part, wording).lower() for part in parts)
    if error.code == "facts_changed_meanwhile":
        keys = spoken["keys"]
        spoken["keys"] = ", ".join(fact_label(key, wording) for key in keys)  # type: ignore[attr-defined]
    return spoken
