"""An organisation's mail accounts: kept sealed, tried, checked, forgotten, left when stolen."""

import json
import logging
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from breachdesk.domain.access import ALLOWED, ORGANISATION_ROLES, Action, Role
from breachdesk.domain.errors import InvalidInput, NotAllowed, NotFound, TooManyAttempts
from breachdesk.domain.mail_accounts import Step, StepState, Way
from breachdesk.domain.mail_domain import Standing
from breachdesk.domain.throttling import LIMITS, Attempt
from breachdesk.models import Delivery, MailAccount, User
from breachdesk.services.journal import first_broken_entry, journal_of
from breachdesk.services.mail_accounts import (
    declare_mail_compromised,
    mail_settings,
    remove_mail_account,
    save_mail_account,
    trust_mail_again,
)
from breachdesk.services.mail_trials import check_domain, try_mail_account
from tests.cases import MONDAY_NINE, Work, make_organisation, organisation, seat
from tests.domain.test_dkim_dmarc import LONG_ENOUGH
from tests.mail.dns_server import serving_dns
from tests.mail.servers import PASSWORD, Sink, check_password, serving
from tests.services.desks import counting_statements
from tests.services.test_mail_routes import ACCOUNT

NOW = MONDAY_NINE
TYPED = {
    **ACCOUNT,
    "host": "smtp.gir.example",
    "port": "",
    "security": "starttls",
    "username": "desk",
}
SIGNS_IN = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}


@pytest.fixture
def work(work):
    """GIR, at a desk that may call servers of this machine."""
    open_desk = Work(work.session, replace(work.desk, calls_private_network=True))
    make_organisation(open_desk, now=NOW, contact_email="contact@gir.example")
    return open_desk


def save(work, *, password=PASSWORD, is_second=False, role=Role.ADMIN, **typed) -> list[str]:
    return save_mail_account(
        work.session,
        work.desk,
        TYPED | typed,
        password=password,
        is_second=is_second,
        by=seat(work, role),
        now=NOW,
    )


def settings(work, role=Role.ADMIN):
    return mail_settings(work.session, work.desk, by=seat(work, role))


def account(work) -> MailAccount:
    return work.session.scalars(select(MailAccount)).one()


def last_line(work):
    lines = journal_of(work.session, organisation(work))
    assert first_broken_entry(lines) is None
    return lines[-1]


# --- Kept ------------------------------------------------------------------------------------


def test_an_account_is_kept_and_shown_without_its_password(work):
    changed = save(work)

    assert changed == ["host", "port", "security", "username", "sender", "password"]
    shown = settings(work)
    assert shown.way is Way.FIRST
    assert shown.first.details.port == 587
    assert shown.first.has_password
    assert PASSWORD not in repr(shown)
    assert work.desk.vault.open(account(work).secret).decode() == PASSWORD


def test_no_password_lies_open_anywhere_in_the_database(work, engine):
    save(work)
    save(work, is_second=True, host="rescue.example", password="other horse")
    with pytest.raises(InvalidInput):
        save(work, host="")
    work.session.rollback()

    with engine.connect() as connection:
        for table in MailAccount.metadata.tables:
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            said = repr([tuple(row) for row in rows])
            assert PASSWORD not in said, table
            assert "other horse" not in said, table


def test_the_journal_names_what_changed_and_no_value(work):
    save(work)
    save(work, sender="new@gir.example", password="")

    line = last_line(work)

    assert (line.code, line.parameters) == (
        "mail_account_changed",
        {"account": "first", "parts": ["sender"]},
    )


def test_nothing_changed_is_no_change(work):
    save(work)
    lines = len(journal_of(work.session, organisation(work)))

    assert save(work, password="") == []
    assert len(journal_of(work.session, organisation(work))) == lines


@pytest.mark.parametrize(
    "typed",
    [
        {"host": "smtp.thief.example"},
        {"port": "2525"},
        {"security": "tls", "port": "587"},
        {"username": "somebody"},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_a_kept_password_never_goes_to_another_server(work, typed):
    save(work)

    with pytest.raises(InvalidInput) as refusal:
        save(work, password="", **typed)

    assert (refusal.value.field, refusal.value.code) == ("password", "mail_password_again")
    work.session.rollback()
    assert account(work).host == "smtp.gir.example"


def test_without_a_name_to_sign_in_with_the_password_is_forgotten(work):
    save(work)

    changed = save(work, username="", password="")

    assert changed == ["username"]
    assert account(work).secret is None


def test_a_change_forgets_what_the_last_test_found(work):
    with serving(Sink(), **SIGNS_IN) as server:
        save(work, host=server.host, port=str(server.port), security="none")
        attempt(work)
    assert settings(work).first.test.has_passed

    save(work, host="127.0.0.1", port=str(server.port), security="none", sender="b@gir.example")

    assert settings(work).first.tested_at is None
    assert not settings(work).first.test.has_passed


def test_whoever_answers_for_the_mail_is_told_of_each_change_but_not_who_made_it(work):
    save(work)
    remove_mail_account(
        work.session, work.desk, is_second=False, by=seat(work, Role.ADMIN), now=NOW
    )

    told = work.session.execute(
        select(User.email, Delivery.sealed).join(User, Delivery.user_id == User.id)
    ).all()

    changes = sorted((email, work.desk.vault.open_json(sealed)["change"]) for email, sealed in told)
    assert changes == [
        ("decider@gir.example", "mail_account_changed"),
        ("decider@gir.example", "mail_account_removed"),
        ("dpo@gir.example", "mail_account_changed"),
        ("dpo@gir.example", "mail_account_removed"),
    ]


def test_an_account_removed_is_gone_with_its_password(work):
    save(work)

    remove_mail_account(
        work.session, work.desk, is_second=False, by=seat(work, Role.ADMIN), now=NOW
    )

    assert work.session.scalars(select(MailAccount)).all() == []
    assert settings(work).way is Way.INSTALLATION
    assert last_line(work).parameters == {"account": "first"}
    with pytest.raises(NotFound):
        remove_mail_account(
            work.session, work.desk, is_second=False, by=seat(work, Role.ADMIN), now=NOW
        )


@pytest.mark.parametrize("role", [role for role in ORGANISATION_ROLES if role is not Role.ADMIN])
def test_only_an_administrator_touches_the_accounts(work, role):
    save(work)
    by = {"by": seat(work, role), "now": NOW}

    for act in (
        lambda: save(work, role=role),
        lambda: remove_mail_account(work.session, work.desk, is_second=False, **by),
        lambda: try_mail_account(work.session, work.desk, is_second=False, sends=False, **by),
        lambda: check_domain(work.session, work.desk, is_second=False, selector="", **by),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_who_may_look_and_who_may_sound_the_alarm(work, role):
    may = role in ALLOWED[Action.DECLARE_MAIL_COMPROMISED]
    acts = (
        lambda: settings(work, role),
        lambda: declare_mail_compromised(work.session, work.desk, by=seat(work, role), now=NOW),
        lambda: trust_mail_again(work.session, work.desk, by=seat(work, role), now=NOW),
    )
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(NotAllowed):
                act()


def test_two_administrators_who_set_the_first_account_at_once_leave_one(work, at_once):
    work.session.commit()

    def set_it(own):
        return save(own)

    done = at_once(set_it, set_it)

    assert all(isinstance(each, list) for each in done), done
    assert len(work.session.scalars(select(MailAccount)).all()) == 1


# --- Stolen ----------------------------------------------------------------------------------


def test_declaring_and_trusting_again_are_journaled_and_told_once(work):
    by = seat(work, Role.DPO)
    save(work)

    assert declare_mail_compromised(work.session, work.desk, by=by, now=NOW)
    assert not declare_mail_compromised(work.session, work.desk, by=by, now=NOW)
    assert settings(work).compromised_at == NOW
    assert last_line(work).code == "mail_compromised"
    assert trust_mail_again(work.session, work.desk, by=by, now=NOW)
    assert not trust_mail_again(work.session, work.desk, by=by, now=NOW)

    assert settings(work).way is Way.FIRST
    assert last_line(work).code == "mail_trusted_again"
    told = work.session.execute(
        select(User.email, Delivery.dedup_key).join(User, Delivery.user_id == User.id)
    ).all()
    assert sorted(email for email, key in told if key.startswith("mail_compromised")) == [
        "admin@gir.example",
        "decider@gir.example",
    ]


def test_who_could_not_be_reached_elsewhere_is_counted(work):
    people = work.session.scalars(select(User).order_by(User.id)).all()
    people[0].second_email = "a@elsewhere.example"
    people[1].is_active = False
    work.session.commit()

    shown = settings(work)

    assert (shown.people, shown.without_second_address) == (len(people) - 1, len(people) - 2)


def test_the_page_s_questions_do_not_grow(work, engine):
    save(work)
    save(work, is_second=True)
    by = seat(work, Role.ADMIN)

    with counting_statements(engine) as statements:
        mail_settings(work.session, work.desk, by=by)

    assert len(statements) <= 4


# --- Tried -----------------------------------------------------------------------------------


def attempt(work, *, sends=False, is_second=False):
    return try_mail_account(
        work.session,
        work.desk,
        is_second=is_second,
        sends=sends,
        by=seat(work, Role.ADMIN),
        now=NOW,
    )


def test_a_test_is_kept_with_every_step(work):
    with serving(sink := Sink(), **SIGNS_IN) as server:
        save(work, host=server.host, port=str(server.port), security="none")

        found = attempt(work, sends=True)

    kept = settings(work).first
    assert kept.test == found
    assert kept.tested_at == NOW
    assert [each.state for each in found.results] == [
        *(StepState.PASSED, StepState.PASSED, StepState.NOT_NEEDED),
        *(StepState.PASSED, StepState.PASSED, StepState.PASSED),
    ]
    (address, raw) = sink.taken[0]
    assert address == "admin@gir.example"
    assert b"Essai du compte d" in raw or b"=?utf-8?" in raw


def test_while_our_mail_is_stolen_the_mail_of_a_test_goes_to_the_second_address(work):
    person = seat(work, Role.ADMIN).user
    person.second_email = "admin.home@elsewhere.example"
    work.session.commit()
    with serving(sink := Sink()) as server:
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, is_second=True, username="", password="", **place)
        declare_mail_compromised(work.session, work.desk, by=seat(work, Role.ADMIN), now=NOW)

        attempt(work, sends=True, is_second=True)

    assert [address for address, _ in sink.taken] == ["admin.home@elsewhere.example"]


def test_neither_the_log_nor_what_is_kept_holds_the_password(work, caplog):
    with caplog.at_level(logging.DEBUG), serving(Sink(), **SIGNS_IN) as server:
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, **place, password="a very wrong horse")
        found = attempt(work)

    assert found.failure.step is Step.SIGN_IN
    assert "very wrong" not in caplog.text
    assert "very wrong" not in json.dumps(account(work).last_test)


def test_nobody_waits_for_our_database_while_a_test_waits_for_the_net(work, engine):
    """During the test another session writes: on SQLite it would wait for a transaction."""
    others: list[str] = []

    class Nosy(Sink):
        async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
            with Session(engine) as other:
                other.execute(text("UPDATE organisation SET name = 'Maison'"))
                other.commit()
            others.append(threading.current_thread().name)
            return await super().handle_MAIL(server, session, envelope, address, options)

    with serving(Nosy()) as server:
        save(
            work,
            host=server.host,
            port=str(server.port),
            security="none",
            username="",
            password="",
        )
        found = attempt(work)

    assert others
    assert found.has_passed


def test_what_was_found_of_an_account_that_changed_meanwhile_is_not_kept(work, engine):
    class Meddling(Sink):
        async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
            with Session(engine) as other:
                changed = other.scalars(select(MailAccount)).one()
                changed.changed_at = changed.changed_at.replace(year=2027)
                other.commit()
            return await super().handle_MAIL(server, session, envelope, address, options)

    with serving(Meddling()) as server:
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, username="", password="", **place)
        attempt(work)

    work.session.expire_all()
    assert settings(work).first.tested_at is None


def test_an_inner_network_is_tried_only_where_the_operator_opened_it(work):
    with serving(Sink()) as server:
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, username="", password="", **place)
        closed = Work(work.session, replace(work.desk, calls_private_network=False))

        assert attempt(closed).failure.code == "private_address"
        assert attempt(work).has_passed


def test_tests_are_counted(work):
    with serving(Sink()) as server:
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, username="", password="", **place)
        for _ in range(LIMITS[Attempt.MAIL_TRIAL].most):
            attempt(work)

        with pytest.raises(TooManyAttempts):
            attempt(work)


# --- Checked ---------------------------------------------------------------------------------


def check(work, **options):
    return check_domain(
        work.session,
        work.desk,
        is_second=False,
        selector=options.get("selector", ""),
        by=seat(work, Role.ADMIN),
        now=NOW,
    )


def test_the_domain_is_checked_with_a_real_name_server_and_the_findings_kept(work):
    records = {
        ("gir.example", "TXT"): ['"v=spf1 a:smtp.gir.example -all"'],
        ("smtp.gir.example", "A"): ["198.51.100.7"],
        ("s1._domainkey.gir.example", "TXT"): [
            f'"v=DKIM1; p=" "{LONG_ENOUGH[:200]}" "{LONG_ENOUGH[200:]}"'
        ],
    }
    with serving_dns(records) as (servers, _):
        save(work)
        asked = Work(work.session, replace(work.desk, name_servers=servers))

        found = check(asked, selector="s1")

    assert [each.standing for each in found] == [Standing.GOOD, Standing.GOOD, Standing.FAULT]
    kept = settings(work).first.domain
    assert (kept.findings, kept.selector, kept.at) == (found, "s1", NOW)
    assert kept.findings[2].record.startswith("v=DMARC1; p=none")


def test_a_domain_in_another_script_is_asked_for_as_the_dns_has_it(work):
    with serving_dns({("xn--bcher-kva.example", "TXT"): ['"v=spf1 -all"']}) as (servers, server):
        save(work, sender="desk@bücher.example")
        check(Work(work.session, replace(work.desk, name_servers=servers)))

    assert ("xn--bcher-kva.example", "TXT") in server.asked


def test_a_selector_that_is_none_is_refused_before_anybody_is_asked(work):
    save(work)

    with pytest.raises(InvalidInput) as refusal:
        check(work, selector="a b")

    assert refusal.value.field == "selector"


def test_a_test_keeps_what_the_dns_said_and_the_dns_what_a_test_found(work):
    with serving(Sink()) as server, serving_dns({}) as (servers, _):
        place = {"host": server.host, "port": str(server.port), "security": "none"}
        save(work, username="", password="", **place)
        asked = Work(work.session, replace(work.desk, name_servers=servers))
        attempt(asked)
        check(asked)
        attempt(asked)

    shown = settings(work).first
    assert shown.test.has_passed
    assert shown.domain is not None
