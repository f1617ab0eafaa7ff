"""Copies with parts removed, the ZIP, and how long dossiers are kept: the pages."""

import io
import json
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import plain


@pytest.fixture
def reference(app: Flask) -> str:
    """A case with a fact and a file."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        made = cases.open_case(work, now=MONDAY_NINE, description="Zénobie a ouvert le dossier.")
        cases.attach(work, made, "zenobie.txt", b"Zenobie", now=MONDAY_NINE)
        return made


@pytest.fixture
def dpo(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """A DPO, signed in."""
    return sign_in(client, address_of(Role.DPO))


def work_once(app: Flask) -> None:
    """One round of the worker."""
    do_round(app, app.extensions["desk"], worker="w")


def files_in(answer) -> dict[str, bytes]:
    """What a ZIP that was downloaded holds."""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_copy_is_chosen_made_listed_and_holds_nothing_of_what_was_removed(
    app: Flask, dpo: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    page = dpo.get(f"{url}/copy").text
    assert "Copie expurgée" in page
    assert "zenobie.txt" in page
    asked = dpo.post(
        f"{url}/copy",
        data={
            "for_whom": "Maître Pons",
            "parts": ["title"],
            "facts": ["description"],
            "attachments": ["1"],
            "why": "Secret des affaires",
        },
    )
    assert asked.status_code == 302

    work_once(app)

    listing = plain(dpo.get(asked.location, follow_redirects=True).text)
    assert "Copie expurgée n° 1" in listing
    assert "Pour Maître Pons." in listing
    answer = dpo.get(f"{url}/1.zip")
    assert answer.mimetype == "application/zip"
    assert f"{reference}-copie-1.zip" in answer.headers["Content-Disposition"]
    files = files_in(answer)
    assert files["dossier.pdf"] == dpo.get(f"{url}/1.pdf").data
    manifest = json.loads(files["manifest.json"])
    assert {"what": "attachments/1", "why": "Secret des affaires"} in manifest["removed"]
    assert not [name for name, content in files.items() if b"nobie" in content]


def test_what_was_typed_is_still_there_when_something_is_missing(
    dpo: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers/copy"
    refused = dpo.post(url, data={"for_whom": "", "facts": ["description"], "why": "Secret"})
    assert refused.status_code == 422
    assert "à qui cette copie est destinée" in plain(refused.text)
    assert 'value="Secret"' in refused.text
    assert "checked" in refused.text
    nothing = dpo.post(url, data={"for_whom": "Maître Pons"})
    assert nothing.status_code == 422
    assert "Choisissez ce qui est à retirer" in plain(nothing.text)
    stranger = dpo.post(url, data={"for_whom": "Maître Pons", "facts": ["no_such_fact"]})
    assert stranger.status_code == 422


def test_the_organisation_says_how_long_dossiers_are_kept(
    app: Flask, client: FlaskClient, sign_in, reference: str
) -> None:
    admin = sign_in(client, address_of(Role.ADMIN))
    url = "/organisations/GIR/retention"
    assert 'value="60"' in admin.get(url).text

    refused = admin.post(url, data={"months": "cinq ans"})
    assert refused.status_code == 422
    assert "nombre entier de mois" in plain(refused.text)
    assert 'value="cinq ans"' in refused.text
    assert admin.post(url, data={"months": "24"}).status_code == 302

    with at_desk(app) as work:
        assert cases.incident(work, reference).organisation.dossiers_kept_months == 24
