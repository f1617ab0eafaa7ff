"""Each organisation's mail goes its own way; what one server does holds up no other's mail."""

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState, MailKind
from breachdesk.domain.mail_accounts import Way
from breachdesk.mail.mailer import MailServer
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import Delivery, MailAccount, User
from breachdesk.models.vault import Vault
from breachdesk.services import deliveries, sending
from breachdesk.services.account_mails import queue_account_mail
from breachdesk.services.mail_accounts import (
    declare_mail_compromised,
    save_mail_account,
    trust_mail_again,
)
from breachdesk.services.mail_routes import mail_standing, route_of
from breachdesk.services.sending import deliver_due
from tests.cases import (
    MONDAY_NINE,
    Work,
    make_organisation,
    open_case,
    organisation,
    seat,
    start_sending,
)
from tests.mail.servers import PASSWORD, Sink, check_password, hang_up, serving
from tests.services.desks import counting_statements, let_work
from tests.services.letters_to_many import approved_notice

NOW = MONDAY_NINE
MINUTE = timedelta(minutes=1)
ACCOUNT = {
    "host": "127.0.0.1",
    "port": "2525",
    "security": "none",
    "username": "",
    "sender": "desk@gir.example",
    "reply_to": "",
}


@pytest.fixture
def work(work):
    """The desk of an operator who lets organisations name servers of this machine."""
    return Work(work.session, replace(work.desk, calls_private_network=True))


def over_smtp(work, **changes) -> Work:
    """The same desk with real connections."""
    return Work(work.session, replace(work.desk, mailer=SmtpMailer(), **changes))


def set_account(work, code="GIR", *, server=None, is_second=False, password="", **typed) -> None:
    """Set an account of an organisation, as its administrator."""
    place = {"host": server.host, "port": str(server.port)} if server else {}
    save_mail_account(
        work.session,
        work.desk,
        {**ACCOUNT, "sender": f"desk@{code.lower()}.example", **place, **typed},
        password=password,
        is_second=is_second,
        by=admin(work, code),
        now=NOW,
    )


def admin(work, code="GIR"):
    return seat(work, Role.ADMIN, code)


def mail_waits(work, code="GIR", *, count=1) -> None:
    """So many mails of an organisation to one of its people, due now."""
    owner = organisation(work, code)
    handler = work.session.scalars(
        select(User).where(User.email == f"handler@{code.lower()}.example")
    ).one()
    for number in range(count):
        queue_account_mail(
            work.session,
            work.desk,
            MailKind.ACCOUNT_NOTICE,
            key=f"{code}:{number}",
            now=NOW,
            organisation=owner,
            to=handler,
            change="password_changed",
        )
    work.session.commit()


def forget_mail(work) -> None:
    """Leave nothing due of what was queued so far."""
    for delivery in work.session.scalars(select(Delivery)):
        delivery.state = DeliveryState.CANCELLED
    work.session.commit()


def states(work, code="GIR") -> set[DeliveryState]:
    """The states of what an organisation has queued since the last `forget_mail`."""
    owner = organisation(work, code).id
    found = work.session.scalars(select(Delivery.state).where(Delivery.organisation_id == owner))
    return set(found) - {DeliveryState.CANCELLED}


@pytest.fixture
def two(work):
    """Two organisations, with nothing queued."""
    for code in ("GIR", "VID"):
        make_organisation(work, code, now=NOW, contact_email=f"contact@{code.lower()}.example")
    return work


# --- Which way -------------------------------------------------------------------------------


def test_an_organisation_with_an_account_sends_through_it_and_the_others_do_not(two, mailer):
    set_account(two, username="desk", password=PASSWORD, host="localhost")
    forget_mail(two)
    mail_waits(two, "GIR")
    mail_waits(two, "VID")

    let_work(two, NOW)

    by_sender = {letter.sender_address: letter for letter in mailer.letters}
    assert set(by_sender) == {"desk@gir.example", "desk@girandole.example"}
    used = {server.host: server for server in mailer.servers}
    assert used["localhost"].password == PASSWORD
    assert used["localhost"].reach == "private"
    assert used["mail.example"].reach == "anywhere"


@pytest.mark.parametrize(
    ("reply_to", "expected"),
    [("answers@gir.example", "answers@gir.example"), ("", "contact@gir.example")],
)
def test_answers_go_where_the_account_says_or_to_the_organisation(two, mailer, reply_to, expected):
    set_account(two, reply_to=reply_to)
    forget_mail(two)
    mail_waits(two)

    let_work(two, NOW)

    assert {letter.reply_to for letter in mailer.letters} == {expected}


def test_without_any_server_of_the_installation_an_account_is_enough(two, mailer):
    bare = Work(two.session, replace(two.desk, mail_server=None))
    set_account(bare)
    forget_mail(bare)
    mail_waits(bare, "GIR")
    mail_waits(bare, "VID")

    let_work(bare, NOW)

    assert states(bare, "GIR") == {DeliveryState.SENT}
    assert states(bare, "VID") == {DeliveryState.QUEUED}
    assert (
        mail_standing(bare.session, bare.desk, admin(bare, "GIR"), now=MONDAY_NINE).way is Way.FIRST
    )
    standing = mail_standing(bare.session, bare.desk, admin(bare, "VID"), now=MONDAY_NINE)
    assert (standing.way, standing.waiting.count) == (Way.NONE, 1)


def test_the_installation_s_own_mail_goes_through_its_own_server_alone(two, mailer):
    set_account(two)
    forget_mail(two)
    queue_account_mail(
        two.session,
        two.desk,
        MailKind.PASSWORD_RESET,
        key="reset",
        now=NOW,
        organisation=None,
        to=admin(two).user,
        link="https://desk.example/x",
        until=NOW.isoformat(),
    )
    two.session.commit()
    bare = Work(two.session, replace(two.desk, mail_server=None))

    assert let_work(bare, NOW).handled == 0
    let_work(two, NOW)

    assert [letter.sender_address for letter in mailer.letters] == ["desk@girandole.example"]


def test_a_preview_shows_the_sender_that_will_write(two):
    set_account(two)

    route = route_of(two.session, two.desk, organisation(two))

    assert (route.way, route.sender) == (Way.FIRST, "desk@gir.example")


def test_a_password_sealed_under_another_key_makes_mail_wait_and_no_other_s(two, mailer):
    set_account(two, username="desk", password=PASSWORD)
    forget_mail(two)
    account = two.session.scalars(select(MailAccount)).one()
    account.secret = Vault(b"x" * 32).seal(b"secret")
    two.session.commit()
    mail_waits(two, "GIR")
    mail_waits(two, "VID")

    let_work(two, NOW)

    assert (states(two, "GIR"), states(two, "VID")) == (
        {DeliveryState.QUEUED},
        {DeliveryState.SENT},
    )


def test_a_round_costs_the_same_number_of_queries_however_many_organisations_send(two, engine):
    forget_mail(two)
    costs = []
    for number, codes in enumerate((("GIR",), ("GIR", "VID", *[f"O{c}" for c in "ABCDEF"]))):
        for code in codes:
            if code not in ("GIR", "VID"):
                make_organisation(two, code, now=NOW)
            set_account(two, code, reply_to=f"r{number}@gir.example")
        forget_mail(two)
        owners = [organisation(two, code) for code in codes]
        handler = two.session.scalars(select(User).order_by(User.id)).first()
        for owner in owners:
            queue_account_mail(
                two.session,
                two.desk,
                MailKind.ACCOUNT_NOTICE,
                key=f"{number}:{owner.code}",
                now=NOW,
                organisation=owner,
                to=handler,
                change="password_changed",
            )
        two.session.commit()
        with counting_statements(engine) as statements:
            assert let_work(two, NOW).sent == len(codes)
        costs.append(len(statements))

    assert costs[0] == costs[1]


# --- Side by side ----------------------------------------------------------------------------


@contextmanager
def held_server():
    """A server that takes texts only once `let_go` is set; `reached` once one has come."""
    reached, let_go = threading.Event(), threading.Event()

    class Held(Sink):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            reached.set()
            while not let_go.is_set():
                await asyncio.sleep(0.01)
            return await super().handle_DATA(server, session, envelope)

    sink = Held()
    with serving(sink) as server:
        try:
            yield server, sink, reached, let_go
        finally:
            let_go.set()


@pytest.fixture
def looks_often(monkeypatch):
    monkeypatch.setattr(sending, "LOOK_AGAIN_SECONDS", 0.05)


def test_what_becomes_due_while_another_server_is_slow_leaves_at_once(two, looks_often):
    with held_server() as (slow, slow_sink, reached, let_go), serving(Sink()) as quick:
        set_account(two, "GIR", server=slow)
        set_account(two, "VID", server=quick)
        forget_mail(two)
        mail_waits(two, "GIR", count=3)
        looks = 0

        def meanwhile() -> None:
            """At the second look GIR's server holds its mail: now VID has some too."""
            nonlocal looks
            looks += 1
            if reached.is_set() and states(two, "VID") == set():
                mail_waits(two, "VID")
            if DeliveryState.SENT in states(two, "VID") and not let_go.is_set():
                assert slow_sink.taken == []
                let_go.set()
            two.session.commit()

        real = over_smtp(two)
        done = deliver_due(
            two.session, real.desk, worker="w", clock=lambda: NOW, before_each_batch=meanwhile
        )

    assert let_go.is_set()
    assert done.sent == 4
    assert states(two, "GIR") == {DeliveryState.SENT}


def test_a_long_run_of_one_organisation_does_not_fill_the_batches_of_another(
    two, monkeypatch, looks_often
):
    monkeypatch.setattr(deliveries, "CLAIM_SIZE", 5)
    with held_server() as (slow, slow_sink, _, let_go), serving(quick_sink := Sink()) as quick:
        set_account(two, "GIR", server=slow)
        set_account(two, "VID", server=quick)
        forget_mail(two)
        mail_waits(two, "GIR", count=30)
        mail_waits(two, "VID", count=12)

        def meanwhile() -> None:
            if len(quick_sink.taken) == 12 and not let_go.is_set():
                assert slow_sink.taken == []
                let_go.set()

        done = deliver_due(
            two.session,
            over_smtp(two).desk,
            worker="w",
            clock=lambda: NOW,
            before_each_batch=meanwhile,
        )

    assert done.sent == 42


def test_a_dead_server_beside_a_living_one(two):
    with serving(sink := Sink()) as living:
        set_account(two, "GIR", server=MailServer("127.0.0.1", 9))
        set_account(two, "VID", server=living)
        forget_mail(two)
        mail_waits(two, "GIR", count=2)
        mail_waits(two, "VID", count=2)

        done = let_work(over_smtp(two), NOW)

    assert (done.sent, done.postponed, len(sink.taken)) == (2, 2, 2)
    assert states(two, "GIR") == {DeliveryState.QUEUED}
    waiting = two.session.scalars(
        select(Delivery).where(Delivery.state == DeliveryState.QUEUED)
    ).all()
    assert {mail.next_attempt_at for mail in waiting} == {NOW + MINUTE}


def test_a_server_that_could_not_be_reached_is_left_alone_while_the_others_go_on(two, monkeypatch):
    monkeypatch.setattr(deliveries, "CLAIM_SIZE", 2)
    with serving(sink := Sink()) as living:
        set_account(two, "GIR", server=MailServer("127.0.0.1", 9))
        set_account(two, "VID", server=living)
        forget_mail(two)
        mail_waits(two, "GIR", count=6)
        mail_waits(two, "VID", count=6)

        done = let_work(over_smtp(two), NOW)

    assert len(sink.taken) == 6
    # One batch was enough to know; the rest was not even claimed.
    assert (done.sent, done.postponed) == (6, 2)


@pytest.mark.parametrize("misbehave", ["hang_up", "wrong_password", "refused_sender"])
def test_a_server_that_turns_us_away_makes_mail_wait_and_ends_none(two, misbehave):
    sink = Sink(
        after_text={"handler@gir.example": hang_up} if misbehave == "hang_up" else {},
        senders={"desk@gir.example": "553 5.7.1 not yours"} if "sender" in misbehave else {},
    )
    options = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}
    with serving(sink, **(options if "password" in misbehave else {})) as server:
        typed = {"username": "desk", "password": "wrong"} if "password" in misbehave else {}
        set_account(two, "GIR", server=server, **typed)
        forget_mail(two)
        mail_waits(two, "GIR")

        let_work(over_smtp(two), NOW)

    assert states(two, "GIR") == {DeliveryState.QUEUED}


def test_an_inner_network_is_not_sent_to_unless_the_operator_opened_it(two):
    with serving(sink := Sink()) as server:
        set_account(two, server=server)
        forget_mail(two)
        mail_waits(two)
        closed = over_smtp(two, calls_private_network=False)

        let_work(closed, NOW)
        refused = two.session.scalars(
            select(Delivery.answer).where(Delivery.state == DeliveryState.QUEUED)
        ).all()
        let_work(over_smtp(two), NOW + 2 * MINUTE)

    assert refused == ["private_address"]
    assert len(sink.taken) == 1


def test_a_worker_that_stops_half_way_leaves_its_mail_to_the_next(two, looks_often):
    with held_server() as (slow, sink, reached, let_go):
        set_account(two, server=slow)
        forget_mail(two)
        mail_waits(two, count=3)

        def stop() -> None:
            if reached.is_set():
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deliver_due(
                two.session,
                over_smtp(two).desk,
                worker="w",
                clock=lambda: NOW,
                before_each_batch=stop,
            )
        two.session.rollback()
        assert states(two) == {DeliveryState.SENDING}
        let_go.set()
        later = NOW + timedelta(minutes=6)
        done = let_work(over_smtp(two), later)

    assert done.sent == 3
    assert len({content for _, content in sink.taken}) >= 3


# --- When our mail is stolen -----------------------------------------------------------------


def test_queued_mail_goes_the_second_way_and_to_the_second_addresses(two, mailer):
    set_account(two)
    set_account(two, is_second=True, host="127.0.0.2", sender="rescue@elsewhere.example")
    handler = two.session.scalars(select(User).where(User.email == "handler@gir.example")).one()
    handler.second_email = "handler.home@elsewhere.example"
    two.session.commit()
    forget_mail(two)
    open_case(two, now=NOW)

    declare_mail_compromised(two.session, two.desk, by=admin(two), now=NOW)
    let_work(two, NOW)

    assert {server.host for server in mailer.servers} == {"127.0.0.2"}
    assert {letter.sender_address for letter in mailer.letters} == {"rescue@elsewhere.example"}
    to = {letter.recipient_address for letter in mailer.letters}
    assert "handler.home@elsewhere.example" in to
    assert "handler@gir.example" not in to
    assert "dpo@gir.example" in to, "who has no second address keeps the first"
    # Whoever reads our mailboxes must not read the answers.
    assert {letter.reply_to for letter in mailer.letters} == {""}


def test_without_a_second_account_the_installation_s_server_takes_over(two, mailer):
    set_account(two)
    forget_mail(two)
    mail_waits(two)

    declare_mail_compromised(two.session, two.desk, by=admin(two), now=NOW)
    let_work(two, NOW)

    assert {server.host for server in mailer.servers} == {"mail.example"}
    assert {letter.reply_to for letter in mailer.letters} == {""}


def test_with_no_other_way_mail_waits_rather_than_leave_by_the_stolen_account(two, mailer):
    bare = Work(two.session, replace(two.desk, mail_server=None))
    set_account(bare)
    forget_mail(bare)
    mail_waits(bare)
    declare_mail_compromised(bare.session, bare.desk, by=admin(bare), now=NOW)

    assert let_work(bare, NOW).handled == 0
    trust_mail_again(bare.session, bare.desk, by=admin(bare), now=NOW + MINUTE)
    let_work(bare, NOW + MINUTE)

    assert {letter.sender_address for letter in mailer.letters} == {"desk@gir.example"}


def test_data_subjects_are_written_to_at_their_own_addresses(work, mailer):
    make_organisation(work, now=NOW, roles=(Role.ADMIN, Role.DECIDER), code="VID")
    reference = approved_notice(work, 3)
    start_sending(work, reference, now=NOW)
    owner = organisation(work)
    owner.mail_compromised_at = NOW
    work.session.commit()

    let_work(work, NOW)

    told = {letter.recipient_address for letter in mailer.letters}
    assert {f"client{number}@clients.example" for number in range(3)} <= told


def test_a_new_password_s_link_does_not_go_to_a_stolen_mailbox(two, mailer):
    forget_mail(two)
    person = admin(two).user
    person.second_email = "admin.home@elsewhere.example"
    for number, owner in enumerate((None, organisation(two, "VID"))):
        queue_account_mail(
            two.session,
            two.desk,
            MailKind.ACCOUNT_NOTICE,
            key=f"reset:{number}",
            now=NOW,
            organisation=owner,
            to=person,
            change="password_changed",
        )
    organisation(two, "GIR").mail_compromised_at = NOW
    two.session.commit()

    let_work(two, NOW)

    # Of VID, whose mail is sound, they keep getting theirs where they always did.
    assert [letter.recipient_address for letter in mailer.letters] == [
        "admin.home@elsewhere.example",
        "admin@gir.example",
    ]


def test_what_a_slow_stolen_server_has_not_taken_yet_goes_the_second_way_at_once(two, looks_often):
    with held_server() as (stolen, stolen_sink, reached, let_go), serving(sink := Sink()) as rescue:
        set_account(two, server=stolen)
        set_account(two, is_second=True, server=rescue, sender="rescue@elsewhere.example")
        forget_mail(two)
        mail_waits(two, count=20)
        has_declared = False

        def meanwhile() -> None:
            nonlocal has_declared
            if reached.is_set() and not has_declared:
                has_declared = True
                owner = organisation(two)
                owner.mail_compromised_at = NOW
                two.session.commit()
            elif has_declared:
                let_go.set()

        done = deliver_due(
            two.session,
            replace(over_smtp(two).desk, connections=2),
            worker="w",
            clock=lambda: NOW,
            before_each_batch=meanwhile,
        )

    # Two were in the stolen server's hands; the rest it never saw.
    assert (len(stolen_sink.taken), len(sink.taken), done.sent) == (2, 18, 20)
    attempts = two.session.scalars(
        select(Delivery.attempts).where(Delivery.state == DeliveryState.SENT)
    )
    assert set(attempts) == {1}, "what was called off was not tried"


def test_an_account_changed_half_way_is_used_for_what_is_left(two, looks_often):
    with held_server() as (old, old_sink, reached, let_go), serving(sink := Sink()) as new:
        set_account(two, server=old)
        forget_mail(two)
        mail_waits(two, count=10)
        has_changed = False

        def meanwhile() -> None:
            nonlocal has_changed
            if reached.is_set() and not has_changed:
                has_changed = True
                account = two.session.scalars(select(MailAccount)).one()
                account.port, account.changed_at = new.port, NOW + MINUTE
                two.session.commit()
            elif has_changed:
                let_go.set()

        deliver_due(
            two.session,
            replace(over_smtp(two).desk, connections=1),
            worker="w",
            clock=lambda: NOW,
            before_each_batch=meanwhile,
        )

    assert (len(old_sink.taken), len(sink.taken)) == (1, 9)
