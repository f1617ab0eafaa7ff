"""The audit of dependencies: a known weakness fails it, an index out of reach does not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {"name": "flask", "version": "0.1", "vulns": [{"id": "PYSEC-2018-66"}]}
UNKNOWN = {"name": "flask", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        pytest.param([SOUND], 0, "2 of 2 packages audited, 0 with", id="sound"),
        pytest.param([SOUND, WEAK], 1, "flask 0.1: PYSEC-2018-66", id="one is weak"),
        pytest.param([SOUND, UNKNOWN], 0, "2 of 4 packages audited", id="one is unknown"),
        pytest.param([UNKNOWN], 0, "nothing was audited", id="the index knows none"),
        pytest.param(None, 0, "nothing was audited", id="no index"),
    ],
)
def test_what_is_found_decides_how_the_audit_ends(tmp_path, answer, status, said):
    program = tmp_path / "pip-audit"
    output = json.dumps({"dependencies": answer}) if answer is not None else ""
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\n")
    program.chmod(0o755)

    audit = subprocess.run(
        [sys.executable, "tests/audit.py"],
        cwd=PROJECT,
        env={"PIP_AUDIT": str(program), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert audit.returncode == status
    assert said in audit.stdout
