"""Three little desks with something behind every page: for the pictures and the walk.

NEW has no organisation yet. SHOP has a mail server and cases at every stage. EXAMPLE has
none: what the example organisation sends is caught, what a real one sends waits.
Everything is made by the real services around `NOW`, the time that the pages then show.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from flask import Flask, abort

from breachdesk import create_app, upgrade_database
from breachdesk.config import load_settings
from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.domain.work import Runner
from breachdesk.mail.catcher import MailCatcher
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Membership
from breachdesk.services import incidents, organisations, qualification
from breachdesk.services.acting import seats_of
from breachdesk.services.attachments import Upload
from breachdesk.services.clock_changes import refuse
from breachdesk.services.set_up import setup_token
from breachdesk.services.shared_incidents import link_organisations
from breachdesk.services.workers import beat
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.browser import serving
from tests.cases import PASSWORD, Work, address_of, at_desk
from tests.encrypted_laptop import sample_laptops
from tests.mail.servers import Sink
from tests.mail.servers import serving as mail_serving
from tests.outside import sample_reports
from tests.sample_clocks import sample_clocks
from tests.sample_factors import sample_factors
from tests.sample_jobs import sample_jobs
from tests.sample_links import sample_links
from tests.sample_mail import STOLEN, TROUBLE, sample_mail
from tests.sample_people import sample_people
from tests.sample_reminders import sample_reminders
from tests.sample_restricted import sample_restricted
from tests.sample_sign_in import sample_sign_in
from tests.sample_single_sign_on import MUST, sample_single_sign_on

# A Friday evening, of course.
NOW = datetime(2026, 11, 27, 18, 10, tzinfo=UTC)
NAMES = {
    Role.REPORTER: "Lucie Morvan",
    Role.HANDLER: "Karim Benali",
    Role.DPO: "Inès Caradec",
    Role.DECIDER: "Anne Delmas",
    Role.MANAGER: "Paul Roche",
    Role.AUDITOR: "Hugo Lefèvre",
    Role.ADMIN: "Marc Le Goff",
}
# Holds every role, as one person may in a shop of four: sees every form there is.
EVERYTHING = "everything"
# Looks after three organisations at once.
OUTSIDE_DPO = "ines@cabinet.example"
STORY = (
    "Notre dossier de sauvegarde, sur l’espace de stockage en ligne, était ouvert à qui avait le "
    "lien.\n\nL’hébergeur nous a alertés jeudi midi. Le lien a été créé le 18 novembre pour "
    "envoyer une photo à un fournisseur. J’ai coupé le partage tout de suite."
)
HOSTILE = (
    "<script>alert('mail')</script> « نُسخ » 🙈 Unlinkedwordwithoutanyspace"
    + "abcdefghij" * 20
    + "\n> cité\n<b>gras</b> {{ 7 * 7 }}"
)
FACTS: dict[str, object] = {
    **cases.FACTS_OF_THE_SHOP,
    "undetected_days": 9,
    "data_insight": "ordinary",
    "data_unintelligible": "no",
    "context_reveals_sensitive": False,
    "vulnerable_subjects": False,
    "exfiltration": "possible",
    "recipients": "unidentified",
    "recipient_trust": "none",
    "effect_on_persons": "none",
    "misuse_observed": False,
    "malicious_intent": False,
    "security_before": "Double authentification, sauvegardes chiffrées sur le poste.",
}
REFUSED = "partie@client.example"
MANY_RECIPIENTS = (
    "Prénom;Nom;Courriel;Langue\n"
    "Élise;Garnier;elise.garnier@client.example;fr\n"
    "Noé;Vidal;noe.vidal@client.example;fr\n"
    f"Jane;Doe;{REFUSED};en\n"
    "Élise;Garnier;Elise.Garnier@client.example;fr\n"
    "Sans;Adresse;;fr\n"
    "Mal;Écrite;mal.ecrite(at)client.example;fr\n"
    f"{HOSTILE.splitlines()[0].replace(';', ',')};X;aussi mal\n"
).encode()


class DeskName(StrEnum):
    """Which of the desks."""

    NEW = "new"
    SHOP = "shop"
    EXAMPLE = "example"


@dataclass(frozen=True)
class SampleDesk:
    """A desk that runs: its address, its application, and the addresses of its pages by name."""

    address: str
    app: Flask
    places: dict[str, str]


@contextmanager
def sample_desks(folder: Path, *, now: datetime = NOW) -> Iterator[dict[DeskName, SampleDesk]]:
    """All three, built and served."""
    makers = {DeskName.NEW: _new_desk, DeskName.SHOP: _shop_desk, DeskName.EXAMPLE: _example_desk}
    with ExitStack() as stack:
        made = {}
        for name, make in makers.items():
            smtp = {} if name is not DeskName.SHOP else _SMTP
            app = _app(folder / name, smtp, now)
            places = make(app, now)
            _somebody_works(app, now)
            made[name] = SampleDesk(stack.enter_context(serving(app)), app, places)
        yield made


_SMTP = {
    "BREACHDESK_SMTP_HOST": "127.0.0.1",
    "BREACHDESK_SMTP_PORT": "9",
    "BREACHDESK_SMTP_SECURITY": "none",
    "BREACHDESK_SMTP_SENDER": "desk@gir.example",
}


def _somebody_works(app: Flask, now: datetime) -> None:
    """A worker was just heard of: else every page would say that nobody works."""
    with at_desk(app) as work:
        beat(work.session, "atelier:4711:5ca1ab", Runner.EMBEDDED, now)


def _app(folder: Path, more: dict[str, str], now: datetime) -> Flask:
    settings = load_settings({"BREACHDESK_INSTANCE": str(folder), **more})
    folder.mkdir(parents=True, exist_ok=True)
    upgrade_database(settings.database_url)
    app = create_app(settings, clock=lambda: now)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    # The browser need not ask for each style sheet again on each of two hundred pages.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    # Where one sees the page of each fault. No desk in use has such an address.
    app.add_url_rule("/faults/<int:code>", "faults.show", lambda code: abort(code))
    return app


def _new_desk(app: Flask, now: datetime) -> dict[str, str]:
    return {"token": setup_token(Path(app.instance_path))}


# --- A desk in use ---------------------------------------------------------------------------


def _shop_desk(app: Flask, now: datetime) -> dict[str, str]:
    """GIR has cases at every stage, VID none; in ATT a communication is on its way.

    MER is entered through its identity provider alone. At EST a mail account is in trouble,
    at BRU mail is stolen.
    """
    with at_desk(app) as work:
        _organisation(work, "GIR", "La Girandole", now=now - timedelta(days=40))
        _organisation(work, "VID", "Maison Vidal", now=now - timedelta(days=40))
        _organisation(work, "ATT", "Atelier Tanguy", now=now - timedelta(days=40))
        _organisation(work, MUST, "Atelier Mercier", now=now - timedelta(days=40))
        _organisation(work, TROUBLE, "Brasserie Estève", now=now - timedelta(days=40))
        _organisation(work, STOLEN, "Librairie Brunel", now=now - timedelta(days=40))
        closed = _closed(app, work, now)
        sent = _sent(app, work, now)
        late, harmless = _late(work, now), _harmless(work, now)
        unadvised, filing = _unadvised(work, now), _decided(work, now)
        ready = cases.full_case(work, now=now - timedelta(days=2, hours=3))
        places = {
            "closed": closed,
            "sent": sent,
            "late": late,
            "harmless": harmless,
            "unadvised": unadvised,
            "filing": filing,
            "ready": ready.reference,
            "attachment": str(ready.attachment_id),
            "bad_list": str(_bad_list(work, ready.reference, now)),
            "deciding": _deciding(work, now),
            "fresh": _fresh(work, now),
            "hostile": cases.open_case(work, now=now, description=HOSTILE),
            "passkey": str(sample_factors(app, work, now)),
        }
        with mail_serving(Sink()) as server:
            _work_once(app, work, server)
        sample_reminders(work, now, read=filing, quiet=places["fresh"])
        places["sending"] = _sending(work, now)
        places |= sample_reports(work, now)
        places["linked"] = _linked(work, now)
        places["filed"] = _filed_twice(work, now)
        places["incomplete"] = _filed_once(work, now)
        places["withdrawn"] = _withdrawn(work, now)
        places |= sample_clocks(work, now)
        places |= sample_people(work, now)
        places |= sample_restricted(work, f"{EVERYTHING}@gir.example", now)
        places |= sample_links(
            work,
            f"{EVERYTHING}@gir.example",
            now,
            running=places["deciding"],
            stopped=sent,
            restricted=places["restricted"],
        )
        places |= sample_laptops(work, now)
        places |= sample_sign_in(work, f"{EVERYTHING}@gir.example", now)
        sample_single_sign_on(work, now)
        sample_mail(work, now)
        sample_jobs(
            work, now, waiting=places["sending"], failed=late, by=f"{EVERYTHING}@gir.example"
        )
    return places


def _organisation(
    work: Work, code: str, name: str, *, now: datetime, example: bool = False
) -> None:
    people = [
        organisations.NewPerson(NAMES[role], address_of(role, code), frozenset({role}), PASSWORD)
        for role in ORGANISATION_ROLES
    ]
    everyone = f"{EVERYTHING}@{code.lower()}.example"
    people.append(
        organisations.NewPerson("Anne Delmas", everyone, frozenset(ORGANISATION_ROLES), PASSWORD)
    )
    details = {"code": code, "name": name, "contact_email": f"donnees@{code.lower()}.example"}
    organisations.create_organisation(work.session, details, people, now=now, is_example=example)


def _filed_twice(work: Work, now: datetime) -> str:
    """Filed when little was known, and completed; since then more is known, and more is owed."""
    first = now - timedelta(hours=30)
    unknown = {"n_subjects": None, "n_records": None, "harms_details": None}
    reference = _qualified(work, first, **unknown)
    receipt = Upload("accusé de réception.txt", b"N-2026-000123")
    cases.file(work, reference, now=first + timedelta(hours=2), receipt=receipt)
    second = first + timedelta(hours=20)
    cases.know(work, reference, now=second, n_subjects=1250)
    follow_up = NotificationKind.FOLLOW_UP
    cases.file(work, reference, now=second, kind=follow_up, number="")
    cases.know(work, reference, now=now - timedelta(hours=1), n_records=3800)
    return reference


def _filed_once(work: Work, now: datetime) -> str:
    """Filed as an initial notification, which is to be completed; nobody is to be told."""
    then = now - timedelta(hours=30)
    reference, filed_at = _qualified(work, then, n_records=None), then + timedelta(hours=3)
    none = Communicate.NONE
    cases.assess(work, reference, now=filed_at)
    cases.advise(work, reference, now=filed_at, communicate=none)
    cases.decide(work, reference, now=filed_at, communicate=none)
    cases.file(work, reference, now=filed_at)
    return reference


def _withdrawn(work: Work, now: datetime) -> str:
    """Filed, and taken back: what was asked turned out to be nothing."""
    reference = _filed_once(work, now)
    cases.file(
        work,
        reference,
        now=now - timedelta(hours=2),
        kind=NotificationKind.WITHDRAWAL,
        withdrawal_reason="L’enquête montre qu’aucune donnée n’a été consultée.",
    )
    return reference


def _fresh(work: Work, now: datetime) -> str:
    """Reported an hour ago, with little known; nobody has looked yet."""
    return cases.open_case(
        work,
        now=now - timedelta(hours=1),
        by=Role.REPORTER,
        description="J’ai envoyé la liste des clients à un mauvais destinataire.",
        facts={"access": Answer(FactState.NOT_KNOWN_YET, None)},
        uploads=(Upload("capture d’écran.txt", b"la liste"),),
    )


def _qualified(work: Work, now: datetime, **more: object) -> str:
    reference = cases.open_case(work, now=now, by=Role.REPORTER, description=STORY)
    cases.know(work, reference, now=now + timedelta(minutes=5), **FACTS | more)
    cases.qualify(work, reference, now=now + timedelta(minutes=40))
    return reference


def _unadvised(work: Work, now: datetime) -> str:
    """Assessed a moment ago, no advice yet."""
    reference = _qualified(work, now - timedelta(hours=70), exfiltration=None, n_subjects=None)
    cases.assess(work, reference, now=now - timedelta(hours=2))
    return reference


def _deciding(work: Work, now: datetime) -> str:
    """Waits for its decision while the clock runs: the picture in the README."""
    then = now - timedelta(hours=31)
    reference = _qualified(work, then)
    cases.attach(work, reference, "alerte de l’hébergeur.txt", b"partage public", now=then)
    cases.assess(work, reference, now=then + timedelta(hours=2))
    cases.advise(work, reference, now=then + timedelta(hours=3), communicate=Communicate.VOLUNTARY)
    return reference


def _decided(work: Work, now: datetime) -> str:
    """Decided; the authority waits for its notification, less than a day is left."""
    then = now - timedelta(hours=67)
    reference = _qualified(work, then)
    cases.assess(work, reference, now=then + timedelta(hours=2))
    cases.advise(work, reference, now=then + timedelta(hours=3))
    cases.decide(work, reference, now=then + timedelta(hours=4))
    return reference


def _late(work: Work, now: datetime) -> str:
    """Past its 72 hours, decided but not filed."""
    then = now - timedelta(hours=80)
    reference = cases.open_case(
        work, now=then, description="Un ordinateur portable a été volé dans le train."
    )
    cases.know(work, reference, now=then, **FACTS | {"vector": "device_theft"})
    cases.qualify(work, reference, now=then + timedelta(minutes=10))
    cases.assess(work, reference, now=then + timedelta(hours=1))
    cases.advise(work, reference, now=then + timedelta(hours=2))
    cases.decide(work, reference, now=then + timedelta(hours=3))
    return reference


def _harmless(work: Work, now: datetime) -> str:
    reference = cases.open_case(
        work, now=now - timedelta(days=3), description="Le site est resté hors ligne une heure."
    )
    qualification.qualify_as_no_breach(
        work.session,
        cases.incident(work, reference),
        reason="Aucune donnée personnelle n’était sur cette machine.",
        by=cases.seat(work, Role.DPO),
        now=now - timedelta(days=3),
    )
    return reference


def _bad_list(work: Work, reference: str, now: datetime) -> int:
    return cases.upload_recipients(work, reference, MANY_RECIPIENTS, now=now - timedelta(hours=1))


def _sending(work: Work, now: datetime) -> str:
    """On its way: everything still waits for the worker."""
    case = cases.full_case(work, now=now - timedelta(hours=5), code="ATT")
    cases.start_sending(work, case.reference, now=now)
    return case.reference


def _linked(work: Work, now: datetime) -> str:
    """One event at a shared host, followed by a DPO of three organisations."""
    person = organisations.NewPerson("Inès Caradec", OUTSIDE_DPO, frozenset({Role.DPO}), PASSWORD)
    dpo = organisations.add_user(work.session, cases.organisation(work), person, now=now)
    for code in ("VID", "ATT"):
        there = cases.organisation(work, code)
        work.session.add(Membership(organisation_id=there.id, user_id=dpo.id, role=Role.DPO))
    work.session.commit()
    reference = cases.open_case(
        work,
        now=now - timedelta(hours=20),
        description="Rançongiciel chez notre hébergeur commun : les serveurs sont chiffrés.",
    )
    then = now - timedelta(hours=19)
    cases.know(work, reference, now=then, vector="ransomware", breach_types=["availability"])
    seats = seats_of(work.session, dpo.id)
    (seat,) = [seat for seat in seats if seat.organisation.code == "GIR"]
    incident = cases.incident(work, reference)
    link_organisations(work.session, work.desk, incident, ["ATT"], by=seat, seats=seats, now=then)
    cases.know(work, reference, now=now, backup="available")
    return reference


def _sent(app: Flask, work: Work, now: datetime) -> str:
    """Sent to three people, of whom the server refused one for good."""
    reference = cases.full_case(work, now=now - timedelta(days=9)).reference
    now -= timedelta(days=8)
    waiting = cases.upload_recipients(work, reference, MANY_RECIPIENTS, now=now)
    cases.confirm_recipients(work, reference, waiting, now=now)
    cases.start_sending(work, reference, now=now)
    with mail_serving(Sink({REFUSED: "550 5.1.1 No such user here"})) as server:
        _work_once(app, work, server)
    work.session.expire_all()
    _file_the_rest(work, reference, now)
    return reference


def _closed(app: Flask, work: Work, now: datetime) -> str:
    case = cases.full_case(work, now=now - timedelta(days=20))
    cases.start_sending(work, case.reference, now=now - timedelta(days=19))
    with mail_serving(Sink()) as server:
        _work_once(app, work, server)
    work.session.expire_all()
    then = now - timedelta(days=18)
    _file_the_rest(work, case.reference, then)
    incidents.close_incident(
        work.session,
        cases.incident(work, case.reference),
        by=cases.seat(work, Role.DPO),
        now=then,
    )
    return case.reference


def _file_the_rest(work: Work, reference: str, now: datetime) -> None:
    """Complete the notification as far as it is known, and say that nothing more is owed."""
    cases.file(work, reference, now=now, kind=NotificationKind.COMPLETE)
    refuse(
        work.session,
        cases.incident(work, reference),
        GDPR_FOLLOW_UP,
        reason="La CNIL a clos ce dossier sans attendre de complément.",
        by=cases.seat(work, Role.DPO),
        now=now,
    )


def _work_once(app: Flask, work: Work, server: MailServer) -> None:
    # What was read last may hold the write lock of SQLite, which the worker needs.
    work.session.rollback()
    desk = replace(app.extensions["desk"], mail_server=server)
    do_round(app, desk, worker="sample")


# --- A desk without a mail server ------------------------------------------------------------


def _example_desk(app: Flask, now: datetime) -> dict[str, str]:
    """EXA is an example, whose mail is caught; REA is real, and its mail waits."""
    with at_desk(app) as work:
        _organisation(work, "EXA", "La Girandole", now=now, example=True)
        _organisation(work, "REA", "Maison Vidal", now=now)
        references = [
            cases.open_case(work, now=now - timedelta(hours=4), code=code, description=STORY)
            for code in ("EXA", "REA")
        ]
        cases.qualify(work, references[0], now=now - timedelta(hours=3))
    catcher: MailCatcher = app.extensions["catcher"]
    with catcher:
        desk = app.extensions["desk"].with_catcher(catcher.host, catcher.port)
        do_round(app, desk, worker="sample")
    caught = sorted(catcher.folder.glob("*/*.eml"))
    return {"case": references[0], "waiting": references[1], "message": caught[0].stem}
