"""The form of a section of the case file, made from the registry of facts.

Every fact has a control by its kind (`fact-<key>`), how sure it is (`sure-<key>`), and,
where it is an instant, which of two is meant (`twice-<key>`). A hidden field carries the
versions that the person has before them: what they did not touch is not sent back, so
only a fact that two people really changed is a conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, ListWidget

from breachdesk.domain.errors import DeskError, InvalidInput
from breachdesk.domain.facts import FACTS, Answer, FactDefinition, FactKind, FactState, Section
from breachdesk.services.facts import NOT_ASKED, FactHistory
from breachdesk.web.fact_values import Typed, read_value, shown_value, tidy
from breachdesk.web.forms import DeskForm, choices, second_time_field
from breachdesk.web.language import say_later, wording
from breachdesk.wording import labels
from breachdesk.wording.errors import error_sentence
from breachdesk.wording.fact_labels import FACT_WORDS

# Options that fit under a thumb; beyond, a list to choose from.
MOST_RADIOS = 7
# Options beyond which checkboxes stand in columns.
MANY_CHOICES = 8
LONGEST_SOURCE = 200
WITHOUT_VALUE = (FactState.NOT_KNOWN_YET.value, FactState.NOT_APPLICABLE.value)
NO_ANSWER = say_later("Sans réponse")
# How sure an answer is, left aside: an answer given is then known.
NOT_SAID = say_later("Non précisé")


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Several codes, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def facts_of(section: Section) -> list[FactDefinition]:
    """The facts of a section, in the order of the registry."""
    return [fact for fact in FACTS.values() if fact.section is section]


def options_of(definition: FactDefinition) -> list[tuple[str, object]]:
    """The codes that may answer a fact, each with its label; none where it is typed."""
    if definition.kind is FactKind.YES_NO:
        return [("yes", say_later(labels.YES)), ("no", say_later(labels.NO))]
    options = definition.options
    if options is None:
        return []
    return [(option.value, say_later(labels.LABELS[options][option])) for option in options]


def _control(definition: FactDefinition) -> Field:
    label = say_later(FACT_WORDS[definition.key].question)
    hint = FACT_WORDS[definition.key].hint
    options: dict[str, Any] = {"description": say_later(hint) if hint else ""}
    kind = definition.kind
    if kind is FactKind.CHOICES:
        return Checkboxes(
            label, choices=choices(*options_of(definition)), validate_choice=False, **options
        )
    if kind in (FactKind.CHOICE, FactKind.YES_NO):
        return _one_of(label, options_of(definition), options)
    if kind is FactKind.TEXT:
        return TextAreaField(label, **options)
    return StringField(label, render_kw=look_of(kind), **_widget_of(kind), **options)


def _one_of(label: object, pairs: list[tuple[str, object]], options: dict[str, Any]) -> Field:
    nothing = ("", NO_ANSWER)
    if len(pairs) > MOST_RADIOS:
        made, offered = SelectField, choices(nothing, *pairs)
    else:
        # A radio once chosen cannot be let go: there must be one that says nothing.
        made, offered = RadioField, choices(*pairs, nothing)
    return made(label, choices=offered, default="", validate_choice=False, **options)


def _widget_of(kind: FactKind) -> dict[str, Any]:
    return {"widget": DateTimeLocalInput()} if kind is FactKind.INSTANT else {}


def look_of(kind: FactKind) -> dict[str, Any]:
    """The attributes of the control that a kind of fact is typed into."""
    if kind is FactKind.COUNT:
        return {"inputmode": "numeric", "class": "short", "autocomplete": "off"}
    if kind in (FactKind.HOURS, FactKind.DAYS):
        return {"inputmode": "decimal", "class": "short", "autocomplete": "off"}
    return {}


def _sureness(definition: FactDefinition) -> SelectField:
    states = [FactState.KNOWN, FactState.ESTIMATED, FactState.NOT_KNOWN_YET]
    if definition.may_not_apply:
        states.append(FactState.NOT_APPLICABLE)
    words = labels.LABELS[FactState]
    return SelectField(
        say_later("Est-ce sûr ?"),
        choices=choices(
            ("", NOT_SAID), *((state.value, say_later(words[state])) for state in states)
        ),
        default="",
        validate_choice=False,
    )


@dataclass(frozen=True)
class FactRow:
    """One fact of the form, as the template shows it."""

    definition: FactDefinition
    field: Field
    sureness: Field
    second_time: Field | None
    meanwhile: Any = None

    @property
    def is_many(self) -> bool:
        """Whether its options are so many that they stand in columns."""
        return len(self.definition.options or ()) > MANY_CHOICES


class SectionForm(DeskForm):
    """What every section's form has beside its facts."""

    facts: tuple[FactDefinition, ...] = ()
    versions = HiddenField()
    source = StringField(
        say_later("D’où le savez-vous ?"),
        description=say_later(
            "Par exemple : l’alerte de l’hébergeur, les journaux du serveur. Noté à côté de ce "
            "que vous changez."
        ),
    )

    def rows(self, meanwhile: Mapping[str, Any] | None = None) -> list[FactRow]:
        """The facts to show; `meanwhile` holds those that somebody else changed."""
        return [
            FactRow(
                fact,
                self[f"fact-{fact.key}"],
                self[f"sure-{fact.key}"],
                self._second_time(fact.key),
                (meanwhile or {}).get(fact.key),
            )
            for fact in self.facts
        ]

    def _second_time(self, key: str) -> Field | None:
        """Asked only where the hour came twice."""
        field: Field | None = self._fields.get(f"twice-{key}")
        return field if field is not None and (field.errors or field.data) else None

    def show(self, histories: Mapping[str, FactHistory]) -> None:
        """Fill the form with the facts as they stand."""
        for fact in self.facts:
            latest = histories[fact.key].latest
            answer = Answer(latest.state, latest.value) if latest else NOT_ASKED
            self[f"fact-{fact.key}"].data = shown_value(fact, answer.value)
            self[f"sure-{fact.key}"].data = _shown_state(answer)
        self.see(
            {key: history.latest.version for key, history in histories.items() if history.latest}
        )

    def see(self, versions: Mapping[str, int]) -> None:
        """Note the versions that the person has before them."""
        self.versions.data = " ".join(f"{key}={number}" for key, number in versions.items())

    def seen_versions(self) -> dict[str, int]:
        """The versions that the person had before them."""
        parts = (part.partition("=") for part in (self.versions.data or "").split())
        own = {fact.key for fact in self.facts}
        return {
            key: int(number)
            for key, _, number in parts
            if key in own and number.isascii() and number.isdigit() and len(number) < 9
        }

    def changed_answers(self, histories: Mapping[str, FactHistory]) -> dict[str, Answer]:
        """What the person changed in what they saw. Faults are put beside their fields."""
        seen = self.seen_versions()
        answers = {}
        for fact in self.facts:
            before = histories[fact.key].answer_at(seen.get(fact.key, 0))
            try:
                answer = self._answer(fact, before)
            except InvalidInput as fault:
                self.refuse(fact.key, fault)
                continue
            if answer != before:
                answers[fact.key] = answer
        if len(self.source.data or "") > LONGEST_SOURCE:
            too_long = InvalidInput("text_too_long", longest=LONGEST_SOURCE)
            self.source.errors = [error_sentence(too_long, wording())]
        return answers

    def refuse(self, key: str, fault: DeskError) -> None:
        """Put a fault beside the fact it is about."""
        kind = "twice" if fault.code == "local_time_twice" else "fact"
        field = self[f"{kind}-{key}"]
        field.errors = [*field.errors, error_sentence(fault, wording())]

    def _answer(self, fact: FactDefinition, before: Answer) -> Answer:
        typed = tidy(self[f"fact-{fact.key}"].data)
        sureness = self[f"sure-{fact.key}"]
        if not sureness.raw_data:
            # Not on the page that was sent: nothing is said of it.
            return before
        chosen = sureness.data or ""
        twice = self._fields.get(f"twice-{fact.key}")
        second_time = (twice.data if twice is not None else "") or ""
        is_same = typed == tidy(shown_value(fact, before.value)) and not second_time
        if is_same and chosen == _shown_state(before):
            return before
        if chosen and chosen not in [choice.value for choice in sureness.choices]:
            raise InvalidInput("choice_missing")
        if chosen in WITHOUT_VALUE:
            if not typed or is_same:
                return Answer(FactState(chosen))
            if chosen != _shown_state(before):
                raise InvalidInput("answer_and_unknown")
            # An answer written where none was known yet: it is known from now on.
            chosen = ""
        if not typed:
            return _emptied(before, chosen)
        value = before.value if is_same else _read(fact, typed, second_time)
        is_estimate = chosen == FactState.ESTIMATED.value
        return Answer(FactState.ESTIMATED if is_estimate else FactState.KNOWN, value)


def _shown_state(answer: Answer) -> str:
    return "" if answer.state is FactState.NOT_ASKED else answer.state.value


def _emptied(before: Answer, chosen: str) -> Answer:
    """What an empty control says: an answer taken back, unless one was announced."""
    if chosen and before.value is None:
        raise InvalidInput("answer_missing")
    return NOT_ASKED


def _read(fact: FactDefinition, typed: Typed, second_time: str) -> object:
    return read_value(fact, typed, second_time=second_time)


@cache
def section_form(section: Section) -> type[SectionForm]:
    """The form of a section; its words are said when it is shown."""
    facts = tuple(facts_of(section))
    fields: dict[str, Any] = {"facts": facts}
    for fact in facts:
        fields[f"fact-{fact.key}"] = _control(fact)
        fields[f"sure-{fact.key}"] = _sureness(fact)
        if fact.kind is FactKind.INSTANT:
            fields[f"twice-{fact.key}"] = second_time_field()
    return type(f"{section.value.title()}Form", (SectionForm,), fields)
