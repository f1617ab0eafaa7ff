"""A restricted case: who is told of it, who is named, who comes after those who leave."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongStep
from breachdesk.models import Delivery, Incident, Membership, NamedPerson
from breachdesk.services import case_access
from breachdesk.services.cases import find_case, list_due
from breachdesk.services.deliveries import queue_to_user
from breachdesk.services.incidents import Report, open_incident
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.references import SIGNS, unnumbered_reference
from breachdesk.services.register import (
    RegisterFilter,
    find_own_report,
    list_own_reports,
    list_register,
)
from breachdesk.services.sending import deliver_due
from breachdesk.services.waiting_mail import waiting_mail
from tests.cases import (
    MONDAY_NINE,
    Work,
    address_of,
    incident,
    make_organisation,
    open_case,
    organisation,
    qualify,
    seat,
)
from tests.mail.memory import MemoryMailer
from tests.services.desks import counting_statements, let_work

NOW = MONDAY_NINE
HOUR = timedelta(hours=1)
REASON = "Le rapport met en cause un collègue."


@pytest.fixture(autouse=True)
def _organisation(work: Work) -> None:
    make_organisation(work, now=NOW)


def person(work: Work, role: Role) -> int:
    return seat(work, role).user.id


def open_restricted(work: Work, *roles: Role, by: Role = Role.REPORTER) -> Incident:
    named = frozenset(person(work, role) for role in roles or (Role.DPO,))
    report = Report("Un collègue a copié la base clients.", NOW, named=named)
    return open_incident(work.session, work.desk, report, by=seat(work, by), now=NOW)


def restrict(work: Work, case: Incident, *roles: Role, seen: tuple[Role, ...] = ()) -> None:
    case_access.restrict_case(
        work.session,
        case,
        [person(work, role) for role in roles],
        seen=[person(work, role) for role in seen],
        reason=REASON,
        by=seat(work, Role.DPO),
        now=NOW + HOUR,
    )


def lines_of(work: Work, case: Incident) -> list[tuple[str, object, str | None]]:
    found = journal_of(work.session, case)
    assert first_broken_entry(found) is None
    codes = ("case_restricted", "case_opened_to_all", "person_named", "person_no_longer_named")
    return [
        (line.code, line.parameters.get("user", line.parameters.get("people")), line.reason)
        for line in found
        if line.code in codes
    ]


def told_by_mail(mailer: MemoryMailer) -> set[str]:
    return {letter.recipient_address for letter in mailer.letters}


def end_roles(work: Work, role: Role) -> None:
    held = select(Membership).where(Membership.user_id == person(work, role))
    work.session.scalars(held).one().ended_at = NOW
    work.session.commit()


# --- Who sees it -----------------------------------------------------------------------------


def test_who_is_not_named_finds_it_by_no_reference_list_search_or_count(work: Work) -> None:
    hidden = open_restricted(work)
    shown = open_case(work, now=NOW)
    for role in set(ORGANISATION_ROLES) - {Role.DPO}:
        stranger = seat(work, role)

        with pytest.raises(NotFound) as fault:
            find_case(work.session, [stranger], hidden.reference)

        assert fault.value.code == "unknown_reference"
        assert find_case(work.session, [stranger], shown).incident.reference == shown
    manager = seat(work, Role.MANAGER)
    for wanted in (RegisterFilter(), RegisterFilter(text="collègue"), RegisterFilter(clock="soon")):
        found = list_register(work.session, manager, wanted, now=NOW + HOUR)
        assert hidden.reference not in {row[0].reference for row in found.rows}
        assert found.total == len(found.rows)
    due = list_due(work.session, manager)
    assert [case.incident.reference for case in due] == [shown]


def test_whoever_is_named_finds_it_everywhere(work: Work) -> None:
    hidden = open_restricted(work)
    dpo = seat(work, Role.DPO)

    assert find_case(work.session, [dpo], hidden.reference).incident.id == hidden.id
    assert [case.incident.id for case in list_due(work.session, dpo)] == [hidden.id]
    found = list_register(work.session, dpo, RegisterFilter(text="collègue"), now=NOW)
    assert (found.total, [row[0].id for row in found.rows]) == (1, [hidden.id])


def test_the_reporter_follows_their_own_report_and_nobody_else_theirs(work: Work) -> None:
    hidden = open_restricted(work, by=Role.HANDLER)
    handler, manager = seat(work, Role.HANDLER), seat(work, Role.MANAGER)

    own = find_own_report(work.session, [handler], hidden.reference.lower())

    assert own is not None
    assert own[0].id == hidden.id
    assert [report.id for report in list_own_reports(work.session, handler)] == [hidden.id]
    assert find_own_report(work.session, [manager], hidden.reference) is None
    with pytest.raises(NotFound):
        find_case(work.session, [handler], hidden.reference)


def test_mail_that_waits_is_counted_for_those_alone_who_may_know_why(work: Work) -> None:
    open_restricted(work)
    work.session.commit()

    # The receipt, and the plan of the clock.
    assert waiting_mail(work.session, seat(work, Role.DPO)).count == 2
    assert waiting_mail(work.session, seat(work, Role.MANAGER)).count == 0
    assert waiting_mail(work.session, seat(work, Role.MANAGER)).since is None


# --- Its reference ---------------------------------------------------------------------------


def test_the_numbers_of_the_others_show_no_gap(work: Work) -> None:
    before = open_case(work, now=NOW)
    hidden = open_restricted(work)
    after = open_case(work, now=NOW)

    assert (before, after) == ("GIR-2026-0001", "GIR-2026-0002")
    assert re.fullmatch(rf"GIR-2026-[A-Z][{SIGNS}]{{4}}", hidden.reference)


def test_references_by_chance_are_unlike(work: Work) -> None:
    shop = organisation(work)

    found = {unnumbered_reference(work.session, shop, now=NOW) for _ in range(200)}

    assert len(found) == 200


def test_a_case_restricted_later_keeps_the_number_people_know(work: Work) -> None:
    case = incident(work, open_case(work, now=NOW))

    restrict(work, case, Role.DPO)

    assert case.reference == "GIR-2026-0001"
    assert open_case(work, now=NOW) == "GIR-2026-0002"


# --- Who is told -----------------------------------------------------------------------------


def test_only_named_people_are_told_from_the_opening_to_long_after_the_deadline(
    work: Work, mailer: MemoryMailer
) -> None:
    hidden = open_restricted(work, Role.DPO, Role.HANDLER)
    for hours in range(0, 100, 4):
        let_work(work, NOW + hours * HOUR)
    qualify(work, hidden.reference, now=NOW + 100 * HOUR)
    for hours in range(100, 200, 4):
        let_work(work, NOW + hours * HOUR)

    kinds = set(work.session.scalars(select(Delivery.kind)))
    assert {MailKind.CLOCK_STARTED, MailKind.CHASE, MailKind.LATE, MailKind.RECEIPT} <= kinds
    assert told_by_mail(mailer) == {
        address_of(role) for role in (Role.REPORTER, Role.DPO, Role.HANDLER)
    }


@pytest.mark.parametrize(
    ("named", "told"),
    [
        pytest.param((Role.DPO,), {Role.DPO}, id="the DPO for the handler too"),
        pytest.param((Role.DECIDER,), {Role.DECIDER}, id="no handler and no DPO among them"),
        pytest.param((Role.DECIDER, Role.HANDLER), {Role.DECIDER, Role.HANDLER}, id="both"),
    ],
)
def test_an_alert_goes_to_whoever_of_the_named_stands_in(
    work: Work, mailer: MemoryMailer, named: tuple[Role, ...], told: set[Role]
) -> None:
    open_restricted(work, *named)

    let_work(work, NOW)

    assert told_by_mail(mailer) == {address_of(role) for role in told | {Role.REPORTER}}


def test_the_reporter_who_is_of_the_team_gets_the_receipt_and_no_reminder(
    work: Work, mailer: MemoryMailer
) -> None:
    open_restricted(work, by=Role.HANDLER)

    let_work(work, NOW + 80 * HOUR)

    kinds = select(Delivery.kind).where(Delivery.user_id == person(work, Role.HANDLER))
    assert work.session.scalars(kinds).all() == [MailKind.RECEIPT]


def test_mail_under_way_to_others_is_cancelled_when_the_case_is_restricted(
    work: Work, mailer: MemoryMailer
) -> None:
    case = incident(work, open_case(work, now=NOW, by=Role.REPORTER))

    restrict(work, case, Role.DPO)
    let_work(work, NOW + HOUR)

    states = dict(work.session.execute(select(Delivery.user_id, Delivery.state)).all())
    assert states[person(work, Role.HANDLER)] is DeliveryState.CANCELLED
    assert states[person(work, Role.DPO)] is DeliveryState.SENT
    assert told_by_mail(mailer) == {address_of(Role.DPO), address_of(Role.REPORTER)}


def test_what_was_claimed_before_the_restriction_is_not_written_after_it(
    work: Work, mailer: MemoryMailer, at_once
) -> None:
    reference = open_case(work, now=NOW, by=Role.REPORTER)
    is_restricted = False

    def restrict_once_claimed(other: Work) -> None:
        nonlocal is_restricted
        claimed = select(Delivery.id).where(Delivery.state == DeliveryState.SENDING)
        if other.session.scalars(claimed).first() is not None:
            restrict(other, incident(other, reference), Role.DPO)
            is_restricted = True

    def clock() -> datetime:
        """The worker asks for the time between its claim and its letters as well."""
        if not is_restricted and not work.session.in_transaction():
            at_once(restrict_once_claimed)
        return NOW

    deliver_due(work.session, work.desk, worker="w", clock=clock)

    assert is_restricted
    assert told_by_mail(mailer) == {address_of(Role.DPO), address_of(Role.REPORTER)}


def test_a_mail_queued_past_all_rules_is_withheld_at_the_last_moment(
    work: Work, mailer: MemoryMailer
) -> None:
    case = open_restricted(work)
    manager = person(work, Role.MANAGER)
    late = queue_to_user(work.session, case, manager, MailKind.LATE, key="x", now=NOW)
    work.session.commit()

    let_work(work, NOW)

    assert late.state is DeliveryState.CANCELLED
    assert address_of(Role.MANAGER) not in told_by_mail(mailer)


# --- Naming people ---------------------------------------------------------------------------


def test_restricting_naming_and_opening_again_are_journaled_with_their_reasons(work: Work) -> None:
    case = incident(work, open_case(work, now=NOW))
    dpo, decider = person(work, Role.DPO), person(work, Role.DECIDER)

    restrict(work, case, Role.DPO)
    restrict(work, case, Role.DPO, Role.DECIDER, seen=(Role.DPO,))
    restrict(work, case, Role.DECIDER, seen=(Role.DPO, Role.DECIDER))
    case_access.open_case_to_all(
        work.session, case, reason=REASON, by=seat(work, Role.DECIDER), now=NOW + 2 * HOUR
    )

    assert lines_of(work, case) == [
        ("case_restricted", 1, REASON),
        ("person_named", dpo, None),
        ("person_named", decider, REASON),
        ("person_no_longer_named", dpo, REASON),
        ("case_opened_to_all", None, REASON),
    ]
    assert work.session.scalars(select(NamedPerson)).all() == []
    assert find_case(work.session, [seat(work, Role.MANAGER)], case.reference)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        pytest.param((), "nobody_named_leads", id="nobody"),
        pytest.param((Role.HANDLER, Role.MANAGER), "nobody_named_leads", id="nobody who leads"),
        pytest.param((Role.DPO, Role.REPORTER), "cannot_be_named", id="somebody who reads no case"),
        pytest.param((Role.DPO, Role.ADMIN), "cannot_be_named", id="an admin reads none either"),
    ],
)
def test_a_case_is_left_only_to_people_who_can_lead_it(
    work: Work, named: tuple[Role, ...], code: str
) -> None:
    case = incident(work, open_case(work, now=NOW))

    with pytest.raises(InvalidInput) as fault:
        restrict(work, case, *named)

    work.session.rollback()
    assert (fault.value.code, fault.value.field) == (code, "named")
    assert not case.is_restricted


def test_a_reporter_names_people_who_work_on_cases_alone(work: Work) -> None:
    with pytest.raises(InvalidInput):
        open_restricted(work, Role.DPO, Role.MANAGER)
    work.session.rollback()
    with pytest.raises(InvalidInput):
        open_restricted(work, Role.HANDLER)
    work.session.rollback()

    names = [reader.user.name for reader in people_to_name(work)]
    assert names == ["Decider GIR", "Dpo GIR", "Handler GIR"]
    assert case_access.proposed(people_to_name(work)) == {person(work, Role.DPO)}


def people_to_name(work: Work) -> list[case_access.Reader]:
    return case_access.people_to_name(work.session, organisation(work).id)


def test_somebody_of_another_organisation_cannot_be_named(work: Work) -> None:
    make_organisation(work, "VID", now=NOW)
    case = incident(work, open_case(work, now=NOW))
    other = seat(work, Role.DPO, "VID").user.id

    with pytest.raises(InvalidInput):
        case_access.restrict_case(
            work.session, case, [other], seen=(), by=seat(work, Role.DPO), now=NOW
        )


def test_two_leads_who_name_at_once_do_not_undo_each_other(work: Work) -> None:
    case = incident(work, open_case(work, now=NOW))
    restrict(work, case, Role.DPO)

    with pytest.raises(ChangedMeanwhile):
        restrict(work, case, Role.DPO, Role.HANDLER, seen=())


def test_opening_to_all_needs_a_reason_and_something_to_open(work: Work) -> None:
    case = incident(work, open_case(work, now=NOW))
    dpo = seat(work, Role.DPO)

    with pytest.raises(WrongStep):
        case_access.open_case_to_all(work.session, case, reason=REASON, by=dpo, now=NOW)
    work.session.rollback()
    restrict(work, case, Role.DPO)
    with pytest.raises(InvalidInput):
        case_access.open_case_to_all(work.session, case, reason="bof", by=dpo, now=NOW)
    work.session.rollback()
    assert case.is_restricted


@pytest.mark.parametrize("role", sorted(set(ORGANISATION_ROLES) - {Role.DPO, Role.DECIDER}))
def test_only_leads_restrict(work: Work, role: Role) -> None:
    case = incident(work, open_case(work, now=NOW))
    by = seat(work, role)

    with pytest.raises(NotAllowed):
        case_access.restrict_case(work.session, case, [], seen=[], by=by, now=NOW)
    with pytest.raises(NotAllowed):
        case_access.open_case_to_all(work.session, case, reason=REASON, by=by, now=NOW)


def test_who_reads_a_case_is_told_in_one_query_with_who_named_them(work: Work) -> None:
    case = incident(work, open_case(work, now=NOW))
    restrict(work, case, Role.DPO)
    engine = work.session.get_bind()
    assert case.id

    with counting_statements(engine) as statements:
        readers = case_access.readers_of(work.session, case)

    assert len(statements) == 1
    named = {reader.user.name: reader.named_by for reader in readers if reader.named}
    assert [reader.user.name for reader in readers] == [
        "Auditor GIR",
        "Decider GIR",
        "Dpo GIR",
        "Handler GIR",
        "Manager GIR",
    ]
    assert {name: by.name for name, by in named.items()} == {"Dpo GIR": "Dpo GIR"}


# --- When those who are named leave ----------------------------------------------------------


def test_where_the_last_lead_has_left_the_next_are_named_and_told(
    work: Work, mailer: MemoryMailer
) -> None:
    hidden = open_restricted(work, Role.DPO, Role.HANDLER)
    let_work(work, NOW)
    assert case_access.keep_restricted_cases_led(work.session, now=NOW) == 0
    dpo = person(work, Role.DPO)
    end_roles(work, Role.DPO)
    mailer.letters.clear()

    assert case_access.keep_restricted_cases_led(work.session, now=NOW + HOUR) == 1
    assert case_access.keep_restricted_cases_led(work.session, now=NOW + HOUR) == 0
    let_work(work, NOW + HOUR)

    decider = seat(work, Role.DECIDER)
    assert find_case(work.session, [decider], hidden.reference)
    assert find_case(work.session, [seat(work, Role.HANDLER)], hidden.reference)
    assert told_by_mail(mailer) == {address_of(Role.DECIDER)}
    assert lines_of(work, hidden)[-2:] == [
        ("person_named", decider.user.id, None),
        ("person_no_longer_named", dpo, None),
    ]
    with pytest.raises(NotFound):
        find_case(work.session, [seat(work, Role.MANAGER)], hidden.reference)


def test_where_nobody_leads_at_all_nobody_is_named(work: Work) -> None:
    hidden = open_restricted(work)
    end_roles(work, Role.DPO)
    end_roles(work, Role.DECIDER)

    case_access.keep_restricted_cases_led(work.session, now=NOW)

    named = work.session.scalars(select(NamedPerson.user_id)).all()
    assert len(named) == 1
    assert hidden.is_restricted
