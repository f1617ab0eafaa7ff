"""Passwords: whether one is good enough, its hash, whether it is somebody's.

The hash is argon2id as OWASP's password storage cheat sheet has it. Checking one always
costs one hash, whether or not anybody has the address or the person has a password.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.passwords import (
    FEWEST_GUESSES,
    FRENCH_WORDS,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Weakness,
    keyboard_runs,
    normalised,
    weakness_of_word,
)
from breachdesk.models import User

# Kept in place of a hash where somebody signs in through their organisation alone.
NO_PASSWORD = ""
# zxcvbn takes seconds over a long text made to hurt it; so many characters tell enough.
JUDGED_CHARACTERS = 32

# 19 MiB, two passes.
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# Checked when nobody has the address, so that the answer takes as long.
_nobodys_hash = _hasher.hash(secrets.token_hex(16))

_WEAKNESSES = {
    "spatial": Weakness.KEYBOARD,
    "repeat": Weakness.REPEATED,
    "sequence": Weakness.SEQUENCE,
    "date": Weakness.DATE,
    "regex": Weakness.DATE,
}


def hash_password(
    password: str, *, known_words: Iterable[str] = (), field: str = "password"
) -> str:
    """The hash to keep of a password that its owner chooses.

    Args:
        known_words: `domain.passwords.known_words` of the person's name, address and
            organisation, which are tried first.
        field: of the form, for the fault.

    Raises:
        InvalidInput: it is too short or too long, or would be guessed; the code says why.
    """
    demand_good_password(password, known_words=known_words, field=field)
    return _hasher.hash(normalised(password))


def demand_good_password(
    password: str, *, known_words: Iterable[str] = (), field: str = "password"
) -> None:
    """Refuse a password that `hash_password` would refuse, without hashing it."""
    given = normalised(password)
    if len(given) < SHORTEST_PASSWORD:
        raise InvalidInput("password_too_short", field=field, shortest=SHORTEST_PASSWORD)
    if len(given) > LONGEST_PASSWORD:
        raise InvalidInput("password_too_long", field=field, longest=LONGEST_PASSWORD)
    weakness = weakness_of(given, frozenset(known_words))
    if weakness is not None:
        raise InvalidInput(weakness.value, field=field)


def weakness_of(password: str, personal: frozenset[str]) -> Weakness | None:
    """Why a password would be guessed, or None where it would not.

    Judged by zxcvbn with its frequency lists, to which we add the person's own words, the
    runs of a French keyboard and what French offices use.
    """
    from zxcvbn import zxcvbn

    judged = password[:JUDGED_CHARACTERS]
    runs = keyboard_runs(judged)
    found = zxcvbn(judged, user_inputs=sorted(runs) + sorted(personal) + sorted(FRENCH_WORDS))
    if found["guesses"] >= FEWEST_GUESSES:
        return None
    return _weakness_in(found["sequence"], personal, runs)


def _weakness_in(
    parts: list[dict[str, Any]], personal: frozenset[str], runs: frozenset[str]
) -> Weakness:
    """What the largest part that is no chance gives away."""
    known = [part for part in parts if part["pattern"] != "bruteforce"]
    if not known:
        return Weakness.GUESSABLE
    largest = max(known, key=lambda part: len(part["token"]))
    if largest["pattern"] != "dictionary":
        return _WEAKNESSES[largest["pattern"]]
    if largest["dictionary_name"] != "user_inputs":
        return Weakness.COMMON
    return weakness_of_word(largest["matched_word"], personal=personal, runs=runs)


def authenticate(session: Session, email: str, password: str) -> User | None:
    """The person with this address and password, or None. Takes as long either way.

    Commits: what is read is let go before the hash is computed, and a hash made with less
    effort than we ask today is made anew.
    """
    user = session.scalars(
        select(User).where(User.email == func.lower(email.strip()), User.is_active)
    ).first()
    return user if is_password_of(session, user, password) else None


def is_password_of(session: Session, user: User | None, password: str) -> bool:
    """Whether this is somebody's password; nobody has any. Costs one hash, and commits."""
    kept = user.password_hash if user is not None else _nobodys_hash
    user_id = user.id if user is not None else None
    # End the transaction first: hashing takes 70 ms, during which nobody need wait for us.
    session.commit()
    given = normalised(password)
    is_theirs = _verifies(kept if _is_hash(kept) else _nobodys_hash, given)
    if user_id is None or kept == NO_PASSWORD or not is_theirs:
        return False
    if _hasher.check_needs_rehash(kept):
        _hash_anew(session, user_id, kept, given)
    return True


def _is_hash(kept: str) -> bool:
    try:
        extract_parameters(kept)
    except InvalidHashError:
        return False
    return True


def _verifies(kept: str, given: str) -> bool:
    try:
        return _hasher.verify(kept, given)
    except (VerificationError, InvalidHashError):
        return False


def _hash_anew(session: Session, user_id: int, kept: str, given: str) -> None:
    """Only in place of what was verified: the password may have been changed meanwhile."""
    session.execute(
        update(User)
        .where(User.id == user_id, User.password_hash == kept)
        .values(password_hash=_hasher.hash(given))
    )
    session.commit()
