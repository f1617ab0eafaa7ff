"""What a start pays for: the slow libraries are imported by who needs them only."""

import subprocess
import sys

import pytest

from tests.architecture import PACKAGE

# Half a second and more each, and no page needs them.
SLOW = ("alembic", "flask_migrate", "typst", "pikepdf", "playwright", "pytest", "procrastinate")
# What a process that only reads settings, or checks one file for a visitor, does without.
APPLICATION = ("flask", "sqlalchemy", "breachdesk.wiring", "breachdesk.web", "breachdesk.services")
PROGRAM = (
    "import sys, {module}\n"
    "print(*(name for name in {unwanted!r} if name in sys.modules), file=sys.stderr)"
)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        pytest.param("breachdesk.wiring", SLOW, id="the application"),
        pytest.param("breachdesk.__main__", SLOW, id="the command line"),
        pytest.param("breachdesk.config", APPLICATION, id="the settings"),
        pytest.param(
            "breachdesk.sealing.check_process", APPLICATION, id="the check of a sealed file"
        ),
        pytest.param("breachdesk.models.schema", ("alembic", "flask_migrate"), id="the schema"),
    ],
)
def test_importing_it_brings_nothing_slow_along(module, unwanted):
    program = PROGRAM.format(module=module, unwanted=unwanted)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == []
