"""How an organisation's people sign in: who rules it, what each change does, what is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Role
from breachdesk.models import Delivery, Membership, Passkey, User, UserSession
from tests import people
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, text
from tests.people import MONDAY_NINE, PASSWORD, address_of, at_desk, make_organisation
from tests.services.factors import code_at, enrol_totp, told_changes
from tests.web.providers import (
    ADMIN,
    DPO,
    RULES,
    START,
    come,
    is_inside,
    kept_provider,
    lines,
    links,
    provider_fixture,  # noqa: F401 - a fixture
    use_provider,
)
from tests.web.reading import form_of, plain, queries_of

PROVIDER, TRY = f"{RULES}/provider", f"{RULES}/provider/try"
SECOND, PASSWORDS = f"{RULES}/second-factor", f"{RULES}/passwords"
RULE, CHANGED = "sign_in_rule_changed", "identity_provider_changed"
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _organisations(app):
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        make_organisation(work, "VID", now=MONDAY_NINE)


def kept(app, *names):
    """Columns of GIR."""
    with at_desk(app) as work:
        own = people.organisation(work)
        return tuple(getattr(own, name) for name in names)


def user_of(work, role, code="GIR"):
    return people.seat(work, role, code).user


def typed(provider, **changed):
    """What an administrator types; a box that is not ticked is not sent."""
    usual = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "is_enabled": "y",
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def give_factor(app, role):
    """A second factor for somebody, without the walk; what counts here is that they have one."""
    with at_desk(app) as work:
        user = user_of(work, role)
        work.session.add(
            Passkey(
                user_id=user.id,
                credential_id=role.value.encode(),
                public_key=b"",
                name="Clé",
                created_at=MONDAY_NINE,
            )
        )
        work.session.commit()
        return user.id


@pytest.fixture
def admin(as_role):
    """The administrator of GIR, signed in with a password."""
    return as_role(Role.ADMIN)


@pytest.fixture
def through(app, client, provider):
    """The administrator of GIR, signed in through a provider that works."""
    with at_desk(app) as work:
        use_provider(work, provider)
    assert come(client, provider, ADMIN).status_code == 302
    return client


# --- Rights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in ORGANISATION_ROLES if role is not Role.ADMIN])
@one_engine
def test_only_the_administrator_rules_how_one_signs_in(as_role, role):
    client = as_role(role)

    for path in (RULES, SECOND, PROVIDER, PASSWORDS, f"{RULES}/linked"):
        assert client.get(path).status_code == 403, path
    for path in (SECOND, PROVIDER, TRY, PASSWORDS, f"{PASSWORDS}/allow", f"{RULES}/linked/1/undo"):
        assert client.post(path).status_code == 403, path


@one_engine
def test_to_an_administrator_of_another_organisation_nothing_is_there(as_role):
    client = as_role(Role.ADMIN, "VID")

    for path in (RULES, SECOND, PROVIDER, PASSWORDS, f"{RULES}/linked"):
        assert client.get(path).status_code == 404, path
    for path in (SECOND, PROVIDER, TRY, PASSWORDS, f"{PASSWORDS}/allow", f"{RULES}/linked/1/undo"):
        assert client.post(path).status_code == 404, path


def test_the_menu_leads_to_the_rules(admin):
    assert f'<a href="{RULES}">Règles de connexion</a>' in admin.get("/organisations/GIR").text


def test_every_change_asks_for_a_recent_proof(admin, clock):
    for _ in range(4):
        clock.now += timedelta(minutes=20)
        admin.get(RULES)

    assert admin.get(RULES).status_code == 200
    for path in (SECOND, PROVIDER, PASSWORDS):
        assert admin.get(path).location.startswith("/confirm"), path
    for path in (SECOND, PROVIDER, PASSWORDS, f"{PASSWORDS}/allow", f"{RULES}/linked/1/undo"):
        assert admin.post(path).location.startswith("/confirm"), path


def test_the_pages_ask_as_much_whatever_the_number_of_people(app, admin):
    admin.get(RULES)
    few = [queries_of(app, admin, path) for path in (RULES, SECOND, PASSWORDS)]
    with at_desk(app) as work:
        own = people.organisation(work)
        for number in range(30):
            user = User(
                email=f"n{number}@gir.example", name="N", password_hash="x", created_at=MONDAY_NINE
            )
            work.session.add(user)
            work.session.flush()
            work.session.add(Membership(organisation_id=own.id, user_id=user.id, role=Role.ADMIN))
        work.session.commit()

    assert [queries_of(app, admin, path) for path in (RULES, SECOND, PASSWORDS)] == few


# --- Second factor ---------------------------------------------------------------------------


def test_demanding_a_second_factor_says_who_has_none_and_what_will_happen(app, admin):
    give_factor(app, Role.DPO)

    page = plain(admin.get(SECOND).text)

    assert "6 personnes sur 7 n’en ont pas" in page
    assert "elles ne pourront rien ouvrir de Maison GIR" in page
    assert "<li>Handler GIR</li>" in page
    assert "<li>Dpo GIR</li>" not in page
    assert "Vous n’en avez pas vous-même" in page


def test_whoever_left_is_not_counted(app, admin):
    with at_desk(app) as work:
        user_of(work, Role.HANDLER).is_active = False
        held = select(Membership).where(Membership.user_id == user_of(work, Role.DPO).id)
        work.session.scalars(held).one().ended_at = MONDAY_NINE
        work.session.commit()

    assert "5 personnes sur 5" in plain(admin.get(SECOND).text)


def test_a_second_factor_is_demanded_and_told_in_the_journal(app, admin):
    give_factor(app, Role.ADMIN)

    answer = admin.post(SECOND)

    assert (answer.status_code, answer.location) == (302, RULES)
    assert kept(app, "demands_second_factor") == (True,)
    assert lines(app, RULE) == [(address_of(Role.ADMIN), {"rules": ["second_factor_demanded"]})]
    assert admin.get("/organisations/GIR").location.startswith("/account/second-factor")


def test_it_is_demanded_no_longer(app, admin):
    with at_desk(app) as work:
        people.organisation(work).demands_second_factor = True
        held = work.session.scalars(select(UserSession)).one()
        held.has_second_factor = True
        work.session.commit()

    assert "Ne plus exiger de second facteur" in admin.get(SECOND).text
    admin.post(SECOND)

    assert kept(app, "demands_second_factor") == (False,)
    assert lines(app, RULE)[-1][1] == {"rules": ["second_factor_free"]}


# --- The provider ----------------------------------------------------------------------------


def test_a_provider_is_set_up_and_its_secret_is_sealed_and_never_shown(app, admin, provider):
    answer = admin.post(PROVIDER, data=typed(provider))

    assert (answer.status_code, answer.location) == (302, RULES)
    own = kept_provider(app)
    assert (own["issuer"], own["client_id"], own["is_enabled"]) == (
        provider.issuer,
        CLIENT_ID,
        True,
    )
    sealed = own["client_secret"]
    assert CLIENT_SECRET.encode() not in sealed
    assert app.extensions["desk"].vault.open(sealed).decode() == CLIENT_SECRET
    assert CLIENT_SECRET not in admin.get(PROVIDER).text
    settings = ["issuer", "client_id", "client_secret", "enabled"]
    assert lines(app, CHANGED) == [(address_of(Role.ADMIN), {"settings": settings})]


def test_the_page_says_what_to_register_with_the_provider(admin, provider):
    page = admin.get(PROVIDER).text

    assert f"http://localhost{START}/callback" in page
    assert "openid email" in page


def test_a_secret_left_empty_stays(app, admin, provider):
    admin.post(PROVIDER, data=typed(provider))
    before = kept_provider(app)

    admin.post(PROVIDER, data=typed(provider, client_secret=""))

    assert kept_provider(app) == before
    assert len(lines(app, CHANGED)) == 1
    assert "Rien n’a changé" in admin.get(RULES).text


def test_a_secret_is_forgotten_when_asked(app, admin, provider):
    admin.post(PROVIDER, data=typed(provider))

    admin.post(PROVIDER, data=typed(provider, client_secret="", drops_secret="y"))

    assert kept_provider(app)["client_secret"] is None
    assert lines(app, CHANGED)[-1][1] == {"settings": ["client_secret"]}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        pytest.param({"issuer": ""}, "issuer", "Indiquez l’émetteur", id="no issuer"),
        pytest.param({"issuer": "id.example"}, "issuer", "une adresse https", id="no address"),
        pytest.param({"issuer": "http://id.example"}, "issuer", "une adresse https", id="http"),
        pytest.param(
            {"issuer": "https://x.invalid"}, "issuer", "x.invalid n’existe pas", id="name"
        ),
        pytest.param({"client_id": " "}, "client_id", "Indiquez l’identifiant", id="no client"),
        pytest.param({"client_id": "é"}, "client_id", "aucun fournisseur n’utilise", id="accent"),
        pytest.param(
            {"client_secret": "a\tb"}, "client_secret", "aucun fournisseur n’utilise", id="tab"
        ),
        pytest.param({"client_secret": "x" * 501}, "client_secret", "dépasse 500", id="too long"),
    ],
)
@one_engine
def test_a_fault_is_named_at_its_field_and_nothing_is_kept(
    app, admin, provider, changed, field, said
):
    answer = admin.post(PROVIDER, data=typed(provider, **changed))

    assert answer.status_code == 422
    fault = answer.text.split(f'id="{field}-fault"')[1].split("</p>")[0]
    assert said in plain(fault)
    assert "secret" not in form_of(answer.text).get("client_secret", [""])[0]
    assert lines(app, CHANGED) == []


LIES = [
    pytest.param({"issuer": "https://other.example"}, "se nomme lui-même", id="another issuer"),
    pytest.param({"token_endpoint": None}, "il y manque token_endpoint", id="incomplete"),
    pytest.param({"jwks_uri": "http://id.example/k"}, "n’est pas en https", id="keys in clear"),
    pytest.param({"response_types_supported": ["token"]}, "code d’autorisation", id="no code"),
    pytest.param({"code_challenge_methods_supported": ["plain"]}, "PKCE", id="no PKCE"),
    pytest.param({"id_token_signing_alg_values_supported": ["HS256"]}, "(HS256)", id="signatures"),
]


@pytest.mark.parametrize(("lie", "said"), LIES)
@one_engine
def test_a_provider_that_cannot_serve_is_not_enabled(app, admin, provider, lie, said):
    provider.describe = lambda told: told | lie

    answer = admin.post(PROVIDER, data=typed(provider))

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert lines(app, CHANGED) == []


def test_a_provider_is_kept_without_being_asked_while_it_is_not_enabled(app, admin, provider):
    provider.answers["/.well-known/openid-configuration"] = text("", 500)

    assert admin.post(PROVIDER, data=typed(provider, is_enabled=None)).status_code == 302
    assert kept_provider(app)["is_enabled"] is False
    assert provider.asked == []


@one_engine
def test_a_provider_in_the_desks_own_network_is_not_called_unless_the_operator_allows(
    app, admin, provider
):
    desk = app.extensions["desk"]
    app.extensions["desk"] = replace(desk, calls_private_network=False)
    port = provider.issuer.rpartition(":")[2]

    answer = admin.post(PROVIDER, data=typed(provider, issuer=f"https://localhost:{port}"))

    assert answer.status_code == 422
    assert "BREACHDESK_PRIVATE_NETWORK" in answer.text
    assert provider.asked == []


# --- Trying it -------------------------------------------------------------------------------


def test_the_provider_is_tried_and_what_it_published_kept(app, admin, provider, clock):
    admin.post(PROVIDER, data=typed(provider))
    provider.rotate()
    clock.now += timedelta(minutes=10)

    page = admin.post(TRY)

    assert page.status_code == 200
    assert "Le fournisseur répond et peut servir ; il publie une clé." in plain(page.text)
    assert kept_provider(app)["found"]["at"] == clock.now.isoformat()
    assert kept_provider(app)["found"]["keys"][0]["kid"] == provider.keys[0].kid


@pytest.mark.parametrize(
    ("path", "instead", "said"),
    [
        pytest.param("/.well-known/openid-configuration", text("", 404), "(404)", id="not there"),
        pytest.param("/.well-known/openid-configuration", text("<p>"), "du JSON", id="a page"),
        pytest.param("/keys", text('{"keys": []}'), "aucune clé", id="no keys"),
        pytest.param("/keys", text("", 302, Location="/"), "(réponse 302)", id="elsewhere"),
    ],
)
@one_engine
def test_what_fails_is_said_in_words(app, admin, provider, path, instead, said):
    admin.post(PROVIDER, data=typed(provider))
    before = kept_provider(app)
    provider.answers[path] = instead

    answer = admin.post(TRY)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert kept_provider(app) == before


def test_nobody_waits_for_us_while_the_provider_is_tried(app, admin, provider):
    admin.post(PROVIDER, data=typed(provider))

    def write():
        with at_desk(app) as work:
            people.organisation(work).name = "Maison Neuve"
            work.session.commit()

    provider.answers["/keys"] = write

    assert admin.post(TRY).status_code == 200
    assert kept(app, "name") == ("Maison Neuve",)


def test_without_a_provider_there_is_nothing_to_try(admin):
    assert admin.post(TRY).location == PROVIDER


# --- Another provider ------------------------------------------------------------------------


def sessions(app):
    with at_desk(app) as work:
        rows = work.session.execute(
            select(User.email, UserSession.ended_at)
            .join(UserSession, UserSession.user_id == User.id)
            .order_by(UserSession.id)
        )
        return {email: ended for email, ended in rows}


@pytest.mark.parametrize(
    ("changed", "are_linked", "ends"),
    [
        pytest.param({"client_id": "another"}, False, True, id="another client"),
        pytest.param({"is_enabled": None}, True, True, id="disabled"),
        pytest.param({"client_secret": "another"}, True, False, id="another secret"),
    ],
)
def test_what_a_change_undoes(app, through, provider, changed, are_linked, ends):
    other = app.test_client()
    come(other, provider, DPO)

    through.post(PROVIDER, data=typed(provider, **changed))

    assert bool(links(app)) is are_linked
    ended = sessions(app)
    assert (ended[address_of(Role.DPO)] is not None) is ends
    assert ended[address_of(Role.ADMIN)] is None


def test_a_change_of_what_was_tried_takes_passwords_again(app, through, provider, clock):
    refuse(app, through)
    clock.now += timedelta(minutes=1)
    assert kept(app, "takes_local_sign_in") == (False,)
    assert "les mots de passe sont acceptés de nouveau" in through.get(PROVIDER).text

    through.post(PROVIDER, data=typed(provider, client_secret="another"))

    assert kept(app, "takes_local_sign_in", "break_glass_id") == (True, None)
    assert lines(app, RULE)[-1][1] == {"rules": ["local_taken"]}
    # And it must be tried anew.
    assert "Vous n’êtes pas entré par le fournisseur" in through.get(PASSWORDS).text


# --- Who is linked ---------------------------------------------------------------------------


def test_a_link_is_undone_and_the_person_recognised_anew(app, through, provider):
    other = app.test_client()
    come(other, provider, DPO)
    page = through.get(f"{RULES}/linked").text
    assert "Dpo GIR" in page
    assert "Admin GIR" in page
    undo = page.split("Dpo GIR")[1].split('action="')[1].split('"')[0]

    assert through.post(undo).status_code == 302
    assert through.post(undo).status_code == 404

    assert [email for email, _ in links(app)] == [address_of(Role.ADMIN)]
    assert other.get("/organisations/GIR").status_code == 302
    assert lines(app, CHANGED)[-1][1]["settings"] == ["person_unlinked"]
    provider.people[DPO] |= {"sub": "a new account"}
    assert come(other, provider, DPO).status_code == 302


def test_another_organisations_link_is_not_there(app, through, client, provider, sign_in):
    come(app.test_client(), provider, DPO)
    stranger = sign_in(app.test_client(), address_of(Role.ADMIN, "VID"))
    with at_desk(app) as work:
        use_provider(work, provider, "VID")

    for number in range(1, 5):
        path = f"/organisations/VID/sign-in/linked/{number}/undo"
        assert stranger.post(path).status_code == 404
    assert len(links(app)) == 2


# --- Refusing passwords ----------------------------------------------------------------------


def refuse(app, client, role=Role.DECIDER):
    """Refuse passwords but for the person of a role."""
    chosen = give_factor(app, role)
    answer = client.post(PASSWORDS, data={"break_glass": str(chosen)})
    assert (answer.status_code, answer.location) == (302, RULES), answer.text
    return chosen


def test_passwords_are_refused_but_for_one_person(app, through):
    chosen = refuse(app, through)

    assert kept(app, "takes_local_sign_in", "break_glass_id") == (False, chosen)
    rules = ["local_refused", "break_glass_chosen"]
    assert lines(app, RULE) == [(address_of(Role.ADMIN), {"rules": rules, "user": chosen})]
    page = plain(through.get(RULES).text)
    assert "Accès de secours : Decider GIR" in page
    assert is_inside(through)


def test_the_page_says_exactly_what_will_happen(app, through):
    give_factor(app, Role.DECIDER)

    page = plain(through.get(PASSWORDS).text)

    assert "Les 7 personnes de Maison GIR n’entrent plus que par le fournisseur" in page
    assert "Une seule est déjà venue par lui." in page
    assert "Decider GIR" in page
    assert "Dpo GIR" not in page


@pytest.mark.parametrize(
    ("obstacle", "said"),
    [
        pytest.param("no provider", "Il n’y a pas de fournisseur", id="no provider"),
        pytest.param("disabled", "n’est pas activé", id="not enabled"),
        pytest.param("not tried", "Vous n’êtes pas entré par le fournisseur", id="not tried"),
        pytest.param("nobody", "Aucun administrateur ni décideur", id="nobody for emergencies"),
    ],
)
def test_passwords_are_not_refused_while_somebody_could_be_locked_out(
    app, client, sign_in, provider, obstacle, said
):
    with at_desk(app) as work:
        if obstacle != "no provider":
            use_provider(work, provider, is_enabled=obstacle != "disabled")
    chosen = give_factor(app, Role.DPO if obstacle == "nobody" else Role.DECIDER)
    if obstacle == "nobody":
        come(client, provider, ADMIN)
    else:
        sign_in(client, address_of(Role.ADMIN))

    assert said in client.get(PASSWORDS).text
    answer = client.post(PASSWORDS, data={"break_glass": str(chosen)})

    assert answer.status_code == 422
    assert "Les mots de passe ne peuvent pas être refusés" in answer.text
    assert kept(app, "takes_local_sign_in", "break_glass_id") == (True, None)
    assert lines(app, RULE) == []


@pytest.mark.parametrize(
    "who",
    [
        pytest.param((Role.DECIDER, False), id="no second factor"),
        pytest.param((Role.HANDLER, True), id="neither decides nor administers"),
        pytest.param("999999", id="nobody"),
        pytest.param("9" * 40, id="no number that a column holds"),
        pytest.param("x", id="no number"),
        pytest.param("", id="not chosen"),
    ],
)
@one_engine
def test_who_comes_in_in_an_emergency_must_be_able_to(app, through, who):
    give_factor(app, Role.ADMIN)
    chosen = who
    if isinstance(who, tuple):
        role, has_factor = who
        with at_desk(app) as work:
            chosen = user_of(work, role).id
        if has_factor:
            give_factor(app, role)

    answer = through.post(PASSWORDS, data={"break_glass": str(chosen)})

    assert answer.status_code == 422
    assert 'id="break_glass-fault"' in answer.text
    assert kept(app, "takes_local_sign_in") == (True,)


def test_another_person_is_chosen_later_even_from_a_password(app, through, client, provider):
    refuse(app, through)

    chosen = refuse(app, through, Role.ADMIN)

    assert kept(app, "break_glass_id") == (chosen,)
    assert lines(app, RULE)[-1][1] == {"rules": ["break_glass_chosen"], "user": chosen}


def test_passwords_are_taken_again(app, through):
    refuse(app, through)

    through.post(f"{PASSWORDS}/allow")
    through.post(f"{PASSWORDS}/allow")

    assert kept(app, "takes_local_sign_in", "break_glass_id") == (True, None)
    assert [parameters["rules"] for _, parameters in lines(app, RULE)][1:] == [["local_taken"]]


def test_it_is_seen_when_the_person_for_emergencies_can_no_longer_come_in(app, through):
    chosen = refuse(app, through)
    with at_desk(app) as work:
        factor = work.session.scalars(select(Passkey).where(Passkey.user_id == chosen)).one()
        work.session.delete(factor)
        work.session.commit()
    give_factor(app, Role.ADMIN)

    assert "Personne ne peut plus entrer en secours : Decider GIR" in plain(through.get(RULES).text)


# --- What a password then opens --------------------------------------------------------------


def test_a_password_opens_nothing_and_the_page_says_what_does(app, through, sign_in):
    inside = sign_in(app.test_client(), address_of(Role.HANDLER))
    refuse(app, through)

    for visitor in (inside, sign_in(app.test_client(), address_of(Role.HANDLER))):
        page = visitor.get("/", follow_redirects=True)
        assert page.status_code == 200
        assert "Connectez-vous avec votre organisation" in page.text
        assert f'href="{START}"' in page.text
        case = visitor.get("/organisations/GIR/register")
        assert case.status_code == 404
        assert f'href="{START}"' in case.text


def test_it_stays_open_to_whoever_belongs_elsewhere_too(app, through, sign_in):
    with at_desk(app) as work:
        vidal, user = people.organisation(work, "VID"), user_of(work, Role.HANDLER)
        work.session.add(Membership(organisation_id=vidal.id, user_id=user.id, role=Role.DPO))
        work.session.commit()
    refuse(app, through)

    visitor = sign_in(app.test_client(), address_of(Role.HANDLER))

    assert is_inside(visitor, "VID")
    assert "Connectez-vous avec votre organisation" in visitor.get("/organisations/GIR").text


def by_password(app, role, clock):
    """Sign somebody in with their password and a code."""
    with at_desk(app) as work:
        secret = enrol_totp(work, user_of(work, role), now=clock.now)
    clock.now += timedelta(minutes=1)
    visitor = app.test_client()
    visitor.post("/sign-in", data={"email": address_of(role), "password": PASSWORD})
    visitor.post("/sign-in/second-step", data={"code": code_at(secret, clock.now)})
    return visitor


def test_the_person_for_emergencies_comes_in_and_it_is_written_down_and_told(
    app, through, clock, caplog
):
    chosen = refuse(app, through)
    before = len(lines(app, RULE))

    visitor = by_password(app, Role.DECIDER, clock)

    assert is_inside(visitor)
    told = {"rules": ["break_glass_used"], "break_glass": True}
    assert lines(app, RULE)[before:] == [(address_of(Role.DECIDER), told)]
    with at_desk(app) as work:
        admin = user_of(work, Role.ADMIN)
        assert told_changes(work, admin)[-1] == "break_glass_used"
        own = user_of(work, Role.DECIDER)
        assert "break_glass_used" not in told_changes(work, own)
        mail = work.session.scalars(
            select(Delivery).where(Delivery.user_id == admin.id).order_by(Delivery.id.desc())
        ).first()
        assert work.desk.vault.open_json(mail.sealed)["person"] == "Decider GIR"
    assert "break-glass way into organisation GIR" in caplog.text
    assert "decider@" not in caplog.text
    assert chosen


def test_the_only_administrator_tells_themselves(app, through, clock):
    refuse(app, through, Role.ADMIN)

    by_password(app, Role.ADMIN, clock)

    with at_desk(app) as work:
        assert "break_glass_used" in told_changes(work, user_of(work, Role.ADMIN))


def test_nothing_is_told_of_any_other_sign_in(app, through, provider, clock, sign_in):
    provider.add("anne", email=address_of(Role.DECIDER), email_verified=True)
    refuse(app, through)
    before = len(lines(app, RULE))

    come(app.test_client(), provider, "anne")
    sign_in(app.test_client(), address_of(Role.HANDLER))
    through.post(f"{PASSWORDS}/allow")
    by_password(app, Role.DECIDER, clock)

    told = [parameters["rules"] for _, parameters in lines(app, RULE)[before:]]
    assert told == [["local_taken"]]


def test_the_journal_says_all_this_in_words(app, through, provider, clock):
    refuse(app, through)
    by_password(app, Role.DECIDER, clock)
    through.post(PROVIDER, data=typed(provider, is_enabled=None))

    page = plain(through.get("/organisations/GIR/journal").text)

    assert "Règles de connexion : mots de passe refusés, accès de secours confié" in page
    assert "Règles de connexion : accès de secours utilisé." in page
    assert "Fournisseur d’identité : désactivé." in page
