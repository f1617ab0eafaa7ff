"""Throttling of sign-ins: failures alone count, and nobody locks out an account's owner."""

import pytest

from breachdesk.domain.errors import TooManyAttempts
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Delivery, Throttle
from breachdesk.services.signing_in import sign_in_with_password
from tests.cases import MONDAY_NINE, PASSWORD, Work, make_organisation
from tests.services.desks import counting_statements

NOW = MONDAY_NINE
DPO = "dpo@gir.example"
MOST = LIMITS[Attempt.SIGN_IN_ACCOUNT].most
WINDOW = LIMITS[Attempt.SIGN_IN_ACCOUNT].window
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _people(work):
    make_organisation(work, now=NOW)


def attempt(work: Work, password="wrong", *, email=DPO, address=HOME, browser="", at=NOW):
    return sign_in_with_password(
        work.session, work.desk, email, password, address=address, browser=browser, now=at
    )


def fail(work: Work, times: int, **how) -> None:
    for _ in range(times):
        assert attempt(work, **how) is None


def test_past_the_limit_nothing_is_checked_until_the_window_is_over(work):
    fail(work, MOST, address=ELSEWHERE)

    with pytest.raises(TooManyAttempts) as refused:
        attempt(work, PASSWORD)
    assert refused.value.parameters["until"] == NOW + WINDOW
    assert attempt(work, PASSWORD, at=NOW + WINDOW) is not None


def test_the_address_is_counted_however_it_is_written(work):
    fail(work, MOST, email=" DPO@Gir.Example ")

    with pytest.raises(TooManyAttempts):
        attempt(work)


def test_a_success_forgets_the_failures_of_its_account(work):
    fail(work, MOST - 1)
    assert attempt(work, PASSWORD) is not None

    fail(work, MOST - 1)
    assert attempt(work, PASSWORD) is not None


def test_a_success_does_not_forget_what_an_address_tried_elsewhere(work):
    most = LIMITS[Attempt.SIGN_IN_ADDRESS].most
    for number in range(most):
        assert attempt(work, email=f"{number}@gir.example") is None
        if number == most // 2:
            assert attempt(work, PASSWORD) is not None

    with pytest.raises(TooManyAttempts):
        attempt(work, PASSWORD)
    assert attempt(work, PASSWORD, address=ELSEWHERE) is not None


def test_whoever_guesses_from_elsewhere_does_not_lock_out_a_browser_used_before(work):
    fail(work, MOST, address=ELSEWHERE)

    assert attempt(work, browser="known") is None
    assert attempt(work, PASSWORD, browser="known") is not None


def test_a_browser_used_before_is_throttled_by_itself_and_no_other_with_it(work):
    fail(work, LIMITS[Attempt.SIGN_IN_DEVICE].most, browser="stolen")

    with pytest.raises(TooManyAttempts):
        attempt(work, PASSWORD, browser="stolen")
    assert attempt(work, PASSWORD, browser="known") is not None
    assert attempt(work, PASSWORD) is not None


def test_a_subscriber_of_ipv6_is_one_address(work):
    for number in range(LIMITS[Attempt.SIGN_IN_ADDRESS].most):
        attempt(work, email=f"{number}@gir.example", address=f"2001:db8:1:2:{number:x}::1")

    with pytest.raises(TooManyAttempts):
        attempt(work, PASSWORD, address="2001:db8:1:2:ffff::1")
    assert attempt(work, PASSWORD, address="2001:db8:1:3::1") is not None


def test_two_processes_that_fail_at_once_are_both_counted(work, at_once):
    both = at_once(
        lambda other: attempt(other, address=HOME), lambda other: attempt(other, address=ELSEWHERE)
    )

    assert both == [None, None]
    counts = {row.kind: row.count for row in work.session.query(Throttle)}
    assert counts[Attempt.SIGN_IN_ACCOUNT] == 2


def test_the_owner_is_told_once_in_a_window(work):
    fail(work, MOST)
    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            attempt(work)
    fail(work, MOST, at=NOW + WINDOW)

    told = [
        work.desk.vault.open_json(mail.sealed)["change"] for mail in work.session.query(Delivery)
    ]
    assert told == ["sign_in_throttled", "sign_in_throttled"]


def test_the_database_is_asked_as_much_whether_or_not_there_is_an_account(work, engine):
    asked = []
    for email in (DPO, "nobody@gir.example"):
        with counting_statements(engine) as statements:
            fail(work, MOST, email=email, address=email)
        asked.append([statement.split()[0] for statement in statements])

    assert len(asked[0]) == len(asked[1])
    assert work.session.query(Delivery).count() == 1


def test_the_table_of_attempts_names_nobody(work):
    fail(work, 1)

    kept = " ".join(f"{row.kind} {row.key}" for row in work.session.query(Throttle))
    assert "dpo" not in kept
    assert HOME not in kept
