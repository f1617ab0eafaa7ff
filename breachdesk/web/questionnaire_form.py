"""The form of one question: the fact's own control, "not known yet", and where it is from."""

from functools import cache
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, StringField

from breachdesk.domain.errors import ChangedMeanwhile, DeskError, InvalidInput
from breachdesk.domain.fact_schema import UNKNOWN
from breachdesk.domain.facts import ASSESSED_FACTS, FACTS, Answer, FactDefinition, FactKind
from breachdesk.domain.facts import FactState as State
from breachdesk.web.fact_forms import (
    LONGEST_SOURCE,
    MANY_CHOICES,
    Checkboxes,
    look_of,
    options_of,
)
from breachdesk.web.fact_values import Typed, read_value, shown_value, tidy
from breachdesk.web.forms import AtMost, DeskForm, choices
from breachdesk.web.language import say_later, wording
from breachdesk.wording.errors import error_sentence
from breachdesk.wording.fact_labels import FACT_WORDS

NOT_KNOWN_YET = say_later("Pas encore connu")
DOES_NOT_APPLY = say_later("Sans objet")
CHOSEN_BY_RADIO = (FactKind.CHOICE, FactKind.YES_NO)
# No version has more digits than this.
LONGEST_VERSION = 9


class QuestionForm(DeskForm):
    """One question. `version` and `passed` carry what the person has before them."""

    definition: FactDefinition
    fact = HiddenField()
    version = HiddenField()
    # Left open in this walk though nothing new was recorded: see `services.questionnaire`.
    passed = HiddenField()
    answer: Field
    unknown: Field
    estimate = BooleanField(say_later("C’est une estimation, à confirmer"))
    source = StringField(
        say_later("D’où le savez-vous ?"),
        [AtMost(LONGEST_SOURCE)],
        description=say_later(
            "Par exemple : l’alerte de l’hébergeur, les journaux du serveur. Noté à côté de votre "
            "réponse."
        ),
    )

    @property
    def has_radios(self) -> bool:
        """Whether one option is chosen, "not known yet" being one of them."""
        return self.definition.kind in CHOSEN_BY_RADIO

    @property
    def has_boxes(self) -> bool:
        """Whether several options may be ticked."""
        return self.definition.kind is FactKind.CHOICES

    @property
    def is_many(self) -> bool:
        """Whether its options are so many that they stand in columns."""
        return len(self.definition.options or ()) > MANY_CHOICES

    @property
    def hint(self) -> str:
        """A short help, or an empty string."""
        said = FACT_WORDS[self.definition.key].hint
        return wording().text(said) if said else ""

    def show(self, before: Answer, version: int, passed: list[str]) -> None:
        """Fill the form with the answer as it stands, and what the walk carries along."""
        self.fact.data = self.definition.key
        self.version.data = str(version)
        self.passed.data = ".".join(passed)
        self.estimate.data = before.state is State.ESTIMATED
        is_open = before.state is State.NOT_KNOWN_YET
        if self.has_radios and before.state in (State.NOT_KNOWN_YET, State.NOT_APPLICABLE):
            self.answer.data = before.state.value
        else:
            self.answer.data = shown_value(self.definition, before.value)
        if not self.has_radios:
            self.unknown.data = is_open

    @property
    def seen_version(self) -> int:
        """The version of the fact that the person had before them; 0: none."""
        text = self.version.data or ""
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION
        return int(text) if is_number else 0

    def given(self) -> Answer:
        """The answer given.

        Raises:
            InvalidInput: nothing was answered, or not in a way that can be read.
        """
        typed = tidy(self.answer.data)
        if self._says_unknown(typed):
            return Answer(State.NOT_KNOWN_YET)
        if not typed:
            raise InvalidInput("answer_missing")
        if typed == State.NOT_APPLICABLE.value and self.definition.may_not_apply:
            return Answer(State.NOT_APPLICABLE)
        value = read_value(self.definition, typed)
        return Answer(State.ESTIMATED if self.estimate.data else State.KNOWN, value)

    def _says_unknown(self, typed: Typed) -> bool:
        if self.has_radios:
            return typed == State.NOT_KNOWN_YET.value
        if self.unknown.data and typed:
            raise InvalidInput("answer_and_unknown")
        # "Perhaps more", and nothing else: nothing is known yet.
        return bool(self.unknown.data) or typed == [UNKNOWN]

    def refuse(self, fault: DeskError) -> None:
        """Put a fault beside the question."""
        self.answer.errors = [*self.answer.errors, error_sentence(fault, wording())]

    def overtaken_by(self, version: int) -> None:
        """Say that somebody else answered meanwhile; the next save is knowing."""
        self.version.data = str(version)
        self.refuse(ChangedMeanwhile("fact_changed_meanwhile"))


def _control(definition: FactDefinition) -> Field:
    label = say_later(FACT_WORDS[definition.key].question)
    options = options_of(definition)
    if definition.kind in CHOSEN_BY_RADIO:
        if definition.may_not_apply:
            options.append((State.NOT_APPLICABLE.value, DOES_NOT_APPLY))
        options.append((State.NOT_KNOWN_YET.value, NOT_KNOWN_YET))
        return RadioField(label, choices=choices(*options), default="", validate_choice=False)
    if definition.kind is FactKind.CHOICES:
        return Checkboxes(label, choices=choices(*options), validate_choice=False)
    return StringField(label, render_kw=look_of(definition.kind))


@cache
def question_form(key: str) -> type[QuestionForm]:
    """The form of an assessed fact; its words are said when it is shown."""
    assert key in ASSESSED_FACTS
    definition = FACTS[key]
    fields: dict[str, Any] = {"definition": definition, "answer": _control(definition)}
    if definition.kind not in CHOSEN_BY_RADIO:
        fields["unknown"] = BooleanField(NOT_KNOWN_YET)
    return type("AnyQuestionForm", (QuestionForm,), fields)
