"""Text that can be printed: what the vendored fonts draw, and a visible mark for the rest.

PDF/A allows no character without a glyph. What no font draws, and what would act instead
of being seen (control characters, overrides of direction), is printed as ⟨U+XXXX⟩; the
JSON attached to the document keeps the original.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"

# A place where a long run may break: the template turns it into an invisible space of no
# width, so that copied text does not hold it.
BREAK = "\u200b"
# Longer than this without a space, a run could overflow the narrowest column. Few French
# words are longer, and none of ours.
LONGEST_RUN = 24
_RUN_PIECE = 8

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_MARK = re.compile(r"(⟨U\+[0-9A-F]+⟩)")
_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN + 1},}}")
# They print nothing and change nothing once fonts and lines are chosen here.
_DROPPED = frozenset("\ufe0e\ufe0f\u00ad\u2060\ufeff\u200b\u200e\u200f\u061c\u034f")
# They join or part letters inside a word, in fonts that know them.
_JOINERS = frozenset("\u200c\u200d")
# Latin with its accents, and general punctuation: no joiner, no mark that combines.
_PLAIN_BLOCKS = (range(0x250), range(0x2010, 0x2028), range(0x202F, 0x205F), range(0x20A0, 0x20C0))
_MARKS = frozenset({"Mn", "Me", "Mc"})
# Controls, formats (overrides of direction), surrogates, private use, unassigned.
_NEVER_DRAWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def printable(text: str) -> str:
    """The text as it can be printed, with break opportunities in long runs.

    Line ends become "\\n", tabs a space. A combining mark stays with its letter only if
    one font draws both: two fonts cannot share a glyph.
    """
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    drawn = text
    if not _plain().fullmatch(text):
        drawn = "".join(_drawn(cluster) for cluster in _clusters(text))
    return _LONG_RUN.sub(lambda run: _breakable(run.group()), drawn)


def one_line(text: str) -> str:
    """The text for a title or a file's metadata: printable, on one line, no breaks."""
    return " ".join(printable(text).replace(BREAK, "").split())


def mark(character: str) -> str:
    """The visible mark of a character that is not drawn."""
    return f"⟨U+{ord(character):04X}⟩"


def _clusters(text: str) -> Iterator[str]:
    """Each character with the combining marks that follow it."""
    start = 0
    for index, character in enumerate(text):
        if index > start and unicodedata.category(character) not in _MARKS:
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _drawn(cluster: str) -> str:
    kept = "".join(character for character in cluster if character not in _DROPPED)
    if (
        not kept
        or kept in ("\n", " ", "\u00a0", "\u202f")
        or (kept.isascii() and kept.isprintable())
    ):
        return kept
    if kept in _JOINERS:
        return kept if any(ord(kept) in coverage for coverage in _coverages()) else ""
    if _one_font_draws(kept):
        return kept
    base, marks = kept[0], kept[1:]
    base = base if _one_font_draws(base) else mark(base)
    return base + "".join(mark(character) for character in marks)


@cache
def _plain() -> re.Pattern[str]:
    """Texts of letters and signs that stand alone and are always drawn: almost every text.

    Ten thousand lines are looked through in the time that one takes letter by letter.
    """
    candidates = (chr(point) for block in _PLAIN_BLOCKS for point in block)
    drawn = (each for each in candidates if each == "\n" or _drawn(each) == each)
    return re.compile(f"[{re.escape(''.join(drawn))}]*")


def _one_font_draws(cluster: str) -> bool:
    if any(unicodedata.category(character) in _NEVER_DRAWN for character in cluster):
        return False
    if unicodedata.category(cluster[0]) in _MARKS:
        return False
    points = {ord(character) for character in cluster}
    return any(points <= coverage for coverage in _coverages())


def _breakable(run: str) -> str:
    clusters = [piece for part in _MARK.split(run) for piece in _units(part)]
    pieces = (clusters[start : start + _RUN_PIECE] for start in range(0, len(clusters), _RUN_PIECE))
    return BREAK.join("".join(piece) for piece in pieces)


def _units(part: str) -> Iterator[str]:
    """What a line end must not cut: a letter with its marks, a ⟨U+XXXX⟩."""
    return iter((part,)) if _MARK.fullmatch(part) else _clusters(part)


@cache
def _coverages() -> tuple[frozenset[int], ...]:
    """What each font family draws: the weights of a family must all have a character."""
    families: dict[str, frozenset[int]] = {}
    for path in sorted(FONTS.glob("*.ttf")):
        family, covered = path.stem.split("-")[0], _covered(path.read_bytes())
        families[family] = families.get(family, covered) & covered
    return tuple(families.values())


def _covered(font: bytes) -> frozenset[int]:
    """The characters that a TrueType font has a glyph for (OpenType 1.9, table cmap)."""
    table = _table(font, b"cmap")
    count = struct.unpack_from(">H", table, 2)[0]
    offsets = {struct.unpack_from(">HHI", table, 4 + 8 * index)[2] for index in range(count)}
    covered: set[int] = set()
    for offset in offsets:
        kind = struct.unpack_from(">H", table, offset)[0]
        if kind == 4:
            covered.update(_segments(table, offset))
        elif kind == 12:
            covered.update(_groups(table, offset))
    return frozenset(covered)


def _table(font: bytes, tag: bytes) -> bytes:
    count = struct.unpack_from(">H", font, 4)[0]
    for index in range(count):
        name, _, offset, length = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        if name == tag:
            return font[offset : offset + length]
    raise ValueError(f"The font has no table {tag!r}.")


def _groups(table: bytes, offset: int) -> Iterator[int]:
    """Format 12: runs of characters with runs of glyphs; glyph 0 draws nothing."""
    for index in range(struct.unpack_from(">I", table, offset + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", table, offset + 16 + 12 * index)
        yield from range(first if glyph else first + 1, last + 1)


def _segments(table: bytes, offset: int) -> Iterator[int]:
    """Format 4: segments of the basic plane, through a delta or an array of glyphs."""
    count = struct.unpack_from(">H", table, offset + 6)[0] // 2
    at = offset + 14
    lasts = struct.unpack_from(f">{count}H", table, at)
    firsts = struct.unpack_from(f">{count}H", table, at + 2 * count + 2)
    deltas = struct.unpack_from(f">{count}H", table, at + 4 * count + 2)
    ranges_at = at + 6 * count + 2
    for index in range(count):
        where = ranges_at + 2 * index
        jump = struct.unpack_from(">H", table, where)[0]
        for point in range(firsts[index], min(lasts[index], 0xFFFE) + 1):
            glyph = point
            if jump:
                glyph = struct.unpack_from(">H", table, where + jump + 2 * (point - firsts[index]))[
                    0
                ]
                if not glyph:
                    continue
            if (glyph + deltas[index]) & 0xFFFF:
                yield point
