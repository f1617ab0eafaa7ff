"""What is sealed: opened by its key alone, and not when altered."""

import os
import stat

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as some

from breachdesk import setting_kinds as kinds
from breachdesk.models.vault import FileStore, Vault, following_key

KEY = bytes(range(32))
OTHER = b"x" * 32


@given(some.binary(max_size=2000))
def test_what_is_sealed_opens_again_and_never_looks_the_same(content):
    vault = Vault(KEY)

    sealed = vault.seal(content)

    assert vault.open(sealed) == content
    assert sealed != vault.seal(content)
    assert len(content) < 8 or content not in sealed


@given(some.integers(min_value=0, max_value=36 + 12), some.integers(min_value=0, max_value=7))
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


def test_a_file_has_its_name_only_once_it_is_whole(tmp_path, monkeypatch):
    """Who looks into the folder at the worst moment sees no half of a file."""
    store, seen = FileStore(tmp_path, Vault(KEY)), []
    put_on_disk = os.fsync

    def look(descriptor: int) -> None:
        seen.append(list(store.names()))
        put_on_disk(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    name = store.keep(b"content")

    # Before the name; then, for the folder, with it.
    assert seen == [[], [name]]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_disk_that_is_full_leaves_no_draft(tmp_path, monkeypatch):
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        FileStore(tmp_path, Vault(KEY)).keep(b"content")

    assert list(tmp_path.iterdir()) == []


def test_no_name_leads_out_of_the_folder(tmp_path):
    (tmp_path / "outside").write_bytes(Vault(KEY).seal(b"x"))

    with pytest.raises(FileNotFoundError):
        FileStore(tmp_path / "files", Vault(KEY)).read("../outside")


# --- Several keys ----------------------------------------------------------------------------


def sealed_before(key: bytes, content: bytes) -> bytes:
    """As the first version sealed: a random nonce and the rest, no version and no key id."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"breachdesk sealing").derive(key)
    nonce = os.urandom(12)
    return nonce + AESGCM(derived).encrypt(nonce, content, None)


@given(some.binary(max_size=200))
def test_what_was_sealed_before_keys_had_an_id_still_opens_and_is_not_current(content):
    vault = Vault(KEY)

    assert vault.open(sealed_before(KEY, content)) == content
    assert not vault.is_current(sealed_before(KEY, content))
    with pytest.raises(InvalidTag):
        Vault(OTHER).open(sealed_before(KEY, content))


@given(some.binary(max_size=30))
def test_anything_too_short_or_made_up_is_refused_like_what_was_altered(sealed):
    with pytest.raises(InvalidTag):
        Vault(KEY).open(sealed)


def test_the_newest_key_seals_and_former_ones_only_open():
    both = Vault(OTHER, KEY)

    assert both.open(Vault(KEY).seal(b"x")) == b"x"
    assert both.open(sealed_before(KEY, b"x")) == b"x"
    assert not both.is_current(Vault(KEY).seal(b"x"))
    assert both.is_current(both.seal(b"x"))
    assert Vault(OTHER).open(both.seal(b"x")) == b"x"
    assert both.indexes("a@b.example") == {
        Vault(KEY).index("a@b.example"),
        Vault(OTHER).index("a@b.example"),
    }


def test_a_key_that_follows_another_keeps_its_lasting_index_and_nothing_else():
    first = Vault(KEY)
    second_key = following_key(KEY)
    third = Vault(following_key(second_key))
    second = Vault(second_key)

    assert second.lasting_index("s") == first.lasting_index("s") == third.lasting_index("s")
    assert second.index("s") != first.index("s")
    assert Vault(OTHER).lasting_index("s") != first.lasting_index("s")
    with pytest.raises(InvalidTag):
        second.open(first.seal(b"x"))
    assert kinds.key(second_key.decode()) == second_key.decode()


def test_a_check_tells_the_key_and_its_lasting_index_from_any_other():
    check = Vault(KEY).check()

    assert Vault(KEY).is_checked_by(check)
    assert Vault(following_key(KEY), KEY).is_checked_by(check)
    assert not Vault(OTHER).is_checked_by(check)
    assert not Vault(following_key(KEY)).is_checked_by(check)
    # A new key that somebody made up: the secrets of reporters would no longer be found.
    assert not Vault(OTHER, KEY).is_checked_by(check)


def test_a_process_that_runs_seals_with_a_new_key_as_soon_as_there_is_one():
    news: list[tuple[bytes, ...] | None] = [None]
    running = Vault(KEY, reread=lambda: news.pop() if news else None)
    before = running.seal(b"x")
    news.append((OTHER, KEY))

    after = running.seal(b"x")

    assert Vault(OTHER).open(after) == b"x"
    assert running.open(before) == b"x"
    news.append((OTHER,))
    # What it read while the former key was there it can open to its end.
    assert running.open(before) == b"x"
    assert running.open(sealed_before(KEY, b"x")) == b"x"
    assert running.indexes("a") == {Vault(OTHER).index("a")}


def test_a_file_goes_under_the_newest_key_and_keeps_its_name(tmp_path):
    name = FileStore(tmp_path, Vault(KEY)).keep(b"content")
    both = FileStore(tmp_path, Vault(OTHER, KEY))
    assert not both.is_current(name)

    both.reseal(name)

    assert both.is_current(name)
    assert FileStore(tmp_path, Vault(OTHER)).read(name) == b"content"
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert list(both.names()) == [name] == [path.name for path in tmp_path.iterdir()]


def test_a_file_that_does_not_open_is_left_as_it_is(tmp_path):
    store = FileStore(tmp_path, Vault(KEY))
    name = store.keep(b"content")
    (tmp_path / name).write_bytes(b"damaged")

    with pytest.raises(InvalidTag):
        FileStore(tmp_path, Vault(OTHER, KEY)).reseal(name)

    assert (tmp_path / name).read_bytes() == b"damaged"
    assert len(list(tmp_path.iterdir())) == 1


def test_only_what_the_store_wrote_counts_as_kept(tmp_path):
    store = FileStore(tmp_path / "files", Vault(KEY))
    assert list(store.names()) == []
    name = store.keep(b"content")
    for other in ("notes.txt", name + "0", name[:-1], name[:-1] + "G", ".resealed-x"):
        (tmp_path / "files" / other).touch()

    assert list(store.names()) == [name]
    store.remove_drafts()
    assert not (tmp_path / "files" / ".resealed-x").exists()
    assert (tmp_path / "files" / "notes.txt").exists()
