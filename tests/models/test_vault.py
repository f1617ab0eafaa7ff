"""What is sealed: opened by its key alone, and not when altered."""

import stat

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as some

from breachdesk.models.vault import FileStore, Vault

KEY = bytes(range(32))


@given(some.binary(max_size=2000))
def test_what_is_sealed_opens_again_and_never_looks_the_same(content):
    vault = Vault(KEY)

    sealed = vault.seal(content)

    assert vault.open(sealed) == content
    assert sealed != vault.seal(content)
    assert len(content) < 8 or content not in sealed


@given(some.integers(min_value=0, max_value=27 + 12), some.integers(min_value=0, max_value=7))
def test_a_single_bit_altered_is_found(place, bit):
    sealed = bytearray(Vault(KEY).seal(b"elise@client"))
    sealed[place] ^= 1 << bit

    with pytest.raises(InvalidTag):
        Vault(KEY).open(bytes(sealed))


def test_another_key_opens_nothing_and_finds_nobody():
    with pytest.raises(InvalidTag):
        Vault(b"x" * 32).open(Vault(KEY).seal(b"secret"))

    assert Vault(KEY).index("a@b.example") == Vault(KEY).index("a@b.example")
    assert Vault(KEY).index("a@b.example") != Vault(b"x" * 32).index("a@b.example")


def test_files_lie_under_names_that_say_nothing_and_belong_to_their_owner(tmp_path):
    store = FileStore(tmp_path / "files", Vault(KEY))

    names = [store.keep(b"plain words") for _ in range(2)]

    assert len(set(names)) == 2
    assert store.read(names[0]) == b"plain words"
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    for path in (tmp_path / "files").iterdir():
        assert b"plain" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_name_leads_out_of_the_folder(tmp_path):
    (tmp_path / "outside").write_bytes(Vault(KEY).seal(b"x"))

    with pytest.raises(FileNotFoundError):
        FileStore(tmp_path / "files", Vault(KEY)).read("../outside")
