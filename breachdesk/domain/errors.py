"""Everything the desk refuses, as one tree of named exceptions.

An exception carries a code and parameters; `wording.errors` turns them into a
sentence in the reader's language. `field` names the form field to mend, if any.
"""

from collections.abc import Mapping


class DeskError(Exception):
    """A step was refused. `code` names the sentence, `parameters` fill it."""

    code = "refused"

    def __init__(
        self, code: str | None = None, *, field: str | None = None, **parameters: object
    ) -> None:
        self.code = code or type(self).code
        self.field = field
        self.parameters: Mapping[str, object] = parameters
        super().__init__(self.code, parameters)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.code}({details})" if details else self.code


class InvalidInput(DeskError):
    """A value given by a person or a file cannot be taken as it is."""

    code = "invalid_input"


class InvalidInstant(InvalidInput):
    """An instant without a timezone, one that does not exist, or one that is ambiguous."""

    code = "instant_without_zone"


class NotAllowed(DeskError):
    """The person's roles do not permit the action."""

    code = "not_allowed"


class NotFound(DeskError):
    """No such thing, or not for this person."""

    code = "not_found"


class TooManyAttempts(DeskError):
    """Too many attempts in a short time; `until` says when the next one is taken."""

    code = "too_many_attempts"


class WrongStep(DeskError):
    """The case is not at the step where this can be done."""

    code = "wrong_step"


class ChangedMeanwhile(DeskError):
    """Somebody else changed the same thing since it was read (optimistic locking)."""

    code = "changed_meanwhile"


class Incomplete(DeskError):
    """Something is missing that the law or the step demands."""

    code = "incomplete"


class DocumentFailed(DeskError):
    """A document could not be printed."""

    code = "typesetting_failed"
