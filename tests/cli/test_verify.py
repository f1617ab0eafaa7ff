"""`verify` and `seal`, as a person types them, with an installation and without any."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import MONDAY_NINE, at_desk, make_dossier, make_organisation, open_case
from tests.forger import by_hand
from tests.sealing.sample_dossier import chained_case, sample_key, small_pdf, small_zip
from tests.sealing.sample_filing import sample_filing_pdf
from tests.web.reading import plain

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pdf(tmp_path) -> str:
    path = tmp_path / "dossier.pdf"
    path.write_bytes(small_pdf())
    return str(path)


def test_a_dossier_is_checked_without_settings_or_database(tmp_path, pdf):
    """In an empty folder, with nothing of ours in the environment, and settings that are wrong."""
    (tmp_path / ".env").write_text("BREACHDESK_PORT=none\n")
    done = subprocess.run(
        [sys.executable, "-m", "breachdesk", "verify", pdf],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "BREACHDESK_PORT": "none"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Intact, origine non prouvée.\n")
    assert "N’a pas été vérifié" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "dossier.pdf"]


def test_a_filing_is_checked_too(call, tmp_path):
    path = tmp_path / "filing.pdf"
    path.write_bytes(sample_filing_pdf())
    done = call("verify", str(path), "--trust", sample_key().fingerprint)

    assert done.exit_code == 0, done.output
    assert "Dépôt n° 1 de GIR-2026-0007" in plain(done.output)
    assert "- ce que l’autorité a reçu" in done.output


def test_the_fingerprint_may_be_typed_in_groups(call, pdf):
    shown = sample_key().shown_fingerprint.upper()
    done = call("verify", pdf, "--trust", shown)

    assert (done.exit_code, done.output.splitlines()[0]) == (0, "Intact, origine prouvée.")


def test_one_byte_changed_is_said_and_ends_with_another_status(call, tmp_path):
    altered = bytearray(small_pdf())
    altered[1000] ^= 1
    path = tmp_path / "altered.pdf"
    path.write_bytes(bytes(altered))

    done = call("verify", str(path))

    assert done.exit_code == 1
    assert "n’est plus celui qui a été scellé" in done.output
    assert "- ce que le fichier contient" in done.output


def test_somebody_else_s_seal_ends_with_another_status(call, pdf):
    done = call("verify", pdf, "--trust", sample_key("other.example").fingerprint)

    assert done.exit_code == 1
    assert "Intact, mais scellé par quelqu’un d’autre." in done.output


def test_the_findings_come_as_json_too(call, tmp_path):
    path = tmp_path / "dossier.zip"
    path.write_bytes(small_zip())
    done = call("verify", str(path), "--json")
    said = json.loads(done.output)

    assert (said["verdict"], said["holds"]) == ("intact", True)
    assert "archive_agrees" in [each["code"] for each in said["findings"]]


def test_a_hash_of_a_mail_is_looked_for(call, pdf):
    known = "0" * 64
    assert call("verify", pdf, "--head", known).exit_code == 1
    assert "d’aucune ligne" in call("verify", pdf, "--head", known).output
    assert chained_case().journal[0].hash not in small_pdf().decode("latin-1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name a FILE to check"),
        (["nowhere.pdf"], "does not exist"),
        (["{pdf}", "--trust", "abc"], "is no SHA-256 hash"),
        (["{pdf}", "--database"], "Name a FILE to check"),
    ],
)
def test_what_was_typed_wrong_is_said(call, pdf, arguments, said):
    done = call("verify", *(each.format(pdf=pdf) for each in arguments))

    assert done.exit_code == 2
    assert said in done.output


def test_grants_says_why_it_cannot(call, database_url):
    done = call("db", "grants", "nobody_at_all", DATABASE_URL=database_url)

    assert done.exit_code == 1
    is_sqlite = database_url.startswith("sqlite")
    assert ("Only PostgreSQL" if is_sqlite else "There is no role nobody_at_all") in done.output


# --- With an installation -------------------------------------------------------------------


def test_seal_prints_what_others_compare(call, tmp_path):
    done, again = call("seal"), call("seal")
    pem = call("seal", "--pem").output

    assert done.exit_code == 0
    assert len(done.stdout.split()) == 16
    assert done.stdout == again.stdout
    assert pem == (tmp_path / "instance" / "seal.pem").read_text()


def test_a_dossier_of_the_desk_is_proven_by_its_fingerprint(call, tmp_path, database_url):
    from breachdesk import create_app
    from breachdesk.config import load_settings

    settings = load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
            "BREACHDESK_DATABASE_URL": database_url,
        }
    )
    app = create_app(settings)
    with at_desk(app) as work:
        make_organisation(work, now=MONDAY_NINE)
        reference = open_case(work, now=MONDAY_NINE)
        make_dossier(work, reference, now=MONDAY_NINE)
        from breachdesk.services.dossiers import read_dossier
        from tests.cases import incident

        _, content = read_dossier(work.session, work.desk, incident(work, reference), 1)
    path = tmp_path / "made.pdf"
    path.write_bytes(content)
    fingerprint = call("seal").stdout.strip()

    assert call("verify", str(path), "--trust", fingerprint).exit_code == 0
    whole = call("verify", "--database", DATABASE_URL=database_url)
    assert whole.exit_code == 0, whole.output
    assert "Tous les journaux tiennent (2 ;" in plain(whole.output)
    assert "déclencheurs en place" in whole.output
    assert "- si ce qui a été écrit est vrai" in whole.output

    with at_desk(app) as work:
        by_hand(work.session, "UPDATE journal_entry SET code = 'closed' WHERE chain = 'incident:1'")
        work.session.commit()
    altered = call("verify", "--database", DATABASE_URL=database_url)
    assert altered.exit_code == 1
    assert "Le journal incident:1 ne tient plus à partir de la ligne 1" in altered.output
    # In the language asked for, as for a file.
    in_english = call("verify", "--database", "--lang", "en", DATABASE_URL=database_url)
    assert "Not checked" in in_english.output
    assert "N’a pas été" not in in_english.output
    as_json = call("verify", "--database", "--json", DATABASE_URL=database_url)
    assert json.loads(as_json.output)["broken"] == {"incident:1": 1}
