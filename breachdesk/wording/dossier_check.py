"""What a check of a sealed file found, in words: no more than it looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from breachdesk.domain.dossier_check import DossierCheck, Finding, Limit, Verdict, read_hash
from breachdesk.wording import N_, Wording
from breachdesk.wording.dossiers import removed_label
from breachdesk.wording.times import local_time, number

VERDICTS: Mapping[Verdict, str] = {
    Verdict.PROVEN: N_("Intact, origine prouvée."),
    Verdict.INTACT: N_("Intact, origine non prouvée."),
    Verdict.OTHER_ORIGIN: N_("Intact, mais scellé par quelqu’un d’autre."),
    Verdict.CONTRADICTED: N_("Ce fichier se contredit : ne vous y fiez pas."),
    Verdict.BROKEN: N_("Ce fichier n’est ni un dossier ni un dépôt intact : ne vous y fiez pas."),
}

NEXT_STEPS: Mapping[Verdict, str] = {
    Verdict.PROVEN: N_(
        "Vous pouvez vous fier à ce qu’il contient, sauf pour ce qui n’a pas été vérifié."
    ),
    Verdict.INTACT: N_(
        "Demandez l’empreinte du certificat à l’organisation, par un autre chemin que ce fichier, "
        "et comparez-la à celle d’ici."
    ),
    Verdict.OTHER_ORIGIN: N_(
        "Vérifiez l’empreinte que vous avez donnée. Si elle est juste, demandez le fichier à "
        "l’organisation elle-même."
    ),
    Verdict.CONTRADICTED: N_("Demandez le fichier à nouveau, à l’organisation elle-même."),
    Verdict.BROKEN: N_(
        "Reprenez le fichier tel qu’il a été remis, sans l’ouvrir ni l’enregistrer à nouveau, ou "
        "demandez-le encore."
    ),
}

FINDINGS: Mapping[str, str] = {
    # The file as a whole.
    "not_a_dossier": N_("Ce fichier n’est ni un PDF, ni un ZIP."),
    "archive_altered": N_(
        "Ce ZIP n’a pas été écrit ainsi par breachdesk : il a été modifié, coupé ou refait. "
        "Vérifiez le PDF qu’il contient, seul."
    ),
    "archive_without_pdf": N_("Ce ZIP ne contient pas %(name)s."),
    "archive_lacks": N_("Il manque dans le ZIP : %(name)s."),
    "archive_has_more": N_("Le ZIP contient un fichier que le PDF scellé n’a pas : %(name)s."),
    "archive_differs": N_("Dans le ZIP, %(name)s n’est pas le fichier du PDF scellé."),
    "archive_agrees": N_(
        "Les fichiers du ZIP sont ceux du PDF, octet pour octet, et rien d’autre (%(count)s)."
    ),
    # The seal.
    "not_a_pdf": N_("Ce fichier n’est pas un PDF."),
    "no_seal": N_("Ce PDF ne porte pas de sceau."),
    "seal_damaged": N_(
        "Le sceau ne couvre pas tout le fichier, ou n’a pas la forme attendue : le fichier a été "
        "modifié, complété ou coupé."
    ),
    "altered": N_("Le fichier n’est plus celui qui a été scellé : quelque chose a été modifié."),
    "time_stamp_altered": N_("L’horodatage du sceau a été modifié, ou n’est pas celui du sceau."),
    "seal_holds": N_(
        "Le sceau couvre tout le fichier (%(size)s octets), et rien n’a été modifié ni ajouté "
        "depuis qu’il a été posé."
    ),
    # Who sealed, and when.
    "origin_not_proven": N_(
        "Scellé par le certificat d’empreinte %(fingerprint)s. Il se dit « %(name)s » : n’importe "
        "qui peut s’appeler ainsi."
    ),
    "origin_proven": N_("Scellé par le certificat attendu : %(fingerprint)s (« %(name)s »)."),
    "origin_other": N_(
        "Scellé par un autre certificat que celui indiqué : %(fingerprint)s (« %(name)s »), et non "
        "%(trusted)s."
    ),
    "no_time_stamp": N_(
        "Sans horodatage : la date du sceau est celle de l’horloge de qui l’a posé."
    ),
    "time_stamp_holds": N_(
        "Horodaté le %(at)s par « %(authority)s », certificat d’empreinte %(fingerprint)s : le "
        "fichier existait alors, tel qu’il est."
    ),
    "certificate_not_valid_then": N_(
        "Horodaté le %(at)s, hors de la validité du certificat qui a scellé."
    ),
    # What it holds.
    "pdf_unreadable": N_(
        "Le PDF est scellé, mais ce qu’il contient n’est ni un dossier ni un dépôt de breachdesk."
    ),
    "no_manifest": N_("Le PDF ne contient pas de manifeste."),
    "manifest_unreadable": N_("Le manifeste n’a pas la forme attendue."),
    "file_missing": N_("Il manque un fichier que le manifeste annonce : %(name)s."),
    "file_not_listed": N_("Un fichier n’est pas au manifeste : %(name)s."),
    "file_differs": N_("Un fichier n’est pas celui du manifeste : %(name)s."),
    "files_hold": N_(
        "Dossier n° %(number)s de %(reference)s : les %(count)s fichiers du manifeste sont tous "
        "là, avec leur taille et leur empreinte, et aucun autre."
    ),
    "redacted": N_(
        "C’est une copie dont des éléments ont été retirés : %(parts)s. Ils n’y sont plus du tout."
    ),
    # Of a filing's own PDF.
    "filing_unreadable": N_("Les données du dépôt n’ont pas la forme attendue."),
    "filing_holds": N_(
        "Dépôt n° %(number)s de %(reference)s : ses données sont là, avec la ligne du journal qui "
        "l’atteste, et aucun autre fichier."
    ),
    "line_missing": N_("Il manque la ligne du journal qui atteste ce dépôt : %(name)s."),
    "line_unreadable": N_("La ligne du journal n’a pas la forme attendue."),
    "line_altered": N_(
        "La ligne %(line)s du journal ne donne pas l’empreinte qu’elle porte : elle a été changée."
    ),
    "filing_attested": N_(
        "Ce dépôt est celui que le journal atteste : ligne %(line)s, écrite le %(at)s, d’empreinte "
        "%(head)s. Un dossier établi depuis contient la même ligne."
    ),
    "filing_differs": N_("Ce dépôt n’est pas celui que la ligne %(line)s du journal atteste."),
    "head_is_line": N_(
        "L’empreinte que vous avez donnée est celle de la ligne %(line)s, qui atteste ce dépôt, "
        "écrite le %(at)s."
    ),
    "head_is_before": N_(
        "L’empreinte que vous avez donnée est celle de la ligne qui précède la ligne %(line)s, où "
        "ce dépôt est attesté."
    ),
    "head_not_here": N_(
        "L’empreinte que vous avez donnée n’est pas celle de la ligne du journal qui est ici : "
        "cherchez-la dans un dossier, qui les contient toutes."
    ),
    # The journal.
    "journal_unreadable": N_("Le journal n’a pas la forme attendue (ligne %(line)s)."),
    "chain_broken": N_(
        "La chaîne du journal est rompue à la ligne %(line)s : une ligne a été changée, ôtée ou "
        "déplacée."
    ),
    "head_differs": N_(
        "Le journal finit par l’empreinte %(head)s, et le manifeste en annonce une autre : "
        "%(stated)s."
    ),
    "chain_holds": N_(
        "La chaîne du journal se recalcule ligne à ligne : %(lines)s lignes, la dernière "
        "d’empreinte %(head)s."
    ),
    "text_differs": N_("Ligne %(line)s du journal : le texte n’est pas celui qui a été écrit."),
    "texts_hold": N_("Les textes gardés au journal sont ceux qui ont été écrits (%(count)s)."),
    "texts_erased": N_(
        "Des textes du journal ont été effacés depuis (%(count)s), aux lignes %(lines)s ; leur "
        "empreinte reste, la chaîne aussi."
    ),
    "texts_removed": N_("Des textes du journal ont été retirés de cette copie (%(count)s)."),
    "removed_from_whole": N_(
        "Des textes ont été retirés (%(count)s) d’un dossier qui se dit entier."
    ),
    "head_found": N_(
        "L’empreinte que vous avez donnée est celle de la ligne %(line)s sur %(lines)s, écrite le "
        "%(at)s."
    ),
    "head_not_found": N_(
        "L’empreinte que vous avez donnée n’est celle d’aucune ligne : ce journal n’est pas celui "
        "dont elle vient, ou a été réécrit."
    ),
    # The case's data.
    "case_unreadable": N_("Les données de l’affaire (case.json) n’ont pas la forme attendue."),
    "case_of_another": N_("Les données de l’affaire ne sont pas celles du dossier du manifeste."),
    "removed_differs": N_("Les données et le manifeste ne disent pas le même retrait."),
    "line_differs": N_("La ligne %(line)s du journal n’est pas la même dans les données."),
    "facts_twice": N_("Une information figure deux fois dans les données."),
    "fact_missing": N_("Il manque une information que le journal atteste : %(fact)s."),
    "fact_differs": N_(
        "L’information « %(fact)s » n’est pas celle que le journal atteste en dernier."
    ),
    "attachments_differ": N_("Les pièces jointes ne sont pas celles que le journal atteste."),
    "attachment_missing": N_("La pièce jointe n° %(number)s n’est pas où les données la disent."),
    "attachment_differs": N_("La pièce jointe n° %(number)s n’est pas celle des données."),
    "phases_differ": N_("Les dépôts ne sont pas ceux que le journal atteste."),
    "phase_differs": N_("Le dépôt n° %(number)s n’est pas celui des données."),
    "file_unknown": N_("Un fichier n’a pas sa place dans ce PDF : %(name)s."),
    "case_agrees": N_(
        "Les données disent ce que le journal atteste (informations : %(facts)s ; pièces jointes : "
        "%(attachments)s ; dépôts : %(phases)s)."
    ),
    "facts_erased": N_("Des informations ont été effacées depuis : %(facts)s."),
    "attachments_left_out": N_(
        "Des pièces jointes ne sont pas dans le dossier, qui en donne l’empreinte : n° %(numbers)s."
    ),
    # Of the page alone.
    "took_too_long": N_(
        "Vérifier ce fichier prend trop de temps ou de mémoire ici : vérifiez-le par la ligne de "
        "commande."
    ),
}

LIMITS: Mapping[Limit, str] = {
    Limit.CONTENT: N_("ce que le fichier contient"),
    Limit.ORIGIN: N_("qui a scellé : indiquez l’empreinte du certificat pour le vérifier"),
    Limit.IDENTITY: N_("à qui appartient la clé du certificat attendu"),
    Limit.AUTHORITY: N_("si l’autorité d’horodatage est digne de confiance"),
    Limit.CLOCK: N_("quand le fichier a été scellé"),
    Limit.PAGES: N_("si les pages imprimées disent la même chose que les données jointes"),
    Limit.NAMES: N_(
        "les noms à côté des lignes du journal, que le sceau couvre mais pas la chaîne"
    ),
    Limit.RECORDS: N_(
        "le reste des données (évaluations, décisions, messages, rappels), que le sceau couvre "
        "mais qui n’a pas été comparé au journal ligne à ligne"
    ),
    Limit.REST_OF_JOURNAL: N_("le reste du journal, dont ce PDF ne contient qu’une ligne"),
    Limit.RECEIVED: N_("ce que l’autorité a reçu : le dépôt se fait sur son site"),
    Limit.TRUTH: N_("si ce qui a été écrit est vrai"),
    Limit.LATER: N_("ce qui a été écrit au journal depuis, ou effacé"),
}

# A time stamp is of no zone: say it in the one that every reader can convert.
UTC_NAME = "UTC"
HASHES = frozenset({"fingerprint", "head", "stated", "trusted"})
# What is counted; the number of a dossier or of a filing is a name, and stays as it is.
COUNTS = frozenset({"size", "count", "line", "lines", "facts", "attachments", "phases"})
LONGEST_SHOWN = 120
# What was removed from a copy is said whole; a hostile file may name any number.
MOST_PARTS = 100


@dataclass(frozen=True)
class CheckWords:
    """A check in words, for a page or a terminal."""

    verdict: str
    next_step: str
    lines: tuple[tuple[str, str], ...]
    not_checked: tuple[str, ...]


def check_words(check: DossierCheck, wording: Wording) -> CheckWords:
    """Say a check: the whole, what to do, each finding with its outcome's code, the limits."""
    return CheckWords(
        wording.text(VERDICTS[check.verdict]),
        wording.text(NEXT_STEPS[check.verdict]),
        tuple((each.outcome.value, finding_sentence(each, wording)) for each in check.findings),
        tuple(wording.text(LIMITS[each]) for each in check.not_checked),
    )


def finding_sentence(finding: Finding, wording: Wording) -> str:
    """Say one finding. What comes from the file is made fit to be shown."""
    filled = {name: _shown(name, value, wording) for name, value in finding.parameters.items()}
    return wording.text(FINDINGS[finding.code], **filled)


def _shown(name: str, value: object, wording: Wording) -> str:
    if name == "at":
        return local_time(datetime.fromisoformat(str(value)), UTC_NAME, wording, zone=True)
    if name in HASHES:
        return _in_groups(str(value))
    if name in COUNTS and type(value) is int:
        return number(value, wording)
    if name == "parts" and isinstance(value, list):
        # Made fit to be shown one by one: our own words have spaces that count as unprintable.
        said = [removed_label(_shortened(str(each)), wording) for each in value[:MOST_PARTS]]
        return " · ".join(said) + ("…" if len(value) > MOST_PARTS else "")
    if isinstance(value, list):
        return _shortened(", ".join(str(each) for each in value))
    return _shortened(str(value))


def _in_groups(text: str) -> str:
    """A hash in groups of four; what merely stands in its place is shown as it is."""
    if read_hash(text) is None:
        return _shortened(text)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _shortened(text: str) -> str:
    """On one line, without what a terminal would obey."""
    shown = text if text.isprintable() else ascii(text)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"
