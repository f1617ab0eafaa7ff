"""What forms share: CSRF, French messages, faults of a service beside their fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateTimeLocalInput

from breachdesk.domain.deadlines import instant_from_local
from breachdesk.domain.errors import Incomplete, InvalidInput
from breachdesk.models import db
from breachdesk.web.language import say, say_later, timezone, wording
from breachdesk.wording.errors import error_sentence

LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


def choices(*pairs: tuple[object, object]) -> list[SelectChoice]:
    """The options of a radio group, a list or checkboxes: pairs of code and label."""
    return [SelectChoice(code, label) for code, label in pairs]


SECOND_TIME_CHOICES = choices(
    ("", say_later("Sans objet")),
    ("first", say_later("La première fois (heure d’été)")),
    ("second", say_later("La seconde fois (heure d’hiver)")),
)


def without_nul(value: object) -> object:
    """What was typed, without the one character that PostgreSQL keeps in no text."""
    return value.replace("\x00", "") if isinstance(value, str) else value


class DeskForm(FlaskForm):  # type: ignore[misc]
    """Base of every form. `form_faults` holds what belongs to no single field."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """What every field of every form is given."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Filter the text of every field that takes some."""
            if not issubclass(unbound_field.field_class, StringField):
                return super().bind_field(form, unbound_field, options)
            filters = [without_nul, *unbound_field.kwargs.get("filters", ())]
            return super().bind_field(form, unbound_field, {**options, "filters": filters})

    @property
    def form_faults(self) -> list[str]:
        """Faults of the form as a whole."""
        return list(self.form_errors)


@dataclass
class Attempt:
    """Whether what was tried inside `faults_on` went through, or the code of the fault."""

    succeeded: bool = False
    code: str = ""


@contextmanager
def faults_on(form: Any) -> Iterator[Attempt]:
    """Put what a service refuses beside the field it names; nothing typed is lost."""
    attempt = Attempt()
    try:
        yield attempt
        attempt.succeeded = True
    except (InvalidInput, Incomplete) as fault:
        db.session.rollback()
        attempt.code = fault.code
        sentence = error_sentence(fault, wording())
        field: Field | None = form._fields.get(fault.field) if fault.field else None
        if field is not None:
            field.errors = [*field.errors, sentence]
        else:
            form.form_errors = [*form.form_errors, sentence]


class Needed:
    """Demand a value, in a sentence that says which. Unlike WTForms' own it keeps blanks typed."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self._message = message

    def __call__(self, form: Any, field: Field) -> None:
        raw = field.raw_data[0] if field.raw_data else ""
        if not (raw.strip() if isinstance(raw, str) else raw):
            raise ValidationError(say(self._message))


class AtMost:
    """Refuse a text longer than its column holds, saying how long it may be."""

    def __init__(self, longest: int) -> None:
        # No maxlength attribute: a browser cuts what is pasted without a word.
        self._longest = longest

    def __call__(self, form: Any, field: Field) -> None:
        if len(field.data or "") > self._longest:
            fault = InvalidInput("text_too_long", longest=self._longest)
            raise ValidationError(error_sentence(fault, wording()))


def local_text(instant: datetime) -> str:
    """What a datetime-local input shows for an instant, in the organisation's zone."""
    return instant.astimezone(ZoneInfo(timezone())).strftime(LOCAL_FORMAT)


class LocalTimeField(StringField):  # type: ignore[misc]
    """A wall-clock time; its text is kept as typed, `local_instant` reads it."""

    widget = DateTimeLocalInput()

    def __init__(self, label: object, *, message: str, **options: Any) -> None:
        super().__init__(label, [Needed(message)], **options)


def second_time_field() -> SelectField:
    """Asks which of the two is meant, in the hour that comes twice in autumn."""
    return SelectField(
        say_later("Si l’heure a eu lieu deux fois (changement d’heure d’automne)"),
        choices=SECOND_TIME_CHOICES,
        default="",
    )


def instant_of(form: Any, name: str) -> datetime:
    """The instant typed in a form's `name`, its `second_time` asked where it came twice.

    Raises:
        InvalidInput: with the field to mend.
    """
    try:
        return local_instant(form[name].data or "", form.second_time.data or "")
    except InvalidInput as fault:
        fault.field = "second_time" if fault.code == "local_time_twice" else name
        raise


def local_instant(text: str, second_time: str = "") -> datetime:
    """The UTC instant of what a datetime-local input gave, in the organisation's zone.

    Args:
        second_time: "first" or "second" for the hour that comes twice in autumn.

    Raises:
        InvalidInput: not a date and time, a time that does not exist, or one to be asked.
    """
    try:
        local = datetime.strptime(text.strip()[:16].replace(" ", "T"), LOCAL_FORMAT)  # noqa: DTZ007
    except ValueError:
        raise InvalidInput("not_a_time", shown=text) from None
    chosen = {"first": False, "second": True}.get(second_time)
    return instant_from_local(local, timezone(), second_time=chosen)
