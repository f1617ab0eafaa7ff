"""The exchange with whoever reported: asked, completed, told, journaled."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, TooManyAttempts, WrongStep
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Attachment, Delivery, ReportMessage
from breachdesk.services.acting import Stranger
from breachdesk.services.attachments import Upload
from breachdesk.services.case_records import read_case_record
from breachdesk.services.incidents import close_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.report_messages import ask_reporter, complete_report, messages_of
from tests import cases, outside
from tests.cases import MONDAY_NINE, make_organisation, open_case, organisation, seat
from tests.services.desks import let_work

NOW = MONDAY_NINE
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _organisations(work):
    make_organisation(work, now=NOW)
    make_organisation(work, "VID", now=NOW)


@pytest.fixture
def anonymous(work):
    """An incident that somebody without an account reported."""
    return outside.report(work, now=NOW).outside.incident


@pytest.fixture
def own(work):
    """An incident that the reporter of GIR opened."""
    return cases.incident(work, open_case(work, now=NOW, by=Role.REPORTER))


def add(work, incident, text="", *, by=None, uploads=(), now=LATER):
    who = by or Stranger(incident.organisation)
    return complete_report(work.session, work.desk, incident, text, uploads, by=who, now=now)


def mails(work, kind):
    found = work.session.scalars(select(Delivery).where(Delivery.kind == kind))
    return sorted(mail.user_id for mail in found)


def ids(work, *roles):
    return sorted(seat(work, role).user.id for role in roles)


# --- Asking ----------------------------------------------------------------------------------


def test_a_question_to_somebody_without_an_account_makes_no_mail(work, anonymous):
    by = seat(work, Role.HANDLER)

    ask_reporter(work.session, anonymous, " Depuis quand ? ", by=by, now=LATER)

    (message,) = messages_of(work.session, anonymous)
    assert (message.text, message.author_id) == ("Depuis quand ?", by.user.id)
    assert not message.is_from_reporter
    assert mails(work, "report_question") == []
    lines = journal_of(work.session, anonymous)
    assert (lines[-1].code, lines[-1].actor_id) == ("reporter_asked", by.user.id)


def test_a_reporter_with_an_account_is_told_that_there_is_a_question(work, own, mailer):
    ask_reporter(
        work.session, own, "Le mot de passe était-il le même ?", by=seat(work, Role.DPO), now=LATER
    )

    assert mails(work, "report_question") == ids(work, Role.REPORTER)
    let_work(work, LATER)
    told = next(letter for letter in mailer.letters if "question" in letter.subject)
    assert told.recipient_address == cases.address_of(Role.REPORTER)
    assert own.reference in told.subject
    assert "mot de passe" not in told.subject + told.text


@pytest.mark.parametrize("role", [Role.REPORTER, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_only_the_case_team_asks(work, anonymous, role):
    with pytest.raises(NotAllowed):
        ask_reporter(work.session, anonymous, "Quoi ?", by=seat(work, role), now=LATER)


# --- Adding ----------------------------------------------------------------------------------


def test_what_is_added_without_an_account_is_kept_told_and_journaled(work, anonymous, mailer):
    files = (Upload("capture.txt", b"vu"),)

    add(work, anonymous, "Le fichier y est encore.", uploads=files)

    (message,) = messages_of(work.session, anonymous)
    assert message.is_from_reporter
    assert message.author is None
    assert work.session.scalars(select(Attachment)).one().added_by_id is None
    assert mails(work, "report_completed") == ids(work, Role.DPO, Role.HANDLER)
    lines = journal_of(work.session, anonymous)
    assert first_broken_entry(lines) is None
    assert lines[-1].code == "report_completed"
    assert (lines[-1].actor_id, lines[-1].parameters) == (None, {"channel": "public_form"})
    let_work(work, LATER)
    letters = [letter for letter in mailer.letters if "complément" in letter.subject]
    assert len(letters) == 2
    for letter in letters:
        assert anonymous.reference in letter.subject
        assert "encore" not in letter.subject + letter.text


def test_a_reporter_with_an_account_adds_to_their_own_report(work, own):
    by = seat(work, Role.REPORTER)

    add(work, own, "J’ai retrouvé la clé.", by=by)

    (message,) = messages_of(work.session, own)
    assert message.author_id == by.user.id
    assert journal_of(work.session, own)[-1].actor_id == by.user.id


def test_who_follows_the_case_and_completes_it_is_not_told_of_it(work):
    incident = cases.incident(work, open_case(work, now=NOW, by=Role.HANDLER))

    add(work, incident, "Encore ceci.", by=seat(work, Role.HANDLER))

    assert mails(work, "report_completed") == ids(work, Role.DPO)


def test_of_a_restricted_case_only_those_named_are_told(work):
    incident = outside.report(work, now=NOW, accuses=True).outside.incident

    add(work, incident, "C’était mardi.")

    assert mails(work, "report_completed") == ids(work, Role.DPO)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.DPO])
def test_nobody_adds_to_the_report_of_somebody_else(work, anonymous, own, role):
    other = cases.incident(work, open_case(work, now=NOW, by=Role.HANDLER))

    for incident in (anonymous, other):
        with pytest.raises(NotFound):
            add(work, incident, "Moi aussi.", by=seat(work, role))
    with pytest.raises(NotFound):
        add(work, own, "Moi aussi.", by=Stranger(organisation(work)))
    with pytest.raises(NotFound):
        add(work, anonymous, "Moi aussi.", by=Stranger(organisation(work, "VID")))
    assert work.session.scalars(select(ReportMessage)).all() == []


def test_the_same_words_twice_in_a_row_are_taken_once(work, anonymous):
    first = add(work, anonymous, "Il y est encore.")
    again = add(work, anonymous, " Il y est encore. ")
    ask_reporter(work.session, anonymous, "Toujours ?", by=seat(work, Role.DPO), now=LATER)
    after = add(work, anonymous, "Il y est encore.")

    assert again.id == first.id
    assert after.id != first.id
    assert len(mails(work, "report_completed")) == 4


@pytest.mark.parametrize(
    ("text", "uploads", "code"),
    [
        pytest.param(" \n ", (), "message_missing", id="nothing at all"),
        pytest.param("x" * 5001, (), "text_too_long", id="a pasted log"),
        pytest.param("", (Upload("vide.txt", b""),), "file_empty", id="an empty file"),
        pytest.param("", tuple(Upload("a.txt", b"x") for _ in range(6)), "too_many_files", id="6"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(work, anonymous, text, uploads, code):
    with pytest.raises(InvalidInput) as refused:
        add(work, anonymous, text, uploads=uploads)
    work.session.rollback()

    assert refused.value.code == code
    assert messages_of(work.session, anonymous) == []
    assert mails(work, "report_completed") == []


def test_files_alone_are_an_addition(work, anonymous):
    assert add(work, anonymous, uploads=(Upload("a.txt", b"x"),)) is None

    assert mails(work, "report_completed") == ids(work, Role.DPO, Role.HANDLER)


def test_without_an_account_twenty_additions_an_hour(work, anonymous):
    for number in range(20):
        add(work, anonymous, f"Encore {number}")

    with pytest.raises(TooManyAttempts):
        add(work, anonymous, "Encore une")
    add(work, anonymous, "Plus tard", now=LATER + timedelta(hours=1))


def test_to_a_closed_case_nothing_is_added_and_nothing_asked(work, own):
    cases.qualify(work, own.reference, now=NOW)
    cases.assess(work, own.reference, now=NOW)
    nothing = {"notify": False, "communicate": Communicate.NONE}
    cases.advise(work, own.reference, now=NOW, **nothing)
    cases.decide(work, own.reference, now=NOW, **nothing)
    close_incident(work.session, own, by=seat(work, Role.DPO), now=NOW)

    with pytest.raises(WrongStep):
        add(work, own, "Trop tard.", by=seat(work, Role.REPORTER))
    with pytest.raises(WrongStep):
        ask_reporter(work.session, own, "Trop tard ?", by=seat(work, Role.DPO), now=LATER)


def test_the_exchange_stands_in_the_case_record(work, anonymous):
    ask_reporter(work.session, anonymous, "Depuis quand ?", by=seat(work, Role.HANDLER), now=LATER)
    add(work, anonymous, "Depuis lundi.")

    record = read_case_record(work.session, anonymous, by=seat(work, Role.DPO).user, now=LATER)

    said = [(each.is_from_reporter, each.author, each.text) for each in record.messages]
    assert said == [(False, "Handler GIR", "Depuis quand ?"), (True, "", "Depuis lundi.")]
