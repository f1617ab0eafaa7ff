"""What `docs/dossier-format.md` tells others to do works, on a dossier as the desk makes it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from breachdesk.domain.stored_zip import read_zip
from tests.sealing.sample_dossier import sample_key, small_pdf, small_zip

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "dossier-format.md"


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def unpacked(tmp_path):
    for name, content in read_zip(small_zip()).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def run_script(folder: Path) -> subprocess.CompletedProcess[str]:
    (script,) = blocks("python")
    return subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_few_lines_of_python_check_manifest_and_chain(unpacked):
    done = run_script(unpacked)

    assert (done.returncode, done.stdout) == (0, "4 lines hold, and 3 files.\n")


@pytest.mark.parametrize("name", ["journal.json", "attachments/01-liste.csv", "case.json"])
def test_and_find_what_was_altered(unpacked, name):
    path = unpacked / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))

    assert run_script(unpacked).returncode != 0


def test_openssl_checks_the_seal_and_tells_the_fingerprint(tmp_path):
    (script,) = [block for block in blocks("") if "openssl cms" in block]
    (tmp_path / "dossier.pdf").write_bytes(small_pdf())
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    fingerprint = done.stdout.strip().rpartition("=")[2].replace(":", "").lower()
    assert fingerprint == sample_key().fingerprint
