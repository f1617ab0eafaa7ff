"""What the mails about clocks say, of every regime there is, and what they must not."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.deliveries import MailKind
from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, Binding, authorities, regimes
from breachdesk.domain.reminder_mails import (
    CLOCK_MAILS,
    WITH_CALENDAR,
    ClockTold,
    PlannedTelling,
    told_together,
)
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.mail.reminder_mails import mail_about_clock, mail_after_outage

# Sunday 29 November 2026, 18:30 in Paris.
NOW = datetime(2026, 11, 29, 17, 30, tzinfo=UTC)
NOTIFY = "https://desk.example/incidents/GIR-2026-0007/notification"
LINK = "https://desk.example/acknowledge/WzEyXQ.signature"
TOLD = ClockTold(
    reference="GIR-2026-0007",
    organisation="Boutique Girolle",
    timezone="Europe/Paris",
    link="https://desk.example/incidents/GIR-2026-0007",
    regime=GDPR_ART_33,
    started_at=NOW - timedelta(hours=48),
    due_at=NOW + timedelta(hours=24),
    next_step=NextStep.ASSESS,
    missing=("n_subjects", "measures_taken"),
    roles=(Role.HANDLER.value,),
    acknowledge_link=LINK,
    acknowledge_until=NOW + timedelta(days=14),
)
REMINDERS = sorted(CLOCK_MAILS - WITH_CALENDAR)
WITHOUT_FIGURE = [
    code for code, regime in regimes().items() if not regime.rule_on(NOW.date()).has_figure
]


def plain(text: str) -> str:
    """Without the no-break spaces that French typography sets."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def mail(kind: MailKind = MailKind.REMINDER, *, locale: str = "fr", now=NOW, **told):
    written = mail_about_clock(kind, replace(TOLD, **told), locale=locale, now=now)
    return plain(written.subject), plain(written.text)


def subject(kind: MailKind = MailKind.REMINDER, **told) -> str:
    return mail(kind, **told)[0]


def text(kind: MailKind = MailKind.REMINDER, **told) -> str:
    return mail(kind, **told)[1]


# --- Subjects --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "told", "said"),
    [
        pytest.param(
            MailKind.REMINDER,
            {},
            "Notification à la CNIL, à décider avant le lundi 30 novembre 2026 à 18 h 30 "
            "(reste 24 h 00)",
            id="the law's, before anything is decided",
        ),
        pytest.param(
            MailKind.REMINDER,
            {"next_step": NextStep.NOTIFY_AUTHORITY},
            "Notification à la CNIL, avant le lundi 30 novembre 2026 à 18 h 30 (reste 24 h 00)",
            id="the law's, once it is decided",
        ),
        pytest.param(
            MailKind.REMINDER,
            {"regime": "gdpr_art_34"},
            "Communication aux personnes, objectif fixé au lundi 30 novembre 2026 à 18 h 30 "
            "(reste 24 h 00)",
            id="a target is called a target",
        ),
        pytest.param(
            MailKind.REMINDER,
            {"regime": "gdpr_follow_up"},
            "Complément à la notification initiale, recommandé avant le lundi 30 novembre 2026 à "
            "18 h 30 (reste 24 h 00)",
            id="a recommendation is called one",
        ),
        pytest.param(
            MailKind.REMINDER,
            {"regime": "quebec_cai", "due_at": None},
            "Avis à la Commission d’accès à l’information (Québec), à faire sans attendre, "
            "depuis 48 h 00",
            id="no figure",
        ),
        pytest.param(
            MailKind.ESCALATION,
            {"unread": NOW - timedelta(hours=4)},
            "votre intervention est attendue – Notification à la CNIL, à décider avant le lundi "
            "30 novembre 2026 à 18 h 30 (reste 24 h 00)",
            id="handed on",
        ),
        pytest.param(
            MailKind.ESCALATION,
            {},
            "Notification à la CNIL, à décider avant le lundi 30 novembre 2026 à 18 h 30 "
            "(reste 24 h 00)",
            id="meant for them from the first, not handed on",
        ),
        pytest.param(
            MailKind.LATE,
            {"due_at": NOW - timedelta(hours=3), "next_step": NextStep.NOTIFY_AUTHORITY},
            "délai dépassé de 3 h 00. Notification à la CNIL, sans attendre",
            id="late, with a signed decision to notify",
        ),
        pytest.param(
            MailKind.LATE,
            {"due_at": NOW - timedelta(hours=3)},
            "délai dépassé de 3 h 00. Évaluez le risque et décidez tout de suite",
            id="late, and nothing decided",
        ),
        pytest.param(
            MailKind.LATE,
            {"regime": "gdpr_art_34", "due_at": NOW - timedelta(hours=3)},
            "objectif dépassé de 3 h 00. Communication aux personnes, sans attendre",
            id="past a target",
        ),
        pytest.param(
            MailKind.REMINDER,
            {"due_at": NOW - timedelta(minutes=1)},
            "délai dépassé de 1 min. Évaluez le risque et décidez tout de suite",
            id="a reminder that waited past its deadline says late",
        ),
        pytest.param(
            MailKind.CHASE,
            {"regime": PROVISIONAL},
            "signalement à qualifier avant le lundi 30 novembre 2026 à 18 h 30 (reste 24 h 00)",
            id="not qualified",
        ),
        pytest.param(
            MailKind.CHASE,
            {"regime": PROVISIONAL, "due_at": NOW - timedelta(hours=5)},
            "toujours pas qualifié, 72 heures dépassées de 5 h 00",
            id="still not qualified",
        ),
        pytest.param(
            MailKind.CHASE,
            {"regime": PROVISIONAL, "unread": NOW - timedelta(hours=4)},
            "votre intervention est attendue – signalement à qualifier avant le lundi 30 novembre "
            "2026 à 18 h 30 (reste 24 h 00)",
            id="not qualified, and nobody answers",
        ),
        pytest.param(
            MailKind.CLOCK_STARTED,
            {},
            "nouveau délai – Notification à la CNIL, à décider avant le lundi 30 novembre "
            "2026 à 18 h 30 (reste 24 h 00)",
            id="started",
        ),
        pytest.param(
            MailKind.CLOCK_STARTED,
            {"due_at": NOW - timedelta(hours=3)},
            "nouveau délai, déjà dépassé de 3 h 00 – Notification à la CNIL",
            id="started late",
        ),
        pytest.param(
            MailKind.CLOCK_STARTED,
            {"regime": "quebec_cai", "due_at": None},
            "Avis à la Commission d’accès à l’information (Québec), à faire sans attendre",
            id="started without a figure",
        ),
        pytest.param(
            MailKind.CLOCK_STARTED,
            {"regime": PROVISIONAL},
            "nouveau signalement à qualifier avant le lundi 30 novembre 2026 à 18 h 30",
            id="a report comes in",
        ),
        pytest.param(
            MailKind.CLOCK_STARTED,
            {"regime": PROVISIONAL, "due_at": NOW - timedelta(hours=3)},
            "nouveau signalement à qualifier tout de suite, remarqué il y a plus de 72 heures",
            id="a report comes in late",
        ),
    ],
)
def test_the_subject_says_what_is_due_when(kind, told, said):
    assert subject(kind, **told) == f"GIR-2026-0007 : {said}"


# --- Every regime, every kind ----------------------------------------------------------------


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("regime", sorted(regimes()))
@pytest.mark.parametrize("kind", REMINDERS)
def test_every_reminder_of_every_regime_says_all_there_is_to_know(kind, regime, locale):
    rules = regimes()[regime]
    due_at = None if regime in WITHOUT_FIGURE else TOLD.due_at

    said_in_subject, said = mail(kind, locale=locale, regime=regime, due_at=due_at)

    assert said_in_subject.startswith("GIR-2026-0007")
    assert plain(rules.article.in_locale(locale)) in said
    assert said.count(TOLD.link) == said.count(LINK) == 1
    assert "Boutique Girolle" in said
    if regime != PROVISIONAL:
        assert plain(rules.name.in_locale(locale)) in said
        assert plain(authorities()[rules.authority].name.in_locale(locale)) in said
    for words in (said_in_subject, said):
        assert "%(" not in words
        assert "None" not in words
        assert "  " not in words
        assert "\n\n\n" not in words


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_regime_whose_file_is_gone_is_still_reminded_of(kind):
    said_in_subject, said = mail(kind, regime="repealed_act")

    assert "repealed_act" in said_in_subject + said
    assert "30 novembre 2026" in said


@pytest.mark.parametrize(
    ("regime", "calls_it"),
    [(code, regime.binding) for code, regime in regimes().items() if code not in WITHOUT_FIGURE],
)
def test_what_is_not_the_law_is_not_called_so(regime, calls_it):
    said = text(regime=regime)

    assert ("Échéance : lundi" in said) is (calls_it is Binding.LAW)
    assert ("est recommandé par l’autorité" in said) is (calls_it is Binding.RECOMMENDED)
    assert ("est un objectif de Boutique Girolle, pas un délai de la loi" in said) is (
        calls_it is Binding.TARGET
    )


@pytest.mark.parametrize("regime", WITHOUT_FIGURE)
def test_where_the_law_gives_no_figure_the_mail_says_since_when_and_that_there_is_none(regime):
    said = text(regime=regime, due_at=None)

    assert "Compté depuis : vendredi 27 novembre 2026 à 18 h 30" in said
    assert "ne donne pas de délai chiffré" in said
    assert "Il reste" not in said
    assert "Échéance :" not in said


# --- What is due, and what is missing --------------------------------------------------------


def test_the_moment_is_said_in_the_organisation_s_time_with_the_time_left():
    said = text(timezone="Indian/Reunion")

    assert "Échéance : lundi 30 novembre 2026 à 21 h 30 (Indian/Reunion, UTC+04:00)" in said
    assert "Il reste : 24 h 00" in said


def test_what_is_missing_is_listed_in_our_own_words():
    said = text()

    assert "Prochaine étape du dossier : Évaluer le risque." in said
    assert "Ce que l’on ne sait pas encore :\n– Nombre de personnes\n– Mesures prises" in said
    nothing = text(missing=(), next_step=NextStep.NOTHING)
    assert "Prochaine étape" not in nothing
    assert "pas encore :" not in nothing


def test_a_late_notification_must_say_why():
    said = text(MailKind.LATE, due_at=NOW - timedelta(hours=3))

    assert "Dépassé de : 3 h 00" in said
    assert "motifs du retard (RGPD, art. 33(1))" in said


@pytest.mark.parametrize("kind", sorted(CLOCK_MAILS - {MailKind.CLOCKS_CALLED_OFF}))
@pytest.mark.parametrize("hours", [24, -3])
@pytest.mark.parametrize(
    "step", [NextStep.ASSESS, NextStep.REASSESS, NextStep.ADVISE, NextStep.DECIDE, NextStep.REOPEN]
)
def test_before_a_decision_nothing_is_owed_yet_and_one_can_notify_all_the_same(kind, hours, step):
    due_at = NOW + timedelta(hours=hours)

    subject, said = mail(kind, next_step=step, due_at=due_at, notify_link=NOTIFY)

    for owed in ("reste due", "Notifiez", "Ce qui est dû"):
        assert owed not in subject + said
    assert "Évaluez le risque et décidez tout de suite" in said
    assert "la notification est due, sauf si un risque est improbable" in said
    assert f"Notifier sans attendre, après connexion :\n{NOTIFY}\n" in said


@pytest.mark.parametrize("hours", [24, -3])
def test_once_the_decision_to_notify_is_signed_the_mail_says_to_notify_now(hours):
    due_at = NOW + timedelta(hours=hours)

    said = text(MailKind.REMINDER, next_step=NextStep.NOTIFY_AUTHORITY, due_at=due_at)

    assert "La décision de notifier est signée" in said
    assert "Notifiez maintenant" in said
    assert "Évaluez" not in said


@pytest.mark.parametrize("regime", sorted(set(regimes()) - {GDPR_ART_33}))
def test_only_the_authority_s_own_deadline_has_the_link_to_notify(regime):
    assert NOTIFY not in text(regime=regime, notify_link=NOTIFY)


@pytest.mark.parametrize("kind", sorted(CLOCK_MAILS))
@pytest.mark.parametrize("hours", [24, -3])
@pytest.mark.parametrize("regime", sorted(regimes()))
def test_one_word_for_what_runs(kind, hours, regime):
    due_at = None if regime in WITHOUT_FIGURE else NOW + timedelta(hours=hours)

    said = " ".join(mail(kind, regime=regime, due_at=due_at, plan=PLAN))

    assert "orloge" not in said
    assert "échéance court" not in said.lower()
    if hours < 0 and due_at is not None:
        assert "avant le dimanche 29" not in said
    if due_at is None:
        assert "contient l’échéance" not in said


@pytest.mark.parametrize("kind", REMINDERS)
def test_nobody_is_asked_to_step_in_before_it_has_gone_up(kind):
    said = " ".join(mail(kind))

    assert "débloquer" not in said
    assert "votre intervention" not in said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ((12,), "Un rappel prévu le dimanche 29 novembre 2026 à 6 h 30 n’a pas pu partir"),
        (
            (12, 24),
            "2 rappels prévus le samedi 28 novembre 2026 à 18 h 30 et le dimanche 29 novembre "
            "2026 à 6 h 30 n’ont pas pu partir",
        ),
        (
            (12, 24, 30, 36, 40),
            "5 rappels prévus entre le samedi 28 novembre 2026 à 2 h 30 et le dimanche 29 "
            "novembre 2026 à 6 h 30 n’ont pas pu partir",
        ),
    ],
)
def test_what_an_outage_made_miss_is_said_once_for_all_of_it(hours, said):
    told = text(missed=tuple(NOW - timedelta(hours=each) for each in hours))

    assert told.count("n’a pas pu partir") + told.count("n’ont pas pu partir") == 1
    assert said in told


# --- Why this person, and what they can do ---------------------------------------------------


def test_the_mail_says_for_which_roles_one_gets_it():
    assert "pour ce rôle chez Boutique Girolle : Gestionnaire." in text()
    assert "pour ces rôles chez Boutique Girolle : Décideur, Direction." in text(
        roles=("decider", "manager")
    )
    assert "en raison de votre rôle auprès de Boutique Girolle" in text(roles=())


def test_whoever_stands_in_is_told_so():
    assert "vous remplacez une personne absente" in text(stands_in=True)
    assert "vous remplacez" not in text()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (MailKind.ESCALATION, {}),
        (MailKind.LATE, {"due_at": NOW - timedelta(hours=3)}),
        (MailKind.CHASE, {"regime": PROVISIONAL}),
    ],
)
def test_what_nobody_answered_is_named(kind, told):
    said = text(kind, unread=NOW - timedelta(hours=4), **told)

    assert (
        "Personne n’a confirmé la lecture du message envoyé le dimanche 29 novembre 2026 à 14 h 30"
        in said
    )


def test_the_link_says_what_its_button_does_and_until_when():
    said = text()

    assert f"Confirmer que vous avez lu ce message, sans vous connecter :\n{LINK}\n" in said
    assert "un seul bouton" in said
    assert "Il n’arrête aucun délai" in said
    assert "il sert jusqu’au dimanche 13 décembre 2026 à 18 h 30" in said


def test_where_there_is_nothing_to_confirm_there_is_no_link():
    assert "Confirmer" not in text(acknowledge_link="")


# --- A clock that starts ---------------------------------------------------------------------

PLAN = (
    PlannedTelling(NOW + timedelta(hours=12), ("handler",), ReminderChannel.DESK),
    PlannedTelling(NOW + timedelta(hours=24), ("handler", "dpo")),
)


def test_the_mail_of_a_start_holds_the_whole_plan_in_words():
    said = text(MailKind.CLOCK_STARTED, plan=PLAN, acknowledge_link="")

    assert "Compté depuis : vendredi 27 novembre 2026 à 18 h 30 (prise de connaissance)" in said
    assert "– lundi 30 novembre 2026 à 6 h 30, sur ce service seulement : Gestionnaire\n" in said
    assert (
        "– lundi 30 novembre 2026 à 18 h 30 : Gestionnaire, Délégué à la protection des données\n"
        in said
    )
    assert "transmis plus haut" in said
    assert (
        "Ajoutez-le à votre agenda : ses alarmes y restent même si ce service n’est plus joignable"
        in said
    )
    assert plain(regimes()[GDPR_ART_33].explanation.fr) in said


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_mail_of_a_start_already_late_speaks_of_no_reminder_that_it_does_not_list(locale):
    late = {"due_at": NOW - timedelta(hours=2), "plan": (PlannedTelling(NOW, ("handler",)),)}
    said = mail(
        MailKind.CLOCK_STARTED,
        locale=locale,
        now=NOW + timedelta(minutes=1),
        regime=PROVISIONAL,
        **late,
    )[1]

    assert "Rappels prévus" not in said
    assert "ces rappels" not in said
    if locale == "fr":
        assert "Les rappels reviennent tant que le délai court." in said
        assert "chaque jour pendant trente jours, avec une alarme" in said


def test_what_quiet_hours_hold_until_one_moment_is_listed_once_for_all():
    morning = NOW + timedelta(hours=13, minutes=30)
    plan = told_together(
        [
            PlannedTelling(morning, ("handler",), is_held=True),
            PlannedTelling(morning, ("handler", "dpo"), is_held=True),
        ]
    )

    said = text(MailKind.CLOCK_STARTED, plan=plan)

    assert said.count("– lundi 30 novembre 2026 à 8 h 00") == 1
    assert "à 8 h 00 : Gestionnaire, Délégué à la protection des données" in said
    assert "une personne d’astreinte les reçoit sans attendre" in said


def test_a_start_with_nothing_planned_has_the_deadline_alone_in_its_file():
    said = text(MailKind.CLOCK_STARTED, plan=())

    assert "Le fichier joint contient l’échéance, avec une alarme." in said
    assert "ces rappels" not in said


def test_a_corrected_start_says_what_it_replaces():
    assert "Il remplace celui qui courait" in text(MailKind.CLOCK_STARTED, is_correction=True)
    assert "Il remplace" not in text(MailKind.CLOCK_STARTED)


def test_a_report_that_comes_in_says_so_and_can_be_confirmed():
    said = text(MailKind.CLOCK_STARTED, regime=PROVISIONAL, plan=PLAN)

    assert "Un incident vient d’être signalé chez Boutique Girolle." in said
    assert f"Confirmer que vous avez lu ce message, sans vous connecter :\n{LINK}\n" in said


def test_without_a_breach_the_mail_says_that_the_calendars_are_called_off():
    ended = ((PROVISIONAL, StopReason.NOT_A_BREACH),)
    subject_said, said = mail(MailKind.CLOCKS_CALLED_OFF, called_off=ended, acknowledge_link="")

    assert subject_said == "GIR-2026-0007 : pas une violation, les rappels cessent"
    assert "Le fichier joint annule, dans votre agenda" in said


# --- What each regime asks for ----------------------------------------------------------------


def test_late_for_the_insurer_the_mail_asks_for_the_complaint_and_says_what_is_at_stake():
    said = text(MailKind.LATE, regime="insurance_complaint", due_at=NOW - timedelta(hours=1))

    assert (
        "Portez plainte sans attendre et prévenez l’assureur : la garantie peut être perdue."
        in said
    )
    assert "Cela reste dû" not in said


@pytest.mark.parametrize(
    ("regime", "is_filed"),
    [("telecom_611", True), ("gdpr_follow_up", True), ("insurance_complaint", False)],
)
def test_what_ends_with_a_filing_asks_to_record_it(regime, is_filed):
    said = text(regime=regime)

    assert ("enregistrez le dépôt dans le dossier" in said) is is_filed
    assert "dites-le dans le dossier" not in said


def test_a_target_is_said_to_run():
    said = text(regime="gdpr_art_34")

    assert "Un objectif de Boutique Girolle court." in said


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("seconds", [-30, -1, 1, 59])
@pytest.mark.parametrize("regime", [GDPR_ART_33, PROVISIONAL, "gdpr_art_34"])
def test_nothing_is_late_or_left_by_no_minute(regime, seconds, locale):
    told = {"regime": regime, "due_at": NOW + timedelta(seconds=seconds)}
    said = [
        part
        for kind in (MailKind.REMINDER, MailKind.LATE, MailKind.CHASE, MailKind.CLOCK_STARTED)
        for part in mail(kind, locale=locale, **told)
    ]
    if locale == "fr":
        assert any("moins d’une minute" in each for each in said)

    assert not [each for each in said if re.search(r"\b0 min", each)]


# --- After an outage -------------------------------------------------------------------------


def test_one_mail_tells_of_all_the_clocks_of_a_case():
    other = replace(TOLD, regime="gdpr_art_34", due_at=NOW - timedelta(hours=2))
    third = replace(TOLD, regime="quebec_cai", due_at=None)

    subject_said, said = mail(
        MailKind.LATE, others=(other, third), missed=(NOW - timedelta(hours=6),)
    )

    assert "3 délais à suivre, rappels manqués pendant une interruption" in subject_said
    assert "– Notification à la CNIL. Échéance : lundi 30 novembre 2026 à 18 h 30" in said
    assert "– Communication aux personnes. Objectif : dimanche 29" in said
    assert "Dépassé de : 2 h 00." in said
    assert "– Avis à la Commission d’accès à l’information (Québec), à faire sans" in said
    assert "n’a pas pu partir : notre service était interrompu" in said
    assert said.count(LINK) == 1


# --- English ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(CLOCK_MAILS))
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("regime", [GDPR_ART_33, PROVISIONAL, "gdpr_art_34", "gdpr_follow_up"])
def test_an_english_mail_has_no_french_in_it(kind, is_late, regime):
    due_at = NOW + timedelta(hours=-3 if is_late else 24)
    told = {
        "plan": PLAN,
        "unread": NOW - timedelta(hours=4),
        "missed": (NOW, NOW),
        "regime": regime,
    }

    said = " ".join(mail(kind, locale="en", due_at=due_at, stands_in=True, **told))

    said = said.replace("Commission nationale de l’informatique et des libertés", "")
    assert not re.findall(r"[«»éèàêîôç]", said), said


# --- One mail for several cases --------------------------------------------------------------


def after_outage(count: int, *, locale: str = "fr", **first):
    cases = [
        replace(
            TOLD,
            reference=f"GIR-2026-{number:04}",
            due_at=NOW + timedelta(hours=3 + number),
            missed=(NOW - timedelta(hours=2),),
        )
        for number in range(count)
    ]
    written = mail_after_outage(
        [replace(cases[0], **first), *cases[1:]],
        acknowledge_link=LINK,
        acknowledge_until=NOW + timedelta(days=14),
        locale=locale,
        now=NOW,
    )
    return plain(written.subject), plain(written.text)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ({}, "2 délais dans 2 dossiers, le premier dans 3 h 00"),
        (
            {"due_at": NOW - timedelta(hours=1)},
            "2 délais dans 2 dossiers, le premier dépassé de 1 h 00",
        ),
        (
            {"regime": "quebec_cai", "due_at": None},
            "2 délais dans 2 dossiers, à suivre sans attendre",
        ),
    ],
)
def test_the_subject_after_an_outage_says_how_much_and_how_soon(first, said):
    assert after_outage(2, **first)[0] == f"Boutique Girolle : {said}"


def test_after_an_outage_the_mail_says_how_many_are_late():
    assert "1 délai est dépassé." in after_outage(3, due_at=NOW - timedelta(hours=1))[1]
    assert "dépassé" not in after_outage(3)[1]


def test_of_many_cases_the_most_urgent_are_told_in_full_and_all_by_name():
    said = after_outage(30)[1]

    assert [int(each) for each in re.findall(r"\* GIR-2026-(\d+)", said)] == list(range(30))
    assert said.count("Ce que l’on ne sait pas encore") == 20
    assert said.count("Rappel manqué : ") == 30
    assert "Les 10 dossiers qui suivent sont dits en bref" in said
    assert said.count(LINK) == 1


def test_an_english_mail_after_an_outage_has_no_french_in_it():
    said = " ".join(after_outage(25, locale="en", due_at=NOW - timedelta(hours=1)))

    assert not re.findall(r"[«»éèàêîôç]", said), said
