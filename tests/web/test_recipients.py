"""Recipients: a list previewed as it was understood, then taken in or put aside."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from breachdesk.domain.access import Role
from breachdesk.domain.jobs import PAUSES
from breachdesk.models import Recipient, RecipientImport
from breachdesk.services import job_requests, jobs
from breachdesk.workers.rounds import do_round
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import plain, queries_of

LIST = """Civilité;Prénom;Nom;Courriel;Contact de secours
Mme;Élise;Garnier;elise.garnier@client.example;aide1@secours.example
M.;Noé;Vidal;noe.vidal@client.example;
M.;Sans;Adresse;;aide3@secours.example
Mme;<script>alert(1)</script>;=1+1;hostile@client.example;
M.;Noé;Vidal;noe.vidal@client.example;
M.;Paul;Petit;paul.petit(arobase)client.example;
""".encode()


@pytest.fixture
def reference(app) -> str:
    """A breach of GIR whose message is written."""
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)
        case = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, case, now=MONDAY_NINE)
        cases.draft_notice(work, case, now=MONDAY_NINE)
        return case


def url(reference: str) -> str:
    return f"/incidents/{reference}/communication/recipients"


def send(client, reference: str, content: bytes = LIST):
    return client.post(url(reference), data={"recipients": (BytesIO(content), "clients.csv")})


def kept_recipients(app) -> int:
    with at_desk(app) as work:
        return work.session.scalar(select(func.count(Recipient.id)))


def test_before_the_message_is_written_the_page_says_what_comes_first(app, as_role, reference):
    with at_desk(app) as work:
        other = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, other, now=MONDAY_NINE)

    assert "Le message d’abord" in as_role(Role.HANDLER).get(url(other)).text


def test_a_list_is_previewed_with_every_bad_line_and_taken_in(app, as_role, reference):
    client = as_role(Role.HANDLER)

    preview = send(client, reference)
    page = plain(client.get(preview.location).text)
    assert preview.status_code == 303
    assert "Reprendre les 3 destinataires" in page
    assert "Élise Garnier" in page
    assert "Aucune adresse dans la colonne choisie." in page
    assert "Ce n’est pas une adresse électronique." in page
    assert "paul.petit(arobase)client.example" in page
    assert kept_recipients(app) == 0

    answer = client.post(preview.location, follow_redirects=True)

    assert "3 destinataires ajoutés. 2 lignes écartées." in plain(answer.text)
    assert kept_recipients(app) == 3
    with at_desk(app) as work:
        assert work.session.scalars(select(RecipientImport.content)).all() == [None]


def test_other_columns_are_read_from_the_same_file(app, as_role, reference):
    client = as_role(Role.HANDLER)
    preview = send(client, reference).location
    chosen = "?address=4&name_1=2&name_2=-1&locale=-1&titles=y"

    page = plain(client.get(preview + chosen).text)
    client.post(preview + chosen)

    assert "aide3@secours.example" in page
    assert "Reprendre les 2 destinataires" in page
    assert kept_recipients(app) == 2


def test_the_page_confirms_the_columns_it_shows(as_role, reference):
    client = as_role(Role.HANDLER)
    preview = send(client, reference).location

    page = client.get(preview + "?address=4&name_1=2&name_2=-1&locale=-1&titles=y").text

    action = page.split(f'<form method="post" action="{preview}')[1].split('"')[0]
    assert "address=4&amp;name_1=2" in action


@pytest.mark.parametrize("columns", ["?address=99", "?address=x&name_1=;", "?address=0&locale=-7"])
def test_columns_that_do_not_exist_harm_nothing(as_role, reference, columns):
    client = as_role(Role.HANDLER)

    assert client.get(send(client, reference).location + columns).status_code == 200


def test_many_bad_lines_are_shown_a_hundred_at_a_time(as_role, reference):
    client = as_role(Role.HANDLER)
    rows = "".join(f"personne-{n}\n" for n in range(250))
    preview = send(client, reference, f"email\nbonne@client.example\n{rows}".encode()).location

    first, last = (client.get(f"{preview}?page={page}").text for page in (1, 3))

    assert "personne-99" in first
    assert "personne-100" not in first
    assert "personne-249" in last


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "est vide", id="empty"),
        pytest.param(b"PK\x03\x04 spreadsheet", "CSV", id="a spreadsheet"),
        pytest.param(b"%PDF-1.7", "texte", id="a document"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(as_role, reference, content, said):
    answer = send(as_role(Role.HANDLER), reference, content)

    assert answer.status_code == 422
    assert 'id="recipients-fault"' in answer.text
    assert said in answer.text


def test_without_a_file_the_page_asks_for_one(as_role, reference):
    answer = as_role(Role.HANDLER).post(url(reference), data={})

    assert answer.status_code == 422
    assert "Choisissez le fichier" in answer.text


def test_a_list_put_aside_is_erased_and_says_so(app, as_role, reference):
    client = as_role(Role.HANDLER)
    preview = send(client, reference).location

    answer = client.post(preview, data={"discard": "yes"}, follow_redirects=True)

    assert "Écartée" in answer.text
    assert client.get(preview).status_code == 404
    with at_desk(app) as work:
        assert work.session.scalars(select(RecipientImport.content)).all() == [None]


def test_a_list_with_nobody_in_it_cannot_be_taken_in(as_role, reference):
    client = as_role(Role.HANDLER)

    page = client.get(send(client, reference, b"email\npersonne\n").location).text

    assert "Aucune personne ne peut être reprise" in page
    assert "Reprendre" not in page


def test_hostile_names_are_text(as_role, reference):
    client = as_role(Role.HANDLER)

    page = client.get(send(client, reference).location).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; =1+1" in page


def test_only_those_who_may_import_see_the_lists(as_role, reference):
    assert as_role(Role.AUDITOR).get(url(reference)).status_code == 403


def test_earlier_lists_cost_no_query_each(app, as_role, reference):
    client = as_role(Role.HANDLER)
    send(client, reference)
    few = queries_of(app, client, url(reference))

    for _ in range(5):
        send(client, reference)

    assert queries_of(app, client, url(reference)) == few <= 8


# --- A long list -----------------------------------------------------------------------------


@pytest.fixture
def long_list(monkeypatch) -> None:
    """Whatever has more than one line is taken in by a job."""
    monkeypatch.setattr(job_requests, "LINES_AT_ONCE", 1)


def work_once(app) -> None:
    do_round(app, app.extensions["desk"], worker="w")


def test_a_long_list_is_taken_in_by_the_worker_while_the_page_waits(
    app, as_role, reference, long_list
):
    client = as_role(Role.HANDLER)
    preview = send(client, reference).location

    asked = client.post(preview)
    waiting = client.get(asked.location)
    assert (asked.status_code, waiting.status_code) == (303, 200)
    assert "en cours de reprise" in waiting.text
    assert waiting.headers["Refresh"] == "2"
    assert "Reprise en cours" in client.get(url(reference)).text
    assert kept_recipients(app) == 0

    work_once(app)

    done = client.get(asked.location, follow_redirects=True)
    assert "3 destinataires ajoutés. 2 lignes écartées." in plain(done.text)
    assert done.request.path.endswith("/communication/approval")
    assert kept_recipients(app) == 3
    assert "Reprise en cours" not in client.get(url(reference)).text


def test_a_long_list_that_could_not_be_taken_in_says_why_and_is_still_there(
    app, as_role, reference, long_list, clock, monkeypatch
):
    client = as_role(Role.HANDLER)
    preview = send(client, reference).location
    client.post(preview)
    with monkeypatch.context() as patch:

        def fail(*_args, **_options):
            raise OSError

        patch.setattr(jobs, "confirm_recipients", fail)
        work_once(app)
        for pause in PAUSES:
            clock.now += pause
            work_once(app)

    page = plain(client.get(preview).text)
    assert "La liste n’a pas été reprise" in page
    assert "Plusieurs essais ont échoué" in page
    assert "Refresh" not in client.get(preview).headers

    client.post(preview)
    work_once(app)

    assert kept_recipients(app) == 3


def test_sending_waits_for_a_list_that_is_being_taken_in(app, as_role, reference, long_list):
    client = as_role(Role.HANDLER)
    client.post(send(client, reference).location)

    sending = as_role(Role.DECIDER).get(f"/incidents/{reference}/communication/sending")

    assert "Une liste de destinataires est en cours de reprise" in sending.text
