"""What is known of a case: shown by section, recorded in forms made from the registry."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from breachdesk.domain.access import Role
from breachdesk.domain.facts import FACTS, FactState, Section
from breachdesk.models import Fact
from breachdesk.services.cases import case_of, latest_facts
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, queries_of

HOSTILE = '"><script>alert(1)</script> ‏مرحبا‏ 🦜 {{ 7*7 }}'


@pytest.fixture
def reference(app: Flask) -> str:
    """A case opened on Monday at nine."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        return cases.open_case(work, now=MONDAY_NINE)


@pytest.fixture
def handler(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """The handler, signed in."""
    return sign_in(client, address_of(Role.HANDLER))


def known(app: Flask, reference: str) -> dict[str, Fact]:
    with at_desk(app) as work:
        facts = latest_facts(work.session, cases.incident(work, reference))
        work.session.expunge_all()
        return facts


def fill(visitor: FlaskClient, reference: str, section: str, **answers: object):
    """Open a section, change some controls (`key=…`, `sure_key=…`), send it."""
    url = f"/incidents/{reference}/facts/{section}"
    sent = form_of(visitor.get(url).text)
    for name, value in answers.items():
        control = name.replace("sure_", "sure-", 1) if name.startswith("sure_") else name
        sent[control if "-" in control or control == "source" else f"fact-{control}"] = value
    return visitor.post(url, data=sent)


def test_every_section_has_a_form_and_sending_it_back_untouched_changes_nothing(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
    before = {key: fact.version for key, fact in known(app, reference).items()}
    for section in Section:
        answer = fill(handler, reference, section.value)
        assert answer.status_code == 302, (section, answer.text)
    assert {key: fact.version for key, fact in known(app, reference).items()} == before


@pytest.mark.parametrize(
    ("section", "key", "typed", "kept"),
    [
        ("persons", "n_subjects", "3 412", 3412),
        ("availability", "unavailable_hours", "1,5", 1.5),
        ("dates", "undetected_days", "9", 9),
        ("nature", "malicious_intent", "no", False),
        ("nature", "cause", "internal_accidental", "internal_accidental"),
        ("data", "data", ["contact", "purchase_history"], ["contact", "purchase_history"]),
        ("story", "system", HOSTILE, HOSTILE),
        ("dates", "occurred_from", "2026-02-21T08:15", "2026-02-21T07:15:00+00:00"),
    ],
)
def test_an_answer_of_every_kind_is_kept_as_known_and_shown_again(
    app: Flask, handler: FlaskClient, reference: str, section, key, typed, kept
) -> None:
    answer = fill(handler, reference, section, **{key: typed}, source="le journal du serveur")
    assert answer.status_code == 302
    fact = known(app, reference)[key]
    assert (fact.state, fact.value) == (FactState.KNOWN, kept)
    assert fact.source == "le journal du serveur"
    again = form_of(handler.get(f"/incidents/{reference}/facts/{section}").text)
    assert again[f"sure-{key}"] == ["known"]
    assert fill(handler, reference, section).status_code == 302
    assert known(app, reference)[key].version == 1


@pytest.mark.parametrize(
    ("sureness", "state"),
    [("estimated", FactState.ESTIMATED), ("known", FactState.KNOWN), ("", FactState.KNOWN)],
)
def test_how_sure_an_answer_is_is_kept(
    app: Flask, handler: FlaskClient, reference: str, sureness: str, state: FactState
) -> None:
    fill(handler, reference, "persons", n_subjects="3412", sure_n_subjects=sureness)
    fact = known(app, reference)["n_subjects"]
    assert (fact.state, fact.value) == (state, 3412)


def test_not_known_yet_and_does_not_apply_are_answers_without_a_value(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    fill(handler, reference, "persons", n_subjects="12")
    fill(handler, reference, "persons", sure_n_subjects="not_known_yet")
    fill(handler, reference, "spread", sure_recipient_trust="not_applicable")
    facts = known(app, reference)
    assert (facts["n_subjects"].state, facts["n_subjects"].value) == (FactState.NOT_KNOWN_YET, None)
    assert facts["recipient_trust"].state is FactState.NOT_APPLICABLE


def test_an_answer_written_where_none_was_known_yet_is_known(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    fill(handler, reference, "persons", sure_n_subjects="not_known_yet")
    fill(handler, reference, "persons", n_subjects="7")
    fact = known(app, reference)["n_subjects"]
    assert (fact.state, fact.value, fact.version) == (FactState.KNOWN, 7, 2)


def test_emptying_a_control_takes_the_answer_back(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    fill(handler, reference, "persons", n_subjects="7")
    fill(handler, reference, "persons", n_subjects="")
    assert known(app, reference)["n_subjects"].state is FactState.NOT_ASKED


@pytest.mark.parametrize(
    ("section", "answers", "says"),
    [
        ("persons", {"n_subjects": "environ 3000"}, "n’est pas un nombre entier"),
        ("persons", {"n_subjects": "-4"}, "n’est pas un nombre entier"),
        ("persons", {"n_subjects": "9" * 5000}, "n’est pas un nombre entier"),
        ("availability", {"unavailable_hours": "1,5,2"}, "n’est pas un nombre"),
        ("persons", {"sure_n_subjects": "known"}, "Donnez la réponse"),
        ("persons", {"n_subjects": "3", "sure_n_subjects": "not_known_yet"}, "Effacez l’une"),
        ("persons", {"n_subjects": "3", "sure_n_subjects": "not_applicable"}, "Choisissez une"),
        ("nature", {"cause": "the_moon"}, "Choisissez une réponse"),
        ("data", {"data": ["contact", "the_moon"]}, "Choisissez une réponse"),
        ("story", {"system": "x" * 301}, "dépasse 300 caractères"),
        ("story", {"description": "x" * 20_001}, "dépasse 20000 caractères"),
        ("story", {"system": "Site", "source": "y" * 201}, "dépasse 200 caractères"),
        ("dates", {"noticed_at": ""}, "Indiquez quand l’incident a été remarqué"),
        ("dates", {"noticed_at": "2026-03-02T10:01"}, "Cette heure est à venir"),
        ("dates", {"occurred_from": "2026-03-29T02:30"}, "n’existe pas"),
        ("dates", {"occurred_from": "2025-10-26T02:30"}, "a eu lieu deux fois"),
        ("dates", {"occurred_from": "2026-03-05T02:30"}, "Cette heure est à venir"),
        ("dates", {"occurred_from": "hier soir"}, "n’est pas une date"),
    ],
)
def test_a_wrong_answer_gives_the_form_again_and_records_nothing(
    app: Flask, handler: FlaskClient, reference: str, section, answers, says
) -> None:
    before = {key: fact.version for key, fact in known(app, reference).items()}
    answer = fill(handler, reference, section, **answers)
    assert answer.status_code == 422
    assert says in answer.text.replace("\u202f", " ").replace("\xa0", " ")
    again = form_of(answer.text)
    for name, typed in answers.items():
        control = name.replace("sure_", "sure-") if name.startswith("sure_") else f"fact-{name}"
        if name == "source":
            control = name
        if not control.startswith("sure-") and "the_moon" not in typed:
            assert again[control] == [typed]
    assert {key: fact.version for key, fact in known(app, reference).items()} == before


def test_the_hour_that_comes_twice_is_asked_only_when_it_does(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    url = f"/incidents/{reference}/facts/dates"
    assert "twice-" not in handler.get(url).text
    asked = fill(handler, reference, "dates", occurred_from="2025-10-26T02:30")
    sent = form_of(asked.text) | {"twice-occurred_from": "second"}
    assert handler.post(url, data=sent).status_code == 302
    assert known(app, reference)["occurred_from"].value == "2025-10-26T01:30:00+00:00"


def test_correcting_when_it_was_noticed_moves_the_provisional_clock(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    assert fill(handler, reference, "dates", noticed_at="2026-03-02T08:00").status_code == 302
    with at_desk(app) as work:
        case = case_of(work.session, cases.incident(work, reference))
        assert case.incident.noticed_at.hour == 7
        assert case.clock is not None
        assert case.clock.started_at == case.incident.noticed_at


def test_once_qualified_it_cannot_have_been_noticed_after_awareness(
    app: Flask, handler: FlaskClient, sign_in, reference: str, clock
) -> None:
    with at_desk(app) as work:
        cases.qualify(work, reference, now=MONDAY_NINE)
    clock.now = MONDAY_NINE + timedelta(hours=5)
    sign_in(handler, address_of(Role.HANDLER))
    answer = fill(handler, reference, "dates", noticed_at="2026-03-02T11:00")
    assert answer.status_code == 422
    assert "après la prise de connaissance" in answer.text


def test_two_people_who_change_the_same_fact_see_each_other_and_lose_nothing(
    app: Flask, handler: FlaskClient, sign_in, reference: str
) -> None:
    other = sign_in(app.test_client(), address_of(Role.DPO))
    url = f"/incidents/{reference}/facts/persons"
    mine = form_of(handler.get(url).text)
    fill(other, reference, "persons", n_subjects="200", data_subjects=["customers"])

    mine |= {"fact-n_subjects": "100", "fact-vulnerable_subjects": "no"}
    answer = handler.post(url, data=mine)
    assert answer.status_code == 409
    assert "Dpo GIR a enregistré" in answer.text
    assert '<span class="typed changed">200</span>' in answer.text
    # The other's answer to what I left alone is no conflict.
    assert answer.text.count('class="meanwhile"') == 1
    again = form_of(answer.text)
    assert again["fact-n_subjects"] == ["100"]
    assert known(app, reference)["n_subjects"].value == 200

    assert handler.post(url, data=again).status_code == 302
    facts = known(app, reference)
    assert (facts["n_subjects"].value, facts["n_subjects"].version) == (100, 2)
    assert facts["vulnerable_subjects"].value is False
    assert facts["data_subjects"].value == ["customers"]


def test_the_listing_says_each_fact_its_state_and_who_said_so(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    fill(handler, reference, "persons", n_subjects="3412", sure_n_subjects="estimated")
    fill(handler, reference, "spread", sure_exfiltration="not_known_yet")
    fill(handler, reference, "story", system=HOSTILE, source=HOSTILE)
    page = handler.get(f"/incidents/{reference}/facts").text
    for said in ("3\u202f412", "estimé", "un point pas encore connu", "Handler GIR", "version 1"):
        assert said in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert page.count("Modifier") == len(Section)


def test_a_reader_sees_what_is_known_and_changes_nothing(
    app: Flask, client: FlaskClient, sign_in, reference: str
) -> None:
    auditor = sign_in(client, address_of(Role.AUDITOR))
    assert "Modifier" not in auditor.get(f"/incidents/{reference}/facts").text
    assert auditor.get(f"/incidents/{reference}/facts/story").status_code == 403


def test_an_unknown_section_is_not_found(handler: FlaskClient, reference: str) -> None:
    assert handler.get(f"/incidents/{reference}/facts/moon").status_code == 404


def test_the_pages_take_as_many_queries_with_one_fact_as_with_all(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    few = [queries_of(app, handler, url) for url in pages_of(reference)]
    everything = {key: None for key in FACTS if key not in ("noticed_at", "description")}
    with at_desk(app) as work:
        cases.know(work, reference, now=MONDAY_NINE, **everything)
    assert [queries_of(app, handler, url) for url in pages_of(reference)] == few
    assert max(few) <= 8


def pages_of(reference: str) -> list[str]:
    return [f"/incidents/{reference}/facts", f"/incidents/{reference}/facts/persons"]
