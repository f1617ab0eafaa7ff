"""The published notifications on the page of the assessment."""

import io
from itertools import pairwise

import pytest
from flask import Flask

from breachdesk.domain.access import Role
from breachdesk.services.published_notifications import import_published, physical_lines
from breachdesk.web.published_notifications import _bar
from breachdesk.wording.published_notifications import ToldShare
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.published_files import SAMPLE
from tests.web.reading import plain, queries_of

HOSTILE = "<script>alert(1)</script>.csv"


@pytest.fixture
def address(app: Flask) -> str:
    """The assessment, assessed twice, of a hacked trader with some thousand customers."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, sector="Commerce de détail")
        reference = cases.open_case(work, now=MONDAY_NINE)
        known = {"vector": "ransomware", "cause": "external_malicious", "n_subjects": 3412}
        cases.know(work, reference, now=MONDAY_NINE, **known)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
    return f"/incidents/{reference}/assessment"


def block_in(page: str) -> str:
    return plain(page[page.index('<section class="published') :].split("</section>")[0])


def test_the_totals_stand_beside_the_case_and_a_file_takes_their_place(app, as_role, address):
    auditor = as_role(Role.AUDITOR)
    page = auditor.get(address).text
    shown = block_in(page)
    assert "Sur les 43 502 violations notifiées" in shown
    assert "27 868 (64 %) ont aussi pour origine un piratage" in shown
    assert "Toutes violations confondues" in shown
    assert "opencnil-violationsdcpnotifiees-20251231.csv" in shown
    assert "(extraction du 18 mars 2026), <a" in shown
    assert "Licence Ouverte 2.0" in shown
    assert shown.count('<rect class="told-') == 2 * 4
    assert "style=" not in shown
    assert 'class="published' not in auditor.get(f"{address}/1").text

    before = queries_of(app, auditor, address)
    with at_desk(app) as work:
        lines = physical_lines(io.BytesIO(SAMPLE))
        import_published(work.session, lines, file_name=HOSTILE, now=MONDAY_NINE)
    shown = block_in(auditor.get(address).text)
    assert "Parmi les 30 notifications de votre secteur (Commerce ; réparation" in shown
    assert "dans 24 cas (80 %)" in shown
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "(importé le 2 mars 2026)" in shown
    # Which import is in use is asked in any case; its rows are read once.
    assert queries_of(app, auditor, address) == before <= 8


def test_the_bar_is_full_and_its_parts_stand_apart():
    told = [ToldShare("done", "", "", 0.5), ToldShare("planned", "", "", 0.0)]
    told += [ToldShare("undecided", "", "", 0.3), ToldShare("not_planned", "", "", 0.2)]

    parts = list(_bar(told))

    assert [part.code for part in parts] == ["done", "undecided", "not_planned"]
    assert parts[0].x == 0
    assert parts[-1].x + parts[-1].width == pytest.approx(720, abs=0.2)
    for left, right in pairwise(parts):
        assert right.x - (left.x + left.width) == pytest.approx(5, abs=0.2)
