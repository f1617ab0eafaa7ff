"""The operator: hosts organisations, sees what runs, and reads nothing of anybody's."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, WrongStep
from breachdesk.domain.installation import (
    BACKUP_EXPECTED_WITHIN,
    is_backup_recent,
)
from breachdesk.models import Delivery, Invitation, Organisation, PasswordReset, User
from breachdesk.services import hosting, joining
from breachdesk.services.acting import Operating, seats_of
from breachdesk.services.installation import what_runs
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.operators import make_operator, reset_token_for
from breachdesk.services.organisations import NewPerson
from breachdesk.services.password_changes import set_password_by_link
from breachdesk.services.passwords import authenticate
from breachdesk.services.set_up import set_up, set_up_example
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, address_of
from tests.services.desks import counting_statements, let_work, meeting_before

OPERATOR = "exploitant@desk.example"
DETAILS = {"name": "Atelier Tanguy", "code": "att", "timezone": "Indian/Reunion"}
FIRST = hosting.FirstPerson("Yann Tanguy", "yann@tanguy.example")


@pytest.fixture
def operator(work):
    """Whoever runs the installation, in no organisation."""
    return Operating(make_operator(work.session, OPERATOR, "Odile Perrin", now=MONDAY_NINE).user)


def open_one(work, by, now=MONDAY_NINE, details=DETAILS, first=FIRST):
    return hosting.open_organisation(work.session, work.desk, details, first, by=by, now=now)


def token_mailed(work, mailer, address=FIRST.email, now=MONDAY_NINE):
    work.session.rollback()
    let_work(work, now)
    letter = [each for each in mailer.letters if each.recipient_address == address][-1]
    return re.search(r"/invitations/(\S+)", letter.text)[1], letter


# --- A new organisation ----------------------------------------------------------------------


def test_an_organisation_is_opened_by_the_person_invited(work, mailer, operator):
    open_one(work, operator)
    token, letter = token_mailed(work, mailer)

    yann = joining.join_as_new(
        work.session, work.desk, token, name="Yann", password=PASSWORD, locale="fr", now=MONDAY_NINE
    )

    (seat,) = seats_of(work.session, yann.id)
    assert (seat.organisation.code, seat.organisation.timezone) == ("ATT", "Indian/Reunion")
    assert seat.roles == {Role.DECIDER, Role.ADMIN}
    assert "L’exploitant du service vous invite à rejoindre Atelier Tanguy" in letter.text
    lines = journal_of(work.session, seat.organisation)
    assert first_broken_entry(lines) is None
    assert [(line.code, line.actor.email) for line in lines] == [
        ("organisation_created", OPERATOR),
        ("user_invited", OPERATOR),
        ("user_joined", FIRST.email),
    ]


@pytest.mark.parametrize(
    ("details", "first", "field"),
    [
        pytest.param({"code": "A1"}, {}, "code", id="no code"),
        pytest.param({"code": "GIR"}, {}, "code", id="a code that is taken"),
        pytest.param({"name": " "}, {}, "name", id="no name"),
        pytest.param({"timezone": "Mars/Olympus"}, {}, "timezone", id="no zone"),
        pytest.param({}, {"name": " "}, "person_name", id="nobody"),
        pytest.param({}, {"email": "yann"}, "person_email", id="no address"),
    ],
)
def test_what_cannot_be_kept_creates_nothing(work, operator, details, first, field):
    cases.make_organisation(work, now=MONDAY_NINE)
    named = {"name": FIRST.name, "email": FIRST.email}

    with pytest.raises(InvalidInput) as fault:
        open_one(
            work, operator, details=DETAILS | details, first=hosting.FirstPerson(**named | first)
        )

    assert fault.value.field == field
    work.session.rollback()
    assert work.session.scalar(select(func.count(Organisation.id))) == 1
    assert work.session.scalar(select(func.count(Invitation.id))) == 0


def test_two_of_one_code_at_the_same_instant_are_one(work, engine, at_once, operator):
    user_id = operator.user.id
    work.session.rollback()

    def opens(mine):
        return open_one(mine, Operating(mine.session.get(User, user_id))).invitation.id

    with meeting_before(engine, "INSERT INTO installation"):
        results = at_once(opens, opens)

    assert sum(isinstance(each, int) for each in results) == 1, results
    assert sum(getattr(each, "code", "") == "organisation_code_taken" for each in results) == 1


def test_while_nobody_runs_it_the_operator_invites_again_perhaps_somebody_else(
    work, mailer, operator
):
    open_one(work, operator)
    old, _ = token_mailed(work, mailer)
    other = hosting.FirstPerson("Léna Tanguy", "lena@tanguy.example")

    hosting.invite_first_person(work.session, work.desk, "ATT", other, by=operator, now=MONDAY_NINE)

    new, _ = token_mailed(work, mailer, other.email)
    with pytest.raises(NotFound):
        joining.find_open(work.session, old, now=MONDAY_NINE)
    assert joining.find_open(work.session, new, now=MONDAY_NINE)


def test_once_somebody_is_there_the_operator_lets_nobody_in(work, operator):
    cases.make_organisation(work, now=MONDAY_NINE, roles=(Role.DECIDER,))

    with pytest.raises(WrongStep, match="organisation_is_run"):
        hosting.invite_first_person(
            work.session, work.desk, "GIR", FIRST, by=operator, now=MONDAY_NINE
        )


def test_nobody_but_an_operator_does_any_of_this(work):
    cases.make_organisation(work, now=MONDAY_NINE)
    for role in (Role.ADMIN, Role.DECIDER):
        by = Operating(cases.seat(work, role).user)
        for attempt in (
            lambda by: open_one(work, by),
            lambda by: what_runs(work.session, work.desk, None, now=MONDAY_NINE, by=by),
            lambda by: hosting.find_hosted(work.session, "GIR", by=by),
            lambda by: hosting.invite_first_person(
                work.session, work.desk, "GIR", FIRST, by=by, now=MONDAY_NINE
            ),
        ):
            with pytest.raises(NotAllowed):
                attempt(by)
            work.session.rollback()


def test_an_operator_has_no_seat_anywhere(work, operator):
    cases.make_organisation(work, now=MONDAY_NINE)

    assert seats_of(work.session, operator.user.id) == []


# --- What runs -------------------------------------------------------------------------------


def test_the_operator_counts_people_and_mails_and_reads_none(work, engine, operator):
    cases.make_organisation(work, now=MONDAY_NINE)
    cases.make_organisation(work, "VID", now=MONDAY_NINE)
    cases.open_case(work, now=MONDAY_NINE)
    open_one(work, operator)
    waiting = work.session.scalar(
        select(func.count(Delivery.id)).join(Organisation).where(Organisation.code == "GIR")
    )
    work.session.commit()
    by = Operating(work.session.get(User, operator.user.id))

    with counting_statements(engine) as asked:
        runs = what_runs(work.session, work.desk, None, by=by, now=MONDAY_NINE)

    shown = {
        each.organisation.code: (each.people, each.waiting.count) for each in runs.organisations
    }
    assert waiting > 0
    assert shown == {"GIR": (7, waiting), "VID": (7, 0), "ATT": (0, 1)}
    assert runs.organisations[1].waiting.since == MONDAY_NINE
    assert runs.database.startswith(("SQLite 3", "PostgreSQL 1"))
    assert len(asked) == 9
    assert not any("incident" in statement.lower() for statement in asked)


@pytest.mark.parametrize(
    ("ago", "is_recent"),
    [(timedelta(days=1), True), (BACKUP_EXPECTED_WITHIN, False), (None, False)],
)
def test_an_old_backup_is_worth_a_word(ago, is_recent):
    made_at = None if ago is None else MONDAY_NINE - ago

    assert is_backup_recent(made_at, now=MONDAY_NINE) is is_recent


# --- Accounts from the terminal --------------------------------------------------------------


def test_a_new_operator_chooses_a_password_by_the_link(work):
    made = make_operator(work.session, " Odile@Desk.example", "Odile Perrin", now=MONDAY_NINE)
    assert authenticate(work.session, "odile@desk.example", "") is None

    set_password_by_link(work.session, work.desk, made.token, PASSWORD, now=MONDAY_NINE)

    assert authenticate(work.session, "odile@desk.example", PASSWORD).is_operator


def test_somebody_who_has_an_account_keeps_their_password_and_seats(work):
    cases.make_organisation(work, now=MONDAY_NINE)

    made = make_operator(work.session, address_of(Role.HANDLER), "x", now=MONDAY_NINE)

    assert made.token == ""
    assert made.user.name == "Handler GIR"
    assert authenticate(work.session, address_of(Role.HANDLER), PASSWORD).is_operator
    assert len(seats_of(work.session, made.user.id)) == 1
    assert work.session.scalar(select(func.count(PasswordReset.id))) == 0


def test_a_link_from_the_terminal_sets_a_password_where_mail_does_not_work(work):
    cases.make_organisation(work, now=MONDAY_NINE)
    token = reset_token_for(work.session, address_of(Role.DPO), now=MONDAY_NINE)

    new = "une tout autre phrase de passe"
    set_password_by_link(work.session, work.desk, token, new, now=MONDAY_NINE)

    assert authenticate(work.session, address_of(Role.DPO), new) is not None
    with pytest.raises(NotFound):
        reset_token_for(work.session, "nobody@gir.example", now=MONDAY_NINE)


# --- The set-up ------------------------------------------------------------------------------

HOUSE = {"name": "La Girandole", "code": "GIR"}


def people(*roles):
    return [NewPerson("Anne Delmas", "anne@gir.example", frozenset(roles), PASSWORD)]


def test_two_who_set_the_desk_up_at_the_same_instant_make_one_organisation(work, engine, at_once):
    work.session.rollback()

    def sets_up(mine):
        both = people(Role.DECIDER, Role.ADMIN)
        return set_up(mine.session, HOUSE, both, now=MONDAY_NINE).code

    def loads_example(mine):
        return set_up_example(mine.session, password=PASSWORD, now=MONDAY_NINE).code

    with meeting_before(engine, "INSERT INTO installation"):
        results = at_once(sets_up, loads_example)

    assert work.session.scalar(select(func.count(Organisation.id))) == 1
    assert sum(isinstance(each, NotFound) for each in results) == 1, results


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        pytest.param([Role.DECIDER, Role.MANAGER], "nobody_administers", id="nobody lets in"),
        pytest.param([Role.ADMIN, Role.DPO], "nobody_decides", id="nobody decides"),
    ],
)
def test_the_first_people_decide_and_administer(work, roles, code):
    with pytest.raises(InvalidInput) as fault:
        set_up(work.session, HOUSE, people(*roles), now=MONDAY_NINE)

    assert fault.value.code == code
