"""The files of the law: each can be read, says where it was read, and counts as it says."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from breachdesk.domain import regimes as law
from breachdesk.domain.regimes import (
    GDPR_ART_33,
    Binding,
    Certainty,
    FaultyLaw,
    Regime,
    Rule,
    Said,
    StartEvent,
    StopEvent,
    authorities,
    read_authority,
    read_regime,
    regimes,
)

at = datetime.fromisoformat

FILES = sorted((law.LAW / "regimes").glob("*.toml"))
AUTHORITY_FILES = sorted((law.LAW / "authorities").glob("*.toml"))
# What each regime counts, in our own table: a file that drifts fails here.
HOURS = {
    # "Three days" in the law: the strictest reading.
    "telecom_611_second": 72,
    "gdpr_art_33": 72,
    "provisional": 72,
    "gdpr_follow_up": 72,
    "gdpr_art_34": 72,
    "insurance_complaint": 72,
    "telecom_611": 24,
    "nis2_early_warning": 24,
    "nis2_notification": 72,
}
WITHOUT_FIGURE = {"gdpr_art_33_2", "quebec_cai"}
VERIFIED, SECOND_HAND, RECALLED = Certainty
# Of each regime, in our own table: by which article, to whom it is owed, from which event on,
# since which day, and how its figure was come by. What drifts in a file fails here.
LAW = {
    "gdpr_art_33": ("art. 33(1)", "cnil", "aware", "2018-05-25", VERIFIED),
    "gdpr_art_33_2": ("art. 33(2)", "controllers", "aware", "2018-05-25", RECALLED),
    "gdpr_art_34": ("art. 34(1)", "data_subjects", "aware", "2018-05-25", RECALLED),
    "gdpr_follow_up": ("art. 33(4)", "cnil", "initial_filed", "2018-05-25", VERIFIED),
    "insurance_complaint": ("art. L12-10-1", "police", "attack_known", "2023-04-24", VERIFIED),
    "nis2_early_warning": ("art. 23(4)(a)", "cert_fr", "noticed", "2024-10-18", SECOND_HAND),
    "nis2_notification": ("art. 23(4)(b)", "cert_fr", "noticed", "2024-10-18", SECOND_HAND),
    "nis2_final_report": ("art. 23(4)(d)", "cert_fr", "other_done", "2024-10-18", SECOND_HAND),
    "provisional": ("art. 33(1)", "cnil", "noticed", "2018-05-25", VERIFIED),
    "quebec_cai": ("art. 3.5", "cai", "aware", "2022-09-22", RECALLED),
    "telecom_611": ("art. 2", "cnil", "aware", "2013-08-25", SECOND_HAND),
    "telecom_611_second": ("art. 2(3)", "cnil", "initial_filed", "2013-08-25", SECOND_HAND),
}
# How each addressee was come by.
ADDRESSEES = {
    "cnil": VERIFIED,
    "cai": SECOND_HAND,
    "police": SECOND_HAND,
    "cert_fr": RECALLED,
    "controllers": RECALLED,
    "data_subjects": RECALLED,
}
# No figure of another text may slip into what is said of one: every figure that the French names.
FIGURES = {
    "gdpr_art_33": ["72 heures", "72 heures"],
    "gdpr_art_33_2": [],
    "gdpr_art_34": [],
    "gdpr_follow_up": ["72 heures"],
    "insurance_complaint": ["72 heures"],
    "nis2_early_warning": ["24 heures"],
    "nis2_notification": ["72 heures", "24 heures"],
    "nis2_final_report": ["Un mois"],
    "provisional": ["72 heures"],
    "quebec_cai": [],
    "telecom_611": ["24 heures", "trois jours"],
    "telecom_611_second": ["trois jours", "trois jours", "72 heures"],
}
TODAY = date(2026, 11, 27)


def rule_of(code: str) -> Rule:
    """The rule of a regime that is in force today."""
    return regimes()[code].rule_on(TODAY)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_regime_says_it_in_two_languages_and_where_it_was_read(path: Path):
    regime = read_regime(path)

    for text in (regime.name, regime.article, regime.explanation, regime.counted_from):
        assert text.fr.strip()
        assert text.en.strip()
        assert "'" not in text.fr, "the apostrophe is ’"
    assert regime.authority in authorities()
    for rule in regime.rules:
        assert rule.read_on == date(2026, 11, 22)
        assert rule.source.fr
        assert rule.source.en
        assert len(rule.version) <= 40
    assert regime.rule_on(TODAY).in_force_from is not None
    assert len({rule.version for rule in regime.rules}) == len(regime.rules)
    assert len(regime.code) <= 60


@pytest.mark.parametrize("path", AUTHORITY_FILES, ids=lambda path: path.stem)
def test_every_addressee_is_named_and_owed_something(path: Path):
    authority = read_authority(path)

    assert authority.name.fr
    assert authority.short.en
    assert authority.code in {regime.authority for regime in regimes().values()}


def test_the_regimes_count_what_our_own_table_says():
    assert {code: rule_of(code).hours for code in HOURS} == HOURS
    assert {code for code in regimes() if not rule_of(code).has_figure} == WITHOUT_FIGURE
    assert rule_of("nis2_final_report").months == 1
    assert set(regimes()) == {*HOURS, *WITHOUT_FIGURE, "nis2_final_report"}


def test_what_a_duration_is_worth_is_said():
    binding = {code: regime.binding for code, regime in regimes().items()}

    assert binding["gdpr_follow_up"] is Binding.RECOMMENDED
    assert binding["gdpr_art_34"] is Binding.TARGET
    assert binding["provisional"] is Binding.PRECAUTION
    apart = ("gdpr_follow_up", "gdpr_art_34", "provisional")
    others = {code for code in binding if code not in apart}
    assert {binding[code] for code in others} == {Binding.LAW}


def test_what_a_person_must_say_done_has_a_task_and_what_hangs_on_a_condition_asks_for_it():
    said = {code: each for code, each in regimes().items() if each.stops_with is StopEvent.SAID}

    assert all(regime.task for regime in said.values())
    asking = {code for code, regime in regimes().items() if regime.condition}
    assert asking == {
        "insurance_complaint",
        "nis2_early_warning",
        "nis2_notification",
        "quebec_cai",
        "telecom_611",
        "telecom_611_second",
    }
    for regime in regimes().values():
        for text in (regime.condition, regime.task):
            assert text is None or (text.fr and text.en and "'" not in text.fr)


def test_what_follows_on_another_stands_after_it():
    nis2 = [code for code in regimes() if code.startswith("nis2_")]

    assert nis2 == ["nis2_early_warning", "nis2_notification", "nis2_final_report"]


@pytest.mark.parametrize("code", sorted(regimes()))
def test_a_regime_says_its_article_its_addressee_its_start_its_day_and_how_sure_it_is(code):
    regime, rule = regimes()[code], rule_of(code)
    article, addressee, starts_with, day, certainty = LAW[code]

    assert article in regime.article.fr
    assert article.removeprefix("art. ") in regime.article.en
    assert regime.authority == addressee
    assert regime.starts_with == starts_with
    assert rule.in_force_from == date.fromisoformat(day)
    assert rule.certainty is certainty


def test_how_each_addressee_was_come_by_is_said():
    assert {code: each.certainty for code, each in authorities().items()} == ADDRESSEES


@pytest.mark.parametrize("code", sorted(regimes()))
def test_no_other_figure_is_named_in_what_is_said_of_a_regime(code):
    figure = r"\d+ (?:heures|jours|mois)|[Uu]n mois|trois jours"

    assert re.findall(figure, regimes()[code].explanation.fr) == FIGURES[code]


def test_the_limit_of_article_33_is_not_said_to_be_time_to_wait():
    said = regimes()[GDPR_ART_33].explanation

    assert said.fr.startswith("Une violation se notifie dans les meilleurs délais")
    assert "raisonnablement certain" in said.fr
    assert "without undue delay" in said.en


def test_a_directive_is_not_said_to_bind_without_the_law_that_transposes_it():
    for code in ("nis2_early_warning", "nis2_notification", "nis2_final_report"):
        assert "que par la loi qui la transpose" in regimes()[code].explanation.fr
    for code in ("nis2_early_warning", "nis2_notification"):
        assert "s’applique-t-elle déjà à vous" in regimes()[code].condition.fr


def test_a_figure_that_is_not_law_is_never_called_due_by_law():
    for regime in regimes().values():
        if regime.binding is not Binding.LAW:
            assert regime.binding in (Binding.RECOMMENDED, Binding.TARGET, Binding.PRECAUTION)
            assert "sans chiffre" in regime.rule_on(TODAY).source.fr or (
                "précaution" in regime.rule_on(TODAY).source.fr
            )


def test_the_questions_of_one_trait_are_the_same_in_every_file():
    asked: dict[str, set[Said | None]] = {}
    for regime in regimes().values():
        if regime.offer.trait:
            asked.setdefault(regime.offer.trait, set()).add(regime.offer.question)

    assert set(asked) == {"telecom_provider", "nis2_entity", "quebec_enterprise"}
    assert all(len(questions) == 1 for questions in asked.values())


def test_the_proposal_of_2025_counts_on_no_day():
    regime = regimes()[GDPR_ART_33]

    assert regime.rule_on(date(2099, 1, 1)).hours == 72
    assert regime.rule("digital-omnibus-2025-proposal").in_force_from is None


def test_before_a_rule_came_into_force_there_is_none():
    with pytest.raises(LookupError, match="2023-04-23"):
        regimes()["insurance_complaint"].rule_on(date(2023, 4, 23))


@pytest.mark.parametrize(
    ("started", "due", "zone"),
    [
        pytest.param(
            "2026-11-24T10:00+01:00", "2026-12-24T10:00+01:00", "Europe/Paris", id="plain"
        ),
        pytest.param(
            "2027-01-31T10:00+01:00", "2027-02-28T10:00+01:00", "Europe/Paris", id="shorter month"
        ),
        pytest.param(
            "2028-01-30T10:00+01:00", "2028-02-29T10:00+01:00", "Europe/Paris", id="leap year"
        ),
        pytest.param(
            "2026-12-31T10:00+01:00", "2027-01-31T10:00+01:00", "Europe/Paris", id="New Year"
        ),
        pytest.param(
            "2026-10-10T10:00+02:00",
            "2026-11-10T10:00+01:00",
            "Europe/Paris",
            id="the clocks change on the way: the hour on the wall stays",
        ),
        pytest.param(
            "2027-03-31T00:30+02:00",
            "2027-04-30T00:30+02:00",
            "Europe/Paris",
            id="the day is the organisation's, not that of UTC",
        ),
        pytest.param(
            "2026-09-25T02:30+02:00",
            "2026-10-25T02:30+02:00",
            "Europe/Paris",
            id="an hour that comes twice: the first of the two",
        ),
        pytest.param(
            "2027-02-28T02:30+01:00",
            "2027-03-28T01:30+01:00",
            "Europe/Paris",
            id="an hour that does not come: the earlier reading",
        ),
        pytest.param(
            "2026-11-24T10:00-05:00", "2026-12-24T10:00-05:00", "America/Montreal", id="Montréal"
        ),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last_of_a_shorter_one(started, due, zone):
    counted = rule_of("nis2_final_report").due_at(at(started).astimezone(UTC), zone)

    assert counted == at(due)
    assert counted.tzinfo is UTC


def test_without_a_figure_nothing_is_due():
    assert rule_of("quebec_cai").due_at(at("2026-11-24T10:00+00:00")) is None
    assert rule_of("quebec_cai").duration is None


# --- A file more --------------------------------------------------------------------------------

NEW = """
name = { fr = "Avis à l’ACPR", en = "Notice to the ACPR" }
article = { fr = "Règlement (UE) 2022/2554, art. 19", en = "Regulation (EU) 2022/2554, Art. 19" }
explanation = { fr = "Dans les 4 heures.", en = "Within 4 hours." }
counted_from = { fr = "classement de l’incident", en = "classification of the incident" }
authority = "cnil"
binding = "law"
starts_with = "noticed"
stops_with = "said"

[[rules]]
version = "dora-2025-01-17"
in_force_from = 2025-01-17
hours = 4
source = { fr = "Règlement (UE) 2022/2554, art. 19", en = "Regulation (EU) 2022/2554, Art. 19" }
certainty = "second_hand"
read_on = 2026-11-22

[[offer.facts]]
key = "cause"
any_of = ["external_malicious"]
"""


def written(folder: Path, text: str) -> Path:
    """A file of a regime with this text."""
    path = folder / "acpr.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_new_file_is_a_new_regime(tmp_path):
    regime = read_regime(written(tmp_path, NEW))

    assert isinstance(regime, Regime)
    assert (regime.code, regime.starts_with, regime.stops_with) == (
        "acpr",
        StartEvent.NOTICED,
        StopEvent.SAID,
    )
    assert regime.rule_on(TODAY).duration == timedelta(hours=4)
    assert regime.rule_on(TODAY).source.en == "Regulation (EU) 2022/2554, Art. 19"


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        pytest.param('binding = "law"', "", "`binding` is missing", id="a key is missing"),
        pytest.param('"law"', '"rule"', "`binding` is one of", id="no such binding"),
        pytest.param(
            'en = "Notice to the ACPR"', 'en = ""', "`name` must say it", id="one language alone"
        ),
        pytest.param("hours = 4", "hours = 0", "at least 1", id="no time at all"),
        pytest.param("hours = 4", "hours = 4\nmonths = 1", "not both", id="hours and months"),
        pytest.param("2026-11-22", '"today"', "`read_on` must be a date", id="no day"),
        pytest.param("hours = 4", "hours = 4\nminutes = 2", "rules 1: nobody reads", id="too many"),
        pytest.param('"cause"', '"motive"', "`key` is one of", id="no such fact"),
        pytest.param('"external_malicious"', '"aliens"', "`any_of` has values", id="no such value"),
        pytest.param(
            '[[offer.facts]]\nkey = "cause"\nany_of = ["external_malicious"]',
            '[offer]\ntrait = "bank"',
            "goes with its `question`",
            id="a trait nobody is asked for",
        ),
        pytest.param(
            'stops_with = "said"',
            'stops_with = "said"\nafter = "provisional"',
            "`after` goes with",
            id="after what, if not after another",
        ),
        pytest.param(
            'stops_with = "said"',
            'stops_with = "said"\nis_for_roles = ["king"]',
            "`is_for_roles` are of",
            id="no such role",
        ),
        pytest.param("[[rules]]", "[[rules", "acpr.toml", id="no TOML"),
        pytest.param("[[rules]]", "[[offer.needs]]", "acpr.toml", id="no rule"),
    ],
)
def test_a_faulty_file_is_refused_with_what_is_wrong(tmp_path, said, instead, complaint):
    assert said in NEW
    with pytest.raises(FaultyLaw, match=complaint):
        read_regime(written(tmp_path, NEW.replace(said, instead)))
