"""When a reason that somebody wrote is a sentence, and not a way past the field."""

import re

# Enough for an inspector to weigh: somebody or something, and what it does or is.
SHORTEST_REASON = 10
FEWEST_WORDS = 3

# Letters alone: of "l'accès n'était" four words, of "---" and "12" none.
_WORD = re.compile(r"[^\W\d_]+")


def is_sentence(text: str) -> bool:
    """Whether a text, in French or in English, says something: three different words."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return len(text.strip()) >= SHORTEST_REASON and len(words) >= FEWEST_WORDS
