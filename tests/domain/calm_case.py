"""A case in which nothing is at stake, for tests that make one fact grave at a time."""

from breachdesk.domain.situation import Situation, range_of

CALM: dict[str, object] = {
    "role": "controller",
    "breach_types": ["confidentiality"],
    "cause": "internal_accidental",
    "vector": "other",
    "data": ["contact"],
    "data_insight": "ordinary",
    "credentials_protection": "not_applicable",
    "data_subjects": ["customers"],
    "vulnerable_subjects": False,
    "n_subjects": 10,
    "identifiability": "direct",
    "context_reveals_sensitive": False,
    "data_unintelligible": "no",
    "key_compromised": "not_applicable",
    "exfiltration": "not_applicable",
    "recipients": "none",
    "recipient_trust": "neutral",
    "deletion_confirmed": "no",
    "backup": "available",
    "unavailable_hours": 0,
    "permanent_loss": False,
    "integrity_outcome": "not_applicable",
    "effect_on_persons": "none",
    "malicious_intent": False,
    "misuse_observed": False,
    "undetected_days": 0,
    "access": "ended",
}


def calm_facts(**facts: object) -> dict[str, object]:
    """The calm case with these facts instead."""
    return {**CALM, **facts}


def situation(**facts: object) -> Situation:
    """The calm case with these facts instead, as the rules read it: nothing is open."""
    span = range_of(calm_facts(**facts))
    assert span.best == span.worst, f"left open: {span.open_facts}"
    return span.best
