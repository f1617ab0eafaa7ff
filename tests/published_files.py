"""Files as the CNIL publishes them, made for the tests: our own lines, its quirks."""

from collections.abc import Iterable, Sequence

NOTE = "Extraction générée le 18 mars 2026 (nota : un incident peut compter mille fois)"
HEADS = (
    "Date de réception de la notification\u00a0",
    "Secteur d'activité de l'organisme concerné",
    "Natures de la violation",
    "Nombre de personnes impactées",
    "Typologies des données impactées",
    "Données sensibles",
    "Origines de l'incident",
    "Causes de l'incident",
    "Information des personnes",
)
HACKING = "Piratage, logiciel malveillant (par exemple rançongiciel) et/ou hameçonnage"
WRONG_RECIPIENT = "Données personnelles envoyées à un mauvais destinataire"
DISPOSAL = (
    "Mise au rebut d’appareils numériques contenant des données personnelles "
    "sans effacement sécurisé"
)
TRADE = "Commerce ; réparation d''automobiles et de motocycles"
FINANCE = "Activités financières et d''assurance"
HEALTH = "Santé humaine et action sociale"
MALICIOUS = "Acte externe malveillant"
ACCIDENT = "Acte interne accidentel"
BAND_5, BAND_5000 = "Entre 0 et 5 personnes", "Entre 301 et 5000 personnes"
TOLD, TO_BE_TOLD = "Oui, les personnes ont été informées", "Non, mais elles le seront"
NOT_TOLD, UNDECIDED = "Non ils ne le seront pas", "Non déterminé pour le moment"
CONTACT = "Coordonnées (ex : adresse postale ou électronique, numéros de téléphone fixe...)"


def row(
    *,
    month: str = "2025-12",
    sector: str = TRADE,
    size: str = BAND_5000,
    sensitive: str = "",
    origins: Sequence[str] = (HACKING,),
    causes: Sequence[str] = (MALICIOUS,),
    told: str = TOLD,
) -> str:
    """One notification as a line, quoted where it must be."""
    cells = (
        month,
        sector,
        "Perte de la confidentialité,Perte de l'intégrité",
        size,
        f"Etat civil (ex : nom, sexe...),{CONTACT}",
        sensitive,
        ",".join(origins),
        ",".join(causes),
        told,
    )
    return ";".join(f'"{cell}"' if ";" in cell else cell for cell in cells)


def file_of(rows: Iterable[str], *, encoding: str = "cp1252", end: str = "\r\n") -> bytes:
    """A whole file with its note and its heads."""
    lines = [f"{NOTE};;;;;;;;", ";".join(HEADS), *rows, ""]
    return end.join(lines).encode(encoding)


# Fifty notifications: thirty of a hacked trader, told or to be told in twenty-four.
FIFTY = (
    *[row(told=TOLD)] * 10,
    *[row(told=TO_BE_TOLD, origins=(HACKING, "Autre"))] * 14,
    *[row(told=NOT_TOLD, month="2018-05")] * 2,
    *[row(told=UNDECIDED, sensitive="Oui", causes=("Inconnu", MALICIOUS))] * 4,
    *[row(sector=HEALTH, told=TOLD)] * 9,
    *[row(sector=FINANCE, size=BAND_5, origins=(WRONG_RECIPIENT,), causes=(ACCIDENT,))] * 8,
    *[row(sector="Inconnu", size=BAND_5, origins=(DISPOSAL,), causes=(), told=NOT_TOLD)] * 3,
)
SAMPLE = file_of(FIFTY)
