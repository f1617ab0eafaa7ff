"""The guided questionnaire by pages: one question each, and beside it what the answers say."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from breachdesk.domain.access import Role
from breachdesk.domain.facts import ASSESSED_FACTS, FACTS, FactKind, FactState
from breachdesk.models import Assessment, Fact
from breachdesk.services.cases import case_of, latest_facts
from breachdesk.services.qualification import qualify_as_no_breach
from breachdesk.wording.fact_labels import FACT_WORDS
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, plain, queries_of

MINUTE = timedelta(minutes=1)
HOSTILE = '"><script>alert(1)</script> {{ 7*7 }} %(x)s'


@pytest.fixture
def reference(app: Flask) -> str:
    """A breach of which nothing is known."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE)
        return reference


@pytest.fixture
def handler(client: FlaskClient, sign_in, reference: str) -> FlaskClient:
    """The handler, signed in."""
    return sign_in(client, address_of(Role.HANDLER))


def url_of(reference: str) -> str:
    return f"/incidents/{reference}/questions"


def know(app: Flask, reference: str, *, now=MONDAY_NINE, **facts: object) -> None:
    with at_desk(app) as work:
        cases.know(work, reference, now=now, **facts)


def known(app: Flask, reference: str) -> dict[str, Fact]:
    with at_desk(app) as work:
        facts = latest_facts(work.session, cases.incident(work, reference))
        work.session.expunge_all()
        return facts


def asked(page: str) -> str:
    """The fact that a page asks for; empty where it asks for none."""
    found = re.search(r'name="fact" type="hidden" value="(\w+)"', page)
    return found[1] if found else ""


def answer(visitor: FlaskClient, page: str, reference: str, **typed: object):
    """Send what a page asks for; where that leads."""
    return visitor.post(url_of(reference), data=form_of(page) | typed)


def go_on(visitor: FlaskClient, page: str, reference: str, **typed: object) -> str:
    """Answer, and the page that follows."""
    sent = answer(visitor, page, reference, **typed)
    assert sent.status_code == 302, sent.text
    return visitor.get(sent.location).text


def typed_for(key: str, value: object) -> dict[str, object]:
    """What a person does to answer a question; None says "not known yet"."""
    if value is None:
        is_radio = FACTS[key].kind in (FactKind.CHOICE, FactKind.YES_NO)
        return {"answer": "not_known_yet"} if is_radio else {"unknown": "y"}
    if isinstance(value, bool):
        return {"answer": "yes" if value else "no"}
    return {"answer": value if isinstance(value, list) else str(value)}


# --- The walk ---------------------------------------------------------------------------------

# A list of patients put where anybody may have read it: what it takes to decide, as asked.
STORY: dict[str, object] = {
    "role": "controller",
    "breach_types": ["confidentiality"],
    "data": ["contact", "health"],
    "recipients": "unidentified",
    "data_unintelligible": "no",
    "data_insight": "ordinary",
    "identifiability": "direct",
    "later_measures_remove_high_risk": False,
    "direct_contact_disproportionate": None,
}


def test_from_the_first_question_to_the_assessment_kept_by_pages_alone(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    first = handler.get(f"/incidents/{reference}/assessment").text
    assert f'<a class="button button--primary" href="{url_of(reference)}">' in first
    page = handler.get(url_of(reference)).text
    order, moved = [], ""
    while key := asked(page):
        order.append(key)
        page = go_on(handler, page, reference, **typed_for(key, STORY.get(key)))
        moved = plain(page) if "a fait passer" in page else moved

    assert order == list(STORY)
    assert "a fait passer « informer les personnes » de « cela dépend » à « oui »" in moved
    assert f'action="/incidents/{reference}/assessment"' in page
    assert "Garder cette évaluation" in page

    kept = handler.post(f"/incidents/{reference}/assessment", follow_redirects=True).text
    assert "Évaluation n° 1" in plain(kept)
    facts = known(app, reference)
    assert facts["data"].value == ["contact", "health"]
    assert facts["direct_contact_disproportionate"].state is FactState.NOT_KNOWN_YET


def test_every_question_has_its_words_its_options_and_not_known_yet(
    handler: FlaskClient, reference: str
) -> None:
    for key in ASSESSED_FACTS:
        page = handler.get(url_of(reference), query_string={"fact": key}).text
        section = handler.get(f"/incidents/{reference}/facts/{FACTS[key].section}").text
        assert asked(page) == key
        assert plain(FACT_WORDS[key].question) in plain(re.search(r"<h1.*</h1>", page)[0])
        assert re.search(r'(value="not_known_yet"|name="unknown").*Pas encore connu', page)
        for option in FACTS[key].options or ():
            assert f'value="{option}"' in page
        # In the very words of the facts' own form.
        words = set(re.findall(r'<label for="answer-\d+">([^<]+)<', page))
        assert words - {"Pas encore connu", "Sans objet"} <= set(
            re.findall(r"<(?:label|option)[^>]*>([^<]+)<", section)
        )


def test_not_known_yet_is_not_asked_twice_in_a_walk_and_stays_open(
    app: Flask, handler: FlaskClient, reference: str, clock
) -> None:
    know(app, reference, **{**STORY, "identifiability": None, "exfiltration": "excluded"})
    open_link = f"{url_of(reference)}?fact=identifiability"
    page = handler.get(url_of(reference)).text
    assert asked(page) not in ("identifiability", "")
    assert open_link in page

    # The next walk asks it again, once.
    clock.now = MONDAY_NINE + MINUTE
    handler.post(f"/incidents/{reference}/assessment")
    page = handler.get(url_of(reference)).text
    order = []
    while key := asked(page):
        order.append(key)
        page = go_on(handler, page, reference, **typed_for(key, None))
    assert "identifiability" in order
    assert len(order) == len(set(order))
    assert "restent ouvertes" in plain(page)
    assert known(app, reference)["identifiability"].version == 1


def test_a_question_can_be_taken_up_again_and_the_one_before_it_is_a_link_away(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    page = go_on(handler, handler.get(url_of(reference)).text, reference, answer="controller")
    assert f'href="{url_of(reference)}?fact=role">Question précédente' in page
    back = handler.get(f"{url_of(reference)}?fact=role").text
    assert form_of(back)["answer"] == ["controller"]
    assert "Cette question a déjà une réponse" in back

    page = go_on(handler, back, reference, answer="processor", source="le contrat", estimate="y")

    fact = known(app, reference)["role"]
    assert (fact.value, fact.version, fact.source) == ("processor", 2, "le contrat")
    assert fact.state is FactState.ESTIMATED
    said = plain(page)
    assert "« prévenir les responsables » de « non » à « oui »" in said
    assert "Prévenir les responsables du traitement" in said


@pytest.mark.parametrize(
    ("fact", "typed", "kept"),
    [
        ("n_subjects", {"answer": "3 412"}, (FactState.KNOWN, 3412)),
        ("n_subjects", {"unknown": "y"}, (FactState.NOT_KNOWN_YET, None)),
        ("data", {"answer": ["unknown"]}, (FactState.NOT_KNOWN_YET, None)),
        ("data", {"answer": ["contact", "unknown"]}, (FactState.KNOWN, ["contact", "unknown"])),
        ("exfiltration", {"answer": "not_applicable"}, (FactState.NOT_APPLICABLE, None)),
        ("misuse_observed", {"answer": "no"}, (FactState.KNOWN, False)),
    ],
)
def test_an_answer_of_every_kind_is_kept(
    app: Flask, handler: FlaskClient, reference: str, fact, typed, kept
) -> None:
    page = handler.get(f"{url_of(reference)}?fact={fact}").text
    assert answer(handler, page, reference, **typed).status_code == 302
    row = known(app, reference)[fact]
    assert (row.state, row.value) == kept


@pytest.mark.parametrize(
    ("fact", "typed", "says"),
    [
        ("role", {}, "Donnez la réponse, ou dites"),
        ("role", {"answer": "the_moon"}, "Choisissez une réponse"),
        ("role", {"answer": "not_applicable"}, "Choisissez une réponse"),
        ("n_subjects", {"answer": "environ 3000"}, "n’est pas un nombre entier"),
        ("n_subjects", {"answer": "12", "unknown": "y"}, "Effacez l’une ou l’autre"),
        ("role", {"answer": "controller", "source": "x" * 201}, "dépasse 200 caractères"),
    ],
)
def test_what_cannot_be_read_gives_the_question_again_and_records_nothing(
    app: Flask, handler: FlaskClient, reference: str, fact, typed, says
) -> None:
    page = handler.get(f"{url_of(reference)}?fact={fact}").text
    refused = answer(handler, page, reference, **typed)
    assert refused.status_code == 422
    assert says in plain(refused.text)
    assert asked(refused.text) == fact
    assert fact not in known(app, reference)


def test_where_an_answer_is_from_is_kept_though_the_answer_stays_the_same(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    know(app, reference, n_subjects=12)
    page = handler.get(f"{url_of(reference)}?fact=n_subjects").text

    answer(handler, page, reference, source="Export de la base")
    answer(handler, handler.get(f"{url_of(reference)}?fact=n_subjects").text, reference)

    row = known(app, reference)["n_subjects"]
    assert (row.value, row.source, row.version) == (12, "Export de la base", 2)


def test_an_answer_given_again_is_not_said_to_have_moved_anything(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    know(app, reference, role="processor")
    know(app, reference, role=None)
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE + MINUTE)
    page = handler.get(f"{url_of(reference)}?fact=role").text

    following = go_on(handler, page, reference, answer="not_known_yet")

    assert asked(following) not in ("", "role")
    assert "a fait passer" not in plain(following)
    assert "data-focus" in following


def test_an_answer_to_no_known_question_leads_to_the_next_one(
    handler: FlaskClient, reference: str
) -> None:
    for tampered in ({}, {"fact": "the_moon"}, {"fact": "description", "answer": "x"}):
        sent = handler.post(url_of(reference), data=tampered)
        assert (sent.status_code, sent.location) == (302, url_of(reference))
    page = handler.get(
        url_of(reference), query_string={"fact": HOSTILE, "after": HOSTILE, "passed": HOSTILE}
    )
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_two_people_who_answer_the_same_question_see_each_other(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    page = handler.get(f"{url_of(reference)}?fact=n_subjects").text
    know(app, reference, n_subjects=200)

    overtaken = answer(handler, page, reference, answer="100")

    assert overtaken.status_code == 409
    assert '<span class="typed changed">200</span>' in overtaken.text
    assert form_of(overtaken.text)["answer"] == ["100"]
    assert known(app, reference)["n_subjects"].value == 200
    assert answer(handler, overtaken.text, reference).status_code == 302
    assert known(app, reference)["n_subjects"].value == 100


# --- The preview ------------------------------------------------------------------------------


def preview(visitor: FlaskClient, reference: str, **sent: object) -> str:
    answered = visitor.post(f"{url_of(reference)}/preview", data=sent)
    assert answered.status_code == 200
    assert "<html" not in answered.text
    return plain(answered.text)


def test_an_answer_is_weighed_before_it_is_recorded(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    before = known(app, reference)

    said = preview(handler, reference, fact="effect_on_persons", answer="significant")

    assert "« notifier la CNIL » et « informer les personnes » passeraient" in said
    assert "de « cela dépend » à « oui »" in said
    assert said.count(">Oui</span>") == 2
    assert "Si vous enregistrez votre choix" in said
    assert known(app, reference).keys() == before.keys()
    unmoved = preview(handler, reference, fact="n_subjects", answer="12")
    assert "ne change pas ce qui est dû" in unmoved
    for nothing in ({}, {"fact": "n_subjects", "answer": "douze"}, {"fact": "role"}):
        said = preview(handler, reference, **nothing)
        assert said.count(">Cela dépend</span>") == 2
        assert "Si vous enregistrez" not in said


def test_a_preview_asked_for_too_late_is_not_kept_as_a_form(
    app: Flask, handler: FlaskClient, reference: str, clock
) -> None:
    clock.now = MONDAY_NINE + timedelta(days=30)
    late = handler.post(f"{url_of(reference)}/preview", data={"fact": "role"})
    assert late.status_code == 302
    assert "continue" not in late.location


# --- Where there is nothing to ask ------------------------------------------------------------


def test_before_qualification_and_after_the_end_a_sentence_says_why_nothing_is_asked(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    with at_desk(app) as work:
        fresh, harmless = (cases.open_case(work, now=MONDAY_NINE) for _ in range(2))
        qualify_as_no_breach(
            work.session,
            cases.incident(work, harmless),
            reason="Rien n’a été perdu.",
            by=cases.seat(work, Role.DPO),
            now=MONDAY_NINE,
        )
        cases.incident(work, reference).closed_at = MONDAY_NINE
        work.session.commit()
    for each, says in (
        (fresh, "une fois l’incident qualifié"),
        (harmless, "il n’y a rien à évaluer"),
        (reference, "Ce dossier est clos"),
    ):
        page = handler.get(url_of(each))
        assert page.status_code == 200
        assert says in plain(page.text)
        assert asked(page.text) == ""
        for path in ("", "/preview"):
            sent = {"fact": "role", "answer": "controller"}
            assert handler.post(url_of(each) + path, data=sent).status_code == 409


def test_who_may_not_record_facts_is_not_asked(app: Flask, sign_in, client, reference) -> None:
    auditor = sign_in(client, address_of(Role.AUDITOR))
    assert auditor.get(url_of(reference)).status_code == 403
    assert auditor.post(url_of(reference)).status_code == 403
    assert auditor.post(f"{url_of(reference)}/preview").status_code == 403
    assert url_of(reference) not in auditor.get(f"/incidents/{reference}/assessment").text


# --- The assessment's own pages ---------------------------------------------------------------


def test_an_assessment_says_what_would_flip_it_and_leads_back_to_the_questions(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    know(app, reference, **STORY)
    handler.post(f"/incidents/{reference}/assessment")
    page = plain(handler.get(f"/incidents/{reference}/assessment").text)
    assert "Ce qui ferait basculer la réponse" in page
    assert "Il ne serait plus" in page
    assert "Répondre à ces questions" not in page

    know(app, reference, identifiability=None)
    handler.post(f"/incidents/{reference}/assessment")
    page = handler.get(f"/incidents/{reference}/assessment").text
    assert f'<a class="button" href="{url_of(reference)}">Répondre à ces questions' in page


def test_answers_already_kept_are_said_to_be(app: Flask, handler: FlaskClient, reference) -> None:
    know(app, reference, **STORY)
    assert "Garder cette évaluation" in handler.get(url_of(reference)).text
    with at_desk(app) as work:
        cases.assess(work, reference, now=MONDAY_NINE)
        assert case_of(work.session, cases.incident(work, reference)).assessment.version == 1
    page = plain(handler.get(url_of(reference)).text)
    assert "Ces réponses sont celles de l’évaluation n° 1" in page
    assert "Garder cette évaluation" not in page

    with at_desk(app) as work:
        work.session.execute(update(Assessment).values(rules_version="2026-01-01"))
        work.session.commit()
    assert "Garder cette évaluation" in handler.get(url_of(reference)).text


def test_a_question_costs_as_many_queries_with_one_fact_as_with_all(
    app: Flask, handler: FlaskClient, reference: str
) -> None:
    pages = [url_of(reference), f"{url_of(reference)}?fact=data&after=role"]
    know(app, reference, role="controller")
    few = [queries_of(app, handler, url) for url in pages]
    know(app, reference, **{key: None for key in ASSESSED_FACTS})
    many = [queries_of(app, handler, url) for url in pages]
    assert max(few + many) <= 6
    assert many[0] == few[0]
    assert all(len(handler.get(url).data) < 100_000 for url in pages)
