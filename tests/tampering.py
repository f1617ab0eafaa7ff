"""Flip every bit of a sealed dossier and check it again: `python -m tests.tampering`.

The same check as `python -m breachdesk verify`. The tests take a part of it
(`tests/sealing/test_tampering.py`); this is all of it, with and without a time stamp, and on
the ZIP.
"""

import sys
from collections.abc import Iterable, Iterator
from time import perf_counter

from breachdesk.sealing.check_dossier import check_dossier
from tests.sealing.sample_dossier import small_pdf, small_stamped_pdf, small_zip

Flip = tuple[int, int]


def every_bit(places: Iterable[int]) -> Iterator[Flip]:
    """Every bit of these bytes."""
    return ((at, bit) for at in places for bit in range(8))


def missed(content: bytes, flips: Iterable[Flip]) -> tuple[int, list[Flip]]:
    """How many were tried, and those after which the dossier still held."""
    count, unseen = 0, []
    altered = bytearray(content)
    for at, bit in flips:
        altered[at] ^= 1 << bit
        if check_dossier(bytes(altered)).holds:
            unseen.append((at, bit))
        altered[at] ^= 1 << bit
        count += 1
    assert altered == content
    return count, unseen


def main() -> int:
    """Flip every bit of each; 1 if any was missed."""
    verdict = 0
    for name, content in (
        ("PDF", small_pdf()),
        ("PDF with a time stamp", small_stamped_pdf()),
        ("ZIP", small_zip()),
    ):
        assert check_dossier(content).holds
        began = perf_counter()
        count, unseen = missed(content, every_bit(range(len(content))))
        took = perf_counter() - began
        print(f"{name}: {count:,} bits of {len(content):,} bytes flipped, {len(unseen)} missed, "
              f"{took:.0f} s")  # fmt: skip
        verdict |= bool(unseen)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
