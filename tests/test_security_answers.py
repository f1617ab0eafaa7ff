"""docs/security.md answers each requirement once and names nothing that is not there."""

import re
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).parents[1]
ANSWERS = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
# The requirements of levels 1 and 2 by section: OWASP ASVS 4.0.3, those deleted left out.
LEVEL_2: dict[str, tuple[int, ...]] = {
    "1.1": (1, 2, 3, 4, 5, 6, 7),
    "1.2": (1, 2, 3, 4),
    "1.4": (1, 4, 5),
    "1.5": (1, 2, 3, 4),
    "1.6": (1, 2, 3, 4),
    "1.7": (1, 2),
    "1.8": (1, 2),
    "1.9": (1, 2),
    "1.10": (1,),
    "1.11": (1, 2),
    "1.12": (2,),
    "1.14": (1, 2, 3, 4, 5, 6),
    "2.1": tuple(range(1, 13)),
    "2.2": (1, 2, 3),
    "2.3": (1, 2, 3),
    "2.4": (1, 2, 3, 4, 5, 6),
    "2.5": (1, 2, 3, 4, 5, 6, 7),
    "2.6": (1, 2, 3),
    "2.7": (1, 2, 3, 4, 5, 6),
    "2.8": (1, 2, 3, 4, 5, 6, 7),
    "2.9": (1, 2, 3),
    "2.10": (1, 2, 3, 4),
    "3.1": (1,),
    "3.2": (1, 2, 3, 4),
    "3.3": (1, 2, 3, 4),
    "3.4": (1, 2, 3, 4, 5),
    "3.5": (1, 2, 3),
    "3.7": (1,),
    "4.1": (1, 2, 3, 5),
    "4.2": (1, 2),
    "4.3": (1, 2, 3),
    "5.1": (1, 2, 3, 4, 5),
    "5.2": (1, 2, 3, 4, 5, 6, 7, 8),
    "5.3": tuple(range(1, 11)),
    "5.4": (1, 2, 3),
    "5.5": (1, 2, 3, 4),
    "6.1": (1, 2, 3),
    "6.2": (1, 2, 3, 4, 5, 6),
    "6.3": (1, 2),
    "6.4": (1, 2),
    "7.1": (1, 2, 3, 4),
    "7.2": (1, 2),
    "7.3": (1, 3, 4),
    "7.4": (1, 2, 3),
    "8.1": (1, 2, 3, 4),
    "8.2": (1, 2, 3),
    "8.3": (1, 2, 3, 4, 5, 6, 7, 8),
    "9.1": (1, 2, 3),
    "9.2": (1, 2, 3, 4),
    "10.2": (1, 2),
    "10.3": (1, 2, 3),
    "11.1": (1, 2, 3, 4, 5, 6, 7, 8),
    "12.1": (1, 2, 3),
    "12.2": (1,),
    "12.3": (1, 2, 3, 4, 5, 6),
    "12.4": (1, 2),
    "12.5": (1, 2),
    "12.6": (1,),
    "13.1": (1, 3, 4, 5),
    "13.2": (1, 2, 3, 5, 6),
    "13.3": (1, 2),
    "13.4": (1, 2),
    "14.1": (1, 2, 3, 4),
    "14.2": (1, 2, 3, 4, 5, 6),
    "14.3": (2, 3),
    "14.4": (1, 2, 3, 4, 5, 6, 7),
    "14.5": (1, 2, 3, 4),
}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ANSWERS.splitlines()
    if re.match(r"\| \d", line)
]


def test_every_requirement_of_level_2_is_answered_once():
    answered = Counter(item for row in ROWS for item in row[0].split(", "))
    asked = {f"{section}.{number}" for section, numbers in LEVEL_2.items() for number in numbers}

    assert set(answered) == asked
    assert [item for item, times in answered.items() if times > 1] == []


def test_what_shows_an_answer_is_there():
    missing = {
        path
        for row in ROWS
        for path in re.findall(r"`([^`]+)`", row[2])
        if not (PROJECT / path).exists()
    }

    assert missing == set()


def test_an_answer_that_nothing_shows_says_why():
    for items, answer, shown_by in ROWS:
        assert shown_by or re.search(r"[Dd]o(es)? not apply|Not met", answer), items


THREATS = PROJECT / "docs" / "threats.md"


def test_every_threat_names_tests_that_are_there():
    named = set(re.findall(r"`(tests/[^`]+\.py)`", THREATS.read_text(encoding="utf-8")))

    assert len(named) >= 8
    assert {path for path in named if not (PROJECT / path).exists()} == set()
