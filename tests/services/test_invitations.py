"""Invitations: one link, one use, one week; who accepts, and what the inviter learns."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.errors import (
    ChangedMeanwhile,
    InvalidInput,
    NotAllowed,
    NotFound,
    TooManyAttempts,
    WrongStep,
)
from breachdesk.domain.people import INVITATION_LASTS
from breachdesk.models import Delivery, Invitation, Throttle, User
from breachdesk.services import invitations, joining, people
from breachdesk.services.acting import seat_in, seats_of
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.passwords import authenticate
from breachdesk.services.tokens import token_hash
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, Work, address_of
from tests.services.desks import let_work, meeting_before

ZOE = "zoe.arnaud@gir.example"
LINK = re.compile(r"https://desk\.example/invitations/(\S+)")


@pytest.fixture(autouse=True)
def _organisations(work):
    cases.make_organisation(work, now=MONDAY_NINE)
    cases.make_organisation(work, "VID", now=MONDAY_NINE)


@pytest.fixture
def without_mail(work):
    """The same desk before a mail server is set."""
    from dataclasses import replace

    return Work(work.session, replace(work.desk, mail_server=None))


def guest(**changed):
    return invitations.Guest(
        **{"name": "Zoé Arnaud", "email": ZOE, "roles": ["handler", "reporter"]} | changed
    )


def invite(work, *, code="GIR", role=Role.ADMIN, now=MONDAY_NINE, **changed):
    by = cases.seat(work, role, code)
    return invitations.invite(work.session, work.desk, guest(**changed), by=by, now=now)


def letter_to(work, mailer, address=ZOE, *, now=MONDAY_NINE):
    """The last letter to an address, once the worker has sent what is due."""
    work.session.rollback()
    let_work(work, now)
    return [each for each in mailer.letters if each.recipient_address == address][-1]


def token_in(letter):
    return LINK.search(letter.text)[1]


def invited(work, mailer, **changed):
    """Invite, and read the link off the mail; its token."""
    made = invite(work, **changed)
    return token_in(letter_to(work, mailer, made.invitation.email))


def join_new(work, token, *, now=MONDAY_NINE, name="Zoé Arnaud", password=PASSWORD):
    return joining.join_as_new(
        work.session, work.desk, token, name=name, password=password, locale="fr", now=now
    )


def roles_of(work, user, code="GIR"):
    seat = seat_in(seats_of(work.session, user.id), code)
    return set(seat.roles) if seat else set()


def lines(work, code="GIR"):
    """Of the organisation's chain, which must hold: code and parameters since the beginning."""
    chain = journal_of(work.session, cases.organisation(work, code))
    assert first_broken_entry(chain) is None
    return [
        (line.code, line.actor.email if line.actor else None, line.parameters)
        for line in chain
        if not line.code.startswith(("organisation_", "user_added"))
    ]


# --- A newcomer ------------------------------------------------------------------------------


def test_an_invitation_is_mailed_with_who_invites_what_for_and_until_when(work, mailer):
    invite(work)

    letter = letter_to(work, mailer)

    assert letter.recipient_name == "Zoé Arnaud"
    assert letter.subject == "Votre accès à breachdesk pour Maison GIR"
    text = " ".join(letter.text.split())
    assert "Admin GIR vous invite à rejoindre Maison GIR" in text
    assert "lundi 9 mars 2026 à 10 h 00" in text
    assert len(token_in(letter)) > 40


def test_the_link_makes_an_account_with_the_roles_offered(work, mailer):
    token = invited(work, mailer)

    zoe = join_new(work, token, name=" Zoé  Arnaud-Petit ")

    assert (zoe.name, zoe.email, zoe.is_active) == ("Zoé Arnaud-Petit", ZOE, True)
    assert roles_of(work, zoe) == {Role.HANDLER, Role.REPORTER}
    assert authenticate(work.session, ZOE, PASSWORD) is not None
    number = work.session.scalar(select(Invitation.id))
    roles = ["handler", "reporter"]
    assert lines(work) == [
        ("user_invited", address_of(Role.ADMIN), {"invitation": number, "roles": roles[::-1]}),
        ("user_joined", ZOE, {"user": zoe.id, "roles": roles}),
    ]


def test_nothing_readable_of_the_link_is_kept(work, mailer):
    made = invite(work)
    (waiting,) = work.session.scalars(select(Delivery)).all()
    assert ZOE.encode() not in waiting.sealed

    token = token_in(letter_to(work, mailer))

    work.session.refresh(waiting)
    assert waiting.sealed is None
    assert made.invitation.token_hash == token_hash(token) != token
    assert made.link == ""


def test_the_dpo_and_the_decider_learn_of_a_newcomer_who_reads_cases(work, mailer):
    token = invited(work, mailer)

    join_new(work, token)

    for role in (Role.DPO, Role.DECIDER):
        text = " ".join(letter_to(work, mailer, address_of(role)).text.split())
        assert "Zoé Arnaud peut désormais lire des dossiers" in text
        assert "Admin GIR lui a donné ces rôles" in text


def test_nobody_is_told_of_a_newcomer_who_only_reports(work, mailer):
    token = invited(work, mailer, roles=["reporter"])
    before = len(mailer.letters)

    join_new(work, token)
    work.session.rollback()
    let_work(work, MONDAY_NINE)

    assert len(mailer.letters) == before


def test_a_password_that_would_be_guessed_leaves_the_link_good(work, mailer):
    token = invited(work, mailer)

    for password in ("court", "azertyuiopqs", "aaaaaaaaaaaaaa"):
        with pytest.raises(InvalidInput) as fault:
            join_new(work, token, password=password)
        assert fault.value.field == "password"
        work.session.rollback()

    assert join_new(work, token).email == ZOE


def test_where_no_local_sign_in_is_taken_no_password_is_kept(work, mailer):
    token = invited(work, mailer)
    own = cases.organisation(work)
    own.takes_local_sign_in, own.break_glass_id = False, cases.seat(work, Role.ADMIN).user.id
    work.session.commit()

    zoe = join_new(work, token, password="")

    assert roles_of(work, zoe) == {Role.HANDLER, Role.REPORTER}
    assert authenticate(work.session, ZOE, "") is None
    assert authenticate(work.session, ZOE, PASSWORD) is None


# --- Somebody who has an account -------------------------------------------------------------


def test_somebody_with_an_account_joins_a_second_organisation_as_themselves(work, mailer):
    anne = cases.seat(work, Role.DECIDER, "VID").user
    token = invited(work, mailer, email=anne.email, roles=["dpo"])

    joining.join_as(work.session, work.desk, token, anne, now=MONDAY_NINE)

    assert roles_of(work, anne) == {Role.DPO}
    assert roles_of(work, anne, "VID") == {Role.DECIDER}
    assert authenticate(work.session, anne.email, PASSWORD) is not None


def test_somebody_else_does_not_join_by_it(work, mailer):
    token = invited(work, mailer)
    stranger = cases.seat(work, Role.HANDLER, "VID").user

    with pytest.raises(WrongStep, match="invitation_of_another"):
        joining.join_as(work.session, work.desk, token, stranger, now=MONDAY_NINE)

    work.session.rollback()
    assert roles_of(work, stranger) == set()
    assert joining.find_open(work.session, token, now=MONDAY_NINE)


def test_an_account_is_never_taken_over_by_a_link_to_its_address(work, mailer):
    anne = cases.seat(work, Role.DECIDER, "VID").user
    token = invited(work, mailer, email=anne.email)

    with pytest.raises(ChangedMeanwhile):
        join_new(work, token, password="une tout autre phrase de passe")

    work.session.rollback()
    assert authenticate(work.session, anne.email, PASSWORD) is not None
    assert roles_of(work, anne) == set()


def test_somebody_without_a_seat_signs_in_again_by_their_own_password_to_accept(work, mailer):
    admin = cases.seat(work, Role.ADMIN, "VID")
    karim = cases.seat(work, Role.HANDLER, "VID").user
    people.remove_person(work.session, work.desk, karim.id, by=admin, now=MONDAY_NINE)
    token = invited(work, mailer, email=karim.email)
    assert authenticate(work.session, karim.email, PASSWORD) is None

    joining.wake_account(work.session, token, now=MONDAY_NINE)

    found = authenticate(work.session, karim.email, PASSWORD)
    assert seats_of(work.session, found.id) == []
    joining.join_as(work.session, work.desk, token, found, now=MONDAY_NINE)
    assert roles_of(work, found) == {Role.HANDLER, Role.REPORTER}


def test_a_dead_link_wakes_nobody(work, mailer):
    admin = cases.seat(work, Role.ADMIN, "VID")
    karim = cases.seat(work, Role.HANDLER, "VID").user
    people.remove_person(work.session, work.desk, karim.id, by=admin, now=MONDAY_NINE)
    token = invited(work, mailer, email=karim.email)

    with pytest.raises(NotFound):
        joining.wake_account(work.session, token, now=MONDAY_NINE + INVITATION_LASTS)

    work.session.rollback()
    assert not work.session.get(User, karim.id, populate_existing=True).is_active


# --- One use, one week -----------------------------------------------------------------------


def accepted(work, token):
    join_new(work, token)


def ended(work, token):
    number = work.session.scalar(select(Invitation.id))
    by = cases.seat(work, Role.ADMIN)
    invitations.revoke_invitation(work.session, number, by=by, now=MONDAY_NINE)


def renewed(work, token):
    number = work.session.scalar(select(Invitation.id))
    by = cases.seat(work, Role.ADMIN)
    invitations.resend_invitation(work.session, work.desk, number, by=by, now=MONDAY_NINE)


@pytest.mark.parametrize(
    ("happened", "after"),
    [
        pytest.param(accepted, timedelta(), id="used"),
        pytest.param(ended, timedelta(), id="revoked"),
        pytest.param(renewed, timedelta(), id="replaced by a new one"),
        pytest.param(lambda *_: None, INVITATION_LASTS, id="a week old"),
    ],
)
def test_a_link_that_is_over_opens_nothing_and_says_as_much_as_an_unknown_one(
    work, mailer, happened, after
):
    token = invited(work, mailer)
    happened(work, token)
    people_before = work.session.scalar(select(func.count(User.id)))
    work.session.rollback()

    faults = []
    for tried in (token, "unknown"):
        with pytest.raises(NotFound) as fault:
            join_new(work, tried, now=MONDAY_NINE + after)
        faults.append((fault.value.code, dict(fault.value.parameters)))
        work.session.rollback()

    assert faults == [("invitation_over", {})] * 2
    assert work.session.scalar(select(func.count(User.id))) == people_before


def test_up_to_the_last_second_of_the_week_it_is_good(work, mailer):
    token = invited(work, mailer)

    joined = join_new(work, token, now=MONDAY_NINE + INVITATION_LASTS - timedelta(seconds=1))

    assert roles_of(work, joined)


def test_two_who_use_a_link_at_the_same_instant_are_one(work, mailer, engine, at_once):
    token = invited(work, mailer)
    work.session.rollback()

    with meeting_before(engine, "FOR UPDATE"):
        results = at_once(*([lambda mine: join_new(mine, token).email] * 2))

    assert results.count(ZOE) == 1, results
    assert sum(isinstance(each, NotFound | ChangedMeanwhile) for each in results) == 1, results
    assert sum(code == "user_joined" for code, *_ in lines(work)) == 1


# --- A new link, an end ----------------------------------------------------------------------


def test_a_new_link_is_good_for_a_week_from_then(work, mailer):
    old = invited(work, mailer)
    later = MONDAY_NINE + timedelta(days=10)
    number = work.session.scalar(select(Invitation.id))
    by = cases.seat(work, Role.ADMIN)

    invitations.resend_invitation(work.session, work.desk, number, by=by, now=later)

    new = token_in(letter_to(work, mailer, now=later))
    assert new != old
    join_new(work, new, now=later + INVITATION_LASTS - timedelta(seconds=1))


def test_a_mail_that_has_not_left_is_not_sent_once_its_link_is_over(work, mailer):
    made = invite(work)
    by = cases.seat(work, Role.ADMIN)
    invitations.resend_invitation(
        work.session, work.desk, made.invitation.id, by=by, now=MONDAY_NINE
    )
    by = cases.seat(work, Role.ADMIN)
    invitations.revoke_invitation(work.session, made.invitation.id, by=by, now=MONDAY_NINE)

    work.session.rollback()
    let_work(work, MONDAY_NINE)

    assert mailer.letters == []
    kept = work.session.execute(select(Delivery.state, Delivery.sealed)).all()
    assert kept == [(DeliveryState.CANCELLED, None)] * 2
    assert [code for code, *_ in lines(work)] == [
        "user_invited",
        "user_invited",
        "invitation_revoked",
    ]


def test_an_invitation_of_another_organisation_is_not_here(work):
    made = invite(work, code="VID")
    by = cases.seat(work, Role.ADMIN)
    number = made.invitation.id

    for attempt in (
        lambda: invitations.find_pending(work.session, number, by=by),
        lambda: invitations.revoke_invitation(work.session, number, by=by, now=MONDAY_NINE),
        lambda: invitations.resend_invitation(
            work.session, work.desk, number, by=by, now=MONDAY_NINE
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
        work.session.rollback()
    assert invitations.pending_invitations(work.session, by=by) == []


# --- What the inviter learns -----------------------------------------------------------------


def test_an_address_with_an_account_elsewhere_is_invited_like_any_other(work, mailer):
    known = address_of(Role.DECIDER, "VID")

    answers = [invite(work, email=email) for email in (known, "nobody@elsewhere.example")]

    assert [answer.link for answer in answers] == ["", ""]
    shown = [
        {
            name: value
            for name, value in vars(answer.invitation).items()
            if name not in ("_sa_instance_state", "id", "email", "token_hash")
        }
        for answer in answers
    ]
    assert shown[0] == shown[1]
    texts = [
        LINK.sub("", letter_to(work, mailer, email).text)
        for email in (known, "nobody@elsewhere.example")
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        pytest.param({"name": " "}, "name", "person_name_missing", id="no name"),
        pytest.param({"email": "zoe"}, "email", "not_an_address", id="no address"),
        pytest.param({"roles": []}, "roles", "role_missing", id="no role"),
        pytest.param({"roles": ["operator"]}, "roles", "role_missing", id="the operator's"),
        pytest.param({"email": "DPO@gir.example"}, "email", "already_member", id="is here"),
        pytest.param({"email": ZOE.upper()}, "email", "already_invited", id="is invited"),
        pytest.param({"email": "auditor@gir.example"}, "email", "former_member", id="was here"),
    ],
)
def test_who_cannot_be_invited_is_said_beside_the_field(work, changed, field, code):
    invite(work)
    by = cases.seat(work, Role.ADMIN)
    auditor = cases.seat(work, Role.AUDITOR).user
    people.remove_person(work.session, work.desk, auditor.id, by=by, now=MONDAY_NINE)

    with pytest.raises(InvalidInput) as fault:
        invite(work, **changed)

    assert (fault.value.field, fault.value.code) == (field, code)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.OPERATOR)])
def test_only_an_admin_invites(work, role):
    for attempt in (
        lambda by: invitations.invite(work.session, work.desk, guest(), by=by, now=MONDAY_NINE),
        lambda by: invitations.pending_invitations(work.session, by=by),
        lambda by: invitations.find_pending(work.session, 1, by=by),
        lambda by: invitations.revoke_invitation(work.session, 1, by=by, now=MONDAY_NINE),
        lambda by: invitations.resend_invitation(
            work.session, work.desk, 1, by=by, now=MONDAY_NINE
        ),
    ):
        with pytest.raises(NotAllowed):
            attempt(cases.seat(work, role))
        work.session.rollback()
    assert work.session.scalar(select(func.count(Invitation.id))) == 0
    assert work.session.scalar(select(func.count(Throttle.id))) == 0


def test_nobody_sends_the_world_invitations(work):
    for number in range(50):
        invite(work, email=f"p{number}@elsewhere.example")

    with pytest.raises(TooManyAttempts):
        invite(work, email="one.more@elsewhere.example")
    work.session.rollback()
    invite(work, code="VID")
    invite(work, email="next@elsewhere.example", now=MONDAY_NINE + timedelta(hours=1))


# --- Without a mail server -------------------------------------------------------------------


def test_where_no_mail_leaves_the_link_is_given_once_to_hand_over(without_mail):
    made = invite(without_mail)

    token = LINK.search(made.link)[1]
    assert without_mail.session.scalar(select(func.count(Delivery.id))) == 0
    assert join_new(without_mail, token).email == ZOE


def test_an_invitation_is_forgotten_with_nothing_but_its_row(work, mailer):
    """A row that goes leaves the chain as it was: the journal holds its number alone."""
    invite(work)
    work.session.execute(delete(Invitation))
    work.session.commit()

    assert [code for code, *_ in lines(work)] == ["user_invited"]
