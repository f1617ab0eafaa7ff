"""What a copy of a dossier leaves out, in words: for who chooses it and who reads it."""

from collections.abc import Mapping

from breachdesk.domain.redaction import Part
from breachdesk.wording import N_, Wording
from breachdesk.wording.labels import fact_label

PARTS: Mapping[Part, str] = {
    Part.TITLE: N_("Le titre du dossier"),
    Part.NAMES: N_("Les noms de nos personnes et le contact de l’organisation"),
    Part.REASONS: N_("Les motifs et remarques écrits par nos personnes"),
    Part.ASSESSMENTS: N_("Le détail des évaluations (le verdict reste)"),
    Part.PHASES: N_("Le contenu des dépôts auprès de l’autorité"),
    Part.NOTICES: N_("Les textes envoyés aux personnes concernées"),
    Part.MESSAGES: N_("Les échanges avec l’auteur du signalement"),
    Part.REMINDERS: N_("Les rappels envoyés à nos personnes"),
}


def part_label(part: Part, wording: Wording) -> str:
    """A part that a copy can leave out, as a choice."""
    return wording.text(PARTS[part])


def removed_label(what: str, wording: Wording) -> str:
    """What a copy leaves out, by its path: `facts/description`, `names`, `attachments/2`."""
    kind, _, which = what.partition("/")
    if kind == "facts":
        return wording.text("Fait : %(fact)s", fact=fact_label(which, wording))
    if kind == "attachments":
        return wording.text("Pièce jointe n° %(number)s", number=which)
    return wording.text(PARTS[Part(kind)]) if kind in set(Part) else what
