"""The pages about people: who is there, changing roles, leaving, inviting; and the journal."""

import re

import pytest
from sqlalchemy import text

from breachdesk.domain.access import Role
from breachdesk.models import Invitation, User
from breachdesk.services.acting import seat_in, seats_of
from tests import cases
from tests.cases import MONDAY_NINE, address_of, at_desk
from tests.forger import by_hand
from tests.web.reading import form_of, plain, queries_of

PEOPLE = "/organisations/GIR/people"
ZOE = {"name": "Zoé <Arnaud>", "email": "zoe@gir.example", "locale": "fr", "roles": ["handler"]}


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        cases.make_organisation(work, "VID", now=MONDAY_NINE)


@pytest.fixture
def admin(as_role):
    return as_role(Role.ADMIN)


def id_of(app, role, code="GIR"):
    with at_desk(app) as work:
        return cases.seat(work, role, code).user.id


def roles_of(app, user_id, code="GIR"):
    with at_desk(app) as work:
        seat = seat_in(seats_of(work.session, user_id), code)
        return {role.value for role in seat.roles} if seat else set()


def invite(client, **changed):
    return client.post(f"{PEOPLE}/invite", data=ZOE | changed)


def invitation_id(app):
    with at_desk(app) as work:
        return work.session.query(Invitation).one().id


# --- The list --------------------------------------------------------------------------------


def test_the_list_tells_everybody_with_their_roles_and_last_sign_in(admin):
    page = plain(admin.get(PEOPLE).text)

    assert "7 personnes ont accès" in page
    assert "dpo@gir.example" in page
    assert "@vid.example" not in page
    # The admin has just signed in; nobody else ever did.
    assert page.count("jamais") == 6
    assert "02/03/2026 10:00" in page


def test_the_menu_leads_there(admin):
    assert f'<a href="{PEOPLE}">Personnes et rôles</a>' in admin.get("/organisations/GIR").text


def test_many_people_take_no_more_queries(app, admin):
    few = queries_of(app, admin, PEOPLE)
    for number in range(8):
        invite(admin, email=f"p{number}@gir.example")

    assert queries_of(app, admin, PEOPLE) == few


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.OPERATOR)])
def test_nobody_but_an_admin_has_these_pages(app, as_role, role):
    client, someone = as_role(role), id_of(app, Role.HANDLER)

    for path in ("", "/invite", f"/{someone}", f"/{someone}/departure"):
        assert client.get(PEOPLE + path).status_code == 403, path
    for path in ("/invite", f"/{someone}", f"/{someone}/departure", "/invitations/1/link"):
        assert client.post(PEOPLE + path, data=ZOE).status_code == 403, path
    assert PEOPLE not in client.get("/organisations/GIR").text


def test_people_and_invitations_of_another_organisation_are_not_here(app, admin, client, sign_in):
    stranger = id_of(app, Role.HANDLER, "VID")
    invite(admin)
    number = invitation_id(app)

    for path in (f"/{stranger}", f"/{stranger}/departure"):
        assert admin.get(PEOPLE + path).status_code == 404
        assert admin.post(PEOPLE + path, data={"roles": "dpo"}).status_code == 404
    there = sign_in(client.application.test_client(), address_of(Role.ADMIN, "VID"))
    theirs = "/organisations/VID/people"
    assert there.get(f"{theirs}/invitations/{number}").status_code == 404
    for what in ("link", "end"):
        assert there.post(f"{theirs}/invitations/{number}/{what}").status_code == 404
    assert admin.get(f"{PEOPLE}/invitations/{number}").status_code == 200


# --- Roles -----------------------------------------------------------------------------------


def test_roles_are_shown_ticked_and_changed(app, admin):
    karim = id_of(app, Role.HANDLER)
    assert form_of(admin.get(f"{PEOPLE}/{karim}").text)["roles"] == ["handler"]

    answer = admin.post(f"{PEOPLE}/{karim}", data={"roles": ["dpo", "manager"]})

    assert (answer.status_code, answer.location) == (302, PEOPLE)
    assert roles_of(app, karim) == {"dpo", "manager"}
    assert "Les rôles de Handler GIR sont changés" in admin.get(PEOPLE).text


def test_sending_the_page_as_it_is_changes_nothing(app, admin):
    karim = id_of(app, Role.HANDLER)

    admin.post(f"{PEOPLE}/{karim}", data={"roles": "handler"})

    assert "Rien n’a changé pour Handler GIR" in admin.get(PEOPLE).text


@pytest.mark.parametrize(
    ("role", "roles", "said"),
    [
        pytest.param(Role.HANDLER, [], "Cochez au moins un rôle", id="none"),
        pytest.param(Role.DECIDER, ["dpo"], "la seule à pouvoir décider", id="the only decider"),
        pytest.param(Role.ADMIN, ["dpo"], "la seule à administrer", id="the only admin"),
    ],
)
def test_a_change_that_locks_somebody_out_is_refused_in_words(app, admin, role, roles, said):
    person = id_of(app, role)

    page = admin.post(f"{PEOPLE}/{person}", data={"roles": roles})

    assert page.status_code == 422
    assert said in plain(page.text)
    assert form_of(page.text).get("roles", []) == roles
    assert roles_of(app, person) == {role.value}


def test_a_role_that_does_not_exist_is_refused(app, admin):
    karim = id_of(app, Role.HANDLER)

    page = admin.post(f"{PEOPLE}/{karim}", data={"roles": ["operator"]})

    assert page.status_code == 422
    assert roles_of(app, karim) == {"handler"}


def test_after_an_hour_the_desk_asks_again_who_it_is(app, admin, clock):
    """Somebody at an unattended screen must not make themselves the decider."""
    from datetime import timedelta

    karim = id_of(app, Role.HANDLER)
    for _ in range(3):
        clock.now += timedelta(minutes=25)
        assert admin.get(PEOPLE).status_code == 200

    for path, data in (
        (f"/{karim}", {"roles": "decider"}),
        (f"/{karim}/departure", {}),
        ("/invite", ZOE),
    ):
        answer = admin.post(PEOPLE + path, data=data)
        assert answer.status_code in (302, 303), path
        assert answer.location.startswith("/confirm"), path
    assert roles_of(app, karim) == {"handler"}


# --- Leaving ---------------------------------------------------------------------------------


def test_who_leaves_is_out_at_once_and_stays_in_the_journal(app, admin, client, sign_in):
    karim = id_of(app, Role.HANDLER)
    his = sign_in(app.test_client(), address_of(Role.HANDLER))
    asked = plain(admin.get(f"{PEOPLE}/{karim}/departure").text)
    assert "reste à son nom" in asked
    assert his.get("/organisations/GIR").status_code == 200

    admin.post(f"{PEOPLE}/{karim}/departure", data={"reason": "Départ <de> l’entreprise."})

    assert his.get("/organisations/GIR").location.startswith("/sign-in")
    page = plain(admin.get(PEOPLE).text)
    assert "6 personnes ont accès" in page
    assert "Une personne est partie" in page
    journal = plain(admin.get("/organisations/GIR/journal").text)
    assert "Accès retiré à une personne" in journal
    assert "Handler GIR" in journal
    assert "Départ &lt;de&gt; l’entreprise." in journal


def test_who_left_is_let_back_in_and_signs_in_as_before(app, admin, sign_in):
    karim = id_of(app, Role.HANDLER)
    admin.post(f"{PEOPLE}/{karim}/departure", data={})
    assert "Rétablir l’accès" in admin.get(f"{PEOPLE}/{karim}").text
    assert admin.get(f"{PEOPLE}/{karim}/departure").status_code == 302

    admin.post(f"{PEOPLE}/{karim}", data={"roles": "reporter"})

    his = sign_in(app.test_client(), address_of(Role.HANDLER))
    assert his.get("/organisations/GIR").status_code == 200
    assert roles_of(app, karim) == {"reporter"}


@pytest.mark.parametrize("role", [Role.DECIDER, Role.ADMIN])
def test_who_is_needed_cannot_be_removed(app, admin, role):
    person = id_of(app, role)

    page = admin.post(f"{PEOPLE}/{person}/departure", data={"reason": "Voilà <pourquoi>."})

    assert page.status_code == 422
    assert "Donnez d’abord le rôle" in page.text
    assert "Voilà &lt;pourquoi&gt;." in page.text
    assert roles_of(app, person) == {role.value}


# --- Inviting --------------------------------------------------------------------------------


def test_without_a_mail_server_the_link_is_shown_once_to_hand_over(app, admin):
    page = invite(admin)

    assert page.status_code == 200
    (link,) = re.findall(r'id="link">([^<]+)<', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Zoé &lt;Arnaud&gt;" in page.text
    path = "/" + link.split("/", 3)[3]
    assert app.test_client().get(path).status_code == 200
    for url in (PEOPLE, f"{PEOPLE}/invitations/{invitation_id(app)}"):
        assert path.rpartition("/")[2] not in admin.get(url).text
    with admin.session_transaction() as cookie:
        assert path.rpartition("/")[2] not in str(dict(cookie))


def test_a_new_link_ends_the_one_before(app, admin):
    first = re.search(r'id="link">([^<]+)<', invite(admin).text)[1]
    number = invitation_id(app)

    second = re.search(
        r'id="link">([^<]+)<', admin.post(f"{PEOPLE}/invitations/{number}/link").text
    )[1]

    visitor = app.test_client()
    assert visitor.get("/" + first.split("/", 3)[3]).status_code == 404
    assert visitor.get("/" + second.split("/", 3)[3]).status_code == 200


def test_an_invitation_is_ended(app, admin):
    link = re.search(r'id="link">([^<]+)<', invite(admin).text)[1]
    number = invitation_id(app)

    answer = admin.post(f"{PEOPLE}/invitations/{number}/end")

    assert answer.location == PEOPLE
    assert app.test_client().get("/" + link.split("/", 3)[3]).status_code == 404
    assert "Zoé" not in admin.get(PEOPLE).text
    assert admin.get(f"{PEOPLE}/invitations/{number}").status_code == 404


def test_an_address_with_an_account_elsewhere_gets_the_same_answer(app, admin):
    """Whoever invites does not learn that somebody works with another organisation."""
    # The link is new each time, as is the form's token when the clock has moved on a second.
    fresh = r'id="link">[^<]+<|name="csrf_token" value="[^"]+"'
    pages = [
        re.sub(fresh, "", invite(admin, email=email).text).replace(email, "X")
        for email in (address_of(Role.DPO, "VID"), "nobody@vid.example")
    ]

    assert pages[0] == pages[1]
    listed = plain(admin.get(PEOPLE).text)
    rows = [row for row in listed.split("<tr") if "@vid.example" in row]
    cut = [re.sub(r"invitations/\d+|[\w.]+@vid.example", "", row) for row in rows]
    assert len(rows) == 2
    assert cut[0].split("</tr>")[0] == cut[1].split("</tr>")[0]


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        pytest.param({"name": " "}, "name", "Indiquez le nom", id="no name"),
        pytest.param({"email": ""}, "email", "Indiquez l’adresse", id="no address"),
        pytest.param({"email": "zoe"}, "email", "n’est pas une adresse", id="not an address"),
        pytest.param({"roles": []}, "roles", "Cochez au moins un rôle", id="no role"),
        pytest.param({"email": "dpo@gir.example"}, "email", "fait déjà partie", id="is here"),
    ],
)
def test_who_cannot_be_invited_is_said_and_everything_typed_stays(app, admin, changed, field, said):
    typed = ZOE | changed

    page = invite(admin, **changed)

    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert said in plain(page.text)
    sent_again = form_of(page.text)
    assert sent_again["name"] == [typed["name"]]
    assert sent_again.get("roles", []) == typed["roles"]
    with at_desk(app) as work:
        assert work.session.query(Invitation).count() == 0


def test_inviting_many_people_is_slowed_down(admin):
    answers = [invite(admin, email=f"p{number}@elsewhere.example") for number in range(51)]

    assert [each.status_code for each in answers] == [200] * 50 + [429]


# --- The organisation's journal --------------------------------------------------------------

JOURNAL = "/organisations/GIR/journal"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DPO, Role.DECIDER, Role.AUDITOR])
def test_the_journal_tells_in_words_who_was_added(as_role, role):
    page = plain(as_role(role).get(JOURNAL).text)

    assert "Organisation créée." in page
    assert "Personne ajoutée (Auditeur)." in page
    assert "Auditor GIR" in page
    assert "La chaîne est intacte : 8 lignes vérifiées." in page
    # A token may hold any three letters.
    assert "VID" not in re.sub(r'value="[^"]+"', "", page)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.HANDLER, Role.MANAGER])
def test_others_do_not_read_it(as_role, role):
    assert as_role(role).get(JOURNAL).status_code == 403


def test_a_line_that_was_altered_is_told(app, as_role):
    with at_desk(app) as work:
        own = cases.organisation(work).id
        changed = "UPDATE journal_entry SET code = 'roles_changed' WHERE sequence = 3"
        by_hand(work.session, f"{changed} AND chain = 'organisation:{own}'")
        work.session.commit()

    page = plain(as_role(Role.AUDITOR).get(JOURNAL).text)

    assert "La chaîne ne tient plus à partir de la ligne 3" in page


def test_an_invited_person_is_named_though_the_line_holds_a_number_alone(app, admin):
    invite(admin)

    page = admin.get(JOURNAL).text

    assert "Zoé &lt;Arnaud&gt;" in page
    with at_desk(app) as work:
        kept = work.session.execute(text("SELECT parameters FROM journal_entry")).scalars()
        assert not any("Zo" in str(parameters) for parameters in kept)


def test_past_a_hundred_lines_there_are_pages_and_no_more_queries(app, admin):
    few = queries_of(app, admin, JOURNAL)
    karim = id_of(app, Role.HANDLER)
    with at_desk(app) as work:
        from breachdesk.domain.journal import Entry
        from breachdesk.services.journal import write_journal

        own, who = cases.organisation(work), work.session.get(User, karim)
        for _ in range(93):
            entry = Entry.ROLES_CHANGED
            write_journal(
                work.session, own, entry, by=who, at=MONDAY_NINE, user=karim, roles=list(Role)
            )
        work.session.commit()

    page = plain(admin.get(JOURNAL).text)

    assert page.count('<tr role="row">') == 101
    assert "Page 1 sur 2" in page
    assert "Organisation créée." not in page
    assert "Organisation créée." in admin.get(f"{JOURNAL}?page=2").text
    assert len(page) < 100_000
    assert queries_of(app, admin, JOURNAL) == few
