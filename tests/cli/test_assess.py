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
    assert "UnicodeDecodeError" in result.stderr


@pytest.mark.parametrize("text", ["3", "null", '"facts"'])
def test_facts_are_an_object_or_a_list_of_them(text):
    result = run(text)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_missing_file_is_a_usage_error():
    assert CliRunner().invoke(main, ["assess", "no-such-file.json"]).exit_code == 2
