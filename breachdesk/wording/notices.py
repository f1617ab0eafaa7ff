"""The communication to data subjects in plain words: a first draft built from the case.

A person reviews and changes it. What the case does not say is left empty, so that the
check of Art. 34(2) asks for it rather than a phrase hiding it. The advice by kind of data
follows what the CNIL and cybermalveillance.gouv.fr recommend.
"""

from collections.abc import Mapping
from datetime import datetime

from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.notices import AdviceTo, NoticeParts, Part, advice_for
from breachdesk.domain.vocabulary import AccessState, BreachType, DataCategory, Vector
from breachdesk.wording import N_, Wording
from breachdesk.wording.times import local_time

PART_HEADINGS: Mapping[Part, str] = {
    Part.NATURE: N_("Que s’est-il passé ?"),
    Part.DATA: N_("Quelles données vous concernant sont touchées ?"),
    Part.CONSEQUENCES: N_("Quelles peuvent être les conséquences ?"),
    Part.MEASURES: N_("Qu’avons-nous fait ?"),
    Part.ADVICE: N_("Que pouvez-vous faire ?"),
    Part.CONTACT: N_("À qui vous adresser ?"),
}

ADVICE: Mapping[AdviceTo, str] = {
    AdviceTo.BEWARE_OF_PHISHING: N_(
        "Méfiez-vous des courriels et des SMS inattendus, même s’ils citent vos données : "
        "n’ouvrez pas leurs pièces jointes, ne cliquez pas sur leurs liens, ne répondez pas ; "
        "tapez vous-même l’adresse du site officiel."
    ),
    AdviceTo.BEWARE_OF_LETTERS: N_(
        "Méfiez-vous des faux courriers et des faux avis de passage de colis."
    ),
    AdviceTo.BEWARE_OF_CALLS: N_(
        "Au téléphone, ne donnez ni code ni mot de passe ; en cas de doute, raccrochez et "
        "rappelez un numéro que vous connaissez. Si votre ligne mobile se coupe sans raison, "
        "appelez votre opérateur."
    ),
    AdviceTo.CHANGE_PASSWORD: N_(
        "Changez votre mot de passe chez nous et partout où vous l’avez aussi utilisé ; "
        "choisissez-en un différent pour chaque site et activez la double authentification."
    ),
    AdviceTo.WATCH_BANK_ACCOUNT: N_(
        "Surveillez vos comptes et la liste des créanciers autorisés à y prélever ; contestez "
        "auprès de votre banque tout prélèvement que vous ne reconnaissez pas."
    ),
    AdviceTo.BLOCK_CARD: N_(
        "Faites opposition à votre carte bancaire auprès de votre banque et contestez les "
        "opérations que vous n’avez pas faites."
    ),
    AdviceTo.WATCH_IDENTITY: N_(
        "Soyez attentif à tout crédit ou compte ouvert à votre nom ; en cas d’usurpation de "
        "votre identité, déposez plainte."
    ),
    AdviceTo.BEWARE_OF_HEALTH_INSURER: N_(
        "Méfiez-vous des messages au nom de l’assurance maladie : ne donnez jamais vos codes et "
        "passez par le site officiel."
    ),
    AdviceTo.BEWARE_OF_CARE_MESSAGES: N_(
        "Méfiez-vous des messages qui citent votre santé ou vos soins ; signalez à votre médecin "
        "toute information qui vous paraît modifiée."
    ),
    AdviceTo.BEWARE_OF_EMPLOYER_MESSAGES: N_(
        "Méfiez-vous des messages au nom d’un employeur, de l’administration fiscale ou d’un "
        "organisme social."
    ),
    AdviceTo.PERSONAL_SAFETY: N_(
        "Si vous craignez pour votre sécurité, prévenez vos proches ; en cas de menace, appelez "
        "la police ou la gendarmerie (17 ou 112)."
    ),
    AdviceTo.KNOWN_ORDERS_AS_PRETEXT: N_(
        "Un message qui cite une de vos commandes n’est pas pour autant de nous : vérifiez dans "
        "votre espace client, sans passer par ses liens."
    ),
    AdviceTo.WHAT_CANNOT_BE_DONE: N_(
        "Certaines de vos démarches auprès de nous peuvent être retardées ; si l’une d’elles est "
        "urgente, contactez-nous à l’adresse ci-dessous."
    ),
}

_YOUR_DATA: Mapping[DataCategory, str] = {
    DataCategory.CIVIL_STATUS: N_("votre nom et votre prénom"),
    DataCategory.CONTACT: N_("vos coordonnées"),
    DataCategory.IDENTIFIERS: N_("votre identifiant ou votre numéro de client"),
    DataCategory.ACCESS_CREDENTIALS: N_("votre mot de passe"),
    DataCategory.NATIONAL_ID_NUMBER: N_("votre numéro de sécurité sociale"),
    DataCategory.OFFICIAL_DOCUMENT: N_("la copie d’une pièce d’identité"),
    DataCategory.PAYMENT_CARD: N_("les données de votre carte bancaire"),
    DataCategory.PAYMENT_CARD_PARTIAL: N_("une partie du numéro de votre carte bancaire"),
    DataCategory.BANK_ACCOUNT: N_("vos coordonnées bancaires (IBAN)"),
    DataCategory.ECONOMIC: N_("des informations sur votre situation économique"),
    DataCategory.TRANSACTIONS: N_("le relevé de vos opérations"),
    DataCategory.PURCHASE_HISTORY: N_("l’historique de vos commandes"),
    DataCategory.CONTRACT: N_("les données de votre contrat"),
    DataCategory.LOCATION: N_("des données de localisation"),
    DataCategory.BEHAVIOUR: N_("des informations sur vos habitudes"),
    DataCategory.COMMUNICATIONS: N_("des messages ou des factures de communications"),
    DataCategory.EDUCATION: N_("des données sur votre scolarité ou votre formation"),
    DataCategory.EMPLOYMENT: N_("des données sur votre emploi"),
    DataCategory.FAMILY: N_("des données sur votre famille"),
    DataCategory.PHOTO: N_("des photographies"),
    DataCategory.HEALTH: N_("des données de santé"),
    DataCategory.RACIAL_ETHNIC_ORIGIN: N_("une donnée sur votre origine"),
    DataCategory.POLITICAL_OPINIONS: N_("une donnée sur vos opinions politiques"),
    DataCategory.RELIGIOUS_BELIEFS: N_("une donnée sur vos convictions"),
    DataCategory.UNION_MEMBERSHIP: N_("votre appartenance syndicale"),
    DataCategory.SEXUAL_LIFE: N_("une donnée sur votre vie privée intime"),
    DataCategory.BIOMETRIC: N_("des données biométriques"),
    DataCategory.GENETIC: N_("des données génétiques"),
    DataCategory.CRIMINAL: N_("des données relatives à des infractions"),
}

_HACKED = N_("une personne malveillante a eu accès à des données personnelles que nous détenons")
_LOST = N_(
    "du matériel ou des documents contenant des données personnelles ont été perdus ou volés"
)
_SENT = N_("des données personnelles ont été envoyées par erreur à un mauvais destinataire")
_SHOWN = N_(
    "des données personnelles ont été accessibles à des personnes qui n’auraient pas dû les voir"
)
_OUT_OF_REACH = N_("des données personnelles que nous détenons ont été indisponibles ou perdues")
_SOMETHING = N_("un incident de sécurité a touché des données personnelles que nous détenons")

_WHAT_HAPPENED: Mapping[Vector, str] = {
    **dict.fromkeys(
        (
            Vector.HACKING,
            Vector.SQL_INJECTION,
            Vector.MALWARE,
            Vector.CREDENTIAL_STUFFING,
            Vector.PHISHING,
            Vector.SOCIAL_ENGINEERING,
            Vector.MAILBOX_COMPROMISE,
            Vector.RANSOMWARE,
            Vector.INSIDER_COPY,
        ),
        _HACKED,
    ),
    **dict.fromkeys(
        (Vector.DEVICE_LOSS, Vector.DEVICE_THEFT, Vector.PAPER_LOSS, Vector.PAPER_THEFT), _LOST
    ),
    **dict.fromkeys(
        (
            Vector.POSTAL_MISDELIVERY,
            Vector.EMAIL_WRONG_RECIPIENT,
            Vector.EMAIL_WRONG_ATTACHMENT,
            Vector.EMAIL_WRONG_CONTENT,
            Vector.EMAIL_OPEN_CC,
        ),
        _SENT,
    ),
    **dict.fromkeys(
        (
            Vector.ACCESS_CONTROL_BUG,
            Vector.ACCIDENTAL_PUBLICATION,
            Vector.WRONG_PERSON_ON_PORTAL,
            Vector.IMPROPER_DISPOSAL_PAPER,
            Vector.IMPROPER_DISPOSAL_DEVICE,
            Vector.VERBAL_DISCLOSURE,
        ),
        _SHOWN,
    ),
    **dict.fromkeys((Vector.POWER_OUTAGE, Vector.ACCIDENTAL_DELETION), _OUT_OF_REACH),
}

_PAYMENT_OR_ACCESS = {
    DataCategory.ACCESS_CREDENTIALS,
    DataCategory.PAYMENT_CARD,
    DataCategory.PAYMENT_CARD_PARTIAL,
    DataCategory.BANK_ACCOUNT,
}


def draft_subject(record: CaseRecord, wording: Wording) -> str:
    """The subject of the communication: plain, recognisable, no alarm."""
    return wording.text(
        "Information importante sur vos données personnelles – %(organisation)s",
        organisation=record.organisation.name,
    )


def draft_parts(record: CaseRecord, wording: Wording) -> NoticeParts:
    """A first draft of each part from what the case says; empty where it says nothing."""
    facts = {fact.key: fact.value for fact in record.facts if fact.value is not None}
    categories = [DataCategory(code) for code in _codes(facts.get("data"))]
    types = [BreachType(code) for code in _codes(facts.get("breach_types"))]
    return NoticeParts(
        nature=_nature(facts, record, wording),
        data=_data(categories, facts, wording),
        consequences=_consequences(categories, types, wording),
        measures=_measures(facts),
        advice="\n".join(
            "– " + wording.text(ADVICE[advice]) for advice in advice_for(categories, types)
        ),
        contact=_contact(record, wording),
    )


def _codes(value: object) -> list[str]:
    return [str(code) for code in value] if isinstance(value, list) else []


def _nature(facts: Mapping[str, object], record: CaseRecord, wording: Wording) -> str:
    vector = facts.get("vector")
    happened = _WHAT_HAPPENED.get(Vector(str(vector)), _SOMETHING) if vector else _SOMETHING
    said = wording.text(happened)
    sentences = [f"{_period(facts, record, wording)}{said}."]
    sentences = [sentences[0][0].upper() + sentences[0][1:]]
    noticed = _instant(facts.get("noticed_at"), record, wording)
    if noticed:
        sentences.append(wording.text("Nous l’avons découvert le %(when)s.", when=noticed))
    if facts.get("access") == AccessState.ENDED.value:
        sentences.append(wording.text("Cet accès est fermé depuis."))
    return " ".join(sentences)


def _period(facts: Mapping[str, object], record: CaseRecord, wording: Wording) -> str:
    start = _instant(facts.get("occurred_from"), record, wording)
    end = _instant(facts.get("occurred_until"), record, wording)
    if start and end:
        return wording.text("entre le %(start)s et le %(end)s, ", start=start, end=end)
    return wording.text("depuis le %(start)s, ", start=start) if start else ""


def _instant(value: object, record: CaseRecord, wording: Wording) -> str:
    if not isinstance(value, str):
        return ""
    return local_time(datetime.fromisoformat(value), record.organisation.timezone, wording)


def _data(categories: list[DataCategory], facts: Mapping[str, object], wording: Wording) -> str:
    named = [wording.text(_YOUR_DATA[c]) for c in categories if c in _YOUR_DATA]
    details = str(facts.get("data_details") or "").strip()
    if not named and not details:
        return ""
    lines = ["– " + item for item in named]
    if details:
        lines.append(wording.text("Précisément : %(details)s", details=details))
    if DataCategory.UNKNOWN in categories:
        lines.append(
            wording.text("Nous vérifions si d’autres données sont concernées et vous le dirons.")
        )
    elif not _PAYMENT_OR_ACCESS & set(categories):
        lines.append(
            wording.text("Ni mot de passe ni moyen de paiement ne figurait dans ces données.")
        )
    return "\n".join(lines)


def _consequences(categories: list[DataCategory], types: list[BreachType], wording: Wording) -> str:
    said = []
    if BreachType.CONFIDENTIALITY in types:
        said.append(
            wording.text(
                "Des personnes mal intentionnées pourraient se servir de ces données pour vous "
                "adresser de faux messages, de faux courriers ou de faux appels, en se faisant "
                "passer pour nous ou pour un autre organisme."
            )
        )
        if {DataCategory.OFFICIAL_DOCUMENT, DataCategory.NATIONAL_ID_NUMBER} & set(categories):
            said.append(wording.text("Elles pourraient tenter d’usurper votre identité."))
        if {DataCategory.BANK_ACCOUNT, DataCategory.PAYMENT_CARD} & set(categories):
            said.append(
                wording.text("Elles pourraient tenter un paiement ou un prélèvement frauduleux.")
            )
    if BreachType.AVAILABILITY in types:
        said.append(wording.text("Certains de nos services peuvent être indisponibles."))
    if BreachType.INTEGRITY in types:
        said.append(wording.text("Certaines informations vous concernant ont pu être modifiées."))
    return " ".join(said)


def _measures(facts: Mapping[str, object]) -> str:
    parts = (str(facts.get(key) or "").strip() for key in ("measures_taken", "measures_planned"))
    return "\n".join(part for part in parts if part)


def _contact(record: CaseRecord, wording: Wording) -> str:
    own = record.organisation
    who = ", ".join(part for part in (own.contact_name, own.contact_function) if part)
    lines = [who] if who else []
    if own.contact_email:
        lines.append(wording.text("Courriel : %(address)s", address=own.contact_email))
    if own.contact_phone:
        lines.append(wording.text("Téléphone : %(number)s", number=own.contact_phone))
    return "\n".join(lines)


def notice_body(parts: NoticeParts, wording: Wording) -> str:
    """The parts of Art. 34(2) under their headings; `mails.communication` frames them."""
    texts = parts.as_record()
    return "\n\n".join(
        f"{wording.text(PART_HEADINGS[part])}\n{texts[part.value].strip()}"
        for part in Part
        if texts[part.value].strip()
    )
