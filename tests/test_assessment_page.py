"""The page that explains the assessment, and its figure, show the table the rules use."""

import re
from pathlib import Path
from xml.etree import ElementTree

from breachdesk.domain.risk_factors import Exposure, Harm
from tests.domain.test_verdict import AT_LEAST, AT_MOST

DOCS = Path(__file__).parents[1] / "docs"
SIGNS = ("–", "R", "H")


def table():
    """The cells as the page writes them, from nil to grave."""
    rows = []
    for harm in Harm:
        ends = zip(AT_LEAST[harm], AT_MOST[harm], strict=True)
        rows.append(
            [SIGNS[low] if low == high else f"{SIGNS[low]}/{SIGNS[high]}" for low, high in ends]
        )
    return rows


def test_the_page_shows_the_table_of_the_rules():
    lines = (DOCS / "assessment.md").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r" *\| *", line.strip(" |")) for line in lines if line.startswith("   | ")]
    (header, *body) = rows

    assert header[1:] == [exposure.name.lower() for exposure in Exposure]
    assert [row[0].split()[0] for row in body] == [harm.name.lower() for harm in Harm]
    assert [[re.sub("[ ¹²³⁴⁵]", "", cell) for cell in row[1:]] for row in body] == table()


def test_the_figure_shows_the_same_table_and_says_what_it_shows():
    file = DOCS / "assessment.svg"
    figure = ElementTree.parse(file).getroot()
    name = "{http://www.w3.org/2000/svg}"
    rows = [
        [cell.text for cell in row] for row in figure.iter(f"{name}text") if row.get("class") == "c"
    ]

    assert rows == table()[::-1]
    assert figure.find(f"{name}title").text
    assert figure.find(f"{name}desc").text
    assert file.stat().st_size <= 8192
