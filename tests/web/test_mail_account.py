"""The pages of an organisation's mail: set, tried, checked, declared stolen, trusted again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.domain.sign_in import PROOF_LASTS
from breachdesk.mail.smtp import SmtpMailer
from breachdesk.models import Delivery, MailAccount, User
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.mail.dns_server import serving_dns
from tests.mail.servers import PASSWORD, Sink, check_password, serving
from tests.queries import counted_queries

URL = "/organisations/GIR/mail"
SIGNS_IN = {"authenticator": check_password, "auth_required": True, "auth_require_tls": False}
FORM = {
    "host": "smtp.gir.example",
    "port": "",
    "security": "starttls",
    "username": "",
    "password": "",
    "sender": "desk@gir.example",
    "reply_to": "",
}


@pytest.fixture
def app(app):
    """GIR at a desk without a mail server of its own, which may call this machine."""
    app.extensions["desk"] = replace(app.extensions["desk"], calls_private_network=True)
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, contact_email="contact@gir.example")
        for delivery in work.session.scalars(select(Delivery)):
            work.session.delete(delivery)
        work.session.commit()
    return app


def place(server, **more) -> dict[str, str]:
    return {
        **FORM,
        "host": server.host,
        "port": str(server.port),
        "security": "none",
        **more,
    }


def account(app) -> MailAccount | None:
    with at_desk(app) as work:
        found = work.session.scalars(select(MailAccount)).first()
        work.session.expunge_all()
        return found


# --- Looking ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_who_may_look(as_role, role):
    answer = as_role(role).get(URL)

    assert answer.status_code == (200 if role in (Role.ADMIN, Role.DPO, Role.DECIDER) else 403)


def test_without_any_way_the_page_and_every_page_say_that_nothing_leaves(as_role):
    client = as_role(Role.ADMIN)

    page, elsewhere = client.get(URL).text, client.get("/organisations/GIR").text

    assert "Aucun message ne part" in page
    assert "L’envoi de messages n’est pas réglé" in elsewhere
    assert f'href="{URL}">Que faire' in elsewhere
    assert 'class="button button--primary" href="/organisations/GIR/mail/first"' in page


def test_somebody_who_cannot_mend_it_gets_no_link(as_role):
    assert f'href="{URL}"' not in as_role(Role.REPORTER).get("/organisations/GIR").text


def test_who_may_not_change_the_accounts_sees_no_button_and_who_may(app, as_role):
    client = as_role(Role.DPO)

    page = client.get(URL).text

    assert "Administrateur" in page
    assert "/mail/first" not in page
    assert client.get(f"{URL}/first").status_code == 403
    assert client.post(f"{URL}/first/test").status_code == 403
    assert client.post(f"{URL}/first/domain").status_code == 403
    assert client.post(f"{URL}/first/removal").status_code == 403


def test_with_an_account_no_page_says_that_mail_is_not_set_up(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink()) as server:
        client.post(f"{URL}/first", data=place(server))

    page = client.get("/organisations/GIR").text

    assert "n’est pas réglé" not in page


def test_the_frame_asks_no_more_of_the_database_for_all_this(app, as_role):
    client = as_role(Role.DPO)
    with counted_queries(app) as before:
        client.get("/organisations/GIR")
    with at_desk(app) as work:
        organisation = cases.organisation(work)
        organisation.mail_compromised_at = MONDAY_NINE
        work.session.commit()

    with counted_queries(app) as after:
        client.get("/organisations/GIR")

    assert len(after) == len(before)


# --- Setting and trying ----------------------------------------------------------------------


def test_an_account_is_set_tried_found_wanting_and_mended(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink(), **SIGNS_IN) as server:
        wrong = client.post(
            f"{URL}/first",
            data=place(server, username="desk", password="wrong one"),
            follow_redirects=True,
        ).text
        mended = client.post(
            f"{URL}/first",
            data=place(server, username="desk", password=PASSWORD),
            follow_redirects=True,
        ).text

    assert "L’essai a échoué : Identification." in wrong.replace("\u202f", " ")
    assert "535 5.7.8" in wrong
    assert "Échec" in wrong
    assert "Le compte est enregistré. L’essai a réussi." in mended
    assert "Les messages partent par votre compte d’envoi, depuis desk@gir.example." in mended
    for page in (wrong, mended):
        assert PASSWORD not in page
        assert "wrong one" not in page


def test_a_password_is_never_shown_again(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink(), **SIGNS_IN) as server:
        client.post(f"{URL}/first", data=place(server, username="desk", password=PASSWORD))
        edited = client.get(f"{URL}/first").text
        refused = client.post(
            f"{URL}/first", data=place(server, username="desk", password=PASSWORD, sender="x")
        )

    assert refused.status_code == 422
    assert "Laissez vide pour le garder" in edited
    assert PASSWORD not in edited + refused.text
    assert 'value="desk"' in refused.text


def test_what_is_wrong_is_said_beside_its_field(app, as_role):
    answer = as_role(Role.ADMIN).post(
        f"{URL}/first",
        data={**FORM, "host": "https://smtp", "security": "none", "username": "a", "password": "b"},
    )

    assert answer.status_code == 422
    assert "n’est pas un nom de serveur" in answer.text
    assert account(app) is None


def test_a_kept_password_does_not_follow_to_another_server(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink(), **SIGNS_IN) as server:
        client.post(f"{URL}/first", data=place(server, username="desk", password=PASSWORD))
    with serving(thief := Sink(), **SIGNS_IN) as server:
        answer = client.post(f"{URL}/first", data=place(server, username="desk"))

    assert answer.status_code == 422
    assert "saisissez le mot de passe à nouveau" in answer.text
    assert thief.taken == []


def test_a_mail_of_the_test_is_sent_to_whoever_asks(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(sink := Sink()) as server:
        client.post(f"{URL}/first", data=place(server))
        tried = client.post(f"{URL}/first/test", follow_redirects=True).text
        assert sink.taken == []
        sent = client.post(f"{URL}/first/test", data={"sends": "y"}, follow_redirects=True).text

    assert "L’essai a réussi." in tried
    assert "un message est parti à votre adresse" in sent
    assert [address for address, _ in sink.taken] == ["admin@gir.example"]


def test_too_many_tries_are_refused_and_what_was_saved_is_kept(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink()) as server:
        client.post(f"{URL}/first", data=place(server))
        for _ in range(20):
            client.post(f"{URL}/first/test")
        page = client.post(
            f"{URL}/first", data=place(server, reply_to="a@gir.example"), follow_redirects=True
        ).text

    assert "Le compte est enregistré. Trop d’essais" in page
    assert account(app).reply_to == "a@gir.example"


def test_an_account_that_is_not_there_is_404(as_role):
    client = as_role(Role.ADMIN)

    assert client.post(f"{URL}/first/test").status_code == 404
    assert client.post(f"{URL}/second/domain").status_code == 404
    assert client.get(f"{URL}/third").status_code == 404


def test_a_server_s_words_are_escaped(app, as_role):
    client = as_role(Role.ADMIN)
    refusing = Sink(senders={"desk@gir.example": "550 <script>alert(1)</script>"})
    with serving(refusing) as server:
        page = client.post(f"{URL}/first", data=place(server), follow_redirects=True).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


# --- The DNS ---------------------------------------------------------------------------------


def test_the_page_says_what_to_publish(app, as_role):
    client = as_role(Role.ADMIN)
    records = {
        ("gir.example", "TXT"): ['"v=spf1 mx -all"'],
        ("smtp.gir.example", "A"): ["192.0.2.9"],
    }
    with serving(Sink()) as server, serving_dns(records) as (servers, _):
        app.extensions["desk"] = replace(app.extensions["desk"], name_servers=servers)
        client.post(f"{URL}/first", data=place(server))
        page = client.post(f"{URL}/first/domain", data={"selector": ""}, follow_redirects=True).text

    assert "v=spf1 mx ip4:127.0.0.1 -all" in page
    assert "_dmarc.gir.example" in page
    assert "v=DMARC1; p=none; rua=mailto:postmaster@gir.example" in page
    assert "Aucune clé sous les sélecteurs" in page


def test_a_selector_that_is_none_is_said_at_its_field(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink()) as server:
        client.post(f"{URL}/first", data=place(server))

    answer = client.post(f"{URL}/first/domain", data={"selector": "a b"})

    assert answer.status_code == 422
    assert 'href="#selector-first"' in answer.text
    assert 'id="selector-first"' in answer.text


# --- Removing --------------------------------------------------------------------------------


def test_an_account_is_removed_after_a_page_that_says_what_happens(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(Sink()) as server:
        client.post(f"{URL}/first", data=place(server))

    said = client.get(f"{URL}/first/removal").text
    after = client.post(f"{URL}/first/removal", follow_redirects=True).text

    assert "Plus aucun message ne part" in said
    assert "Le compte est retiré" in after
    assert account(app) is None
    assert client.get(f"{URL}/first/removal").status_code == 302


# --- Proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/first", Role.ADMIN),
        ("POST", "/first", Role.ADMIN),
        ("POST", "/second", Role.ADMIN),
        ("GET", "/first/removal", Role.ADMIN),
        ("POST", "/first/removal", Role.ADMIN),
        ("POST", "/trusted", Role.DPO),
    ],
)
def test_changing_the_mail_asks_again_who_it_is(app, as_role, clock, method, path, role):
    client = as_role(role)
    keep_alive(client, clock)

    answer = client.open(f"{URL}{path}", method=method, data=FORM if method == "POST" else None)

    assert answer.status_code == 302
    assert answer.location.startswith("/confirm")
    assert account(app) is None


def keep_alive(client, clock) -> None:
    """Be at work past the life of a proof, never idle for long."""
    end = clock.now + PROOF_LASTS
    while clock.now <= end:
        clock.now += timedelta(minutes=20)
        client.get(URL)


def test_sounding_the_alarm_asks_nothing(app, as_role, clock):
    client = as_role(Role.DECIDER)
    keep_alive(client, clock)

    answer = client.post(f"{URL}/compromised")

    assert answer.location == URL
    with at_desk(app) as work:
        assert cases.organisation(work).mail_compromised_at == clock.now


# --- Stolen ----------------------------------------------------------------------------------


def test_the_alarm_is_said_on_every_page_until_it_is_lifted(app, as_role):
    client = as_role(Role.DPO)

    before = client.get(f"{URL}/compromised").text
    done = client.post(f"{URL}/compromised", follow_redirects=True).text
    while_it_lasts = [
        client.get(path).text
        for path in ("/organisations/GIR", "/organisations/GIR/register", f"{URL}/trusted")
    ]
    lifted = client.post(f"{URL}/trusted", follow_redirects=True).text
    again = client.post(f"{URL}/trusted", follow_redirects=True).text

    assert "plus rien ne part" in before
    assert "plus rien ne part par votre messagerie" in done
    for page in while_it_lasts:
        assert "déclarée compromise depuis le 02/03/2026 10:00" in page
    assert "reprennent leur voie habituelle" in lifted
    assert "déclarée compromise depuis" not in lifted + again


def test_what_waits_leaves_the_second_way_and_to_the_second_addresses(app, as_role):
    client = as_role(Role.ADMIN)
    with serving(stolen := Sink()) as first, serving(rescue := Sink()) as second:
        client.post(f"{URL}/first", data=place(first))
        client.post(f"{URL}/second", data=place(second, sender="rescue@elsewhere.example"))
        with at_desk(app) as work:
            person = work.session.scalars(select(User).where(User.email == "dpo@gir.example")).one()
            person.second_email = "ines@elsewhere.example"
            work.session.commit()
            cases.open_case(work, now=MONDAY_NINE)
        client.post(f"{URL}/compromised")
        desk = replace(app.extensions["desk"], mailer=SmtpMailer())
        do_round(app, desk, worker="test")

    told = {address for address, _ in rescue.taken}
    assert stolen.taken == []
    assert "ines@elsewhere.example" in told
    assert "dpo@gir.example" not in told
    assert all(b"rescue@elsewhere.example" in raw for _, raw in rescue.taken)
    assert not any(b"Reply-To" in raw for _, raw in rescue.taken)
