"""The details of an organisation in words, and the zones it may live by."""

from collections.abc import Mapping

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from breachdesk.wording import N_, Wording

# As they stand inside a sentence; a test holds them to `domain.organisation_details`.
DETAIL_NAMES: Mapping[str, str] = {
    "name": N_("nom"),
    "siren": N_("numéro SIREN"),
    "vat_number": N_("numéro de TVA"),
    "sector": N_("secteur d’activité"),
    "headcount": N_("nombre de salariés"),
    "address": N_("adresse postale"),
    "country": N_("pays"),
    "timezone": N_("fuseau horaire"),
    "legal_representative": N_("représentant légal"),
    "contact_name": N_("personne à contacter"),
    "contact_function": N_("fonction de la personne à contacter"),
    "contact_email": N_("adresse électronique de la personne à contacter"),
    "contact_phone": N_("téléphone de la personne à contacter"),
}


def detail_names(names: object, wording: Wording) -> str:
    """The names of details in a list, like "nom, pays"; one nobody knows stays as it is."""
    codes = names if isinstance(names, list | tuple) else [names]
    known = {str(code): DETAIL_NAMES.get(str(code)) for code in codes}
    return ", ".join(wording.text(said) if said else code for code, said in known.items())


def zone_label(zone: str, wording: Wording) -> str:
    """Where a zone is, like "Belgique (Bruxelles)"; its IANA name where nobody knows.

    Args:
        zone: an IANA name, such as "Europe/Brussels".
    """
    territory = get_global("zone_territories").get(zone)
    country = Locale(wording.locale).territories.get(territory)
    if not country:
        return zone
    city = get_timezone_location(zone, locale=wording.locale, return_city=True)
    return country if city == country else f"{country} ({city})"
