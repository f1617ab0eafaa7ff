"""What the mails about clocks say: started, to be done, handed on, late.

The regime, its article and its addressee are those of its file.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.regimes import GDPR_ART_33, PROVISIONAL, Binding
from breachdesk.domain.reminder_mails import ClockTold, PlannedTelling
from breachdesk.domain.reminders import ReminderChannel
from breachdesk.wording import N_, Wording
from breachdesk.wording.clock_particulars import (
    binding_of,
    due_at_of,
    left_of,
    particulars,
    state_of,
)
from breachdesk.wording.clock_words import said
from breachdesk.wording.labels import enum_label, fact_label, regime_label, role_label
from breachdesk.wording.mails import Mail
from breachdesk.wording.times import duration, local_time

# More moments than this are said as a span.
MOST_MOMENTS = 3

_RUNS = {
    Binding.LAW: N_("Une échéance court pour %(organisation)s."),
    Binding.RECOMMENDED: N_("Un délai recommandé court pour %(organisation)s."),
    Binding.TARGET: N_("%(organisation)s s’est donné un objectif, et le temps court."),
}
_RUNS_OPEN = N_("%(organisation)s doit agir sans attendre, et rien ne dit encore que c’est fait.")


def chase(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """Nobody has qualified the incident yet; late once the 72 hours are over."""
    left = left_of(told, now) or timedelta(0)
    is_late = left < timedelta(0)
    subject = _chased_late(words, left) if is_late else _chased(words, told, left)
    if told.unread is not None:
        subject = words.text("votre intervention est attendue. %(state)s", state=subject)
    return _mail(
        words,
        told,
        subject,
        _handed_on(words, told) if told.unread else "",
        _not_qualified(words, told, is_late=is_late),
        particulars(words, told, now),
    )


def _chased(words: Wording, told: ClockTold, left: timedelta) -> str:
    return words.text(
        "signalement à qualifier avant %(due_at)s (reste %(time_left)s)",
        due_at=due_at_of(words, told),
        time_left=duration(left, words),
    )


def _chased_late(words: Wording, left: timedelta) -> str:
    return words.text(
        "toujours pas qualifié, 72 heures dépassées de %(time_left)s",
        time_left=duration(left, words),
    )


def _not_qualified(words: Wording, told: ClockTold, *, is_late: bool) -> str:
    if is_late:
        return words.text(
            "Cet incident, signalé chez %(organisation)s, a été remarqué il y a plus de "
            "72 heures et personne n’a encore dit s’il est une violation de données personnelles.",
            organisation=told.organisation,
        )
    return words.text(
        "Personne n’a encore dit si cet incident, signalé chez %(organisation)s, est une "
        "violation de données personnelles. Nous comptons 72 heures, par prudence, à partir "
        "du moment où il a été remarqué.",
        organisation=told.organisation,
    )


def reminder(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """To those who work on the case: the clock runs."""
    return _mail(
        words,
        told,
        state_of(words, told, now),
        _runs(words, told),
        particulars(words, told, now),
        _what_stops_it(words, told),
    )


def escalation(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """To those who answer for it: nobody said that they had read it, or little time is left."""
    subject = words.text(
        "votre intervention est attendue. %(state)s", state=state_of(words, told, now)
    )
    return _mail(
        words,
        told,
        subject,
        _handed_on(words, told),
        particulars(words, told, now),
        _better_in_time(words, told, now),
    )


def late(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """The moment is past: it is owed all the same, with the reasons for the delay."""
    return _mail(
        words,
        told,
        state_of(words, told, now),
        _handed_on(words, told) if told.unread else "",
        _still_owed(words, told),
        particulars(words, told, now),
    )


def clock_started(words: Wording, told: ClockTold, now: datetime) -> Mail:
    """What has started, until when, and everything that will be sent."""
    subject = words.text(
        "une horloge démarre. %(state)s",
        state=regime_label(told.regime, words)
        if told.regime == PROVISIONAL
        else state_of(words, told, now),
    )
    rules = told.rules
    return _mail(
        words,
        told,
        subject,
        words.text(
            "Une horloge vient de démarrer chez %(organisation)s.", organisation=told.organisation
        ),
        _in_place_of(words, told),
        particulars(words, told, now),
        said(rules.explanation, words) if rules else "",
        _plan(words, told),
        _kept_calendar(words),
    )


# --- What surrounds it -------------------------------------------------------------------------


def _in_place_of(words: Wording, told: ClockTold) -> str:
    if told.is_correction:
        return words.text(
            "Elle remplace celle qui courait, dont le départ a été corrigé. Le fichier joint "
            "annule la précédente."
        )
    if told.takes_over:
        return words.text(
            "Elle prend la suite de l’horloge provisoire. Le fichier joint annule celle-ci."
        )
    return ""


def _runs(words: Wording, told: ClockTold) -> str:
    sentence = _RUNS_OPEN if told.due_at is None else _RUNS[binding_of(told)]
    return words.text(sentence, organisation=told.organisation)


def _what_stops_it(words: Wording, told: ClockTold) -> str:
    if told.regime != GDPR_ART_33:
        return words.text(
            "Quand c’est fait, ou si ce n’est pas dû, dites-le dans le dossier : les rappels "
            "cessent."
        )
    return words.text(
        "L’horloge s’arrête quand la notification est enregistrée dans le dossier, ou quand la "
        "décision de ne pas notifier y est signée."
    )


def _better_in_time(words: Wording, told: ClockTold, now: datetime) -> str:
    left = left_of(told, now)
    if told.regime != GDPR_ART_33 or left is None or left < timedelta(0):
        return ""
    return words.text(
        "Une notification incomplète, envoyée à temps, vaut mieux qu’une notification "
        "complète en retard : le reste peut suivre (RGPD, art. 33(4))."
    )


def _still_owed(words: Wording, told: ClockTold) -> str:
    if told.regime == GDPR_ART_33:
        return words.text(
            "La notification n’est pas enregistrée et son délai est passé. Elle reste due ; elle "
            "doit dire les motifs du retard (RGPD, art. 33(1))."
        )
    if binding_of(told) is Binding.LAW:
        return words.text("Le délai est passé et rien ne dit que c’est fait. Cela reste dû.")
    return words.text(
        "Le moment prévu est passé et rien ne dit que c’est fait. Notez dans le dossier pourquoi "
        "vous attendez, si vous attendez."
    )


def _handed_on(words: Wording, told: ClockTold) -> str:
    """Why this comes to somebody further up."""
    if told.unread is None:
        return words.text(
            "Une échéance court pour %(organisation)s, et vous pouvez débloquer la situation.",
            organisation=told.organisation,
        )
    return words.text(
        "Personne n’a confirmé la lecture du rappel envoyé le %(when)s : il vous est transmis.",
        when=local_time(told.unread, told.timezone, words),
    )


# --- The plan of a clock that starts ---------------------------------------------------------


def _plan(words: Wording, told: ClockTold) -> str:
    if not told.plan:
        return ""
    lines = [f"– {_planned(words, told, each)}" for each in told.plan]
    return "\n".join(
        [
            words.text("Rappels prévus :"),
            *lines,
            words.text(
                "Un rappel que personne ne confirme avoir lu est transmis plus haut, jusqu’à ce "
                "que quelqu’un confirme ou que l’horloge s’arrête."
            )
            + " "
            + _go_on(words, told),
        ]
    )


def _go_on(words: Wording, told: ClockTold) -> str:
    if told.due_at is None:
        return words.text("Les rappels reviennent tant que l’horloge court.")
    return words.text("Passé le délai, les rappels continuent.")


def _planned(words: Wording, told: ClockTold, each: PlannedTelling) -> str:
    roles = ", ".join(role_label(code, words) for code in each.roles)
    when = local_time(each.at, told.timezone, words)
    if each.channel is ReminderChannel.DESK:
        return words.text("%(when)s, sur le bureau seulement : %(roles)s", when=when, roles=roles)
    return words.text("%(when)s : %(roles)s", when=when, roles=roles)


def _kept_calendar(words: Wording) -> str:
    return words.text(
        "Le fichier joint contient l’échéance et ces rappels, avec leurs alarmes. Ouvrez-le pour "
        "les mettre dans votre agenda : il sonnera même si ce bureau n’est plus joignable. Il ne "
        "se met pas à jour seul : si l’horloge s’arrête, retirez-en ces lignes."
    )


# --- What every one of them says -------------------------------------------------------------


def _mail(words: Wording, told: ClockTold, subject: str, *paragraphs: str) -> Mail:
    parts = (
        words.text("Bonjour,"),
        *paragraphs,
        _missed(words, told),
        _missing(words, told),
        "\n".join((words.text("Ouvrir le dossier, après connexion :"), told.link)),
        _acknowledgement(words, told),
        _why_you(words, told),
    )
    subject = words.text("%(reference)s : %(what)s", reference=told.reference, what=subject)
    return Mail(subject, "\n\n".join(part for part in parts if part))


def _missed(words: Wording, told: ClockTold) -> str:
    """What an outage of ours swallowed: one sentence for all of it."""
    if not told.missed:
        return ""
    return words.plural(
        "Un rappel prévu le %(when)s n’a pas pu partir, faute de service. Ce message le remplace.",
        "%(n)s rappels prévus %(when)s n’ont pas pu partir, faute de service. Ce message les "
        "remplace.",
        len(told.missed),
        when=_moments(words, sorted(told.missed), told.timezone),
    )


def _moments(words: Wording, moments: list[datetime], timezone: str) -> str:
    said = [local_time(moment, timezone, words) for moment in moments]
    if len(said) == 1:
        return said[0]
    if len(said) > MOST_MOMENTS:
        return words.text("entre le %(first)s et le %(last)s", first=said[0], last=said[-1])
    *before, last = [words.text("le %(day)s", day=day) for day in said]
    return words.text("%(days)s et %(last)s", days=", ".join(before), last=last)


def _missing(words: Wording, told: ClockTold) -> str:
    lines = []
    if told.next_step is not NextStep.NOTHING:
        step = enum_label(told.next_step, words)
        lines.append(words.text("Prochaine étape du dossier : %(step)s.", step=step))
    if told.missing:
        lines.append(words.text("Ce que l’on ne sait pas encore :"))
        lines += [f"– {fact_label(key, words)}" for key in told.missing]
    return "\n".join(lines)


def _acknowledgement(words: Wording, told: ClockTold) -> str:
    if not told.acknowledge_link or told.acknowledge_until is None:
        return ""
    until = local_time(told.acknowledge_until, told.timezone, words)
    return "\n".join(
        (
            words.text("Confirmer que vous avez lu ce rappel, sans vous connecter :"),
            told.acknowledge_link,
            words.text(
                "La page qui s’ouvre porte un seul bouton. Il dit à l’équipe que cette échéance "
                "est connue : le rappel n’est plus transmis plus haut. Il n’arrête pas le délai, "
                "et les rappels prévus continuent. Ce lien est personnel ; il sert jusqu’au "
                "%(until)s.",
                until=until,
            ),
        )
    )


def _why_you(words: Wording, told: ClockTold) -> str:
    lines = [
        words.text(
            "Ce message automatique ne contient aucun détail : ils se lisent une fois connecté."
        ),
        *_standing(words, told),
    ]
    return " ".join(lines)


def _standing(words: Wording, told: ClockTold) -> Iterable[str]:
    if told.roles:
        roles = ", ".join(role_label(code, words) for code in told.roles)
        yield words.plural(
            "Vous le recevez pour ce rôle chez %(organisation)s : %(roles)s.",
            "Vous le recevez pour ces rôles chez %(organisation)s : %(roles)s.",
            len(told.roles),
            roles=roles,
            organisation=told.organisation,
        )
    else:
        yield words.text(
            "Il vous parvient en raison de votre rôle auprès de %(organisation)s.",
            organisation=told.organisation,
        )
    if told.stands_in:
        yield words.text(
            "Ce rôle, ou l’un d’eux, vous échoit : vous remplacez une personne absente, vous êtes "
            "d’astreinte, ou personne d’autre ne le tient."
        )
