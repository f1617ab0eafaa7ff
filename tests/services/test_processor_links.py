"""Links for processors: made, used once, taken back; both awareness times are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, WrongStep
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.processor_links import LinkState
from breachdesk.models import Delivery, Incident, OutsideReport, ProcessorLink
from breachdesk.services.attachments import Upload
from breachdesk.services.cases import answers_from, latest_facts
from breachdesk.services.incidents import Report
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.outside_reports import Identity
from breachdesk.services.processor_links import (
    Declaration,
    declare,
    find_link,
    links_of,
    make_link,
    revoke_link,
    state_of,
)
from breachdesk.services.tokens import token_hash
from tests import outside
from tests.cases import MONDAY_NINE, incident, make_organisation, organisation, qualify, seat

NOW = MONDAY_NINE
LATER = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def _organisations(work):
    make_organisation(work, now=NOW)
    make_organisation(work, "VID", now=NOW)


def incidents(work):
    return work.session.scalars(select(Incident)).all()


# --- Making and taking back ------------------------------------------------------------------


def test_of_a_link_only_the_hash_is_kept(work):
    token = outside.invite(work, now=NOW)

    link = work.session.scalars(select(ProcessorLink)).one()
    assert link.token_hash == token_hash(token)
    assert token not in repr(vars(link))
    (line,) = [
        line for line in journal_of(work.session, organisation(work)) if "processor" in line.code
    ]
    assert (line.code, line.parameters) == ("processor_invited", {"link": link.id})


@pytest.mark.parametrize("role", [Role.REPORTER, Role.MANAGER, Role.AUDITOR, Role.ADMIN])
def test_only_the_case_team_hands_out_links(work, role):
    outside.invite(work, now=NOW)
    by = seat(work, role)

    with pytest.raises(NotAllowed):
        make_link(work.session, "Nuage", by=by, now=NOW)
    with pytest.raises(NotAllowed):
        links_of(work.session, by)
    with pytest.raises(NotAllowed):
        revoke_link(work.session, 1, by=by, now=NOW)


@pytest.mark.parametrize(
    ("processor", "days", "code"),
    [
        pytest.param("  ", 30, "processor_missing", id="no name"),
        pytest.param("x" * 201, 30, "text_too_long", id="a name too long"),
        pytest.param("Nuage", 0, "link_lasts_wrong", id="no day"),
        pytest.param("Nuage", 366, "link_lasts_wrong", id="more than a year"),
    ],
)
def test_a_link_without_a_name_or_an_end_is_refused(work, processor, days, code):
    with pytest.raises(InvalidInput) as refused:
        outside.invite(work, now=NOW, processor=processor, days=days)

    assert refused.value.code == code


def test_a_link_is_listed_to_its_own_organisation_with_the_case_it_opened(work):
    used, still = (outside.invite(work, now=NOW) for _ in range(2))
    opened = outside.declared(work, used, now=LATER).outside.incident

    listed = links_of(work.session, seat(work, Role.HANDLER))

    assert [reference for _, reference in listed] == [None, opened.reference]
    assert [state_of(link, now=LATER) for link, _ in listed] == [LinkState.OPEN, LinkState.USED]
    assert links_of(work.session, seat(work, Role.HANDLER, "VID")) == []
    assert find_link(work.session, still).organisation_id == organisation(work).id


def test_a_link_taken_back_opens_nothing(work):
    token = outside.invite(work, now=NOW)
    link = find_link(work.session, token)

    for _ in range(2):
        revoke_link(work.session, link.id, by=seat(work, Role.DPO), now=NOW)

    with pytest.raises(WrongStep) as refused:
        outside.declared(work, token, now=LATER)
    assert refused.value.code == "link_revoked"
    codes = [line.code for line in journal_of(work.session, organisation(work))]
    assert codes.count("processor_link_revoked") == 1


def test_another_organisation_takes_no_link_of_ours_back(work):
    link = find_link(work.session, outside.invite(work, now=NOW))

    with pytest.raises(NotFound):
        revoke_link(work.session, link.id, by=seat(work, Role.DPO, "VID"), now=NOW)


def test_a_link_that_served_is_taken_back_no_more(work):
    token = outside.invite(work, now=NOW)
    outside.declared(work, token, now=LATER)

    with pytest.raises(WrongStep):
        revoke_link(
            work.session, find_link(work.session, token).id, by=seat(work, Role.DPO), now=LATER
        )


# --- Declaring -------------------------------------------------------------------------------


def test_both_awareness_times_are_kept_and_our_clock_runs_from_being_told(work):
    token = outside.invite(work, now=NOW)

    received = outside.declared(work, token, now=LATER)

    opened = received.outside.incident
    assert opened.channel is Channel.PROCESSOR_LINK
    # EDPB Guidelines 9/2022, § 44: aware once the processor has informed us.
    assert opened.noticed_at == received.outside.reported_at == LATER
    assert received.outside.processor_aware_at == LATER - timedelta(hours=5)
    answers = answers_from(latest_facts(work.session, opened))
    assert answers["processors_involved"].value == "Nuage Hébergement"
    assert answers["processor_aware_at"].value == (LATER - timedelta(hours=5)).isoformat()
    lines = journal_of(work.session, opened)
    assert first_broken_entry(lines) is None
    assert lines[0].parameters == {"channel": "processor_link"}
    told = {mail.kind.value for mail in work.session.scalars(select(Delivery))}
    # The mail of the deadline's start tells of the report too: one mail, not two.
    assert told == {"clock_started"}


def test_the_case_is_qualified_as_of_when_we_were_told_without_a_reason(work):
    received = outside.declared(work, outside.invite(work, now=NOW), now=LATER)
    reference = received.outside.incident.reference

    qualify(work, reference, now=LATER + timedelta(hours=1), aware_at=LATER, reason="")

    assert incident(work, reference).aware_at == LATER


def test_a_link_serves_once(work):
    token = outside.invite(work, now=NOW)
    outside.declared(work, token, now=LATER, ticket="1" * 32)

    with pytest.raises(WrongStep) as refused:
        outside.declared(work, token, now=LATER, ticket="2" * 32)

    assert refused.value.code == "link_used"
    assert len(incidents(work)) == 1


def test_the_same_form_sent_again_gives_the_same_receipt(work):
    token = outside.invite(work, now=NOW)

    first = outside.declared(work, token, now=LATER)
    again = outside.declared(work, token, now=LATER + timedelta(minutes=1))

    assert (again.secret, again.outside.id) == (first.secret, first.outside.id)
    assert again.outside.reported_at == LATER
    assert len(incidents(work)) == 1


def test_of_two_declarations_at_once_one_opens_a_case(work, at_once):
    token = outside.invite(work, now=NOW)

    def declare_with(ticket):
        return lambda own: outside.declared(own, token, now=LATER, ticket=ticket).secret

    results = at_once(declare_with("1" * 32), declare_with("2" * 32))

    refused = [result for result in results if isinstance(result, WrongStep)]
    assert [fault.code for fault in refused] == ["link_used"]
    assert len(incidents(work)) == 1


def test_one_form_sent_twice_at_once_opens_one_case_and_both_get_its_receipt(work, at_once):
    token = outside.invite(work, now=NOW)

    def send(own):
        return outside.declared(own, token, now=LATER).secret

    assert at_once(send, send) == [outside.secret_for()] * 2
    assert len(incidents(work)) == 1


def test_an_ended_link_opens_nothing(work):
    token = outside.invite(work, now=NOW, days=2)

    with pytest.raises(WrongStep) as refused:
        outside.declared(work, token, now=LATER)

    assert refused.value.code == "link_expired"


def test_a_refused_declaration_leaves_the_link_open(work):
    token = outside.invite(work, now=NOW)
    link = find_link(work.session, token)
    ahead = Declaration(Report("Fuite", LATER), LATER + timedelta(minutes=1), Identity())

    with pytest.raises(InvalidInput) as refused:
        declare(work.session, work.desk, link, ahead, ticket=outside.TICKET, now=LATER)
    with pytest.raises(InvalidInput):
        outside.declared(work, token, now=LATER, uploads=(Upload("a.exe", b"MZ"),))
    work.session.rollback()

    assert refused.value.field == "processor_aware_at"
    assert incidents(work) == []
    assert state_of(find_link(work.session, token), now=LATER) is LinkState.OPEN
    assert outside.declared(work, token, now=LATER).outside.incident.id


def test_a_token_that_is_none_of_ours_opens_nothing(work):
    outside.invite(work, now=NOW)

    for token in ("", "x" * 43, "../..", "\x00"):
        with pytest.raises(NotFound):
            find_link(work.session, token)
    assert work.session.scalars(select(OutsideReport)).all() == []
