"""Opening an incident from a phone, the case at a glance, one's own report, closing."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from breachdesk.domain.access import Role
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.facts import FactState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Delivery, Incident
from breachdesk.services.attachments import attachments_of
from breachdesk.services.cases import latest_facts
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.queries import counted_queries
from tests.web.reading import plain

NEW = "/organisations/GIR/incidents/new"
# 9:00 UTC is 10:00 in Paris.
REPORT = {"description": "J’ai perdu mon ordinateur", "noticed_at": "2026-03-02T09:30"}


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


def answers_of(work, reference):
    facts = latest_facts(work.session, cases.incident(work, reference))
    return {key: (fact.state, fact.value) for key, fact in facts.items()}


def posted_with_file(visitor, url, name, content, **fields):
    """Post a form with a large file; the test client's own way leaves a file open."""
    values = fields | {"attachments": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(values)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return visitor.post(url, data=body, content_type=kind)


def only_reference(work):
    return work.session.query(Incident.reference).scalar()


# --- Opening ---------------------------------------------------------------------------------


def test_two_answers_are_enough_and_nothing_is_made_up_for_the_rest(app, as_role):
    answer = as_role(Role.REPORTER).post(NEW, data=REPORT)

    assert answer.location == "/incidents/GIR-2026-0001/report"
    with at_desk(app) as work:
        assert set(answers_of(work, "GIR-2026-0001")) == {"description", "noticed_at"}
        noticed_at = cases.incident(work, "GIR-2026-0001").noticed_at
    assert noticed_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def test_the_form_offers_the_present_minute_in_local_time(as_role):
    page = as_role(Role.REPORTER).get(NEW).text

    assert 'value="2026-03-02T10:00"' in page


def test_what_is_known_is_kept_and_not_known_yet_is_an_answer(app, as_role):
    known = {"system": "Messagerie", "access": "ongoing", "data": "contact", "more_data": "photo"}
    unknown = {"system_unknown": "y", "access": "not_known_yet", "data_unknown": "y"}
    reporter = as_role(Role.REPORTER)

    reporter.post(NEW, data=REPORT | known)
    reporter.post(NEW, data=REPORT | unknown)

    with at_desk(app) as work:
        first, second = (answers_of(work, f"GIR-2026-000{n}") for n in (1, 2))
    assert first["system"] == (FactState.KNOWN, "Messagerie")
    assert first["access"] == (FactState.KNOWN, "ongoing")
    assert first["data"] == (FactState.KNOWN, ["contact", "photo"])
    assert {second[key] for key in ("system", "access", "data")} == {
        (FactState.NOT_KNOWN_YET, None)
    }


def test_some_data_known_and_perhaps_more_is_kept_as_that(app, as_role):
    as_role(Role.REPORTER).post(NEW, data=REPORT | {"data": "health", "data_unknown": "y"})

    with at_desk(app) as work:
        assert answers_of(work, "GIR-2026-0001")["data"] == (
            FactState.KNOWN,
            ["health", "unknown"],
        )


def test_several_files_go_with_the_report(app, as_role):
    files = [(io.BytesIO(b"premier"), "a.txt"), (io.BytesIO(b"second"), "../b.txt")]

    as_role(Role.REPORTER).post(NEW, data=REPORT | {"attachments": files})

    with at_desk(app) as work:
        kept = attachments_of(work.session, cases.incident(work, "GIR-2026-0001"))
        assert [file.name for file in kept] == ["a.txt", "b.txt"]


def test_the_reporter_reads_the_reference_and_a_receipt_waits_for_them(app, as_role):
    page = as_role(Role.REPORTER).post(NEW, data=REPORT, follow_redirects=True)

    assert "Référence : GIR-2026-0001" in plain(page.text)
    # No mail server is set up here: to promise a receipt now would be untrue.
    assert "notez cette référence" in page.text
    with at_desk(app) as work:
        receipts = work.session.query(Delivery).filter(Delivery.kind == "receipt").all()
        assert [receipt.user.email for receipt in receipts] == [address_of(Role.REPORTER)]


def test_the_case_team_comes_to_the_case(as_role):
    assert as_role(Role.HANDLER).post(NEW, data=REPORT).location == "/incidents/GIR-2026-0001"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"description": " \n "}, "Dites en quelques mots", id="nothing said"),
        pytest.param({"description": "x" * 20_001}, "dépasse 20000 car", id="a pasted log"),
        pytest.param({"noticed_at": ""}, "Indiquez quand vous vous en", id="no time"),
        pytest.param({"noticed_at": "hier"}, "n’est pas une date", id="not a time"),
        pytest.param({"noticed_at": "2026-03-02T11:00"}, "à venir", id="an hour ahead"),
        pytest.param({"system": "x" * 201}, "dépasse 200 car", id="a system too long"),
    ],
)
def test_a_fault_is_named_and_nothing_typed_is_lost(app, as_role, changed, said):
    typed = REPORT | {"system": "NAS", "access": "ended", "more_data": "photo"} | changed

    page = as_role(Role.REPORTER).post(NEW, data=typed)

    assert page.status_code == 422
    assert said in plain(page.text)
    assert typed["description"].strip() in page.text
    assert f'value="{typed["system"]}"' in page.text
    assert 'checked id="access-0"' in page.text
    assert '<details class="fold flow" open>' in page.text
    with at_desk(app) as work:
        assert work.session.query(Incident).count() == 0


def test_the_hour_that_comes_twice_is_asked_and_the_one_that_never_comes_refused(
    app, as_role, clock
):
    clock.now = datetime(2026, 10, 26, 9, tzinfo=UTC)
    reporter = as_role(Role.REPORTER)
    twice = REPORT | {"noticed_at": "2026-10-25T02:30"}

    asked = reporter.post(NEW, data=twice)
    never = reporter.post(NEW, data=REPORT | {"noticed_at": "2026-03-29T02:30"})
    taken = reporter.post(NEW, data=twice | {"second_time": "second"})

    assert asked.status_code == 422
    assert 'name="second_time"' in asked.text
    assert never.status_code == 422
    assert "n’existe pas" in never.text
    assert taken.status_code == 302
    with at_desk(app) as work:
        noticed_at = cases.incident(work, only_reference(work)).noticed_at
        assert noticed_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_file_over_the_limit_gives_413_with_the_limit_and_the_form_as_typed(app, as_role):
    heavy = b"a" * 20_000_001

    page = posted_with_file(as_role(Role.REPORTER), NEW, "photo.jpg", heavy, **REPORT)

    assert page.status_code == 413
    assert "photo.jpg" in page.text
    assert "20 Mo" in plain(page.text)
    assert REPORT["description"] in page.text
    with at_desk(app) as work:
        assert work.session.query(Incident).count() == 0


def test_more_than_a_whole_form_may_hold_is_413_with_the_limit(as_role):
    heavy = b"a" * 61_500_000

    page = posted_with_file(as_role(Role.REPORTER), NEW, "film.mp4", heavy, **REPORT)

    assert page.status_code == 413
    assert "20 Mo" in plain(page.text)


def test_a_nul_in_what_is_typed_or_asked_for_breaks_nothing(as_role):
    dpo = as_role(Role.DPO)

    opened = dpo.post(NEW, data=REPORT | {"description": "avant\x00après", "system": "\x00"})

    assert opened.status_code == 302
    assert "avantaprès" in dpo.get(opened.location).text
    assert dpo.get("/incidents/GIR%00").status_code == 404
    assert dpo.get("/organisations/GIR/register?text=%00").status_code == 404


# --- One's own report ------------------------------------------------------------------------


def test_a_reporter_sees_their_words_and_the_state_but_not_the_file(app, as_role, clock):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE, by=Role.REPORTER, description="Perdu")
        later = MONDAY_NINE + timedelta(hours=1)
        cases.know(work, reference, now=later, description="Réécrit par l’équipe", n_subjects=50)
        cases.qualify(work, reference, now=later)
    reporter = as_role(Role.REPORTER)

    redirected = reporter.get(f"/incidents/{reference}")
    page = reporter.get(redirected.location).text

    assert redirected.location == f"/incidents/{reference}/report"
    assert "Perdu" in page
    assert "Réécrit" not in page
    assert "Pris en charge" in page
    assert "/facts" not in page


def test_a_report_of_somebody_else_is_not_there(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE, by=Role.HANDLER)

    reporter = as_role(Role.REPORTER)

    assert reporter.get(f"/incidents/{reference}/report").status_code == 404
    assert reporter.get(f"/incidents/{reference}").status_code == 403


def test_the_case_team_is_taken_from_a_report_to_its_case(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE, by=Role.REPORTER)

    answer = as_role(Role.DPO).get(f"/incidents/{reference}/report")

    assert answer.location == f"/incidents/{reference}"


def test_the_list_of_a_reporter_holds_their_own_reports_alone(app, as_role):
    reporter = as_role(Role.REPORTER)
    assert "Vous n’avez encore rien signalé" in reporter.get("/organisations/GIR").text
    with at_desk(app) as work:
        mine = cases.open_case(work, now=MONDAY_NINE, by=Role.REPORTER)
        other = cases.open_case(work, now=MONDAY_NINE, by=Role.HANDLER)

    page = reporter.get("/organisations/GIR").text

    assert f"/incidents/{mine}/report" in page
    assert other not in page


# --- The case at a glance --------------------------------------------------------------------


def test_the_case_page_says_what_to_remember_and_the_one_next_step(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, reference, now=MONDAY_NINE, n_subjects=3412, exfiltration=None)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)

    page = plain(as_role(Role.DPO).get(f"/incidents/{reference}").text)

    assert "3 412" in page
    assert "Un point encore inconnu" in page
    assert "(évaluation 1)" in page
    assert page.count("button--primary") == 1
    assert f'href="/incidents/{reference}/advice"' in page


def test_where_it_is_not_the_readers_turn_the_page_names_whom_it_waits_for(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)

    page = plain(as_role(Role.HANDLER).get(f"/incidents/{reference}").text)

    assert "En attente de : Decider GIR ou Dpo GIR." in page
    assert "button--primary" not in page


def test_an_estimated_number_says_so(app, as_role):
    from breachdesk.domain.facts import Answer

    with at_desk(app) as work:
        facts = {"n_subjects": Answer(FactState.ESTIMATED, 50)}
        reference = cases.open_case(work, now=MONDAY_NINE, facts=facts)

    assert "50 (estimé)" in plain(as_role(Role.DPO).get(f"/incidents/{reference}").text)


@pytest.mark.parametrize("role", [Role.DPO, Role.HANDLER, Role.AUDITOR])
def test_a_case_page_takes_at_most_eight_queries(app, as_role, role):
    with at_desk(app) as work:
        full = cases.full_case(work, now=MONDAY_NINE)
    visitor = as_role(role)
    # The first look of a day by who only reads is written down.
    visitor.get(f"/incidents/{full.reference}")

    with counted_queries(app) as queries:
        answer = visitor.get(f"/incidents/{full.reference}")

    assert answer.status_code == 200
    assert len(queries) <= 8, "\n".join(queries)


# --- Once something was filed ----------------------------------------------------------------


WHY = "L’enquête montre qu’aucune donnée n’a été consultée."


def filed_case(app, communicate=Communicate.NONE) -> str:
    """Decided to be notified, and filed as an initial notification."""
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, reference, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, reference, now=MONDAY_NINE)
        sign(work, reference, communicate=communicate)
        cases.file(work, reference, now=MONDAY_NINE)
        return reference


def sign(work, reference, *, now=MONDAY_NINE, notify=True, communicate=Communicate.NONE):
    """Assess, advise, decide."""
    cases.assess(work, reference, now=now)
    cases.advise(work, reference, now=now, notify=notify, communicate=communicate)
    cases.decide(work, reference, now=now, notify=notify, communicate=communicate)


def step_five(page: str) -> str:
    """What the line of steps says of notifying."""
    line = page[page.index('<ol class="steps">') : page.index("</ol>")]
    return re.findall(r'<span class="step-state">([^<]+)</span>', line)[4]


def next_step_in(page: str) -> str:
    """The box of the next step."""
    begin = page.index('<section class="next-step')
    return page[begin : page.index("</section>", begin)]


def test_after_an_initial_filing_the_next_step_leads_to_the_form_of_the_follow_up(app, as_role):
    reference = filed_case(app)

    page = as_role(Role.HANDLER).get(f"/incidents/{reference}").text
    box, url = next_step_in(page), f"/incidents/{reference}"
    assert "Compléter la notification à la CNIL" in box
    assert f'class="button button--primary" href="{url}/notification/filing"' in box
    assert f'href="{url}/notification/filings/1"' in box
    assert f'href="{url}/clocks/refuse/gdpr_follow_up"' in box
    assert step_five(page) == "en cours"


def test_where_the_clock_of_the_follow_up_runs_one_says_of_it_that_nothing_is_owed(app, as_role):
    reference = filed_case(app)
    with at_desk(app) as work:
        clock_id = cases.start_clock(work, reference, "gdpr_follow_up", now=MONDAY_NINE)

    box = next_step_in(as_role(Role.HANDLER).get(f"/incidents/{reference}").text)
    assert "Compléter la notification à la CNIL" in box
    assert f'href="/incidents/{reference}/clocks/{clock_id}/stop"' in box


def test_who_may_not_file_is_told_whom_the_follow_up_waits_for(app, as_role):
    reference = filed_case(app)

    box = next_step_in(as_role(Role.AUDITOR).get(f"/incidents/{reference}").text)
    assert "En attente de" in box
    assert "button" not in box
    assert "clocks/" not in box


@pytest.mark.parametrize(
    ("communicate", "title", "state"),
    [
        (Communicate.OWED, "Rédiger le message aux personnes", "à compléter"),
        (Communicate.VOLUNTARY, "Compléter la notification à la CNIL", "en cours"),
    ],
)
def test_people_at_risk_come_before_the_follow_up_and_others_after(
    app, as_role, communicate, title, state
):
    page = as_role(Role.DPO).get(f"/incidents/{filed_case(app, communicate)}").text

    assert f"<h2>{title}</h2>" in page
    assert step_five(page) == state
    is_after = communicate is Communicate.VOLUNTARY
    assert ("Ensuite : rédiger le message aux personnes." in plain(page)) is is_after


def test_closing_names_what_a_filing_left_to_do(app, as_role):
    reference = filed_case(app)
    dpo = as_role(Role.DPO)

    page = plain(dpo.get(f"/incidents/{reference}/closing").text)
    assert "Reste à faire : Compléter la notification à la CNIL." in page
    assert dpo.post(f"/incidents/{reference}/closing").status_code == 409


@pytest.mark.parametrize(
    ("since", "said", "state"),
    [
        pytest.param(None, "Plus rien n’est à déposer, sauf nouvelle", "retiré", id="nothing"),
        pytest.param(None, "La notification a été retirée, et rien d’autre", "retiré", id="next"),
        pytest.param(False, "Il est décidé de ne pas notifier", "retiré", id="decided not to"),
        pytest.param(True, "demande de notifier de nouveau", "en cours", id="decided to"),
    ],
)
def test_after_a_withdrawal_the_case_says_so_and_whether_anything_is_owed(
    app, as_role, since, said, state
):
    reference = filed_case(app)
    with at_desk(app) as work:
        withdrawal = NotificationKind.WITHDRAWAL
        cases.file(work, reference, now=MONDAY_NINE, kind=withdrawal, withdrawal_reason=WHY)
        if since is not None:
            sign(work, reference, now=MONDAY_NINE + timedelta(hours=1), notify=since)
    dpo = as_role(Role.DPO)

    page = dpo.get(f"/incidents/{reference}").text
    assert "Notification retirée le" in plain(page)
    assert said in plain(page)
    assert step_five(page) == state
    clocks_page = dpo.get(f"/incidents/{reference}/clocks").text
    for shown in (page, clocks_page, dpo.get("/").text):
        assert "otifié dans le délai" not in plain(shown)


def test_what_stands_though_it_was_decided_not_to_notify_is_completed_or_taken_back(app, as_role):
    reference = filed_case(app)
    with at_desk(app) as work:
        sign(work, reference, now=MONDAY_NINE + timedelta(hours=1), notify=False)

    assert "complétez-la ou retirez-la" in as_role(Role.DPO).get(f"/incidents/{reference}").text


# --- Closing ---------------------------------------------------------------------------------


def test_a_case_is_closed_on_a_page_that_says_what_that_means(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
        cases.decide(work, reference, now=MONDAY_NINE, notify=False, communicate=Communicate.NONE)
    dpo = as_role(Role.DPO)

    asked = dpo.get(f"/incidents/{reference}/closing")
    closed = dpo.post(f"/incidents/{reference}/closing", follow_redirects=True)

    assert "ne change plus" in asked.text
    assert "Plus rien à faire" in closed.text
    assert dpo.get(f"/incidents/{reference}/closing").status_code == 409


def test_a_case_with_something_left_to_do_cannot_be_closed(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    dpo = as_role(Role.DPO)

    assert "ne peut pas encore être clos" in dpo.get(f"/incidents/{reference}/closing").text
    assert dpo.post(f"/incidents/{reference}/closing").status_code == 409
    with at_desk(app) as work:
        assert cases.incident(work, reference).closed_at is None
