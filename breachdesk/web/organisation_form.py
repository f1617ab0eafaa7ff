"""What is asked of an organisation: when it is set up, and on its own page afterwards."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import EmailInput

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.organisation_details import (
    FRENCH_ZONES,
    OTHER_EUROPEAN_ZONES,
    checked_detail,
)
from breachdesk.web.forms import AtMost, DeskForm, Needed
from breachdesk.web.language import say, say_later, wording
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence
from breachdesk.wording.organisation import zone_label

USUAL_ZONE = FRENCH_ZONES[0]


class _Checked:
    """Refuse what the domain refuses of this detail, so that all faults are told at once."""

    def __call__(self, form: Any, field: Any) -> None:
        try:
            checked_detail(field.name, field.data or "")
        except InvalidInput as fault:
            raise ValidationError(error_sentence(fault, wording())) from None


def zone_choices() -> list[SelectChoice]:
    """The zones in two groups, by name; first the one that nearly everybody lives by."""
    return [
        SelectChoice(USUAL_ZONE, zone_label(USUAL_ZONE, wording())),
        *_zone_group(say("Outre-mer"), FRENCH_ZONES[1:]),
        *_zone_group(say("Ailleurs en Europe"), OTHER_EUROPEAN_ZONES),
    ]


def _zone_group(name: str, zones: tuple[str, ...]) -> list[SelectChoice]:
    labels = sorted((zone_label(zone, wording()), zone) for zone in zones)
    return [SelectChoice(zone, label, optgroup=name) for label, zone in labels]


class OrganisationForm(DeskForm):
    """An organisation. `code` is asked once: every reference begins with it."""

    name = StringField(
        say_later("Nom de l’organisation"),
        [Needed(N_("Indiquez le nom de l’organisation.")), AtMost(200)],
        render_kw={"autocomplete": "organization"},
    )
    code = StringField(
        say_later("Sigle"),
        [Needed(N_("Choisissez un sigle de 2 à 6 lettres, comme GIR."))],
        description=say_later(
            "De 2 à 6 lettres, sans accent. Il ouvre chaque référence, comme GIR-2026-0007, et ne "
            "change plus."
        ),
        render_kw={"class": "code short"},
    )
    siren = StringField(say_later("Numéro SIREN"), [AtMost(20), _Checked()])
    vat_number = StringField(say_later("Numéro de TVA intracommunautaire"), [AtMost(30)])
    sector = StringField(say_later("Secteur d’activité"), [AtMost(200)])
    headcount = StringField(say_later("Nombre de salariés"), [AtMost(40)])
    address = TextAreaField(say_later("Adresse postale"), [AtMost(2000)])
    country = StringField(say_later("Pays"), [AtMost(80)], default="France")
    timezone = SelectField(
        say_later("Fuseau horaire"),
        choices=zone_choices,
        default=USUAL_ZONE,
        # An unknown zone is refused by the domain, in our words.
        validate_choice=False,
        description=say_later("Les heures de chaque page et de chaque message sont dites ainsi."),
    )
    legal_representative = StringField(say_later("Représentant légal"), [AtMost(200)])
    contact_name = StringField(
        say_later("Personne à contacter au sujet des données"),
        [AtMost(200)],
        description=say_later("Le délégué à la protection des données, ou qui répond à sa place."),
    )
    contact_function = StringField(say_later("Sa fonction"), [AtMost(200)])
    contact_email = StringField(
        say_later("Son adresse électronique"), [AtMost(254), _Checked()], widget=EmailInput()
    )
    contact_phone = StringField(say_later("Son téléphone"), [AtMost(40)])
