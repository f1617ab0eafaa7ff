"""The communication to data subjects, from its first draft to its last delivery."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from breachdesk.domain.access import Role
from breachdesk.domain.deliveries import DeliveryState
from breachdesk.domain.lifecycle import Communicate
from breachdesk.domain.notices import NoticeParts
from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.mailer import MailServer
from breachdesk.models import Delivery, NoticeApproval, RecipientImport
from breachdesk.services.cases import case_of
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.cases import COMPLETE_PARTS, MONDAY_NINE, at_desk
from tests.web.reading import plain, queries_of

HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'
SERVER = MailServer("mail.example", 25, "", "", "none")


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


@pytest.fixture
def ready(app, reference) -> str:
    """The same with its message approved and two recipients."""
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE)
        imported = cases.upload_recipients(work, reference, now=MONDAY_NINE)
        cases.confirm_recipients(work, reference, imported, now=MONDAY_NINE)
        cases.approve_notice(work, reference, now=MONDAY_NINE)
    return reference


def form_of(parts: NoticeParts, *, seen: int = 0, subject: str = "Vos données") -> dict[str, str]:
    texts = {f"part_{name}": text for name, text in parts.as_record().items()}
    return {**texts, "subject": subject, "locale": "fr", "seen_version": str(seen)}


def url(reference: str, page: str = "") -> str:
    return f"/incidents/{reference}/communication{page}"


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" type="hidden" value="([^"]*)"', page)
    assert found, name
    return found[1]


# --- Drafting --------------------------------------------------------------------------------


def test_the_first_visit_proposes_a_text_built_from_the_case(as_role, reference):
    page = as_role(Role.HANDLER).get(url(reference))

    assert page.status_code == 200
    assert "votre nom et votre prénom" in page.text
    assert "donnees@gir.example" in page.text
    assert "Cette communication est due" in page.text


def test_an_incomplete_text_is_kept_and_what_it_lacks_is_listed(as_role, reference):
    client = as_role(Role.HANDLER)
    form = form_of(replace(COMPLETE_PARTS, measures="", contact="au magasin"))

    saved = client.post(url(reference), data=form, follow_redirects=True)

    assert saved.request.path == url(reference)
    assert 'href="#part_measures"' in saved.text
    assert 'href="#part_contact"' in saved.text
    assert 'href="#part_nature"' not in saved.text
    assert "au magasin" in saved.text


def test_a_complete_text_leads_to_its_recipients(as_role, reference):
    saved = as_role(Role.HANDLER).post(url(reference), data=form_of(COMPLETE_PARTS))

    assert saved.location.endswith("/communication/recipients")


def test_a_text_without_subject_is_refused_and_nothing_typed_is_lost(as_role, reference):
    answer = as_role(Role.HANDLER).post(url(reference), data=form_of(COMPLETE_PARTS, subject=" "))

    assert answer.status_code == 422
    assert "Donnez un objet au message." in answer.text
    assert COMPLETE_PARTS.consequences in answer.text


def test_a_text_too_long_is_refused_at_its_part(as_role, reference):
    parts = replace(COMPLETE_PARTS, data="x" * 5001)

    answer = as_role(Role.HANDLER).post(url(reference), data=form_of(parts))

    assert answer.status_code == 422
    assert 'id="part_data-fault"' in answer.text


def test_the_second_of_two_writers_sees_the_other_text_and_loses_nothing(app, as_role, reference):
    with at_desk(app) as work:
        theirs = replace(COMPLETE_PARTS, nature="Un texte écrit entre-temps par le collègue.")
        cases.draft_notice(work, reference, now=MONDAY_NINE, parts=theirs, by=Role.DPO)
    client = as_role(Role.HANDLER)
    mine = replace(COMPLETE_PARTS, nature="Ma propre version de ce qui s’est passé.")

    refused = client.post(url(reference), data=form_of(mine, seen=0))

    assert refused.status_code == 409
    assert theirs.nature in refused.text
    assert mine.nature in refused.text
    again = client.post(
        url(reference), data=form_of(mine, seen=int(hidden(refused.text, "seen_version")))
    )
    assert again.status_code == 302


def test_somebody_who_only_reads_is_shown_the_mail_and_cannot_write(app, as_role, reference):
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE)
    client = as_role(Role.AUDITOR)

    assert client.get(url(reference)).location.endswith("/preview")
    assert COMPLETE_PARTS.nature in client.get(url(reference, "/preview")).text
    assert client.post(url(reference), data=form_of(COMPLETE_PARTS, seen=1)).status_code == 403


def test_before_the_qualification_the_page_says_what_comes_first(app, as_role, reference):
    with at_desk(app) as work:
        unqualified = cases.open_case(work, now=MONDAY_NINE)

    page = as_role(Role.DPO).get(url(unqualified))

    assert "Le message vient après la qualification" in page.text


def test_hostile_text_is_shown_as_it_was_typed(app, as_role, reference):
    with at_desk(app) as work:
        parts = NoticeParts(*[f"{HOSTILE} a@gir.example"] * 6)
        cases.draft_notice(work, reference, now=MONDAY_NINE, parts=parts, subject=HOSTILE)
    client = as_role(Role.DPO)

    for page in ("", "/preview", "/approval"):
        text = client.get(url(reference, page)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in text


# --- Approving -------------------------------------------------------------------------------


def approvals(work) -> int:
    return work.session.scalar(select(func.count()).select_from(NoticeApproval))


def test_an_incomplete_message_cannot_be_approved(app, as_role, reference):
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE, parts=NoticeParts(nature="Trop court"))
    client = as_role(Role.DPO)

    page = client.get(url(reference, "/approval"))
    answer = client.post(
        url(reference, "/approval"), data={"version_id": latest_version_id(app, reference)}
    )

    assert "Approuver ce message" not in page.text
    assert answer.status_code == 422
    with at_desk(app) as work:
        assert approvals(work) == 0


def latest_version_id(app, reference: str) -> int:
    with at_desk(app) as work:
        version = case_of(work.session, cases.incident(work, reference)).notice_version
        assert version is not None
        return version.id


def test_its_author_approves_only_with_a_reason_that_is_kept(app, as_role, reference):
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE, by=Role.DPO)
    client = as_role(Role.DPO)
    shown = client.get(url(reference, "/approval")).text
    form = {"version_id": hidden(shown, "version_id")}

    silent = client.post(url(reference, "/approval"), data=form)
    waived = client.post(
        url(reference, "/approval"),
        data={**form, "waiver_reason": "Personne d’autre n’est joignable ce soir."},
    )

    assert "Vous avez écrit ce message" in shown
    assert silent.status_code == 422
    assert waived.status_code == 302
    page = client.get(url(reference, "/approval"))
    assert "Personne d’autre n’est joignable ce soir." in page.text


def test_a_newer_wording_is_not_approved_in_place_of_the_one_read(app, as_role, reference):
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE)
    read = latest_version_id(app, reference)
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE, subject="Autre chose")

    answer = as_role(Role.DPO).post(
        url(reference, "/approval"), data={"version_id": read}, follow_redirects=True
    )

    assert "Le message a changé entre-temps" in answer.text
    with at_desk(app) as work:
        assert approvals(work) == 0


# --- Sending ---------------------------------------------------------------------------------


def test_what_stands_in_the_way_of_sending_is_said_with_its_page(app, as_role, reference):
    with at_desk(app) as work:
        cases.draft_notice(work, reference, now=MONDAY_NINE)

    page = as_role(Role.DPO).get(url(reference, "/sending"))

    assert "Le message ne peut pas encore partir" in page.text
    assert url(reference, "/recipients") in page.text
    assert url(reference, "/approval") in page.text
    assert "personnes maintenant" not in page.text


def test_the_summary_says_how_many_and_that_nothing_leaves_without_a_server(as_role, ready):
    page = plain(as_role(Role.DPO).get(url(ready, "/sending")).text)

    assert "Envoyer à 2 personnes maintenant" in page
    assert "Handler GIR" in page
    assert "Aucun serveur d’envoi n’est réglé" in page


def test_a_handler_prepares_but_does_not_send(as_role, ready):
    assert as_role(Role.HANDLER).post(url(ready, "/sending")).status_code == 403


def test_nothing_leaves_if_the_recipients_changed_since_the_summary(app, as_role, ready):
    client = as_role(Role.DPO)
    shown = client.get(url(ready, "/sending")).text
    with at_desk(app) as work:
        more = b"email\nune.autre@client.example\n"
        imported = cases.upload_recipients(work, ready, more, now=MONDAY_NINE)
        cases.confirm_recipients(work, ready, imported, now=MONDAY_NINE)

    form = {name: hidden(shown, name) for name in ("version_id", "recipients")}
    answer = client.post(url(ready, "/sending"), data=form, follow_redirects=True)

    assert "Rien n’est parti" in answer.text
    assert "Envoyer à 3 personnes maintenant" in answer.text


def test_a_message_goes_from_its_draft_to_every_answer_of_the_server(
    app, client, sign_in, mailer, clock, reference
):
    handler, dpo = (
        sign_in(app.test_client(), cases.address_of(r)) for r in (Role.HANDLER, Role.DPO)
    )
    handler.post(url(reference), data=form_of(replace(COMPLETE_PARTS, advice="")))
    handler.post(url(reference), data=form_of(COMPLETE_PARTS, seen=1))
    with at_desk(app) as work:
        rows = "".join(f"personne{n}@client.example\n" for n in range(30))
        content = f"email\n{rows}".encode()
        imported = cases.upload_recipients(work, reference, content, now=MONDAY_NINE)
    handler.post(url(reference, f"/recipients/{imported}"))
    shown = dpo.get(url(reference, "/approval")).text
    dpo.post(url(reference, "/approval"), data={"version_id": hidden(shown, "version_id")})
    shown = dpo.get(url(reference, "/sending")).text
    form = {name: hidden(shown, name) for name in ("version_id", "recipients")}
    started = dpo.post(url(reference, "/sending"), data=form)
    assert started.location.endswith("/delivery")
    mailer.answer_with(
        "personne1@client.example", Answer(Outcome.PERMANENT, 550, "5.1.1 User unknown")
    )
    mailer.answer_with(
        "personne2@client.example", Answer(Outcome.TEMPORARY, 451, "4.7.1 Greylisted")
    )

    clock.now = MONDAY_NINE + timedelta(minutes=1)
    desk = replace(app.extensions["desk"], mail_server=SERVER)
    do_round(app, desk, worker="test")
    running = plain(dpo.get(url(reference, "/delivery/counts")).text)
    clock.now += timedelta(hours=1)
    do_round(app, desk, worker="test")
    sign_in(dpo, cases.address_of(Role.DPO))
    ended = dpo.get(url(reference, "/delivery")).text

    assert 'hx-get="' in running
    assert "Réponses reçues : 29 sur 30" in running
    assert "4.7.1 Greylisted" in running
    assert "L’envoi est terminé" in ended
    assert 'hx-get="' not in ended
    assert "5.1.1 User unknown" in ended
    assert "<dt>remis au serveur</dt><dd>29</dd>" in ended
    assert "@client.example" not in ended
    communications = [m for m in mailer.letters if "client.example" in m.recipient_address]
    assert len({m.message_id for m in communications}) == len(communications) == 29


def test_what_an_example_keeps_here_is_not_said_to_be_handed_over(app, as_role, clock, ready):
    with at_desk(app) as work:
        cases.start_sending(work, ready, now=MONDAY_NINE)
        cases.incident(work, ready).organisation.is_example = True
        for mail in work.session.scalars(select(Delivery).where(Delivery.notice_id.is_not(None))):
            mail.state, mail.finished_at = DeliveryState.SENT, MONDAY_NINE
            mail.answer_code, mail.answer = 250, "Kept as 17-a"
        work.session.commit()

    page = as_role(Role.DPO).get(url(ready, "/delivery")).text

    assert "<dt>retenus ici (organisation d’exemple)</dt><dd>2</dd>" in page
    assert "remis au serveur" not in page


def test_a_preview_is_the_mail_to_the_letter(app, as_role, mailer, clock, ready):
    with at_desk(app) as work:
        cases.start_sending(work, ready, now=MONDAY_NINE)
    do_round(app, replace(app.extensions["desk"], mail_server=SERVER), worker="test")
    mail = next(m for m in mailer.letters if m.recipient_address.startswith("elise"))

    page = as_role(Role.DPO).get(url(ready, "/preview"))

    expected = mail.text.replace("Élise Garnier", "Prénom Nom").strip()
    assert f">{expected}</p>" in page.text


def test_sending_erases_the_lists_that_were_never_confirmed(app, ready):
    with at_desk(app) as work:
        cases.upload_recipients(work, ready, now=MONDAY_NINE)
        cases.start_sending(work, ready, now=MONDAY_NINE)

        assert work.session.scalars(select(RecipientImport.content)).all() == [None, None]


def test_once_under_way_every_page_leads_to_the_delivery(app, as_role, ready):
    with at_desk(app) as work:
        cases.start_sending(work, ready, now=MONDAY_NINE)
    client = as_role(Role.DPO)

    for page in ("", "/sending", "/recipients"):
        assert client.get(url(ready, page)).location.endswith("/delivery")
    page = client.get(url(ready, "/delivery")).text
    assert '<noscript><meta http-equiv="refresh"' in page


def test_the_basis_is_that_of_the_decision_even_if_it_came_after_the_draft(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        case = cases.open_case(work, now=MONDAY_NINE)
        cases.know(work, case, now=MONDAY_NINE, **cases.FACTS_OF_THE_SHOP)
        cases.qualify(work, case, now=MONDAY_NINE)
        cases.draft_notice(work, case, now=MONDAY_NINE)
        imported = cases.upload_recipients(work, case, now=MONDAY_NINE)
        cases.confirm_recipients(work, case, imported, now=MONDAY_NINE)
        cases.approve_notice(work, case, now=MONDAY_NINE)
        cases.assess(work, case, now=MONDAY_NINE)
        cases.advise(work, case, now=MONDAY_NINE)
        cases.decide(work, case, now=MONDAY_NINE)
        cases.start_sending(work, case, now=MONDAY_NINE)

        notice = case_of(work.session, cases.incident(work, case)).notice
        assert notice is not None
        assert notice.basis == Communicate.OWED


def test_the_number_of_queries_does_not_grow_with_the_deliveries(app, as_role, ready):
    client = as_role(Role.DPO)
    with at_desk(app) as work:
        rows = "".join(f"p{n}@client.example\n" for n in range(300))
        imported = cases.upload_recipients(work, ready, f"email\n{rows}".encode(), now=MONDAY_NINE)
        cases.confirm_recipients(work, ready, imported, now=MONDAY_NINE)
        cases.start_sending(work, ready, now=MONDAY_NINE)
        assert work.session.scalar(select(func.count(Delivery.id))) > 300

    assert queries_of(app, client, url(ready, "/delivery")) <= 8
