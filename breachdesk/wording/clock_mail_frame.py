"""What every mail about a clock has around it: what is missing, the links, why it comes to one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from breachdesk.domain.lifecycle import NextStep
from breachdesk.domain.regimes import GDPR_ART_33
from breachdesk.domain.reminder_mails import ClockTold
from breachdesk.wording import Wording
from breachdesk.wording.labels import enum_label, fact_label, role_label
from breachdesk.wording.mails import NO_DETAIL, Mail
from breachdesk.wording.times import local_time

# More moments than this are said as a span.
MOST_MOMENTS = 3


def framed(words: Wording, told: ClockTold, subject: str, *said: str) -> Mail:
    """A subject and its paragraphs, with all that a mail about a clock says besides."""
    subject = words.text("%(reference)s : %(what)s", reference=told.reference, what=subject)
    return Mail(subject, paragraphs(words.text("Bonjour,"), *said, *_closing(words, told)))


def _closing(words: Wording, told: ClockTold) -> tuple[str, ...]:
    """What was missed, what is not known yet, the links, and why it comes to this person."""
    return (
        _missed(words, told),
        _missing(words, told),
        case_link(words, told),
        _notify_link(words, told),
        acknowledgement(words, told),
        why_you(words, told),
    )


def paragraphs(*parts: str) -> str:
    """Those that say something, an empty line between."""
    return "\n\n".join(part for part in parts if part)


def case_link(words: Wording, told: ClockTold) -> str:
    """The page of the case, behind the sign-in."""
    return "\n".join((words.text("Ouvrir le dossier, après connexion :"), told.link))


def _notify_link(words: Wording, told: ClockTold) -> str:
    if told.regime != GDPR_ART_33 or not told.notify_link:
        return ""
    return "\n".join((words.text("Notifier sans attendre, après connexion :"), told.notify_link))


def _missed(words: Wording, told: ClockTold) -> str:
    """What an outage of ours swallowed: one sentence for all of it."""
    return missed(words, told.every_missed, told.timezone)


def missed(words: Wording, moments: Sequence[datetime], timezone: str) -> str:
    """That reminders planned for these moments, in order, could not leave; empty without any."""
    if not moments:
        return ""
    return words.plural(
        "Un rappel prévu le %(when)s n’a pas pu partir : notre service était interrompu. Ce "
        "message le remplace.",
        "%(n)s rappels prévus %(when)s n’ont pas pu partir : notre service était interrompu. Ce "
        "message les remplace.",
        len(moments),
        when=moments_in_words(words, moments, timezone),
    )


def moments_in_words(words: Wording, moments: Sequence[datetime], timezone: str) -> str:
    """Some moments in order: one by itself, a few by name, many as a span."""
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


def acknowledgement(words: Wording, told: ClockTold) -> str:
    """The link by which one says to have read it; empty where there is nothing to confirm."""
    if not told.acknowledge_link or told.acknowledge_until is None:
        return ""
    until = local_time(told.acknowledge_until, told.timezone, words)
    return "\n".join(
        (
            words.text("Confirmer que vous avez lu ce message, sans vous connecter :"),
            told.acknowledge_link,
            words.text(
                "La page qui s’ouvre porte un seul bouton. Il dit à l’équipe que ce qui est dit "
                "ici est connu : le message n’est plus transmis plus haut. Il n’arrête aucun "
                "délai, et les rappels prévus continuent. Ce lien est personnel ; il sert "
                "jusqu’au %(until)s.",
                until=until,
            ),
        )
    )


def why_you(words: Wording, told: ClockTold) -> str:
    """That nothing of the case is in it, and for which roles one gets it."""
    return " ".join([words.text(NO_DETAIL), *_standing(words, told)])


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
            "Ce rôle, ou l’un d’eux, vous revient pour le moment : vous remplacez une personne "
            "absente, vous êtes d’astreinte, ou personne d’autre ne le tient."
        )
