"""The clocks of a case through its pages; a regime is a file and nothing more."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.domain import regimes as law
from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.models import Clock, ClockRefusal, Incident
from breachdesk.services import clock_offers
from breachdesk.services.case_records import read_case_record
from breachdesk.wording import FRENCH, labels
from tests import cases
from tests.cases import MONDAY_NINE, at_desk, make_organisation, open_case, qualify
from tests.domain.test_regimes import NEW
from tests.web.reading import form_of, plain, queries_of

NOW = MONDAY_NINE
REASON = "La plainte est déposée par notre maison mère."
INSURANCE = "insurance_complaint"


@pytest.fixture
def reference(app) -> str:
    """An attack noticed on Monday at nine."""
    with at_desk(app) as work:
        make_organisation(work, now=NOW)
        made = open_case(work, now=NOW)
        cases.know(work, made, now=NOW, vector="ransomware")
        return made


def page(client, url) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def rows(app, model):
    with at_desk(app) as work:
        found = work.session.scalars(select(model).order_by(model.id)).all()
        work.session.expunge_all()
        return found


def clocks_url(reference, rest="") -> str:
    return f"/incidents/{reference}/clocks{rest}"


def start(app, reference, regime=INSURANCE, *, now=NOW, started_at=None) -> int:
    with at_desk(app) as work:
        return cases.start_clock(work, reference, regime, now=now, started_at=started_at)


def test_what_the_facts_call_for_is_offered_with_its_reasons(app, reference, as_role):
    shown = page(as_role(Role.HANDLER), clocks_url(reference))

    assert "Dépôt de plainte pour l’assurance" in shown
    assert "Rançongiciel." in shown
    assert "Code des assurances, art. L12-10-1" in shown
    assert "Police, gendarmerie ou procureur de la République" in shown
    assert "lu dans la source même, le 22/11/2026" in shown
    assert shown.count("button--primary") == 1


def test_every_page_of_the_case_says_that_something_waits(app, reference, as_role):
    client = as_role(Role.HANDLER)

    for url in ("", "/facts", "/clocks"):
        assert "Un délai à examiner" in page(client, f"/incidents/{reference}{url}")


def test_a_person_starts_it_from_the_time_proposed(app, reference, as_role, clock):
    clock.now = NOW + timedelta(hours=2)
    client = as_role(Role.HANDLER)
    form = client.get(clocks_url(reference, f"/start/{INSURANCE}")).text
    # In Paris.
    assert form_of(form)["started_at"] == ["2026-03-02T10:00"]

    answer = client.post(
        clocks_url(reference, f"/start/{INSURANCE}"),
        data={"started_at": "2026-03-02T09:30"},
        follow_redirects=True,
    )

    assert "Le délai court : « Dépôt de plainte pour l’assurance »" in plain(answer.text)
    assert rows(app, Clock)[-1].started_at == NOW - timedelta(minutes=30)
    shown = page(client, f"/incidents/{reference}")
    assert "Il reste 69 h 30" in shown
    assert "avant le" in shown
    assert "Un délai à examiner" not in shown


def test_a_start_to_come_is_refused_beside_its_field(app, reference, as_role):
    url = clocks_url(reference, f"/start/{INSURANCE}")

    answer = as_role(Role.HANDLER).post(url, data={"started_at": "2026-03-02T10:01"})

    assert answer.status_code == 422
    assert "Cette heure est à venir. Indiquez quand cela s’est produit." in plain(answer.text)
    assert "2026-03-02T10:01" in answer.text


@pytest.mark.parametrize(
    ("second_time", "started_at"),
    [("first", "2026-10-25T00:30+00:00"), ("second", "2026-10-25T01:30+00:00")],
)
def test_the_hour_that_comes_twice_is_asked(
    app, reference, as_role, clock, second_time, started_at
):
    clock.now = NOW + timedelta(days=240)
    client, url = as_role(Role.HANDLER), clocks_url(reference, f"/start/{INSURANCE}")
    sent = {"started_at": "2026-10-25T02:30"}

    asked = client.post(url, data=sent)
    answer = client.post(url, data={**sent, "second_time": second_time})

    assert asked.status_code == 422
    assert 'id="second_time"' in asked.text
    assert answer.status_code == 302
    assert rows(app, Clock)[-1].started_at.isoformat() == f"{started_at[:16]}:00+00:00"


def test_a_refusal_is_shown_with_who_and_why(app, reference, as_role):
    client, url = as_role(Role.HANDLER), clocks_url(reference, f"/refuse/{INSURANCE}")

    assert client.get(url).status_code == 200
    assert client.post(url, data={"reason": ""}).status_code == 422
    answer = client.post(url, data={"reason": REASON}, follow_redirects=True)

    shown = plain(answer.text)
    assert "ce délai n’est plus proposé" in shown
    assert "Écarté par" in shown
    assert REASON in shown
    assert [each.reason for each in rows(app, ClockRefusal)] == [REASON]


def test_late_asks_for_the_reasons_and_stays_late_once_done(app, reference, as_role, clock):
    clock_id = start(app, reference)
    clock.now = NOW + timedelta(hours=80)
    client, url = as_role(Role.HANDLER), clocks_url(reference, f"/{clock_id}/stop")
    assert "En retard de 8 h 00" in page(client, f"/incidents/{reference}")
    sent = {"why": "done", "stopped_at": "2026-03-05T18:00", "remark": ""}

    refused = client.post(url, data=sent)
    answer = client.post(url, data={**sent, "remark": REASON}, follow_redirects=True)

    assert "C’est fait après l’échéance : dites pourquoi" in plain(refused.text)
    assert "Fait avec 8 h 00 de retard" in plain(answer.text)
    assert REASON in plain(answer.text)
    clock.now = NOW + timedelta(days=50)
    assert "Fait avec 8 h 00 de retard" in page(as_role(Role.HANDLER), clocks_url(reference))


def test_not_owed_asks_for_no_hour(app, reference, as_role):
    clock_id = start(app, reference)

    answer = as_role(Role.HANDLER).post(
        clocks_url(reference, f"/{clock_id}/stop"),
        data={"why": "not_owed", "stopped_at": "", "remark": REASON},
        follow_redirects=True,
    )

    assert "Arrêté : finalement pas dû" in plain(answer.text)
    assert rows(app, Clock)[-1].stop_reason is StopReason.NOT_OWED


def test_an_end_must_be_chosen(app, reference, as_role):
    clock_id = start(app, reference)

    answer = as_role(Role.HANDLER).post(clocks_url(reference, f"/{clock_id}/stop"), data={})

    assert answer.status_code == 422
    assert "Choisissez une réponse." in plain(answer.text)


def test_the_dpo_corrects_the_awareness_on_the_main_clock(app, reference, as_role, clock):
    clock.now = NOW + timedelta(hours=5)
    with at_desk(app) as work:
        qualify(work, reference, now=clock.now)
    main = rows(app, Clock)[-1]
    client, url = as_role(Role.DPO), clocks_url(reference, f"/{main.id}/correction")
    assert form_of(client.get(url).text)["started_at"] == ["2026-03-02T15:00"]

    answer = client.post(
        url, data={"started_at": "2026-03-02T11:00", "reason": REASON}, follow_redirects=True
    )

    assert "Le départ est corrigé" in plain(answer.text)
    assert "Il reste 68 h 00" in plain(answer.text)
    assert rows(app, Incident)[0].aware_at == NOW + timedelta(hours=1)


def test_a_handler_is_not_led_to_correct_the_awareness(app, reference, as_role, clock):
    with at_desk(app) as work:
        qualify(work, reference, now=NOW)
    main = rows(app, Clock)[-1]
    client = as_role(Role.HANDLER)

    assert f"/{main.id}/correction" not in page(client, clocks_url(reference))
    assert client.get(clocks_url(reference, f"/{main.id}/correction")).status_code == 403


def test_who_reads_only_is_shown_whose_turn_it_is(app, reference, as_role):
    shown = page(as_role(Role.AUDITOR), clocks_url(reference))

    assert "En attente de : Gestionnaire ou Délégué à la protection des données" in shown
    assert "Démarrer ce délai" not in shown


def test_a_clock_without_a_figure_is_shown_without_a_countdown(app, reference, as_role, clock):
    start(app, reference, "gdpr_art_33_2")
    clock.now = NOW + timedelta(hours=30)
    client = as_role(Role.HANDLER)

    for url in ("", "/clocks"):
        shown = page(client, f"/incidents/{reference}{url}")
        assert "Sans échéance chiffrée, court depuis 30 h 00" in shown
        assert 'data-state="open_ended"' in shown
    assert "sans chiffre" in shown


def test_the_site_of_whom_it_is_owed_to_stands_beside_the_name(app, reference, as_role):
    shown = page(as_role(Role.HANDLER), clocks_url(reference))

    assert '<a href="https://notifications.cnil.fr" rel="noopener noreferrer">' in shown


def test_a_target_is_never_shown_as_law(app, reference, as_role):
    start(app, reference, "gdpr_art_34")

    shown = page(as_role(Role.HANDLER), clocks_url(reference))

    assert "Objectif de votre organisation, pas un délai de la loi" in shown


def test_a_closed_case_has_no_clock_to_start(app, reference, as_role):
    with at_desk(app) as work:
        cases.incident(work, reference).closed_at = NOW
        work.session.commit()
    client = as_role(Role.HANDLER)

    assert "Démarrer" not in page(client, clocks_url(reference))
    assert client.get(clocks_url(reference, f"/start/{INSURANCE}")).status_code == 409


@pytest.mark.parametrize("rest", ["/start/nowhere", "/start/gdpr_art_33", "/999/stop"])
def test_what_is_not_there_is_404(app, reference, as_role, rest):
    assert as_role(Role.HANDLER).get(clocks_url(reference, rest)).status_code == 404


def test_the_page_takes_no_more_queries_with_many_clocks(app, reference, as_role):
    client = as_role(Role.HANDLER)
    few = queries_of(app, client, clocks_url(reference))
    for regime in law.regimes():
        if regime not in ("gdpr_art_33", "provisional"):
            start(app, reference, regime)

    assert queries_of(app, client, clocks_url(reference)) <= few + 1
    assert queries_of(app, client, f"/incidents/{reference}") <= 8


def test_the_page_says_it_in_english(app, reference, as_role):
    shown = as_role(Role.HANDLER).get(clocks_url(reference), headers={"Accept-Language": "en"})

    assert shown.status_code == 200


def test_the_reasons_of_a_late_follow_up_are_asked(app, reference, as_role, clock):
    with at_desk(app) as work:
        qualify(work, reference, now=NOW)
        cases.file(work, reference, now=NOW)
    client, url = as_role(Role.HANDLER), f"/incidents/{reference}/notification/filing"
    start(app, reference, "gdpr_follow_up")
    assert 'name="reasons_for_delay"' not in client.get(url).text
    clock.now = NOW + timedelta(hours=73)
    # The session has ended meanwhile.
    client = as_role(Role.HANDLER)

    asked = client.get(url).text
    refused = client.post(url, data={"kind": "follow_up", "filed_at": "2026-03-05T11:00"})

    assert 'name="reasons_for_delay"' in asked
    assert refused.status_code == 422
    assert "Le dépôt est postérieur à une autre échéance de ce dossier" in plain(refused.text)


# --- Lists --------------------------------------------------------------------------------------


def test_the_desk_goes_by_what_is_due_next_whichever_clock_it_is(app, reference, as_role, clock):
    with at_desk(app) as work:
        calm = open_case(work, now=NOW - timedelta(hours=10), description="Un colis perdu.")
        open_ended = open_case(work, now=NOW, description="Un courriel parti ailleurs.")
        cases.organisation(work).traits = ["nis2_entity"]
        work.session.commit()
        cases.start_clock(work, open_ended, "quebec_cai", now=NOW)
    client = as_role(Role.HANDLER)
    before = page(client, "/organisations/GIR")
    assert before.index(calm) < before.index(reference)

    # 24 hours from now come before the 62 that the other case has left.
    start(app, reference, "nis2_early_warning")

    after = page(client, "/organisations/GIR")
    assert after.index(reference) < after.index(calm)
    assert "Alerte précoce NIS 2" in after
    assert "Il reste 24 h 00" in after
    assert "Délai provisoire, jusqu’à la qualification" in after


def test_the_list_costs_one_query_however_many_clocks_run(app, reference, as_role):
    client = as_role(Role.HANDLER)
    before = queries_of(app, client, "/organisations/GIR")
    start(app, reference)
    start(app, reference, "nis2_early_warning")

    assert queries_of(app, client, "/organisations/GIR") == before


def test_the_register_shows_and_finds_a_case_by_the_clock_due_next(app, reference, as_role, clock):
    start(app, reference, "nis2_early_warning")
    clock.now = NOW + timedelta(hours=30)
    client = as_role(Role.HANDLER)

    late = page(client, "/organisations/GIR/register?clock=late")
    sorted_by_it = page(client, "/organisations/GIR/register?sort=due_at")

    for shown in (late, sorted_by_it):
        assert reference in shown
        assert "En retard de 6 h 00" in shown
        assert "avant le" in shown
        assert "Alerte précoce NIS 2" in shown
    assert reference not in page(client, "/organisations/GIR/register?clock=soon")


def organisation_of_nis2(app) -> None:
    with at_desk(app) as work:
        cases.organisation(work).traits = ["nis2_entity", "quebec_enterprise"]
        work.session.commit()


def test_a_condition_of_the_law_is_asked_above_the_buttons(app, reference, as_role):
    organisation_of_nis2(app)
    client = as_role(Role.HANDLER)

    shown = page(client, clocks_url(reference))

    question = shown.index("Est-ce un incident important au sens de NIS 2 ?")
    assert question < shown.index("Oui : démarrer ce délai") < shown.index("Non : ce n’est pas dû")
    assert "Délai de la loi, si cette condition est remplie" in shown
    for what in ("start", "refuse"):
        asked = page(client, clocks_url(reference, f"/{what}/quebec_cai"))
        assert "Y a-t-il un risque de préjudice sérieux" in asked
        assert "Obligation de la loi, sans chiffre, si cette condition est remplie" in asked


def test_once_somebody_started_it_the_condition_is_answered(app, reference, as_role):
    start(app, reference, "nis2_early_warning")

    shown = page(as_role(Role.HANDLER), clocks_url(reference))

    running = shown[shown.index('id="running"') : shown.index('id="called-for"')]
    assert "Délai de la loi" in running
    assert "si cette condition est remplie" not in running


def test_the_provisional_deadline_is_said_to_be_a_precaution(app, reference, as_role):
    client = as_role(Role.HANDLER)

    assert "Précaution de notre part, pas un délai de la loi" in page(client, clocks_url(reference))
    assert (
        "Par précaution : la loi fait courir les 72 heures à partir de la prise de connaissance"
        in page(client, f"/incidents/{reference}")
    )


def test_the_box_shows_what_is_due_next_and_the_others_beside_it(app, reference, as_role):
    start(app, reference, "nis2_early_warning")

    shown = page(as_role(Role.HANDLER), f"/incidents/{reference}/facts")

    box = shown.index('id="clock-name"')
    assert box < shown.index("Alerte précoce NIS 2") < shown.index('class="other-clocks"')
    beside = shown[shown.index('class="other-clocks"') :]
    assert "Délai provisoire, jusqu’à la qualification" in beside


def test_what_is_due_first_outside_the_desk_is_the_one_next_step(app, reference, as_role):
    clock_id = start(app, reference, "nis2_early_warning")
    client = as_role(Role.HANDLER)
    stop = clocks_url(reference, f"/{clock_id}/stop")

    shown = page(client, f"/incidents/{reference}")

    assert "Donner l’alerte au CERT-FR, puis le dire ici" in shown
    assert "Ensuite : qualifier l’incident." in shown
    assert shown.count("button--primary") == 1
    assert stop in shown
    assert "Donner l’alerte au CERT-FR, puis le dire ici" in page(client, "/organisations/GIR")
    # Who may not say so reads whom it waits for.
    assert stop not in page(as_role(Role.AUDITOR), f"/incidents/{reference}")


def test_done_keeps_the_number_or_that_there_is_none(app, reference, as_role):
    client = as_role(Role.HANDLER)
    for number, has_none, kept in (
        ("PV 2026/118", "", "N° PV 2026/118 · Déposée au commissariat."),
        ("", "y", "Pas de numéro · Déposée au commissariat."),
        ("", "", "Déposée au commissariat."),
    ):
        clock_id = start(app, reference)
        form = form_of(client.get(clocks_url(reference, f"/{clock_id}/stop")).text)
        assert form["number"] == [""]

        answer = client.post(
            clocks_url(reference, f"/{clock_id}/stop"),
            data={
                "why": "done",
                "stopped_at": "2026-03-02T10:00",
                "number": number,
                "has_no_number": has_none,
                "remark": "Déposée au commissariat.",
            },
            follow_redirects=True,
        )

        assert kept in plain(answer.text)
        assert plain(rows(app, Clock)[-1].stop_remark) == kept
        journal = page(as_role(Role.DPO), f"/incidents/{reference}/journal")
        assert kept in journal


def test_a_corrected_start_is_shown_with_the_old_one(app, reference, as_role, clock):
    clock.now = NOW + timedelta(hours=3)
    clock_id = start(app, reference)
    client = as_role(Role.HANDLER)
    client.post(
        clocks_url(reference, f"/{clock_id}/correction"),
        data={"started_at": "2026-03-02T09:30", "reason": "L’attaque était connue plus tôt."},
    )

    assert "Départ corrigé : c’était le" in page(client, clocks_url(reference))
    journal = page(as_role(Role.DPO), f"/incidents/{reference}/journal")
    assert "Départ du délai corrigé : Dépôt de plainte pour l’assurance. Avant :" in journal


def test_lists_name_what_is_due_after_the_next_and_always_the_main_one(app, reference, as_role):
    start(app, reference, "nis2_early_warning")
    start(app, reference, "telecom_611")
    client = as_role(Role.HANDLER)

    for url in ("/organisations/GIR", "/organisations/GIR/register"):
        shown = page(client, url)
        assert shown.index("Alerte précoce NIS 2") < shown.index(
            "puis Notification d’un fournisseur"
        )
        assert "puis Délai provisoire, jusqu’à la qualification, avant le" in shown


def test_a_processor_is_led_to_its_controllers_on_every_page_of_the_case(app, reference, as_role):
    with at_desk(app) as work:
        cases.know(work, reference, now=NOW, role="processor")
    qualify_through(app, reference)
    client = as_role(Role.DPO)

    shown = page(client, f"/incidents/{reference}")

    assert "Prévenir les responsables du traitement, puis le dire ici" in shown
    assert "Sans échéance chiffrée" in shown
    assert "Il reste" not in shown
    for rest in (
        "/facts",
        "/qualification",
        "/assessment",
        "/decision",
        "/notification",
        "/clocks",
    ):
        assert "Information des responsables du traitement" in page(
            client, f"/incidents/{reference}{rest}"
        )


def qualify_through(app, reference) -> None:
    with at_desk(app) as work:
        qualify(work, reference, now=NOW)


def test_late_before_anything_is_assessed_asks_to_assess_and_not_to_notify(
    app, reference, as_role, clock
):
    qualify_through(app, reference)
    clock.now = NOW + timedelta(hours=73)

    shown = page(as_role(Role.HANDLER), f"/incidents/{reference}")

    assert "Évaluez le risque sans attendre" in shown
    assert "Notifiez maintenant" not in shown


def test_late_before_it_is_qualified_asks_to_qualify(app, reference, as_role, clock):
    clock.now = NOW + timedelta(hours=73)

    shown = page(as_role(Role.HANDLER), f"/incidents/{reference}")

    assert "Qualifiez l’incident sans attendre" in shown
    assert "Notifiez maintenant" not in shown


# --- A file more --------------------------------------------------------------------------------


@pytest.fixture
def one_file_more(tmp_path, monkeypatch):
    """The law as it is, and one regime more, owed to an authority of its own."""
    folder = tmp_path / "law"
    shutil.copytree(law.LAW, folder)
    text = NEW.replace('authority = "cnil"', 'authority = "acpr"')
    (folder / "regimes" / "dora_acpr.toml").write_text(text, encoding="utf-8")
    authority = (folder / "authorities" / "cnil.toml").read_text(encoding="utf-8")
    (folder / "authorities" / "acpr.toml").write_text(
        authority.replace('fr = "CNIL"', 'fr = "ACPR"'), encoding="utf-8"
    )
    caches = (
        law.regimes,
        law.authorities,
        clock_offers._fact_keys,
        clock_offers._clocks_query,
    )
    monkeypatch.setattr(law, "LAW", folder)
    for cached in caches:
        cached.cache_clear()
    yield "dora_acpr"
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_regime_is_a_file_and_no_code(one_file_more, app, as_role, clock):
    with at_desk(app) as work:
        make_organisation(work, now=NOW)
        reference = open_case(work, now=NOW)
        cases.know(work, reference, now=NOW, cause="external_malicious")
    client = as_role(Role.HANDLER)

    offered = page(client, clocks_url(reference))
    assert "Avis à l’ACPR" in offered
    assert "Un délai à examiner" in page(client, f"/incidents/{reference}")
    client.post(
        clocks_url(reference, f"/start/{one_file_more}"), data={"started_at": "2026-03-02T10:00"}
    )

    found = rows(app, Clock)[-1]
    assert (found.regime, found.rule_version) == (one_file_more, "dora-2025-01-17")
    assert found.due_at == NOW + timedelta(hours=4)
    assert "Il reste 4 h 00" in page(client, "/organisations/GIR")
    assert labels.regime_label(one_file_more, FRENCH) == "Avis à l’ACPR"
    with at_desk(app) as work:
        by = cases.seat(work, Role.HANDLER).user
        record = read_case_record(work.session, cases.incident(work, reference), by=by, now=NOW)
        content = repr(lay_out_dossier(record, FRENCH))
    assert "Avis à l’ACPR" in content
    assert "(UE) 2022/2554, art." in content


def test_a_case_outlives_the_file_of_its_clock(app, reference, as_role):
    clock_id = start(app, reference)
    with at_desk(app) as work:
        work.session.get_one(Clock, clock_id).regime = "gone_since"
        work.session.commit()
    client = as_role(Role.HANDLER)

    assert "gone_since" in page(client, f"/incidents/{reference}")
    assert "gone_since" in page(client, clocks_url(reference))
    assert client.get(clocks_url(reference, f"/{clock_id}/stop")).status_code == 200
    with at_desk(app) as work:
        by = cases.seat(work, Role.HANDLER).user
        record = read_case_record(work.session, cases.incident(work, reference), by=by, now=NOW)
        assert "gone_since" in repr(lay_out_dossier(record, FRENCH))


def test_offers_say_until_when_they_would_run_and_the_first_due_stands_first(
    app, reference, as_role, clock
):
    organisation_of_nis2(app)
    clock.now = NOW + timedelta(hours=30)

    shown = page(as_role(Role.HANDLER), clocks_url(reference))

    offered = shown[shown.index('id="called-for"') :]
    warning = offered.index('id="offer-nis2_early_warning"')
    complaint = offered.index(f'id="offer-{INSURANCE}"')
    assert warning < complaint
    assert "Une fois démarré : en retard de 6 h 00" in offered[warning:complaint]
    assert "Une fois démarré : il reste 42 h 00" in offered[complaint:]
    # The one button to press first is that of what would be due first.
    assert offered.index("button--primary") < offered.index(clocks_url(reference, "/refuse"))
    start_page = page(as_role(Role.HANDLER), clocks_url(reference, "/start/nis2_early_warning"))
    assert "Une fois démarré : en retard de 6 h 00" in start_page


def test_with_nothing_to_examine_the_page_has_the_next_step_of_the_case(app, reference, as_role):
    start(app, reference)
    start(app, reference, "nis2_early_warning")

    shown = page(as_role(Role.DPO), clocks_url(reference))
    read = page(as_role(Role.AUDITOR), clocks_url(reference))

    assert "Étape suivante : Donner l’alerte au CERT-FR, puis le dire ici." in shown
    assert shown.count("button--primary") == 1
    pressed = shown.index("button--primary")
    assert shown.index("Étape suivante") < pressed < shown.index("C’est fait, ou pas dû")
    assert "En attente de : " in read
    assert "button--primary" not in read


def test_what_is_over_or_refused_is_told_apart_from_what_can_be_started(app, reference, as_role):
    client = as_role(Role.HANDLER)
    client.post(clocks_url(reference, f"/refuse/{INSURANCE}"), data={"reason": REASON})

    shown = page(client, clocks_url(reference))

    settled = shown[shown.index('id="stopped"') : shown.index("Autres délais")]
    assert "Écarté par Handler GIR" in settled
    assert REASON in settled
    assert clocks_url(reference, f"/start/{INSURANCE}") in settled
    others = shown[shown.index("Autres délais") : shown.index('id="reminders"')]
    assert clocks_url(reference, f"/start/{INSURANCE}") not in others


def test_late_is_said_as_late_and_not_as_owed_before_that_is_decided(
    app, reference, as_role, clock
):
    with at_desk(app) as work:
        qualify(work, reference, aware_at=NOW, now=NOW)
    clock.now = NOW + timedelta(hours=80)

    for url in ("/organisations/GIR", clocks_url(reference)):
        shown = page(as_role(Role.HANDLER), url)
        assert "échéance passée le" in shown
        assert ">avant le" not in shown
        assert "il fallait notifier" not in shown


@pytest.mark.parametrize(
    ("hours", "step"),
    [
        pytest.param(40, "", id="there is time to look at the offers first"),
        pytest.param(60, "Étape suivante : Qualifier l’incident.", id="what runs is due today"),
        pytest.param(80, "Étape suivante : Qualifier l’incident.", id="what runs is late"),
    ],
)
def test_what_runs_and_presses_comes_before_what_is_to_be_examined(
    app, reference, as_role, clock, hours, step
):
    clock.now = NOW + timedelta(hours=hours)

    shown = page(as_role(Role.DPO), clocks_url(reference))

    assert shown.count("button--primary") == 1
    assert ("Étape suivante" in shown[shown.index("<h1") :]) is bool(step)
    pressed = shown.index("button--primary")
    assert (pressed < shown.index('id="called-for"')) is bool(step)
    assert step in shown
