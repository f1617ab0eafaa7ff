"""The dossiers' page: making one, reading it back byte for byte, failing in plain words."""

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.errors import DocumentFailed
from breachdesk.services import dossiers
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import queries_of


@pytest.fixture
def reference(app: Flask) -> str:
    """A case just opened: a dossier can be made at any time."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


@pytest.fixture
def auditor(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """An auditor, signed in."""
    return sign_in(client, address_of(Role.AUDITOR))


def test_a_dossier_is_made_numbered_listed_and_downloaded(
    auditor: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    assert "Aucun dossier" in auditor.get(url).text
    made = auditor.post(url)
    assert made.status_code == 302
    page = auditor.get(url).text
    assert "est établi" in page
    answer = auditor.get(f"{url}/1.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert hashlib.sha256(answer.data).hexdigest() in page
    assert answer.mimetype == "application/pdf"
    name = f'attachment; filename="{reference}-dossier-1.pdf"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_dossier_that_is_not_there_is_not_found(auditor: FlaskClient, reference: str) -> None:
    assert auditor.get(f"/incidents/{reference}/dossiers/1.pdf").status_code == 404


def test_a_manager_reads_dossiers_and_makes_none(
    client: FlaskClient, sign_in, reference: str
) -> None:
    manager = sign_in(client, address_of(Role.MANAGER))
    url = f"/incidents/{reference}/dossiers"
    assert "Établir le dossier</button>" not in manager.get(url).text
    assert manager.post(url).status_code == 403


def test_a_dossier_that_cannot_be_printed_is_told_and_none_is_kept(
    auditor: FlaskClient, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise DocumentFailed("typesetting_too_long", seconds=60)

    monkeypatch.setattr(dossiers, "print_dossier", refuse)
    url = f"/incidents/{reference}/dossiers"
    answer = auditor.post(url)
    assert answer.status_code == 503
    assert "60 secondes" in answer.text.replace("\xa0", " ")
    assert "Aucun dossier" in auditor.get(url).text


def test_the_list_takes_as_many_queries_with_three_as_with_one(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    auditor.post(url)
    auditor.get(url)
    few = queries_of(app, auditor, url)
    auditor.post(url)
    auditor.get(url)
    assert queries_of(app, auditor, url) == few
    assert few <= 8
