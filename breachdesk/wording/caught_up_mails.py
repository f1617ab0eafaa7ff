"""What one mail says after an outage of ours: every clock of every case that was missed.

To be read on a telephone, at night: the subject says how much and how soon, and what is due
first stands first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.reminder_mails import ClockTold
from breachdesk.wording import Wording
from breachdesk.wording.clock_mail_frame import (
    acknowledgement,
    missed,
    moments_in_words,
    paragraphs,
    why_you,
)
from breachdesk.wording.clock_particulars import in_short, left_of
from breachdesk.wording.labels import enum_label, fact_label
from breachdesk.wording.mails import Mail
from breachdesk.wording.reminder_mails import is_late, left_to_do
from breachdesk.wording.times import duration, number

# Of so many cases all is said that is to be done and not known yet; of the others where they are.
MOST_IN_FULL = 20


def caught_up(words: Wording, cases: Sequence[ClockTold], now: datetime) -> Mail:
    """The mail about several cases, in the order given; the first one carries the link."""
    first = cases[0]
    clocks = [each for case in cases for each in (case, *case.others)]
    whole = replace(
        first,
        roles=tuple(dict.fromkeys(role for case in cases for role in case.roles)),
        stands_in=any(case.stands_in for case in cases),
    )
    subject = words.text(
        "%(organisation)s : %(what)s",
        organisation=first.organisation,
        what=_how_much(words, cases, clocks, now),
    )
    moments = sorted(moment for clock in clocks for moment in clock.missed)
    return Mail(
        subject,
        paragraphs(
            words.text("Bonjour,"),
            _opening(words, cases, clocks, now),
            missed(words, moments, first.timezone),
            *(_case(words, each, now, in_full=True) for each in cases[:MOST_IN_FULL]),
            _from_here_in_short(words, cases),
            *(_case(words, each, now, in_full=False) for each in cases[MOST_IN_FULL:]),
            acknowledgement(words, whole),
            why_you(words, whole),
        ),
    )


def _how_much(
    words: Wording, cases: Sequence[ClockTold], clocks: Sequence[ClockTold], now: datetime
) -> str:
    how_many = _counts(words, cases, clocks)
    left = left_of(cases[0], now)
    if left is None:
        return words.text("%(how_many)s, à suivre sans attendre", how_many=how_many)
    if left < timedelta(0):
        return words.text(
            "%(how_many)s, le premier dépassé de %(time_left)s",
            how_many=how_many,
            time_left=duration(left, words),
        )
    return words.text(
        "%(how_many)s, le premier dans %(time_left)s",
        how_many=how_many,
        time_left=duration(left, words),
    )


def _counts(words: Wording, cases: Sequence[ClockTold], clocks: Sequence[ClockTold]) -> str:
    return words.text(
        "%(clocks)s délais dans %(cases)s dossiers",
        clocks=number(len(clocks), words),
        cases=number(len(cases), words),
    )


def _opening(
    words: Wording, cases: Sequence[ClockTold], clocks: Sequence[ClockTold], now: datetime
) -> str:
    sentences = [
        words.text(
            "Notre service a été interrompu. Voici où en sont %(how_many)s de %(organisation)s : "
            "le plus urgent vient en premier.",
            how_many=_counts(words, cases, clocks),
            organisation=cases[0].organisation,
        )
    ]
    late = sum(is_late(each, now) for each in clocks)
    if late:
        sentences.append(
            words.plural("%(n)s délai est dépassé.", "%(n)s délais sont dépassés.", late)
        )
    return " ".join(sentences)


def _from_here_in_short(words: Wording, cases: Sequence[ClockTold]) -> str:
    if len(cases) <= MOST_IN_FULL:
        return ""
    return words.plural(
        "Le dossier qui suit est dit en bref ; ce qui y manque se lit dans le dossier.",
        "Les %(n)s dossiers qui suivent sont dits en bref ; ce qui y manque se lit dans chacun.",
        len(cases) - MOST_IN_FULL,
    )


def _case(words: Wording, case: ClockTold, now: datetime, *, in_full: bool) -> str:
    clocks = (case, *case.others)
    lines = [f"* {case.reference}"]
    for each in clocks:
        lines += _clock(words, each, now, in_full=in_full)
    if in_full:
        lines += _missing(words, clocks)
    return "\n".join([*lines, words.text("Dossier, après connexion :"), case.link])


def _clock(words: Wording, told: ClockTold, now: datetime, *, in_full: bool) -> Iterable[str]:
    yield f"– {in_short(words, told, now)}"
    if told.missed:
        yield words.plural(
            "Rappel manqué : %(when)s.",
            "%(n)s rappels manqués : %(when)s.",
            len(told.missed),
            when=moments_in_words(words, told.missed, told.timezone),
        )
    if in_full and (to_do := left_to_do(words, told, now)):
        yield to_do


def _missing(words: Wording, clocks: Sequence[ClockTold]) -> Iterable[str]:
    step = clocks[0].next_step
    if step is not NextStep.NOTHING:
        label = enum_label(step, words)
        yield words.text("Prochaine étape du dossier : %(step)s.", step=label)
    keys = dict.fromkeys(key for clock in clocks for key in clock.missing)
    if keys:
        facts = " ; ".join(fact_label(key, words) for key in keys)
        yield words.text("Ce que l’on ne sait pas encore : %(facts)s.", facts=facts)
