"""What was filed, read again: each filing as it was, what changed, and its files."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.dossier_check import Outcome, Verdict
from breachdesk.domain.regimes import GDPR_FOLLOW_UP
from breachdesk.domain.sign_in import PROOF_LASTS
from breachdesk.sealing.check_dossier import check_dossier
from breachdesk.services.clock_changes import refuse
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.forger import unguarded
from tests.older_filing import file_as_an_older_version
from tests.sealing.authority import make_authority, served
from tests.web.reading import plain, queries_of

LATER = MONDAY_NINE + timedelta(hours=3)


@pytest.fixture
def reference(app: Flask) -> str:
    """A breach filed in two phases: what was not known at first became known."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        made = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, made, now=MONDAY_NINE)
        unknown: dict[str, object] = {"n_subjects": None, "n_records": None}
        cases.know(work, made, now=MONDAY_NINE, description="Un partage ouvert.", **unknown)
        cases.file(work, made, now=MONDAY_NINE, kind=NotificationKind.INITIAL)
        cases.know(work, made, now=LATER, n_subjects=1250)
        cases.file(work, made, now=LATER, kind=NotificationKind.FOLLOW_UP)
        cases.know(work, made, now=LATER, system="Stockage en ligne", dates_comment="Onze jours.")
        return made


@pytest.fixture
def handler(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """A handler, signed in."""
    return sign_in(client, address_of(Role.HANDLER))


def test_a_filing_shows_what_it_said_and_what_changed_since_the_one_before(
    handler: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/notification/filings"
    first, second = (plain(handler.get(f"{url}/{number}").text) for number in (1, 2))

    assert "Notification initiale" in first
    assert "Pas encore connu" in first
    assert "Ce qui a changé depuis" not in first
    assert "Ce qui a changé depuis le dépôt n° 1" in second
    assert "1 250" in second
    assert "Depuis ce dépôt" in second
    assert "Onze jours." in second
    # Still not known, and owed.
    assert "Toujours pas connu" in second
    assert "Toujours sans réponse" in second
    assert "Depuis ce dépôt" not in first
    assert handler.get(f"{url}/3").status_code == 404


def test_where_more_is_owed_a_button_leads_to_recording_it_for_those_who_may(
    app: Flask, handler: FlaskClient, sign_in, reference: str
) -> None:
    url = f"/incidents/{reference}/notification/filings"
    button = f'<a class="button button--primary" href="/incidents/{reference}/notification/filing">'
    assert f"{button}Enregistrer le complément</a>" in handler.get(f"{url}/2").text
    assert button not in handler.get(f"{url}/1").text
    auditor = sign_in(app.test_client(), address_of(Role.AUDITOR))
    assert "Toujours pas connu" in plain(auditor.get(f"{url}/2").text)
    assert button not in auditor.get(f"{url}/2").text

    with at_desk(app) as work:
        refuse(
            work.session,
            cases.incident(work, reference),
            GDPR_FOLLOW_UP,
            reason="La CNIL a clos ce dossier sans attendre de complément.",
            by=cases.seat(work, Role.DPO),
            now=LATER,
        )
    assert button not in handler.get(f"{url}/2").text


def test_what_is_still_unanswered_is_said_of_whom(handler: FlaskClient, reference: str) -> None:
    page = plain(handler.get(f"/incidents/{reference}/notification/filings/2").text)
    listed = page.split("Toujours sans réponse")[1].split("</p>")[0]
    names = listed.split(" : ", 1)[1].strip().split(" · ")
    assert len(set(names)) == len(names)
    assert "Nom, prénom (Responsable légal)" in names


def test_what_was_withdrawn_owes_nothing_more_and_every_page_says_so(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        cases.file(
            work,
            reference,
            now=LATER,
            kind=NotificationKind.WITHDRAWAL,
            withdrawal_reason="Rien n’a été consulté.",
        )
    page = plain(handler.get(f"/incidents/{reference}/notification/filings/3").text)
    assert "Depuis ce dépôt" not in page
    assert "Notification retirée le" in page
    assert "Notification retirée le" in plain(handler.get(f"/incidents/{reference}").text)


def test_a_filing_is_taken_away_as_pdf_and_as_json(handler: FlaskClient, reference: str) -> None:
    url = f"/incidents/{reference}/notification/filings/2"
    answer = handler.get(f"{url}/notification.json")
    content = json.loads(answer.data)
    assert (content["format"], content["sequence"]) == ("breachdesk-notification/1", 2)
    assert f"{reference}-notification-2.json" in answer.headers["Content-Disposition"]
    pdf = handler.get(f"{url}/notification.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")


# --- The seal on the PDF ---------------------------------------------------------------------


def taken_away(visitor: FlaskClient, reference: str, number: int = 2) -> bytes:
    return visitor.get(
        f"/incidents/{reference}/notification/filings/{number}/notification.pdf"
    ).data


def test_the_pdf_is_sealed_by_the_desk_and_the_page_says_what_that_proves(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    seal = app.extensions["desk"].seal
    page = plain(handler.get(f"/incidents/{reference}/notification/filings/2").text)

    check = check_dossier(taken_away(handler, reference), trust=seal.fingerprint)

    assert check.verdict is Verdict.PROVEN
    assert "filing_attested" in [each.code for each in check.findings]
    assert "Le PDF est scellé à chaque téléchargement" in page
    assert "il ne prouve pas ce que l’autorité a reçu" in page
    assert seal.shown_fingerprint in page


def test_the_page_that_checks_takes_it_and_says_which_filing_it_is(
    handler: FlaskClient, reference: str
) -> None:
    sent = {"file": (io.BytesIO(taken_away(handler, reference, 1)), "notification.pdf")}
    page = plain(handler.post("/verify", data=sent, content_type="multipart/form-data").text)

    assert "Intact, origine non prouvée." in page
    assert f"Dépôt n° 1 de {reference}" in page
    assert "ce que l’autorité a reçu" in page


def test_a_dossier_made_since_holds_the_same_line(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    """What ties the two files together, without the desk."""
    finding = next(
        each
        for each in check_dossier(taken_away(handler, reference)).findings
        if each.code == "filing_attested"
    )
    with at_desk(app) as work:
        cases.make_dossier(work, reference, now=LATER)
    dossier = handler.get(f"/incidents/{reference}/dossiers/1.pdf").data
    check = check_dossier(dossier, head=str(finding.parameters["head"]))

    assert "head_found" in [each.code for each in check.findings]


def test_a_filing_altered_in_the_database_is_found_in_its_sealed_pdf(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        content = work.session.scalar(
            text("SELECT content FROM authority_phase WHERE sequence = 2")
        )
        said = content if isinstance(content, dict) else json.loads(content)
        with unguarded(work.session):
            work.session.execute(
                text("UPDATE authority_phase SET content = :content WHERE sequence = 2"),
                {"content": json.dumps({**said, "was_late": True})},
            )
        work.session.commit()
    check = check_dossier(taken_away(handler, reference))

    assert check.verdict is Verdict.CONTRADICTED
    assert [each.code for each in check.failures] == ["filing_differs"]


def test_it_is_stamped_where_somebody_outside_says_when(
    app: Flask, handler: FlaskClient, reference: str, tmp_path
) -> None:
    authority = make_authority(tmp_path)
    with served(authority.answer) as url:
        app.extensions["desk"] = replace(app.extensions["desk"], timestamp_url=url)
        check = check_dossier(taken_away(handler, reference))

    assert "time_stamp_holds" in [
        each.code for each in check.findings if each.outcome is Outcome.HOLDS
    ]


# --- Kept by an older version ----------------------------------------------------------------

OLDER = (
    "Ce dépôt a été enregistré par une version antérieure, qui ne gardait pas le formulaire entier."
)


@pytest.fixture
def older(app: Flask) -> str:
    """A breach filed by a version that did not freeze the forms whole."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        made = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, made, now=MONDAY_NINE)
        cases.know(work, made, now=MONDAY_NINE, description="Un partage ouvert.")
        file_as_an_older_version(work, made, now=MONDAY_NINE)
        return made


def test_what_an_older_version_kept_is_shown_for_what_it_is(
    app: Flask, client: FlaskClient, sign_in, older: str
) -> None:
    visitor = sign_in(client, address_of(Role.HANDLER))
    url = f"/incidents/{older}/notification/filings/1"
    page = plain(visitor.get(url).text)

    assert OLDER in page
    assert "N-2026-000123" in page
    # What it kept, in today's words: labels, codes and states.
    assert "Ce que cette version a gardé" in page
    assert "Un partage ouvert." in page
    assert "Perte de la confidentialité" in page
    # A code that no form knows any more is shown as it is.
    assert "of_another_day" in page
    assert "Pas encore connu" in page
    # Nothing to take away, and nothing is said of what nobody can compare.
    assert "Télécharger" not in page
    assert "Depuis ce dépôt" not in page
    assert visitor.get(f"{url}/notification.json").status_code == 404
    assert visitor.get(f"{url}/notification.pdf").status_code == 404


def test_of_a_filing_after_an_older_one_nobody_claims_that_nothing_changed(
    app: Flask, client: FlaskClient, sign_in, older: str
) -> None:
    with at_desk(app) as work:
        cases.know(work, older, now=LATER, n_subjects=1250)
        cases.file(work, older, now=LATER, kind=NotificationKind.FOLLOW_UP)
    visitor = sign_in(client, address_of(Role.HANDLER))
    page = plain(visitor.get(f"/incidents/{older}/notification/filings/2").text)

    assert "Rien n’a changé depuis." not in page
    assert "Le dépôt n° 1 n’a pas été gardé en entier : ce qui a changé depuis" in page
    # It is whole itself, and sealed.
    assert check_dossier(taken_away(visitor, older)).holds


def test_a_dossier_tells_of_a_filing_kept_by_an_older_version(
    app: Flask, client: FlaskClient, sign_in, older: str
) -> None:
    with at_desk(app) as work:
        cases.make_dossier(work, older, now=LATER)
    visitor = sign_in(client, address_of(Role.HANDLER))
    check = check_dossier(visitor.get(f"/incidents/{older}/dossiers/1.pdf").data)

    assert check.holds, check.failures


def test_the_page_asks_the_database_as_little_for_many_filings(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/notification/filings/1"
    few = queries_of(app, handler, url)
    with at_desk(app) as work:
        for _ in range(3):
            cases.file(work, reference, now=LATER, kind=NotificationKind.FOLLOW_UP)
    assert queries_of(app, handler, url) == few


def test_the_published_schema_can_be_read_by_anyone(app: Flask) -> None:
    with app.test_client().get("/static/schemas/notification-1.json") as answer:
        assert answer.status_code == 200
        assert json.loads(answer.data)["$id"] == "urn:breachdesk:notification:1"


def test_a_filing_is_led_to_from_the_assistant(handler: FlaskClient, reference: str) -> None:
    page = handler.get(f"/incidents/{reference}/notification").text
    for number in (1, 2):
        assert f'href="/incidents/{reference}/notification/filings/{number}"' in page


@pytest.mark.parametrize("name", ["notification.pdf", "notification.json"])
def test_whoever_takes_a_filing_away_proves_again_who_they_are(
    clock, handler: FlaskClient, reference: str, name: str
) -> None:
    for _ in range(int(PROOF_LASTS / timedelta(minutes=10)) + 1):
        clock.now += timedelta(minutes=10)
        handler.get("/account")
    url = f"/incidents/{reference}/notification/filings/1"

    assert handler.get(url).status_code == 200
    answer = handler.get(f"{url}/{name}")

    assert answer.status_code == 302
    assert "/confirm" in answer.location
