"""The page that explains deadlines shows the regimes that the files hold."""

from datetime import date
from pathlib import Path

from breachdesk.domain.regimes import Binding, regimes
from breachdesk.domain.reminder_plans import DEFAULT_PLAN

PAGE = (Path(__file__).parents[1] / "docs" / "deadlines.md").read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)


def _rows() -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return {code.strip("`"): rest for code, *rest in lines}


def test_every_regime_is_on_the_page_with_its_figure_and_how_sure_it_is():
    rows = _rows()

    assert set(rows) == set(regimes())
    for code, (_counted, figure, binding, certainty) in rows.items():
        rule = regimes()[code].rule_on(TODAY)
        months = f"{rule.months} month" if rule.months else "none"
        assert figure == (f"{rule.hours} h" if rule.hours else months), code
        assert certainty == rule.certainty, code
        assert ("law" in binding) == (regimes()[code].binding is Binding.LAW), code


def test_the_plan_on_the_page_is_the_one_proposed():
    quiet = DEFAULT_PLAN.quiet

    assert f"{quiet.starts:%H:%M}–{quiet.ends:%H:%M}" in PAGE
    assert {1, 3, 6, 12, 24, 48} <= {
        notice.before.total_seconds() / 3600 for notice in DEFAULT_PLAN.notices
    }
    assert DEFAULT_PLAN.escalate_after.total_seconds() == 4 * 3600
    assert DEFAULT_PLAN.escalate_after_when_near.total_seconds() == 3600
    assert DEFAULT_PLAN.late_every.total_seconds() == 12 * 3600
