"""How each fact is named, asked and explained.

`label` heads a line of the file and the dossier; `question` is what the form asks;
`hint` helps someone who is in a hurry and is no lawyer. The registry is `domain.facts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from breachdesk.domain.facts import Section
from breachdesk.wording import N_


@dataclass(frozen=True)
class FactWords:
    """One fact in words, as message ids. `hint` may be empty."""

    label: str
    question: str
    hint: str = ""


SECTION_LABELS: Mapping[Section, str] = {
    Section.STORY: N_("Récit"),
    Section.DATES: N_("Dates"),
    Section.NATURE: N_("Nature de la violation"),
    Section.DATA: N_("Données concernées"),
    Section.PERSONS: N_("Personnes concernées"),
    Section.PROTECTION: N_("Protection des données"),
    Section.SPREAD: N_("Diffusion et destinataires"),
    Section.AVAILABILITY: N_("Disponibilité et intégrité"),
    Section.EFFECTS: N_("Conséquences"),
    Section.MEASURES: N_("Mesures"),
    Section.OTHERS: N_("Autres organismes"),
    Section.FILING: N_("Pour le formulaire de l’autorité"),
}

_STORY_AND_DATES: Mapping[str, FactWords] = {
    "description": FactWords(
        N_("Ce qui s’est passé"),
        N_("Que s’est-il passé ?"),
        N_("Racontez avec vos mots, même si vous ne savez pas tout. Ne recopiez pas les données."),
    ),
    "system": FactWords(
        N_("Système ou support concerné"),
        N_("Quel système, quel appareil ou quel document est concerné ?"),
        N_("Par exemple : la messagerie, le site, un ordinateur portable, un dossier papier."),
    ),
    "discovery": FactWords(
        N_("Circonstances de la découverte"),
        N_("Comment l’avez-vous appris ?"),
        N_("Par exemple : une alerte de l’hébergeur, l’appel d’un client, un contrôle."),
    ),
    "noticed_at": FactWords(
        N_("Constaté le"),
        N_("Quand vous en êtes-vous rendu compte ?"),
        N_("Le moment du premier signe, même si vous n’étiez pas encore sûr."),
    ),
    "occurred_from": FactWords(
        N_("Début de la violation"),
        N_("Quand cela a-t-il commencé ?"),
        N_("Une estimation suffit pour commencer."),
    ),
    "occurred_until": FactWords(
        N_("Fin de la violation"),
        N_("Quand cela a-t-il pris fin ?"),
        N_("Si ce n’est pas terminé, choisissez « sans objet »."),
    ),
    "processor_aware_at": FactWords(
        N_("Prise de connaissance par le sous-traitant"),
        N_("Si un sous-traitant vous a prévenus : quand l’a-t-il su lui-même ?"),
        N_("Votre propre délai part du moment où il vous a prévenus, pas de celui-ci."),
    ),
    "dates_comment": FactWords(
        N_("Commentaires sur les dates"),
        N_("Faut-il préciser quelque chose sur ces dates ?"),
        N_("Par exemple : d’où vient l’estimation, ou pourquoi la date reste incertaine."),
    ),
    "access": FactWords(
        N_("Accès ou exposition"),
        N_("Est-ce terminé, ou toujours en cours ?"),
        N_("Est-ce que quelqu’un peut encore accéder aux données aujourd’hui ?"),
    ),
    "undetected_days": FactWords(
        N_("Jours avant la découverte"),
        N_("Pendant combien de jours personne ne s’en est-il aperçu ?"),
        N_("Du début de la violation au premier signe."),
    ),
}

_NATURE: Mapping[str, FactWords] = {
    "role": FactWords(
        N_("Rôle de l’organisme"),
        N_("Quel est le rôle de votre organisme pour ce traitement ?"),
        N_("Responsable : vous décidez pourquoi et comment. Sous-traitant : pour un client."),
    ),
    "breach_types": FactWords(
        N_("Nature de la violation"),
        N_("Qu’est-il arrivé aux données ?"),
        N_("Vues ou prises par d’autres, modifiées, perdues ou inaccessibles. Plusieurs choix."),
    ),
    "origins": FactWords(
        N_("Origine de la violation"),
        N_("Quelle est l’origine de la violation, selon la liste de la CNIL ?"),
        N_("Ces choix sont ceux du formulaire de la CNIL. Plusieurs réponses possibles."),
    ),
    "cause": FactWords(
        N_("Cause de la violation"),
        N_("Qui ou quoi en est la cause ?"),
        N_("Quelqu’un de l’organisme ou de l’extérieur, volontairement ou par accident."),
    ),
    "vector": FactWords(
        N_("Ce qui a permis la violation"),
        N_("Qu’est-ce qui décrit le mieux ce qui est arrivé ?"),
        N_("Choisissez le plus proche."),
    ),
    "malicious_intent": FactWords(
        N_("Intention de nuire"),
        N_("Quelqu’un a-t-il agi pour nuire ou pour profiter des données ?"),
    ),
}

_DATA_AND_PERSONS: Mapping[str, FactWords] = {
    "data": FactWords(
        N_("Catégories de données"),
        N_("Quelles sortes de données sont concernées ?"),
        N_("Cochez tout ce qui l’est ou pourrait l’être."),
    ),
    "data_details": FactWords(
        N_("Détail des données"),
        N_("Quelles données exactement ?"),
        N_("Les champs, pas leur contenu. Par exemple : nom, adresse électronique, commandes."),
    ),
    "n_records": FactWords(
        N_("Nombre d’enregistrements"),
        N_("Combien d’enregistrements environ ?"),
        N_("Lignes, fiches ou fichiers. Une personne peut en avoir plusieurs."),
    ),
    "data_insight": FactWords(
        N_("Ce que les données révèlent"),
        N_("Qu’apprennent ces données sur chaque personne ?"),
        N_("Une seule commande dit peu ; une année de relevés de compte dit beaucoup."),
    ),
    "credentials_protection": FactWords(
        N_("Protection des mots de passe"),
        N_("Comment les mots de passe étaient-ils conservés ?"),
        N_("Votre informaticien ou votre prestataire le sait. Sinon : pas encore connu."),
    ),
    "data_subjects": FactWords(
        N_("Catégories de personnes"),
        N_("Qui sont les personnes concernées ?"),
    ),
    "n_subjects": FactWords(
        N_("Nombre de personnes"),
        N_("Combien de personnes environ ?"),
        N_("Un ordre de grandeur suffit : vous pourrez le corriger."),
    ),
    "vulnerable_subjects": FactWords(
        N_("Personnes vulnérables"),
        N_("Y a-t-il parmi elles des personnes vulnérables ?"),
        N_("Enfants, patients, personnes âgées ou menacées, demandeurs d’asile…"),
    ),
    "identifiability": FactWords(
        N_("Facilité d’identification"),
        N_("Peut-on savoir de qui il s’agit ?"),
        N_("Un nom identifie directement ; un numéro interne, seulement par recoupement."),
    ),
    "context_reveals_sensitive": FactWords(
        N_("Contexte révélateur"),
        N_("Figurer dans ce fichier révèle-t-il quelque chose d’intime ?"),
        N_("Par exemple : la liste des patients d’une clinique, les membres d’un site."),
    ),
}

_PROTECTION_AND_SPREAD: Mapping[str, FactWords] = {
    "security_before": FactWords(
        N_("Mesures de sécurité préalables"),
        N_("Quelles mesures protégeaient ces données avant la violation ?"),
        N_("Par exemple : mots de passe, chiffrement, droits d’accès, sauvegardes."),
    ),
    "data_unintelligible": FactWords(
        N_("Données incompréhensibles"),
        N_("Les données sont-elles illisibles pour qui les détient ?"),
        N_("Par exemple : un disque chiffré dont le mot de passe est resté secret."),
    ),
    "key_compromised": FactWords(
        N_("Clé compromise"),
        N_("La clé ou le mot de passe qui protège les données a-t-il pu être pris ?"),
    ),
    "exfiltration": FactWords(
        N_("Sortie des données"),
        N_("Des données sont-elles sorties ?"),
        N_("Copiées, téléchargées ou publiées par qui avait accès."),
    ),
    "recipients": FactWords(
        N_("Qui a pu avoir les données"),
        N_("Qui a les données, ou a pu les avoir ?"),
        N_("Appareil ou papier perdu ou volé, jamais retrouvé : quelqu’un, sans savoir qui."),
    ),
    "recipient_trust": FactWords(
        N_("Confiance dans les destinataires"),
        N_("Peut-on se fier à ceux qui ont reçu les données ?"),
        N_("De confiance : tenu par un contrat ou un secret, et qui agit en conséquence."),
    ),
    "deletion_confirmed": FactWords(
        N_("Suppression confirmée"),
        N_("Les destinataires ont-ils confirmé avoir tout supprimé ou rendu ?"),
        N_("De préférence par écrit : joignez la réponse."),
    ),
    "backup": FactWords(
        N_("Sauvegarde"),
        N_("Peut-on restaurer les données ?"),
    ),
    "unavailable_hours": FactWords(
        N_("Durée d’indisponibilité, en heures"),
        N_("Pendant combien d’heures les données ont-elles été indisponibles ?"),
        N_("Indiquez 0 si elles sont restées disponibles."),
    ),
    "permanent_loss": FactWords(
        N_("Perte définitive"),
        N_("Des données sont-elles perdues pour toujours ?"),
    ),
    "integrity_outcome": FactWords(
        N_("Suites de l’altération"),
        N_("Si des données ont été modifiées, qu’en est-il résulté ?"),
    ),
}

_EFFECTS_AND_MEASURES: Mapping[str, FactWords] = {
    "effect_on_persons": FactWords(
        N_("Effets constatés sur les personnes"),
        N_("Quels effets avez-vous constatés sur les personnes jusqu’ici ?"),
    ),
    "misuse_observed": FactWords(
        N_("Usage malveillant constaté"),
        N_("A-t-on vu ces données utilisées à mauvais escient ?"),
        N_("Par exemple : des messages frauduleux, des paiements, des comptes ouverts."),
    ),
    "confidentiality_consequences": FactWords(
        N_("Conséquences de la perte de confidentialité"),
        N_("Si les données ont été vues par d’autres, que peut-il en résulter ?"),
    ),
    "integrity_consequences": FactWords(
        N_("Conséquences de la perte d’intégrité"),
        N_("Si les données ont été modifiées, que peut-il en résulter ?"),
    ),
    "availability_consequences": FactWords(
        N_("Conséquences de la perte de disponibilité"),
        N_("Si les données ont manqué, que peut-il en résulter ?"),
    ),
    "harms": FactWords(
        N_("Préjudices potentiels"),
        N_("Que risquent les personnes ?"),
        N_("Cochez ce qui est vraisemblable, même si rien n’est encore arrivé."),
    ),
    "harms_details": FactWords(
        N_("Précisions sur les préjudices"),
        N_("Que pourrait-il leur arriver, concrètement ?"),
        N_("Par exemple : recevoir de faux messages qui citent leur dernière commande."),
    ),
    "gravity": FactWords(
        N_("Niveau de gravité"),
        N_("Quelle est la gravité pour les personnes, sur l’échelle de la CNIL ?"),
    ),
    "measures_taken": FactWords(
        N_("Mesures prises"),
        N_("Qu’avez-vous déjà fait ?"),
        N_("Par exemple : accès fermé, mots de passe changés, prestataire prévenu."),
    ),
    "measures_planned": FactWords(
        N_("Mesures prévues"),
        N_("Que comptez-vous faire encore ?"),
    ),
    "later_measures_remove_high_risk": FactWords(
        N_("Mesures ultérieures écartant le risque élevé"),
        N_("Les mesures prises depuis écartent-elles le risque élevé ?"),
        N_("RGPD, art. 34, § 3, b : le risque élevé n’est plus susceptible de se matérialiser."),
    ),
    "direct_contact_disproportionate": FactWords(
        N_("Information individuelle disproportionnée"),
        N_("Écrire à chaque personne demanderait-il des efforts disproportionnés ?"),
        N_("RGPD, art. 34, § 3, c : une communication publique est alors nécessaire."),
    ),
    "processors_involved": FactWords(
        N_("Autres organismes impliqués"),
        N_("Des sous-traitants ou d’autres responsables sont-ils impliqués ? Lesquels ?"),
        N_("Par exemple : l’hébergeur, le routeur d’e-mails, le transporteur."),
    ),
    "cross_border": FactWords(
        N_("Traitement transfrontalier"),
        N_("Des personnes d’autres pays de l’Union européenne sont-elles concernées ?"),
    ),
    "cross_border_countries": FactWords(
        N_("Pays concernés"),
        N_("Quels pays ?"),
    ),
    "other_authorities": FactWords(
        N_("Autres autorités informées"),
        N_("Avez-vous informé d’autres autorités, ou porté plainte ?"),
        N_("ANSSI, ARS, régulateur de votre secteur, police ou gendarmerie…"),
    ),
    "eu_authorities": FactWords(
        N_("Autres autorités européennes de protection des données"),
        N_("Quelles autres autorités européennes de protection des données avez-vous prévenues ?"),
        N_("Si aucune : « sans objet »."),
    ),
    "police_report": FactWords(
        N_("Plainte ou signalement à la police"),
        N_("Avez-vous porté plainte, ou signalé les faits à la police ou à la justice ?"),
    ),
}

# What an authority's form alone asks for: the assessment does without.
_FILING: Mapping[str, FactWords] = {
    "discovered_by": FactWords(
        N_("Qui a découvert la violation"),
        N_("Par qui l’avez-vous appris ?"),
        N_("« Vous-même » : un collègue, un outil de surveillance ou un contrôle interne."),
    ),
    "subjects_details": FactWords(
        N_("Précisions sur les personnes"),
        N_("Qui sont ces personnes, plus précisément ?"),
        N_("Par exemple : les clients ayant commandé en ligne entre 2023 et 2026."),
    ),
    "security_measures": FactWords(
        N_("Mesures en place au moment de la violation"),
        N_("Quelles mesures de cette liste étaient en place ?"),
    ),
    "consequences_details": FactWords(
        N_("Autres conséquences"),
        N_("Si vous avez coché « Autre » parmi les conséquences : lesquelles ?"),
    ),
    "risk_details": FactWords(
        N_("Explication de l’évaluation du risque"),
        N_("Comment expliquez-vous à l’autorité votre évaluation du risque ?"),
        N_("Qui peut faire quoi de ces données, avec quels effets, et ce qui l’empêche."),
    ),
    "preventive_measures": FactWords(
        N_("Mesures pour éviter que cela se reproduise"),
        N_("Quelles mesures de cette liste avez-vous prises pour l’avenir ?"),
    ),
    "communication_planned_on": FactWords(
        N_("Information des personnes prévue le"),
        N_("Quand comptez-vous informer les personnes ?"),
        N_("Si la date n’est pas encore fixée : « pas encore connu »."),
    ),
    "communication_means": FactWords(
        N_("Moyens d’information des personnes"),
        N_("Par quels moyens les personnes ont-elles été informées ?"),
        N_("Les messages envoyés d’ici comptent déjà : ajoutez ce qui a été fait ailleurs."),
    ),
    "communication_details": FactWords(
        N_("Précisions sur l’information des personnes"),
        N_("Quel autre moyen a servi, ou pourquoi toutes n’ont-elles pas été informées ?"),
        N_("Par exemple : adresses périmées, affiche en magasin."),
    ),
    "lead_authority": FactWords(
        N_("Autorité chef de file"),
        N_("Quelle autorité européenne est votre chef de file ?"),
        N_("Celle du pays de votre établissement principal (RGPD, art. 56)."),
    ),
    "establishment_countries": FactWords(
        N_("Pays de vos établissements"),
        N_("Dans quels pays européens avez-vous un établissement ?"),
    ),
    "persons_by_country": FactWords(
        N_("Nombre de personnes par pays"),
        N_("Combien de personnes environ dans chaque pays ?"),
        N_("Une ligne par pays, comme « Belgique : 120 »."),
    ),
    "never_known": FactWords(
        N_("Ce qui ne pourra pas être établi"),
        N_("Qu’est-ce qui ne pourra pas être établi, même plus tard ?"),
        N_("À cocher seulement si les recherches sont finies. Sinon : pas encore connu."),
    ),
}

FACT_WORDS: Mapping[str, FactWords] = {
    **_STORY_AND_DATES,
    **_NATURE,
    **_DATA_AND_PERSONS,
    **_PROTECTION_AND_SPREAD,
    **_EFFECTS_AND_MEASURES,
    **_FILING,
}
