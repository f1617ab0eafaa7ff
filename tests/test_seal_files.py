"""The installation's seal: made once, by whichever process is first, or given by settings."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from breachdesk.config import SettingsError, load_settings
from breachdesk.seal_files import SealTexts, instance_seal, kept_seal, restored_seal
from tests.sealing.test_seal import given_certificate, pem_of

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CLOCK = lambda: NOW  # noqa: E731


@pytest.fixture
def here(tmp_path):
    """The settings of an instance whose seal is in its folder."""
    return load_settings(
        {
            "BREACHDESK_INSTANCE": str(tmp_path / "instance"),
            "BREACHDESK_PUBLIC_URL": "https://bureau.girandole.example",
        }
    )


def test_the_first_start_makes_it_and_the_next_ones_find_it(here):
    made = instance_seal(here, clock=CLOCK)
    again = instance_seal(here, clock=lambda: NOW + timedelta(days=900))

    assert made.fingerprint == again.fingerprint
    assert made.name == "breachdesk bureau.girandole.example"
    assert made.ends_at > NOW + timedelta(days=39 * 365)
    files = sorted(here.instance.iterdir())
    assert [path.name for path in files] == ["seal.key", "seal.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def _start(folder: str) -> str:
    settings = load_settings({"BREACHDESK_INSTANCE": folder})
    return instance_seal(settings, clock=CLOCK).fingerprint


def test_processes_that_start_together_end_up_with_one_seal(tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_start, [str(tmp_path / "instance")] * 6)

    assert len(set(found)) == 1


def test_a_start_that_was_interrupted_goes_on_with_the_key_that_is_there(here):
    instance_seal(here, clock=CLOCK)
    key = (here.instance / "seal.key").read_text()
    (here.instance / "seal.pem").unlink()

    instance_seal(here, clock=CLOCK)

    assert (here.instance / "seal.key").read_text() == key


def test_a_lost_key_is_never_replaced_in_silence(here):
    instance_seal(here, clock=CLOCK)
    (here.instance / "seal.key").unlink()

    with pytest.raises(SettingsError, match="Restore it from a backup"):
        instance_seal(here, clock=CLOCK)

    assert not (here.instance / "seal.key").exists()


@pytest.mark.parametrize("name", ["seal.key", "seal.pem"])
def test_a_file_that_somebody_spoilt_is_named(here, name):
    instance_seal(here, clock=CLOCK)
    (here.instance / name).write_text("spoilt")

    with pytest.raises(SettingsError, match="Restore both from a backup"):
        instance_seal(here, clock=CLOCK)


# --- Given by settings ----------------------------------------------------------------------


@pytest.fixture
def given(tmp_path):
    """Settings with a certificate and a key of one's own; `given(SEAL_KEY=…)` changes one."""
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "own.key").write_bytes(pem_of(key, b"motdepasse"))
    (tmp_path / "own.pem").write_bytes(given_certificate(key))

    def made(**changed: str):
        values = {
            "INSTANCE": str(tmp_path / "instance"),
            "SEAL_KEY": str(tmp_path / "own.key"),
            "SEAL_CERTIFICATE": str(tmp_path / "own.pem"),
            "SEAL_PASSPHRASE": "motdepasse",
            **changed,
        }
        return load_settings({f"BREACHDESK_{name}": text for name, text in values.items()})

    return made


def test_a_given_seal_is_used_and_none_is_made(given, tmp_path):
    assert instance_seal(given(), clock=CLOCK).name == "Sceau de La Girandole"
    assert not (tmp_path / "instance").exists()
    assert kept_seal(given()) is None


def test_what_is_wrong_with_a_given_seal_is_said_by_its_setting(given, tmp_path):
    with pytest.raises(SettingsError, match="BREACHDESK_SEAL_PASSPHRASE must be set"):
        instance_seal(given(SEAL_PASSPHRASE=""), clock=CLOCK)
    (tmp_path / "own.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match="BREACHDESK_SEAL_CERTIFICATE holds no certificate"):
        instance_seal(given(), clock=CLOCK)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SEAL_KEY": "/nowhere/seal.key"}, "SEAL_KEY must name a file that is there"),
        ({"SEAL_KEY": ""}, "SEAL_KEY and BREACHDESK_SEAL_CERTIFICATE go together"),
        ({"SEAL_KEY": "", "SEAL_CERTIFICATE": ""}, "SEAL_PASSPHRASE goes with"),
        ({"TIMESTAMP_URL": "ftp://authority.example"}, "TIMESTAMP_URL must look like https"),
        ({"TIMESTAMP_URL": "https://me:secret@authority.example"}, "TIMESTAMP_URL must look"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given, changed, said):
    with pytest.raises(SettingsError, match=said):
        given(**changed)


# --- Backup and restoration -----------------------------------------------------------------


def test_a_restored_installation_seals_as_before(here, tmp_path):
    before = instance_seal(here, clock=CLOCK)
    texts = kept_seal(here)
    there = load_settings({"BREACHDESK_INSTANCE": str(tmp_path / "new")})

    with restored_seal(there, texts) as said:
        assert len(said) == 2

    assert instance_seal(there, clock=CLOCK).fingerprint == before.fingerprint
    assert {path.stat().st_mode & 0o777 for path in there.instance.iterdir()} == {0o600}


def test_another_seal_that_is_there_is_not_overwritten(here):
    mine = instance_seal(here, clock=CLOCK)

    with pytest.raises(SettingsError, match="not the seal of this backup"):
        with restored_seal(here, SealTexts("other key", "other certificate")):
            pass

    assert instance_seal(here, clock=CLOCK).fingerprint == mine.fingerprint


def test_a_seal_is_taken_back_when_the_restoration_fails(here):
    with pytest.raises(RuntimeError), restored_seal(here, SealTexts("key", "certificate")):
        raise RuntimeError("the database went away")

    assert list(here.instance.iterdir()) == []


def test_a_backup_made_before_there_was_a_seal_restores(here):
    with restored_seal(here, None) as said:
        assert said == []
