"""Telling a person's report from a robot's, without asking any third party.

A browser with scripts does a little work unseen; every other reader answers a question in
words. Neither is a lock: they make a thousand reports dear, and one report nothing.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

# A report may take its time to write; past this a new challenge is drawn, nothing is lost.
CHALLENGE_LASTS = timedelta(hours=2)

# 8 pieces of 11 bits: 2^14 hashes on average. crypto.subtle does some 15,000 a second on a
# phone of 2020 and 100,000 on a desk: about one second, begun while the person still writes.
# Several small pieces, not one large: the luck of one draw must make nobody wait a minute.
PROOF_PIECES = 8
PROOF_BITS = 11
_LONGEST_NONCE = 12


def is_proof(ticket: str, nonces: Sequence[str]) -> bool:
    """Whether each nonce hashes, with the ticket and its place, to enough leading zero bits.

    The same reckoning as static/js/proof.js does.
    """
    return len(nonces) == PROOF_PIECES and all(
        _is_piece(ticket, place, nonce) for place, nonce in enumerate(nonces)
    )


def _is_piece(ticket: str, place: int, nonce: str) -> bool:
    if not nonce.isascii() or not nonce.isdigit() or len(nonce) > _LONGEST_NONCE:
        return False
    digest = hashlib.sha256(f"{ticket}:{place}:{nonce}".encode()).digest()
    return int.from_bytes(digest) >> (256 - PROOF_BITS) == 0


class QuestionKind(StrEnum):
    """What is asked. Each is heard as easily as it is read."""

    SUM = "sum"
    LARGEST = "largest"
    PLACE = "place"
    DAY_AFTER = "day_after"
    ODD_ONE = "odd_one"


class Thing(StrEnum):
    """Things with one everyday name each, in French and in English."""

    TABLE = "table"
    LAMP = "lamp"
    GARDEN = "garden"
    BOOK = "book"
    WINDOW = "window"
    BRIDGE = "bridge"
    BREAD = "bread"
    BOAT = "boat"


class Animal(StrEnum):
    """Animals that everybody knows."""

    CAT = "cat"
    DOG = "dog"
    HORSE = "horse"
    COW = "cow"
    RABBIT = "rabbit"
    LION = "lion"


class Day(StrEnum):
    """The days of a week, in order."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


Part = int | Thing | Animal | Day


@dataclass(frozen=True)
class Question:
    """A question: what it is made of, and the one right answer, both for `wording` to say."""

    kind: QuestionKind
    parts: tuple[Part, ...]
    answer: Part


def draw_question(dice: Random) -> Question:
    """One question of one kind, all drawn at random."""
    return _DRAWN[dice.choice(list(QuestionKind))](dice)


def _sum(dice: Random) -> Question:
    one, other = dice.randint(2, 9), dice.randint(2, 9)
    return Question(QuestionKind.SUM, (one, other), one + other)


def _largest(dice: Random) -> Question:
    numbers = tuple(dice.sample(range(2, 21), 3))
    return Question(QuestionKind.LARGEST, numbers, max(numbers))


def _place(dice: Random) -> Question:
    things = dice.sample(list(Thing), 4)
    place = dice.randint(1, 4)
    return Question(QuestionKind.PLACE, (place, *things), things[place - 1])


def _day_after(dice: Random) -> Question:
    days = list(Day)
    place = dice.randrange(7)
    return Question(QuestionKind.DAY_AFTER, (days[place],), days[(place + 1) % 7])


def _odd_one(dice: Random) -> Question:
    thing = dice.choice(list(Thing))
    listed: list[Part] = [thing, *dice.sample(list(Animal), 3)]
    dice.shuffle(listed)
    return Question(QuestionKind.ODD_ONE, tuple(listed), thing)


_DRAWN = {
    QuestionKind.SUM: _sum,
    QuestionKind.LARGEST: _largest,
    QuestionKind.PLACE: _place,
    QuestionKind.DAY_AFTER: _day_after,
    QuestionKind.ODD_ONE: _odd_one,
}

_ARTICLE = re.compile(r"^(?:(?:le|la|les|un|une|the|a|an) |l )")


def normalised_answer(typed: str) -> str:
    """An answer without case, accents, punctuation or article: "Le pont." is "pont"."""
    bare = unicodedata.normalize("NFKD", typed.casefold())
    letters = "".join(char if char.isalnum() else " " for char in bare if not _is_accent(char))
    return _ARTICLE.sub("", " ".join(letters.split()))


def _is_accent(char: str) -> bool:
    return unicodedata.combining(char) != 0
