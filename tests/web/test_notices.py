"""The communication to data subjects, from its first draft to its last delivery."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.notices import NoticeParts, Part
from tests import cases
from tests.cases import COMPLETE_PARTS, MONDAY_NINE, at_desk

HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }} <b>gras</b>'


@pytest.fixture
def reference(app) -> str:
    """A breach of GIR that people are to be told of; nothing is written yet."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, contact_email="donnees@gir.example")
        case = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, case, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, case, now=MONDAY_NINE)
        cases.assess(work, case, now=MONDAY_NINE)
        cases.advise(work, case, now=MONDAY_NINE)
        cases.decide(work, case, now=MONDAY_NINE)
        return case


def form_of(parts: NoticeParts, seen: int = 0, subject: str = "Vos données") -> dict[str, str]:
    texts = {f"part_{name}": text for name, text in parts.as_record().items()}
    return {**texts, "subject": subject, "locale": "fr", "seen_version": str(seen)}


def test_the_first_visit_proposes_a_text_built_from_the_case(as_role, reference):
    page = as_role(Role.HANDLER).get(f"/incidents/{reference}/communication")

    assert page.status_code == 200
    assert "votre nom et votre prénom" in page.text
    assert "donnees@gir.example" in page.text
    assert "Cette communication est due" in page.text
