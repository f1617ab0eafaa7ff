"""Reports without an account: taken in once, sealed, throttled, found again by their secret."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, TooManyAttempts
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Channel
from breachdesk.models import (
    Attachment,
    Delivery,
    Fact,
    Incident,
    JournalEntry,
    NamedPerson,
    OutsideReport,
    Throttle,
)
from breachdesk.services.attachments import Upload
from breachdesk.services.case_records import read_case_record
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.outside_reports import (
    Identity,
    find_by_secret,
    find_public_organisation,
    identity_of,
    outside_report_of,
)
from tests import outside
from tests.cases import MONDAY_NINE, make_organisation, open_case, organisation, seat

NOW = MONDAY_NINE
WHO = Identity("Samir Haddad", "06 11 22 33 44")


@pytest.fixture(autouse=True)
def _organisations(work):
    make_organisation(work, now=NOW)
    make_organisation(work, "VID", now=NOW)
    outside.open_form(work, now=NOW)


def count(work, model) -> int:
    return len(work.session.scalars(select(model)).all())


# --- Taking a report in ----------------------------------------------------------------------


def test_a_report_opens_an_incident_that_nobody_of_ours_opened(work):
    received = outside.report(work, now=NOW, uploads=(Upload("photo.txt", b"vu"),))

    incident = received.outside.incident
    assert (incident.opened_by, incident.channel) == (None, Channel.PUBLIC_FORM)
    assert {fact.author_id for fact in work.session.scalars(select(Fact))} == {None}
    assert work.session.scalars(select(Attachment)).one().added_by_id is None
    lines = journal_of(work.session, incident)
    assert first_broken_entry(lines) is None
    told = {line.code: line for line in lines}
    for code in (Entry.OPENED, Entry.FACT_RECORDED, Entry.ATTACHMENT_ADDED):
        assert told[code].actor_id is None
        assert told[code].parameters["channel"] == "public_form"


def test_whoever_follows_cases_gets_one_mail_and_nobody_a_receipt(work):
    outside.report(work, now=NOW, identity=WHO)

    mails = work.session.scalars(select(Delivery)).all()
    assert {mail.kind for mail in mails} == {MailKind.CLOCK_STARTED}
    told = [mail.user_id for mail in mails]
    assert len(told) == len(set(told))
    assert {seat(work, role).user.id for role in (Role.DPO, Role.HANDLER)} <= set(told)


def test_a_report_that_accuses_somebody_is_the_dpos_alone(work):
    received = outside.report(work, now=NOW, accuses=True)

    incident = received.outside.incident
    dpo = seat(work, Role.DPO).user.id
    assert incident.is_restricted
    assert work.session.scalars(select(NamedPerson.user_id)).all() == [dpo]
    assert {mail.user_id for mail in work.session.scalars(select(Delivery))} == {dpo}


def test_what_a_reporter_says_of_themselves_is_sealed_and_lies_nowhere_else(work):
    received = outside.report(work, now=NOW, identity=WHO)

    assert identity_of(work.desk, received.outside, by=seat(work, Role.HANDLER)) == WHO
    for table in OutsideReport.metadata.sorted_tables:
        kept = repr(work.session.execute(select(table)).all())
        for said in (WHO.name, WHO.contact, "192.0.2.7", received.secret):
            assert said not in kept, table.name


@pytest.mark.parametrize("role", [Role.REPORTER, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_only_the_case_team_reads_who_it_was(work, role):
    received = outside.report(work, now=NOW, identity=WHO)

    with pytest.raises(NotAllowed):
        identity_of(work.desk, received.outside, by=seat(work, role))


def test_somebody_anonymous_leaves_nothing_to_open(work):
    received = outside.report(work, now=NOW)

    assert received.outside.sealed is None
    assert not identity_of(work.desk, received.outside, by=seat(work, Role.DPO)).is_given


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"description": "  "}, "description_missing", id="nothing said"),
        pytest.param(
            {"uploads": tuple(Upload(f"{n}.txt", b"x") for n in range(6))},
            "too_many_files",
            id="six files",
        ),
        pytest.param(
            {"uploads": (Upload("a.txt", b"x"), Upload("b.exe", b"MZ"))},
            "file_is_program",
            id="a program among the files",
        ),
    ],
)
def test_a_refused_report_leaves_nothing_behind(work, more, code):
    with pytest.raises(InvalidInput) as refused:
        outside.report(work, now=NOW, **more)
    work.session.rollback()

    assert refused.value.code == code
    assert (count(work, Incident), count(work, OutsideReport)) == (0, 0)
    assert count(work, Throttle) == 0


def test_the_dossier_says_who_spoke_without_a_name(work):
    incident = outside.report(work, now=NOW, identity=WHO).outside.incident

    record = read_case_record(work.session, incident, by=seat(work, Role.DPO).user, now=NOW)

    assert record.opened_by == ""
    assert record.outside is not None
    assert record.outside.channel == "public_form"
    assert WHO.name not in str(record.as_json())


# --- Once only -------------------------------------------------------------------------------


def test_the_same_form_sent_twice_gives_one_incident_and_the_same_secret(work):
    first = outside.report(work, now=NOW)
    again = outside.report(work, now=NOW + timedelta(minutes=10))

    assert again.secret == first.secret
    assert again.outside.id == first.outside.id
    assert count(work, Incident) == 1


def test_later_the_secret_is_shown_no_more(work):
    outside.report(work, now=NOW)

    with pytest.raises(InvalidInput) as refused:
        outside.report(work, now=NOW + timedelta(minutes=10, seconds=1))

    assert refused.value.code == "report_already_sent"
    assert count(work, Incident) == 1


def test_a_ticket_used_in_one_organisation_shows_nothing_in_another(work):
    outside.report(work, now=NOW)

    with pytest.raises(InvalidInput):
        outside.report(work, now=NOW, code="VID")


def test_the_same_form_sent_twice_at_once_makes_one_incident(work, at_once):
    both = at_once(
        lambda one: outside.report(one, now=NOW).secret,
        lambda other: outside.report(other, now=NOW).secret,
    )

    assert both == [outside.secret_for()] * 2
    assert count(work, Incident) == 1
    references = work.session.scalars(select(Incident.reference)).all()
    assert references == ["GIR-2026-0001"]


# --- Throttling ------------------------------------------------------------------------------


def test_one_address_reports_five_times_an_hour(work):
    for number in range(5):
        outside.report(work, now=NOW, ticket=f"{number:032x}")

    with pytest.raises(TooManyAttempts) as refused:
        outside.report(work, now=NOW, ticket="f" * 32)
    outside.report(work, now=NOW, ticket="e" * 32, address="192.0.2.8")
    outside.report(work, now=NOW + timedelta(hours=1), ticket="d" * 32)

    assert refused.value.parameters["until"] == NOW + timedelta(hours=1)
    assert count(work, Incident) == 7


def test_a_network_of_ipv6_counts_as_one_address(work):
    for number in range(5):
        outside.report(work, now=NOW, ticket=f"{number:032x}", address=f"2001:db8::{number:x}")

    with pytest.raises(TooManyAttempts):
        outside.report(work, now=NOW, ticket="f" * 32, address="2001:db8::abcd")


def test_one_organisation_takes_sixty_an_hour_from_wherever_they_come(work):
    for number in range(60):
        outside.report(work, now=NOW, ticket=f"{number:032x}", address=f"2001:db8:{number:x}::1")

    with pytest.raises(TooManyAttempts):
        outside.report(work, now=NOW, ticket="f" * 32, address="2001:db8:ffff::1")
    outside.report(work, now=NOW, ticket="e" * 32, address="2001:db8:ffff::1", code="VID")

    assert count(work, Incident) == 61


# --- Coming back -----------------------------------------------------------------------------


def test_a_secret_opens_its_report_and_no_other(work):
    mine = outside.report(work, now=NOW, ticket="1" * 32)
    outside.report(work, now=NOW, ticket="2" * 32)

    typed = mine.secret.lower().replace("-", " ")
    found = find_by_secret(work.session, work.desk, typed, address="192.0.2.9", now=NOW)

    assert found.id == mine.outside.id


@pytest.mark.parametrize("typed", ["AAAA-BBBB-CCCC-DDDD", "", "x" * 5000, "\x00", "'--"])
def test_a_wrong_secret_opens_nothing(work, typed):
    outside.report(work, now=NOW)

    with pytest.raises(NotFound):
        find_by_secret(work.session, work.desk, typed, address="192.0.2.9", now=NOW)


def test_twenty_guesses_an_hour_and_then_not_even_the_right_one(work):
    secret = outside.report(work, now=NOW).secret
    for _ in range(20):
        with pytest.raises(NotFound):
            find_by_secret(
                work.session, work.desk, "AAAA-BBBB-CCCC-DDDD", address="192.0.2.9", now=NOW
            )

    with pytest.raises(TooManyAttempts):
        find_by_secret(work.session, work.desk, secret, address="192.0.2.9", now=NOW)
    assert find_by_secret(work.session, work.desk, secret, address="192.0.2.10", now=NOW)


# --- The address of the form -----------------------------------------------------------------


def test_a_form_is_found_by_its_address_whatever_the_case(work):
    found = find_public_organisation(work.session, outside.PUBLIC.upper())

    assert found.id == organisation(work).id
    for unknown in ("", "nowhere", "%", "maison_girandole"):
        with pytest.raises(NotFound):
            find_public_organisation(work.session, unknown)


def test_an_incident_of_the_desk_has_no_outside_report(work):
    reference = open_case(work, now=NOW)
    incident = work.session.scalars(select(Incident).where(Incident.reference == reference)).one()

    assert outside_report_of(work.session, incident) is None


def test_no_line_of_the_journal_holds_the_secret_or_its_index(work):
    received = outside.report(work, now=NOW, identity=WHO)

    kept = repr(
        [(line.parameters, line.reason) for line in work.session.scalars(select(JournalEntry))]
    )
    assert received.secret not in kept
    assert received.outside.secret_index not in kept
