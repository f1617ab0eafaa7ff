"""The files of a case: added by the team, kept apart, downloaded and never shown."""

import hashlib
import io

import pytest

from breachdesk.domain.access import Role
from breachdesk.services.attachments import attachments_of
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain

PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


@pytest.fixture
def reference(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


@pytest.fixture
def url(reference):
    return f"/incidents/{reference}/attachments"


def test_files_are_added_and_listed_with_their_fingerprint(as_role, url):
    files = [(io.BytesIO(b"premier"), "été 1.txt"), (io.BytesIO(b"second"), "b.txt")]

    page = as_role(Role.HANDLER).post(url, data={"attachments": files}, follow_redirects=True)

    assert "Pièces ajoutées : 2." in plain(page.text)
    assert "été 1.txt" in page.text
    assert hashlib.sha256(b"premier").hexdigest() in page.text
    assert "Handler GIR" in page.text


def test_a_page_given_as_a_file_is_downloaded_and_runs_nowhere(app, as_role, reference, url):
    with at_desk(app) as work:
        number = cases.attach(work, reference, 'facture "été".pdf', PAGE, now=MONDAY_NINE)

    answer = as_role(Role.AUDITOR).get(f"{url}/{number}")

    assert answer.data == PAGE
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "UTF-8''facture%20%22%C3%A9t%C3%A9%22.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        pytest.param(b"", "vide.txt", "est vide", id="empty"),
        pytest.param(b"MZ\x90\x00", "photo.jpg", "est un programme", id="a program in disguise"),
        pytest.param(b"x", "", "Choisissez au moins un fichier", id="nothing chosen"),
    ],
)
def test_a_file_that_is_refused_is_named_and_no_other_is_kept(
    app, as_role, reference, url, content, name, said
):
    good = (io.BytesIO(b"bon"), "bon.txt") if name else (io.BytesIO(b""), "")

    page = as_role(Role.HANDLER).post(
        url, data={"attachments": [good, (io.BytesIO(content), name)]}
    )

    assert page.status_code == 422
    assert said in plain(page.text)
    with at_desk(app) as work:
        assert attachments_of(work.session, cases.incident(work, reference)) == []


def test_an_auditor_reads_the_list_and_adds_nothing(as_role, url):
    auditor = as_role(Role.AUDITOR)

    assert '<form method="post" enctype' not in auditor.get(url).text
    answer = auditor.post(url, data={"attachments": (io.BytesIO(b"x"), "x.txt")})
    assert answer.status_code == 403


def test_a_file_of_another_case_is_not_found_under_this_one(app, as_role, reference, url):
    with at_desk(app) as work:
        other = cases.open_case(work, now=MONDAY_NINE)
        number = cases.attach(work, other, "a.txt", b"a", now=MONDAY_NINE)
    handler = as_role(Role.HANDLER)

    assert handler.get(f"{url}/{number}").status_code == 404
    assert handler.get(f"{url}/999999999999999999999").status_code == 404


def test_nothing_is_added_to_a_closed_case(app, as_role, reference, url):
    with at_desk(app) as work:
        incident = cases.incident(work, reference)
        incident.closed_at = MONDAY_NINE
        work.session.commit()
    handler = as_role(Role.HANDLER)

    answer = handler.post(url, data={"attachments": (io.BytesIO(b"x"), "x.txt")})

    assert answer.status_code == 409
    assert '<form method="post" enctype' not in handler.get(url).text
