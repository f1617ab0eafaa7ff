"""The dossiers' page: making one, reading it back byte for byte, failing in plain words."""

import hashlib
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.errors import DocumentFailed
from breachdesk.domain.jobs import PAUSES
from breachdesk.domain.lifecycle import Communicate
from breachdesk.services import dossiers
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import plain, queries_of


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


def work_once(app: Flask) -> None:
    """One round of the worker."""
    do_round(app, app.extensions["desk"], worker="w")


def test_a_dossier_is_asked_for_made_by_the_worker_listed_and_downloaded(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    assert "Aucun dossier" in auditor.get(url).text
    asked = auditor.post(url)
    assert asked.status_code == 302
    waiting = auditor.get(asked.location)
    assert "en cours d’établissement" in waiting.text
    assert waiting.headers["Refresh"] == "2"
    assert "Établir le dossier</button>" not in waiting.text

    work_once(app)

    page = auditor.get(asked.location, follow_redirects=True)
    assert "est établi" in page.text
    assert "Refresh" not in page.headers
    answer = auditor.get(f"{url}/1.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert hashlib.sha256(answer.data).hexdigest() in page.text
    assert answer.mimetype == "application/pdf"
    name = f'attachment; filename="{reference}-dossier-1.pdf"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # Said once: the address that was refreshed may be left in a bookmark.
    assert "est établi" not in auditor.get(url).text


def test_asking_twice_makes_one_and_everyone_sees_it_coming(
    app: Flask, auditor: FlaskClient, sign_in, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    assert auditor.post(url).location == auditor.post(url).location
    other = sign_in(app.test_client(), address_of(Role.DPO))
    assert "en cours d’établissement" in other.get(url).text

    work_once(app)

    assert "Dossier n° 1" in plain(other.get(url).text)
    assert "Dossier n° 2" not in plain(other.get(url).text)


def test_what_takes_long_is_asked_for_less_often(
    auditor: FlaskClient, clock, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    auditor.post(url)
    clock.now += timedelta(seconds=31)
    assert auditor.get(url).headers["Refresh"] == "10"


def test_the_job_of_another_case_is_nothing_here(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        other = cases.open_case(work, now=MONDAY_NINE)
    asked = auditor.post(f"/incidents/{other}/dossiers").location
    work_once(app)

    page = auditor.get(asked.replace(other, reference), follow_redirects=True)

    assert "est établi" not in page.text


def test_a_dossier_that_is_not_there_is_not_found(auditor: FlaskClient, reference: str) -> None:
    assert auditor.get(f"/incidents/{reference}/dossiers/1.pdf").status_code == 404


def test_a_manager_reads_dossiers_and_makes_none(
    client: FlaskClient, sign_in, reference: str
) -> None:
    manager = sign_in(client, address_of(Role.MANAGER))
    url = f"/incidents/{reference}/dossiers"
    assert "Établir le dossier</button>" not in manager.get(url).text
    assert manager.post(url).status_code == 403


def test_a_dossier_that_cannot_be_printed_is_told_to_who_asked_and_none_is_kept(
    app: Flask,
    auditor: FlaskClient,
    sign_in,
    clock,
    reference: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> bytes:
        raise DocumentFailed("typesetting_too_long", seconds=60)

    url = f"/incidents/{reference}/dossiers"
    asked = auditor.post(url).location
    with monkeypatch.context() as patch:
        patch.setattr(dossiers, "print_dossier", refuse)
        work_once(app)
        assert "en cours d’établissement" in auditor.get(asked).text
        for pause in PAUSES:
            clock.now += pause
            work_once(app)

    answer = auditor.get(asked)
    assert answer.status_code == 200
    assert "Le dossier n’a pas été établi" in answer.text
    assert "60 secondes" in plain(answer.text)
    assert "Aucun dossier" in answer.text
    assert "Établir le dossier</button>" in answer.text
    other = sign_in(app.test_client(), address_of(Role.DPO))
    assert "n’a pas été établi" not in other.get(url).text

    clock.now += timedelta(seconds=1)
    auditor.post(url)
    work_once(app)
    assert "n’a pas été établi" not in auditor.get(url).text


def test_once_a_dossier_is_made_the_page_s_one_button_is_to_close_the_case(
    app: Flask, client: FlaskClient, sign_in, reference: str
) -> None:
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE, communicate=Communicate.NONE)
        cases.decide(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
    dpo = sign_in(client, address_of(Role.DPO))
    url = f"/incidents/{reference}/dossiers"
    assert buttons(dpo.get(url).text) == ["Établir le dossier"]

    with at_desk(app) as work:
        cases.make_dossier(work, reference, now=MONDAY_NINE)

    page = dpo.get(url).text
    assert buttons(page) == ["Clore le dossier"]
    assert "Établir un nouveau dossier</button>" in page


def buttons(page: str) -> list[str]:
    """The words of the primary buttons."""
    return re.findall(r'class="button button--primary"[^>]*>([^<]+)<', page)


def test_the_list_takes_as_many_queries_with_three_as_with_one(
    app: Flask, auditor: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/dossiers"
    auditor.post(url)
    work_once(app)
    auditor.get(url)
    few = queries_of(app, auditor, url)
    auditor.post(url)
    work_once(app)
    auditor.get(url)
    assert queries_of(app, auditor, url) == few
    assert few <= 9
