"""The ledger of reminders in the dossier: who was told, what the server said, who read it."""

from datetime import timedelta

import pytest

from breachdesk.documents.content import Paragraph, Table
from breachdesk.documents.reminder_section import reminders
from breachdesk.documents.voice import Voice
from breachdesk.domain.reminder_ledger import (
    LedgerRecord,
    ReadRecord,
    ReminderLedger,
    ToldRecord,
)
from breachdesk.domain.standing_in import Addressee
from breachdesk.wording import FRENCH
from tests.cases import MONDAY_NINE
from tests.web.reading import plain

HOUR = timedelta(hours=1)
FINAL = ("sent", "refused", "failed")
VOICE = Voice(FRENCH, "Europe/Paris")
NINE = MONDAY_NINE


def line(**columns: object) -> LedgerRecord:
    usual = {
        "clock": 1,
        "regime": "gdpr_art_33",
        "cause": "planned",
        "channel": "mail",
        "roles": ("handler", "dpo"),
        "planned_for": NINE,
        "remind_at": NINE,
    }
    return LedgerRecord(**usual | columns)


def printed(*lines: LedgerRecord) -> list[tuple[str, ...]]:
    (table,) = reminders(ReminderLedger(lines), VOICE).blocks
    assert isinstance(table, Table)
    return [tuple(plain(cell) for cell in row) for row in table.rows]


def test_a_row_says_when_to_whom_with_which_answer_and_who_read_it():
    told = ToldRecord("Karim Benali", ("handler",), "sent", NINE, "250 2.0.0 Ok")
    read = ReadRecord("Inès Caradec", "link", NINE + 2 * HOUR)

    ((planned, what, whom, standing),) = printed(line(emitted_at=NINE, told=(told,), read=read))

    assert planned == "02/03/2026 10:00"
    assert what.endswith("Rappel prévu")
    assert whom == (
        "Karim Benali (gestionnaire) – Remis au serveur de messagerie 02/03/2026 10:00 – "
        "250 2.0.0 Ok"
    )
    assert standing == "Lu\nInès Caradec, par le lien du message, 02/03/2026 12:00"


def test_what_an_example_kept_here_is_not_said_to_be_sent():
    told = ToldRecord("Karim Benali", ("handler",), "sent", NINE, "250 Kept as 17")

    ((_, _, whom, standing),) = printed(line(emitted_at=NINE, told=(told,)))

    assert "non envoyé" in whom
    assert standing == "Sans réponse\nretenu ici depuis le 02/03/2026 10:00"


@pytest.mark.parametrize(
    ("states", "said"),
    [
        pytest.param(("queued", "sending"), "Pas encore parti", id="nothing has left"),
        pytest.param(("sent", "queued"), "Sans réponse", id="one of two has it"),
        pytest.param(("sent", "refused"), "Sans réponse", id="refused to one alone"),
        pytest.param(("refused", "failed"), "Remis à personne", id="no server took it"),
    ],
)
def test_what_reached_nobody_is_not_called_unread(states, said):
    told = tuple(
        ToldRecord("Karim Benali", ("handler",), state, NINE if state in FINAL else None, "")
        for state in states
    )

    ((_, _, _, standing),) = printed(line(emitted_at=NINE, told=told))

    assert standing.splitlines()[0] == said


def test_who_stood_in_is_not_given_the_title_of_another():
    stood_in = Addressee("Anne Delmas", vacant=("dpo",))
    told = ToldRecord("Anne Delmas", ("dpo",), "queued", None, "", stood_in)

    ((_, _, whom, _),) = printed(line(emitted_at=NINE, told=(told,)))

    assert whom.startswith("Anne Delmas, en l’absence de délégué – ")


def test_what_stayed_on_the_desk_is_not_said_to_be_handed_to_a_server():
    told = ToldRecord("Karim Benali", ("handler",), "sent", NINE, "250 Kept as 20260302T090000Z")

    ((_, _, whom, _),) = printed(line(emitted_at=NINE, told=(told,)))

    assert "Retenu ici (organisation d’exemple), non envoyé" in whom
    assert "serveur de messagerie" not in whom


@pytest.mark.parametrize(
    ("columns", "planned", "standing"),
    [
        pytest.param({}, "02/03/2026 10:00", "À venir", id="planned"),
        pytest.param(
            {"remind_at": NINE + HOUR},
            "02/03/2026 11:00\nvoulu le 02/03/2026 10:00, retenu",
            "Retenu",
            id="held",
        ),
        pytest.param(
            {"emitted_at": NINE},
            "02/03/2026 10:00",
            "Sans réponse\nenvoyé le 02/03/2026 10:00",
            id="unread",
        ),
        pytest.param(
            {"emitted_at": NINE + HOUR},
            "02/03/2026 11:00\nvoulu le 02/03/2026 10:00, manqué",
            "Sans réponse\nenvoyé le 02/03/2026 11:00",
            id="sent after an outage",
        ),
        pytest.param(
            {"cancelled_at": NINE + HOUR, "told_at": NINE + HOUR},
            "02/03/2026 10:00",
            "Manqué\ndit dans le rappel du 02/03/2026 11:00",
            id="missed",
        ),
        pytest.param(
            {"cancelled_at": NINE, "told_at": NINE},
            "02/03/2026 10:00",
            "Regroupé\ndit dans le rappel du 02/03/2026 10:00",
            id="told with another",
        ),
        pytest.param(
            {"emitted_at": NINE, "read": ReadRecord("", "", NINE)},
            "02/03/2026 10:00",
            "Lu\n02/03/2026 10:00",
            id="read by somebody unknown",
        ),
    ],
)
def test_every_standing_is_said(columns, planned, standing):
    ((said_planned, _, whom, said_standing),) = printed(line(**columns))

    assert (said_planned, said_standing) == (planned, standing)
    assert whom == "Gestionnaire, Délégué à la protection des données"


def test_an_escalation_and_the_quiet_channel_are_named():
    ((_, what, _, _),) = printed(line(cause="escalation", channel="desk", answers_to=NINE - HOUR))

    assert "Escalade, faute de réponse" in what
    assert "du rappel du 02/03/2026 09:00" in what
    assert "Sur ce service seulement" in what


def test_what_is_still_to_come_stands_last():
    rows = printed(
        line(planned_for=NINE - HOUR, remind_at=NINE - HOUR, roles=("manager",)),
        line(emitted_at=NINE),
    )

    assert [row[3].split("\n")[0] for row in rows] == ["Sans réponse", "À venir"]


def test_what_was_called_off_is_counted():
    off = line(cancelled_at=NINE)

    one, more = (reminders(ReminderLedger((off,) * count), VOICE) for count in (1, 2))

    assert [type(block) for block in one.blocks] == [Paragraph]
    assert one.blocks[0].text.startswith("Un autre rappel était prévu")
    assert more.blocks[0].text.startswith("2 autres rappels étaient prévus")


def test_without_reminders_the_section_says_so():
    (block,) = reminders(ReminderLedger(), VOICE).blocks

    assert block.text == "Aucun rappel."
