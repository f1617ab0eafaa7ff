"""What a start pays for: the slow libraries are imported by who needs them only."""

import subprocess
import sys

import pytest

from tests.architecture import PACKAGE

# Half a second and more each, and no page needs them.
SLOW = ("alembic", "flask_migrate", "typst", "pikepdf", "playwright", "pytest", "procrastinate")
PROGRAM = (
    "import sys, {module}\n"
    "print(*(name for name in {unwanted!r} if name in sys.modules), file=sys.stderr)"
)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        pytest.param("breachdesk", SLOW, id="the application"),
        pytest.param("breachdesk.__main__", SLOW, id="the command line"),
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
