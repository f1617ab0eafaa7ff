"""Reading the files of the law and of the authorities' forms strictly: TOML, table by table.

Each key is taken once. What is missing, of another kind, or left over is refused with the file,
the place in it and the key.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

LANGUAGES = ("fr", "en")


class StrictTable:
    """One table of a file, whose keys are taken one by one.

    `faulty` is the error that a file is refused with; every method that takes a key raises it.
    """

    faulty: ClassVar[type[ValueError]]

    def __init__(self, where: str, table: Mapping[str, Any]) -> None:
        self._where = where
        self._table = dict(table)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """All of a file."""
        try:
            return cls(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as fault:
            raise cls.faulty(f"{path.name}: {fault}") from None

    def at(self, place: str) -> Self:
        """The rest of this table, named more precisely."""
        return type(self)(f"{self._where}: {place}", self._table)

    def refusal(self, said: str) -> ValueError:
        """What is wrong with the table, with where it stands."""
        return self.faulty(f"{self._where}: {said}.")

    def fault(self, key: str, said: str) -> ValueError:
        """What is wrong with a key."""
        return self.refusal(f"`{key}` {said}")

    def has(self, key: str) -> bool:
        """Whether the key is there and was not taken."""
        return key in self._table

    def take(self, key: str, kind: Any) -> Any:
        """A value of this kind, which must be there and not be empty."""
        value = self._table.pop(key, None)
        if not isinstance(value, kind) or not value:
            raise self.fault(key, "is missing")
        return value

    def optional(self, key: str, kind: type, default: Any) -> Any:
        """A value of this kind; the default where there is none."""
        value = self._table.pop(key, default)
        if value is not default and not isinstance(value, kind):
            raise self.fault(key, "is of the wrong kind")
        return value

    def word(self, key: str, allowed: Iterable[str] = ()) -> str:
        """A text, one of those allowed if any are given."""
        value: str = self.take(key, str)
        known = tuple(allowed)
        if not value.strip():
            raise self.fault(key, "is missing")
        if known and value not in known:
            raise self.fault(key, f"is one of {', '.join(known)}, not {value}")
        return value

    def day(self, key: str) -> date:
        """A date without a time."""
        value = self._table.pop(key, None)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, "must be a date")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """A text in each language, neither more nor fewer."""
        value = self._table.pop(key, None)
        if not isinstance(value, dict) or set(value) != set(LANGUAGES) or not all(value.values()):
            raise self.fault(key, "must say it in `fr` and in `en`")
        return {language: str(value[language]) for language in LANGUAGES}

    def tables(self, key: str, *, needed: bool = True) -> list[Self]:
        """A list of tables, each named by its place."""
        values = self.optional(key, list, [])
        if needed and not values:
            raise self.fault(key, "is missing")
        if any(not isinstance(each, dict) for each in values):
            raise self.fault(key, "is a list of tables")
        return [type(self)(f"{self._where}: {key} {n}", each) for n, each in enumerate(values, 1)]

    def nothing_left(self) -> None:
        """Refuse a key that nobody has taken."""
        if self._table:
            raise self.refusal(f"nobody reads `{'`, `'.join(self._table)}`")
