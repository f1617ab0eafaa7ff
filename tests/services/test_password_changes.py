"""A new password: by its owner, or by a link that is good once and for an hour."""

from datetime import timedelta

import pytest

from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.errors import InvalidInput, NotFound, TooManyAttempts
from breachdesk.domain.passwords import RESET_LASTS
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Delivery, PasswordReset, User
from breachdesk.services.password_changes import (
    ask_for_reset,
    change_password,
    find_reset,
    prove_password,
    set_password_by_link,
)
from breachdesk.services.passwords import authenticate
from breachdesk.services.sessions import begin_session, find_signed_in
from tests.cases import MONDAY_NINE, PASSWORD, Work, make_organisation, organisation
from tests.services.desks import counting_statements

NOW = MONDAY_NINE
NEW = "quatorze prunes vertes"
DPO = "dpo@gir.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _people(work):
    make_organisation(work, now=NOW)


def person(work: Work, email=DPO) -> User:
    return work.session.query(User).filter_by(email=email).one()


def signed_in(work: Work, user: User) -> str:
    return begin_session(work.session, user, method=SignInMethod.PASSWORD, now=NOW)


def mails(work: Work) -> list[dict]:
    """What each queued mail says, in order."""
    rows = work.session.query(Delivery).order_by(Delivery.id)
    return [work.desk.vault.open_json(row.sealed) | {"kind": row.kind} for row in rows]


def asked(work: Work, email=DPO, *, at=NOW, address="192.0.2.7") -> str:
    """Ask for a link; the token of the newest one."""
    ask_for_reset(work.session, work.desk, email, address=address, now=at)
    return mails(work)[-1]["link"].rpartition("/")[2]


def set_by_link(work: Work, token: str, password=NEW, *, at=NOW):
    return set_password_by_link(work.session, work.desk, token, password, now=at)


# --- By its owner ----------------------------------------------------------------------------


def test_a_changed_password_ends_every_other_session_and_every_link(work):
    user = person(work)
    here, elsewhere = signed_in(work, user), signed_in(work, user)
    token = asked(work)
    kept = find_signed_in(work.session, here, now=NOW).session.id

    change_password(
        work.session, work.desk, user, current=PASSWORD, new=NEW, session_id=kept, now=NOW
    )

    assert find_signed_in(work.session, here, now=NOW) is not None
    assert find_signed_in(work.session, elsewhere, now=NOW) is None
    with pytest.raises(NotFound):
        find_reset(work.session, token, now=NOW)
    assert authenticate(work.session, DPO, NEW) is not None
    assert authenticate(work.session, DPO, PASSWORD) is None
    assert mails(work)[-1]["change"] == "password_changed"


@pytest.mark.parametrize(
    ("current", "new", "code", "field"),
    [
        pytest.param("wrong", NEW, "password_wrong", "current", id="not their password"),
        pytest.param(PASSWORD, "court", "password_too_short", "new", id="too short"),
        pytest.param(PASSWORD, "maisongir2026", "password_personal", "new", id="organisation"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(work, current, new, code, field):
    user = person(work)
    elsewhere = signed_in(work, user)

    with pytest.raises(InvalidInput) as refused:
        change_password(
            work.session, work.desk, user, current=current, new=new, session_id=0, now=NOW
        )
    work.session.rollback()

    assert (refused.value.code, refused.value.field) == (code, field)
    assert authenticate(work.session, DPO, PASSWORD) is not None
    assert find_signed_in(work.session, elsewhere, now=NOW) is not None
    assert mails(work) == []


def test_guessing_the_password_of_an_open_browser_is_throttled(work):
    user = person(work)
    for _ in range(LIMITS[Attempt.PROOF].most):
        with pytest.raises(InvalidInput):
            prove_password(work.session, work.desk, user, "wrong", field="password", now=NOW)

    with pytest.raises(TooManyAttempts):
        prove_password(work.session, work.desk, user, PASSWORD, field="password", now=NOW)


# --- By a link -------------------------------------------------------------------------------


def test_a_link_sets_a_password_once_ends_every_session_and_uses_up_the_others(work):
    here = signed_in(work, person(work))
    first, second = asked(work), asked(work)

    set_by_link(work, second)

    assert authenticate(work.session, DPO, NEW) is not None
    assert find_signed_in(work.session, here, now=NOW) is None
    for token in (first, second):
        with pytest.raises(NotFound):
            set_by_link(work, token, "quinze poires jaunes")
    assert [mail["kind"] for mail in mails(work)] == [
        MailKind.PASSWORD_RESET,
        MailKind.PASSWORD_RESET,
        MailKind.ACCOUNT_NOTICE,
    ]


def test_a_link_is_good_for_an_hour(work):
    token = asked(work)

    find_reset(work.session, token, now=NOW + RESET_LASTS - MINUTE)
    with pytest.raises(NotFound):
        find_reset(work.session, token, now=NOW + RESET_LASTS)
    with pytest.raises(NotFound):
        set_by_link(work, token, at=NOW + RESET_LASTS)
    assert authenticate(work.session, DPO, PASSWORD) is not None


def test_a_password_that_is_refused_leaves_the_link_good(work):
    token = asked(work)

    with pytest.raises(InvalidInput):
        set_by_link(work, token, "motdepasse1234")
    work.session.rollback()

    set_by_link(work, token)
    assert authenticate(work.session, DPO, NEW) is not None


def test_of_two_who_use_a_link_at_once_one_does(work, at_once):
    token = asked(work)
    work.session.rollback()

    results = at_once(
        lambda other: set_by_link(other, token, NEW),
        lambda other: set_by_link(other, token, "quinze poires jaunes"),
    )

    assert sorted(type(result).__name__ for result in results) == ["NotFound", "User"]


def test_the_token_is_not_kept_only_its_hash(work):
    token = asked(work)

    kept = work.session.query(PasswordReset).one()
    assert token not in kept.token_hash
    assert token.encode() not in work.session.query(Delivery).one().sealed


@pytest.mark.parametrize("token", ["", "x", "é", "' OR 1=1 --"])
def test_what_is_no_token_opens_nothing(work, token):
    asked(work)

    with pytest.raises(NotFound):
        find_reset(work.session, token, now=NOW)


def test_a_deactivated_person_gets_no_link_and_theirs_is_dead(work):
    token = asked(work)
    person(work).is_active = False
    work.session.commit()

    ask_for_reset(work.session, work.desk, DPO, address="192.0.2.8", now=NOW)

    assert len(mails(work)) == 1
    with pytest.raises(NotFound):
        set_by_link(work, token)


def test_the_database_is_asked_as_much_whether_or_not_there_is_an_account(work, engine):
    organisation(work).takes_local_sign_in = False
    make_organisation(work, "VID", now=NOW)
    work.session.commit()
    counted = []

    for email in ("nobody@gir.example", "dpo@vid.example", DPO):
        with counting_statements(engine) as statements:
            ask_for_reset(work.session, work.desk, email, address=email, now=NOW)
        counted.append(len(statements))

    assert len(set(counted)) == 1
    assert len(mails(work)) == 2


def test_whoever_signs_in_through_their_organisation_alone_is_told_so(work):
    organisation(work).takes_local_sign_in = False
    organisation(work).break_glass_id = person(work, "admin@gir.example").id
    work.session.commit()

    ask_for_reset(work.session, work.desk, DPO, address="192.0.2.7", now=NOW)
    ask_for_reset(work.session, work.desk, "admin@gir.example", address="192.0.2.7", now=NOW)

    assert [mail.get("change") for mail in mails(work)] == ["already_has_account", None]
    assert "link" in mails(work)[1]


def test_past_a_few_links_in_an_hour_no_further_one_is_mailed_and_those_still_open(work):
    most = LIMITS[Attempt.RESET_ACCOUNT].most
    token = asked(work)
    for number in range(most + 2):
        ask_for_reset(work.session, work.desk, DPO, address=f"192.0.2.{number}", now=NOW)

    assert len(mails(work)) == most
    set_by_link(work, token)


def test_one_address_asks_for_few_links_whoever_they_are_for(work):
    for number in range(LIMITS[Attempt.RESET_ADDRESS].most):
        ask_for_reset(
            work.session, work.desk, f"{number}@gir.example", address="192.0.2.7", now=NOW
        )

    with pytest.raises(TooManyAttempts):
        ask_for_reset(work.session, work.desk, DPO, address="192.0.2.7", now=NOW)


def test_a_link_goes_by_the_installations_server_not_by_one_organisations(work):
    asked(work)

    assert work.session.query(Delivery).one().organisation_id is None
