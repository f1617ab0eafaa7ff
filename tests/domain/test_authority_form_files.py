"""A faulty file of a form is refused with a sentence that names the field and the fault."""

import pytest

from breachdesk.domain.authority_form_files import FORMS, FaultyForm, read_form
from breachdesk.domain.authority_form_model import FORM_CODES
from breachdesk.domain.authority_form_rules import FaultyRule, read_rule

WHOLE = """
name = { fr = "Formulaire", en = "Form" }
version = "1"
authority = "cnil"
languages = ["fr"]
certainty = "recalled"
read_on = 2026-11-22
source = { fr = "Source", en = "Source" }

[[sections]]
code = "breach"
label = { fr = "Violation", en = "Breach" }

[[sections.fields]]
code = "nature"
label = { fr = "Nature", en = "Nature" }
kind = "choices"
from = "fact.breach_types"
options = [
    { code = "confidentiality", fr = "Confidentialité", en = "Confidentiality" },
    { code = "integrity", fr = "Intégrité", en = "Integrity" },
    { code = "availability", fr = "Disponibilité", en = "Availability" },
]

[[sections.fields]]
code = "details"
label = { fr = "Précisions", en = "Details" }
kind = "text"
from = "fact.description"
visible_if = { field = "nature", is = "integrity" }
"""


def read(tmp_path, text: str):
    path = tmp_path / "form.toml"
    path.write_text(text, encoding="utf-8")
    return read_form(path)


def test_a_whole_file_is_read(tmp_path):
    fields = read(tmp_path, WHOLE).fields()

    assert [each.code for each in fields] == ["nature", "details"]
    assert fields[1].sources == ("fact.description",)


def test_every_file_is_one_of_the_forms():
    assert sorted(path.stem for path in FORMS.iterdir()) == sorted(FORM_CODES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("name = {", "name = ", "form.toml:", id="no TOML"),
        pytest.param('version = "1"\n', "", "`version` is missing", id="a key missing"),
        pytest.param('version = "1"', 'version = "1"\nx = 1', "nobody reads `x`", id="a stranger"),
        pytest.param('authority = "cnil"', 'authority = "x"', "`authority` is one of", id="whom"),
        pytest.param('["fr"]', '["de"]', "`languages` are of fr, en", id="a language"),
        pytest.param(
            'label = { fr = "Précisions", en = "Details" }',
            'label = { fr = "Précisions" }',
            "field details: `label` must say it in `fr` and in `en`",
            id="one language alone",
        ),
        pytest.param(
            '"fact.description"',
            '"fact.nonsense"',
            "field details: `from` names fact.nonsense, which no case has",
            id="from nowhere",
        ),
        pytest.param(
            '"fact.description"',
            '"fact.n_subjects"',
            "field details: `from` names fact.n_subjects, a number: no text",
            id="another kind",
        ),
        pytest.param(
            '    { code = "integrity", fr = "Intégrité", en = "Integrity" },\n',
            "",
            "field nature: `codes` leads to integrity, which is no option",
            id="an option missing",
        ),
        pytest.param(
            'from = "fact.breach_types"',
            'from = "fact.breach_types"\ncodes = { confidentiality = "confidentiality" }',
            "field nature: `codes` leaves out availability, integrity of fact.breach_types",
            id="a code untranslated",
        ),
        pytest.param(
            'from = "fact.breach_types"',
            'from = "fact.breach_types"\nwhen_unknown = "later"',
            "field nature: `when_unknown` is later, which is no option",
            id="no such option",
        ),
        pytest.param(
            'field = "nature", is = "integrity"',
            'field = "later", is = "integrity"',
            "field details: `visible_if` looks at later, which is no earlier field",
            id="a condition on nothing",
        ),
        pytest.param(
            'is = "integrity"',
            'is = "wholeness"',
            "field details: `visible_if` asks for wholeness, which is no option of nature",
            id="a condition on no option",
        ),
        pytest.param(
            '{ field = "nature", is = "integrity" }',
            "{ sometimes = true }",
            "field details: `visible_if` is faulty: nobody can weigh { sometimes = True }",
            id="no condition",
        ),
        pytest.param(
            'code = "details"', 'code = "nature"', "there are two fields nature", id="twice"
        ),
        pytest.param(
            'kind = "text"', 'kind = "text"\nlaw = "33(4)"', "`law` is one of", id="no such point"
        ),
    ],
)
def test_a_faulty_file_is_refused(tmp_path, old, new, said):
    assert WHOLE.count(old) >= 1

    with pytest.raises(FaultyForm) as refused:
        read(tmp_path, WHOLE.replace(old, new, 1))

    assert said in str(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("always", id="a word"),
        pytest.param({}, id="nothing"),
        pytest.param({"all": []}, id="all of nothing"),
        pytest.param({"late": "yes"}, id="no yes or no"),
        pytest.param({"always": False}, id="never"),
        pytest.param({"field": "x"}, id="half a condition"),
        pytest.param({"late": True, "incomplete": True}, id="two at once"),
    ],
)
def test_what_is_no_condition_is_refused(said):
    with pytest.raises(FaultyRule):
        read_rule(said)
