"""Sessions: what a token opens, and when it no longer does."""

from datetime import timedelta

import pytest

from breachdesk.domain.errors import NotFound
from breachdesk.domain.sign_in import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    SECOND_STEP_WITHIN,
    SignInMethod,
)
from breachdesk.models import User, UserSession
from breachdesk.services.sessions import (
    begin_session,
    complete_session,
    end_other_sessions,
    end_session,
    find_half_signed_in,
    find_signed_in,
    note_use,
    owner_of_session,
    sessions_of,
)
from breachdesk.services.tokens import token_hash
from tests.cases import MONDAY_NINE, make_organisation

NOW = MONDAY_NINE
SECOND = timedelta(seconds=1)


@pytest.fixture
def user(work):
    make_organisation(work, now=NOW)
    return work.session.query(User).filter_by(email="dpo@gir.example").one()


def begin(work, user, *, at=NOW, **more):
    return begin_session(work.session, user, method=SignInMethod.PASSWORD, now=at, **more)


def opens(work, token, *, at=NOW):
    return find_signed_in(work.session, token, now=at) is not None


def test_a_token_opens_until_its_session_runs_out(work, user):
    token = begin(work, user)

    assert opens(work, token, at=NOW + IDLE_LIMIT - SECOND)
    assert not opens(work, token, at=NOW + IDLE_LIMIT)
    assert not opens(work, token + "x")
    assert not opens(work, token_hash(token))


def test_use_keeps_a_session_open_but_not_past_its_absolute_limit(work, user):
    token, at = begin(work, user), NOW
    kept = work.session.query(UserSession).one().id
    while at < NOW + ABSOLUTE_LIMIT - IDLE_LIMIT:
        at += IDLE_LIMIT - SECOND
        note_use(work.session, kept, now=at)

    assert opens(work, token, at=NOW + ABSOLUTE_LIMIT - SECOND)
    assert not opens(work, token, at=NOW + ABSOLUTE_LIMIT)


def test_between_the_two_factors_a_token_opens_nothing_and_is_then_another(work, user):
    half = begin(work, user, is_complete=False)
    assert not opens(work, half)
    assert sessions_of(work.session, user, now=NOW) == []
    kept = find_half_signed_in(work.session, half, now=NOW + SECOND_STEP_WITHIN)

    token = complete_session(work.session, kept, now=NOW + SECOND_STEP_WITHIN)

    assert opens(work, token, at=NOW + SECOND_STEP_WITHIN)
    assert not opens(work, half, at=NOW + SECOND_STEP_WITHIN)
    assert find_half_signed_in(work.session, token, now=NOW) is None
    found = find_signed_in(work.session, token, now=NOW + SECOND_STEP_WITHIN)
    assert found.session.has_second_factor


def test_the_second_factor_is_waited_for_a_while_only(work, user):
    half = begin(work, user, is_complete=False)

    assert find_half_signed_in(work.session, half, now=NOW + SECOND_STEP_WITHIN + SECOND) is None
    user.is_active = False
    work.session.commit()
    assert find_half_signed_in(work.session, half, now=NOW) is None


def test_one_ends_ones_own_sessions_and_nobody_elses(work, user):
    tokens = [begin(work, user) for _ in range(3)]
    other = work.session.query(User).filter_by(email="handler@gir.example").one()
    others = begin(work, other)
    first, second, third = reversed(sessions_of(work.session, user, now=NOW))

    with pytest.raises(NotFound):
        end_session(work.session, other, first.id, now=NOW)
    end_session(work.session, user, first.id, now=NOW)
    assert [opens(work, token) for token in tokens] == [False, True, True]
    end_other_sessions(work.session, user, second.id, now=NOW)

    assert [opens(work, token) for token in tokens] == [False, True, False]
    assert opens(work, others)
    assert third.ended_at == NOW


def test_whose_a_session_was_is_known_after_its_end(work, user):
    token = begin(work, user)
    end_other_sessions(work.session, user, 0, now=NOW)

    assert not opens(work, token)
    assert owner_of_session(work.session, token_hash(token)) == user.id
    assert owner_of_session(work.session, "x") is None


def test_the_token_is_in_no_row(work, user):
    token = begin(work, user)

    kept = work.session.query(UserSession).one()
    assert token not in str({name: value for name, value in vars(kept).items()})
