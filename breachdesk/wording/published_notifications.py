"""A case beside the published notifications, in words: what is counted, and what is not said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_date
from babel.lists import format_list

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import (
    FEWEST_OF_A_GROUP,
    Comparison,
    Group,
    OriginCount,
    Published,
    PublishedCause,
    Sector,
    Size,
    Trait,
)
from breachdesk.wording import N_, Wording
from breachdesk.wording.times import number

SECTORS: Mapping[StrEnum, str] = {
    Sector.AGRICULTURE: N_("Agriculture, sylviculture et pêche"),
    Sector.MINING: N_("Industries extractives"),
    Sector.MANUFACTURING: N_("Industrie manufacturière"),
    Sector.ENERGY: N_(
        "Production et distribution d’électricité, de gaz, de vapeur et d’air conditionné"
    ),
    Sector.WATER_AND_WASTE: N_(
        "Production et distribution d’eau ; assainissement, gestion des déchets et dépollution"
    ),
    Sector.CONSTRUCTION: N_("Construction"),
    Sector.TRADE: N_("Commerce ; réparation d’automobiles et de motocycles"),
    Sector.TRANSPORT: N_("Transports et entreposage"),
    Sector.HOTELS_AND_RESTAURANTS: N_("Hébergement et restauration"),
    Sector.INFORMATION: N_("Information et communication"),
    Sector.FINANCE: N_("Activités financières et d’assurance"),
    Sector.REAL_ESTATE: N_("Activités immobilières"),
    Sector.PROFESSIONAL: N_("Activités spécialisées, scientifiques et techniques"),
    Sector.SUPPORT_SERVICES: N_("Activités de services administratifs et de soutien"),
    Sector.PUBLIC_ADMINISTRATION: N_("Administration publique"),
    Sector.EDUCATION: N_("Enseignement"),
    Sector.HEALTH: N_("Santé humaine et action sociale"),
    Sector.ARTS: N_("Arts, spectacles et activités récréatives"),
    Sector.OTHER_SERVICES: N_("Autres activités de services"),
    Sector.HOUSEHOLDS: N_(
        "Activités des ménages en tant qu’employeurs ; activités indifférenciées des ménages "
        "en tant que producteurs de biens et services pour usage propre"
    ),
    Sector.EXTRATERRITORIAL: N_("Activités extra-territoriales"),
    Sector.UNKNOWN: N_("Inconnu"),
}
# How a band of people is said inside a sentence: "… concernent aussi …".
SIZES: Mapping[StrEnum, str] = {
    Size.UP_TO_5: N_("5 personnes au plus"),
    Size.UP_TO_50: N_("de 6 à 50 personnes"),
    Size.UP_TO_300: N_("de 51 à 300 personnes"),
    Size.UP_TO_5000: N_("de 301 à 5\u202f000 personnes"),
    Size.MORE: N_("plus de 5\u202f000 personnes"),
}
# "… ont aussi pour origine …". "Other" is never compared.
ORIGINS: Mapping[StrEnum, str] = {
    Origin.LOST_OR_STOLEN_EQUIPMENT: N_("un équipement perdu ou volé"),
    Origin.PAPER_LOST_OR_UNSECURED: N_("un papier perdu, volé ou laissé accessible"),
    Origin.MAIL_LOST_OR_OPENED: N_("un courrier perdu ou ouvert avant son retour"),
    Origin.HACKING: N_("un piratage, un logiciel malveillant ou un hameçonnage"),
    Origin.PAPER_DISPOSAL: N_("des papiers jetés sans être détruits"),
    Origin.DEVICE_DISPOSAL: N_("un appareil mis au rebut sans être effacé"),
    Origin.UNINTENDED_PUBLICATION: N_("une publication non volontaire"),
    Origin.WRONG_PERSON_ON_PORTAL: N_("les données d’une autre personne affichées sur un portail"),
    Origin.WRONG_RECIPIENT: N_("un envoi au mauvais destinataire"),
    Origin.VERBAL_DISCLOSURE: N_("une divulgation de vive voix"),
}
# "… ont aussi pour cause …".
CAUSES: Mapping[StrEnum, str] = {
    PublishedCause.EXTERNAL_MALICIOUS: N_("un acte externe malveillant"),
    PublishedCause.EXTERNAL_ACCIDENTAL: N_("un acte externe accidentel"),
    PublishedCause.INTERNAL_MALICIOUS: N_("un acte interne malveillant"),
    PublishedCause.INTERNAL_ACCIDENTAL: N_("un acte interne accidentel"),
}
TOLD: Mapping[StrEnum, str] = {
    CommunicationState.DONE: N_("déjà informées"),
    CommunicationState.PLANNED: N_("allaient l’être"),
    CommunicationState.NOT_PLANNED: N_("ne le seraient pas"),
    CommunicationState.UNDECIDED: N_("pas encore décidé"),
}
_ALIKE: Mapping[Trait, str] = {
    Trait.SECTOR: N_("de votre secteur (%(sector)s)"),
    Trait.ORIGIN: N_("de même origine"),
    Trait.SIZE: N_("de taille comparable"),
}


@dataclass(frozen=True)
class ToldShare:
    """One answer to "were people told?": its code, its words, its figure, its part of all."""

    code: str
    label: str
    figure: str
    part: float


@dataclass(frozen=True)
class Beside:
    """What the page says of a case beside the published notifications, in a language."""

    sentence: str
    told_sentence: str
    told: tuple[ToldShare, ...]
    notes: tuple[str, ...]
    file_name: str
    dated: str


def describe_beside(found: Comparison, wording: Wording) -> Beside:
    """A case beside the published notifications, in a language."""
    group = found.group
    return Beside(
        _sentence(found, wording),
        _told_sentence(found, wording),
        tuple(_told_share(state, group, wording) for state in CommunicationState),
        tuple(_notes(found, wording)),
        found.published.file_name,
        _dated(found.published, wording),
    )


def share(count: int, total: int, wording: Wording) -> str:
    """A part of a whole in percent; never "0 %" of something, nor "100 %" of less than all."""
    if 0 < 200 * count < total:
        return wording.text("moins de %(percent)s %%", percent=1)
    rounded = (200 * count + total) // (2 * total) if total else 0
    if rounded == 100 and count < total:
        return wording.text("plus de %(percent)s %%", percent=99)
    return wording.text("%(percent)s %%", percent=rounded)


def _dated(published: Published, wording: Wording) -> str:
    if published.extracted_on:
        return wording.text("extraction du %(day)s", day=_day(published.extracted_on, wording))
    if published.imported_on:
        return wording.text("importé le %(day)s", day=_day(published.imported_on, wording))
    return ""


def _day(day: date, wording: Wording) -> str:
    if wording.locale != "fr":
        return format_date(day, "d MMMM y", locale="en_GB")
    said = format_date(day, "d MMMM y", locale="fr")
    return f"1er{said[1:]}" if day.day == 1 else said


def month(text: str, wording: Wording) -> str:
    """A month like "2018-05" in words."""
    year, of_year = text.split("-")
    return format_date(date(int(year), int(of_year), 1), "MMMM y", locale=wording.locale)


# --- How common it is ------------------------------------------------------------------------


def _sentence(found: Comparison, wording: Wording) -> str:
    published = found.published
    known = {
        "total": number(published.total, wording),
        "first": month(published.first_month, wording),
        "last": month(published.last_month, wording),
    }
    clauses = list(_clauses(found, wording))
    if not clauses:
        return wording.text(
            "La CNIL a publié %(total)s notifications de violations, reçues de %(first)s à "
            "%(last)s. Ce que l’on sait de ce dossier ne permet pas encore de l’y situer.",
            **known,
        )
    return wording.text(
        "Sur les %(total)s violations notifiées à la CNIL de %(first)s à %(last)s et publiées "
        "par elle, %(clauses)s.",
        **known,
        clauses=wording.text(" ; ").join(clauses),
    )


def _clauses(found: Comparison, wording: Wording) -> Iterable[str]:
    total = found.published.total
    for each in found.origins:
        yield _origin_clause(each, total, wording)
    if found.cause_count is not None and found.traits.cause:
        yield wording.plural(
            "%(count)s (%(share)s) a aussi pour cause %(what)s",
            "%(count)s (%(share)s) ont aussi pour cause %(what)s",
            found.cause_count,
            **_figures(found.cause_count, total, wording),
            what=wording.text(CAUSES[found.traits.cause]),
        )
    if found.size_count is not None and found.traits.size:
        yield wording.plural(
            "%(count)s (%(share)s) concerne aussi %(what)s",
            "%(count)s (%(share)s) concernent aussi %(what)s",
            found.size_count,
            **_figures(found.size_count, total, wording),
            what=wording.text(SIZES[found.traits.size]),
        )


def _origin_clause(each: OriginCount, total: int, wording: Wording) -> str:
    figures = _figures(each.count, total, wording)
    what = wording.text(ORIGINS[each.origin])
    if each.is_ceiling:
        return wording.text(
            "%(count)s au plus (%(share)s) ont aussi pour origine %(what)s",
            **figures,
            what=what,
        )
    if not each.count:
        return wording.text("aucune n’a pour origine %(what)s", what=what)
    return wording.plural(
        "%(count)s (%(share)s) a aussi pour origine %(what)s",
        "%(count)s (%(share)s) ont aussi pour origine %(what)s",
        each.count,
        **figures,
        what=what,
    )


def _figures(count: int, total: int, wording: Wording) -> dict[str, str]:
    return {"count": number(count, wording), "share": share(count, total, wording)}


# --- Whether people were told ----------------------------------------------------------------


def _told_sentence(found: Comparison, wording: Wording) -> str:
    group = found.group
    figures = _figures(group.told_or_to_be, group.total, wording)
    if not group.alike_in:
        return wording.text(
            "Toutes violations confondues, les personnes étaient informées, ou allaient "
            "l’être, dans %(count)s cas (%(share)s).",
            **figures,
        )
    sector = wording.text(SECTORS[found.traits.sector or Sector.UNKNOWN])
    alike = [
        wording.text(words, sector=sector)
        for trait, words in _ALIKE.items()
        if trait in group.alike_in
    ]
    return wording.text(
        "Parmi les %(total)s notifications %(alike)s, les personnes étaient informées, ou "
        "allaient l’être, dans %(count)s cas (%(share)s).",
        **figures,
        total=number(group.total, wording),
        alike=format_list(alike, locale="fr" if wording.locale == "fr" else "en_GB"),
    )


def _told_share(state: CommunicationState, group: Group, wording: Wording) -> ToldShare:
    count = group.told.get(state, 0)
    figures = _figures(count, group.total, wording)
    return ToldShare(
        state.value,
        wording.text(TOLD[state]),
        wording.text("%(count)s (%(share)s)", **figures),
        count / group.total if group.total else 0,
    )


# --- What these figures do not say -----------------------------------------------------------


def _notes(found: Comparison, wording: Wording) -> Iterable[str]:
    published, group = found.published, found.group
    yield wording.text(
        "Ces chiffres situent le dossier ; ils ne comptent pas dans l’évaluation. Les "
        "violations qui n’avaient pas à être notifiées n’y figurent pas."
    )
    yield wording.text(
        "Une notification peut nommer plusieurs origines et plusieurs causes : ces parts ne "
        "s’additionnent pas. L’information des personnes est celle qui a été déclarée en "
        "notifiant."
    )
    yield _flood_note(published, wording)
    if any(each.is_ceiling for each in found.origins):
        yield wording.text("Seules les dix origines les plus fréquentes sont comptées une à une.")
    if not published.rows:
        yield wording.text(
            "Ce sont des totaux, qui ne se croisent pas : ils ne disent pas combien "
            "d’organismes ont informé les personnes dans un cas comme le vôtre. Le fichier "
            "complet de la CNIL, que l’exploitant peut importer, le dit."
        )
    elif group.alike_in != found.traits.known:
        yield wording.text(
            "Moins de %(fewest)s notifications ressemblent davantage à ce dossier : c’est "
            "trop peu pour en dire quelque chose.",
            fewest=FEWEST_OF_A_GROUP,
        )
    if published.rows and not found.traits.sector:
        yield wording.text(
            "Le secteur de votre organisation n’est pas indiqué, ou n’est pas reconnu : un code "
            "NAF, comme 47.91B, dans la fiche de l’organisation y suffit."
        )


def _flood_note(published: Published, wording: Wording) -> str:
    if published.in_one_flood:
        return wording.text(
            "Un incident chez un sous-traitant peut donner des milliers de notifications, "
            "une par responsable du traitement : selon la CNIL, deux incidents en font "
            "%(count)s à eux seuls.",
            count=number(published.in_one_flood, wording),
        )
    return wording.text(
        "Un incident chez un sous-traitant peut donner des milliers de notifications, une "
        "par responsable du traitement, et peser lourd dans ces chiffres."
    )
