"""Looking at recipients: paged, found by their address, exported; every look in the journal."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Recipient
from breachdesk.services.journal import journal_of
from breachdesk.services.recipient_people import EXPORT_BATCH, PER_PAGE
from breachdesk.services.sending import deliver_due
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.queries import counted_queries
from tests.web.reading import plain

ELISE, NOE = "elise.garnier@client.example", "noe.vidal@client.example"
HOSTILE = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def reference(app):
    """A communication approved, with two recipients."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, reference, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, reference, now=MONDAY_NINE)
        cases.assess(work, reference, now=MONDAY_NINE)
        cases.advise(work, reference, now=MONDAY_NINE)
        cases.decide(work, reference, now=MONDAY_NINE)
        cases.draft_notice(work, reference, now=MONDAY_NINE)
        add(work, reference, cases.RECIPIENTS)
        cases.approve_notice(work, reference, now=MONDAY_NINE)
        return reference


def add(work, reference, content):
    kept = cases.upload_recipients(work, reference, content, now=MONDAY_NINE)
    cases.confirm_recipients(work, reference, kept, now=MONDAY_NINE)


def many(count):
    rows = "".join(f"Personne {n};p{n}@client.example\n" for n in range(count))
    return f"Nom;Courriel\n{rows}".encode()


def people(reference):
    return f"/incidents/{reference}/communication/recipients/people"


def looks(app, reference):
    """The journal's lines about recipients: who, what, with what."""
    with at_desk(app) as work:
        return [
            (line.actor.name, line.code, line.parameters)
            for line in journal_of(work.session, cases.incident(work, reference))
            if line.code in ("recipients_seen", "recipients_exported", "case_read")
        ]


# --- The list --------------------------------------------------------------------------------


def test_the_list_says_what_became_of_each_message_and_the_look_is_journaled(
    app, as_role, mailer, reference
):
    with at_desk(app) as work:
        cases.start_sending(work, reference, now=MONDAY_NINE)
        mailer.answer_with(NOE, Answer(Outcome.PERMANENT, 550, "5.1.1 No such user"))
        desk = replace(work.desk, mail_server=MailServer("mail.example", 25))
        deliver_due(work.session, desk, worker="w", clock=lambda: MONDAY_NINE)
    dpo = as_role(Role.DPO)

    page = plain(dpo.get(people(reference)).text)
    refused = plain(dpo.get(f"{people(reference)}?state=refused").text)

    for said in ("Élise Garnier", ELISE, "Remis au serveur", "Refusé", "550", "No such user"):
        assert said in page
    assert NOE in refused
    assert ELISE not in refused
    assert looks(app, reference) == [
        ("Dpo GIR", "recipients_seen", {"count": 2, "page": 1}),
        ("Dpo GIR", "recipients_seen", {"count": 1, "page": 1}),
    ]


def test_before_the_sending_it_says_so(as_role, reference):
    assert plain(as_role(Role.HANDLER).get(people(reference)).text).count("Pas encore envoyé") == 2


def test_an_address_is_found_exactly_in_whatever_case_and_stands_in_no_url(app, as_role, reference):
    dpo = as_role(Role.DPO)

    found = dpo.post(people(reference), data={"address": f" {ELISE.upper()} "})
    alike = plain(dpo.post(people(reference), data={"address": "elise@client.example"}).text)
    broken = dpo.post(people(reference), data={"address": "x@é..é"})
    nothing = dpo.post(people(reference), data={"address": ""})

    assert "Élise Garnier" in found.text
    assert NOE not in found.text
    assert "Personne n’a exactement cette adresse" in alike
    assert broken.status_code == 200
    assert nothing.status_code == 422
    assert [look[2] for look in looks(app, reference)] == [{"count": 1}, {"count": 0}, {"count": 0}]
    # A GET with the address shows the list, and searches for nothing.
    assert NOE in dpo.get(f"{people(reference)}?address={ELISE}").text


def test_a_long_list_is_paged_and_costs_as_many_queries_as_a_short_one(app, as_role, reference):
    dpo = as_role(Role.DPO)
    dpo.get(people(reference))
    with counted_queries(app) as few:
        dpo.get(people(reference))
    with at_desk(app) as work:
        add(work, reference, many(120))

    with counted_queries(app) as queries:
        page = plain(dpo.get(f"{people(reference)}?page=2").text)

    assert len(queries) == len(few)
    assert "Page 2 sur 3" in page
    assert page.count("@client.example</span>") == PER_PAGE
    assert "p47@client.example" not in page
    assert "p48@client.example" in page
    assert dpo.get(f"{people(reference)}?page=99999").status_code == 200


def test_a_recipient_sealed_under_another_key_does_not_hide_the_others(app, as_role, reference):
    with at_desk(app) as work:
        lost = work.session.query(Recipient).order_by(Recipient.id).first()
        lost.sealed = b"not ours at all, but long enough"
        work.session.commit()

    page = plain(as_role(Role.DPO).get(people(reference)).text)

    assert "Illisible avec la clé" in page
    assert NOE in page


def test_an_auditor_looks_but_does_not_export_and_a_manager_does_neither(app, client, sign_in):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)
    auditor = sign_in(app.test_client(), address_of(Role.AUDITOR))
    manager = sign_in(client, address_of(Role.MANAGER))
    export = people(reference).replace("people", "export")

    assert "Personne n’est encore destinataire" in plain(auditor.get(people(reference)).text)
    assert auditor.post(export).status_code == 403
    assert manager.get(people(reference)).status_code == 403
    assert [look[1] for look in looks(app, reference)] == ["case_read"]


# --- The file --------------------------------------------------------------------------------


def test_the_file_holds_everybody_as_text_and_is_journaled_before_it_leaves(
    app, as_role, reference
):
    hostile = f'Nom;Courriel\n"{HOSTILE.replace(chr(34), chr(34) * 2)}";a@client.example\n'
    with at_desk(app) as work:
        add(work, reference, hostile.encode())
        add(work, reference, many(EXPORT_BATCH + 10))
    total = 2 + 1 + EXPORT_BATCH + 10

    answer = as_role(Role.DPO).post(people(reference).replace("people", "export"))

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{reference}-destinataires.csv"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 1 + total
    assert rows[1][:3] == ["Élise Garnier", ELISE, ""]
    assert f"'{HOSTILE}" in [row[0] for row in rows]
    assert looks(app, reference) == [("Dpo GIR", "recipients_exported", {"count": total})]


def test_there_is_no_file_without_recipients(app, as_role):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        reference = cases.open_case(work, now=MONDAY_NINE)

    answer = as_role(Role.DPO).post(people(reference).replace("people", "export"))

    assert answer.status_code == 409
    assert looks(app, reference) == []


# --- The preview of a list -------------------------------------------------------------------


def test_the_preview_of_a_list_is_noted_once_for_each_person(app, client, sign_in, reference):
    with at_desk(app) as work:
        first, second = (
            cases.upload_recipients(work, reference, many(3), now=MONDAY_NINE) for _ in range(2)
        )
    base = people(reference).removesuffix("people")
    for role in (Role.DPO, Role.HANDLER):
        visitor = sign_in(app.test_client(), address_of(role))
        for kept in (first, first, second):
            assert visitor.get(f"{base}{kept}").status_code == 200

    assert looks(app, reference) == [
        (name, "recipients_seen", {"count": 3, "list": kept})
        for name in ("Dpo GIR", "Handler GIR")
        for kept in (first, second)
    ]


# --- Who it is is asked again ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        pytest.param(Role.DPO, "POST", "/communication/recipients/export", id="the export"),
        pytest.param(Role.DPO, "POST", "/communication/sending", id="the sending"),
        pytest.param(Role.DPO, "POST", "/communication/approval", id="the approval"),
        pytest.param(Role.HANDLER, "POST", "/dossiers", id="making a dossier"),
        pytest.param(Role.HANDLER, "GET", "/dossiers/1.pdf", id="downloading one"),
    ],
)
def test_an_hour_after_the_sign_in_who_it_is_is_asked_again(
    app, as_role, clock, reference, role, method, path
):
    visitor = as_role(role)
    for _ in range(4):
        clock.now += timedelta(minutes=20)
        assert visitor.get(f"/incidents/{reference}").status_code == 200

    asked = visitor.open(f"/incidents/{reference}{path}", method=method)

    assert asked.status_code in (302, 303)
    assert asked.location.startswith("/confirm")
    assert looks(app, reference) == []


def test_the_export_asked_for_before_the_proof_is_made_after_it(app, as_role, clock, reference):
    dpo = as_role(Role.DPO)
    for _ in range(4):
        clock.now += timedelta(minutes=20)
        dpo.get(f"/incidents/{reference}")
    export = people(reference).replace("people", "export")

    asked = dpo.post(export)
    wrong = dpo.post(asked.location, data={"password": "treize cerises vertes"})
    proven = dpo.post(asked.location, data={"password": cases.PASSWORD})
    offered = dpo.get(proven.location).text
    kept = dict(re.findall(r'name="(kept_form)" value="(\d+)"', offered))
    answer = dpo.post(export, data=kept)

    assert wrong.status_code == 422
    assert f'action="{export}"' in offered
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert looks(app, reference) == [("Dpo GIR", "recipients_exported", {"count": 2})]
