"""What a walk over every journal of an installation found, in words: no more than it looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from breachdesk.domain.live_check import LiveVerdict
from breachdesk.wording import N_, Wording
from breachdesk.wording.times import number

FAULTS: Mapping[str, str] = {
    "case_gone": N_("%(chain)s : son incident a disparu."),
    "text_differs": N_("%(chain)s, ligne %(line)s : son texte n’est pas celui qui a été écrit."),
    "fact_differs": N_(
        "%(reference)s : %(fact)s, version %(version)s, n’est pas ce qui a été enregistré."
    ),
    "fact_gone": N_("%(reference)s : %(fact)s, version %(version)s, a disparu."),
    "attachment_unknown": N_("%(reference)s : le journal ignore la pièce jointe %(number)s."),
    "attachment_altered": N_(
        "%(reference)s : la pièce jointe %(number)s est altérée, ou son fichier a disparu."
    ),
    "attachments_gone": N_("%(reference)s : des pièces jointes ont disparu (%(count)s)."),
    "filing_differs": N_("%(reference)s : le dépôt n° %(number)s n’est pas celui du journal."),
    "filing_gone": N_("%(reference)s : le dépôt n° %(number)s a disparu."),
    "dossier_differs": N_("%(reference)s : le dossier n° %(number)s n’est pas celui du journal."),
    "dossier_altered": N_(
        "%(reference)s : le dossier n° %(number)s est altéré, ou son fichier a disparu."
    ),
    "dossier_gone": N_("%(reference)s : le dossier n° %(number)s a disparu."),
    "journal_gone": N_("%(reference)s : son journal a disparu, ou n’a plus son début."),
}

HOLDS, FAILS, OPEN = "holds", "fails", "open"


@dataclass(frozen=True)
class LiveWords:
    """A walk in words: each sentence with its outcome's code, and what was not looked at."""

    lines: tuple[tuple[str, str], ...]
    not_checked: tuple[str, ...]


def live_words(
    found: LiveVerdict, wording: Wording, *, is_guarded: bool, may_our_role: bool
) -> LiveWords:
    """Say what was found.

    Args:
        is_guarded: the triggers that keep the journal are in place.
        may_our_role: whom the desk connects as could take them off.
    """
    said = (*_chains(found, wording), *_guard(wording, is_guarded, may_our_role))
    return LiveWords(
        said,
        (
            wording.text("si ce qui a été écrit est vrai"),
            wording.text(
                "si le tout a été réécrit : les messages envoyés et les dossiers remis auparavant "
                "le contrediraient"
            ),
        ),
    )


def _chains(found: LiveVerdict, wording: Wording) -> Iterator[tuple[str, str]]:
    for chain, line in found.broken.items():
        yield (
            FAILS,
            wording.text(
                "Le journal %(chain)s ne tient plus à partir de la ligne %(line)s : il a été "
                "modifié.",
                chain=chain,
                line=line,
            ),
        )
    for fault in found.faults:
        yield FAILS, wording.text(FAULTS[fault.code], **fault.parameters)
    if found.holds:
        yield HOLDS, _all_hold(found, wording)
    yield (
        OPEN,
        wording.text(
            "Effacés depuis, leur empreinte gardée – textes : %(texts)s ; informations : "
            "%(facts)s ; dossiers : %(dossiers)s.",
            texts=number(found.erased, wording),
            facts=number(found.facts_erased, wording),
            dossiers=number(found.dossiers_erased, wording),
        ),
    )


def _all_hold(found: LiveVerdict, wording: Wording) -> str:
    return wording.text(
        "Tous les journaux tiennent (%(chains)s ; %(lines)s lignes), et ce qu’ils attestent est ce "
        "qui est gardé – informations : %(facts)s ; pièces jointes : %(attachments)s ; dépôts : "
        "%(filings)s ; dossiers : %(dossiers)s.",
        chains=number(found.chains, wording),
        lines=number(found.lines, wording),
        facts=number(found.facts, wording),
        attachments=number(found.attachments, wording),
        filings=number(found.filings, wording),
        dossiers=number(found.dossiers, wording),
    )


def _guard(wording: Wording, is_guarded: bool, may_our_role: bool) -> Iterator[tuple[str, str]]:
    if is_guarded:
        yield (
            HOLDS,
            wording.text(
                "La base de données refuse elle-même de changer une ligne (déclencheurs en place)."
            ),
        )
    else:
        yield (
            FAILS,
            wording.text(
                "Un déclencheur qui garde le journal est désactivé ou a disparu : lancez "
                "« db upgrade »."
            ),
        )
    if may_our_role:
        yield (
            OPEN,
            wording.text(
                "Le compte par lequel breachdesk se connecte pourrait les retirer : voyez "
                "« db grants » (PostgreSQL)."
            ),
        )
    else:
        yield (
            HOLDS,
            wording.text(
                "Le compte par lequel breachdesk se connecte ne peut ni les retirer, ni changer "
                "une ligne."
            ),
        )
