"""DER, written and read one way only (ITU-T X.690): what a seal is made of.

Reading refuses every other way to write the same value: lengths longer than needed,
indefinite lengths, bytes that follow.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

INTEGER, OCTETS, NULL, OBJECT_ID = 0x02, 0x04, 0x05, 0x06
GENERAL_TIME, SEQUENCE, SET = 0x18, 0x30, 0x31
# [0] and [1] of the value that they stand in.
FIRST, SECOND = 0xA0, 0xA1
_LONG = 0x80


class NotDer(ValueError):
    """The bytes are no DER, or not of the shape expected."""


def der(tag: int, *contents: bytes) -> bytes:
    """A value: its tag, its length, its contents one after the other."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG | size)) + length.to_bytes(size, "big") + content


def integer(number: int) -> bytes:
    """A number that is not negative."""
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def object_id(dotted: str) -> bytes:
    """An object identifier from its dotted form."""
    first, second, *others = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (40 * first + second, *others):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(_LONG | arc & 0x7F)
        content += bytes(reversed(groups))
    return der(OBJECT_ID, bytes(content))


def set_of(*values: bytes) -> bytes:
    """A SET OF: its values in the order of their bytes."""
    return der(SET, *sorted(values))


def number_of(content: bytes) -> int:
    """The number whose INTEGER has this content. Raises NotDer: negative, or not shortest."""
    if not content or content[0] & _LONG:
        raise NotDer("a number that is negative or empty")
    if len(content) > 1 and content[0] == 0 and not content[1] & _LONG:
        raise NotDer("a number that is longer than needed")
    return int.from_bytes(content, "big")


def instant_of(content: bytes) -> datetime:
    """The moment that a GeneralizedTime in UTC says. Raises NotDer."""
    text = content.decode("ascii", "replace")
    whole, _, fraction = text.removesuffix("Z").partition(".")
    # A fraction never ends in zero (X.690, 11.7.3).
    is_short = fraction.isdecimal() and not fraction.endswith("0") if "." in text else True
    if not (text.endswith("Z") and len(whole) == 14 and whole.isdecimal() and is_short):
        raise NotDer("a time that is not in UTC")
    try:
        at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise NotDer("a time that is none") from error
    return at.replace(microsecond=int(fraction[:6].ljust(6, "0")))


class Reader:
    """Takes the values of a content one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at, self._length = content, 0, 0

    @property
    def is_at_end(self) -> bool:
        """Whether everything was taken."""
        return self._at == len(self._content)

    @property
    def next_tag(self) -> int | None:
        """The tag of the next value; None at the end."""
        return None if self.is_at_end else self._content[self._at]

    def take(self, tag: int) -> bytes:
        """The content of the next value, which must have this tag. Raises NotDer."""
        self.take_whole(tag)
        return self._content[self._at - self._length : self._at]

    def take_whole(self, tag: int | None = None) -> bytes:
        """The next value with its tag and length; of any tag where none is said."""
        content, start = self._content, self._at
        if len(content) < start + 2 or (tag is not None and content[start] != tag):
            raise NotDer("another value than expected")
        if content[start] & 0x1F == 0x1F:
            raise NotDer("a tag of several bytes")
        at, length = start + 2, content[start + 1]
        if length >= _LONG:
            size = length - _LONG
            length = int.from_bytes(content[at : at + size], "big")
            # Indefinite, cut, or longer than needed.
            if not 1 <= size <= 4 or length < max(_LONG, 1 << 8 * (size - 1)):
                raise NotDer("a length that is not the shortest")
            at += size
        if at + length > len(content):
            raise NotDer("cut")
        self._at, self._length = at + length, length
        return content[start : self._at]

    def enter(self, tag: int) -> "Reader":
        """A reader of the next value's content."""
        return Reader(self.take(tag))

    def end(self) -> None:
        """Nothing may be left. Raises NotDer."""
        if not self.is_at_end:
            raise NotDer("something follows")

    def wholes(self) -> Iterator[bytes]:
        """Every value that is left, with tag and length."""
        while not self.is_at_end:
            yield self.take_whole()


def only(content: bytes, tag: int) -> bytes:
    """The content of the one value that the bytes are. Raises NotDer."""
    reader = Reader(content)
    found = reader.take(tag)
    reader.end()
    return found
