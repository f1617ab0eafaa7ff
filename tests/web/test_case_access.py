"""Restricted cases through the pages: reported, seen, changed, opened again, and hidden."""

import re
from dataclasses import replace

import pytest

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.services.caught_mail import list_caught_mail
from breachdesk.services.incidents import Report, open_incident
from breachdesk.services.sending import deliver_due
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.web.reading import form_of, plain

NEW = "/organisations/GIR/incidents/new"
REPORT = {
    "description": "Un collègue a copié la base des clients",
    "noticed_at": "2026-03-02T09:30",
    "is_restricted": "y",
}
# A form's, which is another for each sign-in: signed, with the second it was made.
TOKEN = r"[\w-]+\.[\w-]{6}\.[\w-]{27}"
REASON = "Le rapport met en cause un collègue."


@pytest.fixture(autouse=True)
def _organisation(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


def ids_of(app, *roles):
    with at_desk(app) as work:
        return [cases.seat(work, role).user.id for role in roles]


def report_restricted(app, reporter, *roles):
    """Report through the page; the reference."""
    answer = reporter.post(NEW, data=REPORT | {"named": ids_of(app, *roles)})
    assert answer.status_code == 302, plain(answer.text)
    return re.search(r"GIR-2026-\w+", answer.location)[0]


def restrict(app, visitor, reference, *roles, **more):
    """Restrict a case through its page."""
    address = f"/incidents/{reference}/access"
    sent = form_of(visitor.get(address).text) | {"named": ids_of(app, *roles)} | more
    return visitor.post(address, data=sent)


# --- Reporting -------------------------------------------------------------------------------


def test_the_form_proposes_the_dpo_and_a_usual_report_is_open_to_all(app, as_role):
    reporter = as_role(Role.REPORTER)

    boxes = re.findall(r'<input checked[^>]*name="named"[^>]*value="(\d+)"', reporter.get(NEW).text)
    sent = REPORT | {"named": boxes}
    del sent["is_restricted"]
    opened = reporter.post(NEW, data=sent)

    assert [int(person) for person in boxes] == ids_of(app, Role.DPO)
    assert opened.location == "/incidents/GIR-2026-0001/report"
    with at_desk(app) as work:
        assert not cases.incident(work, "GIR-2026-0001").is_restricted


def test_a_restricted_report_has_no_number_and_its_reporter_follows_it(app, as_role):
    reporter = as_role(Role.REPORTER)

    reference = report_restricted(app, reporter, Role.DPO)

    assert re.fullmatch(r"GIR-2026-[A-Z][A-Z0-9]{4}", reference)
    page = plain(reporter.get(f"/incidents/{reference}/report").text)
    assert "Reçu." in page
    assert reference in reporter.get("/organisations/GIR").text
    assert reporter.get(f"/incidents/{reference}").location == f"/incidents/{reference}/report"


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        pytest.param((), "au moins un délégué", id="nobody"),
        pytest.param((Role.HANDLER,), "au moins un délégué", id="nobody who leads"),
        pytest.param((Role.DPO, Role.MANAGER), "ne peut pas lire", id="not one of those proposed"),
    ],
)
def test_a_report_is_kept_only_to_people_who_can_lead_it(app, as_role, roles, said):
    page = as_role(Role.REPORTER).post(NEW, data=REPORT | {"named": ids_of(app, *roles)})

    assert page.status_code == 422
    assert said in plain(page.text)
    assert REPORT["description"] in page.text
    assert '<details class="fold flow" open>' in page.text


def test_a_member_of_the_team_who_is_not_named_reads_their_own_report_alone(app, as_role):
    handler = as_role(Role.HANDLER)

    reference = report_restricted(app, handler, Role.DPO)

    assert handler.get(f"/incidents/{reference}").location == f"/incidents/{reference}/report"
    assert handler.get(f"/incidents/{reference}/report").status_code == 200
    for rest in ("facts", "journal", "attachments", "dossiers", "qualification", "access"):
        assert handler.get(f"/incidents/{reference}/{rest}").status_code == 404, rest
    assert reference not in handler.get("/organisations/GIR/register").text


# --- Who is not named ------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(ORGANISATION_ROLES) - {Role.DPO, Role.REPORTER}))
def test_nobody_else_is_told_by_a_list_a_search_or_a_count(app, client, sign_in, role):
    with at_desk(app) as work:
        cases.open_case(work, now=MONDAY_NINE)
    everybody_else = {}
    for when in ("before", "after"):
        visitor = sign_in(app.test_client(), address_of(role))
        everybody_else[when] = [
            re.sub(TOKEN, "", visitor.get(page).text)
            for page in (
                "/organisations/GIR",
                "/organisations/GIR/register",
                "/organisations/GIR/register?text=coll",
                "/organisations/GIR/register?clock=running&sort=due_at",
            )
        ]
        if when == "before":
            reporter = sign_in(client, address_of(Role.REPORTER))
            hidden = report_restricted(app, reporter, Role.DPO)

    # Not one character of any page has changed.
    assert everybody_else["before"] == everybody_else["after"]
    visitor = sign_in(app.test_client(), address_of(role))
    unknown = visitor.get("/incidents/GIR-2026-ZZZZZ")
    refused = visitor.get(f"/incidents/{hidden}")
    assert refused.status_code == unknown.status_code == 404
    said = re.sub(TOKEN, "", refused.text).replace(hidden, "X")
    assert said == re.sub(TOKEN, "", unknown.text).replace("GIR-2026-ZZZZZ", "X")


def test_the_dpo_who_is_named_finds_it_marked_everywhere(app, client, sign_in):
    reference = report_restricted(app, sign_in(client, address_of(Role.REPORTER)), Role.DPO)
    dpo = sign_in(app.test_client(), address_of(Role.DPO))

    for page in (
        "/organisations/GIR",
        "/due",
        "/organisations/GIR/register?text=coll",
        f"/incidents/{reference}",
        f"/incidents/{reference}/facts",
    ):
        shown = dpo.get(page).text
        assert reference in shown, page
        assert "Restreint" in shown, page


# --- Who sees it, and changing that ----------------------------------------------------------


def test_the_page_of_an_open_case_says_who_sees_it_and_why(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)

    dpo = as_role(Role.DPO)
    page = plain(dpo.get(f"/incidents/{reference}/access").text)

    assert "Ce dossier est ouvert" in page
    assert page.count("Son rôle lit tous les dossiers") == 5
    assert "Restreint" not in dpo.get(f"/incidents/{reference}").text


def test_a_case_is_restricted_named_in_and_opened_again(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    dpo = as_role(Role.DPO)
    access = f"/incidents/{reference}/access"

    assert restrict(app, dpo, reference, Role.DPO, reason=REASON).location == access
    restricted = plain(dpo.get(access).text)
    restrict(app, dpo, reference, Role.DPO, Role.HANDLER)
    more = plain(dpo.get(access).text)
    asked = plain(dpo.get(f"{access}/opening").text)
    without = dpo.post(f"{access}/opening", data={"reason": ""})
    opened = dpo.post(f"{access}/opening", data={"reason": REASON}, follow_redirects=True)
    journal = plain(dpo.get(f"/incidents/{reference}/journal").text)

    assert "une personne désignée le voit" in restricted
    assert "Les 4 autres personnes" in restricted
    assert re.search(r"Désignation par Dpo GIR, le <time[^>]*>02/03/2026", restricted)
    assert "2 personnes désignées le voient" in more
    assert "3 personnes de plus verront ce dossier" in asked
    assert "Manager GIR" in asked
    assert without.status_code == 422
    assert "Ce dossier est ouvert" in plain(opened.text)
    assert journal.count(REASON) == 2
    for said in ("réservé aux personnes désignées : 1", "Personne désignée", "ouvert à nouveau"):
        assert said in journal
    assert dpo.get(f"{access}/opening").location == access


def test_whoever_does_not_name_themselves_is_shown_it_no_more(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    dpo = as_role(Role.DPO)

    answer = restrict(app, dpo, reference, Role.DECIDER)

    assert answer.location == "/organisations/GIR"
    assert "ne vous est plus montré" in plain(dpo.get(answer.location).text)
    assert dpo.get(f"/incidents/{reference}").status_code == 404


def test_a_choice_that_leaves_nobody_to_lead_is_refused_beside_it(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    dpo = as_role(Role.DPO)

    page = restrict(app, dpo, reference, Role.MANAGER, reason=REASON)

    assert page.status_code == 422
    assert "au moins un délégué" in plain(page.text)
    assert REASON in page.text
    assert dpo.get(f"/incidents/{reference}").status_code == 200


def test_two_leads_at_once_do_not_undo_each_other(app, as_role):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    dpo = as_role(Role.DPO)
    restrict(app, dpo, reference, Role.DPO, Role.DECIDER)

    stale = restrict(app, dpo, reference, Role.DPO, seen="")

    assert stale.location == f"/incidents/{reference}/access"
    page = plain(dpo.get(stale.location).text)
    assert "changé entre-temps" in page
    assert "2 personnes désignées" in page


def test_a_step_waits_for_named_people_alone_or_for_somebody_to_name(app, client, sign_in):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
    dpo = sign_in(client, address_of(Role.DPO))
    open_to_all = plain(dpo.get(f"/incidents/{reference}").text)
    restrict(app, dpo, reference, Role.DPO, Role.HANDLER)
    without = plain(dpo.get(f"/incidents/{reference}").text)
    decision = plain(dpo.get(f"/incidents/{reference}/decision").text)
    restrict(app, dpo, reference, Role.DPO, Role.DECIDER)
    named = plain(dpo.get(f"/incidents/{reference}").text)

    assert "En attente de : Decider GIR." in open_to_all
    assert "En attente de : quelqu’un à désigner (Décideur)." in without
    assert "En attente de" in decision
    assert "Decider GIR" not in decision
    assert "En attente de : Decider GIR." in named


# --- The mail of an example organisation -----------------------------------------------------


def test_mail_about_a_restricted_case_is_shown_to_those_alone_who_may_know_of_it(app, sign_in):
    with at_desk(app) as work:
        cases.make_organisation(work, "EXA", now=MONDAY_NINE, is_example=True)
        shown = cases.open_case(work, now=MONDAY_NINE, code="EXA", by=Role.REPORTER)
        handler, dpo = (cases.seat(work, role, "EXA") for role in (Role.HANDLER, Role.DPO))
        report = Report("Un collègue", MONDAY_NINE, named=frozenset({dpo.user.id}))
        hidden = open_incident(
            work.session, work.desk, report, by=handler, now=MONDAY_NINE
        ).reference
        with app.extensions["catcher"] as catcher:
            desk = replace(work.desk.with_catcher(catcher.host, catcher.port), mailer=SmtpMailer())
            deliver_due(work.session, desk, worker="test", clock=lambda: MONDAY_NINE)
        work.session.rollback()
        caught = list_caught_mail(work.session, work.desk, dpo)
        about = {message.id for message in caught.messages if hidden in message.subject}
        to_handler = [message for message in caught.messages if handler.user.email in message.to]

    seen = {}
    for role in (Role.DPO, Role.HANDLER, Role.ADMIN):
        visitor = sign_in(app.test_client(), address_of(role, "EXA"))
        page = visitor.get("/organisations/EXA/messages").text
        seen[role] = {message.id for message in caught.messages if message.id in page}
        assert (hidden in page) == (role is not Role.ADMIN)
        assert shown in page
        for message in about:
            answer = visitor.get(f"/organisations/EXA/messages/{message}")
            assert answer.status_code == (200 if message in seen[role] else 404)

    # The plan of the clock to the DPO, the receipt of the handler who reported it.
    assert len(about) == 2
    assert len(seen[Role.DPO]) == caught.total
    assert len(seen[Role.ADMIN]) == caught.total - 2
    assert {message.id for message in to_handler} <= seen[Role.HANDLER]
    assert len(seen[Role.HANDLER]) == caught.total - 1
