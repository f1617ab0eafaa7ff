"""Reporting without an account, as a browser does it: challenges, the secret, coming back."""

import io
import re
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from breachdesk.domain.access import Role
from breachdesk.domain.robot_check import CHALLENGE_LASTS
from breachdesk.models import (
    Attachment,
    Fact,
    Incident,
    OutsideReport,
    ReportMessage,
    UserSession,
)
from tests import cases, outside
from tests.cases import MONDAY_NINE, at_desk
from tests.outside import PUBLIC, answer_to, proof_of, question_on, secret_on, ticket_on
from tests.web.reading import form_of, plain

URL = f"/report/{PUBLIC}"
STORY = "Un fichier de clients traîne sur l’imprimante."


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        outside.open_form(work, now=MONDAY_NINE)


@pytest.fixture
def visitor(with_csrf, client):
    """Somebody who has never been here; forms demand their tokens where they have some."""
    return client


def count(app, model) -> int:
    with at_desk(app) as work:
        return work.session.query(model).count()


def filled(visitor, **typed):
    """The form as a browser with scripts would send it."""
    page = visitor.get(URL).text
    return form_of(page) | {"description": STORY, "proof": proof_of(ticket_on(page))} | typed


# --- The form --------------------------------------------------------------------------------


def test_anybody_reads_the_form_and_it_leaves_no_cookie(visitor):
    page = visitor.get(URL)

    assert page.status_code == 200
    assert "Maison GIR" in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count("button--primary") == 1
    # 9:00 UTC is 10:00 in Paris.
    assert 'value="2026-03-02T10:00"' in page.text


def test_an_unknown_address_is_as_any_unknown_page(visitor):
    unknown, nowhere = visitor.get("/report/nobody-here"), visitor.get("/nobody-here")

    assert unknown.status_code == nowhere.status_code == 404
    assert unknown.text.replace("/report/nobody-here", "X") == nowhere.text.replace(
        "/nobody-here", "X"
    )
    assert visitor.post("/report/nobody-here", data={"description": "x"}).status_code == 404


def test_with_its_work_done_a_report_is_taken_and_the_secret_shown(app, visitor):
    page = visitor.post(URL, data=filled(visitor))

    assert page.status_code == 200
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", secret_on(page.text))
    assert "Personne ne peut vous écrire" in page.text
    assert "Set-Cookie" not in page.headers
    with at_desk(app) as work:
        assert work.session.query(Incident).one().opened_by_id is None
        assert work.session.query(OutsideReport).one().sealed is None


def test_the_page_says_what_is_kept_of_who_gave_a_name(app, visitor):
    page = visitor.post(URL, data=filled(visitor, name="Samir", contact="06 11"))

    assert "nom et le contact que vous avez donnés, chiffrés" in page.text
    assert "06 11" not in page.text
    with at_desk(app) as work:
        assert work.session.query(OutsideReport).one().sealed is not None


def test_known_facts_and_files_go_with_it(app, visitor):
    file = (io.BytesIO(b"vu"), "capture.txt")
    known = {"system": "Imprimante", "access": "ongoing", "data": "contact", "attachments": file}

    assert visitor.post(URL, data=filled(visitor, **known)).status_code == 200

    with at_desk(app) as work:
        facts = {fact.key: fact.value for fact in work.session.query(Fact)}
        assert facts["system"] == "Imprimante"
        assert facts["data"] == ["contact"]
        assert work.session.query(Attachment).one().name == "capture.txt"


def test_the_same_page_sent_twice_is_one_report_with_one_secret(app, visitor):
    typed = filled(visitor)

    first, again = (visitor.post(URL, data=typed) for _ in range(2))

    assert secret_on(first.text) == secret_on(again.text)
    assert count(app, Incident) == 1


def test_long_after_the_same_page_shows_the_secret_no_more_and_keeps_what_was_typed(
    app, visitor, clock
):
    typed = filled(visitor)
    visitor.post(URL, data=typed)
    clock.now += timedelta(minutes=11)

    page = visitor.post(URL, data=typed)

    assert page.status_code == 422
    assert "déjà enregistré" in page.text
    assert 'id="secret"' not in page.text
    assert count(app, Incident) == 1


# --- Robots ----------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", range(12))
def test_without_scripts_the_answer_to_the_question_is_enough(app, visitor, attempt):
    page = visitor.get(URL).text
    typed = form_of(page) | {"description": STORY, "answer": answer_to(question_on(page))}

    sent = visitor.post(URL, data=typed)

    assert sent.status_code == 200, question_on(page)
    assert secret_on(sent.text)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        pytest.param({"proof": ""}, "Répondez à cette question", id="nothing done or answered"),
        pytest.param({"proof": "1.2.3"}, "Répondez à cette question", id="too little work"),
        pytest.param(
            {"proof": "", "answer": "une girafe"}, "pas la réponse attendue", id="a wrong answer"
        ),
        pytest.param({"challenge": "forged"}, "a expiré", id="a challenge that is not ours"),
        pytest.param({"challenge": ""}, "a expiré", id="no challenge"),
    ],
)
def test_a_check_that_fails_loses_nothing_that_was_typed(app, visitor, spoilt, said):
    typed = filled(visitor, system="NAS", name="Samir", contact="06 11", accuses="y") | spoilt

    page = visitor.post(URL, data=typed)

    assert page.status_code == 422
    assert said in page.text
    kept = form_of(page.text)
    for name in ("description", "system", "name", "contact"):
        assert kept[name] == [typed[name]], name
    assert 'checked id="accuses"' in page.text or 'id="accuses" name="accuses" checked' in page.text
    assert count(app, Incident) == 0
    # What stands there now can be met: nobody has to begin anew.
    met = kept | {"proof": proof_of(ticket_on(page.text))}
    assert visitor.post(URL, data=met).status_code == 200


def test_an_old_challenge_has_ended_and_a_new_one_stands_there(app, visitor, clock):
    typed = filled(visitor)
    clock.now += CHALLENGE_LASTS

    page = visitor.post(URL, data=typed)

    assert page.status_code == 422
    assert "Une nouvelle est prête" in page.text
    assert ticket_on(page.text) not in str(typed["challenge"])
    met = form_of(page.text) | {"proof": proof_of(ticket_on(page.text))}
    assert visitor.post(URL, data=met).status_code == 200


def test_a_question_answered_wrongly_is_asked_no_second_time(app, visitor):
    page = visitor.get(URL).text
    typed = form_of(page) | {"description": STORY}

    visitor.post(URL, data=typed | {"answer": "une girafe"})
    again = visitor.post(URL, data=typed | {"answer": answer_to(question_on(page))})

    assert again.status_code == 422
    assert count(app, Incident) == 0


def test_work_done_once_is_not_asked_for_again_when_something_else_is_missing(visitor):
    typed = filled(visitor, description=" ")

    page = visitor.post(URL, data=typed)

    assert page.status_code == 422
    kept = form_of(page.text)
    assert (kept["challenge"], kept["proof"]) == (typed["challenge"], [typed["proof"]])
    assert visitor.post(URL, data=kept | {"description": STORY}).status_code == 200


def test_neither_the_page_nor_its_token_tells_the_answer(visitor):
    page = visitor.get(URL).text
    asked = question_on(page)
    rest = page.replace(asked, "")

    if "Combien" in asked or "jour" in asked:
        assert f">{answer_to(asked)}<" not in rest
    # Anybody can read what a signed token carries.
    _, carried = URLSafeSerializer("not the key").loads_unsafe(form_of(page)["challenge"][0])
    assert carried is not None
    assert answer_to(asked) not in words_of(carried)


def words_of(carried):
    """Every value of a token, however deep it lies, as text."""
    if isinstance(carried, dict):
        return words_of(list(carried.values()))
    if isinstance(carried, list):
        return {word for value in carried for word in words_of(value)}
    return {str(carried)}


def test_past_the_limit_the_form_stays_and_says_when_to_try_again(app, visitor):
    for _ in range(5):
        assert visitor.post(URL, data=filled(visitor)).status_code == 200

    page = visitor.post(URL, data=filled(visitor, system="NAS"))

    assert page.status_code == 429
    assert "lundi 2 mars 2026 à 11 h 00" in plain(page.text)
    assert STORY in page.text
    assert count(app, Incident) == 5


# --- Hostile and hurried ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param({"description": ""}, 422, id="nothing said"),
        pytest.param({"description": "x" * 20_001}, 422, id="a pasted log"),
        pytest.param({"noticed_at": "demain"}, 422, id="not a time"),
        pytest.param({"noticed_at": "2026-03-03T10:00"}, 422, id="tomorrow"),
        pytest.param({"name": "x" * 201}, 422, id="a name too long"),
        pytest.param({"access": "<script>"}, 200, id="a code that is none"),
        pytest.param({"description": "a\x00b <script>alert(1)</script>"}, 200, id="nul and markup"),
        pytest.param({"proof": "9" * 5000}, 422, id="a proof without end"),
    ],
)
def test_whatever_is_sent_is_answered_with_a_page(visitor, changed, status):
    page = visitor.post(URL, data=filled(visitor) | changed)

    assert page.status_code == status
    assert "<script>alert" not in page.text
    assert page.text.count("<h1>") == 1


def test_too_many_files_are_refused_with_the_form_as_typed(app, visitor):
    files = [(io.BytesIO(b"x"), f"{number}.txt") for number in range(6)]

    page = visitor.post(URL, data=filled(visitor, attachments=files))

    assert page.status_code == 422
    assert "5 fichiers au plus" in plain(page.text)
    assert STORY in page.text
    assert count(app, Incident) == 0


def test_somebody_signed_in_is_told_that_the_form_does_not_say_so(app, as_role):
    reporter = as_role(Role.REPORTER)

    assert "n’en dit rien au dossier" in reporter.get(URL).text
    assert reporter.post(URL, data=filled(reporter)).status_code == 200
    with at_desk(app) as work:
        incident = work.session.query(Incident).one()
        assert incident.opened_by_id is None
        assert {fact.author_id for fact in work.session.query(Fact)} == {None}


def test_nothing_of_the_visitor_is_logged(visitor, caplog):
    caplog.set_level("DEBUG")
    visitor.environ_base["REMOTE_ADDR"] = "203.0.113.77"

    page = visitor.post(URL, data=filled(visitor, name="Samir"))

    for said in ("203.0.113.77", "Samir", STORY, secret_on(page.text), PUBLIC):
        assert said not in caplog.text


def test_no_session_is_noted_as_used_at_the_time_of_an_anonymous_report(app, as_role, clock):
    reporter = as_role(Role.REPORTER)
    with at_desk(app) as work:
        before = work.session.query(UserSession.last_seen_at).scalar()
    clock.now += timedelta(minutes=20)

    assert reporter.post(URL, data=filled(reporter)).status_code == 200

    with at_desk(app) as work:
        assert work.session.query(UserSession.last_seen_at).scalar() == before
    reporter.get("/organisations/GIR")
    with at_desk(app) as work:
        assert work.session.query(UserSession.last_seen_at).scalar() == clock.now


def test_the_question_is_asked_in_the_language_of_the_page(visitor):
    asked = [question_on(visitor.get(URL).text) for _ in range(5)]

    assert all(re.search(r"^(Combien|Quel|Lequel)", question) for question in asked)


# --- Coming back -----------------------------------------------------------------------------


@pytest.fixture
def secret(app):
    """Of a report made a while ago."""
    with at_desk(app) as work:
        return outside.report(work, now=MONDAY_NINE - timedelta(hours=3)).secret


def come_back(visitor, secret, url="/report/back"):
    page = visitor.get(url).text
    return visitor.post(url, data=form_of(page) | {"secret": secret})


@pytest.mark.parametrize("url", ["/report/back", f"{URL}/back"])
def test_the_secret_opens_the_report_wherever_it_is_asked(visitor, secret, url):
    answer = come_back(visitor, f" {secret.lower()} ", url)
    page = visitor.get(answer.location).text

    assert answer.location == "/report/back/open"
    assert "L’équipe va l’examiner" in page
    assert STORY in page
    assert "GIR-2026" not in page


def test_without_the_secret_there_is_nothing_to_see(visitor, secret):
    assert visitor.get("/report/back/open").location == "/report/back"
    refused = come_back(visitor, "AAAA-BBBB-CCCC-DDDD")

    assert refused.status_code == 422
    assert "n’ouvre aucun signalement" in refused.text
    assert visitor.get("/report/back/open").location == "/report/back"


def test_a_report_stays_open_half_an_hour_after_its_last_page(visitor, secret, clock):
    come_back(visitor, secret)
    for _ in range(2):
        clock.now += timedelta(minutes=29)
        assert visitor.get("/report/back/open").status_code == 200

    clock.now += timedelta(minutes=31)

    assert visitor.get("/report/back/open").location == "/report/back"


def test_closing_the_report_closes_it_in_this_browser(visitor, secret):
    come_back(visitor, secret)
    page = visitor.get("/report/back/open").text
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page) or re.search(
        r'name="csrf_token" value="([^"]+)"', page
    )

    visitor.post("/report/back/leave", data={"csrf_token": token[1]})

    assert visitor.get("/report/back/open").location == "/report/back"


def test_words_and_files_are_added_and_the_team_answers(app, visitor, secret):
    come_back(visitor, secret)
    form = form_of(visitor.get("/report/back/open").text)
    file = (io.BytesIO(b"vu"), "autre.txt")

    added = visitor.post(
        "/report/back/open", data=form | {"text": "Il y est encore.", "attachments": file}
    )
    with at_desk(app) as work:
        incident = work.session.query(Incident).one()
        by = cases.seat(work, Role.HANDLER)
        outside.ask_reporter(
            work.session, incident, "Depuis <b>quand</b> ?", by=by, now=MONDAY_NINE
        )
    page = visitor.get("/report/back/open").text

    assert added.status_code == 302
    assert "Il y est encore." in page
    assert "autre.txt" in page
    assert "Handler GIR" not in page
    assert "Depuis &lt;b&gt;quand" in page
    assert page.index("Il y est encore.") < page.index("Depuis &lt;b&gt;")


def test_an_empty_addition_is_refused(app, visitor, secret):
    come_back(visitor, secret)
    form = form_of(visitor.get("/report/back/open").text)

    page = visitor.post("/report/back/open", data=form | {"text": "  "})

    assert page.status_code == 422
    assert "Écrivez quelques mots" in page.text
    assert count(app, ReportMessage) == 0


def test_an_addition_needs_its_token(visitor, secret):
    come_back(visitor, secret)

    assert visitor.post("/report/back/open", data={"text": "forgé"}).status_code == 400


def test_guessing_secrets_ends_after_twenty(visitor, secret):
    for _ in range(20):
        assert come_back(visitor, "AAAA-BBBB-CCCC-DDDD").status_code == 422

    assert come_back(visitor, secret).status_code == 429


def test_once_the_form_is_closed_reporters_still_come_back(app, visitor, secret):
    with at_desk(app) as work:
        outside.close_reporting(work.session, by=cases.seat(work, Role.DPO), now=MONDAY_NINE)

    assert visitor.get(URL).status_code == 404
    assert come_back(visitor, secret).location == "/report/back/open"


def test_a_report_of_somebody_who_accuses_is_open_to_its_own_author(app, visitor):
    with at_desk(app) as work:
        kept = outside.report(work, now=MONDAY_NINE, accuses=True, ticket="a" * 32).secret

    come_back(visitor, kept)

    assert STORY in visitor.get("/report/back/open").text
