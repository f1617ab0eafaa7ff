"""French typographic spaces, set by rule so that no author has to type them.

Narrow no-break space (U+202F) before ; : ! ? and inside « », no-break space (U+00A0)
between a number and its unit. Source: Lexique des règles typographiques en usage à
l'Imprimerie nationale.
"""

import re

NARROW = "\u202f"
NO_BREAK = "\u00a0"

_BEFORE_HIGH_PUNCTUATION = re.compile(r"[ \u00a0]([;:!?»])")
_AFTER_OPENING_QUOTE = re.compile(r"«[ \u00a0]")
_NUMBER_AND_UNIT = re.compile(r"(\d|%\(\w+\)[sd]) (h|min|j|Ko|Mo|Go|%%|%|€)(?![\w(])")
_ARTICLE = re.compile(r"\b(art\.|article|n°) (?=[\d%])", re.IGNORECASE)


def french_spaces(text: str) -> str:
    """Set the no-break spaces of a French sentence. Idempotent."""
    text = _BEFORE_HIGH_PUNCTUATION.sub(NARROW + r"\1", text)
    text = _AFTER_OPENING_QUOTE.sub("«" + NARROW, text)
    text = _NUMBER_AND_UNIT.sub(rf"\1{NO_BREAK}\2", text)
    return _ARTICLE.sub(rf"\1{NO_BREAK}", text)
