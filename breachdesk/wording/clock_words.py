"""What is said of clocks beside what their files say: reasons, durations, how sure it is."""

from collections.abc import Mapping
from datetime import timedelta

from breachdesk.domain.clock_offers import Because, OfferReason
from breachdesk.domain.regimes import (
    Binding,
    Certainty,
    Circumstance,
    Regime,
    Rule,
    Said,
    StartEvent,
    authorities,
    regime_of,
    regimes,
)
from breachdesk.wording import N_, Wording, labels

BINDINGS: Mapping[Binding, str] = {
    Binding.LAW: N_("Délai de la loi"),
    Binding.RECOMMENDED: N_("Délai recommandé par l’autorité"),
    Binding.TARGET: N_("Objectif de votre organisation, pas un délai de la loi"),
    Binding.PRECAUTION: N_("Précaution de notre part, pas un délai de la loi"),
}
CERTAINTIES: Mapping[Certainty, str] = {
    Certainty.VERIFIED: N_("lu dans la source même"),
    Certainty.SECOND_HAND: N_("lu dans un autre texte, pas dans la source"),
    Certainty.RECALLED: N_("de mémoire : à vérifier avant de s’y fier"),
}
_CIRCUMSTANCES: Mapping[Circumstance, str] = {
    Circumstance.QUALIFIED: N_("L’incident est qualifié de violation de données personnelles."),
    Circumstance.COMMUNICATION_OWED: N_(
        "Il est décidé que les personnes doivent être informées, et elles ne le sont pas encore."
    ),
}


def said(text: Said, wording: Wording) -> str:
    """A text of a data file, in the reader's language and its typography."""
    return wording.raw(text.in_locale(wording.locale))


def binding_label(
    binding: Binding, wording: Wording, *, has_figure: bool = True, on_condition: bool = False
) -> str:
    """What a duration is: the law's, an authority's wish, one's own target, a precaution.

    Args:
        on_condition: a person has still to say whether what it hangs on is so.
    """
    if binding is Binding.LAW and on_condition:
        return wording.text(
            N_("Délai de la loi, si cette condition est remplie")
            if has_figure
            else N_("Obligation de la loi, sans chiffre, si cette condition est remplie")
        )
    if binding is Binding.LAW and not has_figure:
        return wording.text(N_("Obligation de la loi, qui ne donne pas de chiffre"))
    return wording.text(BINDINGS[binding])


def certainty_label(certainty: Certainty, wording: Wording) -> str:
    """How a line of law was come by."""
    return wording.text(CERTAINTIES[certainty])


def addressee(regime: Regime, wording: Wording) -> str:
    """Whom a regime is owed to, in full."""
    return said(authorities()[regime.authority].name, wording)


def rule_length(rule: Rule | None, wording: Wording) -> str:
    """How long a rule gives, like "72 h", "1 mois", or that it gives no figure."""
    if rule is not None and rule.hours is not None:
        return hours_label(rule.hours, wording)
    if rule is not None and rule.months is not None:
        return wording.plural("%(n)s mois", "%(n)s mois", rule.months)
    return wording.text(N_("sans chiffre"))


def hours_label(hours: int, wording: Wording) -> str:
    """Whole hours, like "72 h"."""
    return wording.text(N_("%(hours)s h"), hours=hours)


def span_label(started: timedelta | None, wording: Wording) -> str:
    """How long a clock was given, when it was given whole hours; empty without a figure."""
    return "" if started is None else hours_label(int(started.total_seconds() // 3600), wording)


def reason_sentence(regime: Regime, reason: OfferReason, wording: Wording) -> str:
    """Why a regime is called for, as a sentence."""
    if reason.because is Because.TRAIT:
        asked = question_of(reason.code)
        text = said(asked, wording) if asked else reason.code
        return wording.text(N_("Votre organisation l’a dit : « %(said)s »"), said=text)
    if reason.because is Because.ROLE:
        role = labels.option_label("role", reason.code, wording)
        return wording.text(N_("Rôle dans ce traitement : %(role)s."), role=role)
    if reason.because is Because.ROLE_ASSUMED:
        role = labels.option_label("role", reason.code, wording)
        return wording.text(
            N_("Rôle dans ce traitement : %(role)s, tant que personne n’a dit le contraire."),
            role=role,
        )
    if reason.because is Because.FACT:
        values = ", ".join(
            labels.option_label(reason.code, each, wording) for each in reason.values
        )
        fact = labels.fact_label(reason.code, wording)
        return wording.text(N_("%(fact)s : %(values)s."), fact=fact, values=values)
    if reason.because is Because.CIRCUMSTANCE:
        return wording.text(_CIRCUMSTANCES[Circumstance(reason.code)])
    return _event_sentence(regime, wording)


def _event_sentence(regime: Regime, wording: Wording) -> str:
    if regime.starts_with is StartEvent.INITIAL_FILED:
        return wording.text(
            N_("Une notification initiale est déposée, et rien ne la complète encore.")
        )
    before = regime_of(regime.after)
    name = said(before.name, wording) if before else regime.after
    return wording.text(N_("C’est fait : « %(name)s »."), name=name)


def question_of(trait: str) -> Said | None:
    """How an organisation is asked for a trait: as the first file that asks for it says."""
    asking = (regime.offer for regime in regimes().values() if regime.offer.trait == trait)
    return next((offer.question for offer in asking), None)
