"""Codes that a later version of the desk may add to, and what this one makes of those."""

from enum import StrEnum
from typing import Self


class GrowingCode(StrEnum):
    """An enum of which the database may hold members that only another version knows.

    Two versions work side by side during an upgrade, and a downgrade leaves rows behind. Such
    a code is a stranger: it equals no member of ours, bears its own text, and whoever is to
    act on it asks `is_known` first.
    """

    @classmethod
    def kept(cls, code: str) -> Self:
        """The member of a code that was kept; a stranger where this version has none."""
        known = cls._value2member_map_.get(code)
        if isinstance(known, cls):
            return known
        stranger = str.__new__(cls, code)
        stranger._name_ = stranger._value_ = code
        return stranger

    @property
    def is_known(self) -> bool:
        """Whether this version knows what to do with it."""
        return self._value_ in type(self)._value2member_map_
