"""Organisations and cases for the tests, built by the real services at a given `now`.

    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        reference = open_case(work, now=MONDAY_NINE)
        qualify(work, reference, now=MONDAY_NINE)

Leave the `with` before a client asks for a page: on SQLite a session left open may hold the
write lock. Every person of an organisation holds one role and has the address `address_of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.notices import NoticeParts
from breachdesk.models import Delivery, Incident
from breachdesk.services import (
    assessments,
    clock_changes,
    decisions,
    incidents,
    notices,
    qualification,
)
from breachdesk.services.acting import Acting
from breachdesk.services.attachments import Upload, add_attachments
from breachdesk.services.cases import case_of, latest_facts
from breachdesk.services.incidents import Report
from tests.people import MONDAY_NINE as MONDAY_NINE
from tests.people import PASSWORD as PASSWORD
from tests.people import Work as Work
from tests.people import address_of as address_of
from tests.people import at_desk as at_desk
from tests.people import make_organisation as make_organisation
from tests.people import organisation as organisation
from tests.people import seat as seat

# Mails of reminders, without those of clocks that start.
OF_REMINDERS = Delivery.reminder_id.is_not(None) & (Delivery.kind != MailKind.CLOCK_STARTED)
STORY = "La sauvegarde de la boutique est restée ouverte à qui avait le lien."


# --- The way of a case -----------------------------------------------------------------------


def open_case(
    work: Work,
    *,
    now: datetime,
    by: Role = Role.HANDLER,
    code: str = "GIR",
    description: str = STORY,
    noticed_at: datetime | None = None,
    facts: Mapping[str, Answer] | None = None,
    uploads: tuple[Upload, ...] = (),
) -> str:
    """Open an incident; its reference."""
    report = Report(description, noticed_at or now, facts or {}, uploads)
    who = seat(work, by, code)
    return incidents.open_incident(work.session, work.desk, report, by=who, now=now).reference


def incident(work: Work, reference: str) -> Incident:
    """The incident of that reference."""
    return work.session.scalars(select(Incident).where(Incident.reference == reference)).one()


def _seat_for(work: Work, reference: str, role: Role) -> Acting:
    return seat(work, role, reference.split("-")[0])


def know(
    work: Work,
    reference: str,
    *,
    now: datetime,
    by: Role = Role.HANDLER,
    **values: object,
) -> None:
    """Record facts as known; None says "not known yet"."""
    case = incident(work, reference)
    answers = {
        key: Answer(FactState.NOT_KNOWN_YET if value is None else FactState.KNOWN, value)
        for key, value in values.items()
    }
    seen = {key: fact.version for key, fact in latest_facts(work.session, case).items()}
    incidents.record_facts(
        work.session,
        case,
        answers,
        seen_versions=seen,
        by=_seat_for(work, reference, by),
        now=now,
    )


def attach(
    work: Work, reference: str, name: str, content: bytes, *, now: datetime, by: Role = Role.HANDLER
) -> int:
    """Add a file; its id."""
    who = _seat_for(work, reference, by)
    (kept,) = add_attachments(
        work.session, work.desk, incident(work, reference), [Upload(name, content)], by=who, now=now
    )
    return kept.id


def qualify(
    work: Work,
    reference: str,
    *,
    now: datetime,
    aware_at: datetime | None = None,
    reason: str = "Le prestataire a confirmé la fuite plus tard.",
    by: Role = Role.DPO,
) -> None:
    """Qualify as a breach, aware at `aware_at`, or at `now`."""
    qualification.qualify_as_breach(
        work.session,
        incident(work, reference),
        aware_at=aware_at or now,
        reason=reason,
        by=_seat_for(work, reference, by),
        now=now,
    )


def assess(work: Work, reference: str, *, now: datetime, by: Role = Role.HANDLER) -> int:
    """Assess the facts as they stand; the version of the assessment."""
    who = _seat_for(work, reference, by)
    made = assessments.assess_incident(work.session, incident(work, reference), by=who, now=now)
    return made.version


def assessed_case(
    work: Work,
    roles: tuple[Role, ...] = ORGANISATION_ROLES,
    by: Role = Role.DPO,
    now: datetime = MONDAY_NINE,
) -> str:
    """A case of a new GIR whose facts are assessed: the rules say notify, and not communicate."""
    make_organisation(work, now=now, roles=roles)
    reference = open_case(work, now=now, by=roles[0])
    know(work, reference, now=now, by=by, **FACTS_OF_THE_SHOP)
    qualify(work, reference, now=now, by=by)
    assess(work, reference, now=now, by=by)
    return reference


def advise(
    work: Work,
    reference: str,
    *,
    now: datetime,
    notify: bool = True,
    communicate: Communicate = Communicate.OWED,
    reason: str = "Nous suivons la lecture la plus prudente.",
    by: Role = Role.DPO,
) -> None:
    """Advise on the latest assessment."""
    case = case_of(work.session, incident(work, reference))
    assert case.assessment is not None
    decisions.advise(
        work.session,
        case.incident,
        assessment_id=case.assessment.id,
        notify=notify,
        communicate=communicate,
        reason=reason,
        by=_seat_for(work, reference, by),
        now=now,
    )


def decide(
    work: Work,
    reference: str,
    *,
    now: datetime,
    notify: bool = True,
    communicate: Communicate = Communicate.OWED,
    reason: str = "Nous suivons la lecture la plus prudente.",
    by: Role = Role.DECIDER,
) -> None:
    """Sign the decision on the latest advice."""
    case = case_of(work.session, incident(work, reference))
    assert case.advice is not None
    decisions.decide(
        work.session,
        case.incident,
        advice_id=case.advice.id,
        notify=notify,
        communicate=communicate,
        reason=reason,
        by=_seat_for(work, reference, by),
        now=now,
    )


def start_clock(
    work: Work,
    reference: str,
    regime: str,
    *,
    now: datetime,
    started_at: datetime | None = None,
    by: Role = Role.HANDLER,
) -> int:
    """Start the clock of a regime, counting from `started_at` or `now`; its id."""
    clock = clock_changes.start_by_hand(
        work.session,
        incident(work, reference),
        regime,
        started_at=started_at or now,
        by=_seat_for(work, reference, by),
        now=now,
    )
    return clock.id


COMPLETE_PARTS = NoticeParts(
    nature="Une sauvegarde de notre boutique est restée accessible neuf jours.",
    data="Votre nom, votre adresse, votre téléphone et vos commandes.",
    consequences="Vous pourriez recevoir de faux messages en notre nom.",
    measures="Nous avons fermé l’accès et prévenu la CNIL.",
    advice="Ne répondez pas aux messages qui demandent un paiement.",
    contact="donnees@gir.example, 05 00 00 00 00",
)


def draft_notice(
    work: Work,
    reference: str,
    *,
    now: datetime,
    parts: NoticeParts = COMPLETE_PARTS,
    subject: str = "Vos données dans notre boutique",
    by: Role = Role.HANDLER,
) -> int:
    """Write a version of the communication; its number."""
    case = case_of(work.session, incident(work, reference))
    version = notices.save_draft(
        work.session,
        case.incident,
        subject=subject,
        parts=parts,
        locale="fr",
        seen_version=case.notice_version.version if case.notice_version else 0,
        by=_seat_for(work, reference, by),
        now=now,
    )
    return version.version


def approve_notice(
    work: Work, reference: str, *, now: datetime, by: Role = Role.DPO, waiver_reason: str = ""
) -> None:
    """Approve the latest version of the communication."""
    case = case_of(work.session, incident(work, reference))
    assert case.notice_version is not None
    notices.approve(
        work.session,
        case.incident,
        version_id=case.notice_version.id,
        waiver_reason=waiver_reason,
        by=_seat_for(work, reference, by),
        now=now,
    )


def start_sending(work: Work, reference: str, *, now: datetime, by: Role = Role.DPO) -> int:
    """Queue the communication to every recipient; how many."""
    who = _seat_for(work, reference, by)
    return notices.start_sending(work.session, incident(work, reference), by=who, now=now)


RECIPIENTS = """Prénom;Nom;Courriel
Élise;Garnier;elise.garnier@client.example
Noé;Vidal;noe.vidal@client.example
""".encode()


def upload_recipients(
    work: Work,
    reference: str,
    content: bytes = RECIPIENTS,
    *,
    now: datetime,
    by: Role = Role.HANDLER,
) -> int:
    """Keep a list of recipients for its preview; its id."""
    from breachdesk.services import recipients

    kept = recipients.upload_recipients(
        work.session,
        work.desk,
        incident(work, reference),
        Upload("clients.csv", content),
        by=_seat_for(work, reference, by),
        now=now,
    )
    return kept.id


def confirm_recipients(
    work: Work, reference: str, import_id: int, *, now: datetime, by: Role = Role.HANDLER
) -> int:
    """Take in a list with the columns as guessed; how many people were added."""
    from breachdesk.services import recipients

    result = recipients.confirm_recipients(
        work.session,
        work.desk,
        incident(work, reference),
        import_id,
        None,
        by=_seat_for(work, reference, by),
        now=now,
    )
    return result.added


def file(
    work: Work,
    reference: str,
    *,
    now: datetime,
    kind: NotificationKind = NotificationKind.INITIAL,
    reasons_for_delay: str = "",
    receipt: Upload | None = None,
    withdrawal_reason: str = "",
    number: str = "N-2026-000123",
    by: Role = Role.HANDLER,
) -> None:
    """Record a filing to the authority, made at `now`."""
    from breachdesk.services import authority

    filing = authority.Filing(kind, now, number, reasons_for_delay, receipt, withdrawal_reason)
    authority.record_filing(
        work.session,
        work.desk,
        incident(work, reference),
        filing,
        by=_seat_for(work, reference, by),
        now=now,
    )


def make_dossier(
    work: Work,
    reference: str,
    *,
    now: datetime,
    by: Role = Role.HANDLER,
    copy: Any = None,
) -> int:
    """Make the next dossier; its number. Half a second: it prints.

    Args:
        copy: a `services.dossiers.RedactedCopy`.
    """
    from breachdesk.services import dossiers

    made = dossiers.make_dossier(
        work.session,
        work.desk,
        incident(work, reference),
        by=_seat_for(work, reference, by),
        now=now,
        copy=copy,
    )
    return made.number


# What is known of the shop's open backup: enough for a verdict without open ends.
FACTS_OF_THE_SHOP: Mapping[str, object] = {
    "system": "Espace de stockage en ligne",
    "access": "ended",
    "role": "controller",
    "breach_types": ["confidentiality"],
    "cause": "internal_accidental",
    "vector": "accidental_publication",
    "data": ["civil_status", "contact", "purchase_history"],
    "data_subjects": ["customers"],
    "n_subjects": 3412,
    "identifiability": "direct",
    "exfiltration": None,
}


@dataclass(frozen=True)
class FullCase:
    """A case that has something behind every address of its pages."""

    reference: str
    attachment_id: int
    import_id: int
    dossier_number: int
    assessment_version: int = 1


def full_case(work: Work, *, now: datetime, code: str = "GIR") -> FullCase:
    """A case taken to its dossier: assessed, decided, notified, approved, not yet sent."""
    reference = open_case(work, now=now, code=code)
    know(work, reference, now=now, **FACTS_OF_THE_SHOP)
    attachment_id = attach(work, reference, "capture.txt", b"lien ouvert", now=now)
    qualify(work, reference, now=now)
    assess(work, reference, now=now)
    advise(work, reference, now=now)
    decide(work, reference, now=now)
    file(work, reference, now=now)
    draft_notice(work, reference, now=now)
    confirm_recipients(work, reference, upload_recipients(work, reference, now=now), now=now)
    import_id = upload_recipients(work, reference, now=now)
    approve_notice(work, reference, now=now)
    number = make_dossier(work, reference, now=now)
    return FullCase(reference, attachment_id, import_id, number)
