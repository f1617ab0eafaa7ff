"""What is said of mail accounts: the way mail goes, the steps of a test, the DNS records."""

from collections.abc import Mapping

from breachdesk.domain.mail_accounts import Step, StepResult, StepState, Way
from breachdesk.domain.mail_domain import Finding, Kind, Standing
from breachdesk.wording import N_, Wording
from breachdesk.wording.mails import Mail

# Which way mail goes now, and why. One sentence each.
WAYS: Mapping[Way, str] = {
    Way.FIRST: N_("Les messages partent par votre compte d’envoi, depuis %(sender)s."),
    Way.SECOND: N_(
        "Les messages partent par votre compte de secours, depuis %(sender)s, parce que votre "
        "messagerie est déclarée compromise."
    ),
    Way.INSTALLATION: N_(
        "Les messages partent par le serveur de l’installation, depuis %(sender)s, parce que "
        "vous n’avez pas de compte d’envoi."
    ),
    Way.CATCHER: N_(
        "Les messages restent ici, parce que cette organisation est un exemple sans compte d’envoi."
    ),
    Way.NONE: N_(
        "Aucun message ne part, parce qu’il n’y a ni compte d’envoi ni serveur de l’installation. "
        "Ils attendent ici et partiront dès qu’un compte sera réglé."
    ),
}
# Said instead while the first account, or its place, must not be used.
WAYS_WHILE_COMPROMISED: Mapping[Way, str] = {
    Way.INSTALLATION: N_(
        "Les messages partent par le serveur de l’installation, depuis %(sender)s, parce que votre "
        "messagerie est déclarée compromise et que vous n’avez pas de compte de secours."
    ),
    Way.CATCHER: N_(
        "Les messages restent ici, parce que votre messagerie est déclarée compromise et que cette "
        "organisation est un exemple sans compte de secours."
    ),
    Way.NONE: N_(
        "Aucun message ne part, parce que votre messagerie est déclarée compromise et qu’il n’y a "
        "ni compte de secours ni serveur de l’installation. Ils attendent ici."
    ),
}

SECURITIES: Mapping[str, str] = {
    "starttls": N_("STARTTLS : la connexion est chiffrée dès le premier échange"),
    "tls": N_("TLS : la connexion est chiffrée dès le premier octet"),
    "none": N_("Aucune protection"),
}

STEPS: Mapping[Step, str] = {
    Step.NAME: N_("Nom du serveur"),
    Step.CONNECTION: N_("Connexion"),
    Step.CERTIFICATE: N_("Certificat"),
    Step.SIGN_IN: N_("Identification"),
    Step.SENDER: N_("Expéditeur"),
    Step.MAIL: N_("Message d’essai"),
}
STATES: Mapping[StepState, str] = {
    StepState.PASSED: N_("réussi"),
    StepState.FAILED: N_("échoué"),
    StepState.NOT_REACHED: N_("pas essayé"),
    StepState.NOT_NEEDED: N_("sans objet"),
}
# Why a step failed, and what to do.
FAILURES: Mapping[str, str] = {
    "name_unknown": N_(
        "Ce nom ne mène à aucune machine. Vérifiez son orthographe auprès de votre fournisseur."
    ),
    "private_address": N_(
        "Ce nom mène à un réseau privé, que cette installation n’appelle pas. Indiquez un serveur "
        "public ; seul l’exploitant peut ouvrir son réseau (BREACHDESK_PRIVATE_NETWORK)."
    ),
    "not_there": N_("Personne ne répond à ce port. Vérifiez le port et le pare-feu."),
    "no_greeting": N_(
        "Le serveur ne dit rien. Ce port attend peut-être une connexion chiffrée dès le premier "
        "octet : essayez TLS, d’ordinaire au port 465."
    ),
    "greeting_refused": N_("Le serveur refuse de parler à cette machine."),
    "no_authorities": N_("Les autorités de certification de cette machine ne peuvent être lues."),
    "no_starttls": N_(
        "Le serveur n’offre pas STARTTLS à ce port. Essayez TLS, d’ordinaire au port 465."
    ),
    "no_tls_there": N_(
        "La connexion n’a pas pu être chiffrée : ce port ne parle pas TLS dès le premier octet, "
        "ou une version trop ancienne. Essayez STARTTLS, d’ordinaire au port 587."
    ),
    "certificate_untrusted": N_(
        "Le certificat ne vient pas d’une autorité reconnue : nous ne savons pas à qui nous "
        "parlons. Faites-en installer un vrai."
    ),
    "certificate_other_name": N_(
        "Le certificat est au nom d’une autre machine. Indiquez le nom qu’il porte."
    ),
    "certificate_out_of_date": N_(
        "Le certificat est périmé, ou pas encore valable. Faites-le renouveler."
    ),
    "sign_in_not_offered": N_(
        "Le serveur ne propose pas de s’identifier à ce port. Vérifiez le port et la protection."
    ),
    "sign_in_refused": N_(
        "Le serveur refuse ce nom ou ce mot de passe. Chez certains fournisseurs il faut un mot "
        "de passe d’application."
    ),
    "sign_in_wanted": N_("Le serveur demande de s’identifier. Indiquez un nom et un mot de passe."),
    "sender_refused": N_(
        "Le serveur refuse cet expéditeur. Indiquez une adresse que ce compte peut employer."
    ),
    "recipient_refused": N_(
        "Le serveur refuse de transmettre un message de cet expéditeur à votre adresse."
    ),
    "mail_refused": N_("Le serveur refuse le message."),
    "broken": N_("La connexion s’est rompue."),
    "too_slow": N_("Pas de réponse dans les dix secondes."),
}

RECORDS: Mapping[Kind, str] = {
    Kind.SPF: N_("SPF : quelles machines écrivent en votre nom"),
    Kind.DKIM: N_("DKIM : la signature de vos messages"),
    Kind.DMARC: N_("DMARC : que faire des faux"),
}
STANDINGS: Mapping[Standing, str] = {
    Standing.GOOD: N_("en ordre"),
    Standing.ADVICE: N_("à améliorer"),
    Standing.FAULT: N_("à corriger"),
    Standing.UNKNOWN: N_("inconnu"),
}
FINDINGS: Mapping[str, str] = {
    "dns_silent": N_("Le DNS n’a pas répondu pour « %(shown)s ». Réessayez dans un moment."),
    "spf_missing": N_(
        "Il n’y en a pas : un serveur qui reçoit ne sait pas si vos messages sont vrais."
    ),
    "spf_several": N_(
        "Il y en a %(count)s ; la norme n’en admet qu’un, et les serveurs les ignorent tous. "
        "Remplacez-les par un seul."
    ),
    "spf_included_several": N_(
        "Il renvoie à « %(shown)s », qui a plusieurs enregistrements SPF ; les serveurs "
        "l’ignorent. Retirez ce renvoi, ou prévenez qui tient ce nom."
    ),
    "spf_syntax": N_("« %(shown)s » ne se comprend pas ; tout l’enregistrement est ignoré."),
    "spf_too_many_lookups": N_(
        "Il demande plus de dix recherches (à « %(shown)s ») ; les serveurs s’arrêtent là et "
        "l’ignorent. Retirez des « include » qui ne servent plus."
    ),
    "spf_too_many_void": N_(
        "Plus de deux des noms qu’il cite n’existent pas (dont « %(shown)s ») ; les serveurs "
        "l’ignorent. Retirez-les."
    ),
    "spf_includes_nothing": N_(
        "Il renvoie à « %(shown)s », qui n’a pas d’enregistrement SPF ; les serveurs l’ignorent. "
        "Retirez ce renvoi."
    ),
    "spf_lets_everyone": N_("Il permet à n’importe qui d’écrire en votre nom."),
    "spf_without_host": N_(
        "Il ne permet pas à %(host)s d’écrire en votre nom. Si ce serveur remet vos messages à "
        "d’autres machines, demandez à votre fournisseur ce qu’il faut publier ; sinon, publiez "
        "ceci."
    ),
    "spf_without_provider": N_(
        "Il ne permet pas à votre fournisseur (%(host)s) d’écrire en votre nom."
    ),
    "spf_host_without_address": N_(
        "Le DNS ne donne aucune adresse à %(host)s : nous ne pouvons pas dire s’il est permis."
    ),
    "spf_forbids_nothing": N_(
        "Il permet votre serveur d’envoi, mais n’interdit rien aux autres machines."
    ),
    "spf_good": N_("Il permet votre serveur d’envoi (recherches : %(lookups)s sur 10)."),
    "dkim_missing": N_(
        "« %(shown)s » n’a pas de clé. Activez DKIM chez votre fournisseur : il vous donne "
        "l’enregistrement à publier à ce nom."
    ),
    "dkim_none_found": N_(
        "Aucune clé sous les sélecteurs les plus courants de %(shown)s. Si vos messages sont "
        "signés, indiquez le sélecteur (« s= » dans l’en-tête DKIM-Signature d’un message) ; "
        "sinon, activez DKIM chez votre fournisseur."
    ),
    "dkim_syntax": N_("La clé « %(selector)s » ne se comprend pas. Recopiez celle du fournisseur."),
    "dkim_revoked": N_("La clé « %(selector)s » est retirée : sa valeur est vide."),
    "dkim_unknown_kind": N_("La clé « %(selector)s » est d’une sorte que personne ne lit."),
    "dkim_not_a_key": N_(
        "La clé « %(selector)s » est abîmée, sans doute coupée. Recopiez celle du fournisseur."
    ),
    "dkim_too_short": N_(
        "La clé « %(selector)s » n’a que %(bits)s bits ; sous 1024, les serveurs l’ignorent. "
        "Demandez une clé de 2048 bits."
    ),
    "dkim_only_sha1": N_(
        "La clé « %(selector)s » ne permet que SHA-1, que les serveurs n’admettent plus."
    ),
    "dkim_not_for_mail": N_("La clé « %(selector)s » n’est pas faite pour le courrier."),
    "dkim_short": N_(
        "La clé « %(selector)s » a %(bits)s bits ; 2048 sont recommandés. Faites-la renouveler."
    ),
    "dkim_testing": N_(
        "La clé « %(selector)s » est dite à l’essai (t=y) : les serveurs font comme si elle "
        "n’existait pas. Retirez « t=y »."
    ),
    "dkim_good": N_("La clé « %(selector)s » est bonne (%(bits)s bits)."),
    "dmarc_missing": N_(
        "Il n’y en a pas : qui reçoit un faux message de vous ne sait qu’en faire. Commencez par "
        "observer ; remplacez ensuite « none » par « quarantine »."
    ),
    "dmarc_several": N_(
        "Il y en a plusieurs à « %(shown)s » ; les serveurs les ignorent tous. N’en gardez qu’un."
    ),
    "dmarc_syntax": N_("Il ne se comprend pas ; les serveurs l’ignorent."),
    "dmarc_only_watches": N_(
        "Il observe, mais laisse passer les faux (« none »). Quand les rapports ne montrent plus "
        "que vos propres messages, passez à « quarantine »."
    ),
    "dmarc_in_part": N_(
        "Il écarte les faux (« %(policy)s »), mais %(percent)s %% seulement. Retirez « pct »."
    ),
    "dmarc_good": N_("Les faux sont écartés (« %(policy)s », à « %(shown)s »)."),
}

# The parts of an account, as the journal names them.
PARTS: Mapping[str, str] = {
    "host": N_("serveur"),
    "port": N_("port"),
    "security": N_("protection"),
    "username": N_("nom d’utilisateur"),
    "password": N_("mot de passe"),
    "sender": N_("expéditeur"),
    "reply_to": N_("adresse de réponse"),
}
ACCOUNTS: Mapping[str, str] = {
    "first": N_("compte d’envoi"),
    "second": N_("compte de secours"),
}


def way_sentence(way: Way, *, sender: str, is_compromised: bool, wording: Wording) -> str:
    """Which way mail goes now, and why."""
    table = {**WAYS, **WAYS_WHILE_COMPROMISED} if is_compromised else WAYS
    return wording.text(table[way], sender=sender)


def failure_sentence(result: StepResult, wording: Wording) -> str:
    """Why a step failed and what to do; nothing where none did."""
    return wording.text(FAILURES[result.code]) if result.code else ""


def finding_sentence(finding: Finding, wording: Wording) -> str:
    """What was found of a record, and what to do."""
    return wording.text(FINDINGS[finding.code], **(dict(finding.parameters) or {"shown": ""}))


def part_names(codes: object, wording: Wording) -> str:
    """The parts of an account in a list, like "serveur, port"."""
    names = codes if isinstance(codes, list | tuple) else [codes]
    return ", ".join(wording.text(PARTS.get(str(code), str(code))) for code in names)


def account_name(code: object, wording: Wording) -> str:
    """Which of the two accounts, inside a sentence."""
    return wording.text(ACCOUNTS.get(str(code), str(code)))


def trial(words: Wording, organisation: str) -> Mail:
    """What the mail of a test says."""
    paragraphs = (
        words.text("Bonjour,"),
        words.text(
            "Ce message est un essai. Si vous le lisez, le compte d’envoi de %(organisation)s sur "
            "breachdesk fonctionne.",
            organisation=organisation,
        ),
        words.text("Vous n’avez rien à faire."),
    )
    subject = words.text("Essai du compte d’envoi de %(organisation)s", organisation=organisation)
    return Mail(subject, "\n\n".join(paragraphs))
