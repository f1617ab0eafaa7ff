"""What the mail catcher keeps, and how it is read back."""

import os
from pathlib import Path

import pytest

from breachdesk.domain.deliveries import is_kept_here
from breachdesk.domain.errors import NotFound
from breachdesk.mail.catcher import MailCatcher, caught_messages, count_caught, read_caught
from breachdesk.mail.letters import serialise
from breachdesk.mail.mailer import MailServer
from tests.mail.servers import Answers, hand_in, letter

SENDER = "desk@boutique.example"


@pytest.fixture
def catcher(tmp_path):
    with MailCatcher(tmp_path / "mail") as running:
        yield running


def send(catcher: MailCatcher, *letters, connections: int = 1) -> Answers:
    answers = Answers()
    server = MailServer(catcher.host, catcher.port)
    hand_in(server, letters, answers, connections=connections)
    return answers


def test_every_accepted_message_becomes_one_file_byte_for_byte(catcher):
    letters = [letter(number) for number in range(50)]

    answers = send(catcher, *letters, connections=4)

    files = [path.read_bytes() for path in catcher.folder.rglob("*.eml")]
    assert answers.outcomes() == ["accepted"] * 50
    assert all(is_kept_here(f"{each.code} {each.text}") for _, each in answers)
    assert sorted(files) == sorted(serialise(sent) for sent in letters)
    assert count_caught(catcher.folder, SENDER) == 50


def test_nothing_half_written_is_left_beside_the_messages(catcher):
    send(catcher, letter(1), letter(2))

    assert {path.suffix for path in catcher.folder.rglob("*") if path.is_file()} == {".eml"}


def test_messages_are_listed_newest_first_page_by_page(catcher):
    for number in range(5):
        send(catcher, letter(number))

    first, second = (caught_messages(catcher.folder, SENDER, limit=3, offset=n) for n in (0, 3))

    assert [line.subject for line in first] == [f"Message n° {n}" for n in (4, 3, 2)]
    assert [line.subject for line in second] == [f"Message n° {n}" for n in (1, 0)]
    assert first[0].to == "Hélène 4 <client4@client.example>"
    assert first[0].size == len(serialise(letter(4)))
    assert first[0].at > first[1].at


def test_a_caught_message_reads_as_it_was_written(catcher):
    sent = letter(1, text="Été\n\n.\nשלום 🙂\n")
    send(catcher, sent)

    line = caught_messages(catcher.folder, SENDER)[0]
    read = read_caught(catcher.folder, SENDER, line.id)

    assert (read.text, read.subject) == (sent.text, sent.subject)
    assert (read.message_id, read.date) == (sent.message_id, "Fri, 27 Nov 2026 18:30:00 +0000")
    assert read.sender == "Boutique Girolle <desk@boutique.example>"
    assert read.at == line.at


def test_one_sender_does_not_see_anothers_messages(catcher):
    send(catcher, letter(1), letter(2, sender_address="other@shop.example"))
    mine = caught_messages(catcher.folder, SENDER)

    assert [line.subject for line in mine] == ["Message n° 1"]
    with pytest.raises(NotFound):
        read_caught(catcher.folder, "other@shop.example", mine[0].id)


def test_senders_are_told_apart_whatever_their_case(catcher):
    send(catcher, letter(1, sender_address="Desk@Boutique.example"))

    assert count_caught(catcher.folder, SENDER) == 1


@pytest.mark.parametrize(
    "message_id",
    ["", "nothing", "../../etc/passwd", "20261127T183000.000000Z-0123456789ab", "a\0b"],
)
def test_a_message_that_was_never_caught_is_not_found(catcher, message_id):
    send(catcher, letter(1))

    with pytest.raises(NotFound):
        read_caught(catcher.folder, SENDER, message_id)


def test_a_message_that_is_too_large_is_refused_for_good(tmp_path):
    with MailCatcher(tmp_path, largest_message=2000) as catcher:
        answers = send(catcher, letter(1, text="x" * 5000), letter(2))

    assert answers.outcomes() == ["permanent", "accepted"]
    assert answers[0][1].code == 552


@pytest.mark.parametrize("sender", ["a/../../b@x.example", "..@x.example", "/etc@x.example", ""])
def test_no_sender_writes_outside_the_folder(tmp_path, sender):
    from breachdesk.mail.catcher import _folder_name

    name = _folder_name(sender)

    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert os.sep not in name


def test_a_folder_nothing_was_caught_in_is_empty():
    nowhere = Path("nowhere")

    assert caught_messages(nowhere, SENDER) == []
    assert count_caught(nowhere, SENDER) == 0


def test_it_can_be_stopped_and_started_again_on_the_same_files(tmp_path):
    catcher = MailCatcher(tmp_path)
    for number in (1, 2):
        catcher.start()
        send(catcher, letter(number))
        catcher.stop()
        catcher.stop()

    assert count_caught(tmp_path, SENDER) == 2
