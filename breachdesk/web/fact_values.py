"""A fact's value as a control shows it, and as a person types it."""

from collections.abc import Mapping
from datetime import datetime

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import FactDefinition, FactKind
from breachdesk.web.forms import local_instant, local_text

# What a control holds: a text, or the codes that are ticked.
Typed = str | list[str]

LONGEST_LINE = 300
LONGEST_TEXT = 20_000
# More than there are people on earth: beyond it somebody leant on a key.
LONGEST_NUMBER = 12
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
YES_NO: Mapping[str, bool] = {"yes": True, "no": False}


def shown_value(definition: FactDefinition, value: object) -> Typed:
    """What the control of a fact holds for a stored value; empty for none."""
    if definition.kind is FactKind.CHOICES:
        return [str(code) for code in value] if isinstance(value, list) else []
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if definition.kind is FactKind.INSTANT:
        return local_text(datetime.fromisoformat(str(value)))
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return str(value)


def tidy(typed: object) -> Typed:
    """What came in, with the line ends of a text made one kind; databases take no NUL."""
    if isinstance(typed, list | tuple):
        return [str(code) for code in typed]
    return str(typed or "").replace("\r\n", "\n").replace("\0", "").strip()


def read_value(definition: FactDefinition, typed: Typed, *, second_time: str = "") -> object:
    """The value to store for what was typed, which is not empty.

    Args:
        second_time: for an instant, which of the two is meant in the autumn hour.

    Raises:
        InvalidInput: without `field`: the caller knows its name.
    """
    kind = definition.kind
    if isinstance(typed, list):
        return [_code(definition, code) for code in typed]
    if kind is FactKind.CHOICE:
        return _code(definition, typed)
    if kind is FactKind.YES_NO:
        return _yes_no(typed)
    if kind is FactKind.COUNT:
        return _count(typed)
    if kind in (FactKind.HOURS, FactKind.DAYS):
        return _amount(typed)
    if kind is FactKind.INSTANT:
        return local_instant(typed, second_time).isoformat()
    return _text(typed, LONGEST_LINE if kind is FactKind.LINE else LONGEST_TEXT)


def _code(definition: FactDefinition, code: str) -> str:
    if code not in [option.value for option in definition.options or ()]:
        raise InvalidInput("choice_missing")
    return code


def _yes_no(typed: str) -> bool:
    if typed not in YES_NO:
        raise InvalidInput("choice_missing")
    return YES_NO[typed]


def _count(typed: str) -> int:
    digits = typed.translate(_SPACES)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
        raise InvalidInput("not_a_count", shown=typed)
    return int(digits)


def _amount(typed: str) -> float | int:
    digits = typed.translate(_SPACES).replace(",", ".", 1)
    whole, _, rest = digits.partition(".")
    plain = digits.isascii() and whole.isdigit() and (not rest or rest.isdigit())
    if not plain or len(digits) > LONGEST_NUMBER:
        raise InvalidInput("not_an_amount", shown=typed)
    amount = float(digits)
    return int(amount) if amount.is_integer() else amount


def _text(typed: str, longest: int) -> str:
    if len(typed) > longest:
        raise InvalidInput("text_too_long", longest=longest)
    return typed
