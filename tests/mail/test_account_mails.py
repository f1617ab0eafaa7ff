"""Mails about accounts: what happened, and what to do about that."""

import pytest

from breachdesk.domain.deliveries import MailKind
from breachdesk.mail.account_mails import account_mail
from tests.web.reading import plain

UNTIL = "2026-03-02T10:00:00+00:00"


def mail(kind, **told):
    return account_mail(kind, told, organisation="", timezone="Europe/Paris", locale="fr")


def test_a_link_is_told_with_its_time_and_that_nothing_changes_without_it():
    found = mail(MailKind.PASSWORD_RESET, link="https://desk.example/password/x", until=UNTIL)

    assert "https://desk.example/password/x\n" in found.text
    assert "lundi 2 mars 2026 à 11 h" in plain(found.text)
    assert "rien ne change" in found.text


@pytest.mark.parametrize(
    ("change", "said", "advised"),
    [
        pytest.param(
            "password_changed", "a été changé", "changez votre mot de passe", id="password"
        ),
        pytest.param(
            "second_address_changed", "seconde adresse", "changez votre mot de passe", id="address"
        ),
        pytest.param("sign_in_throttled", "ont échoué", "personne n’est entré", id="guesses"),
        pytest.param(
            "already_has_account", "se connecte autrement", "par votre organisation", id="no need"
        ),
    ],
)
def test_the_advice_fits_what_happened(change, said, advised):
    found = mail(MailKind.ACCOUNT_NOTICE, change=change)

    assert said in found.text
    assert advised in found.text


def test_where_nothing_changed_the_subject_speaks_of_no_change():
    subjects = {
        change: mail(MailKind.ACCOUNT_NOTICE, change=change).subject
        for change in ("password_changed", "sign_in_throttled", "already_has_account")
    }

    assert "Changement" in subjects["password_changed"]
    assert "Changement" not in subjects["sign_in_throttled"] + subjects["already_has_account"]
