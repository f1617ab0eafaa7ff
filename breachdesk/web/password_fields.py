"""Fields that ask for a password: a new one, or the one somebody has."""

from collections.abc import Iterable
from typing import Any

from wtforms import PasswordField, ValidationError
from wtforms.widgets import PasswordInput

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.passwords import known_words
from breachdesk.services.passwords import demand_good_password
from breachdesk.web.language import wording
from breachdesk.wording.errors import error_sentence


def new_password_field(label: object, validators: Iterable[Any] = ()) -> PasswordField:
    """Asks for a password to be chosen; password managers offer one there."""
    return _field(label, validators, "new-password")


def password_field(label: object, validators: Iterable[Any] = ()) -> PasswordField:
    """Asks for the password somebody has."""
    return _field(label, validators, "current-password")


def password_faults(password: str | None, *told: str | None) -> list[str]:
    """Why a password cannot be chosen, said; nothing where it can.

    Args:
        told: the person's name and address and what else a guesser would try.
    """
    words = known_words(*(text or "" for text in told))
    try:
        demand_good_password(password or "", known_words=words)
    except InvalidInput as fault:
        return [error_sentence(fault, wording())]
    return []


class SameTwice:
    """Demand what was typed in another field, so that a slip of the finger locks nobody out."""

    field_flags = {"required": True}

    def __init__(self, first: str) -> None:
        self._first = first

    def __call__(self, form: Any, field: Any) -> None:
        if field.data != form[self._first].data:
            fault = InvalidInput("passwords_differ")
            raise ValidationError(error_sentence(fault, wording()))


def _field(label: object, validators: Iterable[Any], autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        list(validators),
        # Kept in no page: it is asked again.
        widget=PasswordInput(hide_value=True),
        render_kw={"autocomplete": autocomplete},
    )
