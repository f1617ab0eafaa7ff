"""One event in several organisations: linked cases, facts told once and amended apart."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, WrongStep
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.journal import Entry
from breachdesk.domain.lifecycle import Channel
from breachdesk.domain.sharing import Sharing
from breachdesk.models import Delivery, Incident, IncidentGroup, Membership, NamedPerson
from breachdesk.services.acting import seat_in, seats_of
from breachdesk.services.cases import latest_facts, list_due_everywhere
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.shared_incidents import (
    link_organisations,
    linked_cases,
    organisations_to_link,
    share_facts,
    sharing_plan,
)
from tests import cases
from tests.cases import MONDAY_NINE

NOW = MONDAY_NINE
CODES = ("GIR", "VID", "ATT")


@pytest.fixture
def seats(work):
    """The DPO of GIR, who is the DPO of VID and ATT too."""
    for code in CODES:
        cases.make_organisation(work, code, now=NOW)
    dpo = cases.seat(work, Role.DPO).user
    for code in CODES[1:]:
        organisation = cases.organisation(work, code)
        work.session.add(Membership(organisation_id=organisation.id, user_id=dpo.id, role=Role.DPO))
    work.session.commit()
    return seats_of(work.session, dpo.id)


@pytest.fixture
def incident(work, seats):
    reference = cases.open_case(work, now=NOW)
    cases.know(work, reference, now=NOW, vector="ransomware", n_subjects=3412, exfiltration=None)
    return cases.incident(work, reference)


def by(seats, code="GIR"):
    return seat_in(seats, code)


def link(work, incident, seats, *codes, now=NOW):
    return link_organisations(
        work.session, work.desk, incident, codes, by=by(seats), seats=seats, now=now
    )


def value(work, incident, key):
    fact = latest_facts(work.session, incident).get(key)
    return fact and fact.value


def test_a_case_is_opened_in_each_organisation_with_what_is_common(work, seats, incident):
    opened = link(work, incident, seats, "ATT", "VID")

    assert [made.reference for made in opened] == ["ATT-2026-0001", "VID-2026-0001"]
    for made in opened:
        assert made.channel is Channel.SHARED
        assert made.group_id == incident.group_id is not None
        assert made.noticed_at == incident.noticed_at
        assert value(work, made, "vector") == "ransomware"
        assert value(work, made, "n_subjects") is None
        facts = latest_facts(work.session, made)
        assert facts["vector"].is_shared
        assert not facts["description"].is_shared
        assert first_broken_entry(journal_of(work.session, made)) is None
    assert Entry.CASES_LINKED in {line.code for line in journal_of(work.session, incident)}


def test_their_own_people_are_told_and_the_one_who_opened_is_not(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")

    mails = work.session.scalars(select(Delivery).where(Delivery.incident_id == made.id)).all()
    assert {mail.kind for mail in mails} == {MailKind.CLOCK_STARTED}
    assert by(seats).user.id not in {mail.user_id for mail in mails}
    assert cases.seat(work, Role.HANDLER, "VID").user.id in {mail.user_id for mail in mails}


def test_who_opened_it_gets_the_calendar_of_every_later_clock(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    later = NOW + timedelta(hours=1)

    cases.qualify(work, made.reference, now=later)

    mails = work.session.scalars(
        select(Delivery).where(
            Delivery.incident_id == made.id, Delivery.kind == MailKind.CLOCK_STARTED
        )
    ).all()
    dpo = cases.seat(work, Role.DPO, "VID").user.id
    regimes = [mail.parameters["regime"] for mail in mails if mail.user_id == by(seats).user.id]
    assert regimes == ["gdpr_art_33"]
    assert dpo in {mail.user_id for mail in mails}


def test_nobody_of_one_organisation_learns_of_the_others(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    theirs = [cases.seat(work, Role.DECIDER, "VID")]

    assert linked_cases(work.session, made, theirs) == []
    said = [(line.code, line.parameters, line.reason) for line in journal_of(work.session, made)]
    assert "GIR" not in str(said)
    assert all("GIR" not in fact.source for fact in latest_facts(work.session, made).values())


def test_a_linked_case_is_shown_with_what_is_due_next_there(work, seats, incident):
    (made,) = link(work, incident, seats, "ATT")
    (linked,) = linked_cases(work.session, incident, seats)
    assert linked.clock.regime == "provisional"

    cases.start_clock(
        work, made.reference, "nis2_early_warning", now=NOW, started_at=made.noticed_at
    )

    (linked,) = linked_cases(work.session, incident, seats)
    assert linked.clock.regime == "nis2_early_warning"


def test_what_is_found_later_is_told_once_and_what_was_amended_stays(work, seats, incident):
    attacked, amended = link(work, incident, seats, "ATT", "VID")
    later = NOW + timedelta(hours=2)
    cases.know(work, amended.reference, now=later, vector="phishing")
    cases.know(work, incident.reference, now=later, vector="hacking", exfiltration="confirmed")

    done = share_facts(
        work.session, incident, ["vector", "exfiltration"], by=by(seats), seats=seats, now=later
    )

    assert done == {Sharing.TOLD: 3, Sharing.AMENDED_APART: 1}
    assert value(work, attacked, "vector") == "hacking"
    assert value(work, amended, "vector") == "phishing"
    assert value(work, amended, "exfiltration") == "confirmed"
    assert latest_facts(work.session, amended)["exfiltration"].is_shared


def test_sharing_twice_changes_nothing(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")

    done = share_facts(work.session, incident, ["vector"], by=by(seats), seats=seats, now=NOW)

    assert done == {Sharing.SAME: 1}
    assert latest_facts(work.session, made)["vector"].version == 1


def test_a_fact_shared_again_follows_until_it_is_amended(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    for minutes, vector in enumerate(("hacking", "phishing"), start=1):
        later = NOW + timedelta(minutes=minutes)
        cases.know(work, incident.reference, now=later, vector=vector)
        share_facts(work.session, incident, ["vector"], by=by(seats), seats=seats, now=later)
        assert value(work, made, "vector") == vector


@pytest.mark.parametrize(
    ("codes", "fault"),
    [
        pytest.param([], InvalidInput, id="none chosen"),
        pytest.param(["XYZ"], NotFound, id="no such organisation"),
        pytest.param(["GIR"], NotFound, id="its own"),
        pytest.param(["VID", "OTH"], NotFound, id="one where the person is nobody"),
    ],
)
def test_cases_are_opened_only_where_the_person_leads_and_all_or_none(
    work, seats, incident, codes, fault
):
    cases.make_organisation(work, "OTH", now=NOW)

    with pytest.raises(fault):
        link(work, incident, seats, *codes)

    work.session.rollback()
    assert work.session.query(Incident).count() == 1
    assert work.session.query(IncidentGroup).count() == 0


def test_a_handler_elsewhere_opens_nothing_there(work, seats, incident):
    handler = cases.seat(work, Role.HANDLER).user
    theirs = seats_of(work.session, handler.id)

    assert organisations_to_link(work.session, incident, theirs) == []
    with pytest.raises(NotAllowed):
        link_organisations(
            work.session, work.desk, incident, ["VID"], by=theirs[0], seats=theirs, now=NOW
        )


def test_a_linked_case_says_that_what_was_filed_there_was_taken_back(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    cases.qualify(work, made.reference, now=NOW)
    cases.file(work, made.reference, now=NOW)
    (found,) = linked_cases(work.session, incident, seats)
    assert found.withdrawn_at is None

    later = NOW + timedelta(hours=1)
    why = "Rien n’a été consulté."
    kind = NotificationKind.WITHDRAWAL
    cases.file(work, made.reference, now=later, kind=kind, withdrawal_reason=why)
    (found,) = linked_cases(work.session, incident, seats)
    assert found.withdrawn_at == later


def test_an_organisation_with_a_case_of_the_event_is_not_offered_again(work, seats, incident):
    link(work, incident, seats, "VID")

    assert [s.organisation.code for s in organisations_to_link(work.session, incident, seats)] == [
        "ATT"
    ]
    with pytest.raises(NotFound):
        link(work, incident, seats, "VID")


def test_a_restricted_case_is_not_linked(work, seats, incident):
    incident.is_restricted = True
    work.session.add(NamedPerson(incident_id=incident.id, user_id=by(seats).user.id, named_at=NOW))
    work.session.commit()

    with pytest.raises(WrongStep, match="restricted_not_shared"):
        link(work, incident, seats, "VID")


def test_a_linked_case_that_is_restricted_is_seen_by_the_people_named_alone(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    made.is_restricted = True
    work.session.commit()

    assert linked_cases(work.session, incident, seats) == []


@pytest.mark.parametrize("keys", [[], ["n_subjects"], ["vector", "n_subjects"], ["exfiltration"]])
def test_only_what_is_known_and_common_can_be_shared(work, seats, incident, keys):
    link(work, incident, seats, "VID")

    with pytest.raises(InvalidInput, match="nothing_to_share"):
        share_facts(work.session, incident, keys, by=by(seats), seats=seats, now=NOW)


def test_the_plan_says_what_sharing_would_do(work, seats, incident):
    (made,) = link(work, incident, seats, "VID")
    cases.know(work, incident.reference, now=NOW, cause="external_malicious")

    plan = {
        fact.key: fact for fact in sharing_plan(work.session, incident, by=by(seats), seats=seats)
    }

    assert plan["cause"].is_news
    assert not plan["vector"].is_news
    assert plan["cause"].answer == Answer(FactState.KNOWN, "external_malicious")
    assert "n_subjects" not in plan
    assert made.reference


# --- Everything due, everywhere --------------------------------------------------------------


def test_what_is_due_in_every_organisation_comes_in_order_of_time(work, seats, incident):
    later = cases.open_case(work, now=NOW + timedelta(hours=1), code="VID")
    sooner = cases.open_case(
        work, now=NOW + timedelta(hours=1), code="ATT", noticed_at=NOW - timedelta(hours=1)
    )

    due = list_due_everywhere(work.session, seats)

    assert [case.incident.reference for case in due] == [sooner, incident.reference, later]
    assert [case.seat.organisation.code for case in due] == ["ATT", "GIR", "VID"]


def test_the_list_holds_only_organisations_whose_register_the_person_reads(work, seats, incident):
    admin = cases.seat(work, Role.ADMIN).user

    assert list_due_everywhere(work.session, seats_of(work.session, admin.id)) == []


def test_a_restricted_case_is_in_the_list_of_the_people_named_alone(work, seats, incident):
    incident.is_restricted = True
    work.session.commit()
    assert list_due_everywhere(work.session, seats) == []

    work.session.add(NamedPerson(incident_id=incident.id, user_id=by(seats).user.id, named_at=NOW))
    work.session.commit()
    assert [c.incident.id for c in list_due_everywhere(work.session, seats)] == [incident.id]
