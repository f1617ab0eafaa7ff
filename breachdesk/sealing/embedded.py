"""The files that a PDF holds, read back.

pyHanko's reader takes most of a second to load: only who needs it loads it.

Source: ISO 32000-2:2020, 7.11.4 and 7.9.6 (the name tree of embedded files).
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

# Of a name tree: ours has one level; more than a few are no tree of anybody's making.
DEEPEST = 8
# Bytes that all of them may unpack to: a small file can hold a very large one.
LARGEST_UNPACKED = 400_000_000


class UnreadablePdf(ValueError):
    """This is no PDF that can be read, or it holds files in another way than ours."""


def embedded_files(pdf: bytes) -> tuple[tuple[str, bytes], ...]:
    """Every embedded file with its name, in the order of the tree.

    Raises:
        UnreadablePdf: it cannot be read, names a file twice, or unpacks to too much.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        root = PdfFileReader(BytesIO(pdf)).root
        tree = root.get("/Names", {}).get("/EmbeddedFiles") if "/Names" in root else None
        found = tuple(_files(tree, DEEPEST)) if tree is not None else ()
    except UnreadablePdf:
        raise
    # A damaged file fails in as many ways as there are places in it.
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
        raise UnreadablePdf(type(fault).__name__) from fault
    if len({name for name, _ in found}) != len(found):
        raise UnreadablePdf("a file is named twice")
    if sum(len(content) for _, content in found) > LARGEST_UNPACKED:
        raise UnreadablePdf("too large")
    return found


def _files(node: Any, levels: int) -> Iterator[tuple[str, bytes]]:
    if levels == 0:
        raise UnreadablePdf("a tree of names too deep")
    names = list(node.get("/Names", ()))
    for name, spec in zip(names[::2], names[1::2], strict=True):
        stream = spec.get_object()["/EF"]["/F"]
        yield str(name.get_object()), bytes(stream.data)
    for kid in node.get("/Kids", ()):
        yield from _files(kid.get_object(), levels - 1)
