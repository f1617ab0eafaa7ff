"""What a communication must hold before it may be sent."""

from dataclasses import replace

import pytest

from breachdesk.domain.notices import AdviceTo, NoticeParts, Part, advice_for, missing_parts
from breachdesk.domain.vocabulary import BreachType, DataCategory

WHOLE = NoticeParts(
    nature="Un dossier est resté accessible pendant neuf jours.",
    data="Votre nom, votre adresse et vos commandes.",
    consequences="Vous pourriez recevoir de faux messages.",
    measures="L'accès a été fermé et les liens invalidés.",
    advice="N'ouvrez pas les pièces jointes inattendues.",
    contact="Anne Delmas, donnees@girandole.example",
)


def test_a_whole_communication_lacks_nothing():
    assert missing_parts(WHOLE) == []


@pytest.mark.parametrize("part", list(Part))
def test_each_part_of_the_law_is_missed_when_it_is_empty(part):
    assert missing_parts(replace(WHOLE, **{part.value: "   "})) == [part]


@pytest.mark.parametrize("placeholder", ["à compléter", "TODO", "…"])
def test_a_placeholder_is_not_a_text(placeholder):
    assert missing_parts(replace(WHOLE, measures=placeholder)) == [Part.MEASURES]


@pytest.mark.parametrize(
    ("contact", "is_reachable"),
    [
        pytest.param("Anne Delmas, notre responsable des données", False, id="a name alone"),
        pytest.param("dpo@girandole.example", True, id="an address"),
        pytest.param("05 56 00 00 00", True, id="a number"),
        pytest.param("+33\u202f5\u202f56\u202f00\u202f00\u202f00", True, id="with narrow spaces"),
        pytest.param("12 rue des Lampistes, 33000 Bordeaux", False, id="a street"),
    ],
)
def test_the_contact_must_be_a_way_to_reach_somebody(contact, is_reachable):
    assert (missing_parts(replace(WHOLE, contact=contact)) == []) == is_reachable


def test_parts_survive_being_kept():
    assert NoticeParts.from_record(WHOLE.as_record()) == WHOLE


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (DataCategory.CONTACT, AdviceTo.BEWARE_OF_LETTERS),
        (DataCategory.ACCESS_CREDENTIALS, AdviceTo.CHANGE_PASSWORD),
        (DataCategory.BANK_ACCOUNT, AdviceTo.WATCH_BANK_ACCOUNT),
        (DataCategory.PAYMENT_CARD, AdviceTo.BLOCK_CARD),
        (DataCategory.OFFICIAL_DOCUMENT, AdviceTo.WATCH_IDENTITY),
        (DataCategory.HEALTH, AdviceTo.BEWARE_OF_CARE_MESSAGES),
        (DataCategory.PURCHASE_HISTORY, AdviceTo.KNOWN_ORDERS_AS_PRETEXT),
    ],
)
def test_advice_goes_with_the_kind_of_data(data, advice):
    given = advice_for([data], [BreachType.CONFIDENTIALITY])

    assert advice in given
    assert AdviceTo.BEWARE_OF_PHISHING in given
    assert len(given) == len(set(given))


def test_where_nothing_got_out_people_learn_what_cannot_be_done():
    assert advice_for([DataCategory.CONTACT], [BreachType.AVAILABILITY]) == [
        AdviceTo.WHAT_CANNOT_BE_DONE
    ]
