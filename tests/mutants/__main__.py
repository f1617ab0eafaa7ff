"""`make mutants`: change the rules a little, everywhere, and see that a test notices.

mutmut mutates every function of the rules and runs the tests that reach it. The domain
needs nothing but the standard library, so it is copied with its own tests into a folder
apart, where neither the web nor a database is installed. Ends with 1 below `LEAST_SCORE`.

    python -m tests.mutants                     every module of the rules
    python -m tests.mutants enisa severity      only these

mutmut leaves tables outside functions alone; golden cases hold those (`test_published_cases`).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

MUTMUT = os.environ.get("MUTMUT", "mutmut")
ROOT = Path(__file__).resolve().parents[2]
WORKSHOPS = ROOT / ".venv-mutants" / "workshops"
DOMAIN = Path("breachdesk") / "domain"
RULES = (
    "enisa",
    "severity",
    "risk_factors",
    "situation",
    "verdict",
    "duties",
    "open_questions",
    "reasons",
    "precedents",
    "flips",
    "rule_sets",
    "findings",
)
# These build their tables with functions: each mutant must import them anew, which is slow.
READ_AT_IMPORT = frozenset({"situation", "reasons"})
# Of every module, and of all together: percent of the mutants killed.
LEAST_SCORE = 85
# However slow the machine, this ends; what is not checked by then counts as not killed.
LONGEST_RUN_SECONDS = 1800
# Examples a property tries per mutant; the full number would take hours.
EXAMPLES = 5

KILLED, SURVIVED, TIMEOUT, OTHER = "killed", "survived", "timeout", "not checked"
# What mutmut writes down: how pytest, or the mutant's process, ended. A mutant that never ends
# is noticed by whoever waits for it; one that cannot even be imported (255), by everyone.
_OUTCOMES = {1: KILLED, 3: KILLED, 255: KILLED, 0: SURVIVED, 33: SURVIVED, 5: SURVIVED}
_OUTCOMES |= dict.fromkeys((36, 24, -24, 152), TIMEOUT)

SETTINGS = """\
[tool.mutmut]
source_paths = ["breachdesk"]
only_mutate = {only}
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
process_isolation = "{isolation}"
forkserver_warmup = "import"
preload_modules_file = "preload.txt"

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib"]
"""
# Hypothesis with few examples, and always the same ones.
CONFTEST = f"""\
from hypothesis import settings

_init = settings.__init__


def few(self, *args, **given):
    if "max_examples" in given:
        given["max_examples"] = min(given["max_examples"], {EXAMPLES})
    _init(self, *args, **given)


settings.__init__ = few
settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
settings.load_profile("mutants")
"""
_BEYOND_THE_DOMAIN = re.compile(r"breachdesk(?!\.domain)\b|tests\.(?!domain)")


def workshop_of(module: str) -> Path:
    """Where the mutants of a module are made: those read at import apart."""
    return WORKSHOPS / ("tables" if module in READ_AT_IMPORT else "rules")


def prepare(workshop: Path, modules: Iterable[str]) -> None:
    """A copy of the domain and its tests, with mutmut's settings."""
    shutil.rmtree(workshop, ignore_errors=True)
    shutil.copytree(ROOT / DOMAIN, workshop / DOMAIN, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("breachdesk", "tests", "tests/domain"):
        (workshop / room).mkdir(parents=True, exist_ok=True)
        (workshop / room / "__init__.py").touch()
    for path in (ROOT / "tests" / "domain").glob("*.py"):
        shutil.copy(path, workshop / "tests" / "domain")
    (workshop / "tests" / "conftest.py").write_text(CONFTEST)
    (workshop / "preload.txt").write_text("hypothesis\nhypothesis.strategies\npytest\n")
    settings = SETTINGS.format(
        only=json.dumps([str(DOMAIN / f"{module}.py") for module in modules]),
        tests=json.dumps(sorted(_tests_of_the_rules(workshop))),
        isolation="forkserver" if workshop.name == "tables" else "fork",
    )
    (workshop / "pyproject.toml").write_text(settings)


def _tests_of_the_rules(workshop: Path) -> Iterator[str]:
    """The tests that ask the rules and need no more than the domain."""
    rules = rf"breachdesk\.domain\.({'|'.join(RULES)})"
    asks = re.compile(rf"from ({rules}|tests\.domain\.(calm_case|verdicts)) import")
    for path in (workshop / "tests" / "domain").glob("test_*.py"):
        text = path.read_text()
        if asks.search(text) and not _BEYOND_THE_DOMAIN.search(text):
            yield str(path.relative_to(workshop))


def run(workshop: Path) -> None:
    """Make the mutants and test each, as far as the time goes."""
    with (workshop / "mutmut.log").open("w") as log:
        try:
            subprocess.run(
                [MUTMUT, "run", "--max-children", str(os.cpu_count() or 1)],
                cwd=workshop,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_RUN_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            print(f"  {workshop.name}: stopped after {LONGEST_RUN_SECONDS} s")


def outcomes(module: str) -> Counter[str]:
    """How the mutants of a module ended."""
    path = workshop_of(module) / "mutants" / DOMAIN / f"{module}.py.meta"
    if not path.exists():
        return Counter()
    codes = json.loads(path.read_text())["exit_code_by_key"].values()
    return Counter(_OUTCOMES.get(code, OTHER) for code in codes)


def score(found: Counter[str]) -> float:
    """Percent killed, of all."""
    return 100 * (found[KILLED] + found[TIMEOUT]) / max(1, found.total())


def line(name: str, found: Counter[str]) -> str:
    """One line of the result."""
    parts = ", ".join(f"{found[kind]} {kind}" for kind in (SURVIVED, TIMEOUT, OTHER) if found[kind])
    return f"  {name:<16} {found.total():5} mutants  {score(found):5.1f} %  {parts}".rstrip()


def main() -> int:
    """Run mutmut and print the score of every module."""
    modules = sys.argv[1:] or list(RULES)
    for workshop in sorted({workshop_of(module) for module in modules}):
        prepare(workshop, [module for module in modules if workshop_of(module) == workshop])
        run(workshop)
    found = {module: outcomes(module) for module in modules}
    with_mutants = {module: each for module, each in found.items() if each}
    for module, each in with_mutants.items():
        print(line(module, each))
    total: Counter[str] = sum(with_mutants.values(), Counter())
    print(line("together", total))
    print(f"  Survivors: cd {WORKSHOPS.relative_to(ROOT)}/rules; mutmut results; mutmut show NAME")
    enough = total and all(score(each) >= LEAST_SCORE for each in with_mutants.values())
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
