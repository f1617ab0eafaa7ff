"""The forms of the advice and of the decision, filled as the verdict and the advice say."""

from collections.abc import Mapping

from wtforms import HiddenField, RadioField, TextAreaField

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.lifecycle import Communicate
from breachdesk.models import Advice
from breachdesk.services.decisions import duties_of_our_own, is_for_controllers
from breachdesk.web.forms import AtMost, DeskForm, choices
from breachdesk.web.language import say_later

LONGEST_REASON = 10_000
NOTIFY_CHOICES = (
    ("yes", say_later("Oui, notifier la CNIL")),
    ("no", say_later("Non, ne pas notifier")),
)
COMMUNICATE_CHOICES = (
    (Communicate.OWED.value, say_later("Oui : la loi l’exige (RGPD, art. 34)")),
    (Communicate.VOLUNTARY.value, say_later("Oui, de plein gré, sans que la loi l’exige")),
    (Communicate.NONE.value, say_later("Non, ne pas les informer")),
)
AS_ADVISED = ("", say_later("Comme l’avis"))

Choice = tuple[bool, Communicate]


class AdviceForm(DeskForm):
    """What is advised on one assessment."""

    assessment_id = HiddenField()
    notify = RadioField(
        say_later("Faut-il notifier la CNIL ?"),
        choices=choices(*NOTIFY_CHOICES),
        validate_choice=False,
    )
    communicate = RadioField(
        say_later("Faut-il informer les personnes concernées ?"),
        choices=choices(*COMMUNICATE_CHOICES),
        validate_choice=False,
    )
    reason = TextAreaField(
        say_later("Votre raison"),
        [AtMost(LONGEST_REASON)],
        description=say_later(
            "À donner si vous vous écartez de l’évaluation ; utile dans tous les cas."
        ),
    )

    def suggest(self, result: Mapping[str, object]) -> None:
        """Choose what the verdict says; in doubt, the most cautious: to notify, to tell people."""
        notify, communicate = duties_of_our_own(result)
        self.notify.data = "no" if notify == "no" else "yes"
        self.communicate.data = _suggested_communication(result, communicate).value

    def choice(self) -> Choice:
        """What was chosen.

        Raises:
            InvalidInput: no choice, with the field.
        """
        return _notify(self.notify.data), _communicate(self.communicate.data)


def _suggested_communication(result: Mapping[str, object], communicate: str) -> Communicate:
    if is_for_controllers(result):
        return Communicate.NONE
    if communicate in ("yes", "depends"):
        # As long as nothing says that the law does not demand it, nobody is led to sign so.
        return Communicate.OWED
    is_wise = bool(result["communication_advised_anyway"])
    return Communicate.VOLUNTARY if is_wise else Communicate.NONE


class DecisionForm(DeskForm):
    """Sign as advised, or otherwise with the reason."""

    advice_id = HiddenField()
    agreement = RadioField(
        say_later("Votre décision"),
        choices=choices(
            ("agree", say_later("Je suis l’avis")),
            ("depart", say_later("Je décide autrement")),
        ),
        default="agree",
        validate_choice=False,
    )
    notify = RadioField(
        say_later("Si vous décidez autrement : notifier la CNIL ?"),
        choices=choices(AS_ADVISED, *NOTIFY_CHOICES),
        default="",
        validate_choice=False,
    )
    communicate = RadioField(
        say_later("Si vous décidez autrement : informer les personnes ?"),
        choices=choices(AS_ADVISED, *COMMUNICATE_CHOICES),
        default="",
        validate_choice=False,
    )
    reason = TextAreaField(
        say_later("Votre raison"),
        [AtMost(LONGEST_REASON)],
        description=say_later("À donner si vous décidez autrement que l’avis."),
    )

    def choice(self, advice: Advice) -> Choice:
        """What is to be signed.

        Raises:
            InvalidInput: the two answers contradict each other, with the field to mend.
        """
        advised = advice.notify, Communicate(advice.communicate)
        chosen = (
            _notify(self.notify.data) if self.notify.data else advised[0],
            _communicate(self.communicate.data) if self.communicate.data else advised[1],
        )
        if self.agreement.data == "agree":
            if chosen != advised:
                raise InvalidInput("agrees_and_departs", field="agreement")
            return advised
        if self.agreement.data != "depart":
            raise InvalidInput("choice_missing", field="agreement")
        if chosen == advised:
            raise InvalidInput("departs_in_nothing", field="agreement")
        return chosen


def _notify(code: str | None) -> bool:
    if code not in ("yes", "no"):
        raise InvalidInput("choice_missing", field="notify")
    return code == "yes"


def _communicate(code: str | None) -> Communicate:
    try:
        return Communicate(code or "")
    except ValueError:
        raise InvalidInput("choice_missing", field="communicate") from None


def hidden_id(text: str | None) -> int:
    """The id that a hidden field carries; 0, which nothing has, where it was tampered with."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
