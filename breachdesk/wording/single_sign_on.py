"""What is said when an identity provider cannot be used, or a sign-in through it fails.

Every sentence says what to do: whoever reads it cannot get in.
"""

from collections.abc import Mapping

from breachdesk.wording import N_

_PROVIDER: Mapping[str, str] = {
    "issuer_form": N_(
        "L’émetteur doit être une adresse https, comme https://connexion.exemple.fr/realms/maison. "
        "Copiez-la de votre fournisseur."
    ),
    "provider_client_missing": N_("Indiquez l’identifiant client que votre fournisseur a donné."),
    "provider_client_form": N_(
        "Cette valeur contient un caractère qu’aucun fournisseur n’utilise. Copiez-la de nouveau, "
        "sans espace ni retour à la ligne."
    ),
    "provider_not_asked": N_(
        "Le fournisseur n’a pas encore répondu à cette adresse. Vérifiez l’émetteur et réessayez."
    ),
    "provider_name_unknown": N_(
        "Le nom %(host)s n’existe pas. Vérifiez l’orthographe de l’émetteur."
    ),
    "provider_address_closed": N_(
        "%(host)s mène à un réseau privé, que ce service n’appelle pas. Si votre fournisseur s’y "
        "trouve, demandez à la personne qui tient cette installation de l’autoriser "
        "(BREACHDESK_PRIVATE_NETWORK)."
    ),
    "provider_unreachable": N_(
        "La connexion à %(host)s est refusée ou coupée. Vérifiez l’adresse et le port, et que le "
        "fournisseur est joignable depuis ce service."
    ),
    "provider_too_slow": N_(
        "Le fournisseur n’a pas répondu à temps. Réessayez ; si cela dure, prévenez la personne "
        "qui l’administre."
    ),
    "provider_certificate": N_(
        "Le certificat du fournisseur n’est pas reconnu (« %(reason)s »). Il doit être valable "
        "pour ce nom et signé par une autorité que ce service connaît."
    ),
    "provider_without_tls": N_(
        "Ce serveur ne parle pas https à cette adresse. Vérifiez l’adresse et le port."
    ),
    "provider_not_http": N_(
        "Ce qui répond à cette adresse n’est pas un serveur web. Vérifiez l’adresse et le port."
    ),
    "provider_redirects": N_(
        "Le fournisseur renvoie vers une autre adresse (réponse %(status)s), ce que nous ne "
        "suivons pas. Indiquez l’émetteur exact, tel qu’il l’écrit lui-même."
    ),
    "provider_status": N_(
        "Le fournisseur répond par une erreur (%(status)s). Vérifiez l’émetteur : son document se "
        "trouve sous /.well-known/openid-configuration."
    ),
    "provider_too_long": N_(
        "Ce que le fournisseur répond dépasse %(limit_kb)s Ko : ce n’est pas sa description. "
        "Vérifiez l’émetteur."
    ),
    "provider_not_json": N_(
        "Ce qui répond n’est pas la description d’un fournisseur (ce n’est pas du JSON). Vérifiez "
        "l’émetteur."
    ),
    "provider_issuer_differs": N_(
        "Le fournisseur se nomme lui-même « %(shown)s ». Recopiez exactement cette valeur comme "
        "émetteur, si c’est bien le vôtre."
    ),
    "provider_lacks": N_(
        "La description du fournisseur est incomplète : il y manque %(names)s. Est-ce bien un "
        "fournisseur OpenID Connect ?"
    ),
    "provider_endpoint_unsafe": N_(
        "Le fournisseur indique une adresse que nous n’appelons pas (%(name)s) : elle n’est pas en "
        "https. Prévenez la personne qui l’administre."
    ),
    "provider_without_keys": N_(
        "Le fournisseur ne publie aucune clé qui puisse signer une connexion. Prévenez la personne "
        "qui l’administre."
    ),
    "provider_without_code": N_(
        "Le fournisseur ne propose pas le « code d’autorisation », la seule façon sûre de se "
        "connecter. Activez-la chez lui."
    ),
    "provider_without_pkce": N_(
        "Le fournisseur ne propose pas PKCE avec S256, dont nous avons besoin. Activez-le chez lui."
    ),
    "provider_signatures": N_(
        "Le fournisseur signe d’une façon que nous ne prenons pas (%(names)s). Choisissez chez lui "
        "RS256 ou ES256."
    ),
}

_SIGN_ON: Mapping[str, str] = {
    "sign_on_no_way": N_(
        "Aucune organisation de ce sigle ne se connecte ainsi. Vérifiez-le, ou connectez-vous avec "
        "votre mot de passe."
    ),
    "sign_on_lost": N_(
        "Cette connexion n’a pas commencé dans ce navigateur, ou elle a trop duré. Recommencez "
        "depuis cette page, et restez dans le même navigateur."
    ),
    "sign_on_denied": N_(
        "Votre organisation n’a pas confirmé la connexion : vous avez annulé, ou elle vous l’a "
        "refusée. Réessayez ; si le refus se répète, demandez à la personne qui y gère les accès."
    ),
    "sign_on_provider_refused": N_(
        "Le fournisseur de votre organisation a refusé la demande (« %(shown)s »). Réessayez, puis "
        "donnez ce mot à la personne qui administre breachdesk pour votre organisation."
    ),
    "sign_on_code": N_(
        "Le code rapporté n’est plus bon : il ne sert qu’une fois, et peu de temps. Recommencez."
    ),
    "sign_on_client": N_(
        "Le fournisseur ne reconnaît pas ce service : son identifiant client ou son secret a "
        "changé. Prévenez la personne qui administre breachdesk pour votre organisation."
    ),
    "sign_on_not_trusted": N_(
        "Ce que le fournisseur a répondu ne peut pas être cru (contrôle « %(why)s »). Personne "
        "n’est connecté. Recommencez ; si cela se répète, prévenez la personne qui administre "
        "breachdesk pour votre organisation, avec ce mot."
    ),
    "sign_on_clocks_differ": N_(
        "Cette connexion est déjà périmée, ou pas encore valable : l’heure du fournisseur et celle "
        "de ce service diffèrent. Recommencez ; si cela se répète, prévenez la personne qui tient "
        "cette installation."
    ),
    "sign_on_not_a_member": N_(
        "Votre organisation vous connaît, mais vous n’avez pas, ou plus, d’accès à ses pages. "
        "Demandez une invitation à la personne qui administre breachdesk pour elle."
    ),
    "sign_on_mail_missing": N_(
        "Le fournisseur n’a pas dit votre adresse électronique, et nous ne vous connaissons pas "
        "encore. La personne qui l’administre doit transmettre « email » à ce service."
    ),
    "sign_on_mail_unsure": N_(
        "Le fournisseur n’a pas confirmé que votre adresse électronique est la vôtre. La personne "
        "qui l’administre doit transmettre « email_verified », ou « xms_edov » chez Microsoft."
    ),
    "sign_on_linked_to_another": N_(
        "Votre compte est déjà relié à une autre identité de ce fournisseur. La personne qui "
        "administre breachdesk pour votre organisation peut défaire ce lien."
    ),
    "sign_on_somebody_else": N_(
        "La personne qui vient de s’identifier n’est pas celle de cette session. Identifiez-vous "
        "sous votre propre nom, ou déconnectez-vous d’abord."
    ),
    "sign_on_time_unknown": N_(
        "Le fournisseur ne dit pas quand vous vous êtes identifié (« auth_time »). "
        "Déconnectez-vous, puis reconnectez-vous : la connexion vaut preuve pendant une heure."
    ),
    "sign_on_not_again": N_(
        "Le fournisseur ne vous a pas demandé de nouveau qui vous êtes. Recommencez, et "
        "identifiez-vous quand il le demande."
    ),
}

_RULES: Mapping[str, str] = {
    "local_sign_in_no_provider": N_(
        "Les mots de passe ne peuvent pas être refusés : il n’y a pas encore de fournisseur. "
        "Indiquez-en un d’abord."
    ),
    "local_sign_in_provider_off": N_(
        "Les mots de passe ne peuvent pas être refusés : le fournisseur n’est pas activé."
    ),
    "local_sign_in_not_tried": N_(
        "Les mots de passe ne peuvent pas être refusés : connectez-vous d’abord vous-même par le "
        "fournisseur, avec ses réglages d’aujourd’hui."
    ),
    "local_sign_in_nobody_fit": N_(
        "Les mots de passe ne peuvent pas être refusés : aucun administrateur ni décideur n’a de "
        "second facteur, et il faut un accès de secours."
    ),
    "break_glass_not_fit": N_(
        "Choisissez un administrateur ou un décideur qui a un second facteur."
    ),
    "organisation_closed": N_(
        "%(shown)s ne s’ouvre pas avec la connexion en cours. Déconnectez-vous, puis choisissez "
        "« Se connecter avec mon organisation »."
    ),
    "account_of_several": N_(
        "Votre compte ouvre autre chose que cette organisation ; sa connexion ne suffit donc pas "
        "pour le changer. Déconnectez-vous, puis connectez-vous avec votre mot de passe ou votre "
        "clé d’accès."
    ),
    "unknown_link": N_("Cette personne n’est plus reliée au fournisseur."),
}

SENTENCES: Mapping[str, str] = {**_PROVIDER, **_SIGN_ON, **_RULES}
