"""The published cases in our own words, and how a case resembles them.

Summaries are ours, most of them recalled: `NOTE` says so on every page that shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from breachdesk.wording import N_, Wording
from breachdesk.wording.typography import NARROW


@dataclass(frozen=True)
class PrecedentWords:
    """A precedent as message ids."""

    title: str
    summary: str


NOTE = N_(
    "Ces précédents sont nos propres résumés d’exemples publiés par le CEPD, cités de mémoire"
    " pour la plupart. Seuls les documents officiels font foi."
)
# On paper, for others: how we came by a summary is said on our pages and in the data.
PRINTED_NOTE = N_(
    "Ces précédents sont nos propres résumés d’exemples publiés par le CEPD. Seuls les documents"
    " officiels font foi."
)

PRECEDENTS: Mapping[str, PrecedentWords] = {
    "EDPB-01/2021-01": PrecedentWords(
        N_("Rançongiciel, sauvegarde saine, rien n’est sorti"),
        N_(
            "Un fabricant est frappé par un rançongiciel. Ses données étaient déjà chiffrées,"
            " la clé hors d’atteinte, rien n’est sorti ; tout est rétabli en quelques heures."
        ),
    ),
    "EDPB-01/2021-03": PrecedentWords(
        N_("Rançongiciel dans un hôpital, sauvegarde, rien n’est sorti"),
        N_(
            "Un hôpital passe deux jours à restaurer ses données. Rien n’est sorti, mais des "
            "opérations sont annulées ou reportées."
        ),
    ),
    "EDPB-01/2021-04": PrecedentWords(
        N_("Rançongiciel sans sauvegarde, données emportées"),
        N_(
            "Un transporteur perd ses données et sa sauvegarde. Pièces d’identité et cartes "
            "de paiement de milliers d’usagers ont été emportées."
        ),
    ),
    "EDPB-01/2021-06": PrecedentWords(
        N_("Mots de passe hachés emportés d’un site web"),
        N_(
            "Les mots de passe de 1 200 inscrits sous pseudonyme à un site de cuisine sont "
            "emportés ; ils sont hachés solidement et le sel est sauf."
        ),
    ),
    "EDPB-01/2021-08": PrecedentWords(
        N_("Fichier de clients copié par un salarié sur le départ"),
        N_(
            "Un salarié en préavis copie les coordonnées des clients, puis s’en sert pour les"
            " démarcher à son compte."
        ),
    ),
    "EDPB-01/2021-10": PrecedentWords(
        N_("Tablettes chiffrées volées"),
        N_(
            "Deux tablettes d’une garderie sont volées. Elles étaient chiffrées, éteintes et "
            "sauvegardées, et l’effacement à distance a été lancé."
        ),
    ),
    "EDPB-01/2021-12": PrecedentWords(
        N_("Registre papier volé dans un centre de soins des addictions"),
        N_(
            "L’unique registre des patients d’un centre de soins des addictions est volé ; il"
            " n’en existe pas de copie."
        ),
    ),
    "EDPB-01/2021-14": PrecedentWords(
        N_("Fichier de demandeurs d’emploi joint par erreur"),
        N_(
            "Un service de l’emploi envoie à tous ses inscrits le fichier de plus de 60 000 "
            "d’entre eux, avec leur numéro de sécurité sociale."
        ),
    ),
    "EDPB-01/2021-15": PrecedentWords(
        N_("Liste de participants envoyée à d’anciens participants"),
        N_(
            "La liste de quinze stagiaires, dont deux intolérances alimentaires, est envoyée "
            "à quinze anciens stagiaires au lieu de l’hôtel."
        ),
    ),
    "EDPB-01/2021-17": PrecedentWords(
        N_("Usurpation auprès d’un centre d’appels"),
        N_(
            "Un imposteur fait changer l’adresse de facturation d’un client et reçoit ses "
            "factures pendant un mois."
        ),
    ),
    "EDPB-9/2022-B-i": PrecedentWords(
        N_("Clé USB chiffrée volée"),
        N_(
            "Une sauvegarde chiffrée sur une clé USB est volée ; la clé de chiffrement est "
            "sûre et il existe une autre copie."
        ),
    ),
    "EDPB-9/2022-B-iii": PrecedentWords(
        N_("Coupure de courant de quelques minutes"),
        N_(
            "Pendant quelques minutes, un centre d’appels n’a plus accès aux dossiers de ses "
            "clients."
        ),
    ),
    "EDPB-9/2022-B-v": PrecedentWords(
        N_("Relevé bancaire reçu par un autre client"),
        N_(
            "Un client d’une banque reçoit le relevé mensuel d’un autre ; la banque cherche "
            "si l’erreur est isolée."
        ),
    ),
    "EDPB-9/2022-B-vii": PrecedentWords(
        N_("Défaut d’autorisation chez un hébergeur"),
        N_(
            "Chez un hébergeur, sous-traitant, tout utilisateur pouvait voir le compte de "
            "tout autre."
        ),
    ),
    "EDPB-9/2022-B-ix": PrecedentWords(
        N_("Données d’étudiants envoyées à une mauvaise liste"),
        N_(
            "Les données de nombreux étudiants sont envoyées par erreur à une liste de plus "
            "de mille destinataires."
        ),
    ),
}

# A feature of a case and its value, as a clause of a sentence.
CLAUSES: Mapping[tuple[str, str], str] = {
    ("holder", "none"): N_("personne ne détient les données de façon exploitable"),
    ("holder", "contained"): N_("un destinataire de confiance les a reçues et effacées"),
    ("holder", "recalled"): N_("une seule personne connue les a reçues et effacées"),
    ("holder", "known"): N_("quelques personnes connues les ont reçues"),
    ("holder", "open"): N_("de nombreuses personnes, ou des inconnus, ont pu les obtenir"),
    ("holder", "adverse"): N_(
        "une personne identifiée s’en sert ou peut s’en servir contre les intéressés"
    ),
    ("holder", "hostile"): N_(
        "des personnes malveillantes, inconnues ou extérieures, les détiennent"
    ),
    ("potential", "special"): N_("les données touchent à l’intime"),
    ("potential", "identity_theft"): N_("les données permettent une usurpation d’identité"),
    ("potential", "fraud"): N_("les données permettent une fraude au paiement"),
    ("potential", "credentials"): N_("les données ouvrent des comptes"),
    ("potential", "private_life"): N_("les données exposent la vie privée"),
    ("potential", "personal_life"): N_("les données décrivent la vie courante ou professionnelle"),
    ("potential", "everyday"): N_("les données sont courantes ou anodines"),
    ("readable", "yes"): N_("les données sont lisibles"),
    ("readable", "no"): N_("les données sont illisibles pour qui les détient"),
    ("time", "nothing_lost"): N_("rien n’a été perdu ni bloqué"),
    ("time", "brief"): N_("l’indisponibilité est brève et sans suite"),
    ("time", "long"): N_("les données ont manqué longtemps"),
    ("time", "lost"): N_("des données sont perdues définitivement"),
    ("nature", "availability"): N_("seule la disponibilité des données est atteinte"),
    ("nature", "confidentiality"): N_("seule la confidentialité des données est atteinte"),
    ("nature", "integrity"): N_("seule l’intégrité des données est atteinte"),
    ("nature", "availability+confidentiality"): N_(
        "la disponibilité et la confidentialité des données sont atteintes"
    ),
    ("nature", "availability+integrity"): N_(
        "la disponibilité et l’intégrité des données sont atteintes"
    ),
    ("nature", "confidentiality+integrity"): N_(
        "la confidentialité et l’intégrité des données sont atteintes"
    ),
    ("nature", "availability+confidentiality+integrity"): N_(
        "la confidentialité, l’intégrité et la disponibilité des données sont atteintes"
    ),
    ("effect", "none"): N_("aucun effet sur les personnes n’est constaté"),
    ("effect", "slight"): N_("les effets constatés sont légers"),
    ("effect", "serious"): N_("les effets constatés sont sérieux"),
    ("recognisable", "yes"): N_("les personnes sont reconnaissables"),
    ("recognisable", "no"): N_("les personnes ne sont pratiquement pas reconnaissables"),
    ("intent", "malicious"): N_("l’acte est malveillant"),
    ("intent", "accidental"): N_("l’origine est accidentelle"),
    ("misuse", "yes"): N_("un détournement est constaté"),
    ("misuse", "no"): N_("aucun détournement n’est constaté"),
    ("persons", "protected"): N_("les personnes appellent une protection particulière"),
    ("persons", "ordinary"): N_("les personnes n’appellent pas de protection particulière"),
    ("scale", "one"): N_("une seule personne est concernée"),
    ("scale", "some"): N_("cent personnes au plus sont concernées"),
    ("scale", "many"): N_("plus de cent personnes sont concernées"),
}

# What a side may leave open, as an indirect question.
_OPEN: Mapping[str, str] = {
    "holder": N_("qui détient exactement les données"),
    "potential": N_("ce que permettent les données"),
    "readable": N_("si les données sont lisibles"),
    "time": N_("si les données ont manqué longtemps"),
    "nature": N_("ce que la violation a atteint"),
    "effect": N_("quels effets les personnes ont subis"),
    "recognisable": N_("si les personnes sont reconnaissables"),
    "intent": N_("si l’acte est malveillant"),
    "misuse": N_("si les données ont été détournées"),
    "persons": N_("si les personnes appellent une protection particulière"),
    "scale": N_("combien de personnes sont concernées"),
}
# A side that leaves a feature open: this case, or the precedent.
_NOT_SAID: Mapping[str, str] = {
    "here": N_("on ne sait pas encore %(what)s"),
    "there": N_("l’exemple ne dit pas %(what)s"),
}

# True of most cases, so no sign of resemblance.
_BANAL = frozenset(
    {
        ("readable", "yes"),
        ("recognisable", "yes"),
        ("time", "nothing_lost"),
        ("effect", "none"),
        ("misuse", "no"),
        ("persons", "ordinary"),
    }
)
_SHARED_SHOWN = 3


def why_similar(precedent: Mapping[str, object], wording: Wording) -> str:
    """Say what a case shares with a precedent, and the difference that decides.

    Args:
        precedent: a precedent of the assessment's record. Records of older versions do not
            say whether the risk is the same: the difference is then only named.
    """
    parts = _in_common(precedent, wording), _difference(precedent, wording)
    return " ".join(filter(None, parts))


def listed(items: Sequence[str], wording: Wording) -> str:
    """Several items that may hold commas, as one line."""
    return (f"{NARROW}; " if wording.locale == "fr" else "; ").join(items)


def _in_common(precedent: Mapping[str, object], wording: Wording) -> str:
    pairs = [(each["feature"], each["value"]) for each in _rows(precedent["shared"])]
    said = [pair for pair in pairs if pair in CLAUSES and pair[0] != "nature"]
    shown = ([pair for pair in said if pair not in _BANAL] or said)[:_SHARED_SHOWN]
    if not shown:
        return wording.text(N_("Peu de points communs établis à ce stade."))
    shared = listed([wording.text(CLAUSES[pair]) for pair in shown], wording)
    return wording.text(N_("Points communs : %(shared)s."), shared=shared)


def _difference(precedent: Mapping[str, object], wording: Wording) -> str:
    decisive = precedent.get("decisive")
    if isinstance(decisive, Mapping):
        return wording.text(
            N_(
                "Différence décisive : ici, %(here)s ; là, %(there)s. Sans elle, le risque "
                "serait celui de cet exemple."
            ),
            **_sides(decisive, wording),
        )
    differences = _rows(precedent["differs"])
    if precedent.get("same_risk") is False:
        return _several(differences, wording)
    if not differences:
        return ""
    if precedent.get("same_risk"):
        return wording.text(
            N_("Même risque, malgré cette différence : ici, %(here)s ; là, %(there)s."),
            **_sides(differences[0], wording),
        )
    return _main(differences[0], wording)


def _several(differences: list[dict[str, str]], wording: Wording) -> str:
    alone = wording.text(
        N_("Le risque diffère par plusieurs points à la fois : aucun ne suffit seul.")
    )
    return f"{_main(differences[0], wording)} {alone}" if differences else alone


def _main(difference: Mapping[str, str], wording: Wording) -> str:
    return wording.text(
        N_("Différence principale : ici, %(here)s ; là, %(there)s."),
        **_sides(difference, wording),
    )


def _sides(difference: Mapping[str, str], wording: Wording) -> dict[str, str]:
    return {side: _side(difference, side, wording) for side in ("here", "there")}


def _side(difference: Mapping[str, str], side: str, wording: Wording) -> str:
    feature, value = difference["feature"], difference[side]
    if (feature, value) in CLAUSES:
        return wording.text(CLAUSES[feature, value])
    return wording.text(_NOT_SAID[side], what=wording.text(_OPEN[feature]))


def _rows(value: object) -> list[dict[str, str]]:
    return value if isinstance(value, list) else []
