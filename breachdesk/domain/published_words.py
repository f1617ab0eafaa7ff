"""The words of the CNIL's open data, and the code that each stands for.

They are compared without regard to capitals, accents, the kind of apostrophe or of space:
the file itself writes "Equipement", ' and ’, and '' where its software doubled one.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import PublishedCause, Sector, Size

_SECTORS: Mapping[StrEnum, str] = {
    Sector.AGRICULTURE: "Agriculture, sylviculture et pêche",
    Sector.MINING: "Industries extractives",
    Sector.MANUFACTURING: "Industrie manufacturière",
    Sector.ENERGY: (
        "Production et distribution d'électricité, de gaz, de vapeur et d'air conditionné"
    ),
    Sector.WATER_AND_WASTE: (
        "Production et distribution d'eau ; assainissement, gestion des déchets et dépollution"
    ),
    Sector.CONSTRUCTION: "Construction",
    Sector.TRADE: "Commerce ; réparation d'automobiles et de motocycles",
    Sector.TRANSPORT: "Transports et entreposage",
    Sector.HOTELS_AND_RESTAURANTS: "Hébergement et restauration",
    Sector.INFORMATION: "Information et communication",
    Sector.FINANCE: "Activités financières et d'assurance",
    Sector.REAL_ESTATE: "Activités immobilières",
    Sector.PROFESSIONAL: "Activités spécialisées, scientifiques et techniques",
    Sector.SUPPORT_SERVICES: "Activités de services administratifs et de soutien",
    Sector.PUBLIC_ADMINISTRATION: "Administration publique",
    Sector.EDUCATION: "Enseignement",
    Sector.HEALTH: "Santé humaine et action sociale",
    Sector.ARTS: "Arts, spectacles et activités récréatives",
    Sector.OTHER_SERVICES: "Autres activités de services",
    Sector.HOUSEHOLDS: (
        "Activités des ménages en tant qu'employeurs ; activités indifférenciées des ménages "
        "en tant que producteurs de biens et services pour usage propre"
    ),
    Sector.EXTRATERRITORIAL: "Activités extra-territoriales",
    Sector.UNKNOWN: "Inconnu",
}
_ORIGINS: Mapping[StrEnum, str] = {
    Origin.LOST_OR_STOLEN_EQUIPMENT: "Equipement perdu ou volé",
    Origin.PAPER_LOST_OR_UNSECURED: (
        "Papier perdu, volé ou laissé accessible dans un endroit non sécurisé"
    ),
    Origin.MAIL_LOST_OR_OPENED: "Courrier perdu ou ouvert avant d'être retourné à l'envoyeur",
    Origin.HACKING: "Piratage, logiciel malveillant (par exemple rançongiciel) et/ou hameçonnage",
    Origin.PAPER_DISPOSAL: (
        "Mise au rebut de documents papier contenant des données personnelles "
        "sans destruction physique"
    ),
    Origin.DEVICE_DISPOSAL: (
        "Mise au rebut d'appareils numériques contenant des données personnelles "
        "sans effacement sécurisé"
    ),
    Origin.UNINTENDED_PUBLICATION: "Publication non volontaire d'informations",
    Origin.WRONG_PERSON_ON_PORTAL: (
        "Données de la mauvaise personne affichées sur le portail du client"
    ),
    Origin.WRONG_RECIPIENT: "Données personnelles envoyées à un mauvais destinataire",
    Origin.VERBAL_DISCLOSURE: "Informations personnelles divulguées de façon verbale",
    Origin.OTHER: "Autre",
}
_CAUSES: Mapping[StrEnum, str] = {
    PublishedCause.EXTERNAL_MALICIOUS: "Acte externe malveillant",
    PublishedCause.EXTERNAL_ACCIDENTAL: "Acte externe accidentel",
    PublishedCause.INTERNAL_MALICIOUS: "Acte interne malveillant",
    PublishedCause.INTERNAL_ACCIDENTAL: "Acte interne accidentel",
    PublishedCause.UNKNOWN: "Inconnu",
    PublishedCause.OTHER: "Autre",
}
_SIZES: Mapping[StrEnum, str] = {
    Size.UP_TO_5: "Entre 0 et 5 personnes",
    Size.UP_TO_50: "Entre 6 et 50 personnes",
    Size.UP_TO_300: "Entre 51 et 300 personnes",
    Size.UP_TO_5000: "Entre 301 et 5000 personnes",
    Size.MORE: "Plus de 5000 personnes",
}
_TOLD: Mapping[StrEnum, str] = {
    CommunicationState.DONE: "Oui, les personnes ont été informées",
    CommunicationState.PLANNED: "Non, mais elles le seront",
    CommunicationState.NOT_PLANNED: "Non ils ne le seront pas",
    CommunicationState.UNDECIDED: "Non déterminé pour le moment",
}
# For each enum, the words of each of its members as the file has them.
WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Sector: _SECTORS,
    Origin: _ORIGINS,
    PublishedCause: _CAUSES,
    Size: _SIZES,
    CommunicationState: _TOLD,
}


@lru_cache(maxsize=4096)
def plain(words: str) -> str:
    """Words without capitals, accents, and the differences that software makes."""
    letters = unicodedata.normalize("NFKD", words.replace("’", "'").replace("''", "'"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


CODES: Mapping[type[StrEnum], Mapping[str, StrEnum]] = {
    enum: {plain(words): code for code, words in said.items()} for enum, said in WORDS.items()
}


# --- The sector that an organisation gives itself --------------------------------------------

# The first and last division of each section; Regulation (EC) No 1893/2006, Annex I (NACE
# Rev. 2), which the French NAF follows in its first four digits.
_DIVISIONS: tuple[tuple[int, int, Sector], ...] = (
    (1, 3, Sector.AGRICULTURE),
    (5, 9, Sector.MINING),
    (10, 33, Sector.MANUFACTURING),
    (35, 35, Sector.ENERGY),
    (36, 39, Sector.WATER_AND_WASTE),
    (41, 43, Sector.CONSTRUCTION),
    (45, 47, Sector.TRADE),
    (49, 53, Sector.TRANSPORT),
    (55, 56, Sector.HOTELS_AND_RESTAURANTS),
    (58, 63, Sector.INFORMATION),
    (64, 66, Sector.FINANCE),
    (68, 68, Sector.REAL_ESTATE),
    (69, 75, Sector.PROFESSIONAL),
    (77, 82, Sector.SUPPORT_SERVICES),
    (84, 84, Sector.PUBLIC_ADMINISTRATION),
    (85, 85, Sector.EDUCATION),
    (86, 88, Sector.HEALTH),
    (90, 93, Sector.ARTS),
    (94, 96, Sector.OTHER_SERVICES),
    (97, 98, Sector.HOUSEHOLDS),
    (99, 99, Sector.EXTRATERRITORIAL),
)
_NAF_CODE = re.compile(r"\b(\d\d)(?:\.\d{1,2}[A-Z]?|\d\d[A-Z])\b")
# First words that can mean one section only. "Construction" is none: ships are built too.
_FIRST_WORDS: Mapping[str, Sector] = {
    "agriculture": Sector.AGRICULTURE,
    "assurance": Sector.FINANCE,
    "assurances": Sector.FINANCE,
    "banque": Sector.FINANCE,
    "commerce": Sector.TRADE,
    "enseignement": Sector.EDUCATION,
    "immobilier": Sector.REAL_ESTATE,
    "sante": Sector.HEALTH,
    "transport": Sector.TRANSPORT,
    "transports": Sector.TRANSPORT,
}


def sector_in(text: str) -> Sector | None:
    """The sector that an organisation means by what it wrote of itself, if that is certain.

    It may be one of the CNIL's own words, a NAF code ("47.91B") or a beginning that leaves
    no choice ("Commerce de détail"). None: it may be anything, and nothing is claimed.
    """
    said = plain(text)
    exact = CODES[Sector].get(said)
    if exact is not None:
        return Sector(exact)
    code = _NAF_CODE.search(text)
    if code:
        division = int(code[1])
        return next((s for first, last, s in _DIVISIONS if first <= division <= last), None)
    return _FIRST_WORDS.get(re.split(r"[^a-z]", said, maxsplit=1)[0])
