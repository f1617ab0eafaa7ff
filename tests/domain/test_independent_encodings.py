"""Published cases as somebody told them in facts who had read neither the rules nor the tests.

Thirteen cases of EDPB Guidelines 01/2021 and 9/2022, each told three ways before anything was
run, with the verdicts as recalled. They are kept as they were told: where the rules answer
otherwise, the difference is here with its reason.
"""

import json
from pathlib import Path

import pytest

from breachdesk.domain.duties import assess

TOLD = json.loads((Path(__file__).parent / "independent_encodings.json").read_text("utf-8"))
# Told as harmless for certain, a list of addresses is no high risk however many are on it:
# the published "depends" is about what the list may reveal.
HARMLESS_FOR_CERTAIN = ("depends", "no")
# With the insight of the data left open they may be out of date: telling people depends.
INSIGHT_LEFT_OPEN = ("yes", "depends")
OTHERWISE = {
    ("EDPB-9/2022-B-x", 0): HARMLESS_FOR_CERTAIN,
    ("EDPB-9/2022-B-x", 2): HARMLESS_FOR_CERTAIN,
    ("EDPB-01/2021-11", 2): INSIGHT_LEFT_OPEN,
}


@pytest.mark.parametrize("way", range(3))
@pytest.mark.parametrize("case", TOLD, ids=lambda case: case["id"])
def test_a_case_told_by_somebody_else_gets_its_verdict(case, way):
    told = {**case["facts"], **([{}, *case["otherwise"]][way])}

    result = assess(told)

    published = tuple(case["published"])
    expected = OTHERWISE.get((case["id"], way), published)
    assert (result.notify_authority, result.communicate_to_data_subjects) == expected


def test_what_comes_out_otherwise_is_little():
    assert len(TOLD) * 3 - len(OTHERWISE) == 36
