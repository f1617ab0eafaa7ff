"""Where a seal lies in a PDF, and the bytes that it covers.

pyHanko writes the signature's objects; it takes most of a second to load, so only who seals
loads it. Finding the seal again is ours: one place, one way to write each part.

Source: ISO 32000-2:2020, 12.8; ETSI EN 319 142-1.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

FIELD_NAME = "Seal"
# As pyHanko writes it, with room for longer numbers after the bracket.
_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\]")
_HEX = re.compile(rb"<([0-9A-F]*)>")


class NoSeal(ValueError):
    """The file has no seal. `is_damaged`: it has one, but not in the form that we write."""

    def __init__(self, what: str, *, is_damaged: bool) -> None:
        self.what, self.is_damaged = what, is_damaged
        super().__init__(what)


@dataclass(frozen=True)
class Place:
    """The seal's own bytes, and the two ranges around them that it covers."""

    before: memoryview
    after: memoryview
    seal: bytes


def find_seal(pdf: bytes) -> Place:
    """Where the last seal of the file lies; it must cover all the rest.

    Raises:
        NoSeal: there is none, or not in the one form.
    """
    at = pdf.rfind(b"/ByteRange")
    if at < 0:
        raise NoSeal("no seal", is_damaged=False)
    found = _RANGE.match(pdf, at)
    if found is None:
        raise NoSeal("ranges written otherwise", is_damaged=True)
    texts = found.groups()
    start, resume, rest = (int(text) for text in texts)
    if any(str(int(text)).encode() != text for text in texts):
        raise NoSeal("ranges written otherwise", is_damaged=True)
    if not start < resume or resume + rest != len(pdf):
        raise NoSeal("ranges that do not cover the file", is_damaged=True)
    hexes = _HEX.fullmatch(pdf, start, resume)
    if hexes is None or not pdf.endswith(b"/Contents ", 0, start):
        raise NoSeal("a seal written otherwise", is_damaged=True)
    view = memoryview(pdf)
    return Place(view[:start], view[resume:], _unpadded(hexes[1]))


def _unpadded(text: bytes) -> bytes:
    """The seal without the zeros that fill its place; as long as its first bytes say."""
    content = bytes.fromhex(text.decode("ascii")) if len(text) % 2 == 0 else b""
    if len(content) < 4 or content[:2] != b"\x30\x82":
        raise NoSeal("a seal written otherwise", is_damaged=True)
    length = 4 + int.from_bytes(content[2:4], "big")
    if content.count(0, length) != len(content) - length or length > len(content):
        raise NoSeal("something beside the seal", is_damaged=True)
    return content[:length]


class Unsealed:
    """A PDF with an empty place for a seal, and its hash."""

    def __init__(self, pdf: bytes, *, at: datetime, name: str, room: int) -> None:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
        from pyhanko.sign.signers.cms_embedder import (
            PdfCMSEmbedder,
            SigIOSetup,
            SigMDPSetup,
            SigObjSetup,
        )
        from pyhanko.sign.signers.pdf_byterange import PdfSignedData, SignatureObject

        class Writer(IncrementalPdfFileWriter):
            """Leaves what the document says of itself as it is: it would put the clock's time."""

            def _update_meta(self) -> None:
                pass

        # A file that ends without a line's end would not stay PDF/A (ISO 19005-3, 6.1.3).
        writer = Writer(BytesIO(pdf + b"\n"))
        steps: Any = PdfCMSEmbedder().write_cms(field_name=FIELD_NAME, writer=writer)
        next(steps)
        placeholder: PdfSignedData = SignatureObject(
            timestamp=at, subfilter=SigSeedSubFilter.PADES, name=name, bytes_reserved=2 * room
        )
        rules = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
        steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=rules))
        self._prepared, self._output = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
        self.digest: bytes = self._prepared.document_digest

    def sealed_with(self, seal: bytes) -> bytes:
        """The PDF with the seal in its place."""
        self._prepared.fill_with_cms(self._output, seal)
        content: bytes = self._output.getvalue()
        return content
