"""A stolen laptop, soundly encrypted: nothing is owed, until the key turns out to be known."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Reopening
from breachdesk.services import incidents
from breachdesk.services.cases import case_of
from breachdesk.services.reopening import reopen_decision
from tests import cases
from tests.cases import Role, Work

STORY = "Un ordinateur portable de la boutique, chiffré, a été volé dans le train."
FACTS: Mapping[str, object] = {
    "role": "controller",
    "access": "ongoing",
    "breach_types": ["confidentiality"],
    "cause": "external_malicious",
    "malicious_intent": True,
    "vector": "device_theft",
    "data": ["civil_status", "contact", "bank_account"],
    "data_insight": "ordinary",
    "data_subjects": ["customers"],
    "n_subjects": 1240,
    "vulnerable_subjects": False,
    "context_reveals_sensitive": False,
    "identifiability": "direct",
    "data_unintelligible": "yes",
    "key_compromised": "no",
    "exfiltration": "possible",
    "recipients": "unidentified",
    "backup": "available",
    "unavailable_hours": 0,
    "permanent_loss": False,
    "effect_on_persons": "none",
    "misuse_observed": False,
}
# The password was on a sticker inside the bag.
KEY_KNOWN: Mapping[str, object] = {"key_compromised": "yes"}
WHY = "Le mot de passe était sur une étiquette dans la sacoche, dit le salarié."


def assessed_laptop(work: Work, *, now: datetime, **more: object) -> str:
    """Qualified and assessed; the rules say that nothing is owed."""
    reference = cases.open_case(work, now=now, description=STORY)
    cases.know(work, reference, now=now, **{**FACTS, **more})
    cases.qualify(work, reference, now=now)
    cases.assess(work, reference, now=now)
    return reference


def sign_no(work: Work, reference: str, *, now: datetime) -> None:
    """Advise and sign not to notify: as the rules say, so without a reason."""
    for act in (cases.advise, cases.decide):
        act(work, reference, now=now, notify=False, communicate=Communicate.NONE, reason="")


def decided_laptop(work: Work, *, now: datetime) -> str:
    """Signed not to notify, an hour after it was known."""
    reference = assessed_laptop(work, now=now)
    sign_no(work, reference, now=now + timedelta(hours=1))
    return reference


def doubted_laptop(work: Work, *, now: datetime, learnt_at: datetime) -> str:
    """Signed not to notify; later the key turned out to be known."""
    reference = decided_laptop(work, now=now)
    cases.know(work, reference, now=learnt_at, **KEY_KNOWN)
    return reference


def reopen(
    work: Work,
    reference: str,
    *,
    now: datetime,
    aware_at: datetime | None = None,
    reason: str = WHY,
    by: Role = Role.DPO,
) -> Reopening:
    """Take up the last signed decision."""
    case = case_of(work.session, cases.incident(work, reference))
    return reopen_decision(
        work.session,
        case.incident,
        decision_id=case.signed.id if case.signed else 0,
        aware_at=aware_at or now,
        reason=reason,
        by=cases.seat(work, by, reference.split("-")[0]),
        now=now,
    )


def sample_laptops(work: Work, now: datetime) -> dict[str, str]:
    """For the pictures: a "no" in doubt, one taken up and assessed again, one closed."""
    then, learnt = now - timedelta(days=6), now - timedelta(hours=5)
    reopened = doubted_laptop(work, now=then, learnt_at=learnt)
    reopen(work, reopened, now=now - timedelta(hours=4), aware_at=learnt)
    cases.assess(work, reopened, now=now - timedelta(hours=3))
    closed = decided_laptop(work, now=then)
    dpo = cases.seat(work, Role.DPO)
    incidents.close_incident(work.session, cases.incident(work, closed), by=dpo, now=then)
    return {
        "doubted": doubted_laptop(work, now=then, learnt_at=learnt),
        "reopened": reopened,
        "closed_no": closed,
    }
