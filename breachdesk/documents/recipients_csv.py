"""A list of recipients as a CSV file that spreadsheets of this country open as it is."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from breachdesk.domain.deliveries import RecipientLine
from breachdesk.wording import N_, Wording, labels, wording_for

# Spreadsheets take a file for UTF-8 by this mark alone.
BYTE_ORDER_MARK = "\ufeff"
# A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
HEADS = (
    N_("Nom"),
    N_("Adresse électronique"),
    N_("Langue"),
    N_("État"),
    N_("Code"),
    N_("Réponse du serveur"),
    N_("Mis en file"),
    N_("Terminé"),
)


def recipients_csv(lines: Iterable[RecipientLine], *, locale: str, timezone: str) -> Iterator[str]:
    """The file, record by record: the mark and the heads first.

    Args:
        timezone: in which instants are told, with their offset.
    """
    words = wording_for(locale)
    yield BYTE_ORDER_MARK + _record(words.text(head) for head in HEADS)
    for line in lines:
        yield _record(_cells(line, words, ZoneInfo(timezone)))


def _cells(line: RecipientLine, words: Wording, zone: ZoneInfo) -> Iterator[str]:
    yield from (line.name, line.address, line.locale)
    yield labels.delivery_state_label(line.state, words) if line.state else ""
    yield str(line.answer_code or "")
    yield line.answer
    for instant in (line.queued_at, line.finished_at):
        yield instant.astimezone(zone).isoformat(" ", "seconds") if instant else ""


def _record(cells: Iterable[str]) -> str:
    return ";".join(_quoted(neutral(cell)) for cell in cells) + "\r\n"


def neutral(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: one that looks like one gets an apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def _quoted(cell: str) -> str:
    needs_quotes = any(sign in cell for sign in ';"\r\n')
    return '"' + cell.replace('"', '""') + '"' if needs_quotes else cell
