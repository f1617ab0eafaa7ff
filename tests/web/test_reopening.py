"""Taking up a "no" through the pages; two assessments beside each other."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.lifecycle import Communicate
from breachdesk.services.cases import Case, case_of
from breachdesk.services.incidents import close_incident
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk, make_organisation
from tests.encrypted_laptop import (
    KEY_KNOWN,
    WHY,
    assessed_laptop,
    decided_laptop,
    reopen,
    sign_no,
)
from tests.web.reading import form_of, plain, queries_of

# The clock of the tests' desk stands at MONDAY_NINE: all this was before.
NOTICED = MONDAY_NINE - timedelta(days=20)
LEARNT = MONDAY_NINE - timedelta(hours=5)
HOSTILE = '<script>alert(1)</script> une "raison" & sa suite'


@pytest.fixture
def reference(app: Flask) -> str:
    """An encrypted laptop, signed not to notify twenty days ago."""
    with at_desk(app) as work:
        make_organisation(work, now=NOTICED)
        return decided_laptop(work, now=NOTICED)


@pytest.fixture
def signed_in(app: Flask, sign_in, reference: str):
    """`signed_in(Role.DPO)`: a client of their own for each role."""

    def as_role(role: Role) -> FlaskClient:
        visitor = app.test_client()
        visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
        return sign_in(visitor, address_of(role))

    return as_role


def learn_of_the_key(app: Flask, reference: str) -> None:
    with at_desk(app) as work:
        cases.know(work, reference, now=LEARNT, **KEY_KNOWN)


def case(app: Flask, reference: str) -> Case:
    with at_desk(app) as work:
        found = case_of(work.session, cases.incident(work, reference))
        work.session.expunge_all()
        return found


def send(visitor: FlaskClient, url: str, **answers: str):
    return visitor.post(url, data=form_of(visitor.get(url).text) | answers)


# --- Taking up -------------------------------------------------------------------------------


def test_from_the_case_page_to_a_clock_that_runs_again(app, signed_in, reference):
    dpo = signed_in(Role.DPO)
    assert "Établir le dossier" in dpo.get(f"/incidents/{reference}").text
    learn_of_the_key(app, reference)

    page = plain(dpo.get(f"/incidents/{reference}").text)
    assert "Reprendre la décision de ne pas notifier" in page
    assert "Un fait a changé depuis l’évaluation" in page
    url = f"/incidents/{reference}/reopening"
    assert f'href="{url}"' in page
    asked = plain(dpo.get(url).text)
    for said in ("Depuis quand le savez-vous", "Risque peu probable", "Risque élevé", "72 h"):
        assert said in asked

    answer = send(dpo, url, aware_at="2026-03-02T05:00", reason=HOSTILE)

    assert answer.status_code == 302
    found = case(app, reference)
    assert (found.clock.stopped_at, found.clock.started_at) == (None, LEARNT)
    page = dpo.get(f"/incidents/{reference}", follow_redirects=True).text
    assert "le délai court de nouveau" in page
    assert "Évaluer de nouveau" in page
    for where in (url, f"/incidents/{reference}/decision", f"/incidents/{reference}/journal"):
        text = dpo.get(where).text
        assert "&lt;script&gt;alert" in text, where
        assert "<script>alert" not in text, where


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"aware_at": "", "reason": WHY}, "Indiquez quand l’organisation a appris"),
        ({"aware_at": "2026-03-02T05:00", "reason": "clé perdue"}, "de 3 mots au moins"),
        ({"aware_at": "2026-03-02T10:30", "reason": WHY}, "Cette heure est à venir"),
        ({"aware_at": "2026-01-02T05:00", "reason": WHY}, "précède la prise de connaissance"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    app, signed_in, reference, answers, says
):
    dpo = signed_in(Role.DPO)

    answer = send(dpo, f"/incidents/{reference}/reopening", **answers)

    assert answer.status_code == 422
    assert says in plain(answer.text)
    again = form_of(answer.text)
    assert {name: again[name] for name in answers} == {k: [v] for k, v in answers.items()}
    assert case(app, reference).clock.stopped_at is not None


def test_the_second_of_two_reads_that_it_is_done(app, signed_in, reference):
    learn_of_the_key(app, reference)
    dpo, decider = signed_in(Role.DPO), signed_in(Role.DECIDER)
    url = f"/incidents/{reference}/reopening"
    mine = form_of(decider.get(url).text) | {"aware_at": "2026-03-02T05:00", "reason": WHY}
    send(dpo, url, aware_at="2026-03-02T05:00", reason=WHY)

    answer = decider.post(url, data=mine)

    assert answer.status_code == 409
    assert "est déjà reprise" in answer.text
    shown = plain(decider.get(url).text)
    assert "Décision reprise" in shown
    assert WHY in shown
    assert "<textarea" not in shown


def test_a_decision_signed_meanwhile_is_shown_and_what_was_typed_is_kept(app, signed_in, reference):
    dpo = signed_in(Role.DPO)
    url = f"/incidents/{reference}/reopening"
    mine = form_of(dpo.get(url).text) | {"aware_at": "2026-03-02T05:00", "reason": WHY}
    with at_desk(app) as work:
        reopen(work, reference, now=LEARNT)
        sign_no(work, reference, now=LEARNT)

    answer = dpo.post(url, data=mine)

    assert answer.status_code == 409
    assert "Une autre décision a été signée" in answer.text
    again = form_of(answer.text)
    assert again["reason"] == [WHY]
    assert dpo.post(url, data=again).status_code == 302


def test_who_may_not_reads_who_must(app, signed_in, reference):
    learn_of_the_key(app, reference)
    handler = signed_in(Role.HANDLER)
    url = f"/incidents/{reference}/reopening"

    page = handler.get(url).text

    assert "En attente de" in page
    assert "Dpo GIR" in page
    assert "<textarea" not in page
    assert f'href="{url}"' not in handler.get(f"/incidents/{reference}").text
    assert handler.post(url, data={"aware_at": "2026-03-02T05:00"}).status_code == 403


def test_a_closed_case_offers_it_and_is_opened_again(app, signed_in, reference):
    with at_desk(app) as work:
        dpo = cases.seat(work, Role.DPO)
        close_incident(work.session, cases.incident(work, reference), by=dpo, now=NOTICED)
    visitor = signed_in(Role.DPO)
    page = plain(visitor.get(f"/incidents/{reference}").text)
    assert "Plus rien à faire" in page
    assert "Reprendre la décision de ne pas notifier" in page
    url = f"/incidents/{reference}/reopening"
    assert "Le dossier clos est rouvert" in visitor.get(url).text

    send(visitor, url, aware_at="2026-03-02T05:00", reason=WHY)

    assert case(app, reference).incident.closed_at is None


def test_where_there_is_no_no_there_is_nothing_to_take_up(app, signed_in, reference):
    with at_desk(app) as work:
        undecided = assessed_laptop(work, now=NOTICED)
    dpo = signed_in(Role.DPO)

    page = dpo.get(f"/incidents/{undecided}/reopening").text

    assert "il n’y a rien à reprendre" in plain(page)
    assert "<textarea" not in page
    sent = {"aware_at": "2026-03-02T05:00", "reason": WHY}
    assert dpo.post(f"/incidents/{undecided}/reopening", data=sent).status_code == 409


def test_deciding_without_taking_up_says_from_when_the_clock_would_run(app, signed_in, reference):
    """From where the clock began that the last "no" stopped, be it taken up once before."""
    with at_desk(app) as work:
        reopen(work, reference, now=LEARNT - timedelta(days=1))
        sign_no(work, reference, now=LEARNT - timedelta(days=1))
    learn_of_the_key(app, reference)
    with at_desk(app) as work:
        cases.assess(work, reference, now=LEARNT)
        cases.advise(work, reference, now=LEARNT)

    page = plain(signed_in(Role.DECIDER).get(f"/incidents/{reference}/decision").text)

    assert re.search(r"depuis le <time[^>]*datetime=\"2026-03-01T04:00", page)
    asked = plain(signed_in(Role.DPO).get(f"/incidents/{reference}/reopening").text)
    assert "sur l’avis déjà rendu" in asked
    assert "Il faudra un nouvel avis" not in asked
    assert f"/incidents/{reference}/reopening" in page


# --- Two versions side by side ---------------------------------------------------------------


def test_two_assessments_stand_side_by_side(app, signed_in, reference):
    auditor = signed_in(Role.AUDITOR)
    url = f"/incidents/{reference}/assessment"
    assert f"{url}/1/changes" not in auditor.get(url).text
    learn_of_the_key(app, reference)
    with at_desk(app) as work:
        cases.know(work, reference, now=LEARNT, n_subjects=None)
        cases.assess(work, reference, now=LEARNT)
    assert f"{url}/2/changes" in auditor.get(url).text

    page = plain(auditor.get(f"{url}/2/changes").text)

    for said in (
        "2 faits ont changé",
        "1 240",
        "pas encore connu",
        "Risque peu probable",
        "Risque élevé",
        "inchangé",
        "Score de l’ENISA",
        "Handler GIR",
        "Elles ne valent plus",
        "Elles sont nouvelles",
    ):
        assert said in page, said
    assert page.index("Évaluation n° 1") < page.index("Évaluation n° 2")


def test_any_version_can_be_compared_with_any_other(app, signed_in, reference):
    with at_desk(app) as work:
        for count in (2, 3):
            cases.know(work, reference, now=LEARNT, n_subjects=count)
            cases.assess(work, reference, now=LEARNT)
    auditor = signed_in(Role.AUDITOR)
    url = f"/incidents/{reference}/assessment"

    with_first = plain(auditor.get(f"{url}/3/changes?with=1").text)

    assert "1 240" in with_first
    assert f"{url}/3/changes?with=2" in with_first
    assert "1 240" not in plain(auditor.get(f"{url}/3/changes").text)
    assert "première évaluation" in auditor.get(f"{url}/1/changes").text
    same = plain(auditor.get(f"{url}/2/changes?with=2").text)
    assert "Les faits sont les mêmes" in same
    for missing in ("/4/changes", "/3/changes?with=9", "/0/changes"):
        assert auditor.get(url + missing).status_code == 404


def test_what_changed_costs_one_query_and_only_where_something_was_told_since(
    app, signed_in, reference
):
    dpo = signed_in(Role.DPO)
    url = f"/incidents/{reference}"
    before = queries_of(app, dpo, url)
    due_before = queries_of(app, dpo, "/organisations/GIR")

    with at_desk(app) as work:
        others = [decided_laptop(work, now=NOTICED) for _ in range(3)]
    for each in (reference, *others):
        learn_of_the_key(app, each)

    assert queries_of(app, dpo, url) == before + 1
    assert queries_of(app, dpo, "/organisations/GIR") == due_before + 1
    for page in ("reopening", "decision", "assessment"):
        assert queries_of(app, dpo, f"{url}/{page}") <= 9


def test_to_agree_is_one_click_for_the_dpo_and_one_for_the_decider(app, signed_in):
    with at_desk(app) as work:
        reference = assessed_laptop(work, now=NOTICED)

    for role, page in ((Role.DPO, "advice"), (Role.DECIDER, "decision")):
        assert send(signed_in(role), f"/incidents/{reference}/{page}").status_code == 302

    found = case(app, reference)
    said = (found.signed.notify, found.signed.communicate, found.signed.reason)
    assert said == (False, Communicate.NONE, "")
    assert (found.advice.overrides, found.signed.overrides) == (False, False)
