"""Who belongs to an organisation, what changes for them, and whom that is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import DeskError, InvalidInput, NotAllowed, NotFound
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.models import Delivery, Incident, Membership, NamedPerson, Passkey, User
from breachdesk.services import people
from breachdesk.services.acting import seat_in, seats_of
from breachdesk.services.cases import find_case
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.organisations import NewPerson, add_user
from breachdesk.services.sessions import begin_session, find_signed_in
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of
from tests.services.desks import counting_statements, let_work, meeting_before

LATER = MONDAY_NINE + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _organisations(work):
    cases.make_organisation(work, now=MONDAY_NINE)
    cases.make_organisation(work, "VID", now=MONDAY_NINE)


def user(work, email):
    """The person of that address, as they are now."""
    query = select(User).where(User.email == email).execution_options(populate_existing=True)
    return work.session.scalars(query).one()


def of_role(work, role, code="GIR"):
    return user(work, address_of(role, code))


def roles_of(work, person, code="GIR"):
    """The roles somebody holds; none where they have no seat."""
    seat = seat_in(seats_of(work.session, person.id), code)
    return set(seat.roles) if seat else set()


def change(work, person, roles, by=Role.ADMIN, code="GIR"):
    who = cases.seat(work, by, code)
    return people.change_roles(work.session, work.desk, person.id, roles, by=who, now=LATER)


def remove(work, person, by=Role.ADMIN, reason=""):
    who = cases.seat(work, by)
    people.remove_person(work.session, work.desk, person.id, by=who, now=LATER, reason=reason)


def readmit(work, person, roles, by=Role.ADMIN):
    who = cases.seat(work, by)
    people.readmit_person(work.session, work.desk, person.id, roles, by=who, now=LATER)


def add_to(work, person, code, role):
    """Give somebody a seat in a further organisation."""
    organisation = cases.organisation(work, code)
    people.set_roles(work.session, organisation, person, {role}, now=MONDAY_NINE)
    work.session.commit()


def lines(work, *codes):
    """The lines of these codes: who did it, parameters, reason. The whole chain must hold."""
    chain = journal_of(work.session, cases.organisation(work))
    assert first_broken_entry(chain) is None
    return [
        (line.code, line.actor.email if line.actor else None, line.parameters, line.reason)
        for line in chain
        if line.code in codes
    ]


def mails(work, mailer):
    """What has left since the beginning: to whom, subject and text."""
    work.session.rollback()
    let_work(work, LATER)
    return {
        (letter.recipient_address, letter.subject): " ".join(letter.text.split())
        for letter in mailer.letters
    }


# --- Roles -----------------------------------------------------------------------------------


def test_roles_are_changed_journaled_and_told_to_the_person(work, mailer):
    karim = of_role(work, Role.HANDLER)

    assert change(work, karim, ["manager", "reporter"])

    assert roles_of(work, karim) == {Role.MANAGER, Role.REPORTER}
    told = {"user": karim.id, "roles": ["manager", "reporter"]}
    assert lines(work, "roles_changed") == [("roles_changed", address_of(Role.ADMIN), told, None)]
    text = mails(work, mailer)[karim.email, "Accès à breachdesk pour Maison GIR"]
    assert "Déclarant, Direction" in text
    assert "Admin GIR a fait ce changement" in text


def test_the_same_roles_again_change_write_and_mail_nothing(work, mailer):
    karim = of_role(work, Role.HANDLER)

    assert not change(work, karim, ["handler"])

    assert lines(work, "roles_changed") == []
    assert mails(work, mailer) == {}


def test_a_role_taken_away_and_given_again_is_one_row(work):
    karim = of_role(work, Role.HANDLER)

    change(work, karim, ["reporter"])
    change(work, karim, ["handler"])

    query = select(Membership.role, Membership.ended_at).where(Membership.user_id == karim.id)
    kept = {role: ended_at for role, ended_at in work.session.execute(query)}
    assert kept == {Role.HANDLER: None, Role.REPORTER: LATER}


def test_the_dpo_and_the_decider_learn_that_somebody_reads_cases_now(work, mailer):
    marc = of_role(work, Role.ADMIN)

    change(work, marc, ["admin", "handler"])

    sent = mails(work, mailer)
    subject = "Accès à breachdesk pour Maison GIR"
    for role in (Role.DPO, Role.DECIDER):
        text = sent[address_of(role), subject]
        assert "Admin GIR peut désormais lire des dossiers de Maison GIR" in text
        assert "Gestionnaire, Administrateur" in text
    assert {address for address, _ in sent} == {
        marc.email,
        address_of(Role.DPO),
        address_of(Role.DECIDER),
    }


@pytest.mark.parametrize(
    "roles",
    [
        pytest.param(["admin"], id="no case is read by an admin"),
        pytest.param(["reporter"], id="nor by who only reports"),
    ],
)
def test_a_role_that_reads_nothing_is_told_to_the_person_alone(work, mailer, roles):
    lucie = of_role(work, Role.AUDITOR)

    change(work, lucie, roles)

    assert {address for address, _ in mails(work, mailer)} == {lucie.email}


def test_what_is_mailed_names_no_case_and_lies_sealed_until_it_leaves(work, mailer):
    change(work, of_role(work, Role.HANDLER), ["auditor"])

    waiting = work.session.scalars(select(Delivery)).all()
    assert {each.kind for each in waiting} == {MailKind.ACCOUNT_NOTICE}
    assert all(each.sealed and b"Handler" not in each.sealed for each in waiting)
    mails(work, mailer)
    work.session.expire_all()
    assert all(each.sealed is None for each in work.session.scalars(select(Delivery)))


@pytest.mark.parametrize(
    ("role", "roles", "code"),
    [
        pytest.param(Role.DECIDER, ["manager"], "last_decider", id="nobody would decide"),
        pytest.param(Role.ADMIN, ["manager"], "last_admin", id="nobody would let people in"),
        pytest.param(Role.DPO, [], "role_missing", id="no role at all"),
        pytest.param(Role.DPO, ["operator"], "role_missing", id="a role of no organisation"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(work, role, roles, code):
    person = of_role(work, role)

    with pytest.raises(InvalidInput) as fault:
        change(work, person, roles)

    assert fault.value.code == code
    work.session.rollback()
    assert roles_of(work, person) == {role}
    assert lines(work, "roles_changed") == []


def test_a_second_admin_may_take_the_role_from_the_first_but_neither_from_themselves(work):
    second = NewPerson("Léa", "lea@gir.example", frozenset({Role.ADMIN}), PASSWORD)
    lea = add_user(work.session, cases.organisation(work), second, now=MONDAY_NINE)
    marc = of_role(work, Role.ADMIN)

    with pytest.raises(InvalidInput, match="own_admin_role"):
        change(work, marc, ["dpo"])
    work.session.rollback()
    by_lea = seat_in(seats_of(work.session, lea.id), "GIR")
    people.change_roles(work.session, work.desk, marc.id, ["dpo"], by=by_lea, now=LATER)

    assert roles_of(work, marc) == {Role.DPO}


def test_two_admins_who_take_each_others_access_at_once_leave_one(work, engine, at_once):
    second = NewPerson("Léa", "lea@gir.example", frozenset({Role.ADMIN}), PASSWORD)
    lea = add_user(work.session, cases.organisation(work), second, now=MONDAY_NINE).id
    marc = of_role(work, Role.ADMIN).id
    work.session.rollback()

    def takes(actor: int, victim: int):
        def run(mine):
            who = seat_in(seats_of(mine.session, actor), "GIR")
            if who is None:
                # SQLite lets one go after the other from the first question on.
                raise NotAllowed
            people.remove_person(mine.session, mine.desk, victim, by=who, now=LATER)
            return "done"

        return run

    with meeting_before(engine, "FOR UPDATE"):
        results = at_once(takes(marc, lea), takes(lea, marc))

    assert results.count("done") == 1, results
    assert sum(isinstance(each, DeskError) for each in results) == 1, results
    admins = [
        each for each in (lea, marc) if Role.ADMIN in roles_of(work, work.session.get(User, each))
    ]
    assert len(admins) == 1


# --- Leaving and coming back -----------------------------------------------------------------


def test_who_leaves_keeps_their_name_and_loses_everything_else(work, mailer):
    karim = of_role(work, Role.HANDLER)
    reference = cases.open_case(work, now=MONDAY_NINE)
    token = begin_session(work.session, karim, method=SignInMethod.PASSWORD, now=LATER)

    remove(work, karim, reason="Départ de l’entreprise.")

    assert roles_of(work, karim) == set()
    assert not user(work, karim.email).is_active
    assert find_signed_in(work.session, token, now=LATER) is None
    admin = address_of(Role.ADMIN)
    assert lines(work, "user_left") == [
        ("user_left", admin, {"user": karim.id}, "Départ de l’entreprise.")
    ]
    case = work.session.scalars(select(Incident).where(Incident.reference == reference)).one()
    assert journal_of(work.session, case)[0].actor.name == "Handler GIR"
    assert any("a pris fin" in text for text in mails(work, mailer).values())


def test_sessions_go_on_for_the_other_organisations(work):
    karim = of_role(work, Role.HANDLER)
    add_to(work, karim, "VID", Role.REPORTER)
    token = begin_session(work.session, karim, method=SignInMethod.PASSWORD, now=LATER)

    remove(work, karim)

    found = find_signed_in(work.session, token, now=LATER)
    assert [seat.organisation.code for seat in found.seats] == ["VID"]
    assert user(work, karim.email).is_active


def test_an_operator_who_leaves_their_last_organisation_still_signs_in(work):
    karim = of_role(work, Role.HANDLER)
    karim.is_operator = True
    work.session.commit()
    token = begin_session(work.session, karim, method=SignInMethod.PASSWORD, now=LATER)

    remove(work, karim)

    assert find_signed_in(work.session, token, now=LATER) is not None


def test_a_case_that_names_somebody_opens_nothing_once_they_left_and_still_names_them(work):
    karim = of_role(work, Role.HANDLER)
    reference = cases.open_case(work, now=MONDAY_NINE)
    incident = work.session.scalars(select(Incident)).one()
    incident.is_restricted = True
    namings = select(NamedPerson).where(NamedPerson.user_id == karim.id)
    if work.session.scalars(namings).first() is None:
        work.session.add(
            NamedPerson(
                incident_id=incident.id, user_id=karim.id, named_by_id=karim.id, named_at=LATER
            )
        )
    work.session.commit()

    remove(work, karim)

    with pytest.raises(NotFound):
        find_case(work.session, seats_of(work.session, karim.id), reference)
    assert work.session.scalars(namings).first() is not None


def test_who_comes_back_signs_in_again_and_has_the_roles_now_given(work, mailer):
    karim = of_role(work, Role.HANDLER)
    remove(work, karim)

    readmit(work, karim, ["auditor"])

    assert user(work, karim.email).is_active
    assert roles_of(work, karim) == {Role.AUDITOR}
    addresses = {address for address, _ in mails(work, mailer)}
    assert {karim.email, address_of(Role.DPO), address_of(Role.DECIDER)} <= addresses


def test_who_is_here_is_not_let_in_twice(work):
    with pytest.raises(InvalidInput, match="already_member"):
        readmit(work, of_role(work, Role.HANDLER), ["auditor"])


@pytest.mark.parametrize(
    ("role", "code"), [(Role.DECIDER, "last_decider"), (Role.ADMIN, "last_admin")]
)
def test_who_is_needed_cannot_be_removed(work, role, code):
    person = of_role(work, role)

    with pytest.raises(InvalidInput) as fault:
        remove(work, person)

    assert fault.value.code == code
    work.session.rollback()
    assert roles_of(work, person) == {role}


def test_whom_alone_a_password_lets_in_stays_until_somebody_else_is_named(work):
    karim = of_role(work, Role.HANDLER)
    own = cases.organisation(work)
    own.takes_local_sign_in, own.break_glass_id = False, karim.id
    work.session.commit()

    with pytest.raises(InvalidInput, match="break_glass_stays"):
        remove(work, karim)
    work.session.rollback()
    own = cases.organisation(work)
    own.break_glass_id = of_role(work, Role.DPO).id
    work.session.commit()
    remove(work, karim)

    assert roles_of(work, karim) == set()


# --- Who may, and where ----------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.OPERATOR)])
def test_only_an_admin_sees_or_changes_people(work, role):
    karim, by = of_role(work, Role.HANDLER), cases.seat(work, role)

    for attempt in (
        lambda: people.list_people(work.session, by=by),
        lambda: people.find_colleague(work.session, karim.id, by=by),
        lambda: change(work, karim, ["dpo"], by=role),
        lambda: remove(work, karim, by=role),
        lambda: readmit(work, karim, ["dpo"], by=role),
    ):
        with pytest.raises(NotAllowed):
            attempt()
        work.session.rollback()


def test_an_admin_who_has_just_lost_the_role_changes_nothing_more(work):
    marc, karim = of_role(work, Role.ADMIN), of_role(work, Role.HANDLER)
    stale = cases.seat(work, Role.ADMIN)
    organisation = cases.organisation(work)
    people.set_roles(work.session, organisation, marc, {Role.REPORTER}, now=MONDAY_NINE)
    people.set_roles(work.session, organisation, karim, {Role.ADMIN}, now=MONDAY_NINE)
    work.session.commit()

    with pytest.raises(NotAllowed):
        people.change_roles(work.session, work.desk, karim.id, ["dpo"], by=stale, now=LATER)


def test_people_of_another_organisation_are_not_here(work):
    stranger = of_role(work, Role.HANDLER, "VID")

    for attempt in (
        lambda: people.find_colleague(work.session, stranger.id, by=cases.seat(work, Role.ADMIN)),
        lambda: change(work, stranger, ["dpo"]),
        lambda: remove(work, stranger),
        lambda: readmit(work, stranger, ["dpo"]),
    ):
        with pytest.raises(NotFound):
            attempt()
        work.session.rollback()
    assert roles_of(work, stranger, "VID") == {Role.HANDLER}


# --- The list --------------------------------------------------------------------------------


def test_the_list_tells_roles_last_sign_in_and_second_factor(work):
    karim, ines = of_role(work, Role.HANDLER), of_role(work, Role.DPO)
    begin_session(work.session, karim, method=SignInMethod.PASSWORD, now=LATER)
    work.session.add(
        Passkey(user_id=ines.id, credential_id=b"1", public_key=b"k", name="Clé", created_at=LATER)
    )
    work.session.commit()
    remove(work, of_role(work, Role.AUDITOR))

    found = {
        each.user.email: each
        for each in people.list_people(work.session, by=cases.seat(work, Role.ADMIN))
    }

    assert found[karim.email].last_sign_in_at == LATER
    assert not found[karim.email].has_second_factor
    assert found[ines.email].has_second_factor
    assert found[ines.email].last_sign_in_at is None
    assert found[address_of(Role.AUDITOR)].left_at == LATER
    assert found[address_of(Role.AUDITOR)].roles == frozenset()
    assert all(address.endswith("@gir.example") for address in found)


def test_sign_ins_through_another_organisations_provider_are_not_told(work):
    karim = of_role(work, Role.HANDLER)
    add_to(work, karim, "VID", Role.REPORTER)
    elsewhere = cases.organisation(work, "VID").id
    begin_session(
        work.session,
        karim,
        method=SignInMethod.SINGLE_SIGN_ON,
        organisation_id=elsewhere,
        now=LATER,
    )

    found = people.find_colleague(work.session, karim.id, by=cases.seat(work, Role.ADMIN))

    assert found.last_sign_in_at is None


def test_the_list_asks_as_much_for_many_people_as_for_few(work, engine):
    by = cases.seat(work, Role.ADMIN)
    with counting_statements(engine) as few:
        people.list_people(work.session, by=by)
    for number in range(12):
        person = NewPerson(f"P{number}", f"p{number}@gir.example", frozenset({Role.DPO}), PASSWORD)
        add_user(work.session, cases.organisation(work), person, now=MONDAY_NINE)
    by = cases.seat(work, Role.ADMIN)

    with counting_statements(engine) as many:
        people.list_people(work.session, by=by)

    assert len(many) == len(few) == 3
