"""The steps of the demonstration: each calls the services as pages do, and looks at the answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import Session

from breachdesk.cli import demo_scenario as story
from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.lifecycle import Communicate, NextStep, next_step
from breachdesk.domain.notices import missing_parts
from breachdesk.services.acting import Acting, Desk, seats_of
from breachdesk.services.assessments import assess_incident
from breachdesk.services.attachments import Upload
from breachdesk.services.authority import Filing, record_filing
from breachdesk.services.case_records import read_case_record
from breachdesk.services.cases import case_of, latest_facts
from breachdesk.services.decisions import advise, decide
from breachdesk.services.deliveries import delivery_counts
from breachdesk.services.dossiers import make_dossier, read_dossier
from breachdesk.services.incidents import (
    Report,
    close_incident,
    fact_versions,
    open_incident,
    record_facts,
)
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.notices import approve, save_draft, start_sending
from breachdesk.services.organisations import load_example, people_of
from breachdesk.services.qualification import qualify_as_breach
from breachdesk.services.recipients import confirm_recipients, upload_recipients
from breachdesk.services.reminders import emit_due_reminders
from breachdesk.services.sending import deliver_due
from breachdesk.wording import FRENCH
from breachdesk.wording.notices import draft_parts, draft_subject

PASSWORD = "une phrase de passe pour la démonstration"  # noqa: S105 - of a throw-away instance


class FellShort(Exception):
    """A step of the demonstration did not do what it should have."""


class WalkClock:
    """A clock that is set, not waited for."""

    def __init__(self) -> None:
        self.now = story.OPENED_AT

    def __call__(self) -> datetime:
        return self.now


class Walk:
    """One walk through the main job. Each step says what it did, or raises FellShort."""

    def __init__(self, app: Flask, clock: WalkClock, out: Path) -> None:
        self._desk: Desk = app.extensions["desk"]
        self._session: Session = app.extensions["sqlalchemy"].session()
        self._clock, self._out = clock, out
        self.summary: dict[str, Any] = {}

    def go(self) -> None:
        """Take every step, in order."""
        steps: tuple[Callable[[], None], ...] = (
            self._set_up,
            self._open,
            self._qualify,
            self._assess,
            self._decide,
            self._remind,
            self._file,
            self._write,
            self._import,
            self._send,
            self._complete,
            self._make_dossier,
            self._verify,
        )
        for step in steps:
            step()

    def _say(self, sentence: str) -> None:
        click.echo(f"  ✓ {self._clock.now.astimezone(story.PARIS):%a %d %b %H:%M}  {sentence}")

    def _demand(self, holds: bool, sentence: str) -> None:
        if not holds:
            raise FellShort(sentence)

    def _seat(self, role: Role) -> Acting:
        """The person who holds a role in the shop."""
        return next(seat for seat in self._seats if role in seat.roles)

    def _mail(self) -> int:
        """Let the worker work; return how many mails the server took."""
        emit_due_reminders(self._session, now=self._clock.now)
        done = deliver_due(self._session, self._desk, worker="demo", clock=self._clock)
        self._demand(done.sent == done.handled, f"Mail did not leave: {done}.")
        return done.sent

    def _set_up(self) -> None:
        shop = load_example(self._session, password=PASSWORD, now=self._clock.now, is_example=False)
        people = people_of(self._session, shop)
        self._seats = [seats_of(self._session, user.id)[0] for user in people]
        self._say(f"{shop.name} is set up with {len(people)} people and no DPO.")

    def _open(self) -> None:
        report = Report(
            description=story.STORY,
            noticed_at=story.NOTICED_AT,
            facts={
                **story.answers(story.REPORTED),
                "access": Answer(FactState.NOT_KNOWN_YET),
            },
            uploads=(Upload("alerte.txt", "Partage public détecté.".encode()),),
        )
        by = self._seat(Role.REPORTER)
        self.incident = open_incident(self._session, self._desk, report, by=by, now=self._clock.now)
        self.summary["reference"] = self.incident.reference
        mails = self._mail()
        self._demand(mails >= 3, f"The receipt and the alerts are {mails} mails.")
        self._say(f"{self.incident.reference} is opened by {by.user.name}; {mails} mails told so.")

    def _qualify(self) -> None:
        self._clock.now = story.QUALIFIED_AT
        by = self._seat(Role.DECIDER)
        qualify_as_breach(
            self._session,
            self.incident,
            aware_at=story.AWARE_AT,
            reason=story.LATE_AWARENESS,
            by=by,
            now=self._clock.now,
        )
        clock = case_of(self._session, self.incident).clock
        assert clock is not None and clock.due_at is not None  # noqa: PT018
        self.summary["aware_at"] = clock.started_at.isoformat()
        self.summary["due_at"] = clock.due_at.isoformat()
        due = clock.due_at.astimezone(story.PARIS)
        self._say(f"It is a breach; the CNIL must be notified before {due:%a %d %b %H:%M}.")

    def _assess(self) -> None:
        self._clock.now = story.ASSESSED_AT
        by = self._seat(Role.HANDLER)
        seen = fact_versions(latest_facts(self._session, self.incident).values())
        changed = record_facts(
            self._session,
            self.incident,
            story.answers(story.ESTABLISHED),
            seen_versions=seen,
            by=by,
            now=self._clock.now,
            source="journal de l'espace de stockage",
        )
        self.result = assess_incident(
            self._session, self.incident, by=by, now=self._clock.now
        ).result
        verdict = {
            key: self.result[key]
            for key in ("risk", "notify_authority", "communicate_to_data_subjects")
        }
        self.summary["assessment"] = verdict
        self._demand(verdict["notify_authority"] == "yes", f"The rules say {verdict}.")
        self._say(f"{len(changed)} facts recorded; the rules say {verdict}.")

    def _decide(self) -> None:
        self._clock.now = story.DECIDED_AT
        by = self._seat(Role.DECIDER)
        owed = self.result["communicate_to_data_subjects"] == "yes"
        communicate = Communicate.OWED if owed else Communicate.VOLUNTARY
        assessment = case_of(self._session, self.incident).assessment
        assert assessment is not None
        advice = advise(
            self._session,
            self.incident,
            assessment_id=assessment.id,
            notify=True,
            communicate=communicate,
            reason=story.ADVICE_REASON,
            by=by,
            now=self._clock.now,
        )
        decide(
            self._session,
            self.incident,
            advice_id=advice.id,
            notify=True,
            communicate=communicate,
            by=by,
            now=self._clock.now,
        )
        self.summary["decision"] = {"notify": True, "communicate": communicate.value}
        self._say(f"{by.user.name} signs: notify; tell the customers ({communicate.value}).")

    def _remind(self) -> None:
        sent = 0
        for moment in story.REMINDED_AT:
            self._clock.now = moment
            mails = self._mail()
            self._demand(mails >= 1, f"No reminder left at {moment}.")
            sent += mails
            self._say(f"{mails} reminder mails left.")
        self.summary["reminders_sent"] = sent

    def _file(self) -> None:
        self._clock.now = story.FILED_AT
        filing = Filing(
            NotificationKind.INITIAL,
            filed_at=self._clock.now,
            number=story.NOTIFICATION_NUMBER,
            receipt=Upload("recepisse.pdf", story.RECEIPT),
        )
        by = self._seat(Role.HANDLER)
        phase = record_filing(
            self._session, self._desk, self.incident, filing, by=by, now=self._clock.now
        )
        self._demand(not phase.was_late, "The filing is late.")
        self.summary["filing"] = {"number": phase.number, "was_late": phase.was_late}
        self._say(f"The filing is recorded under {phase.number}; the clock has stopped.")

    def _write(self) -> None:
        self._clock.now = story.DRAFTED_AT
        by = self._seat(Role.HANDLER)
        record = read_case_record(self._session, self.incident, by=by.user, now=self._clock.now)
        parts = draft_parts(record, FRENCH)
        self._demand(not missing_parts(parts), f"The draft lacks {missing_parts(parts)}.")
        self.version = save_draft(
            self._session,
            self.incident,
            subject=draft_subject(record, FRENCH),
            parts=parts,
            locale="fr",
            seen_version=0,
            by=by,
            now=self._clock.now,
        )
        self._say(f"{by.user.name} drafts the communication; it holds all of Art. 34(2).")

    def _import(self) -> None:
        by = self._seat(Role.HANDLER)
        upload = Upload("clients.csv", story.customer_list())
        kept = upload_recipients(
            self._session, self._desk, self.incident, upload, by=by, now=self._clock.now
        )
        result = confirm_recipients(
            self._session, self._desk, self.incident, kept.id, None, by=by, now=self._clock.now
        )
        self.summary["recipients"] = {
            "added": result.added,
            "bad_lines": result.bad,
            "duplicates": result.duplicates,
        }
        self._demand(result.added == story.CUSTOMERS, f"{result.added} recipients were taken in.")
        self._say(f"{result.added} recipients; {result.bad} bad lines, {result.duplicates} twice.")

    def _send(self) -> None:
        self._clock.now = story.SENT_AT
        decider = self._seat(Role.DECIDER)
        approve(
            self._session,
            self.incident,
            version_id=self.version.id,
            by=decider,
            now=self._clock.now,
        )
        queued = start_sending(self._session, self.incident, by=decider, now=self._clock.now)
        self._say(f"{decider.user.name} approves; {queued} notices are queued.")
        self._mail()
        notice = case_of(self._session, self.incident).notice
        assert notice is not None
        counts = delivery_counts(self._session, notice)
        self.summary["deliveries"] = counts
        self._demand(counts == {"sent": story.CUSTOMERS}, f"The deliveries ended as {counts}.")
        self._say(f"{counts['sent']} notices were accepted by the mail server.")

    def _complete(self) -> None:
        """What the first filing left open is answered and filed (Art. 33(4))."""
        self._clock.now = story.AFTER_DEADLINE
        self._demand(self._mail() == 0, "A stopped clock still reminds.")
        self._clock.now = story.COMPLETED_AT
        by = self._seat(Role.HANDLER)
        progress = case_of(self._session, self.incident).progress
        self._demand(
            next_step(progress) is NextStep.COMPLETE_FILING, "Nothing asks to complete the filing."
        )
        seen = fact_versions(latest_facts(self._session, self.incident).values())
        told = story.answers(story.TOLD_MEANWHILE)
        record_facts(
            self._session, self.incident, told, seen_versions=seen, by=by, now=self._clock.now
        )
        filing = Filing(NotificationKind.FOLLOW_UP, filed_at=self._clock.now)
        phase = record_filing(
            self._session, self._desk, self.incident, filing, by=by, now=self._clock.now
        )
        self._demand(phase.is_complete is True, "The filing is still incomplete.")
        self._say(f"{by.user.name} completes the filing; nothing is left open.")

    def _make_dossier(self) -> None:
        self._clock.now = story.CLOSED_AT
        by = self._seat(Role.DECIDER)
        dossier = make_dossier(self._session, self._desk, self.incident, by=by, now=self._clock.now)
        _, pdf = read_dossier(self._session, self._desk, self.incident, dossier.number)
        path = self._out / f"{self.incident.reference}-dossier-{dossier.number}.pdf"
        path.write_bytes(pdf)
        self.summary["dossier"] = {"file": path.name, "sha256": dossier.sha256, "bytes": len(pdf)}
        close_incident(self._session, self.incident, by=by, now=self._clock.now)
        self._say(f"The dossier is made ({len(pdf) // 1000} kB) and the case is closed.")

    def _verify(self) -> None:
        """Look at what came out, not at what we believe of it."""
        entries = journal_of(self._session, self.incident)
        self._demand(first_broken_entry(entries) is None, "The journal does not hold.")
        ids = Counter(_message_ids(self._out / "mail"))
        told = self.summary["mails"] = {
            "files": sum(ids.values()),
            "distinct": len(ids),
            "doubled": sum(count - 1 for count in ids.values()),
        }
        self.summary["journal_lines"] = len(entries)
        expected = story.CUSTOMERS + self.summary["reminders_sent"]
        self._demand(told["distinct"] > expected, f"{told} mails for {expected} and the alerts.")
        self._demand(told["doubled"] == 0, f"Some mails came twice: {told}.")
        self._say(f"{told['files']} mails, none lost, none doubled; {len(entries)} journal lines.")


def _message_ids(folder: Path) -> Iterator[str]:
    """The Message-ID of every mail that the server took."""
    for path in folder.rglob("*.eml"):
        with path.open("rb") as file:
            yield next(
                line.split(b":", 1)[1].strip().decode()
                for line in file
                if line.lower().startswith(b"message-id:")
            )
