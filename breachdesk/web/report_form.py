"""The short form that opens an incident: two answers are needed, the rest may wait."""

from dataclasses import replace
from typing import Any

from wtforms import (
    BooleanField,
    MultipleFileField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.vocabulary import AccessState, DataCategory
from breachdesk.services.attachments import Upload
from breachdesk.services.incidents import Report
from breachdesk.web.forms import (
    AtMost,
    DeskForm,
    LocalTimeField,
    Needed,
    choices,
    instant_of,
    second_time_field,
)
from breachdesk.web.language import labels, say_later
from breachdesk.web.named_people import people_field
from breachdesk.wording import N_

# Far over what anybody types; a log that is pasted belongs into a file.
LONGEST_STORY = 20_000
LONGEST_LINE = 200
NOT_KNOWN_YET = Answer(FactState.NOT_KNOWN_YET)
UNKNOWN_YET_CODE = "not_known_yet"
# The fault that is answered with 413.
TOO_LARGE = "file_too_large"

# What is lost most often comes first; the rest of the list folds.
USUAL_DATA = (
    DataCategory.CIVIL_STATUS,
    DataCategory.CONTACT,
    DataCategory.ACCESS_CREDENTIALS,
    DataCategory.PURCHASE_HISTORY,
    DataCategory.BANK_ACCOUNT,
    DataCategory.PAYMENT_CARD,
    DataCategory.OFFICIAL_DOCUMENT,
    DataCategory.NATIONAL_ID_NUMBER,
    DataCategory.HEALTH,
    DataCategory.EMPLOYMENT,
)
OTHER_DATA = tuple(
    category
    for category in DataCategory
    if category not in USUAL_DATA and category is not DataCategory.UNKNOWN
)


def _data_field(label: object, categories: tuple[DataCategory, ...]) -> SelectMultipleField:
    said = labels.LABELS[DataCategory]
    return SelectMultipleField(
        label,
        choices=choices(*((category.value, say_later(said[category])) for category in categories)),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def _unknown_field() -> BooleanField:
    return BooleanField(say_later("Je ne sais pas encore"))


class ReportForm(DeskForm):
    """What happened, since when it is known, and what else is known already."""

    description = TextAreaField(
        say_later("Que s’est-il passé ?"),
        [Needed(N_("Dites en quelques mots ce qui s’est passé.")), AtMost(LONGEST_STORY)],
        description=say_later(
            "Avec vos mots, même si vous ne savez pas tout. Ne recopiez pas les données."
        ),
    )
    noticed_at = LocalTimeField(
        say_later("Quand vous en êtes-vous rendu compte ?"),
        message=N_("Indiquez quand vous vous en êtes rendu compte, comme 02/03/2026 14:30."),
        description=say_later("Le premier signe, même si vous n’étiez pas encore sûr."),
    )
    second_time = second_time_field()
    system = StringField(
        say_later("Quel système, quel appareil ou quel document ?"),
        [AtMost(LONGEST_LINE)],
        description=say_later(
            "Par exemple : la messagerie, le site, un ordinateur portable, un dossier papier."
        ),
    )
    system_unknown = _unknown_field()
    access = RadioField(
        say_later("Est-ce terminé, ou toujours en cours ?"),
        choices=choices(
            (AccessState.ENDED.value, say_later("C’est terminé, plus personne n’y a accès")),
            (AccessState.ONGOING.value, say_later("C’est toujours en cours")),
            (UNKNOWN_YET_CODE, say_later("Je ne sais pas encore")),
        ),
        validate_choice=False,
    )
    data = _data_field(say_later("Quelles données sont touchées ?"), USUAL_DATA)
    more_data = _data_field(say_later("Autres sortes de données"), OTHER_DATA)
    data_unknown = BooleanField(say_later("Je ne sais pas encore, ou pas tout"))
    attachments = MultipleFileField(
        say_later("Pièces"),
        description=say_later("Une capture d’écran, un courriel, une photo."),
    )

    def report(self) -> Report:
        """What was typed, as the service takes it.

        Raises:
            InvalidInput: with the field to mend.
        """
        return Report(
            description=self.description.data,
            noticed_at=instant_of(self, "noticed_at"),
            facts=self._facts(),
            uploads=uploads_of(self.attachments),
        )

    def _facts(self) -> dict[str, Answer]:
        """An answer for each question that got one; a question passed over stays unasked."""
        answers = {
            "system": self._system(),
            "access": self._access(),
            "data": self._data(),
        }
        return {key: answer for key, answer in answers.items() if answer is not None}

    def _system(self) -> Answer | None:
        typed = (self.system.data or "").strip()
        if typed:
            return Answer(FactState.KNOWN, typed)
        return NOT_KNOWN_YET if self.system_unknown.data else None

    def _access(self) -> Answer | None:
        if self.access.data == UNKNOWN_YET_CODE:
            return NOT_KNOWN_YET
        known = self.access.data in set(AccessState)
        return Answer(FactState.KNOWN, self.access.data) if known else None

    def _data(self) -> Answer | None:
        ticked = {*(self.data.data or ()), *(self.more_data.data or ())}
        found = [category.value for category in (*USUAL_DATA, *OTHER_DATA) if category in ticked]
        if not found:
            return NOT_KNOWN_YET if self.data_unknown.data else None
        if self.data_unknown.data:
            found.append(DataCategory.UNKNOWN.value)
        return Answer(FactState.KNOWN, found)


class DeskReportForm(ReportForm):
    """The report of one of our own people, who may keep it from most of the others."""

    is_restricted = BooleanField(
        say_later("Oui, seules les personnes choisies sauront que ce signalement existe")
    )
    named = people_field(say_later("Personnes qui pourront le lire"))

    def report(self) -> Report:
        """What was typed, with the people named where it is to be kept to them."""
        report = super().report()
        if not self.is_restricted.data:
            return report
        if not self.named.data:
            raise InvalidInput("nobody_named_leads", field="named")
        return replace(report, named=frozenset(self.named.data))


def uploads_of(field: Any) -> tuple[Upload, ...]:
    """The files of a field that holds several; browsers send an empty one for none."""
    files = [file for file in field.data or () if getattr(file, "filename", "")]
    return tuple(Upload(file.filename, file.read()) for file in files)
