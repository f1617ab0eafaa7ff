"""What the reminders of clocks say: to be done, handed on, late.

The regime, its article and its addressee are those of its file. Before a decision is signed
nothing is said to be owed: the mail asks to assess and to decide.
"""

from datetime import datetime, timedelta

from breachdesk.domain.regimes import (
    GDPR_ART_33,
    INSURANCE_COMPLAINT,
    PROVISIONAL,
    Binding,
    StopEvent,
)
from breachdesk.domain.reminder_mails import ClockTold
from breachdesk.wording import N_, Wording
from breachdesk.wording.clock_mail_frame import framed
from breachdesk.wording.clock_particulars import (
    binding_of,
    due_at_of,
    in_short,
    left_of,
    particulars,
    state_of,
)
from breachdesk.wording.labels import regime_label
from breachdesk.wording.mails import Mail
from breachdesk.wording.times import duration, local_time

_RUNS = {
    Binding.LAW: N_("Un délai de la loi court pour %(organisation)s."),
    Binding.RECOMMENDED: N_("Un délai recommandé court pour %(organisation)s."),
    Binding.TARGET: N_("Un objectif de %(organisation)s court."),
    Binding.PRECAUTION: N_("Un délai compté par précaution court pour %(organisation)s."),
}
_STOPS_WITH_FILING = N_(
    "Quand c’est fait, enregistrez le dépôt dans le dossier. Si ce n’est pas dû, dites-le parmi "
    "ses délais. Dans les deux cas, les rappels cessent."
)
_STOPS_WHEN_SAID = N_(
    "Quand c’est fait, ou si ce n’est pas dû, dites-le parmi les délais du dossier : les rappels "
    "cessent."
)
_FILED = frozenset({StopEvent.FILED, StopEvent.FOLLOW_UP_FILED})
_RUNS_OPEN = N_("%(organisation)s doit agir sans attendre, et rien ne dit encore que c’est fait.")


def chase(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """Nobody has qualified the incident yet; late once the 72 hours are over."""
    subject = _to_qualify(words, told, now)
    if told.unread is not None:
        subject = words.text("votre intervention est attendue – %(state)s", state=subject)
    return framed(
        words,
        told,
        subject,
        _handed_on(words, told),
        _not_qualified(words, told, was_late=is_late(told, now)),
        particulars(words, told, now),
    )


def is_late(told: ClockTold, now: datetime) -> bool:
    """Whether its moment is past."""
    left = left_of(told, now)
    return left is not None and left < timedelta(0)


def _to_qualify(words: Wording, told: ClockTold, now: datetime) -> str:
    left = left_of(told, now) or timedelta(0)
    if is_late(told, now):
        return words.text(
            "toujours pas qualifié, 72 heures dépassées de %(time_left)s",
            time_left=duration(left, words),
        )
    return words.text(
        "signalement à qualifier avant le %(due_at)s (reste %(time_left)s)",
        due_at=due_at_of(words, told),
        time_left=duration(left, words),
    )


def _not_qualified(words: Wording, told: ClockTold, *, was_late: bool) -> str:
    if was_late:
        return words.text(
            "Cet incident, signalé chez %(organisation)s, a été remarqué il y a plus de "
            "72 heures et personne n’a encore dit s’il est une violation de données "
            "personnelles. Qualifiez-le tout de suite.",
            organisation=told.organisation,
        )
    return words.text(
        "Personne n’a encore dit si cet incident, signalé chez %(organisation)s, est une "
        "violation de données personnelles.",
        organisation=told.organisation,
    )


def reminder(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """To those who work on the case: the clock runs. The same, gone up, where nobody answered."""
    subject = state_of(words, told, now)
    if told.unread is not None:
        subject = words.text("votre intervention est attendue – %(state)s", state=subject)
    return framed(
        words,
        told,
        subject,
        _handed_on(words, told),
        _runs(words, told),
        to_do(words, told),
        particulars(words, told, now),
        _better_in_time(words, told, now) if told.unread is not None else "",
        _what_stops_it(words, told),
    )


def late(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """The moment is past: what is left to decide or to do, and that it takes reasons."""
    return framed(
        words,
        told,
        state_of(words, told, now),
        _handed_on(words, told),
        still_open(words, told),
        particulars(words, told, now),
    )


def several(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """After an outage of ours: all the clocks of a case that one mail tells of."""
    all_of_them = (told, *told.others)
    return framed(
        words,
        told,
        words.plural(
            "%(n)s délai à suivre",
            "%(n)s délais à suivre, rappels manqués pendant une interruption",
            len(all_of_them),
        ),
        words.text(
            "Voici où en sont ces délais pour %(organisation)s.", organisation=told.organisation
        ),
        "\n".join(f"– {in_short(words, each, now)}" for each in all_of_them),
        *(_left_to_do(words, each, now) for each in all_of_them),
    )


def _left_to_do(words: Wording, told: ClockTold, now: datetime) -> str:
    to_say = left_to_do(words, told, now)
    if told.regime == PROVISIONAL or not to_say:
        return to_say
    what = regime_label(told.regime, words)
    return words.text("%(what)s. %(to_do)s", what=what, to_do=to_say)


def left_to_do(words: Wording, told: ClockTold, now: datetime) -> str:
    """What a clock waits for, in time or late; empty where its name says it all."""
    if told.regime == PROVISIONAL:
        return _not_qualified(words, told, was_late=is_late(told, now))
    return still_open(words, told) if is_late(told, now) else to_do(words, told)


# --- What surrounds it -------------------------------------------------------------------------


def _runs(words: Wording, told: ClockTold) -> str:
    sentence = _RUNS_OPEN if told.due_at is None else _RUNS[binding_of(told)]
    return words.text(sentence, organisation=told.organisation)


def to_do(words: Wording, told: ClockTold) -> str:
    """Of the notification under Art. 33, in time: what the case asks for."""
    if told.regime != GDPR_ART_33:
        return ""
    if told.is_to_decide:
        return words.text(
            "Rien n’est encore décidé. Évaluez le risque et décidez tout de suite : la "
            "notification est due, sauf si un risque est improbable."
        )
    return words.text("La décision de notifier est signée. Notifiez maintenant.")


def still_open(words: Wording, told: ClockTold) -> str:
    """What is left to decide or to do once the moment is past."""
    if told.regime == GDPR_ART_33 and told.is_to_decide:
        return words.text(
            "L’échéance est passée et rien n’est encore décidé. Évaluez le risque et décidez tout "
            "de suite : la notification est due, sauf si un risque est improbable. Si elle est "
            "faite, elle devra dire les motifs du retard (RGPD, art. 33(1))."
        )
    if told.regime == GDPR_ART_33:
        return words.text(
            "La décision de notifier est signée, l’échéance est passée et aucun dépôt n’est "
            "enregistré. Notifiez maintenant, avec les motifs du retard (RGPD, art. 33(1))."
        )
    if told.regime == INSURANCE_COMPLAINT:
        return words.text(
            "L’échéance est passée et rien ne dit que c’est fait. Portez plainte sans attendre et "
            "prévenez l’assureur : la garantie peut être perdue."
        )
    if binding_of(told) is Binding.LAW:
        return words.text("L’échéance est passée et rien ne dit que c’est fait. Cela reste dû.")
    return words.text(
        "Le moment prévu est passé et rien ne dit que c’est fait. Notez dans le dossier pourquoi "
        "vous attendez, si vous attendez."
    )


def _what_stops_it(words: Wording, told: ClockTold) -> str:
    if told.regime != GDPR_ART_33:
        is_filed = told.rules is not None and told.rules.stops_with in _FILED
        return words.text(_STOPS_WITH_FILING if is_filed else _STOPS_WHEN_SAID)
    return words.text(
        "Les rappels cessent quand la notification est enregistrée dans le dossier, ou quand la "
        "décision de ne pas notifier y est signée."
    )


def _better_in_time(words: Wording, told: ClockTold, now: datetime) -> str:
    if told.regime != GDPR_ART_33 or left_of(told, now) is None or is_late(told, now):
        return ""
    return words.text(
        "Une notification incomplète, envoyée à temps, vaut mieux qu’une notification "
        "complète en retard : le reste peut suivre (RGPD, art. 33(4))."
    )


def _handed_on(words: Wording, told: ClockTold) -> str:
    """Why this comes to somebody further up; empty where it has not gone up."""
    if told.unread is None:
        return ""
    return words.text(
        "Personne n’a confirmé la lecture du message envoyé le %(when)s : ce rappel vous est "
        "transmis. Vous pouvez agir.",
        when=local_time(told.unread, told.timezone, words),
    )
