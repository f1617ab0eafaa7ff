"""The factors of the risk: what the data allow, who holds them, what people go without.

Each function weighs one factor of EDPB Guidelines 9/2022, section IV.B, and is monotone:
a graver fact never lowers its answer. How they combine is `duties.judge`.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

from breachdesk.domain.situation import Codes, Rank, Situation
from breachdesk.domain.vocabulary import DataCategory as Data
from breachdesk.domain.vocabulary import DataSubjectCategory


class Harm(IntEnum):
    """How far the data, in the wrong hands, can hurt the people they are about."""

    NIL = 0  # nobody can be recognised
    MINIMAL = 1  # unwanted messages
    SMALL = 2  # identity and purchases: what a parcel label shows
    NOTABLE = 3  # life, work, contracts: enough to deceive or embarrass
    SERIOUS = 4  # fraud, identity theft, intrusion into private life
    GRAVE = 5  # discrimination, humiliation, physical danger; complete identity theft


class Exposure(IntEnum):
    """Who has the data and what they intend: how likely the harm is."""

    NONE = 0  # nobody, or nobody who can read them
    CONTAINED = 1  # someone trusted, who has deleted them
    RECALLED = 2  # one known person, who has deleted them
    KNOWN = 3  # a few known persons without ill will
    OPEN = 4  # many persons, or nobody knows who
    ADVERSE = 5  # an insider, or a known person, acting against people or the organisation
    HOSTILE = 6  # an outsider, or unknown persons, with ill will


class Risk(IntEnum):
    """The risk to the rights and freedoms of natural persons."""

    UNLIKELY = 0  # GDPR Art. 33(1): "unlikely to result in a risk"
    RISK = 1  # Art. 33(1): the authority is notified
    HIGH_RISK = 2  # Art. 34(1): data subjects are told


# By rank: an index is many times quicker than a call of the enum.
_HARMS, _EXPOSURES = tuple(Harm), tuple(Exposure)

# GDPR Art. 9(1) and Art. 10: the law itself holds these to be grave.
SPECIAL_CATEGORIES: Codes = frozenset(
    {
        Data.HEALTH,
        Data.RACIAL_ETHNIC_ORIGIN,
        Data.POLITICAL_OPINIONS,
        Data.RELIGIOUS_BELIEFS,
        Data.UNION_MEMBERSHIP,
        Data.SEXUAL_LIFE,
        Data.BIOMETRIC,
        Data.GENETIC,
        Data.CRIMINAL,
    }
)

# What each kind of data says about a person. EDPB 9/2022, section IV.B; 01/2021 cases.
REVEALS: Mapping[str, Harm] = {
    Data.CONTACT: Harm.MINIMAL,
    Data.IDENTIFIERS: Harm.MINIMAL,
    Data.CIVIL_STATUS: Harm.SMALL,
    Data.PURCHASE_HISTORY: Harm.SMALL,
    Data.OTHER: Harm.SMALL,
    Data.CONTRACT: Harm.NOTABLE,
    Data.EDUCATION: Harm.NOTABLE,
    Data.EMPLOYMENT: Harm.NOTABLE,
    Data.FAMILY: Harm.NOTABLE,
    Data.PHOTO: Harm.NOTABLE,
    Data.BEHAVIOUR: Harm.NOTABLE,
    Data.ECONOMIC: Harm.SERIOUS,
    Data.TRANSACTIONS: Harm.SERIOUS,
    Data.LOCATION: Harm.SERIOUS,
    Data.COMMUNICATIONS: Harm.SERIOUS,
    **dict.fromkeys(SPECIAL_CATEGORIES, Harm.GRAVE),
}

# What each kind of data lets a stranger do, whatever it says about the person.
ENABLES: Mapping[str, Harm] = {
    Data.PAYMENT_CARD_PARTIAL: Harm.NOTABLE,
    Data.PAYMENT_CARD: Harm.SERIOUS,
    Data.BANK_ACCOUNT: Harm.SERIOUS,
    Data.NATIONAL_ID_NUMBER: Harm.SERIOUS,
    Data.OFFICIAL_DOCUMENT: Harm.SERIOUS,
}

# Passwords, by how they were stored (Rank.STRONG_HASH ... NO_HASH). EDPB 01/2021, case 6.
CREDENTIALS_ENABLE = (Harm.MINIMAL, Harm.NOTABLE, Harm.SERIOUS)

# Together these pass a caller off as somebody else. EDPB 01/2021, case 17.
IMPERSONATION: Codes = frozenset({Data.CIVIL_STATUS, Data.CONTACT, Data.IDENTIFIERS})
# An identity and a means of payment: all that identity theft takes. EDPB 01/2021, case 4.
IDENTITY_PROOF: Codes = frozenset({Data.NATIONAL_ID_NUMBER, Data.OFFICIAL_DOCUMENT})
MEANS_OF_PAYMENT: Codes = frozenset({Data.PAYMENT_CARD, Data.BANK_ACCOUNT})

# An intruder unnoticed this long had the time to take what he could reach (01/2021, case 5:
# a month). Our figure.
LONG_UNNOTICED_DAYS = 14
# Care that waits: a working morning; a day (9/2022 Annex B viii: 30 hours). Our figures.
CARE_DELAYED_HOURS = 4
CARE_INTERRUPTED_HOURS = 24
# A day without, felt by people or with no full copy (01/2021, case 2: five working days);
# three days without, whatever the copies. Our figures.
LONG_WITHOUT_HOURS = 24
VERY_LONG_WITHOUT_HOURS = 72


def harm(situation: Situation) -> Harm:
    """How far the data can hurt: by what they say, what they allow, and about whom."""
    return _of_whom(max(revealed(situation), enabled(situation), context(situation)), situation)


def is_telling(situation: Situation) -> bool:
    """Whether the harm lies in knowing the data, and not only in what may be done with them.

    Whoever reads of an illness knows it; a number and an account hurt nobody until someone
    means to use them (recital 75: "loss of confidentiality", and "identity theft or fraud").
    """
    return said(situation) >= harm(situation)


def said(situation: Situation) -> Harm:
    """How far what the data say can hurt, whatever may be done with them."""
    return _of_whom(max(revealed(situation), context(situation)), situation)


def highest_of(table: Mapping[str, Harm], data: Codes) -> Harm:
    """The gravest of these categories in a table; what it does not list is minimal."""
    return max([table[code] for code in data if code in table], default=Harm.MINIMAL)


# The same few sets of categories are weighed hundreds of times in one assessment.
@lru_cache(maxsize=256)
def _weighed(data: Codes) -> tuple[Harm, Harm]:
    """What categories say, and what they let a stranger do, before anything else."""
    enables = highest_of(ENABLES, data)
    if allows_impersonation(data):
        enables = max(enables, Harm.NOTABLE)
    if completes_identity_theft(data):
        enables = Harm.GRAVE
    return highest_of(REVEALS, data), enables


def revealed(situation: Situation) -> int:
    """What the data say about people, by category and then by real insight.

    A category weighs less where these data say little (01/2021, case 15: an intolerance
    is not an illness) and more where they draw a portrait (case 17: bills).
    """
    level: int = _weighed(situation.data)[0]
    if situation.data_insight == Rank.TRIVIAL:
        return max(level - 3, Harm.MINIMAL)
    if situation.data_insight == Rank.LIMITED:
        return level - 1 if level > Harm.NOTABLE else level
    if situation.data_insight == Rank.DETAILED:
        return min(level + 1, Harm.GRAVE)
    return level


def enabled(situation: Situation) -> int:
    """What the data let a stranger do: pay, sign in, pass for somebody else."""
    level: int = _weighed(situation.data)[1]
    if Data.ACCESS_CREDENTIALS in situation.data:
        level = max(level, CREDENTIALS_ENABLE[protection_left(situation)])
    # Trivial here means out of date or incomplete, so of less use; never of none.
    if situation.data_insight == Rank.TRIVIAL:
        return max(level - 1, Harm.MINIMAL)
    return level


def protection_left(situation: Situation) -> int:
    """How passwords are protected now: a hash holds as long as its salt, and until misuse.

    Whoever signs in with a password knows it, however it was stored (01/2021, case 7).
    """
    if situation.key_compromised or situation.misuse_observed:
        return Rank.NO_HASH
    return situation.credentials_protection


def allows_impersonation(data: Codes) -> bool:
    """Whether the data answer the questions by which a service knows its customers."""
    return data >= IMPERSONATION


def completes_identity_theft(data: Codes) -> bool:
    """Whether the data hold both a proof of identity and a means of payment."""
    return not (data.isdisjoint(IDENTITY_PROOF) or data.isdisjoint(MEANS_OF_PAYMENT))


def context(situation: Situation) -> Harm:
    """Being on the list says it all (9/2022 Annex B x; CJEU C-184/20)."""
    return Harm.GRAVE if situation.context_reveals_sensitive else Harm.MINIMAL


def _of_whom(level: int, situation: Situation) -> Harm:
    """Some people need more protection; those hardly recognised are hardly hurt (case 6)."""
    if situation.has_special_characteristics:
        level = min(level + 1, Harm.GRAVE)
    if situation.identifiability == Rank.NEGLIGIBLE:
        return _HARMS[max(level - 3, Harm.NIL)]
    if situation.identifiability == Rank.HARDLY:
        return _HARMS[max(level - 1, Harm.MINIMAL)]
    return _HARMS[level]


def exposure(situation: Situation) -> Exposure:
    """Who has the data and what they intend."""
    if situation.is_unreadable:
        return Exposure.NONE
    level = _held_by(situation)
    if situation.access:
        # Whoever has not found the way in yet may still find it.
        level = max(Exposure.KNOWN, min(level + 1, Exposure.OPEN))
    if situation.is_malicious and situation.exfiltration >= Rank.POSSIBLE:
        level = max(level, Exposure.OPEN)
    if situation.misuse_observed or (situation.is_malicious and _is_in_hands(situation)):
        # Who breaks in came for the data; to know the name changes nothing (case 17).
        outside = situation.cause == Rank.OUTSIDER or holders(situation) >= Rank.UNIDENTIFIED
        level = Exposure.HOSTILE if outside else Exposure.ADVERSE
    return _EXPOSURES[level]


def holders(situation: Situation) -> int:
    """Who has or may have the data; an intruder's publication gives them to everyone."""
    published = situation.exfiltration == Rank.PUBLISHED
    return Rank.PUBLIC if published else situation.recipients


def _held_by(situation: Situation) -> int:
    """Where the data are, before anyone's intentions. EDPB 01/2021, cases 9 and 13 to 16."""
    held_by, trust = holders(situation), situation.recipient_trust
    returned = trust == Rank.TRUSTED and situation.deletion_confirmed == Rank.DELETED
    if held_by == Rank.NOBODY:
        left = situation.exfiltration >= Rank.POSSIBLE
        return Exposure.CONTAINED if left else Exposure.NONE
    if held_by <= Rank.FEW:
        return Exposure.CONTAINED if returned else _held_by_few(situation)
    if held_by == Rank.MANY:
        # However many promise, some copy stays (01/2021, case 14).
        return Exposure.KNOWN if returned else Exposure.OPEN
    return Exposure.OPEN


def _held_by_few(situation: Situation) -> Exposure:
    if situation.recipient_trust == Rank.HOSTILE:
        return Exposure.OPEN
    deleted = situation.deletion_confirmed == Rank.DELETED
    alone = situation.recipients == Rank.ONE
    return Exposure.RECALLED if deleted and alone else Exposure.KNOWN


def was_long_unnoticed(situation: Situation) -> bool:
    """Whether an intruder had the time to take what is only known to be possible."""
    return (
        situation.exfiltration == Rank.POSSIBLE and situation.undetected_days >= LONG_UNNOTICED_DAYS
    )


def _is_in_hands(situation: Situation) -> bool:
    """Whether whoever meant harm has the data, as far as anyone can tell."""
    if situation.exfiltration == Rank.NO_INTRUDER:
        # A thief, or an insider: the data are with them (01/2021, cases 8, 11 and 12).
        return situation.recipients > Rank.NOBODY
    still_open = situation.access and situation.recipients >= Rank.UNIDENTIFIED
    return situation.exfiltration >= Rank.LIKELY or was_long_unnoticed(situation) or still_open


def needs_care(situation: Situation) -> bool:
    """Whether people's care depends on the data (9/2022 Annex B viii; 01/2021, case 3)."""
    depends = situation.vulnerable_subjects or (
        DataSubjectCategory.PATIENTS in situation.data_subjects
    )
    return depends and Data.HEALTH in situation.data


def time_without(situation: Situation) -> Risk:
    """What people risk because data are out of reach for a time."""
    hours = situation.unavailable_hours
    if needs_care(situation) and hours >= CARE_DELAYED_HOURS:
        return Risk.HIGH_RISK if hours >= CARE_INTERRUPTED_HOURS else Risk.RISK
    felt = situation.effect_on_persons >= Rank.MINOR or situation.backup > Rank.AVAILABLE
    limit = LONG_WITHOUT_HOURS if felt else VERY_LONG_WITHOUT_HOURS
    return Risk.RISK if hours >= limit else Risk.UNLIKELY


def loss(situation: Situation) -> Risk:
    """What people risk because data are gone for good (9/2022 Annex B iv; 01/2021, 12)."""
    if not situation.permanent_loss:
        return Risk.UNLIKELY
    # Nobody steals an identity with data that are gone: only what they say counts.
    grave = said(situation) >= Harm.GRAVE or needs_care(situation)
    return Risk.HIGH_RISK if grave else Risk.RISK


def alteration(situation: Situation) -> Risk:
    """What people risk because altered data were used (01/2021, case 17)."""
    if situation.integrity_outcome == Rank.UNTOUCHED:
        return Risk.UNLIKELY
    for_good = situation.integrity_outcome == Rank.MISUSED_FOR_GOOD
    limit = Harm.NOTABLE if for_good else Harm.SERIOUS
    return Risk.HIGH_RISK if harm(situation) >= limit else Risk.RISK
