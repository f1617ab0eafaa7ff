"""Which column of a recipients file is what: chosen by a person, or guessed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachdesk.domain.mail_address import address_fault

_SAMPLE = 200

# What titles say, without accents, case or punctuation.
_ADDRESS_TITLE = re.compile(
    r"(?:.* )?(?:e ?mails?|mel|courriels?|adresse electronique|mail)(?: .*)?"
)
# Says that and nothing more: "Courriel", not "Courriel du parrain".
_PLAIN_ADDRESS_TITLE = re.compile(
    r"(?:adresses? )?(?:e ?mails?|mel|courriels?|mail)(?: address(?:es)?)?|adresse electronique"
)
_VAGUE_ADDRESS_TITLE = re.compile(r"(?:.* )?(?:adresse|address)(?: .*)?")
_FIRST_NAME_TITLE = re.compile(r"prenoms?|first ?name|given ?name|forename")
_LAST_NAME_TITLE = re.compile(r"nom(?: de famille| usuel)?|last ?name|surname|family ?name")
_FULL_NAME_TITLE = re.compile(
    r"(?:nom complet|nom et prenoms?|nom prenoms?|prenoms? (?:et )?nom|full ?name|name|client"
    r"|destinataire|contact)"
)
_LOCALE_TITLE = re.compile(r"langues?|language|lang|locale|langue de correspondance")
_OTHER_TITLE = re.compile(
    r"(?:id|n|no|num|numero|ref|reference|code|ville|city|code postal|cp|zip|pays|country|rue"
    r"|telephone|tel|phone|mobile|portable|date|civilite|titre|societe|entreprise|company)(?: .*)?"
)


@dataclass(frozen=True)
class ColumnMapping:
    """Which column (from 0) holds what.

    Args:
        address: the e-mail address.
        name: one or more columns that make the name, in the order to say them.
        locale: the language to write in, if the file tells.
        has_titles: whether the first line names the columns.
    """

    address: int = 0
    name: tuple[int, ...] = ()
    locale: int | None = None
    has_titles: bool = True

    def as_record(self) -> dict[str, Any]:
        """The mapping as JSON values."""
        return {
            "address": self.address,
            "name": list(self.name),
            "locale": self.locale,
            "has_titles": self.has_titles,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "ColumnMapping":
        """The mapping as it was kept."""
        return cls(
            address=int(record["address"]),
            name=tuple(int(column) for column in record["name"]),
            locale=None if record["locale"] is None else int(record["locale"]),
            has_titles=bool(record["has_titles"]),
        )


def guess_mapping(rows: Sequence[Sequence[str]]) -> ColumnMapping:
    """Guess which column is what, from titles where there are any and from the cells.

    A first row is titles only if one of its cells is a title we know and none an address:
    a person must never be taken for a title.
    """
    sample = [row for row in rows[: _SAMPLE + 10] if any(cell.strip() for cell in row)][:_SAMPLE]
    if not sample:
        return ColumnMapping(has_titles=False)
    has_titles = _are_titles(sample[0])
    titles = [_plain(cell) for cell in sample[0]] if has_titles else []
    address = _address_column(titles, sample[1:] if has_titles else sample)
    return ColumnMapping(
        address=address,
        name=_name_columns(titles, taken=address),
        locale=_first_matching(titles, _LOCALE_TITLE, taken=address),
        has_titles=has_titles,
    )


def _are_titles(row: Sequence[str]) -> bool:
    if any("@" in cell for cell in row):
        return False
    known = (
        *(_ADDRESS_TITLE, _VAGUE_ADDRESS_TITLE, _FIRST_NAME_TITLE, _LAST_NAME_TITLE),
        *(_FULL_NAME_TITLE, _LOCALE_TITLE, _OTHER_TITLE),
    )
    return any(pattern.fullmatch(_plain(cell)) for cell in row for pattern in known)


def _plain(title: str) -> str:
    """A title without accents, case or punctuation: "E-mail :" becomes "e mail"."""
    letters = unicodedata.normalize("NFKD", title[:100]).casefold()
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def _address_column(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The column whose title says so if it holds any address; else the one with most.

    A column may hold more without being theirs: somebody to call in an emergency.
    """
    width = max([len(titles), *map(len, rows)])
    scores = [_address_score(titles, rows, column) for column in range(width)]
    return scores.index(max(scores)) if scores else 0


def _address_score(
    titles: Sequence[str], rows: Sequence[Sequence[str]], column: int
) -> tuple[int, int, int]:
    """How likely it is that of the addresses: its title, how many it holds, its title again."""
    cells = [row[column].strip() for row in rows if column < len(row)]
    addresses = sum("@" in cell and address_fault(cell) is None for cell in cells)
    title = titles[column] if column < len(titles) else ""
    trust = _trust_in(title)
    # Without an address, a title decides only between equals and in empty files.
    return trust if addresses and trust > 1 else 0, addresses, trust


def _trust_in(title: str) -> int:
    """What a title says of addresses: nothing else (3), them among others (2), a hint (1)."""
    if _PLAIN_ADDRESS_TITLE.fullmatch(title):
        return 3
    return 2 if _ADDRESS_TITLE.fullmatch(title) else 1 if "adress" in title else 0


def _name_columns(titles: Sequence[str], *, taken: int) -> tuple[int, ...]:
    """First name then last name; or the column of whole names."""
    first = _first_matching(titles, _FIRST_NAME_TITLE, taken=taken)
    last = _first_matching(titles, _LAST_NAME_TITLE, taken=taken)
    if first is None:
        whole = _first_matching(titles, _FULL_NAME_TITLE, taken=taken)
        last = whole if whole is not None else last
    return tuple(column for column in (first, last) if column is not None)


def _first_matching(titles: Sequence[str], pattern: re.Pattern[str], *, taken: int) -> int | None:
    return next(
        (n for n, title in enumerate(titles) if n != taken and pattern.fullmatch(title)), None
    )
