"""Absences and shifts: one's own, those of others, and who would be told right now."""

from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.models import Absence, DutyShift
from breachdesk.services import duty
from tests import cases
from tests.cases import MONDAY_NINE, at_desk
from tests.web.reading import form_of, plain, queries_of

URL = "/organisations/GIR/duty"
ABSENCE, SHIFT = f"{URL}/absences/new", f"{URL}/shifts/new"
SATURDAY = datetime(2026, 3, 7, 11, tzinfo=UTC)


@pytest.fixture
def girandole(app) -> None:
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


@pytest.fixture
def ids(app, girandole) -> dict[Role, str]:
    """The id of the holder of each role."""
    with at_desk(app) as work:
        return {
            role: str(cases.seat(work, role).user.id)
            for role in (Role.REPORTER, Role.HANDLER, Role.DPO, Role.DECIDER, Role.MANAGER)
        }


def absences(app) -> list[Absence]:
    with at_desk(app) as work:
        found = list(work.session.query(Absence).order_by(Absence.id))
        work.session.expunge_all()
        return found


def shifts(app) -> list[DutyShift]:
    with at_desk(app) as work:
        found = list(work.session.query(DutyShift).order_by(DutyShift.id))
        work.session.expunge_all()
        return found


def away(**changes: str) -> dict[str, str]:
    return {"starts_on": "2026-03-03", "ends_on": "2026-03-06", "deputy_id": ""} | changes


def record(app, role: Role, deputy: Role | None = None) -> int:
    """An absence from that Tuesday to that Friday; its id."""
    with at_desk(app) as work:
        made = duty.record_absence(
            work.session,
            user_id=cases.seat(work, role).user.id,
            deputy_id=cases.seat(work, deputy).user.id if deputy else None,
            starts_on=MONDAY_NINE.date() + timedelta(days=1),
            ends_on=MONDAY_NINE.date() + timedelta(days=4),
            by=cases.seat(work, Role.DPO),
            now=MONDAY_NINE,
        )
        return made.id


def put_on_duty(app, role: Role, starts_at: datetime, hours: int) -> int:
    with at_desk(app) as work:
        made = duty.add_shift(
            work.session,
            user_id=cases.seat(work, role).user.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            by=cases.seat(work, Role.DPO),
            now=MONDAY_NINE,
        )
        return made.id


# --- Who is told right now -------------------------------------------------------------------


def test_the_page_says_who_would_be_told_right_now_and_then(girandole, as_role):
    page = plain(as_role(Role.MANAGER).get(URL).text)

    assert "Un rappel urgent irait à <strong>Handler GIR</strong> (gestionnaire)." in page
    assert page.index("Handler GIR") < page.index("Dpo GIR") < page.index("Decider GIR")
    assert "heures calmes et personne" not in page
    assert "Un rappel qui n’est pas urgent irait d’abord aux mêmes personnes." in page


def test_on_a_night_of_the_week_one_moment_is_said_once(clock, girandole, as_role):
    clock.now = MONDAY_NINE + timedelta(hours=13)

    page = plain(as_role(Role.MANAGER).get(URL).text)

    assert "attendrait jusqu’au" in page
    assert "Tant que personne n’a lu de rappel" not in page


def test_on_a_saturday_it_says_until_when_the_rest_would_wait(clock, girandole, as_role):
    clock.now = SATURDAY

    page = plain(as_role(Role.MANAGER).get(URL).text)

    assert "attendrait jusqu’au" in page
    assert "lundi 9 mars 2026 à 7 h 00" in page
    # By day; at night it waits for the morning.
    assert "Tant que personne n’a lu de rappel de ce délai, il n’attendrait pas." in page
    clock.now = SATURDAY + timedelta(hours=12)
    assert "il n’attendrait que jusqu’au" in plain(as_role(Role.MANAGER).get(URL).text)


def test_who_is_on_duty_is_named_first_of_those_told(app, clock, girandole, as_role):
    put_on_duty(app, Role.MANAGER, SATURDAY - timedelta(hours=1), 4)
    clock.now = SATURDAY

    page = plain(as_role(Role.HANDLER).get(URL).text)

    urgent = page[page.index("Un rappel urgent") : page.index("Sans réponse")]
    assert "Manager GIR" in urgent
    assert "attendrait jusqu’au" not in page
    # Instead of the others, who are told with them of what is urgent.
    assert "Un rappel qui n’est pas urgent irait à <strong>Manager GIR</strong>" in page
    assert "en ce moment" in page


def test_a_deputy_is_named_while_somebody_is_away(app, clock, girandole, as_role):
    record(app, Role.HANDLER, Role.DECIDER)
    clock.now = MONDAY_NINE + timedelta(days=1)

    page = plain(as_role(Role.MANAGER).get(URL).text)

    assert "irait à <strong>Decider GIR</strong>, remplace Handler GIR (gestionnaire)." in page


def test_to_who_only_reports_the_page_shows_their_own_absences_alone(app, girandole, as_role):
    record(app, Role.HANDLER)
    record(app, Role.REPORTER)

    page = as_role(Role.REPORTER).get(URL).text

    assert "Reporter GIR" in page
    assert "Handler GIR" not in page
    assert "Astreintes" not in page.replace("Absences et astreintes", "")


def test_it_takes_as_many_queries_for_many_as_for_few(app, girandole, as_role):
    dpo = as_role(Role.DPO)
    record(app, Role.HANDLER, Role.DPO)
    put_on_duty(app, Role.DPO, MONDAY_NINE, 8)
    few = queries_of(app, dpo, URL)
    for role in (Role.MANAGER, Role.DECIDER):
        record(app, role, Role.DPO)
        put_on_duty(app, role, MONDAY_NINE + timedelta(days=1), 8)

    assert queries_of(app, dpo, URL) == few


# --- Absences --------------------------------------------------------------------------------


def test_everybody_records_their_own_absence_with_a_deputy(app, ids, as_role):
    handler = as_role(Role.HANDLER)
    form = form_of(handler.get(ABSENCE).text)
    assert form["user_id"] == [ids[Role.HANDLER]]

    answer = handler.post(ABSENCE, data=form | away(deputy_id=ids[Role.DPO]))

    assert answer.location == URL
    (kept,) = absences(app)
    assert (str(kept.user_id), str(kept.deputy_id)) == (ids[Role.HANDLER], ids[Role.DPO])
    assert (f"{kept.starts_on}", f"{kept.ends_on}") == ("2026-03-03", "2026-03-06")
    page = handler.get(URL).text
    assert "03/03/2026" in page
    assert "Dpo GIR" in page


def test_who_does_not_manage_duty_records_nobody_elses(app, ids, as_role):
    handler = as_role(Role.HANDLER)

    answer = handler.post(ABSENCE, data=away(user_id=ids[Role.DPO]))

    assert answer.status_code == 422
    assert absences(app) == []


def test_who_manages_duty_records_that_of_others(app, ids, as_role):
    dpo = as_role(Role.DPO)
    assert f'value="{ids[Role.MANAGER]}"' in dpo.get(ABSENCE).text

    dpo.post(ABSENCE, data=away(user_id=ids[Role.MANAGER]))

    (kept,) = absences(app)
    assert (str(kept.user_id), kept.deputy_id) == (ids[Role.MANAGER], None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"starts_on": ""}, "premier jour", id="no first day"),
        pytest.param({"ends_on": "vendredi"}, "« vendredi » n’est pas une date", id="no date"),
        pytest.param({"ends_on": "2026-03-02"}, "ne peut pas précéder", id="ends before"),
        pytest.param(
            {"starts_on": "2026-02-01", "ends_on": "2026-02-08"}, "déjà passée", id="over"
        ),
        pytest.param({"ends_on": "2028-03-02"}, "366 jours au plus", id="too long"),
        pytest.param({"deputy_id": "self"}, "Choisissez", id="their own deputy"),
        pytest.param({"deputy_id": "999999"}, "Choisissez une personne", id="nobody of ours"),
        pytest.param({"deputy_id": "reporter"}, "Choisissez une personne", id="reads no cases"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_typed_is_lost(
    app, ids, as_role, changes, said
):
    handler = as_role(Role.HANDLER)
    named = {"self": ids[Role.HANDLER], "reporter": ids[Role.REPORTER]}
    sent = away(user_id=ids[Role.HANDLER]) | changes
    sent["deputy_id"] = named.get(sent["deputy_id"], sent["deputy_id"])

    answer = handler.post(ABSENCE, data=sent)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert f'value="{sent["starts_on"]}"' in answer.text
    assert absences(app) == []


def test_an_absence_is_cancelled_by_who_is_away_or_who_manages_duty(app, client, sign_in, ids):
    own, managed = record(app, Role.HANDLER), record(app, Role.HANDLER)
    sign_in(client, cases.address_of(Role.MANAGER))
    assert client.post(f"{URL}/absences/{own}/end").status_code == 403

    for number, role in ((own, Role.HANDLER), (managed, Role.DECIDER)):
        client.post("/sign-out")
        sign_in(client, cases.address_of(role))
        assert client.post(f"{URL}/absences/{number}/end").status_code == 302

    assert all(each.cancelled_at is not None for each in absences(app))
    assert "03/03/2026" not in client.get(URL).text


def test_an_absence_of_another_organisation_is_not_there(app, client, sign_in, ids):
    number = record(app, Role.HANDLER)
    with at_desk(app) as work:
        cases.make_organisation(work, "VID", now=MONDAY_NINE)
    sign_in(client, cases.address_of(Role.DPO, "VID"))

    assert client.post(f"/organisations/VID/duty/absences/{number}/end").status_code == 404


def test_the_journal_says_the_days_as_people_write_them(app, girandole, as_role):
    record(app, Role.HANDLER)

    page = plain(as_role(Role.DPO).get("/organisations/GIR/journal").text)

    assert "Absence enregistrée, du 03/03/2026 au 06/03/2026." in page


# --- Shifts ----------------------------------------------------------------------------------


def on_duty(**changes: str) -> dict[str, str]:
    usual = {"starts_at": "2026-03-07T08:00", "ends_at": "2026-03-09T08:00"}
    return usual | changes


def test_a_shift_is_added_in_local_time_and_shown_in_it(app, ids, as_role):
    dpo = as_role(Role.DPO)

    answer = dpo.post(SHIFT, data=on_duty(user_id=ids[Role.MANAGER]))

    assert answer.location == URL
    (kept,) = shifts(app)
    assert kept.starts_at == datetime(2026, 3, 7, 7, tzinfo=UTC)
    assert "samedi 7 mars 2026 à 8 h 00" in plain(dpo.get(URL).text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"user_id": ""}, "Choisissez une personne", id="nobody"),
        pytest.param({"starts_at": ""}, "quand l’astreinte commence", id="no start"),
        pytest.param({"ends_at": "bientôt"}, "« bientôt » n’est pas une date", id="no end"),
        pytest.param({"ends_at": "2026-03-07T07:00"}, "après le début", id="ends before"),
        pytest.param({"ends_at": "2026-05-07T07:00"}, "31 jours au plus", id="too long"),
        pytest.param(
            {"starts_at": "2026-03-01T08:00", "ends_at": "2026-03-01T18:00"},
            "déjà passée",
            id="over",
        ),
        pytest.param({"ends_at": "2026-03-29T02:30"}, "n’existe pas", id="skipped in spring"),
    ],
)
def test_a_fault_of_a_shift_is_said_and_nothing_typed_is_lost(app, ids, as_role, changes, said):
    dpo = as_role(Role.DPO)
    sent = on_duty(user_id=ids[Role.MANAGER]) | changes

    answer = dpo.post(SHIFT, data=sent)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert f'value="{sent["starts_at"]}"' in answer.text
    assert shifts(app) == []


def test_in_the_hour_that_comes_twice_it_is_asked_which(app, clock, ids, as_role):
    clock.now = datetime(2026, 10, 20, 9, tzinfo=UTC)
    dpo = as_role(Role.DPO)
    sent = on_duty(
        user_id=ids[Role.MANAGER], starts_at="2026-10-24T20:00", ends_at="2026-10-25T02:30"
    )

    asked = dpo.post(SHIFT, data=sent)
    assert asked.status_code == 422
    assert "a eu lieu deux fois" in plain(asked.text)
    assert 'id="ends_at_second"' in asked.text
    assert 'id="starts_at_second"' not in asked.text

    assert dpo.post(SHIFT, data=sent | {"ends_at_second": "second"}).status_code == 302
    assert shifts(app)[0].ends_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_shift_is_cancelled_by_who_manages_duty_alone(app, client, sign_in, ids):
    number = put_on_duty(app, Role.MANAGER, SATURDAY, 8)
    sign_in(client, cases.address_of(Role.MANAGER))
    assert client.post(f"{URL}/shifts/{number}/end").status_code == 403
    client.post("/sign-out")
    sign_in(client, cases.address_of(Role.ADMIN))

    assert client.post(f"{URL}/shifts/{number}/end").status_code == 302

    assert shifts(app)[0].cancelled_at is not None


@pytest.mark.parametrize(
    ("starts_at", "deputy", "said"),
    [
        pytest.param(
            datetime(2026, 3, 6, 18, tzinfo=UTC),
            Role.DPO,
            "absent ces jours-là : remplacé par Dpo GIR",
            id="from the evening of their last day away",
        ),
        pytest.param(
            datetime(2026, 3, 3, 18, tzinfo=UTC),
            None,
            "absent ces jours-là, et personne ne remplace",
            id="nobody stands in",
        ),
        pytest.param(datetime(2026, 3, 6, 23, 30, tzinfo=UTC), Role.DPO, "", id="back by then"),
    ],
)
def test_somebody_away_while_on_duty_is_said_to_be(app, ids, as_role, starts_at, deputy, said):
    record(app, Role.HANDLER, deputy)
    put_on_duty(app, Role.HANDLER, starts_at, 10)

    page = plain(as_role(Role.DPO).get(URL).text)

    assert said in page
    assert ("absent ces jours-là" in page) is bool(said)
