"""Sending to real servers, good and bad, in this process."""

import asyncio
import email
import email.policy
import re
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from breachdesk.mail.answers import Answer, Outcome, without_addresses
from breachdesk.mail.mailer import MailServer
from tests.mail.memory import MemoryMailer
from tests.mail.servers import (
    PASSWORD,
    Answers,
    Sink,
    check_password,
    hand_in,
    hang_up,
    letter,
    self_made_certificate,
    server_context,
    serving,
    stall,
)

ROOT = Path(__file__).resolve().parents[2]


def test_every_letter_arrives_once_with_its_text_intact():
    sink, answers = Sink(), Answers()
    letters = [letter(number) for number in range(40)]

    with serving(sink) as server:
        hand_in(server, iter(letters), answers)

    assert answers.outcomes() == ["accepted"] * 40
    assert {answer.code for _, answer in answers} == {250}
    assert sorted(address for address, _ in sink.taken) == sorted(
        sent.recipient_address for sent in letters
    )
    texts = {
        address: email.message_from_bytes(raw, policy=email.policy.default).get_content()
        for address, raw in sink.taken
    }
    assert texts["client7@client.example"].replace("\r\n", "\n") == letters[7].text


def test_connections_are_reused_and_never_more_than_asked_for():
    sink, answers = Sink(), Answers()

    with serving(sink) as server:
        hand_in(server, (letter(n) for n in range(30)), answers, connections=2)

    assert len(sink.connections) == 2


def test_a_connection_carries_no_more_messages_than_it_may():
    sink, answers = Sink(), Answers()

    with serving(sink) as server:
        hand_in(
            server,
            [letter(n) for n in range(9)],
            answers,
            connections=1,
            messages_per_connection=3,
        )

    assert answers.outcomes() == ["accepted"] * 9
    assert len(sink.connections) == 3


def test_no_letter_means_no_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        host, port = server.getsockname()

        hand_in(MailServer(host, port, timeout=1.0), [], Answers())

        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("reply", "outcome", "code"),
    [
        pytest.param("451 4.7.1 Greylisted", "temporary", 451, id="greylisted"),
        pytest.param("421 4.3.2 Closing", "temporary", 421, id="and hangs up"),
        pytest.param("550 5.1.1 No such user", "permanent", 550, id="unknown recipient"),
        pytest.param("554 5.7.1 Relay access denied", "misconfigured", 554, id="no relay for us"),
        pytest.param("550 Unable to relay", "misconfigured", 550, id="no relay, in other words"),
        pytest.param("530 5.7.0 Sign in first", "misconfigured", 530, id="sign-in wanted"),
    ],
)
def test_a_refused_recipient_leaves_the_others_alone(reply, outcome, code):
    sink, answers = Sink(refusals={"client1@client.example": reply}), Answers()

    with serving(sink) as server:
        hand_in(server, [letter(n) for n in range(3)], answers, connections=1)

    assert answers.outcomes() == ["accepted", outcome, "accepted"]
    assert answers[1][1].code == code


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 4.3.0 Try later", "temporary"), ("554 5.6.0 Looks like spam", "permanent")],
)
def test_a_text_may_be_refused_after_it_was_sent(reply, outcome):
    async def refuse(server):
        return reply

    sink, answers = Sink(after_text={"client0@client.example": refuse}), Answers()
    with serving(sink) as server:
        hand_in(server, [letter(0), letter(1)], answers, connections=1)

    assert answers.outcomes() == [outcome, "accepted"]


@pytest.mark.parametrize("misbehave", [stall, hang_up])
def test_a_broken_connection_costs_the_letter_in_flight_only(misbehave):
    sink, answers = Sink(after_text={"client1@client.example": misbehave}), Answers()

    with serving(sink) as server:
        hand_in(server, [letter(n) for n in range(4)], answers, connections=1)

    assert answers.outcomes() == ["accepted", "unreachable", "accepted", "accepted"]


def test_a_letter_no_longer_wanted_right_before_its_text_is_not_sent_and_costs_no_other():
    """Such as one whose lease ran out while the server thought over its recipient."""
    sink, answers = Sink(), Answers()

    with serving(sink) as server:
        hand_in(
            server,
            [letter(n) for n in range(3)],
            answers,
            still_wanted=lambda one: one != letter(1),
            connections=1,
        )

    assert answers.outcomes() == ["accepted", "withdrawn", "accepted"]
    assert [address for address, _ in sink.taken] == [
        "client0@client.example",
        "client2@client.example",
    ]
    assert len(sink.connections) == 1


def test_a_server_that_thinks_long_over_a_whole_text_is_waited_for():
    """RFC 5321, 4.5.3.2.6: giving up there sends the message twice."""

    async def think(server):
        await asyncio.sleep(0.6)

    sink, answers = Sink(after_text={"client0@client.example": think}), Answers()

    with serving(sink) as server:
        patient = replace(server, timeout=0.3, text_timeout=5.0)
        hand_in(patient, [letter(0)], answers)

    assert answers.outcomes() == ["accepted"]
    assert len(sink.taken) == 1


def test_a_server_that_breaks_every_time_is_not_tried_for_ever():
    everyone = {f"client{n}@client.example": hang_up for n in range(200)}
    sink, answers = Sink(after_text=everyone), Answers()
    began = time.monotonic()

    with serving(sink) as server:
        hand_in(server, [letter(n) for n in range(200)], answers, connections=2)

    assert answers.outcomes() == ["unreachable"] * 200
    assert len(sink.connections) <= 6
    assert time.monotonic() - began < 10


def test_a_server_that_always_says_421_is_not_tried_for_ever():
    refusals = {f"client{n}@client.example": "421 Too busy" for n in range(100)}
    sink, answers = Sink(refusals=refusals), Answers()

    with serving(sink) as server:
        hand_in(server, [letter(n) for n in range(100)], answers, connections=1)

    assert answers.outcomes().count("temporary") == 3
    assert answers.outcomes().count("unreachable") == 97


def test_a_server_that_is_not_there_is_told_at_once_for_every_letter():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    answers = Answers()
    began = time.monotonic()

    hand_in(MailServer("127.0.0.1", port), [letter(n) for n in range(500)], answers)

    assert answers.outcomes() == ["unreachable"] * 500
    assert time.monotonic() - began < 2


def test_a_server_that_never_greets_costs_one_wait_and_not_one_a_letter():
    answers = Answers()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        server = MailServer("127.0.0.1", mute.getsockname()[1], timeout=0.5)
        began = time.monotonic()

        hand_in(server, [letter(n) for n in range(100)], answers)

    assert answers.outcomes() == ["unreachable"] * 100
    assert time.monotonic() - began < 2


def test_connections_a_server_does_not_want_do_not_cost_letters():
    """Many servers greet the fifth connection of a sender with 421."""
    sink, answers = Sink(), Answers()

    with serving(sink) as server, _one_connection_only(server) as crowded:
        hand_in(crowded, [letter(n) for n in range(60)], answers, connections=3)

    assert answers.outcomes() == ["accepted"] * 60


class _one_connection_only:  # noqa: N801 - reads as a sentence where it is used
    """A door before a server: the second to come in at once is told 421."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self._inside = threading.Semaphore(1)

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._let_in, daemon=True).start()
        return replace(self._server, port=self._door.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def _let_in(self) -> None:
        while True:
            try:
                visitor, _ = self._door.accept()
            except OSError:
                return
            if not self._inside.acquire(blocking=False):
                with visitor:
                    visitor.sendall(b"421 Too many connections\r\n")
                continue
            threading.Thread(target=self._host, args=(visitor,), daemon=True).start()

    def _host(self, visitor: socket.socket) -> None:
        with socket.create_connection((self._server.host, self._server.port)) as server, visitor:
            back = threading.Thread(target=_carry, args=(server, visitor), daemon=True)
            back.start()
            _carry(visitor, server)
            back.join()
        self._inside.release()


def _carry(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_refused_sender_is_asked_once_and_nobody_is_marked_as_refused():
    sink = Sink(senders={"desk@boutique.example": "550 5.1.8 <desk@boutique.example> unknown"})
    letters = [letter(0), letter(1), letter(2, sender_address="other@boutique.example")]
    answers = Answers()

    with serving(sink) as server:
        hand_in(server, letters, answers, connections=1)

    assert answers.outcomes() == ["misconfigured", "misconfigured", "accepted"]
    assert answers[0][1] == Answer(Outcome.MISCONFIGURED, 550, "5.1.8 <…> unknown")


@pytest.mark.parametrize(
    ("reply", "outcomes"),
    [
        pytest.param("452 4.3.1 No room", ["temporary"] * 2, id="for now"),
        pytest.param("552 5.3.4 Too big", ["permanent"] * 2, id="the letter is too big"),
    ],
)
def test_a_sender_refused_for_the_moment_or_for_size_is_no_fault_of_the_settings(reply, outcomes):
    sink, answers = Sink(senders={"desk@boutique.example": reply}), Answers()

    with serving(sink) as server:
        hand_in(server, [letter(0), letter(1)], answers, connections=1)

    assert answers.outcomes() == outcomes


def test_a_wrong_password_is_a_fault_of_the_settings_for_every_letter():
    answers = Answers()
    options = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}

    with serving(Sink(), **options) as server:
        wrong = replace(server, username="desk", password="wrong")
        hand_in(wrong, [letter(n) for n in range(50)], answers)

    assert answers.outcomes() == ["misconfigured"] * 50
    assert answers[0][1].code == 535


def test_no_password_where_one_is_wanted_is_a_fault_of_the_settings():
    answers = Answers()
    options = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}

    with serving(Sink(), **options) as server:
        hand_in(server, [letter(1)], answers)

    assert answers.outcomes() == ["misconfigured"]


def test_the_right_password_lets_letters_through():
    sink, answers = Sink(), Answers()
    options = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}

    with serving(sink, **options) as server:
        right = replace(server, username="desk", password=PASSWORD)
        hand_in(right, [letter(1)], answers)

    assert answers.outcomes() == ["accepted"]


def test_a_password_is_never_shown():
    assert PASSWORD not in repr(MailServer("mail.example", 587, "desk", PASSWORD))


def test_starttls_with_a_trusted_certificate_lets_letters_through(tmp_path):
    certificate, key = self_made_certificate(tmp_path)
    sink, answers = Sink(), Answers()
    options = {"tls_context": server_context(certificate, key), "require_starttls": True}

    with serving(sink, security="starttls", **options) as server:
        trusting = replace(server, certificate_authorities=str(certificate))
        hand_in(trusting, [letter(n) for n in range(5)], answers)

    assert answers.outcomes() == ["accepted"] * 5


@pytest.mark.parametrize(
    ("for_ip", "is_trusted"),
    [
        pytest.param("127.0.0.1", False, id="made by a stranger"),
        pytest.param("127.0.0.2", True, id="made for another host"),
    ],
)
def test_a_certificate_that_does_not_hold_stops_everything(tmp_path, for_ip, is_trusted):
    certificate, key = self_made_certificate(tmp_path, for_ip=for_ip)
    sink, answers = Sink(), Answers()

    with serving(sink, security="starttls", tls_context=server_context(certificate, key)) as server:
        authorities = str(certificate) if is_trusted else ""
        server = replace(server, certificate_authorities=authorities)
        hand_in(server, [letter(n) for n in range(5)], answers)

    assert answers.outcomes() == ["misconfigured"] * 5
    assert sink.taken == []


def test_nothing_goes_out_in_clear_where_tls_was_asked_for():
    sink, answers = Sink(), Answers()

    with serving(sink, security="starttls") as server:
        hand_in(server, [letter(1)], answers)
        hand_in(replace(server, security="tls"), [letter(2)], answers)

    assert answers.outcomes() == ["misconfigured", "misconfigured"]
    assert sink.taken == []


def test_an_authorities_file_that_is_missing_is_a_fault_of_the_settings():
    server = MailServer("127.0.0.1", 1, security="tls", certificate_authorities="/nowhere.pem")
    answers = Answers()

    hand_in(server, [letter(1)], answers)

    assert answers.outcomes() == ["misconfigured"]


def test_a_letter_that_cannot_be_written_does_not_stop_the_others():
    sink, answers = Sink(), Answers()
    letters = [letter(0), letter(1, recipient_address="hélène@client.example"), letter(2)]

    with serving(sink) as server:
        hand_in(server, letters, answers, connections=1)

    assert answers.outcomes() == ["accepted", "permanent", "accepted"]
    assert answers[1][1].text == "mail_address_non_ascii_local_part"


def test_what_the_listener_raises_comes_out():
    def fail(sent, answer):
        raise LookupError("the database is gone")

    with serving(Sink()) as server, pytest.raises(LookupError, match="gone"):
        hand_in(server, [letter(n) for n in range(9)], fail)


def test_letters_go_out_no_faster_than_asked():
    answers = Answers()
    began = time.monotonic()

    with serving(Sink()) as server:
        hand_in(server, [letter(n) for n in range(11)], answers, per_second=20)

    assert time.monotonic() - began >= 0.5


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("550 <jean.dupont@client.example>: unknown", "550 <…>: unknown"),
        ("no jean.dupont@client.example here", "no <…> here"),
        ("jean.dupont: user unknown", "<…>: user unknown"),
        ("JEAN.DUPONT is full", "<…> is full"),
        ("see https://x.example/?m=jean.dupont%40client.example now", "see https:<…> now"),
        ("jean.dupont=40client.example", "<…>"),
        ("vous («hélène@client.example») êtes", "vous («<…>») êtes"),
        ("a\r\nb\0c\ud800", "a b c"),
        ("queued as 4XyZ", "queued as 4XyZ"),
    ],
)
def test_a_servers_words_are_kept_without_any_address(words, kept):
    found = without_addresses(words, "jean.dupont@client.example")

    assert found == kept


def test_the_answer_of_a_real_server_is_kept_without_the_address():
    reply = "550 5.1.1 <client1@client.example>: client1 unknown here"
    answers = Answers()

    with serving(Sink(refusals={"client1@client.example": reply})) as server:
        hand_in(server, [letter(1)], answers)

    assert answers[0][1].text == "5.1.1 <…>: <…> unknown here"


def test_the_memory_mailer_answers_as_it_is_told():
    mailer, answers = MemoryMailer(), Answers()
    later = Answer(Outcome.TEMPORARY, 451, "later")
    mailer.answer_with("client1@client.example", later)
    server = MailServer("mail.example", 25)

    mailer.send(server, [letter(0), letter(1)], answers)
    mailer.send(server, [letter(1)], answers)
    mailer.down = Answer(Outcome.UNREACHABLE)
    mailer.send(server, [letter(2)], answers)

    assert answers.outcomes() == ["accepted", "temporary", "accepted", "unreachable"]
    assert [kept.message_id for kept in mailer.letters] == [
        letter(0).message_id,
        letter(1).message_id,
    ]


def test_the_standard_librarys_smtp_is_imported_nowhere():
    imported = re.compile(r"^\s*(?:import|from) +smtplib", re.MULTILINE)
    sources = {path.name: path.read_text("utf-8") for path in (ROOT / "breachdesk").rglob("*.py")}

    assert "smtp.py" in sources
    assert [name for name, source in sources.items() if imported.search(source)] == []
