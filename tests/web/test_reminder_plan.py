"""The page of a reminder plan: what it would do, changing it, going back to what we propose."""

from datetime import timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.reminder_plans import DEFAULT_PLAN
from breachdesk.domain.reminders import LINE, ReminderCause, ReminderChannel
from breachdesk.models import Reminder
from breachdesk.services.clocks import main_clock
from breachdesk.services.organisations import NewPerson, add_user
from breachdesk.services.reminder_plans import plan_of
from tests import cases
from tests.cases import MONDAY_NINE, PASSWORD, at_desk
from tests.web.reading import form_of, plain, queries_of

URL = "/organisations/GIR/reminders"


@pytest.fixture
def girandole(app) -> None:
    with at_desk(app) as work:
        cases.make_organisation(work, now=MONDAY_NINE)


@pytest.fixture
def dpo(girandole, as_role):
    """The client, signed in as the DPO."""
    return as_role(Role.DPO)


def kept(app):
    with at_desk(app) as work:
        return plan_of(cases.organisation(work))


def typed(page: str, **changes: object) -> dict[str, object]:
    """The form as it stands, with some fields typed anew."""
    return form_of(page) | {name: value for name, value in changes.items()}


# --- What it would do ------------------------------------------------------------------------


def test_the_page_says_in_words_and_times_what_a_friday_evening_would_ring(dpo):
    page = plain(dpo.get(URL).text)

    assert "Connue le" in page
    assert "vendredi 6 mars 2026 à 18 h 00" in page
    assert "lundi 9 mars 2026 à 18 h 00" in page
    # Wanted in the night, the first is heard on the Saturday morning; whom it rings, by name.
    assert "Le premier rappel partirait le" in page
    assert "samedi 7 mars 2026 à 9 h 00" in page
    assert "15 h 00 après" in page
    assert "retenu par les heures calmes" in page
    assert "07/03/2026 02:00" in page
    assert "Handler GIR" in page
    assert "Manager GIR" in page
    assert "C’est le plan que nous proposons." in page
    assert "trop tard" not in page
    assert "à Handler GIR (gestionnaire)." in page


def test_where_nobody_holds_the_role_the_first_reminder_names_who_stands_in(app, as_role):
    with at_desk(app) as work:
        roles = (Role.DECIDER, Role.MANAGER)
        cases.make_organisation(work, now=MONDAY_NINE, roles=roles)

    page = plain(as_role(Role.DECIDER).get(URL).text)

    assert "à Decider GIR, en l’absence de gestionnaire." in page


def test_a_plan_first_heard_after_more_than_a_day_is_warned_of_with_what_mends_it(app, dpo):
    late = typed(dpo.get(URL).text, notices_1_before="", notices_2_before="40", look="1")

    page = plain(dpo.post(URL, data=late).text)

    assert "Le premier rappel viendrait trop tard." in page
    assert "La première relance viendrait trop tard." not in page
    assert "Ajoutez un rappel par message 64 h avant l’échéance." in page
    # And so it is mended.
    mended = late | {"notices_1_before": "64"}
    assert "trop tard" not in plain(dpo.post(URL, data=mended).text)


def test_lines_without_hours_wait_folded_behind_what_adds_one(dpo):
    page = dpo.get(URL).text

    before, after = page.split("Ajouter un rappel</summary>", 1)
    count = len(DEFAULT_PLAN.notices)
    assert f'name="notices_{count - 1}_before"' in before
    assert f'name="notices_{count}_before"' in after
    # Without a script: what was added and looked at stands among the others.
    sent = typed(page, **{f"notices_{count}_before": "30", f"notices_{count}_roles": "dpo"})
    looked = dpo.post(URL, data=sent | {"look": "1"}).text
    assert 'value="30"' in looked.split("Ajouter un rappel</summary>", 1)[0]


def test_it_asks_as_many_queries_with_many_people_as_with_few(app, dpo):
    few = queries_of(app, dpo, URL)
    with at_desk(app) as work:
        for number in range(5):
            email = f"plus{number}@gir.example"
            person = NewPerson("Une de plus", email, frozenset({Role.HANDLER}), PASSWORD)
            add_user(work.session, cases.organisation(work), person, now=MONDAY_NINE)
        work.session.commit()

    assert queries_of(app, dpo, URL) == few


def test_typed_and_looked_at_it_is_not_kept(app, dpo):
    sent = typed(dpo.get(URL).text, notices_0_before="30", look="1")

    answer = dpo.post(URL, data=sent)

    assert answer.status_code == 200
    assert "Rien n’est encore enregistré" in answer.text
    assert "08/03/2026 12:00" in answer.text
    assert 'value="30"' in answer.text
    assert kept(app) == DEFAULT_PLAN


# --- Changing it -----------------------------------------------------------------------------


def test_sent_as_it_stands_the_plan_stays_the_one_we_propose(app, dpo):
    answer = dpo.post(URL, data=form_of(dpo.get(URL).text))

    assert answer.status_code == 302
    assert kept(app) == DEFAULT_PLAN
    with at_desk(app) as work:
        assert cases.organisation(work).reminder_plan == {}


def test_a_line_is_added_by_an_empty_one_and_taken_away_by_its_hours(app, dpo):
    page = dpo.get(URL).text
    free = len(DEFAULT_PLAN.notices)
    sent = typed(
        page,
        **{
            "notices_0_before": "",
            f"notices_{free}_before": "1,5",
            f"notices_{free}_roles": ["dpo", "manager"],
        },
    )

    assert dpo.post(URL, data=sent).status_code == 302

    notices = kept(app).notices
    assert len(notices) == len(DEFAULT_PLAN.notices)
    assert DEFAULT_PLAN.notices[0] not in notices
    assert notices[-1].before == timedelta(hours=1, minutes=30)
    assert notices[-1].roles == (Role.DPO, Role.MANAGER)
    assert 'value="1,5"' in dpo.get(URL).text


def test_everything_else_is_kept_too(app, dpo):
    sent = typed(
        dpo.get(URL).text,
        notices_0_channel="desk",
        escalate_after="6",
        escalate_after_when_near="0,5",
        near="20",
        late_every="8",
        open_ended_every="48",
        starts="22:00",
        ends="06:30",
        holidays="FR-ALSACE-MOSELLE",
        quiet_yields="30",
    )
    del sent["weekends"]

    assert dpo.post(URL, data=sent).status_code == 302

    plan = kept(app)
    assert plan.notices[0].channel is ReminderChannel.DESK
    assert plan.escalate_after == timedelta(hours=6)
    assert plan.escalate_after_when_near == timedelta(minutes=30)
    assert (plan.near, plan.late_every) == (timedelta(hours=20), timedelta(hours=8))
    assert (plan.open_ended_every, plan.quiet_yields) == (timedelta(days=2), timedelta(hours=30))
    quiet = plan.quiet
    assert (f"{quiet.starts:%H:%M}", f"{quiet.ends:%H:%M}") == ("22:00", "06:30")
    assert (quiet.weekends, quiet.holidays) == (False, "FR-ALSACE-MOSELLE")


def test_the_clocks_that_run_follow_at_once(app, dpo):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    sent = typed(dpo.get(URL).text, chase_0_before="50")

    dpo.post(URL, data=sent)

    with at_desk(app) as work:
        clock = cases.incident(work, reference).id
        planned = {
            each.planned_for
            for each in work.session.query(Reminder).filter_by(incident_id=clock)
            if each.cancelled_at is None
        }
    assert MONDAY_NINE + timedelta(hours=22) in planned


def test_the_clocks_that_run_can_keep_what_is_planned_and_follow_later(app, dpo):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
        cases.qualify(work, reference, now=MONDAY_NINE)
    sent = typed(dpo.get(URL).text, notices_0_before="50", running="keep")

    looked = plain(dpo.post(URL, data=sent | {"look": "1"}).text)

    assert "Un délai court déjà" in looked
    assert "Voir ce qui change pour ce délai" in looked
    assert reference in looked
    assert "ne sont pas renvoyés" in looked
    assert planned_hours(app, reference) == [64, 48, 24, 12, 6, 3, 1, 0]

    dpo.post(URL, data=sent)

    assert planned_hours(app, reference) == [64, 48, 24, 12, 6, 3, 1, 0]
    page = dpo.get(URL).text
    assert "Un délai qui court garde les rappels déjà prévus." in plain(page)
    assert "Un délai qui court n’a pas les rappels de ce plan" in page

    dpo.post(URL, data={"replan": "1"})

    assert planned_hours(app, reference) == [64, 50, 48, 24, 12, 6, 3, 1, 0]
    assert "n’a pas les rappels de ce plan" not in dpo.get(URL).text


def planned_hours(app, reference: str) -> list[float]:
    with at_desk(app) as work:
        clock = main_clock(work.session, cases.incident(work, reference))
        rows = work.session.query(Reminder).filter_by(
            clock_id=clock.id, cancelled_at=None, cause=ReminderCause.PLANNED
        )
        left = {(clock.due_at - each.planned_for) / timedelta(hours=1) for each in rows}
    return sorted(left, reverse=True)


def test_who_may_not_change_the_plan_plans_no_clock_anew_and_sees_none_there(
    app, girandole, as_role
):
    with at_desk(app) as work:
        reference = cases.open_case(work, now=MONDAY_NINE)
    handler = as_role(Role.HANDLER)

    assert handler.post(URL, data={"replan": "1"}).status_code == 403
    assert reference not in handler.get(URL).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"notices_1_before": "demain"}, "« demain » n’est pas une durée", id="not hours"
        ),
        pytest.param({"notices_1_before": "168"}, "a déjà cette heure", id="twice"),
        pytest.param({"notices_1_roles": []}, "Cochez au moins un rôle", id="for nobody"),
        pytest.param({"notices_1_before": "-3"}, "au plus tard à l’échéance", id="past it"),
        pytest.param({"notices_1_before": "1e999"}, "n’est pas une durée", id="beyond counting"),
        pytest.param({"notices_4_channel": "desk"}, "toujours par message", id="quiet when near"),
        pytest.param({"notices_1_channel": "pigeon"}, "Choisissez", id="no such way"),
        pytest.param({"escalate_after": "200"}, "de 15 min à 48 h 00", id="too patient"),
        pytest.param({"escalate_after_when_near": "5"}, "plus longue", id="slower when near"),
        pytest.param({"starts": "25:00"}, "n’est pas une heure de la journée", id="no time"),
        pytest.param({"holidays": "DE"}, "jours fériés", id="no such calendar"),
        pytest.param(
            {f"notices_{n}_before": "" for n in range(20)}, "Gardez au moins", id="no reminder left"
        ),
    ],
)
def test_a_fault_is_said_and_nothing_typed_is_lost(app, dpo, changes, said):
    sent = typed(dpo.get(URL).text, **({"late_every": "9"} | changes))

    answer = dpo.post(URL, data=sent)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert 'value="9"' in answer.text
    for name, value in changes.items():
        if isinstance(value, str) and name in sent and "_channel" not in name:
            assert f'value="{value}"' in answer.text or name.startswith("holidays") or not value
    assert kept(app) == DEFAULT_PLAN


def test_the_plan_we_propose_comes_back_into_the_form_and_is_kept_once_sent(app, dpo):
    dpo.post(URL, data=typed(dpo.get(URL).text, late_every="8"))
    assert 'href="/organisations/GIR/reminders?proposed=1"' in dpo.get(URL).text

    page = dpo.get(f"{URL}?proposed=1")

    assert "ne vaut qu’une fois enregistré" in page.text
    assert kept(app).late_every == timedelta(hours=8)
    dpo.post(URL, data=form_of(page.text))
    assert kept(app) == DEFAULT_PLAN


def test_who_may_not_change_it_reads_it(app, girandole, as_role):
    auditor = as_role(Role.AUDITOR)

    page = auditor.get(URL)

    assert page.status_code == 200
    assert '<form method="post" class="form' not in page.text
    assert "168" in page.text
    assert "Le plan se change par" in page.text
    assert auditor.post(URL, data={}).status_code == 403


def test_every_role_of_the_line_can_be_ticked_and_no_other(dpo):
    page = dpo.get(URL).text

    for role in Role:
        assert (f'name="notices_0_roles" type="checkbox" value="{role.value}"' in page) is (
            role in LINE
        )
