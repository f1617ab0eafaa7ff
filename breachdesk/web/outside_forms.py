"""What is asked of people without an account: of anybody, of a processor, of who comes back."""

from wtforms import (
    BooleanField,
    MultipleFileField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.facts import Answer, FactState
from breachdesk.domain.reporting import LONGEST_MESSAGE
from breachdesk.domain.vocabulary import DataSubjectCategory
from breachdesk.services.incidents import Report
from breachdesk.services.outside_reports import Identity
from breachdesk.services.processor_links import Declaration
from breachdesk.web.forms import (
    AtMost,
    DeskForm,
    LocalTimeField,
    Needed,
    choices,
    instant_of,
)
from breachdesk.web.language import labels, say_later
from breachdesk.web.report_form import LONGEST_LINE, LONGEST_STORY, ReportForm, uploads_of
from breachdesk.web.request import now
from breachdesk.web.robot_check import CheckedForm, TicketForm
from breachdesk.wording import N_

# More people than live on Earth is a slip of the hand.
MOST_PEOPLE = 10_000_000_000


class PublicReportForm(CheckedForm, ReportForm):
    """The report of somebody without an account, who need not say who they are."""

    name = StringField(
        say_later("Votre nom (facultatif)"),
        [AtMost(LONGEST_LINE)],
        render_kw={"autocomplete": "name"},
    )
    contact = StringField(
        say_later("Comment vous joindre (facultatif)"),
        [AtMost(LONGEST_LINE)],
        description=say_later("Une adresse, un numéro. Laissez vide pour rester anonyme."),
    )
    accuses = BooleanField(
        say_later("Ce signalement met en cause quelqu’un de l’organisation"),
    )

    def identity(self) -> Identity:
        """What the reporter says of themselves."""
        return _identity(self.name.data, self.contact.data)


def _identity(name: str | None, contact: str | None) -> Identity:
    return Identity((name or "").strip(), (contact or "").strip())


class DeclarationForm(TicketForm, ReportForm):
    """A processor's declaration, Art. 33(2): what happened, and since when they know.

    No question for robots: whoever holds a link was given it.
    """

    noticed_at = None  # type: ignore[assignment]
    system_unknown = None

    description = TextAreaField(
        say_later("Que s’est-il passé ?"),
        [Needed(N_("Dites en quelques mots ce qui s’est passé.")), AtMost(LONGEST_STORY)],
        description=say_later(
            "Ce que vous savez à cette heure : la suite peut venir plus tard, avec la référence "
            "que vous recevrez. Ne recopiez pas les données."
        ),
    )
    processor_aware_at = LocalTimeField(
        say_later("Quand en avez-vous eu connaissance, chez vous ?"),
        message=N_("Indiquez quand vous en avez eu connaissance, comme 02/03/2026 14:30."),
        description=say_later(
            "L’heure où votre société l’a su. L’heure de cette déclaration s’enregistre seule."
        ),
    )
    data_subjects = SelectMultipleField(
        say_later("Qui sont les personnes concernées ?"),
        choices=choices(
            *(
                (category.value, say_later(label))
                for category, label in labels.LABELS[DataSubjectCategory].items()
            )
        ),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    n_subjects = StringField(
        say_later("Combien de personnes, à peu près ?"),
        [AtMost(LONGEST_LINE)],
        description=say_later("En chiffres. Laissez vide si vous ne le savez pas encore."),
        render_kw={"inputmode": "numeric", "class": "short"},
    )
    measures_taken = TextAreaField(
        say_later("Qu’avez-vous déjà fait ?"),
        [AtMost(LONGEST_STORY)],
        description=say_later("Par exemple : accès fermé, mots de passe changés."),
    )
    name = StringField(
        say_later("Qui pouvons-nous joindre chez vous ?"),
        [Needed(N_("Indiquez qui nous pouvons joindre chez vous.")), AtMost(LONGEST_LINE)],
        render_kw={"autocomplete": "name"},
    )
    contact = StringField(
        say_later("À quelle adresse, à quel numéro ?"),
        [Needed(N_("Indiquez une adresse ou un numéro.")), AtMost(LONGEST_LINE)],
    )

    def declaration(self) -> Declaration:
        """What was typed, as the service takes it.

        Raises:
            InvalidInput: with the field to mend.
        """
        report = Report(
            description=self.description.data,
            # We are aware once the processor has told us: EDPB Guidelines 9/2022, § 44.
            noticed_at=now(),
            facts=self._facts() | self._about_people() | self._measures(),
            uploads=uploads_of(self.attachments),
        )
        aware_at = instant_of(self, "processor_aware_at")
        return Declaration(report, aware_at, _identity(self.name.data, self.contact.data))

    def _system(self) -> Answer | None:
        typed = (self.system.data or "").strip()
        return Answer(FactState.KNOWN, typed) if typed else None

    def _about_people(self) -> dict[str, Answer]:
        answers = {}
        ticked = set(self.data_subjects.data or ())
        kinds = [kind.value for kind in DataSubjectCategory if kind.value in ticked]
        if kinds:
            answers["data_subjects"] = Answer(FactState.KNOWN, kinds)
        count = _count(self.n_subjects.data or "")
        if count is not None:
            answers["n_subjects"] = Answer(FactState.ESTIMATED, count)
        return answers

    def _measures(self) -> dict[str, Answer]:
        typed = (self.measures_taken.data or "").strip()
        return {"measures_taken": Answer(FactState.KNOWN, typed)} if typed else {}


def _count(typed: str) -> int | None:
    """A number of people as typed, with or without spaces; None where nothing was."""
    digits = "".join(typed.split())
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or int(digits) > MOST_PEOPLE:
        raise InvalidInput("not_a_count", field="n_subjects", shown=typed.strip())
    return int(digits)


class SecretForm(DeskForm):
    """The secret that a reporter noted."""

    secret = StringField(
        say_later("Votre référence secrète"),
        [Needed(N_("Recopiez la référence que vous avez notée."))],
        description=say_later(
            "Quatre groupes de quatre lettres et chiffres. Majuscules, espaces et tirets ne "
            "comptent pas."
        ),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class AdditionForm(DeskForm):
    """What a reporter adds to their report: words, files, or both."""

    text = TextAreaField(
        say_later("Ajouter à votre signalement"),
        [AtMost(LONGEST_MESSAGE)],
        description=say_later("Ce qui vous revient, ou la réponse à une question."),
    )
    attachments = MultipleFileField(
        say_later("Pièces"),
        description=say_later("Une capture d’écran, un courriel, une photo."),
    )


class QuestionForm(DeskForm):
    """What the case team asks a reporter."""

    text = TextAreaField(
        say_later("Votre question"),
        [Needed(N_("Écrivez votre question.")), AtMost(LONGEST_MESSAGE)],
    )
