"""Who has the data and what they intend: one row per rule, and its near miss beside it."""

import pytest

from breachdesk.domain.risk_factors import Exposure, exposure
from tests.domain.calm_case import situation

TAKEN = {"recipients": "unidentified", "malicious_intent": True}
TRUSTED = {"recipient_trust": "trusted", "deletion_confirmed": "yes"}
EXPOSURES = [
    pytest.param({}, Exposure.NONE, id="nobody"),
    pytest.param({"exfiltration": "excluded"}, Exposure.NONE, id="nothing left"),
    pytest.param({"exfiltration": "possible"}, Exposure.CONTAINED, id="perhaps, to nobody known"),
    # Known persons.
    pytest.param({"recipients": "one_known", **TRUSTED}, Exposure.CONTAINED, id="trusted, deleted"),
    pytest.param({"recipients": "few_known", **TRUSTED}, Exposure.CONTAINED, id="few trusted"),
    pytest.param({"recipients": "many_known", **TRUSTED}, Exposure.KNOWN, id="many trusted"),
    pytest.param({"recipients": "unidentified", **TRUSTED}, Exposure.OPEN, id="trust in whom?"),
    pytest.param(
        {"recipients": "one_known", "recipient_trust": "trusted"}, Exposure.KNOWN, id="not deleted"
    ),
    pytest.param(
        {"recipients": "one_known", "deletion_confirmed": "yes"}, Exposure.RECALLED, id="recalled"
    ),
    pytest.param(
        {"recipients": "few_known", "deletion_confirmed": "yes"},
        Exposure.KNOWN,
        id="few do not unread",
    ),
    pytest.param({"recipients": "one_known"}, Exposure.KNOWN, id="one, kept"),
    pytest.param({"recipients": "few_known"}, Exposure.KNOWN, id="few"),
    pytest.param(
        {"recipients": "few_known", "recipient_trust": "not_applicable"},
        Exposure.KNOWN,
        id="trust not asked is neutral",
    ),
    pytest.param(
        {"recipients": "one_known", "recipient_trust": "none", "deletion_confirmed": "yes"},
        Exposure.OPEN,
        id="the word of someone not trusted",
    ),
    # Anyone.
    pytest.param({"recipients": "many_known"}, Exposure.OPEN, id="many"),
    pytest.param(
        {"recipients": "many_known", "recipient_trust": "trusted"}, Exposure.OPEN, id="many, kept"
    ),
    pytest.param({"recipients": "unidentified"}, Exposure.OPEN, id="lost"),
    pytest.param({"recipients": "public"}, Exposure.OPEN, id="on the web"),
    pytest.param({"exfiltration": "published"}, Exposure.OPEN, id="published by accident"),
    # Ill will.
    pytest.param(TAKEN, Exposure.HOSTILE, id="a thief"),
    pytest.param({**TAKEN, "recipients": "public"}, Exposure.HOSTILE, id="a thief who published"),
    pytest.param(
        {"recipients": "unidentified", "cause": "external_malicious"},
        Exposure.HOSTILE,
        id="a thief, by the cause",
    ),
    pytest.param({**TAKEN, "recipients": "none"}, Exposure.NONE, id="a thief who got nothing"),
    pytest.param({**TAKEN, "recipients": "one_known"}, Exposure.ADVERSE, id="an insider"),
    pytest.param({**TAKEN, "recipients": "many_known"}, Exposure.ADVERSE, id="an indiscreet one"),
    pytest.param(
        {**TAKEN, "recipients": "one_known", "cause": "internal_malicious"},
        Exposure.ADVERSE,
        id="an insider, by the cause",
    ),
    pytest.param(
        {**TAKEN, "recipients": "one_known", "cause": "external_malicious"},
        Exposure.HOSTILE,
        id="an outsider, though known by name",
    ),
    pytest.param(
        {"exfiltration": "likely", "cause": "external_malicious"},
        Exposure.HOSTILE,
        id="an outsider, by what has left",
    ),
    pytest.param(
        {"exfiltration": "possible", "recipients": "one_known", "cause": "external_malicious"},
        Exposure.OPEN,
        id="an outsider, perhaps",
    ),
    pytest.param({**TAKEN, "exfiltration": "excluded"}, Exposure.OPEN, id="seen, not taken"),
    pytest.param({**TAKEN, "exfiltration": "possible"}, Exposure.OPEN, id="perhaps taken"),
    pytest.param(
        {"malicious_intent": True, "exfiltration": "possible"},
        Exposure.OPEN,
        id="perhaps taken, nobody known",
    ),
    pytest.param({**TAKEN, "exfiltration": "likely"}, Exposure.HOSTILE, id="probably taken"),
    pytest.param({**TAKEN, "exfiltration": "confirmed"}, Exposure.HOSTILE, id="taken"),
    pytest.param(
        {"malicious_intent": True, "exfiltration": "confirmed"},
        Exposure.ADVERSE,
        id="taken, by whom is not said",
    ),
    pytest.param(
        {"malicious_intent": True, "exfiltration": "published"},
        Exposure.HOSTILE,
        id="taken and published",
    ),
    pytest.param(
        {**TAKEN, "exfiltration": "possible", "undetected_days": 14},
        Exposure.HOSTILE,
        id="unnoticed for weeks",
    ),
    pytest.param(
        {**TAKEN, "exfiltration": "possible", "undetected_days": 13.9},
        Exposure.OPEN,
        id="unnoticed for days",
    ),
    pytest.param(
        {**TAKEN, "exfiltration": "excluded", "undetected_days": 14},
        Exposure.OPEN,
        id="unnoticed, but nothing left",
    ),
    # Still open.
    pytest.param({"access": "ongoing"}, Exposure.KNOWN, id="open, not found yet"),
    pytest.param(
        {"access": "ongoing", "recipients": "one_known", **TRUSTED},
        Exposure.KNOWN,
        id="open, one trusted so far",
    ),
    pytest.param(
        {"access": "ongoing", "recipients": "one_known"}, Exposure.OPEN, id="open, one so far"
    ),
    pytest.param({"access": "ongoing", "recipients": "public"}, Exposure.OPEN, id="open to all"),
    pytest.param(
        {**TAKEN, "exfiltration": "excluded", "access": "ongoing"},
        Exposure.HOSTILE,
        id="the intruder is still there",
    ),
    pytest.param(
        {"malicious_intent": True, "exfiltration": "excluded", "access": "ongoing"},
        Exposure.KNOWN,
        id="a way in that nobody holds",
    ),
    # Used.
    pytest.param({"misuse_observed": True}, Exposure.ADVERSE, id="someone uses them"),
    pytest.param(
        {"misuse_observed": True, "recipients": "unidentified"},
        Exposure.HOSTILE,
        id="someone unknown uses them",
    ),
    # Unreadable.
    pytest.param(
        {**TAKEN, "data_unintelligible": "yes", "key_compromised": "no"},
        Exposure.NONE,
        id="encrypted",
    ),
    pytest.param(
        {**TAKEN, "data_unintelligible": "yes"}, Exposure.NONE, id="shredded: there is no key"
    ),
    pytest.param(
        {**TAKEN, "data_unintelligible": "yes", "key_compromised": "yes"},
        Exposure.HOSTILE,
        id="encrypted, the password on a sticker",
    ),
    pytest.param(
        {**TAKEN, "data_unintelligible": "partly", "key_compromised": "no"},
        Exposure.HOSTILE,
        id="encrypted in part",
    ),
    pytest.param(
        {**TAKEN, "data_unintelligible": "yes", "misuse_observed": True},
        Exposure.HOSTILE,
        id="encrypted, yet used",
    ),
]


@pytest.mark.parametrize(("facts", "level"), EXPOSURES)
def test_exposure_follows_who_has_the_data_and_what_they_intend(facts, level):
    assert exposure(situation(**facts)) is level
