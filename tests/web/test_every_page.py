"""What holds for every page: sign-in, one's own organisation, forgery checks, escaping.

The addresses are taken from the application's URL map: a page added tomorrow is walked too.
"""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import BuildError, Rule

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.facts import Section
from breachdesk.domain.sign_in import SignInMethod
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import User
from breachdesk.services.calendar_feeds import feeds_of, make_feed
from breachdesk.services.caught_mail import list_caught_mail
from breachdesk.services.clock_changes import refuse
from breachdesk.services.duty import add_shift, record_absence
from breachdesk.services.invitations import Guest, invite
from breachdesk.services.kept_forms import keep_form
from breachdesk.services.organisations import NewPerson, add_user
from breachdesk.services.processor_links import find_link
from breachdesk.services.sending import deliver_due
from breachdesk.services.sessions import begin_session, sessions_of
from breachdesk.web.security import PUBLIC_ENDPOINTS
from tests import cases, outside
from tests.cases import MONDAY_NINE, PASSWORD, at_desk
from tests.sample_single_sign_on import link_to_provider
from tests.services.factors import enrol_passkey

# Whatever is added here can be read, or posted to, by anybody.
OPEN_TO_ALL = {
    "static",
    "language.choose",
    "sign_in.form",
    "sign_in.submit",
    "password.forgotten",
    "password.ask",
    "password.choose",
    "password.reset",
    "second_step.form",
    "second_step.submit",
    "second_step.recover",
    "second_step.options",
    "second_step.verify",
    "second_step.passkey_options",
    "second_step.passkey",
    "setup.form",
    "setup.create",
    "setup.example",
    "joining.form",
    "joining.accept",
    "joining.identify",
    "joining.leave",
    "single_sign_on.form",
    "single_sign_on.submit",
    "single_sign_on.start",
    "single_sign_on.callback",
    "public_report.form",
    "public_report.back",
    "public_report.own",
    "public_report.leave",
    "processor_report.form",
    "acknowledging.show",
    "acknowledging.confirm",
    "calendar_feeds.feed",
    "health.process",
    "health.ready",
}
HOSTILE = (
    "<script>alert(1)</script>\"><img src=x onerror=alert(2)>' {{ 7*7 }} %(name)s "
    "« citation » 🎉👨‍👩‍👧 \u202eetirdne\u202c مرحبا بالعالم &amp; </textarea></title>\n"
)
LONG = HOSTILE + "Très long récit. " * 600


def rules(app: Flask, method: str) -> list[Rule]:
    """The addresses that take a method, the public ones left out."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint not in OPEN_TO_ALL
    ]


def addresses(app: Flask, method: str, **known: object) -> list[str]:
    """Every address with real values in it; a section stands for all of them."""
    found = []
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in rules(app, method):
            sections = list(Section) if "section" in rule.arguments else [None]
            for section in sections:
                values = {name: known.get(name, section) for name in rule.arguments}
                try:
                    found.append(adapter.build(rule.endpoint, values, method))
                except BuildError:
                    pytest.fail(f"The test knows no value for {rule}: add it to `walked`.")
    return found


def add_person_of_all_roles(work, code):
    """Somebody who may do everything in one organisation, and nothing elsewhere."""
    email = f"tout@{code.lower()}.example"
    person = NewPerson("Tout le monde", email, frozenset(ORGANISATION_ROLES), PASSWORD)
    add_user(work.session, cases.organisation(work, code), person, now=MONDAY_NINE)
    return email


def catch_mail(app, work):
    """Let the example's mail leave to its catcher; the id of one message."""
    with app.extensions["catcher"] as catcher:
        desk = replace(work.desk.with_catcher(catcher.host, catcher.port), mailer=SmtpMailer())
        deliver_due(work.session, desk, worker="test", clock=lambda: MONDAY_NINE)
        work.session.rollback()
    return list_caught_mail(work.session, work.desk, cases.seat(work, Role.DPO)).messages[0].id


ANOTHERS = re.compile(
    r"/account/(second-factor/passkeys|sessions|calendar)/\d|/continue/\d|/installation"
)


def is_anothers(url):
    """Whether an address names what is one person's alone: `walked` has it of somebody else."""
    return ANOTHERS.match(url) is not None


def is_own(url):
    """Whether an address shows everybody what is theirs."""
    is_there = url in ("/", "/sign-out", "/due", "/verify") or url.startswith(
        ("/account", "/confirm")
    )
    return is_there and not is_anothers(url)


def a_link(work):
    """The id of a link for a processor."""
    return find_link(work.session, outside.invite(work, now=MONDAY_NINE)).id


def away_and_on_duty(work):
    """The ids of an absence and of a shift, of the handler."""
    day, by = MONDAY_NINE.date(), cases.seat(work, Role.DPO)
    person = cases.seat(work, Role.HANDLER).user.id
    shared = {"user_id": person, "by": by, "now": MONDAY_NINE}
    absence = record_absence(
        work.session, deputy_id=None, starts_on=day, ends_on=day + timedelta(days=1), **shared
    )
    ends_at = MONDAY_NINE + timedelta(days=1)
    shift = add_shift(work.session, starts_at=MONDAY_NINE, ends_at=ends_at, **shared)
    return {"absence_id": absence.id, "shift_id": shift.id}


def an_invitation(work, name="Zoé Arnaud"):
    """The id of an invitation that nobody has accepted."""
    guest = Guest(name, "zoe@gir.example", ["handler"])
    by = cases.seat(work, Role.ADMIN)
    return invite(work.session, work.desk, guest, by=by, now=MONDAY_NINE).invitation.id


def a_session(work):
    """The id of a sign-in of the DPO."""
    user = cases.seat(work, Role.DPO).user
    begin_session(work.session, user, method=SignInMethod.PASSWORD, now=MONDAY_NINE)
    return sessions_of(work.session, user, now=MONDAY_NINE)[0].id


def a_feed(work):
    """The id of an address for a calendar of the DPO."""
    user = cases.seat(work, Role.DPO).user
    make_feed(work.session, work.desk, user, now=MONDAY_NINE)
    return feeds_of(work.session, user)[0].id


def a_kept_form(work):
    """The id of a form that the DPO sent too late."""
    author = cases.seat(work, Role.DPO).user.id
    kept = {"path": "/organisations/GIR", "fields": [("x", "1")], "files": []}
    return keep_form(work.session, work.desk, author, now=MONDAY_NINE, **kept)


def a_passkey(work):
    """The id of a passkey of the DPO: nobody else's page shows it."""
    # Made as if the desk had a name: browsers take none at an address in figures.
    named = replace(work, desk=replace(work.desk, public_url="https://desk.example"))
    _, passkey = enrol_passkey(named, cases.seat(work, Role.DPO).user, now=MONDAY_NINE)
    return passkey.id


@pytest.fixture
def walked(app):
    """A whole case in the example organisation: a real value for every part of an address."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, is_example=True)
        add_person_of_all_roles(work, "GIR")
        full = cases.full_case(work, now=MONDAY_NINE)
        return {
            "code": "GIR",
            "reference": full.reference,
            "attachment_id": full.attachment_id,
            "clock_id": cases.start_clock(
                work, full.reference, "insurance_complaint", now=MONDAY_NINE
            ),
            "regime": "gdpr_follow_up",
            "import_id": full.import_id,
            "number": full.dossier_number,
            "version": full.assessment_version,
            "which": "first",
            "message_id": catch_mail(app, work),
            "link_id": a_link(work),
            **away_and_on_duty(work),
            "passkey_id": a_passkey(work),
            "session_id": a_session(work),
            "form_id": a_kept_form(work),
            "feed_id": a_feed(work),
            "user_id": cases.seat(work, Role.HANDLER).user.id,
            "invitation_id": an_invitation(work),
            "identity_id": link_to_provider(
                work, cases.seat(work, Role.DPO).user, "GIR", now=MONDAY_NINE
            ),
        }


# --- Sign-in ---------------------------------------------------------------------------------


def test_the_list_of_public_pages_is_the_one_agreed():
    assert PUBLIC_ENDPOINTS == OPEN_TO_ALL


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_other_page_demands_sign_in(app, client, walked, method):
    answers = {url: client.open(url, method=method) for url in addresses(app, method, **walked)}

    assert len(answers) > 10
    for url, answer in answers.items():
        assert answer.status_code == 302, url
        assert answer.location.startswith("/sign-in"), url


# --- One organisation never sees another's ---------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_person_of_a_second_organisation_gets_404_on_every_page_of_the_first(
    app, client, sign_in, walked, method
):
    with at_desk(app) as work:
        cases.make_organisation(work, "VID", now=MONDAY_NINE)
        stranger = add_person_of_all_roles(work, "VID")
    sign_in(client, stranger)

    for url in addresses(app, method, **walked):
        if not is_own(url):
            assert client.open(url, method=method).status_code == 404, url


def test_to_a_person_of_the_first_organisation_every_page_is_there(app, client, sign_in, walked):
    sign_in(client, "tout@gir.example")

    for url in addresses(app, "GET", **walked):
        # Of another person, whoever of the organisation it is, or the operator's.
        expected = (404,) if is_anothers(url) else (200, 302)
        assert client.get(url).status_code in expected, url


# --- Forgery ---------------------------------------------------------------------------------


def test_every_post_without_its_token_is_400(app, client, sign_in, walked):
    sign_in(client, "tout@gir.example")
    app.config["WTF_CSRF_ENABLED"] = True

    for url in [*addresses(app, "POST", **walked), "/sign-in", "/setup/x", "/setup/x/example"]:
        answer = client.post(url, data={"description": "x"})
        assert answer.status_code == 400, url
        assert "<h1>" in answer.text, url


# --- What people type ------------------------------------------------------------------------


def test_what_people_type_is_escaped_on_every_page(app, client, sign_in):
    with at_desk(app) as work:
        name = HOSTILE[:150]
        cases.make_organisation(work, now=MONDAY_NINE, contact_name=name, address=HOSTILE)
        email = add_person_of_all_roles(work, "GIR")
        reference = cases.open_case(work, now=MONDAY_NINE, description=LONG)
        texts = ("system", "discovery", "measures_taken", "data_details", "processors_involved")
        cases.know(work, reference, now=MONDAY_NINE, **dict.fromkeys(texts, HOSTILE))
        number = cases.attach(work, reference, f"{HOSTILE[:80]}.txt", b"x", now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE, reason=HOSTILE)
        version = cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE, reason=HOSTILE)
        cases.decide(work, reference, now=MONDAY_NINE, reason=HOSTILE)
        parts = replace(cases.COMPLETE_PARTS, nature=HOSTILE, contact=HOSTILE + "a@b.example")
        cases.draft_notice(work, reference, now=MONDAY_NINE, parts=parts, subject=HOSTILE[:140])
        header = f'Nom;Courriel\n"{HOSTILE[:60].replace(chr(34), "")}";a@b.example\n;faux<b>\n'
        import_id = cases.upload_recipients(work, reference, header.encode(), now=MONDAY_NINE)
        author = work.session.query(User).filter_by(email=email).one().id
        kept = {"path": f"/x?{HOSTILE}", "fields": [(HOSTILE, LONG)], "files": [HOSTILE]}
        form_id = keep_form(work.session, work.desk, author, now=MONDAY_NINE, **kept)
        invitation_id = an_invitation(work, HOSTILE[:150])
        clock_id = cases.start_clock(work, reference, "insurance_complaint", now=MONDAY_NINE)
        refuse(
            work.session,
            cases.incident(work, reference),
            "quebec_cai",
            reason=HOSTILE,
            by=cases.seat(work, Role.HANDLER),
            now=MONDAY_NINE,
        )
        handler = cases.seat(work, Role.HANDLER).user
        handler.name = HOSTILE[:150]
        work.session.commit()
        user_id = handler.id
    known = {
        "user_id": user_id,
        "invitation_id": invitation_id,
        "code": "GIR",
        "reference": reference,
        "attachment_id": number,
        "import_id": import_id,
        "number": 1,
        "version": version,
        "message_id": "x",
        "form_id": form_id,
        "passkey_id": 1,
        "which": "first",
        "absence_id": 1,
        "shift_id": 1,
        "clock_id": clock_id,
        "regime": "gdpr_follow_up",
    }
    sign_in(client, email)
    shown = 0

    for url in addresses(app, "GET", **known):
        answer = client.get(url)
        if answer.mimetype != "text/html":
            continue
        shown += "&lt;script&gt;" in answer.text
        assert answer.status_code in (200, 302, 404), url
        assert "<script>alert" not in answer.text, url
        assert "<img src=x" not in answer.text, url
        assert "<b>" not in answer.text, url
        assert len(answer.data) < 100_000, url
    assert shown > 10


# --- Every page ------------------------------------------------------------------------------


def test_every_page_has_one_heading_that_its_title_repeats_and_nothing_inline(
    app, client, sign_in, walked
):
    sign_in(client, "tout@gir.example")

    for url in addresses(app, "GET", **walked):
        answer = client.get(url)
        if answer.mimetype != "text/html" or "<html" not in answer.text:
            continue
        if answer.status_code == 302:
            continue
        headings = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.S)
        title = re.search(r"<title>(.*?) · breachdesk</title>", answer.text, re.S)
        assert len(headings) == 1, url
        assert title is not None, url
        assert title[1].split() == headings[0].split(), url
        assert answer.text.count("button--primary") <= 1, url
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text), url
        assert answer.headers["Cache-Control"] == "no-store", url
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], url


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/incidents/GIR-2026-9999", id="no such case"),
        pytest.param("/incidents/" + quote("<script>alert(1)</script>"), id="not a reference"),
        pytest.param("/nowhere", id="no such page"),
        pytest.param("/organisations/XYZ/register", id="no such organisation"),
    ],
)
def test_an_unknown_address_gives_a_page_that_helps(client, sign_in, walked, path):
    sign_in(client, "tout@gir.example")

    page = client.get(path)

    assert page.status_code == 404
    assert "Que faire" in page.text
    assert "GIR-2026-0007" in page.text
    assert "<script>alert" not in page.text
    assert 'href="/organisations/GIR"' in page.text
