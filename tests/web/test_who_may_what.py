"""Who may do what, through the web: every role at every address, against the one table.

An endpoint that is in neither of the two lists fails `test_every_address_has_its_action`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from breachdesk.domain.access import ORGANISATION_ROLES, Action, Role, is_allowed
from breachdesk.mail.name_servers import NameServers
from breachdesk.models import (
    ExternalIdentity,
    IdentityProvider,
    Invitation,
    MailAccount,
    Membership,
    User,
)
from breachdesk.services.case_access import restrict_case
from breachdesk.services.organisations import NewPerson, add_user
from breachdesk.web.security import PUBLIC_ENDPOINTS
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, Work, address_of, at_desk
from tests.queries import counted_queries
from tests.sample_people import give_second_factor
from tests.web.test_every_page import (
    a_link,
    add_person_of_all_roles,
    addresses,
    away_and_on_duty,
    catch_mail,
)

OPERATOR = "operateur@desk.example"

# What each address asks for: to read it, and to send to it where that is another thing.
ACTIONS: dict[str, Action | tuple[Action, Action]] = {
    "assessments.advice": (Action.SEE_CASE, Action.ADVISE),
    "assessments.changes": Action.SEE_CASE,
    "assessments.decision": (Action.SEE_CASE, Action.DECIDE),
    "assessments.show": (Action.SEE_CASE, Action.ASSESS),
    "assessments.version": Action.SEE_CASE,
    "attachments.download": Action.SEE_CASE,
    "attachments.listing": (Action.SEE_CASE, Action.ATTACH),
    "authority.assistant": Action.SEE_CASE,
    "authority.filing": Action.RECORD_FILING,
    "case_access.lift": Action.RESTRICT_CASE,
    "case_access.show": Action.RESTRICT_CASE,
    "clocks.correct": Action.MANAGE_CLOCKS,
    "clocks.listing": Action.SEE_CASE,
    "clocks.refuse": Action.MANAGE_CLOCKS,
    "clocks.start": Action.MANAGE_CLOCKS,
    "clocks.stop": Action.MANAGE_CLOCKS,
    "deadline_settings.show": Action.MANAGE_REMINDER_PLAN,
    "dossier_copies.choose": Action.MAKE_DOSSIER,
    "dossier_retention.show": Action.EDIT_ORGANISATION,
    "dossiers.download": Action.SEE_CASE,
    "dossiers.download_zip": Action.SEE_CASE,
    "dossiers.listing": (Action.SEE_CASE, Action.MAKE_DOSSIER),
    "duty.absence": Action.RECORD_OWN_ABSENCE,
    "duty.cancel_shift": Action.MANAGE_DUTY,
    "duty.shift": Action.MANAGE_DUTY,
    "duty.show": Action.RECORD_OWN_ABSENCE,
    "facts.listing": Action.SEE_CASE,
    "facts.section": Action.RECORD_FACTS,
    "filings.as_json": Action.SEE_CASE,
    "filings.as_pdf": Action.SEE_CASE,
    "filings.show": Action.SEE_CASE,
    "incidents.close": Action.CLOSE,
    "incidents.new": Action.OPEN_INCIDENT,
    "incidents.show": Action.SEE_CASE,
    "installation.create": Action.CREATE_ORGANISATION,
    "installation.organisation": Action.SEE_INSTALLATION,
    "installation.show": Action.SEE_INSTALLATION,
    "journal.listing": Action.SEE_JOURNAL,
    "mail_account.compromised": Action.DECLARE_MAIL_COMPROMISED,
    "mail_account.domain": Action.MANAGE_MAIL,
    "mail_account.edit": Action.MANAGE_MAIL,
    "mail_account.removal": Action.MANAGE_MAIL,
    "mail_account.show": Action.DECLARE_MAIL_COMPROMISED,
    "mail_account.trial": Action.MANAGE_MAIL,
    "mail_account.trusted": Action.DECLARE_MAIL_COMPROMISED,
    "messages.listing": Action.SEE_CAUGHT_MAIL,
    "messages.show": Action.SEE_CAUGHT_MAIL,
    "notices.approval": Action.APPROVE_NOTICE,
    "notices.counts": Action.SEE_CASE,
    "notices.delivery": Action.SEE_CASE,
    "notices.draft": (Action.SEE_CASE, Action.DRAFT_NOTICE),
    "notices.preview": Action.SEE_CASE,
    "notices.sending": Action.SEND_NOTICE,
    "organisation.details": (Action.SEE_ORGANISATION, Action.EDIT_ORGANISATION),
    "organisation_journal.listing": Action.SEE_ORGANISATION_JOURNAL,
    "organisation_sign_in.allow": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.linked": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.passwords": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.provider": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.rules": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.second_factor": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.try_provider": Action.MANAGE_SIGN_IN,
    "organisation_sign_in.undo": Action.MANAGE_SIGN_IN,
    "people.departure": Action.MANAGE_PEOPLE,
    "people.invitation": Action.MANAGE_PEOPLE,
    "people.invite": Action.MANAGE_PEOPLE,
    "people.listing": Action.MANAGE_PEOPLE,
    "people.person": Action.MANAGE_PEOPLE,
    "people.resend": Action.MANAGE_PEOPLE,
    "people.revoke": Action.MANAGE_PEOPLE,
    "processor_links.listing": Action.INVITE_PROCESSOR,
    "processor_links.revoke": Action.INVITE_PROCESSOR,
    "qualification.form": (Action.SEE_CASE, Action.QUALIFY),
    "questionnaire.ask": Action.RECORD_FACTS,
    "questionnaire.preview": Action.RECORD_FACTS,
    "recipients.export": Action.EXPORT_RECIPIENTS,
    "recipients.people": Action.SEE_RECIPIENTS,
    "recipients.preview": Action.IMPORT_RECIPIENTS,
    "recipients.upload": Action.IMPORT_RECIPIENTS,
    "register.listing": Action.SEE_REGISTER,
    "reminder_ledger.acknowledge": Action.ACKNOWLEDGE_REMINDER,
    "reminder_plan.show": (Action.SEE_ORGANISATION, Action.MANAGE_REMINDER_PLAN),
    "reopening.form": (Action.SEE_CASE, Action.QUALIFY),
    "report_messages.listing": Action.ANSWER_REPORTER,
    "reporting.address": Action.MANAGE_REPORTING,
    "reporting.close": Action.MANAGE_REPORTING,
    "reporting.settings": Action.MANAGE_REPORTING,
    "shared_incidents.organisations": Action.SHARE_INCIDENT,
    "shared_incidents.show": Action.SHARE_INCIDENT,
}

# Addresses that no role opens or closes, by what they begin with, and why.
EXCEPTIONS = {
    "account.": "one's own account",
    "calendar_feeds.": "one's own addresses for calendars",
    "desk.due": "whoever belongs to the organisation; what it lists is asked of SEE_REGISTER",
    "duty.cancel_absence": "one's own, or anybody's for who manages duty: see test_duty",
    "desk.home": "leads to one's first organisation",
    "incidents.own": "one's own report alone, whatever one's roles",
    "kept_form.": "what one sent oneself before signing in again",
    "portfolio.due": "lists by SEE_REGISTER in each organisation",
    "proof.": "proving who one is",
    "second_factor.": "one's own second factor",
    "sign_in.out": "ending one's own session",
    "verification.show": "checks a file that one brings, and reads nothing of the desk",
}
# Changes who may come in: sent to last, so that the addresses before it are still asked.
LAST = (
    "mail_account.removal",
    "organisation_sign_in.passwords",
    "organisation_sign_in.second_factor",
    "people.departure",
    "people.revoke",
)


def is_excepted(endpoint: str) -> bool:
    """Whether an endpoint is open to all, or one of the exceptions."""
    return endpoint in PUBLIC_ENDPOINTS or endpoint.startswith(tuple(EXCEPTIONS))


def action_of(endpoint: str, method: str) -> Action:
    """What this address asks for."""
    asked = ACTIONS[endpoint]
    return asked if isinstance(asked, Action) else asked[method == "POST"]


def test_every_address_has_its_action_or_a_reason_to_have_none(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    unknown = {each for each in endpoints if each not in ACTIONS and not is_excepted(each)}
    gone = set(ACTIONS) - endpoints
    both = {each for each in ACTIONS if is_excepted(each)}
    unused = {each for each in EXCEPTIONS if not any(e.startswith(each) for e in endpoints)}

    assert (unknown, gone, both, unused) == (set(), set(), set(), set())


# --- The walk --------------------------------------------------------------------------------


@pytest.fixture
def places(app: Flask) -> dict[str, object]:
    """A whole case, people and links: a real value for every part of an address."""
    # What is asked of the DNS here is refused by this machine at once.
    desk = replace(app.extensions["desk"], name_servers=NameServers(("127.0.0.1",), 9, 0.1))
    app.extensions["desk"] = desk
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE, is_example=True)
        add_person_of_all_roles(work, "GIR")
        full = cases.full_case(work, now=MONDAY_NINE)
        leaver = add_one(work, "partant@gir.example", Role.REPORTER)
        add_one(work, OPERATOR).is_operator = True
        message_id = catch_mail(app, work)
        identity, invitation = _rows_of(work, leaver)
        work.session.add_all((identity, invitation, _mail_account_of(work)))
        work.session.commit()
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
            "user_id": leaver.id,
            "invitation_id": invitation.id,
            "identity_id": identity.id,
            "link_id": a_link(work),
            **away_and_on_duty(work),
            "message_id": message_id,
            # Of one's own account: excepted.
            "passkey_id": 1,
            "session_id": 1,
            "form_id": 1,
            "feed_id": 1,
        }


def add_one(work: Work, email: str, *roles: Role) -> User:
    """Somebody of GIR with these roles, which may be none."""
    person = NewPerson("Une personne", email, frozenset(roles), PASSWORD)
    return add_user(work.session, cases.organisation(work), person, now=MONDAY_NINE)


def _rows_of(work: Work, person: User) -> tuple[ExternalIdentity, Invitation]:
    """An account linked with the organisation's sign-in, and an invitation that waits."""
    organisation = cases.organisation(work)
    provider = IdentityProvider(
        organisation_id=organisation.id,
        issuer="https://idp.example",
        client_id="breachdesk",
        is_enabled=False,
        changed_at=MONDAY_NINE,
    )
    work.session.add(provider)
    work.session.flush()
    identity = ExternalIdentity(
        provider_id=provider.id, user_id=person.id, subject="1", linked_at=MONDAY_NINE
    )
    invitation = Invitation(
        organisation_id=organisation.id,
        token_hash="0" * 64,
        email="invitee@gir.example",
        name="Invitée",
        roles=["reporter"],
        invited_at=MONDAY_NINE,
        expires_at=MONDAY_NINE + timedelta(days=7),
    )
    return identity, invitation


def _mail_account_of(work: Work) -> MailAccount:
    """An account at a port of this machine where nothing listens."""
    return MailAccount(
        organisation_id=cases.organisation(work).id,
        host="127.0.0.1",
        port=9,
        security="none",
        sender="desk@gir.example",
        changed_at=MONDAY_NINE,
    )


def walk(app: Flask, places: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Method, address and endpoint of everything in the table: read first, then sent to."""
    with app.test_request_context():
        matching = app.url_map.bind("localhost")
        for method in ("GET", "POST"):
            found = [(url, matching.match(url, method)[0]) for url in paths(app, method, places)]
            found.sort(key=lambda pair: pair[1] in LAST)
            for url, endpoint in found:
                if not is_excepted(endpoint):
                    yield method, url, endpoint


def paths(app: Flask, method: str, places: dict[str, object]) -> list[str]:
    """The addresses that take a method, without what follows a question mark."""
    return [url.partition("?")[0] for url in addresses(app, method, **places)]


def refusals(app: Flask, visitor: FlaskClient, places: dict[str, object]) -> dict[str, int]:
    """What each address answered; the sooner of 403 and 404 that it gave."""
    answers = {}
    for method, url, endpoint in list(walk(app, places)):
        answers[f"{method} {endpoint} {url}"] = visitor.open(url, method=method).status_code
    return answers


@pytest.mark.parametrize("role", ORGANISATION_ROLES)
def test_each_role_may_do_at_every_address_what_the_table_allows_and_nothing_else(
    app, client, sign_in, places, role
):
    sign_in(client, address_of(role))

    answers = refusals(app, client, places)

    assert len(answers) > 80
    wrong = {
        where: status
        for where, status in answers.items()
        if (status not in (403, 404)) is not is_allowed({role}, _asked(where))
    }
    assert wrong == {}
    assert max(answers.values()) < 500


def _asked(where: str) -> Action:
    method, endpoint, _ = where.split(" ")
    return action_of(endpoint, method)


def test_the_operator_and_nobody_read_and_do_nothing_of_any_organisation(
    app, client, sign_in, places
):
    stranger = app.test_client()
    sign_in(client, OPERATOR)
    give_second_factor(app, OPERATOR)

    answers = refusals(app, client, places)

    opened = {where.split(" ")[1] for where, code in answers.items() if code not in (403, 404)}
    assert opened == {each for each in ACTIONS if each.startswith("installation.")}
    for method, url, _ in list(walk(app, places)):
        answer = stranger.open(url, method=method)
        assert answer.status_code == 302, url
        assert answer.location.startswith("/sign-in"), url


@pytest.mark.parametrize("roles_here", [(), (Role.REPORTER,)], ids=["none here", "a reporter here"])
def test_the_roles_held_in_one_organisation_open_nothing_in_another(
    app, client, sign_in, places, roles_here
):
    """Somebody with every role in VID, and in GIR none any more, or a reporter's."""
    with at_desk(app) as work:
        cases.make_organisation(work, "VID", now=MONDAY_NINE)
        email = add_person_of_all_roles(work, "VID")
        user = work.session.scalars(select(User).where(User.email == email)).one()
        here = cases.organisation(work).id
        held = [(role, None) for role in roles_here]
        ended = [(role, MONDAY_NINE) for role in ORGANISATION_ROLES if role not in roles_here]
        for role, ended_at in held + ended:
            work.session.add(
                Membership(organisation_id=here, user_id=user.id, role=role, ended_at=ended_at)
            )
        work.session.commit()
    sign_in(client, email)

    for method, url, endpoint in list(walk(app, places)):
        answer = client.open(url, method=method)
        may = is_allowed(roles_here, action_of(endpoint, method))
        assert (answer.status_code not in (403, 404)) is may, (method, url)


# --- A restricted case -----------------------------------------------------------------------


@pytest.fixture
def restricted(app: Flask, places: dict[str, object]) -> dict[str, object]:
    """The whole case of `places`, restricted to the DPO."""
    with at_desk(app) as work:
        dpo = cases.seat(work, Role.DPO)
        case = cases.incident(work, str(places["reference"]))
        restrict_case(work.session, case, [dpo.user.id], seen=[], by=dpo, now=MONDAY_NINE)
    return places


def of_case(app: Flask, method: str, places: dict[str, object]) -> list[str]:
    """Every address of the case that takes a method."""
    return [
        url
        for url in addresses(app, method, **places)
        if url.startswith(f"/incidents/{places['reference']}")
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_to_who_is_not_named_a_restricted_case_is_nowhere_whatever_their_roles(
    app, client, sign_in, restricted, method
):
    sign_in(client, "tout@gir.example")
    urls = of_case(app, method, restricted)

    assert len(urls) > 20
    for url in urls:
        answer = client.open(url, method=method)
        assert answer.status_code == 404, url
        if "text/html" in answer.mimetype:
            assert "Référence inconnue" in answer.text or "n’existe pas" in answer.text, url


def test_to_who_is_named_every_page_of_it_is_there(app, client, sign_in, restricted):
    sign_in(client, address_of(Role.DPO))

    for url in of_case(app, "GET", restricted):
        assert client.get(url).status_code in (200, 302), url


# --- What asking costs -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/organisations/GIR/register", "/incidents/{reference}"])
def test_asking_who_may_what_is_one_query_in_one_organisation_or_in_fifty(
    app, client, sign_in, path
):
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        path = path.format(reference=cases.open_case(work, now=MONDAY_NINE))
    sign_in(client, address_of(Role.DPO))
    with counted_queries(app) as alone:
        assert client.get(path).status_code == 200
    with at_desk(app) as work:
        user = cases.seat(work, Role.DPO).user.id
        for number in range(49):
            letters = chr(65 + number // 26) + chr(65 + number % 26)
            cases.make_organisation(work, f"X{letters}", now=MONDAY_NINE, roles=(Role.DECIDER,))
            there = cases.organisation(work, f"X{letters}").id
            for role in (Role.DPO, Role.HANDLER):
                work.session.add(Membership(organisation_id=there, user_id=user, role=role))
        work.session.commit()
    with counted_queries(app) as in_fifty:
        assert client.get(path).status_code == 200

    assert len(in_fifty) == len(alone)
    for queries in (alone, in_fifty):
        about_roles = [query for query in queries if "user_session" in query]
        assert len(about_roles) == 1, "\n".join(queries)
