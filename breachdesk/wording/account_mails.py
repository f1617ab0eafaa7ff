"""What the mails about accounts say: an invitation, a new password, a change.

Unlike a mail about a case, these carry a link that opens something: single use, for a
while only, and the mail says until when.
"""

from dataclasses import dataclass

from breachdesk.wording import N_, Wording
from breachdesk.wording.mails import Mail

# What changed in an account, as `ACCOUNT_NOTICE` mails tell its owner.
CHANGES = {
    "password_changed": N_("Votre mot de passe a été changé."),
    "second_address_changed": N_("La seconde adresse de votre compte a été changée."),
    "second_factor_added": N_("Un second facteur a été ajouté à votre compte."),
    "second_factor_removed": N_("Un second facteur a été retiré de votre compte."),
    "recovery_code_used": N_("Un code de secours de votre compte a été utilisé."),
    "recovery_codes_made": N_(
        "De nouveaux codes de secours ont été créés pour votre compte ; les anciens ne valent plus."
    ),
    "passkey_copied": N_(
        "Une clé d’accès de votre compte semble avoir été copiée ; nous l’avons refusée. "
        "Retirez-la de votre compte."
    ),
    "second_factor_reset": N_(
        "L’exploitant du service a retiré tous les seconds facteurs de votre compte et fermé vos "
        "sessions."
    ),
    "sign_in_throttled": N_(
        "Plusieurs essais de connexion à votre compte ont échoué ; nous les ralentissons."
    ),
    "calendar_address_made": N_(
        "Une adresse de calendrier a été créée pour votre compte : qui l’a lit les échéances que "
        "vous pouvez connaître."
    ),
    "roles_changed": N_("Vos rôles auprès de %(organisation)s ont changé : %(roles)s."),
    "access_ended": N_("Votre accès à %(organisation)s a pris fin."),
    "roles_given": N_(
        "%(person)s peut désormais lire des dossiers de %(organisation)s : %(roles)s."
    ),
    "already_has_account": N_(
        "Quelqu’un a demandé un nouveau mot de passe pour un compte qui se connecte autrement."
    ),
    "single_sign_on_linked": N_(
        "Votre compte s’ouvre désormais aussi avec l’authentification de %(organisation)s."
    ),
    "break_glass_used": N_(
        "%(person)s vient d’entrer chez %(organisation)s par l’accès de secours, sans passer par "
        "le fournisseur d’identité."
    ),
    # Of an organisation's mail.
    "mail_account_changed": N_("Le compte d’envoi de %(organisation)s a été changé."),
    "mail_account_removed": N_("Un compte d’envoi de %(organisation)s a été retiré."),
    "mail_compromised": N_(
        "La messagerie de %(organisation)s est déclarée compromise : nos messages partent par une "
        "autre voie, et vont à votre seconde adresse si vous en avez une. Ne vous fiez plus à ce "
        "qui arrive par la messagerie habituelle."
    ),
    "mail_trusted_again": N_(
        "La messagerie de %(organisation)s est déclarée saine : nos messages reprennent leur voie "
        "habituelle."
    ),
}
# Of these the subject says that they are about the mail of an organisation.
ABOUT_MAIL = frozenset(
    {"mail_account_changed", "mail_account_removed", "mail_compromised", "mail_trusted_again"}
)

# What was tried and changed nothing, and what to do about it.
NOTHING_CHANGED = {
    "sign_in_throttled": N_(
        "Si c’est vous : un navigateur où vous vous êtes déjà connecté fonctionne encore, et le "
        "lien « Mot de passe oublié ? » aussi. Sinon, personne n’est entré. Si ce mot de passe "
        "vous sert ailleurs, changez-le."
    ),
    "already_has_account": N_(
        "Connectez-vous par votre organisation, comme d’habitude : ce compte n’a pas besoin de "
        "mot de passe d’ici. Si ce n’est pas vous, ignorez ce message : rien ne change."
    ),
}

# Changes that somebody else made, and what to do where one did not expect them.
BY_SOMEBODY_ELSE = {
    **dict.fromkeys(
        sorted(ABOUT_MAIL),
        N_(
            "%(who)s a fait ce changement. Si vous ne l’attendiez pas, joignez cette personne par "
            "téléphone, sans attendre."
        ),
    ),
    "roles_changed": N_(
        "%(who)s a fait ce changement. Si vous ne l’attendiez pas, parlez-en à cette personne."
    ),
    "access_ended": N_(
        "%(who)s a fait ce changement. Ce que vous avez fait reste à votre nom dans les journaux."
    ),
    "roles_given": N_(
        "%(who)s lui a donné ces rôles. Si vous ne l’attendiez pas, parlez-en à la direction : "
        "ces dossiers contiennent ce que l’organisation a de plus délicat."
    ),
    "break_glass_used": N_(
        "Si vous ne l’attendiez pas, joignez cette personne sans attendre : quelqu’un d’autre "
        "connaît peut-être son mot de passe et tient son second facteur."
    ),
}


@dataclass(frozen=True)
class AccountMail:
    """What a mail about an account may tell, already said in the reader's language and zone.

    Args:
        organisation: empty for a mail of the installation.
        link: what it opens; empty where nothing is to be opened.
        until: like "lundi 30 novembre 2026 à 18 h 30"; empty with no link.
        inviter: who invites; empty for the operator.
        change: a key of `CHANGES`.
        person: whose roles changed, in a mail to somebody else.
        roles: what they are now, as labels.
    """

    organisation: str = ""
    link: str = ""
    until: str = ""
    inviter: str = ""
    change: str = ""
    person: str = ""
    roles: str = ""


def invitation(words: Wording, mail: AccountMail) -> Mail:
    """To somebody invited to join an organisation."""
    subject = words.text(
        "Votre accès à breachdesk pour %(organisation)s", organisation=mail.organisation
    )
    who = mail.inviter or words.text("L’exploitant du service")
    return _mail(
        words,
        subject,
        words.text(
            "%(who)s vous invite à rejoindre %(organisation)s sur breachdesk, le service où se "
            "traitent les violations de données personnelles.",
            who=who,
            organisation=mail.organisation,
        ),
        words.text("Pour accepter, ouvrez ce lien avant %(until)s :", until=mail.until)
        + f"\n{mail.link}",
        words.text("Il ne sert qu’une fois. Si vous n’attendiez pas ce message, ignorez-le."),
    )


def password_reset(words: Wording, mail: AccountMail) -> Mail:
    """To somebody who asked for a new password."""
    return _mail(
        words,
        words.text("Choisir un nouveau mot de passe pour breachdesk"),
        words.text("Quelqu’un, sans doute vous, a demandé un nouveau mot de passe."),
        words.text("Pour le choisir, ouvrez ce lien avant %(until)s :", until=mail.until)
        + f"\n{mail.link}",
        words.text(
            "Il ne sert qu’une fois. Si ce n’est pas vous, ignorez ce message : rien ne change."
        ),
    )


def account_notice(words: Wording, mail: AccountMail) -> Mail:
    """To somebody whose account has changed, or who answers for what it may read."""
    told = {"organisation": mail.organisation, "person": mail.person, "roles": mail.roles}
    if mail.change in BY_SOMEBODY_ELSE:
        who = mail.inviter or words.text("L’exploitant du service")
        about = N_("Accès à breachdesk pour %(organisation)s")
        if mail.change in ABOUT_MAIL:
            about = N_("Envoi des messages de %(organisation)s")
        subject = words.text(about, **told)
        advice = words.text(BY_SOMEBODY_ELSE[mail.change], who=who)
    elif mail.change in NOTHING_CHANGED:
        subject = words.text("Connexion à votre compte breachdesk")
        advice = words.text(NOTHING_CHANGED[mail.change])
    else:
        subject = words.text("Changement dans votre compte breachdesk")
        advice = words.text(
            "Si ce n’est pas vous, changez votre mot de passe et prévenez sans attendre "
            "l’administrateur de votre organisation."
        )
    return _mail(words, subject, words.text(CHANGES[mail.change], **told), advice)


def _mail(words: Wording, subject: str, *paragraphs: str) -> Mail:
    return Mail(subject, "\n\n".join((words.text("Bonjour,"), *paragraphs)))
