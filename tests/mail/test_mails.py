"""What the desk's mails say, and what they must not."""

from dataclasses import replace

import pytest

from breachdesk.wording import FRENCH
from breachdesk.wording.mails import (
    CaseMail,
    CommunicationFrame,
    alert,
    communication,
    receipt,
    report_completed,
    report_question,
)

CASE = CaseMail(
    reference="GIR-2026-0007",
    organisation="Boutique Girolle",
    link="https://desk.example/cases/GIR-2026-0007",
    due_at="lundi 30 novembre à 18 h 30",
)
FRAME = CommunicationFrame(
    reference="GIR-2026-0007",
    organisation="Boutique Girolle",
    sender_address="desk@boutique.example",
    contact="privee@boutique.example, 01 23 45 67 89",
    recipient_name="Hélène",
)
EVERY_MAIL = [receipt, alert, report_completed, report_question]


def plain(text: str) -> str:
    """Without the no-break spaces that French typography sets."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("mail", "subject"),
    [
        (receipt, "GIR-2026-0007 : votre signalement est enregistré"),
        (
            alert,
            "GIR-2026-0007 : nouveau signalement à qualifier avant le lundi 30 novembre à 18 h 30",
        ),
    ],
)
def test_the_subject_says_what_is_due_when(mail, subject):
    assert plain(mail(FRENCH, CASE).subject) == subject


@pytest.mark.parametrize("mail", EVERY_MAIL)
def test_every_mail_greets_names_the_next_step_and_links_to_the_case_once(mail):
    text = plain(mail(FRENCH, CASE).text)

    assert text.startswith("Bonjour,\n\n")
    assert text.count(CASE.link) == 1
    assert text.count("Prochaine étape :") == (0 if mail is receipt else 1)
    assert CASE.organisation in text


def test_a_deadline_that_is_not_known_leaves_no_hole():
    assert plain(alert(FRENCH, replace(CASE, due_at="")).subject).endswith("à qualifier")


def test_a_communication_frames_the_approved_text_and_keeps_it_as_typed():
    body = "Une sauvegarde est restée ouverte : <b>neuf jours</b> 100 % #x\n"

    mail = communication(FRENCH, FRAME, subject="Vos données", body=body)

    assert mail.subject == "Vos données"
    assert mail.text.startswith("Bonjour Hélène,\n\nUne sauvegarde est restée ouverte : <b>neuf")
    assert "100 % #x\n\nComment reconnaître" in mail.text


@pytest.mark.parametrize(
    "expected",
    [
        "desk@boutique.example",
        "privee@boutique.example, 01 23 45 67 89",
        "ni pièce jointe ni lien",
        "mot de passe",
        "prétexte",
        "réclamation à la CNIL (www.cnil.fr/fr/plaintes)",
        "www.cybermalveillance.gouv.fr",
        "Référence à rappeler : GIR-2026-0007",
        "\n\nBoutique Girolle\n",
    ],
)
def test_a_communication_says_how_to_know_it_is_real_and_where_to_turn(expected):
    assert expected in plain(communication(FRENCH, FRAME, subject="s", body="b").text)


def test_somebody_whose_name_is_not_known_is_greeted_without_one():
    mail = communication(FRENCH, replace(FRAME, recipient_name=""), subject="s", body="b")

    assert mail.text.startswith("Bonjour,\n\nb\n\n")


def test_a_name_with_a_percent_sign_is_only_a_name():
    mail = communication(FRENCH, replace(FRAME, recipient_name="100 %(x)s"), subject="s", body="b")

    assert mail.text.startswith("Bonjour 100 %(x)s,")
