"""Assessing, advising, deciding: the way from what is known to a signed decision."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from breachdesk.domain.access import Role
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Assessment
from breachdesk.services.cases import Case, case_of
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, queries_of

HOSTILE = '<script>alert(1)</script> "raison" & suite'
# Enough to be certain that nothing is owed: a lost disk, soundly encrypted, with a copy.
HARMLESS: dict[str, object] = {
    "role": "controller",
    "breach_types": ["confidentiality"],
    "cause": "external_malicious",
    "malicious_intent": True,
    "vector": "device_theft",
    "data": ["contact"],
    "data_subjects": ["customers"],
    "n_subjects": 12,
    "identifiability": "direct",
    "data_unintelligible": "yes",
    "key_compromised": "no",
    "backup": "available",
    "unavailable_hours": 0,
    "permanent_loss": False,
    "effect_on_persons": "none",
    "misuse_observed": False,
    "integrity_outcome": "no_misuse",
}


@pytest.fixture
def reference(app: Flask) -> str:
    """A breach of which the shop's facts are known."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, reference, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, reference, now=MONDAY_NINE)
        return reference


@pytest.fixture
def signed_in(app: Flask, sign_in, reference: str):
    """`signed_in(Role.DPO)`: a client of their own for each role."""

    def as_role(role: Role) -> FlaskClient:
        visitor = app.test_client()
        visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
        return sign_in(visitor, address_of(role))

    return as_role


def case(app: Flask, reference: str) -> Case:
    with at_desk(app) as work:
        found = case_of(work.session, cases.incident(work, reference))
        work.session.expunge_all()
        return found


def send(visitor: FlaskClient, reference: str, page: str, **answers: str):
    url = f"/incidents/{reference}/{page}"
    return visitor.post(url, data=form_of(visitor.get(url).text) | answers)


def plain(page: str) -> str:
    return page.replace("\u202f", " ").replace("\xa0", " ")


# --- The assessment ---------------------------------------------------------------------------


def test_the_whole_way_from_the_button_to_the_signature(
    app: Flask, signed_in, reference: str
) -> None:
    handler, dpo, decider = (signed_in(role) for role in (Role.HANDLER, Role.DPO, Role.DECIDER))
    url = f"/incidents/{reference}/assessment"
    assert "faits ne sont pas encore connus" in handler.get(url).text
    assert handler.post(url).status_code == 302
    verdict = plain(handler.get(url).text)
    for said in ("Risque encore indéterminé", "Cela dépend", "ENISA", "RGPD, art. 33(1)"):
        assert said in verdict
    assert "/facts/effects#ask-effect_on_persons" in verdict

    asked = plain(dpo.get(f"/incidents/{reference}/advice").text)
    assert "L’évaluation ne tranche pas tout" in asked
    assert "suivent l’évaluation" not in asked
    # Nobody is led to say that the law does not demand what the verdict leaves open.
    assert form_of(asked)["communicate"] == [Communicate.OWED]
    advice = send(dpo, reference, "advice")
    assert advice.status_code == 302
    assert case(app, reference).advice.notify is True
    assert case(app, reference).advice.communicate == Communicate.OWED

    signed = send(decider, reference, "decision")
    assert signed.status_code == 302
    found = case(app, reference)
    assert (found.decision.notify, found.decision.overrides) == (True, False)
    assert found.clock.stopped_at is None
    page = plain(decider.get(f"/incidents/{reference}/decision").text)
    assert "La décision signée" in page
    assert "<textarea" not in page
    assert "Notifier la CNIL" in page


def test_before_qualification_there_is_nothing_to_assess(app: Flask, signed_in) -> None:
    with at_desk(app) as work:
        opened = cases.open_case(work, now=MONDAY_NINE)
    handler = signed_in(Role.HANDLER)
    page = handler.get(f"/incidents/{opened}/assessment").text
    assert f"/incidents/{opened}/qualification" in page
    assert '<button class="button button--primary">Évaluer' not in page
    assert handler.post(f"/incidents/{opened}/assessment").status_code == 409


def test_facts_changed_since_offer_a_new_version_and_the_old_one_stays(
    app: Flask, signed_in, reference: str
) -> None:
    handler = signed_in(Role.HANDLER)
    url = f"/incidents/{reference}/assessment"
    handler.post(url)
    assert "changé depuis" not in handler.get(url).text
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, exfiltration="confirmed", n_subjects=9)
    page = handler.get(url).text
    assert "2 faits ont changé depuis" in plain(page)
    assert "Sortie des données" in page
    handler.post(url)
    page = handler.get(url).text
    assert f"{url}/1" in page
    assert "changé depuis" not in page
    old = plain(handler.get(f"{url}/1").text)
    assert "Évaluation n° 1" in old
    assert "plus la dernière" in old
    assert handler.get(f"{url}/3").status_code == 404


def test_a_verdict_without_doubt_says_what_is_owed(app: Flask, signed_in, reference: str) -> None:
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, **HARMLESS)
        cases.assess(work, reference, now=MONDAY_NINE)
    page = plain(signed_in(Role.AUDITOR).get(f"/incidents/{reference}/assessment").text)
    assert "Risque peu probable" in page
    assert page.count('<p class="state lead" data-state="not_owed">Non</p>') == 2
    assert '<button class="button button--primary">' not in page


# --- The advice -------------------------------------------------------------------------------


def test_to_depart_from_the_verdict_needs_a_reason_and_nothing_chosen_is_lost(
    app: Flask, signed_in, reference: str
) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
    dpo = signed_in(Role.DPO)
    answer = send(dpo, reference, "advice", notify="no", communicate="owed", reason="bof")
    assert answer.status_code == 422
    assert "dites pourquoi" in answer.text
    again = form_of(answer.text)
    assert (again["notify"], again["communicate"]) == (["no"], ["owed"])
    assert again["reason"] == ["bof"]
    assert case(app, reference).advice is None
    again["reason"] = [HOSTILE]
    assert dpo.post(f"/incidents/{reference}/advice", data=again).status_code == 302
    page = dpo.get(f"/incidents/{reference}/decision").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "S’écarte de l’évaluation" in page


def test_advice_on_an_older_assessment_shows_the_newer_one_and_keeps_what_was_typed(
    app: Flask, signed_in, reference: str
) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
    dpo = signed_in(Role.DPO)
    url = f"/incidents/{reference}/advice"
    mine = form_of(dpo.get(url).text) | {"reason": "Mon avis mûrement pesé."}
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, exfiltration="confirmed")
        cases.assess(work, reference, now=MONDAY_NINE)
    answer = dpo.post(url, data=mine)
    assert answer.status_code == 409
    assert "Une évaluation plus récente existe" in answer.text
    again = form_of(answer.text)
    assert again["reason"] == ["Mon avis mûrement pesé."]
    assert dpo.post(url, data=again).status_code == 302


def test_where_there_is_no_dpo_the_decider_may_advise_and_is_told_so(
    app: Flask, sign_in, client: FlaskClient
) -> None:
    with at_desk(app) as work:
        cases.make_organisation(work, "SOL", now=MONDAY_NINE, roles=(Role.HANDLER, Role.DECIDER))
        reference = cases.open_case(work, now=MONDAY_NINE, code="SOL")
        cases.qualify(work, reference, now=MONDAY_NINE, by=Role.DECIDER)
        cases.assess(work, reference, now=MONDAY_NINE)
    decider = sign_in(client, address_of(Role.DECIDER, "SOL"))
    assert "pas de délégué" in decider.get(f"/incidents/{reference}/advice").text
    answer = send(decider, reference, "advice")
    assert answer.location.endswith(f"/{reference}/decision")


def test_who_may_neither_advise_nor_decide_reads_who_must(
    app: Flask, signed_in, reference: str
) -> None:
    handler = signed_in(Role.HANDLER)
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
    page = handler.get(f"/incidents/{reference}/advice").text
    assert "Dpo GIR" in page
    assert "<textarea" not in page
    assert (
        handler.post(
            f"/incidents/{reference}/advice", data={"notify": "no", "communicate": "none"}
        ).status_code
        == 403
    )
    with at_desk(app) as work:
        cases.advise(work, reference, now=MONDAY_NINE)
    page = handler.get(f"/incidents/{reference}/decision").text
    assert "Decider GIR" in page
    assert "<textarea" not in page
    assert (
        handler.post(f"/incidents/{reference}/decision", data={"agreement": "agree"}).status_code
        == 403
    )
    assert case(app, reference).decision is None


# --- The decision -----------------------------------------------------------------------------


def test_a_signed_no_stops_the_clock_and_says_so(app: Flask, signed_in, reference: str) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
    decider = signed_in(Role.DECIDER)
    page = plain(decider.get(f"/incidents/{reference}/decision").text)
    assert "arrête le délai" in page
    chosen = {"agreement": "depart", "notify": "no", "communicate": "none"}
    answer = send(decider, reference, "decision", **chosen, reason="court")
    assert answer.status_code == 422
    again = form_of(answer.text)
    assert {name: again[name] for name in chosen} == {name: [code] for name, code in chosen.items()}
    assert again["reason"] == ["court"]
    assert case(app, reference).clock.stopped_at is None

    again["reason"] = ["Le fichier était vide de toute donnée personnelle."]
    assert decider.post(f"/incidents/{reference}/decision", data=again).status_code == 302
    found = case(app, reference)
    assert (found.decision.notify, found.decision.overrides) == (False, True)
    assert found.clock.stopped_at == MONDAY_NINE
    assert "a arrêté le délai" in decider.get(f"/incidents/{reference}/decision").text


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"agreement": "agree", "notify": "no"}, "mais vous avez choisi autre chose"),
        ({"agreement": "depart"}, "rien ne diffère"),
        ({"agreement": "depart", "notify": "perhaps"}, "Choisissez une réponse"),
        ({"agreement": "depart", "communicate": "perhaps"}, "Choisissez une réponse"),
        ({"agreement": ""}, "Choisissez une réponse"),
    ],
)
def test_a_decision_that_is_not_clear_is_not_signed(
    app: Flask, signed_in, reference: str, answers: dict[str, str], says: str
) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
    answer = send(signed_in(Role.DECIDER), reference, "decision", **answers)
    assert answer.status_code == 422
    assert says in answer.text
    assert case(app, reference).decision is None


def test_a_decision_on_older_advice_is_not_signed_and_shows_the_newer(
    app: Flask, signed_in, reference: str
) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
    decider = signed_in(Role.DECIDER)
    url = f"/incidents/{reference}/decision"
    mine = form_of(decider.get(url).text)
    with at_desk(app) as work:
        cases.advise(work, reference, now=MONDAY_NINE, communicate=Communicate.VOLUNTARY)
    answer = decider.post(url, data=mine)
    assert answer.status_code == 409
    assert "Un avis plus récent existe" in answer.text
    assert case(app, reference).decision is None
    assert decider.post(url, data=form_of(answer.text)).status_code == 302


def test_after_a_new_assessment_the_old_decision_is_shown_as_an_earlier_one(
    app: Flask, signed_in, reference: str
) -> None:
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
        cases.decide(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE + timedelta(hours=1))
    page = plain(signed_in(Role.DECIDER).get(f"/incidents/{reference}/decision").text)
    assert "Décisions antérieures" in page
    assert "évaluation n° 1" in page


def test_the_pages_take_as_many_queries_whatever_the_number_of_versions(
    app: Flask, signed_in, reference: str
) -> None:
    auditor = signed_in(Role.AUDITOR)
    urls = [f"/incidents/{reference}/{page}" for page in ("assessment", "advice", "decision")]

    def go_round() -> list[int]:
        with at_desk(app) as work:
            cases.assess(work, reference, now=MONDAY_NINE)
            cases.advise(work, reference, now=MONDAY_NINE)
            cases.decide(work, reference, now=MONDAY_NINE)
        return [queries_of(app, auditor, url) for url in urls]

    # An auditor's first look is noted in the journal.
    go_round()
    first = go_round()
    assert go_round() == first
    assert max(first) <= 8


def test_who_advises_or_decides_on_facts_that_have_changed_since_reads_it(
    app, signed_in, reference
):
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
    said = "Un fait a changé depuis l’évaluation"
    for role, page in ((Role.DPO, "advice"), (Role.DECIDER, "decision")):
        visitor, url = signed_in(role), f"/incidents/{reference}/{page}"
        assert said not in visitor.get(url).text
        with at_desk(app) as work:
            cases.know(work, reference, now=MONDAY_NINE, misuse_observed=True)
        assert said in visitor.get(url).text
        with at_desk(app) as work:
            cases.know(work, reference, now=MONDAY_NINE, misuse_observed=None)
            cases.advise(work, reference, now=MONDAY_NINE)


def test_an_assessment_by_older_rules_offers_the_newer_and_flips_by_none(app, signed_in, reference):
    """What would flip it is found by the rules of today: beside other rules it may be untrue."""
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, **HARMLESS)
        cases.assess(work, reference, now=MONDAY_NINE)
    handler, url = signed_in(Role.HANDLER), f"/incidents/{reference}/assessment"
    flips, newer = "Ce qui ferait basculer la réponse", "Les règles ont changé depuis"
    page = handler.get(url).text
    assert (flips in page, newer in page) == (True, False)
    with at_desk(app) as work:
        work.session.execute(update(Assessment).values(rules_version="2026-01-01"))
        work.session.commit()

    page = handler.get(url).text

    assert (flips in page, newer in page) == (False, True)
    handler.post(url)
    assert newer not in handler.get(url).text
    assert newer not in handler.get(f"{url}/1").text


def test_measures_that_remove_a_high_risk_are_said_as_such_and_not_as_its_absence(
    app, signed_in, reference
):
    """GDPR Art. 34(3)(b): there was a high risk, and the controller must show that it is gone."""
    with at_desk(app) as work:
        grave = {
            "data": ["health"],
            "recipients": "public",
            "later_measures_remove_high_risk": True,
        }
        cases.know(work, reference, now=MONDAY_NINE, **grave)
        cases.assess(work, reference, now=MONDAY_NINE)

    page = plain(signed_in(Role.DPO).get(f"/incidents/{reference}/assessment").text)

    assert "Les mesures prises depuis écartent le risque élevé" in page
    assert "Un risque élevé n’est pas à craindre" not in page


def test_a_processor_reads_whose_duties_they_are_and_is_not_asked_to_notify(
    app, signed_in, reference
):
    """GDPR Art. 33(2)."""
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, role="processor", data=["health"])
        cases.assess(work, reference, now=MONDAY_NINE)
    dpo = signed_in(Role.DPO)

    page = dpo.get(f"/incidents/{reference}/advice").text
    # Sent as it is proposed.
    answer = send(dpo, reference, "advice")

    assert "reviennent aux responsables du traitement" in plain(page)
    assert answer.status_code == 302
    advice = case(app, reference).advice
    assert advice is not None
    assert (advice.notify, advice.communicate, advice.overrides) == (False, "none", False)
