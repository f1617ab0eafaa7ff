"""The form of a reminder plan: a line for each reminder, and what the others wait for.

A line without hours counts for nothing, whatever else it says: that is how one is taken away,
and the empty ones at the end are how one is added. Hours may have a part: "1,5".
"""

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from breachdesk.domain.access import Role
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.public_holidays import (
    ALSACE_MOSELLE,
    FRANCE,
    GUADELOUPE,
    GUYANE,
    LA_REUNION,
    MARTINIQUE,
    MAYOTTE,
    NONE,
)
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.reminder_plans import (
    MOST_NOTICES,
    PACES,
    PlannedNotice,
    ReminderPlan,
)
from breachdesk.domain.reminders import LINE, ReminderChannel
from breachdesk.web.forms import DeskForm, choices, faults_on
from breachdesk.web.language import labels, say, say_later, wording
from breachdesk.wording import N_
from breachdesk.wording.errors import error_sentence

# The two lists of a plan, and what a line of each is called.
LISTS: Mapping[str, str] = {
    "notices": N_("Rappel %(number)s"),
    "chase": N_("Relance %(number)s"),
}
PARTS: Mapping[str, str] = {
    "before": N_("%(line)s : heures avant l’échéance"),
    "roles": N_("%(line)s : pour qui"),
    "channel": N_("%(line)s : par quelle voie"),
}
EMPTY_LINES = 2
# What becomes of what is planned on the clocks that run.
FOLLOW, KEEP = "follow", "keep"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

PACE_LABELS: Mapping[str, str] = {
    "escalate_after": N_("Heures sans réponse avant de monter d’un rang"),
    "escalate_after_when_near": N_("Les mêmes, près de l’échéance"),
    "near": N_("Près de l’échéance : à combien d’heures d’elle"),
    "late_every": N_("En retard : heures entre deux rappels"),
    "open_ended_every": N_("Sans échéance chiffrée : heures entre deux rappels"),
    "quiet_yields": N_("Heures avant l’échéance, à partir d’où plus rien n’est retenu"),
}


class PlanForm(DeskForm):
    """A plan of reminders; the lines of its two lists are fields that `plan_form` adds."""

    def lines(self, name: str) -> list[tuple[Any, Any, Any]]:
        """The fields of each line of a list: hours, roles, channel."""
        found: list[tuple[Any, Any, Any]] = []
        while f"{name}_{len(found)}_before" in self:
            before, roles, channel = (self[f"{name}_{len(found)}_{part}"] for part in PARTS)
            found.append((before, roles, channel))
        return found

    def filled_lines(self, name: str) -> list[tuple[Any, Any, Any]]:
        """The lines of a list that count."""
        return [line for line in self.lines(name) if (line[0].data or "").strip()]

    def empty_lines(self, name: str) -> list[tuple[Any, Any, Any]]:
        """Those to add one by: they have no hours."""
        return [line for line in self.lines(name) if not (line[0].data or "").strip()]

    def has_faults_in(self, name: str) -> bool:
        """Whether something is to mend in a list: it is then shown open."""
        return any(field.errors for line in self.lines(name) for field in line)

    def plan(self) -> ReminderPlan | None:
        """The plan that was typed; None where it cannot be one, said beside the fields."""
        notices = {name: tuple(self._notices(name)) for name in LISTS}
        paces = {name: self._pace(name) for name in PACES}
        night = {name: self._time(self[name]) for name in ("starts", "ends")}
        if self.errors:
            return None
        quiet = QuietHours(
            night["starts"],
            night["ends"],
            weekends=bool(self.weekends.data),
            holidays=self.holidays.data or NONE,
        )
        with faults_on(self):
            return ReminderPlan(**notices, **paces, quiet=quiet)  # type: ignore[arg-type]
        return None

    @property
    def replans(self) -> bool:
        """Whether the clocks that run are to follow the plan that was typed."""
        return bool(self.running.data != KEEP)

    def _notices(self, name: str) -> Iterator[PlannedNotice]:
        seen: set[timedelta] = set()
        for before, roles, channel in self.lines(name):
            if not (before.data or "").strip():
                continue
            length = self._hours(before)
            if length is None:
                continue
            held = tuple(role for role in LINE if role.value in (roles.data or ()))
            if not held:
                roles.errors = [*roles.errors, say("Cochez au moins un rôle.")]
            if length in seen:
                before.errors = [*before.errors, say("Un autre rappel a déjà cette heure.")]
            seen.add(length)
            if channel.data not in set(ReminderChannel):
                channel.errors = [*channel.errors, say("Choisissez une réponse.")]
                continue
            yield PlannedNotice(length, held, ReminderChannel(channel.data))

    def _pace(self, name: str) -> timedelta | None:
        """One of the paces, within its bounds: every fault is told at once."""
        length, (least, most) = self._hours(self[name]), PACES[name]
        if length is not None and not least <= length <= most:
            with faults_on(self):
                raise InvalidInput("plan_pace_out_of_range", field=name, least=least, most=most)
        return length

    @staticmethod
    def _hours(field: Any) -> timedelta | None:
        """The length typed in hours, to the minute; None with a fault beside the field."""
        typed = (field.data or "").strip().replace(",", ".")
        try:
            return round(float(typed) * HOUR / MINUTE) * MINUTE
        except (ValueError, OverflowError):
            fault = InvalidInput("not_hours", shown=field.data or "")
            field.errors = [*field.errors, error_sentence(fault, wording())]
            return None

    @staticmethod
    def _time(field: Any) -> time:
        try:
            return time.fromisoformat((field.data or "").strip())
        except ValueError:
            fault = InvalidInput("not_a_time_of_day", shown=field.data or "")
            field.errors = [*field.errors, error_sentence(fault, wording())]
            return time()


def plan_form(plan: ReminderPlan, sent: Mapping[str, Any] | None = None) -> PlanForm:
    """The form of a plan, with empty lines to add to; as many lines as were sent, if it was."""
    fields: dict[str, Any] = {}
    for name in LISTS:
        lines = len(getattr(plan, name)) + EMPTY_LINES
        if sent is not None:
            lines = _lines_sent(name, sent)
        for number in range(min(lines, MOST_NOTICES + EMPTY_LINES)):
            fields |= _line_fields(name, number)
    fields |= {name: _hours_field(label) for name, label in PACE_LABELS.items()}
    fields |= {
        "starts": _time_field(N_("La nuit calme commence à")),
        "ends": _time_field(N_("Elle finit à")),
        "weekends": BooleanField(say_later("Le samedi et le dimanche sont calmes")),
        "holidays": SelectField(
            say_later("Jours fériés calmes"), choices=_holiday_choices(), validate_choice=False
        ),
        "running": RadioField(
            say_later("Que deviennent leurs rappels à venir ?"),
            choices=choices(
                (FOLLOW, say_later("Les refaire d’après ce plan")),
                (KEEP, say_later("Les laisser comme ils sont prévus")),
            ),
            default=FOLLOW,
            validate_choice=False,
        ),
    }
    made: PlanForm = type("FormOfPlan", (PlanForm,), fields)(data=_shown(plan))
    return made


def _lines_sent(name: str, sent: Mapping[str, Any]) -> int:
    number = 0
    while f"{name}_{number}_before" in sent and number < MOST_NOTICES + EMPTY_LINES:
        number += 1
    return number


def _line_fields(name: str, number: int) -> dict[str, Any]:
    line = say_later(LISTS[name], number=number + 1)
    label = {part: say_later(said, line=line) for part, said in PARTS.items()}
    return {
        f"{name}_{number}_before": StringField(
            label["before"], render_kw={"class": "short", "inputmode": "decimal", "size": "6"}
        ),
        f"{name}_{number}_roles": SelectMultipleField(
            label["roles"],
            choices=choices(*((role.value, _role_label(role)) for role in LINE)),
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            # What is not offered is refused in our words.
            validate_choice=False,
        ),
        f"{name}_{number}_channel": SelectField(
            label["channel"],
            choices=choices(
                *(
                    (each.value, say_later(labels.LABELS[ReminderChannel][each]))
                    for each in ReminderChannel
                )
            ),
            default=ReminderChannel.MAIL.value,
            validate_choice=False,
        ),
    }


def _role_label(role: Role) -> object:
    # Four of them stand side by side on each line.
    return say_later("DPO") if role is Role.DPO else say_later(labels.LABELS[Role][role])


def _hours_field(label: str) -> StringField:
    return StringField(
        say_later(label), render_kw={"class": "short", "inputmode": "decimal", "size": "6"}
    )


def _time_field(label: str) -> StringField:
    return StringField(say_later(label), widget=TimeInput())


def _holiday_choices() -> Any:
    return choices(
        (NONE, say_later("Aucun")),
        (FRANCE, say_later("France")),
        (ALSACE_MOSELLE, say_later("France, Alsace-Moselle")),
        (GUADELOUPE, say_later("France, Guadeloupe")),
        (MARTINIQUE, say_later("France, Martinique")),
        (GUYANE, say_later("France, Guyane")),
        (LA_REUNION, say_later("France, La Réunion")),
        (MAYOTTE, say_later("France, Mayotte")),
    )


def _shown(plan: ReminderPlan) -> dict[str, Any]:
    """What the fields show of a plan."""
    shown: dict[str, Any] = {name: hours_text(getattr(plan, name)) for name in PACES}
    for name in LISTS:
        for number, notice in enumerate(getattr(plan, name)):
            shown[f"{name}_{number}_before"] = hours_text(notice.before)
            shown[f"{name}_{number}_roles"] = [role.value for role in notice.roles]
            shown[f"{name}_{number}_channel"] = notice.channel.value
    return shown | {
        "starts": f"{plan.quiet.starts:%H:%M}",
        "ends": f"{plan.quiet.ends:%H:%M}",
        "weekends": plan.quiet.weekends,
        "holidays": plan.quiet.holidays,
    }


def hours_text(length: timedelta) -> str:
    """A length in hours as one types it: "48", "1,5" or in English "1.5"."""
    text = f"{length / HOUR:.2f}".rstrip("0").rstrip(".")
    return text if wording().locale == "en" else text.replace(".", ",")
