"""A clock in words, for mails and calendars: what is due, by which text, to whom, until when.

A deadline of the law, an authority's wish and the organisation's own target are three
things, and said so.
"""

from datetime import datetime, timedelta

from breachdesk.domain.regimes import PROVISIONAL, Binding
from breachdesk.domain.reminder_mails import ClockTold
from breachdesk.wording import N_, Wording
from breachdesk.wording.clock_words import addressee, said
from breachdesk.wording.labels import regime_label
from breachdesk.wording.times import duration, local_time

_UNTIL = {
    Binding.LAW: N_("%(what)s, avant le %(due_at)s (reste %(time_left)s)"),
    Binding.RECOMMENDED: N_("%(what)s, recommandé avant le %(due_at)s (reste %(time_left)s)"),
    Binding.TARGET: N_("%(what)s, objectif fixé au %(due_at)s (reste %(time_left)s)"),
    Binding.PRECAUTION: N_("%(what)s, par précaution avant le %(due_at)s (reste %(time_left)s)"),
}
_OVER = {
    Binding.LAW: N_("délai dépassé de %(time_left)s. %(what)s, sans attendre"),
    Binding.RECOMMENDED: N_("délai recommandé dépassé de %(time_left)s. %(what)s, sans attendre"),
    Binding.TARGET: N_("objectif dépassé de %(time_left)s. %(what)s, sans attendre"),
    Binding.PRECAUTION: N_("délai provisoire dépassé de %(time_left)s. %(what)s, sans attendre"),
}
# Before a decision is signed, nobody knows yet that it is owed.
_TO_DECIDE_UNTIL = N_("%(what)s, à décider avant le %(due_at)s (reste %(time_left)s)")
_TO_DECIDE_OVER = N_("délai dépassé de %(time_left)s. Évaluez le risque et décidez tout de suite")
_DUE = {
    Binding.LAW: N_("Échéance : %(due_at)s"),
    Binding.RECOMMENDED: N_("Délai recommandé : %(due_at)s"),
    Binding.TARGET: N_("Objectif : %(due_at)s"),
    Binding.PRECAUTION: N_("Échéance, par précaution : %(due_at)s"),
}
# What kind of a moment it is, where it is not the law's.
_NOT_LAW = {
    Binding.RECOMMENDED: N_(
        "Ce délai est recommandé par l’autorité : la loi demande d’agir sans tarder et ne donne "
        "pas de chiffre."
    ),
    Binding.TARGET: N_(
        "Ce délai est un objectif de %(organisation)s, pas un délai de la loi : elle demande "
        "d’agir dans les meilleurs délais et ne donne pas de chiffre."
    ),
    Binding.PRECAUTION: N_(
        "Par précaution : la loi fait courir les 72 heures à partir de la prise de connaissance. "
        "Nous les comptons depuis que l’incident a été remarqué."
    ),
}
_NO_FIGURE = N_(
    "Le texte ne donne pas de délai chiffré : il demande d’agir sans attendre. Nous le rappelons "
    "jusqu’à ce que ce soit fait, ou que quelqu’un dise que ce n’est pas dû."
)


def left_of(told: ClockTold, now: datetime) -> timedelta | None:
    """Time left, negative when late; None without a figure."""
    return told.due_at - now if told.due_at else None


def due_at_of(words: Wording, told: ClockTold, *, zone: bool = False) -> str:
    """The last moment, as the organisation's clocks show it; empty without a figure."""
    return local_time(told.due_at, told.timezone, words, zone=zone) if told.due_at else ""


def binding_of(told: ClockTold) -> Binding:
    """What its duration is. Where the file is gone, nothing says that it was not the law's."""
    return told.rules.binding if told.rules else Binding.LAW


def state_of(words: Wording, told: ClockTold, now: datetime) -> str:
    """What is due and when, for a subject."""
    what, left = regime_label(told.regime, words), left_of(told, now)
    if left is None:
        return _without_figure(words, told, what, now)
    is_over = left < timedelta(0)
    sentence = (_OVER if is_over else _UNTIL)[binding_of(told)]
    if told.is_to_decide:
        sentence = _TO_DECIDE_OVER if is_over else _TO_DECIDE_UNTIL
    return words.text(
        sentence,
        what=what,
        due_at=due_at_of(words, told),
        time_left=duration(left, words),
    )


def _without_figure(words: Wording, told: ClockTold, what: str, now: datetime) -> str:
    if told.started_at is None:
        return words.text("%(what)s, à faire sans attendre", what=what)
    return words.text(
        "%(what)s, à faire sans attendre, depuis %(elapsed)s",
        what=what,
        elapsed=duration(now - told.started_at, words),
    )


def in_short(words: Wording, told: ClockTold, now: datetime) -> str:
    """One of several clocks, on a line: what, until when, and how much that leaves."""
    what, left = regime_label(told.regime, words), left_of(told, now)
    if left is None:
        return _without_figure(words, told, what, now)
    until = words.text(_DUE[binding_of(told)], due_at=due_at_of(words, told, zone=True))
    how_much = (
        words.text("Dépassé de : %(time_left)s", time_left=duration(left, words))
        if left < timedelta(0)
        else words.text("Il reste : %(time_left)s", time_left=duration(left, words))
    )
    return f"{what}. {until}. {how_much}."


def particulars(words: Wording, told: ClockTold, now: datetime) -> str:
    """What, by which text, to whom, until when: one line each."""
    rules, is_provisional = told.rules, told.regime == PROVISIONAL
    lines = [
        words.text("Ce qui est attendu : dire si l’incident est une violation")
        if is_provisional
        else words.text("Ce qui est attendu : %(what)s", what=regime_label(told.regime, words))
    ]
    if rules is not None:
        lines.append(words.text("Texte : %(article)s", article=said(rules.article, words)))
        if not is_provisional:
            lines.append(words.text("Destinataire : %(name)s", name=addressee(rules, words)))
    if told.started_at is not None:
        since = local_time(told.started_at, told.timezone, words)
        lines.append(words.text("Compté depuis : %(since)s", since=since))
        if rules is not None:
            lines[-1] += f" ({said(rules.counted_from, words)})"
    return "\n".join([*lines, *_until(words, told, now)])


def _until(words: Wording, told: ClockTold, now: datetime) -> list[str]:
    left, binding = left_of(told, now), binding_of(told)
    if left is None:
        return ["", words.text(_NO_FIGURE)]
    over = words.text("Dépassé de : %(time_left)s", time_left=duration(left, words))
    ahead = words.text("Il reste : %(time_left)s", time_left=duration(left, words))
    lines = [
        words.text(_DUE[binding], due_at=due_at_of(words, told, zone=True)),
        over if left < timedelta(0) else ahead,
    ]
    if binding in _NOT_LAW:
        lines += ["", words.text(_NOT_LAW[binding], organisation=told.organisation)]
    return lines
