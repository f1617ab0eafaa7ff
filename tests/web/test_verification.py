"""The page that checks a dossier: for whoever is signed in; nothing of it is kept."""

import io

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.dossier_check import Verdict
from breachdesk.services import verification
from breachdesk.services.verification import check_apart
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.sealing.sample_dossier import chained_case, sample_key, small_pdf, small_zip
from tests.web.reading import plain


@pytest.fixture(autouse=True)
def _organisation(request):
    """Where a test has a desk at all."""
    if "app" in request.fixturenames:
        with at_desk(request.getfixturevalue("app")) as work:
            cases.make_organisation(work, now=MONDAY_NINE)


def send(client, content: bytes, name: str = "dossier.pdf", **more: str):
    data = {"file": (io.BytesIO(content), name), **more}
    return client.post("/verify", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("role", [Role.REPORTER, Role.AUDITOR])
def test_whoever_is_signed_in_may_check_a_dossier(as_role, role):
    answer = send(as_role(role), small_zip(), "dossier.zip")
    page = plain(answer.text)

    assert answer.status_code == 200
    assert "Intact, origine non prouvée." in page
    assert "Le sceau couvre tout le fichier" in page
    assert "si ce qui a été écrit est vrai" in page


def test_nobody_else_may(app):
    answer = app.test_client().get("/verify")

    assert answer.status_code in (302, 303)
    assert "/sign-in" in answer.location


def test_the_seal_of_this_installation_is_already_asked_for(app, as_role):
    client = as_role(Role.HANDLER)
    own = app.extensions["desk"].seal.shown_fingerprint

    assert own in client.get("/verify").text
    assert "scellé par quelqu’un d’autre" in plain(send(client, small_pdf(), trust=own).text)
    known = sample_key().shown_fingerprint
    assert "Intact, origine prouvée." in plain(send(client, small_pdf(), trust=known).text)


def test_an_altered_dossier_is_said_to_be(as_role):
    altered = bytearray(small_pdf())
    altered[999] ^= 4

    page = plain(send(as_role(Role.HANDLER), bytes(altered)).text)

    assert "n’est ni un dossier ni un dépôt intact" in page
    assert "Ne tient pas" in page
    assert "ce que le fichier contient" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Choisissez le PDF ou le ZIP"),
        ({"trust": "abc"}, "Une empreinte a 64 chiffres"),
        ({"head": "abc"}, "Une empreinte a 64 chiffres"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(as_role, sent, said):
    answer = send(as_role(Role.HANDLER), small_pdf(), **sent)

    assert answer.status_code == 422
    assert said in plain(answer.text)


def test_a_name_is_shown_as_text(as_role):
    page = send(as_role(Role.HANDLER), b"x", "<script>alert(1)</script>.pdf").text

    assert "<script>alert" not in page


# --- The process of its own -----------------------------------------------------------------


def test_a_process_of_its_own_finds_the_same():
    head = chained_case().journal[-1].hash
    check = check_apart(small_pdf(), trust=sample_key().fingerprint)

    assert check.verdict is Verdict.PROVEN
    assert check_apart(small_pdf(), head=head).verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"time_limit": verification.timedelta(seconds=0.01)}, id="too long"),
        pytest.param({"memory_limit": 30_000_000}, id="too much memory"),
    ],
)
def test_a_file_that_takes_more_than_its_share_is_given_up(given):
    check = check_apart(small_pdf(), **given)

    assert check.verdict is Verdict.BROKEN
    assert [each.code for each in check.findings] == ["took_too_long"]


def test_no_more_than_a_few_are_checked_at_once(as_role):
    client = as_role(Role.HANDLER)
    for _ in range(verification.AT_ONCE):
        assert verification._turns.acquire(blocking=False)
    try:
        answer = send(client, small_pdf())
    finally:
        for _ in range(verification.AT_ONCE):
            verification._turns.release()

    assert answer.status_code == 503
    assert "Réessayez dans une minute" in plain(answer.text)
    assert send(client, small_pdf()).status_code == 200
