"""`make audit`: ask pip-audit which of our dependencies have a known weakness.

Ends with 1 when one has. An index that cannot be asked is said so and fails nothing: the
check is made wherever it can be. PIP_AUDIT names the program, in an environment of its own.
"""

import json
import os
import subprocess
import sys
from typing import Any

PIP_AUDIT = os.environ.get("PIP_AUDIT", "pip-audit")
LISTS = ("requirements.txt", "requirements-dev.txt")


def main() -> int:
    """Audit every list of pinned versions; the number of weak packages, at most 1."""
    found = [audited(name) for name in LISTS]
    asked = sum(len(packages) for packages in found)
    answered = [package for packages in found for package in packages if "vulns" in package]
    weak = [package for package in answered if package["vulns"]]
    for package in weak:
        names = ", ".join(weakness["id"] for weakness in package["vulns"])
        print(f"{package['name']} {package['version']}: {names}")
    if not answered:
        print("The index of weaknesses cannot be asked from here: nothing was audited.")
        return 0
    print(f"{len(answered)} of {asked} packages audited, {len(weak)} with a known weakness")
    return min(len(weak), 1)


def audited(requirements: str) -> list[dict[str, Any]]:
    """What is known of each package of a list; without `vulns` where nobody could say."""
    command = [PIP_AUDIT, "--requirement", requirements, "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    asked = subprocess.run(command, capture_output=True, text=True)
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except ValueError:
        # Its last line says what it could not reach; the lists themselves are read first.
        print(asked.stderr.strip().rpartition("\n")[2], file=sys.stderr)
        return []
    return packages


if __name__ == "__main__":
    sys.exit(main())
