"""What a communication to data subjects must hold, and what to advise by kind of data.

The texts are in `wording.notices`; here is which are owed and which fit.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from breachdesk.domain.vocabulary import BreachType, DataCategory


class NoticeState(StrEnum):
    """How far a communication has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"


class Part(StrEnum):
    """What Art. 34(2) demands, and `ADVICE`: what the person can do (recital 86)."""

    NATURE = "nature"
    DATA = "data"
    CONSEQUENCES = "consequences"
    MEASURES = "measures"
    ADVICE = "advice"
    CONTACT = "contact"


@dataclass(frozen=True)
class NoticeParts:
    """The texts of a communication, one per part.

    Source: GDPR Art. 34(2) with Art. 33(3)(b)-(d); recital 86 for the advice.
    """

    nature: str = ""
    data: str = ""
    consequences: str = ""
    measures: str = ""
    advice: str = ""
    contact: str = ""

    def as_record(self) -> dict[str, str]:
        """The parts as JSON values."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, str]) -> "NoticeParts":
        """The parts as they were kept."""
        return cls(**{field.name: record.get(field.name, "") for field in fields(cls)})


# Shorter than this is a placeholder, not a text: "TODO", "à compléter".
SHORTEST_PART = 20
# An address or a number at which a person can really be reached.
_REACHABLE = re.compile(r"[^\s@]+@[^\s@]+\.\w+|(?:\+?\d[\s.\u00a0\u202f-]?){9,}")


def missing_parts(parts: NoticeParts) -> list[Part]:
    """The parts of Art. 34(2) that a communication still lacks; it cannot be sent with any.

    The contact must be a way to reach somebody: an e-mail address or a telephone number.
    """
    texts = parts.as_record()
    too_short = {part for part in Part if len(texts[part.value].strip()) < SHORTEST_PART}
    if not _REACHABLE.search(parts.contact):
        too_short.add(Part.CONTACT)
    else:
        too_short.discard(Part.CONTACT)
    return [part for part in Part if part in too_short]


class AdviceTo(StrEnum):
    """What a person concerned can do, by what was lost. Texts: `wording.notices`."""

    BEWARE_OF_PHISHING = "beware_of_phishing"
    BEWARE_OF_LETTERS = "beware_of_letters"
    BEWARE_OF_CALLS = "beware_of_calls"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - the name of an advice
    WATCH_BANK_ACCOUNT = "watch_bank_account"
    BLOCK_CARD = "block_card"
    WATCH_IDENTITY = "watch_identity"
    BEWARE_OF_HEALTH_INSURER = "beware_of_health_insurer"
    BEWARE_OF_CARE_MESSAGES = "beware_of_care_messages"
    BEWARE_OF_EMPLOYER_MESSAGES = "beware_of_employer_messages"
    PERSONAL_SAFETY = "personal_safety"
    KNOWN_ORDERS_AS_PRETEXT = "known_orders_as_pretext"
    WHAT_CANNOT_BE_DONE = "what_cannot_be_done"


ADVICE_FOR: dict[DataCategory, tuple[AdviceTo, ...]] = {
    DataCategory.CONTACT: (
        AdviceTo.BEWARE_OF_PHISHING,
        AdviceTo.BEWARE_OF_CALLS,
        AdviceTo.BEWARE_OF_LETTERS,
    ),
    DataCategory.ACCESS_CREDENTIALS: (AdviceTo.CHANGE_PASSWORD,),
    DataCategory.BANK_ACCOUNT: (AdviceTo.WATCH_BANK_ACCOUNT,),
    DataCategory.PAYMENT_CARD: (AdviceTo.BLOCK_CARD,),
    DataCategory.OFFICIAL_DOCUMENT: (AdviceTo.WATCH_IDENTITY,),
    DataCategory.NATIONAL_ID_NUMBER: (AdviceTo.BEWARE_OF_HEALTH_INSURER,),
    DataCategory.HEALTH: (AdviceTo.BEWARE_OF_CARE_MESSAGES,),
    DataCategory.ECONOMIC: (AdviceTo.BEWARE_OF_EMPLOYER_MESSAGES,),
    DataCategory.EMPLOYMENT: (AdviceTo.BEWARE_OF_EMPLOYER_MESSAGES,),
    DataCategory.LOCATION: (AdviceTo.PERSONAL_SAFETY,),
    DataCategory.PURCHASE_HISTORY: (AdviceTo.KNOWN_ORDERS_AS_PRETEXT,),
}


def advice_for(
    categories: Iterable[DataCategory], breach_types: Iterable[BreachType]
) -> list[AdviceTo]:
    """The advice that goes with what was lost, each once, in the order of `AdviceTo`.

    Everyone whose data got out is warned of forged messages. Where data were only out of
    reach, what helps is to know what cannot be done meanwhile.
    """
    types = set(breach_types)
    if types == {BreachType.AVAILABILITY}:
        return [AdviceTo.WHAT_CANNOT_BE_DONE]
    found = {advice for category in categories for advice in ADVICE_FOR.get(category, ())}
    found.add(AdviceTo.BEWARE_OF_PHISHING)
    return [advice for advice in AdviceTo if advice in found]
