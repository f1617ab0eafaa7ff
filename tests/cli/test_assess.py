"""`breachdesk assess` at the terminal: JSON out, every fault in, a status to rely on."""

import json

import pytest
from click.testing import CliRunner

from breachdesk.cli import main
from tests.domain.calm_case import calm_facts


def run(given, *options):
    text = given if isinstance(given, str) else json.dumps(given)
    return CliRunner().invoke(main, ["assess", "-", *options], input=text)


def test_one_case_gives_one_answer_of_the_agreed_shape():
    result = run(calm_facts(data=["health"], recipients="few_known", deletion_confirmed=None))

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["notify_authority"] == answer["communicate_to_data_subjects"] == "yes"
    assert {"dpc", "ei", "cb", "score", "level", "flags"} <= set(answer["severity"])
    assert set(answer["severity"]["cb"]) == {
        "confidentiality",
        "integrity",
        "availability",
        "malicious",
    }
    assert {"factor", "effect", "text", "source"} <= set(answer["reasons"][0])
    assert {"id", "title", "verdict", "why_similar"} <= set(answer["precedents"][0])
    assert answer["rules_version"]


def test_an_open_question_says_the_fact_why_and_what_would_change():
    answer = json.loads(run(calm_facts(effect_on_persons=None)).stdout)

    (question,) = answer["open_questions"]
    assert question["fact"] == "effect_on_persons"
    assert question["why"].startswith("Des effets importants")
    assert question["would_change"] == ["notify_authority", "communicate_to_data_subjects"]


def test_a_list_gives_a_list():
    answers = json.loads(run([calm_facts(), {}]).stdout)

    assert [each["notify_authority"] for each in answers] == ["no", "depends"]


def test_no_case_gives_no_answer():
    assert json.loads(run([]).stdout) == []


def test_a_file_is_read_as_utf_8(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(calm_facts()), encoding="utf-8")

    result = CliRunner().invoke(main, ["assess", str(path)])

    assert json.loads(result.stdout)["risk"] == "unlikely"


def test_accents_are_printed_as_they_are():
    assert "é" in run({}).stdout
    assert "\\u00e9" not in run({}).stdout


def test_french_is_spoken_unless_english_is_asked():
    french = json.loads(run({}).stdout)
    assert french["reasons"][0]["text"].startswith("Selon ce que")
    assert json.loads(run({}, "--lang", "fr").stdout) == french


def test_each_fault_is_a_line_on_standard_error_that_names_its_key():
    result = run({"role": "owner", "n_subjects": True, "colour": "red"})

    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split()[0] for line in lines] == ["role", "n_subjects", "colour"]


def test_faults_in_a_list_say_which_case():
    result = run([calm_facts(), {"colour": 1}, "text"])

    assert result.exit_code == 2
    assert [line[:3] for line in result.stderr.splitlines()] == ["[2]", "[3]"]


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"a": }'])
def test_what_is_not_json_is_refused_with_its_place(text):
    result = run(text)

    assert result.exit_code == 2
    assert "ligne 1" in result.stderr


def test_what_is_not_text_is_refused(tmp_path):
    path = tmp_path / "facts.json"
    path.write_bytes(b"\xff\xfe\x00")

    result = CliRunner().invoke(main, ["assess", str(path)])

    assert result.exit_code == 2
    assert result.stderr.splitlines() == ["Le fichier n’est pas du texte en UTF-8."]


@pytest.mark.parametrize("text", ["3", "null", '"facts"'])
def test_facts_are_an_object_or_a_list_of_them(text):
    result = run(text)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_missing_file_is_a_usage_error():
    assert CliRunner().invoke(main, ["assess", "no-such-file.json"]).exit_code == 2


def test_the_answer_has_every_key_of_the_contract():
    answer = json.loads(run(calm_facts(effect_on_persons=None)).stdout)

    assert {
        "severity",
        "risk",
        "notify_authority",
        "communicate_to_data_subjects",
        "reasons",
        "open_questions",
        "precedents",
        "communication_advised_anyway",
        "inform_controllers",
        "rules_version",
    } <= set(answer)
    assert {"fact", "why", "would_change"} <= set(answer["open_questions"][0])
    assert answer["law"] == "gdpr-2018-05-25"


@pytest.mark.parametrize("role", ["controller", "processor"])
def test_a_processor_always_informs_the_controllers(role):
    answer = json.loads(run(calm_facts(role=role)).stdout)

    assert answer["inform_controllers"] == ("yes" if role == "processor" else "no")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(calm_facts()), encoding="utf-8-sig")

    assert CliRunner().invoke(main, ["assess", str(path)]).exit_code == 0


NARROW = "\u202f"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            '{"role": "processor", "role": "controller"}',
            f"role{NARROW}: ce fait est donné plusieurs fois{NARROW}; gardez une seule réponse.",
            id="the same fact twice",
        ),
        pytest.param(
            '[{}, {"role": null, "role": null}]',
            f"[2] role{NARROW}: ce fait est donné plusieurs fois{NARROW}; gardez une seule"
            " réponse.",
            id="the same fact twice, in a list",
        ),
        pytest.param(
            '{"n_subjects": NaN}',
            f"n_subjects{NARROW}: un nombre entier positif ou nul est attendu, et non nan.",
            id="not a number",
        ),
        pytest.param(
            '{"unavailable_hours": 1e999}',
            f"unavailable_hours{NARROW}: un nombre positif ou nul est attendu, et non inf.",
            id="beyond every number",
        ),
        pytest.param(
            f'{{"n_subjects": {"9" * 5000}}}',
            "Un nombre du fichier est trop long pour être lu.",
            id="more digits than Python reads",
        ),
        pytest.param(
            f'{{"data": {"[" * 9000}{"]" * 9000}}}',
            "Le JSON est trop profondément imbriqué pour des faits.",
            id="nested beyond reading",
        ),
        pytest.param(
            '{"a\\nb": 1}',
            f"'a\\nb'{NARROW}: ce fait n’existe pas dans le vocabulaire.",
            id="a key with a line break",
        ),
        pytest.param(
            f'{{"{"k" * 90}": 1}}',
            f"{'k' * 59}…{NARROW}: ce fait n’existe pas dans le vocabulaire.",
            id="a very long key",
        ),
    ],
)
def test_what_cannot_be_facts_is_said_in_one_line(text, line):
    result = run(text)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [line]


@pytest.mark.parametrize("number", [10**400, 1e308, 0, 12.0])
def test_a_number_however_large_is_weighed(number):
    result = run(calm_facts(n_subjects=number, unavailable_hours=number))

    assert result.exit_code == 0
