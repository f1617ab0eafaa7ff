"""Why a verdict, in words: one sentence per reason of `domain.reasons` and `domain.duties`.

Written for whoever must defend the decision: plain, exact, citing through `source`.
"""

from collections.abc import Mapping

from breachdesk.wording import N_

# Parameters are set in `wording.assessment`.
REASONS: Mapping[str, str] = {
    "risk_unlikely": N_(
        "La violation n’est pas susceptible d’engendrer un risque pour les personnes : il n’y"
        " a pas à notifier, mais la violation s’inscrit au registre."
    ),
    "risk_risk": N_(
        "La violation est susceptible d’engendrer un risque pour les personnes, sans que ce "
        "risque soit élevé : il faut notifier l’autorité de contrôle."
    ),
    "risk_not_notified": N_(
        "La violation est susceptible d’engendrer un risque pour les personnes, sans que ce "
        "risque soit élevé : la règle appliquée ici ne demande de notifier qu’un risque élevé."
    ),
    "risk_high_risk": N_(
        "La violation est susceptible d’engendrer un risque élevé pour les personnes."
    ),
    "risk_undetermined": N_(
        "Selon ce que révéleront les points encore inconnus, le risque peut aller de « "
        "%(least)s » à « %(most)s »."
    ),
    "in_doubt_notify": N_(
        "Dans le doute, la CNIL recommande de notifier : une notification initiale peut être "
        "complétée, et l’autorité dira s’il faut informer les personnes."
    ),
    "telling_depends": N_(
        "L’obligation d’informer les personnes dépend de points encore inconnus ; elle naît "
        "sans délai dès qu’un risque élevé est probable."
    ),
    "telling_is_wise": N_(
        "Sans y être tenu, il est sage d’informer les personnes : elles peuvent se protéger "
        "si elles savent."
    ),
    "processor_informs": N_(
        "En tant que sous-traitant, vous devez avertir les responsables de traitement dans "
        "les meilleurs délais, quel que soit le risque. Les deux obligations indiquées ici "
        "sont celles qu’ils auront."
    ),
    "joint_arrangement": N_(
        "Entre responsables conjoints, l’accord qui vous lie désigne celui qui notifie et qui"
        " informe ; chacun reste tenu que ce soit fait."
    ),
    "exempt_unreadable": N_(
        "Les données étant incompréhensibles pour qui y accéderait, les personnes n’ont pas à"
        " être informées."
    ),
    "exempt_measures": N_(
        "Les mesures prises depuis font que le risque élevé n’est plus susceptible de se "
        "matérialiser : les personnes n’ont pas à être informées. Gardez-en la preuve."
    ),
    "public_instead": N_(
        "Informer chacun exigerait des efforts disproportionnés : une communication publique,"
        " aussi efficace, remplace les messages individuels."
    ),
    "unreadable": N_(
        "Les données sont illisibles pour qui les détient, la clé est en sécurité et aucun "
        "détournement n’est constaté. Si la clé est compromise un jour, l’évaluation est à "
        "refaire."
    ),
    "key_compromised": N_(
        "La clé ou le sel qui protège les données est compromis : le chiffrement ne protège plus."
    ),
    "special_categories": N_(
        "Des données que la loi tient pour sensibles sont concernées (%(data)s) : "
        "discrimination, humiliation ou atteinte à un secret sont à craindre."
    ),
    "sensitive_yet_trivial": N_(
        "La donnée relève d’une catégorie sensible (%(data)s), mais ce qu’elle dit ici est "
        "anodin : sa seule catégorie ne suffit pas."
    ),
    "private_life": N_("Les données exposent la vie privée ou la situation financière (%(data)s)."),
    "personal_life": N_(
        "Les données décrivent la vie personnelle ou professionnelle (%(data)s) : assez pour "
        "tromper les personnes ou leur nuire."
    ),
    "detailed_portrait": N_("Les données dressent un portrait détaillé de chaque personne."),
    "telling_context": N_("Figurer dans ces données révèle à soi seul une information intime."),
    "credentials_usable": N_(
        "Des mots de passe exploitables sont concernés : ils ouvrent ces comptes, et d’autres"
        " où ils sont réutilisés."
    ),
    "credentials_hashed": N_(
        "Les mots de passe sont hachés solidement et le sel est en sécurité : ils ne sont "
        "guère exploitables."
    ),
    "identity_theft_complete": N_(
        "Une preuve d’identité et un moyen de paiement sont réunis (%(data)s) : tout ce qu’il"
        " faut pour usurper une identité."
    ),
    "identity_theft": N_("Les données permettent une usurpation d’identité (%(data)s)."),
    "fraud": N_("Les données permettent une fraude au paiement ou au prélèvement (%(data)s)."),
    "impersonation": N_(
        "Identité, coordonnées et identifiants réunis permettent de se faire passer pour la "
        "personne auprès d’un service."
    ),
    "everyday_data": N_(
        "Les données sont courantes : seules, elles permettent surtout des sollicitations "
        "importunes."
    ),
    "unrecognisable": N_(
        "Les personnes ne sont pratiquement pas reconnaissables à partir de ces données."
    ),
    "hardly_recognisable": N_("Reconnaître les personnes à partir de ces données est difficile."),
    "protected_persons": N_(
        "Des personnes qui appellent une protection particulière sont concernées (mineurs, "
        "personnes vulnérables, personnes exposées)."
    ),
    "numbers_tip": N_("Le nombre de personnes (%(n)s) fait pencher une balance déjà hésitante."),
    "numbers_alone": N_(
        "Le nombre de personnes (%(n)s) a été pesé ; à lui seul il ne décide de rien, dans un"
        " sens ni dans l’autre."
    ),
    "held_by_nobody": N_("Il est établi que personne ne détient ni n’a vu les données."),
    "held_by_trusted": N_(
        "Les données sont restées chez des destinataires de confiance, qui les ont effacées "
        "ou rendues."
    ),
    "recalled_from_one": N_(
        "Une seule personne connue a reçu les données et confirme les avoir effacées ou "
        "rendues ; elle a pu les lire."
    ),
    "held_by_known": N_(
        "Quelques personnes connues, sans intention de nuire apparente, ont reçu les données "
        "; leur effacement ne peut être garanti."
    ),
    "short_list_among_known": N_(
        "Ces données courantes ne concernent que peu de personnes et n’ont circulé qu’entre "
        "personnes connues, sans intention de nuire apparente."
    ),
    "ill_will_needed": N_(
        "Ces données nuisent surtout par l’usage qu’un malveillant en ferait (usurpation, "
        "fraude) ; or seules des personnes connues, sans intention de nuire apparente, les "
        "ont reçues."
    ),
    "held_by_anyone": N_(
        "De nombreuses personnes, ou des personnes que l’on ne peut identifier, ont ou "
        "peuvent avoir les données : leur usage échappe à tout contrôle."
    ),
    "held_by_adversary": N_(
        "Une personne identifiée détient les données contre l’intérêt des personnes ou de "
        "l’organisme."
    ),
    "held_by_criminals": N_(
        "Des personnes malveillantes, inconnues ou extérieures à l’organisme, détiennent les "
        "données ou ont eu le temps de les prendre."
    ),
    "still_open": N_(
        "L’accès ou l’exposition n’est pas encore fermé : d’autres peuvent encore obtenir les"
        " données."
    ),
    "long_unnoticed": N_(
        "L’intrus est resté inaperçu %(days)s jours : il a eu le temps de prendre ce qui "
        "était à sa portée."
    ),
    "lost_for_good": N_("Des données sont perdues définitivement."),
    "care_waits": N_("Des soins dépendent de ces données, qui ont manqué %(hours)s h."),
    "long_without": N_(
        "Les données ont manqué %(hours)s h : assez pour que les personnes en subissent les "
        "conséquences."
    ),
    "soon_restored": N_(
        "Les données n’ont manqué que peu de temps (%(hours)s h), sans perte ni conséquence "
        "durable pour les personnes."
    ),
    "altered_and_used": N_("Des données modifiées ont été utilisées."),
    "altered_not_used": N_("Des données ont été modifiées, mais rétablies avant tout usage."),
    "critical_effects": N_("Des effets critiques sur les personnes sont constatés."),
    "significant_effects": N_("Des effets importants sur les personnes sont constatés."),
    "misuse_seen": N_("Un détournement des données est constaté : le risque s’est réalisé."),
    "enisa_agrees": N_("La gravité selon l’ENISA (%(score)s, %(level)s) va dans le même sens."),
    "enisa_informs": N_(
        "La gravité selon l’ENISA est de %(score)s (%(level)s) sur ce qui est connu ; elle "
        "informe et ne décide pas."
    ),
    "enisa_lower": N_(
        "La gravité selon l’ENISA (%(score)s, %(level)s) conduirait à moins. Elle note "
        "surtout la catégorie des données et pèse moins que les lignes directrices du CEPD ce"
        " que ces données permettent, qui les détient et le temps passé sans elles : nous "
        "suivons les lignes directrices."
    ),
    "enisa_higher": N_(
        "La gravité selon l’ENISA (%(score)s, %(level)s) conduirait à plus. Elle compte le "
        "contenu des données même illisibles, ou chez un destinataire sûr, à la différence "
        "des lignes directrices du CEPD : nous suivons les lignes directrices."
    ),
}
