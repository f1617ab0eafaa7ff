"""What is said of an organisation: which details there are, and how each is kept."""

from collections.abc import Callable, Mapping
from zoneinfo import available_timezones

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.mail_address import address_fault

# In the order of the authority's form, which asks for all of them but the zone.
DETAILS = (
    "name",
    "siren",
    "vat_number",
    "sector",
    "headcount",
    "address",
    "country",
    "timezone",
    "legal_representative",
    "contact_name",
    "contact_function",
    "contact_email",
    "contact_phone",
)
SIREN_DIGITS = 9

# The zones of the tz database that French territories live by.
FRENCH_ZONES = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/St_Barthelemy",
    "America/Marigot",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Indian/Kerguelen",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Wallis",
)
# The rest of the European Economic Area, and who lives next to it.
OTHER_EUROPEAN_ZONES = (
    *("Asia/Nicosia", "Atlantic/Azores", "Atlantic/Canary", "Atlantic/Madeira"),
    *("Atlantic/Reykjavik", "Europe/Amsterdam", "Europe/Andorra", "Europe/Athens"),
    *("Europe/Belgrade", "Europe/Berlin", "Europe/Bratislava", "Europe/Brussels"),
    *("Europe/Bucharest", "Europe/Budapest", "Europe/Chisinau", "Europe/Copenhagen"),
    *("Europe/Dublin", "Europe/Gibraltar", "Europe/Guernsey", "Europe/Helsinki"),
    *("Europe/Isle_of_Man", "Europe/Istanbul", "Europe/Jersey", "Europe/Kyiv"),
    *("Europe/Lisbon", "Europe/Ljubljana", "Europe/London", "Europe/Luxembourg"),
    *("Europe/Madrid", "Europe/Malta", "Europe/Mariehamn", "Europe/Monaco", "Europe/Oslo"),
    *("Europe/Podgorica", "Europe/Prague", "Europe/Riga", "Europe/Rome", "Europe/San_Marino"),
    *("Europe/Sarajevo", "Europe/Skopje", "Europe/Sofia", "Europe/Stockholm"),
    *("Europe/Tallinn", "Europe/Tirane", "Europe/Vaduz", "Europe/Vatican", "Europe/Vienna"),
    *("Europe/Vilnius", "Europe/Warsaw", "Europe/Zagreb", "Europe/Zurich"),
)


def checked_details(details: Mapping[str, str]) -> dict[str, str]:
    """The details as they are kept.

    Raises:
        InvalidInput: one cannot be kept; its `field` says which.
    """
    return {name: checked_detail(name, text) for name, text in details.items()}


def checked_detail(name: str, text: str) -> str:
    """One of `DETAILS` as it is kept: without blanks around it, a SIREN in groups of three.

    Raises:
        InvalidInput: it cannot be kept.
    """
    return _CHECKS.get(name, str.strip)(text)


def is_siren(text: str) -> bool:
    """Whether these are nine digits whose Luhn sum is a multiple of ten.

    Source: Code de commerce, Art. R123-220 and the INSEE's description of the number.
    """
    if len(text) != SIREN_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(text))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _siren(text: str) -> str:
    digits = "".join(text.split())
    if not digits:
        return ""
    if not is_siren(digits):
        raise InvalidInput("not_a_siren", field="siren", shown=text.strip())
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def _name(text: str) -> str:
    if not text.strip():
        raise InvalidInput("organisation_name_missing", field="name")
    return text.strip()


def _contact_email(text: str) -> str:
    address = text.strip()
    if address and address_fault(address) is not None:
        raise InvalidInput("not_an_address", field="contact_email", shown=address)
    return address


def _timezone(text: str) -> str:
    if text not in available_timezones():
        raise InvalidInput("choice_missing", field="timezone")
    return text


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "name": _name,
    "siren": _siren,
    "contact_email": _contact_email,
    "timezone": _timezone,
}
