"""What has had its time goes; what is still of use stays."""

from datetime import timedelta

from breachdesk.domain.sign_in import SignInMethod
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import KeptForm, PasswordReset, Throttle, User, UserSession
from breachdesk.services.kept_forms import KEPT_FOR, keep_form
from breachdesk.services.password_changes import ask_for_reset
from breachdesk.services.sessions import begin_session
from breachdesk.services.sweeping import ENDED_KEPT_FOR, SWEEP_EVERY, sweep
from breachdesk.services.throttling import count_attempt
from breachdesk.workers.rounds import do_round
from tests.cases import MONDAY_NINE, at_desk, make_organisation
from tests.web.conftest import app, clock  # noqa: F401 - fixtures

NOW = MONDAY_NINE
TABLES = (Throttle, KeptForm, UserSession, PasswordReset)


def leave_traces(work):
    user = work.session.query(User).first()
    begin_session(work.session, user, method=SignInMethod.PASSWORD, now=NOW)
    count_attempt(work.session, work.desk.vault, Attempt.PROOF, "x", now=NOW)
    ask_for_reset(work.session, work.desk, user.email, address="192.0.2.1", now=NOW)
    keep_form(work.session, work.desk, user.id, path="/", fields=[], files=[], now=NOW)


def left(work):
    return {table.__name__ for table in TABLES if work.session.query(table).count()}


def test_each_thing_goes_when_its_time_is_over(work):
    make_organisation(work, now=NOW)
    leave_traces(work)

    sweep(work.session, now=NOW + timedelta(minutes=1))
    assert left(work) == {"Throttle", "KeptForm", "UserSession", "PasswordReset"}
    sweep(work.session, now=NOW + LIMITS[Attempt.RESET_ACCOUNT].window)
    assert left(work) == {"KeptForm", "UserSession", "PasswordReset"}
    sweep(work.session, now=NOW + KEPT_FOR)
    assert left(work) == {"UserSession", "PasswordReset"}
    sweep(work.session, now=NOW + ENDED_KEPT_FOR)
    assert left(work) == {"UserSession", "PasswordReset"}
    sweep(work.session, now=NOW + ENDED_KEPT_FOR + timedelta(hours=12))
    assert left(work) == set()


def test_the_worker_sweeps_by_the_hour(app, clock):  # noqa: F811 - fixtures
    with at_desk(app) as work:
        make_organisation(work, now=NOW)
        desk = work.desk
    do_round(app, desk, worker="w")
    with at_desk(app) as work:
        count_attempt(work.session, desk.vault, Attempt.PROOF, "x", now=NOW - timedelta(days=1))
    do_round(app, desk, worker="w")
    with at_desk(app) as work:
        assert left(work) == {"Throttle"}

    clock.now += SWEEP_EVERY
    do_round(app, desk, worker="w")

    with at_desk(app) as work:
        assert left(work) == set()
