"""The files that a PDF holds, read back with bounds: a small file may unpack to a very large one.

Of a PDF from outside, only one whose seal holds is read at all. Anybody can seal, though: it
may still be hostile. pyHanko's reader takes most of a second to load: only who needs it does.

Source: ISO 32000-2:2020, 7.11.4 and 7.9.6 (the name tree of embedded files).
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

# All of them together, unpacked.
LARGEST_UNPACKED = 400_000_000
DEEPEST_TREE = 20
MOST_FILES = 20_000


class UnreadablePdf(ValueError):
    """The PDF is not one of ours: it cannot be read, or holds what we never write."""


def embedded_files(
    pdf: bytes, *, seal: bytes | None = None, largest: int = LARGEST_UNPACKED
) -> tuple[tuple[str, bytes], ...]:
    """Every embedded file with its name, in the order of the tree.

    Args:
        seal: as it was found in the bytes: the PDF's own structure must lead to it alone.
        largest: bytes that all of them may unpack to.

    Raises:
        UnreadablePdf: it cannot be read, names a file twice, unpacks to too much, or bears
            another seal.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        if seal is not None:
            _demand_one_seal(reader, seal)
        return tuple(_files(reader, largest))
    # Its reader raises what Python raises where a value is of another type than expected.
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadablePdf(str(error) or type(error).__name__) from error
    except (RecursionError, OverflowError, AssertionError, NotImplementedError) as error:
        raise UnreadablePdf(type(error).__name__) from error


def _demand_one_seal(reader: Any, seal: bytes) -> None:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    seals = reader.embedded_signatures
    if len(seals) != 1:
        raise UnreadablePdf(f"{len(seals)} signatures")
    covered = seals[0].evaluate_signature_coverage()
    if covered is not SignatureCoverageLevel.ENTIRE_FILE:
        raise UnreadablePdf("a signature of a part")
    if not bytes(seals[0].pkcs7_content).startswith(seal):
        raise UnreadablePdf("another signature")


def _files(reader: Any, largest: int) -> Iterator[tuple[str, bytes]]:
    names = reader.root.get("/Names")
    tree = names.get("/EmbeddedFiles") if names is not None else None
    if tree is None:
        return
    seen: set[str] = set()
    for key, description in _leaves(tree, DEEPEST_TREE):
        name = str(description["/UF"])
        if name in seen or name != str(key) or len(seen) >= MOST_FILES:
            raise UnreadablePdf("embedded names that are not plain")
        seen.add(name)
        content = _content(description["/EF"]["/F"], largest)
        largest -= len(content)
        yield name, content


def _leaves(node: Any, depth: int) -> Iterator[tuple[Any, Any]]:
    if depth == 0:
        raise UnreadablePdf("a tree of names that is too deep")
    pairs = node.get("/Names") or []
    for at in range(0, len(pairs), 2):
        yield pairs[at], pairs[at + 1]
    for kid in node.get("/Kids") or []:
        yield from _leaves(kid, depth - 1)


def _content(stream: Any, largest: int) -> bytes:
    packed: bytes = stream.encoded_data
    way = stream.get("/Filter")
    filters = [] if way is None else [str(way)] if isinstance(way, str) else [str(w) for w in way]
    if filters == []:
        content = packed
    elif filters == ["/FlateDecode"] and stream.get("/DecodeParms") is None:
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(packed, largest + 1)
        except zlib.error as error:
            raise UnreadablePdf("a packed file that is damaged") from error
        if len(content) <= largest and not unpacker.eof:
            raise UnreadablePdf("a packed file that is cut")
    else:
        raise UnreadablePdf("a file packed in another way")
    if len(content) > largest:
        raise UnreadablePdf("files that unpack to more than is read")
    return content
