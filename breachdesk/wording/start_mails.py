"""The mails of clocks that start, with all that will be sent, and of those called off."""

from datetime import datetime, timedelta

from breachdesk.domain.deadlines import StopReason
from breachdesk.domain.regimes import PROVISIONAL
from breachdesk.domain.reminder_mails import ClockTold, PlannedTelling
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.wording import Wording
from breachdesk.wording.clock_mail_frame import case_link, framed, paragraphs, why_you
from breachdesk.wording.clock_particulars import due_at_of, left_of, particulars, state_of
from breachdesk.wording.clock_words import said
from breachdesk.wording.labels import regime_label, role_label, stop_reason_label
from breachdesk.wording.mails import Mail
from breachdesk.wording.reminder_mails import is_late, still_open, to_do
from breachdesk.wording.times import duration, local_time


def clock_started(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """What has started, until when, and everything that will be sent."""
    rules, was_late = told.rules, is_late(told, now)
    return framed(
        words,
        told,
        _start_in_short(words, told, now),
        _start(words, told, was_late=was_late),
        _in_place_of(words, told),
        _start_to_do(words, told, was_late=was_late),
        particulars(words, told, now),
        said(rules.explanation, words) if rules and told.regime != PROVISIONAL else "",
        _plan(words, told, now),
        _kept_calendar(words, told, now),
    )


def _start_in_short(words: Wording, told: ClockTold, now: datetime) -> str:
    """Of a clock that starts, for a subject."""
    left = left_of(told, now)
    if told.regime == PROVISIONAL and not told.is_correction:
        return _new_report(words, told, left or timedelta(0))
    what = regime_label(told.regime, words)
    if left is None:
        return words.text("%(what)s, à faire sans attendre", what=what)
    if left < timedelta(0):
        return words.text(
            "nouveau délai, déjà dépassé de %(time_left)s – %(what)s",
            what=what,
            time_left=duration(left, words),
        )
    return words.text("nouveau délai – %(state)s", state=state_of(words, told, now))


def _new_report(words: Wording, told: ClockTold, left: timedelta) -> str:
    if left < timedelta(0):
        return words.text(
            "nouveau signalement à qualifier tout de suite, remarqué il y a plus de 72 heures"
        )
    return words.text(
        "nouveau signalement à qualifier avant le %(due_at)s", due_at=due_at_of(words, told)
    )


def _start(words: Wording, told: ClockTold, *, was_late: bool) -> str:
    if told.regime == PROVISIONAL and not told.is_correction:
        return words.text(
            "Un incident vient d’être signalé chez %(organisation)s. S’il s’agit d’une violation "
            "de données personnelles, les 72 heures ont peut-être déjà commencé.",
            organisation=told.organisation,
        )
    if was_late:
        return words.text(
            "Un délai vient d’être ouvert pour %(organisation)s, et son échéance est déjà passée.",
            organisation=told.organisation,
        )
    return words.text(
        "Un délai vient d’être ouvert pour %(organisation)s.", organisation=told.organisation
    )


def _start_to_do(words: Wording, told: ClockTold, *, was_late: bool) -> str:
    if told.regime == PROVISIONAL:
        return words.text("Lisez le signalement et dites si c’est une violation.")
    return still_open(words, told) if was_late else to_do(words, told)


def called_off(words: Wording, told: ClockTold) -> Mail:
    """Clocks have stopped: what calendars hold of them is called off."""
    is_no_breach = any(why is StopReason.NOT_A_BREACH for _, why in told.called_off)
    return Mail(
        words.text("%(reference)s : %(what)s", reference=told.reference, what=_ended(words, told))
        if not is_no_breach
        else words.text(
            "%(reference)s : pas une violation, les rappels cessent", reference=told.reference
        ),
        paragraphs(
            words.text("Bonjour,"),
            _no_breach(words, told) if is_no_breach else _why_ended(words, told),
            words.text(
                "Le fichier joint annule, dans votre agenda, ce que nos messages y ont mis. "
                "Ouvrez-le comme les précédents."
            ),
            case_link(words, told),
            why_you(words, told),
        ),
    )


def _ended(words: Wording, told: ClockTold) -> str:
    if len(told.called_off) == 1:
        what = regime_label(told.called_off[0][0], words)
        return words.text("délai arrêté, à retirer de votre agenda – %(what)s", what=what)
    return words.text("délais arrêtés, à retirer de votre agenda")


def _no_breach(words: Wording, told: ClockTold) -> str:
    return words.text(
        "L’incident signalé chez %(organisation)s est qualifié : ce n’est pas une "
        "violation de données personnelles. Les délais qui en dépendaient sont arrêtés.",
        organisation=told.organisation,
    )


def _why_ended(words: Wording, told: ClockTold) -> str:
    lines = [
        words.text(
            "– %(what)s. %(why)s.",
            what=regime_label(regime, words),
            why=stop_reason_label(why, words),
        )
        for regime, why in told.called_off
    ]
    return "\n".join(
        [
            words.text(
                "Ce qui suit ne court plus pour %(organisation)s, et le service ne le rappelle "
                "plus :",
                organisation=told.organisation,
            ),
            *lines,
        ]
    )


def _in_place_of(words: Wording, told: ClockTold) -> str:
    if told.is_correction:
        return words.text(
            "Il remplace celui qui courait, dont le départ a été corrigé. Le fichier joint "
            "annule le précédent."
        )
    if told.takes_over == PROVISIONAL:
        return words.text(
            "Il prend la suite du délai provisoire. Le fichier joint annule celui-ci."
        )
    if told.takes_over:
        return words.text(
            "Il prend la place d’un autre, qui s’arrête : « %(what)s ». Le fichier joint annule "
            "celui-ci.",
            what=regime_label(told.takes_over, words),
        )
    return ""


def _ahead(told: ClockTold, now: datetime) -> list[PlannedTelling]:
    """What of its plan is still to come: of a clock already late, nothing."""
    return [each for each in told.plan if each.at >= now]


def _plan(words: Wording, told: ClockTold, now: datetime) -> str:
    lines = [f"– {_planned(words, told, each)}" for each in _ahead(told, now)]
    if lines:
        lines = [words.text("Rappels prévus :"), *lines]
    if any(each.is_held for each in _ahead(told, now)):
        lines.append(
            words.text(
                "Ceux qui tombent pendant les heures calmes sont donnés à l’heure où ils "
                "partiront ; une personne d’astreinte les reçoit sans attendre."
            )
        )
    return "\n".join(
        [
            *lines,
            words.text(
                "Un rappel que personne ne confirme avoir lu est transmis plus haut, jusqu’à ce "
                "que quelqu’un confirme ou que le délai s’arrête."
            )
            + " "
            + _go_on(words, told, now),
        ]
    )


def _go_on(words: Wording, told: ClockTold, now: datetime) -> str:
    if told.due_at is None or is_late(told, now):
        return words.text("Les rappels reviennent tant que le délai court.")
    return words.text("Passé l’échéance, les rappels continuent.")


def _planned(words: Wording, told: ClockTold, each: PlannedTelling) -> str:
    roles = ", ".join(role_label(code, words) for code in each.roles)
    when = local_time(each.at, told.timezone, words)
    if each.channel is ReminderChannel.DESK:
        return words.text("%(when)s, sur ce service seulement : %(roles)s", when=when, roles=roles)
    return words.text("%(when)s : %(roles)s", when=when, roles=roles)


def _kept_calendar(words: Wording, told: ClockTold, now: datetime) -> str:
    if told.due_at is None or is_late(told, now):
        holds = words.text(
            "Le fichier joint met ce qui est à faire dans votre agenda, chaque jour pendant "
            "trente jours, avec une alarme."
        )
    elif any(each.at < told.due_at for each in _ahead(told, now)):
        holds = words.text(
            "Le fichier joint contient l’échéance et ces rappels, avec leurs alarmes."
        )
    else:
        holds = words.text("Le fichier joint contient l’échéance, avec une alarme.")
    return (
        holds
        + " "
        + words.text(
            "Ajoutez-le à votre agenda : ses alarmes y restent même si ce service n’est plus "
            "joignable. Le fichier ne se met pas à jour seul : si le délai s’arrête avant, un "
            "message vous apporte de quoi l’annuler."
        )
    )
